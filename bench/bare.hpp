// The peers, called bare: OpenBLAS's sgemm, and a triad loop with non-temporal stores. Same operands, same rotation of
// operand sets, same pinned threads as the backend; nothing of geomsu in the timed part.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace geomsu::bench {

std::int64_t raw_ns();

// One OpenMP thread a core of this process's affinity, each pinned; the calling thread to the first.
void pin_threads();
// Gives the calling thread all of the process's cores back: a worker started meanwhile inherits them.
class Unpinned {
 public:
  Unpinned();
  ~Unpinned();
  Unpinned(const Unpinned&) = delete;
  Unpinned& operator=(const Unpinned&) = delete;
};

struct FreeDeleter {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using Buffer = std::unique_ptr<T[], FreeDeleter>;

class BareGemm {
 public:
  BareGemm(std::uint64_t n, std::uint64_t sets);  // square, row-major, fp32; throws std::runtime_error without OpenBLAS
  double block_ns(std::uint64_t repeats);         // repeats back to back over the sets

 private:
  using Sgemm = void (*)(int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int);
  Sgemm sgemm_ = nullptr;
  std::uint64_t n_;
  struct Set {
    Buffer<float> a, b, c;
  };
  std::vector<Set> sets_;
};

class BareTriad {
 public:
  explicit BareTriad(std::uint64_t bytes);  // of each of three arrays of doubles
  double block_ns(std::uint64_t repeats);

 private:
  std::uint64_t elements_, step_ = 0;
  Buffer<double> arrays_[3];
};

}  // namespace geomsu::bench
