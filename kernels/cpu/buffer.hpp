// Memory of one tensor: aligned to huge pages and asking for them; pages come into being where they are first touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace geomsu::cpu {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::uint64_t bytes);  // Failure OUT_OF_MEMORY
  ~Buffer();
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;

  template <typename T>
  std::span<T> as() const {
    return {static_cast<T*>(start_), bytes_ / sizeof(T)};
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;
  void* start_ = nullptr;
  std::uint64_t bytes_ = 0;
};

// What may still be taken: the least of the kernel's MemAvailable and what the control groups leave.
std::uint64_t available_memory();

}  // namespace geomsu::cpu
