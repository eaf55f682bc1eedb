#include "harness/base/log.hpp"

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu {

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
    case LogLevel::kQuiet:
      return "quiet";
  }
  return "unknown";
}

void Log::write(LogLevel level, std::string_view text) {
  if (!sink_ || least_ == LogLevel::kQuiet || level < least_) return;
  const std::lock_guard lock(mutex_);
  std::string prefix;
  if (clock_ != nullptr) prefix = fmt::format("{} {}: ", utc_text(clock_->utc_ns()), to_string(level));
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    sink_(level, prefix + escape_terminal(text.substr(0, end)));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

}  // namespace geomsu
