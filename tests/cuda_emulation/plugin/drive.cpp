// Drives one plug-in through its table, by lines of standard input, and holds every answer against kernels/ops. One
// line of output a line: "ok ...", "FAIL ..." (exit status 1 at the end), "refused CODE WORDS", or figures.
//
// usage: drive PLUGIN.so [setting=value ...]       settings of the instance
//   run OP repeats=N [blocks=B] [at=R] key=value ...   prepare, reseed, B blocks of N repeats; elements, projection,
//                                                      digest and a second run from the same seed
//   digest OP key=value ...   of tensor 1 as it was filled, against the generator's
//   operands OP key=value ...   some elements of each operand of fp32 or fp64, against the generator's
//   keep OP key=value ...     prepares and reseeds, for `block`
//   block N        N repeats of what is kept, reseeded before (untimed) where it wants that of each block: "ok NS"
//   open I         another device
//   describe I     "key: value" lines, the attributes among them
//   telemetry      one reading
//   clock          one reading, in ticks
#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/ops/fill.hpp"
#include "tests/unit/cpu/plugin_under_test.hpp"
#include "tests/unit/cpu/verified.hpp"

namespace {

using geomsu::test::Device;
using geomsu::test::Instance;
using geomsu::test::PluginError;
using geomsu::test::Settings;
using geomsu::test::Work;

Settings settings_of(std::istream& words) {
  Settings settings;
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("not key=value: " + word);
    settings[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return settings;
}

std::uint64_t take(Settings& settings, const std::string& key, std::uint64_t otherwise) {
  const auto found = settings.find(key);
  if (found == settings.end()) return otherwise;
  const std::uint64_t value = std::stoull(found->second);
  settings.erase(found);
  return value;
}

// Blocks from one seed; words of what is wrong, or "". `took_ns`: of the last block.
std::string blocks(Work& work, std::uint64_t seed, std::uint64_t count, std::uint64_t repeats,
                   std::uint64_t* took_ns = nullptr) {
  work.reseed(seed);
  std::uint64_t before = 0;
  for (std::uint64_t block = 0; block < count; ++block) {
    auto event = work.submit(repeats);
    event.wait();
    std::vector<std::uint64_t> ends(64);
    const geomsu_span span = event.span(&ends);
    if (span.first < before || span.last < span.first) return "a block ends before it begins";
    if (repeats > 0 && span.last == span.first) return "a block of no time";
    std::uint64_t last = span.first;
    for (std::uint64_t i = 0; i < span.repeat_count; ++i) {
      if (ends[i] < last || ends[i] > span.last) return "the end of a repeat lies outside its block";
      last = ends[i];
    }
    before = span.last;
    if (took_ns != nullptr) *took_ns = span.last - span.first;
  }
  return {};
}

std::string run(Device& device, const std::string& op, Settings settings) {
  const std::uint64_t repeats = take(settings, "repeats", 1), count = take(settings, "blocks", 1),
                      seed = take(settings, "seed", 41);
  const std::uint64_t total = repeats * count, at = take(settings, "at", total - 1);
  Work work = device.prepare(op, settings);
  const geomsu_workload_info info = work.info();
  if (info.operand_sets == 0 || info.memory_bytes == 0 || info.algorithm == nullptr || *info.algorithm == 0)
    return "FAIL workload_info says nothing";
  work.reseed(seed);
  work.run(0);
  std::uint64_t took_ns = 0;
  if (auto wrong = blocks(work, seed, count, repeats, &took_ns); !wrong.empty()) return "FAIL " + wrong;
  for (const std::uint64_t repeat : {at, total - 1}) {
    const auto wrong = geomsu::test::what_is_wrong(op, settings, work, seed, total, repeat);
    if (!wrong.empty()) return "FAIL " + wrong;
  }
  const std::uint64_t first = work.digest(0, at);
  // Another seed in between: what is not written anew would stand there still.
  if (auto wrong = blocks(work, seed + 1, 1, repeats); !wrong.empty()) return "FAIL " + wrong;
  if (repeats > 0) {
    const auto wrong = geomsu::test::what_is_wrong(op, settings, work, seed + 1, repeats, repeats - 1);
    if (!wrong.empty()) return "FAIL with another seed: " + wrong;
  }
  if (auto wrong = blocks(work, seed, count, repeats); !wrong.empty()) return "FAIL " + wrong;
  if (info.deterministic == 1 && work.digest(0, at) != first) return "FAIL a replay has another digest";
  return "ok ns=" + std::to_string(repeats > 0 ? took_ns / repeats : 0) + " sets=" + std::to_string(info.operand_sets) +
         " bytes=" + std::to_string(info.memory_bytes) + " digest=" + std::to_string(first) + " " + info.algorithm;
}

template <typename T>
std::uint64_t digest_of_filled(std::uint64_t elements, std::uint64_t seed) {
  std::vector<T> values(elements);
  geomsu::ops::fill(std::span(values), geomsu::ops::Data::kNormal, geomsu::ops::stream(seed, 1), 1, 0);
  return geomsu::ops::digest(std::as_bytes(std::span<const T>(values)));
}

std::string digest(Device& device, const std::string& op, const Settings& settings) {
  constexpr std::uint64_t kSeed = 5;
  Work work = device.prepare(op, settings);
  work.reseed(kSeed);
  const std::string& dtype = settings.at("dtype");
  const std::uint64_t width = dtype == "fp64" ? 8 : dtype == "fp32" ? 4 : dtype == "int8" ? 1 : 2;
  const std::uint64_t elements = op == "gemm" ? std::stoull(settings.at("m")) * std::stoull(settings.at("k"))
                                              : std::stoull(settings.at("bytes")) / width;
  const std::uint64_t expected = dtype == "fp64"   ? digest_of_filled<double>(elements, kSeed)
                                 : dtype == "fp32" ? digest_of_filled<float>(elements, kSeed)
                                 : dtype == "int8" ? digest_of_filled<std::int8_t>(elements, kSeed)
                                 : dtype == "bf16" ? digest_of_filled<geomsu::ops::Bf16>(elements, kSeed)
                                                   : digest_of_filled<geomsu::ops::Fp16>(elements, kSeed);
  const std::uint64_t got = work.digest(1, 0);
  return got == expected ? "ok" : "FAIL the digest of tensor 1 is not the generator's";
}

template <typename T>
std::string operand(Work& work, std::uint32_t tensor, std::uint64_t elements, std::uint64_t seed) {
  std::vector<T> values(elements);
  geomsu::ops::fill(std::span(values), geomsu::ops::Data::kNormal, geomsu::ops::stream(seed, tensor), tensor, 0);
  const std::vector<std::uint64_t> indices = {0, 1, elements / 3, elements / 2, elements - 2, elements - 1};
  const std::vector<double> got = work.read(tensor, 0, indices);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (got[i] == static_cast<double>(values[indices[i]])) continue;
    return "FAIL element " + std::to_string(indices[i]) + " of tensor " + std::to_string(tensor) +
           " is not the generator's";
  }
  return "ok";
}

std::string operands(Device& device, const std::string& op, const Settings& settings) {
  constexpr std::uint64_t kSeed = 5;
  Work work = device.prepare(op, settings);
  work.reseed(kSeed);
  work.run(0);
  const auto number = [&](const char* key) { return std::stoull(settings.at(key)); };
  std::vector<std::uint64_t> elements;  // by tensor, from 1
  const bool wide = op == "transfer" || settings.at("dtype") == "fp64";
  if (op == "gemm") elements = {number("m") * number("k"), number("k") * number("n")};
  if (op == "memory") elements = {number("bytes") / (wide ? 8 : 4)};
  if (op == "transfer") elements = {number("bytes") / 8};
  std::string answer;
  for (std::uint32_t tensor = 1; tensor <= elements.size(); ++tensor) {
    const std::uint64_t count = elements[tensor - 1];
    answer = wide ? operand<double>(work, tensor, count, kSeed) : operand<float>(work, tensor, count, kSeed);
    if (answer != "ok") return answer;
  }
  return answer;
}

std::string block(Work& work, std::uint64_t repeats) {
  if (work.info().refill == GEOMSU_REFILL_BLOCK) work.reseed(41);
  auto event = work.submit(repeats);
  event.wait();
  const geomsu_span span = event.span();
  return "ok " + std::to_string(span.last - span.first);
}

void describe(Instance& instance, std::uint32_t index) {
  const geomsu_description d = instance.describe(index);
  const auto say = [](const char* key, const char* value) {
    std::printf("%s: %s\n", key, value == nullptr ? "-" : value);
  };
  say("name", d.name);
  say("vendor", d.vendor);
  say("uuid", d.uuid);
  say("serial", d.serial);
  say("pci_address", d.pci_address);
  say("driver", d.driver);
  say("firmware", d.firmware);
  say("partition", d.partition);
  for (const auto& [key, value] : {std::pair{"memory_bytes", d.memory_bytes},
                                   {"pcie_generation", d.pcie_generation},
                                   {"pcie_width", d.pcie_width}})
    say(key, value == GEOMSU_UNKNOWN ? "-" : std::to_string(value).c_str());
  for (std::uint64_t i = 0; i < d.attribute_count; ++i) say(d.attributes[i].key, d.attributes[i].value);
}

void telemetry(Device& device) {
  const geomsu_telemetry t = device.telemetry();
  std::printf(
      "power_w=%g energy_j=%g temperature_c=%g memory_temperature_c=%g clock_mhz=%g memory_clock_mhz=%g "
      "memory_used_bytes=%g foreign_load=%g",
      t.power_w, t.energy_j, t.temperature_c, t.memory_temperature_c, t.clock_mhz, t.memory_clock_mhz,
      t.memory_used_bytes, t.foreign_load);
  const std::pair<const char*, std::uint64_t> counters[] = {
      {"throttle", t.throttle},           {"throttle_events", t.throttle_events},
      {"ecc_corrected", t.ecc_corrected}, {"ecc_uncorrected", t.ecc_uncorrected},
      {"link_replays", t.link_replays},   {"fault_events", t.fault_events}};
  for (const auto& [key, value] : counters)
    std::printf(" %s=%s", key, value == GEOMSU_UNKNOWN ? "-" : std::to_string(value).c_str());
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: drive PLUGIN.so [setting=value ...] < lines\n", stderr);
    return 64;
  }
  std::stringstream given;
  for (int i = 2; i < argc; ++i) given << argv[i] << ' ';
  int status = 0;
  try {
    const geomsu_plugin* api = geomsu::test::load(argv[1]);
    std::printf("plugin %s %s\n", api->name, api->simulated == nullptr ? "real" : api->simulated);
    Instance instance(api, settings_of(given));
    std::printf("devices %u\n", instance.devices());
    std::optional<Device> device;
    std::uint32_t opened = 0;  // what a line that wants a device opens where none is
    std::optional<Work> kept;
    for (std::string line; std::getline(std::cin, line);) {
      std::istringstream words(line);
      std::string verb;
      if (!(words >> verb) || verb[0] == '#') continue;
      std::string answer;
      try {
        if (verb == "describe") {
          std::uint32_t index = 0;
          words >> index;
          describe(instance, index);
          answer = "ok";
        } else if (verb == "open") {
          words >> opened;
          kept.reset();
          device.reset();
          device.emplace(instance.open(opened));
          answer = "ok";
        } else {
          if (!device) device.emplace(instance.open(opened));
          if (verb == "run") {
            std::string op;
            words >> op;
            answer = run(*device, op, settings_of(words));
          } else if (verb == "keep") {
            std::string op;
            words >> op;
            kept.reset();
            kept.emplace(device->prepare(op, settings_of(words)));
            kept->reseed(41);
            answer = "ok " + std::string(kept->info().algorithm);
          } else if (verb == "block" && kept) {
            std::uint64_t repeats = 0;
            words >> repeats;
            answer = block(*kept, repeats);
          } else if (verb == "digest") {
            std::string op;
            words >> op;
            answer = digest(*device, op, settings_of(words));
          } else if (verb == "operands") {
            std::string op;
            words >> op;
            answer = operands(*device, op, settings_of(words));
          } else if (verb == "telemetry") {
            telemetry(*device);
            answer = "ok";
          } else if (verb == "clock") {
            std::printf("%" PRIu64 "\n", device->clock());
            answer = "ok";
          } else {
            answer = "FAIL unknown line";
          }
        }
      } catch (const PluginError& error) {
        answer = "refused " + std::to_string(error.code) + " " + error.what();
      }
      if (answer.starts_with("FAIL")) status = 1;
      std::printf("%s\n", answer.c_str());
      std::fflush(stdout);
    }
  } catch (const PluginError& error) {
    std::printf("refused %u %s\n", error.code, error.what());
  } catch (const std::exception& error) {
    std::printf("FAIL %s\n", error.what());
    status = 1;
  }
  return status;
}
