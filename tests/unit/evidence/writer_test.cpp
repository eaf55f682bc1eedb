#include <csignal>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "harness/base/error.hpp"
#include "harness/evidence/bundle.hpp"
#include "tests/unit/evidence/sample_run.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::unique_ptr<BundleWriter> create(const fs::path& dir) {
  return BundleWriter::create(dir, sample::plan(), sample::contract_yaml(), sample::suite_yaml(), sample::environment(),
                              sample::secret());
}

template <class F>
Error refusal(F&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was refused";
  return Error(ErrorCode::kInternal, "");
}

unsigned mode_of(const fs::path& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777u;
}

TEST(BundleWriter, PutsThePlanAndAllThatItNamesOnTheDiskBeforeTheFirstTrial) {
  const sample::TempDir temp;
  const auto writer = create(temp / "run");
  EXPECT_EQ(sample::slurp(temp / "run/contract.yaml"), sample::contract_yaml());
  EXPECT_EQ(sample::slurp(temp / "run/suite.yaml"), sample::suite_yaml());
  EXPECT_EQ(sample::slurp(temp / "run/plan.json"), plan_json(sample::plan()));
  EXPECT_TRUE(fs::exists(temp / "run/environment.json"));
  EXPECT_FALSE(fs::exists(temp / "run/manifest.json"));
}

TEST(BundleWriter, KeepsTheSecretOutOfTheBundleAndFromOthersUntilItIsSealed) {
  const sample::TempDir temp;
  const auto writer = create(temp / "run");
  EXPECT_EQ(mode_of(temp / "run.secret"), 0600u);
  EXPECT_EQ(sample::slurp(temp / "run.secret"), to_hex(sample::secret()));
  EXPECT_FALSE(fs::exists(temp / "run/run_secret.hex"));
  writer->seal(Verdict{});
  EXPECT_FALSE(fs::exists(temp / "run.secret"));
  EXPECT_EQ(sample::slurp(temp / "run/run_secret.hex"), to_hex(sample::secret()));
}

TEST(BundleWriter, PutsTheSecretBesideADirectoryThatIsNamedWithASlash) {
  const sample::TempDir temp;
  const auto writer = create(temp.path() / "run" / "");
  EXPECT_TRUE(fs::exists(temp / "run.secret"));
}

TEST(BundleWriter, TakesAnEmptyDirectoryAndRefusesAnyOther) {
  const sample::TempDir temp;
  fs::create_directory(temp / "empty");
  create(temp / "empty");
  fs::create_directory(temp / "used");
  sample::spill(temp / "used/thesis.tex", "all of it");
  EXPECT_EQ(refusal([&] { create(temp / "used"); }).code(), ErrorCode::kCannotCreate);
  sample::spill(temp / "file", "");
  EXPECT_EQ(refusal([&] { create(temp / "file"); }).code(), ErrorCode::kCannotCreate);
  EXPECT_EQ(refusal([&] { create(temp / "file/run"); }).code(), ErrorCode::kCannotCreate);
  EXPECT_EQ(sample::slurp(temp / "used/thesis.tex"), "all of it");
}

TEST(BundleWriter, RefusesAReadOnlyPlaceAndSaysWhichAndWhatNext) {
  const Error error = refusal([] { create("/proc/geomsu-run"); });  // where not even root may create
  EXPECT_EQ(error.code(), ErrorCode::kCannotCreate);
  EXPECT_THAT(error.where(), HasSubstr("/proc/geomsu-run"));
  EXPECT_THAT(error.next(), HasSubstr("write"));
}

TEST(BundleWriter, RefusesAPlanOfAnotherContractOrSecret) {
  const sample::TempDir temp;
  const auto with = [&](const std::string& contract, const Secret& secret) {
    return refusal([&] {
             BundleWriter::create(temp / "run", sample::plan(), contract, sample::suite_yaml(), sample::environment(),
                                  secret);
           })
        .code();
  };
  EXPECT_EQ(with(sample::contract_yaml() + "\n", sample::secret()), ErrorCode::kInternal);
  EXPECT_EQ(with(sample::contract_yaml(), Secret{}), ErrorCode::kInternal);
  EXPECT_FALSE(fs::exists(temp / "run"));
}

TEST(BundleWriter, LetsNoSecondSupervisorIntoItsBundle) {
  const sample::TempDir temp;
  auto writer = create(temp / "run");
  const Error error = refusal([&] { BundleWriter::resume(temp / "run", sample::environment(), nullptr); });
  EXPECT_THAT(error.message(), HasSubstr("another geomsu is writing"));
  writer.reset();
  EXPECT_NE(BundleWriter::resume(temp / "run", sample::environment(), nullptr), nullptr);
}

TEST(BundleWriter, WritesRowsThatReadBackWithTheirTicksAndTelemetry) {
  const sample::TempDir temp;
  const Plan plan = sample::plan();
  {
    const auto writer = create(temp / "run");
    writer->add_telemetry(sample::kFirst, sample::readings());
    for (const Trial& trial : sample::trials(plan)) writer->add(trial, sample::ticks(trial));
    writer->log("first\nsecond");
    writer->seal(Verdict{});
  }
  const Evidence evidence = read_bundle(temp / "run");
  EXPECT_TRUE(evidence.sealed);
  EXPECT_EQ(evidence.signature, "unsigned");
  EXPECT_EQ(evidence.environment, sample::environment());
  ASSERT_EQ(evidence.trials.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    Trial want = sample::trials(plan)[i];
    const Trial& got = evidence.trials[i];
    const TrialTicks ticks = read_ticks(temp / "run", got);
    EXPECT_EQ(ticks.first, sample::ticks(want).first);
    EXPECT_EQ(ticks.last, sample::ticks(want).last);
    EXPECT_EQ(ticks.repeat_ends, sample::ticks(want).repeat_ends);
    want.ticks_offset = got.ticks_offset;
    want.ticks_bytes = got.ticks_bytes;
    want.ticks_sha256 = got.ticks_sha256;
    EXPECT_EQ(got, want);
  }
  const auto telemetry = read_telemetry(temp / "run");
  ASSERT_EQ(telemetry.size(), 2u);
  EXPECT_EQ(telemetry[1].second, sample::readings()[1]);
  EXPECT_EQ(sample::slurp(temp / "run/run.log"), "first second\n");
}

TEST(BundleWriter, RefusesATrialTwiceOrOneThatThePlanDoesNotHave) {
  const sample::TempDir temp;
  const Plan plan = sample::plan();
  const auto writer = create(temp / "run");
  const Trial trial = sample::trial(plan, "t001", sample::kFirst, 120e9);
  writer->add(trial, {});
  EXPECT_EQ(refusal([&] { writer->add(trial, {}); }).code(), ErrorCode::kInternal);
  Trial other = trial;
  other.id = "t009";
  EXPECT_THAT(refusal([&] { writer->add(other, {}); }).message(), HasSubstr("not in the plan"));
  other = trial;
  other.unit.device = "S-009";
  EXPECT_THAT(refusal([&] { writer->add(other, {}); }).message(), HasSubstr("not in the plan"));
  EXPECT_EQ(writer->finished().size(), 1u);
  writer->seal(Verdict{});
  EXPECT_EQ(read_bundle(temp / "run").trials.size(), 1u);
}

TEST(BundleWriter, NeverTouchesASealedBundle) {
  const sample::TempDir temp;
  const auto writer = create(temp / "run");
  writer->seal(Verdict{});
  EXPECT_EQ(refusal([&] { writer->add(sample::trials(sample::plan())[0], {}); }).code(), ErrorCode::kInternal);
  EXPECT_EQ(refusal([&] { writer->seal(Verdict{}); }).code(), ErrorCode::kInternal);
  writer->log("too late");
  writer->add_telemetry(sample::kFirst, sample::readings());
  EXPECT_NO_THROW(read_bundle(temp / "run"));
  EXPECT_THAT(refusal([&] { BundleWriter::resume(temp / "run", sample::environment(), nullptr); }).message(),
              HasSubstr("sealed"));
}

TEST(BundleWriter, TakesRowsFromSeveralThreads) {
  const sample::TempDir temp;
  const Plan plan = sample::plan();
  const auto writer = create(temp / "run");
  std::vector<std::thread> threads;
  for (const Trial& first : sample::trials(plan)) {
    threads.emplace_back([&writer, trial = first]() mutable {
      for (std::uint32_t attempt = 1; attempt <= 10; ++attempt) {
        trial.attempt = attempt;
        writer->add_telemetry(trial.unit, sample::readings());
        writer->log("a line");
        writer->add(trial, sample::ticks(trial));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  writer->seal(Verdict{});
  EXPECT_EQ(read_bundle(temp / "run").trials.size(), 40u);
  EXPECT_EQ(read_telemetry(temp / "run").size(), 80u);
}

// A disk that is full at some byte: no file may grow beyond it, and the signal that would say so is ignored.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(BundleWriter, OnAFullDiskSaysSoKeepsWhatWasWrittenAndGoesOnLater) {
  const sample::TempDir temp;
  const Plan plan = sample::plan();
  const std::vector<Trial> trials = sample::trials(plan);
  auto writer = create(temp / "run");
  writer->add(trials[0], sample::ticks(trials[0]));
  {
    const SmallDisk disk(fs::file_size(temp / "run/trials.jsonl") + 100);
    const Error error = refusal([&] { writer->add(trials[1], sample::ticks(trials[1])); });
    EXPECT_EQ(error.code(), ErrorCode::kIo);
    EXPECT_THAT(error.where(), HasSubstr("trials.jsonl"));
    EXPECT_THAT(error.next(), HasSubstr("free space"));
  }
  EXPECT_EQ(read_bundle(temp / "run", true).trials.size(), 1u);
  EXPECT_EQ(refusal([&] { writer->add(trials[1], {}); }).code(), ErrorCode::kIo) << "ticks without a row lie there";
  EXPECT_EQ(refusal([&] { writer->seal(Verdict{}); }).code(), ErrorCode::kIo);
  writer.reset();

  std::vector<std::string> notes;
  writer = BundleWriter::resume(temp / "run", sample::environment(), &notes);
  EXPECT_THAT(notes, testing::Contains(HasSubstr("ticks.bin")));
  EXPECT_EQ(writer->finished().size(), 1u);
  for (std::size_t i = 1; i < trials.size(); ++i) writer->add(trials[i], sample::ticks(trials[i]));
  writer->seal(Verdict{});
  EXPECT_EQ(read_bundle(temp / "run").trials.size(), 4u);
}

TEST(BundleWriter, OnADiskThatIsFullFromTheStartLeavesNoSecretBehind) {
  const sample::TempDir temp;
  {
    const SmallDisk disk(200);
    EXPECT_EQ(refusal([&] { create(temp / "run"); }).code(), ErrorCode::kIo);
  }
  EXPECT_FALSE(fs::exists(temp / "run.secret"));
}

TEST(BundleWriter, ThatCannotSealLeavesARunThatGoesOn) {
  const sample::TempDir temp;
  auto writer = create(temp / "run");
  Verdict verdict;
  verdict.notes.assign(1000, "a long note about nothing at all");
  {
    const SmallDisk disk(20'000);
    EXPECT_EQ(refusal([&] { writer->seal(verdict); }).code(), ErrorCode::kIo);
  }
  EXPECT_TRUE(fs::exists(temp / "run.secret"));
  EXPECT_EQ(refusal([&] { read_bundle(temp / "run"); }).code(), ErrorCode::kBadData);
  writer.reset();
  writer = BundleWriter::resume(temp / "run", sample::environment(), nullptr);
  writer->seal(verdict);
  EXPECT_NO_THROW(read_bundle(temp / "run"));
}

// ---- others who write to the bundle while it is measured -----------------------------------------------------------
struct Tampering {
  const char* name;
  void (*with)(const fs::path& bundle);
};

void append(const fs::path& file, std::string_view text) { std::ofstream(file, std::ios::app) << text; }

void replace_first(const fs::path& file, std::string_view from, std::string_view to) {
  std::string text = sample::slurp(file);
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << file;
  std::ofstream(file, std::ios::trunc) << text.replace(at, from.size(), to);
}

const std::vector<Tampering>& tamperings() {
  static const std::vector<Tampering> all{
      {"trials.jsonl",
       [](const fs::path& run) { replace_first(run / "trials.jsonl", "\"block_ns\":[", "\"block_ns\":[1"); }},
      {"ticks.bin", [](const fs::path& run) { append(run / "ticks.bin", "more"); }},
      {"telemetry.jsonl", [](const fs::path& run) { fs::resize_file(run / "telemetry.jsonl", 0); }},
      {"run.log", [](const fs::path& run) { append(run / "run.log", "all was well\n"); }},
      {"plan.json", [](const fs::path& run) { append(run / "plan.json", "\n"); }},
      {"contract.yaml", [](const fs::path& run) { append(run / "contract.yaml", "# a lower bar\n"); }},
      {"environment.json", [](const fs::path& run) { fs::remove(run / "environment.json"); }},
      {"suite.yaml",
       [](const fs::path& run) {  // the same bytes behind a link: tomorrow they may be others
         fs::rename(run / "suite.yaml", run.parent_path() / "elsewhere.yaml");
         fs::create_symlink(run.parent_path() / "elsewhere.yaml", run / "suite.yaml");
       }},
  };
  return all;
}

TEST(BundleWriter, SealsNothingThatAnotherProgramChangedAndKeepsWhatItMeasured) {
  for (const Tampering& tampering : tamperings()) {
    const sample::TempDir temp;
    const auto writer = create(temp / "run");
    const std::vector<Trial> trials = sample::trials(sample::plan());
    writer->log("a line");
    writer->add_telemetry(trials[0].unit, {Telemetry{}});
    for (const Trial& trial : trials) writer->add(trial, sample::ticks(trial));
    tampering.with(temp / "run");
    const Error error = refusal([&] { writer->seal(Verdict{}); });
    EXPECT_EQ(error.code(), ErrorCode::kBadData) << tampering.name;
    EXPECT_THAT(error.message(), HasSubstr("another program changed the evidence")) << tampering.name;
    EXPECT_THAT(error.message(), HasSubstr(tampering.name));
    EXPECT_FALSE(fs::exists(temp / "run/manifest.json")) << tampering.name;
    std::string rows;
    for (const Trial& trial : writer->finished()) rows += trial_json(trial) + "\n";
    EXPECT_EQ(sample::slurp(temp / "run.measured.jsonl"), rows) << tampering.name;
    EXPECT_EQ(refusal([&] { writer->seal(Verdict{}); }).code(), ErrorCode::kIo) << "a second try must not seal it";
  }
}

TEST(BundleWriter, ThatWasTamperedWithIsNeverGoneOnWith) {
  const sample::TempDir temp;
  auto writer = create(temp / "run");
  append(temp / "run/run.log", "all was well\n");
  refusal([&] { writer->seal(Verdict{}); });
  writer.reset();
  const Error error = refusal([&] { BundleWriter::resume(temp / "run", sample::environment(), nullptr); });
  EXPECT_THAT(error.message(), HasSubstr("secret of the run"));
}

TEST(BundleWriter, SealsARunThatWasGoneOnWithByWhatItFoundAndWrote) {
  const sample::TempDir temp;
  const std::vector<Trial> trials = sample::trials(sample::plan());
  auto writer = create(temp / "run");
  writer->add(trials[0], sample::ticks(trials[0]));
  writer.reset();
  writer = BundleWriter::resume(temp / "run", sample::environment(), nullptr);
  for (std::size_t i = 1; i < trials.size(); ++i) writer->add(trials[i], sample::ticks(trials[i]));
  writer->log("after it went on");
  writer->seal(Verdict{});
  EXPECT_EQ(read_bundle(temp / "run").trials.size(), trials.size());
}

}  // namespace
}  // namespace geomsu
