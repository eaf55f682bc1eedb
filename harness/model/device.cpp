#include "harness/model/device.hpp"

namespace geomsu {

namespace {

// A hypervisor gives a virtual machine memory and takes it back while it runs, so its processor's may differ.
bool on_a_virtual_host(const DeviceInfo& device) {
  const auto is = [&device](const char* key, const char* value) {
    const auto found = device.attributes.find(key);
    return found != device.attributes.end() && found->second == value;
  };
  return is("kind", "host") && is("hypervisor", "yes");
}

}  // namespace

bool DeviceInfo::same_part(const DeviceInfo& other) const {
  const bool memory_may_differ = on_a_virtual_host(*this) && on_a_virtual_host(other);
  return uuid == other.uuid && serial == other.serial && firmware == other.firmware &&
         (memory_bytes == other.memory_bytes || memory_may_differ) && partition == other.partition;
}

}  // namespace geomsu
