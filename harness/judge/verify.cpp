#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/judge/judge.hpp"

namespace geomsu {
namespace {

Verification& refuse(Verification& result, int exit_code, std::string line) {
  result.ok = false;
  result.exit_code = exit_code;
  result.lines.push_back(std::move(line));
  return result;
}

// "" where the two agree, else the first line in which they differ.
std::string first_difference(std::string_view ours, std::string_view theirs) {
  std::size_t line = 1;
  while (!ours.empty() || !theirs.empty()) {
    const std::string_view a = ours.substr(0, ours.find('\n')), b = theirs.substr(0, theirs.find('\n'));
    if (a != b) {
      return fmt::format("line {}: recorded '{}', recomputed '{}'", line, clip(escape_terminal(valid_utf8(b)), 120),
                         clip(escape_terminal(a), 120));
    }
    ours.remove_prefix(std::min(ours.size(), a.size() + 1));
    theirs.remove_prefix(std::min(theirs.size(), b.size() + 1));
    ++line;
  }
  return "they differ in their line ends";
}

// Bytes under the same rules; outcomes where the bundle was judged under older ones.
void compare_verdicts(const Evidence& evidence, const Verdict& verdict, Verification& result) {
  const std::string& recorded = *evidence.verdict_json;
  const RecordedOutcomes outcomes = parse_outcomes(recorded);
  if (outcomes.rules > kJudgeRules) {
    refuse(result, 65,
           fmt::format("verdict: judged under rules {}, and this geomsu knows rules up to {}: verify with a newer one",
                       outcomes.rules, kJudgeRules));
    return;
  }
  if (outcomes.rules == kJudgeRules) {
    const std::string json = verdict_json(verdict), rows = verdict_jsonl(verdict);
    if (json != recorded) {
      refuse(result, 65, "verdict: verdict.json is not what its raw rows give: " + first_difference(json, recorded));
    } else if (rows != *evidence.verdict_jsonl) {
      refuse(
          result, 65,
          "verdict: verdict.jsonl is not what its raw rows give: " + first_difference(rows, *evidence.verdict_jsonl));
    } else {
      result.lines.push_back(fmt::format("verdict: recomputed from the raw rows under rules {}, the same {} bytes: {}",
                                         kJudgeRules, json.size() + rows.size(), verdict.sentence));
    }
    return;
  }
  std::vector<std::pair<std::string, Outcome>> now;
  for (const ClauseSummary& clause : verdict.clauses) now.emplace_back(clause.clause, clause.outcome);
  const bool same = now == outcomes.clauses && verdict.overall == outcomes.overall;
  const std::string words = fmt::format("verdict: judged under rules {}, recomputed under rules {}: the outcomes {}",
                                        outcomes.rules, kJudgeRules, same ? "are the same" : "DIFFER");
  if (same) {
    result.lines.push_back(words);
  } else {
    refuse(result, 2, words);
  }
}

}  // namespace

Verification verify(const std::filesystem::path& dir) {
  Verification result;
  result.ok = true;
  try {
    const Evidence evidence = read_bundle(dir);
    result.lines.push_back("files: each is listed in the manifest, and has its size, rows and SHA-256");
    result.lines.push_back("signature: " + evidence.signature);
    result.lines.push_back("plan: " + evidence.plan_sha256 +
                           ", fixed before the first sample; contract, suite and secret are those that it names");
    std::size_t frames = 0;
    for (const Trial& trial : evidence.trials) {
      if (!read_ticks(dir, trial).first.empty()) ++frames;
    }
    result.lines.push_back(
        fmt::format("rows: {} trials, each in the plan and once; raw ticks of {}; {} telemetry readings",
                    evidence.trials.size(), frames, read_telemetry(dir).size()));
    compare_verdicts(evidence, judge(evidence), result);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kBadData) throw;
    refuse(result, static_cast<int>(ErrorCode::kBadData),
           fmt::format("REFUSED: {}: {}{}{}", error.where(), error.message(),
                       error.next().empty() ? "" : "; next: ", error.next()));
  }
  return result;
}

}  // namespace geomsu
