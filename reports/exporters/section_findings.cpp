#include "reports/exporters/figures.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu::html {

std::string section_findings(const Report& report) {
  const std::vector<Finding> findings = all_findings(report);
  if (findings.empty()) return element("p", show(tr("finding.none")));
  Table table(tr("finding.caption"), {{&tr("finding.code")}, {&tr("finding.text")}});
  for (std::size_t i = 0; i < findings.size() && i < kPageRows; ++i) {
    table.row({code(findings[i].code), bdi(findings[i].text)});
  }
  std::string out = element("p", show(tr("finding.rule")), "class=\"soft\"") + table.str();
  if (findings.size() > kPageRows) out += element("p", show(both(tr("finding.capped"), kPageRows, findings.size())));
  return out;
}

std::string section_glossary(const Report&) {
  Table table(tr("section.glossary"), {{&tr("glossary.term")}, {&tr("glossary.meaning")}});
  const std::pair<const Message*, const Message*> terms[] = {
      {&tr("term.acceptance"), &tr("mean.acceptance")},
      {&tr("term.pass"), &tr("mean.pass")},
      {&tr("term.fail"), &tr("mean.fail")},
      {&tr("term.inconclusive"), &tr("mean.inconclusive")},
      {&tr("term.invalid"), &tr("mean.invalid")},
      {&tr("term.not_run"), &tr("mean.not_run")},
      {&tr("term.not_applicable"), &tr("mean.not_applicable")},
      {&tr("term.precondition"), &tr("mean.precondition")},
      {&tr("term.outlier"), &tr("mean.outlier")},
      {&tr("term.tranche"), &tr("mean.tranche")},
      {&tr("term.lot"), &tr("mean.lot")},
      {&tr("term.disposition"), &tr("mean.disposition")},
      {&tr("term.characteristic"), &tr("mean.characteristic")},
      {&tr("term.risks"), &tr("mean.risks")},
      {&tr("term.block"), &tr("mean.block")},
      {&tr("term.bound"), &tr("mean.bound")},
      {&tr("term.vat"), &tr("mean.vat")},
      {&tr("term.reinspection"), &tr("mean.reinspection")},
      {&tr("term.gemm"), &tr("mean.gemm")},
  };
  for (const auto& [term, meaning] : terms) table.row({show(*term), show(*meaning)});
  return table.str();
}

}  // namespace geomsu::html
