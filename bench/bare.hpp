// The peers, called bare: OpenBLAS's sgemm, oneDNN's gemm_s8s8s32 and bf16 matmul, and plain loops over memory, with
// non-temporal stores. Same operands, same rotation of operand sets, same pinned threads as the backend; nothing of
// geomsu in the timed part.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
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

// int8 to int32, or bf16 to bf16, by oneDNN. Throws std::runtime_error where there is none.
class BareNarrowGemm {
 public:
  BareNarrowGemm(const std::string& dtype, std::uint64_t n, std::uint64_t sets);
  ~BareNarrowGemm();
  BareNarrowGemm(const BareNarrowGemm&) = delete;
  BareNarrowGemm& operator=(const BareNarrowGemm&) = delete;
  double block_ns(std::uint64_t repeats);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// STREAM's loops over doubles and one direction alone: copy, scale, add, triad, read (a sum), write (a constant).
class BareStream {
 public:
  BareStream(const std::string& kind, std::uint64_t bytes);  // of each array
  double block_ns(std::uint64_t repeats);
  double arrays() const { return static_cast<double>(arrays_.size()); }  // that a repeat moves

 private:
  using Loop = double (*)(double* out, const double* b, const double* c, std::uint64_t n);  // read's is a sum
  Loop loop_ = nullptr;
  std::uint64_t elements_, step_ = 0;
  std::vector<Buffer<double>> arrays_;
  double kept_ = 0;  // what read sums to: used, so that it is read
};

}  // namespace geomsu::bench
