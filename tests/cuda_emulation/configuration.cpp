#include "tests/cuda_emulation/configuration.hpp"

#include <filesystem>

#include <dlfcn.h>

#include "tests/cuda_emulation/yaml_fields.hpp"

namespace geomsu::emulation {
namespace {

PlannedFault read_fault(const YAML::Node& map, const std::string& file) {
  const YamlFields fields(map, file, {"function", "call", "status", "device", "every", "hang_ms"});
  PlannedFault fault;
  fault.function = fields.need<std::string>("function");
  fault.call = fields.get("call", fault.call);
  fault.hang_ms = fields.get("hang_ms", fault.hang_ms);
  fault.status = fields.has("hang_ms") ? fields.get("status", 0) : fields.need<int>("status");
  if (fields.has("device")) fault.device = fields.need<int>("device");
  fault.every = fields.get("every", false);
  if (fault.call == 0) fields.fail(map, "'call' counts from 1");
  if (fault.status == 0 && fault.hang_ms == 0) fields.fail(map, "'status' 0 is no fault");
  return fault;
}

bool read_word(const YamlFields& fields, const char* key, const char* no, const char* yes) {
  const auto word = fields.get<std::string>(key, no);
  if (word == yes) return true;
  if (word == no) return false;
  fields.fail(fields.at(key), std::string("'") + key + "' is " + no + " or " + yes);
}

}  // namespace

Configuration read_configuration(const std::string& folder) {
  Configuration out;
  out.file = (std::filesystem::path(folder) / "emulation.yaml").string();
  YAML::Node map;
  try {
    map = YAML::LoadFile(out.file);
  } catch (const YAML::Exception& error) {
    throw std::runtime_error(out.file + ": " + error.what() +
                             "; next: put an emulation.yaml with `node: PATH` beside the emulated libraries");
  }
  const YamlFields fields(map, out.file,
                          {"node", "seed", "order", "kernel_faults", "leaks", "faults", "spin_limit", "kernel_hits",
                           "calls", "name", "driver", "pace", "devices", "nvml"});
  out.seed = fields.get("seed", out.seed);
  out.order = read_word(fields, "order", "late", "random") ? Order::kRandom : Order::kLate;
  out.kernel_faults_are_errors = read_word(fields, "kernel_faults", "die", "error");
  out.leaks_fail = read_word(fields, "leaks", "report", "fail");
  out.spin_limit = fields.get("spin_limit", out.spin_limit);
  const auto beside = [&](const char* key) {
    return fields.has(key) ? (std::filesystem::path(folder) / fields.need<std::string>(key)).string() : std::string();
  };
  out.kernel_hits = beside("kernel_hits");
  out.calls = beside("calls");
  if (const YAML::Node faults = fields.at("faults")) {
    for (const auto& fault : faults) out.faults.push_back(read_fault(fault, out.file));
  }
  if (!fields.has("node")) {
    out.node = read_node(map, out.file);
    return out;
  }
  for (const char* key : {"name", "driver", "pace", "devices", "nvml"}) {
    if (fields.has(key)) fields.fail(fields.at(key), std::string("'") + key + "' beside 'node': one of both");
  }
  out.node = read_node((std::filesystem::path(folder) / fields.need<std::string>("node")).lexically_normal().string());
  return out;
}

std::string folder_of(const void* symbol) {
  Dl_info info{};
  if (dladdr(symbol, &info) == 0 || info.dli_fname == nullptr) throw std::runtime_error("the loader knows no library");
  const auto folder = std::filesystem::path(info.dli_fname).parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace geomsu::emulation
