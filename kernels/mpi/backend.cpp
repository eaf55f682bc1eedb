// The MPI backend. One device, the process itself; a group is all processes of the job.
#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

#include "harness/abi/plugin_table.hpp"
#include "kernels/mpi/host.hpp"
#include "kernels/mpi/workload.hpp"
#include "kernels/shared/host_clock.hpp"
#include "kernels/shared/request.hpp"

namespace geomsu::mpi {
namespace {

using plugin::Failure;

class Event final : public geomsu_event, public plugin::Job {
 public:
  Event(Workload& owner, std::uint64_t count) : work_(owner), repeats_(count), first_(owner.book(count)) {
    first_rank = owner.rank();
    span_.ends.resize(static_cast<std::size_t>(std::min<std::uint64_t>(count, kKept)));
    work_.executor().post(*this);
  }
  ~Event() override {  // the executor may still be in it
    plugin::guard_void([this] { wait(std::numeric_limits<std::uint64_t>::max()); });
  }
  bool wait(std::uint64_t timeout_ns) override { return work_.executor().wait(*this, timeout_ns); }
  const plugin::Span& span(std::uint32_t) const override { return span_; }

 protected:
  void do_run() override { work_.run(first_, repeats_, span_); }

 private:
  static constexpr std::uint64_t kKept = 64;
  Workload& work_;
  std::uint64_t repeats_, first_;
  plugin::Span span_;
};

class Prepared final : public geomsu_workload {
 public:
  explicit Prepared(std::unique_ptr<Workload> work) : work_(std::move(work)) { first_rank = work_->rank(); }
  void info(geomsu_workload_info& to) const override {  // deterministic: sums of whole numbers are exact in any order
    to.memory_bytes = work_->memory_bytes();
    to.operand_sets = work_->operand_sets();
    to.algorithm = work_->algorithm().c_str();
    to.refill = GEOMSU_REFILL_BLOCK;
  }
  void reseed(std::uint64_t seed) override { work_->reseed(seed); }
  std::unique_ptr<geomsu_event> submit(std::uint64_t repeats) override {
    return std::make_unique<Event>(*work_, repeats);
  }
  void read(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat, std::span<const std::uint64_t> indices,
            double* out) override {
    work_->read(tensor, repeat, indices, out);
  }
  std::vector<double> project(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat, std::uint64_t seed) override {
    return work_->project(tensor, repeat, seed);
  }
  std::uint64_t digest(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat) override {
    return work_->digest(tensor, repeat);
  }

 private:
  std::unique_ptr<Workload> work_;
};

class Instance;

// A share of a processor has no sensors of its own: telemetry stays unknown.
class OpenDevice final : public geomsu_device {
 public:
  explicit OpenDevice(const Instance& owner) : instance(owner) {}
  void clock_info(geomsu_clock_info& to) const override { plugin::describe_host_clock(to); }
  std::uint64_t clock() override { return plugin::raw_now_ns(); }
  std::unique_ptr<geomsu_group> group(std::vector<geomsu_device*> members, plugin::Params params,
                                      const geomsu_peers* peers) override;

  const Instance& instance;
  plugin::Executor executor;
};

class Instance final : public geomsu_instance {
 public:
  explicit Instance(std::uint64_t most) : most_bytes(most) {}
  std::uint32_t count() const override { return 1; }
  void describe(std::uint32_t, geomsu_description& to) override {
    to.name = host.name.c_str();
    to.vendor = "host";
    to.uuid = host.uuid.c_str();
    to.driver = host.driver.c_str();
    if (host.memory_bytes != 0) to.memory_bytes = host.memory_bytes;
    to.attributes = attributes_.data();
    to.attribute_count = attributes_.size();
  }
  std::unique_ptr<geomsu_device> open(std::uint32_t) override { return std::make_unique<OpenDevice>(*this); }

  const std::uint64_t most_bytes;  // a workload may take
  const Host host = find_host();

 private:
  std::string cores_ = std::to_string(host.cores), rank_ = std::to_string(host.rank);
  std::vector<geomsu_param> attributes_{
      {"kind", "host"}, {"cores", cores_.c_str()}, {"node", host.node.c_str()}, {"rank", rank_.c_str()}};
};

class Group final : public geomsu_group {
 public:
  Group(OpenDevice& device, std::uint32_t rank, std::uint32_t ranks) : device_(device), rank_(rank), ranks_(ranks) {
    MPI_Comm_split(MPI_COMM_WORLD, 0, static_cast<int>(rank), &comm_);
    MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
  }
  ~Group() override {
    if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  std::unique_ptr<geomsu_workload> prepare(const std::string& op, plugin::Params params) override;

 private:
  OpenDevice& device_;
  std::uint32_t rank_, ranks_;
  MPI_Comm comm_ = MPI_COMM_NULL;
};

// The group's communicator, its ranks in the order of the host's processes. Nothing waits where one process refuses:
// all agree before MPI is asked for it.
std::unique_ptr<geomsu_group> OpenDevice::group(std::vector<geomsu_device*> members, plugin::Params,
                                                const geomsu_peers* peers) {
  if (members.size() != 1)
    throw Failure(GEOMSU_UNSUPPORTED, "a process is one device of a group, not " + std::to_string(members.size()));
  const Host& host = instance.host;
  if (peers == nullptr) {
    if (host.ranks != 1) throw Failure(GEOMSU_UNSUPPORTED, "a group of a job is made by all of its processes");
    return std::make_unique<Group>(*this, 0, 1);
  }
  if (peers->processes != host.ranks || peers->ranks != host.ranks) {
    throw Failure(GEOMSU_UNSUPPORTED, "a group has every process of the job once: " + std::to_string(host.ranks) +
                                          " processes, " + std::to_string(peers->ranks) + " ranks");
  }
  std::vector<std::uint32_t> order(peers->processes);
  if (peers->all_gather(peers->user, &host.rank, sizeof host.rank, order.data()) != 0) {
    throw Failure(GEOMSU_TIMEOUT, "not every process came to make the group");
  }
  return std::make_unique<Group>(*this, peers->first_rank, peers->ranks);
}

std::unique_ptr<geomsu_workload> Group::prepare(const std::string& op, plugin::Params params) {
  const plugin::Request request = plugin::request_of("mpi", {"collective"}, op, std::move(params));
  const ops::CollectiveShape shape = ops::collective_shape(request.params);
  if (shape.ranks != ranks_) {
    throw Failure(GEOMSU_INVALID_ARGUMENT,
                  "a collective of " + std::to_string(shape.ranks) + " ranks in a group of " + std::to_string(ranks_));
  }
  if (shape.algorithm != "auto") {
    throw Failure(GEOMSU_UNSUPPORTED,
                  "MPI chooses its algorithm itself: algorithm must be auto, got '" + shape.algorithm + "'");
  }
  const std::uint64_t each = shape.set_bytes(rank_), most = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t needed = each != 0 && request.operand_sets > most / each ? most : each * request.operand_sets;
  const Instance& instance = device_.instance;
  const std::uint64_t free = available_memory() / instance.host.local_ranks / 10 * 9;
  if (const std::uint64_t room = std::min(free, instance.most_bytes); needed > room) {
    throw Failure(GEOMSU_OUT_OF_MEMORY, "needs " + std::to_string(needed) + " bytes, and this process may take " +
                                            std::to_string(room) +
                                            ": its share of the node's free memory, or the setting 'memory'");
  }
  return std::make_unique<Prepared>(
      std::make_unique<Workload>(device_.executor, comm_, rank_, shape, request.operand_sets));
}

std::unique_ptr<geomsu_instance> make_instance(plugin::Params params) {
  const auto most = plugin::take(params, "memory");
  if (!params.empty()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "the mpi backend has no setting '" + params.begin()->first + "'");
  }
  if (const std::string why = why_not_here(); !why.empty()) throw Failure(GEOMSU_UNSUPPORTED, why);
  return std::make_unique<Instance>(most ? plugin::count_setting("memory", *most)
                                         : std::numeric_limits<std::uint64_t>::max());
}

constexpr geomsu_plugin kTable = plugin::table<make_instance>("mpi", GEOMSU_MPI_VERSION);

}  // namespace
}  // namespace geomsu::mpi

const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
  return geomsu::plugin::serves(host) ? &geomsu::mpi::kTable : nullptr;
}
