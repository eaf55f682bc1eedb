// geomsu judge: the verdict again, from the raw numbers: of a bundle, or of a lot of bundles. What is sealed is never
// written into.
#include "harness/judge/judge.hpp"

#include <memory>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "harness/cli/bundle_path.hpp"
#include "harness/cli/lot_output.hpp"
#include "harness/cli/report_files.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/judge/lot_files.hpp"

namespace geomsu::cli {
namespace {

int judge_bundle(Context& context, const std::string& dir, const std::string& contract, const std::string& out) {
  const Evidence evidence = read_bundle(dir);
  if (!contract.empty() && sha256_hex(read_file(contract)) != evidence.plan.contract_sha256) {
    throw Error(ErrorCode::kBadData, "is not the contract that the bundle was measured by", contract,
                "a bundle holds its own contract.yaml: judge it without --contract");
  }
  const Verdict verdict = judge(evidence);
  if (!out.empty()) {
    refuse_inside(out, dir, "--out");
    write_file_atomic(out, verdict_json(verdict));
  }
  print_verdict(context.console, verdict, portable_report(evidence, verdict), {});
  return verdict.exit_code;
}

int judge_lot_of(Context& context, const std::string& dir, const std::string& contract, const std::string& out) {
  LotOptions options;
  if (!contract.empty()) options.contract = contract;
  LotOutput files(out, dir);
  if (files.wants_rows()) options.rows = [&files](std::string_view rows) { files.add_rows(rows); };
  const LotEvidence lot = judge_lot(dir, options);
  files.finish(lot.verdict);
  print_verdict(context.console, lot.verdict, lot_report(dir, lot), {});
  return lot.verdict.exit_code;
}

}  // namespace

Action declare_judge(Options& take) {
  const auto dir = std::make_shared<std::string>(), contract = std::make_shared<std::string>(),
             out = std::make_shared<std::string>();
  take.text("DIR", *dir, "Bundle, or lot: a directory of bundles", true);
  take.text("--contract", *contract, "Contract of a lot (default: the one that most of its bundles have)");
  take.text("--out", *out, "Write verdict.json here; of a lot, a folder gets every row too");
  return [dir, contract, out](Context& context) {
    const bool lot = is_lot(existing_bundle(*dir));
    return (lot ? judge_lot_of : judge_bundle)(context, *dir, *contract, *out);
  };
}

}  // namespace geomsu::cli
