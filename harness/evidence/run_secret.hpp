// The run's secret until the bundle is sealed: a file of mode 0600 beside the bundle, `DIR.secret`.
#pragma once

#include <filesystem>

#include "harness/base/hash.hpp"

namespace geomsu {

std::filesystem::path secret_path(const std::filesystem::path& dir);
// Error kCannotCreate where there is one already, kIo where the disk takes none; nothing is then left behind.
void write_secret(const std::filesystem::path& dir, const Secret& secret);
Secret read_secret(const std::filesystem::path& dir);  // Error kNoInput, kIo, kBadData

}  // namespace geomsu
