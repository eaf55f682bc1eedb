// A session on a group of scripted fakes, and short ways to ask each rank.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/worker/rig.hpp"

namespace geomsu::worker::test {

// collective of this kind with `more` of its parameters, over `ranks`.
Params collective(const std::string& kind, std::uint64_t bytes, std::uint32_t ranks, Params more = {});

class GroupRig {
 public:
  // A device each, as a YAML flow map: "{speed: {collective: 1 GB/s}, faults: [{kind: missing_rank}]}". Opened in
  // order.
  explicit GroupRig(const std::vector<std::string>& devices);
  static std::vector<std::string> healthy(std::size_t count) { return std::vector<std::string>(count, "{}"); }

  template <class R>
  R ask(const protocol::Request& request) {
    const protocol::Result result = session_->handle(request);
    const R* found = std::get_if<R>(&result);
    if (found == nullptr) ADD_FAILURE() << protocol::method(request) << " was answered by another result";
    return found == nullptr ? R{} : *found;
  }
  template <class R>
  R get(const protocol::Request& request) {
    R result = ask<R>(request);
    EXPECT_TRUE(result.ok()) << protocol::method(request) << ": " << result.reason;
    return result;
  }

  // Prepares, reseeds with 5 and runs one block.
  std::uint64_t run(const Params& params, std::uint64_t sets, std::uint64_t repeats);
  protocol::MeasureResult measure(std::uint64_t workload, std::uint64_t repeats);
  // Ticks from first to last of each rank.
  std::vector<double> lengths(std::uint64_t workload, std::uint64_t repeats);
  std::vector<double> read(std::uint64_t workload, std::uint32_t rank, std::uint64_t repeat, std::uint64_t elements,
                           std::uint32_t tensor = 0);

  struct Wrong {
    std::vector<std::uint64_t> indices;
    bool projection = false;
    bool none() const { return indices.empty() && !projection; }
  };
  // A rank's whole output after `repeats` since reseed(seed), against the reference.
  Wrong check(std::uint64_t workload, const Params& params, const ops::BlockState& state, std::uint64_t repeat = 0);

 private:
  TempDir directory_;
  std::unique_ptr<Session> session_;
};

}  // namespace geomsu::worker::test
