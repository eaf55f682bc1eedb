// The C table as the rules of abi_rules.cpp meet it: raw calls, objects that close themselves, errors that are thrown.
// Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/abi/geomsu_plugin.h"
#include "harness/protocol/messages.hpp"

namespace geomsu::worker::abi {

// The rule is broken.
struct Broken {
  std::string expected, came;
};

geomsu_plugin_query_fn query_of(const std::filesystem::path& plugin);  // Broken where it cannot be loaded
geomsu_host host_of(std::uint32_t major, std::uint32_t minor);

// Settings as the header wants them, in memory of their own, which spoil() overwrites.
class Settings {
 public:
  explicit Settings(const Params& params);
  const geomsu_params* get() const { return &params_; }
  void spoil();

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<geomsu_param> items_;
  geomsu_params params_{};
};

template <class T>
using Handle = std::unique_ptr<T, void (*)(T*)>;

class Table {
 public:
  Table(const std::filesystem::path& plugin, Params params);

  const geomsu_plugin* operator->() const { return table_; }
  // Throws Broken with the error's words where there is one; destroys it.
  void must(std::string_view slot, geomsu_error* error) const;
  // The code of an error that must be there; checks its words, and destroys it.
  std::uint32_t code_of(std::string_view slot, geomsu_error* error, std::string_view because) const;

  Handle<geomsu_instance> instance() const;
  Handle<geomsu_device> device(geomsu_instance* instance) const;  // the first
  Handle<geomsu_group> group(geomsu_device* device) const;
  // The first small workload that it offers, seeded. Broken where it offers none.
  // spoil: what was handed in is overwritten before the workload is used.
  Handle<geomsu_workload> workload(geomsu_group* group, bool spoil = false) const;
  Handle<geomsu_event> submit(geomsu_workload* workload, std::uint64_t repeats) const;
  void run(geomsu_workload* workload, std::uint64_t repeats) const;  // submit and wait
  const Params& params() const { return params_; }

 private:
  const geomsu_plugin* table_ = nullptr;
  Params params_;
};

// What is opened for one workload; closed children first.
struct Opened {
  explicit Opened(const Table& table)
      : instance(table.instance()),
        device(table.device(instance.get())),
        group(table.group(device.get())),
        workload(table.workload(group.get())) {}
  Handle<geomsu_instance> instance;
  Handle<geomsu_device> device;
  Handle<geomsu_group> group;
  Handle<geomsu_workload> workload;
};

}  // namespace geomsu::worker::abi
