#include "kernels/cuda/clock.hpp"

#include <cmath>
#include <utility>

#include "kernels/cuda/check.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::uint64_t kAnchorAge_ns = 1'000'000'000;  // a float's millisecond is then good to 60 ns

}  // namespace

// Blocking: any but a host device may not keep the host busy while it waits.
TimedEvent::TimedEvent() {
  check(cudaEventCreateWithFlags(&event_, cudaEventBlockingSync), "cudaEventCreateWithFlags");
}
TimedEvent::~TimedEvent() {
  if (event_ != nullptr) forget(cudaEventDestroy(event_));
}
TimedEvent::TimedEvent(TimedEvent&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
TimedEvent& TimedEvent::operator=(TimedEvent&& other) noexcept {
  std::swap(event_, other.event_);
  return *this;
}

void TimedEvent::record(cudaStream_t stream) { check(cudaEventRecord(event_, stream), "cudaEventRecord"); }

void TimedEvent::wait() const { check(cudaEventSynchronize(event_), "cudaEventSynchronize"); }

std::uint64_t TimedEvent::until_ns(const TimedEvent& later) const {
  float ms = 0;
  check(cudaEventElapsedTime(&ms, event_, later.event_), "cudaEventElapsedTime");
  return ms <= 0 ? 0 : static_cast<std::uint64_t>(std::llround(static_cast<double>(ms) * 1e6));
}

Clock::Clock(cudaStream_t stream) {
  anchor_.record(stream);
  anchor_.wait();
}

std::uint64_t Clock::now(cudaStream_t stream) {
  reading_.record(stream);
  reading_.wait();
  const std::uint64_t ns = at(reading_);
  if (ns - anchor_ns_ >= kAnchorAge_ns) move_anchor(reading_);
  return ns;
}

std::uint64_t Clock::at(const TimedEvent& passed) const { return anchor_ns_ + anchor_.until_ns(passed); }

void Clock::move_anchor(TimedEvent& passed) {
  anchor_ns_ = at(passed);
  std::swap(anchor_, passed);
}

}  // namespace geomsu::cuda
