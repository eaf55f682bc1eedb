#include "kernels/cpu/processor.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "kernels/cpu/span.hpp"

namespace geomsu::cpu {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

std::optional<int> to_int(const std::string& text) {
  char* end = nullptr;
  const long number = std::strtol(text.c_str(), &end, 0);
  if (end == text.c_str()) return std::nullopt;
  return static_cast<int>(number);
}

// Clocks a second by a chain in which each addition waits for the one before. The empty asm keeps the chain.
double clocks_by_chain() {
  constexpr std::uint64_t kLinks = 4'000'000;
  double best = 0;
  for (int run = 0; run < 10; ++run) {
    std::uint64_t x = 1;
    const std::uint64_t start = raw_now_ns();
    for (std::uint64_t i = 0; i < kLinks / 16; ++i) {
#if defined(__x86_64__)
      __asm__ volatile(
          "add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n"
          "add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n add %0, %0\n"
          : "+r"(x));
#elif defined(__aarch64__)
      __asm__ volatile(
          "add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n"
          "add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n"
          "add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n add %0, %0, %0\n"
          : "+r"(x));
#endif
    }
    const std::uint64_t span = raw_now_ns() - start;
    if (span > 0) best = std::max(best, static_cast<double>(kLinks) / (static_cast<double>(span) * 1e-9));
  }
  return best;
}

}  // namespace

Processor parse_cpuinfo(const std::string& text) {
  Processor processor;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) {
      if (!processor.flags.empty()) break;  // an empty line ends the first processor
      continue;
    }
    const std::string key = trimmed(line.substr(0, colon)), value = trimmed(line.substr(colon + 1));
    if (key == "model name") processor.model = value;
    if (key == "vendor_id") {
      processor.vendor = value == "GenuineIntel" ? "Intel" : value == "AuthenticAMD" ? "AMD" : value;
    }
    if (key == "CPU implementer") {  // Arm's list, "Main ID Register"
      processor.vendor = value == "0x41" ? "Arm" : value == "0xc0" ? "Ampere" : value == "0x4e" ? "NVIDIA" : value;
    }
    if (key == "CPU part" && processor.model.empty()) processor.model = "part " + value;
    if (key == "cpu family") processor.family = to_int(value);
    if (key == "model") processor.model_number = to_int(value);
    if (key == "microcode") processor.microcode = value;
    if (key == "cpu MHz") processor.nominal_mhz = std::strtod(value.c_str(), nullptr);
    if (key == "flags" || key == "Features") {
      std::istringstream words(value);
      for (std::string word; words >> word;) processor.flags.insert(word);
    }
  }
  return processor;
}

std::optional<Peak> peak_per_clock(const Processor& processor) {
  // 512-bit: two FMA units on Xeon (Scalable 6xxx and up; taken for all, so that the peak is a bound) and on AMD from
  // Zen 5; Zen 4 and Intel's other processors run 512 bits in two passes. 256-bit: two units from Haswell and Zen 2 on,
  // while Zen (family 23, models below 0x30) halves each. Sources: Intel 64 and IA-32 Optimization Reference Manual;
  // AMD Software Optimization Guides for families 17h, 19h and 1Ah.
  int bits = 0, units = 2;
  std::string words;
  if (processor.has("avx512f")) {
    const bool xeon = processor.vendor == "Intel" && processor.model.find("Xeon") != std::string::npos;
    const bool zen5 = processor.vendor == "AMD" && processor.family.value_or(0) >= 26;
    bits = 512;
    units = xeon || zen5 ? 2 : 1;
    words = "AVX-512, " + std::to_string(units) + " FMA unit" + (units == 1 ? "" : "s") + " a core assumed";
  } else if (processor.has("avx2") && processor.has("fma")) {
    const bool zen1 =
        processor.vendor == "AMD" && processor.family == 23 && processor.model_number.value_or(0x30) < 0x30;
    bits = zen1 ? 128 : 256;
    words = zen1 ? "AVX2 in two 128-bit FMA units a core assumed" : "AVX2, 2 FMA units a core assumed";
  } else if (processor.has("asimd")) {
    const bool neoverse_v = processor.has("sve2");  // Neoverse V2 (Grace): four 128-bit pipes; N1 and older: two
    bits = 128;
    units = neoverse_v ? 4 : 2;
    words = "128-bit SIMD, " + std::to_string(units) + " FMA pipes a core assumed";
  } else {
    return std::nullopt;
  }
  const double flop = 2.0 * units;  // a fused multiply-add is two
  return Peak{flop * bits / 32, flop * bits / 64, words};
}

Clock highest_clock(const std::string& root, int core) {
  std::ifstream file(root + "/sys/devices/system/cpu/cpu" + std::to_string(core) + "/cpufreq/cpuinfo_max_freq");
  double khz = 0;
  if (file >> khz && khz > 0) return {khz * 1e3, "cpufreq cpuinfo_max_freq"};
  const double measured = clocks_by_chain();
  return {std::ceil(measured / 1e8) * 1e8, "measured by a chain of dependent additions, rounded up to 100 MHz"};
}

}  // namespace geomsu::cpu
