#include <algorithm>
#include <map>

#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

constexpr std::size_t kHashShown = 12;  // digits of a hash; verdict.json has it whole

int rank(const LotBundle& bundle) { return bundle.refused.empty() ? badness(bundle.outcome) : 6; }

// What the page leaves out, counted: so that nobody takes the table for the whole lot.
std::string rest(const std::vector<const LotBundle*>& bundles, std::size_t shown) {
  std::map<Outcome, std::uint64_t> counts;
  std::uint64_t refused = 0;
  for (std::size_t i = shown; i < bundles.size(); ++i) {
    if (bundles[i]->refused.empty()) {
      ++counts[bundles[i]->outcome];
    } else {
      ++refused;
    }
  }
  std::string list;
  const auto add = [&](const Message& word, std::uint64_t count) {
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", show(word), grouped(count));
  };
  if (refused > 0) add(tr("bundle.is_refused"), refused);
  for (const auto& [outcome, count] : counts) add(outcome_message(outcome), count);
  return show(both(tr("bundle.capped"), grouped(std::uint64_t{bundles.size() - shown}), list));
}

}  // namespace

std::string section_bundles(const Report& report) {
  if (report.verdict.bundles.empty()) return {};
  std::vector<const LotBundle*> bundles;
  for (const LotBundle& bundle : report.verdict.bundles) bundles.push_back(&bundle);
  std::stable_sort(bundles.begin(), bundles.end(),
                   [](const LotBundle* a, const LotBundle* b) { return rank(*a) > rank(*b); });
  Table table(tr("bundle.caption"),
              {{&tr("bundle.path")},
               {&tr("bundle.outcome")},
               {&tr("bundle.node")},
               {&tr("bundle.started")},
               {&tr("bundle.refused")},
               {&tr("bundle.plan")}},
              true);
  const auto open = static_cast<std::size_t>(std::count_if(
      bundles.begin(), bundles.end(), [](const LotBundle* bundle) { return rank(*bundle) > badness(Outcome::kPass); }));
  const std::size_t shown = std::min(bundles.size(), std::clamp(open, kShort, kListed));
  for (std::size_t i = 0; i < shown; ++i) {
    const LotBundle& bundle = *bundles[i];
    const bool refused = !bundle.refused.empty();
    table.row({code(bundle.path), badge(bundle.outcome), bundle.node.empty() ? "–" : bdi(bundle.node),
               bundle.started.empty() ? "–" : element("span", safe(bundle.started), "class=\"whole\""),
               refused ? bdi(bundle.refused) : "–",
               bundle.plan_sha256.empty() ? "–" : code(bundle.plan_sha256.substr(0, kHashShown) + "…")},
              refused ? std::string_view("fail") : css_class(bundle.outcome));
  }
  std::string out = element("p", show(both(tr("bundle.counts"), grouped(std::uint64_t{bundles.size()}),
                                           grouped(std::uint64_t{refused_bundles(report.verdict)}))));
  out += table.str();
  if (shown < bundles.size()) out += element("p", rest(bundles, shown));
  return out;
}

}  // namespace geomsu::html
