// The emulation stands in for the real library: the same symbols with the same versions, and nothing of C++ but its
// own.
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace {

std::set<std::string> exports(const std::string& library) {
  const std::string command = "nm -D --defined-only '" + library + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::set<std::string> out;
  std::array<char, 512> line{};
  while (pipe && fgets(line.data(), static_cast<int>(line.size()), pipe.get()) != nullptr) {
    std::istringstream words(line.data());
    std::string address, type, name;
    words >> address >> type >> name;
    if (type != "A") out.insert(name);
  }
  return out;
}

TEST(Exports, AreTheRealOnesWithTheirVersions) {
  const auto real = exports(GEOMSU_REAL_RUNTIME), emulated = exports(GEOMSU_EMULATED_RUNTIME);
  EXPECT_GT(real.size(), 400U);
  for (const std::string& name : real) EXPECT_TRUE(emulated.contains(name)) << name;
}

TEST(Exports, BesideThemAreTheSixOfTheEmulation) {
  const auto real = exports(GEOMSU_REAL_RUNTIME);
  std::set<std::string> own;
  for (const std::string& name : exports(GEOMSU_EMULATED_RUNTIME)) {
    if (!real.contains(name)) own.insert(name);
  }
  for (const char* wanted : {"_ZN6geomsu9emulation3dieE", "_ZN6geomsu9emulation13planned_faultE",
                             "_ZN6geomsu9emulation7enqueueE", "_ZN6geomsu9emulation12device_bytesE",
                             "_ZN6geomsu9emulation7cost_nsE", "geomsu_cuda_emulation_marker@@geomsu_emulation"}) {
    EXPECT_EQ(std::erase_if(own, [wanted](const std::string& name) { return name.starts_with(wanted); }), 1U) << wanted;
  }
  for (const std::string& name : own) ADD_FAILURE() << name;
}

}  // namespace
