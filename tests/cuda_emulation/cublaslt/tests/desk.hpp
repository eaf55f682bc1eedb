// A runtime of one device in the test's own process, so that what the emulated cuBLASLt dies of can be caught: memory
// whose addresses are no host's, with bounds and what was written, one queue that runs as late as it may, a fault plan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace geomsu::desk {

// What die() throws here.
class Died : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Allocation {
  std::vector<std::byte> bytes;
  std::vector<bool> written;
};

struct Desk {
  int capability = 90;
  std::string name = "EMULATED (CPU)";
  std::uint64_t free_bytes = 1ULL << 30;
  int device = 0;  // current
  std::uint64_t now_ns = 0;
  std::map<std::uint64_t, Allocation> memory;  // by address
  std::uint64_t next_address = 0x7F0000000000ULL;
  std::vector<std::pair<std::uint64_t, std::function<void()>>> queue;  // what it costs, and what it does
  std::map<std::string, std::pair<int, int>> faults;                   // function -> which call, status
  std::map<std::string, int> calls;
};
Desk& desk();
void reset_desk();  // an empty one

void* allocate(std::uint64_t bytes);
void write(void* address, const void* from, std::size_t bytes);
void read(const void* address, void* to, std::size_t bytes);  // dies of bytes that were never written
void run_queue();

}  // namespace geomsu::desk
