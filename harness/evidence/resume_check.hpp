// Whether a run may go on where another ended: the same machine since the same boot, the same parts, the same programs.
#pragma once

#include <string>
#include <vector>

#include "harness/evidence/codecs.hpp"

namespace geomsu {

// A sentence for each difference; empty where the run may go on. `notes` gets what could not be compared.
std::vector<std::string> resume_differences(const Plan& plan, const Environment& then, const Environment& now,
                                            std::vector<std::string>* notes);

}  // namespace geomsu
