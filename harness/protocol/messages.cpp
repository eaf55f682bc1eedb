#include "harness/protocol/messages.hpp"

#include <array>
#include <string_view>

namespace geomsu::protocol {
namespace {
constexpr std::array<std::string_view, 6> kStatusNames = {"ok",          "unsupported", "out_of_memory",
                                                          "device_lost", "timeout",     "error"};
// In the order of Request.
constexpr std::array<std::string_view, 15> kMethods = {"hello",   "devices", "open",      "prepare", "reseed",
                                                       "measure", "load",    "stop",      "read",    "project",
                                                       "digest",  "clock",   "telemetry", "release", "shutdown"};
static_assert(kMethods.size() == std::variant_size_v<Request>);
static_assert(std::variant_size_v<Request> == std::variant_size_v<Result>, "result i answers request i");
}  // namespace

std::string_view to_string(Status status) {
  const auto index = static_cast<std::size_t>(status);
  return index < kStatusNames.size() ? kStatusNames[index] : "error";
}

std::optional<Status> parse_status(std::string_view text) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i) {
    if (kStatusNames[i] == text) return static_cast<Status>(i);
  }
  return std::nullopt;
}

std::string_view method(const Request& request) { return kMethods[request.index()]; }

std::optional<std::size_t> method_index(std::string_view name) {
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    if (kMethods[i] == name) return i;
  }
  return std::nullopt;
}

}  // namespace geomsu::protocol
