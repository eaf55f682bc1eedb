#include "harness/money/won.hpp"

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw Error(ErrorCode::kBadData, std::string(what) + " of won does not fit 64 bits", {},
              "check the amounts and counts");
}

}  // namespace

Won operator+(Won a, Won b) {
  Won sum;
  if (__builtin_add_overflow(a.value, b.value, &sum.value)) refuse("a sum");
  return sum;
}

Won operator-(Won a, Won b) {
  Won difference;
  if (__builtin_sub_overflow(a.value, b.value, &difference.value)) refuse("a difference");
  return difference;
}

Won operator*(Won a, std::int64_t times) {
  Won product;
  if (__builtin_mul_overflow(a.value, times, &product.value)) refuse("a product");
  return product;
}

}  // namespace geomsu
