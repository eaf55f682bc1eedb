#include "harness/contract/delivery_lists.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "harness/base/hash.hpp"
#include "harness/contract/delivery_csv.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/map_reader.hpp"

namespace geomsu {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxErrors = 50;

// A list goes wherever its contract goes, so that it lies below it.
bool lies_below(const fs::path& path) {
  return path.is_relative() && path.has_filename() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".." || part == "."; });
}

}  // namespace

DeliveryLists::List* DeliveryLists::open(const YamlNode& list, const YamlNode* sha256) {
  const auto path = text_value(list, "'list'", diagnostics_);
  const auto wanted = sha256 == nullptr ? std::nullopt : text_value(*sha256, "'sha256'", diagnostics_);
  if (!path || (sha256 != nullptr && !wanted)) return nullptr;
  if (!lies_below(*path)) {
    diagnostics_.error(list.at, fmt::format("{} is no path below the contract's folder", shown(*path)),
                       {"the list goes along with the contract", "write a path like lists/1.csv, without .. and /"});
    return nullptr;
  }
  if (wanted && !is_sha256(*wanted)) {
    diagnostics_.error(sha256->at, fmt::format("{} is no SHA-256", shown(*wanted)),
                       {"it is 64 digits of 0-9 and a-f", "write what `sha256sum` prints for the list"});
    return nullptr;
  }
  for (List& known : lists_) {
    if (known.file.path != *path) continue;
    if (!wanted || *wanted == known.file.sha256) return &known;
    diagnostics_.error(sha256->at, fmt::format("{} has another sha256 in line {}", shown(*path), known.at.line),
                       {"one file has one hash", "write what `sha256sum` prints for the list at both places"});
    return nullptr;
  }
  const auto bytes = read_list_ ? read_list_(*path) : std::nullopt;
  if (!bytes) {
    diagnostics_.error(list.at, fmt::format("the list {} was not found", shown(*path)),
                       {"without it nobody knows what was delivered",
                        fmt::format("put it below the contract's folder, as {}", shown(*path))});
    return nullptr;
  }
  const std::string found = sha256_hex(*bytes);
  if (!wanted) {
    diagnostics_.error(list.at, fmt::format("the list {} has no 'sha256' beside it", shown(*path)),
                       {"another list could take its place unseen", fmt::format("write `sha256: {}`", found)});
    return nullptr;
  }
  if (found != *wanted) {
    diagnostics_.error(
        sha256->at, fmt::format("the list {} has SHA-256 {}, and the contract says {}", shown(*path), found, *wanted),
        {"it is not the list that was agreed on",
         "take the list that the contract names; where this one is agreed, amend the contract"});
    return nullptr;
  }
  const fs::path beside = fs::path(diagnostics_.file()).parent_path();
  Diagnostics own((beside / *path).string());
  lists_.push_back({{*path, *wanted}, list.at, read_delivery_csv(*bytes, own), {}});
  diagnostics_.append(own);
  return &lists_.back();
}

std::vector<ListedUnit> DeliveryLists::take(const YamlNode& list, const YamlNode* sha256, const std::string& tranche) {
  std::vector<ListedUnit> taken;
  List* open_list = open(list, sha256);
  if (open_list == nullptr) {
    failed_ = true;
    return taken;
  }
  open_list->tranches.push_back(tranche);
  for (const ListedUnit& unit : open_list->units) {
    if (unit.unit.tranche.empty() || unit.unit.tranche == tranche) taken.push_back(unit);
  }
  if (taken.empty() && !open_list->units.empty()) {
    diagnostics_.error(
        list.at, fmt::format("the list {} has no unit of tranche {}", shown(open_list->file.path), shown(tranche)),
        {"an empty scope is never accepted",
         "write the tranche's name into the column 'tranche', or leave that column out"});
  }
  return taken;
}

void DeliveryLists::finish() {
  if (failed_) return;
  for (const List& list : lists_) {
    Diagnostics own(list.units.empty() ? diagnostics_.file() : list.units.front().file);
    for (const ListedUnit& unit : list.units) {
      const std::string& name = unit.unit.tranche;
      if (name.empty() || std::find(list.tranches.begin(), list.tranches.end(), name) != list.tranches.end()) continue;
      own.error(unit.at,
                fmt::format("the unit {} is of tranche {}, and no tranche of that name takes this list",
                            shown(unit.unit.serial), shown(name)),
                {"it would be in no tranche, and never be missed",
                 "name the list at that tranche of the contract too, or correct the row"});
    }
    diagnostics_.append_clipped(own, kMaxErrors);
  }
}

std::vector<DeliveryFile> DeliveryLists::files() const {
  std::vector<DeliveryFile> files;
  for (const List& list : lists_) files.push_back(list.file);
  return files;
}

}  // namespace geomsu
