// replay FOLDER...: gives every file of the folders to the fuzz target, once. Fails where a folder is empty: nothing
// replayed is nothing shown.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "harness/base/files.hpp"
#include "tests/fuzz/demand.hpp"

int main(int argc, char** argv) {
  std::size_t replayed = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      const std::string bytes = geomsu::read_file(file, 16u << 20);
      std::fprintf(stderr, "%s\n", file.filename().c_str());  // the last line names the input that broke it
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      ++replayed;
    }
  }
  std::printf("%zu inputs replayed\n", replayed);
  return replayed > 0 ? 0 : 1;
}
