// The lot's decision: plan, draw, who was nonconforming, what becomes of nodes that were not drawn, and the plan's
// risks. A disposition stands in a column of its own and in words that no outcome has.
#include <algorithm>
#include <map>
#include <set>

#include "reports/exporters/chart.hpp"
#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

constexpr std::size_t kRowsOfAnItem = 3;  // clauses of a node by name; verdict.json has all
constexpr std::size_t kWholeTable = 16;   // points of a characteristic that are shown without leaving any out

std::string_view css_of(LotVerdict::Decision decision) {
  switch (decision) {
    case LotVerdict::Decision::kAccepted:
      return "accepted";
    case LotVerdict::Decision::kRejected:
      return "rejected";
    case LotVerdict::Decision::kUndecided:
      return "undecided";
  }
  return "undecided";
}

std::string decision(const LotVerdict& lot) {
  std::string inside = strong(show(decision_message(lot.decision)));
  if (!lot.words.empty()) inside += "<bdi>" + safe(lot.words) + "</bdi>";
  return element("p", inside, fmt::format("class=\"banner lot {}\"", css_of(lot.decision)));
}

// Names up to kListed, and how many there are in all.
std::string names(const std::vector<std::string>& nodes) {
  if (nodes.empty()) return "–";
  std::string out;
  for (std::size_t i = 0; i < nodes.size() && i < kListed; ++i) out += (i == 0 ? "" : ", ") + code(nodes[i]);
  if (nodes.size() > kListed) out += " " + show(both(tr("list.more"), grouped(std::uint64_t{nodes.size()})));
  return out;
}

std::string undrawn(const LotVerdict& lot) {
  const auto accepted = std::count_if(lot.dispositions.begin(), lot.dispositions.end(),
                                      [](const Disposition& item) { return item.accepted; });
  const auto rejected = static_cast<std::ptrdiff_t>(lot.dispositions.size()) - accepted;
  std::string out =
      grouped(std::uint64_t{lot.lot_size >= lot.sample_size ? lot.lot_size - lot.sample_size : std::uint32_t{0}});
  if (accepted > 0)
    out += soft(fmt::format("{}: {}", show(tr("disposition.accepted")), grouped(std::int64_t{accepted})));
  if (rejected > 0)
    out += soft(fmt::format("{}: {}", show(tr("disposition.rejected")), grouped(std::int64_t{rejected})));
  return out;
}

std::string draw(const LotVerdict& lot) {
  if (!lot.draw.empty()) return bdi(lot.draw);
  return show(lot.kind == "full" ? tr("lot.draw.full") : tr("lot.draw.absent"));
}

std::string facts(const LotVerdict& lot) {
  Facts list;
  if (!lot.tranche.empty()) list.add(tr("lot.tranche"), bdi(lot.tranche));
  list.add(tr("lot.kind"), show(lot_kind_message(lot.kind)));
  list.add(tr("lot.size"), grouped(std::uint64_t{lot.lot_size}));
  list.add(tr("lot.sample"), grouped(std::uint64_t{lot.sample_size}));
  list.add(tr("lot.acceptance"), lot.acceptance_number ? grouped(std::uint64_t{*lot.acceptance_number}) : "–");
  list.add(tr("lot.nonconforming"), grouped(std::uint64_t{lot.nonconforming.size()}));
  list.add(tr("lot.undrawn"), undrawn(lot));
  std::string out = list.str();
  Facts long_ones;
  if (!lot.plan.empty()) long_ones.add(tr("lot.plan"), bdi(lot.plan));
  long_ones.add(tr("lot.draw"), draw(lot));
  if (lot.kind != "full") long_ones.add(tr("lot.sample"), names(lot.drawn));
  return out + element("div", long_ones.str(), "class=\"full\"");
}

using RowsOfNodes = std::map<std::string, std::vector<const ClauseRow*>, std::less<>>;

// By outcome and clause: where several devices of the node are red alike, how many.
std::string red_rows(const RowsOfNodes& rows, const std::string& node) {
  const auto found = rows.find(node);
  if (found == rows.end()) return "–";
  std::vector<std::pair<const ClauseRow*, std::size_t>> kinds;
  for (const ClauseRow* row : found->second) {
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) {
      return one.first->clause == row->clause && one.first->outcome == row->outcome;
    });
    if (kind == kinds.end()) {
      kinds.emplace_back(row, 1);
    } else {
      ++kind->second;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < kinds.size() && i < kRowsOfAnItem; ++i) {
    const auto& [row, many] = kinds[i];
    out += element("div", fmt::format("{} {} {}", badge(row->outcome), code(row->clause),
                                      many == 1 ? bdi(row->unit.device) : fmt::format("× {}", many)));
  }
  if (kinds.size() > kRowsOfAnItem) out += soft(show(both(tr("lot.item.more"), kinds.size() - kRowsOfAnItem)));
  return out;
}

// Of the lot's own nodes only.
RowsOfNodes rows_of(const Verdict& verdict, const LotVerdict& lot) {
  std::set<std::string_view> nodes(lot.nonconforming.begin(), lot.nonconforming.end());
  for (const Disposition& one : lot.dispositions) nodes.insert(one.item);
  RowsOfNodes rows;
  for (const ClauseRow* row : rows_not_green(verdict)) {
    if (nodes.contains(row->unit.node)) rows[row->unit.node].push_back(row);
  }
  return rows;
}

// Those with a red row stand first: a screening clause holds for a node that was not drawn too.
std::vector<Disposition> ordered(const LotVerdict& lot, const RowsOfNodes& rows) {
  std::vector<Disposition> all = lot.dispositions;
  std::stable_partition(all.begin(), all.end(), [&](const Disposition& one) { return rows.contains(one.item); });
  return all;
}

std::string items(const Verdict& verdict, const LotVerdict& lot) {
  const auto first = [](const auto& all) { return std::min(all.size(), kListed); };
  const std::size_t total = lot.nonconforming.size() + lot.dispositions.size();
  if (total == 0) return {};
  const RowsOfNodes rows = rows_of(verdict, lot);
  const std::vector<Disposition> undrawn = ordered(lot, rows);
  Table table(tr("lot.items.caption"),
              {{&tr("lot.item")}, {&tr("lot.item.sample")}, {&tr("lot.item.rows")}, {&tr("lot.item.disposition")}},
              true);
  for (std::size_t i = 0; i < first(lot.nonconforming); ++i) {
    const std::string& node = lot.nonconforming[i];
    table.row(
        {bdi(node), strong(show(tr("lot.item.nonconforming"))), red_rows(rows, node), show(tr("lot.item.replace"))},
        "fail");
  }
  for (std::size_t i = 0; i < first(undrawn); ++i) {
    const Disposition& one = undrawn[i];
    table.row({bdi(one.item), show(tr("lot.item.undrawn")), red_rows(rows, one.item), show(disposition_message(one))});
  }
  const std::size_t in_table = first(lot.nonconforming) + first(undrawn);
  std::string out = element("h3", show(tr("lot.items"))) + element("p", show(tr("lot.rule")), "class=\"soft\"");
  if (in_table < total) out += element("p", show(both(tr("lot.capped"), in_table, grouped(std::uint64_t{total}))));
  return out + table.str();
}

// The first ones, and those at which the probability has fallen to a round number; the last one.
std::vector<LotPoint> points_of_table(const std::vector<LotPoint>& all) {
  if (all.size() <= kWholeTable) return all;
  std::set<std::size_t> wanted{0, 1, 2, 3, 4, all.size() - 1};
  for (const double level : {0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001}) {
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const LotPoint& point) { return point.accepted <= level; });
    if (at != all.end()) wanted.insert(static_cast<std::size_t>(at - all.begin()));
  }
  const LotRisks risks = lot_risks(all);
  std::vector<LotPoint> points;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool of_risk = risks.producer && risks.producer->nonconforming == all[i].nonconforming;
    if (of_risk || wanted.contains(i)) points.push_back(all[i]);
  }
  return points;
}

std::string share(const LotPoint& point, const LotVerdict& lot) {
  if (lot.lot_size == 0) return "–";
  return fmt::format("{:.3g} %", 100.0 * point.nonconforming / lot.lot_size);
}

// What the probability is one point further, where the risk is no more the stated one.
std::string beyond(const LotVerdict& lot, const LotPoint& at, int step, bool rejected) {
  const auto& points = lot.characteristic;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t other = step > 0 ? i + 1 : i - 1;  // wraps to a place that does not exist
    if (points[i].nonconforming != at.nonconforming || other >= points.size()) continue;
    const double value = rejected ? 1 - points[other].accepted : points[other].accepted;
    return " " + show(both(tr("oc.next"), points[other].nonconforming, safe(probability(value))));
  }
  return {};
}

std::string risks_text(const LotVerdict& lot, const LotRisks& risks) {
  const auto say = [&](const Message& text, const LotPoint& at, int step, bool rejected) {
    const double value = rejected ? 1 - at.accepted : at.accepted;
    return show(both(text, at.nonconforming, share(at, lot), safe(probability(value)))) +
           beyond(lot, at, step, rejected);
  };
  Facts list;
  list.add(tr("oc.producer"),
           risks.producer ? say(tr("oc.producer.text"), *risks.producer, 1, true) : show(tr("oc.producer.none")));
  list.add(tr("oc.consumer"),
           risks.consumer ? say(tr("oc.consumer.text"), *risks.consumer, -1, false) : show(tr("oc.consumer.none")));
  return element("div", list.str(), "class=\"full\"");
}

std::string characteristic(const LotVerdict& lot) {
  std::string out = element("h3", show(tr("oc.title")));
  if (lot.kind == "full") return out + element("p", show(tr("oc.full")));
  if (lot.characteristic.empty()) return out + element("p", show(tr("oc.absent")));
  const LotRisks risks = lot_risks(lot.characteristic);
  out += characteristic_chart(lot, risks) + risks_text(lot, risks);
  Table table(tr("oc.caption"), {{&tr("oc.nonconforming"), true},
                                 {&tr("oc.share"), true},
                                 {&tr("oc.accepted"), true},
                                 {&tr("oc.rejected"), true}});
  const std::vector<LotPoint> points = points_of_table(lot.characteristic);
  for (const LotPoint& point : points) {
    table.row({fmt::format("{}", point.nonconforming), share(point, lot), safe(probability(point.accepted)),
               safe(probability(1 - point.accepted))});
  }
  out += element("div", table.str(), "class=\"narrow\"");
  if (points.size() < lot.characteristic.size()) {
    out += element("p", show(both(tr("oc.shown"), points.size(), lot.characteristic.size())), "class=\"soft\"");
  }
  return out;
}

}  // namespace

std::string section_sampling(const Report& report) {
  if (!report.verdict.lot) return {};
  const LotVerdict& lot = *report.verdict.lot;
  std::string out = decision(lot) + facts(lot);
  if (!lot.notes.empty()) {
    out += "<ul>\n";
    for (const std::string& note : lot.notes) out += "<li><bdi>" + safe(note) + "</bdi></li>\n";
    out += "</ul>\n";
  }
  return out + items(report.verdict, lot) + characteristic(lot);
}

}  // namespace geomsu::html
