// One of the nodes with its facts changed, and the emulated NVML on it: each has a library of its own, since the loader
// gives the same file only once.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <yaml-cpp/yaml.h>

#include "kernels/cuda/nvml.hpp"

namespace geomsu::emulation::nvml {

using Change = std::function<void(YAML::Node& nvml)>;

// Of a function of NVML: {function, status, call, every} appended to the device's faults.
Change fault(const std::string& function, int status, std::uint64_t call = 1, bool every = true);
Change set(const std::string& key, const std::string& yaml);
Change without(const std::string& key);
Change both(const Change& a, const Change& b);

class EmulatedNode {
 public:
  // `node` is a name of nodes/*.yaml; `change` is made to the section `nvml` of its first entry of devices, `whole` to
  // the whole node.
  explicit EmulatedNode(const std::string& node, const Change& change = {}, const Change& whole = {},
                        const std::string& library = GEOMSU_EMULATED_NVML);
  ~EmulatedNode();
  EmulatedNode(const EmulatedNode&) = delete;
  EmulatedNode& operator=(const EmulatedNode&) = delete;

  std::shared_ptr<const cuda::nvml::Library> library() const;
  std::string path() const { return (folder_ / "libnvidia-ml.so.1").string(); }
  const std::filesystem::path& folder() const { return folder_; }
  cuda::nvml::Place place(std::size_t ordinal = 0, const std::string& uuid = {}) const;
  cuda::nvml::Gpu gpu(std::size_t ordinal = 0) const { return {library(), place(ordinal)}; }

 private:
  std::filesystem::path folder_;
  std::vector<std::string> addresses_;
};

}  // namespace geomsu::emulation::nvml
