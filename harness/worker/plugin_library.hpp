// One plug-in's shared object: loaded, its version agreed on, or refused with the reason in words.
#pragma once

#include <filesystem>
#include <string>

#include "harness/abi/geomsu_plugin.h"
#include "harness/protocol/messages.hpp"

namespace geomsu::worker {

struct PluginLibrary {
  PluginFact fact;                       // fact.refused: why `table` is nullptr
  const geomsu_plugin* table = nullptr;  // lives to the end of the process: the library is never unloaded
};

// Loads by RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE and never unloads: vendor runtimes leave threads and exit handlers
// behind. Never throws for what is wrong with the file. Trap: the file's initialisers run here, in this process.
PluginLibrary load_plugin(const std::filesystem::path& path);

// Empty where the table can be used: major equal, any minor, at least the 1.0 slots, all of them filled.
std::string why_refused(const geomsu_plugin* table);

}  // namespace geomsu::worker
