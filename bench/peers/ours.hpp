// Our sides: a plug-in through the C ABI in this process, and through geomsu-worker and the lines, as it is judged.
#pragma once

#include <memory>
#include <string>

#include "bench/peers/pairs.hpp"
#include "harness/base/log.hpp"
#include "harness/model/workload.hpp"

namespace geomsu::bench {

struct OursRequest {
  std::string plugin;  // path
  Params settings;     // of its instance
  const ops::Operation* operation = nullptr;
  ops::Params params;  // complete
  std::uint64_t sets = 1;
};

// Both: device 0, inputs made once before the first block. Error kUnavailable, with the reason, where the device does
// not offer it or is simulated: scripted time compares with nothing.
std::unique_ptr<Side> make_inside(const OursRequest& request);
std::unique_ptr<Side> make_through_worker(const OursRequest& request, const std::string& worker, Log& log);

}  // namespace geomsu::bench
