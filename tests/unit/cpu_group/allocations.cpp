// Every allocation of this program is counted. In a file of its own: where the compiler sees both sides, it takes the
// pair of new and free for a mistake.
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/cpu_group/under_test.hpp"

namespace {
std::atomic<std::uint64_t> count{0};
}

std::uint64_t geomsu::cpu::test::allocations() { return count.load(); }

void* operator new(std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
