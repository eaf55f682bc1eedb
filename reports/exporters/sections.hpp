// The page's sections, each one file: Report -> HTML of the section's inside. report_html.cpp holds their order.
#pragma once

#include <string>

#include "harness/model/report.hpp"

namespace geomsu::html {

std::string section_verdict(const Report& report);
std::string section_reconciliation(const Report& report);
std::string section_bundles(const Report& report);  // empty of a single bundle
std::string section_clauses(const Report& report);
std::string section_money(const Report& report);
std::string section_units(const Report& report);
std::string section_fleet(const Report& report);  // empty where the verdict has no fleet
std::string section_workloads(const Report& report);
std::string blocks_over_time(const Report& report);  // inside it; empty where no trial was sustained or throttled
std::string section_sampling(const Report& report);  // empty where there is no lot
std::string section_method(const Report& report);
std::string section_findings(const Report& report);
std::string section_glossary(const Report& report);

}  // namespace geomsu::html
