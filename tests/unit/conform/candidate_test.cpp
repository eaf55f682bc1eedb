// What words on the command line name.
#include "harness/conform/candidate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.hpp"

namespace geomsu::conform {
namespace {

using ::testing::ElementsAre;

TEST(Candidate, ThatIsASharedObjectIsHostedByTheWorkerWithItsSettings) {
  const Candidate candidate = make_candidate({GEOMSU_FAKE_PLUGIN}, {"devices=2", "time=real"}, "/bin/worker");
  EXPECT_TRUE(candidate.is_plugin());
  EXPECT_THAT(candidate.command, ElementsAre("/bin/worker", "--plugin", GEOMSU_FAKE_PLUGIN, "--param", "devices=2",
                                             "--param", "time=real"));
}

TEST(Candidate, ThatIsACommandIsFoundOnThePathAndKeepsItsArguments) {
  const Candidate candidate = make_candidate({"sh", "-c", "exit 3"}, {}, {});
  EXPECT_FALSE(candidate.is_plugin());
  EXPECT_EQ(candidate.command.front().front(), '/');
  EXPECT_EQ(candidate.command.back(), "exit 3");
  EXPECT_THAT(candidate.name(), ::testing::HasSubstr("-c 'exit 3'"));
}

TEST(Candidate, ThatIsNotThereOrHasSettingsItCannotTakeIsRefused) {
  EXPECT_THROW(make_candidate({}, {}, {}), Error);
  EXPECT_THROW(make_candidate({"/nonexistent/a.so"}, {}, "/bin/worker"), Error);
  EXPECT_THROW(make_candidate({"no-such-program-of-anybody"}, {}, {}), Error);
  EXPECT_THROW(make_candidate({"sh"}, {"a=b"}, {}), Error);
  EXPECT_THROW(make_candidate({GEOMSU_FAKE_PLUGIN}, {"nonsense"}, "/bin/worker"), Error);
}

}  // namespace
}  // namespace geomsu::conform
