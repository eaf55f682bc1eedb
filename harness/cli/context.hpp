// What every verb is handed: the console, the searched places and the site's flags. Made once by the application.
#pragma once

#include <string>
#include <vector>

#include "harness/base/log.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/search.hpp"

namespace geomsu::cli {

struct SiteOptions {
  std::string site;                   // --site: a file, or a name of the sites folder
  std::vector<std::string> backends;  // --backend
  std::vector<std::string> params;    // --param backend.key=value
  std::string cpu_devices;            // --cpu-devices N = --param cpu.devices=N
};

struct Context {
  Console& console;
  Log& log;
  const SearchOptions& search;
  const SiteOptions& site;
};

}  // namespace geomsu::cli
