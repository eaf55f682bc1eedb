#include "harness/evidence/leftovers.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace fs = std::filesystem;
namespace {

std::string words(int error) { return std::generic_category().message(error); }

}  // namespace

void cut(const fs::path& path, std::uint64_t size) {
  const Descriptor fd(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (fd.get() < 0 || ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0 || ::fsync(fd.get()) != 0) {
    throw Error(ErrorCode::kIo, "cannot be cut: " + words(errno), path.string());
  }
}

std::string cut_torn_line(const BundleDir& dir, const std::string& name, std::vector<std::string>* notes) {
  std::string text = dir.read(name);
  const std::size_t last = text.rfind('\n');
  const std::size_t whole = last == std::string::npos ? 0 : last + 1;
  if (whole == text.size()) return text;
  if (notes != nullptr)
    notes->push_back(fmt::format("{}: a torn last line of {} bytes was cut", name, text.size() - whole));
  cut(dir.path() / name, whole);
  text.resize(whole);
  return text;
}

void remove_leftovers(const BundleDir& dir, std::vector<std::string>* notes) {
  for (const std::string& name : dir.names()) {
    const bool temporary = name.starts_with('.') && name.ends_with(".tmp");
    const bool of_sealing = name == "verdict.json" || name == "verdict.jsonl" || name == "run_secret.hex";
    if (!temporary && !of_sealing) continue;
    if (::unlink((dir.path() / name).c_str()) != 0)
      throw Error(ErrorCode::kIo, "cannot be removed: " + words(errno), dir.where(name));
    if (notes != nullptr) notes->push_back(name + ": left by an interrupted write, removed");
  }
}

}  // namespace geomsu
