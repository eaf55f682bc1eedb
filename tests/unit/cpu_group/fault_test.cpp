// Ranks that fail, hang or cheat: what is waited for ends, and the reference notices.
#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>

#include "tests/unit/cpu_group/under_test.hpp"

namespace {

using namespace geomsu;
using namespace geomsu::cpu::test;
using cpu::Collective;
using cpu::Crew;
using cpu::Seat;

class Bent : public Collective {
 public:
  using Collective::bytes;
  using Collective::Collective;
  std::function<bool(const Seat&, std::uint64_t)> before;  // false: this share is not done

 protected:
  void do_share(const Seat& seat, std::uint64_t repeat) override {
    if (!before || before(seat, repeat)) Collective::do_share(seat, repeat);
  }
};

constexpr std::uint64_t kCount = 3001;  // elements: too many for a message, so that buffers are shared directly

struct CpuCollectiveFault : testing::Test {
  Crew crew{cores_for(2, 1)};
  ops::CollectiveShape shape = shape_of("all_reduce", kCount, 2, "fp32");
  Bent work{shape, crew, Collective::Grant{1u << 30, 3}};
};

TEST_F(CpuCollectiveFault, OneFlippedBitOfAnyRankIsSeen) {
  for (const std::uint32_t rank : {0u, 1u}) {
    work.reseed(7);
    run(work, 3);
    ASSERT_EQ(wrong_elements(shape, work, 7, 3, 1), 0u);
    const std::uint64_t digest = work.digest(0, rank, 1);
    work.bytes(0, rank, 1)[4 * 1234 + 2] ^= std::byte{0x80};
    EXPECT_EQ(wrong_elements(shape, work, 7, 3, 1), 1u);
    EXPECT_EQ(wrong_projections(shape, work, 7, 3, 1), 1u);
    EXPECT_NE(work.digest(0, rank, 1), digest);
  }
}

TEST_F(CpuCollectiveFault, AShareThatIsLeftOutIsSeen) {
  work.before = [](const Seat& seat, std::uint64_t) { return seat.rank != 1; };
  work.reseed(7);
  run(work, 3);
  EXPECT_GT(wrong_elements(shape, work, 7, 3, 2), kCount / 2);
  EXPECT_EQ(wrong_projections(shape, work, 7, 3, 2), 2u);
}

TEST_F(CpuCollectiveFault, ARepeatThatIsLeftOutIsSeenThoughTheBlockBeforeWasRight) {
  work.reseed(6);
  run(work, 3);
  work.before = [](const Seat&, std::uint64_t repeat) { return repeat != 1; };
  work.reseed(7);
  run(work, 3);
  EXPECT_EQ(wrong_elements(shape, work, 7, 3, 0), 0u);
  EXPECT_EQ(wrong_elements(shape, work, 7, 3, 2), 0u);
  EXPECT_GT(wrong_elements(shape, work, 7, 3, 1), kCount);
  EXPECT_EQ(wrong_projections(shape, work, 7, 3, 1), 2u);
}

TEST_F(CpuCollectiveFault, ARankThatFailsEndsTheWaitOfAll) {
  for (const std::uint32_t rank : {0u, 1u}) {
    work.before = [rank](const Seat& seat, std::uint64_t repeat) {
      if (seat.rank == rank && repeat == 5) throw std::runtime_error("rank broke");
      return true;
    };
    work.reseed(7);
    Collective::Run submission(work, 1000);
    work.post(submission);
    EXPECT_THROW(work.wait(submission, UINT64_MAX), std::runtime_error);
    EXPECT_THROW(Collective::Run(work, 1), plugin::Failure)
        << "what the buffers hold is unknown until they are reseeded";
    work.before = nullptr;
    work.reseed(8);
    run(work, 3);
    EXPECT_EQ(wrong_elements(shape, work, 8, 3, 2), 0u) << "served again";
  }
}

TEST_F(CpuCollectiveFault, ARankThatHangsIsATimeout) {
  std::atomic<bool> hangs{true};
  work.before = [&](const Seat& seat, std::uint64_t) {
    while (seat.rank == 1 && hangs.load()) std::this_thread::yield();
    return true;
  };
  work.reseed(7);
  Collective::Run submission(work, 3);
  work.post(submission);
  EXPECT_FALSE(work.wait(submission, 2'000'000));
  EXPECT_FALSE(work.wait(submission, 0));
  hangs = false;
  EXPECT_TRUE(work.wait(submission, UINT64_MAX));
  EXPECT_EQ(wrong_elements(shape, work, 7, 3, 2), 0u);
}

TEST(CpuCollective, AllocatesNothingWhileItRuns) {
  Crew crew(cores_for(3, 2));
  for (const char* kind : {"all_reduce", "all_to_all", "all_gather"}) {
    for (const std::uint64_t count : {3u, 30000u}) {
      Collective work(shape_of(kind, count, 3, "fp32"), crew, {1u << 30, 2});
      work.reseed(1);
      Collective::Run submission(work, 50);
      const std::uint64_t before = allocations();
      work.post(submission);
      work.wait(submission, UINT64_MAX);
      EXPECT_EQ(allocations(), before) << kind << " " << count;
    }
  }
}

}  // namespace
