// Answers of a candidate against the generator and the references of kernels/ops. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/conform/stand.hpp"

namespace geomsu::conform {

// One block of `repeats`.
protocol::MeasureResult block(Wire& wire, const Prepared& prepared, std::uint64_t repeats);

// Where a tensor of an operation comes from: its elements, and how the generator makes them after a reseed.
struct Operand {
  std::uint32_t tensor = 0;
  std::uint64_t elements = 0;
};
std::vector<Operand> operands_of(const Offer& offer);
// The element as the device must hold it after reseed(seed).
double operand_value(const Offer& offer, std::uint64_t seed, std::uint64_t set, std::uint32_t tensor,
                     std::uint64_t index);

// Every element of the output, of up to 4 operand sets, against the reference after `repeats` repeats since
// reseed(seed); and the projection of the first. Unmet names the offer, the element and both values.
enum class Look { kElements, kProjection };
void check_output(Wire& wire, const Offer& offer, const Prepared& prepared, std::uint64_t seed, std::uint64_t repeats,
                  Look look);

// Digest of these elements as the dtype stores them.
std::uint64_t digest_of_values(std::string_view dtype, const std::vector<double>& values);

// Digest of the output of `repeat` where GENERATOR.md leaves no rounding to chance: copies, and products that are exact
// in the output's dtype. Nothing where it is not exactly known.
std::optional<std::uint64_t> known_digest(const Offer& offer, const ops::BlockState& state, std::uint64_t repeat);
// Digest of a generated operand.
std::uint64_t operand_digest(const Offer& offer, std::uint64_t seed, std::uint64_t set, const Operand& operand);

}  // namespace geomsu::conform
