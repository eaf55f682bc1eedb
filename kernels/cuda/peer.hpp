// Memory of another GPU of this process, as the current device reaches it.
#pragma once

#include <string>

#include "kernels/cuda/buffer.hpp"

namespace geomsu::cuda {

// Lets two devices reach each other's memory, both ways, for the rest of the process. Without that CUDA would copy by
// the host's memory and say nothing: UNSUPPORTED with the reason where they cannot. The current device stays as it is.
void enable_peers(int device, int peer);

// Of the peer's memory; OUT_OF_MEMORY names it.
DeviceBuffer buffer_on(int peer, std::uint64_t bytes);

}  // namespace geomsu::cuda
