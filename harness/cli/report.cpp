// geomsu report: the files that people and machines read, from a bundle.
#include <memory>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/cli/bundle_path.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/report_files.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/judge/judge.hpp"

namespace geomsu::cli {
namespace {

int report_bundle(Context& context, const std::string& dir, const std::string& out) {
  const Evidence evidence = read_bundle(existing_bundle(dir));
  const Verdict verdict = judge(evidence);
  const std::filesystem::path to = out.empty() ? report_dir_of(dir) : std::filesystem::path(out);
  refuse_inside(to, dir, "-o");
  write_reports(portable_report(evidence, verdict), to);
  if (context.console.json()) {
    context.console.out(JsonObject()
                            .text("html", (to / "report.html").string())
                            .text("json", (to / "report.json").string())
                            .text("junit", (to / "junit.xml").string())
                            .text("overall", to_string(verdict.overall))
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
  take.text("DIR", *dir, "Bundle", true);
  take.text("-o,--output", *out, "Folder to write into (default: DIR.report)");
  return [dir, out](Context& context) { return report_bundle(context, *dir, *out); };
}

}  // namespace geomsu::cli
