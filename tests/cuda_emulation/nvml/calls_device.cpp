// Numbers of a GPU: link to the host, power, clocks, memory, errors, events.
#include <algorithm>

#include "tests/cuda_emulation/nvml/answer.hpp"

using namespace geomsu::emulation::nvml;  // NOLINT(google-build-using-namespace): a source of C functions
using namespace geomsu::cuda::nvml;       // NOLINT(google-build-using-namespace)

namespace {

// The key of a clock's domain; nullptr for one that the emulation does not know.
const char* by_domain(int domain, const char* sm, const char* memory) {
  if (domain == kClockGraphics || domain == kClockSm) return sm;
  return domain == kClockMemory ? memory : nullptr;
}

const char* policy_key(int policy) {
  switch (policy) {
    case kPolicyPower:
      return "violation_power_ns";
    case kPolicyThermal:
      return "violation_thermal_ns";
    case kPolicySyncBoost:
      return "violation_sync_boost_ns";
    case kPolicyBoardLimit:
      return "violation_board_limit_ns";
    case kPolicyReliability:
      return "violation_reliability_ns";
    default:
      return nullptr;
  }
}

const char* field_key(unsigned field, int* type) {
  *type = kTypeUnsignedLongLong;
  switch (field) {
    case kFieldReplayTotal:
      return "nvlink_replays";
    case kFieldRecoveryTotal:
      return "nvlink_recoveries";
    case kFieldCrcFlitTotal:
      return "nvlink_crc_flit";
    case kFieldCrcDataTotal:
      return "nvlink_crc_data";
    default:
      *type = kTypeUnsigned;
  }
  switch (field) {
    case kFieldMemoryTemperature:
      return "memory_temperature_c";
    case kFieldLinkCommonMbps:
    case kFieldLinkMbps:
      return "nvlink_mbps";
    case kFieldLinkCount:
      return "nvlinks";
    default:
      return nullptr;
  }
}

template <typename T>
Status keyed(const char* function, Handle handle, const char* key, T* out) {
  return key == nullptr ? kInvalidArgument : number(function, handle, key, out);
}

}  // namespace

extern "C" {

Status nvmlDeviceGetBrand(Handle h, unsigned* out) { return number(__func__, h, "brand", out); }
Status nvmlDeviceGetArchitecture(Handle h, unsigned* out) { return number(__func__, h, "architecture", out); }
Status nvmlDeviceGetNumaNodeId(Handle h, unsigned* out) { return number(__func__, h, "numa_node", out); }
Status nvmlDeviceGetPersistenceMode(Handle h, unsigned* out) { return number(__func__, h, "persistence", out); }
Status nvmlDeviceGetComputeMode(Handle h, unsigned* out) {
  return answer(__func__, h, [&](Machine&, Target& t) -> Status {
    if (out == nullptr) return kInvalidArgument;
    *out = static_cast<unsigned>(t.node->compute_mode);
    return kSuccess;
  });
}

Status nvmlDeviceGetCurrPcieLinkGeneration(Handle h, unsigned* out) {
  return number(__func__, h, "pcie_generation", out);
}
Status nvmlDeviceGetMaxPcieLinkGeneration(Handle h, unsigned* out) {
  return number(__func__, h, "pcie_max_generation", out);
}
Status nvmlDeviceGetGpuMaxPcieLinkGeneration(Handle h, unsigned* out) {
  return number(__func__, h, "pcie_gpu_generation", out);
}
Status nvmlDeviceGetCurrPcieLinkWidth(Handle h, unsigned* out) { return number(__func__, h, "pcie_width", out); }
Status nvmlDeviceGetMaxPcieLinkWidth(Handle h, unsigned* out) { return number(__func__, h, "pcie_max_width", out); }
Status nvmlDeviceGetPcieReplayCounter(Handle h, unsigned* out) { return number(__func__, h, "pcie_replays", out); }

Status nvmlDeviceGetPowerUsage(Handle h, unsigned* out) { return number(__func__, h, "power_mw", out); }
Status nvmlDeviceGetPowerManagementLimit(Handle h, unsigned* out) { return number(__func__, h, "power_limit_mw", out); }
Status nvmlDeviceGetPowerManagementDefaultLimit(Handle h, unsigned* out) {
  return number(__func__, h, "power_default_limit_mw", out);
}
Status nvmlDeviceGetEnforcedPowerLimit(Handle h, unsigned* out) {
  return number(__func__, h, "power_enforced_limit_mw", out);
}
Status nvmlDeviceGetPowerManagementLimitConstraints(Handle h, unsigned* least, unsigned* most) {
  return answer(__func__, h, [&](Machine& m, Target& t) {
    return numbers(m, t, {{"power_min_limit_mw", least}, {"power_max_limit_mw", most}});
  });
}
Status nvmlDeviceGetTotalEnergyConsumption(Handle h, unsigned long long* out) {
  return number(__func__, h, "energy_mj", out);
}
Status nvmlDeviceGetCurrentClocksEventReasons(Handle h, unsigned long long* out) {
  return number(__func__, h, "clock_reasons", out);
}
Status nvmlDeviceGetCurrentClocksThrottleReasons(Handle h, unsigned long long* out) {
  return number(__func__, h, "clock_reasons", out);
}
Status nvmlDeviceGetTemperature(Handle h, int sensor, unsigned* out) {
  return keyed(__func__, h, sensor == kTemperatureGpu ? "temperature_c" : nullptr, out);
}
Status nvmlDeviceGetClockInfo(Handle h, int domain, unsigned* out) {
  return keyed(__func__, h, by_domain(domain, "sm_clock_mhz", "memory_clock_mhz"), out);
}
Status nvmlDeviceGetMaxClockInfo(Handle h, int domain, unsigned* out) {
  return keyed(__func__, h, by_domain(domain, "max_sm_clock_mhz", "max_memory_clock_mhz"), out);
}
Status nvmlDeviceGetApplicationsClock(Handle h, int domain, unsigned* out) {
  return keyed(__func__, h, by_domain(domain, "application_sm_mhz", "application_memory_mhz"), out);
}
Status nvmlDeviceGetDefaultApplicationsClock(Handle h, int domain, unsigned* out) {
  return keyed(__func__, h, by_domain(domain, "default_application_sm_mhz", "default_application_memory_mhz"), out);
}
Status nvmlDeviceGetViolationStatus(Handle h, int policy, ViolationTime* out) {
  if (out == nullptr) return kInvalidArgument;
  unsigned long long time = 0;
  const Status status = keyed(__func__, h, policy_key(policy), &time);
  if (status == kSuccess) *out = {.reference = 0, .violation = time};
  return status;
}

// Each field answers for itself; the call fails only as a whole.
Status nvmlDeviceGetFieldValues(Handle h, int count, FieldValue* out) {
  return answer(__func__, h, [&](Machine& m, Target& t) -> Status {
    if (out == nullptr || count < 1) return kInvalidArgument;
    for (int i = 0; i < count; ++i) {
      FieldValue& field = out[i];
      const char* key = field_key(field.field, &field.type);
      double value = 0;
      field.status = key == nullptr || t.mig != nullptr ? kNotSupported : m.number(t, key, &value);
      if (field.status != kSuccess) continue;
      if (field.type == kTypeUnsigned) {
        field.value.ui = static_cast<unsigned>(value);
      } else {
        field.value.ull = static_cast<unsigned long long>(value);
      }
    }
    return kSuccess;
  });
}

Status nvmlDeviceGetMemoryInfo(Handle h, Memory* out) {
  return answer(__func__, h, [&](Machine& m, Target& t) -> Status {
    if (out == nullptr) return kInvalidArgument;
    double used = 0, total = static_cast<double>(t.node->memory_bytes);
    if (t.mig != nullptr) {
      total = t.mig->memory_bytes;
      used = t.mig->memory_used;
    } else if (m.number(t, "memory_used", &used) != kSuccess) {
      used = static_cast<double>(t.node->memory_bytes - t.node->free_bytes);
    }
    *out = {.total = static_cast<unsigned long long>(total),
            .free = static_cast<unsigned long long>(total - used),
            .used = static_cast<unsigned long long>(used)};
    return kSuccess;
  });
}
Status nvmlDeviceGetUtilizationRates(Handle h, Utilization* out) {
  if (out == nullptr) return kInvalidArgument;
  unsigned gpu = 0;
  const Status status = number(__func__, h, "utilization", &gpu);
  if (status == kSuccess) *out = {.gpu = gpu, .memory = 0};
  return status;
}

Status nvmlDeviceGetEccMode(Handle h, unsigned* current, unsigned* pending) {
  return answer(__func__, h, [&](Machine& m, Target& t) {
    return numbers(m, t, {{"ecc_mode", current}, {"ecc_pending", pending}});
  });
}
Status nvmlDeviceGetTotalEccErrors(Handle h, int kind, int counter, unsigned long long* out) {
  if (kind != kCorrected && kind != kUncorrected) return kInvalidArgument;
  return keyed(__func__, h,
               counter != kAggregateEcc ? nullptr
               : kind == kCorrected     ? "ecc_corrected"
                                        : "ecc_uncorrected",
               out);
}
// Addresses of pages are made up; how many there are is what counts.
Status nvmlDeviceGetRetiredPages(Handle h, int cause, unsigned* count, unsigned long long* out) {
  if (count == nullptr || (cause != kRetiredSingleBit && cause != kRetiredDoubleBit)) return kInvalidArgument;
  unsigned found = 0;
  const Status status =
      number(__func__, h, cause == kRetiredSingleBit ? "retired_single_bit" : "retired_double_bit", &found);
  if (status != kSuccess) return status;
  const unsigned room = *count;
  *count = found;
  if (found > room) return kInsufficientSize;
  for (unsigned i = 0; out != nullptr && i < found; ++i) out[i] = 0x10000ULL * (i + 1);
  return kSuccess;
}
Status nvmlDeviceGetRetiredPagesPendingStatus(Handle h, unsigned* out) {
  return number(__func__, h, "retired_pending", out);
}
Status nvmlDeviceGetRemappedRows(Handle h, unsigned* corrected, unsigned* uncorrected, unsigned* pending,
                                 unsigned* failed) {
  return answer(__func__, h, [&](Machine& m, Target& t) {
    return numbers(m, t,
                   {{"remapped_corrected", corrected},
                    {"remapped_uncorrected", uncorrected},
                    {"remap_pending", pending},
                    {"remap_failed", failed}});
  });
}

Status nvmlEventSetCreate(EventSet* out) {
  return answer(__func__, [&](Machine& m) -> Status {
    if (out == nullptr) return kInvalidArgument;
    m.event_sets.push_back(std::make_unique<Machine::Events>());
    *out = reinterpret_cast<EventSet>(m.event_sets.back().get());
    return kSuccess;
  });
}

Status nvmlDeviceRegisterEvents(Handle h, unsigned long long types, EventSet set) {
  return answer(__func__, h, [&](Machine& m, Target& t) -> Status {
    if (!t.facts->events_known || t.mig != nullptr || (types & ~kEventXid) != 0) return kNotSupported;
    for (const auto& events : m.event_sets) {
      if (reinterpret_cast<EventSet>(events.get()) != set) continue;
      events->ordinal = t.ordinal;
      return kSuccess;
    }
    return kInvalidArgument;
  });
}

// Never waits: what is not there yet is a timeout.
Status nvmlEventSetWait_v2(EventSet set, EventData* out, unsigned) {
  return answer(__func__, [&](Machine& m) -> Status {
    for (const auto& events : m.event_sets) {
      if (reinterpret_cast<EventSet>(events.get()) != set) continue;
      if (out == nullptr || !events->ordinal) return kInvalidArgument;
      ++events->waits;
      const auto& xids = m.facts().devices[*events->ordinal].xids;
      if (events->given == xids.size() || !xids[events->given].moment.has_come(events->waits, m.now_s()))
        return kTimeout;
      *out = {m.handle_of(*events->ordinal), kEventXid, xids[events->given].xid, kNoInstance, kNoInstance};
      ++events->given;
      return kSuccess;
    }
    return kInvalidArgument;
  });
}

Status nvmlEventSetFree(EventSet set) {
  return answer(__func__, [&](Machine& m) -> Status {
    const auto gone = std::remove_if(m.event_sets.begin(), m.event_sets.end(), [set](const auto& events) {
      return reinterpret_cast<EventSet>(events.get()) == set;
    });
    if (gone == m.event_sets.end()) return kInvalidArgument;
    m.event_sets.erase(gone, m.event_sets.end());
    return kSuccess;
  });
}

const char* nvmlErrorString(Status status) {
  switch (status) {
    case kSuccess:
      return "The operation was successful";
    case kDriverNotLoaded:
      return "Driver Not Loaded";
    case kNotSupported:
      return "Not Supported";
    case kGpuIsLost:
      return "GPU is lost";
    case kVersionMismatch:
      return "Driver/library version mismatch";
    default:
      return "Unknown Error";
  }
}

}  // extern "C"
