// How a message is named and found: a key that is not in the catalogue does not compile.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "harness/model/outcome.hpp"
#include "harness/model/trial.hpp"
#include "harness/model/verdict.hpp"
#include "reports/exporters/catalogue.hpp"
#include "reports/exporters/catalogue_lot.hpp"

namespace geomsu {

// Both files of the catalogue, as one.
inline constexpr auto kMessages = [] {
  std::array<Message, std::size(kPageMessages) + std::size(kLotMessages)> all{};
  std::copy(std::begin(kLotMessages), std::end(kLotMessages),
            std::copy(std::begin(kPageMessages), std::end(kPageMessages), all.begin()));
  return all;
}();

consteval const Message& tr(std::string_view key) {
  for (const Message& message : kMessages) {
    if (message.key == key) return message;
  }
  throw "no such message in the catalogue";
}

const Message& overall_message(Outcome outcome);  // the verdict's word: 합격, 불합격, 판정 보류 ...
const Message& outcome_message(Outcome outcome);  // of a clause on a unit
const Message& reason_message(Reason reason);
const Message& action_message(Reason reason);  // what to do next
const Message& clock_message(ClockAudit::Verdict verdict);
const Message& status_message(TrialStatus status);
const Message& statistic_message(std::string_view statistic);  // of ClauseSummary::statistic
const Message& severity_message(std::string_view severity);
const Message& outliers_message(std::string_view rule);
const Message& decision_message(LotVerdict::Decision decision);
const Message& lot_kind_message(std::string_view kind);
const Message& disposition_message(const Disposition& item);

}  // namespace geomsu
