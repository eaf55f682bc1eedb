// Bundles: an archive of a bundle's files is laid out as a directory whose hashes are right again after every mutation,
// so that what is hostile reaches the parsers and the judge and is not stopped at the first hash. Then the very
// functions that `geomsu verify` and `geomsu judge` call.
//
// An archive is text: "@@@ NAME\n", then the file's bytes, then a line end that is not the file's.
#include <algorithm>
#include <filesystem>
#include <map>

#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "harness/base/text.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/evidence/manifest.hpp"
#include "harness/judge/judge.hpp"
#include "tests/fuzz/demand.hpp"

namespace geomsu::fuzz {
namespace {
namespace fs = std::filesystem;

using Files = std::map<std::string, std::string, std::less<>>;

Files unpack(std::string_view archive) {
  constexpr std::string_view kMark = "@@@ ";
  Files files;
  while (archive.starts_with(kMark)) {
    const std::size_t line = archive.find('\n');
    if (line == std::string_view::npos) break;
    const std::string name(archive.substr(kMark.size(), line - kMark.size()));
    archive.remove_prefix(line + 1);
    const std::size_t end = archive.find("\n@@@ ");
    std::string_view bytes = archive.substr(0, end);
    if (end == std::string_view::npos && bytes.ends_with('\n')) bytes.remove_suffix(1);
    if (std::find(kBundleFiles.begin(), kBundleFiles.end(), name) != kBundleFiles.end())
      files.insert_or_assign(name, std::string(bytes));
    archive.remove_prefix(end == std::string_view::npos ? archive.size() : end + 1);
  }
  return files;
}

// The 64 digits after "KEY": " become `hash`, where the file has them.
void put_hash(std::string& json, std::string_view key, const std::string& hash) {
  const std::string head = "\"" + std::string(key) + "\": \"";
  const std::size_t at = json.find(head);
  if (at == std::string::npos || json.size() < at + head.size() + hash.size()) return;
  json.replace(at + head.size(), hash.size(), hash);
}

void reseal(Files& files, Manifest& manifest) {
  for (const std::string_view name : kBundleFiles) {
    if (name != "delivery.csv") files.try_emplace(std::string(name));
  }
  put_hash(files["plan.json"], "contract_sha256", sha256_hex(files["contract.yaml"]));
  put_hash(files["plan.json"], "suite_sha256", sha256_hex(files["suite.yaml"]));
  put_hash(files["plan.json"], "secret_sha256", sha256_hex(files["run_secret.hex"]));
  put_hash(files["environment.json"], "plan_sha256", sha256_hex(files["plan.json"]));
  manifest = {kBundleSchemaMajor, kBundleSchemaMinor, "geomsu", "", "", "", "fuzz", "fuzz", {}};
  std::uint64_t frames = 0;
  try {
    manifest.start = manifest.end = parse_plan(files["plan.json"]).created;
    std::int64_t end = 0;
    for_each_line(files["trials.jsonl"], "trials.jsonl", true, [&](std::string_view line, std::uint64_t) {
      const Trial trial = parse_trial(line);
      end = std::max(end, trial.ended_utc_ns);
      if (trial.ticks_bytes > 0) ++frames;
    });
    if (end != 0) manifest.end = utc_text(end);
  } catch (const Error&) {
    frames = 0;  // the reader says the same in its own words
  }
  for (const std::string_view name : kBundleFiles) {
    const auto file = files.find(name);
    if (file == files.end()) continue;
    const std::string& bytes = file->second;
    ManifestFile listed{std::string(name), sha256_hex(bytes), bytes.size(), std::nullopt};
    if (counts_lines(name)) listed.rows = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    if (name == "ticks.bin") listed.rows = frames;
    manifest.files.push_back(std::move(listed));
  }
}

const fs::path& place() {
  static const fs::path path = [] {
    const fs::path base = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    const fs::path own = base / ("geomsu-fuzz-" + std::to_string(::getpid()));
    fs::create_directory(own);
    std::atexit([] { fs::remove_all(place()); });
    return own;
  }();
  return path;
}

void write_plain(const fs::path& path, std::string_view bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  demand(file != nullptr, "the place for the bundle cannot be written");
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
}

void one(std::string_view archive) {
  Files files = unpack(archive);
  if (files.empty()) return;
  Manifest manifest;
  reseal(files, manifest);
  for (const auto& entry : fs::directory_iterator(place())) fs::remove(entry.path());
  for (const auto& [name, bytes] : files) write_plain(place() / name, bytes);
  write_plain(place() / kManifestName, manifest_json(manifest));

  const Verification verification = verify(place());
  demand(!verification.lines.empty(), "a verification without words");
  demand(verification.ok == (verification.exit_code == 0), "a verification that says both");
  try {
    const Evidence evidence = read_bundle(place());
    const Verdict verdict = judge(evidence);
    demand(verdict_json(verdict) == verdict_json(judge(evidence)), "the same evidence gives two verdicts");
    if (verdict.exit_code != 0) return;
    bool any = false;
    for (const ClauseSummary& clause : verdict.clauses) {
      demand(clause.outcome == Outcome::kPass || clause.outcome == Outcome::kNotApplicable,
             "green beside a red clause");
      any = any || clause.outcome == Outcome::kPass;
    }
    demand(any && !verdict.rows.empty(), "nothing was accepted, in green");
  } catch (const Error& error) {
    demand(error.code() == ErrorCode::kBadData, "a bad bundle is told as something else");
    demand(!error.message().empty() && !error.where().empty(), "a refusal without words or place");
  }
}

}  // namespace
}  // namespace geomsu::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  geomsu::fuzz::one(geomsu::fuzz::text_of(data, size));
  return 0;
}
