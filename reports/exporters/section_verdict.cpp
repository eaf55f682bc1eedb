#include <algorithm>

#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {
namespace {

Both sentence(const Verdict& verdict) {
  const auto count = [&](auto&& wanted) {
    return std::count_if(verdict.clauses.begin(), verdict.clauses.end(),
                         [&](const ClauseSummary& clause) { return wanted(clause.outcome); });
  };
  const auto passed = count([](Outcome outcome) { return outcome == Outcome::kPass; });
  const auto failed = count([](Outcome outcome) { return outcome == Outcome::kFail; });
  const auto total = static_cast<std::ptrdiff_t>(verdict.clauses.size());
  const std::size_t accepted = verdict.reconciliation.accepted.size();
  const std::size_t contracted = verdict.reconciliation.contracted.size();
  if (total > 0 && passed == total) return both(tr("sentence.pass"), total, accepted, contracted);
  const auto open = count([](Outcome outcome) {
    return outcome != Outcome::kPass && outcome != Outcome::kFail && outcome != Outcome::kNotApplicable;
  });
  return both(tr("sentence.other"), total, passed, failed, open, accepted, contracted);
}

// "로트 판정(1차): 로트 거부 · 노드 510대 중 ..."
Both lot_sentence(const LotVerdict& lot) {
  const std::string size = grouped(std::uint64_t{lot.lot_size}), drawn = grouped(std::uint64_t{lot.sample_size}),
                    inspected = grouped(std::uint64_t{lot.inspected}),
                    bad = grouped(std::uint64_t{lot.nonconforming.size()});
  const Both counts = lot.kind == "full" ? both(tr("text.lot.full"), size, inspected, bad)
                                         : both(tr("text.lot.counts"), size, drawn, bad);
  const std::string tranche = lot.tranche.empty() ? "" : " (" + safe(lot.tranche) + ")";
  const Message &title = tr("lot.decision"), &word = decision_message(lot.decision);
  return {fmt::format("{}{}: {} · {}", title.ko, tranche, word.ko, counts.ko),
          fmt::format("{}{}: {} · {}", title.en, tranche, word.en, counts.en)};
}

std::string banner(const Message& word, const Message& text) {
  return fmt::format("<p class=\"banner\" role=\"note\"><strong>{}</strong>{}</p>\n", show(word), show(text));
}

std::string card(const Verdict& verdict) {
  std::string word = show(overall_message(verdict.overall));
  if (verdict.demonstration) word += fmt::format(" · {}", show(tr("banner.demonstration")));
  if (verdict.adaptive) word += fmt::format(" · {}", show(tr("banner.adaptive")));
  std::string inside = element("p", word, "class=\"word\"");
  inside += element("p", show(sentence(verdict)));
  if (verdict.lot) inside += element("p", show(lot_sentence(*verdict.lot)));
  if (!verdict.simulated.empty()) {
    const Message& would_be = overall_message(verdict.clauses_overall);
    const Message& text = tr("sentence.simulated");
    const std::string who = safe(verdict.simulated);
    inside += element("p", show(Both{fmt::format(fmt::runtime(text.ko), who, would_be.ko),
                                     fmt::format(fmt::runtime(text.en), who, would_be.en)}));
  }
  return fmt::format("<div class=\"verdict {}\">{}</div>\n", css_class(verdict.overall), inside);
}

std::string custody(const std::string& text) {
  if (text == "supplier-run") return show(tr("fact.custody.supplier"));
  if (text == "inspector-controlled") return show(tr("fact.custody.inspector"));
  return safe(text);
}

std::string facts(const Report& report) {
  const Verdict& verdict = report.verdict;
  Facts list;
  list.add(tr("fact.contract"), fmt::format("<bdi>{}</bdi> <span class=\"soft\">{}</span>",
                                            safe(verdict.contract_title), code(verdict.contract_id)));
  list.add(tr("fact.buyer"), bdi(verdict.buyer));
  list.add(tr("fact.supplier"), bdi(verdict.supplier));
  list.add(tr("fact.units"), fmt::format("<strong>{} / {}</strong>", verdict.reconciliation.accepted.size(),
                                         verdict.reconciliation.contracted.size()));
  list.add(tr("fact.started"), safe(report.started));
  list.add(tr("fact.ended"), safe(report.ended));
  if (verdict.lot && !verdict.lot->tranche.empty()) list.add(tr("lot.tranche"), bdi(verdict.lot->tranche));
  if (verdict.bundles.empty()) {
    list.add(tr("fact.node"), bdi(report.plan.node));
  } else {
    list.add(tr("fact.bundles"), show(both(tr("fact.bundles.count"), grouped(std::uint64_t{verdict.bundles.size()}),
                                           grouped(std::uint64_t{refused_bundles(verdict)}))));
  }
  list.add(tr("fact.custody"), custody(report.custody));
  list.add(tr("fact.signature"),
           report.signature == "unsigned" ? show(tr("fact.signature.unsigned")) : safe(report.signature));
  list.add(tr("fact.exit"), fmt::format("{}", verdict.exit_code));
  if (!verdict.plan_sha256.empty()) list.add(tr("fact.plan_hash"), code(verdict.plan_sha256));
  list.add(tr("fact.contract_hash"), code(verdict.contract_sha256));
  return list.str();
}

std::string signature_block() {
  Table table(
      tr("sign.caption"),
      {{&tr("sign.role")}, {&tr("sign.name")}, {&tr("sign.date")}, {&tr("sign.signature")}, {&tr("sign.objection")}});
  for (const Message* role : {&tr("sign.inspector"), &tr("sign.supplier")}) table.row({show(*role), "", "", "", ""});
  return element("div", table.str(), "class=\"sign\"");
}

}  // namespace

std::string section_verdict(const Report& report) {
  const Verdict& verdict = report.verdict;
  std::string out = card(verdict);
  if (verdict.demonstration) out += banner(tr("banner.demonstration"), tr("banner.demonstration.text"));
  if (verdict.adaptive) out += banner(tr("banner.adaptive"), tr("banner.adaptive.text"));
  if (!verdict.simulated.empty()) out += banner(tr("banner.simulated"), tr("banner.simulated.text"));
  if (report.signature == "unsigned") out += banner(tr("fact.signature.unsigned"), tr("banner.unsigned.text"));
  if (report.custody == "supplier-run") out += banner(tr("fact.custody.supplier"), tr("banner.supplier_run.text"));
  out += facts(report);
  if (!verdict.sentence.empty() || !verdict.notes.empty()) {
    out += element("h3", show(tr("fact.notes"))) + "<ul>\n";
    if (!verdict.sentence.empty()) {
      out += fmt::format("<li>{}: <bdi>{}</bdi></li>\n", show(tr("sentence.judge")), safe(verdict.sentence));
    }
    for (const std::string& note : verdict.notes) out += "<li><bdi>" + safe(note) + "</bdi></li>\n";
    out += "</ul>\n";
  }
  return out + signature_block();
}

}  // namespace geomsu::html
