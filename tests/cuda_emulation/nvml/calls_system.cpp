// Start and end, handles, names, processes.
#include <array>

#include <unistd.h>

#include "tests/cuda_emulation/nvml/answer.hpp"

namespace geomsu::emulation::nvml {
namespace {

using namespace cuda::nvml;  // NOLINT(google-build-using-namespace): a source of C functions

std::string own_name() {
  std::array<char, 256> path{};
  const auto length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return length > 0 ? std::string(path.data()) : "unknown";
}

unsigned pid_of(const ProcessFacts& process) {
  return process.pid == 0 ? static_cast<unsigned>(getpid()) : process.pid;
}

Status list(const char* function, Handle handle, bool graphics, unsigned* count, ProcessInfo* out) {
  return answer(function, handle, [&](Machine&, Target& target) -> Status {
    if (count == nullptr) return kInvalidArgument;
    if (!target.facts->processes_known) return kNotSupported;
    const unsigned room = *count;
    unsigned found = 0;
    for (const ProcessFacts& process : target.facts->processes) {
      if (process.graphics != graphics) continue;
      if (found < room && out != nullptr) {
        out[found] = {pid_of(process),
                      process.memory_bytes > 0 ? static_cast<unsigned long long>(process.memory_bytes) : ~0ULL,
                      kNoInstance, kNoInstance};
      }
      ++found;
    }
    *count = found;
    return found > room ? kInsufficientSize : kSuccess;
  });
}

// Whether two addresses name the same function, whatever the width of their domain.
bool same_address(const std::string& a, const char* b) {
  std::array<unsigned, 4> x{}, y{};
  return std::sscanf(a.c_str(), "%x:%x:%x.%x", &x[0], &x[1], &x[2], &x[3]) >= 3 &&
         std::sscanf(b, "%x:%x:%x.%x", &y[0], &y[1], &y[2], &y[3]) >= 3 && x == y;
}

Status pci_info(const std::string& address, PciInfo* out) {
  PciInfo info{};
  if (std::sscanf(address.c_str(), "%x:%x:%x", &info.domain, &info.bus, &info.device) != 3) return kNotFound;
  std::snprintf(info.bus_id, sizeof info.bus_id, "%08X:%02X:%02X.0", info.domain, info.bus, info.device);
  std::snprintf(info.bus_id_legacy, sizeof info.bus_id_legacy, "%04X:%02X:%02X.0", info.domain & 0xFFFFU,
                info.bus & 0xFFU, info.device & 0xFFU);
  *out = info;
  return kSuccess;
}

// A fault that is planned for a device hits its lookup too.
Status found(Machine& machine, const char* function, std::size_t ordinal, Handle* out) {
  Target* target = nullptr;
  const Status status = machine.enter(function, machine.handle_of(ordinal), &target);
  if (status == kSuccess) *out = machine.handle_of(ordinal);
  return status;
}

template <typename Matches>
Status find_device(const char* function, Handle* out, Matches&& matches) {
  Machine& machine = Machine::get();
  const std::lock_guard lock(machine.mutex);
  for (std::size_t i = 0; i < machine.devices(); ++i) {
    if (matches(machine, i)) return found(machine, function, i, out);
  }
  const Status status = machine.enter(function);
  return status == kSuccess ? kNotFound : status;
}

}  // namespace
}  // namespace geomsu::emulation::nvml

namespace emulation = geomsu::emulation;
using namespace geomsu::emulation::nvml;  // NOLINT(google-build-using-namespace)
using namespace geomsu::cuda::nvml;       // NOLINT(google-build-using-namespace)

extern "C" {

Status nvmlInit_v2() {
  Machine& machine = Machine::get();
  const std::lock_guard lock(machine.mutex);
  return machine.init(__func__);
}

Status nvmlShutdown() {
  Machine& machine = Machine::get();
  const std::lock_guard lock(machine.mutex);
  return machine.shutdown(__func__);
}

Status nvmlSystemGetDriverVersion(char* out, unsigned room) {
  return answer(__func__, [&](Machine& m) { return put_text(m.facts().node.driver_version, out, room); });
}

Status nvmlSystemGetNVMLVersion(char* out, unsigned room) {
  return answer(__func__, [&](Machine& m) { return put_text(m.facts().node.nvml_version, out, room); });
}

Status nvmlSystemGetProcessName(unsigned pid, char* out, unsigned room) {
  return answer(__func__, [&](Machine& m) -> Status {
    if (pid == static_cast<unsigned>(getpid())) return put_text(own_name(), out, room);
    for (const DeviceFacts& device : m.facts().devices) {
      for (const ProcessFacts& process : device.processes) {
        if (process.pid == pid && !process.name.empty()) return put_text(process.name, out, room);
      }
    }
    return kNotFound;
  });
}

Status nvmlDeviceGetCount_v2(unsigned* out) {
  return answer(__func__, [&](Machine& m) -> Status {
    if (out == nullptr) return kInvalidArgument;
    *out = static_cast<unsigned>(m.devices());
    return kSuccess;
  });
}

Status nvmlDeviceGetHandleByIndex_v2(unsigned index, Handle* out) {
  if (out == nullptr) return kInvalidArgument;
  return find_device(__func__, out, [&](Machine&, std::size_t i) { return i == index; });
}

Status nvmlDeviceGetHandleByPciBusId_v2(const char* address, Handle* out) {
  if (out == nullptr || address == nullptr) return kInvalidArgument;
  return find_device(__func__, out,
                     [&](Machine& m, std::size_t i) { return same_address(m.target(i).node->pci, address); });
}

Status nvmlDeviceGetHandleByUUID(const char* uuid, Handle* out) {
  if (out == nullptr || uuid == nullptr) return kInvalidArgument;
  return find_device(__func__, out,
                     [&](Machine& m, std::size_t i) { return emulation::uuid_text(m.target(i).node->uuid) == uuid; });
}

Status nvmlDeviceGetPciInfo_v3(Handle handle, PciInfo* out) {
  return answer(__func__, handle,
                [&](Machine&, Target& t) { return out == nullptr ? kInvalidArgument : pci_info(t.node->pci, out); });
}

// Marked, so that nobody takes it for a part.
Status nvmlDeviceGetName(Handle handle, char* out, unsigned room) {
  return answer(__func__, handle,
                [&](Machine&, Target& t) { return put_text("EMULATED (CPU) " + t.node->name, out, room); });
}

Status nvmlDeviceGetUUID(Handle handle, char* out, unsigned room) {
  return answer(__func__, handle, [&](Machine&, Target& t) {
    return put_text(t.mig != nullptr ? t.mig->uuid : emulation::uuid_text(t.node->uuid), out, room);
  });
}

Status nvmlDeviceGetSerial(Handle handle, char* out, unsigned room) {
  return text(__func__, handle, "serial", out, room);
}
Status nvmlDeviceGetBoardPartNumber(Handle handle, char* out, unsigned room) {
  return text(__func__, handle, "part_number", out, room);
}
Status nvmlDeviceGetVbiosVersion(Handle handle, char* out, unsigned room) {
  return text(__func__, handle, "vbios", out, room);
}
Status nvmlDeviceGetInforomImageVersion(Handle handle, char* out, unsigned room) {
  return text(__func__, handle, "inforom", out, room);
}
Status nvmlDeviceValidateInforom(Handle handle) {
  return answer(__func__, handle, [&](Machine&, Target& t) {
    return t.facts->texts.count("inforom") != 0 && t.mig == nullptr ? kSuccess : kNotSupported;
  });
}

Status nvmlDeviceGetComputeRunningProcesses_v3(Handle handle, unsigned* count, ProcessInfo* out) {
  return list(__func__, handle, false, count, out);
}
Status nvmlDeviceGetGraphicsRunningProcesses_v3(Handle handle, unsigned* count, ProcessInfo* out) {
  return list(__func__, handle, true, count, out);
}

// Not on MIG, and only where the node's `process_utilization` is set; samples at seconds of virtual time, each a newer
// one than the call before saw.
Status nvmlDeviceGetProcessUtilization(Handle handle, ProcessSample* out, unsigned* count,
                                       unsigned long long since_us) {
  return answer(__func__, handle, [&](Machine& m, Target& t) -> Status {
    if (count == nullptr) return kInvalidArgument;
    double supported = 0;
    if (t.facts->mig || m.number(t, "process_utilization", &supported) != kSuccess) return kNotSupported;
    unsigned wanted = 0;
    for (const ProcessFacts& process : t.facts->processes) wanted += process.sm > 0 ? 1 : 0;
    if (wanted == 0) return kNotFound;
    const unsigned room = *count;
    *count = wanted;
    if (out == nullptr || room < wanted) return kInsufficientSize;
    for (const ProcessFacts& process : t.facts->processes) {
      if (process.sm > 0) *out++ = {pid_of(process), since_us + 1000000, process.sm, 0, 0, 0};
    }
    return kSuccess;
  });
}

}  // extern "C"
