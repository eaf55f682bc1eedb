// transfer between NUMA nodes. This program runs where there is one node too: there the copies go within it, through
// the same code, and what differs - that the kernel puts memory on two nodes - is not executed.
#include "kernels/cpu/transfer.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/placement.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/transfer_reference.hpp"
#include "tests/unit/cpu/plugin_under_test.hpp"

namespace {

using namespace geomsu;
using testing::HasSubstr;

ops::TransferShape shape_of(const std::string& direction, std::uint64_t bytes, bool peer) {
  ops::Params given{{"direction", direction}, {"bytes", std::to_string(bytes)}};
  if (peer) given["peer"] = "1";
  std::vector<ops::Problem> problems;
  const auto complete = ops::transfer().complete(given, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.rule;
  return ops::transfer_shape(complete);
}

unsigned node_here() {  // of this process's first core, by the kernel
  const std::string core = std::to_string(cpu::allowed_cores().front());
  for (unsigned node = 0; node < 1024; ++node) {
    if (std::ifstream("/sys/devices/system/cpu/cpu" + core + "/node" + std::to_string(node) + "/cpulist")) return node;
  }
  return 0;
}

TEST(CpuTransfer, SaysWhyThereIsNoneOnPretendedMachines) {
  const cpu::CoreSet first{{0, 1}, 1 << 30, {0}}, second{{2, 3}, 1 << 30, {1}}, half{{1}, 1 << 30, {0}},
      over_both{{0, 1, 2, 3}, 2u << 30, {0, 1}};
  const auto p2p = shape_of("p2p", 4096, true), both = shape_of("bidirectional", 4096, true);
  for (const char* direction : {"h2d", "d2h", "bidirectional"})
    EXPECT_THAT(cpu::transfer_refusal(shape_of(direction, 4096, false), first, nullptr), HasSubstr("own processor"));
  EXPECT_THAT(cpu::transfer_refusal(p2p, first, nullptr), HasSubstr("no device 1"));
  EXPECT_THAT(cpu::transfer_refusal(p2p, first, &half), HasSubstr("one memory domain"));
  EXPECT_THAT(cpu::transfer_refusal(p2p, over_both, &second), HasSubstr("over 2 NUMA nodes"));
  EXPECT_THAT(cpu::transfer_refusal(both, half, &second), HasSubstr("two cores"));
  EXPECT_EQ(cpu::transfer_refusal(p2p, first, &second), "");
  EXPECT_EQ(cpu::transfer_refusal(p2p, half, &second), "");
  EXPECT_EQ(cpu::transfer_refusal(both, first, &second), "");
}

TEST(CpuTransfer, IsRefusedThroughTheAbiWithTheReason) {
  const geomsu_plugin* api = test::load(GEOMSU_CPU_SO);
  test::Instance instance(api, {{"devices", "2"}, {"shared_cores", "yes"}});
  auto device = instance.open(0);
  std::string words;
  EXPECT_EQ(test::refusal(
                [&] {
                  device.prepare("transfer", {{"direction", "h2d"}, {"bytes", "4096"}});
                },
                &words),
            GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("host's own processor"));
  EXPECT_EQ(test::refusal(
                [&] {
                  device.prepare("transfer", {{"direction", "p2p"}, {"bytes", "4096"}, {"peer", "7"}});
                },
                &words),
            GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("no device 7"));
  EXPECT_EQ(test::refusal(
                [&] {
                  device.prepare("transfer", {{"direction", "p2p"}, {"bytes", "4096"}});
                },
                &words),
            GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("peer must be given"));
  EXPECT_EQ(test::refusal(
                [&] {
                  device.prepare("transfer", {{"direction", "p2p"}, {"bytes", "4096"}, {"peer", "0"}});
                },
                &words),
            GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("one memory domain"));
}

TEST(CpuTransfer, LeavesInTheTargetsWhatTheReferenceSays) {
  cpu::Executor executor(cpu::allowed_cores());
  const unsigned node = node_here();
  for (const char* direction : {"p2p", "bidirectional"}) {
    if (std::string(direction) == "bidirectional" && executor.threads() < 2) continue;
    for (const std::uint64_t bytes : {8u, 64u, 1000u, 4096u, 1u << 20, (1u << 20) + 8}) {
      SCOPED_TRACE(std::string(direction) + " " + std::to_string(bytes));
      const auto shape = shape_of(direction, bytes, true);
      auto work = cpu::make_transfer(shape, {executor, 1u << 30, 1}, node, node);
      work->reseed(5);
      std::uint64_t repeats = 0;
      for (const std::uint64_t more : {1u, 2u, 30u}) {  // over submissions, without a reseed between
        cpu::Span span;
        const std::uint64_t first = work->book(more);
        executor.call([&] { work->run(first, more, span); });
        EXPECT_LE(span.first, span.last);
        repeats += more;
        const auto reference = ops::transfer_reference(shape, {5, repeats});
        std::vector<double> values, tolerances;
        reference->projection(repeats - 1, 3, values, tolerances);
        EXPECT_EQ(work->project(0, repeats - 1, 3), values);
        std::vector<std::uint64_t> edges = reference->edges();
        std::vector<double> got(edges.size());
        work->read(0, repeats - 1, edges, got.data());
        for (std::size_t i = 0; i < edges.size(); ++i)
          EXPECT_EQ(got[i], reference->element(edges[i], repeats - 1).value);
      }
      EXPECT_EQ(work->refill(), GEOMSU_REFILL_TRIAL);
    }
  }
}

TEST(CpuTransfer, BeginsElsewhereInTheSourceAfterARound) {
  cpu::Executor executor({cpu::allowed_cores().front()});
  const auto shape = shape_of("p2p", 80, true);
  auto work = cpu::make_transfer(shape, {executor, 1u << 30, 1}, node_here(), node_here());
  work->reseed(6);
  const std::uint64_t repeats = ops::kTrail + 3;
  cpu::Span span;
  const std::uint64_t first = work->book(repeats);
  executor.call([&] { work->run(first, repeats, span); });
  const auto reference = ops::transfer_reference(shape, {6, repeats});
  std::vector<double> values, tolerances;
  reference->projection(repeats - 1, 3, values, tolerances);
  EXPECT_EQ(work->project(0, repeats - 1, 3), values);
}

TEST(CpuTransfer, DigestsBothWaysAsOneTensor) {
  cpu::Executor executor(cpu::allowed_cores());
  if (executor.threads() < 2) GTEST_SKIP() << "both ways at once want two cores";
  const auto shape = shape_of("bidirectional", 8000, true);
  auto work = cpu::make_transfer(shape, {executor, 1u << 30, 1}, node_here(), node_here());
  work->reseed(5);
  cpu::Span span;
  const std::uint64_t first = work->book(3);
  executor.call([&] { work->run(first, 3, span); });
  const auto reference = ops::transfer_reference(shape, {5, 3});
  std::vector<double> all(reference->elements());
  for (std::uint64_t i = 0; i < all.size(); ++i) all[i] = reference->element(i, 2).value;
  EXPECT_EQ(work->digest(0, 2), ops::digest(std::as_bytes(std::span(all))));
}

TEST(CpuTransfer, PlacesMemoryWhereItIsToldAndSeesWhereItLies) {
  cpu::Buffer here(1u << 20);
  const unsigned node = node_here();
  cpu::place_on_node(here.as<std::byte>(), node);
  for (std::byte& byte : here.as<std::byte>()) byte = std::byte{1};
  EXPECT_EQ(cpu::pages_elsewhere(here.as<std::byte>(), node), 0u);
  EXPECT_EQ(cpu::pages_elsewhere(here.as<std::byte>(), node + 1), 64u) << "the check can fail";
  cpu::Buffer nowhere(1u << 20);
  EXPECT_THROW(cpu::place_on_node(nowhere.as<std::byte>(), 1000), plugin::Failure) << "there is no such node";
  cpu::Buffer untouched(1u << 20);
  EXPECT_EQ(cpu::pages_elsewhere(untouched.as<std::byte>(), node), 64u) << "what is nowhere is not here";
}

TEST(CpuTransfer, RefusesMoreMemoryThanThereIs) {
  cpu::Executor executor(cpu::allowed_cores());
  try {
    cpu::make_transfer(shape_of("p2p", 1u << 30, true), {executor, 1u << 30, 1}, 0, 0);
    ADD_FAILURE() << "not refused";
  } catch (const plugin::Failure& failure) {
    EXPECT_EQ(failure.code(), GEOMSU_OUT_OF_MEMORY);
    EXPECT_THAT(failure.what(), HasSubstr(std::to_string(8 * (2 * (1ull << 27) + 56 + 8 * 65535))));
  }
}

}  // namespace
