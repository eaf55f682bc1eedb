#include "harness/worker/load_failure.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace geomsu::worker {
namespace {

// Libraries whose major is their package's own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kPackages = {
    {{"libcudart", "CUDA"}, {"libcublasLt", "CUDA"}, {"libcublas", "CUDA"}, {"libnccl", "NCCL"}}};

// "libcudart.so.13" is libcudart of major 13; the major is empty where the name ends with .so.
struct Needed {
  std::string_view name, stem, major;
};

Needed needed(std::string_view name) {
  const std::size_t so = name.find(".so");
  if (so == std::string_view::npos) return {name, name, {}};
  std::string_view major = name.substr(so + 3);
  if (!major.empty()) major.remove_prefix(1);
  return {name, name.substr(0, so), major.substr(0, major.find('.'))};
}

std::string install(const Needed& library) {
  const auto known = std::find_if(kPackages.begin(), kPackages.end(),
                                  [&library](const auto& package) { return package.first == library.stem; });
  const std::string what = known == kPackages.end() || library.major.empty()
                               ? fmt::format("the package that has {}", library.name)
                               : fmt::format("the {} {} runtime libraries", known->second, library.major);
  std::string text = fmt::format("install {} or put them on LD_LIBRARY_PATH", what);
  if (known == kPackages.end()) text = fmt::format("install {} or put its folder on LD_LIBRARY_PATH", what);
  if (!library.major.empty()) text += fmt::format("; this build wants major {}", library.major);
  return text;
}

}  // namespace

std::string load_failure(std::string_view words) {
  std::string text = fmt::format("cannot be loaded: {}", words.empty() ? "no reason given" : words);
  const std::size_t colon = words.find(": ");
  if (colon == std::string_view::npos) return text;
  const std::string_view first = words.substr(0, colon);
  // A library that is needed stands there by its bare name; the file that was asked for, by its path.
  if (words.substr(colon + 2).starts_with("cannot open shared object file") &&
      first.find('/') == std::string_view::npos) {
    return text + "; next: " + install(needed(first));
  }
  if (words.find("undefined symbol") != std::string_view::npos ||
      (words.find("version `") != std::string_view::npos && words.find("not found") != std::string_view::npos)) {
    return text + "; next: a library of another version was found first: see which with `ldd` on the plug-in, and " +
           "correct LD_LIBRARY_PATH";
  }
  return text;
}

}  // namespace geomsu::worker
