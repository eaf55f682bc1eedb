// One side of a comparison: the same work, done by somebody.
#pragma once

#include <cstdint>
#include <string>

namespace geomsu::bench {

class Side {
 public:
  Side() = default;
  virtual ~Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  // Repeats back to back, counted on from block to block; how long they took, in ns. Error where it fails.
  double block_ns(std::uint64_t repeats) { return do_block_ns(repeats); }
  // What does the work: library, version, kernel.
  const std::string& words() const { return words_; }
  std::uint64_t operand_sets() const { return operand_sets_; }

 protected:
  virtual double do_block_ns(std::uint64_t repeats) = 0;
  std::string words_;
  std::uint64_t operand_sets_ = 1;
};

}  // namespace geomsu::bench
