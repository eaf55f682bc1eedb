#include "harness/model/device.hpp"

namespace geomsu {

bool DeviceInfo::same_part(const DeviceInfo& other) const {
  return uuid == other.uuid && serial == other.serial && firmware == other.firmware &&
         memory_bytes == other.memory_bytes && partition == other.partition;
}

}  // namespace geomsu
