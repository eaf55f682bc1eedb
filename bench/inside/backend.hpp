// A plug-in inside this process, spoken to through the C ABI alone: no worker, no lines, no supervisor.
//
// Trap: what crashes in the plug-in ends this process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/clock.hpp"
#include "harness/model/device.hpp"
#include "harness/worker/plugin_client.hpp"

namespace geomsu::bench {

class Backend {
 public:
  // Loads, makes the instance and asks for its devices. Error kUnavailable with path and reason where any of it fails.
  static std::unique_ptr<Backend> load(const std::filesystem::path& path, const Params& params);

  const std::string& name() const { return name_; }            // "cpu"
  const std::string& simulated() const { return simulated_; }  // empty for a real one
  const std::vector<DeviceInfo>& devices() const { return devices_; }
  const worker::PluginClient& client() const { return *client_; }
  Clock& clock() { return *clock_; }  // the machine's, or the scripted one of a simulated plug-in

  // A submission that did not end in time: nothing of this plug-in may be touched or destroyed any more.
  bool wedged() const { return wedged_; }
  void wedge() { wedged_ = true; }

 private:
  Backend() = default;
  std::string name_, simulated_;
  std::unique_ptr<worker::PluginClient> client_;
  std::vector<DeviceInfo> devices_;
  std::unique_ptr<Clock> clock_;
  bool wedged_ = false;
};

// Every geomsu_*.so in the folder, sorted by name. Error kNoInput where the folder cannot be read or holds none.
std::vector<std::filesystem::path> plugins_in(const std::filesystem::path& folder);

// lib/geomsu/backends and bin/geomsu-worker, from where this program lies: a build tree is laid out as an installed
// one.
std::filesystem::path backend_folder();
std::filesystem::path worker_program();

// "k=v" words of a command line. Error kUsage where one has no '=' or an empty key.
Params params_from(const std::vector<std::string>& words);

}  // namespace geomsu::bench
