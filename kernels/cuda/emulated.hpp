// Whether this plug-in runs on the emulation that tests bring along in the place of CUDA's libraries. What is measured
// there is marked "emulated" and never accepted.
#pragma once

#include <cstdint>

// The emulated runtime exports this; the real one does not, and the address is null. Its time is scripted.
struct geomsu_cuda_emulation {
  std::uint64_t struct_size;
  std::uint64_t (*now_ns)();
  void (*advance_ns)(std::uint64_t ns);
};
// NOLINTNEXTLINE(readability-identifier-naming): a C name
extern "C" __attribute__((weak, visibility("default"))) const geomsu_cuda_emulation geomsu_cuda_emulation_marker;

namespace geomsu::cuda {

inline const geomsu_cuda_emulation* emulation() { return &geomsu_cuda_emulation_marker; }

}  // namespace geomsu::cuda
