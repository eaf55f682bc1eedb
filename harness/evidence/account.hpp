// What this process has written to a bundle, file by file, so that sealing can tell whether the disk still holds that.
//
// Danger: workers run vendor code, often as the same user, and a file on the disk is anybody's who may write there. A
// manifest made from the disk alone would seal whatever it finds.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/hash.hpp"
#include "harness/evidence/bundle_dir.hpp"

namespace geomsu {

class Account {
 public:
  void wrote(std::string_view name, std::string_view bytes);  // the whole file, anew
  void appended(std::string_view name, std::string_view bytes);
  void found(const BundleDir& dir, std::string_view name);  // what a run that goes on has before it

  // In words, a file each that holds other bytes than were written, is missing or cannot be read; empty where all is
  // as written.
  std::vector<std::string> differences(const BundleDir& dir) const;

 private:
  std::map<std::string, std::unique_ptr<Sha256>, std::less<>> files_;
};

}  // namespace geomsu
