#include <fmt/format.h>

#include "harness/base/hash.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/map_reader.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000, kSecond = 1'000'000'000, kHour = 3'600 * kSecond;
constexpr std::int64_t kClockProof = 5 * kSecond;  // the shortest span over which a device's clock rate is believed
constexpr std::uint32_t kMostBlocks = 10'000, kMostThin = 100;

void read_blocks(MapReader& reader, Suite& suite, Diagnostics& diagnostics) {
  const Advice advice{"the number of samples is fixed before the first",
                      fmt::format("write `blocks: 30`, from 1 to {}", kMostBlocks)};
  suite.blocks = required_count_in(reader, "blocks", 1, kMostBlocks, advice, diagnostics).value_or(suite.blocks);
}

// A count under `key` from 1 to `most`; nothing where the key is not there or wrong.
std::optional<std::uint32_t> optional_count(MapReader& reader, const std::string& key, std::uint32_t most,
                                            const Advice& advice, Diagnostics& diagnostics) {
  if (reader.optional_node(key) == nullptr) return std::nullopt;
  return required_count_in(reader, key, 1, most, advice, diagnostics);
}

void read_thin(MapReader& reader, Suite& suite, Diagnostics& diagnostics) {
  const YamlNode* node = reader.optional_node("thin");
  if (node == nullptr) return;
  const Advice advice{
      "blocks of a sustained trial that depend on each other are thinned by a number fixed beforehand",
      fmt::format("write `thin: {{gemm: 2}}`, from 1 to {}; the trial then measures twice as many blocks", kMostThin)};
  if (node->kind != YamlNode::Kind::kMap) return diagnostics.error(node->at, "'thin' must be a map", advice);
  MapReader map(*node, "'thin'", diagnostics);
  for (const std::string& operation : operation_names()) {
    if (const auto k = optional_count(map, operation, kMostThin, advice, diagnostics)) suite.thin[operation] = *k;
  }
  map.finish();
}

void read_adaptive(MapReader& reader, Suite& suite, Diagnostics& diagnostics) {
  const YamlNode* node = reader.optional_node("adaptive");
  if (node == nullptr) return;
  const Advice advice{"a nightly run may stop a trial once its answer is clear; such a run is no acceptance",
                      "write `adaptive: {min_blocks: 10}`"};
  if (node->kind != YamlNode::Kind::kMap) return diagnostics.error(node->at, "'adaptive' must be a map", advice);
  MapReader map(*node, "'adaptive'", diagnostics);
  const auto least = map.required_count("min_blocks", advice);
  map.finish();
  if (!least) return;
  suite.adaptive_min_blocks = *least;
  if (*least >= 2 && *least <= suite.blocks) return;
  diagnostics.error(
      map.optional_node("min_blocks")->at,
      fmt::format("'min_blocks' must be from 2 to the {} blocks of the suite, not {}", suite.blocks, *least), advice);
}

// One extension of a trial whose first blocks do not decide; a run that stops early has none.
void read_extension(MapReader& reader, Suite& suite, Diagnostics& diagnostics) {
  suite.extension_blocks =
      optional_count(
          reader, "extension", kMostBlocks,
          {"it is so many blocks more where the first ones leave a clause undecided, once; each look is then "
           "judged at half the error",
           "write `extension: 30`, or leave it out for none"},
          diagnostics)
          .value_or(0);
  if (suite.extension_blocks == 0 || !suite.adaptive_min_blocks) return;
  diagnostics.error(
      reader.optional_node("extension")->at, "'extension' beside 'adaptive'",
      {"a trial that stops once its answer is clear holds no level, and there is none to split", "keep one of them"});
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
  suite.tail_blocks =
      optional_count(reader, "tail_blocks", kMostBlocks,
                     {"a bound of p05 or p95 wants more blocks than one of the median", "write `tail_blocks: 59`"},
                     diagnostics)
          .value_or(0);
  read_thin(reader, suite, diagnostics);
  read_adaptive(reader, suite, diagnostics);
  read_extension(reader, suite, diagnostics);
  if (reader.optional_node("budget") != nullptr) {
    suite.budget_ns =
        required_duration(reader, "budget", kSecond, 7 * 24 * kHour,
                          {"it is what `geomsu plan` holds the run against", "write `budget: 900 s`"}, diagnostics);
  }
  reader.finish();
  return suite;
}

}  // namespace

std::uint32_t Suite::thin_of(const Workload& workload) const {
  const auto found = thin.find(workload.op);
  return found == thin.end() ? 1 : found->second;
}

Loaded<Suite> parse_suite(std::string_view yaml, const std::string& name) {
  Diagnostics diagnostics(name);
  Loaded<Suite> loaded;
  loaded.bytes = yaml;
  loaded.path = name;
  if (const auto root = read_yaml(yaml, diagnostics)) {
    Suite suite = read_suite(*root, diagnostics);
    suite.sha256 = sha256_hex(yaml);
    if (!diagnostics.has_error()) loaded.value = std::move(suite);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
