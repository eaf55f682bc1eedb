#include <fmt/format.h>

#include "harness/contract/contract.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000, kSecond = 1'000'000'000, kHour = 3'600 * kSecond;
constexpr std::int64_t kClockProof = 5 * kSecond;  // the shortest span over which a device's clock rate is believed
constexpr std::uint32_t kMostBlocks = 10'000;

void read_blocks(MapReader& reader, Suite& suite, Diagnostics& diagnostics) {
  const Advice advice{"the number of samples is fixed before the first",
                      fmt::format("write `blocks: 30`, from 1 to {}", kMostBlocks)};
  const auto blocks = reader.required_count("blocks", advice);
  if (!blocks) return;
  suite.blocks = *blocks;
  if (*blocks >= 1 && *blocks <= kMostBlocks) return;
  const YamlNode* node = reader.optional_node("blocks");
  diagnostics.error(node->at, fmt::format("'blocks' must be from 1 to {}, not {}", kMostBlocks, shown(node->text)),
                    advice);
}

Suite read_suite(const YamlNode& root, Diagnostics& diagnostics) {
  MapReader reader(root, "the suite", diagnostics);
  Suite suite;
  suite.name = required_id(reader, "name", diagnostics).value_or("");
  read_blocks(reader, suite, diagnostics);
  suite.block_min_ns =
      required_duration(reader, "block_min", kMillisecond, kHour,
                        {"short blocks measure the clock and not the device", "write `block_min: 500 ms`"}, diagnostics)
          .value_or(0);
  suite.warmup_ns = required_duration(reader, "warmup", 0, kHour,
                                      {"each workload is run before it is judged", "write `warmup: 1 s`"}, diagnostics)
                        .value_or(0);
  const auto soak =
      required_duration(reader, "soak", 0, 24 * kHour,
                        {"a cold device is faster than a delivered one", "write `soak: 60 s`"}, diagnostics);
  suite.soak_ns = soak.value_or(0);
  if (soak && *soak < kClockProof) {
    diagnostics.warning(reader.optional_node("soak")->at, "a soak shorter than 5 s",
                        {"the device's clock cannot prove its rate in so short a time, so wall time is judged",
                         "write `soak: 5 s` or more"});
  }
  if (const YamlNode* workload = reader.optional_node("soak_workload")) {
    suite.soak = read_workload(*workload, "", diagnostics);
  }
  reader.finish();
  return suite;
}

}  // namespace

Loaded<Suite> parse_suite(std::string_view yaml, const std::string& name) {
  Diagnostics diagnostics(name);
  Loaded<Suite> loaded;
  loaded.bytes = yaml;
  loaded.path = name;
  if (const auto root = read_yaml(yaml, diagnostics)) {
    Suite suite = read_suite(*root, diagnostics);
    if (!diagnostics.has_error()) loaded.value = std::move(suite);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
