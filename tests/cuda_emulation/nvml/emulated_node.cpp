#include "tests/cuda_emulation/nvml/emulated_node.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace geomsu::emulation::nvml {
namespace {

std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "emulated-nvml-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text << '\n'; }

}  // namespace

Change fault(const std::string& function, int status, std::uint64_t call, bool every) {
  return [=](YAML::Node& nvml) {
    YAML::Node entry;
    entry["function"] = function;
    entry["status"] = status;
    entry["call"] = call;
    entry["every"] = every;
    nvml["faults"].push_back(entry);
  };
}

Change set(const std::string& key, const std::string& yaml) {
  return [=](YAML::Node& nvml) { nvml[key] = YAML::Load(yaml); };
}

Change without(const std::string& key) {
  return [=](YAML::Node& nvml) {
    if (!nvml.remove(key)) throw std::runtime_error("no key " + key);
  };
}

Change both(const Change& a, const Change& b) {
  return [=](YAML::Node& nvml) {
    a(nvml);
    b(nvml);
  };
}

EmulatedNode::EmulatedNode(const std::string& node, const Change& change, const Change& whole,
                           const std::string& library)
    : folder_(new_folder()) {
  YAML::Node map = YAML::LoadFile(GEOMSU_SOURCE_DIR "/tests/cuda_emulation/nodes/" + node + ".yaml");
  YAML::Node nvml = map["devices"][0]["nvml"];
  if (change) change(nvml);
  if (whole) whole(map);
  for (const auto& device : map["devices"]) {
    if (device["pcis"]) {
      for (const auto& pci : device["pcis"]) addresses_.push_back(pci.as<std::string>());
    } else {
      addresses_.push_back(device["pci"].as<std::string>());
    }
  }
  write(folder_ / "node.yaml", YAML::Dump(map));
  write(folder_ / "emulation.yaml", "node: node.yaml");
  std::filesystem::copy_file(library, path());
}

EmulatedNode::~EmulatedNode() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::shared_ptr<const cuda::nvml::Library> EmulatedNode::library() const {
  return std::make_shared<const cuda::nvml::Library>(path());
}

cuda::nvml::Place EmulatedNode::place(std::size_t ordinal, const std::string& uuid) const {
  return {.pci_address = addresses_.at(ordinal), .uuid = uuid};
}

}  // namespace geomsu::emulation::nvml
