// collective: devices of one group exchange `bytes`, counted as nccl-tests counts its size S (PERFORMANCE.md there):
//   all_reduce, broadcast, reduce, send_recv   S = the buffer of a rank
//   all_gather                                 S = what each rank has afterwards: each sends S / ranks
//   reduce_scatter, all_to_all                 S = what each rank has before: chunks of S / ranks
// algbw = S / time of the slowest rank, busbw = algbw times
//   all_reduce 2 (n - 1) / n   all_gather, reduce_scatter, all_to_all (n - 1) / n   broadcast, reduce, send_recv 1
//
// Tensors of each rank: 0 what it has afterwards, 1 what it sends. Elements are small whole numbers (GENERATOR.md), so
// that sums are exact in every dtype and in any order: the tolerance is 0. Repeat i works on set i mod sets. In place a
// set's input is gone after its repeat, so a block then has as many sets as repeats at least.
//   in_place: all_reduce, broadcast, reduce: one buffer; all_gather: what is sent is part `rank` of the output;
//             reduce_scatter: the output is part `rank` of what is sent; all_to_all, send_recv: there is none.
// broadcast's root and reduce's are rank 0; send_recv sends to the next rank and receives from the one before.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/ops/generator.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::ops {

enum class CollectiveKind { kAllReduce, kAllGather, kReduceScatter, kAllToAll, kBroadcast, kReduce, kSendRecv };
enum class ReduceOp { kNone, kSum, kMax, kMin };

inline constexpr std::uint64_t kRoleSent = 1;
inline constexpr std::uint64_t kMaxRanks = 65536;

struct CollectiveShape {
  CollectiveKind kind = CollectiveKind::kAllReduce;
  ReduceOp op = ReduceOp::kNone;
  std::string dtype, algorithm;
  std::uint64_t bytes = 0;
  std::uint64_t count = 0;  // S in elements
  std::uint32_t ranks = 0;
  bool in_place = false;
  Data data = Data::kNormal;

  std::uint64_t chunk() const { return count / ranks; }  // elements of a part, where parts have a meaning
  std::uint64_t sent(std::uint32_t rank) const;          // elements of tensor 1; 0 where a rank sends nothing
  std::uint64_t received(std::uint32_t rank) const;      // elements of tensor 0; 0 where a rank has no output
  bool reduces() const { return op != ReduceOp::kNone; }
  std::uint64_t element_bytes() const;
  // Bytes of all ranks' buffers of one set, and of one rank's.
  std::uint64_t set_bytes() const;
  std::uint64_t set_bytes(std::uint32_t rank) const;
};
CollectiveShape collective_shape(const Params& complete);

// The bounds of an element: from least to most, whole numbers.
struct CollectiveRange {
  int least = -64, most = 63;
};
CollectiveRange collective_range(const CollectiveShape& shape);
// Tensor number of what a rank sends in a set: 16 * set + 1 in the low 32 bits, the rank above them.
constexpr std::uint64_t collective_tensor(std::uint32_t rank, std::uint64_t set) {
  return (static_cast<std::uint64_t>(rank) << 32) + tensor_id(set, kRoleSent);
}
// Element `index` of that tensor, before it is stored in the dtype (which holds it exactly).
int collective_element(const CollectiveShape& shape, std::uint64_t seed, std::uint32_t rank, std::uint64_t set,
                       std::uint64_t index);

double bus_factor(CollectiveKind kind, std::uint32_t ranks);
const Operation& collective();

}  // namespace geomsu::ops
