// NVLink, the fabric, and MIG.
#include <algorithm>

#include "tests/cuda_emulation/nvml/answer.hpp"

using namespace geomsu::emulation::nvml;  // NOLINT(google-build-using-namespace): a source of C functions
using namespace geomsu::cuda::nvml;       // NOLINT(google-build-using-namespace)

namespace {

// Runs `body(up)` for a link that the part has.
template <typename Body>
Status link_answer(const char* function, Handle handle, unsigned link, Body&& body) {
  return answer(function, handle, [&](Machine& m, Target& t) -> Status {
    double links = 0;
    if (t.mig != nullptr || m.number(t, "nvlinks", &links) != kSuccess) return kNotSupported;
    if (link >= kMostLinks) return kInvalidArgument;
    if (link >= static_cast<unsigned>(links)) return kNotSupported;
    const auto& down = t.facts->links_down;
    return body(m, t, std::find(down.begin(), down.end(), link) == down.end());
  });
}

Status fabric_answer(const char* function, Handle handle, Status (*put)(const FabricFacts&, void*), void* out) {
  return answer(function, handle, [&](Machine&, Target& t) -> Status {
    if (out == nullptr) return kInvalidArgument;
    if (!t.facts->fabric || t.mig != nullptr) return kNotSupported;
    return put(*t.facts->fabric, out);
  });
}

}  // namespace

extern "C" {

Status nvmlDeviceGetNvLinkState(Handle h, unsigned link, unsigned* out) {
  return link_answer(__func__, h, link, [&](Machine&, Target&, bool up) -> Status {
    *out = up ? 1 : 0;
    return kSuccess;
  });
}
Status nvmlDeviceGetNvLinkVersion(Handle h, unsigned link, unsigned* out) {
  return link_answer(__func__, h, link, [&](Machine& m, Target& t, bool) -> Status {
    return numbers(m, t, {{"nvlink_version", out}});
  });
}
Status nvmlDeviceGetNvLinkRemoteDeviceType(Handle h, unsigned link, unsigned* out) {
  return link_answer(__func__, h, link, [&](Machine&, Target& t, bool up) -> Status {
    if (!up) return kNotSupported;
    *out = t.facts->links_to_switch ? kRemoteSwitch : kRemoteGpu;
    return kSuccess;
  });
}
Status nvmlDeviceGetNvLinkRemotePciInfo_v2(Handle h, unsigned link, PciInfo* out) {
  return link_answer(__func__, h, link, [&](Machine&, Target& t, bool up) -> Status {
    const auto& remotes = t.facts->link_remotes;
    if (!up || remotes.empty()) return kNotSupported;
    *out = PciInfo{};
    std::snprintf(out->bus_id, sizeof out->bus_id, "%s", remotes[link % remotes.size()].c_str());
    return kSuccess;
  });
}
// By link: the total is counted to link 0, which is enough for whoever adds them up.
Status nvmlDeviceGetNvLinkErrorCounter(Handle h, unsigned link, int counter, unsigned long long* out) {
  return link_answer(__func__, h, link, [&](Machine& m, Target& t, bool) -> Status {
    const char* keys[] = {"nvlink_replays", "nvlink_recoveries", "nvlink_crc_flit", "nvlink_crc_data"};
    if (counter < 0 || counter > 3) return kInvalidArgument;
    double value = 0;
    if (link == 0) {
      if (const Status status = m.number(t, keys[counter], &value); status != kSuccess) return status;
    }
    *out = static_cast<unsigned long long>(value);
    return kSuccess;
  });
}

Status nvmlDeviceGetGpuFabricInfo(Handle h, FabricInfo* out) {
  return fabric_answer(
      __func__, h,
      [](const FabricFacts& facts, void* to) -> Status {
        auto& info = *static_cast<FabricInfo*>(to);
        info = FabricInfo{};
        info.cluster[15] = 1;
        info.status = facts.status;
        info.clique = facts.clique;
        info.state = static_cast<unsigned char>(facts.state);
        return kSuccess;
      },
      out);
}
Status nvmlDeviceGetGpuFabricInfoV(Handle h, FabricInfoV* out) {
  return fabric_answer(
      __func__, h,
      [](const FabricFacts& facts, void* to) -> Status {
        auto& info = *static_cast<FabricInfoV*>(to);
        if (info.version != kFabricInfoVersion2) return kArgumentVersionMismatch;
        info.cluster[15] = 1;
        info.status = facts.status;
        info.clique = facts.clique;
        info.state = static_cast<unsigned char>(facts.state);
        info.health = facts.health;
        return kSuccess;
      },
      out);
}

Status nvmlDeviceGetMigMode(Handle h, unsigned* current, unsigned* pending) {
  return answer(__func__, h, [&](Machine&, Target& t) -> Status {
    if (!t.facts->mig_known || t.mig != nullptr) return kNotSupported;
    *current = t.facts->mig ? 1 : 0;
    *pending = t.facts->mig_pending ? 1 : 0;
    return kSuccess;
  });
}
Status nvmlDeviceGetMaxMigDeviceCount(Handle h, unsigned* out) {
  return answer(__func__, h, [&](Machine&, Target& t) -> Status {
    *out = t.facts->mig_known ? 7 : 0;
    return kSuccess;
  });
}
Status nvmlDeviceGetMigDeviceHandleByIndex(Handle h, unsigned index, Handle* out) {
  return answer(__func__, h, [&](Machine& m, Target& t) -> Status {
    if (!t.facts->mig_known) return kNotSupported;
    if (index >= 7) return kInvalidArgument;
    if (!t.facts->mig || index >= t.facts->mig_instances.size()) return kNotFound;
    *out = m.handle_of_mig(t.ordinal, index);
    return kSuccess;
  });
}
Status nvmlDeviceGetGpuInstanceId(Handle h, unsigned* out) {
  return answer(__func__, h, [&](Machine&, Target& t) -> Status {
    if (t.mig == nullptr) return kNotSupported;
    *out = t.mig->gpu_instance;
    return kSuccess;
  });
}
Status nvmlDeviceGetComputeInstanceId(Handle h, unsigned* out) {
  return answer(__func__, h, [&](Machine&, Target& t) -> Status {
    if (t.mig == nullptr) return kNotSupported;
    *out = t.mig->compute_instance;
    return kSuccess;
  });
}
Status nvmlDeviceGetAttributes_v2(Handle h, DeviceAttributes* out) {
  return answer(__func__, h, [&](Machine&, Target& t) -> Status {
    if (t.mig == nullptr) return kNotSupported;
    *out = DeviceAttributes{};
    out->multiprocessors = t.mig->multiprocessors;
    out->memory_mib = static_cast<unsigned long long>(t.mig->memory_bytes) >> 20U;
    return kSuccess;
  });
}

}  // extern "C"
