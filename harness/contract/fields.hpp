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

// "250 ms" as nanoseconds, from `least` to `most`.
std::optional<std::int64_t> required_duration(MapReader& reader, const std::string& key, std::int64_t least_ns,
                                              std::int64_t most_ns, const Advice& advice, Diagnostics& diagnostics);

// A workload's map: parameters of `op` and `concurrency`. The parameters come back complete (defaults filled in by
// kernels/ops), or nothing where one is wrong. Where `op` is empty the map must say `op:` itself.
std::optional<Workload> read_workload(const YamlNode& node, const std::string& op, Diagnostics& diagnostics);

std::vector<std::string> operation_names();

}  // namespace geomsu
