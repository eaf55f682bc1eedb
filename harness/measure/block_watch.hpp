// What the supervisor sees of a worker beside its answers while blocks run: who began early, answered late, used the
// host, fell silent. Filled in by a lane; the rules are in replay_check, work_window, host_meter and telemetry_watch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/measure/energy.hpp"
#include "harness/measure/host_meter.hpp"
#include "harness/measure/telemetry_watch.hpp"
#include "harness/measure/work_window.hpp"
#include "harness/model/outcome.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

class BlockWatch {
 public:
  std::optional<HostMeter> host;        // absent where time is scripted
  bool host_device = false;             // the device says of itself that it is the host's processor
  std::int64_t lead_ns = 0;             // of the first block's start, ahead of its request
  std::int64_t fastest_ns = 0;          // of warm-up blocks, cut to the judged length; 0: none
  std::vector<AskedTwice> asked_twice;  // one a block
  std::uint64_t window_sets = 0;        // how many the window block was asked about
  std::vector<std::int64_t> window_first_ns, window_again_ns;  // its answers, a set each, and the same again
  std::optional<double> load_repeat_ns;
  NoteRate notes_before, notes_during;
  EnergyMeter energy;

  // Writes trial.watch and findings. A result: the trial is INVALID for that.
  struct Refusal {
    Reason reason = Reason::kNone;
    std::string words;
  };
  std::optional<Refusal> conclude(Trial& trial) const;
};

}  // namespace geomsu
