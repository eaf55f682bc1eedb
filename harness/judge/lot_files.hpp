// The bundles beneath a lot's directory, wherever its maker put them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace geomsu {

// A directory that is no bundle and has one beneath it.
bool is_lot(const std::filesystem::path& dir);

// Every directory beneath that has a file of a bundle's, sealed or not, relative to the lot and sorted. Reports
// (DIR.report) are left out, symbolic links are not followed. Error kIo where a directory cannot be listed: a bundle
// that cannot be seen would be a bundle dropped.
std::vector<std::filesystem::path> bundles_of(const std::filesystem::path& lot);

}  // namespace geomsu
