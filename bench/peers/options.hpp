// geomsu-bench-peers' command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace geomsu::bench {

struct PeerOptions {
  std::string filter;  // regular expression, found anywhere in a pair's name
  bool list = false;
  std::size_t pairs = 31;
  double block_ms = 200;
  std::optional<std::uint64_t> seed;
  std::string json;                 // path
  std::string plugin, worker;       // paths
  std::vector<std::string> params;  // "key=value" of the plug-in's instance
  std::string openblas, onednn;     // paths of the peers' libraries
  std::string serve, pair;          // of a child: "peer" or "abi", and the pair's name
  std::uint64_t sets = 1;           // of a child
};

// Error kUsage with what is wrong. Nothing where only help was asked for: it then is in `text`.
std::optional<PeerOptions> peer_options(int argc, char** argv, std::string& text);

}  // namespace geomsu::bench
