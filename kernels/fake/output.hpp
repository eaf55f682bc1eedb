// The output tensor of a rank of a workload, computed when it is asked for: element by element, straight from the
// generator. Nothing is stored, so that a virtual 8192^3 product costs what is read of it. Faults of the script are
// laid over the true values.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/fake/device.hpp"
#include "kernels/ops/operation.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::fake {

// How the buffers came to be what they are.
struct State {
  std::uint64_t seed = 0;
  std::vector<std::uint64_t>
      earlier_seeds;          // the first one and the one before this one; empty before the second reseed
  std::uint64_t repeats = 0;  // submitted since the last reseed
  std::uint64_t sets = 1;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> skipped;  // repeats [first, second) that were never computed
  std::vector<Taint> taints;

  std::uint64_t computed() const;                         // of all repeats
  std::uint64_t accumulated(std::uint64_t repeat) const;  // computed repeats that went to the set of `repeat`
  std::uint64_t computed_of(std::uint64_t residue, std::uint64_t period) const;  // of those congruent to `residue`
  std::uint64_t true_seed() const;                                               // after stale_output and frozen_output
  std::string cheaper_dtype(std::string_view fallback) const;  // empty where the dtype is what was asked for
  const Taint* taint(std::string_view kind) const;
};

// As the type holds a value that was computed: rounded, or modulo 2^32.
double stored(const ops::Dtype& dtype, double value);

class Output {
 public:
  virtual ~Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  std::uint64_t elements(std::uint32_t tensor) const;
  // std::out_of_range for a tensor or an index that is not there.
  double element(const State& state, std::uint32_t tensor, std::uint64_t repeat, std::uint64_t index) const;
  std::vector<double> project(const State& state, std::uint64_t repeat, std::uint64_t sign_seed) const;
  // Where computing the whole output is cheap: the digest of GENERATOR.md. Else a hash of what determines the output:
  // equal inputs give equal digests and a fault changes it, but it is no digest of bytes.
  std::uint64_t digest(const State& state, std::uint64_t repeat, const std::string& name) const;

 protected:
  Output(std::uint64_t rows, std::uint64_t columns, std::uint64_t swap_length, const ops::Dtype& dtype)
      : rows_(rows), columns_(columns), swap_length_(swap_length), dtype_(dtype) {}

  virtual double clean(const State& state, std::uint64_t repeat, std::uint64_t index) const = 0;
  virtual std::vector<double> clean_projection(const State& state, std::uint64_t repeat,
                                               std::uint64_t sign_seed) const = 0;
  virtual double input(const State& state, std::uint32_t tensor, std::uint64_t repeat, std::uint64_t index) const = 0;
  virtual std::uint64_t input_elements(std::uint32_t tensor) const = 0;      // 0: there is no such tensor
  virtual double large(const State& state, std::uint64_t repeat) const = 0;  // an error that no tolerance hides
  virtual double cost(const State& state, std::uint64_t repeat) const = 0;   // of all elements, in multiplications

  // What a digest that is too dear to compute depends on, beside the seed, the set and the faults.
  virtual std::uint64_t determined_by(const State& state, std::uint64_t repeat) const;

  std::uint64_t rows_, columns_, swap_length_;
  const ops::Dtype& dtype_;

 private:
  double dirty(const State& state, std::uint64_t repeat, std::uint64_t index) const;
  using Range = std::pair<std::uint64_t, std::uint64_t>;  // [first, second)
  std::vector<Range> touched(const State& state) const;   // in order, none overlapping another
  std::uint64_t hit(const Taint& taint) const;
  struct Tile {
    std::uint64_t row, column, rows, columns;
  };
  Tile tile(const Taint& taint) const;
};

bool offers(std::string_view op);
// `params` complete, as kernels/ops made them; nullptr where the fake does not have the operation.
std::unique_ptr<Output> make_output(std::string_view op, const ops::Params& params, std::uint32_t rank);

}  // namespace geomsu::fake
