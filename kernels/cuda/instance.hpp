// The GPUs that CUDA shows to this process, and what stands between the ABI's table and a workload.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/abi/plugin_table.hpp"
#include "kernels/cuda/describe.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/nvml.hpp"

namespace geomsu::cuda {

struct Settings {
  std::string algorithm = "heuristic";  // of gemm: heuristic or tuned
  std::string tuned_dir;                // where tuned choices are kept for the lot
};

class Instance final : public geomsu_instance {
 public:
  // Failure UNSUPPORTED with cause and next step where there is no driver or no GPU, INVALID_ARGUMENT for a setting
  // that is not known.
  explicit Instance(plugin::Params params);
  std::uint32_t count() const override { return static_cast<std::uint32_t>(facts_.size()); }
  void describe(std::uint32_t index, geomsu_description& to) override;
  std::unique_ptr<geomsu_device> open(std::uint32_t index) override;
  const void* extension(const char* id) override;

  const Settings& settings() const { return settings_; }

 private:
  Settings settings_;
  std::vector<Facts> facts_;
  std::shared_ptr<const nvml::Library> nvml_;
  std::vector<std::unique_ptr<Description>> descriptions_;  // made when first asked for
};

std::unique_ptr<geomsu_instance> make_instance(plugin::Params params);

}  // namespace geomsu::cuda
