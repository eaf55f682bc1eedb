#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/error.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/evidence/manifest.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SealedBundle : public testing::Test {
 protected:
  SealedBundle() {
    const auto writer = BundleWriter::create(dir, sample::plan(), sample::contract_yaml(), sample::suite_yaml(),
                                             sample::environment(), sample::secret());
    writer->add_telemetry(sample::kFirst, sample::readings());
    for (const Trial& trial : sample::trials(sample::plan())) writer->add(trial, sample::ticks(trial));
    writer->log("a line");
    writer->seal(Verdict{});
  }

  Error refusal() const {
    try {
      read_bundle(dir);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadData);
      return error;
    }
    ADD_FAILURE() << "was read";
    return Error(ErrorCode::kInternal, "");
  }
  // A manifest that is right about a changed bundle, as one makes who wants to deceive.
  void forge(const std::function<void(Manifest&)>& change) const {
    Manifest manifest = parse_manifest(sample::slurp(dir / "manifest.json"), "manifest.json");
    change(manifest);
    sample::spill(dir / "manifest.json", manifest_json(manifest));
  }
  void change_and_forge(const std::string& name, const std::string& bytes) const {
    sample::spill(dir / name, bytes);
    forge([&](Manifest& manifest) {
      for (ManifestFile& file : manifest.files) {
        if (file.name != name) continue;
        file.sha256 = sha256_hex(bytes);
        file.bytes = bytes.size();
        if (file.rows && name != "ticks.bin")
          file.rows = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
      }
    });
  }

  sample::TempDir temp;
  fs::path dir = temp / "run";
};

TEST_F(SealedBundle, IsReadAsItWasWritten) {
  const Evidence evidence = read_bundle(dir);
  EXPECT_TRUE(evidence.sealed);
  EXPECT_EQ(evidence.plan_sha256, sha256_hex(sample::slurp(dir / "plan.json")));
  EXPECT_EQ(evidence.started, "2026-11-18T11:06:40.000Z");
  EXPECT_EQ(evidence.ended, "2026-11-18T11:06:53.000Z");
  EXPECT_EQ(*evidence.verdict_json, verdict_json(Verdict{}));
}

TEST_F(SealedBundle, WithoutAManifestIsForLookingOnly) {
  fs::remove(dir / "manifest.json");
  EXPECT_THAT(refusal().next(), HasSubstr("--resume"));
  const Evidence evidence = read_bundle(dir, true);
  EXPECT_FALSE(evidence.sealed);
  EXPECT_EQ(evidence.trials.size(), 4u);
}

TEST_F(SealedBundle, WithAnyFileMissingNamesIt) {
  for (const std::string_view name : kBundleFiles) {
    const std::string bytes = sample::slurp(dir / name);
    fs::remove(dir / name);
    EXPECT_THAT(refusal().what(), HasSubstr(std::string(name) + ": is missing"));
    sample::spill(dir / name, bytes);
  }
  EXPECT_NO_THROW(read_bundle(dir));
}

TEST_F(SealedBundle, WithAFileThatNobodyListedNamesIt) {
  for (const std::string name : {"notes.txt", "trials.jsonl.bak", ".hidden"}) {
    sample::spill(dir / name, "");
    EXPECT_THAT(refusal().what(), HasSubstr(name + ": is not in the manifest"));
    fs::remove(dir / name);
  }
}

TEST_F(SealedBundle, OfAnotherMajorVersionIsRefusedAndOfAnotherMinorOneIsRead) {
  forge([](Manifest& manifest) { ++manifest.minor; });
  EXPECT_NO_THROW(read_bundle(dir));
  forge([](Manifest& manifest) { ++manifest.major; });
  EXPECT_THAT(refusal().message(), HasSubstr("schema version 2.1, and this geomsu reads version 1"));
}

TEST_F(SealedBundle, RefusesLinksFifosAndDirectoriesInPlaceOfFiles) {
  for (const std::string_view name : kBundleFiles) {
    const fs::path file = dir / name;
    const fs::path aside = temp / "aside";
    fs::rename(file, aside);
    fs::create_symlink(aside, file);
    EXPECT_THAT(refusal().what(), HasSubstr(std::string(name) + ": is a symbolic link"));
    fs::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0644), 0);
    EXPECT_THAT(refusal().what(), HasSubstr(std::string(name) + ": is no regular file")) << "and it did not hang";
    fs::remove(file);
    fs::create_directory(file);
    EXPECT_THAT(refusal().what(), HasSubstr(std::string(name) + ": is no regular file"));
    fs::remove(file);
    fs::rename(aside, file);
  }
  EXPECT_NO_THROW(read_bundle(dir));
  fs::rename(dir / "manifest.json", temp / "aside");
  fs::create_symlink(temp / "aside", dir / "manifest.json");
  EXPECT_THAT(refusal().what(), HasSubstr("symbolic link"));
}

TEST_F(SealedBundle, RefusesADifferentSizeRowCountOrHash) {
  const std::string rows = sample::slurp(dir / "trials.jsonl");
  sample::spill(dir / "trials.jsonl", rows + " ");
  EXPECT_THAT(refusal().message(), HasSubstr("bytes, and the manifest says"));
  sample::spill(dir / "trials.jsonl", rows);
  forge([](Manifest& manifest) { manifest.files[4].rows = 5; });
  EXPECT_THAT(refusal().message(), HasSubstr("has 4 rows, and the manifest says 5"));
  forge([](Manifest& manifest) { manifest.files[4].rows = 4; });
  forge([](Manifest& manifest) { manifest.files[0].sha256[0] ^= 1; });
  EXPECT_THAT(refusal().what(), HasSubstr("plan.json: has SHA-256"));
}

TEST_F(SealedBundle, RefusesADamagedManifest) {
  const std::string text = sample::slurp(dir / "manifest.json");
  std::string changed = text;
  changed.replace(changed.find("node01"), 6, "node02");
  sample::spill(dir / "manifest.json", changed);
  EXPECT_THAT(refusal().message(), HasSubstr("is damaged"));
  sample::spill(dir / "manifest.json", text.substr(0, text.size() - 1));
  EXPECT_THAT(refusal().message(), HasSubstr("is damaged"));
}

TEST_F(SealedBundle, RefusesAForgedManifestOverFilesThatContradictEachOther) {
  const std::string plan = sample::slurp(dir / "plan.json"), rows = sample::slurp(dir / "trials.jsonl");
  std::string changed = plan;
  changed.replace(changed.find("\"blocks\": 10"), 12, "\"blocks\": 11");
  change_and_forge("plan.json", changed);
  EXPECT_THAT(refusal().what(), HasSubstr("plan.json: has SHA-256")) << "environment.json holds the plan's hash";
  change_and_forge("plan.json", plan);
  change_and_forge("contract.yaml", sample::contract_yaml() + "\n");
  EXPECT_THAT(refusal().what(), HasSubstr("contract.yaml: has SHA-256"));
  change_and_forge("contract.yaml", sample::contract_yaml());
  change_and_forge("run_secret.hex", std::string(64, '0'));
  EXPECT_THAT(refusal().what(), HasSubstr("run_secret.hex: is not the secret"));
  change_and_forge("run_secret.hex", to_hex(sample::secret()));
  change_and_forge("trials.jsonl", rows.substr(0, rows.size() - 1));
  EXPECT_THAT(refusal().what(), HasSubstr("trials.jsonl:4: is torn"));
  change_and_forge("trials.jsonl", rows.substr(0, rows.rfind('\n', rows.size() - 2) + 1));
  EXPECT_THAT(refusal().what(), HasSubstr("ticks.bin: does not hold just the 3 frames"));
  const std::size_t second = rows.find('\n') + 1, third = rows.find('\n', second) + 1;
  change_and_forge("trials.jsonl", rows.substr(second, third - second) + rows.substr(0, second) + rows.substr(third));
  EXPECT_THAT(refusal().what(), HasSubstr("has its ticks at byte"));
  change_and_forge("trials.jsonl", rows);
  EXPECT_NO_THROW(read_bundle(dir));
}

TEST_F(SealedBundle, RefusesAGiantLine) {
  std::string line = "{\"id\":\"";
  line.append((16u << 20) + 1, 'x');
  change_and_forge("trials.jsonl", line + "\"}\n");
  EXPECT_THAT(refusal().what(), HasSubstr("trials.jsonl:1: is over 16 MiB"));
}

TEST_F(SealedBundle, RefusesAFileOverItsLimitWithoutReadingIt) {
  fs::resize_file(dir / "contract.yaml", std::uint64_t{1} << 40);  // sparse
  EXPECT_THAT(refusal().what(), HasSubstr("over the limit"));
}

TEST_F(SealedBundle, TellsASignatureFromNone) {
  // Made by minisign 0.11 over another file: here only the key id is read.
  sample::spill(dir / "manifest.json.minisig",
                "untrusted comment: signature from minisign secret key\n"
                "RUQBAgMEBQYHCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                "trusted comment: t\nAAAA\n");
  EXPECT_EQ(read_bundle(dir).signature, "signed (0807060504030201), not verified here");
  sample::spill(dir / "manifest.json.minisig", "signed, honestly\n");
  EXPECT_THAT(refusal().what(), HasSubstr("is no minisign signature"));
}

TEST_F(SealedBundle, GivesTicksOnlyAsTheyWereHashed) {
  const Trial trial = read_bundle(dir).trials[1];
  EXPECT_EQ(read_ticks(dir, trial).first.size(), sample::kBlocks);
  std::string bytes = sample::slurp(dir / "ticks.bin");
  bytes[trial.ticks_offset + 5] = static_cast<char>(bytes[trial.ticks_offset + 5] ^ 1);
  sample::spill(dir / "ticks.bin", bytes);
  EXPECT_THROW(read_ticks(dir, trial), Error);
}

TEST(ReadBundle, SaysWhatIsNotThere) {
  const sample::TempDir temp;
  try {
    read_bundle(temp / "nothing");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNoInput);
  }
  sample::spill(temp / "file", "");
  EXPECT_THROW(read_bundle(temp / "file"), Error);
}

}  // namespace
}  // namespace geomsu
