// Plain loops that the compiler turns into what the processor's baseline has.
#include "kernels/cpu/exchange.hpp"

#define GEOMSU_TARGET
#include "kernels/cpu/exchange_loops.hpp"

namespace geomsu::cpu {
namespace {

template <typename E, ops::ReduceOp kOp>
struct Plain {
  using Element = E;
  using Width = Widened<E>;
  using Line = std::array<typename Width::Wide, 64 / sizeof(E)>;

  static Line load(const E* from) {
    Line line;
    for (std::size_t i = 0; i < line.size(); ++i) line[i] = Width::widen(from[i]);
    return line;
  }
  static Line reduce(const Line& a, const Line& b) {
    Line line;
    for (std::size_t i = 0; i < line.size(); ++i) line[i] = reduced<kOp>(a[i], b[i]);
    return line;
  }
  static void store(E* to, const Line& line) {
    for (std::size_t i = 0; i < line.size(); ++i) to[i] = Width::narrow(line[i]);
  }
  static void stream(E* to, const Line& line) { store(to, line); }
  static void order() {}
};

}  // namespace

Exchange exchange_portable(std::string_view dtype, ops::ReduceOp op) { return loops_of<Plain>(dtype, op); }

Exchange exchange_of(ops::Isa isa, std::string_view dtype, ops::ReduceOp op) {
  Exchange found = nullptr;
  if (isa == ops::Isa::kAvx512) found = exchange_avx512(dtype, op);
  if (isa == ops::Isa::kAvx2) found = exchange_avx2(dtype, op);
  return found != nullptr ? found : exchange_portable(dtype, op);
}

}  // namespace geomsu::cpu
