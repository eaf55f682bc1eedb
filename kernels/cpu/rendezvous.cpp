#include "kernels/cpu/rendezvous.hpp"

#include <numeric>

namespace geomsu::cpu {

Rendezvous::Rendezvous(const std::vector<std::uint32_t>& widths, bool shared_cores)
    : widths_(widths),
      first_(widths.size()),
      patience_(shared_cores),
      flags_(std::accumulate(widths.begin(), widths.end(), std::size_t{0})),
      released_(widths.size()) {
  std::exclusive_scan(widths_.begin(), widths_.end(), first_.begin(), 0u);
}

// Threads tell the first of their rank, the first ones tell each other, and tell theirs.
bool Rendezvous::meet(std::uint32_t rank, std::uint32_t place) {
  auto& own = flag(rank, place).turn;
  const std::uint64_t turn = own.load(std::memory_order_relaxed) + 1;
  if (place != 0) {
    own.store(turn, std::memory_order_release);
    return patience_.until(released_[rank].turn, turn, stopped_);
  }
  for (std::uint32_t other = 1; other < widths_[rank]; ++other) {
    if (!patience_.until(flag(rank, other).turn, turn, stopped_)) return false;
  }
  own.store(turn, std::memory_order_release);
  for (std::uint32_t other = 0; other < widths_.size(); ++other) {
    if (!patience_.until(flag(other, 0).turn, turn, stopped_)) return false;
  }
  if (widths_[rank] > 1) released_[rank].turn.store(turn, std::memory_order_release);
  return true;
}

void Rendezvous::reset() {
  for (auto* flags : {&flags_, &released_}) {
    for (Flag& one : *flags) one.turn.store(0, std::memory_order_relaxed);
  }
  stopped_.store(false, std::memory_order_relaxed);
}

}  // namespace geomsu::cpu
