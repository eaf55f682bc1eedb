// The MPI calls themselves, as a short program would make them: one thread, buffers on the heap; with the argument
// "multiple" under MPI_THREAD_MULTIPLE, which costs short messages dear. Reads
// "KIND BYTES REPEATS SETS" a line on rank 0's stdin and answers the nanoseconds of the slowest rank, each by its own
// clock. Between lines nobody spins, so that another job beside it is not disturbed.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#include <mpi.h>
#include <unistd.h>

namespace {

struct Order {
  char kind = 0;  // r: all_reduce, g: all_gather, s: send_recv; 0: end
  std::int64_t bytes = 0, repeats = 0, sets = 1;
};

std::int64_t raw_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

Order next_order(int rank) {
  Order order;
  if (rank == 0) {
    char kind[32] = {};
    long long bytes = 0, repeats = 0, sets = 0;
    if (std::scanf("%31s %lld %lld %lld", kind, &bytes, &repeats, &sets) == 4) {
      order = {std::strcmp(kind, "all_reduce") == 0   ? 'r'
               : std::strcmp(kind, "all_gather") == 0 ? 'g'
                                                      : 's',
               bytes, repeats, sets};
    }
  }
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibcast(&order, sizeof order, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
  for (int done = 0; done == 0;) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done == 0) usleep(300);
  }
  return order;
}

}  // namespace

int main(int argc, char** argv) {
  int level = MPI_THREAD_SINGLE;
  const bool several_threads = argc > 1 && std::strcmp(argv[1], "multiple") == 0;
  MPI_Init_thread(&argc, &argv, several_threads ? MPI_THREAD_MULTIPLE : MPI_THREAD_SINGLE, &level);
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  std::vector<char> sent, received;
  for (Order order = next_order(rank); order.kind != 0; order = next_order(rank)) {
    const auto bytes = static_cast<std::size_t>(order.bytes), sets = static_cast<std::size_t>(order.sets);
    sent.assign(bytes * sets, 0);
    received.assign(bytes * sets, 0);
    const int count = static_cast<int>(order.bytes / 4), part = count / ranks;
    MPI_Barrier(MPI_COMM_WORLD);
    const std::int64_t begun = raw_ns();
    for (std::int64_t i = 0; i < order.repeats; ++i) {
      const std::size_t at = static_cast<std::size_t>(i) % sets * bytes;
      char *from = sent.data() + at, *to = received.data() + at;
      if (order.kind == 'r') {
        MPI_Allreduce(from, to, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
      } else if (order.kind == 'g') {
        MPI_Allgather(from, part, MPI_FLOAT, to, part, MPI_FLOAT, MPI_COMM_WORLD);
      } else {
        MPI_Sendrecv(from, count, MPI_FLOAT, (rank + 1) % ranks, 0, to, count, MPI_FLOAT, (rank + ranks - 1) % ranks, 0,
                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      }
    }
    std::int64_t took = raw_ns() - begun, slowest = 0;
    MPI_Reduce(&took, &slowest, 1, MPI_INT64_T, MPI_MAX, 0, MPI_COMM_WORLD);
    if (rank == 0) {
      std::printf("%lld\n", static_cast<long long>(slowest));
      std::fflush(stdout);
    }
  }
  MPI_Finalize();
  return 0;
}
