// The fifty instants; eight of them are in every run of the tests (resume_test.cpp).
#include <gtest/gtest.h>

#include "tests/run/kill_instants.hpp"

namespace geomsu::test {
namespace {

TEST(ResumeLong, AfterAKillAtEachOfFiftyInstantsEndsInTheUndisturbedVerdict) { kill_at_instants(50); }

}  // namespace
}  // namespace geomsu::test
