#include "harness/model/device_findings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kMostCode = 64, kMostColumns = 400;

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= kMostCode && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::vector<Finding> device_findings(const DeviceInfo& device, const std::string& node) {
  const auto own_node = device.attributes.find("node");
  const Unit unit{own_node == device.attributes.end() ? node : own_node->second, device.unit_id()};
  std::vector<Finding> findings;
  for (auto at = device.attributes.lower_bound(std::string(kFindingAttribute));
       at != device.attributes.end() && at->first.starts_with(kFindingAttribute); ++at) {
    const std::string code = at->first.substr(kFindingAttribute.size());
    std::string words = is_code(code) ? at->second : fmt::format("{}: {}", code, at->second);
    if (at->second.empty()) words += "the plug-in says no more of it";
    findings.push_back({is_code(code) ? code : "device_finding",
                        clip(escape_terminal(valid_utf8(
                                 fmt::format("{} ({} {}): {}", unit.name(), device.backend, device.index, words))),
                             kMostColumns)});
  }
  return findings;
}

}  // namespace geomsu
