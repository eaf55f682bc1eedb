#include "kernels/cpu/telemetry_files.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>

namespace geomsu::cpu::files {
namespace {

constexpr int kMostCpus = 8192;  // the kernel's own limit is at most this

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  return text;
}

std::optional<double> number(const std::filesystem::path& path) {
  // Whole numbers only, as all of these files are: "nan" and "1e3" are none.
  const auto value = parsed<long long>(line(path));
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

std::optional<double> count(const std::filesystem::path& path) {
  const auto value = number(path);
  return value && *value >= 0 ? value : std::nullopt;
}

std::vector<std::filesystem::path> entries(const std::filesystem::path& folder, const std::string& prefix) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(prefix)) found.push_back(it->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<int> index_of(const std::filesystem::path& path, const std::string& prefix) {
  const std::string name = path.filename().string();
  if (!name.starts_with(prefix) || name.size() == prefix.size() || name[prefix.size()] == '-') return std::nullopt;
  return parsed<int>(std::string_view(name).substr(prefix.size()));
}

std::vector<int> cpu_list(const std::string& text) {
  std::vector<int> cpus;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    const std::size_t dash = part.find('-');
    const auto first = parsed<int>(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parsed<int>(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last >= kMostCpus) return {};
    for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
    begin = end + 1;
  }
  return cpus;
}

}  // namespace geomsu::cpu::files
