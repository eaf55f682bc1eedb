// Levelled log lines with host time. A Log is handed in; there is no global one. Thread-safe.
//
// Text is cut into lines and each line is escaped (text.hpp's escape_terminal), because worker and device words end
// here. The sink is called under the log's lock, one line a call, so that lines never mix; it must not write to the
// same log.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "harness/base/clock.hpp"

namespace geomsu {

enum class LogLevel : int { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3, kQuiet = 4 };

class Log {
 public:
  using Sink = std::function<void(LogLevel, std::string_view line)>;
  Log() = default;                                     // drops everything
  explicit Log(Sink sink) : sink_(std::move(sink)) {}  // every level, the bare text
  // Lines "2026-11-22T00:35:57.123Z warning: text" of `least` and above; kQuiet lets nothing through.
  Log(Sink sink, Clock& clock, LogLevel least) : sink_(std::move(sink)), clock_(&clock), least_(least) {}
  void write(LogLevel level, std::string_view text);
  void debug(std::string_view text) { write(LogLevel::kDebug, text); }
  void info(std::string_view text) { write(LogLevel::kInfo, text); }
  void warning(std::string_view text) { write(LogLevel::kWarning, text); }
  void error(std::string_view text) { write(LogLevel::kError, text); }

 private:
  std::mutex mutex_;
  Sink sink_;
  Clock* clock_ = nullptr;
  LogLevel least_ = LogLevel::kDebug;
};

std::string_view to_string(LogLevel level);  // "debug", "info", "warning", "error", "quiet"

}  // namespace geomsu
