#include "harness/evidence/list_files.hpp"

#include <algorithm>

#include "harness/evidence/bundle.hpp"

namespace geomsu {

std::vector<std::string> read_lists(const BundleDir& dir) {
  std::vector<std::string> lists;
  while (lists.size() < kMaxLists && dir.has(list_file_name(lists.size() + 1))) {
    lists.push_back(dir.read(list_file_name(lists.size() + 1)));
  }
  return lists;
}

std::function<std::optional<std::string>(const std::string& path)> list_reader(const std::vector<std::string>& lists) {
  return [&lists, asked = std::vector<std::string>()](const std::string& path) mutable -> std::optional<std::string> {
    const auto found = std::find(asked.begin(), asked.end(), path);
    const auto number = static_cast<std::size_t>(found - asked.begin());
    if (found == asked.end()) asked.push_back(path);
    return number < lists.size() ? std::optional(lists[number]) : std::nullopt;
  };
}

}  // namespace geomsu
