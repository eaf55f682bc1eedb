// The plug-in's one exported function.
#include "harness/abi/plugin_table.hpp"
#include "kernels/cpu/backend.hpp"

namespace {

constexpr geomsu_plugin kTable = geomsu::plugin::table<geomsu::cpu::make_instance>("cpu", GEOMSU_CPU_VERSION);

}  // namespace

const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
  return geomsu::plugin::serves(host) ? &kTable : nullptr;
}
