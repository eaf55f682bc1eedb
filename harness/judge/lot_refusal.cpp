#include "harness/judge/lot_refusal.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/evidence/bundle.hpp"

namespace geomsu {

std::string refusal_words(const Error& error) {
  std::string where = error.where();
  if (const std::size_t slash = where.rfind('/'); slash != std::string::npos) where.erase(0, slash + 1);
  return fmt::format("{}: {}", where, error.message());
}

std::string claimed_node(const std::filesystem::path& bundle) {
  try {
    return parse_plan(read_file(bundle / "plan.json")).node;
  } catch (const Error&) {
    return {};
  }
}

void append_shared_serial(const Contract& contract, const Unit& unit, std::span<const std::string> nodes,
                          std::vector<Doubt>& doubts) {
  const std::string words = escape_terminal(fmt::format("several nodes show this serial: {}", fmt::join(nodes, ", ")));
  for (std::uint32_t place = 0; place < contract.clauses.size(); ++place)
    doubts.push_back({place, unit, Outcome::kInvalid, Reason::kDeviceChanged, words});
}

}  // namespace geomsu
