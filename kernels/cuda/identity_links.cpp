// NVLink, the fabric behind it, and MIG.
#include <algorithm>
#include <array>
#include <cstdio>

#include "kernels/cuda/identity.hpp"

namespace geomsu::cuda::nvml {
namespace {

// A field's value as a number, by the type that NVML says it has.
std::optional<std::uint64_t> unsigned_of(const FieldValue& field) {
  if (field.status != kSuccess) return std::nullopt;
  switch (field.type) {
    case kTypeUnsigned:
      return field.value.ui;
    case kTypeUnsignedLong:
      return field.value.ul;
    case kTypeUnsignedLongLong:
      return field.value.ull;
    case kTypeUnsignedShort:
      return field.value.us;
    case kTypeSigned:
      if (field.value.si < 0) return std::nullopt;
      return static_cast<std::uint64_t>(field.value.si);
    case kTypeSignedLongLong:
      if (field.value.sll < 0) return std::nullopt;
      return static_cast<std::uint64_t>(field.value.sll);
    default:
      return std::nullopt;
  }
}

std::optional<unsigned> field(const Gpu& gpu, unsigned id, unsigned scope) {
  FieldValue value{};
  value.field = id;
  value.scope = scope;
  value.status = kNotSupported;
  if (!gpu.ask(gpu.functions().fields, 1, &value)) return std::nullopt;
  const auto number = unsigned_of(value);
  if (!number) return std::nullopt;
  return static_cast<unsigned>(*number);
}

std::string remote_of(const Gpu& gpu, unsigned link) {
  PciInfo info{};
  const auto type = gpu.number(gpu.functions().link_remote_type, link);
  std::string text = !type                    ? "device"
                     : *type == kRemoteGpu    ? "GPU"
                     : *type == kRemoteSwitch ? "switch"
                     : *type == kRemoteNpu    ? "processor"
                                              : "device";
  if (gpu.ask(gpu.functions().link_remote, link, &info)) {
    info.bus_id[sizeof info.bus_id - 1] = '\0';
    return text + " " + info.bus_id;
  }
  return type ? text : "";
}

std::string uuid_text(const unsigned char (&bytes)[16]) {
  std::string text;
  for (std::size_t i = 0; i < sizeof bytes; ++i) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", unsigned{bytes[i]});
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits.data();
  }
  return text;
}

std::optional<Fabric> fabric_of(const Gpu& gpu) {
  FabricInfoV now{};
  now.version = kFabricInfoVersion2;
  if (gpu.ask(gpu.functions().fabric_v, &now)) {
    return Fabric{.state = now.state,
                  .status = now.status,
                  .clique = now.clique,
                  .cluster = uuid_text(now.cluster),
                  .health = now.health};
  }
  FabricInfo before{};
  if (!gpu.ask(gpu.functions().fabric, &before)) return std::nullopt;
  return Fabric{.state = before.state,
                .status = before.status,
                .clique = before.clique,
                .cluster = uuid_text(before.cluster),
                .health = {}};
}

std::string bare(const std::string& uuid) {
  std::string text = uuid.starts_with("MIG-") || uuid.starts_with("GPU-") ? uuid.substr(4) : uuid;
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::optional<unsigned> number_of(const Gpu& gpu, Handle handle, const Functions::Number& function) {
  unsigned value = 0;
  if (!gpu.ask_of(handle, function, &value)) return std::nullopt;
  return value;
}

MigInstance instance_of(const Gpu& gpu, Handle handle) {
  const Functions& f = gpu.functions();
  MigInstance to;
  to.handle = handle;
  std::array<char, 96> uuid{};
  if (gpu.ask_of(handle, f.uuid, uuid.data(), unsigned{uuid.size()})) to.uuid = uuid.data();
  to.gpu_instance = number_of(gpu, handle, f.gpu_instance);
  to.compute_instance = number_of(gpu, handle, f.compute_instance);
  DeviceAttributes attributes{};
  if (gpu.ask_of(handle, f.attributes, &attributes)) to.attributes = attributes;
  return to;
}

}  // namespace

// A link that the part lacks answers INVALID_ARGUMENT or NOT_SUPPORTED; the field with their number is newer than the
// state, so that a part whose driver has no such field is counted by what answers.
void read_links(const Gpu& gpu, Identity& to) {
  const Functions& f = gpu.functions();
  to.link_count = field(gpu, kFieldLinkCount, 0);
  const auto common = to.link_count == 0U ? std::nullopt : field(gpu, kFieldLinkCommonMbps, 0);
  const unsigned most = std::min(to.link_count.value_or(kMostLinks), kMostLinks);
  for (unsigned i = 0; i < most; ++i) {
    const auto state = gpu.number(f.link_state, i);
    if (!state) continue;
    Link link{.number = i, .active = *state != 0, .version = {}, .mbps = {}, .remote = {}};
    link.version = gpu.number(f.link_version, i);
    if (link.active) {
      link.mbps = field(gpu, kFieldLinkMbps, i);
      if (!link.mbps) link.mbps = common;
      link.remote = remote_of(gpu, i);
    }
    to.links.push_back(std::move(link));
  }
  if (!to.link_count && !to.links.empty()) to.link_count = static_cast<unsigned>(to.links.size());
  to.fabric = fabric_of(gpu);
}

void read_mig(const Gpu& gpu, Identity& to) {
  const Functions& f = gpu.functions();
  unsigned current = 0, pending = 0;
  if (!gpu.ask(f.mig_mode, &current, &pending)) return;
  to.mig_enabled = current != 0;
  to.mig_pending = pending != 0;
  if (!*to.mig_enabled) return;
  const unsigned most = gpu.number(f.mig_most).value_or(0);
  std::vector<MigInstance> found;
  for (unsigned i = 0; i < most; ++i) {
    Handle handle = nullptr;
    if (gpu.ask(f.mig_by_index, i, &handle)) found.push_back(instance_of(gpu, handle));
  }
  to.mig_instances = static_cast<unsigned>(found.size());
  // Which one is ours the runtime's uuid says; one alone needs no name.
  for (const MigInstance& instance : found) {
    if (!gpu.place().uuid.empty() && bare(instance.uuid) == bare(gpu.place().uuid)) to.mig = instance;
  }
  if (!to.mig && found.size() == 1) to.mig = found.front();
}

}  // namespace geomsu::cuda::nvml
