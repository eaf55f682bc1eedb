// Small texts of /proc and /sys. What is missing, may not be read or is no number is absent, never 0.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace geomsu::cpu::files {

// A file that holds one number and nothing else.
std::optional<double> number(const std::filesystem::path& path);
// The same, where negative makes no sense: counters.
std::optional<double> count(const std::filesystem::path& path);
std::string line(const std::filesystem::path& path);  // the first one; "" where there is none
// Entries of a folder whose names begin so, in the order of their names.
std::vector<std::filesystem::path> entries(const std::filesystem::path& folder, const std::string& prefix);
// "mc12" after "mc": 12. nullopt where other than digits follow.
std::optional<int> index_of(const std::filesystem::path& path, const std::string& prefix);
std::vector<int> cpu_list(const std::string& text);  // "0-3,8": the kernel's lists; empty where it is none

}  // namespace geomsu::cpu::files
