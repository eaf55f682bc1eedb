// Verification on the very buffers that were timed: what is asked is drawn after the timing, and the host computes it
// in double.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/model/trial.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu {

inline constexpr std::size_t kDrawnElements = 256;
inline constexpr std::size_t kDrawnRepeats = 4;

// Positions of the output to read, of repeats to read them from: a pure function of the draw's seed.
struct Draw {
  struct Repeat {
    std::uint64_t repeat = 0;
    std::vector<std::uint64_t> indices;
  };
  std::vector<Repeat> repeats;
  std::uint64_t projected_repeat = 0, sign_seed = 0;
};
// `repeats`: how many ran since the last reseed. The first element, the last and `edges` (those of the reference; any
// beyond the output are left out) are among the drawn of every repeat, at least half as many again are drawn at random.
Draw draw_positions(std::uint64_t seed, std::uint64_t elements, std::uint64_t repeats,
                    std::span<const std::uint64_t> edges = {});
// The same, of the output that the reference describes, its edges with it.
Draw draw_positions(std::uint64_t seed, const ops::Reference& reference, std::uint64_t repeats);

// What the device answered to a draw.
struct DrawnAnswers {
  Draw draw;
  std::vector<std::vector<double>> elements;  // one row a drawn repeat
  std::vector<double> projection;
};

// The elements alone, without reference to a projection: cheap, for a block that was run again.
Check check_elements(const ops::Operation& operation, const ops::Params& params, const ops::BlockState& state,
                     const DrawnAnswers& answers);

// elements, rms (where the class has a limit) and projection, each with what it compared and its worst error over its
// tolerance. NaN never passes.
std::vector<Check> check_answers(const ops::Operation& operation, const ops::Params& params,
                                 const ops::BlockState& state, const DrawnAnswers& answers);

}  // namespace geomsu
