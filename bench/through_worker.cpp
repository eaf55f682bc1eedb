#include "bench/through_worker.hpp"

#include <iostream>
#include <stdexcept>

#include "kernels/ops/operation.hpp"

namespace geomsu::bench {
namespace {

template <class R>
R must(const Answered<R>& answer) {
  if (!answer) throw std::runtime_error(answer.fault().words);
  return *answer;
}

}  // namespace

ThroughWorker::ThroughWorker(const std::string& op, const Params& params, std::uint64_t sets)
    : log_([](LogLevel level, std::string_view line) {
        if (level >= LogLevel::kWarning) std::cerr << line << '\n';
      }),
      session_({GEOMSU_WORKER, "--plugin", GEOMSU_CPU_PLUGIN}, 60'000'000'000, log_) {
  std::vector<ops::Problem> problems;
  const Params complete = ops::find(op)->complete(params, problems);
  if (!problems.empty()) throw std::runtime_error(problems.front().rule);
  must(session_.call(protocol::HelloRequest{}));
  must(session_.call(protocol::OpenRequest{{0}}));
  workload_ = must(session_.call(protocol::PrepareRequest{op, complete, sets})).workload;
  reseed(1);
}

void ThroughWorker::reseed(std::uint64_t seed) { must(session_.call(protocol::ReseedRequest{workload_, seed})); }

double ThroughWorker::block_ns(std::uint64_t repeats) {
  const auto& result =
      must(session_.call(protocol::MeasureRequest{workload_, repeats, std::nullopt, 60'000'000'000, 0}));
  wall_ns_ = static_cast<double>(session_.received_raw_ns() - session_.sent_raw_ns());
  const auto& span = result.spans.at(0);
  return static_cast<double>(span.last - span.first);
}

}  // namespace geomsu::bench
