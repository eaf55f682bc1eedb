// A world of buffers for tests, and the shortest way to run a piece of PTX.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/cuda_emulation/ptx/ptx.hpp"

namespace geomsu::emulation::ptx {

// Device memory is an address far from the host's, so that a mixed-up pointer shows.
class Buffers : public World {
 public:
  std::uint64_t add(std::size_t bytes, bool written = true) {
    const std::uint64_t first = next_;
    next_ += (bytes + 0xffff) / 0x10000 * 0x10000 + 0x10000;
    Buffer& buffer = buffers_[first];
    buffer.bytes.resize(bytes);
    buffer.written.assign(bytes, written ? 1 : 0);
    return first;
  }
  template <class T>
  std::uint64_t add(const std::vector<T>& values) {
    const std::uint64_t first = add(values.size() * sizeof(T));
    std::memcpy(buffers_.at(first).bytes.data(), values.data(), values.size() * sizeof(T));
    return first;
  }
  template <class T>
  std::vector<T> read(std::uint64_t first) const {
    const Buffer& buffer = buffers_.at(first);
    std::vector<T> values(buffer.bytes.size() / sizeof(T));
    std::memcpy(values.data(), buffer.bytes.data(), values.size() * sizeof(T));
    return values;
  }
  std::vector<std::uint8_t>& written(std::uint64_t first) { return buffers_.at(first).written; }

  Window window(std::uint64_t address, std::uint32_t bytes, bool) override {
    auto at = buffers_.upper_bound(address);
    if (at == buffers_.begin() || address + bytes > (--at)->first + at->second.bytes.size())
      throw Fault("no allocation holds this address");
    Buffer& buffer = at->second;
    return {at->first, at->first + buffer.bytes.size(), buffer.bytes.data(), buffer.written.data()};
  }
  std::uint64_t globaltimer_ns() override { return ++ticks_ * 1000; }
  std::uint64_t clock() override { return ++ticks_; }

 private:
  struct Buffer {
    std::vector<std::byte> bytes;
    std::vector<std::uint8_t> written;
  };
  std::map<std::uint64_t, Buffer> buffers_;
  std::uint64_t next_ = 0x7'0000'0000, ticks_ = 0;
};

// Parameters, each at its natural alignment.
class Arguments {
 public:
  template <class T>
  Arguments& operator<<(const T& value) {
    bytes_.resize((bytes_.size() + alignof(T) - 1) / alignof(T) * alignof(T) + sizeof(T));
    std::memcpy(bytes_.data() + bytes_.size() - sizeof(T), &value, sizeof(T));
    return *this;
  }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

// What a run threw, or "" where it went through.
std::string fault_of(const Module& module, const Launch& launch, World& world);
// What parse threw, or "".
std::string refusal_of(const std::string& text);

// A module with one kernel "k" of one parameter (the address of `out`), whose body this is. Registers r, rd, f, fd, rs,
// h and p, 40 of each, are declared; %rd0 holds the address of the thread's slot of `slot_bytes`.
std::string kernel_text(const std::string& body, std::uint32_t slot_bytes = 8);
// Runs it with one warp of `threads` and gives back what they stored, one word of 8 bytes each.
std::vector<std::uint64_t> run_body(const std::string& body, std::uint32_t threads = 1);

}  // namespace geomsu::emulation::ptx
