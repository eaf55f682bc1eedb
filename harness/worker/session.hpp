// One worker's state: a plug-in, its opened devices and prepared workloads. Requests in, results out; no threads, no
// lines.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/clock.hpp"
#include "harness/protocol/messages.hpp"
#include "harness/worker/peers.hpp"
#include "harness/worker/plugin_client.hpp"
#include "harness/worker/plugin_library.hpp"

namespace geomsu::worker {

// Bounds of one request, so that no answer outgrows a line.
inline constexpr std::size_t kMostDevices = 1024;
inline constexpr std::size_t kMostIndices = 200'000;
inline constexpr std::uint64_t kMostProjected = 500'000;
inline constexpr std::uint32_t kMostRepeatTicks = 64;
inline constexpr std::int64_t kFarthestStartNs = 60'000'000'000;

// Trap: a plug-in that is refused, or whose instance cannot be made, still answers `hello`: the supervisor prints the
// reason.
class Session {
 public:
  Session(PluginLibrary library, const Params& params);  // params: the site's, for instance_create
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Makes this the part that one process has in a group of several: ranks are the group's, a block begins after all
  // are at the barrier. Before `open`; the functions outlive the session.
  void join(Peers peers) { peers_ = std::move(peers); }

  // Never throws: what goes wrong is the result's status and reason. From the submission thread.
  protocol::Result handle(const protocol::Request& request);

  // A load runs between `load` and `stop`; the owner calls load_chunk() while load_wants_chunk(), looking for requests
  // between. Where time is scripted it never wants one: `stop` runs the load.
  bool load_wants_chunk() const { return load_ && !load_->fault && !scripted(); }
  void load_chunk();

  // May be called from one second thread while devices are open.
  bool devices_open() const { return !parts_.devices.empty(); }
  protocol::TelemetryNote telemetry_note();

  bool scripted() const { return scripted_ != nullptr; }
  bool finished() const { return finished_; }  // `shutdown` was answered
  // A block timed out and may still be running: tearing the plug-in down could hang or crash, so nothing is torn down.
  bool wedged() const { return !parts_.stuck.empty(); }

 private:
  struct Load {
    std::uint64_t workload = 0, chunk = 1, repeats = 0;
    std::optional<Fault> fault;
  };

  template <class Result, class Request>
  Result answer(const Request& request);

  std::optional<Fault> why_not(const protocol::Request& request) const;
  Try<geomsu_workload*> workload(std::uint64_t id) const;
  std::optional<Fault> check_rank(std::uint32_t rank) const;
  std::uint32_t first_rank() const { return peers_ ? peers_->first_rank : 0; }
  // Submits and waits; on a timeout the event is kept, for ever.
  Try<Handle<geomsu_event>> run(geomsu_workload* workload, std::uint64_t repeats, std::uint64_t timeout_ns);
  std::vector<Telemetry> readings(std::optional<Fault>& fault);

  std::optional<Fault> serve(const protocol::HelloRequest&, protocol::HelloResult&);
  std::optional<Fault> serve(const protocol::DevicesRequest&, protocol::DevicesResult&);
  std::optional<Fault> serve(const protocol::OpenRequest&, protocol::OpenResult&);
  std::optional<Fault> serve(const protocol::PrepareRequest&, protocol::PrepareResult&);
  std::optional<Fault> serve(const protocol::ReseedRequest&, protocol::ReseedResult&);
  std::optional<Fault> serve(const protocol::MeasureRequest&, protocol::MeasureResult&);
  std::optional<Fault> serve(const protocol::LoadRequest&, protocol::LoadResult&);
  std::optional<Fault> serve(const protocol::StopRequest&, protocol::StopResult&);
  std::optional<Fault> serve(const protocol::ReadRequest&, protocol::ReadResult&);
  std::optional<Fault> serve(const protocol::ProjectRequest&, protocol::ProjectResult&);
  std::optional<Fault> serve(const protocol::DigestRequest&, protocol::DigestResult&);
  std::optional<Fault> serve(const protocol::ClockRequest&, protocol::ClockResult&);
  std::optional<Fault> serve(const protocol::TelemetryRequest&, protocol::TelemetryResult&);
  std::optional<Fault> serve(const protocol::ReleaseRequest&, protocol::ReleaseResult&);
  std::optional<Fault> serve(const protocol::ShutdownRequest&, protocol::ShutdownResult&);

  void run_scripted_load(std::optional<std::int64_t> until_ns);
  void tear_down();

  PluginLibrary library_;
  // What the plug-in made, in the order of making; torn down in the reverse.
  struct Parts {
    std::unique_ptr<PluginClient> client;
    std::vector<Handle<geomsu_device>> devices;
    Handle<geomsu_group> group;
    std::map<std::uint64_t, Handle<geomsu_workload>> workloads;
    std::vector<Handle<geomsu_event>> stuck;
  };
  Parts parts_;
  const geomsu_scripted_time* scripted_ = nullptr;
  std::unique_ptr<Clock> clock_;
  std::optional<Peers> peers_;
  std::optional<Load> load_;
  std::uint64_t next_workload_ = 1;
  bool greeted_ = false, finished_ = false;
};

}  // namespace geomsu::worker
