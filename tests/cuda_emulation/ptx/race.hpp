// Shared memory of one block, byte by byte: who wrote and read it since which barrier. Two accesses race where they
// come from different warps, one of them writes, not both are atomic (or volatile, relaxed, ...), and no barrier that
// both warps took part in lies between. Lanes of one warp are not compared.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace geomsu::emulation::ptx {

class RaceDetector {
 public:
  enum class Kind : std::uint8_t { kWrittenThenRead, kWrittenTwice, kReadThenWritten, kNeverWritten };
  struct Finding {
    Kind kind = Kind::kNeverWritten;
    std::uint32_t byte = 0;   // offset in shared memory
    std::uint32_t other = 0;  // the warp that came before
  };
  static constexpr std::uint32_t kMostWarps = 32;

  // A new block: nothing is written, nothing read.
  void start(std::uint32_t bytes) {
    if (bytes_.size() < bytes) bytes_.resize(bytes);
    first_ = ++now_;
    for (auto& row : seen_) row.fill(0);
  }

  // A barrier of these warps: what each did before it, all of them have seen.
  void barrier(std::uint32_t warps) {
    std::array<std::uint32_t, kMostWarps> joint{};
    for (std::uint32_t w = 0; w < kMostWarps; ++w)
      for (std::uint32_t v = 0; (warps >> w & 1) != 0 && v < kMostWarps; ++v)
        joint[v] = joint[v] < seen_[w][v] ? seen_[w][v] : joint[v];
    for (std::uint32_t w = 0; w < kMostWarps; ++w)
      if ((warps >> w & 1) != 0) joint[w] = now_;
    for (std::uint32_t w = 0; w < kMostWarps; ++w)
      if ((warps >> w & 1) != 0) seen_[w] = joint;
    ++now_;
  }

  std::optional<Finding> read(std::uint32_t warp, std::uint32_t offset, std::uint32_t count, bool strong) {
    for (std::uint32_t byte = offset; byte < offset + count; ++byte) {
      Byte& at = bytes_[byte];
      if (at.written < first_) return Finding{Kind::kNeverWritten, byte, 0};
      if (!(strong && at.strong))
        if (const auto other = unseen(warp, at.writers, at.written))
          return Finding{Kind::kWrittenThenRead, byte, *other};
      const bool fresh = at.read != now_ || at.readers == 0;
      note(warp, at.readers, at.read);
      at.strong_reads = strong && (at.strong_reads || (fresh && at.readers == 1U << warp));
    }
    return std::nullopt;
  }

  std::optional<Finding> write(std::uint32_t warp, std::uint32_t offset, std::uint32_t count, bool strong) {
    for (std::uint32_t byte = offset; byte < offset + count; ++byte) {
      Byte& at = bytes_[byte];
      if (at.written >= first_ && !(strong && at.strong))
        if (const auto other = unseen(warp, at.writers, at.written)) return Finding{Kind::kWrittenTwice, byte, *other};
      if (at.read >= first_ && !(strong && at.strong_reads))
        if (const auto other = unseen(warp, at.readers, at.read)) return Finding{Kind::kReadThenWritten, byte, *other};
      if (!strong) at.writers = at.readers = 0;
      at.strong = strong && (at.strong || at.written != now_ || at.writers == 0);
      note(warp, at.writers, at.written);
    }
    return std::nullopt;
  }

 private:
  struct Byte {
    std::uint32_t readers = 0, writers = 0;  // a bit a warp
    std::uint32_t read = 0, written = 0;     // when the last of them did; before first_: in an earlier block
    bool strong = false, strong_reads = false;
  };

  // A warp other than this one in `warps` whose access at `when` it has not seen.
  std::optional<std::uint32_t> unseen(std::uint32_t warp, std::uint32_t warps, std::uint32_t when) const {
    for (warps &= ~(1U << warp); warps != 0; warps &= warps - 1) {
      const auto other = static_cast<std::uint32_t>(__builtin_ctz(warps));
      if (seen_[warp][other] < when) return other;
    }
    return std::nullopt;
  }

  // Adds the warp, and drops those whose access it has seen: whoever is ordered after it is ordered after them.
  void note(std::uint32_t warp, std::uint32_t& warps, std::uint32_t& when) const {
    if (when != now_) {
      std::uint32_t keep = when < first_ ? 0 : warps & ~(1U << warp);
      for (std::uint32_t rest = keep; rest != 0; rest &= rest - 1) {
        const auto other = static_cast<std::uint32_t>(__builtin_ctz(rest));
        if (seen_[warp][other] >= when) keep &= ~(1U << other);
      }
      warps = keep;
      when = now_;
    }
    warps |= 1U << warp;
  }

  std::vector<Byte> bytes_;
  std::array<std::array<std::uint32_t, kMostWarps>, kMostWarps> seen_{};
  std::uint32_t now_ = 0, first_ = 0;
};

}  // namespace geomsu::emulation::ptx
