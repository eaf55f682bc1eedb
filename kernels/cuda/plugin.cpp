// The plug-in's one exported function.
#include "harness/abi/plugin_table.hpp"
#include "kernels/cuda/emulated.hpp"
#include "kernels/cuda/instance.hpp"
#include "kernels/cuda/log.hpp"

namespace {

constexpr geomsu_plugin kReal = geomsu::plugin::table<geomsu::cuda::make_instance>("cuda", GEOMSU_CUDA_VERSION);
constexpr geomsu_plugin kEmulated =
    geomsu::plugin::table<geomsu::cuda::make_instance>("cuda", GEOMSU_CUDA_VERSION, "emulated");

}  // namespace

const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
  if (!geomsu::plugin::serves(host)) return nullptr;
  geomsu::cuda::take_log(*host);
  return geomsu::cuda::emulation() == nullptr ? &kReal : &kEmulated;
}
