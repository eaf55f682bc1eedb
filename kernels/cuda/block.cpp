#include "kernels/cuda/block.hpp"

#include <algorithm>
#include <atomic>
#include <limits>

#include "kernels/cuda/device.hpp"
#include "kernels/cuda/emulated.hpp"
#include "kernels/cuda/spin.hpp"

namespace geomsu::cuda {
namespace {

// Repeats that are queued before the first begins. A stream's queue holds about a thousand launches, and a launch into
// a full queue waits: a repeat has three launches at most, an event beside them.
constexpr std::uint64_t kHeld = 192;
// After so long the held stream goes on by itself, and the block has gaps in it instead of standing still.
constexpr std::uint64_t kMostHeld_ns = 2'000'000'000;
// An event between repeats costs about a microsecond of the device's time.
constexpr std::uint64_t kLongRepeat_ns = 200'000;

// Opens the gate of a held stream on every way out.
class Gate {
 public:
  explicit Gate(std::uint32_t* word) : word_(*word) { word_.store(0, std::memory_order_relaxed); }
  ~Gate() { open(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  void open() { word_.store(1, std::memory_order_release); }

 private:
  std::atomic_ref<std::uint32_t> word_;
};

}  // namespace

Block::Block(Workload& work, std::uint64_t repeats, std::uint64_t& mean_ns)
    : work_(work), repeats_(repeats), mean_ns_(mean_ns) {
  kept_ = mean_ns >= kLongRepeat_ns ? std::min(repeats, Device::kEnds) : 0;
  span_.ends.resize(kept_);
  first_ = work_.book(repeats);
  work_.device().executor().post(*this);  // last: what was not submitted must not be counted
}

Block::~Block() {
  plugin::guard_void([this] { wait(std::numeric_limits<std::uint64_t>::max()); });
}

bool Block::wait(std::uint64_t timeout_ns) {
  plugin::Executor& executor = work_.device().executor();
  if (emulation() == nullptr) return executor.wait(*this, timeout_ns);
  // Where time is scripted the block has come to its end at once, and is late by its own length.
  executor.wait(*this, std::numeric_limits<std::uint64_t>::max());
  const std::uint64_t left = span_.last - span_.first - waited_ns_;
  waited_ns_ += std::min(left, timeout_ns);
  return left <= timeout_ns;
}

void Block::do_run() {
  work_.device().guarded([this] { run(); });
}

void Block::queue_all() {
  Device& device = work_.device();
  const cudaStream_t stream = device.stream();
  auto* word = device.gate().as<std::uint32_t>();
  Gate gate(word);
  if (!work_.may_wait()) hold(word, kMostHeld_ns, stream);
  device.begin().record(stream);
  for (std::uint64_t i = 0; i < repeats_; ++i) {
    work_.queue(first_ + i, stream);
    if (i < kept_) {
      work_.join(stream);
      device.ends()[i].record(stream);
    }
    if (i + 1 == kHeld) gate.open();
  }
  work_.join(stream);
  device.end().record(stream);
}

void Block::run() {
  Device& device = work_.device();
  queue_all();
  device.end().wait();
  span_.first = device.clock().at(device.begin());
  for (std::uint64_t i = 0; i < kept_; ++i) span_.ends[i] = span_.first + device.begin().until_ns(device.ends()[i]);
  const std::uint64_t took = device.begin().until_ns(device.end());
  span_.last = span_.first + took;
  if (repeats_ != 0) mean_ns_ = took / repeats_;
  device.clock().move_anchor(device.begin());
}

}  // namespace geomsu::cuda
