// Every kind, dtype, operation and place, on every rank, against the reference; exact.
#include <cmath>
#include <numeric>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "kernels/ops/collective.hpp"
#include "kernels/ops/collective_reference.hpp"
#include "tests/mpi/job.hpp"

namespace geomsu::test {
namespace {

constexpr std::uint64_t kSeed = 0x0123456789ABCDEF, kSigns = 99, kMostRead = 1000;

// One job a suite: it takes longer to start than to work.
class Collectives : public testing::TestWithParam<std::uint32_t> {
 protected:
  void SetUp() override {
    ranks_ = GetParam();
    job_ = std::make_unique<Job>(JobOptions{.ranks = ranks_, .launcher = {}, .after = {}});
    job_->open();
  }

  // Elements and projections of all ranks and sets that differ from the reference.
  std::string differences(const Params& params, std::uint64_t sets, std::uint64_t repeats) {
    std::vector<ops::Problem> problems;
    const ops::Params complete = ops::collective().complete(ops::Params(params.begin(), params.end()), problems);
    if (!problems.empty()) return problems.front().rule;
    const ops::CollectiveShape shape = ops::collective_shape(complete);
    Session& session = job_->session();
    const std::uint64_t workload = job_->prepare(params, sets);
    if (const auto seeded = session.call(protocol::ReseedRequest{workload, kSeed}); !seeded)
      return seeded.fault().words;
    const auto block = job_->measure(workload, repeats);
    if (!block) return block.fault().words;
    if (block->spans.size() != ranks_) return fmt::format("{} spans", block->spans.size());
    std::string wrong;
    for (const auto& span : block->spans) {
      if (span.last < span.first || span.first == 0) wrong += "a span that ends before it begins; ";
    }
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
      const auto reference = ops::collective_reference(shape, {kSeed, repeats, sets, rank});
      for (std::uint64_t repeat = repeats - std::min(sets, repeats); repeat < repeats; ++repeat) {
        wrong += of_rank(workload, rank, repeat, *reference);
      }
    }
    if (const auto gone = session.call(protocol::ReleaseRequest{workload}); !gone) wrong += gone.fault().words;
    return wrong;
  }

  std::string of_rank(std::uint64_t workload, std::uint32_t rank, std::uint64_t repeat, ops::Reference& reference) {
    Session& session = job_->session();
    std::string wrong;
    std::vector<double> rows, tolerances;
    reference.projection(repeat, kSigns, rows, tolerances);
    const auto projected = session.call(protocol::ProjectRequest{workload, 0, rank, repeat, kSigns, 1});
    if (!projected) return projected.fault().words;
    if (projected->values != rows) wrong += fmt::format("rank {}, repeat {}: projection; ", rank, repeat);
    const std::uint64_t elements = reference.elements();
    if (elements == 0) return wrong;
    protocol::ReadRequest read{workload, 0, rank, repeat, std::vector<std::uint64_t>(elements)};
    std::iota(read.indices.begin(), read.indices.end(), 0u);
    if (elements > kMostRead) {  // the projection above has seen all of them
      read.indices = reference.edges();
      read.indices.push_back(0);
      read.indices.push_back(elements - 1);
    }
    const auto values = session.call(read);
    if (!values) return values.fault().words;
    for (std::size_t i = 0; i < read.indices.size(); ++i) {
      const double wanted = reference.element(read.indices[i], repeat).value;
      if (values->values[i] == wanted) continue;
      return wrong + fmt::format("rank {}, repeat {}, element {}: {} and not {}; ", rank, repeat, read.indices[i],
                                 values->values[i], wanted);
    }
    return wrong;
  }

  std::uint32_t ranks_ = 0;
  std::unique_ptr<Job> job_;
};

class OneJob : public Collectives {};

std::string size_of(std::uint32_t ranks, const std::string& dtype, std::uint64_t part = 37) {
  const std::uint64_t element = dtype == "fp64" ? 8 : dtype == "bf16" ? 2 : 4;
  return std::to_string(element * ranks * part);
}

TEST_P(Collectives, AreExactOnEveryRankOfEveryKindDtypeAndPlace) {
  for (const std::string kind :
       {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "broadcast", "reduce", "send_recv"}) {
    for (const std::string dtype : {"fp32", "fp64", "bf16", "int32"}) {
      const bool reduces = kind == "all_reduce" || kind == "reduce_scatter" || kind == "reduce";
      const std::vector<std::string> ops =
          reduces ? std::vector<std::string>{"sum", "max", "min"} : std::vector<std::string>{"none"};
      for (const std::string& op : ops) {
        for (const std::string place : {"no", "yes"}) {
          if (place == "yes" && (kind == "all_to_all" || kind == "send_recv")) continue;
          const Params params{{"kind", kind},
                              {"dtype", dtype},
                              {"op", op},
                              {"in_place", place},
                              {"bytes", size_of(ranks_, dtype)},
                              {"ranks", std::to_string(ranks_)}};
          EXPECT_EQ(differences(params, 3, place == "yes" ? 3 : 5), "")
              << kind << ' ' << dtype << ' ' << op << ' ' << place;
        }
      }
    }
  }
}

TEST_P(OneJob, IsExactBeyondTheSizeAtWhichMpiChangesItsAlgorithm) {
  for (const std::string kind : {"all_reduce", "all_to_all", "send_recv"}) {
    const Params params{{"kind", kind}, {"bytes", size_of(ranks_, "fp32", 40'000)}, {"ranks", std::to_string(ranks_)}};
    EXPECT_EQ(differences(params, 1, 2), "") << kind;
  }
}

TEST_P(OneJob, SaysWhatItCannot) {
  Session& session = job_->session();
  const auto refusal = [&](const std::string& op, const Params& params) {
    const auto made = session.call(protocol::PrepareRequest{op, params, 1});
    EXPECT_FALSE(made);
    return made ? "" : made.fault().words;
  };
  const std::string n = std::to_string(ranks_), bytes = size_of(ranks_, "fp32");
  EXPECT_NE(refusal("gemm", {}).find("unsupported: every rank: workload_prepare: the mpi backend offers collective"),
            std::string::npos);
  EXPECT_NE(refusal("collective", {{"kind", "all_reduce"}, {"bytes", bytes}, {"ranks", n}, {"algorithm", "ring"}})
                .find("algorithm must be auto"),
            std::string::npos);
  EXPECT_NE(refusal("collective", {{"kind", "broadcast"}, {"bytes", bytes}, {"ranks", std::to_string(ranks_ + 1)}})
                .find(fmt::format("a collective of {} ranks in a group of {}", ranks_ + 1, ranks_)),
            std::string::npos);
  const std::string huge = std::to_string(8'000'000'000ULL / (4 * ranks_) * 4 * ranks_);
  EXPECT_NE(refusal("collective", {{"kind", "all_reduce"}, {"bytes", huge}, {"ranks", n}}).find("out_of_memory: "),
            std::string::npos);
  // Ids go on alike in all processes after a refusal.
  EXPECT_EQ(differences({{"kind", "all_reduce"}, {"bytes", bytes}, {"ranks", n}}, 1, 1), "");
  const std::uint64_t workload = job_->prepare({{"kind", "all_reduce"}, {"bytes", bytes}, {"ranks", n}}, 1);
  const auto digest = session.call(protocol::DigestRequest{workload, 0, ranks_, 0});
  ASSERT_FALSE(digest);
  EXPECT_NE(digest.fault().words.find(fmt::format("rank {} of a group of {}", ranks_, ranks_)), std::string::npos)
      << digest.fault().words;
}

TEST_P(OneJob, StartsAtTheTimeAskedLoadsAlikeAndSendsTelemetryOfAll) {
  Session& session = job_->session();
  std::size_t notes = 0, readings = 0;
  session.on_telemetry([&](const std::vector<Telemetry>& all) {
    ++notes;
    readings = all.size();
  });
  const std::uint64_t workload =
      job_->prepare({{"kind", "all_reduce"}, {"bytes", size_of(ranks_, "fp32")}, {"ranks", std::to_string(ranks_)}}, 2);
  ASSERT_TRUE(session.call(protocol::ReseedRequest{workload, 1}));
  protocol::MeasureRequest request;
  request.workload = workload;
  request.repeats = 0;
  request.timeout_ns = 10'000'000'000;
  request.start_at_mono_ns = session.clock().mono_ns() + 300'000'000;
  const auto started = session.call(request);
  ASSERT_TRUE(started) << started.fault().words;
  EXPECT_TRUE(started->spans.empty());
  EXPECT_GE(started->started_mono_ns, *request.start_at_mono_ns);
  ASSERT_TRUE(session.call(protocol::LoadRequest{workload, 3}));
  session.idle_until(session.clock().mono_ns() + 1'000'000'000, [&] { return notes >= 2; });
  const auto early = session.call(protocol::DigestRequest{workload, 0, 0, 0});
  ASSERT_FALSE(early);
  EXPECT_NE(early.fault().words.find("while a load runs"), std::string::npos);
  const auto stopped = session.call(protocol::StopRequest{});
  ASSERT_TRUE(stopped) << stopped.fault().words;
  EXPECT_GT(stopped->repeats, 0u);
  EXPECT_EQ(stopped->repeats % 3, 0u);
  EXPECT_GE(notes, 2u);
  EXPECT_EQ(readings, ranks_);
}

INSTANTIATE_TEST_SUITE_P(Of, Collectives, testing::Values(2u, 3u));
INSTANTIATE_TEST_SUITE_P(Of, OneJob, testing::Values(3u));

// Out of place broadcast takes twice the room on rank 0: with this much it alone cannot.
TEST(Job, WhatOneRankCannotPrepareTheOthersGiveBack) {
  JobOptions options;
  options.ranks = 2;
  options.after = {"--param", "memory=1000000"};
  Job job(options);
  job.open();
  Session& session = job.session();
  const auto made = session.call(
      protocol::PrepareRequest{"collective", {{"kind", "broadcast"}, {"bytes", "800000"}, {"ranks", "2"}}, 1});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.fault().status, TrialStatus::kOutOfMemory);
  EXPECT_NE(made.fault().words.find(job.rank_name(0) + ": workload_prepare: needs 1600000 bytes"), std::string::npos)
      << made.fault().words;
  const auto gone = session.call(protocol::ReseedRequest{1, 7});
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.fault().words.find("every rank: there is no workload 1"), std::string::npos) << gone.fault().words;
  // And the ids of what comes later are alike in both.
  const std::uint64_t next = job.prepare({{"kind", "broadcast"}, {"bytes", "4000"}, {"ranks", "2"}}, 1);
  ASSERT_TRUE(session.call(protocol::ReseedRequest{next, 7}));
  EXPECT_TRUE(job.measure(next, 1));
}

TEST(Job, EndsInOrderAndLeavesNobody) {
  JobOptions options;
  options.ranks = 3;
  Job job(options);
  job.open();
  const auto pids = job.rank_pids(3);
  job.session().shut_down();
  EXPECT_EQ(alive_after(pids, 10), "");
  EXPECT_EQ(job.log_text().find("abort"), std::string::npos) << job.log_text();
}

}  // namespace
}  // namespace geomsu::test
