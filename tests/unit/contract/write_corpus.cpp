// Writes the corpus of contracts to a folder, good/NAME.yaml and bad/NAME.yaml, for the test of the schemas.
#include <cstdio>
#include <exception>
#include <filesystem>

#include "harness/base/files.hpp"
#include "tests/unit/contract/good_terms.hpp"

int main(int argc, char** argv) {
  using namespace geomsu;
  if (argc != 2) {
    std::fputs("usage: write_corpus FOLDER\n", stderr);
    return 64;
  }
  try {
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder / "good");
    std::filesystem::create_directories(folder / "bad");
    for (const auto& rows : {test::good_contracts(), test::good_terms()}) {
      for (const auto& row : rows) {
        write_file_atomic(folder / "good" / (row.name + ".yaml"), test::edited(row.edits));
      }
    }
    for (const auto& rows : {test::bad_contracts(), test::bad_terms(), test::bad_plans()}) {
      for (const auto& row : rows) write_file_atomic(folder / "bad" / (row.name + ".yaml"), test::edited(row.edits));
    }
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 74;
  }
  return 0;
}
