// A bundle whose contract names delivery lists is judged from the bundle alone.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/evidence/manifest.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kFirst = "serial,node\nS-001,node01\nS-002,node01\n";
const std::string kSecond = "serial,node\nS-101,node07\n";

std::string contract_with_lists() {
  std::string yaml = sample::contract_yaml();
  const std::size_t from = yaml.find("delivery:"), to = yaml.find('\n', from);
  return yaml.replace(
      from, to - from,
      "delivery:\n  inspected: 1차\n  tranches:\n    - {name: 2차, list: lists/2.csv, sha256: " + sha256_hex(kSecond) +
          "}\n    - {name: 1차, list: lists/1.csv, sha256: " + sha256_hex(kFirst) + "}");
}

class ListBundle : public testing::Test {
 protected:
  std::unique_ptr<BundleWriter> create(const std::vector<std::string>& lists) const {
    Plan plan = sample::plan();
    plan.contract_sha256 = sha256_hex(contract_with_lists());
    auto writer = BundleWriter::create(dir, plan, contract_with_lists(), sample::suite_yaml(), sample::environment(),
                                       sample::secret(), lists);
    for (const Trial& trial : sample::trials(plan)) writer->add(trial, sample::ticks(trial));
    return writer;
  }
  void seal() const { create({kSecond, kFirst})->seal(judge(read_bundle(dir, true))); }
  // A changed file under a manifest that is right about it.
  void forge(const std::string& name, const std::string& bytes) const {
    sample::spill(dir / name, bytes);
    Manifest manifest = parse_manifest(sample::slurp(dir / "manifest.json"), "manifest.json");
    for (ManifestFile& file : manifest.files) {
      if (file.name != name) continue;
      file.sha256 = sha256_hex(bytes);
      file.bytes = bytes.size();
    }
    sample::spill(dir / "manifest.json", manifest_json(manifest));
  }
  std::string refusal() const {
    const Verification result = verify(dir);
    EXPECT_EQ(result.exit_code, 65);
    return result.lines.back();
  }

  sample::TempDir temp;
  fs::path dir = temp / "run";
};

TEST_F(ListBundle, IsVerifiedWhereverItLies) {
  seal();
  fs::rename(dir, temp / "elsewhere");
  const Verification result = verify(temp / "elsewhere");
  EXPECT_TRUE(result.ok) << testing::PrintToString(result.lines);
  const Evidence evidence = read_bundle(temp / "elsewhere");
  EXPECT_EQ(evidence.lists, (std::vector<std::string>{kSecond, kFirst}));
  const Verdict verdict = judge(evidence);
  EXPECT_EQ(verdict.reconciliation.contracted, (std::vector<std::string>{"S-001", "S-002"}));
}

TEST_F(ListBundle, RefusesASwappedListByTheHashInTheContract) {
  seal();
  forge("delivery-2.csv", "serial,node\nS-001,node01\n");
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("lists/1.csv' has SHA-256"), HasSubstr(sha256_hex(kFirst))));
  forge("delivery-2.csv", kSecond);
  forge("delivery-1.csv", kFirst);
  EXPECT_THAT(refusal(), HasSubstr("lists/2.csv' has SHA-256")) << "the two, each in the other's place";
  forge("delivery-1.csv", kSecond);
  forge("delivery-2.csv", kFirst);
  EXPECT_TRUE(verify(dir).ok);
}

TEST_F(ListBundle, RefusesAListThatIsMissingChangedOrTooMany) {
  seal();
  sample::spill(dir / "delivery-2.csv", kFirst + "S-003,node01\n");
  EXPECT_THAT(refusal(), HasSubstr("delivery-2.csv: has"));
  fs::remove(dir / "delivery-2.csv");
  EXPECT_THAT(refusal(), HasSubstr("delivery-2.csv: is missing"));
  sample::spill(dir / "delivery-2.csv", kFirst);
  sample::spill(dir / "delivery-3.csv", kFirst);
  EXPECT_THAT(refusal(), HasSubstr("delivery-3.csv: is not in the manifest"));
  Manifest manifest = parse_manifest(sample::slurp(dir / "manifest.json"), "manifest.json");
  manifest.files.push_back({"delivery-3.csv", sha256_hex(kFirst), kFirst.size(), std::nullopt});
  sample::spill(dir / "manifest.json", manifest_json(manifest));
  EXPECT_THAT(refusal(), HasSubstr("names 2 delivery lists, and the bundle holds 3"));
  manifest.files.back().name = "delivery-4.csv";
  sample::spill(dir / "manifest.json", manifest_json(manifest));
  EXPECT_THAT(refusal(), HasSubstr("entry 13 must be delivery-3.csv"));
}

TEST_F(ListBundle, ARunThatGoesOnStillHasItsLists) {
  create({kSecond, kFirst});
  const auto writer = BundleWriter::resume(dir, sample::environment(), nullptr);
  EXPECT_EQ(writer->lists(), (std::vector<std::string>{kSecond, kFirst}));
  writer->seal(judge(read_bundle(dir, true)));
  EXPECT_TRUE(verify(dir).ok);
}

TEST_F(ListBundle, IsNotSealedWhereAListWasChangedMeanwhile) {
  const auto writer = create({kSecond, kFirst});
  const Verdict verdict = judge(read_bundle(dir, true));
  sample::spill(dir / "delivery-1.csv", kFirst);
  try {
    writer->seal(verdict);
    ADD_FAILURE() << "was sealed";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("delivery-1.csv has SHA-256"));
  }
}

TEST_F(ListBundle, HoldsSoManyListsAndNoMore) {
  try {
    create(std::vector<std::string>(kMaxLists + 1, kFirst));
    ADD_FAILURE() << "was created";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("the contract names 65 delivery lists"));
    EXPECT_FALSE(fs::exists(dir));
  }
}

TEST(T11, AUnitOfAnotherNodeThatNoPlanHereHasIsMissedAllTheSame) {
  sample::Case run;
  run.contract.delivery.units.push_back({"S-003", "node02"});
  for (const PlannedUnit& unit : run.plan.units) ASSERT_NE(unit.unit.device, "S-003");
  const Verdict verdict = run.judge();
  EXPECT_EQ(sample::row(verdict, "gemm", "node02/S-003").outcome, Outcome::kNotRun);
  EXPECT_EQ(sample::row(verdict, "gemm", "node02/S-003").reason, Reason::kNotFound);
  EXPECT_EQ(verdict.reconciliation.missing, (std::vector<std::string>{"S-003"}));
  EXPECT_EQ(verdict.overall, Outcome::kNotRun);
  EXPECT_EQ(verdict.exit_code, 2);
}

}  // namespace
}  // namespace geomsu
