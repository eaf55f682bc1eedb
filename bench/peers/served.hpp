// A side in a process of its own, so that no library, thread pool or crash of one side touches another.
//
// Lines: the child says "ready SETS WORDS" or "left out: REASON" once; to "run N" it answers "ns X" or "failed:
// REASON".
#pragma once

#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "bench/peers/side.hpp"
#include "harness/measure/child.hpp"

namespace geomsu::bench {

// The child's loop: makes the side, then serves until the end of `in`.
void serve_side(const std::function<std::unique_ptr<Side>()>& make, std::istream& in, std::ostream& out);

class ServedSide final : public Side {
 public:
  // Starts argv and waits for it to be ready. Error kUnavailable with the reason where it is left out, or died.
  explicit ServedSide(const std::vector<std::string>& argv);

 protected:
  double do_block_ns(std::uint64_t repeats) override;

 private:
  std::string line();
  Child child_;
  std::string pending_;
};

}  // namespace geomsu::bench
