// Which workers may be started: the site file, or what lies in the plug-in folders, with the flags on top.
#pragma once

#include "harness/cli/context.hpp"
#include "harness/contract/contract.hpp"
#include "harness/measure/run.hpp"

namespace geomsu::cli {

struct SiteChoice {
  Site site;
  std::vector<std::string> left_out;  // backends found and not taken, and how to get them
};

// Without --site and --backend: sites/default.yaml of the user's folder if there is one, else every plug-in of the
// folders but the fake and the template, which nobody wants to measure by accident. Errors kUsage, kNoInput, kBadData.
SiteChoice choose_site(const SiteOptions& options, const Search& search);

// The site's workers asked who they are. An empty site gives an empty inventory, never "everything".
Inventory inventory_of(const SiteChoice& choice, const Search& search, Log& log);

std::string node_name(const Site& site);  // the site's, else the host's
// Commands that repeat a run must start the same workers: "--backend fake --param fake.script=..." or nothing.
std::string site_flags(const SiteOptions& options, const SearchOptions& search);

}  // namespace geomsu::cli
