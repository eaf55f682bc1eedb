// A directory of the test's own under the system's temporary directory; gone with its object.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace geomsu::test {

class ScratchDir {
 public:
  ScratchDir();
  ~ScratchDir();
  ScratchDir(ScratchDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  // Writes `name` into it and gives its whole path.
  std::filesystem::path file(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace geomsu::test
