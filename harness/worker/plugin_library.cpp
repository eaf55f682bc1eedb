#include "harness/worker/plugin_library.hpp"

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <fmt/format.h>

#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "harness/base/text.hpp"
#include "harness/worker/build_id.hpp"
#include "harness/worker/load_failure.hpp"

namespace geomsu::worker {
namespace {
constexpr std::uint64_t kLargestPlugin = 2ULL << 30;
constexpr const char* kEmulationMarker = "geomsu_cuda_emulation_marker";  // exported by an emulated vendor runtime

// Any thread of the plug-in may call this; stderr is the log.
void log_to_stderr(void*, std::uint32_t level, const char* text) {
  static constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
  const std::string line = fmt::format("plug-in: {}: {}\n", kLevels[level < 4 ? level : 3],
                                       escape_terminal(valid_utf8(text == nullptr ? "" : text)));
  std::fputs(line.c_str(), stderr);
}

const geomsu_host& host() {
  static const geomsu_host kHost = {sizeof(geomsu_host), nullptr, GEOMSU_ABI_MAJOR,
                                    GEOMSU_ABI_MINOR,    nullptr, log_to_stderr};
  return kHost;
}

std::string text_of(const char* text) { return text == nullptr ? std::string() : valid_utf8(text); }

// The slots of 1.0, from error_code to extension, are pointers side by side.
constexpr std::array<std::string_view, 26> kSlots = {
    "error_code",       "error_message", "error_destroy", "instance_create", "instance_destroy",
    "device_count",     "describe",      "device_open",   "device_close",    "clock_info",
    "device_clock",     "telemetry",     "group_create",  "group_destroy",   "workload_prepare",
    "workload_release", "workload_info", "reseed",        "submit",          "event_wait",
    "event_span",       "event_destroy", "read",          "project",         "digest",
    "extension"};
constexpr std::size_t kSlotCount = (offsetof(geomsu_plugin, extension) - offsetof(geomsu_plugin, error_code)) / 8 + 1;
static_assert(kSlotCount == kSlots.size());
}  // namespace

std::string why_refused(const geomsu_plugin* table) {
  if (table == nullptr) {
    return fmt::format("geomsu_plugin_query gave NULL: it does not serve ABI {}.{}", GEOMSU_ABI_MAJOR,
                       GEOMSU_ABI_MINOR);
  }
  if (table->struct_size < GEOMSU_PLUGIN_MIN_SIZE) {
    return fmt::format("its table has {} bytes, ABI {}.0 has {}: slots are missing", table->struct_size,
                       GEOMSU_ABI_MAJOR, GEOMSU_PLUGIN_MIN_SIZE);
  }
  if (table->abi_major != GEOMSU_ABI_MAJOR) {
    return fmt::format("it speaks ABI {}.{}, this worker {}.{}: majors must be equal; use a plug-in built for major {}",
                       table->abi_major, table->abi_minor, GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR, GEOMSU_ABI_MAJOR);
  }
  if (table->name == nullptr || *table->name == '\0') return "its table has no name";
  const auto* slots = reinterpret_cast<const char*>(table) + offsetof(geomsu_plugin, error_code);
  for (std::size_t i = 0; i < kSlotCount; ++i) {
    void* slot = nullptr;
    std::memcpy(&slot, slots + i * sizeof slot, sizeof slot);
    if (slot == nullptr) return fmt::format("slot '{}' of its table is NULL", kSlots[i]);
  }
  return {};
}

PluginLibrary load_plugin(const std::filesystem::path& given) {
  PluginLibrary library;
  const auto refuse = [&library](std::string why) {
    library.fact.refused = std::move(why);
    return library;
  };
  try {
    const std::filesystem::path path = std::filesystem::absolute(given).lexically_normal();
    library.fact.path = path.string();
    library.fact.backend = path.stem().string();  // until the table names itself
    library.fact.sha256 = sha256_file_hex(path);
    library.fact.build_id = build_id(read_file(path, kLargestPlugin));
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) {
      const char* why = dlerror();
      return refuse(load_failure(why == nullptr ? "" : why));
    }
    void* symbol = dlsym(handle, "geomsu_plugin_query");
    if (symbol == nullptr) return refuse("it does not export geomsu_plugin_query: no geomsu plug-in");
    geomsu_plugin_query_fn query = nullptr;
    std::memcpy(&query, &symbol, sizeof query);
    const geomsu_plugin* table = query(&host());
    if (std::string why = why_refused(table); !why.empty()) return refuse(std::move(why));
    library.fact.backend = text_of(table->name);
    library.fact.version = text_of(table->version);
    library.fact.simulated = text_of(table->simulated);
    // Looked up in the plug-in and in what it was linked against, whatever its table says of itself.
    if (library.fact.simulated.empty() && dlsym(handle, kEmulationMarker) != nullptr)
      library.fact.simulated = "emulated";
    library.table = table;
    return library;
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace geomsu::worker
