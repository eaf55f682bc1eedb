// The one exception of the host: what stops a stage. Expected outcomes (a device that cannot, a clause that fails) are
// values.
#pragma once

#include <exception>
#include <string>

namespace geomsu {

// Exit statuses: 0, 1, 2 are verdicts (model/outcome.hpp); the rest follow sysexits.h, and 130 is Ctrl-C.
enum class ErrorCode : int {
  kUsage = 64,
  kBadData = 65,
  kNoInput = 66,
  kUnavailable = 69,
  kInternal = 70,
  kCannotCreate = 73,
  kIo = 74,
  kInterrupted = 130,
};

// what() prints "where: message" and, on a second line, "next: ..." where there is something to do.
class Error : public std::exception {
 public:
  // message: what happened and why. where: file:line:column, path or device. next: what the reader can do.
  Error(ErrorCode code, std::string message, std::string where = {}, std::string next = {});

  const char* what() const noexcept override { return text_.c_str(); }
  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& where() const noexcept { return where_; }
  const std::string& next() const noexcept { return next_; }

 private:
  ErrorCode code_;
  std::string message_, where_, next_, text_;
};

}  // namespace geomsu
