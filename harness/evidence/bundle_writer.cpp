#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <set>
#include <system_error>
#include <tuple>

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/evidence/account.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/evidence/codecs.hpp"
#include "harness/evidence/leftovers.hpp"
#include "harness/evidence/list_files.hpp"
#include "harness/evidence/manifest.hpp"
#include "harness/evidence/resume_check.hpp"
#include "harness/evidence/run_secret.hpp"
#include "harness/evidence/tick_frames.hpp"
#include "harness/evidence/trial_rows.hpp"

namespace geomsu {
namespace fs = std::filesystem;
namespace {

// What grows while it is measured.
constexpr std::array<std::string_view, 4> kGrowingFiles{"trials.jsonl", "ticks.bin", "telemetry.jsonl", "run.log"};

std::string words(int error) { return std::generic_category().message(error); }

[[noreturn]] void refuse(ErrorCode code, const fs::path& path, std::string message, std::string next = {}) {
  throw Error(code, std::move(message), path.string(), std::move(next));
}

void sync_directory(const fs::path& dir) {
  const Descriptor fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || (::fsync(fd.get()) != 0 && errno != EINVAL)) {
    refuse(ErrorCode::kIo, dir, "directory cannot be synced: " + words(errno));
  }
}

void make_directory(const fs::path& dir) {
  std::error_code failed;
  fs::create_directories(dir.parent_path(), failed);
  if (::mkdir(dir.c_str(), 0755) != 0) {
    const int error = errno;
    if (error != EEXIST) {
      const bool full = error == ENOSPC || error == EDQUOT;
      refuse(full ? ErrorCode::kIo : ErrorCode::kCannotCreate, dir, "directory cannot be created: " + words(error),
             "choose a directory that you may write to");
    }
    if (!fs::is_directory(dir, failed)) refuse(ErrorCode::kCannotCreate, dir, "exists and is no directory");
    if (!fs::is_empty(dir, failed) || failed) {
      refuse(ErrorCode::kCannotCreate, dir, "exists and is not empty",
             "name a new directory; an unfinished run goes on with --resume");
    }
  }
  sync_directory(dir.parent_path());
}

// One supervisor a bundle. Held on trials.jsonl, for locks on directories do not exist on every file system.
Descriptor lock(const fs::path& dir) {
  const fs::path path = dir / "trials.jsonl";
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (fd.get() < 0) {
    const int error = errno;
    refuse(error == ENOSPC ? ErrorCode::kIo : ErrorCode::kCannotCreate, path, "cannot be opened: " + words(error));
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    refuse(ErrorCode::kCannotCreate, path,
           errno == EWOULDBLOCK ? "another geomsu is writing this bundle" : "cannot be locked: " + words(errno),
           "let it end, or end it first");
  }
  return fd;
}

std::string user_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::string buffer(16384, '\0');
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return fmt::format("uid {}", ::geteuid());
}

std::string now_utc() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return utc_text(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

struct BundleWriter::State {
  State(fs::path where, Descriptor held)
      : dir(std::move(where)),
        lock(std::move(held)),
        trials(dir / "trials.jsonl"),
        ticks(dir / "ticks.bin"),
        telemetry(dir / "telemetry.jsonl"),
        log(dir / "run.log") {}

  void flush_telemetry(bool sync) {
    if (pending.empty() && !sync) return;
    telemetry.append(pending, sync);
    account.appended("telemetry.jsonl", pending);
    pending.clear();
  }
  void need_open() const {
    if (sealed) refuse(ErrorCode::kInternal, dir, "bundle is sealed, and never changes again");
    if (broken) {
      refuse(ErrorCode::kIo, dir, "an earlier write to this bundle failed; what was written before is whole",
             "free space, then go on with --resume");
    }
  }

  // What was measured is kept beside the bundle, out of this process's memory; the bundle is never gone on with.
  void refuse_what_others_changed() {
    const std::vector<std::string> changed = account.differences(BundleDir(dir));
    if (changed.empty()) return;
    broken = true;
    std::string rows;
    for (const Trial& trial : finished) rows += trial_json(trial) + "\n";
    const fs::path kept = dir.string() + ".measured.jsonl";
    write_file_atomic(kept, rows);
    std::error_code ignored;
    fs::rename(secret_path(dir), dir.string() + ".measured.secret", ignored);
    refuse(ErrorCode::kBadData, dir,
           fmt::format("another program changed the evidence while it was measured, so it is not sealed: {}",
                       fmt::join(changed, "; ")),
           fmt::format("the rows as they were measured lie in {}; find what writes to the bundle (workers run as this "
                       "user), run them as another user, and begin a new run",
                       kept.string()));
  }

  fs::path dir;
  Descriptor lock;
  AppendFile trials, ticks, telemetry, log;
  Account account;
  std::mutex mutex;
  Plan plan;
  Environment environment;
  std::string plan_sha256, contract, suite;
  std::vector<std::string> lists;
  Secret secret{};
  std::uint32_t sitting = 1;
  std::vector<Trial> finished;
  std::set<std::tuple<std::string, Unit, std::uint32_t>> seen;
  std::string pending;  // telemetry of the trials that run now
  bool sealed = false, broken = false;
};

BundleWriter::BundleWriter() = default;

BundleWriter::~BundleWriter() {
  if (!state_ || state_->sealed || state_->broken) return;
  try {
    state_->flush_telemetry(false);
  } catch (const Error&) {  // rows and ticks are on the disk; the last seconds of telemetry are all that is lost
  }
}

std::unique_ptr<BundleWriter> BundleWriter::create(const fs::path& path, const Plan& plan,
                                                   std::string_view contract_yaml, std::string_view suite_yaml,
                                                   const Environment& environment, const Secret& secret,
                                                   const std::vector<std::string>& lists) {
  const std::string plan_text = plan_json(plan);
  if (plan.contract_sha256 != sha256_hex(contract_yaml) || plan.suite_sha256 != sha256_hex(suite_yaml) ||
      plan.secret_sha256 != secret_sha256(secret)) {
    refuse(ErrorCode::kInternal, path, "plan holds hashes of another contract, suite or secret");
  }
  if (lists.size() > kMaxLists) {
    refuse(ErrorCode::kBadData, path,
           fmt::format("the contract names {} delivery lists, and a bundle holds {}", lists.size(), kMaxLists),
           "put several tranches into one list, with a column 'tranche'");
  }
  const fs::path dir = bare_path(path);
  make_directory(dir);
  write_secret(dir, secret);
  try {
    write_file_atomic(dir / "contract.yaml", contract_yaml);
    write_file_atomic(dir / "suite.yaml", suite_yaml);
    for (std::size_t i = 0; i < lists.size(); ++i) write_file_atomic(dir / list_file_name(i + 1), lists[i]);
    write_file_atomic(dir / "plan.json", plan_text);
    const std::string plan_sha256 = sha256_hex(plan_text);
    const std::string environment_text = environment_json({environment, plan_sha256});
    write_file_atomic(dir / "environment.json", environment_text);
    auto state = std::make_unique<State>(dir, geomsu::lock(dir));
    state->account.wrote("contract.yaml", contract_yaml);
    state->account.wrote("suite.yaml", suite_yaml);
    for (std::size_t i = 0; i < lists.size(); ++i) state->account.wrote(list_file_name(i + 1), lists[i]);
    state->account.wrote("plan.json", plan_text);
    state->account.wrote("environment.json", environment_text);
    for (const std::string_view name : kGrowingFiles) state->account.wrote(name, {});
    state->plan = plan;
    state->environment = environment;
    state->plan_sha256 = plan_sha256;
    state->contract = contract_yaml;
    state->suite = suite_yaml;
    state->lists = lists;
    state->secret = secret;
    std::unique_ptr<BundleWriter> writer(new BundleWriter);
    writer->state_ = std::move(state);
    return writer;
  } catch (...) {
    ::unlink(secret_path(dir).c_str());  // nothing was measured with it
    throw;
  }
}

std::unique_ptr<BundleWriter> BundleWriter::resume(const fs::path& path, const Environment& now,
                                                   std::vector<std::string>* notes) {
  const fs::path bundle = bare_path(path);
  const BundleDir dir(bundle);
  if (dir.has(kManifestName))
    refuse(ErrorCode::kBadData, bundle, "is sealed: the run has ended, and there is nothing to go on with");
  for (const std::string_view name : {"plan.json", "environment.json", "contract.yaml", "suite.yaml"}) {
    if (!dir.has(name)) {
      refuse(ErrorCode::kBadData, bundle / name, "is missing: the run ended before it had begun to measure",
             "remove the directory and its .secret, and begin anew");
    }
  }
  Descriptor held = geomsu::lock(bundle);
  const std::string plan_text = dir.read("plan.json");
  const RecordedEnvironment then = parse_environment_at(dir.read("environment.json"), dir.where("environment.json"));
  const Plan plan = parse_plan_at(plan_text, dir.where("plan.json"));
  const auto [secret, sittings] = read_secret(bundle);
  const std::string contract = dir.read("contract.yaml"), suite = dir.read("suite.yaml");

  std::vector<std::string> differs = resume_differences(plan, then.environment, now, notes);
  const auto compare = [&differs](std::string_view what, const std::string& got, const std::string& wanted) {
    if (got != wanted)
      differs.push_back(fmt::format("{} has SHA-256 {}, and the run began with {}", what, got, wanted));
  };
  compare("plan.json", sha256_hex(plan_text), then.plan_sha256);
  compare("contract.yaml", sha256_hex(contract), plan.contract_sha256);
  compare("suite.yaml", sha256_hex(suite), plan.suite_sha256);
  compare("secret", secret_sha256(secret), plan.secret_sha256);
  if (!differs.empty()) {
    refuse(ErrorCode::kBadData, bundle,
           fmt::format("cannot go on with this run: {}", escape_terminal(fmt::format("{}", fmt::join(differs, "; ")))),
           "begin a new run; this one can be looked at with --partial");
  }

  remove_leftovers(dir, notes);
  for (const std::string_view name : {"ticks.bin", "telemetry.jsonl", "run.log"}) {
    if (!dir.has(name)) AppendFile(bundle / name).append({});
  }
  const std::string rows = cut_torn_line(dir, "trials.jsonl", notes);
  cut_torn_line(dir, "telemetry.jsonl", notes);
  cut_torn_line(dir, "run.log", notes);
  std::vector<Trial> finished = parse_trial_rows(rows, dir.where("trials.jsonl"), plan, false);
  for (const Trial& trial : finished) read_ticks(bundle, trial);  // each row's ticks were synced before it
  const std::uint64_t end = ticks_end(finished), have = fs::file_size(bundle / "ticks.bin");
  if (have > end) {
    cut(bundle / "ticks.bin", end);
    if (notes != nullptr)
      notes->push_back(fmt::format("ticks.bin: {} bytes of a trial that did not end were cut", have - end));
  }

  mark_sitting(bundle);
  auto state = std::make_unique<State>(bundle, std::move(held));
  for (const std::string_view name : {"contract.yaml", "suite.yaml", "plan.json", "environment.json"}) {
    state->account.found(dir, name);
  }
  for (const std::string_view name : kGrowingFiles) state->account.found(dir, name);
  state->lists = read_lists(dir);
  for (std::size_t i = 0; i < state->lists.size(); ++i) state->account.found(dir, list_file_name(i + 1));
  state->sitting = sittings + 1;
  state->plan = plan;
  state->environment = then.environment;
  state->plan_sha256 = then.plan_sha256;
  state->contract = contract;
  state->suite = suite;
  state->secret = secret;
  state->finished = std::move(finished);
  for (const Trial& trial : state->finished) state->seen.emplace(trial.id, trial.unit, trial.attempt);
  std::unique_ptr<BundleWriter> writer(new BundleWriter);
  writer->state_ = std::move(state);
  return writer;
}

bool is_sealed(const fs::path& dir) { return BundleDir(bare_path(dir)).has(kManifestName); }

const Plan& BundleWriter::plan() const { return state_->plan; }
const Secret& BundleWriter::secret() const { return state_->secret; }
std::uint32_t BundleWriter::sitting() const { return state_->sitting; }
const std::vector<Trial>& BundleWriter::finished() const { return state_->finished; }
const std::string& BundleWriter::contract_yaml() const { return state_->contract; }
const std::string& BundleWriter::suite_yaml() const { return state_->suite; }
const std::vector<std::string>& BundleWriter::lists() const { return state_->lists; }
const fs::path& BundleWriter::path() const { return state_->dir; }

void BundleWriter::add(Trial trial, const TrialTicks& ticks) {
  const std::string frame = has_ticks(ticks) ? encode_ticks(ticks) : std::string();
  const std::lock_guard guard(state_->mutex);
  state_->need_open();
  trial.ticks_offset = state_->ticks.size();
  trial.ticks_bytes = frame.size();
  trial.ticks_sha256 = frame.empty() ? "" : sha256_hex(frame);
  const std::string row = trial_json(trial) + "\n";
  // The row that a reader would refuse is refused before it is written.
  parse_trial_rows(row, "trials.jsonl", state_->plan, false, trial.ticks_offset);
  if (state_->seen.contains({trial.id, trial.unit, trial.attempt})) {
    refuse(ErrorCode::kInternal, state_->dir,
           fmt::format("trial {} of {}, attempt {} was added twice", trial.id, trial.unit.name(), trial.attempt));
  }
  try {
    if (!frame.empty()) state_->ticks.append(frame);
    state_->account.appended("ticks.bin", frame);
    state_->flush_telemetry(false);
    state_->trials.append(row);
    state_->account.appended("trials.jsonl", row);
  } catch (...) {
    state_->broken = true;  // ticks without a row may lie there: --resume cuts them
    throw;
  }
  state_->seen.emplace(trial.id, trial.unit, trial.attempt);
  state_->finished.push_back(std::move(trial));
}

void BundleWriter::add_telemetry(const Unit& unit, const std::vector<Telemetry>& readings) {
  std::string lines;
  for (const Telemetry& reading : readings) lines += telemetry_json(unit, reading) + "\n";
  const std::lock_guard guard(state_->mutex);
  if (!state_->sealed) state_->pending += lines;
}

void BundleWriter::log(std::string_view line) {
  std::string text = valid_utf8(line);
  std::replace(text.begin(), text.end(), '\n', ' ');
  const std::lock_guard guard(state_->mutex);
  if (state_->sealed || state_->broken) return;
  text += '\n';
  state_->log.append(text, false);
  state_->account.appended("run.log", text);
}

void BundleWriter::seal(const Verdict& verdict) {
  const std::lock_guard guard(state_->mutex);
  state_->need_open();
  state_->flush_telemetry(true);
  state_->log.append({}, true);
  state_->refuse_what_others_changed();
  const fs::path& dir = state_->dir;
  write_file_atomic(dir / "verdict.json", verdict_json(verdict));
  write_file_atomic(dir / "verdict.jsonl", verdict_jsonl(verdict));
  write_file_atomic(dir / "run_secret.hex", to_hex(state_->secret));

  Manifest manifest;
  manifest.major = kBundleSchemaMajor;
  manifest.minor = kBundleSchemaMinor;
  manifest.tool = state_->plan.tool;
  manifest.start = manifest.end = state_->plan.created;
  std::int64_t end = 0;
  for (const Trial& trial : state_->finished) end = std::max(end, trial.ended_utc_ns);
  if (!state_->finished.empty()) manifest.end = utc_text(end);
  manifest.sealed = now_utc();
  manifest.who = user_name();
  manifest.where = state_->environment.node;
  const BundleDir bundle(dir);
  std::vector<std::string> names(kBundleFiles.begin(), kBundleFiles.end());
  for (std::size_t i = 0; i < state_->lists.size(); ++i) names.push_back(list_file_name(i + 1));
  for (const std::string& name : names) {
    const FileDigest digest = bundle.digest(name);
    ManifestFile file{name, digest.sha256, digest.bytes, std::nullopt};
    if (counts_lines(name)) file.rows = digest.lines;
    if (name == "ticks.bin") file.rows = tick_frames(state_->finished);
    manifest.files.push_back(std::move(file));
  }
  write_file_atomic(dir / kManifestName, manifest_json(manifest));
  state_->sealed = true;
  ::unlink(secret_path(dir).c_str());
  sync_directory(dir.parent_path());
}

}  // namespace geomsu
