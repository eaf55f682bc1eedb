// Who a CPU device is. A processor prints no serial that software may read, so it is known by the machine's identity,
// hashed so that the machine's own secret name does not end in a report, and by its place among the machine's devices.
#pragma once

#include <cstdint>
#include <string>

namespace geomsu::cpu {

struct Identity {
  std::string uuid;  // of BLAKE2b(key "geomsu cpu identity 1", machine '\0' index '\0' count), as UUID text, version 8
  std::string serial;  // "cpu-" and the first 12 hex digits of it
  std::string source;  // "hash of /etc/machine-id"
};

// The machine's identity: <root>/etc/machine-id, else <root>/sys/class/dmi/id/product_uuid (readable by root alone).
// Failure UNSUPPORTED where neither can be read: a device without identity cannot be accepted.
Identity identify(const std::string& root, std::uint64_t index, std::uint64_t count);

}  // namespace geomsu::cpu
