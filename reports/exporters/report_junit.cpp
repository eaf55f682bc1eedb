// junit.xml: one testsuite a clause, one testcase a unit of it. What is not PASS is never shown as passed or skipped,
// but for NOT_APPLICABLE, which the contract allowed. Of a lot the rows that passed are not here: one testcase says how
// many. A suite carries the lot's decision, and a last one the overall verdict, so that a file of passing clauses from
// a simulated device is not green.
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "reports/exporters/exporters.hpp"
#include "reports/exporters/figures.hpp"
#include "reports/exporters/messages.hpp"

namespace geomsu {
namespace {

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  void add(const Counts& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
  }
  std::string attributes() const {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"", tests, failures, errors, skipped);
  }
};

std::string xml(std::string_view text) { return escape_xml(valid_utf8(text)); }

std::string testcase(std::string_view suite, std::string_view name, Outcome outcome, std::string_view reason,
                     const std::string& words, Counts& counts) {
  ++counts.tests;
  std::string out = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(suite), xml(name));
  const auto close = [&](std::string_view tag) {
    return fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n", tag,
                       to_string(outcome), xml(reason), xml(words));
  };
  switch (outcome) {
    case Outcome::kPass:
      return out + "/>\n";
    case Outcome::kNotApplicable:
      ++counts.skipped;
      return out + fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                               xml(words.empty() ? std::string(to_string(outcome)) : words));
    case Outcome::kFail:
      ++counts.failures;
      return out + close("failure");
    case Outcome::kInconclusive:
    case Outcome::kInvalid:
    case Outcome::kNotRun:
      break;
  }
  ++counts.errors;
  return out + close("error");
}

std::string row_words(const ClauseSummary& clause, const ClauseRow& row) {
  std::string words = row.words;
  if (row.estimate) {
    ClauseSummary of_row = clause;
    of_row.lower = row.lower;
    of_row.upper = row.upper;
    of_row.estimate = row.estimate;
    words += fmt::format("\n{} (n = {}), bar {}", interval(of_row), row.n, clause.bar_text);
  }
  if (row.look > 1) words += fmt::format("\nlook {} of {}", row.look, clause.looks);
  if (row.p_fail) words += fmt::format("\np = {:.2g}", *row.p_fail);
  if (!clause.repro.empty() && row.unit == clause.weakest) words += "\nrepeat: " + clause.repro;
  return words;
}

// Units that passed and whose rows a lot's verdict leaves out.
std::size_t left_out(const Verdict& verdict, const ClauseSummary& clause) {
  if (verdict.rows_left_out == 0) return 0;
  const auto kept =
      static_cast<std::size_t>(std::count_if(verdict.rows.begin(), verdict.rows.end(), [&](const ClauseRow& row) {
        return row.clause == clause.clause && row.outcome == Outcome::kPass;
      }));
  return clause.passed > kept ? clause.passed - kept : 0;
}

// A node that was not drawn has no testcase: it has a disposition, which is a property, and no outcome.
std::string lot_suite(const LotVerdict& lot, Counts& total) {
  std::string properties;
  const auto add = [&](std::string_view name, std::string_view value) {
    properties += fmt::format("      <property name=\"lot.{}\" value=\"{}\"/>\n", name, xml(value));
  };
  add("decision", to_string(lot.decision));
  add("tranche", lot.tranche);
  add("kind", lot.kind);
  add("plan", lot.plan);
  add("size", fmt::format("{}", lot.lot_size));
  add("drawn", fmt::format("{}", lot.sample_size));
  if (lot.acceptance_number) add("acceptance_number", fmt::format("{}", *lot.acceptance_number));
  add("nonconforming", fmt::format("{}", lot.nonconforming.size()));
  for (const bool accepted : {true, false}) {
    const auto many = std::count_if(lot.dispositions.begin(), lot.dispositions.end(),
                                    [&](const Disposition& item) { return item.accepted == accepted; });
    if (many > 0) add(Disposition{{}, accepted}.text(), fmt::format("{}", many));
  }
  std::string words = lot.words;
  for (std::size_t i = 0; i < lot.nonconforming.size() && i < kListed; ++i) {
    words += (i == 0 ? "\nto be replaced: " : ", ") + lot.nonconforming[i];
  }
  Outcome outcome = Outcome::kInconclusive;
  if (lot.decision == LotVerdict::Decision::kAccepted) outcome = Outcome::kPass;
  if (lot.decision == LotVerdict::Decision::kRejected) outcome = Outcome::kFail;
  Counts counts;
  const std::string decision = testcase("lot", "decision", outcome, to_string(lot.decision), words, counts);
  total.add(counts);
  return fmt::format("  <testsuite name=\"lot\" {}>\n    <properties>\n{}    </properties>\n{}  </testsuite>\n",
                     counts.attributes(), properties, decision);
}

}  // namespace

std::string report_junit(const Report& report) {
  const Verdict& verdict = report.verdict;
  Counts total;
  std::string suites;
  for (const ClauseSummary& clause : verdict.clauses) {
    Counts counts;
    std::string cases;
    for (const ClauseRow& row : verdict.rows) {
      if (row.clause != clause.clause) continue;
      cases +=
          testcase(clause.clause, row.unit.name(), row.outcome, to_string(row.reason), row_words(clause, row), counts);
    }
    if (const std::size_t more = left_out(verdict, clause); more > 0) {
      cases += testcase(clause.clause, fmt::format("{} more units passed", more), Outcome::kPass, "", "", counts);
    }
    // A clause without a row has judged nothing: its own outcome stands, and an empty scope never stands as PASS.
    if (cases.empty()) {
      const Outcome outcome = clause.outcome == Outcome::kPass ? Outcome::kNotRun : clause.outcome;
      cases = testcase(clause.clause, "no unit", outcome, to_string(clause.reason), clause.words, counts);
    }
    suites +=
        fmt::format("  <testsuite name=\"{}\" {}>\n{}  </testsuite>\n", xml(clause.clause), counts.attributes(), cases);
    total.add(counts);
  }
  if (verdict.lot) suites += lot_suite(*verdict.lot, total);
  Counts counts;
  const std::string reason = verdict.simulated.empty() ? "" : std::string(to_string(Reason::kSimulated));
  const std::string overall =
      testcase("verdict", "overall", verdict.overall == Outcome::kNotApplicable ? Outcome::kNotRun : verdict.overall,
               reason, verdict.sentence, counts);
  suites += fmt::format("  <testsuite name=\"verdict\" {}>\n{}  </testsuite>\n", counts.attributes(), overall);
  total.add(counts);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"geomsu {}\" {}>\n{}</testsuites>\n",
      xml(verdict.contract_id), total.attributes(), suites);
}

}  // namespace geomsu
