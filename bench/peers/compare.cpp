#include "bench/peers/compare.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "kernels/ops/generator.hpp"

namespace geomsu::bench {
namespace {
constexpr std::uint64_t kMostRepeats = 1ULL << 20;
}

std::vector<std::vector<double>> interleave(const std::vector<TimeBlock>& sides, std::size_t rounds, std::uint64_t seed,
                                            const std::function<void()>& before_each) {
  std::vector<std::vector<double>> times(sides.size());
  std::vector<std::size_t> order(sides.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::uint64_t key = ops::stream(seed, 0);
  std::uint64_t drawn = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t left = order.size(); left > 1; --left) {
      std::swap(order[left - 1], order[ops::at(key, drawn++) % left]);
    }
    for (const std::size_t side : order) {
      before_each();
      times[side].push_back(sides[side]());
    }
  }
  return times;
}

std::uint64_t repeats_for(const std::function<double(std::uint64_t)>& block, double block_ns) {
  for (std::uint64_t repeats = 1;;) {
    const double ns = block(repeats);
    if (ns >= block_ns || repeats == kMostRepeats) return repeats;
    const double wanted = ns > 0 ? std::ceil(static_cast<double>(repeats) * block_ns / ns * 1.1) : 1e18;
    const auto most = static_cast<double>(std::min(kMostRepeats, repeats * 16));
    repeats = std::max(repeats + 1, static_cast<std::uint64_t>(std::min(wanted, most)));
  }
}

Reached reached(const stats::RatioInterval& ratio, double goal) {
  if (ratio.lower >= goal) return Reached::kYes;
  return ratio.upper < goal ? Reached::kNo : Reached::kOpen;
}

std::string_view to_string(Reached reached) {
  switch (reached) {
    case Reached::kYes:
      return "yes";
    case Reached::kNo:
      return "no";
    case Reached::kOpen:
      break;
  }
  return "open";
}

std::vector<Comparison> compare(const std::vector<SideResult>& sides) {
  std::vector<Comparison> all;
  const auto peer =
      std::find_if(sides.begin(), sides.end(), [](const SideResult& side) { return side.side == "peer"; });
  if (peer == sides.end()) return all;
  for (const SideResult& side : sides) {
    if (&side == &*peer) continue;
    if (const auto ratio = stats::paired_ratio(peer->ns, side.ns, kConfidence)) all.push_back({side.side, *ratio});
  }
  return all;
}

}  // namespace geomsu::bench
