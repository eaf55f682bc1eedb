// manifest.json: written last, so that its presence says the bundle is whole. Its own last field is the SHA-256 of the
// bytes before it: that finds a damaged manifest; a forged one is found by its signature alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu {

struct ManifestFile {
  std::string name, sha256;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> rows;  // lines of .jsonl and run.log, frames of ticks.bin; absent for the rest
};

struct Manifest {
  int major = 0, minor = 0;
  std::string tool, start, end, sealed;  // UTC: the plan's making, the last trial's end, the sealing
  std::string who, where;                // user and host that ran it
  std::vector<ManifestFile> files;       // in the order of kBundleFiles, then the lists

  const ManifestFile* find(std::string_view name) const;
};

std::string manifest_json(const Manifest& manifest);
// Error kBadData: damaged, an unknown major schema version, files other than those of the schema.
Manifest parse_manifest(std::string_view json, const std::string& where);

}  // namespace geomsu
