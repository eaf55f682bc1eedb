#include "kernels/mpi/exchange.hpp"

#include <array>
#include <cstring>
#include <limits>
#include <string>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/mpi/bf16.hpp"

namespace geomsu::mpi {
namespace {
using plugin::Failure;
using Kind = ops::CollectiveKind;

MPI_Datatype type_of(const std::string& dtype) {
  if (dtype == "fp32") return MPI_FLOAT;
  if (dtype == "fp64") return MPI_DOUBLE;
  if (dtype == "int32") return MPI_INT32_T;
  return MPI_DATATYPE_NULL;
}

MPI_Op op_of(ops::ReduceOp op) {
  switch (op) {
    case ops::ReduceOp::kSum:
      return MPI_SUM;
    case ops::ReduceOp::kMax:
      return MPI_MAX;
    case ops::ReduceOp::kMin:
      return MPI_MIN;
    case ops::ReduceOp::kNone:
      break;
  }
  return MPI_OP_NULL;
}

int whole(std::uint64_t count) {
  if (count > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    throw Failure(GEOMSU_UNSUPPORTED, std::to_string(count) +
                                          " elements in one call; MPI 3 counts them with an int, up "
                                          "to 2^31-1: next: fewer bytes");
  }
  return static_cast<int>(count);
}

}  // namespace

Exchange::Exchange(MPI_Comm comm, const ops::CollectiveShape& shape) : comm_(comm), shape_(shape) {
  MPI_Comm_rank(comm_, &rank_);
  const int ranks = static_cast<int>(shape_.ranks);
  count_ = whole(shape_.count);
  chunk_ = whole(shape_.chunk());
  next_ = (rank_ + 1) % ranks;
  previous_ = (rank_ + ranks - 1) % ranks;
  type_ = type_of(shape_.dtype);
  if (type_ != MPI_DATATYPE_NULL) {
    op_ = op_of(shape_.op);
  } else if (shape_.dtype == "bf16") {
    own_ = true;
    type_ = make_bf16_type();
    if (shape_.reduces()) op_ = make_bf16_op(shape_.op);
  } else {
    throw Failure(GEOMSU_UNSUPPORTED, "the mpi backend has no type for " + shape_.dtype);
  }
}

Exchange::~Exchange() {
  if (!own_) return;
  MPI_Type_free(&type_);
  if (op_ != MPI_OP_NULL) MPI_Op_free(&op_);
}

const char* Exchange::call() const {
  switch (shape_.kind) {
    case Kind::kAllReduce:
      return "MPI_Allreduce";
    case Kind::kAllGather:
      return "MPI_Allgather";
    case Kind::kReduceScatter:
      return "MPI_Reduce_scatter_block";
    case Kind::kAllToAll:
      return "MPI_Alltoall";
    case Kind::kBroadcast:
      return "MPI_Bcast";
    case Kind::kReduce:
      return "MPI_Reduce";
    case Kind::kSendRecv:
      return "MPI_Sendrecv";
  }
  return "MPI";
}

void Exchange::run(void* sent, void* received) const {
  const void* from = shape_.in_place ? MPI_IN_PLACE : sent;
  int result = MPI_SUCCESS;
  switch (shape_.kind) {
    case Kind::kAllReduce:
      result = MPI_Allreduce(from, received, count_, type_, op_, comm_);
      break;
    case Kind::kAllGather:
      result = MPI_Allgather(from, chunk_, type_, received, chunk_, type_, comm_);
      break;
    case Kind::kReduceScatter:
      result = MPI_Reduce_scatter_block(from, received, chunk_, type_, op_, comm_);
      break;
    case Kind::kAllToAll:
      result = MPI_Alltoall(from, chunk_, type_, received, chunk_, type_, comm_);
      break;
    case Kind::kBroadcast:
      // MPI's has one buffer. Out of place the root's output is a copy of what it sends, as nccl-tests has it.
      if (!shape_.in_place && rank_ == 0) std::memcpy(received, sent, shape_.bytes);
      result = MPI_Bcast(received, count_, type_, 0, comm_);
      break;
    case Kind::kReduce:
      result = rank_ == 0 ? MPI_Reduce(from, received, count_, type_, op_, 0, comm_)
                          : MPI_Reduce(sent, nullptr, count_, type_, op_, 0, comm_);
      break;
    case Kind::kSendRecv:
      result =
          MPI_Sendrecv(sent, count_, type_, next_, 0, received, count_, type_, previous_, 0, comm_, MPI_STATUS_IGNORE);
      break;
  }
  if (result == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> words{};
  int length = 0;
  MPI_Error_string(result, words.data(), &length);
  throw Failure(GEOMSU_INTERNAL, std::string(call()) + ": " + words.data());
}

}  // namespace geomsu::mpi
