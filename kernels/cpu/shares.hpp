// Who moves what in a collective: the pieces of each seat, as offsets into the ranks' buffers.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/crew.hpp"
#include "kernels/ops/collective.hpp"

namespace geomsu::cpu {

// `count` elements at `source_at` of what each of `sources` sends, reduced where there are several, go to `target_at`
// of what each of `targets` has afterwards.
struct Piece {
  std::vector<std::uint32_t> sources, targets;
  std::uint64_t source_at = 0, target_at = 0, count = 0;
};

// What a seat moves where every rank's buffers may be read and written directly: each input element is read once and
// each output written once over the whole group, wherever they lie. `widths`: seats of each rank that work.
std::vector<Piece> direct_pieces(const ops::CollectiveShape& shape, const std::vector<std::uint32_t>& widths,
                                 std::uint32_t rank, std::uint32_t place);

// What a rank moves where others' messages may be read and its own output alone be written.
std::vector<Piece> own_pieces(const ops::CollectiveShape& shape, std::uint32_t rank);

}  // namespace geomsu::cpu
