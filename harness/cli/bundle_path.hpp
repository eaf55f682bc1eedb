// Bundles named on the command line.
#pragma once

#include <filesystem>
#include <string_view>

namespace geomsu::cli {

// Error kNoInput where there is no such directory.
std::filesystem::path existing_bundle(const std::filesystem::path& dir);

// Error kUsage where `path` lies in the bundle: what is sealed is never written into.
void refuse_inside(const std::filesystem::path& path, const std::filesystem::path& bundle, std::string_view flag);

}  // namespace geomsu::cli
