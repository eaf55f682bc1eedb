#include "tests/cuda_emulation/cublaslt/product.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "tests/cuda_emulation/cublaslt/numbers.hpp"

namespace geomsu::emulation::lt {
namespace {

constexpr std::uint64_t kFp8Step = 32;  // k of one wgmma of fp8
constexpr int kFp8SumBits = 14, kTf32Bits = 11;

// op(A)'s rows, or op(B)'s columns, one after the other, each k long.
template <typename T>
std::vector<T> gathered(const Layout& layout, bool k_down_columns, std::uint64_t lines, std::uint64_t k, int bits,
                        const std::function<const std::byte*(std::uint64_t)>& column) {
  std::vector<T> out(lines * k);
  const auto type = static_cast<cudaDataType>(layout.type);
  for (std::uint64_t j = 0; j < layout.columns; ++j) {
    const std::byte* from = column(j);
    for (std::uint64_t i = 0; i < layout.rows; ++i) {
      double value = load(type, from, i);
      if (bits != 0) value = round_bits(value, bits);
      out[k_down_columns ? j * k + i : i * k + j] = static_cast<T>(value);
    }
  }
  return out;
}

// Integers are added as unsigned, which wraps.
template <typename T>
T dot(const T* a, const T* b, std::uint64_t count) {
  T sum{};
  for (std::uint64_t l = 0; l < count; ++l) sum += a[l] * b[l];
  return sum;
}

template <typename T>
T chunked(const T* a, const T* b, std::uint64_t count, std::uint64_t chunk, bool narrow_sums) {
  T sum{};
  for (std::uint64_t first = 0; first < count; first += chunk) {
    sum += dot(a + first, b + first, std::min(chunk, count - first));
    if (narrow_sums) sum = static_cast<T>(round_bits(static_cast<double>(sum), kFp8SumBits));
  }
  return sum;
}

template <typename T>
T element(const T* a, const T* b, std::uint64_t k, const Summation& how, bool narrow_sums) {
  const std::uint64_t chunk = narrow_sums ? kFp8Step : (how.chunk == 0 ? k : how.chunk);
  const std::uint64_t part = (k + how.parts - 1) / how.parts;
  T sum{};
  for (std::uint64_t first = 0; first < k; first += part) {
    T of_part = chunked(a + first, b + first, std::min(part, k - first), chunk, narrow_sums);
    if (how.part_type) {
      std::array<std::byte, 8> rounded{};
      store(*how.part_type, rounded.data(), 0, static_cast<double>(of_part));
      of_part = static_cast<T>(load(*how.part_type, rounded.data(), 0));
    }
    sum += of_part;
  }
  return sum;
}

double scaled(double sum, const Scalars& s, double before) {
  return s.alpha * sum + (s.beta != 0 ? s.beta * before : 0);
}
float scaled(float sum, const Scalars& s, double before) {
  const float product = static_cast<float>(s.alpha) * static_cast<float>(s.a_scale * s.b_scale) * sum;
  return s.beta != 0 ? product + static_cast<float>(s.beta) * static_cast<float>(before) : product;
}
std::int32_t scaled(std::uint32_t sum, const Scalars& s, double before) {
  const auto whole = [](double x) { return static_cast<std::uint32_t>(static_cast<std::int32_t>(x)); };
  return static_cast<std::int32_t>(whole(s.alpha) * sum + (s.beta != 0 ? whole(s.beta) * whole(before) : 0U));
}

template <typename T>
std::vector<T> loaded(const Layout& layout, const std::byte* column, std::uint64_t rows) {
  std::vector<T> values(rows);
  for (std::uint64_t i = 0; i < rows; ++i) {
    values[i] = static_cast<T>(load(static_cast<cudaDataType>(layout.type), column, i));
  }
  return values;
}

template <typename T, typename Gathered>
void multiply_in(const Problem& p, const Summation& summation, const Scalars& scalars, const ReadColumn& a,
                 const ReadColumn& b, const ReadColumn& c, const WriteColumn& d) {
  const int bits = p.desc.compute == CUBLAS_COMPUTE_32F_FAST_TF32 ? kTf32Bits : 0;
  const bool narrow_sums = p.is_fp8() && p.desc.fast_accumulation != 0;
  for (std::uint64_t batch = 0; batch < p.batch; ++batch) {
    const auto gather = [&](const Layout& layout, bool k_down, std::uint64_t lines, const ReadColumn& from) {
      const auto values = gathered<Gathered>(layout, k_down, lines, p.k, bits,
                                             [&](std::uint64_t column) { return from(batch, column); });
      return std::vector<T>(values.begin(), values.end());
    };
    const std::vector<T> left = gather(p.a, p.transpose_a(), p.m, a), right = gather(p.b, !p.transpose_b(), p.n, b);
    for (std::uint64_t j = 0; j < p.n; ++j) {
      std::vector<double> before(p.m);
      if (scalars.beta != 0) before = loaded<double>(p.c, c(batch, j), p.m);
      std::byte* out = d(batch, j);
      for (std::uint64_t i = 0; i < p.m; ++i) {
        const T sum = element(left.data() + i * p.k, right.data() + j * p.k, p.k, summation, narrow_sums);
        store(static_cast<cudaDataType>(p.d.type), out, i, static_cast<double>(scaled(sum, scalars, before[i])));
      }
    }
  }
}

}  // namespace

void multiply(const Problem& problem, const Summation& summation, const Scalars& scalars, const ReadColumn& a,
              const ReadColumn& b, const ReadColumn& c, const WriteColumn& d) {
  switch (problem.desc.compute) {
    case CUBLAS_COMPUTE_64F:
      return multiply_in<double, double>(problem, summation, scalars, a, b, c, d);
    case CUBLAS_COMPUTE_32I:
      return multiply_in<std::uint32_t, std::int32_t>(problem, summation, scalars, a, b, c, d);
    default:
      return multiply_in<float, float>(problem, summation, scalars, a, b, c, d);
  }
}

}  // namespace geomsu::emulation::lt
