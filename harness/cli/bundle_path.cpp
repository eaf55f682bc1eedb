#include "harness/cli/bundle_path.hpp"

#include <string>
#include <system_error>

#include "harness/base/error.hpp"

namespace geomsu::cli {
namespace fs = std::filesystem;

fs::path existing_bundle(const fs::path& dir) {
  std::error_code failed;
  const fs::file_status status = fs::status(dir, failed);
  if (!fs::exists(status)) {
    throw Error(ErrorCode::kNoInput, "there is no such bundle", dir.string(),
                "name the directory that `geomsu run` wrote");
  }
  if (!fs::is_directory(status)) {
    throw Error(ErrorCode::kBadData, "this is not a directory, so it is no bundle", dir.string(),
                "name the directory that `geomsu run` wrote");
  }
  return dir;
}

void refuse_inside(const fs::path& path, const fs::path& bundle, std::string_view flag) {
  std::error_code failed;
  const fs::path root = fs::canonical(bundle, failed);
  fs::path target = fs::weakly_canonical(path, failed);
  if (failed) target = fs::absolute(path).lexically_normal();  // what is wrong with it, the writing will say
  const fs::path within = target.lexically_relative(root);
  if (!within.empty() && *within.begin() != "..") {
    throw Error(ErrorCode::kUsage, "'" + path.string() + "' lies in the bundle, which is never written into",
                std::string(flag), "choose a place beside it");
  }
}

}  // namespace geomsu::cli
