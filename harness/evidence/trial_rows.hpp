// trials.jsonl as a whole: each row by itself, and all of them against the plan and each other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/evidence/trial_line.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

// Error kBadData, file:line: a row that does not parse, that the plan does not have (trial, unit or workload), that is
// there twice, or whose ticks do not begin where the ones before end (the first at `ticks_from`). `partial`: a torn
// last line is left out.
std::vector<Trial> parse_trial_rows(std::string_view text, const std::string& where, const Plan& plan, bool partial,
                                    std::uint64_t ticks_from = 0);
// The same into `trials`, whose memory is used again. `quick` where TrialLineReader::kPadding bytes are readable behind
// the text; null: the slow way for every row.
void parse_trial_rows(std::string_view text, const std::string& where, const Plan& plan, bool partial,
                      std::uint64_t ticks_from, TrialLineReader* quick, std::vector<Trial>& trials);

// Where the ticks of these rows end in ticks.bin, and how many frames they are.
std::uint64_t ticks_end(const std::vector<Trial>& trials);
std::uint64_t tick_frames(const std::vector<Trial>& trials);

}  // namespace geomsu
