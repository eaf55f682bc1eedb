#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/evidence/codecs.hpp"
#include "harness/evidence/list_files.hpp"
#include "harness/evidence/manifest.hpp"
#include "harness/evidence/signature.hpp"
#include "harness/evidence/tick_frames.hpp"
#include "harness/evidence/trial_rows.hpp"

namespace geomsu {
namespace {

[[noreturn]] void bad(const std::string& where, std::string message) {
  throw Error(ErrorCode::kBadData, std::move(message), where, "take the bundle from its source again");
}

bool is_streamed(std::string_view name) {
  return name == "ticks.bin" || name == "telemetry.jsonl" || name == "run.log";
}

std::uint64_t lines_of(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

void refuse_strangers(const BundleDir& dir, const Manifest& manifest) {
  for (const std::string& name : dir.names()) {
    if (manifest.find(name) == nullptr && name != kManifestName && name != kSignatureName) {
      bad(escape_terminal(dir.where(name)), "is not in the manifest, and a sealed bundle holds nothing else");
    }
  }
}

void compare(const BundleDir& dir, const ManifestFile& listed, const FileDigest& found) {
  const std::string where = dir.where(listed.name);
  if (found.bytes != listed.bytes) {
    bad(where, fmt::format("has {} bytes, and the manifest says {}", found.bytes, listed.bytes));
  }
  if (counts_lines(listed.name) && listed.rows != found.lines) {
    bad(where, fmt::format("has {} rows, and the manifest says {}", found.lines,
                           listed.rows ? std::to_string(*listed.rows) : "none"));
  }
  if (found.sha256 != listed.sha256) {
    bad(where, fmt::format("has SHA-256 {}, and the manifest says {}", found.sha256, escape_terminal(listed.sha256)));
  }
}

using Texts = std::map<std::string, std::string, std::less<>>;

// What a sealed bundle's files hold. What will be parsed is parsed from the very bytes that were hashed.
// Bundles of a lot may hold one delivery list by links: read once, it is not read again for the next bundle.
struct KnownList {
  std::string identity;
  FileDigest digest;
};

struct Files {
  Texts texts;
  std::string_view trials;  // in the reader's memory
};

bool is_verdict(std::string_view name) { return name == "verdict.json" || name == "verdict.jsonl"; }

// Every file against the manifest.
Files check_files(const BundleDir& dir, const Manifest& manifest, bool with_verdict, ReadBuffer& rows,
                  ReadBuffer& scratch, KnownList& known) {
  Files files;
  for (const ManifestFile& listed : manifest.files) {
    if (is_streamed(listed.name)) {
      compare(dir, listed, dir.digest(listed.name));
      continue;
    }
    if (!with_verdict && listed.name.starts_with("delivery-")) {
      std::string identity = dir.identity(listed.name);
      if (identity != known.identity) known = {std::move(identity), dir.digest(listed.name)};
      compare(dir, listed, known.digest);
      continue;
    }
    const bool is_rows = listed.name == "trials.jsonl";
    const std::string_view bytes = dir.read(listed.name, is_rows ? rows : scratch);
    compare(dir, listed, {sha256_hex(bytes), bytes.size(), counts_lines(listed.name) ? lines_of(bytes) : 0, false});
    if (is_rows) {
      files.trials = bytes;
    } else if (with_verdict || !is_verdict(listed.name)) {
      files.texts.emplace(listed.name, bytes);
    }
  }
  return files;
}

Files read_unfinished(const BundleDir& dir, ReadBuffer& rows) {
  Files files;
  for (const std::string_view name : kBundleFiles) {
    if (is_streamed(name) || name == "run_secret.hex" || is_verdict(name)) continue;
    if (name == "trials.jsonl") {
      files.trials = dir.read(name, rows);
    } else {
      files.texts.emplace(name, dir.read(name));
    }
  }
  return files;
}

void check_plan_hashes(const BundleDir& dir, const Evidence& evidence, const RecordedEnvironment& environment) {
  const auto demand = [&dir](std::string_view name, const std::string& got, const std::string& wanted,
                             std::string_view says) {
    if (got != wanted) {
      bad(dir.where(name), fmt::format("has SHA-256 {}, and {} says {}", got, says, escape_terminal(wanted)));
    }
  };
  demand("contract.yaml", sha256_hex(evidence.contract_yaml), evidence.plan.contract_sha256, "plan.json");
  demand("suite.yaml", sha256_hex(evidence.suite_yaml), evidence.plan.suite_sha256, "plan.json");
  demand("plan.json", evidence.plan_sha256, environment.plan_sha256, "environment.json");
}

// A plan of real devices over plug-ins that were recorded as simulated is not of this run, or was rewritten after it.
void check_simulated(const BundleDir& dir, const Plan& plan, const Environment& environment) {
  if (!plan.simulated.empty()) return;
  for (const PluginFact& plugin : environment.plugins) {
    const bool planned = std::any_of(plan.units.begin(), plan.units.end(), [&plugin](const PlannedUnit& unit) {
      return unit.found && unit.backend == plugin.backend;
    });
    if (!planned || !plugin.refused.empty() || plugin.simulated.empty()) continue;
    bad(dir.where("plan.json"), fmt::format("is of real devices, and environment.json says that plug-in {} is {}",
                                            escape_terminal(plugin.backend), escape_terminal(plugin.simulated)));
  }
}

std::string signature_state(const BundleDir& dir) {
  if (!dir.has(kSignatureName)) return "unsigned";
  return fmt::format("signed ({}), not verified here",
                     signature_key_id(dir.read(kSignatureName), dir.where(kSignatureName)));
}

std::string end_of(const Evidence& evidence) {
  std::int64_t end = 0;
  for (const Trial& trial : evidence.trials) end = std::max(end, trial.ended_utc_ns);
  return evidence.trials.empty() ? evidence.plan.created : utc_text(end);
}

}  // namespace

struct BundleReader::State {
  ReadBuffer rows, scratch;
  TrialLineReader lines;
  KnownList list;
};

BundleReader::BundleReader() : state_(std::make_unique<State>()) {}
BundleReader::~BundleReader() = default;

void BundleReader::read(const std::filesystem::path& path, Evidence& evidence, Verdicts verdicts, bool partial) {
  const BundleDir dir(path);
  std::vector<Trial> trials = std::move(evidence.trials);
  evidence = Evidence();
  evidence.path = path;
  evidence.sealed = dir.has(kManifestName);
  if (!evidence.sealed && !partial) {
    throw Error(ErrorCode::kBadData, "is missing: the run has not ended, or was cut off", dir.where(kManifestName),
                "finish it with `geomsu run --resume " + shell_quote(path.string()) + "`");
  }
  Manifest manifest;
  Files files;
  if (evidence.sealed) {
    manifest = parse_manifest(dir.read(kManifestName), dir.where(kManifestName));
    refuse_strangers(dir, manifest);
    files = check_files(dir, manifest, verdicts == Verdicts::kKept, state_->rows, state_->scratch, state_->list);
  } else {
    files = read_unfinished(dir, state_->rows);
    evidence.lists = read_lists(dir);
  }
  for (std::size_t i = kBundleFiles.size(); i < manifest.files.size(); ++i) {
    evidence.lists.push_back(std::move(files.texts[manifest.files[i].name]));
  }
  Texts& texts = files.texts;
  evidence.plan_json = std::move(texts["plan.json"]);
  evidence.contract_yaml = std::move(texts["contract.yaml"]);
  evidence.suite_yaml = std::move(texts["suite.yaml"]);
  evidence.plan = parse_plan_at(evidence.plan_json, dir.where("plan.json"));
  evidence.plan_sha256 = sha256_hex(evidence.plan_json);
  RecordedEnvironment environment = parse_environment_at(texts["environment.json"], dir.where("environment.json"));
  check_plan_hashes(dir, evidence, environment);
  evidence.environment = std::move(environment.environment);
  check_simulated(dir, evidence.plan, evidence.environment);
  parse_trial_rows(files.trials, dir.where("trials.jsonl"), evidence.plan, !evidence.sealed, 0, &state_->lines, trials);
  evidence.trials = std::move(trials);
  evidence.started = evidence.plan.created;
  evidence.ended = end_of(evidence);
  evidence.signature = "unsigned";
  if (!evidence.sealed) return;

  const ManifestFile& ticks = *manifest.find("ticks.bin");
  if (ticks.bytes != ticks_end(evidence.trials) || ticks.rows != tick_frames(evidence.trials)) {
    bad(dir.where("ticks.bin"), fmt::format("does not hold just the {} frames, {} bytes, that trials.jsonl names",
                                            tick_frames(evidence.trials), ticks_end(evidence.trials)));
  }
  if (sha256_hex(texts["run_secret.hex"]) != evidence.plan.secret_sha256) {
    bad(dir.where("run_secret.hex"), "is not the secret whose hash plan.json holds");
  }
  if (manifest.start != evidence.started || manifest.end != evidence.ended) {
    bad(dir.where(kManifestName), "names another start or end than plan.json and trials.jsonl");
  }
  if (verdicts == Verdicts::kKept) {
    evidence.verdict_json = std::move(texts["verdict.json"]);
    evidence.verdict_jsonl = std::move(texts["verdict.jsonl"]);
  }
  evidence.signature = signature_state(dir);
}

Evidence read_bundle(const std::filesystem::path& path, bool partial) {
  Evidence evidence;
  BundleReader().read(path, evidence, BundleReader::Verdicts::kKept, partial);
  return evidence;
}

TrialTicks read_ticks(const std::filesystem::path& path, const Trial& trial) {
  if (trial.ticks_bytes == 0) return {};
  const BundleDir dir(path);
  const std::string where = dir.where("ticks.bin") + ": " + escape_terminal(trial.id + " of " + trial.unit.name());
  const std::string frame = dir.read("ticks.bin", trial.ticks_offset, trial.ticks_bytes);
  if (sha256_hex(frame) != trial.ticks_sha256) bad(where, "ticks are not those whose SHA-256 trials.jsonl holds");
  return decode_ticks(frame, where);
}

std::vector<std::pair<Unit, Telemetry>> read_telemetry(const std::filesystem::path& path) {
  const BundleDir dir(path);
  const std::string where = dir.where("telemetry.jsonl");
  std::vector<std::pair<Unit, Telemetry>> readings;
  for_each_line(dir.read("telemetry.jsonl"), where, !dir.has(kManifestName),
                [&](std::string_view line, std::uint64_t number) {
                  readings.push_back(parse_telemetry_at(line, fmt::format("{}:{}", where, number)));
                });
  return readings;
}

std::string secret_sha256(const Secret& secret) { return sha256_hex(to_hex(secret)); }

}  // namespace geomsu
