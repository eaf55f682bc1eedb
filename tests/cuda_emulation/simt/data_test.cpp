// The kernels of kernels/cuda/data.cuh against kernels/ops, bit by bit.
#include "kernels/cuda/data.cuh"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "kernels/ops/fill.hpp"
#include "kernels/ops/params.hpp"
#include "kernels/ops/rounding.hpp"
#include "tests/cuda_emulation/simt/simt.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::uint64_t kSeed = 0x0123456789ABCDEF;
constexpr std::array kData{ops::Data::kNormal, ops::Data::kUniform, ops::Data::kTrig, ops::Data::kZeros};
constexpr std::array<std::string_view, 9> kDtypes{"fp64",     "fp32",     "tf32", "bf16", "fp16",
                                                  "fp8_e4m3", "fp8_e5m2", "int8", "int32"};

struct Typed {
  Element element;
  const ops::Dtype* dtype;
};
std::vector<Typed> all_types() {
  std::vector<Typed> types;
  for (const std::string_view name : kDtypes) types.push_back({element_of(name), ops::find_dtype(name)});
  return types;
}

// Memory as a device gives it: aligned, filled with what no tensor has, and watched behind its end.
class Room {
 public:
  explicit Room(std::uint64_t bytes) : bytes_(bytes), words_(bytes / 8 + 3, kUnwritten) {}
  std::byte* data() { return reinterpret_cast<std::byte*>(words_.data()); }
  std::span<const std::byte> bytes() { return {data(), bytes_}; }
  template <typename T>
  T* as() {
    return reinterpret_cast<T*>(words_.data());
  }
  bool touched_behind() {
    const std::span all = std::as_bytes(std::span(words_));
    return std::any_of(all.begin() + static_cast<std::ptrdiff_t>(bytes_), all.end(),
                       [](std::byte byte) { return byte != std::byte{0xA5}; });
  }

 private:
  static constexpr std::uint64_t kUnwritten = 0xA5A5A5A5A5A5A5A5;
  std::uint64_t bytes_;
  std::vector<std::uint64_t> words_;
};

std::uint64_t bits_at(std::span<const std::byte> bytes, std::uint64_t index, std::uint32_t size) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes.data() + index * size, size);
  return bits;
}

struct Shape {
  std::uint64_t batch, rows, columns;
};

TEST(SimtFill, IsRoundingsBitsForEveryElementDataAndLayout) {
  const std::vector<Shape> shapes{{1, 1, 1}, {1, 1, 1027}, {3, 7, 13}, {1, 64, 33}, {2, 5, 1}};
  for (const Typed& type : all_types()) {
    for (const ops::Data data : kData) {
      for (const Shape& s : shapes) {
        for (const bool transposed : {false, true}) {
          const std::uint64_t n = s.batch * s.rows * s.columns, tensor = 17 + n % 2;
          Room room(n * type.dtype->bytes);
          launch_fill(simt::Launcher{n}, type.element, room.data(), n, s.rows, s.columns, transposed, data, kSeed,
                      tensor);
          ASSERT_FALSE(room.touched_behind()) << type.dtype->name << ' ' << n;
          for (std::uint64_t place = 0; place < n; ++place) {
            const std::uint64_t matrix = place / (s.rows * s.columns), within = place % (s.rows * s.columns);
            const std::uint64_t index =
                transposed ? (matrix * s.rows + within % s.rows) * s.columns + within / s.rows : place;
            const double exact = ops::value(data, ops::stream(kSeed, tensor), tensor, index);
            ASSERT_EQ(bits_at(room.bytes(), place, type.dtype->bytes),
                      ops::bits_of(*type.dtype, ops::round_to(*type.dtype, exact)))
                << type.dtype->name << " data " << static_cast<int>(data) << " place " << place << " of " << s.batch
                << 'x' << s.rows << 'x' << s.columns << (transposed ? " transposed" : "");
          }
        }
      }
    }
  }
}

template <typename T>
void expect_as_ops_fill(Element element, ops::Data data) {
  constexpr std::uint64_t kElements = 5003, kTensor = 33;
  std::vector<T> expected(kElements);
  ops::fill(std::span(expected), data, ops::stream(kSeed, kTensor), kTensor, 0);
  Room room(kElements * sizeof(T));
  launch_fill(simt::Launcher{}, element, room.data(), kElements, 1, kElements, false, data, kSeed, kTensor);
  EXPECT_EQ(std::memcmp(room.data(), expected.data(), kElements * sizeof(T)), 0) << static_cast<int>(element);
}

TEST(SimtFill, IsWhatTheHostFillsInBulk) {
  for (const ops::Data data : kData) {
    expect_as_ops_fill<double>(Element::kFp64, data);
    expect_as_ops_fill<float>(Element::kFp32, data);
    expect_as_ops_fill<ops::Bf16>(Element::kBf16, data);
    expect_as_ops_fill<ops::Fp16>(Element::kFp16, data);
    expect_as_ops_fill<std::int8_t>(Element::kInt8, data);
  }
}

TEST(SimtFill, GoesRoundItsGridWhereThereAreMoreElementsThanThreads) {
  constexpr std::uint64_t kElements = std::uint64_t{kDataBlocks} * kDataThreads * 4 + 4099;
  std::vector<std::int8_t> expected(kElements);
  ops::fill(std::span(expected), ops::Data::kNormal, ops::stream(1, 1), 1, 0);
  Room room(kElements);
  launch_fill(simt::Launcher{}, Element::kInt8, room.data(), kElements, 1, kElements, false, ops::Data::kNormal, 1, 1);
  EXPECT_EQ(std::memcmp(room.data(), expected.data(), kElements), 0);
}

// Stored: sums that the generator could give, all of them, against rounding.hpp.
TEST(Stored, RoundsEverySumAsRoundingDoes) {
  for (const Typed& type : all_types()) {
    for (const std::uint32_t bits : {15U, 23U}) {
      const std::int32_t end = bits == 15 ? 131070 : 1 << 23, step = bits == 15 ? 1 : 37;
      for (std::int32_t sum = -end; sum <= end; sum += step) {
        const double value = std::ldexp(sum, -static_cast<int>(bits));
        const std::uint64_t got = with_stored(type.element, [&](auto stored) {
          return static_cast<std::uint64_t>(stored.encode({sum, bits}));
        });
        ASSERT_EQ(got, ops::bits_of(*type.dtype, ops::round_to(*type.dtype, value))) << type.dtype->name << ' ' << sum;
      }
    }
  }
}

template <typename Format>
void expect_rounding(std::string_view name, float value) {
  const ops::Dtype& dtype = *ops::find_dtype(name);
  const double rounded = ops::round_to(dtype, static_cast<double>(value));
  if (std::isfinite(rounded)) {
    ASSERT_EQ(Format::narrow(std::bit_cast<std::uint32_t>(value)), ops::bits_of(dtype, rounded))
        << name << ' ' << value;
    ASSERT_EQ(static_cast<double>(Format::widen(static_cast<std::uint32_t>(ops::bits_of(dtype, rounded)))), rounded);
  } else {
    ASSERT_EQ(static_cast<double>(Format::widen(Format::narrow(std::bit_cast<std::uint32_t>(value)))), rounded)
        << value;
  }
}

TEST(Stored, KeepsSubnormalNumbersTheSignOfZeroAndTheLargest) {
  for (const float sign : {1.0F, -1.0F}) {
    for (int exponent = -40; exponent <= 20; ++exponent) {
      for (int step = 0; step < 4096; ++step) {
        const float value = sign * std::ldexp(1.0F + static_cast<float>(step) / 4096, exponent);
        expect_rounding<Half>("fp16", value);
        expect_rounding<E4M3>("fp8_e4m3", value);
        expect_rounding<E5M2>("fp8_e5m2", value);
      }
    }
    expect_rounding<E4M3>("fp8_e4m3", sign * 0.0F);
  }
  EXPECT_EQ(E4M3::narrow(std::bit_cast<std::uint32_t>(1e9F)), 0x7EU);   // 448
  EXPECT_EQ(E5M2::narrow(std::bit_cast<std::uint32_t>(-1e9F)), 0xFBU);  // -57344
  EXPECT_EQ(Half::narrow(std::bit_cast<std::uint32_t>(65520.0F)), 0x7C00U);
  EXPECT_EQ(Half::narrow(std::bit_cast<std::uint32_t>(65519.0F)), 0x7BFFU);
}

TEST(Stored, ShowsWhatAnOutputMayHoldInfinityAndNaN) {
  EXPECT_EQ(Stored<Element::kFp16>::decode(0xFC00), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(Stored<Element::kFp16>::decode(0x7C01)));
  EXPECT_EQ(Stored<Element::kFp8E5M2>::decode(0x7C), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(Stored<Element::kFp8E5M2>::decode(0x7D)));
  EXPECT_TRUE(std::isnan(Stored<Element::kFp8E4M3>::decode(0xFF)));
  EXPECT_EQ(Stored<Element::kFp8E4M3>::decode(0x7E), 448);
  EXPECT_EQ(Stored<Element::kBf16>::decode(0x7F80), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Stored<Element::kInt8>::decode(0x80), -128);
  EXPECT_EQ(Stored<Element::kInt32>::decode(0x80000000), -2147483648.0);
}

TEST(SimtGather, GivesTheElementsThatWereAskedForAsDouble) {
  constexpr std::uint64_t kElements = 999;
  std::vector<std::uint64_t> indices;
  for (std::uint64_t i = 0; i < 300; ++i) indices.push_back(i * 331 % kElements);
  for (const Typed& type : all_types()) {
    Room room(kElements * type.dtype->bytes);
    launch_fill(simt::Launcher{}, type.element, room.data(), kElements, 1, kElements, false, ops::Data::kNormal, 5, 1);
    std::vector<double> got(indices.size() + 1, -7);
    simt::Launcher{}(gather_kernel, blocks_for(indices.size()), kDataThreads, type.element, room.data(), indices.data(),
                     indices.size(), got.data());
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const double exact = ops::value(ops::Data::kNormal, ops::stream(5, 1), 1, indices[i]);
      ASSERT_EQ(got[i], ops::round_to(*type.dtype, exact)) << type.dtype->name << ' ' << i;
    }
    EXPECT_EQ(got.back(), -7);
  }
}

// Of generated elements every sum here is exact in double.
TEST(SimtProject, IsTheSignedSumOfEveryRow) {
  constexpr std::uint64_t kRows = 5, kColumns = 1003, kSignSeed = 99;
  std::vector<double> signs(kColumns);
  ops::fill_signs(signs, ops::sign_stream(kSignSeed), 0);
  for (const Typed& type : all_types()) {
    Room room(kRows * kColumns * type.dtype->bytes);
    launch_fill(simt::Launcher{}, type.element, room.data(), kRows * kColumns, kRows, kColumns, false,
                ops::Data::kNormal, 5, 1);
    std::vector<double> got(kRows + 1, -7);
    launch_project(simt::Launcher{7}, type.element, room.data(), kRows, kColumns, kColumns, kSignSeed, got.data());
    for (std::uint64_t row = 0; row < kRows; ++row) {
      double sum = 0;
      for (std::uint64_t column = 0; column < kColumns; ++column) {
        const double exact = ops::value(ops::Data::kNormal, ops::stream(5, 1), 1, row * kColumns + column);
        sum += ops::round_to(*type.dtype, exact) * signs[column];
      }
      EXPECT_EQ(got[row], sum) << type.dtype->name << " row " << row;
    }
    EXPECT_EQ(got.back(), -7);
  }
}

TEST(SimtProject, OfALongRowIsTheSumOfItsPieces) {
  constexpr std::uint64_t kColumns = 10007, kPiece = 1024, kPieces = 10;
  Room room(kColumns * 8);
  launch_fill(simt::Launcher{}, Element::kFp64, room.data(), kColumns, 1, kColumns, false, ops::Data::kUniform, 5, 1);
  std::vector<double> pieces(kPieces + 1, 0), whole(1);
  launch_project(simt::Launcher{}, Element::kFp64, room.data(), 1, kColumns, kPiece, 3, pieces.data());
  launch_project(simt::Launcher{}, Element::kFp64, room.data(), 1, kColumns, kColumns, 3, whole.data());
  double sum = 0;
  for (const double piece : pieces) sum += piece;
  EXPECT_EQ(sum, whole[0]);
  EXPECT_NE(sum, 0);
  EXPECT_EQ(pieces[kPieces], 0);
}

// Inexact: what is promised is the same number again, whatever order threads and blocks run in, and a small error.
TEST(SimtProject, ComesToTheSameBitsInAnyOrderOfThreads) {
  constexpr std::uint64_t kRows = 3, kColumns = 2000;
  std::vector<double> x(kRows * kColumns), signs(kColumns);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<double>(i)) / 3;
  ops::fill_signs(signs, ops::sign_stream(4), 0);
  std::set<std::vector<double>> results;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    std::vector<double> got(kRows);
    launch_project(simt::Launcher{seed}, Element::kFp64, x.data(), kRows, kColumns, kColumns, 4, got.data());
    results.insert(got);
  }
  ASSERT_EQ(results.size(), 1U);
  for (std::uint64_t row = 0; row < kRows; ++row) {
    long double sum = 0;
    for (std::uint64_t column = 0; column < kColumns; ++column)
      sum += static_cast<long double>(x[row * kColumns + column]) * static_cast<long double>(signs[column]);
    EXPECT_NEAR((*results.begin())[row], static_cast<double>(sum), 1e-12);
  }
}

// A block that works on one row after another must not mix them.
TEST(SimtProject, IsRightWhereThereAreMoreRowsThanBlocks) {
  constexpr std::uint64_t kRows = 9, kColumns = 300;
  std::vector<double> x(kRows * kColumns), whole(kRows);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i % 1000);
  launch_project(simt::Launcher{}, Element::kFp64, x.data(), kRows, kColumns, kColumns, 4, whole.data());
  using S = Stored<Element::kFp64>;
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    std::vector<double> got(kRows);
    simt::Launcher{seed}(project_kernel<S>, 2, kDataThreads, reinterpret_cast<const S::Word*>(x.data()), kRows,
                         kColumns, std::uint64_t{1}, kColumns, ops::sign_stream(4), got.data());
    EXPECT_EQ(got, whole) << seed;
  }
}

TEST(SimtDigest, IsRightWhereThereAreMoreWordsThanThreads) {
  std::vector<std::uint64_t> words(2003);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = ops::mix64(1, 2, i);
  unsigned long long got = 0;
  simt::Launcher{}(digest_kernel, 2, kDataThreads, static_cast<const void*>(words.data()), 8 * words.size(),
                   std::uint64_t{0}, &got);
  EXPECT_EQ(got, ops::digest(std::as_bytes(std::span(words))));
}

TEST(SimtGather, IsRightWhereMoreIsAskedForThanThereAreThreads) {
  std::vector<double> x(1000), got(1000);
  std::vector<std::uint64_t> indices(1000);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<double>(i);
    indices[i] = 999 - i;
  }
  simt::Launcher{}(gather_kernel, 1, kDataThreads, Element::kFp64, static_cast<const void*>(x.data()), indices.data(),
                   indices.size(), got.data());
  std::reverse(x.begin(), x.end());
  EXPECT_EQ(got, x);
}

TEST(SimtDigest, IsTheHostsForEveryRaggedTail) {
  std::vector<std::uint64_t> words(1100);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = ops::mix64(1, 2, i);
  for (const std::uint64_t bytes :
       {1ULL, 7ULL, 8ULL, 9ULL, 15ULL, 16ULL, 17ULL, 24ULL, 31ULL, 4096ULL, 8195ULL, 8792ULL}) {
    for (const std::uint64_t first_word : {0ULL, 12345ULL}) {
      unsigned long long got = 0;
      simt::Launcher{bytes}(digest_kernel, blocks_for((bytes + 15) / 16), kDataThreads,
                            static_cast<const void*>(words.data()), bytes, first_word, &got);
      EXPECT_EQ(got, ops::digest(std::as_bytes(std::span(words)).first(bytes), first_word))
          << bytes << ' ' << first_word;
    }
  }
}

}  // namespace
}  // namespace geomsu::cuda
