// A plug-in loaded as the worker loads it, in objects that die in the right order. For tests only: errors become
// exceptions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>

#include "harness/abi/geomsu_plugin.h"

namespace geomsu::test {

struct PluginError : std::runtime_error {
  PluginError(std::uint32_t number, const std::string& text) : std::runtime_error(text), code(number) {}
  std::uint32_t code;
};

using Settings = std::map<std::string, std::string>;

class Text {  // settings as the ABI takes them
 public:
  explicit Text(const Settings& settings) {
    for (const auto& [key, value] : settings) items_.push_back({key.c_str(), value.c_str()});
    params_ = {sizeof(params_), nullptr, items_.data(), items_.size()};
  }
  const geomsu_params* get() const { return &params_; }

 private:
  std::vector<geomsu_param> items_;
  geomsu_params params_{};
};

inline const geomsu_plugin* load(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const auto query = reinterpret_cast<geomsu_plugin_query_fn>(dlsym(library, "geomsu_plugin_query"));
  if (query == nullptr) throw std::runtime_error(path + " exports no geomsu_plugin_query");
  const geomsu_host host{sizeof(geomsu_host), nullptr, GEOMSU_ABI_MAJOR, GEOMSU_ABI_MINOR, nullptr, nullptr};
  const geomsu_plugin* table = query(&host);
  if (table == nullptr) throw std::runtime_error(path + " serves no ABI 1.0");
  return table;
}

inline void check(const geomsu_plugin* api, geomsu_error* error) {
  if (error == nullptr) return;
  const PluginError thrown(api->error_code(error), api->error_message(error));
  api->error_destroy(error);
  throw thrown;
}

// Code of the refusal, 0 where there is none.
template <typename Body>
std::uint32_t refusal(Body&& body, std::string* words = nullptr) {
  try {
    body();
  } catch (const PluginError& error) {
    if (words != nullptr) *words = error.what();
    return error.code;
  }
  return 0;
}

template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

class Event {
 public:
  Event(const geomsu_plugin* api, geomsu_event* raw) : api_(api), raw_(raw, api->event_destroy) {}
  void wait(std::uint64_t timeout_ns = UINT64_MAX) { check(api_, api_->event_wait(raw_.get(), timeout_ns)); }
  geomsu_span span(std::vector<std::uint64_t>* ends = nullptr, std::uint32_t rank = 0) {
    geomsu_span span{};
    span.struct_size = sizeof(span);
    if (ends != nullptr) {
      span.repeat_ends = ends->data();
      span.repeat_room = ends->size();
    }
    check(api_, api_->event_span(raw_.get(), rank, &span));
    return span;
  }
  geomsu_event* get() { return raw_.get(); }

 private:
  const geomsu_plugin* api_;
  Owned<geomsu_event> raw_;
};

class Work {
 public:
  Work(const geomsu_plugin* api, geomsu_workload* raw) : api_(api), raw_(raw, api->workload_release) {}
  void reseed(std::uint64_t seed) { check(api_, api_->reseed(raw_.get(), seed)); }
  Event submit(std::uint64_t repeats) {
    geomsu_event* event = nullptr;
    check(api_, api_->submit(raw_.get(), repeats, &event));
    return {api_, event};
  }
  void run(std::uint64_t repeats) { submit(repeats).wait(); }
  geomsu_workload_info info() {
    geomsu_workload_info info{};
    info.struct_size = sizeof(info);
    check(api_, api_->workload_info(raw_.get(), &info));
    return info;
  }
  std::vector<double> read(std::uint32_t tensor, std::uint64_t repeat, const std::vector<std::uint64_t>& indices,
                           std::uint32_t rank = 0) {
    std::vector<double> values(indices.size());
    check(api_, api_->read(raw_.get(), tensor, rank, repeat, indices.data(), indices.size(), values.data()));
    return values;
  }
  std::vector<double> project(std::uint64_t repeat, std::uint64_t seed, std::uint64_t room, std::uint32_t rank = 0) {
    std::vector<double> values(room);
    std::uint64_t count = 0;
    check(api_, api_->project(raw_.get(), 0, rank, repeat, seed, values.data(), room, &count));
    values.resize(count);
    return values;
  }
  std::uint64_t digest(std::uint32_t tensor, std::uint64_t repeat, std::uint32_t rank = 0) {
    std::uint64_t digest = 0;
    check(api_, api_->digest(raw_.get(), tensor, rank, repeat, &digest));
    return digest;
  }
  geomsu_workload* get() { return raw_.get(); }

 private:
  const geomsu_plugin* api_;
  Owned<geomsu_workload> raw_;
};

class Device {
 public:
  Device(const geomsu_plugin* api, geomsu_instance* instance, std::uint32_t index)
      : api_(api),
        raw_(open(api, instance, index), api->device_close),
        group_(group(api, raw_.get()), api->group_destroy) {}
  Work prepare(const std::string& op, const Settings& settings) {
    geomsu_workload* workload = nullptr;
    const Text text(settings);
    check(api_, api_->workload_prepare(group_.get(), op.c_str(), text.get(), &workload));
    return {api_, workload};
  }
  std::uint64_t clock() {
    std::uint64_t ticks = 0;
    check(api_, api_->device_clock(raw_.get(), &ticks));
    return ticks;
  }
  geomsu_telemetry telemetry() {
    geomsu_telemetry reading{};
    reading.struct_size = sizeof(reading);
    check(api_, api_->telemetry(raw_.get(), &reading));
    return reading;
  }
  geomsu_device* get() { return raw_.get(); }

 private:
  static geomsu_device* open(const geomsu_plugin* api, geomsu_instance* instance, std::uint32_t index) {
    geomsu_device* device = nullptr;
    check(api, api->device_open(instance, index, &device));
    return device;
  }
  static geomsu_group* group(const geomsu_plugin* api, geomsu_device* device) {
    geomsu_group* group = nullptr;
    check(api, api->group_create(&device, 1, nullptr, &group));
    return group;
  }
  const geomsu_plugin* api_;
  Owned<geomsu_device> raw_;
  Owned<geomsu_group> group_;
};

class Group {  // of devices that are open, in this order
 public:
  Group(const geomsu_plugin* api, const std::vector<geomsu_device*>& devices)
      : api_(api), raw_(create(api, devices), api->group_destroy) {}
  Work prepare(const std::string& op, const Settings& settings) {
    geomsu_workload* workload = nullptr;
    const Text text(settings);
    check(api_, api_->workload_prepare(raw_.get(), op.c_str(), text.get(), &workload));
    return {api_, workload};
  }

 private:
  static geomsu_group* create(const geomsu_plugin* api, const std::vector<geomsu_device*>& devices) {
    geomsu_group* group = nullptr;
    check(api, api->group_create(devices.data(), static_cast<std::uint32_t>(devices.size()), nullptr, &group));
    return group;
  }
  const geomsu_plugin* api_;
  Owned<geomsu_group> raw_;
};

class Instance {
 public:
  explicit Instance(const geomsu_plugin* api, const Settings& settings = {})
      : api_(api), raw_(create(api, settings), api->instance_destroy) {}
  std::uint32_t devices() {
    std::uint32_t count = 0;
    check(api_, api_->device_count(raw_.get(), &count));
    return count;
  }
  geomsu_description describe(std::uint32_t index) {
    geomsu_description description{};
    description.struct_size = sizeof(description);
    check(api_, api_->describe(raw_.get(), index, &description));
    return description;
  }
  Device open(std::uint32_t index = 0) { return {api_, raw_.get(), index}; }

 private:
  static geomsu_instance* create(const geomsu_plugin* api, const Settings& settings) {
    geomsu_instance* instance = nullptr;
    const Text text(settings);
    check(api, api->instance_create(text.get(), &instance));
    return instance;
  }
  const geomsu_plugin* api_;
  Owned<geomsu_instance> raw_;
};

}  // namespace geomsu::test
