#include "kernels/cuda/instance.hpp"

#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

#include "kernels/cuda/block.hpp"
#include "kernels/cuda/check.hpp"
#include "kernels/cuda/clock_probe.hpp"
#include "kernels/cuda/emulated.hpp"
#include "kernels/cuda/libraries.hpp"
#include "kernels/cuda/telemetry.hpp"
#include "kernels/cuda/workload.hpp"
#include "kernels/shared/request.hpp"

namespace geomsu::cuda {
namespace {

using plugin::Failure;

constexpr std::uint64_t kProbe_ns = 50'000;
constexpr std::uint64_t kProbeEvery_ns = 1'000'000'000;

Settings settings_of(plugin::Params params) {
  Settings settings;
  if (auto text = plugin::take(params, "algorithm")) {
    if (*text != "heuristic" && *text != "tuned")
      throw Failure(GEOMSU_INVALID_ARGUMENT, "algorithm must be heuristic or tuned, got '" + *text +
                                                 "'; next: correct `params` of the site file");
    settings.algorithm = std::move(*text);
  }
  if (auto text = plugin::take(params, "tuned_dir")) settings.tuned_dir = std::move(*text);
  if (!params.empty()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT,
                  "the cuda backend has no setting '" + params.begin()->first +
                      "'; known are algorithm and tuned_dir; next: correct `params` of the site file");
  }
  if (settings.algorithm == "tuned" && settings.tuned_dir.empty()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT,
                  "algorithm tuned wants tuned_dir, the folder that keeps its choices: they hold for a whole lot; "
                  "next: name a folder that all nodes of the lot share, in `params` of the site file");
  }
  return settings;
}

class OpenDevice;

// A submission's device, with what is kept between its blocks.
class Prepared final : public geomsu_workload {
 public:
  Prepared(OpenDevice& device, std::unique_ptr<Workload> work) : device_(device), work_(std::move(work)) {}
  ~Prepared() override;
  void info(geomsu_workload_info& to) const override {
    to.memory_bytes = work_->memory_bytes();
    to.operand_sets = work_->operand_sets();
    to.algorithm = work_->algorithm().c_str();
    to.deterministic = work_->deterministic() ? 1 : 0;
    to.refill = work_->refill();
  }
  void reseed(std::uint64_t seed) override { work_->reseed(seed); }
  std::unique_ptr<geomsu_event> submit(std::uint64_t repeats) override {
    return std::make_unique<Block>(*work_, repeats, mean_ns_);
  }
  void read(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat, std::span<const std::uint64_t> indices,
            double* out) override {
    work_->read(tensor, repeat, indices, out);
  }
  std::vector<double> project(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat, std::uint64_t seed) override {
    return work_->project(tensor, repeat, seed);
  }
  std::uint64_t digest(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat) override;

 private:
  OpenDevice& device_;
  std::unique_ptr<Workload> work_;
  std::uint64_t mean_ns_ = 0;
};

class OpenDevice final : public geomsu_device {
 public:
  OpenDevice(const Instance& instance, const Facts& facts, const std::shared_ptr<const nvml::Library>& library)
      : instance_(instance), device_(facts), library_(library) {
    if (library->available()) start_telemetry();
    device_.call([this] { probe_ = PinnedBuffer(sizeof(ClockProbe)); });
  }
  ~OpenDevice() override {
    plugin::guard_void([this] { device_.executor().call([this] { probe_ = PinnedBuffer(); }); });
  }

  void clock_info(geomsu_clock_info& to) const override {
    to.ticks_per_second = 1'000'000'000;
    to.valid_bits = 64;
    to.domain = GEOMSU_CLOCK_DEVICE;
  }
  std::uint64_t clock() override {
    std::uint64_t ticks = 0;
    device_.call([&] { ticks = device_.clock().now(device_.stream()); });
    return ticks;
  }
  // NVML's clock is what the driver says; where it says nothing, the probe's.
  void telemetry(geomsu_telemetry& to) override {
    if (telemetry_) telemetry_->read(to);
    if (const double mhz = probed_mhz_.load(); !(to.clock_mhz == to.clock_mhz) && mhz > 0) to.clock_mhz = mhz;
  }
  std::unique_ptr<geomsu_group> group(std::vector<geomsu_device*> members, plugin::Params params,
                                      const geomsu_peers* peers) override;
  std::unique_ptr<geomsu_workload> prepare(const std::string& op, plugin::Params params);

  Device& device() { return device_; }
  // On the submission thread, outside timed blocks, once a second at most.
  void probe();

 private:
  // A GPU that NVML does not know is measured without it: the description has the finding. One that it lost is not.
  void start_telemetry() {
    try {
      telemetry_.emplace(library_, place_of(device_.facts()), nvml::default_sampling());
      device_.add_to_failures([this] { return telemetry_->xid_words(); });
    } catch (const Failure& failure) {
      if (failure.code() == GEOMSU_DEVICE_LOST) throw;
    }
  }

  const Instance& instance_;
  Device device_;
  std::shared_ptr<const nvml::Library> library_;
  std::optional<nvml::TelemetrySource> telemetry_;  // absent where NVML cannot be asked: a finding says why
  PinnedBuffer probe_;
  std::uint64_t probed_at_ns_ = 0;
  std::atomic<double> probed_mhz_ = 0;
};

class Single final : public geomsu_group {
 public:
  explicit Single(OpenDevice& device) : device_(device) {}
  std::unique_ptr<geomsu_workload> prepare(const std::string& op, plugin::Params params) override {
    return device_.prepare(op, std::move(params));
  }

 private:
  OpenDevice& device_;
};

Prepared::~Prepared() {
  plugin::guard_void([this] {
    device_.device().executor().call([this] {
      device_.device().drain();
      work_.reset();
    });
  });
}

// The last thing that is asked of a block: the clock is looked at where the device is still warm.
std::uint64_t Prepared::digest(std::uint32_t tensor, std::uint32_t, std::uint64_t repeat) {
  const std::uint64_t sum = work_->digest(tensor, repeat);
  device_.device().call([this] { device_.probe(); });
  return sum;
}

void OpenDevice::probe() {
  const std::uint64_t now = device_.clock().now(device_.stream());
  if (probed_at_ns_ != 0 && now - probed_at_ns_ < kProbeEvery_ns) return;
  auto* out = probe_.as<ClockProbe>();
  probe_clock(kProbe_ns, out, device_.stream());
  device_.wait("the clock probe");
  probed_at_ns_ = now;
  probed_mhz_.store(out->mhz());
}

std::unique_ptr<geomsu_group> OpenDevice::group(std::vector<geomsu_device*> members, plugin::Params params,
                                                const geomsu_peers* peers) {
  if (!params.empty()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT,
                  "a group of the cuda backend has no setting '" + params.begin()->first + "'");
  }
  if (members.size() != 1 || (peers != nullptr && peers->processes > 1)) {
    throw Failure(GEOMSU_UNSUPPORTED,
                  "the cuda backend has groups of one device: it offers no operation of several; next: contract "
                  "gemm, memory and transfer, a peer of transfer is named by its parameter");
  }
  return std::make_unique<Single>(*this);
}

std::unique_ptr<geomsu_workload> OpenDevice::prepare(const std::string& op, plugin::Params params) {
  static const std::vector<std::string> offered{"gemm", "memory", "transfer"};
  const plugin::Request request = plugin::request_of("cuda", offered, op, std::move(params));
  std::unique_ptr<Workload> work;
  device_.call([&] {
    const Grant grant{device_, device_.free_bytes(), request.operand_sets};
    const Settings& settings = instance_.settings();
    if (op == "gemm") work = make_gemm(request.params, settings.algorithm, settings.tuned_dir, grant);
    if (op == "memory") work = make_memory(request.params, grant);
    if (op == "transfer") work = make_transfer(request.params, grant);
    device_.scratch(work->scratch_bytes());  // now: what does not fit is refused before anything is timed
  });
  return std::make_unique<Prepared>(*this, std::move(work));
}

std::uint64_t emulated_now(geomsu_instance*) { return emulation()->now_ns(); }
void emulated_advance(geomsu_instance*, std::uint64_t ns) { emulation()->advance_ns(ns); }

constexpr geomsu_scripted_time kEmulatedTime{sizeof(geomsu_scripted_time), nullptr, emulated_now, emulated_advance};

}  // namespace

Instance::Instance(plugin::Params params) : settings_(settings_of(std::move(params))) {
  check_environment();
  check_driver();
  int devices = 0;
  check(cudaGetDeviceCount(&devices), "cudaGetDeviceCount");
  for (int ordinal = 0; ordinal < devices; ++ordinal) facts_.push_back(read_facts(ordinal));
  nvml_ = std::make_shared<const nvml::Library>();
  descriptions_.resize(facts_.size());
}

void Instance::describe(std::uint32_t index, geomsu_description& to) {
  auto& kept = descriptions_[index];
  if (!kept) {
    kept = std::make_unique<Description>(facts_[index], nvml_, loaded_libraries());
  }
  kept->put(to);
}

std::unique_ptr<geomsu_device> Instance::open(std::uint32_t index) {
  return std::make_unique<OpenDevice>(*this, facts_[index], nvml_);
}

const void* Instance::extension(const char* id) {
  if (emulation() == nullptr || std::strcmp(id, GEOMSU_EXTENSION_SCRIPTED_TIME) != 0) return nullptr;
  return &kEmulatedTime;
}

std::unique_ptr<geomsu_instance> make_instance(plugin::Params params) {
  return std::make_unique<Instance>(std::move(params));
}

}  // namespace geomsu::cuda
