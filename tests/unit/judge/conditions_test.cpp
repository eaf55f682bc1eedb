// What a unit and its site must be, attempts, SKUs and tranches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/precondition.hpp"
#include "tests/unit/judge/judged.hpp"

namespace geomsu {
namespace {

using sample::Case;
using sample::kFirst;
using sample::kSecond;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

const std::string kUnit = "node01/S-001";

void expect(const ClauseRow& row, Outcome outcome, Reason reason) {
  EXPECT_EQ(row.outcome, outcome) << to_string(row.outcome) << ": " << row.words;
  EXPECT_EQ(row.reason, reason) << to_string(row.reason) << ": " << row.words;
}

using By = Precondition::Test;
Precondition wants(bool setting, const std::string& key, By test, const std::string& wanted) {
  return {setting, key, test, wanted, ""};
}

TEST(Preconditions, CompareDottedVersionsNumberByNumber) {
  const auto at_least = [](const char* wanted, const char* found) {
    return holds(wants(false, "driver", By::kAtLeast, wanted), found);
  };
  EXPECT_EQ(at_least("570.86", "570.133.20"), true) << "133 is more than 86";
  EXPECT_EQ(at_least("570.86", "570.86"), true);
  EXPECT_EQ(at_least("570.86", "570.9.99"), false);
  EXPECT_EQ(at_least("570.86", "1000.0"), true);
  EXPECT_EQ(at_least("570.86", "570.086.00"), true);
  EXPECT_EQ(at_least("13", "13.0.0"), true);
  EXPECT_EQ(at_least("99999999999999999999", "100000000000000000000"), true);
  EXPECT_EQ(at_least("570.86", "570.86-open"), std::nullopt);
  EXPECT_EQ(at_least("570.86", ""), std::nullopt);
  EXPECT_EQ(holds(wants(false, "driver", By::kAtMost, "570.86"), "570.133"), false);
  EXPECT_EQ(holds(wants(false, "driver", By::kEqual, "570.10"), "570.1"), false) << "no decimal fraction";
}

TEST(Preconditions, CompareSettingsByWhatTheyMean) {
  const auto equal = [](const char* key, const char* wanted, const char* found) {
    return holds(wants(true, key, By::kEqual, wanted), found);
  };
  for (const char* on : {"on", "true", "1", "Enabled", "yes"}) {
    EXPECT_EQ(equal("ecc.mode", "on", on), true) << on;
    EXPECT_EQ(equal("ecc.mode", "off", on), false) << on;
  }
  EXPECT_EQ(equal("mig.mode", "off", "disabled"), true);
  EXPECT_EQ(equal("power.limit_w", "700 W", "700"), true) << "the key says the unit";
  EXPECT_EQ(equal("power.limit_w", "0.7 kW", "700"), true);
  EXPECT_EQ(equal("power.limit_w", "700 W", "699"), false);
  EXPECT_EQ(holds(wants(true, "power.limit_w", By::kAtLeast, "600 W"), "700"), true);
  EXPECT_EQ(holds(wants(true, "clock.max_sm_mhz", By::kAtMost, "1.98 GHz"), "1980"), true);
  EXPECT_EQ(equal("power.limit_w", "700 W", "unknown"), false);
  EXPECT_EQ(holds(wants(true, "power.limit_w", By::kAtLeast, "600 W"), "unknown"), std::nullopt);
}

TEST(Preconditions, ThatDoNotHoldMakeTheUnitInvalidWithWhatIsWantedAndFound) {
  Case run;
  run.contract.preconditions = {wants(true, "ecc.mode", By::kEqual, "on"),
                                wants(false, "plugin.sha256", By::kEqual, std::string(64, 'a'))};
  run.plan.units[0].device->attributes["ecc.mode"] = "off";
  run.plan.units[1].device->attributes["ecc.mode"] = "1";
  const Verdict verdict = run.judge();
  const ClauseRow row = sample::row(verdict, "gemm", kUnit);
  expect(row, Outcome::kInvalid, Reason::kPrecondition);
  EXPECT_THAT(row.words, HasSubstr("the contract wants ecc.mode on, and found is off"));
  expect(sample::row(verdict, "gemm", "node01/S-002"), Outcome::kPass, Reason::kNone);
  EXPECT_THAT(verdict.reconciliation.accepted, ElementsAre("S-002"));
  EXPECT_EQ(sample::clause(verdict, "gemm-per-won").outcome, Outcome::kInvalid) << "nor may a lot be judged by it";
  run.plan.units[0].device->attributes.erase("ecc.mode");
  EXPECT_THAT(sample::row(run.judge(), "gemm", kUnit).words, HasSubstr("nobody tells what it is"));
  run.environment.plugins[0].sha256 = std::string(64, 'b');
  expect(sample::row(run.judge(), "gemm", "node01/S-002"), Outcome::kInvalid, Reason::kPrecondition);
}

TEST(Preconditions, ExcuseNoWrongAnswerAndNoUnsupportedOperation) {
  Case run;
  run.contract.preconditions = {wants(false, "driver", By::kAtLeast, "1.0")};
  run.trial("t001", kFirst).checks[0].passed = false;
  expect(sample::row(run.judge(), "gemm", kUnit), Outcome::kFail, Reason::kWrongAnswer);
  run.trial("t002", kFirst).status = TrialStatus::kUnsupported;
  expect(sample::row(run.judge(), "triad", kUnit), Outcome::kInvalid, Reason::kPrecondition);
}

TEST(Preconditions, OfAnSkuAreOfItsUnitsAlone) {
  Case run;
  run.contract.preconditions = {wants(false, "driver", By::kAtLeast, "1.0")};
  run.contract.preconditions[0].sku = "b";
  run.contract.delivery.units[0].sku = "a";
  run.contract.delivery.units[1].sku = "b";
  expect(sample::row(run.judge(), "gemm", kUnit), Outcome::kPass, Reason::kNone);
  expect(sample::row(run.judge(), "gemm", "node01/S-002"), Outcome::kInvalid, Reason::kPrecondition);
}

struct WarmSite : Case {
  explicit WarmSite(bool supplier) {
    contract.site_limits = {
        {"inlet_temperature", std::nullopt, Quantity{27, Dimension::kTemperature}, "at most 27 °C", supplier}};
  }
  ClauseRow with(const std::string& reading) {
    environment.facts["site.inlet_temperature"] = reading;
    return sample::row(judge(), "gemm", kUnit);
  }
};

TEST(SiteLimits, AreInvalidWhereTheBuyerSuppliesTheSiteAndFailWhereTheSupplierDoes) {
  WarmSite buyer(false), supplier(true);
  expect(buyer.with("27 °C"), Outcome::kPass, Reason::kNone);
  expect(buyer.with("27.1 °C"), Outcome::kInvalid, Reason::kSite);
  EXPECT_THAT(buyer.with("27.1 °C").words, HasSubstr("at most 27 °C of the site, and 27.1 °C was read; the buyer"));
  expect(supplier.with("27.1 °C"), Outcome::kFail, Reason::kSite);
  expect(supplier.with("26 °C"), Outcome::kPass, Reason::kNone);
  EXPECT_EQ(sample::clause(supplier.judge(), "gemm-per-won").outcome, Outcome::kPass);
  supplier.with("30 °C");
  EXPECT_EQ(sample::clause(supplier.judge(), "gemm-per-won").outcome, Outcome::kFail);
  EXPECT_EQ(sample::clause(supplier.judge(), "node-gemm").outcome, Outcome::kFail);
}

TEST(SiteLimits, ThatNobodyReadAreInvalidAndNothingGetsBetterByThem) {
  WarmSite run(true);
  expect(sample::row(run.judge(), "gemm", kUnit), Outcome::kInvalid, Reason::kSite);
  expect(run.with("warm"), Outcome::kInvalid, Reason::kSite);
  expect(run.with("27 W"), Outcome::kInvalid, Reason::kSite);
  WarmSite buyer(false);
  sample::set_rates(buyer.trial("t001", kFirst), sample::rates({{10, 50e9}}));
  expect(buyer.with("40 °C"), Outcome::kFail, Reason::kTooSlow);
  std::erase_if(buyer.trials, [](const Trial& trial) { return trial.unit == kFirst; });
  expect(buyer.with("40 °C"), Outcome::kNotRun, Reason::kNotMeasured);
}

struct Again : Case {
  explicit Again(std::vector<Outcome> of) {
    contract.reruns = {1, std::move(of)};
    Trial second = trial("t001", kFirst);
    second.attempt = 2;
    trials.push_back(second);
  }
  Trial& attempt(std::uint32_t n) {
    for (Trial& trial : trials) {
      if (trial.id == "t001" && trial.unit == kFirst && trial.attempt == n) return trial;
    }
    throw std::runtime_error("no attempt");
  }
  ClauseRow gemm() const { return sample::row(judge(), "gemm", kUnit); }
};

TEST(Reruns, LetALaterAttemptStandInOnlyForWhatTheRuleNames) {
  Again run({Outcome::kInvalid});
  EXPECT_EQ(run.gemm().attempt, 1U) << "the first is good";
  run.attempt(1).status = TrialStatus::kDeviceLost;
  const ClauseRow row = run.gemm();
  expect(row, Outcome::kPass, Reason::kNone);
  EXPECT_EQ(row.attempt, 2U);
  EXPECT_THAT(row.words, HasSubstr("attempt 2 of 2 is judged by the contract's reruns: attempt 1 was INVALID, device"));
  run.contract.reruns = {0, {}};
  expect(run.gemm(), Outcome::kInvalid, Reason::kDeviceError);
}

TEST(Reruns, NeverStandInForAFail) {
  Again run({Outcome::kInvalid, Outcome::kInconclusive, Outcome::kFail});
  sample::set_rates(run.attempt(1), sample::rates({{10, 90e9}}));
  expect(run.gemm(), Outcome::kFail, Reason::kTooSlow);
  EXPECT_EQ(run.gemm().attempt, 1U);
}

TEST(Reruns, AreNoMoreThanTheContractAllows) {
  Again run({Outcome::kInvalid});
  Trial third = run.attempt(2);
  third.attempt = 3;
  run.trials.push_back(third);
  run.attempt(1).status = run.attempt(2).status = TrialStatus::kDeviceLost;
  expect(run.gemm(), Outcome::kInvalid, Reason::kDeviceError);
  EXPECT_EQ(run.gemm().attempt, 2U);
}

TEST(Reruns, OfAnAttemptThatIsNotThereAreNone) {
  Again run({Outcome::kInvalid});
  std::erase_if(run.trials,
                [](const Trial& trial) { return trial.id == "t001" && trial.unit == kFirst && trial.attempt == 1; });
  expect(run.gemm(), Outcome::kInvalid, Reason::kNotMeasured);
  EXPECT_THAT(run.gemm().words, HasSubstr("attempt 1 of t001 is not in the evidence"));
}

TEST(Skus, UnitsOfAnotherOneHaveNoRow) {
  Case run;
  run.contract.skus = {"a", "b"};
  run.contract.delivery.units[0].sku = "a";
  run.contract.delivery.units[1].sku = "b";
  run.clause("gemm").sku = "b";
  const Verdict verdict = run.judge();
  EXPECT_EQ(sample::clause(verdict, "gemm").units, 1U);
  EXPECT_EQ(sample::clause(verdict, "gemm").weakest, kSecond);
  EXPECT_EQ(sample::clause(verdict, "gemm").sku, "b");
}

TEST(Skus, AClauseWithoutAUnitIsNotRunUnlessTheTrancheHasNone) {
  Case run;
  run.contract.skus = {"a", "b"};
  for (DeliveredUnit& unit : run.contract.delivery.units) unit.sku = "a";
  run.clause("gemm").sku = "b";
  EXPECT_EQ(sample::clause(run.judge(), "gemm").outcome, Outcome::kNotApplicable);
  EXPECT_EQ(run.judge().exit_code, 0);
  std::erase_if(run.contract.clauses, [](const Clause& clause) { return clause.id != "gemm"; });
  EXPECT_EQ(run.judge().exit_code, 2) << "nothing but NOT_APPLICABLE is not green";
  run.contract.delivery.units.clear();
  run.contract.delivery.discover = true;
  EXPECT_EQ(sample::clause(run.judge(), "gemm").outcome, Outcome::kNotRun);
}

TEST(Tranches, UnitsOfAnotherOneAreNotDueAndAreNamed) {
  Case run;
  DeliveredUnit other = sample::delivered("S-002", "node01");
  other.tranche = "2차";
  std::erase_if(run.contract.clauses, [](const Clause& clause) { return clause.id == "gemm-per-won"; });
  run.contract.delivery.elsewhere = {other};
  run.contract.delivery.units.pop_back();
  const Verdict verdict = run.judge();
  EXPECT_EQ(sample::clause(verdict, "gemm").units, 1U);
  EXPECT_EQ(verdict.exit_code, 0);
  EXPECT_THAT(verdict.findings, ElementsAre(Field(&Finding::code, "other_tranche")));
  EXPECT_THAT(verdict.findings[0].text, HasSubstr("S-002 was found and belongs to the tranche 2차"));
}

TEST(PerWon, CountsTheUnitsInStateUseWhereTheListSaysWhich) {
  Case run;
  run.contract.price->counted_units = "state_use";
  run.contract.delivery.states_use = true;
  run.contract.delivery.units[1].state_use = true;
  const Verdict verdict = run.judge();
  EXPECT_EQ(*verdict.per_won[0].floor, *sample::row(verdict, "gemm", "node01/S-002").lower);
  EXPECT_EQ(verdict.per_won[0].counted, "state_use");
  run.contract.delivery.units[1].state_use = false;
  EXPECT_EQ(sample::row(run.judge(), "gemm-per-won", "lot").outcome, Outcome::kNotRun);
}

}  // namespace
}  // namespace geomsu
