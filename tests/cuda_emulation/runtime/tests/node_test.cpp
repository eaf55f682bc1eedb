#include "tests/cuda_emulation/node.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace geomsu::emulation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    read_node(YAML::Load(text), "n.yaml");
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was refused";
}

constexpr const char* kDevice =
    "  - {name: T, compute: \"9.0\", multiprocessors: 4, memory: 1024, l2: 64, pci: \"0:1b:0.0\"";

TEST(Node, CountsAddressesUpAndDerivesIdentities) {
  const Node node = read_node(YAML::Load(std::string("devices:\n") + kDevice + ", count: 3, peers: [0, 2]}"), "n.yaml");
  ASSERT_EQ(node.devices.size(), 3U);
  EXPECT_EQ(node.devices[2].pci, "0000:1d:00.0");
  EXPECT_THAT(node.devices[0].peers, ElementsAre(2));
  EXPECT_THAT(node.devices[1].peers, ElementsAre(0, 2));
  EXPECT_NE(node.devices[0].uuid, node.devices[1].uuid);
  EXPECT_EQ(uuid_text(node.devices[0].uuid).size(), 40U);
  EXPECT_EQ(node.devices[0].free_bytes, 1024U);
}

TEST(Node, RefusesWhatNobodyKnowsWithTheLine) {
  EXPECT_THAT(refusal(std::string("devices:\n") + kDevice + ", ram: 3}"), HasSubstr("n.yaml:2: unknown key 'ram'"));
  EXPECT_THAT(refusal("devices:\n  - {name: T}"), HasSubstr("n.yaml:2: key 'compute' is missing"));
  EXPECT_THAT(refusal(std::string("devices:\n") + kDevice + ", free: 2048}"), HasSubstr("'free' is above 'memory'"));
  EXPECT_THAT(refusal(std::string("devices:\n") + kDevice + ", peers: [5]}"), HasSubstr("no device 5"));
  EXPECT_THAT(refusal(std::string("devices:\n") + kDevice + ", compute_mode: x}"), HasSubstr("'compute_mode' is"));
  EXPECT_THAT(refusal(std::string("pace: {launch: 1}\ndevices:\n") + kDevice + "}"), HasSubstr("unknown key 'launch'"));
}

TEST(Node, ShippedOnesRead) {
  const std::string folder = std::string(GEOMSU_SOURCE_DIR) + "/tests/cuda_emulation/nodes/";
  EXPECT_EQ(read_node(folder + "dgx-h100.yaml").devices.size(), 8U);
  EXPECT_EQ(read_node(folder + "dgx-h100.yaml").devices[7].peers.size(), 7U);
  EXPECT_EQ(read_node(folder + "dgx-b200.yaml").devices[0].major, 10);
  EXPECT_EQ(read_node(folder + "a4000-workstation.yaml").devices.size(), 1U);
  EXPECT_EQ(read_node(folder + "gh200.yaml").devices[0].pci, "0009:01:00.0");
}

}  // namespace
}  // namespace geomsu::emulation
