#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <sys/utsname.h>

#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/backend.hpp"
#include "kernels/cpu/identity.hpp"
#include "kernels/ops/fill.hpp"

namespace geomsu::cpu {
namespace {

std::string text_of_file(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string flop_text(double flop) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", flop);
  return text.data();
}

std::string joined(const std::vector<unsigned>& numbers) {
  std::string text;
  for (const unsigned number : numbers) {
    if (!text.empty()) text += ',';
    text += std::to_string(number);
  }
  return text;
}

}  // namespace

Description describe(const CoreSet& cores, std::uint64_t index, std::uint64_t count, bool split) {
  const Processor processor = parse_cpuinfo(text_of_file("/proc/cpuinfo"));
  const Identity identity = identify("", index, count);
  utsname system{};
  uname(&system);
  Description d;
  d.name = (processor.model.empty() ? "CPU" : processor.model) + ", cores " + ranges(cores.cores);
  d.vendor = processor.vendor;
  d.uuid = identity.uuid;
  d.serial = identity.serial;
  d.driver = std::string("Linux ") + static_cast<const char*>(system.release);
  d.firmware = processor.microcode;
  d.memory_bytes = cores.memory_bytes;
  if (split) d.partition = std::to_string(index + 1) + " of " + std::to_string(count);
  auto& facts = d.attributes;
  facts.emplace_back("kind", "host");
  facts.emplace_back("cores", std::to_string(cores.cores.size()));
  facts.emplace_back("cores.list", ranges(cores.cores));
  facts.emplace_back("numa_nodes", joined(cores.nodes));
  facts.emplace_back("serial.source",
                     identity.source + "; a processor has no serial of its own that software may read");
  facts.emplace_back("isa", std::string(ops::to_string(ops::best_isa())));
  facts.emplace_back("hypervisor", processor.has("hypervisor") ? "yes" : "no");
  if (const auto peak = peak_per_clock(processor)) {
    const Clock clock = highest_clock("", cores.cores.front());
    const double per_second = clock.hz * static_cast<double>(cores.cores.size());
    facts.emplace_back("peak.fp32", flop_text(peak->fp32_per_clock * per_second));
    facts.emplace_back("peak.fp64", flop_text(peak->fp64_per_clock * per_second));
    facts.emplace_back("peak.source", peak->words + "; " + std::to_string(cores.cores.size()) + " cores at " +
                                          flop_text(clock.hz / 1e6) + " MHz, " + clock.source);
  }
  const TelemetrySource telemetry("", cores.cores);
  facts.insert(facts.end(), telemetry.facts().begin(), telemetry.facts().end());
  facts.emplace_back("telemetry.absent", telemetry.absent());
  for (const auto& [key, value] : facts) d.pointers.push_back({key.c_str(), value.c_str()});
  return d;
}

}  // namespace geomsu::cpu
