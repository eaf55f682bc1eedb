#include "harness/money/delay.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

[[noreturn]] void refuse(std::string what) {
  throw Error(ErrorCode::kBadData, std::move(what), {}, "correct the dates");
}

Day moved_due(Day due, const Holidays& holidays) {
  constexpr int kLongest = 60;  // no row of days off is longer; a list that says so is wrong
  for (int i = 0; i < kLongest; ++i) {
    if (!holidays.due_moves || !holidays.off(due)) return due;
    due = due.plus(1);
  }
  refuse("the due date lies in a row of more than 60 days off");
}

// Days of [from, to] that lie in one or more of the intervals.
long covered(std::vector<Excused> all, Day from, Day to) {
  std::sort(all.begin(), all.end(), [](const Excused& a, const Excused& b) { return a.from < b.from; });
  long days = 0;
  Day next = from;
  for (const Excused& one : all) {
    const Day begin = std::max(one.from, next), end = std::min(one.to, to);
    if (begin > end) continue;
    days += end.since_epoch - begin.since_epoch + 1;
    next = end.plus(1);
  }
  return days;
}

void check(const DeliveryDates& dates) {
  const auto before = [](const std::optional<Day>& a, const std::optional<Day>& b) { return a && b && *a < *b; };
  if (before(dates.passed, dates.delivered)) refuse("it passed before it was delivered");
  if (before(dates.order, dates.delivered)) refuse("it was ordered to be corrected before it was delivered");
  if (before(dates.passed, dates.order)) refuse("it passed before it was ordered to be corrected");
  if (before(dates.redelivered, dates.order)) refuse("it was delivered again before it was ordered to be corrected");
  if (before(dates.passed, dates.redelivered)) refuse("it passed before it was delivered again");
  if (!dates.delivered && (dates.passed || dates.order)) refuse("it was inspected and never delivered");
}

}  // namespace

bool Holidays::off(Day day) const {
  return (weekends && weekend(day)) || std::find(days.begin(), days.end(), day) != days.end();
}

Delay delay_of(const DeliveryDates& dates, const Holidays& holidays, bool order_day_counts, Day as_of) {
  check(dates);
  Delay delay;
  delay.due = moved_due(dates.due, holidays);
  delay.open = !dates.passed;
  const Day last = dates.passed.value_or(as_of);
  if (!dates.delivered) {
    delay.branch = DelayBranch::kNotDelivered;
    delay.from = delay.due.plus(1);
  } else if (*dates.delivered > delay.due) {
    delay.branch = DelayBranch::kLate;
    delay.from = delay.due.plus(1);
  } else if (dates.order && *dates.order > delay.due) {
    delay.branch = DelayBranch::kOrderAfterDue;
    delay.from = order_day_counts ? *dates.order : dates.order->plus(1);
  } else if (dates.order && (!dates.redelivered || *dates.redelivered > delay.due)) {
    // What was delivered in time was not what was ordered, and nothing came in its place in time.
    delay.branch = dates.redelivered ? DelayBranch::kLate : DelayBranch::kNotDelivered;
    delay.from = delay.due.plus(1);
  }
  if (delay.from && *delay.from <= last) {
    delay.to = last;
    delay.days = last.since_epoch - delay.from->since_epoch + 1;
    delay.excused = covered(dates.excused, *delay.from, last);
  } else {
    delay.from.reset();
  }
  return delay;
}

Words delay_words(const Delay& delay) {
  Words words;
  switch (delay.branch) {
    case DelayBranch::kInTime:
      words = {"기한 내 납품; 검사기간은 산입하지 않음", "delivered in time; the inspection's time does not count"};
      break;
    case DelayBranch::kOrderAfterDue:
      words = {"기한 내 납품, 기한 뒤 시정조치: 시정조치부터 최종 합격까지",
               "delivered in time, corrective order after the due date: from the order to the final pass"};
      break;
    case DelayBranch::kLate:
      words = {"기한 뒤 납품: 기한 다음 날부터 최종 합격까지(검사기간 포함)",
               "delivered late: from the day after the due date to the final pass, inspection included"};
      break;
    case DelayBranch::kNotDelivered:
      words = {"미납품: 기한 다음 날부터 기준일까지",
               "not delivered: from the day after the due date to the day of reckoning"};
      break;
  }
  if (delay.from && delay.to) {
    const std::string span = fmt::format("{} ~ {}", day_text(*delay.from), day_text(*delay.to));
    words.ko += fmt::format("; {}, {}일 − 면책 {}일 = {}일", span, delay.days, delay.excused, delay.counted());
    words.en += fmt::format("; {}, {} days − {} excused = {} days", span, delay.days, delay.excused, delay.counted());
  }
  if (delay.open) {
    words.ko += "; 미합격, 계속 늘어남";
    words.en += "; not passed yet, still growing";
  }
  return words;
}

}  // namespace geomsu
