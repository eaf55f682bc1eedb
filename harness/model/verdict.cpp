#include "harness/model/verdict.hpp"

namespace geomsu {

std::string_view to_string(LotVerdict::Decision decision) {
  switch (decision) {
    case LotVerdict::Decision::kAccepted:
      return "ACCEPTED";
    case LotVerdict::Decision::kRejected:
      return "REJECTED";
    case LotVerdict::Decision::kUndecided:
      return "UNDECIDED";
  }
  return "UNDECIDED";
}

}  // namespace geomsu
