#include "kernels/mpi/host.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include <mpi.h>
#include <sched.h>
#include <unistd.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::mpi {
namespace {

constexpr int kHostRoom = 256;

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::uint64_t meminfo(const std::string& wanted) {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == wanted && file >> kib) return kib * 1024;
  }
  return 0;
}

std::string model_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t begin = line.find_first_not_of(" \t", line.find(':') + 1);
    if (begin != std::string::npos) return line.substr(begin);
  }
  return "a processor that does not tell its name";
}

std::uint32_t core_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  return static_cast<std::uint32_t>(CPU_COUNT(&set));
}

std::string library_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string all = text.data();
  return all.substr(0, all.find_first_of(",\n"));
}

// The part stays the same over reboots: the machine's id, or without one the node's name, and the place on the node.
std::string identity(const std::string& node, std::uint32_t local_rank) {
  const std::string machine = first_line("/etc/machine-id");
  std::uint64_t hash = 0;
  for (const char letter : machine + "/" + node) hash = ops::finalise(hash + static_cast<unsigned char>(letter));
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return std::string("mpi-") + text.data() + "-" + std::to_string(local_rank);
}

}  // namespace

std::string why_not_here() {
  int up = 0, level = MPI_THREAD_SINGLE;
  MPI_Initialized(&up);
  if (up != 0) MPI_Query_thread(&level);
  if (up != 0 && level == MPI_THREAD_MULTIPLE) return {};
  return std::string("collectives by MPI run in geomsu-worker-mpi only, and this process ") +
         (up == 0 ? "has no MPI" : "has MPI without MPI_THREAD_MULTIPLE") +
         ": next: write `launcher:` and `ranks:` into the site file, as configs/sites/mpirun.yaml does";
}

Host find_host() {
  Host host;
  std::array<char, kHostRoom> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
    throw plugin::Failure(GEOMSU_UNSUPPORTED, "this node has no host name, by which its devices are told apart");
  }
  host.node = name.data();
  int rank = 0, ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  host.rank = static_cast<std::uint32_t>(rank);
  host.ranks = static_cast<std::uint32_t>(ranks);
  // By the names of the hosts: MPI's own split tells apart the daemons that started the processes, of which one host
  // may have several.
  std::vector<std::array<char, kHostRoom>> names(host.ranks);
  MPI_Allgather(name.data(), kHostRoom, MPI_CHAR, names.data(), kHostRoom, MPI_CHAR, MPI_COMM_WORLD);
  host.local_rank = static_cast<std::uint32_t>(std::count(names.begin(), names.begin() + rank, name));
  host.local_ranks = static_cast<std::uint32_t>(std::count(names.begin(), names.end(), name));
  host.cores = core_count();
  host.memory_bytes = meminfo("MemTotal:") / host.local_ranks;
  host.driver = library_version();
  host.name = model_name() + ", process " + std::to_string(host.local_rank) + " of " + std::to_string(host.local_ranks);
  host.uuid = identity(host.node, host.local_rank);
  return host;
}

std::uint64_t available_memory() { return meminfo("MemAvailable:"); }

}  // namespace geomsu::mpi
