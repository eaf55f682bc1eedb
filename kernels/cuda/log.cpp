#include "kernels/cuda/log.hpp"

#include <cstdint>

#include "harness/abi/plugin_helpers.hpp"

namespace geomsu::cuda {
namespace {

constexpr std::uint32_t kInfo = 1;

// Set once, when the library is loaded, before there is a second thread.
struct Log {
  void* user = nullptr;
  void (*write)(void*, std::uint32_t, const char*) = nullptr;
};
Log& the_log() {
  static Log log;
  return log;
}

}  // namespace

void take_log(const geomsu_host& host) {
  if (plugin::covered(host, &geomsu_host::log)) the_log() = {host.user, host.log};
}

void log_info(const std::string& text) {
  const Log& log = the_log();
  if (log.write != nullptr) log.write(log.user, kInfo, text.c_str());
}

}  // namespace geomsu::cuda
