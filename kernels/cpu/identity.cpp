#include "kernels/cpu/identity.hpp"

#include <array>
#include <fstream>
#include <string_view>

#include <sodium.h>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cpu {

Identity identify(const std::string& root, std::uint64_t index, std::uint64_t count) {
  std::string machine, source;
  for (const char* path : {"/etc/machine-id", "/sys/class/dmi/id/product_uuid"}) {
    std::ifstream file(root + path);
    // An image that was never booted says "uninitialized": the name of no machine.
    if (file >> machine && machine.size() >= 32) {
      source = path;
      break;
    }
    machine.clear();
  }
  if (machine.empty()) {
    throw plugin::Failure(
        GEOMSU_UNSUPPORTED,
        "this machine has no identity: neither /etc/machine-id nor /sys/class/dmi/id/product_uuid can be "
        "read; next: systemd-machine-id-setup");
  }
  if (sodium_init() < 0) throw plugin::Failure(GEOMSU_INTERNAL, "libsodium cannot be initialised");
  constexpr std::string_view kKey = "geomsu cpu identity 1";
  const std::string message = machine + '\0' + std::to_string(index) + '\0' + std::to_string(count);
  std::array<unsigned char, 16> hash{};
  if (crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(message.data()),
                         message.size(), reinterpret_cast<const unsigned char*>(kKey.data()), kKey.size()) != 0) {
    throw plugin::Failure(GEOMSU_INTERNAL, "libsodium refuses to hash");
  }
  // RFC 9562: version 8 (own use) and the variant; the other bits are the hash's.
  hash[6] = static_cast<unsigned char>((hash[6] & 0x0F) | 0x80);
  hash[8] = static_cast<unsigned char>((hash[8] & 0x3F) | 0x80);
  std::array<char, 2 * 16 + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
  const std::string digits(hex.data());
  Identity identity;
  identity.uuid = digits.substr(0, 8) + '-' + digits.substr(8, 4) + '-' + digits.substr(12, 4) + '-' +
                  digits.substr(16, 4) + '-' + digits.substr(20);
  identity.serial = "cpu-" + digits.substr(0, 12);
  identity.source = std::string("hash of ") + source;
  return identity;
}

}  // namespace geomsu::cpu
