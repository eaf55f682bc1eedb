// Exports of real shared objects, and of bytes that lie about themselves.
#include "harness/conform/elf.hpp"

#include <cstring>
#include <string>

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"

namespace geomsu::conform {
namespace {

std::string plugin() { return read_file(GEOMSU_FAKE_PLUGIN, 1u << 30); }

TEST(ExportedSymbols, OfAPluginHoldTheQuery) {
  EXPECT_THAT(exported_symbols(plugin()), ::testing::Contains("geomsu_plugin_query"));
}

TEST(ExportedSymbols, OfWhatIsNoSharedObjectAreRefused) {
  EXPECT_THROW(exported_symbols(""), Error);
  EXPECT_THROW(exported_symbols("hello"), Error);
  EXPECT_THROW(exported_symbols(std::string(4096, '\0')), Error);
  std::string other = plugin();
  other[EI_CLASS] = ELFCLASS32;
  EXPECT_THROW(exported_symbols(other), Error);
}

TEST(ExportedSymbols, OfAFileThatWasCutAreRefused) {
  const std::string whole = plugin();
  EXPECT_THROW(exported_symbols(whole.substr(0, whole.size() / 2)), Error);
}

TEST(ExportedSymbols, OfAFileThatPointsOutsideOfItselfAreRefused) {
  std::string bytes = plugin();
  const std::uint64_t far = ~std::uint64_t{0} - 8;
  std::memcpy(bytes.data() + offsetof(Elf64_Ehdr, e_shoff), &far, sizeof far);
  EXPECT_THROW(exported_symbols(bytes), Error);
}

}  // namespace
}  // namespace geomsu::conform
