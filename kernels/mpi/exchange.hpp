// One collective of a shape as its MPI call, on the buffers of this rank.
#pragma once

#include <cstdint>

#include <mpi.h>

#include "kernels/ops/collective.hpp"

namespace geomsu::mpi {

class Exchange {
 public:
  // Takes types and operations of MPI's; Failure UNSUPPORTED for what MPI's calls cannot do.
  Exchange(MPI_Comm comm, const ops::CollectiveShape& shape);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // `sent` and `received` are one buffer in place. Failure INTERNAL with MPI's words.
  void run(void* sent, void* received) const;
  const char* call() const;  // "MPI_Allreduce"

 private:
  MPI_Comm comm_;
  ops::CollectiveShape shape_;
  int rank_ = 0, count_ = 0, chunk_ = 0, next_ = 0, previous_ = 0;
  MPI_Datatype type_ = MPI_DATATYPE_NULL;
  MPI_Op op_ = MPI_OP_NULL;
  bool own_ = false;  // type and operation were made here
};

}  // namespace geomsu::mpi
