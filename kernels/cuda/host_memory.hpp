// Pageable memory of the host, aligned to a page; and how much of it there is.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace geomsu::cuda {

class PageableBuffer {
 public:
  PageableBuffer() = default;
  explicit PageableBuffer(std::uint64_t bytes);  // std::bad_alloc
  template <typename T>
  T* as() const {
    return static_cast<T*>(memory_.get());
  }

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> memory_;
};

// Failure OUT_OF_MEMORY with the plan in words where `bytes` are more than 90 % of what the kernel could give: it
// grants more than it has, and then ends processes, this one or another. `what`: "page-locked" or "pageable".
void expect_host_memory(std::uint64_t bytes, const char* what);

}  // namespace geomsu::cuda
