#include "kernels/cuda/telemetry.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <unistd.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/health.hpp"
#include "kernels/cuda/identity.hpp"

namespace geomsu::cuda::nvml {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::array kPolicies{kPolicyPower, kPolicyThermal, kPolicySyncBoost, kPolicyBoardLimit, kPolicyReliability};

// The kernel's first process namespace has this inode (PROC_PID_INIT_INO in its include/linux/proc_ns.h).
constexpr const char* kFirstNamespace = "pid:[4026531836]";

double or_nan(std::optional<double> value) { return value.value_or(kNaN); }
std::uint64_t or_unknown(std::optional<std::uint64_t> value) { return value.value_or(GEOMSU_UNKNOWN); }

// Of several sources, those that are known; unknown where none is.
template <typename... Counts>
std::optional<std::uint64_t> sum(const Counts&... counts) {
  std::optional<std::uint64_t> total;
  const auto add = [&total](const std::optional<std::uint64_t>& count) {
    if (count) total = total.value_or(0) + *count;
  };
  (add(counts), ...);
  return total;
}

std::optional<double> as_double(std::optional<unsigned> value, double per) {
  if (!value) return std::nullopt;
  return *value / per;
}

}  // namespace

std::uint64_t throttle_bits(std::uint64_t reasons) {
  std::uint64_t bits = 0;
  if ((reasons & kReasonSwPowerCap) != 0) bits |= GEOMSU_THROTTLE_POWER;
  if ((reasons & kReasonHwSlowdown) != 0) bits |= GEOMSU_THROTTLE_HARDWARE;
  if ((reasons & kReasonSwThermal) != 0) bits |= GEOMSU_THROTTLE_THERMAL;
  if ((reasons & kReasonHwThermal) != 0) bits |= GEOMSU_THROTTLE_THERMAL | GEOMSU_THROTTLE_HARDWARE;
  if ((reasons & kReasonHwPowerBrake) != 0) bits |= GEOMSU_THROTTLE_POWER | GEOMSU_THROTTLE_HARDWARE;
  constexpr std::uint64_t kNamed = kReasonIdle | kReasonApplicationClocks | kReasonSwPowerCap | kReasonHwSlowdown |
                                   kReasonSwThermal | kReasonHwThermal | kReasonHwPowerBrake;
  if ((reasons & ~kNamed) != 0) bits |= GEOMSU_THROTTLE_OTHER;  // sync boost, display clocks, what is to come
  return bits;
}

Sampling default_sampling() {
  std::array<char, 64> name{};
  const auto length = readlink("/proc/self/ns/pid", name.data(), name.size() - 1);
  return {.sees_every_process = length > 0 && std::string(name.data()) == kFirstNamespace};
}

TelemetrySource::TelemetrySource(std::shared_ptr<const Library> library, const Place& place, const Sampling& sampling)
    : gpu_(std::move(library), place), sampling_(sampling) {
  Identity mig;
  cuda::nvml::read_mig(gpu_, mig);
  mig_ = mig.mig_enabled.value_or(false);
  if (mig.mig) memory_of_ = mig.mig->handle;
  register_events();
  geomsu_telemetry first{};
  try {
    read(first);
  } catch (...) {
    if (events_ != nullptr) gpu_.functions().events_free(events_);
    throw;
  }
  name_absent(first);
}

TelemetrySource::~TelemetrySource() {
  if (events_ != nullptr) gpu_.functions().events_free(events_);
}

// Without events XIDs are unknown; a container or MIG may forbid them.
void TelemetrySource::register_events() {
  const Functions& f = gpu_.functions();
  if (f.events_wait.pointer == nullptr || f.events_create(&events_) != kSuccess) {
    events_ = nullptr;
    return;
  }
  if (f.events_register(gpu_.handle(), kEventXid, events_) == kSuccess) return;
  f.events_free(events_);
  events_ = nullptr;
}

std::optional<unsigned> TelemetrySource::last_xid() const {
  const std::lock_guard lock(mutex_);
  return last_xid_;
}

std::string TelemetrySource::xid_words() noexcept {
  try {
    {
      const std::lock_guard lock(mutex_);
      try {
        read_events();
      } catch (const plugin::Failure&) {  // lost: what was seen before still tells
      }
    }
    const auto xid = last_xid();
    return xid ? xid_finding(*xid, gpu_.place().pci_address).words : "";
  } catch (...) {
    return "";
  }
}

void TelemetrySource::read(geomsu_telemetry& to) {
  const std::lock_guard lock(mutex_);
  gpu_.check_alive();
  const bool slow = slow_is_due();
  read_sensors(to);
  read_throttling(to);
  if (slow) {
    read_links();
    read_rows();
    foreign_load_ = foreign_load();
  }
  read_events();
  read_counters(to);
  to.memory_temperature_c = or_nan(memory_temperature_c_);
  to.foreign_load = or_nan(foreign_load_);
}

bool TelemetrySource::slow_is_due() {
  const auto now = std::chrono::steady_clock::now();
  if (slow_at_ && now - *slow_at_ < sampling_.slow_period) return false;
  slow_at_ = now;
  return true;
}

// Power is NVML's: averaged over a second from Ampere on (but for GA100), so that short blocks are judged by energy.
void TelemetrySource::read_sensors(geomsu_telemetry& to) {
  const Functions& f = gpu_.functions();
  to.power_w = or_nan(as_double(gpu_.number(f.power), 1000));
  unsigned long long millijoules = 0;
  to.energy_j = gpu_.ask(f.energy, &millijoules) ? static_cast<double>(millijoules) / 1000 : kNaN;
  to.temperature_c = or_nan(as_double(gpu_.number(f.temperature, kTemperatureGpu), 1));
  to.clock_mhz = or_nan(as_double(gpu_.number(f.clock, kClockSm), 1));
  to.memory_clock_mhz = or_nan(as_double(gpu_.number(f.clock, kClockMemory), 1));
  Memory memory{};
  const bool known = memory_of_ ? gpu_.ask_of(*memory_of_, f.memory, &memory) : gpu_.ask(f.memory, &memory);
  to.memory_used_bytes = known ? static_cast<double>(memory.used) : kNaN;
}

// An event is a beginning of throttling: the bits begin to stand, or the driver's count of throttled time grows, where
// neither was so at the reading before. The times catch what begins and ends between two readings.
void TelemetrySource::read_throttling(geomsu_telemetry& to) {
  const auto reasons = clock_reasons(gpu_);
  bool now = false, known = false, first = !throttle_events_;
  if (reasons) {
    known = true;
    to.throttle = throttle_bits(*reasons);
    now = to.throttle != 0;
  } else {
    to.throttle = GEOMSU_UNKNOWN;
  }
  for (std::size_t i = 0; i < kPolicies.size(); ++i) {
    ViolationTime time{};
    if (!gpu_.ask(gpu_.functions().violation, kPolicies[i], &time)) continue;
    known = true;
    if (violation_ns_[i] && time.violation > *violation_ns_[i]) now = true;
    violation_ns_[i] = time.violation;
  }
  if (!known) {
    to.throttle_events = or_unknown(throttle_events_);
    return;
  }
  throttle_events_ = throttle_events_.value_or(0) + (now && !throttled_ && !first ? 1 : 0);
  throttled_ = now;
  to.throttle_events = *throttle_events_;
}

void TelemetrySource::read_links() {
  const Functions& f = gpu_.functions();
  constexpr std::array kFields{kFieldReplayTotal, kFieldRecoveryTotal, kFieldCrcFlitTotal, kFieldCrcDataTotal};
  for (std::size_t kind = 0; kind < kFields.size(); ++kind) {
    std::optional<std::uint64_t> total;
    FieldValue value{};
    value.field = kFields[kind];
    value.status = kNotSupported;
    if (gpu_.ask(f.fields, 1, &value) && value.status == kSuccess && value.type == kTypeUnsignedLongLong) {
      total = value.value.ull;
    } else {
      for (unsigned link = 0; link < kMostLinks; ++link) {
        unsigned long long errors = 0;
        if (gpu_.ask(f.link_errors, link, static_cast<int>(kind), &errors)) total = total.value_or(0) + errors;
      }
    }
    if (total) link_errors_[kind] = std::max(*total, link_errors_[kind].value_or(0));
  }
}

void TelemetrySource::read_counters(geomsu_telemetry& to) {
  const Functions& f = gpu_.functions();
  FieldValue value{};
  value.field = kFieldMemoryTemperature;
  value.status = kNotSupported;
  memory_temperature_c_.reset();
  if (gpu_.ask(f.fields, 1, &value) && value.status == kSuccess) {
    if (value.type == kTypeUnsigned) memory_temperature_c_ = value.value.ui;
    if (value.type == kTypeSigned) memory_temperature_c_ = value.value.si;
  }
  unsigned long long errors = 0;
  if (gpu_.ask(f.ecc_errors, kCorrected, kAggregateEcc, &errors)) ecc_corrected_ = errors;
  if (gpu_.ask(f.ecc_errors, kUncorrected, kAggregateEcc, &errors)) ecc_uncorrected_ = errors;
  if (const auto replays = gpu_.number(f.pcie_replays)) pcie_replays_ = *replays;
  to.ecc_corrected = or_unknown(ecc_corrected_);
  to.ecc_uncorrected = or_unknown(ecc_uncorrected_);
  to.link_replays = or_unknown(sum(pcie_replays_, link_errors_[0], link_errors_[1], link_errors_[2], link_errors_[3]));
  // Rows and pages that were given up before count in the findings at the start; here only what is added.
  const auto rows = sum(retired_, remapped_);
  if (rows && !rows_at_start_) rows_at_start_ = *rows;
  if (events_ == nullptr && !rows) {
    to.fault_events = GEOMSU_UNKNOWN;
  } else {
    to.fault_events = xids_ + (rows ? *rows - std::min(*rows, *rows_at_start_) : 0);
  }
}

void TelemetrySource::read_events() {
  const Functions& f = gpu_.functions();
  // A fault that comes again and again must not hold the reading up.
  for (int i = 0; events_ != nullptr && i < 64; ++i) {
    EventData event{};
    const Status status = f.events_wait(events_, &event, 0U);
    if (status == kTimeout || !gpu_.took(status, f.events_wait.name)) break;
    if ((event.type & kEventXid) == 0) continue;
    ++xids_;
    last_xid_ = static_cast<unsigned>(event.data);
  }
}

void TelemetrySource::read_rows() {
  const auto single = retired_pages(gpu_, kRetiredSingleBit), twice = retired_pages(gpu_, kRetiredDoubleBit);
  if (single && twice) retired_ = *single + *twice;
  unsigned corrected = 0, uncorrected = 0, pending = 0, failed = 0;
  if (gpu_.ask(gpu_.functions().remapped_rows, &corrected, &uncorrected, &pending, &failed))
    remapped_ = std::uint64_t{corrected} + uncorrected;
}

// The share of the multiprocessors' time that processes other than this one took since the last look.
//  - Not known on a MIG instance (NVML counts no utilisation there), nor where this process does not see itself listed:
//    then the numbers are another namespace's, or nothing of ours is on the device yet.
//  - No other is listed: 0, but only where others could be seen at all (Sampling).
//  - Others are listed and NVML counts by process: the sum of theirs, 1 at most.
//  - Others are listed and it does not: 0 where the device is idle, else 1, since nobody can say how much is theirs,
//  and
//    a measurement that may be disturbed is not to pass for one that is not.
std::optional<double> TelemetrySource::foreign_load() {
  if (mig_) return std::nullopt;
  const auto compute = processes(gpu_, gpu_.functions().compute_processes);
  const auto graphics = processes(gpu_, gpu_.functions().graphics_processes);
  if (!compute) return std::nullopt;
  const auto own = static_cast<unsigned>(getpid());
  bool listed = false;
  std::vector<unsigned> others;
  for (const auto* list : {&compute, &graphics}) {
    if (!*list) continue;
    for (const ProcessInfo& process : **list) {
      if (process.pid == own) {
        listed = true;
      } else {
        others.push_back(process.pid);
      }
    }
  }
  if (!listed) return std::nullopt;
  if (others.empty()) return sampling_.sees_every_process ? std::optional(0.0) : std::nullopt;
  if (const auto share = foreign_share(others)) return share;
  Utilization utilization{};
  if (!gpu_.ask(gpu_.functions().utilization, &utilization)) return std::nullopt;
  return utilization.gpu == 0 ? 0.0 : 1.0;
}

std::optional<double> TelemetrySource::foreign_share(const std::vector<unsigned>& others) {
  const auto& function = gpu_.functions().process_utilization;
  unsigned room = 0;
  // Asked with no room: NVML answers how much it wants. NOT_FOUND: no process has a sample that is newer.
  Status status = function(gpu_.handle(), static_cast<ProcessSample*>(nullptr), &room, samples_until_us_);
  if (status == kNotFound) return 0.0;
  if (status != kInsufficientSize && !gpu_.took(status, function.name)) return std::nullopt;
  samples_.resize(std::max(room, 16U) * 2);
  room = static_cast<unsigned>(samples_.size());
  status = function(gpu_.handle(), samples_.data(), &room, samples_until_us_);
  if (status == kNotFound) return 0.0;
  if (!gpu_.took(status, function.name)) return std::nullopt;
  double percent = 0;
  for (unsigned i = 0; i < std::min<std::size_t>(room, samples_.size()); ++i) {
    const ProcessSample& sample = samples_[i];
    samples_until_us_ = std::max(samples_until_us_, sample.timestamp_us);
    // Entries without a timestamp are room that NVML did not fill.
    if (sample.timestamp_us != 0 && std::find(others.begin(), others.end(), sample.pid) != others.end())
      percent += sample.sm;
  }
  return std::min(percent / 100, 1.0);
}

void TelemetrySource::name_absent(const geomsu_telemetry& first) {
  const auto add = [this](bool known, const char* name) {
    if (!known) absent_ += (absent_.empty() ? "" : "; ") + std::string(name);
  };
  add(!std::isnan(first.power_w), "power");
  add(!std::isnan(first.energy_j), "energy");
  add(!std::isnan(first.temperature_c), "temperature");
  add(!std::isnan(first.memory_temperature_c), "memory temperature");
  add(!std::isnan(first.clock_mhz), "clock");
  add(!std::isnan(first.memory_clock_mhz), "memory clock");
  add(!std::isnan(first.memory_used_bytes), "memory used");
  add(!std::isnan(first.foreign_load),
      "foreign load (unknown on MIG, and until NVML lists this process among those on the device)");
  add(first.throttle != GEOMSU_UNKNOWN, "throttle reasons");
  add(std::any_of(violation_ns_.begin(), violation_ns_.end(), [](const auto& time) { return time.has_value(); }),
      "throttled time (throttling between two readings is not seen)");
  add(first.ecc_corrected != GEOMSU_UNKNOWN && first.ecc_uncorrected != GEOMSU_UNKNOWN, "ECC counters");
  add(pcie_replays_.has_value(), "PCIe replays");
  add(std::any_of(link_errors_.begin(), link_errors_.end(), [](const auto& count) { return count.has_value(); }),
      "NVLink errors");
  add(events_ != nullptr, "XIDs");
  add(retired_ || remapped_, "retired pages and remapped rows");
}

}  // namespace geomsu::cuda::nvml
