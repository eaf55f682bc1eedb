// transfer between the memories of two NUMA nodes, by the threads of the device that has the near one.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kernels/cpu/gemm.hpp"
#include "kernels/cpu/topology.hpp"
#include "kernels/cpu/workload.hpp"
#include "kernels/ops/transfer.hpp"

namespace geomsu::cpu {

// Why devices with these cores cannot have this transfer; empty where they can. `far`: the peer's, where one is named
// and there is.
std::string transfer_refusal(const ops::TransferShape& shape, const CoreSet& near, const CoreSet* far);

// Sources and targets lie on the nodes of these numbers (the kernel's), which is looked up once they are filled:
// Failure INTERNAL where the kernel put them elsewhere. OUT_OF_MEMORY before anything is taken. That the two numbers
// differ is transfer_refusal's to see: on one node the same code copies within it, which measures no transfer.
std::unique_ptr<Workload> make_transfer(const ops::TransferShape& shape, const Grant& grant, unsigned near_node,
                                        unsigned far_node);

}  // namespace geomsu::cpu
