// The loops of exchange.hpp over lanes of one instruction set. Included by exchange_*.cpp alone, each of which defines
// GEOMSU_TARGET, the attribute that lets the compiler use the set, and lanes:
//
//   struct Lanes {
//     using Element = ...;                          // as stored
//     using Wide = ...;                             // as reduced: float for bf16
//     using Line = ...;                             // 64 bytes of elements, as reduced
//     static Line load(const Element*);             // aligned to an element
//     static Line reduce(const Line&, const Line&);
//     static void store(Element*, const Line&);     // aligned to 64 bytes
//     static void stream(Element*, const Line&);    // the same, past the caches
//     static void order();                          // streamed stores before whatever follows
//   };
//
// as Lanes<Element, op>. Single elements, at heads and tails, are done alike everywhere.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "kernels/ops/collective.hpp"

namespace geomsu::cpu {
namespace {  // every set's own, compiled with its own attribute

enum class Bf16 : std::uint16_t {};

template <typename Element>
struct Widened {
  using Wide = Element;
  static Wide widen(Element x) { return x; }
  static Element narrow(Wide x) { return x; }
};
template <>
struct Widened<Bf16> {
  using Wide = float;
  static Wide widen(Bf16 x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16); }
  // To nearest, ties to even; no NaN comes up here.
  static Bf16 narrow(Wide x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    return static_cast<Bf16>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
  }
};

template <ops::ReduceOp kOp, typename Wide>
Wide reduced(Wide a, Wide b) {
  if constexpr (kOp == ops::ReduceOp::kMax) return a < b ? b : a;
  if constexpr (kOp == ops::ReduceOp::kMin) return b < a ? b : a;
  if constexpr (std::is_integral_v<Wide>) {
    using Wrapping = std::make_unsigned_t<Wide>;
    return static_cast<Wide>(static_cast<Wrapping>(a) + static_cast<Wrapping>(b));
  } else {
    return a + b;
  }
}

template <ops::ReduceOp kOp, typename Lanes>
struct Loops {
  using Element = typename Lanes::Element;
  using Line = typename Lanes::Line;
  static constexpr std::uint64_t kLine = 64 / sizeof(Element);

  static const Element* in(const void* at) { return static_cast<const Element*>(at); }
  static Element* out(void* at) { return static_cast<Element*>(at); }

  GEOMSU_TARGET static void singles(const void* const* from, std::uint32_t sources, void* const* to,
                                    std::uint32_t targets, std::uint64_t first, std::uint64_t last) {
    using Width = Widened<Element>;
    for (std::uint64_t i = first; i < last; ++i) {
      auto sum = Width::widen(in(from[0])[i]);
      for (std::uint32_t s = 1; s < sources; ++s) sum = reduced<kOp>(sum, Width::widen(in(from[s])[i]));
      for (std::uint32_t t = 0; t < targets; ++t) out(to[t])[i] = Width::narrow(sum);
    }
  }

  template <bool kPast>
  GEOMSU_TARGET static void put(Element* to, const Line& line) {
    if constexpr (kPast) {
      Lanes::stream(to, line);
    } else {
      Lanes::store(to, line);
    }
  }

  template <std::uint32_t kSources, std::uint32_t kTargets, bool kPast>
  GEOMSU_TARGET static void few(const void* const* from, void* const* to, std::uint64_t first, std::uint64_t last) {
    std::array<const Element*, kSources> a;
    std::array<Element*, kTargets> b;
    for (std::uint32_t s = 0; s < kSources; ++s) a[s] = in(from[s]);
    for (std::uint32_t t = 0; t < kTargets; ++t) b[t] = out(to[t]);
    // Four lines at a time, so that many loads are under way.
    constexpr std::uint64_t kAtOnce = 4;
    std::uint64_t i = first;
    for (; i + kAtOnce * kLine <= last; i += kAtOnce * kLine) {
      Line sums[kAtOnce];  // std::array would drop the vector's attributes
      for (std::uint64_t k = 0; k < kAtOnce; ++k) {
        sums[k] = Lanes::load(a[0] + i + k * kLine);
        if constexpr (kSources == 2) sums[k] = Lanes::reduce(sums[k], Lanes::load(a[1] + i + k * kLine));
      }
      for (std::uint32_t t = 0; t < kTargets; ++t) {
        for (std::uint64_t k = 0; k < kAtOnce; ++k) put<kPast>(b[t] + i + k * kLine, sums[k]);
      }
    }
    for (; i < last; i += kLine) {
      Line sum = Lanes::load(a[0] + i);
      if constexpr (kSources == 2) sum = Lanes::reduce(sum, Lanes::load(a[1] + i));
      for (std::uint32_t t = 0; t < kTargets; ++t) put<kPast>(b[t] + i, sum);
    }
  }

  template <bool kPast>
  GEOMSU_TARGET static void lines(const void* const* from, std::uint32_t sources, void* const* to,
                                  std::uint32_t targets, std::uint64_t first, std::uint64_t last) {
    if (sources == 1 && targets == 1) return few<1, 1, kPast>(from, to, first, last);
    if (sources == 1 && targets == 2) return few<1, 2, kPast>(from, to, first, last);
    if (sources == 2 && targets == 1) return few<2, 1, kPast>(from, to, first, last);
    if (sources == 2 && targets == 2) return few<2, 2, kPast>(from, to, first, last);
    for (std::uint64_t i = first; i < last; i += kLine) {
      Line sum = Lanes::load(in(from[0]) + i);
      for (std::uint32_t s = 1; s < sources; ++s) sum = Lanes::reduce(sum, Lanes::load(in(from[s]) + i));
      for (std::uint32_t t = 0; t < targets; ++t) put<kPast>(out(to[t]) + i, sum);
    }
  }

  GEOMSU_TARGET static void run(const void* const* from, std::uint32_t sources, void* const* to, std::uint32_t targets,
                                std::uint64_t count, bool past_caches) {
    if (count == 0 || targets == 0) return;
    const std::uint64_t ahead = (64 - reinterpret_cast<std::uintptr_t>(to[0]) % 64) % 64 / sizeof(Element);
    const std::uint64_t first = ahead < count ? ahead : count;
    const std::uint64_t last = first + (count - first) / kLine * kLine;
    singles(from, sources, to, targets, 0, first);
    if (past_caches) {
      lines<true>(from, sources, to, targets, first, last);
      Lanes::order();
    } else {
      lines<false>(from, sources, to, targets, first, last);
    }
    singles(from, sources, to, targets, last, count);
  }
};

// Lanes<Element, op> of the set.
template <template <typename, ops::ReduceOp> typename Lanes, typename Element>
Exchange loops_of(ops::ReduceOp op) {
  using enum ops::ReduceOp;
  switch (op) {
    case kSum:
      return Loops<kSum, Lanes<Element, kSum>>::run;
    case kMax:
      return Loops<kMax, Lanes<Element, kMax>>::run;
    case kMin:
      return Loops<kMin, Lanes<Element, kMin>>::run;
    case kNone:
      break;
  }
  return nullptr;
}

// What is only copied is moved as integers of its size.
template <template <typename, ops::ReduceOp> typename Lanes>
Exchange loops_of(std::string_view dtype, ops::ReduceOp op) {
  constexpr auto kNone = ops::ReduceOp::kNone;
  const bool copies = op == kNone;
  if (dtype == "fp32") return copies ? Loops<kNone, Lanes<std::int32_t, kNone>>::run : loops_of<Lanes, float>(op);
  if (dtype == "fp64") return copies ? Loops<kNone, Lanes<std::int64_t, kNone>>::run : loops_of<Lanes, double>(op);
  if (dtype == "bf16") return copies ? Loops<kNone, Lanes<std::int16_t, kNone>>::run : loops_of<Lanes, Bf16>(op);
  if (dtype == "int32") {
    return copies ? Loops<kNone, Lanes<std::int32_t, kNone>>::run : loops_of<Lanes, std::int32_t>(op);
  }
  return nullptr;
}

}  // namespace
}  // namespace geomsu::cpu
