#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "reports/exporters/figures.hpp"
#include "reports/exporters/messages.hpp"
#include "reports/exporters/text.hpp"

namespace geomsu {
namespace {

constexpr std::size_t kNamed = 5;  // units, nodes, bundles by name; the report has all

template <class... Args>
std::string say(const Message& message, Language language, const Args&... args) {
  return fmt::format(fmt::runtime(message.in(language)), args...);
}

std::string decision(const LotVerdict& lot, const Painter& painter, Language language) {
  const std::string word(decision_message(lot.decision).in(language));
  switch (lot.decision) {
    case LotVerdict::Decision::kAccepted:
      return painter.bold(word);  // only PASS is green
    case LotVerdict::Decision::kRejected:
      return painter.paint(Outcome::kFail, word);
    case LotVerdict::Decision::kUndecided:
      break;
  }
  return painter.paint(Outcome::kInconclusive, word);
}

std::string counts(const LotVerdict& lot, Language language) {
  std::string out(lot_kind_message(lot.kind).in(language));
  out += "; " + (lot.kind == "full"
                     ? say(tr("text.lot.full"), language, lot.lot_size, lot.inspected, lot.nonconforming.size())
                     : say(tr("text.lot.counts"), language, lot.lot_size, lot.sample_size, lot.nonconforming.size()));
  if (lot.acceptance_number) out += "; " + say(tr("text.lot.acceptance"), language, *lot.acceptance_number);
  return out;
}

std::string of_plan(const LotVerdict& lot, std::size_t columns, const Painter& painter, Language language) {
  std::string title(tr("text.lot").in(language));
  if (!lot.tranche.empty()) title += " (" + shown_text(lot.tranche) + ")";
  std::string out = title + ": " + decision(lot, painter, language) + "\n" + wrap(counts(lot, language), 2, columns);
  if (!lot.words.empty()) out += wrap(lot.words, 2, columns);
  if (!lot.nonconforming.empty()) {
    out += wrap(fmt::format("{}: {}", tr("text.lot.replace").in(language), listed(lot.nonconforming, language)), 2,
                columns);
  }
  for (const bool accepted : {true, false}) {
    const auto many = std::count_if(lot.dispositions.begin(), lot.dispositions.end(),
                                    [&](const Disposition& item) { return item.accepted == accepted; });
    if (many == 0) continue;
    out +=
        wrap(say(tr("text.lot.undrawn"), language, many, disposition_message({{}, accepted}).in(language)), 2, columns);
  }
  return out;
}

std::string of_bundles(const Verdict& verdict, std::size_t columns, Language language) {
  const std::size_t refused = refused_bundles(verdict);
  std::string out = wrap(say(tr("text.bundles"), language, verdict.bundles.size(), refused), 0, columns);
  std::size_t named = 0;
  for (const LotBundle& bundle : verdict.bundles) {
    if (bundle.refused.empty() || ++named > kNamed) continue;
    out +=
        wrap(fmt::format("{} {}: {}", tr("bundle.is_refused").in(language), bundle.path, bundle.refused), 2, columns);
  }
  return out;
}

// The worst outcome first, then the most rows that are not green, then by name.
std::string worst(const Verdict& verdict, std::size_t columns, Language language) {
  struct Red {
    Unit unit;
    Outcome outcome;
    std::size_t rows;
  };
  std::map<Unit, Red> units;
  for (const ClauseRow* row : rows_not_green(verdict))
    ++units.try_emplace(row->unit, Red{row->unit, row->outcome, 0}).first->second.rows;
  if (units.empty()) return {};
  std::vector<Red> order;
  for (const auto& [unit, red] : units) order.push_back(red);
  std::stable_sort(order.begin(), order.end(), [](const Red& a, const Red& b) {
    return std::pair(badness(a.outcome), a.rows) > std::pair(badness(b.outcome), b.rows);
  });
  std::vector<std::string> names;
  for (const Red& red : order) {
    names.push_back(
        say(tr("text.worst.open"), language, red.unit.name(), outcome_message(red.outcome).in(language), red.rows));
  }
  return wrap(fmt::format("{}: {}", tr("text.worst").in(language), listed(names, language)), 0, columns);
}

std::string outside(const Verdict& verdict, std::size_t columns, Language language) {
  std::vector<std::string> names;
  for (const FleetFigure& figure : verdict.fleet) {
    for (const FleetOutlier& outlier : figure.outliers) {
      names.push_back(fmt::format("{} ({})", outlier.unit.name(), figure.clause));
    }
  }
  if (names.empty()) return {};
  return wrap(fmt::format("{}: {}", tr("text.outliers").in(language), listed(names, language)), 0, columns);
}

}  // namespace

std::string listed(const std::vector<std::string>& names, Language language) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamed; ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kNamed) out += " " + say(tr("text.and_more"), language, names.size() - kNamed);
  return out;
}

std::string text_lot(const Verdict& verdict, std::size_t columns, const Painter& painter, Language language) {
  std::string out;
  const bool many = !verdict.bundles.empty();
  if (many) out += of_bundles(verdict, columns, language);
  if (many || verdict.lot) out += worst(verdict, columns, language);
  out += outside(verdict, columns, language);
  if (verdict.rows_left_out > 0) out += wrap(say(tr("text.left_out"), language, verdict.rows_left_out), 0, columns);
  if (verdict.lot) out += of_plan(*verdict.lot, columns, painter, language);
  return out;
}

}  // namespace geomsu
