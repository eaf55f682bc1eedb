// Reports made by hand: every outcome, a per-won clause, a missing unit, findings. No figure of them was measured.
#pragma once

#include <string>

#include "harness/model/report.hpp"

namespace geomsu::test {

Report sample_report();                          // three clauses, two units of three; one FAIL, one NOT_RUN
Report passing_report();                         // one clause, one unit, PASS
Report fleet_report(std::size_t units);          // one clause on many units; those whose number ends in 7 fail
Report hostile_report(const std::string& text);  // `text` in every field that a device or a contract fills

}  // namespace geomsu::test
