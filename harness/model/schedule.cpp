#include "harness/model/schedule.hpp"

#include <fmt/format.h>

namespace geomsu {

std::string Sustained::words() const {
  return fmt::format("sustained: {} session{} over {:g} s", sessions, sessions == 1 ? "" : "s",
                     static_cast<double>(span_ns) * 1e-9);
}

std::vector<std::int64_t> session_starts(std::uint32_t blocks, const Sustained& sustained, std::uint32_t session) {
  std::vector<std::int64_t> starts;
  if (session == 0 || session > sustained.sessions) return starts;
  const std::uint32_t mine = blocks / sustained.sessions + (session <= blocks % sustained.sessions ? 1 : 0);
  const double length = static_cast<double>(sustained.session_ns());
  for (std::uint32_t block = 0; block < mine; ++block) {
    starts.push_back(static_cast<std::int64_t>(length * static_cast<double>(block) / static_cast<double>(mine)));
  }
  return starts;
}

}  // namespace geomsu
