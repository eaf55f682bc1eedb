// Rows as documents: bytes out, nothing else.
#pragma once

#include <string>
#include <vector>

#include "harness/conform/runner.hpp"

namespace geomsu::conform {

// JUnit: one testsuite a room of rules ("lines", "data" ...), one testcase a rule. Not run is an error, never green.
std::string junit(const std::string& candidate, const std::vector<Row>& rows);

// "11 passed, 1 failed, 2 do not apply, 3 not run"
std::string count_words(const std::vector<Row>& rows);

}  // namespace geomsu::conform
