// bench-collectives-mpi KIND BYTES SETS IN_PLACE: the bare peer of bench-collectives, to be run by mpirun with two
// ranks. Rank 0 reads lines, each a number of repeats, and answers each with the nanoseconds that the slowest rank
// took; between lines both sleep, so that the other program has the cores. Ends at the end of the input.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include <mpi.h>
#include <sys/mman.h>

namespace {

double now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// As the backend takes memory: aligned to huge pages and asking for them.
float* buffer(std::uint64_t bytes) {
  constexpr std::uint64_t kHuge = 2u << 20;
  bytes = (bytes + kHuge - 1) / kHuge * kHuge;
  void* memory = std::aligned_alloc(kHuge, bytes);
  if (memory == nullptr) MPI_Abort(MPI_COMM_WORLD, 1);
  static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));
  auto* start = static_cast<float*>(memory);
  for (std::uint64_t i = 0; i < bytes / sizeof(float); ++i) start[i] = static_cast<float>(i % 64);
  return start;
}

// The next line's repeats, on every rank; 0 at the end.
std::uint64_t next(int rank) {
  unsigned long long repeats = 0;
  if (rank == 0) {
    if (std::scanf("%llu", &repeats) != 1) repeats = 0;
    MPI_Send(&repeats, 1, MPI_UNSIGNED_LONG_LONG, 1, 7, MPI_COMM_WORLD);
  } else {
    for (int here = 0; here == 0;) {
      MPI_Iprobe(0, 7, MPI_COMM_WORLD, &here, MPI_STATUS_IGNORE);
      const timespec pause{0, 1'000'000};
      if (here == 0) ::nanosleep(&pause, nullptr);
    }
    MPI_Recv(&repeats, 1, MPI_UNSIGNED_LONG_LONG, 0, 7, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  }
  return repeats;
}

void once(const std::string& kind, float* from, float* to, int count, int rank, bool in_place) {
  const int half = count / 2;
  if (kind == "all_reduce") {
    MPI_Allreduce(in_place ? MPI_IN_PLACE : from, to, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  } else if (kind == "all_gather") {
    MPI_Allgather(from, half, MPI_FLOAT, to, half, MPI_FLOAT, MPI_COMM_WORLD);
  } else if (kind == "reduce_scatter") {
    MPI_Reduce_scatter_block(from, to, half, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  } else if (kind == "all_to_all") {
    MPI_Alltoall(from, half, MPI_FLOAT, to, half, MPI_FLOAT, MPI_COMM_WORLD);
  } else if (kind == "broadcast") {
    MPI_Bcast(from, count, MPI_FLOAT, 0, MPI_COMM_WORLD);  // knows one buffer: it is in place
  } else if (kind == "reduce") {
    MPI_Reduce(from, to, count, MPI_FLOAT, MPI_SUM, 0, MPI_COMM_WORLD);
  } else {
    MPI_Sendrecv(from, count, MPI_FLOAT, 1 - rank, 0, to, count, MPI_FLOAT, 1 - rank, 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
  }
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0, ranks = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (argc != 5 || ranks != 2) {
    std::fprintf(stderr, "usage: mpirun -n 2 bench-collectives-mpi KIND BYTES SETS yes|no\n");
    MPI_Abort(MPI_COMM_WORLD, 64);
  }
  const std::string kind = argv[1];
  const std::uint64_t bytes = std::strtoull(argv[2], nullptr, 10), sets = std::strtoull(argv[3], nullptr, 10);
  const bool in_place = std::string(argv[4]) == "yes";
  const std::uint64_t stride = (bytes + 63) / 64 * 16;  // floats
  float* const from = buffer(sets * stride * sizeof(float));
  float* const to = in_place ? from : buffer(sets * stride * sizeof(float));
  while (const std::uint64_t repeats = next(rank)) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = now_ns();
    for (std::uint64_t i = 0; i < repeats; ++i) {
      const std::uint64_t at = i % sets * stride;
      once(kind, from + at, to + at, static_cast<int>(bytes / sizeof(float)), rank, in_place);
    }
    double took = now_ns() - start, slowest = 0;
    MPI_Reduce(&took, &slowest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    if (rank == 0) {
      std::printf("%.0f\n", slowest);
      std::fflush(stdout);
    }
  }
  MPI_Finalize();
  return 0;
}
