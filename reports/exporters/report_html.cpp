#include <utility>
#include <vector>

#include "reports/exporters/exporters.hpp"
#include "reports/exporters/html.hpp"
#include "reports/exporters/html_style.hpp"
#include "reports/exporters/sections.hpp"

namespace geomsu {
namespace {

struct Section {
  std::string_view id;
  const Message* title;
  std::string (*content)(const Report&);
};

// The order in which an evaluator reads, most important first. A section without content is left out: those of lots and
// fleets are empty of a single bundle.
constexpr Section kSections[] = {
    {"verdict", &tr("section.verdict"), html::section_verdict},
    {"reconciliation", &tr("section.reconciliation"), html::section_reconciliation},
    {"bundles", &tr("section.bundles"), html::section_bundles},
    {"clauses", &tr("section.clauses"), html::section_clauses},
    {"money", &tr("section.money"), html::section_money},
    {"units", &tr("section.units"), html::section_units},
    {"fleet", &tr("section.fleet"), html::section_fleet},
    {"workloads", &tr("section.workloads"), html::section_workloads},
    {"sampling", &tr("section.sampling"), html::section_sampling},
    {"method", &tr("section.method"), html::section_method},
    {"findings", &tr("section.findings"), html::section_findings},
    {"glossary", &tr("section.glossary"), html::section_glossary},
};

std::string watermark(const Verdict& verdict) {
  if (!verdict.demonstration && verdict.simulated.empty() && !verdict.adaptive) return {};
  const Message& word = !verdict.simulated.empty() ? tr("banner.simulated")
                        : verdict.adaptive         ? tr("banner.adaptive")
                                                   : tr("banner.demonstration");
  return fmt::format("<div class=\"watermark\" aria-hidden=\"true\"><span>{} · {}</span></div>\n", word.en, word.ko);
}

struct Written {
  const Section* section;
  std::string content;
};

std::vector<Written> written(const Report& report) {
  std::vector<Written> sections;
  for (const Section& section : kSections) {
    std::string content = section.content(report);
    if (!content.empty()) sections.push_back({&section, std::move(content)});
  }
  return sections;
}

std::string contents(const std::vector<Written>& sections) {
  std::string items;
  for (const auto& [which, content] : sections) {
    const Section& section = *which;
    items += fmt::format("<li><a href=\"#{}\">{}</a></li>", section.id, html::show(*section.title));
  }
  const Message& title = tr("page.contents");
  return fmt::format("<nav aria-label=\"{} / {}\"><ol>{}</ol></nav>\n", title.ko, title.en, items);
}

}  // namespace

std::string report_html(const Report& report) {
  const std::vector<Written> sections = written(report);
  const Message& title = tr("page.title");
  std::string page = "<!DOCTYPE html>\n<html lang=\"ko\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  page += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
  page += fmt::format("<title>{} / {} – {}</title>\n", title.ko, title.en, html::safe(report.verdict.contract_id));
  page += fmt::format("<style>{}</style>\n</head>\n<body>\n", html::kStyle);
  page += "<input class=\"switch\" type=\"radio\" name=\"language\" id=\"ko\" aria-label=\"한국어\" checked>\n";
  page += "<input class=\"switch\" type=\"radio\" name=\"language\" id=\"en\" aria-label=\"English\">\n";
  page += watermark(report.verdict);
  page += fmt::format(
      "<header class=\"bar\"><h1>{}</h1><div class=\"languages\"><label for=\"ko\" lang=\"ko-KR\">한국어</label>"
      "<label for=\"en\" lang=\"en-US\">English</label></div>{}</header>\n<main>\n",
      html::show(title), contents(sections));
  for (const auto& [section, content] : sections) page += html::section(section->id, *section->title, content);
  page +=
      html::element("p", html::show(html::both(tr("page.made_by"), html::safe(report.plan.tool))), "class=\"soft\"");
  page += "\n</main>\n</body>\n</html>\n";
  return page;
}

}  // namespace geomsu
