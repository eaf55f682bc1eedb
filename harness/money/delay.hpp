// Days of delay of one part of a delivery: which branch of the rule it falls under, from which day to which, and what
// is taken off.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/money/day.hpp"
#include "harness/money/line.hpp"

namespace geomsu {

// How the contract deals with days off. Only the due date moves: days of delay are days of the calendar.
struct Holidays {
  bool due_moves = false;  // a due date on a day off is met on the next day that is none
  bool weekends = false;   // Saturdays and Sundays are days off
  std::vector<Day> days;   // in order
  std::string source;
  bool off(Day day) const;
};

// Days without the supplier's fault, first and last included.
struct Excused {
  Day from, to;
  std::string reason, source;
};

struct DeliveryDates {
  Day due;
  std::optional<Day> delivered;    // the notice of completion with its documents
  std::optional<Day> order;        // corrective order (시정조치)
  std::optional<Day> redelivered;  // the notice after an order that came before the due date
  std::optional<Day> passed;       // the day the inspector signed the certificate
  std::vector<Excused> excused;
};

enum class DelayBranch {
  kInTime,         // delivered in time; the time of the inspection does not count
  kOrderAfterDue,  // delivered in time, ordered to correct after the due date: from the order to the pass
  kLate,           // delivered (again) after the due date: from the day after it to the pass, inspection included
  kNotDelivered,   // nothing there: from the day after the due date to today
};

struct Delay {
  DelayBranch branch = DelayBranch::kInTime;
  Day due;                      // after it has moved
  std::optional<Day> from, to;  // first and last day that counts; absent where none does
  long days = 0;                // from..to
  long excused = 0;             // of them, each once
  bool open = false;            // not passed yet: counted to `as_of`, and goes on
  long counted() const { return days - excused; }
};

// `order_day_counts`: whether the day of the order is the first day of delay, as the contract says. `as_of`: the day up
// to which a delivery that has not passed is counted. Errors kBadData: a pass before the delivery, an order before it.
Delay delay_of(const DeliveryDates& dates, const Holidays& holidays, bool order_day_counts, Day as_of);

Words delay_words(const Delay& delay);

}  // namespace geomsu
