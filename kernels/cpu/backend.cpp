#include "kernels/cpu/backend.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/memory.hpp"
#include "kernels/cpu/transfer.hpp"
#include "kernels/ops/transfer.hpp"
#include "kernels/shared/request.hpp"

namespace geomsu::cpu {
namespace {

using plugin::Failure;

constexpr std::uint64_t kMostShared = 64;  // devices of one machine that may share its cores

// Devices that share cores are for trying a group on a machine that is too small for it; they measure nothing.
bool wants_shared_cores(plugin::Params& params, bool split) {
  const auto text = plugin::take(params, "shared_cores");
  if (text && *text != "yes" && *text != "no")
    throw Failure(GEOMSU_INVALID_ARGUMENT, "shared_cores must be yes or no, got '" + *text + "'");
  if (!text || *text == "no") return false;
  if (!split) throw Failure(GEOMSU_INVALID_ARGUMENT, "shared_cores wants devices to say how many there are");
  return true;
}

// One core each, the next device's being the next core, round and round.
std::vector<CoreSet> one_core_each(std::uint64_t devices) {
  if (devices == 0 || devices > kMostShared) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "devices=" + std::to_string(devices) + " with shared_cores: from 1 to " +
                                               std::to_string(kMostShared));
  }
  std::vector<CoreSet> cores;
  for (const auto& node : discover(std::nullopt)) {
    for (const int core : node.cores) cores.push_back({{core}, node.memory_bytes, node.nodes});
  }
  std::vector<CoreSet> sets;
  for (std::uint64_t i = 0; i < devices; ++i) sets.push_back(cores[i % cores.size()]);
  return sets;
}

// The submission thread runs on the cores of the devices that are open.
void follow_open_devices(const Instance& instance) {
  std::vector<int> cores = instance.open_devices.empty() ? instance.affinity_before : std::vector<int>{};
  for (const OpenDevice* device : instance.open_devices)
    cores.insert(cores.end(), device->cores.cores.begin(), device->cores.cores.end());
  pin(cores);
}

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

Instance::Instance(plugin::Params params) {
  openblas = plugin::take(params, "openblas");
  onednn = plugin::take(params, "onednn");
  std::optional<std::uint64_t> devices;
  if (const auto text = plugin::take(params, "devices")) {
    devices = ops::parse_count(*text);
    if (!devices) throw Failure(GEOMSU_INVALID_ARGUMENT, "devices must be a count, got '" + *text + "'");
  }
  shared_cores = wants_shared_cores(params, devices.has_value());
  if (!params.empty()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "the cpu backend has no setting '" + params.begin()->first +
                                               "'; known are devices, onednn, openblas and shared_cores");
  }
  split = devices.has_value();
  sets = shared_cores ? one_core_each(*devices) : discover(devices);
  descriptions_.resize(sets.size());
}

void Instance::describe(std::uint32_t index, geomsu_description& to) {
  auto& kept = descriptions_[index];
  if (!kept) {
    kept = std::make_unique<Description>(cpu::describe(sets[index], index, sets.size(), split));
    if (shared_cores) kept->partition += ", cores shared with others of them";
  }
  to.name = kept->name.c_str();
  to.vendor = text_or_null(kept->vendor);
  to.uuid = kept->uuid.c_str();
  to.serial = kept->serial.c_str();
  to.driver = kept->driver.c_str();
  to.firmware = kept->firmware ? kept->firmware->c_str() : nullptr;
  to.partition = text_or_null(kept->partition);
  if (kept->memory_bytes != 0) to.memory_bytes = kept->memory_bytes;
  to.attributes = kept->pointers.data();
  to.attribute_count = kept->pointers.size();
}

std::unique_ptr<geomsu_device> Instance::open(std::uint32_t index) {
  return std::make_unique<OpenDevice>(*this, index);
}

std::unique_ptr<geomsu_instance> make_instance(plugin::Params params) {
  return std::make_unique<Instance>(std::move(params));
}

OpenDevice::OpenDevice(Instance& owner, std::uint32_t index)
    : instance(owner), cores(owner.sets.at(index)), telemetry_("", cores.cores) {
  for (const OpenDevice* other : instance.open_devices) {
    if (&other->cores == &cores)
      throw Failure(GEOMSU_INVALID_ARGUMENT, "device " + std::to_string(index) + " is open already");
  }
  if (instance.open_devices.empty()) instance.affinity_before = allowed_cores();
  instance.open_devices.push_back(this);
  try {
    follow_open_devices(instance);
  } catch (...) {
    instance.open_devices.pop_back();
    throw;
  }
}

OpenDevice::~OpenDevice() {
  executor.reset();
  std::erase(instance.open_devices, this);
  plugin::guard_void([this] { follow_open_devices(instance); });
}

void OpenDevice::telemetry(geomsu_telemetry& to) {
  const auto reading = telemetry_.read();
  to.power_w = reading.power_w.value_or(to.power_w);
  to.energy_j = reading.energy_j.value_or(to.energy_j);
  to.temperature_c = reading.temperature_c.value_or(to.temperature_c);
  to.clock_mhz = reading.clock_mhz.value_or(to.clock_mhz);
  to.memory_used_bytes = reading.memory_used_bytes.value_or(to.memory_used_bytes);
  to.foreign_load = reading.foreign_load.value_or(to.foreign_load);
  to.throttle = reading.throttle.value_or(to.throttle);
  to.throttle_events = reading.throttle_events.value_or(to.throttle_events);
  to.ecc_corrected = reading.ecc_corrected.value_or(to.ecc_corrected);
  to.ecc_uncorrected = reading.ecc_uncorrected.value_or(to.ecc_uncorrected);
}

std::unique_ptr<geomsu_group> OpenDevice::group(std::vector<geomsu_device*> members, plugin::Params params,
                                                const geomsu_peers* peers) {
  if (!params.empty()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "a group of the cpu backend has no setting '" + params.begin()->first + "'");
  }
  if (peers != nullptr && peers->processes > 1) {
    throw Failure(GEOMSU_UNSUPPORTED,
                  "a group of the cpu backend is of devices of one process; next: one worker for all of them");
  }
  std::vector<OpenDevice*> devices;
  for (geomsu_device* member : members) devices.push_back(static_cast<OpenDevice*>(member));
  return std::make_unique<Group>(std::move(devices));
}

Group::Group(std::vector<OpenDevice*> members) : devices(std::move(members)) {
  if (devices.size() == 1) return;
  std::vector<std::vector<int>> cores;
  for (const OpenDevice* device : devices) {
    if (&device->instance != &devices[0]->instance)
      throw Failure(GEOMSU_INVALID_ARGUMENT, "a group's devices must be of one instance");
    if (std::count(devices.begin(), devices.end(), device) != 1)
      throw Failure(GEOMSU_INVALID_ARGUMENT, "a device is in the group twice");
    cores.push_back(device->cores.cores);
  }
  crew = std::make_unique<Crew>(std::move(cores));
}

namespace {

// A submission to one device. The executor works on this object until it is done.
class SingleEvent final : public geomsu_event, public Job {
 public:
  SingleEvent(Workload& owner, std::uint64_t repeats) : work_(owner), count_(repeats) {
    span_.ends.resize(std::min(repeats, kKeptEnds));
    first_ = work_.book(repeats);  // last: what was not submitted must not be counted
  }
  ~SingleEvent() override {
    plugin::guard_void([this] { wait(UINT64_MAX); });
  }
  bool wait(std::uint64_t timeout_ns) override { return work_.executor().wait(*this, timeout_ns); }
  const Span& span(std::uint32_t) const override { return span_; }

 protected:
  void do_run() override { work_.run(first_, count_, span_); }

 private:
  Workload& work_;
  std::uint64_t first_ = 0, count_;
  Span span_;
};

class Single final : public geomsu_workload {
 public:
  explicit Single(std::unique_ptr<Workload> work) : work_(std::move(work)) {}
  void info(geomsu_workload_info& to) const override {
    to.memory_bytes = work_->memory_bytes();
    to.operand_sets = work_->operand_sets();
    to.algorithm = work_->algorithm().c_str();
    to.refill = work_->refill();
  }
  void reseed(std::uint64_t seed) override { work_->reseed(seed); }
  std::unique_ptr<geomsu_event> submit(std::uint64_t repeats) override {
    auto event = std::make_unique<SingleEvent>(*work_, repeats);
    work_->executor().post(*event);
    return event;
  }
  void read(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat, std::span<const std::uint64_t> indices,
            double* out) override {
    work_->read(tensor, repeat, indices, out);
  }
  std::vector<double> project(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat, std::uint64_t seed) override {
    return work_->project(tensor, repeat, seed);
  }
  std::uint64_t digest(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat) override {
    return work_->digest(tensor, repeat);
  }

 private:
  std::unique_ptr<Workload> work_;
};

class GroupEvent final : public geomsu_event {
 public:
  GroupEvent(Collective& owner, std::uint64_t repeats) : work_(owner), run_(owner, repeats) {
    ranks = owner.ranks();
    work_.post(run_);
  }
  ~GroupEvent() override {
    plugin::guard_void([this] { wait(UINT64_MAX); });
  }
  bool wait(std::uint64_t timeout_ns) override { return work_.wait(run_, timeout_ns); }
  const Span& span(std::uint32_t rank) const override { return run_.span(rank); }

 private:
  Collective& work_;
  Collective::Run run_;
};

class Grouped final : public geomsu_workload {
 public:
  Grouped(const ops::CollectiveShape& shape, Crew& crew, const Collective::Grant& grant) : work_(shape, crew, grant) {
    ranks = work_.ranks();
  }
  void info(geomsu_workload_info& to) const override {
    to.memory_bytes = work_.memory_bytes();
    to.operand_sets = work_.operand_sets();
    to.algorithm = work_.algorithm().c_str();
    to.refill = GEOMSU_REFILL_BLOCK;
  }
  void reseed(std::uint64_t seed) override { work_.reseed(seed); }
  std::unique_ptr<geomsu_event> submit(std::uint64_t repeats) override {
    return std::make_unique<GroupEvent>(work_, repeats);
  }
  void read(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat, std::span<const std::uint64_t> indices,
            double* out) override {
    work_.read(tensor, rank, repeat, indices, out);
  }
  std::vector<double> project(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                              std::uint64_t seed) override {
    return {work_.project(tensor, rank, repeat, seed)};
  }
  std::uint64_t digest(std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat) override {
    return work_.digest(tensor, rank, repeat);
  }

 private:
  Collective work_;
};

std::unique_ptr<geomsu_workload> prepare_collective(Group& group, const plugin::Request& request) {
  const auto shape = ops::collective_shape(request.params);
  const std::uint64_t memory = available_memory() / group.devices[0]->instance.sets.size() * group.devices.size();
  return std::make_unique<Grouped>(shape, *group.crew,
                                   Collective::Grant{memory, request.operand_sets, ops::best_isa()});
}

// OpenBLAS keeps its buffers and OpenMP its pool for one submitting thread a process.
void refuse_company(const Group& group, const std::string& op) {
  const std::string why = "OpenBLAS and OpenMP serve one submitting thread a process";
  if (group.crew) {
    throw Failure(GEOMSU_UNSUPPORTED, op + " runs on a group of one device, this one has " +
                                          std::to_string(group.devices.size()) + ": " + why);
  }
  if (const std::size_t open = group.devices[0]->instance.open_devices.size(); open > 1) {
    throw Failure(GEOMSU_UNSUPPORTED, op + " runs where one device is open, here are " + std::to_string(open) + ": " +
                                          why + "; next: one worker a device, or close the others first");
  }
}

}  // namespace

std::unique_ptr<geomsu_workload> Group::prepare(const std::string& op, plugin::Params params) {
  if (op == "collective" && !crew) {
    throw Failure(GEOMSU_UNSUPPORTED,
                  "collective wants a group of several devices, and this one has one; next: the site's setting "
                  "devices splits the cores of this machine");
  }
  static const std::vector<std::string> offered{"gemm", "memory", "transfer", "collective"};
  const plugin::Request request = plugin::request_of("cpu", offered, op, std::move(params));
  if (op == "collective") return prepare_collective(*this, request);
  refuse_company(*this, op);
  OpenDevice& device = *devices[0];
  const ops::Params& complete = request.params;
  if (op == "gemm") {
    std::ifstream file("/proc/cpuinfo");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const std::string refusal = gemm_refusal(complete, parse_cpuinfo(text).flags);
    if (!refusal.empty()) throw Failure(GEOMSU_UNSUPPORTED, refusal);
  }
  const CoreSet* far = nullptr;
  if (op == "transfer") {
    const auto shape = ops::transfer_shape(complete);
    const auto& sets = device.instance.sets;
    if (shape.peer && *shape.peer < sets.size()) far = &sets[*shape.peer];
    const std::string refusal = transfer_refusal(shape, device.cores, far);
    if (!refusal.empty()) throw Failure(GEOMSU_UNSUPPORTED, "transfer: " + refusal);
  }
  if (!device.executor) device.executor = std::make_unique<Executor>(device.cores.cores);
  // Devices that share the machine share its memory.
  const Grant grant{*device.executor, available_memory() / device.instance.sets.size(), request.operand_sets};
  if (op == "memory") return std::make_unique<Single>(make_memory(complete, grant));
  if (op == "transfer") {
    return std::make_unique<Single>(
        make_transfer(ops::transfer_shape(complete), grant, device.cores.nodes.front(), far->nodes.front()));
  }
  device.libraries.openblas_path = device.instance.openblas;
  device.libraries.onednn_path = device.instance.onednn;
  return std::make_unique<Single>(make_gemm(complete, grant, device.libraries));
}

}  // namespace geomsu::cpu
