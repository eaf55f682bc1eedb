// A plug-in that breaks one rule of the C table: the healthy fake with one slot bent. The instance's parameter `bend`
// names the rule; the fake lies beside, at GEOMSU_FAKE_PLUGIN.
#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>

#include "harness/abi/geomsu_plugin.h"

namespace {

const geomsu_plugin* fake = nullptr;
geomsu_plugin table;
std::string bend;
std::atomic<int> instances{0}, opened{0};
std::thread::id first_thread;

geomsu_error* failure() {
  geomsu_device* none = nullptr;
  geomsu_instance* instance = nullptr;
  const geomsu_params params = {sizeof params, nullptr, nullptr, 0};
  geomsu_error* error = fake->instance_create(&params, &instance);
  if (error != nullptr) return error;
  error = fake->device_open(instance, 1000, &none);
  fake->instance_destroy(instance);
  return error;
}

geomsu_error* instance_create(const geomsu_params* params, geomsu_instance** out) {
  std::vector<geomsu_param> rest;
  for (std::uint64_t i = 0; i < params->count; ++i) {
    if (std::strcmp(params->items[i].key, "bend") == 0) {
      bend = params->items[i].value;
    } else {
      rest.push_back(params->items[i]);
    }
  }
  first_thread = std::this_thread::get_id();
  if (bend == "instances" && instances > 0) return failure();
  ++instances;
  const geomsu_params plain = {sizeof plain, nullptr, rest.data(), rest.size()};
  return fake->instance_create(&plain, out);
}

void instance_destroy(geomsu_instance* instance) {
  --instances;
  fake->instance_destroy(instance);
}

geomsu_error* device_open(geomsu_instance* instance, std::uint32_t index, geomsu_device** out) {
  if (bend == "lifetimes" && opened++ > 0) return failure();
  return fake->device_open(instance, index, out);
}

geomsu_error* telemetry(geomsu_device* device, geomsu_telemetry* out) {
  if (bend == "telemetry-thread" && std::this_thread::get_id() != first_thread) return failure();
  if (bend == "struct-sizes" && out->struct_size != GEOMSU_TELEMETRY_MIN_SIZE) return failure();
  return fake->telemetry(device, out);
}

geomsu_error* workload_prepare(geomsu_group* group, const char* op, const geomsu_params* params,
                               geomsu_workload** out) {
  if (bend == "errors" && std::strcmp(op, "dance") == 0) {
    const geomsu_param items[] = {{"dtype", "fp32"}, {"m", "3"}, {"n", "3"}, {"k", "3"}};
    const geomsu_params good = {sizeof good, nullptr, items, 4};
    if (params->count == 0) return fake->workload_prepare(group, "gemm", &good, out);
  }
  return fake->workload_prepare(group, op, params, out);
}

geomsu_error* submit(geomsu_workload* workload, std::uint64_t repeats, geomsu_event** out) {
  geomsu_error* error = fake->submit(workload, repeats, out);
  if (bend == "wait-again" && error == nullptr) return fake->event_wait(*out, 3'600'000'000'000);
  return error;
}

geomsu_error* event_span(geomsu_event* event, std::uint32_t rank, geomsu_span* out) {
  geomsu_error* error = fake->event_span(event, rank, out);
  if (bend == "repeat-room" && error == nullptr && out->repeat_room == 3) out->repeat_ends[3] = out->last;
  return error;
}

const void* extension(geomsu_instance* instance, const char* id) {
  if (bend == "extension" && std::strstr(id, "nobody") != nullptr) return &table;
  return fake->extension(instance, id);
}

}  // namespace

const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
  void* handle = dlopen(GEOMSU_FAKE_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  void* symbol = handle == nullptr ? nullptr : dlsym(handle, "geomsu_plugin_query");
  if (symbol == nullptr) return nullptr;
  geomsu_plugin_query_fn query = nullptr;
  std::memcpy(&query, &symbol, sizeof query);
#if defined(GEOMSU_SERVES_ANYBODY)
  geomsu_host known = *host;
  known.abi_major = GEOMSU_ABI_MAJOR;
  host = &known;
#endif
  fake = query(host);
  if (fake == nullptr) return nullptr;
  table = *fake;
  table.instance_create = instance_create;
  table.instance_destroy = instance_destroy;
  table.device_open = device_open;
  table.telemetry = telemetry;
  table.workload_prepare = workload_prepare;
  table.submit = submit;
  table.event_span = event_span;
  table.extension = extension;
  return &table;
}
