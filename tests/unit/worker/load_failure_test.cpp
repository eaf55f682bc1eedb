// A plug-in whose libraries are not there, or are others: the loader's words, and what to do.
#include "harness/worker/load_failure.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/worker/plugin_library.hpp"
#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {
namespace {
namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(LoadFailure, OfAMissingCudaRuntimeNamesItsMajorAndWhereToPutIt) {
  for (const char* library : {"libcudart.so.13", "libcublasLt.so.13"}) {
    const std::string words = std::string(library) + ": cannot open shared object file: No such file or directory";
    EXPECT_EQ(load_failure(words), "cannot be loaded: " + words +
                                       "; next: install the CUDA 13 runtime libraries or put them on LD_LIBRARY_PATH; "
                                       "this build wants major 13");
  }
  EXPECT_THAT(load_failure("libnccl.so.2: cannot open shared object file: No such file or directory"),
              HasSubstr("next: install the NCCL 2 runtime libraries"));
}

TEST(LoadFailure, OfAnyOtherMissingLibraryNamesThatLibrary) {
  EXPECT_THAT(load_failure("libvendor.so.4.2: cannot open shared object file: No such file or directory"),
              EndsWith("; next: install the package that has libvendor.so.4.2 or put its folder on LD_LIBRARY_PATH; "
                       "this build wants major 4"));
  EXPECT_THAT(load_failure("libplain.so: cannot open shared object file: No such file or directory"),
              EndsWith("put its folder on LD_LIBRARY_PATH"));
}

TEST(LoadFailure, OfALibraryOfAnotherVersionPointsAtTheOrderOfThePath) {
  for (const char* words :
       {"/x/geomsu_cuda.so: undefined symbol: cudaGetDeviceProperties_v2",
        "/l/libcudart.so.13: version `libcudart.so.13' not found (required by /x/geomsu_cuda.so)"}) {
    EXPECT_THAT(load_failure(words), StartsWith(std::string("cannot be loaded: ") + words));
    EXPECT_THAT(load_failure(words), HasSubstr("next: a library of another version was found first"));
  }
}

TEST(LoadFailure, OfTheFileItselfAndOfNoWordsInventsNothing) {
  EXPECT_THAT(load_failure("/x/geomsu_a.so: cannot open shared object file: No such file or directory"),
              Not(HasSubstr("next:")));
  EXPECT_EQ(load_failure("/x/geomsu_a.so: invalid ELF header"), "cannot be loaded: /x/geomsu_a.so: invalid ELF header");
  EXPECT_EQ(load_failure(""), "cannot be loaded: no reason given");
}

TEST(LoadFailure, IsTheReasonOfAPluginWhoseLibraryWasTakenAway) {
  const PluginLibrary library = load_plugin(GEOMSU_NEEDING_LIBRARY);
  EXPECT_EQ(library.table, nullptr);
  const std::string soname = fs::path(GEOMSU_NEEDED_LIBRARY).filename().string();
  EXPECT_THAT(library.fact.refused, StartsWith("cannot be loaded: " + soname + ": cannot open shared object file"));
  EXPECT_THAT(library.fact.refused, HasSubstr("; next: install the package that has " + soname));
  EXPECT_THAT(library.fact.refused, EndsWith("this build wants major 13"));
}

TEST(PluginLibrary, LinkedAgainstAnEmulatedRuntimeIsEmulatedWhateverItSays) {
  EXPECT_EQ(load_plugin(fake_plugin("unmarked")).fact.simulated, "emulated");
  ASSERT_NE(load_plugin(fake_plugin("unmarked")).table, nullptr);
  EXPECT_EQ(load_plugin(fake_plugin("unmarked")).table->simulated, nullptr);
  EXPECT_EQ(load_plugin(fake_plugin()).fact.simulated, "fake");
}

}  // namespace
}  // namespace geomsu::worker::test
