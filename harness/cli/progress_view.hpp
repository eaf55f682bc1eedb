// What a person watches: on a terminal one redrawn line (what runs, live value against bar, time left) with a line for
// each finished trial above it; elsewhere those lines alone; nothing with --quiet or --json.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "harness/base/clock.hpp"
#include "harness/cli/console.hpp"
#include "harness/measure/run.hpp"

namespace geomsu::cli {

std::string progress_line(const Progress& progress, int columns);  // pure; at most `columns` wide
std::string finished_line(const Progress& progress);

class ProgressView {
 public:
  ProgressView(Console& console, Clock& clock) : console_(console), clock_(clock) {}
  ~ProgressView();
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;
  void update(const Progress& progress);  // one call at a time, as run_plan promises

 private:
  Console& console_;
  Clock& clock_;
  std::map<Unit, Progress> last_;  // with a value: what a finished trial is told with
  std::int64_t drawn_ns_ = 0;
  Progress::Phase phase_ = Progress::Phase::kOpening;
};

}  // namespace geomsu::cli
