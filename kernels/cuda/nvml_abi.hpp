// NVML's C interface as far as we call it. The toolkit may come without nvml.h, and a header newer than the driver
// would promise what is not there, so the prototypes are ours: from NVIDIA's public NVML API reference
// (docs.nvidia.com/deploy/nvml-api, R550 and R580), names and layouts as that nvml.h redirects to them (`_v2`, `_v3`).
// Sizes are asserted here: a layout that is wrong by one field overwrites memory without a word.
#pragma once

#include <cstddef>
#include <cstdint>

namespace geomsu::cuda::nvml {

using Handle = struct nvmlDevice_st*;
using EventSet = struct nvmlEventSet_st*;
using Status = int;  // nvmlReturn_t

inline constexpr Status kSuccess = 0, kUninitialized = 1, kInvalidArgument = 2, kNotSupported = 3, kNoPermission = 4,
                        kNotFound = 6, kInsufficientSize = 7, kInsufficientPower = 8, kDriverNotLoaded = 9,
                        kTimeout = 10, kIrqIssue = 11, kLibraryNotFound = 12, kFunctionNotFound = 13,
                        kCorruptedInforom = 14, kGpuIsLost = 15, kResetRequired = 16, kOperatingSystem = 17,
                        kVersionMismatch = 18, kInUse = 19, kMemory = 20, kNoData = 21, kInsufficientResources = 23,
                        kArgumentVersionMismatch = 25, kDeprecated = 26, kNotReady = 27, kGpuNotFound = 28,
                        kUnknown = 999;

// nvmlClockType_t; nvmlClockId_t; nvmlTemperatureSensors_t; nvmlMemoryErrorType_t; nvmlEccCounterType_t.
inline constexpr int kClockGraphics = 0, kClockSm = 1, kClockMemory = 2;
inline constexpr int kTemperatureGpu = 0;
inline constexpr int kCorrected = 0, kUncorrected = 1;
inline constexpr int kVolatileEcc = 0, kAggregateEcc = 1;
// nvmlComputeMode_t
inline constexpr int kComputeDefault = 0, kComputeProhibited = 2, kComputeExclusive = 3;
// nvmlPageRetirementCause_t
inline constexpr int kRetiredSingleBit = 0, kRetiredDoubleBit = 1;
// nvmlPerfPolicyType_t. 4 (low utilisation) is no limit on anybody.
inline constexpr int kPolicyPower = 0, kPolicyThermal = 1, kPolicySyncBoost = 2, kPolicyBoardLimit = 3,
                     kPolicyReliability = 5;
// nvmlNvLinkErrorCounter_t
inline constexpr int kLinkReplay = 0, kLinkRecovery = 1, kLinkCrcFlit = 2, kLinkCrcData = 3;
// nvmlIntNvLinkDeviceType_t
inline constexpr unsigned kRemoteGpu = 0, kRemoteNpu = 1, kRemoteSwitch = 2;
inline constexpr unsigned kMostLinks = 18;  // NVML_NVLINK_MAX_LINKS
inline constexpr unsigned kNoInstance = 0xFFFFFFFF;

// nvmlClocksEventReasons (named ThrottleReasons up to R535)
inline constexpr std::uint64_t kReasonIdle = 0x1, kReasonApplicationClocks = 0x2, kReasonSwPowerCap = 0x4,
                               kReasonHwSlowdown = 0x8, kReasonSyncBoost = 0x10, kReasonSwThermal = 0x20,
                               kReasonHwThermal = 0x40, kReasonHwPowerBrake = 0x80, kReasonDisplayClock = 0x100;

inline constexpr std::uint64_t kEventXid = 0x8;

// NVML_FI_DEV_*; totals are over all links.
inline constexpr unsigned kFieldCrcFlitTotal = 38, kFieldCrcDataTotal = 45, kFieldReplayTotal = 52,
                          kFieldRecoveryTotal = 59, kFieldMemoryTemperature = 82, kFieldLinkCommonMbps = 90,
                          kFieldLinkCount = 91, kFieldLinkMbps = 164;

struct PciInfo {  // nvmlPciInfo_t, _v3
  char bus_id_legacy[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};
static_assert(sizeof(PciInfo) == 68);

struct Memory {  // nvmlMemory_t; `used` holds what the driver keeps for itself too
  unsigned long long total, free, used;
};
static_assert(sizeof(Memory) == 24);

struct Utilization {  // percent
  unsigned gpu, memory;
};

struct ProcessInfo {  // nvmlProcessInfo_t of the _v2 and _v3 functions
  unsigned pid;
  unsigned long long memory;  // all ones where it is not available
  unsigned gpu_instance, compute_instance;
};
static_assert(sizeof(ProcessInfo) == 24 && offsetof(ProcessInfo, memory) == 8);

struct ProcessSample {  // nvmlProcessUtilizationSample_t; percent
  unsigned pid;
  unsigned long long timestamp_us;
  unsigned sm, memory, encoder, decoder;
};
static_assert(sizeof(ProcessSample) == 32 && offsetof(ProcessSample, sm) == 16);

struct ViolationTime {  // reference: microseconds; violation: nanoseconds
  unsigned long long reference, violation;
};

union Value {
  double d;
  unsigned ui;
  unsigned long ul;
  unsigned long long ull;
  long long sll;
  int si;
  unsigned short us;
};
// nvmlValueType_t
inline constexpr int kTypeDouble = 0, kTypeUnsigned = 1, kTypeUnsignedLong = 2, kTypeUnsignedLongLong = 3,
                     kTypeSignedLongLong = 4, kTypeSigned = 5, kTypeUnsignedShort = 6;

struct FieldValue {
  unsigned field, scope;
  long long timestamp, latency_us;
  int type;
  Status status;  // `value` is undefined unless this is kSuccess
  Value value;
};
static_assert(sizeof(FieldValue) == 40 && offsetof(FieldValue, type) == 24 && offsetof(FieldValue, value) == 32);

struct EventData {  // nvmlEventData_t of nvmlEventSetWait_v2
  Handle device;
  unsigned long long type, data;
  unsigned gpu_instance, compute_instance;
};
static_assert(sizeof(EventData) == 32);

struct DeviceAttributes {  // nvmlDeviceAttributes_t, _v2
  unsigned multiprocessors, copy_engines, decoders, encoders, jpegs, ofas, gpu_slices, compute_slices;
  unsigned long long memory_mib;
};
static_assert(sizeof(DeviceAttributes) == 40);

// nvmlGpuFabricState_t
inline constexpr unsigned kFabricNotSupported = 0, kFabricNotStarted = 1, kFabricInProgress = 2, kFabricCompleted = 3;

struct FabricInfo {  // nvmlGpuFabricInfo_t
  unsigned char cluster[16];
  Status status;
  unsigned clique;
  unsigned char state;
};
static_assert(sizeof(FabricInfo) == 28);

struct FabricInfoV {  // nvmlGpuFabricInfo_v2_t
  unsigned version;
  unsigned char cluster[16];
  Status status;
  unsigned clique;
  unsigned char state;
  unsigned health;  // two bits a condition: 0 not supported, 1 true, 2 false
};
static_assert(sizeof(FabricInfoV) == 36);
inline constexpr unsigned kFabricInfoVersion2 = static_cast<unsigned>(sizeof(FabricInfoV)) | 2U << 24U;
inline constexpr unsigned kHealthDegradedBandwidth = 0, kHealthRouteRecovery = 2, kHealthRouteUnhealthy = 4,
                          kHealthAccessTimeout = 6;  // shifts

}  // namespace geomsu::cuda::nvml
