// The generator in bulk, for host and device side alike: same bits as generator.hpp on every instruction set, chosen
// when run. Ranges may be split over threads at will: a value depends on its index alone, a digest is a sum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/ops/generator.hpp"

namespace geomsu::ops {

enum class Isa { kPortable, kAvx2, kAvx512 };  // kAvx512: F, DQ and VL

Isa best_isa();                // of this processor
std::vector<Isa> isas_here();  // all that run here, for tests that compare them
std::string_view to_string(Isa isa);

// Elements of the narrow dtypes, as they are stored.
struct Bf16 {
  std::uint16_t bits = 0;
};
struct Fp16 {
  std::uint16_t bits = 0;
};

// out[i] = the value at index first + i * step, rounded to the element's dtype as round_to() does (a float holds every
// kind exactly; int8 is sixteen times the value, clamped). A step walks down a column.
void fill(std::span<float> out, Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step = 1);
void fill(std::span<double> out, Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step = 1);
void fill(std::span<std::int8_t> out, Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step = 1);
void fill(std::span<Bf16> out, Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step = 1);
void fill(std::span<Fp16> out, Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step = 1);
void fill(Isa isa, std::span<float> out, Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step = 1);
void fill(Isa isa, std::span<double> out, Data data, std::uint64_t stream_key, std::uint64_t tensor,
          std::uint64_t first, std::uint64_t step = 1);
void fill(Isa isa, std::span<std::int8_t> out, Data data, std::uint64_t stream_key, std::uint64_t tensor,
          std::uint64_t first, std::uint64_t step = 1);
void fill(Isa isa, std::span<Bf16> out, Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step = 1);
void fill(Isa isa, std::span<Fp16> out, Data data, std::uint64_t stream_key, std::uint64_t tensor, std::uint64_t first,
          std::uint64_t step = 1);

// The projection's +1 and -1.
void fill_signs(std::span<double> out, std::uint64_t sign_stream_key, std::uint64_t first);
void fill_signs(Isa isa, std::span<double> out, std::uint64_t sign_stream_key, std::uint64_t first);

// Digest of a range of a tensor's bytes that begins at 64-bit word `first_word`. Only the range that ends the tensor
// may have a size that is no multiple of 8: its last word is padded with zeros. The digest of the whole is the sum.
std::uint64_t digest(std::span<const std::byte> bytes, std::uint64_t first_word = 0);
std::uint64_t digest(Isa isa, std::span<const std::byte> bytes, std::uint64_t first_word = 0);

}  // namespace geomsu::ops
