// geomsu run: the stages in a row, each of whose products is a file.
#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/build_facts.hpp"
#include "harness/cli/prepare.hpp"
#include "harness/cli/progress_view.hpp"
#include "harness/cli/report_files.hpp"
#include "harness/cli/signals.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/run_secret.hpp"
#include "harness/judge/judge.hpp"

namespace geomsu::cli {
namespace fs = std::filesystem;
namespace {

struct RunRequest {
  PlanRequest plan;
  std::string out, resume;
};

// Lines of the log go to the terminal at its level and to run.log whole; those that come before the bundle is open
// wait.
class RunLog {
 public:
  RunLog(Console& console, Clock& clock)
      : console_(console),
        log_([this](LogLevel level, std::string_view line) { take(level, line); }, clock, LogLevel::kDebug) {}
  Log& log() { return log_; }
  void open(BundleWriter& bundle) {
    for (const std::string& line : waiting_) bundle.log(line);
    waiting_.clear();
    bundle_ = &bundle;
  }
  void close() {  // a sealed bundle takes no more lines
    bundle_ = nullptr;
    closed_ = true;
  }

 private:
  void take(LogLevel level, std::string_view line) {
    if (level >= console_.options().level) console_.err(line);
    if (bundle_ == nullptr) {
      if (!closed_) waiting_.emplace_back(line);
      return;
    }
    try {
      bundle_->log(line);
    } catch (const Error& error) {  // a full disk stops the run at its next row; a line of the log must not
      close();
      console_.err(fmt::format("geomsu: run.log ends here: {}", error.what()));
    }
  }
  Console& console_;
  BundleWriter* bundle_ = nullptr;
  bool closed_ = false;
  std::vector<std::string> waiting_;
  Log log_;
};

std::string stamp(const std::string& utc) {  // "2026-11-22T00:35:57.123Z" -> "20261122T003557Z"
  std::string out;
  for (const char c : utc.substr(0, utc.find('.'))) {
    if (c != '-' && c != ':') out += c;
  }
  return out.ends_with('Z') ? out : out + "Z";
}

fs::path default_dir(const std::string& contract, const Plan& plan) {
  std::string name;
  for (const char c : contract) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    name += plain ? c : '_';
  }
  return fmt::format("geomsu-bundle-{}-{}", name, stamp(plan.created));
}

struct Opened {
  std::unique_ptr<BundleWriter> bundle;
  Inventory inventory;
  Contract contract;
};

Contract contract_of(const BundleWriter& bundle) {
  const Loaded<Suite> suite = parse_suite(bundle.suite_yaml(), "suite.yaml");
  const Suite* found = suite.value ? &*suite.value : nullptr;
  const Loaded<Contract> contract = parse_contract(bundle.contract_yaml(), "contract.yaml", found, nullptr,
                                                   bound_exists, list_reader(bundle.lists()));
  if (!contract.value || found == nullptr) {
    throw Error(ErrorCode::kBadData,
                "the bundle's own contract does not parse:\n" + diagnostics_text(contract.diagnostics) +
                    diagnostics_text(suite.diagnostics),
                bundle.path().string(), "it was written by another version: resume it with that one");
  }
  if (contract.value->delivery.files.size() != bundle.lists().size()) {
    throw Error(ErrorCode::kBadData, "the bundle holds other delivery lists than its contract names",
                bundle.path().string(), "begin a new run");
  }
  return *contract.value;
}

Opened open_fresh(Context& context, const Search& search, const RunRequest& request) {
  Prepared prepared = prepare(context, search, request.plan);
  Opened opened;
  opened.contract = *prepared.input.contract.value;
  const fs::path dir = request.out.empty() ? default_dir(opened.contract.id, prepared.plan) : fs::path(request.out);
  Environment environment = describe_environment(prepared.inventory, prepared.node, tool_name(), tool_build());
  add_site_readings(environment, prepared.choice.site);
  opened.bundle = BundleWriter::create(dir, prepared.plan, prepared.input.contract.bytes, prepared.input.suite.bytes,
                                       environment, prepared.secret, prepared.input.lists);
  opened.inventory = std::move(prepared.inventory);
  return opened;
}

Opened open_again(Context& context, const Search& search, const RunRequest& request) {
  const SiteChoice choice = choose_site(context.site, search);
  Opened opened;
  opened.inventory = inventory_of(choice, search, context.log);
  want_a_backend(opened.inventory, choice);
  std::vector<std::string> notes;
  opened.bundle = BundleWriter::resume(
      request.resume, describe_environment(opened.inventory, node_name(choice.site), tool_name(), tool_build()),
      &notes);
  for (const std::string& note : notes) context.log.warning(note);
  opened.contract = contract_of(*opened.bundle);
  return opened;
}

void announce(Console& console, const BundleWriter& bundle) {
  if (console.json() || console.options().quiet) return;
  const Plan& plan = bundle.plan();
  warn_over_budget(console, plan, budget_of(plan));
  console.err(fmt::format("Bundle: {}", escape_terminal(bundle.path().string())));
  console.err(fmt::format(
      "Plan: {} trials on {} units, at least {} ({} done){}", plan.trials.size(),
      std::count_if(plan.units.begin(), plan.units.end(), [](const PlannedUnit& unit) { return !unit.launched; }),
      duration_text(static_cast<double>(plan.expected_ns()) * 1e-9), bundle.finished().size(),
      plan.simulated.empty() ? "" : "; SIMULATED devices: the verdict will be INVALID"));
  if (plan.adaptive_min_blocks) console.err("Adaptive stopping: not an acceptance.");
}

std::string resume_command(const Context& context, const BundleWriter& bundle) {
  return fmt::format("geomsu run --resume {}{}", shell_quote(bundle.path().string()),
                     site_flags(context.site, context.search));
}

// The run was killed after it had sealed, or had ended well: what it had left to do.
int finish_sealed(Console& console, const fs::path& dir) {
  const Evidence evidence = read_bundle(dir);
  const Verdict verdict = judge(evidence);
  remove_spent_secret(dir);
  if (!console.json() && !console.options().quiet) {
    console.err(fmt::format("{} is already complete: it ended {} and is sealed. Nothing is measured again.",
                            escape_terminal(dir.string()), escape_terminal(evidence.ended)));
  }
  const Report report = portable_report(evidence, verdict);
  write_missing_reports(report, report_dir_of(dir));
  print_verdict(console, verdict, report, report_dir_of(dir));
  return verdict.exit_code;
}

int run(Context& outer, const RunRequest& request) {
  if (request.resume.empty() == request.plan.contract.empty()) {
    throw Error(ErrorCode::kUsage,
                request.resume.empty() ? "no contract is named" : "a contract and --resume are both given", "run",
                "geomsu run CONTRACT begins a run, geomsu run --resume DIR goes on with one");
  }
  if (!request.resume.empty() &&
      !(request.out.empty() && request.plan.suite.empty() && request.plan.only.empty() && request.plan.units.empty())) {
    throw Error(ErrorCode::kUsage, "--resume takes everything from the bundle", "--resume",
                "leave out -o, --suite, --only and --unit");
  }
  if (!request.resume.empty() && is_sealed(request.resume))
    return finish_sealed(outer.console, bare_path(request.resume));
  SystemClock clock;
  RunLog run_log(outer.console, clock);
  Context context{outer.console, run_log.log(), outer.search, outer.site};
  const Search search(context.search);
  Signals signals;
  Opened opened = request.resume.empty() ? open_fresh(context, search, request) : open_again(context, search, request);
  BundleWriter& bundle = *opened.bundle;
  run_log.open(bundle);
  announce(context.console, bundle);
  bool whole = false;
  {
    ProgressView view(context.console, clock);
    RunOptions options;
    options.contract = &opened.contract;
    options.inventory = opened.inventory;
    options.progress = [&view](const Progress& progress) { view.update(progress); };
    options.interrupted = &signals.interrupted();
    options.log = &context.log;
    try {
      whole = run_plan(bundle, options);
    } catch (const Error& error) {
      throw Error(
          error.code(), error.message(), error.where(),
          fmt::format("{}{}{}", error.next(), error.next().empty() ? "" : "; then ", resume_command(context, bundle)));
    }
  }
  if (!whole) {
    throw Error(ErrorCode::kInterrupted, "interrupted; finished trials are kept, the one that ran is measured anew",
                bundle.path().string(), resume_command(context, bundle));
  }
  const fs::path dir = bundle.path();
  const Verdict verdict = judge(read_bundle(dir, true));  // as anyone judges it again: from what lies on the disk
  run_log.close();
  bundle.seal(verdict);
  const Report report = portable_report(read_bundle(dir), verdict);
  write_reports(report, report_dir_of(dir));
  print_verdict(context.console, verdict, report, report_dir_of(dir));
  return verdict.exit_code;
}

}  // namespace

Action declare_run(Options& take) {
  const auto request = std::make_shared<RunRequest>();
  take.text("CONTRACT", request->plan.contract, "Contract file, or a name of the contracts folder");
  take.text("-o,--output", request->out, "Bundle to write; must not exist or be empty");
  take.text("--resume", request->resume, "Go on with this interrupted bundle");
  take.text("--suite", request->plan.suite, "Suite instead of the contract's");
  take.texts("--only", request->plan.only, "Only this trial (t001); may be given again");
  take.texts("--unit", request->plan.units, "Only this unit (NODE/SERIAL); may be given again");
  return [request](Context& context) { return run(context, *request); };
}

}  // namespace geomsu::cli
