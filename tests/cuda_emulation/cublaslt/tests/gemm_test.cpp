// The CUDA backend's gemm over the emulated cuBLASLt, against the reference in double that the host judges by.
#include "kernels/ops/gemm.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <sstream>

#include <cublasLt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/gemm_request.hpp"
#include "kernels/cuda/tuned.hpp"
#include "kernels/cuda/workload.hpp"
#include "kernels/ops/rounding.hpp"
#include "tests/cuda_emulation/cublaslt/descriptors.hpp"
#include "tests/cuda_emulation/cublaslt/tests/desk.hpp"

namespace geomsu::cuda {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t kSeed = 0x0123456789ABCDEF;

ops::Params complete(const ops::Params& given) {
  std::vector<ops::Problem> problems;
  ops::Params params = ops::gemm().complete(given, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.rule;
  return params;
}

class CudaGemm : public ::testing::Test {
 protected:
  void SetUp() override {
    desk::reset_desk();
    folder_ = std::filesystem::path(GEOMSU_BUILD_DIR) / "tests" /
              ("tuned-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Device& device() {
    if (!device_) device_ = std::make_unique<Device>(read_facts(0));
    return *device_;
  }
  std::unique_ptr<Workload> make(const ops::Params& given, std::uint64_t sets = 2,
                                 const std::string& algorithm = "heuristic") {
    std::unique_ptr<Workload> work;
    device().call([&] {
      Grant grant{device(), device().free_bytes(), sets};
      grant.gemm_workspace_bytes = workspace_bytes_;
      work = make_gemm(complete(given), algorithm, folder_.string(), grant);
    });
    return work;
  }
  void run(Workload& work, std::uint64_t repeats) {
    const std::uint64_t first = work.book(repeats);
    device().call([&] {
      for (std::uint64_t i = 0; i < repeats; ++i) work.queue(first + i, device().stream());
      device().wait("a block");
    });
  }
  std::string refused(const ops::Params& given, std::uint32_t code, const std::string& algorithm = "heuristic") {
    try {
      make(given, 2, algorithm);
    } catch (const plugin::Failure& failure) {
      EXPECT_EQ(failure.code(), code) << failure.what();
      return failure.what();
    }
    ADD_FAILURE() << "not refused";
    return {};
  }

  // Every element, the RMS of their errors, and the projection of one repeat, as the host checks them.
  void check(Workload& work, const ops::Params& given, std::uint64_t repeats, std::uint64_t repeat) {
    const ops::Params params = complete(given);
    const auto reference = ops::gemm().reference(params, {kSeed, repeats, work.operand_sets(), 0});
    std::vector<std::uint64_t> indices(reference->elements());
    std::iota(indices.begin(), indices.end(), 0U);
    std::vector<double> got(indices.size());
    work.read(0, repeat, indices, got.data());
    double errors = 0, outputs = 0;
    bool scaled = false;
    for (const std::uint64_t index : indices) {
      const ops::Expected expected = reference->element(index, repeat);
      ASSERT_LE(std::fabs(got[index] - expected.value), expected.tolerance) << "element " << index;
      if (expected.scale == 0) continue;
      scaled = true;
      errors += std::pow((got[index] - expected.value) / expected.scale, 2);
      outputs += std::pow(expected.value / expected.scale, 2);
    }
    const auto count = static_cast<double>(indices.size());
    if (const auto limit = reference->rms_limit(outputs / count); limit && scaled) {
      EXPECT_LE(std::sqrt(errors / count), *limit);
    }
    std::vector<double> values, tolerances;
    reference->projection(repeat, 77, values, tolerances);
    const std::vector<double> projected = work.project(0, repeat, 77);
    ASSERT_EQ(projected.size(), values.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
      ASSERT_LE(std::fabs(projected[row] - values[row]), tolerances[row]) << "row " << row;
    }
  }

  std::filesystem::path folder_;
  std::uint64_t workspace_bytes_ = 1 << 20;
  std::unique_ptr<Device> device_;
};

ops::Params shape(const std::string& dtype, const std::string& layout = "nn", const std::string& batch = "1") {
  return {{"dtype", dtype}, {"m", "16"}, {"n", "48"}, {"k", "32"}, {"layout", layout}, {"batch", batch}};
}
ops::Params with(ops::Params params, const std::string& key, const std::string& value) {
  params[key] = value;
  return params;
}

TEST_F(CudaGemm, EveryDtypeLayoutAndBatchMeetsTheReferenceOverItsRounds) {
  for (const std::string dtype : {"fp64", "fp32", "tf32", "bf16", "fp16", "fp8_e4m3", "int8"}) {
    for (const std::string layout : {"nn", "nt", "tn", "tt"}) {
      if ((dtype == "fp8_e4m3" || dtype == "int8") && layout != "nt") continue;
      for (const std::string batch : {"1", "2"}) {
        SCOPED_TRACE(dtype + " " + layout + " batch " + batch);
        const ops::Params given = shape(dtype, layout, batch);
        const auto work = make(given, 3);
        ASSERT_EQ(work->operand_sets(), 3U);
        work->reseed(kSeed);
        run(*work, 2);
        check(*work, given, 2, 1);
        run(*work, 5);
        for (const std::uint64_t repeat : {4U, 5U, 6U}) check(*work, given, 7, repeat);
      }
    }
  }
}

TEST_F(CudaGemm, EveryWayToAccumulateAndEveryOutputMeetsItsClass) {
  const std::vector<ops::Params> all{
      with(shape("fp32"), "accumulate", "tf32_in"),
      with(shape("bf16"), "out", "fp32"),
      with(shape("fp16"), "out", "fp32"),
      with(shape("fp8_e4m3", "nt"), "out", "fp16"),
      with(shape("fp8_e4m3", "nt"), "out", "fp32"),
      with(with(shape("fp8_e4m3", "nt"), "out", "fp32"), "accumulate", "fp8_fast"),
  };
  for (const ops::Params& given : all) {
    SCOPED_TRACE(gemm_words(complete(given)));
    const auto work = make(given);
    work->reseed(kSeed);
    run(*work, 3);
    check(*work, given, 3, 2);
  }
}

TEST_F(CudaGemm, Fp32IsNotTf32AndFastFp8IsNotFp32) {
  const auto digest = [&](const ops::Params& given) {
    const auto work = make(given, 1);
    work->reseed(kSeed);
    run(*work, 1);
    return work->digest(0, 0);
  };
  EXPECT_NE(digest(shape("fp32")), digest(with(shape("fp32"), "accumulate", "tf32_in")));
  const ops::Params fp8 = with(with(shape("fp8_e4m3", "nt"), "out", "fp32"), "k", "1024");
  EXPECT_NE(digest(fp8), digest(with(fp8, "accumulate", "fp8_fast")));
}

TEST_F(CudaGemm, OddShapesRun) {
  const ops::Params given{{"dtype", "bf16"}, {"m", "7"}, {"n", "5"}, {"k", "3"}, {"layout", "tn"}};
  const auto work = make(given);
  work->reseed(kSeed);
  run(*work, 3);
  check(*work, given, 3, 2);
}

TEST_F(CudaGemm, OperandsAreReadAtTheirLogicalPlaces) {
  const auto work = make(shape("bf16", "tt", "2"));
  work->reseed(kSeed);
  const ops::Dtype& dtype = *ops::find_dtype("bf16");
  for (const std::uint64_t role : {ops::kRoleA, ops::kRoleB}) {
    const std::vector<std::uint64_t> indices{0, 1, 33, 500, 1023};
    std::vector<double> got(indices.size());
    work->read(static_cast<std::uint32_t>(role), 1, indices, got.data());
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const std::uint64_t tensor = ops::tensor_id(1, role);
      EXPECT_EQ(got[i],
                ops::round_to(dtype, ops::value(ops::Data::kNormal, ops::stream(kSeed, tensor), tensor, indices[i])));
    }
  }
  try {
    work->digest(ops::kRoleA, 0);
    FAIL();
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), static_cast<std::uint32_t>(GEOMSU_UNSUPPORTED));
    EXPECT_THAT(failure.what(), HasSubstr("transposed"));
  }
}

TEST_F(CudaGemm, AReplayHasTheSameDigestAndAnotherSeedAnother) {
  const auto work = make(shape("fp16", "nt"));
  const auto digest = [&](std::uint64_t seed) {
    work->reseed(seed);
    run(*work, 5);
    return work->digest(0, 4);
  };
  const std::uint64_t first = digest(kSeed);
  EXPECT_EQ(digest(kSeed), first);
  EXPECT_NE(digest(kSeed + 1), first);
  EXPECT_TRUE(work->deterministic());
}

TEST_F(CudaGemm, ThePlanCountsOperandsWorkspaceAndScalesAndNothingIsTakenBeside) {
  device();
  std::uint64_t before = 0, after = 0;
  const auto taken = [] {
    std::uint64_t bytes = 0;
    for (const auto& [address, allocation] : desk::desk().memory) bytes += allocation.bytes.size();
    return bytes;
  };
  before = taken();
  const auto work = make(shape("fp32"), 3);
  after = taken();
  EXPECT_EQ(work->memory_bytes(), after - before);
  EXPECT_EQ(work->memory_bytes(), 3U * 4 * (16 * 32 + 32 * 48 + 16 * 48) + (1 << 20) + 256);
  const int mallocs = desk::desk().calls["cudaMalloc"];
  work->reseed(kSeed);
  run(*work, 7);
  EXPECT_EQ(desk::desk().calls["cudaMalloc"], mallocs) << "repeats allocate nothing";
}

TEST_F(CudaGemm, WhatDoesNotFitIsRefusedBeforeAnythingIsTaken) {
  device();
  const int mallocs = desk::desk().calls["cudaMalloc"];
  desk::desk().free_bytes = 1 << 20;
  EXPECT_THAT(refused(shape("fp32"), GEOMSU_OUT_OF_MEMORY),
              AllOf(HasSubstr("one operand set needs 11264 bytes"), HasSubstr("next:")));
  EXPECT_EQ(desk::desk().calls["cudaMalloc"], mallocs);
}

TEST_F(CudaGemm, WhatCublasLtDoesNotOfferIsUnsupportedWithTheReason) {
  EXPECT_THAT(refused(shape("fp8_e4m3", "nn"), GEOMSU_UNSUPPORTED),
              AllOf(HasSubstr("fp8_e4m3"), HasSubstr("layout=nn"), HasSubstr("next: layout nt"), HasSubstr("13.1.0")));
  EXPECT_THAT(refused(shape("fp8_e5m2", "nt"), GEOMSU_UNSUPPORTED),
              AllOf(HasSubstr("never E5M2 with E5M2"), HasSubstr("next: contract fp8_e4m3")));
  EXPECT_THAT(refused(with(shape("fp8_e4m3", "nt"), "k", "40"), GEOMSU_UNSUPPORTED), HasSubstr("multiples of 16"));
  EXPECT_THAT(refused(with(shape("fp8_e4m3", "nt"), "n", "20"), GEOMSU_UNSUPPORTED), HasSubstr("rows of C"));
  EXPECT_NE(make(with(shape("fp8_e4m3", "nt"), "m", "17")), nullptr) << "rows of A may be as many as one likes";
  EXPECT_THAT(refused(shape("int8", "nn"), GEOMSU_UNSUPPORTED), AllOf(HasSubstr("int8"), HasSubstr("next: layout nt")));
  EXPECT_THAT(refused(with(shape("fp32"), "accumulate", "fp64"), GEOMSU_UNSUPPORTED), HasSubstr("not in fp64"));
  device_.reset();
  desk::desk().capability = 80;
  EXPECT_THAT(refused(shape("fp8_e4m3", "nt"), GEOMSU_UNSUPPORTED), HasSubstr("8.9"));
  device_.reset();
  desk::desk().capability = 100;
  EXPECT_NE(make(shape("fp8_e4m3", "nn")), nullptr) << "Blackwell takes every layout: the library is asked, not us";
}

TEST_F(CudaGemm, VariablesThatChangeThePrecisionAreRefusedByName) {
  const auto asked = [](const std::string& dtype, const std::string& accumulate, const std::string& name) {
    ops::GemmShape shape;
    shape.dtype = dtype;
    shape.accumulate = accumulate;
    return gemm_refusal(shape, [&](const char* wanted) { return name == wanted ? "1" : nullptr; });
  };
  EXPECT_EQ(asked("fp32", "fp32", ""), "");
  EXPECT_THAT(asked("fp32", "fp32", "NVIDIA_TF32_OVERRIDE"), HasSubstr("NVIDIA_TF32_OVERRIDE=1"));
  EXPECT_THAT(asked("tf32", "fp32", "NVIDIA_TF32_OVERRIDE"), HasSubstr("unset it"));
  EXPECT_THAT(asked("fp32", "tf32_in", "NVIDIA_TF32_OVERRIDE"), HasSubstr("unset it"));
  EXPECT_THAT(asked("fp32", "fp32", "CUBLAS_EMULATE_SINGLE_PRECISION"), HasSubstr("unset it"));
  EXPECT_THAT(asked("fp64", "fp64", "CUBLAS_EMULATE_DOUBLE_PRECISION"), HasSubstr("unset it"));
  EXPECT_EQ(asked("bf16", "fp32", "NVIDIA_TF32_OVERRIDE"), "");
  ::setenv("NVIDIA_TF32_OVERRIDE", "1", 1);
  EXPECT_THAT(refused(shape("fp32"), GEOMSU_UNSUPPORTED), HasSubstr("NVIDIA_TF32_OVERRIDE=1"));
  ::unsetenv("NVIDIA_TF32_OVERRIDE");
}

TEST_F(CudaGemm, TheAlgorithmIsNamedByTheLibrarysOwnNumbers) {
  EXPECT_EQ(make(shape("bf16"))->algorithm(),
            "cuBLASLt 13.1.0, heuristic: id 66, tile 23, stages 35, split-k 1, reduction 0, swizzle 0, custom 0, inner "
            "0, cluster 3, workspace 32768 bytes");
  workspace_bytes_ = 0;
  EXPECT_THAT(make(shape("bf16"))->algorithm(), AllOf(HasSubstr("id 21"), HasSubstr("workspace 0 bytes")));
}

TEST_F(CudaGemm, TuningFindsTheFastestOnceAndItIsTakenWithoutTimingFromThenOn) {
  const ops::Params given = shape("bf16", "nt");
  const auto tuned = make(given, 2, "tuned");
  EXPECT_THAT(tuned->algorithm(), AllOf(HasSubstr("tuned: id 21, tile 24"), Not(HasSubstr("heuristic"))));
  const int products = desk::desk().calls["cublasLtMatmul"];
  EXPECT_GE(products, 5 * 6);
  const auto again = make(given, 2, "tuned");
  EXPECT_EQ(again->algorithm(), tuned->algorithm()) << "digests are compared where these words are equal";
  EXPECT_EQ(desk::desk().calls["cublasLtMatmul"], products) << "nothing was timed";
  again->reseed(kSeed);
  run(*again, 3);
  check(*again, given, 3, 2);
  EXPECT_THAT(make(given)->algorithm(), HasSubstr("heuristic: id 66"));
}

TEST_F(CudaGemm, AKeptChoiceThatCannotBeTakenIsRefusedAndNeverReplaced) {
  const ops::Params given = shape("bf16", "nt");
  make(given, 2, "tuned");
  const auto path = folder_ / tuned_file_name(desk::desk().name, gemm_words(complete(given)));
  const auto text = *read_tuned(path.string());
  const auto with_file = [&](const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
    const std::string why = refused(given, GEOMSU_INVALID_ARGUMENT, "tuned");
    EXPECT_EQ(*read_tuned(path.string()), content) << "it was replaced";
    return why;
  };
  const Tuned kept = parse_tuned(text, "kept");
  Tuned foreign = kept;
  foreign.library = 120803;
  EXPECT_THAT(with_file(tuned_text(foreign)), AllOf(HasSubstr("120803"), HasSubstr(":3:"), HasSubstr("next:")));
  Tuned nonsense = kept;
  nonsense.algorithm.fill(1);
  EXPECT_THAT(with_file(tuned_text(nonsense)), HasSubstr("CUBLAS_STATUS_INVALID_VALUE"));
  std::string flipped = text;
  flipped[flipped.find("algorithm: ") + 20] ^= 1;
  EXPECT_THAT(with_file(flipped), HasSubstr("was changed since it was written"));
  EXPECT_THAT(with_file(text.substr(0, text.size() / 2)), HasSubstr("ends here"));
}

TEST_F(CudaGemm, APlannedFaultOfTheLibraryBecomesAnErrorInWords) {
  const auto work = make(shape("bf16"));
  work->reseed(kSeed);
  desk::desk().faults["cublasLtMatmul"] = {desk::desk().calls["cublasLtMatmul"] + 2, CUBLAS_STATUS_EXECUTION_FAILED};
  try {
    run(*work, 3);
    FAIL();
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), static_cast<std::uint32_t>(GEOMSU_DEVICE_LOST));
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("cublasLtMatmul failed"), HasSubstr("CUBLAS_STATUS_EXECUTION_FAILED")));
  }
}

TEST_F(CudaGemm, EveryCallThatFailsWhilePreparingLeavesNothingBehind) {
  device();
  for (const char* function :
       {"cublasLtCreate", "cublasLtMatmulDescCreate", "cublasLtMatmulDescSetAttribute", "cublasLtMatrixLayoutCreate",
        "cublasLtMatmulPreferenceCreate", "cublasLtMatmulPreferenceSetAttribute", "cublasLtMatmulAlgoGetHeuristic",
        "cublasLtMatmulAlgoConfigGetAttribute", "cudaMalloc"}) {
    SCOPED_TRACE(function);
    device_.reset();
    device();
    const std::int64_t descriptors = emulation::lt::live_descriptors();
    const std::size_t allocations = desk::desk().memory.size();
    const bool of_cuda = std::string(function).starts_with("cuda");
    desk::desk().faults[function] = {desk::desk().calls[function] + 1,
                                     of_cuda ? int{cudaErrorMemoryAllocation} : int{CUBLAS_STATUS_ALLOC_FAILED}};
    EXPECT_THAT(refused(shape("bf16"), GEOMSU_OUT_OF_MEMORY), HasSubstr(function));
    EXPECT_EQ(emulation::lt::live_descriptors(), descriptors);
    EXPECT_EQ(desk::desk().memory.size(), allocations);
    desk::desk().faults.clear();
  }
}

}  // namespace
}  // namespace geomsu::cuda
