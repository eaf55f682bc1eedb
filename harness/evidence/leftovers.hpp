// What a run that was ended in the middle leaves in its bundle, taken away before it goes on. `notes` (may be null) is
// told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/evidence/bundle_dir.hpp"

namespace geomsu {

void cut(const std::filesystem::path& path, std::uint64_t size);  // to so many bytes, synced. Error kIo

// The text of a file without a last line that has no end; the file is cut likewise.
std::string cut_torn_line(const BundleDir& dir, const std::string& name, std::vector<std::string>* notes);

// Removes what it was putting in place, or sealing, when it ended.
void remove_leftovers(const BundleDir& dir, std::vector<std::string>* notes);

}  // namespace geomsu
