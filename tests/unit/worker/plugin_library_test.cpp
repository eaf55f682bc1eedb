// Loading: versions that are served, and refusals with their reason.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/files.hpp"
#include "harness/worker/build_id.hpp"
#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {
namespace {
using namespace protocol;

TEST(PluginLibrary, EveryRefusalHasItsReason) {
  const TempDir directory;
  const std::vector<std::pair<std::filesystem::path, std::string>> cases = {
      {fake_plugin("bad_major"), "it speaks ABI 2.0, this worker 1.0"},
      {fake_plugin("null"), "gave NULL"},
      {fake_plugin("short"), "248 bytes, ABI 1.0 has 256"},
      {fake_plugin("hollow"), "slot 'digest' of its table is NULL"},
      {directory.path() / "absent.so", "absent.so"},
      {directory.write("text.so", "no ELF at all"), "cannot be loaded"},
      {directory.path(), directory.path().string()},
      {GEOMSU_OTHER_LIBRARY, "does not export geomsu_plugin_query"},
  };
  for (const auto& [path, words] : cases) {
    const PluginLibrary library = load_plugin(path);
    EXPECT_EQ(library.table, nullptr) << path;
    EXPECT_NE(library.fact.refused.find(words), std::string::npos) << path << ": " << library.fact.refused;
  }
}

TEST(PluginLibrary, OlderAndNewerMinorsAreServed) {
  for (const char* variant : {"old_minor", "new_minor"}) {
    const PluginLibrary library = load_plugin(fake_plugin(variant));
    ASSERT_NE(library.table, nullptr) << library.fact.refused;
    Session session(library, {});
    EXPECT_TRUE(std::get<HelloResult>(session.handle(HelloRequest{})).ok());
    EXPECT_TRUE(std::get<OpenResult>(session.handle(OpenRequest{{0}})).ok());
    EXPECT_TRUE(std::get<PrepareResult>(session.handle(PrepareRequest{"gemm", kGemm32, 1})).ok());
  }
}

TEST(PluginLibrary, ARefusedPluginStillAnswersHello) {
  Session session(load_plugin(fake_plugin("bad_major")), {});
  const auto hello = std::get<HelloResult>(session.handle(HelloRequest{}));
  EXPECT_EQ(hello.status, Status::kUnsupported);
  ASSERT_EQ(hello.refused.size(), 1u);
  EXPECT_NE(hello.refused[0].refused.find("majors must be equal"), std::string::npos);
  EXPECT_EQ(hello.refused[0].path, fake_plugin("bad_major").string());
  EXPECT_EQ(hello.refused[0].sha256.size(), 64u);
  EXPECT_FALSE(hello.boot_id.empty());
  const auto devices = std::get<DevicesResult>(session.handle(DevicesRequest{}));
  EXPECT_EQ(devices.status, Status::kUnsupported);
  EXPECT_NE(devices.reason.find("majors must be equal"), std::string::npos);
  EXPECT_TRUE(std::get<ShutdownResult>(session.handle(ShutdownRequest{})).ok());
}

TEST(PluginLibrary, AnInstanceThatCannotBeMadeIsARefusalToo) {
  Session session(load_plugin(fake_plugin()), {{"colour", "red"}});
  const auto hello = std::get<HelloResult>(session.handle(HelloRequest{}));
  EXPECT_EQ(hello.status, Status::kUnsupported);
  EXPECT_NE(hello.reason.find("no setting 'colour'"), std::string::npos) << hello.reason;
  EXPECT_EQ(hello.refused.size(), 1u);
}

TEST(PluginLibrary, ATableWithoutANameIsRefused) {
  geomsu_plugin table = *load_plugin(fake_plugin()).table;
  EXPECT_EQ(why_refused(&table), "");
  table.name = "";
  EXPECT_NE(why_refused(&table).find("no name"), std::string::npos);
  table.name = nullptr;
  EXPECT_NE(why_refused(&table).find("no name"), std::string::npos);
  EXPECT_NE(why_refused(nullptr).find("NULL"), std::string::npos);
}

TEST(BuildId, IsReadFromTheNoteAndIsTheSameForTheSameBytes) {
  const std::string elf = read_file(worker_program());
  const std::string id = build_id(elf);
  if (!id.empty()) {
    EXPECT_GE(id.size(), 16u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
  // Linked with --build-id=0x0123456789abcdef by this test's own list.
  EXPECT_EQ(build_id(read_file(GEOMSU_OTHER_LIBRARY)), "0123456789abcdef");
}

TEST(BuildId, FilesThatAreCutShortOrLieNeverReadBeyondTheirEnd) {
  const std::string elf = read_file(GEOMSU_OTHER_LIBRARY);
  EXPECT_EQ(build_id(""), "");
  EXPECT_EQ(build_id("\x7f"
                     "ELF"),
            "");
  for (std::size_t size = 0; size < 1200 && size < elf.size(); ++size)
    static_cast<void>(build_id(std::string(elf, 0, size)));
  for (std::size_t at = 16; at < 1200 && at < elf.size(); ++at) {
    std::string broken = elf;
    broken[at] = '\xFF';
    static_cast<void>(build_id(broken));
  }
}

}  // namespace
}  // namespace geomsu::worker::test
