#include <algorithm>
#include <set>

#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

std::set<std::string> set_of(const std::vector<std::string>& serials) { return {serials.begin(), serials.end()}; }

std::string word(bool yes) {
  return fmt::format("<span class=\"{}\">{}</span>", yes ? "yes" : "no", show(yes ? tr("word.yes") : tr("word.no")));
}

std::string list(const std::vector<std::string>& serials) {
  if (serials.empty()) return show(tr("recon.none"));
  std::string out;
  for (std::size_t i = 0; i < serials.size() && i < kListed; ++i) out += (i == 0 ? "" : ", ") + code(serials[i]);
  if (serials.size() > kListed) out += " " + show(both(tr("list.more"), grouped(std::uint64_t{serials.size()})));
  return out;
}

}  // namespace

std::string section_reconciliation(const Report& report) {
  const Reconciliation& recon = report.verdict.reconciliation;
  Table table(tr("recon.caption"), {{&tr("recon.serial")},
                                    {&tr("recon.contracted")},
                                    {&tr("recon.found")},
                                    {&tr("recon.tested")},
                                    {&tr("recon.accepted")}});
  const auto total = [](const std::vector<std::string>& list) { return strong(grouped(std::uint64_t{list.size()})); };
  table.row({strong(show(tr("recon.total"))), total(recon.contracted), total(recon.found), total(recon.tested),
             total(recon.accepted)});
  // Those that cannot be accepted stand first: they are why one reads this table. Of a long list they stand alone.
  std::vector<std::string> serials = recon.contracted;
  const std::set<std::string> found = set_of(recon.found), tested = set_of(recon.tested),
                              accepted = set_of(recon.accepted);
  const auto end = std::stable_partition(serials.begin(), serials.end(),
                                         [&](const std::string& serial) { return !accepted.contains(serial); });
  const std::size_t open = static_cast<std::size_t>(end - serials.begin());
  const std::size_t shown = std::min(serials.size(), std::clamp(open, kShort, kListed));
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string& serial = serials[i];
    table.row({code(serial), word(true), word(found.contains(serial)), word(tested.contains(serial)),
               word(accepted.contains(serial))});
  }
  std::string out = table.str();
  if (shown < serials.size())
    out += element("p", show(both(tr("recon.capped"), shown, grouped(std::uint64_t{serials.size()}))));
  Facts facts;
  facts.add(tr("recon.missing"), list(recon.missing));
  facts.add(tr("recon.uncontracted"), list(recon.uncontracted));
  return out + facts.str();
}

}  // namespace geomsu::html
