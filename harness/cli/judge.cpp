// geomsu judge: the verdict again, from the raw numbers. A sealed bundle is never written into.
#include "harness/judge/judge.hpp"

#include <memory>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/cli/bundle_path.hpp"
#include "harness/cli/report_files.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/evidence/bundle.hpp"

namespace geomsu::cli {
namespace {

int judge_bundle(Context& context, const std::string& dir, const std::string& out) {
  const Evidence evidence = read_bundle(existing_bundle(dir));
  const Verdict verdict = judge(evidence);
  if (!out.empty()) {
    refuse_inside(out, dir, "--out");
    write_file_atomic(out, verdict_json(verdict));
  }
  print_verdict(context.console, verdict, portable_report(evidence, verdict), {});
  return verdict.exit_code;
}

}  // namespace

Action declare_judge(Options& take) {
  const auto dir = std::make_shared<std::string>(), out = std::make_shared<std::string>();
  take.text("DIR", *dir, "Bundle", true);
  take.text("--out", *out, "Write verdict.json here (never inside the bundle)");
  return [dir, out](Context& context) { return judge_bundle(context, *dir, *out); };
}

}  // namespace geomsu::cli
