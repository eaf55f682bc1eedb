// transfer: `bytes` go from one memory to another in one piece: between the host's memory and a device's (h2d, d2h),
// from a device to a peer (p2p), or both ways at once (bidirectional: host and device, or device and peer where one is
// named).
//
// One way has a source of n + 56 elements (8 bytes each, n = bytes / 8), made by the generator and never written, and a
// target of n + 8 (T - 1) elements, T = 65536, that is zero after a reseed. Repeat i, counted since then over all
// submissions, copies, with t = i mod T and q = floor(i / T):
//   target[8 t + j] = source[8 (q mod 8) + j]     for 0 <= j < n
// Each repeat begins a cache line further on, so that the line it began with shows for T repeats that it was there: had
// it been left out, that line held what the repeat before put there, which is another part of the source, or what a
// round of T repeats earlier put there, which began elsewhere in the source. So no data has to flow back, and every
// copy is one contiguous piece, aligned to 64 bytes at both ends. The state runs on over blocks: refilled once a trial.
//
// Output (tensor 0): the target; of bidirectional the target of the way out (to the device or the peer), then that of
// the way back. A projection gives one number a way. Sources: tensor 1 of the way out (of d2h: of its one way), 2 of
// the way back. Bytes of a repeat: `bytes`, both ways 2 * bytes. latency is the time of a repeat in seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kernels/ops/generator.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::ops {

enum class Direction { kToDevice, kToHost, kToPeer, kBothWays };

inline constexpr std::uint64_t kTrail = 65536;  // T: repeats of which the target keeps a trace
inline constexpr std::uint64_t kTrailStep = 8;  // elements: 64 bytes
inline constexpr std::uint64_t kTrailStarts = 8;

struct TransferShape {
  Direction direction = Direction::kToDevice;
  std::uint64_t bytes = 0, elements = 0;  // of one way
  bool pinned = true;                     // the host's side is page-locked
  std::optional<std::uint64_t> peer;      // index of a device, as the instance counts them
  Data data = Data::kNormal;

  std::uint64_t ways() const { return direction == Direction::kBothWays ? 2 : 1; }
  std::uint64_t source_elements() const { return elements + kTrailStep * (kTrailStarts - 1); }
  std::uint64_t target_elements() const { return elements + kTrailStep * (kTrail - 1); }
  std::uint64_t source_at(std::uint64_t repeat) const { return kTrailStep * (repeat / kTrail % kTrailStarts); }
  std::uint64_t target_at(std::uint64_t repeat) const { return kTrailStep * (repeat % kTrail); }
};
TransferShape transfer_shape(const Params& complete);
const Operation& transfer();

}  // namespace geomsu::ops
