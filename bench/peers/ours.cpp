#include "bench/peers/ours.hpp"

#include <algorithm>

#include "bench/inside/workload.hpp"
#include "harness/base/error.hpp"
#include "harness/measure/session.hpp"

namespace geomsu::bench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::int64_t kWatchdogNs = 60'000'000'000;

[[noreturn]] void unavailable(const std::string& reason) { throw Error(ErrorCode::kUnavailable, reason); }

void refuse_simulated(const std::string& simulated) {
  if (!simulated.empty()) unavailable("the device is simulated (" + simulated + "): its time compares with nothing");
}

class Inside final : public Side {
 public:
  explicit Inside(const OursRequest& request) : backend_(Backend::load(request.plugin, request.settings)) {
    refuse_simulated(backend_->simulated());
    if (backend_->devices().empty()) unavailable("the plug-in has no device");
    work_ = must(InsideWorkload::prepare(*backend_, {0}, *request.operation, request.params, request.sets));
    words_ = work_->info().algorithm;
    operand_sets_ = work_->info().operand_sets;
    if (const auto fault = work_->reseed(kSeed)) unavailable(fault->reason);
  }

 protected:
  double do_block_ns(std::uint64_t repeats) override { return must(work_->run(repeats)).ns; }

 private:
  template <class T>
  static T must(worker::Try<T> answer) {
    if (const auto* fault = std::get_if<worker::Fault>(&answer)) unavailable(fault->reason);
    return std::get<T>(std::move(answer));
  }
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<InsideWorkload> work_;
};

std::vector<std::string> worker_command(const OursRequest& request, const std::string& worker) {
  std::vector<std::string> command{worker, "--plugin", request.plugin};
  for (const auto& [key, value] : request.settings) {
    command.insert(command.end(), {"--param", key + "=" + value});
  }
  return command;
}

class ThroughWorker final : public Side {
 public:
  ThroughWorker(const OursRequest& request, const std::string& worker, Log& log)
      : session_(worker_command(request, worker), kWatchdogNs, log) {
    refuse_simulated(must(session_.call(protocol::HelloRequest{})).simulated);
    const auto opened = must(session_.call(protocol::OpenRequest{{0}}));
    clock_ = {opened.clock_domain, opened.ticks_per_second, opened.valid_bits};
    const auto prepared = must(
        session_.call(protocol::PrepareRequest{std::string(request.operation->name()), request.params, request.sets}));
    words_ = prepared.algorithm;
    operand_sets_ = prepared.operand_sets;
    workload_ = prepared.workload;
    must(session_.call(protocol::ReseedRequest{workload_, kSeed}));
  }

 protected:
  double do_block_ns(std::uint64_t repeats) override {
    const auto result = must(session_.call(
        protocol::MeasureRequest{workload_, repeats, std::nullopt, kBlockTimeoutNs, 0}, std::int64_t{kBlockTimeoutNs}));
    double slowest = 0;
    for (const auto& span : result.spans) slowest = std::max(slowest, span_ns(span.first, span.last, clock_));
    return result.spans.empty() ? static_cast<double>(session_.received_raw_ns() - session_.sent_raw_ns()) : slowest;
  }

 private:
  template <class R>
  static R must(const Answered<R>& answer) {
    if (!answer) unavailable(answer.fault().words);
    return *answer;
  }
  Session session_;
  worker::ClockInfo clock_;
  std::uint64_t workload_ = 0;
};

}  // namespace

std::unique_ptr<Side> make_inside(const OursRequest& request) { return std::make_unique<Inside>(request); }
std::unique_ptr<Side> make_through_worker(const OursRequest& request, const std::string& worker, Log& log) {
  return std::make_unique<ThroughWorker>(request, worker, log);
}

}  // namespace geomsu::bench
