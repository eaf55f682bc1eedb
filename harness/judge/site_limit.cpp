#include "harness/judge/site_limit.hpp"

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/base/units.hpp"

namespace geomsu {
namespace {

Refusal unread(const SiteLimit& limit, const std::string& why) {
  return {Outcome::kInvalid, Reason::kSite,
          escape_terminal(fmt::format("the contract wants {} {} of the site, and {}; write the reading into the site "
                                      "file and inspect again",
                                      limit.key, limit.text, why))};
}

}  // namespace

std::vector<Refusal> broken_site_limits(const Contract& contract, const Environment* environment) {
  std::vector<Refusal> broken;
  for (const SiteLimit& limit : contract.site_limits) {
    const std::string* text = nullptr;
    if (environment != nullptr) {
      const auto fact = environment->facts.find("site." + limit.key);
      if (fact != environment->facts.end()) text = &fact->second;
    }
    if (text == nullptr) {
      broken.push_back(unread(limit, "nobody has read it"));
      continue;
    }
    const auto reading = parse_quantity(*text, nullptr);
    const Dimension wanted = limit.at_least  ? limit.at_least->dimension
                             : limit.at_most ? limit.at_most->dimension
                                             : Dimension::kNone;
    if (!reading || reading->dimension != wanted) {
      broken.push_back(unread(limit, fmt::format("the reading '{}' is no such quantity", *text)));
      continue;
    }
    const bool held = (!limit.at_least || reading->value >= limit.at_least->value) &&
                      (!limit.at_most || reading->value <= limit.at_most->value);
    if (held) continue;
    broken.push_back(
        {limit.supplier ? Outcome::kFail : Outcome::kInvalid, Reason::kSite,
         escape_terminal(fmt::format("the contract wants {} {} of the site, and {} was read; the {} "
                                     "supplies the site",
                                     limit.key, limit.text, *text, limit.supplier ? "supplier" : "buyer"))});
  }
  return broken;
}

}  // namespace geomsu
