#include "kernels/cpu/shares.hpp"

#include <numeric>

#include "kernels/cpu/part.hpp"

namespace geomsu::cpu {
namespace {

using ops::CollectiveKind;

constexpr std::uint64_t kUnit = 64;  // elements: whole cache lines of any dtype

std::vector<std::uint32_t> everyone(std::uint32_t ranks) {
  std::vector<std::uint32_t> list(ranks);
  std::iota(list.begin(), list.end(), 0u);
  return list;
}

// In place what a rank sends lies where it must end up already.
std::vector<std::uint32_t> everyone_but(std::uint32_t ranks, std::uint32_t one, bool leave_out) {
  std::vector<std::uint32_t> list = everyone(ranks);
  if (leave_out) list.erase(list.begin() + one);
  return list;
}

Part slice(std::uint64_t count, std::uint32_t part, std::uint32_t parts) {
  return part_of(count, kUnit, static_cast<int>(part), static_cast<int>(parts));
}

}  // namespace

std::vector<Piece> own_pieces(const ops::CollectiveShape& shape, std::uint32_t rank) {
  const std::uint32_t n = shape.ranks;
  const std::uint64_t chunk = shape.chunk();
  std::vector<Piece> pieces;
  switch (shape.kind) {
    case CollectiveKind::kAllReduce:
      return {{everyone(n), {rank}, 0, 0, shape.count}};
    case CollectiveKind::kReduce:
      if (rank == 0) pieces.push_back({everyone(n), {0}, 0, 0, shape.count});
      return pieces;
    case CollectiveKind::kReduceScatter:
      return {{everyone(n), {rank}, rank * chunk, 0, chunk}};
    case CollectiveKind::kBroadcast:
      if (rank != 0 || !shape.in_place) pieces.push_back({{0}, {rank}, 0, 0, shape.count});
      return pieces;
    case CollectiveKind::kSendRecv:
      return {{{(rank + n - 1) % n}, {rank}, 0, 0, shape.count}};
    case CollectiveKind::kAllGather:
    case CollectiveKind::kAllToAll:
      break;
  }
  const bool gathers = shape.kind == CollectiveKind::kAllGather;
  for (std::uint32_t step = 0; step < n; ++step) {
    const std::uint32_t from = (rank + step) % n;  // each begins elsewhere
    if (gathers && shape.in_place && from == rank) continue;
    pieces.push_back({{from}, {rank}, gathers ? 0 : rank * chunk, from * chunk, chunk});
  }
  return pieces;
}

std::vector<Piece> direct_pieces(const ops::CollectiveShape& shape, const std::vector<std::uint32_t>& widths,
                                 std::uint32_t rank, std::uint32_t place) {
  const std::uint32_t n = shape.ranks;
  const auto before = std::accumulate(widths.begin(), widths.begin() + rank, 0u);
  const auto seats = std::accumulate(widths.begin(), widths.end(), 0u);
  const Part of_all = slice(shape.count, before + place, seats);
  switch (shape.kind) {
    case CollectiveKind::kAllReduce:
      return {{everyone(n), everyone(n), of_all.first, of_all.first, of_all.size()}};
    case CollectiveKind::kReduce:
      return {{everyone(n), {0}, of_all.first, of_all.first, of_all.size()}};
    case CollectiveKind::kBroadcast:
      return {{{0}, everyone_but(n, 0, shape.in_place), of_all.first, of_all.first, of_all.size()}};
    case CollectiveKind::kAllGather: {
      const Part own = slice(shape.chunk(), place, widths[rank]);
      return {{{rank}, everyone_but(n, rank, shape.in_place), own.first, rank * shape.chunk() + own.first, own.size()}};
    }
    case CollectiveKind::kReduceScatter:
    case CollectiveKind::kAllToAll:
    case CollectiveKind::kSendRecv:
      break;
  }
  // A rank writes what is its own, each of its seats a slice of it.
  std::vector<Piece> pieces = own_pieces(shape, rank);
  for (Piece& piece : pieces) {
    const Part own = slice(piece.count, place, widths[rank]);
    piece.source_at += own.first;
    piece.target_at += own.first;
    piece.count = own.size();
  }
  return pieces;
}

}  // namespace geomsu::cpu
