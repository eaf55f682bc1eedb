// What the bare sides share: pinned threads, buffers, the clock.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace geomsu::bench {

std::int64_t raw_ns();  // CLOCK_MONOTONIC_RAW

// One OpenMP thread a physical core of this process's affinity, each pinned, the calling one to the first: as the CPU
// backend's. Before anything is allocated, so that pages lie where they are used.
void pin_threads();

struct FreeDeleter {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using Buffer = std::unique_ptr<T[], FreeDeleter>;

// On huge pages where the kernel gives them. std::bad_alloc.
void* allocate_bytes(std::uint64_t bytes);
template <class T>
Buffer<T> allocate(std::uint64_t count) {
  return Buffer<T>(static_cast<T*>(allocate_bytes(count * sizeof(T))));
}

// Normal values of a tensor, written by the threads that will read them; int8 rounded as the generator's rules say.
void fill_normal(float* to, std::uint64_t count, std::uint64_t tensor);
void fill_normal(double* to, std::uint64_t count, std::uint64_t tensor);
void fill_normal(std::int8_t* to, std::uint64_t count, std::uint64_t tensor);
template <class T>
void fill_zero(T* to, std::uint64_t count) {
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i) to[i] = T{0};
}

// A library and its symbols. Error kUnavailable with all that was tried.
class Library {
 public:
  Library(const std::vector<std::string>& candidates, const std::string& next);
  template <class Function>
  Function symbol(const char* name) const {
    return reinterpret_cast<Function>(raw_symbol(name));
  }
  const std::string& path() const { return path_; }

 private:
  void* raw_symbol(const char* name) const;  // Error where it is not there
  void* handle_ = nullptr;                   // never closed: thread pools outlive their users
  std::string path_;
};

}  // namespace geomsu::bench
