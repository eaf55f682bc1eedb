#include "harness/worker/mpi_link.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/error.hpp"

namespace geomsu::worker {
namespace {

constexpr std::size_t kHostRoom = 256;
constexpr std::chrono::microseconds kPoll{20};

std::string host_name() {
  std::array<char, kHostRoom> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("an unnamed host");
}

std::string first_set(std::initializer_list<const char*> names, const char* otherwise) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return otherwise;
}

}  // namespace

std::string announcement() {
  return fmt::format("rank {} of {} on {}, pid {} is here",
                     first_set({"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}, "0"),
                     first_set({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS"}, "1"), host_name(), ::getpid());
}

Link::Link(int& argc, char**& argv) {
  const std::string here = fmt::format("geomsu-worker-mpi: {}\n", announcement());
  while (::write(STDERR_FILENO, here.data(), here.size()) < 0 && errno == EINTR) {  // in one piece, however many write
  }
  int level = MPI_THREAD_SINGLE;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &level);
  if (level < MPI_THREAD_MULTIPLE) {
    throw Error(ErrorCode::kUnavailable, "this MPI does not serve several threads (MPI_THREAD_MULTIPLE)",
                "geomsu-worker-mpi", "use an MPI that is built with it, such as Open MPI 4");
  }
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  rank_ = static_cast<std::uint32_t>(rank);
  MPI_Comm_dup(MPI_COMM_WORLD, &lines_);
  MPI_Comm_dup(MPI_COMM_WORLD, &together_);
  gather_processes();
}

void Link::gather_processes() {
  struct Card {
    std::array<char, kHostRoom> host;
    std::int64_t pid;
  };
  int size = 0;
  MPI_Comm_size(lines_, &size);
  std::vector<Card> cards(static_cast<std::size_t>(size));
  Card mine{};
  const std::string host = host_name();
  std::memcpy(mine.host.data(), host.data(), std::min(host.size(), kHostRoom - 1));
  mine.pid = ::getpid();
  MPI_Allgather(&mine, sizeof mine, MPI_BYTE, cards.data(), sizeof mine, MPI_BYTE, together_);
  for (const Card& card : cards) {
    processes_.push_back({static_cast<std::uint32_t>(processes_.size()), card.host.data(), card.pid});
  }
}

void Link::send(std::uint32_t to, Tag tag, std::string bytes) {
  const std::lock_guard lock(mutex_);
  pending_.remove_if([](Pending& sent) {
    int done = 0;
    MPI_Test(&sent.request, &done, MPI_STATUS_IGNORE);
    return done != 0;
  });
  Pending& next = pending_.emplace_back();
  next.bytes = std::move(bytes);
  MPI_Isend(next.bytes.data(), static_cast<int>(next.bytes.size()), MPI_BYTE, static_cast<int>(to),
            static_cast<int>(tag), lines_, &next.request);
  if (to == rank_ && tag == Tag::kAnswer) {
    ++own_;
    own_sent_.notify_all();
  }
}

void Link::wait_for_own(std::chrono::microseconds most) {
  std::unique_lock lock(mutex_);
  own_sent_.wait_for(lock, most, [this] { return own_ != own_seen_; });
  own_seen_ = own_;
}

std::optional<Link::Received> Link::try_receive(Tag tag) {
  int there = 0;
  MPI_Message message = MPI_MESSAGE_NULL;
  MPI_Status status;
  MPI_Improbe(MPI_ANY_SOURCE, static_cast<int>(tag), lines_, &there, &message, &status);
  if (there == 0) return std::nullopt;
  int count = 0;
  MPI_Get_count(&status, MPI_BYTE, &count);
  Received received{static_cast<std::uint32_t>(status.MPI_SOURCE), std::string(static_cast<std::size_t>(count), '\0')};
  MPI_Mrecv(received.bytes.data(), count, MPI_BYTE, &message, MPI_STATUS_IGNORE);
  return received;
}

bool Link::wait(MPI_Request& request, std::int64_t patience_ns) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(patience_ns);
  for (std::uint64_t turn = 0;; ++turn) {
    int done = 0;
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done != 0) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    // A block begins when this ends: processes that are there at the same time meet without sleeping.
    if (turn > 2000)
      std::this_thread::sleep_for(kPoll);
    else
      std::this_thread::yield();
  }
}

Peers Link::peers(std::int64_t patience_ns) {
  Peers peers;
  peers.process = rank_;
  peers.processes = size();
  peers.load_timeout_ns = static_cast<std::uint64_t>(patience_ns);
  peers.all_gather = [this, patience_ns](const void* mine, std::uint64_t bytes, void* all) {
    // Of their own: where not all came, MPI may still write there later.
    auto* from = new std::string(static_cast<const char*>(mine), bytes);
    auto* to = new std::string(bytes * size(), '\0');
    MPI_Request request = MPI_REQUEST_NULL;
    const int count = static_cast<int>(bytes);
    MPI_Iallgather(from->data(), count, MPI_BYTE, to->data(), count, MPI_BYTE, together_, &request);
    if (!wait(request, patience_ns)) return false;
    std::memcpy(all, to->data(), to->size());
    delete from;
    delete to;
    return true;
  };
  peers.barrier = [this, patience_ns] {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Ibarrier(together_, &request);
    return wait(request, patience_ns);
  };
  return peers;
}

void Link::finish() {
  {
    const std::lock_guard lock(mutex_);
    for (Pending& sent : pending_) MPI_Wait(&sent.request, MPI_STATUS_IGNORE);
    pending_.clear();
  }
  MPI_Barrier(together_);
  MPI_Comm_free(&lines_);
  MPI_Comm_free(&together_);
  MPI_Finalize();
}

void Link::abort(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
  ::_exit(status);
}

}  // namespace geomsu::worker
