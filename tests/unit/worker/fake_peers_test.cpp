// A group over several processes, as the fake's own C table has it: here its processes are instances of one.
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/ops/collective.hpp"
#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {
namespace {

// What every process tells the others, known beforehand: the first rank and how many.
struct Board {
  std::vector<std::array<std::uint32_t, 2>> told;
  std::uint32_t status = 0;
};
std::uint32_t all_gather(void* user, const void*, std::uint64_t bytes, void* all) {
  const auto* board = static_cast<const Board*>(user);
  EXPECT_EQ(bytes, sizeof(board->told[0]));
  std::memcpy(all, board->told.data(), bytes * board->told.size());
  return board->status;
}

// One process of the group with its own devices.
class Process {
 public:
  Process(std::uint32_t devices, std::uint32_t first_rank, std::uint32_t process, std::uint32_t ranks, Board& board) {
    const std::string count = std::to_string(devices);
    const geomsu_param item = {"devices", count.c_str()};
    const geomsu_params params = {sizeof params, nullptr, &item, 1};
    check(table_.instance_create(&params, &instance_));
    devices_.resize(devices);
    for (std::uint32_t i = 0; i < devices; ++i) check(table_.device_open(instance_, i, &devices_[i]));
    const geomsu_peers peers = {sizeof peers, nullptr, process, static_cast<std::uint32_t>(board.told.size()),
                                first_rank,   ranks,   &board,  all_gather};
    const geomsu_params settings = {sizeof settings, &peers, nullptr, 0};
    said_ = words(table_.group_create(devices_.data(), devices, &settings, &group_));
  }
  ~Process() {
    if (workload_ != nullptr) table_.workload_release(workload_);
    if (group_ != nullptr) table_.group_destroy(group_);
    for (geomsu_device* device : devices_) table_.device_close(device);
    table_.instance_destroy(instance_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& said() const { return said_; }  // of the making of the group; empty where it was made

  void run(const Params& given, std::uint64_t seed) {
    std::vector<geomsu_param> items;
    for (const auto& [key, value] : given) items.push_back({key.c_str(), value.c_str()});
    const geomsu_params params = {sizeof params, nullptr, items.data(), items.size()};
    check(table_.workload_prepare(group_, "collective", &params, &workload_));
    check(table_.reseed(workload_, seed));
    geomsu_event* event = nullptr;
    check(table_.submit(workload_, 1, &event));
    check(table_.event_wait(event, 1'000'000'000));
    table_.event_destroy(event);
  }
  std::string read(std::uint32_t rank, std::uint64_t index, double& out) {
    return words(table_.read(workload_, 0, rank, 0, &index, 1, &out));
  }

 private:
  std::string words(geomsu_error* error) const {
    if (error == nullptr) return {};
    const std::string text = table_.error_message(error);
    table_.error_destroy(error);
    return text;
  }
  void check(geomsu_error* error) const { EXPECT_EQ(words(error), ""); }

  const geomsu_plugin& table_ = *load_plugin(fake_plugin()).table;
  geomsu_instance* instance_ = nullptr;
  geomsu_group* group_ = nullptr;
  geomsu_workload* workload_ = nullptr;
  std::vector<geomsu_device*> devices_;
  std::string said_;
};

TEST(FakePeers, EachProcessAnswersForItsOwnRanksOfOneGroup) {
  Board board{{{0, 2}, {2, 1}}};
  Process first(2, 0, 0, 3, board), second(1, 2, 1, 3, board);
  ASSERT_EQ(first.said() + second.said(), "");
  const Params given = {{"kind", "all_to_all"}, {"bytes", "96"}, {"ranks", "3"}};
  first.run(given, 5);
  second.run(given, 5);
  std::vector<ops::Problem> problems;
  const Params params = ops::collective().complete(given, problems);
  for (std::uint32_t rank = 0; rank < 3; ++rank) {
    const auto reference = ops::collective().reference(params, {5, 1, 1, rank});
    Process &own = rank < 2 ? first : second, &other = rank < 2 ? second : first;
    for (std::uint64_t i = 0; i < reference->elements(); ++i) {
      double value = 0;
      EXPECT_EQ(own.read(rank, i, value), "");
      EXPECT_EQ(value, reference->element(i, 0).value) << rank << " " << i;
    }
    double none = 0;
    EXPECT_NE(other.read(rank, 0, none).find("rank " + std::to_string(rank)), std::string::npos);
  }
}

TEST(FakePeers, RanksThatAreNobodysAreRefused) {
  Board gap{{{0, 1}, {2, 1}}};
  EXPECT_NE(Process(1, 0, 0, 3, gap).said().find("rank 1 of the group is nobody's"), std::string::npos);
  Board few{{{0, 1}, {1, 1}}};
  EXPECT_NE(Process(1, 0, 0, 3, few).said().find("3 ranks has 2 devices"), std::string::npos);
  Board silent{{{0, 1}}, 1};
  EXPECT_NE(Process(1, 0, 0, 1, silent).said().find("cannot be reached"), std::string::npos);
}

}  // namespace
}  // namespace geomsu::worker::test
