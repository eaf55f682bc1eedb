#include "harness/worker/abi_table.hpp"

#include <array>
#include <cstring>

#include <dlfcn.h>
#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu::worker::abi {
namespace {

constexpr std::uint64_t kWaitNs = 60'000'000'000;

const std::vector<std::pair<std::string, Params>>& small_workloads() {
  static const std::vector<std::pair<std::string, Params>> all = [] {
    std::vector<std::pair<std::string, Params>> list;
    for (const char* dtype : {"fp32", "fp64", "bf16", "fp16", "int8", "tf32", "fp8_e4m3", "fp8_e5m2"})
      list.emplace_back("gemm", Params{{"dtype", dtype}, {"m", "16"}, {"n", "16"}, {"k", "32"}});
    for (const char* dtype : {"fp64", "fp32"})
      list.emplace_back("memory", Params{{"kind", "copy"}, {"dtype", dtype}, {"bytes", "4096"}});
    return list;
  }();
  return all;
}

}  // namespace

geomsu_plugin_query_fn query_of(const std::filesystem::path& plugin) {
  void* handle = dlopen(std::filesystem::absolute(plugin).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* why = dlerror();
    throw Broken{"a shared object that can be loaded", why == nullptr ? "no reason given" : why};
  }
  void* symbol = dlsym(handle, "geomsu_plugin_query");
  if (symbol == nullptr) throw Broken{"geomsu_plugin_query exported", "it is not"};
  geomsu_plugin_query_fn query = nullptr;
  std::memcpy(&query, &symbol, sizeof query);
  return query;
}

geomsu_host host_of(std::uint32_t major, std::uint32_t minor) {
  return {sizeof(geomsu_host), nullptr, major, minor, nullptr, nullptr};  // log may be NULL
}

Settings::Settings(const Params& params) {
  for (const auto& [key, value] : params) texts_.emplace_back(key, value);
  for (const auto& [key, value] : texts_) items_.push_back({key.c_str(), value.c_str()});
  params_ = {sizeof(geomsu_params), nullptr, items_.empty() ? nullptr : items_.data(), items_.size()};
}

void Settings::spoil() {
  for (auto& [key, value] : texts_) {
    key.assign(key.size(), '#');
    value.assign(value.size(), '#');
  }
  for (geomsu_param& item : items_) item = {nullptr, nullptr};
  params_ = {0, nullptr, nullptr, ~std::uint64_t{0}};
}

Table::Table(const std::filesystem::path& plugin, Params params) : params_(std::move(params)) {
  const geomsu_host host = host_of(GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR);
  table_ = query_of(plugin)(&host);
  if (table_ == nullptr) throw Broken{"a table", "NULL"};
}

void Table::must(std::string_view slot, geomsu_error* error) const {
  if (error == nullptr) return;
  const char* text = table_->error_message(error);
  std::string came =
      fmt::format("code {}: {}", table_->error_code(error), text == nullptr ? "no words" : valid_utf8(text));
  table_->error_destroy(error);
  throw Broken{fmt::format("{} without an error", slot), std::move(came)};
}

std::uint32_t Table::code_of(std::string_view slot, geomsu_error* error, std::string_view because) const {
  if (error == nullptr) throw Broken{fmt::format("an error of {}: {}", slot, because), "success"};
  const std::uint32_t code = table_->error_code(error);
  const char* text = table_->error_message(error);
  const bool words = text != nullptr && *text != '\0';
  table_->error_destroy(error);
  if (code < GEOMSU_INVALID_ARGUMENT || code > GEOMSU_INTERNAL)
    throw Broken{fmt::format("a code from 1 to 6 of the error of {}", slot), fmt::format("{}", code)};
  if (!words) throw Broken{fmt::format("words in the error of {}", slot), "none"};
  return code;
}

Handle<geomsu_instance> Table::instance() const {
  geomsu_instance* out = nullptr;
  must("instance_create", table_->instance_create(Settings(params_).get(), &out));
  return {out, table_->instance_destroy};
}

Handle<geomsu_device> Table::device(geomsu_instance* instance) const {
  geomsu_device* out = nullptr;
  must("device_open", table_->device_open(instance, 0, &out));
  return {out, table_->device_close};
}

Handle<geomsu_group> Table::group(geomsu_device* device) const {
  geomsu_group* out = nullptr;
  must("group_create", table_->group_create(&device, 1, Settings({}).get(), &out));
  return {out, table_->group_destroy};
}

Handle<geomsu_workload> Table::workload(geomsu_group* group, bool spoil) const {
  for (const auto& [op, params] : small_workloads()) {
    geomsu_workload* out = nullptr;
    std::string name = op;
    Settings settings(params);
    geomsu_error* error = table_->workload_prepare(group, name.c_str(), settings.get(), &out);
    if (spoil) {
      name.assign(name.size(), '#');
      settings.spoil();
    }
    if (error != nullptr) {
      table_->error_destroy(error);
      continue;
    }
    Handle<geomsu_workload> workload(out, table_->workload_release);
    must("reseed", table_->reseed(out, 1));
    return workload;
  }
  throw Broken{"a small workload that is offered", "none"};
}

Handle<geomsu_event> Table::submit(geomsu_workload* workload, std::uint64_t repeats) const {
  geomsu_event* out = nullptr;
  must("submit", table_->submit(workload, repeats, &out));
  return {out, table_->event_destroy};
}

void Table::run(geomsu_workload* workload, std::uint64_t repeats) const {
  const auto event = submit(workload, repeats);
  must("event_wait", table_->event_wait(event.get(), kWaitNs));
}

}  // namespace geomsu::worker::abi
