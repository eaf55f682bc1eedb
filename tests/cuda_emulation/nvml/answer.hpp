// What every exported function does alike: the lock, the faults, the handle, and the kind of its result.
#pragma once

#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

#include "tests/cuda_emulation/nvml/machine.hpp"

namespace geomsu::emulation::nvml {

// Runs `body(machine, target)` for a handle that is known, where nothing is planned against it.
template <typename Body>
Status answer(const char* function, Handle handle, Body&& body) {
  Machine& machine = Machine::get();
  const std::lock_guard lock(machine.mutex);
  Target* target = nullptr;
  const Status status = machine.enter(function, handle, &target);
  return status == cuda::nvml::kSuccess ? body(machine, *target) : status;
}
template <typename Body>
Status answer(const char* function, Body&& body) {
  Machine& machine = Machine::get();
  const std::lock_guard lock(machine.mutex);
  const Status status = machine.enter(function);
  return status == cuda::nvml::kSuccess ? body(machine) : status;
}

// A GPU's number; a MIG instance has none of these. Writes nothing where it does not answer, as NVML does.
template <typename T>
Status number(const char* function, Handle handle, const char* key, T* out) {
  return answer(function, handle, [&](Machine& machine, Target& target) -> Status {
    if (out == nullptr) return cuda::nvml::kInvalidArgument;
    if (target.mig != nullptr) return cuda::nvml::kNotSupported;
    double value = 0;
    const Status status = machine.number(target, key, &value);
    if (status == cuda::nvml::kSuccess) *out = static_cast<T>(value);
    return status;
  });
}

// Two or more at once: all of them or none.
inline Status numbers(Machine& machine, Target& target,
                      std::initializer_list<std::pair<const char*, unsigned*>> wanted) {
  if (target.mig != nullptr) return cuda::nvml::kNotSupported;
  for (const auto& [key, out] : wanted) {
    if (out == nullptr) return cuda::nvml::kInvalidArgument;
    double value = 0;
    const Status status = machine.number(target, key, &value);
    if (status != cuda::nvml::kSuccess) return status;
    *out = static_cast<unsigned>(value);
  }
  return cuda::nvml::kSuccess;
}

inline Status put_text(const std::string& text, char* out, unsigned room) {
  if (text.empty()) return cuda::nvml::kNotSupported;
  if (out == nullptr) return cuda::nvml::kInvalidArgument;
  if (text.size() + 1 > room) return cuda::nvml::kInsufficientSize;
  std::memcpy(out, text.c_str(), text.size() + 1);
  return cuda::nvml::kSuccess;
}

inline Status text(const char* function, Handle handle, const char* key, char* out, unsigned room) {
  return answer(function, handle, [&](Machine&, Target& target) -> Status {
    const auto found = target.facts->texts.find(key);
    if (found == target.facts->texts.end() || target.mig != nullptr) return cuda::nvml::kNotSupported;
    return put_text(found->second, out, room);
  });
}

}  // namespace geomsu::emulation::nvml
