#include "harness/judge/lot_files.hpp"

#include <algorithm>
#include <system_error>

#include "harness/base/error.hpp"

namespace geomsu {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 8;

// A bundle that was never sealed, or lost its manifest, is one still.
bool is_bundle(const fs::path& dir) {
  std::error_code ignored;
  for (const char* name : {"manifest.json", "plan.json", "trials.jsonl"}) {
    if (fs::exists(fs::symlink_status(dir / name, ignored))) return true;
  }
  return false;
}

void walk(const fs::path& dir, const fs::path& relative, int depth, std::vector<fs::path>& found) {
  if (depth > kDeepest) {
    throw Error(ErrorCode::kBadData, "lies more than 8 folders deep in the lot", dir.string(),
                "put the bundles nearer to the lot's directory");
  }
  std::error_code failed;
  for (fs::directory_iterator entry(dir, failed), end; !failed && entry != end; entry.increment(failed)) {
    const fs::path name = entry->path().filename();
    if (entry->is_symlink() || !entry->is_directory() || name.extension() == ".report") continue;
    if (is_bundle(entry->path())) {
      found.push_back(relative / name);
    } else {
      walk(entry->path(), relative / name, depth + 1, found);
    }
  }
  if (failed) throw Error(ErrorCode::kIo, "cannot be listed: " + failed.message(), dir.string());
}

}  // namespace

bool is_lot(const fs::path& dir) { return !is_bundle(dir) && !bundles_of(dir).empty(); }

std::vector<fs::path> bundles_of(const fs::path& lot) {
  std::vector<fs::path> found;
  walk(lot, {}, 0, found);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace geomsu
