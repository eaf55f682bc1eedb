// The same evidence gives the same bytes, whatever is around it.
#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <ctime>
#include <locale>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::Case;

std::string bytes_of(const Case& run) {
  const Verdict verdict = run.judge();
  return verdict_json(verdict) + verdict_jsonl(verdict);
}

Case troubled() {  // something of each kind, so that every sentence is printed
  Case run;
  run.trial("t001", sample::kFirst) = sample::trial(run.plan, "t001", sample::kFirst, 1234567.875e6);
  run.trial("t001", sample::kSecond).findings = {{"ecc", "1 corrected"}, {"throttled", "bits 0x1"}};
  run.trial("t002", sample::kSecond) = sample::trial(run.plan, "t002", sample::kSecond, 12e9);
  Trial again = run.trial("t002", sample::kFirst);
  again.attempt = 2;
  run.trials.push_back(again);
  run.contract.delivery.units.push_back(sample::delivered("S-000", "node09"));
  run.plan.units.push_back({{"node01", "S-777"}, "sample", 2, true, false, std::nullopt});
  run.contract.price->won.reset();
  return run;
}

TEST(Purity, TheOrderOfTrialsUnitsAndTheDeliveryListChangesNothing) {
  Case run = troubled();
  const std::string want = bytes_of(run);
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(run.trials.begin(), run.trials.end(), random);
    std::shuffle(run.plan.units.begin(), run.plan.units.end(), random);
    std::shuffle(run.contract.delivery.units.begin(), run.contract.delivery.units.end(), random);
    for (PlannedTrial& trial : run.plan.trials) std::shuffle(trial.units.begin(), trial.units.end(), random);
    ASSERT_EQ(bytes_of(run), want);
  }
}

struct CommaNumbers : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Purity, TheLocaleAndTheTimeZoneChangeNothing) {
  const Case run = troubled();
  const std::string want = bytes_of(run);
  const std::string c_before = std::setlocale(LC_ALL, nullptr);
  const std::locale cpp_before = std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
  for (const char* name : {"de_DE.UTF-8", "tr_TR.UTF-8", "ko_KR.UTF-8", "C.UTF-8"}) {
    std::setlocale(LC_ALL, name);  // those that this machine has
    EXPECT_EQ(bytes_of(run), want) << name;
  }
  std::locale::global(cpp_before);
  std::setlocale(LC_ALL, c_before.c_str());
  const char* zone = std::getenv("TZ");
  const std::string zone_before = zone != nullptr ? zone : "";
  for (const char* name : {"Asia/Seoul", "America/St_Johns", "UTC"}) {
    ::setenv("TZ", name, 1);
    ::tzset();
    EXPECT_EQ(bytes_of(run), want) << name;
  }
  zone != nullptr ? ::setenv("TZ", zone_before.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
}

TEST(Purity, ThreadsChangeNothing) {
  const Case run = troubled();
  const std::string want = bytes_of(run);
  std::vector<std::string> got(8);
  std::vector<std::thread> threads;
  for (std::string& bytes : got) threads.emplace_back([&run, &bytes] { bytes = bytes_of(run); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& bytes : got) EXPECT_EQ(bytes, want);
}

}  // namespace
}  // namespace geomsu
