// Fields that several files share: names, dates, durations, workloads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/contract/map_reader.hpp"
#include "harness/model/workload.hpp"

namespace geomsu {

// Lower-case letters, digits and - _ . inside, at most 64: it becomes part of file names and command lines.
std::optional<std::string> required_id(MapReader& reader, const std::string& key, Diagnostics& diagnostics);

std::optional<std::string> required_date(MapReader& reader, const std::string& key, const Advice& advice,
                                         Diagnostics& diagnostics);

// 64 lower-case hexadecimal digits.
bool is_sha256(std::string_view text);
std::optional<std::string> required_sha256(MapReader& reader, const std::string& key, const Advice& advice,
                                           Diagnostics& diagnostics);

// The items under `key`; an error that gives `advice` where it is no list, or an empty one and `may_be_empty` is false.
// nullptr where it is wrong or missing (missing is an error too).
const std::vector<YamlNode>* required_list(MapReader& reader, const std::string& key, bool may_be_empty,
                                           const Advice& advice, Diagnostics& diagnostics);

// A count under `key` from `least` to `most`.
std::optional<std::uint32_t> required_count_in(MapReader& reader, const std::string& key, std::uint32_t least,
                                               std::uint32_t most, const Advice& advice, Diagnostics& diagnostics);

// A ratio written with its %, as a share, and whether its ends are in the range: from `least` to `most`, or strictly
// between them.
std::optional<double> required_share(MapReader& reader, const std::string& key, double least, double most, bool closed,
                                     const Advice& advice, Diagnostics& diagnostics);

// "250 ms" as nanoseconds, from `least` to `most`.
std::optional<std::int64_t> required_duration(MapReader& reader, const std::string& key, std::int64_t least_ns,
                                              std::int64_t most_ns, const Advice& advice, Diagnostics& diagnostics);

// A workload's map: parameters of `op` and `concurrency`. The parameters come back complete (defaults filled in by
// kernels/ops), or nothing where one is wrong. Where `op` is empty the map must say `op:` itself.
std::optional<Workload> read_workload(const YamlNode& node, const std::string& op, Diagnostics& diagnostics);

std::vector<std::string> operation_names();

}  // namespace geomsu
