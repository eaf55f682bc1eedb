// Everything a report shows, gathered once; every exporter is a pure function of it.
#pragma once

#include <string>
#include <vector>

#include "harness/model/environment.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

struct Overhead {  // nanoseconds over the whole run, printed so that nobody has to trust it
  std::int64_t timed = 0, soak = 0, verify = 0, other = 0, wall = 0;
};

struct Report {
  Verdict verdict;
  Plan plan;
  Environment environment;
  std::vector<Trial> trials;  // in the order of the evidence
  Overhead overhead;
  std::string bundle_path, started, ended, signature;  // signature: "unsigned" or who signed
  std::string custody;                                 // "supplier-run" or "inspector-controlled"
};

}  // namespace geomsu
