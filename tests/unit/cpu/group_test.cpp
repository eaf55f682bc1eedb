// Groups of several CPU devices, through the ABI.
#include <map>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/ops/operation.hpp"
#include "tests/unit/cpu/plugin_under_test.hpp"

namespace {

using geomsu::test::Device;
using geomsu::test::Group;
using geomsu::test::Instance;
using geomsu::test::refusal;
using geomsu::test::Settings;
using geomsu::test::Work;
using testing::HasSubstr;

const geomsu_plugin* api() { return geomsu::test::load(GEOMSU_CPU_SO); }

// `ranks` open devices and their group; several devices may share a core here.
class Party {
 public:
  explicit Party(std::uint32_t ranks)
      : instance_(api(), {{"devices", std::to_string(ranks)}, {"shared_cores", "yes"}}), group_(open(ranks)) {}
  Work prepare(const Settings& settings) { return group_.prepare("collective", settings); }
  Group& group() { return group_; }
  Device& device(std::size_t i) { return devices_[i]; }

 private:
  Group open(std::uint32_t ranks) {
    std::vector<geomsu_device*> raw;
    for (std::uint32_t i = 0; i < ranks; ++i) {
      devices_.push_back(instance_.open(i));
      raw.push_back(devices_.back().get());
    }
    return {api(), raw};
  }
  Instance instance_;
  std::vector<Device> devices_;
  Group group_;
};

Settings collective(const std::string& kind, std::uint64_t bytes, std::uint32_t ranks, Settings more = {}) {
  more.insert({{"kind", kind}, {"bytes", std::to_string(bytes)}, {"ranks", std::to_string(ranks)}});
  return more;
}

std::unique_ptr<geomsu::ops::Reference> reference_of(Settings settings, const geomsu::ops::BlockState& state) {
  settings.erase("operand_sets");
  std::vector<geomsu::ops::Problem> problems;
  const auto& operation = *geomsu::ops::find("collective");
  const auto complete = operation.complete({settings.begin(), settings.end()}, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.rule;
  return operation.reference(complete, state);
}

// How many elements and projections of a repeat are wrong, over all ranks.
std::uint64_t wrong(const Settings& settings, Work& work, std::uint64_t seed, std::uint64_t repeats,
                    std::uint64_t repeat) {
  std::uint64_t count = 0;
  const auto ranks = static_cast<std::uint32_t>(std::stoul(settings.at("ranks")));
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    const auto reference = reference_of(settings, {seed, repeats, work.info().operand_sets, rank});
    if (reference->elements() == 0) {
      count += refusal([&] { work.read(0, repeat, {0}, rank); }) != GEOMSU_INVALID_ARGUMENT;
      continue;
    }
    std::vector<std::uint64_t> indices(reference->elements());
    std::iota(indices.begin(), indices.end(), 0u);
    const auto got = work.read(0, repeat, indices, rank);
    for (const std::uint64_t i : indices) count += got[i] != reference->element(i, repeat).value;
    std::vector<double> values, tolerances;
    reference->projection(repeat, seed ^ 5, values, tolerances);
    count += work.project(repeat, seed ^ 5, 8, rank) != values;
  }
  return count;
}

TEST(CpuGroup, AllReducesOverTwoDevicesWithASpanOfEachRank) {
  Party party(2);
  const auto settings = collective("all_reduce", 40004, 2, {{"operand_sets", "3"}});
  Work work = party.prepare(settings);
  EXPECT_EQ(work.info().operand_sets, 3u);
  work.reseed(11);
  const std::uint64_t before = party.device(0).clock();
  auto event = work.submit(5);
  event.wait();
  const std::uint64_t after = party.device(1).clock();
  for (std::uint64_t repeat = 0; repeat < 5; ++repeat) EXPECT_EQ(wrong(settings, work, 11, 5, repeat), 0u);
  for (std::uint32_t rank = 0; rank < 2; ++rank) {
    std::vector<std::uint64_t> ends(4);
    const auto span = event.span(&ends, rank);
    EXPECT_LE(before, span.first);
    EXPECT_LT(span.first, span.last);
    EXPECT_LE(span.last, after);
    ASSERT_EQ(span.repeat_count, 4u);
    EXPECT_LE(span.first, ends[0]);
    EXPECT_TRUE(std::is_sorted(ends.begin(), ends.end()));
    EXPECT_LE(ends[3], span.last);
  }
}

TEST(CpuGroup, ServesEveryKindOnTwoToFourDevices) {
  for (const std::uint32_t ranks : {2u, 3u, 4u}) {
    Party party(ranks);
    for (const char* kind :
         {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "broadcast", "reduce", "send_recv"}) {
      for (const std::uint64_t part : {1u, 331u}) {
        SCOPED_TRACE(std::string(kind) + " x" + std::to_string(ranks) + " " + std::to_string(part));
        const auto settings = collective(kind, part * ranks * 2, ranks, {{"dtype", "bf16"}, {"operand_sets", "2"}});
        Work work = party.prepare(settings);
        EXPECT_EQ(work.info().refill, GEOMSU_REFILL_BLOCK);
        EXPECT_EQ(work.info().deterministic, 1u);
        work.reseed(21);
        work.run(3);
        for (std::uint64_t repeat = 0; repeat < 3; ++repeat) EXPECT_EQ(wrong(settings, work, 21, 3, repeat), 0u);
      }
    }
  }
}

TEST(CpuGroup, TimesOutWithoutLosingTheWorkAndDoesNotBlockInSubmit) {
  Party party(2);
  const auto settings = collective("all_reduce", 1u << 20, 2);
  Work work = party.prepare(settings);
  for (std::uint64_t repeats = 64;; repeats *= 4) {
    ASSERT_LE(repeats, 1u << 16) << "event_wait never timed out";
    work.reseed(4);
    auto event = work.submit(repeats);
    const bool timed_out = refusal([&] { event.wait(0); }) == GEOMSU_TIMEOUT;
    if (timed_out) {
      EXPECT_EQ(refusal([&] { event.span(); }), GEOMSU_INVALID_ARGUMENT) << "it is not known to be done";
    }
    event.wait();
    event.wait(0);  // done stays done
    EXPECT_EQ(wrong(settings, work, 4, repeats, repeats - 1), 0u);
    if (timed_out) break;
  }
}

TEST(CpuGroup, RefusesOtherOperationsAndWrongParametersWithTheReason) {
  Party party(2);
  std::string words;
  const auto code = [&](const Settings& settings) { return refusal([&] { party.prepare(settings); }, &words); };
  EXPECT_EQ(refusal(
                [&] {
                  party.group().prepare("memory", {{"kind", "copy"}, {"bytes", "4096"}});
                },
                &words),
            GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("group of one device, this one has 2"));
  EXPECT_EQ(refusal([&] { party.device(0).prepare("collective", collective("reduce", 64, 2)); }, &words),
            GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("several devices"));
  EXPECT_EQ(code(collective("all_reduce", 96, 3)), GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("ranks is 3, the group has 2"));
  EXPECT_EQ(code(collective("all_reduce", 96, 1)), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(code(collective("all_reduce", 96, 70000)), GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("from 2 to 65536"));
  EXPECT_EQ(code(collective("all_reduce", 6, 2)), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(code(collective("all_reduce", 96, 2, {{"colour", "red"}})), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(code(collective("all_reduce", 96, 2, {{"operand_sets", "0"}})), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(code(collective("all_reduce", 96, 2, {{"algorithm", "tree"}})), GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("tree"));
  EXPECT_EQ(code(collective("all_reduce", 1ull << 40, 2)), GEOMSU_OUT_OF_MEMORY);
  EXPECT_THAT(words, HasSubstr("4398046511104 bytes"));
}

TEST(CpuGroup, RefusesGroupsThatAreNone) {
  Instance instance(api(), {{"devices", "2"}, {"shared_cores", "yes"}}), other(api(), {{"devices", "1"}});
  auto first = instance.open(0), second = instance.open(1), foreign = other.open(0);
  std::string words;
  EXPECT_EQ(refusal([&] { Group(api(), {first.get(), first.get()}); }, &words), GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("twice"));
  EXPECT_EQ(refusal([&] { Group(api(), {first.get(), foreign.get()}); }, &words), GEOMSU_INVALID_ARGUMENT);
  EXPECT_THAT(words, HasSubstr("one instance"));
  EXPECT_EQ(refusal([&] { Group(api(), {first.get(), nullptr}); }), GEOMSU_INVALID_ARGUMENT);
  geomsu_peers peers{};
  peers.struct_size = sizeof(peers);
  peers.processes = 2;
  const geomsu_params params{sizeof(geomsu_params), &peers, nullptr, 0};
  geomsu_device* device = first.get();
  geomsu_group* group = nullptr;
  EXPECT_EQ(refusal([&] { geomsu::test::check(api(), api()->group_create(&device, 1, &params, &group)); }, &words),
            GEOMSU_UNSUPPORTED);
  EXPECT_THAT(words, HasSubstr("one process"));
}

TEST(CpuGroup, SaysThatItsDevicesShareCores) {
  Instance shared(api(), {{"devices", "3"}, {"shared_cores", "yes"}});
  EXPECT_THAT(shared.describe(2).partition, HasSubstr("shared"));
  EXPECT_EQ(refusal([] { Instance(api(), {{"shared_cores", "yes"}}); }), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal([] { Instance(api(), {{"devices", "2"}, {"shared_cores", "perhaps"}}); }), GEOMSU_INVALID_ARGUMENT);
  EXPECT_EQ(refusal([] { Instance(api(), {{"devices", "65"}, {"shared_cores", "yes"}}); }), GEOMSU_INVALID_ARGUMENT);
}

}  // namespace
