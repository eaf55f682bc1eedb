// The bundle: one directory that holds all of a run. Raw numbers are on the disk as they come; a sealed bundle never
// changes.
//
//   plan.json contract.yaml suite.yaml environment.json trials.jsonl ticks.bin telemetry.jsonl run.log
//   verdict.json verdict.jsonl run_secret.hex manifest.json [manifest.json.minisig]
//
// and delivery-1.csv, delivery-2.csv ... where the contract names delivery lists: all of them, those of other tranches
// too, so that the bundle is judged alone. contract.yaml holds their hashes, and a swapped one does not parse.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/hash.hpp"
#include "harness/base/log.hpp"
#include "harness/model/environment.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

inline constexpr int kBundleSchemaMajor = 1, kBundleSchemaMinor = 0;

struct TrialTicks {  // raw ticks of one trial: a row a block; of a group a row a rank, block after block
  std::vector<std::uint64_t> first, last;
  std::vector<std::vector<std::uint64_t>> repeat_ends;
};

// Everything a reader needs to judge and to report. `telemetry` is read only where asked.
struct Evidence {
  std::filesystem::path path;
  Plan plan;
  Environment environment;
  std::vector<Trial> trials;  // in the order they ended
  std::string contract_yaml, suite_yaml, plan_json;
  std::vector<std::string> lists;  // delivery lists, in the contract's order
  std::optional<std::string> verdict_json, verdict_jsonl;
  std::string plan_sha256;
  bool sealed = false;
  std::string signature;  // "unsigned", or "signed (KEYID), not verified here"; verify() says more
  std::string started, ended;
};

// Writer. One supervisor a bundle (flock). Any method: Error kCannotCreate / kIo with path and errno's words; what was
// written before stays readable.
class BundleWriter {
 public:
  // A fresh directory (must not exist, or be empty): writes plan, contract, suite, environment, delivery lists in the
  // contract's order, secret (mode 0600, in `<dir>.secret` beside it until sealing) and syncs them.
  static std::unique_ptr<BundleWriter> create(const std::filesystem::path& dir, const Plan& plan,
                                              std::string_view contract_yaml, std::string_view suite_yaml,
                                              const Environment& environment, const Secret& secret,
                                              const std::vector<std::string>& lists = {});
  // An unsealed one: cuts a torn last line (and says so in `notes`), checks that plan hash, boot id, serials, plug-in
  // sha256 and tool build are those of `now`; refuses with the names of what differs (Error kBadData). Begins a new
  // sitting, whose rows must come from seeds of its own.
  static std::unique_ptr<BundleWriter> resume(const std::filesystem::path& dir, const Environment& now,
                                              std::vector<std::string>* notes);
  ~BundleWriter();

  const Plan& plan() const;
  const Secret& secret() const;
  std::uint32_t sitting() const;  // 1 where it was created, one more with each resume(); on the disk before it is used
  const std::vector<Trial>& finished() const;  // what a resumed run need not repeat
  const std::string& contract_yaml() const;
  const std::string& suite_yaml() const;
  const std::vector<std::string>& lists() const;
  const std::filesystem::path& path() const;

  // Appends ticks, then the row, each synced, so that a row never points at ticks that are not there. Thread-safe.
  void add(Trial trial, const TrialTicks& ticks);
  void add_telemetry(const Unit& unit, const std::vector<Telemetry>& readings);  // buffered; flushed with each trial
  void log(std::string_view line);
  // verdict.json and verdict.jsonl, then run_secret.hex, then manifest.json last (write, fsync, rename, fsync
  // directory).
  void seal(const Verdict& verdict);

 private:
  BundleWriter();
  struct State;
  std::unique_ptr<State> state_;
};

// Whether a manifest ends it. Error kNoInput where there is no such directory, kBadData where it is none.
bool is_sealed(const std::filesystem::path& dir);

// Reader. Nothing is taken on trust: opened beneath the directory without symlinks, regular files of listed names only,
// sizes bounded. Error kBadData names the file and why: no manifest, wrong hash or row count, unknown major version.
// `partial` reads an unfinished bundle, for looking and never for judging.
Evidence read_bundle(const std::filesystem::path& dir, bool partial = false);

// The same for many bundles, one after the other, in memory that is used again. One a thread.
class BundleReader {
 public:
  // kHashed: verdict.json, verdict.jsonl and delivery lists are held against the manifest like every file, and not
  // kept.
  enum class Verdicts { kKept, kHashed };

  BundleReader();
  ~BundleReader();
  BundleReader(const BundleReader&) = delete;
  BundleReader& operator=(const BundleReader&) = delete;
  void read(const std::filesystem::path& dir, Evidence& evidence, Verdicts verdicts, bool partial = false);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Raw ticks of one trial, checked against its hash.
TrialTicks read_ticks(const std::filesystem::path& dir, const Trial& trial);
std::vector<std::pair<Unit, Telemetry>> read_telemetry(const std::filesystem::path& dir);

// What parse_contract asks for a delivery list: the first path that is asked for is the first list of the bundle, the
// next other one the second. The order is the contract's own, and its hashes find every other list in its place.
// `lists` must outlive it.
std::function<std::optional<std::string>(const std::string& path)> list_reader(const std::vector<std::string>& lists);

// The bytes of verdict.json (aggregates and each row that is not PASS) and verdict.jsonl (all rows): floats
// shortest-round-trip, keys in fixed order; and back.
std::string verdict_json(const Verdict& verdict);
std::string verdict_jsonl(const Verdict& verdict);
std::string plan_json(const Plan& plan);
std::string trial_json(const Trial& trial);  // one line
Plan parse_plan(std::string_view json);      // Error kBadData naming the field
Trial parse_trial(std::string_view line);

// What a verdict.json of any judge_rules says, to compare with a verdict under newer rules.
struct RecordedOutcomes {
  int rules = 0;
  Outcome overall = Outcome::kNotRun;
  std::vector<std::pair<std::string, Outcome>> clauses;  // in the file's order
};
RecordedOutcomes parse_outcomes(std::string_view verdict_json);

// What plan.json records of the run's secret: the hash of its 64 hexadecimal digits, which are all that run_secret.hex
// holds, so that `sha256sum run_secret.hex` shows it to anyone.
std::string secret_sha256(const Secret& secret);

}  // namespace geomsu
