// A supervisor of a run of many trials, ended at seeded instants and taken up again until it is sealed.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "tests/run/many_trials.hpp"

namespace geomsu::test {

inline constexpr int kSimulated = 2;  // the exit status of every run on fake devices

// Waits until `ready` or the program's end; what `ready` says then.
bool until(Program& program, const std::function<bool()>& ready);
bool begun(const std::filesystem::path& bundle);    // there is something to go on with
bool sealing(const std::filesystem::path& bundle);  // the verdict is there, the manifest perhaps
bool sealed(const std::filesystem::path& bundle);

struct Undisturbed {
  Outcomes outcomes;
  std::chrono::microseconds took{0};  // from the first file to the end
};
Undisturbed undisturbed(const CommandLine& line);

// Each instant is a run of its own, every fourth while it seals; a third of them are killed a second time after that. A
// kill that came after the end is made up for by another.
void kill_at_instants(int instants);

}  // namespace geomsu::test
