// Handles of streams, events, graphs: addresses that nothing is behind and that are never given out twice, so that a
// use after destruction is known for what it is.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::emulation {

template <typename Handle, typename T>
class HandleTable {
 public:
  HandleTable(const char* noun, std::uint64_t base) : noun_(noun), base_(base) {}

  Handle add(std::unique_ptr<T> object) {
    const std::uint64_t value = base_ + 16 * ++given_;
    objects_[value] = std::move(object);
    return reinterpret_cast<Handle>(value);  // NOLINT: no object is behind it
  }
  // nullptr where it was never a handle of this kind, for which CUDA has an error; one that was destroyed ends the
  // process, since CUDA leaves its use undefined.
  T* find(Handle handle, const char* who) const {
    const auto value = reinterpret_cast<std::uint64_t>(handle);
    if (const auto found = objects_.find(value); found != objects_.end()) return found->second.get();
    if (value > base_ && value <= base_ + 16 * given_ && value % 16 == 0) {
      die(std::string(who) + ": this " + noun_ + " was destroyed before");
    }
    return nullptr;
  }
  std::unique_ptr<T> take(Handle handle) {
    auto node = objects_.extract(reinterpret_cast<std::uint64_t>(handle));
    return node ? std::move(node.mapped()) : nullptr;
  }
  const std::map<std::uint64_t, std::unique_ptr<T>>& all() const { return objects_; }

 private:
  const char* noun_;
  std::uint64_t base_, given_ = 0;
  std::map<std::uint64_t, std::unique_ptr<T>> objects_;
};

}  // namespace geomsu::emulation
