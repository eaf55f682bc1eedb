#include "harness/base/error.hpp"

#include <utility>

namespace geomsu {

Error::Error(ErrorCode code, std::string message, std::string where, std::string next)
    : code_(code), message_(std::move(message)), where_(std::move(where)), next_(std::move(next)) {
  if (!where_.empty()) text_ = where_ + ": ";
  text_ += message_;
  if (!next_.empty()) text_ += "\nnext: " + next_;
}

}  // namespace geomsu
