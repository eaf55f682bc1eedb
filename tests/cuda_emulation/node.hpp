// The machine that is emulated: nodes/*.yaml, as far as more than one of the emulated libraries needs it. A device's
// section `nvml` is not read here; whoever reads it opens `file` again and takes entry `place` of its `devices`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace YAML {
class Node;
}

namespace geomsu::emulation {

// Virtual time of one operation: launch_ns + flop / flop_per_s + bytes / bytes_per_s.
struct Pace {
  std::uint64_t launch_ns = 2000000;
  double flop_per_s = 1e9, bytes_per_s = 1e9;
};

enum class ComputeMode { kDefault = 0, kExclusiveProcess = 3, kProhibited = 2 };  // cudaComputeMode's numbers

struct NodeDevice {
  std::string name;  // as the maker gives it, without "EMULATED (CPU)"
  int major = 0, minor = 0;
  int multiprocessors = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t free_bytes = 0;  // before this process takes any
  std::uint64_t l2_bytes = 0;
  std::string pci;                      // "0000:1b:00.0"
  std::array<std::uint8_t, 16> uuid{};  // derived from name and address where none is given
  std::vector<int> peers;               // ordinals of devices whose memory it can reach
  ComputeMode compute_mode = ComputeMode::kDefault;
  bool busy = false;      // another process holds it: where the mode is exclusive or not, no context can be had
  std::size_t place = 0;  // its entry in the file's list `devices`
};

struct Node {
  std::string file;
  std::string name;
  int driver = 13000;  // as cudaDriverGetVersion gives it
  Pace pace;
  std::vector<NodeDevice> devices;  // by ordinal
};

// std::runtime_error "FILE:LINE: ..." where the file cannot be read or says what nobody knows.
Node read_node(const std::string& file);
Node read_node(const YAML::Node& map, const std::string& file);  // `name`, `driver`, `pace`, `devices` of a read map

// "GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
std::string uuid_text(const std::array<std::uint8_t, 16>& uuid);

}  // namespace geomsu::emulation
