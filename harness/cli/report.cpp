// geomsu report: the files that people and machines read, from a bundle or a lot of bundles.
#include <memory>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/cli/bundle_path.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/lot_output.hpp"
#include "harness/cli/report_files.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/judge/judge.hpp"
#include "harness/judge/lot_files.hpp"

namespace geomsu::cli {
namespace {

Report report_of(const std::filesystem::path& dir) {
  if (is_lot(dir)) return lot_report(dir, judge_lot(dir));
  const Evidence evidence = read_bundle(dir);
  return portable_report(evidence, judge(evidence));
}

int report_bundle(Context& context, const std::string& dir, const std::string& out) {
  const std::filesystem::path to = out.empty() ? report_dir_of(dir) : std::filesystem::path(out);
  const Report report = report_of(existing_bundle(dir));
  refuse_inside(to, dir, "-o");
  write_reports(report, to);
  if (context.console.json()) {
    context.console.out(JsonObject()
                            .text("html", (to / "report.html").string())
                            .text("json", (to / "report.json").string())
                            .text("junit", (to / "junit.xml").string())
                            .text("overall", to_string(report.verdict.overall))
                            .str());
    context.console.out("\n");
    return 0;
  }
  for (const char* name : {"report.html", "report.json", "junit.xml"}) {
    context.console.out(fmt::format("{}\n", escape_terminal((to / name).string())));
  }
  return 0;
}

}  // namespace

Action declare_report(Options& take) {
  const auto dir = std::make_shared<std::string>(), out = std::make_shared<std::string>();
  take.text("DIR", *dir, "Bundle, or lot: a directory of bundles", true);
  take.text("-o,--output", *out, "Folder to write into (default: DIR.report)");
  return [dir, out](Context& context) { return report_bundle(context, *dir, *out); };
}

}  // namespace geomsu::cli
