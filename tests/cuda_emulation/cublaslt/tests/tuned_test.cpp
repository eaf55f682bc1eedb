// Kept algorithms as text: nothing here needs a GPU, nor an emulated one.
#include "kernels/cuda/tuned.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cuda {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

Tuned example() {
  return {"NVIDIA H100 80GB HBM3",
          130100,
          "gemm dtype=bf16 accumulate=fp32 out=bf16 m=8192 n=8192 k=8192 batch=1 layout=nt",
          {66, ~0ULL, 0, 0x0123456789ABCDEFULL, 5, 6, 7, 1ULL << 63},
          "id 66, tile 23"};
}

std::string refusal(const std::string& text) {
  try {
    parse_tuned(text, "x.tuned");
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), static_cast<std::uint32_t>(GEOMSU_INVALID_ARGUMENT));
    EXPECT_THAT(failure.what(), HasSubstr("next:"));
    return failure.what();
  }
  return "taken";
}

TEST(TunedAlgorithms, ComeBackFromTheirTextAsTheyWere) {
  EXPECT_EQ(parse_tuned(tuned_text(example()), "x.tuned"), example());
}

TEST(TunedAlgorithms, TextIsForPeopleToo) {
  EXPECT_THAT(tuned_text(example()), AllOf(HasSubstr("geomsu tuned algorithm 1\ndevice: NVIDIA H100 80GB HBM3\n"),
                                           HasSubstr("cublaslt: 130100\n"), HasSubstr(" 0123456789abcdef "),
                                           HasSubstr("ids: id 66, tile 23\n")));
}

TEST(TunedAlgorithms, AnyFlippedBitAndAnyCutIsRefusedWithItsLine) {
  const std::string good = tuned_text(example());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_THAT(refusal(bad), HasSubstr("x.tuned:")) << "byte " << i;
    EXPECT_THAT(refusal(good.substr(0, i)), HasSubstr("x.tuned:")) << "cut at " << i;
  }
  EXPECT_THAT(refusal(good + "more"), HasSubstr("nothing more"));
  EXPECT_THAT(refusal("geomsu tuned algorithm 2\n"), HasSubstr("x.tuned:1:"));
  EXPECT_THAT(refusal(""), HasSubstr("x.tuned:1:"));
}

TEST(TunedAlgorithms, OfAnotherDeviceLibraryOrProblemAreRefused) {
  const auto refused = [](const Tuned& found) -> std::string {
    try {
      require_same_tuned(found, example(), "x.tuned");
    } catch (const plugin::Failure& failure) {
      return failure.what();
    }
    return "taken";
  };
  Tuned other = example();
  other.algorithm[0] = 9;
  other.ids = "id 9";
  EXPECT_EQ(refused(other), "taken") << "which algorithm is what the file says";
  other.device = "NVIDIA H200";
  EXPECT_THAT(refused(other), AllOf(HasSubstr("x.tuned:2:"), HasSubstr("NVIDIA H200"), HasSubstr("whole lot")));
  other = example();
  other.library = 130200;
  EXPECT_THAT(refused(other), AllOf(HasSubstr("x.tuned:3:"), HasSubstr("130200"), HasSubstr("130100")));
  other = example();
  other.problem += "n";
  EXPECT_THAT(refused(other), HasSubstr("x.tuned:4:"));
}

TEST(TunedAlgorithms, FileNamesHoldNoPathAndTellDevicesAndProblemsApart) {
  const std::string name = tuned_file_name("NVIDIA H100/80GB ../HBM3", "gemm m=1");
  EXPECT_THAT(name, MatchesRegex("[a-z0-9-]+\\.[0-9a-f]+\\.tuned"));
  EXPECT_NE(tuned_file_name("NVIDIA H100/80GB ../HBM3", "gemm m=2"), name);
  EXPECT_NE(tuned_file_name("NVIDIA H100 80GB ../HBM3", "gemm m=1"), name);
  EXPECT_LT(tuned_file_name(std::string(1000, 'x'), "gemm m=1").size(), 255U);
}

TEST(TunedAlgorithms, AreKeptOnceTheFirstOneStaysAndNoDraftIsLeft) {
  const auto folder = std::filesystem::path(GEOMSU_BUILD_DIR) / "tests" / "tuned-files";
  std::filesystem::remove_all(folder);
  const std::string path = (folder / "a" / "b.tuned").string();
  EXPECT_FALSE(read_tuned(path).has_value());
  EXPECT_TRUE(keep_tuned(path, "first"));
  EXPECT_FALSE(keep_tuned(path, "second"));
  EXPECT_EQ(read_tuned(path), "first");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "a"))
    files += entry.is_regular_file() ? 1U : 0U;
  EXPECT_EQ(files, 1U);
  std::filesystem::remove_all(folder);
}

TEST(TunedAlgorithms, AFolderThatCannotBeWrittenIsNamed) {
  try {
    keep_tuned("/proc/nowhere/x.tuned", "text");
    FAIL();
  } catch (const plugin::Failure& failure) {
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("/proc/nowhere/x.tuned"), HasSubstr("next:")));
  }
}

}  // namespace
}  // namespace geomsu::cuda
