// The functions of libnvidia-ml.so.1 that we call, each looked up by name: a driver that lacks one leaves it empty.
#pragma once

#include <dlfcn.h>

#include "kernels/cuda/nvml_abi.hpp"

namespace geomsu::cuda::nvml {

template <typename... Args>
struct Function {
  Function(void* library, const char* its_name)
      : name(its_name),
        pointer(library == nullptr ? nullptr : reinterpret_cast<Status (*)(Args...)>(dlsym(library, its_name))) {}
  // An absent function answers as NVML does for one that the driver below lacks.
  template <typename... Given>
  Status operator()(Given... given) const {
    return pointer == nullptr ? kFunctionNotFound : pointer(given...);
  }
  const char* name;
  Status (*pointer)(Args...);
};

struct Functions {
  explicit Functions(void* its_library) : library(its_library) {}
  void* library;

  template <typename... Args>
  using Of = Function<Handle, Args...>;
  using Number = Of<unsigned*>;
  using Text = Of<char*, unsigned>;
  using Pair = Of<unsigned*, unsigned*>;
  using LinkNumber = Of<unsigned, unsigned*>;
  using Processes = Of<unsigned*, ProcessInfo*>;

  Function<> init{library, "nvmlInit_v2"}, shutdown{library, "nvmlShutdown"};
  Function<char*, unsigned> driver_version{library, "nvmlSystemGetDriverVersion"},
      nvml_version{library, "nvmlSystemGetNVMLVersion"};
  Function<unsigned, char*, unsigned> process_name{library, "nvmlSystemGetProcessName"};
  Function<const char*, Handle*> by_pci{library, "nvmlDeviceGetHandleByPciBusId_v2"},
      by_uuid{library, "nvmlDeviceGetHandleByUUID"};

  Text name{library, "nvmlDeviceGetName"}, uuid{library, "nvmlDeviceGetUUID"}, serial{library, "nvmlDeviceGetSerial"},
      part_number{library, "nvmlDeviceGetBoardPartNumber"}, vbios{library, "nvmlDeviceGetVbiosVersion"},
      inforom{library, "nvmlDeviceGetInforomImageVersion"};
  Of<> validate_inforom{library, "nvmlDeviceValidateInforom"};
  Number brand{library, "nvmlDeviceGetBrand"}, architecture{library, "nvmlDeviceGetArchitecture"},
      numa_node{library, "nvmlDeviceGetNumaNodeId"}, persistence{library, "nvmlDeviceGetPersistenceMode"},
      compute_mode{library, "nvmlDeviceGetComputeMode"};
  Of<Memory*> memory{library, "nvmlDeviceGetMemoryInfo"};

  Number pcie_generation{library, "nvmlDeviceGetCurrPcieLinkGeneration"},
      pcie_width{library, "nvmlDeviceGetCurrPcieLinkWidth"},
      pcie_max_generation{library, "nvmlDeviceGetMaxPcieLinkGeneration"},
      pcie_max_width{library, "nvmlDeviceGetMaxPcieLinkWidth"},
      pcie_gpu_generation{library, "nvmlDeviceGetGpuMaxPcieLinkGeneration"},
      pcie_replays{library, "nvmlDeviceGetPcieReplayCounter"};

  Number power{library, "nvmlDeviceGetPowerUsage"}, power_limit{library, "nvmlDeviceGetPowerManagementLimit"},
      power_default_limit{library, "nvmlDeviceGetPowerManagementDefaultLimit"},
      power_enforced_limit{library, "nvmlDeviceGetEnforcedPowerLimit"};
  Pair power_limit_range{library, "nvmlDeviceGetPowerManagementLimitConstraints"};
  Of<unsigned long long*> energy{library, "nvmlDeviceGetTotalEnergyConsumption"},
      clock_reasons{library, "nvmlDeviceGetCurrentClocksEventReasons"},
      throttle_reasons{library, "nvmlDeviceGetCurrentClocksThrottleReasons"};
  Of<int, unsigned*> temperature{library, "nvmlDeviceGetTemperature"}, clock{library, "nvmlDeviceGetClockInfo"},
      max_clock{library, "nvmlDeviceGetMaxClockInfo"}, application_clock{library, "nvmlDeviceGetApplicationsClock"},
      default_application_clock{library, "nvmlDeviceGetDefaultApplicationsClock"};
  Of<int, ViolationTime*> violation{library, "nvmlDeviceGetViolationStatus"};
  Of<int, FieldValue*> fields{library, "nvmlDeviceGetFieldValues"};

  Pair ecc_mode{library, "nvmlDeviceGetEccMode"};
  Of<int, int, unsigned long long*> ecc_errors{library, "nvmlDeviceGetTotalEccErrors"};
  Of<int, unsigned*, unsigned long long*> retired_pages{library, "nvmlDeviceGetRetiredPages"};
  Number retired_pending{library, "nvmlDeviceGetRetiredPagesPendingStatus"};
  Of<unsigned*, unsigned*, unsigned*, unsigned*> remapped_rows{library, "nvmlDeviceGetRemappedRows"};

  LinkNumber link_state{library, "nvmlDeviceGetNvLinkState"}, link_version{library, "nvmlDeviceGetNvLinkVersion"},
      link_remote_type{library, "nvmlDeviceGetNvLinkRemoteDeviceType"};
  Of<unsigned, PciInfo*> link_remote{library, "nvmlDeviceGetNvLinkRemotePciInfo_v2"};
  Of<unsigned, int, unsigned long long*> link_errors{library, "nvmlDeviceGetNvLinkErrorCounter"};
  Of<FabricInfo*> fabric{library, "nvmlDeviceGetGpuFabricInfo"};
  Of<FabricInfoV*> fabric_v{library, "nvmlDeviceGetGpuFabricInfoV"};

  Pair mig_mode{library, "nvmlDeviceGetMigMode"};
  Number mig_most{library, "nvmlDeviceGetMaxMigDeviceCount"}, gpu_instance{library, "nvmlDeviceGetGpuInstanceId"},
      compute_instance{library, "nvmlDeviceGetComputeInstanceId"};
  Of<unsigned, Handle*> mig_by_index{library, "nvmlDeviceGetMigDeviceHandleByIndex"};
  Of<DeviceAttributes*> attributes{library, "nvmlDeviceGetAttributes_v2"};

  Processes compute_processes{library, "nvmlDeviceGetComputeRunningProcesses_v3"},
      graphics_processes{library, "nvmlDeviceGetGraphicsRunningProcesses_v3"};
  Of<ProcessSample*, unsigned*, unsigned long long> process_utilization{library, "nvmlDeviceGetProcessUtilization"};
  Of<Utilization*> utilization{library, "nvmlDeviceGetUtilizationRates"};

  Function<EventSet*> events_create{library, "nvmlEventSetCreate"};
  Function<Handle, unsigned long long, EventSet> events_register{library, "nvmlDeviceRegisterEvents"};
  Function<EventSet, EventData*, unsigned> events_wait{library, "nvmlEventSetWait_v2"};
  Function<EventSet> events_free{library, "nvmlEventSetFree"};
};

}  // namespace geomsu::cuda::nvml
