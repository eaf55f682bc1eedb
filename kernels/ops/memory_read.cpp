#include "kernels/ops/memory_read.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/ops/fill.hpp"

namespace geomsu::ops {
namespace {

constexpr std::size_t kChunk = 1024;  // elements
constexpr std::size_t kPlanes = 8;

// Counts of set bits, a binary digit a plane: adding a line of words costs a few operations, whatever the bits.
class BitCounts {
 public:
  void add(const std::uint32_t* line) {
    ReadSums carry;
    std::copy_n(line, kReadLanes, carry.begin());
    for (ReadSums& plane : planes_) {
      for (std::size_t lane = 0; lane < kReadLanes; ++lane) {
        const std::uint32_t both = plane[lane] & carry[lane];
        plane[lane] ^= carry[lane];
        carry[lane] = both;
      }
    }
    if (++lines_ == (1U << kPlanes) - 1) flush();
  }
  void flush() {
    for (std::size_t lane = 0; lane < kReadLanes; ++lane) {
      for (std::size_t bit = 0; bit < 32; ++bit) {
        for (std::size_t plane = 0; plane < kPlanes; ++plane) {
          counts_[lane][bit] += ((planes_[plane][lane] >> bit) & 1U) << plane;
        }
      }
    }
    planes_ = {};
    lines_ = 0;
  }
  std::uint32_t of(std::size_t lane, std::size_t bit) const { return counts_[lane][bit]; }

 private:
  std::array<ReadSums, kPlanes> planes_{};
  std::array<std::array<std::uint32_t, 32>, kReadLanes> counts_{};  // modulo 2^32, as the sums are
  std::uint32_t lines_ = 0;
};

template <typename T>
void count(const MemoryShape& shape, std::uint64_t seed, const Dtype* stored, BitCounts& counts) {
  const std::uint64_t tensor = tensor_id(0, 1), key = stream(seed, tensor);
  std::array<T, kChunk> x;
  std::array<std::uint32_t, kChunk * sizeof(T) / 4> words;
  for (std::uint64_t j = 0; j < shape.elements; j += kChunk) {
    const std::size_t size = std::min<std::uint64_t>(kChunk, shape.elements - j);
    fill(std::span(x).first(size), shape.data, key, tensor, j);
    if (stored != nullptr) {
      for (T& y : std::span(x).first(size)) y = static_cast<T>(round_to(*stored, static_cast<double>(y)));
    }
    std::memcpy(words.data(), x.data(), size * sizeof(T));
    for (std::size_t w = 0; w < size * sizeof(T) / 4; w += kReadLanes) counts.add(words.data() + w);
  }
  counts.flush();
}

}  // namespace

ReadCounts::ReadCounts(const MemoryShape& shape, std::uint64_t seed, const Dtype* stored) : table_(kReadLanes) {
  BitCounts counts;
  shape.dtype == "fp32" ? count<float>(shape, seed, stored, counts) : count<double>(shape, seed, stored, counts);
  const auto words = static_cast<std::uint32_t>(shape.bytes / 4 / kReadLanes);  // of a lane, modulo 2^32
  for (std::size_t lane = 0; lane < kReadLanes; ++lane) {
    for (std::size_t byte = 0; byte < 4; ++byte) {
      for (std::uint32_t key = 0; key < 256; ++key) {
        std::uint32_t sum = 0;
        for (std::size_t bit = 0; bit < 8; ++bit) {
          const std::uint32_t set = counts.of(lane, 8 * byte + bit);
          sum += ((key >> bit & 1U) != 0 ? words - set : set) << (8 * byte + bit);
        }
        table_[lane][byte][key] = sum;
      }
    }
  }
}

ReadSums ReadCounts::after(std::uint64_t repeats) const {
  ReadSums sums{};
  for (std::uint64_t i = 0; i < repeats; ++i) {
    const std::uint32_t key = read_key(sums, i);
    for (std::size_t lane = 0; lane < kReadLanes; ++lane) {
      const auto& t = table_[lane];
      sums[lane] += t[0][key & 0xFF] + t[1][key >> 8 & 0xFF] + t[2][key >> 16 & 0xFF] + t[3][key >> 24];
    }
  }
  return sums;
}

}  // namespace geomsu::ops
