// Reports made by hand: every outcome, a per-won clause, a missing unit, findings. No figure of them was measured.
#pragma once

#include <cstdint>
#include <string>

#include "harness/model/report.hpp"

namespace geomsu::test {

Report sample_report();                          // three clauses, two units of three; one FAIL, one NOT_RUN
Report passing_report();                         // one clause, one unit, PASS
Report fleet_report(std::size_t units);          // one clause on many units; those whose number ends in 7 fail
Report hostile_report(const std::string& text);  // `text` in every field that a device or a contract fills
// A lot of so many nodes (32 or more) of four devices, five eighths of them drawn: rejected, one bundle refused, one
// row of each reason that lots have; rows that passed are left out.
Report lot_report(std::uint32_t nodes = 32);
void fill_lot(Verdict& verdict, const std::string& text);  // a lot, a fleet and bundles with `text` in every field

}  // namespace geomsu::test
