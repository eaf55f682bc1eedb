// The table of the MPI backend: each slot unpacks, calls and packs. One device, the process itself; a group is all
// processes of the job.
#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <mpi.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/mpi/executor.hpp"
#include "kernels/mpi/host.hpp"
#include "kernels/mpi/workload.hpp"
#include "kernels/ops/operation.hpp"

using geomsu::plugin::Failure;
using geomsu::plugin::guard;
using geomsu::plugin::guard_void;
using geomsu::plugin::required;
using geomsu::plugin::sized;
namespace mpi = geomsu::mpi;
namespace ops = geomsu::ops;

struct geomsu_instance {
  explicit geomsu_instance(std::uint64_t most) : most_bytes(most) {}
  std::uint64_t most_bytes;  // a workload may take
  mpi::Host host = mpi::find_host();
  std::string cores = std::to_string(host.cores), rank = std::to_string(host.rank);
  std::vector<geomsu_param> attributes{
      {"kind", "host"}, {"cores", cores.c_str()}, {"node", host.node.c_str()}, {"rank", rank.c_str()}};
};

struct geomsu_device {
  explicit geomsu_device(geomsu_instance& owner) : instance(owner) {}
  geomsu_instance& instance;
  mpi::Executor executor;
};

struct geomsu_group {
  geomsu_device& device;
  std::uint32_t rank = 0, ranks = 1;
  MPI_Comm comm = MPI_COMM_NULL;
};

struct geomsu_workload {
  std::unique_ptr<mpi::Workload> work;
};

struct geomsu_event final : mpi::Job {
  geomsu_event(mpi::Workload& owner, std::uint64_t count) : work(owner), repeats(count), first(owner.book(count)) {
    span.ends.resize(static_cast<std::size_t>(std::min<std::uint64_t>(count, kKept)));
  }
  static constexpr std::uint64_t kKept = 64;
  mpi::Workload& work;
  std::uint64_t repeats, first;
  mpi::Span span;
  bool finished = false;

 protected:
  void do_run() override { work.run(first, repeats, span); }
};

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::uint64_t count_of(const std::string& key, const std::string& text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size() && count > 0) return count;
  throw Failure(GEOMSU_INVALID_ARGUMENT, key + " is '" + text + "', and must be a count from 1 on");
}

geomsu_error* instance_create(const geomsu_params* params, geomsu_instance** out) {
  return guard([&] {
    auto settings = geomsu::plugin::params_of(params);
    const auto most = geomsu::plugin::take(settings, "memory");
    if (!settings.empty()) {
      throw Failure(GEOMSU_INVALID_ARGUMENT, "the mpi backend has no setting '" + settings.begin()->first + "'");
    }
    auto& to = required(out, "out");
    if (const std::string why = mpi::why_not_here(); !why.empty()) throw Failure(GEOMSU_UNSUPPORTED, why);
    to = new geomsu_instance(most ? count_of("memory", *most) : std::numeric_limits<std::uint64_t>::max());
  });
}
void instance_destroy(geomsu_instance* instance) { delete instance; }

geomsu_error* device_count(geomsu_instance* instance, std::uint32_t* out) {
  return guard([&] {
    required(instance, "instance");
    required(out, "out") = 1;
  });
}

void check_index(std::uint32_t index) {
  if (index != 0)
    throw Failure(GEOMSU_INVALID_ARGUMENT, "a process is one device, 0, and has no " + std::to_string(index));
}

geomsu_error* describe(geomsu_instance* instance, std::uint32_t index, geomsu_description* out) {
  return guard([&] {
    const auto& owner = required(instance, "instance");
    auto& to = sized(out, GEOMSU_DESCRIPTION_MIN_SIZE, "description");
    check_index(index);
    to.name = owner.host.name.c_str();
    to.vendor = "host";
    to.uuid = owner.host.uuid.c_str();
    to.driver = owner.host.driver.c_str();
    to.memory_bytes = owner.host.memory_bytes == 0 ? GEOMSU_UNKNOWN : owner.host.memory_bytes;
    to.pcie_generation = to.pcie_width = GEOMSU_UNKNOWN;
    to.attributes = owner.attributes.data();
    to.attribute_count = owner.attributes.size();
  });
}

geomsu_error* device_open(geomsu_instance* instance, std::uint32_t index, geomsu_device** out) {
  return guard([&] {
    auto& owner = required(instance, "instance");
    auto& to = required(out, "out");
    check_index(index);
    to = new geomsu_device(owner);
  });
}
void device_close(geomsu_device* device) { delete device; }

geomsu_error* clock_info(geomsu_device* device, geomsu_clock_info* out) {
  return guard([&] {
    required(device, "device");
    auto& to = sized(out, GEOMSU_CLOCK_INFO_MIN_SIZE, "clock_info");
    to.ticks_per_second = 1'000'000'000;
    to.valid_bits = 64;
    to.domain = GEOMSU_CLOCK_HOST;
  });
}
geomsu_error* device_clock(geomsu_device* device, std::uint64_t* ticks) {
  return guard([&] {
    required(device, "device");
    required(ticks, "ticks") = mpi::raw_now_ns();
  });
}

// A share of a processor has no sensors of its own.
geomsu_error* telemetry(geomsu_device* device, geomsu_telemetry* out) {
  return guard([&] {
    required(device, "device");
    auto& to = sized(out, GEOMSU_TELEMETRY_MIN_SIZE, "telemetry");
    to.power_w = to.energy_j = to.temperature_c = to.memory_temperature_c = to.clock_mhz = to.memory_clock_mhz =
        to.memory_used_bytes = to.foreign_load = kNan;
    to.throttle = to.throttle_events = to.ecc_corrected = to.ecc_uncorrected = to.link_replays = to.fault_events =
        GEOMSU_UNKNOWN;
  });
}

const geomsu_peers* peers_of(const geomsu_params* params) {
  if (params == nullptr || params->next == nullptr) return nullptr;
  const auto* peers = static_cast<const geomsu_peers*>(params->next);
  if (peers->struct_size < GEOMSU_PEERS_MIN_SIZE)
    throw Failure(GEOMSU_INVALID_ARGUMENT, "peers.struct_size is smaller than ABI 1.0's");
  return peers;
}

// The group's communicator, its ranks in the order of the host's processes. Nothing waits where one process refuses:
// all agree before MPI is asked for it.
geomsu_error* group_create(geomsu_device* const* devices, std::uint32_t count, const geomsu_params* params,
                           geomsu_group** out) {
  return guard([&] {
    auto& device = required(required(devices, "devices"), "devices[0]");
    auto& to = required(out, "out");
    if (count != 1)
      throw Failure(GEOMSU_UNSUPPORTED, "a process is one device of a group, not " + std::to_string(count));
    const geomsu_peers* peers = peers_of(params);
    const mpi::Host& host = device.instance.host;
    if (peers == nullptr) {
      if (host.ranks != 1) throw Failure(GEOMSU_UNSUPPORTED, "a group of a job is made by all of its processes");
      to = new geomsu_group{device, 0, 1, MPI_COMM_NULL};
      MPI_Comm_dup(MPI_COMM_WORLD, &to->comm);
      MPI_Comm_set_errhandler(to->comm, MPI_ERRORS_RETURN);
      return;
    }
    if (peers->processes != host.ranks || peers->ranks != host.ranks) {
      throw Failure(GEOMSU_UNSUPPORTED, "a group has every process of the job once: " + std::to_string(host.ranks) +
                                            " processes, " + std::to_string(peers->ranks) + " ranks");
    }
    std::vector<std::uint32_t> order(peers->processes);
    if (peers->all_gather(peers->user, &host.rank, sizeof host.rank, order.data()) != 0) {
      throw Failure(GEOMSU_TIMEOUT, "not every process came to make the group");
    }
    auto group = std::make_unique<geomsu_group>(geomsu_group{device, peers->first_rank, peers->ranks, MPI_COMM_NULL});
    MPI_Comm_split(MPI_COMM_WORLD, 0, static_cast<int>(peers->first_rank), &group->comm);
    MPI_Comm_set_errhandler(group->comm, MPI_ERRORS_RETURN);
    to = group.release();
  });
}
void group_destroy(geomsu_group* group) {
  if (group == nullptr) return;
  if (group->comm != MPI_COMM_NULL) MPI_Comm_free(&group->comm);
  delete group;
}

std::unique_ptr<mpi::Workload> prepare(const geomsu_group& group, const std::string& name,
                                       geomsu::plugin::Params params) {
  if (name != "collective") throw Failure(GEOMSU_UNSUPPORTED, "the mpi backend offers collective, not '" + name + "'");
  std::uint64_t sets = 1;
  if (const auto text = geomsu::plugin::take(params, "operand_sets")) sets = count_of("operand_sets", *text);
  std::vector<ops::Problem> problems;
  const ops::Operation& operation = *ops::find(name);
  const ops::Params complete = operation.complete(params, problems);
  if (!problems.empty()) throw Failure(GEOMSU_INVALID_ARGUMENT, name + ": " + problems.front().rule);
  const ops::CollectiveShape shape = ops::collective_shape(complete);
  if (shape.ranks != group.ranks) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "a collective of " + std::to_string(shape.ranks) + " ranks in a group of " +
                                               std::to_string(group.ranks));
  }
  if (shape.algorithm != "auto") {
    throw Failure(GEOMSU_UNSUPPORTED,
                  "MPI chooses its algorithm itself: algorithm must be auto, got '" + shape.algorithm + "'");
  }
  const std::uint64_t each = shape.set_bytes(group.rank), most = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t needed = each != 0 && sets > most / each ? most : each * sets;
  const auto& instance = group.device.instance;
  const std::uint64_t free = mpi::available_memory() / instance.host.local_ranks / 10 * 9;
  if (const std::uint64_t room = std::min(free, instance.most_bytes); needed > room) {
    throw Failure(GEOMSU_OUT_OF_MEMORY, "needs " + std::to_string(needed) + " bytes, and this process may take " +
                                            std::to_string(room) +
                                            ": its share of the node's free memory, or the setting 'memory'");
  }
  return std::make_unique<mpi::Workload>(group.device.executor, group.comm, group.rank, shape, sets);
}

geomsu_error* workload_prepare(geomsu_group* group, const char* op, const geomsu_params* params,
                               geomsu_workload** out) {
  return guard([&] {
    const auto& known = required(group, "group");
    auto& to = required(out, "out");
    to = new geomsu_workload{prepare(known, &required(op, "op"), geomsu::plugin::params_of(params))};
  });
}
void workload_release(geomsu_workload* workload) { delete workload; }

geomsu_error* workload_info(geomsu_workload* workload, geomsu_workload_info* out) {
  return guard([&] {
    const auto& work = *required(workload, "workload").work;
    auto& to = sized(out, GEOMSU_WORKLOAD_INFO_MIN_SIZE, "workload_info");
    to.memory_bytes = work.memory_bytes();
    to.operand_sets = work.operand_sets();
    to.algorithm = work.algorithm().c_str();
    to.deterministic = 1;  // sums of whole numbers are exact in any order
    to.refill = GEOMSU_REFILL_BLOCK;
  });
}

geomsu_error* reseed(geomsu_workload* workload, std::uint64_t seed) {
  return guard([&] { required(workload, "workload").work->reseed(seed); });
}

geomsu_error* submit(geomsu_workload* workload, std::uint64_t repeats, geomsu_event** out) {
  return guard([&] {
    auto& work = *required(workload, "workload").work;
    auto& to = required(out, "out");
    auto* event = new geomsu_event(work, repeats);
    work.executor().post(*event);
    to = event;
  });
}

geomsu_error* event_wait(geomsu_event* event, std::uint64_t timeout_ns) {
  return guard([&] {
    auto& known = required(event, "event");
    if (!known.work.executor().wait(known, timeout_ns))
      throw Failure(GEOMSU_TIMEOUT, "not done within " + std::to_string(timeout_ns) + " ns");
    known.finished = true;
  });
}

void check_rank(const mpi::Workload& work, std::uint32_t rank) {
  if (rank == work.rank()) return;
  throw Failure(GEOMSU_INVALID_ARGUMENT,
                "rank " + std::to_string(rank) + " is another process's: this one is " + std::to_string(work.rank()));
}

geomsu_error* event_span(geomsu_event* event, std::uint32_t rank, geomsu_span* out) {
  return guard([&] {
    const auto& known = required(event, "event");
    auto& to = sized(out, GEOMSU_SPAN_MIN_SIZE, "span");
    check_rank(known.work, rank);
    if (!known.finished) throw Failure(GEOMSU_INVALID_ARGUMENT, "event_span before event_wait saw the event done");
    to.first = known.span.first;
    to.last = known.span.last;
    to.repeat_count = to.repeat_ends == nullptr ? 0 : std::min<std::uint64_t>(to.repeat_room, known.span.ends.size());
    std::copy_n(known.span.ends.begin(), to.repeat_count, to.repeat_ends);
  });
}
void event_destroy(geomsu_event* event) {
  if (event == nullptr) return;
  // The executor may still be in it.
  guard_void([&] { event->work.executor().wait(*event, std::numeric_limits<std::uint64_t>::max()); });
  delete event;
}

mpi::Workload& of_rank(geomsu_workload* workload, std::uint32_t rank) {
  auto& work = *required(workload, "workload").work;
  check_rank(work, rank);
  return work;
}

geomsu_error* read(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                   const std::uint64_t* indices, std::uint64_t count, double* out) {
  return guard([&] {
    auto& work = of_rank(workload, rank);
    if (count == 0) return;
    work.read(tensor, repeat, {&required(indices, "indices"), count}, &required(out, "out"));
  });
}

geomsu_error* project(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                      std::uint64_t seed, double* out, std::uint64_t room, std::uint64_t* count) {
  return guard([&] {
    auto& work = of_rank(workload, rank);
    auto& written = required(count, "count");
    const auto result = work.project(tensor, repeat, seed);
    if (room < result.size())
      throw Failure(GEOMSU_INVALID_ARGUMENT, "a projection of " + std::to_string(result.size()) +
                                                 " numbers into room for " + std::to_string(room));
    std::copy(result.begin(), result.end(), &required(out, "out"));
    written = result.size();
  });
}

geomsu_error* digest(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                     std::uint64_t* out) {
  return guard([&] { required(out, "out") = of_rank(workload, rank).digest(tensor, repeat); });
}

const void* extension(geomsu_instance*, const char*) { return nullptr; }

constexpr geomsu_plugin kTable{
    .struct_size = sizeof(geomsu_plugin),
    .next = nullptr,
    .abi_major = GEOMSU_ABI_MAJOR,
    .abi_minor = GEOMSU_ABI_MINOR,
    .name = "mpi",
    .version = GEOMSU_MPI_VERSION,
    .simulated = nullptr,
    .error_code = geomsu::plugin::error_code,
    .error_message = geomsu::plugin::error_message,
    .error_destroy = geomsu::plugin::error_destroy,
    .instance_create = instance_create,
    .instance_destroy = instance_destroy,
    .device_count = device_count,
    .describe = describe,
    .device_open = device_open,
    .device_close = device_close,
    .clock_info = clock_info,
    .device_clock = device_clock,
    .telemetry = telemetry,
    .group_create = group_create,
    .group_destroy = group_destroy,
    .workload_prepare = workload_prepare,
    .workload_release = workload_release,
    .workload_info = workload_info,
    .reseed = reseed,
    .submit = submit,
    .event_wait = event_wait,
    .event_span = event_span,
    .event_destroy = event_destroy,
    .read = read,
    .project = project,
    .digest = digest,
    .extension = extension,
};

}  // namespace

const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
  if (host == nullptr || host->struct_size < GEOMSU_HOST_MIN_SIZE || host->abi_major != GEOMSU_ABI_MAJOR)
    return nullptr;
  return &kTable;
}
