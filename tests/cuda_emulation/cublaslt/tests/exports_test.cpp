// The library as a file: it stands in for the real one, symbol by symbol, and what it does not emulate says so.
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

namespace {

using ::testing::HasSubstr;

struct Output {
  std::string text;
  int status = 0;
};
Output run(const std::string& command) {
  Output output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {"popen failed", -1};
  std::array<char, 512> line{};
  while (fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr) output.text += line.data();
  output.status = pclose(pipe);
  return output;
}

std::set<std::string> exports(const std::string& library) {
  std::istringstream lines(run("nm -D --defined-only '" + library + "'").text);
  std::set<std::string> names;
  for (std::string address, type, name; lines >> address >> type >> name;) {
    if (type != "A") names.insert(name);
  }
  return names;
}

// In a folder of links, since the emulation's configuration lies beside the libraries as they were found.
Output call(const std::string& function) {
  const auto folder = std::filesystem::path(GEOMSU_BUILD_DIR) / "tests" / ("cublaslt-" + function);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const char* library : {"libcudart.so.13", "libcublasLt.so.13"}) {
    std::filesystem::create_symlink(std::filesystem::path(GEOMSU_EMULATION_DIR) / library, folder / library);
  }
  std::ofstream(folder / "emulation.yaml") << "node: " GEOMSU_SOURCE_DIR "/tests/cuda_emulation/nodes/dgx-h100.yaml\n";
  const Output output = run("LD_LIBRARY_PATH='" + folder.string() + "' exec '" GEOMSU_CALL_BY_NAME "' " + function);
  std::filesystem::remove_all(folder);
  return output;
}

TEST(CublasLtFile, ExportsWhatTheRealOneDoesWithItsVersionsAndNothingBeside) {
  const auto real = exports(GEOMSU_REAL_CUBLASLT);
  EXPECT_GT(real.size(), 150U);
  EXPECT_EQ(exports(GEOMSU_EMULATION_DIR "/libcublasLt.so.13"), real);
}

TEST(CublasLtFile, HasTheRealSonameAndNoPathOfItsOwn) {
  const Output dynamic = run("readelf -d '" GEOMSU_EMULATION_DIR "/libcublasLt.so.13'");
  EXPECT_THAT(dynamic.text, HasSubstr("soname: [libcublasLt.so.13]"));
  EXPECT_THAT(dynamic.text, HasSubstr("[libcudart.so.13]"));
  EXPECT_EQ(dynamic.text.find("PATH"), std::string::npos) << dynamic.text;
}

TEST(CublasLtFile, IsFoundByTheLoaderAndAnswers) {
  const Output version = call("cublasLtGetVersion");
  EXPECT_EQ(version.status, 0) << version.text;
  EXPECT_EQ(version.text, "130100\n");
}

TEST(CublasLtFile, WhatIsNotEmulatedNamesItselfAndAborts) {
  const Output stub = call("cublasLtMatrixTransform");
  EXPECT_TRUE(WIFSIGNALED(stub.status) || WEXITSTATUS(stub.status) == 128 + SIGABRT) << stub.status;
  EXPECT_THAT(stub.text, HasSubstr("cublasLtMatrixTransform is outside what is emulated"));
}

}  // namespace
