#include "harness/conform/report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu::conform {
namespace {

std::string xml(std::string_view text) { return escape_xml(valid_utf8(text)); }

std::size_t count(const std::vector<Row>& rows, Mark mark, std::string_view about = {}) {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](const Row& row) {
    return row.outcome.mark == mark && (about.empty() || row.rule->about == about);
  }));
}

std::string attributes(const std::vector<Row>& rows, std::string_view about = {}) {
  const std::size_t failed = count(rows, Mark::kFail, about), open = count(rows, Mark::kNotRun, about),
                    skipped = count(rows, Mark::kNotApplicable, about), passed = count(rows, Mark::kPass, about);
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"", failed + open + skipped + passed,
                     failed, open, skipped);
}

std::string testcase(const Row& row) {
  std::string out = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(row.rule->about), xml(row.rule->id));
  const Outcome& outcome = row.outcome;
  switch (outcome.mark) {
    case Mark::kPass:
      return out + "/>\n";
    case Mark::kNotApplicable:
      return out + fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", xml(outcome.seen));
    case Mark::kFail:
      return out + fmt::format(
                       ">\n      <failure type=\"fail\" message=\"{}\">expected: {}\ncame: {}\nwritten in: {}\n"
                       "why: {}</failure>\n    </testcase>\n",
                       xml(outcome.seen), xml(outcome.expected), xml(outcome.seen), xml(row.rule->where),
                       xml(row.rule->why));
    case Mark::kNotRun:
      break;
  }
  return out + fmt::format(">\n      <error type=\"not_run\" message=\"{}\"/>\n    </testcase>\n", xml(outcome.seen));
}

}  // namespace

std::string junit(const std::string& candidate, const std::vector<Row>& rows) {
  std::vector<std::string_view> rooms;
  for (const Row& row : rows) {
    if (std::find(rooms.begin(), rooms.end(), row.rule->about) == rooms.end()) rooms.push_back(row.rule->about);
  }
  std::string suites;
  for (const std::string_view room : rooms) {
    suites += fmt::format("  <testsuite name=\"{}\" {}>\n", xml(room), attributes(rows, room));
    for (const Row& row : rows) {
      if (row.rule->about == room) suites += testcase(row);
    }
    suites += "  </testsuite>\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"geomsu conform {}\" {}>\n{}"
      "</testsuites>\n",
      xml(candidate), attributes(rows), suites);
}

std::string count_words(const std::vector<Row>& rows) {
  return fmt::format("{} passed, {} failed, {} do not apply, {} not run", count(rows, Mark::kPass),
                     count(rows, Mark::kFail), count(rows, Mark::kNotApplicable), count(rows, Mark::kNotRun));
}

}  // namespace geomsu::conform
