#include "harness/evidence/tick_frames.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

constexpr int kLevel = 3;

void put_count(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>((value & 0x7F) | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void put_delta(std::string& out, std::uint64_t from, std::uint64_t to) {
  const auto delta = static_cast<std::int64_t>(to - from);
  put_count(out, (static_cast<std::uint64_t>(delta) << 1) ^ static_cast<std::uint64_t>(delta >> 63));
}

[[noreturn]] void bad(const std::string& where, std::string message) {
  throw Error(ErrorCode::kBadData, std::move(message), where);
}

class Varints {
 public:
  Varints(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  std::uint64_t count() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) bad(where_, "ticks are cut short");
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      const std::uint64_t part = byte & 0x7Fu;
      if (shift == 63 && part > 1) break;
      value |= part << shift;
      if ((byte & 0x80) == 0) return value;
    }
    bad(where_, "ticks hold a number beyond 64 bits");
  }
  // How many numbers follow: each takes at least a byte, so that no length makes us reserve more than was read.
  std::uint64_t length() {
    const std::uint64_t value = count();
    if (value > bytes_.size()) bad(where_, "ticks are cut short");
    return value;
  }
  std::uint64_t after(std::uint64_t from) {
    const std::uint64_t z = count();
    return from + ((z >> 1) ^ (~(z & 1) + 1));
  }
  bool done() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  const std::string& where_;
};

}  // namespace

bool has_ticks(const TrialTicks& ticks) {
  return !ticks.first.empty() || !ticks.last.empty() || !ticks.repeat_ends.empty();
}

std::string encode_ticks(const TrialTicks& ticks) {
  const std::size_t blocks = ticks.first.size();
  if (ticks.last.size() != blocks || ticks.repeat_ends.size() != blocks) {
    throw Error(ErrorCode::kInternal,
                fmt::format("ticks of {} starts, {} ends and {} rows of repeats do not belong together", blocks,
                            ticks.last.size(), ticks.repeat_ends.size()));
  }
  std::string payload;
  put_count(payload, blocks);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    put_delta(payload, before, ticks.first[i]);
    put_delta(payload, ticks.first[i], ticks.last[i]);
    put_count(payload, ticks.repeat_ends[i].size());
    std::uint64_t previous = ticks.first[i];
    for (const std::uint64_t end : ticks.repeat_ends[i]) {
      put_delta(payload, previous, end);
      previous = end;
    }
    before = ticks.last[i];
  }
  if (payload.size() > kMaxTickPayload) throw Error(ErrorCode::kInternal, "ticks of one trial are over 256 MiB");
  std::string frame(ZSTD_compressBound(payload.size()), '\0');
  const std::size_t size = ZSTD_compress(frame.data(), frame.size(), payload.data(), payload.size(), kLevel);
  if (ZSTD_isError(size) != 0) {
    throw Error(ErrorCode::kInternal, fmt::format("ticks cannot be compressed: {}", ZSTD_getErrorName(size)));
  }
  frame.resize(size);
  return frame;
}

TrialTicks decode_ticks(std::string_view frame, const std::string& where) {
  const std::size_t compressed = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (ZSTD_isError(compressed) != 0 || compressed != frame.size() || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size == ZSTD_CONTENTSIZE_ERROR) {
    bad(where, "ticks are not one zstd frame with its size");
  }
  if (size > kMaxTickPayload) bad(where, "ticks of one trial are over 256 MiB");
  std::string payload(static_cast<std::size_t>(size), '\0');
  const std::size_t got = ZSTD_decompress(payload.data(), payload.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != payload.size()) bad(where, "ticks do not decompress");

  Varints in(payload, where);
  TrialTicks ticks;
  const std::uint64_t blocks = in.length();
  std::uint64_t before = 0;
  for (std::uint64_t i = 0; i < blocks; ++i) {
    ticks.first.push_back(in.after(before));
    ticks.last.push_back(in.after(ticks.first.back()));
    std::vector<std::uint64_t> ends(static_cast<std::size_t>(in.length()));
    std::uint64_t previous = ticks.first.back();
    for (std::uint64_t& end : ends) end = previous = in.after(previous);
    ticks.repeat_ends.push_back(std::move(ends));
    before = ticks.last.back();
  }
  if (!in.done()) bad(where, "ticks are followed by bytes that belong to no block");
  return ticks;
}

}  // namespace geomsu
