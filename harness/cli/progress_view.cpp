#include "harness/cli/progress_view.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/base/units.hpp"
#include "harness/cli/prepare.hpp"

namespace geomsu::cli {
namespace {

constexpr std::int64_t kRedrawNs = 100'000'000;
constexpr std::size_t kBarCells = 20;

Dimension dimension_of(const std::string& unit) {
  if (unit == "FLOP/s") return Dimension::kFlops;
  if (unit == "B/s") return Dimension::kBandwidth;
  return Dimension::kNone;
}

std::string value_text(const Progress& progress) {
  if (!progress.value) return {};
  const Dimension dimension = dimension_of(progress.value_unit);
  std::string text = format_quantity(*progress.value, dimension);
  if (progress.bar) text += fmt::format(" (bar {})", format_quantity(*progress.bar, dimension));
  return text;
}

// Trials done and the blocks of the one that runs, as one fraction.
double fraction(const Progress& progress) {
  if (progress.trials == 0) return 0;
  const double within = progress.blocks == 0
                            ? 0
                            : std::min(1.0, static_cast<double>(progress.block) / static_cast<double>(progress.blocks));
  return std::clamp((static_cast<double>(progress.trials_done) + within) / static_cast<double>(progress.trials), 0.0,
                    1.0);
}

std::string doing(const Progress& progress) {
  switch (progress.phase) {
    case Progress::Phase::kOpening:
      return "opening devices";
    case Progress::Phase::kSoak:
      return "soak";
    case Progress::Phase::kWarmup:
      return "warm-up";
    case Progress::Phase::kBlocks:
      return fmt::format("block {}/{}", progress.block, progress.blocks);
    case Progress::Phase::kVerify:
      return "verifying";
    case Progress::Phase::kTrialEnded:
    case Progress::Phase::kDone:
      break;
  }
  return "";
}

}  // namespace

std::string progress_line(const Progress& progress, int columns) {
  const auto filled = static_cast<std::size_t>(std::lround(fraction(progress) * static_cast<double>(kBarCells)));
  std::string cells;
  for (std::size_t i = 0; i < kBarCells; ++i) cells += i < filled ? "█" : "░";
  const std::string left =
      progress.seconds_left ? fmt::format("  {} left", duration_text(*progress.seconds_left)) : std::string();
  const std::string value = value_text(progress);
  std::string line = fmt::format("{} {}/{}  {}", cells, progress.trials_done, progress.trials, doing(progress));
  if (!value.empty()) line.append("  ").append(value);
  line.append(left);
  // The workload goes last: of all that is here, it may be cut.
  if (!progress.trial.empty()) {
    line += fmt::format("  {} {}", escape_terminal(progress.trial), escape_terminal(short_workload(progress.workload)));
  }
  return clip(line, static_cast<std::size_t>(std::max(columns, 10)));
}

std::string finished_line(const Progress& progress) {
  std::string line = fmt::format("{} {}: {}: {}", progress.trial, progress.unit.name(),
                                 short_workload(progress.workload), progress.outcome);
  const std::string value = value_text(progress);
  if (!value.empty()) line += ", last block " + value;
  return escape_terminal(valid_utf8(line));
}

ProgressView::~ProgressView() { console_.status(""); }

void ProgressView::update(const Progress& progress) {
  if (console_.options().quiet || console_.json()) return;
  if (progress.value) last_[progress.unit] = progress;
  if (progress.phase == Progress::Phase::kTrialEnded) {
    Progress ended = progress;
    if (const auto last = last_.find(progress.unit); last != last_.end() && last->second.trial == progress.trial) {
      ended.value = last->second.value;
      ended.value_unit = last->second.value_unit;
      ended.bar = last->second.bar;
    }
    console_.err(finished_line(ended));
  }
  if (progress.phase == Progress::Phase::kDone) return console_.status("");
  const std::int64_t now = clock_.mono_ns();
  if (progress.phase == phase_ && now - drawn_ns_ < kRedrawNs) return;
  phase_ = progress.phase;
  drawn_ns_ = now;
  console_.status(progress_line(progress, console_.columns() - 1));
}

}  // namespace geomsu::cli
