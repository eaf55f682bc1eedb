#include "kernels/cuda/peer.hpp"

#include <cuda_runtime_api.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/check.hpp"

namespace geomsu::cuda {
namespace {

using plugin::Failure;

// Runs `work` while another device is current. Where that fails and the way back fails too, the first is what is told;
// what runs next on this thread then fails, since its stream is not the current device's.
template <typename Work>
auto meanwhile(int device, const Work& work) {
  int before = 0;
  check(cudaGetDevice(&before), "cudaGetDevice");
  check(cudaSetDevice(device), "cudaSetDevice", "device " + std::to_string(device) + ", the peer of a transfer");
  try {
    auto result = work();
    check(cudaSetDevice(before), "cudaSetDevice", "back to device " + std::to_string(before));
    return result;
  } catch (...) {
    forget(cudaSetDevice(before));
    throw;
  }
}

void enable(int from, int to) {
  const std::string way = "device " + std::to_string(from) + " to device " + std::to_string(to);
  int can = 0;
  check(cudaDeviceCanAccessPeer(&can, from, to), "cudaDeviceCanAccessPeer", way);
  if (can == 0) {
    throw Failure(
        GEOMSU_UNSUPPORTED,
        "p2p from " + way +
            ": CUDA says that there is no direct path, and a copy by the host's memory is not what was asked "
            "for; next: see nvidia-smi topo -p2p r for the reason (no NVLink, another root complex, ACS or an "
            "IOMMU in the way), or leave this pair out of the contract");
  }
  meanwhile(from, [to, &way] {
    const cudaError_t status = cudaDeviceEnablePeerAccess(to, 0);
    if (status != cudaErrorPeerAccessAlreadyEnabled) check(status, "cudaDeviceEnablePeerAccess", way);
    forget(status);  // else the next launch is blamed for it
    return status;
  });
}

}  // namespace

void enable_peers(int device, int peer) {
  int devices = 0;
  check(cudaGetDeviceCount(&devices), "cudaGetDeviceCount");
  if (peer >= devices) {
    throw Failure(GEOMSU_UNSUPPORTED, "there is no device " + std::to_string(peer) + " to transfer to, there are " +
                                          std::to_string(devices) + "; next: geomsu devices lists them");
  }
  if (peer == device) {
    throw Failure(GEOMSU_UNSUPPORTED, "device " + std::to_string(peer) +
                                          " is the device itself: a copy within it is memory's kind copy, no transfer; "
                                          "next: name another peer");
  }
  enable(device, peer);
  enable(peer, device);
}

DeviceBuffer buffer_on(int peer, std::uint64_t bytes) {
  try {
    return meanwhile(peer, [bytes] { return DeviceBuffer(bytes); });
  } catch (const CallFailure& failure) {
    throw CallFailure::of_peer(failure, "device " + std::to_string(peer) + ", the peer");
  }
}

}  // namespace geomsu::cuda
