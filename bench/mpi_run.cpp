// bench-mpi [RANKS [BLOCKS [multiple]]]: collectives of kernels/mpi through geomsu-worker-mpi against bench-mpi-bare,
// block by block in turn in one run. A line a workload: the median of the pairs' ratios (bare over ours; 1 is as fast,
// more is faster).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/measure/child.hpp"
#include "harness/measure/session.hpp"

namespace {
using namespace geomsu;

constexpr std::int64_t kSecondNs = 1'000'000'000;

std::vector<std::string> launched(const std::string& ranks, const std::vector<std::string>& words) {
  std::vector<std::string> argv{"/usr/bin/mpirun"};
  if (::geteuid() == 0) argv.emplace_back("--allow-run-as-root");
  for (const std::string& word :
       {std::string("--oversubscribe"), std::string("--bind-to"), std::string("none"), std::string("-n"), ranks}) {
    argv.push_back(word);
  }
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

template <class R>
const R& good(const Answered<R>& answer) {
  if (!answer) throw Error(ErrorCode::kUnavailable, answer.fault().words, "bench-mpi");
  return *answer;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

class Bare {
 public:
  Bare(const std::string& ranks, const std::string& threads)
      : child_(launched(ranks, {GEOMSU_BENCH_MPI_BARE, threads})) {}
  double ns(const std::string& kind, std::uint64_t bytes, std::uint64_t repeats, std::uint64_t sets) {
    child_.write(fmt::format("{} {} {} {}\n", kind, bytes, repeats, sets), real_mono_ns() + kSecondNs);
    std::string answer;
    while (answer.find('\n') == std::string::npos) {
      if (child_.read(answer, real_mono_ns() + 60 * kSecondNs) != Child::Ready::kData)
        throw Error(ErrorCode::kUnavailable, "bench-mpi-bare gave no answer: " + child_.take_stderr(), "bench-mpi");
    }
    return std::atof(answer.c_str());
  }

 private:
  Child child_;
};

struct Case {
  std::string kind;
  std::uint64_t bytes, repeats;
};

void compare(Session& session, Bare& bare, const Case& one, const std::string& ranks, int blocks) {
  constexpr std::uint64_t kSets = 2;
  const Params params{{"kind", one.kind}, {"bytes", std::to_string(one.bytes)}, {"ranks", ranks}};
  const std::uint64_t workload = good(session.call(protocol::PrepareRequest{"collective", params, kSets})).workload;
  good(session.call(protocol::ReseedRequest{workload, 1}));
  protocol::MeasureRequest block;
  block.workload = workload;
  block.repeats = one.repeats;
  block.timeout_ns = 60 * kSecondNs;
  std::vector<double> ours, theirs, ratios;
  for (int i = 0; i <= blocks; ++i) {
    const auto answer = session.call(block, 60 * kSecondNs);
    std::uint64_t slowest = 0;
    for (const auto& span : good(answer).spans) slowest = std::max(slowest, span.last - span.first);
    const double other = bare.ns(one.kind, one.bytes, one.repeats, kSets);
    if (i == 0) continue;  // both warm
    ours.push_back(static_cast<double>(slowest));
    theirs.push_back(other);
    ratios.push_back(other / static_cast<double>(slowest));
  }
  good(session.call(protocol::ReleaseRequest{workload}));
  const double each = static_cast<double>(one.repeats) * 1e3;
  fmt::print("{:<12} {:>10} B  {:>6} repeats  ours {:>10.2f} us  bare {:>10.2f} us  ratio {:.3f}\n", one.kind,
             one.bytes, one.repeats, median(ours) / each, median(theirs) / each, median(ratios));
  std::fflush(stdout);
}

int run(const std::string& ranks, int blocks, const std::string& threads) {
  Log log;
  Session session(launched(ranks, {GEOMSU_WORKER_MPI, "--plugin", GEOMSU_MPI_PLUGIN}), 60 * kSecondNs, log);
  good(session.call(protocol::HelloRequest{}));
  const auto devices = session.call(protocol::DevicesRequest{});
  protocol::OpenRequest open;
  for (const DeviceInfo& device : good(devices).devices) open.devices.push_back(device.index);
  good(session.call(open));
  Bare bare(ranks, threads);
  fmt::print("{} ranks, {} blocks of each in turn, slowest rank; bare: MPI_THREAD_{}\n", ranks, blocks, threads);
  for (const Case& one :
       {Case{"all_reduce", 1 << 10, 20000}, Case{"all_reduce", 64 << 10, 2000}, Case{"all_reduce", 1 << 20, 200},
        Case{"all_reduce", 16 << 20, 10}, Case{"all_gather", 4 << 20, 60}, Case{"send_recv", 4 << 20, 60}}) {
    compare(session, bare, one, ranks, blocks);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : "2", argc > 2 ? std::max(1, std::atoi(argv[2])) : 41,
               argc > 3 ? argv[3] : "single");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-mpi: %s\n", error.what());
    return 1;
  }
}
