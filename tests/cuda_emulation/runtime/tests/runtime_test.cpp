#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cuda_emulation/configuration.hpp"
#include "tests/cuda_emulation/runtime/tests/emulated_run.hpp"

namespace geomsu::emulation {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// The scenario ends well and leaves nothing behind.
void expect_well(const std::string& scenario, const std::string& yaml = "", const std::string& library = "",
                 const std::map<std::string, std::string>& environment = {}) {
  const Outcome outcome = run_emulated({scenario, yaml + "\nleaks: fail", library, environment});
  EXPECT_EQ(outcome.exit_status, 0) << scenario << ", signal " << outcome.signal << ":\n" << outcome.words;
  EXPECT_THAT(outcome.words, Not(HasSubstr("leak"))) << scenario;
}

void expect_death(const std::string& scenario, const std::string& words, const std::string& yaml = "") {
  const Outcome outcome = run_emulated({scenario, yaml, ""});
  EXPECT_EQ(outcome.signal, SIGABRT) << scenario << ", exit status " << outcome.exit_status;
  EXPECT_THAT(outcome.words, HasSubstr("CUDA emulation: ")) << scenario;
  EXPECT_THAT(outcome.words, HasSubstr(words)) << scenario;
}

std::string one_device(const std::string& compute, const std::string& more = "", const std::string& top = "") {
  return top + "\ndevices:\n  - {name: T, compute: \"" + compute +
         "\", multiprocessors: 4, memory: 1048576, l2: 65536, pci: \"0000:1b:00.0\"" + more + "}";
}

class InEitherOrder : public testing::TestWithParam<const char*> {};
TEST_P(InEitherOrder, RightCodeRuns) {
  const std::string yaml = GetParam();
  for (const char* scenario :
       {"copies_keep_their_bytes", "copies_of_rows_keep_their_pitch", "memory_is_poisoned_and_counted",
        "pointers_are_known", "registered_memory_is_pinned", "memory_freed_in_a_stream_stays_until_then",
        "right_code_is_right_in_any_order", "the_default_stream_orders_blocking_streams",
        "work_of_a_destroyed_stream_still_runs", "events_have_virtual_times", "streams_overlap_in_time",
        "a_gate_holds_until_the_host_opens_it", "a_graph_runs_as_often_as_it_is_launched",
        "mistakes_in_a_capture_are_errors", "the_devices_are_the_nodes", "peers_reach_each_other_once_asked",
        "another_devices_stream_is_refused", "launches_beyond_the_limits_are_refused", "devices_run_side_by_side"}) {
    expect_well(scenario, yaml);
  }
}
INSTANTIATE_TEST_SUITE_P(Orders, InEitherOrder,
                         testing::Values("order: late", "order: random\nseed: 1", "order: random\nseed: 2"));

TEST(LateOrder, AMissingWaitShowsOldData) { expect_well("a_missing_wait_shows_old_data"); }
TEST(LateOrder, PinnedMemoryIsReadLateAndPageableMemoryEarly) {
  expect_well("pinned_memory_is_read_late_and_pageable_memory_early");
}
TEST(LateOrder, AMissingEventShowsWhenTheSecondStreamIsWaitedFor) {
  expect_well("a_missing_event_shows_when_the_second_stream_is_waited_for");
}
TEST(LateOrder, PollingEnds) { expect_well("polling_ends"); }
TEST(LateOrder, AHostFunctionRunsInOrderAndMayNotCall) {
  expect_well("a_host_function_runs_in_order_and_may_not_call");
}

TEST(RandomOrder, ShowsAMissingEventThatLateOrderHides) {
  expect_well("a_missing_event_hides_in_late_order");
  for (const char* seed : {"1", "2", "3"}) {
    expect_well("a_missing_event_shows_in_random_order", std::string("order: random\nseed: ") + seed);
  }
}

TEST(RandomOrder, RunsOtherStreamsBesideTheOneThatIsWaitedFor) {
  for (const char* seed : {"1", "2", "3"}) {
    expect_well("work_of_another_stream_runs_beside_what_is_waited_for", std::string("order: random\nseed: ") + seed);
  }
}
TEST(RandomOrder, IsTheSeedsAlone) {
  const auto results = [](const std::string& seed) {
    return run_emulated({"results_without_an_event_are_printed", "order: random\nseed: " + seed, ""}).words;
  };
  EXPECT_EQ(results("5").size(), 40U);
  EXPECT_EQ(results("5"), results("5"));
  EXPECT_NE(results("5"), results("6"));
}

TEST(OtherLibraries, QueueWorkAndReachMemory) {
  expect_well("work_of_others_runs_in_its_stream", "faults: [{function: cublasLtMatmul, status: 7}]");
  expect_death("others_read_what_was_never_written", "byte 0 is read and was never written");
  expect_death("others_run_past_an_allocation", "runs past its allocation of 8 bytes");
  expect_death("others_get_host_memory", "is host memory");
  expect_death("others_reach_another_device", "memory of device 0, to which device 1 has no peer access");
  expect_death("others_use_another_devices_stream", "a stream of device 0 while device 1 is current");
}

TEST(Mistakes, ThatCudaLeavesUndefinedEndTheProcessInWords) {
  expect_death("host_reads_device_memory", "the host reads or writes device memory");
  expect_death("device_memory_is_freed_twice", "is not the start of live device memory");
  expect_death("pinned_memory_is_freed_twice", "is not the start of live pinned memory");
  expect_death("a_copy_has_the_wrong_kind", "the kind says device to host, the pointers host to device");
  expect_death("a_copy_runs_past_its_allocation", "8 bytes at 0x");
  expect_death("a_copy_meets_freed_memory", "lies in no live allocation");
  expect_death("a_destroyed_stream_is_used", "this stream was destroyed before");
  expect_death("a_destroyed_event_is_used", "this event was destroyed before");
}

TEST(Kernels, FaultsEndTheProcessInWords) {
  expect_death("a_kernel_writes_out_of_bounds", "outside every live allocation; the last before it has 252 bytes");
  expect_death("a_kernel_gets_a_host_pointer", "not memory that a device can reach");
  expect_death("a_kernel_reads_what_was_never_written", "never written");
  expect_death("a_kernel_touches_a_peer_that_was_not_enabled", "memory of device 1, to which device 0 has no peer");
  expect_death("a_gate_is_never_opened", "does not end", "spin_limit: 100000");
}
TEST(Kernels, FaultsBecomeErrorsThatStayWhereAsked) { expect_well("a_kernels_fault_stays", "kernel_faults: error"); }
TEST(Kernels, RunTheNewestCodeThatTheirDeviceCan) {
  for (const std::string library : {"", GEOMSU_SCENARIOS_PLAIN}) {
    expect_well("code_of_compute_80_runs", one_device("8.6"), library);
    expect_well("code_of_compute_90_runs", one_device("9.0"), library);
    expect_well("code_of_compute_90_runs", one_device("12.0"), library);
    expect_well("the_kernel_is_of_another_architecture", one_device("7.5"), library);
  }
}

// Else the two libraries would show the same thing twice. Both have six more in sight, which -lineinfo puts into the
// machine code.
TEST(Kernels, LieCompressedInOneLibraryAndPlainInTheOther) {
  const auto kernels_in_sight = [](const char* library) {
    std::ifstream file(library, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    int count = 0;
    for (auto at = bytes.find(".visible .entry"); at != std::string::npos; at = bytes.find(".visible .entry", at + 1)) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(kernels_in_sight(GEOMSU_SCENARIOS_PLAIN), 6 + 12);  // six kernels for two architectures
  EXPECT_EQ(kernels_in_sight(GEOMSU_SCENARIOS), 6);
}
TEST(Kernels, AreTakenPerDeviceWhereTheNodeIsMixed) {
  const std::string second = one_device("9.0");
  expect_well("each_device_runs_its_own_code", one_device("8.6") + "\n" + second.substr(second.find("  - ")));
}
TEST(Kernels, LinesThatRanAreWritten) {
  const std::string file = testing::TempDir() + "geomsu_kernel_hits.txt";
  std::filesystem::remove(file);
  expect_well("copies_keep_their_bytes", "kernel_hits: " + file);
  expect_well("right_code_is_right_in_any_order", "kernel_hits: " + file);
  std::ifstream lines(file);
  const std::string text{std::istreambuf_iterator<char>(lines), {}};
  EXPECT_THAT(text, ContainsRegex("kernels\\.cu:[0-9]+ 0\n"));            // nothing ran in the first process
  EXPECT_THAT(text, ContainsRegex("kernels\\.cu:[0-9]+ [1-9][0-9]*\n"));  // add_kernel in the second
  std::filesystem::remove(file);
}

TEST(Devices, AreThoseThatTheVariableLeaves) {
  expect_well("only_the_second_device_is_visible", "", "", {{"CUDA_VISIBLE_DEVICES", "1"}});
  expect_well("only_the_second_device_is_visible", "", "", {{"CUDA_VISIBLE_DEVICES", "1,7,0"}});
  expect_well("no_device_is_visible", "", "", {{"CUDA_VISIBLE_DEVICES", ""}});
  expect_well("no_device_is_visible", "", "", {{"CUDA_VISIBLE_DEVICES", "0,0"}});
}
TEST(Devices, ThatOthersHoldCannotBeHad) {
  expect_well("the_device_cannot_be_had", one_device("9.0", ", busy: true, compute_mode: exclusive_process"));
  expect_well("the_device_cannot_be_had", one_device("9.0", ", compute_mode: prohibited"));
  expect_well("nothing_happens", one_device("9.0", ", compute_mode: exclusive_process"));
}
TEST(Devices, WantADriverOfTheirMajorVersion) {
  expect_well("the_driver_is_too_old", one_device("9.0", "", "driver: 12080"));
}
TEST(Devices, ThatAreNoPeersSaySo) {
  std::string yaml = kTestNode;
  yaml.replace(yaml.find("peers: all"), 10, "peers: none");
  expect_well("peers_that_are_none_are_refused", yaml);
}

TEST(FaultPlan, HitsTheNthCallAlone) {
  expect_well("the_third_allocation_fails", "faults: [{function: cudaMalloc, call: 3, status: 2}]");
}
TEST(FaultPlan, HitsTheDeviceThatItNamesAndAStickyErrorStays) {
  expect_well("launches_on_the_second_device_fail",
              "faults: [{function: cudaLaunchKernel, status: 719, device: 1, every: true}]");
}
TEST(FaultPlan, RefusesAFunctionThatIsNotThere) {
  expect_death("nothing_happens", "cudaMaloc, which CUDA's runtime does not have",
               "faults: [{function: cudaMaloc, status: 2}]");
}
TEST(FaultPlan, SaysWhatNeverCame) {
  const Outcome outcome = run_emulated({"nothing_happens", "faults: [{function: cudaMalloc, call: 9, status: 2}]", ""});
  EXPECT_THAT(outcome.words, HasSubstr("a planned fault never came: call 9 of cudaMalloc, of which 0 came"));
}

TEST(Leaks, AreReportedAndFailWhereAsked) {
  const Outcome reported = run_emulated({"everything_leaks", "", ""});
  EXPECT_EQ(reported.exit_status, 0);
  for (const char* words :
       {"4 bytes of device memory", "4 bytes of pinned host memory", "a stream of device 0", "an event of device 0"}) {
    EXPECT_THAT(reported.words, HasSubstr(std::string("leak: ") + words));
  }
  EXPECT_EQ(run_emulated({"everything_leaks", "leaks: fail", ""}).exit_status, kLeakStatus);
}

TEST(Library, AbortsWhereAFunctionIsNotEmulated) {
  expect_death("a_function_outside_the_emulation_is_called", "cudaDeviceGetLimit is outside what is emulated");
}
TEST(Library, WantsItsConfiguration) {
  expect_death("nothing_happens", "unknown key 'sede'", "sede: 3");
  expect_death("nothing_happens", "no-such.yaml", "node: no-such.yaml");
}

}  // namespace
}  // namespace geomsu::emulation
