#include "bench/peers/measure.hpp"

#include <ctime>
#include <filesystem>

#include "bench/inside/workload.hpp"
#include "bench/peers/bare.hpp"
#include "bench/peers/ours.hpp"
#include "bench/peers/served.hpp"
#include "harness/base/error.hpp"
#include "harness/model/workload.hpp"

namespace geomsu::bench {
namespace {

// The idle threads of a pool spin for a while after their last block and would disturb the next side's.
void let_spinning_end() {
  const timespec pause{0, 20'000'000};
  ::nanosleep(&pause, nullptr);
}

// Nothing where kernels/ops knows the workload; else why not.
std::optional<std::string> complete(const Pair& pair, const ops::Operation*& operation, ops::Params& params) {
  operation = ops::find(pair.operation);
  if (operation == nullptr) return "kernels/ops has no operation " + pair.operation;
  std::vector<ops::Problem> problems;
  params = operation->complete(pair.params, problems);
  return problems.empty() ? std::nullopt : std::optional(problems.front().rule);
}

OursRequest ours(const PeerOptions& options, const ops::Operation& operation, const ops::Params& params,
                 std::uint64_t sets) {
  return {std::filesystem::absolute(options.plugin).string(), params_from(options.params), &operation, params, sets};
}

std::vector<std::string> served_command(const Pair& pair, const PeerOptions& options, const std::string& side,
                                        std::uint64_t sets) {
  std::vector<std::string> argv{std::filesystem::read_symlink("/proc/self/exe").string(),
                                "--serve",
                                side,
                                "--pair",
                                pair.name,
                                "--sets",
                                std::to_string(sets),
                                "--plugin",
                                std::filesystem::absolute(options.plugin).string()};
  for (const std::string& param : options.params) argv.insert(argv.end(), {"--param", param});
  if (!options.openblas.empty()) argv.insert(argv.end(), {"--openblas", options.openblas});
  if (!options.onednn.empty()) argv.insert(argv.end(), {"--onednn", options.onednn});
  return argv;
}

// The sides of one pair, those that could be started beside their results.
class Sides {
 public:
  Sides(PairResult& result, const Pair& pair, const PeerOptions& options, Log& log)
      : result_(result), pair_(pair), options_(options), log_(log) {}

  void start(const ops::Operation& operation, const ops::Params& params) {
    std::uint64_t sets = wanted_sets(operation, params);
    // Ours first: the peer keeps as many operand sets.
    add("abi", [&] { return std::make_unique<ServedSide>(served_command(pair_, options_, "abi", sets)); });
    if (!sides_.empty()) sets = sides_.back()->operand_sets();
    add("worker", [&] { return make_through_worker(ours(options_, operation, params, sets), options_.worker, log_); });
    if (!sides_.empty()) sets = sides_.back()->operand_sets();
    result_.operand_sets = sets;
    if (sides_.empty()) return leave_out("peer", "there is nothing of ours to compare with");
    add("peer", [&] { return std::make_unique<ServedSide>(served_command(pair_, options_, "peer", sets)); });
  }

  bool comparable() const { return sides_.size() > 1 && result_.sides[places_.back()].side == "peer"; }

  void run(std::uint64_t seed) {
    result_.repeats = repeats_for([&](std::uint64_t n) { return sides_.back()->block_ns(n); }, options_.block_ms * 1e6);
    std::vector<TimeBlock> blocks;
    for (const auto& side : sides_) {
      blocks.emplace_back([this, &side] { return side->block_ns(result_.repeats); });
    }
    for (const TimeBlock& warm_up : blocks) warm_up();
    const auto times = interleave(blocks, options_.pairs, seed, let_spinning_end);
    for (std::size_t i = 0; i < times.size(); ++i) result_.sides[places_[i]].ns = times[i];
    result_.comparisons = compare(result_.sides);
  }

 private:
  template <class Make>
  void add(const std::string& name, const Make& make) {
    try {
      sides_.push_back(make());
      places_.push_back(result_.sides.size());
      result_.sides.push_back({name, sides_.back()->words(), {}, {}});
    } catch (const Error& error) {
      leave_out(name, error.message());
    }
  }
  void leave_out(const std::string& name, const std::string& reason) {
    result_.sides.push_back({name, {}, reason, {}});
  }

  PairResult& result_;
  const Pair& pair_;
  const PeerOptions& options_;
  Log& log_;
  std::vector<std::unique_ptr<Side>> sides_;
  std::vector<std::size_t> places_;  // of those that were started, in result_.sides
};

}  // namespace

PairResult measure_pair(const Pair& pair, const PeerOptions& options, std::uint64_t seed, Log& log) {
  PairResult result;
  result.name = pair.name;
  result.peer = pair.peer;
  result.goal = pair.goal;
  result.workload = Workload{pair.operation, pair.params, Concurrency::kAlone}.name();
  const ops::Operation* operation = nullptr;
  ops::Params params;
  if (const auto why_not = complete(pair, operation, params)) {
    result.sides.push_back({"abi", {}, *why_not, {}});
    result.sides.push_back({"worker", {}, *why_not, {}});
    return result;
  }
  result.unit = operation->quantities().front().unit;
  result.work = static_cast<double>(operation->work(params));
  Sides sides(result, pair, options, log);
  sides.start(*operation, params);
  if (!sides.comparable()) return result;
  try {
    sides.run(seed);
  } catch (const Error& error) {
    result.failed = error.message();
  }
  return result;
}

std::unique_ptr<Side> make_served(const PeerOptions& options) {
  const Pair* pair = find_pair(options.pair);
  if (pair == nullptr) throw Error(ErrorCode::kUsage, "there is no pair '" + options.pair + "'");
  const ops::Operation* operation = nullptr;
  ops::Params params;
  if (const auto why_not = complete(*pair, operation, params)) throw Error(ErrorCode::kUnavailable, *why_not);
  if (options.serve == "abi") return make_inside(ours(options, *operation, params, options.sets));
  if (options.serve != "peer") throw Error(ErrorCode::kUsage, "there is no side '" + options.serve + "'");
  pin_threads();
  return pair->bare({params, options.sets, options.openblas, options.onednn});
}

}  // namespace geomsu::bench
