// The device's clock, of CUDA events: nanoseconds since the device was opened. Events tell only what lies between two
// of them, as a float in milliseconds, so an anchor moves along: what a reading rounds stays under a ten-millionth of
// its distance from the anchor, and blocks are measured from an event of their own. On the submission thread only.
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

namespace geomsu::cuda {

// One CUDA event that keeps time. Move-only.
class TimedEvent {
 public:
  TimedEvent();  // on the current device; Failure as check()
  ~TimedEvent();
  TimedEvent(TimedEvent&& other) noexcept;
  TimedEvent& operator=(TimedEvent&& other) noexcept;

  void record(cudaStream_t stream);
  void wait() const;  // until the device came past it, giving the core away meanwhile
  // From this to `later`; both must have been passed.
  std::uint64_t until_ns(const TimedEvent& later) const;

 private:
  cudaEvent_t event_ = nullptr;
};

class Clock {
 public:
  explicit Clock(cudaStream_t stream);  // begins to count now

  std::uint64_t now(cudaStream_t stream);            // records, waits, and tells
  std::uint64_t at(const TimedEvent& passed) const;  // of an event recorded after the anchor
  void move_anchor(TimedEvent& passed);              // takes the event for an anchor and gives the old one back

 private:
  TimedEvent anchor_, reading_;
  std::uint64_t anchor_ns_ = 0;
};

}  // namespace geomsu::cuda
