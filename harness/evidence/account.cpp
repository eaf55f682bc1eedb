#include "harness/evidence/account.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/error.hpp"

namespace geomsu {

void Account::wrote(std::string_view name, std::string_view bytes) {
  files_.insert_or_assign(std::string(name), std::make_unique<Sha256>()).first->second->update(bytes);
}

void Account::appended(std::string_view name, std::string_view bytes) {
  auto found = files_.find(name);
  if (found == files_.end()) found = files_.emplace(std::string(name), std::make_unique<Sha256>()).first;
  found->second->update(bytes);
}

void Account::found(const BundleDir& dir, std::string_view name) {
  constexpr std::uint64_t kChunk = 1u << 20;
  wrote(name, {});
  const std::uint64_t size = dir.size(name);
  for (std::uint64_t at = 0; at < size; at += kChunk) appended(name, dir.read(name, at, std::min(kChunk, size - at)));
}

std::vector<std::string> Account::differences(const BundleDir& dir) const {
  std::vector<std::string> words;
  for (const auto& [name, sha] : files_) {
    try {
      const std::string now = dir.digest(name).sha256;
      if (now != sha->hex()) words.push_back(fmt::format("{} has SHA-256 {}, written was {}", name, now, sha->hex()));
    } catch (const Error& error) {
      words.push_back(fmt::format("{} {}", name, error.message()));
    }
  }
  return words;
}

}  // namespace geomsu
