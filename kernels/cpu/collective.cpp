#include "kernels/cpu/collective.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/part.hpp"
#include "kernels/cpu/stored.hpp"

namespace geomsu::cpu {

using ops::CollectiveKind;
using plugin::Failure;

namespace {

constexpr std::uint64_t kLine = 64;
constexpr std::uint64_t kLeastOfSeat = 32 << 10;  // bytes a thread moves before another is worth waiting for
constexpr std::uint64_t kPastCaches = 4u << 20;   // bytes of a set from which nothing is kept in caches
constexpr std::uint64_t kChunk = 1024;            // elements made at a time

std::uint64_t whole_lines(std::uint64_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

Part slice(std::uint64_t count, const Seat& seat) {
  return part_of(count, kLine, static_cast<int>(seat.place), static_cast<int>(seat.width));
}

const ops::CollectiveShape& checked(const ops::CollectiveShape& shape, const Crew& crew) {
  if (shape.ranks != crew.ranks()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "ranks is " + std::to_string(shape.ranks) + ", the group has " +
                                               std::to_string(crew.ranks()) + " devices; they must be equal");
  }
  if (shape.algorithm != "auto") {
    throw Failure(GEOMSU_UNSUPPORTED, "collective: algorithm " + shape.algorithm +
                                          " is not offered; devices of one process read each other's memory: auto");
  }
  return shape;
}

std::vector<std::uint32_t> widths_for(const ops::CollectiveShape& shape, const Crew& crew) {
  std::vector<std::uint32_t> widths;
  const std::uint64_t wanted = std::max<std::uint64_t>(1, shape.set_bytes() / shape.ranks / kLeastOfSeat);
  for (std::uint32_t rank = 0; rank < crew.ranks(); ++rank)
    widths.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, crew.width(rank))));
  return widths;
}

bool fits_mail(const ops::CollectiveShape& shape) {
  return std::max(shape.sent(0), shape.sent(1)) * shape.element_bytes() <= Mailbox::kMost;
}

}  // namespace

Collective::Collective(const ops::CollectiveShape& shape, Crew& crew, const Grant& grant)
    : shape_(checked(shape, crew)),
      crew_(crew),
      element_bytes_(shape.element_bytes()),
      widths_(fits_mail(shape) ? std::vector<std::uint32_t>(shape.ranks, 1) : widths_for(shape, crew)),
      by_mail_(fits_mail(shape)),
      past_caches_(shape.set_bytes() >= kPastCaches),
      exchange_(exchange_of(grant.isa, shape.dtype, shape.op)),
      meeting_(widths_, crew.cores_are_shared()),
      mailbox_(shape.ranks) {
  lay_out(grant);
  assign_seats();
  algorithm_ = std::string(by_mail_ ? "messages in shared lines" : "direct through shared memory") +
               (past_caches_ ? ", non-temporal stores, " : ", ") + std::string(ops::to_string(grant.isa)) + ", " +
               std::to_string(widths_[0]) + " threads a rank";
  touch();
  reseed(0);  // page faults belong to preparing
  seeded_ = false;
}

void Collective::lay_out(const Grant& grant) {
  ranks_.resize(shape_.ranks);
  std::uint64_t per_set = 0;
  for (std::uint32_t r = 0; r < shape_.ranks; ++r) {
    Rank& rank = ranks_[r];
    rank.sent = {nullptr, whole_lines(shape_.sent(r) * element_bytes_), shape_.sent(r)};
    rank.received = {nullptr, whole_lines(shape_.received(r) * element_bytes_), shape_.received(r)};
    if (shape_.in_place) rank.sent.stride = rank.received.stride = std::max(rank.sent.stride, rank.received.stride);
    per_set += rank.sent.stride + (shape_.in_place ? 0 : rank.received.stride);
  }
  if (per_set > grant.memory_bytes / 10 * 9) {
    throw Failure(GEOMSU_OUT_OF_MEMORY,
                  "one operand set of " + std::to_string(shape_.ranks) + " ranks needs " + std::to_string(per_set) +
                      " bytes, " + std::to_string(grant.memory_bytes) +
                      " are free for this group (90 % of them may be taken); next: a smaller size");
  }
  sets_ = std::clamp<std::uint64_t>(grant.memory_bytes / 10 * 6 / per_set, 1,
                                    std::max<std::uint64_t>(grant.operand_sets, 1));
  memory_bytes_ = per_set * sets_;
  for (std::uint32_t r = 0; r < shape_.ranks; ++r) {
    Rank& rank = ranks_[r];
    const auto take = [&](Side& side) {
      if (side.stride == 0) return;
      rank.buffers.emplace_back(side.stride * sets_);
      side.start = rank.buffers.back().as<std::byte>().data();
    };
    take(rank.sent);
    if (!shape_.in_place) {
      take(rank.received);
      continue;
    }
    rank.received.start = rank.sent.start;
    const std::uint64_t own_part = r * shape_.chunk() * element_bytes_;
    if (shape_.kind == CollectiveKind::kAllGather) rank.sent.start += own_part;
    if (shape_.kind == CollectiveKind::kReduceScatter) rank.received.start += own_part;
  }
}

void Collective::assign_seats() {
  places_.resize(crew_.seats());
  std::uint32_t index = 0;
  for (std::uint32_t rank = 0; rank < crew_.ranks(); ++rank) {
    for (std::uint32_t place = 0; place < crew_.width(rank); ++place, ++index) {
      if (place >= widths_[rank]) continue;
      Place& seat = places_[index];
      seat.pieces = by_mail_ ? own_pieces(shape_, rank) : direct_pieces(shape_, widths_, rank, place);
      seat.from.resize(shape_.ranks);
      seat.to.resize(shape_.ranks);
    }
  }
}

// Pages come to lie where they are first touched: near the rank that has them.
void Collective::touch() {
  crew_.call([&](const Seat& seat) {
    const Side& received = ranks_[seat.rank].received;
    const Part part = slice(received.elements * element_bytes_, seat);
    for (std::uint64_t set = 0; set < sets_ && part.size() != 0; ++set)
      std::memset(received.start + set * received.stride + part.first, 0, part.size());
  });
}

void Collective::reseed(std::uint64_t seed) {
  const ops::CollectiveRange range = ops::collective_range(shape_);
  const auto least = static_cast<std::int8_t>(range.least), most = static_cast<std::int8_t>(range.most);
  crew_.call([&](const Seat& seat) {
    std::array<std::int8_t, kChunk>
        values;  // what gemm's int8 are: then clamped to the range, then as wide as the dtype
    const Side& sent = ranks_[seat.rank].sent;
    for (std::uint64_t set = 0; set < sets_; ++set) {
      const std::uint64_t tensor = ops::collective_tensor(seat.rank, set), key = ops::stream(seed, tensor);
      const Part part = slice(sent.elements, seat);
      for (std::uint64_t j = part.first; j < part.last; j += kChunk) {
        const auto some = std::span(values).first(std::min(kChunk, part.last - j));
        ops::fill(some, shape_.data, key, tensor, j);
        std::byte* to = sent.start + set * sent.stride + j * element_bytes_;
        with_stored(shape_.dtype, [&](auto stored) {
          for (std::size_t i = 0; i < some.size(); ++i)
            stored.store(to + i * stored.kBytes, std::clamp(some[i], least, most));
        });
      }
    }
  });
  meeting_.reset();
  mailbox_.reset();
  repeats_ = 0;
  seeded_ = true;
}

Collective::Run::Run(Collective& owner, std::uint64_t repeats) : owner_(owner), count_(repeats), spans_(owner.ranks()) {
  if (!owner.seeded_) throw Failure(GEOMSU_INVALID_ARGUMENT, "submit before reseed: the inputs hold nothing yet");
  // A clock's reading costs as much as a message by mail: those are told as a whole only.
  for (auto& of_rank : spans_) of_rank.span.ends.resize(owner.by_mail_ ? 0 : std::min(repeats, kKeptEnds));
  first_ = owner.repeats_;
  owner.repeats_ += repeats;  // last: what was not submitted must not be counted
}

void Collective::Run::do_run(const Seat& seat) { owner_.run(seat, first_, count_, spans_[seat.rank].span); }

bool Collective::wait(Run& run, std::uint64_t timeout_ns) {
  try {
    return crew_.wait(run, timeout_ns);
  } catch (...) {
    seeded_ = false;
    throw;
  }
}

void Collective::run(const Seat& seat, std::uint64_t first, std::uint64_t count, Span& span) {
  if (seat.place >= widths_[seat.rank]) return;
  const bool leads = seat.place == 0;
  if (count != 0 && !meeting_.meet(seat.rank, seat.place)) return;
  if (leads) span.first = span.last = raw_now_ns();
  const std::uint64_t told = span.ends.size();
  for (std::uint64_t i = 0; i < count; ++i) {
    const bool whole = by_mail_ ? repeat_by_mail(seat, first + i) : repeat_directly(seat, first + i);
    if (!whole) return;
    if (leads && i < told) span.ends[i] = raw_now_ns();
  }
  if (leads && count != 0) span.last = raw_now_ns();
}

// The meeting at the end is the next one's beginning: nobody reads or writes between two repeats.
bool Collective::repeat_directly(const Seat& seat, std::uint64_t repeat) {
  do_share(seat, repeat);
  return meeting_.meet(seat.rank, seat.place);
}

void Collective::do_share(const Seat& seat, std::uint64_t repeat) {
  Place& place = places_[seat.index];
  const std::uint64_t set = repeat % sets_;
  for (const Piece& piece : place.pieces) {
    const std::uint64_t from = piece.source_at * element_bytes_, to = piece.target_at * element_bytes_;
    for (std::size_t i = 0; i < piece.sources.size(); ++i) {
      const Side& sent = ranks_[piece.sources[i]].sent;
      place.from[i] = sent.start + set * sent.stride + from;
    }
    for (std::size_t i = 0; i < piece.targets.size(); ++i) {
      const Side& received = ranks_[piece.targets[i]].received;
      place.to[i] = received.start + set * received.stride + to;
    }
    exchange_(place.from.data(), static_cast<std::uint32_t>(piece.sources.size()), place.to.data(),
              static_cast<std::uint32_t>(piece.targets.size()), piece.count, past_caches_);
  }
}

bool Collective::repeat_by_mail(const Seat& seat, std::uint64_t repeat) {
  const std::uint64_t set = repeat % sets_, turn = repeat + 1;
  const Rank& own = ranks_[seat.rank];
  mailbox_.send(seat.rank, turn, own.sent.start + set * own.sent.stride, own.sent.elements * element_bytes_);
  for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
    if (!mailbox_.wait(rank, turn, meeting_.patience(), meeting_.stopped())) return false;
  }
  Place& place = places_[seat.index];
  for (const Piece& piece : place.pieces) {
    for (std::size_t i = 0; i < piece.sources.size(); ++i)
      place.from[i] = mailbox_.message(piece.sources[i], turn) + piece.source_at * element_bytes_;
    place.to[0] = own.received.start + set * own.received.stride + piece.target_at * element_bytes_;
    exchange_(place.from.data(), static_cast<std::uint32_t>(piece.sources.size()), place.to.data(), 1, piece.count,
              false);
  }
  return true;
}

const Collective::Side& Collective::side(std::uint32_t tensor, std::uint32_t rank) const {
  return tensor == GEOMSU_TENSOR_OUTPUT ? ranks_[rank].received : ranks_[rank].sent;
}

std::span<std::byte> Collective::bytes(std::uint32_t tensor, std::uint32_t rank, std::uint64_t set) {
  const Side& found = side(tensor, rank);
  return {found.start + set * found.stride, found.elements * element_bytes_};
}

void Collective::check(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat) const {
  const auto refuse = [](const std::string& words) { throw Failure(GEOMSU_INVALID_ARGUMENT, words); };
  const std::string of_rank = " of rank " + std::to_string(rank);
  if (rank >= shape_.ranks) refuse("there is no rank " + std::to_string(rank) + " among " + std::to_string(ranks()));
  if (tensor > ops::kRoleSent || side(tensor, rank).elements == 0)
    refuse("there is no tensor " + std::to_string(tensor) + of_rank + " in this operation");
  if (tensor == GEOMSU_TENSOR_OUTPUT && repeat >= repeats_) {
    refuse("repeat " + std::to_string(repeat) + " was not run: " + std::to_string(repeats_) +
           " were since the last reseed");
  }
  const bool reduced = shape_.reduces() && (shape_.kind != CollectiveKind::kReduce || rank == 0);
  if (tensor == ops::kRoleSent && shape_.in_place && reduced && repeat % sets_ < repeats_)
    refuse("what was sent" + of_rank + " is gone: the collective was in place and its set was run");
}

void Collective::read(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                      std::span<const std::uint64_t> indices, double* out) {
  check(tensor, rank, repeat);
  const Side& found = side(tensor, rank);
  for (const std::uint64_t index : indices) {
    if (index < found.elements) continue;
    throw Failure(GEOMSU_INVALID_ARGUMENT, "index " + std::to_string(index) + " of tensor " + std::to_string(tensor) +
                                               ", which has " + std::to_string(found.elements) + " elements on rank " +
                                               std::to_string(rank));
  }
  const auto data = bytes(tensor, rank, repeat % sets_);
  crew_.call(rank, [&](const Seat& seat) {
    if (seat.place != 0) return;
    with_stored(shape_.dtype, [&](auto stored) {
      for (std::size_t i = 0; i < indices.size(); ++i) out[i] = stored.load(data.data() + indices[i] * stored.kBytes);
    });
  });
}

double Collective::project(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat, std::uint64_t seed) {
  check(tensor, rank, repeat);
  if (tensor != GEOMSU_TENSOR_OUTPUT) throw Failure(GEOMSU_UNSUPPORTED, "only the output (tensor 0) is projected");
  const auto data = bytes(tensor, rank, repeat % sets_);
  const std::uint64_t key = ops::sign_stream(seed), count = data.size() / element_bytes_;
  std::vector<double> sums(crew_.width(rank), 0.0);  // of whole numbers: exact in any order up to 2^53
  crew_.call(rank, [&](const Seat& seat) {
    std::array<double, kChunk> signs;
    const Part part = slice(count, seat);
    std::array<double, 8> lanes{};
    for (std::uint64_t j = part.first; j < part.last; j += kChunk) {
      const std::uint64_t some = std::min(kChunk, part.last - j);
      ops::fill_signs(std::span(signs).first(some), key, j);
      with_stored(shape_.dtype, [&](auto stored) {
        const std::byte* from = data.data() + j * stored.kBytes;
        for (std::uint64_t i = 0; i < some; ++i) lanes[i % 8] += signs[i] * stored.load(from + i * stored.kBytes);
      });
    }
    for (const double lane : lanes) sums[seat.place] += lane;
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

std::uint64_t Collective::digest(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat) {
  check(tensor, rank, repeat);
  const auto data = bytes(tensor, rank, repeat % sets_);
  std::vector<std::uint64_t> sums(crew_.width(rank), 0);
  crew_.call(rank, [&](const Seat& seat) {
    const Part part = slice(data.size(), seat);
    sums[seat.place] = ops::digest(std::as_bytes(data).subspan(part.first, part.size()), part.first / 8);
  });
  std::uint64_t total = 0;
  for (const std::uint64_t sum : sums) total += sum;
  return total;
}

}  // namespace geomsu::cpu
