#include "harness/worker/merge.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace geomsu::worker {
namespace {
using namespace protocol;

constexpr std::size_t kMostNamed = 4;  // processes whose reasons are written out

int severity(Status status) {
  switch (status) {
    case Status::kOk:
      return 0;
    case Status::kUnsupported:
      return 1;
    case Status::kOutOfMemory:
      return 2;
    case Status::kError:
      return 3;
    case Status::kTimeout:
      return 4;
    case Status::kDeviceLost:
      return 5;
  }
  return 3;
}

const Answer& answer_of(const Result& result) {
  return std::visit([](const auto& r) -> const Answer& { return r; }, result);
}

// The worst status, and why: the processes of that status first, then the others that are not ok.
void judge(const std::vector<ProcessAnswer>& answers, Answer& merged) {
  std::vector<const ProcessAnswer*> bad;
  for (const ProcessAnswer& answer : answers) {
    if (!answer_of(answer.result).ok()) bad.push_back(&answer);
  }
  if (bad.empty()) return;
  std::stable_sort(bad.begin(), bad.end(), [](const ProcessAnswer* a, const ProcessAnswer* b) {
    return severity(answer_of(a->result).status) > severity(answer_of(b->result).status);
  });
  merged.status = answer_of(bad.front()->result).status;
  const Answer& worst = answer_of(bad.front()->result);
  const bool one_voice = std::all_of(bad.begin(), bad.end(), [&worst](const ProcessAnswer* one) {
    const Answer& answer = answer_of(one->result);
    return answer.status == worst.status && answer.reason == worst.reason;
  });
  if (one_voice && bad.size() == answers.size() && bad.size() > 1) {
    merged.reason = "every rank: " + worst.reason;
    return;
  }
  for (std::size_t i = 0; i < bad.size() && i < kMostNamed; ++i) {
    if (i > 0) merged.reason += "; ";
    const Answer& answer = answer_of(bad[i]->result);
    merged.reason += fmt::format("{}: ", bad[i]->from.name());
    if (answer.status != merged.status) merged.reason += fmt::format("{}: ", to_string(answer.status));
    merged.reason += answer.reason;
  }
  if (bad.size() > kMostNamed) merged.reason += fmt::format("; and {} more", bad.size() - kMostNamed);
}

void refuse(Answer& merged, std::string reason) {
  merged.status = Status::kError;
  merged.reason = std::move(reason);
}

// What must be the same of all. `get` gives it as text.
template <class R, class Get>
bool alike(const std::vector<ProcessAnswer>& answers, Answer& merged, const char* what, Get&& get) {
  const std::string first = get(std::get<R>(answers.front().result));
  for (const ProcessAnswer& answer : answers) {
    const std::string other = get(std::get<R>(answer.result));
    if (other == first) continue;
    refuse(merged, fmt::format("{} has {} '{}', and {} has '{}': the processes of a group must be alike",
                               answer.from.name(), what, other, answers.front().from.name(), first));
    return false;
  }
  return true;
}

// One after the other, numbered through. Two processes that bring one part would count it twice.
void join_devices(const std::vector<ProcessAnswer>& answers, Answer& merged, std::vector<DeviceInfo>& out,
                  const std::vector<std::vector<DeviceInfo>>& brought) {
  std::map<std::string, const Process*> owners;
  for (std::size_t p = 0; p < answers.size(); ++p) {
    const Process& from = answers[p].from;
    for (DeviceInfo device : brought[p]) {
      device.index = static_cast<std::uint32_t>(out.size());
      device.attributes.emplace("node", from.host);
      device.attributes.emplace("rank", std::to_string(from.rank));
      const auto [owner, fresh] = owners.emplace(device.uuid, &from);
      if (!fresh && owner->second != &from) {
        return refuse(merged, fmt::format("{} and {} both bring the device '{}': each process must have its own",
                                          owner->second->name(), from.name(), device.uuid));
      }
      out.push_back(std::move(device));
    }
  }
}

template <class R>
std::vector<std::vector<DeviceInfo>> devices_of(const std::vector<ProcessAnswer>& answers) {
  std::vector<std::vector<DeviceInfo>> all;
  for (const ProcessAnswer& answer : answers) all.push_back(std::get<R>(answer.result).devices);
  return all;
}

// Each merged_into() is called where all are ok; `merged` is a copy of the first's answer.

void merged_into(HelloResult& merged, const std::vector<ProcessAnswer>& all) {
  if (merged.scripted_time && all.size() > 1) {
    merged.status = Status::kUnsupported;
    merged.reason = "a plug-in that scripts time serves one process: several would have several times";
    return;
  }
  if (!alike<HelloResult>(all, merged, "the plug-in file of SHA-256", [](const auto& r) { return r.plugin.sha256; }))
    return;
  alike<HelloResult>(all, merged, "the worker", [](const auto& r) { return r.worker; });
}

void merged_into(DevicesResult& merged, const std::vector<ProcessAnswer>& all) {
  merged.devices.clear();
  join_devices(all, merged, merged.devices, devices_of<DevicesResult>(all));
}

void merged_into(OpenResult& merged, const std::vector<ProcessAnswer>& all) {
  const auto clock = [](const OpenResult& r) {
    return fmt::format("{}, {} ticks a second, {} bits", r.clock_domain, r.ticks_per_second, r.valid_bits);
  };
  if (!alike<OpenResult>(all, merged, "the clock", clock)) return;
  merged.devices.clear();
  join_devices(all, merged, merged.devices, devices_of<OpenResult>(all));
}

void merged_into(PrepareResult& merged, const std::vector<ProcessAnswer>& all) {
  const auto kept = [](const PrepareResult& r) {
    return fmt::format("{} operand sets, refilled {}", r.operand_sets, r.refill_every_block ? "a block" : "a trial");
  };
  if (!alike<PrepareResult>(all, merged, "the workload", [](const auto& r) { return std::to_string(r.workload); }))
    return;
  if (!alike<PrepareResult>(all, merged, "kept", kept)) return;
  if (!alike<PrepareResult>(all, merged, "the algorithm", [](const auto& r) { return r.algorithm; })) return;
  merged.memory_bytes = 0;
  for (const ProcessAnswer& answer : all) {
    const auto& one = std::get<PrepareResult>(answer.result);
    merged.memory_bytes += one.memory_bytes;
    merged.deterministic = merged.deterministic && one.deterministic;
  }
}

void merged_into(MeasureResult& merged, const std::vector<ProcessAnswer>& all) {
  merged.spans.clear();
  for (const ProcessAnswer& answer : all) {
    const auto& one = std::get<MeasureResult>(answer.result);
    merged.spans.insert(merged.spans.end(), one.spans.begin(), one.spans.end());
    merged.worker_raw_ns = std::max(merged.worker_raw_ns, one.worker_raw_ns);
  }
}

void merged_into(StopResult& merged, const std::vector<ProcessAnswer>& all) {
  alike<StopResult>(all, merged, "repeats of the load", [](const auto& r) { return std::to_string(r.repeats); });
}

void merged_into(TelemetryResult& merged, const std::vector<ProcessAnswer>& all) {
  merged.readings.clear();
  for (const ProcessAnswer& answer : all) {
    const auto& one = std::get<TelemetryResult>(answer.result);
    merged.readings.insert(merged.readings.end(), one.readings.begin(), one.readings.end());
  }
}

template <class R>
void merged_into(R&, const std::vector<ProcessAnswer>&) {}

template <class R>
std::optional<std::uint32_t> owner_of(const R& request, const Shares& shares) {
  for (std::size_t p = 0; p < shares.count.size(); ++p) {
    if (request.rank >= shares.first_rank[p] && request.rank - shares.first_rank[p] < shares.count[p]) {
      return static_cast<std::uint32_t>(p);
    }
  }
  return 0;
}

}  // namespace

std::string Process::name() const { return fmt::format("rank {} on {}, pid {}", rank, host, pid); }

Result merge(const Request& request, std::vector<ProcessAnswer> answers) {
  for (const ProcessAnswer& answer : answers) {
    if (answer.result.index() != request.index()) {
      throw std::logic_error(fmt::format("{} answered '{}' with another result", answer.from.name(), method(request)));
    }
  }
  return std::visit(
      [&answers](const auto& first) -> Result {
        using R = std::decay_t<decltype(first)>;
        R merged = first;
        static_cast<Answer&>(merged) = Answer{};
        judge(answers, merged);
        if (merged.ok()) merged_into(merged, answers);
        return merged;
      },
      answers.front().result);
}

Result failed_result(const Request& request, Status status, std::string reason) {
  const auto made = [&]<std::size_t... I>(std::index_sequence<I...>) {
    Result result;
    ((request.index() == I ? static_cast<void>(result.emplace<I>()) : static_cast<void>(0)), ...);
    return result;
  };
  Result result = made(std::make_index_sequence<std::variant_size_v<Result>>());
  std::visit(
      [&](auto& r) {
        r.status = status;
        r.reason = std::move(reason);
      },
      result);
  return result;
}

std::optional<std::uint32_t> which_process(const Request& request, const Shares& shares) {
  if (const auto* read = std::get_if<ReadRequest>(&request)) return owner_of(*read, shares);
  if (const auto* project = std::get_if<ProjectRequest>(&request)) return owner_of(*project, shares);
  if (const auto* digest = std::get_if<DigestRequest>(&request)) return owner_of(*digest, shares);
  if (std::holds_alternative<ClockRequest>(request)) return 0;
  return std::nullopt;
}

std::variant<OpenParts, std::string> split_open(const OpenRequest& open, const std::vector<std::uint32_t>& found) {
  OpenParts parts;
  parts.requests.resize(found.size());
  std::size_t process = 0;
  std::uint32_t before = 0;  // devices of earlier processes
  std::vector<std::uint32_t> begins;
  for (const std::uint32_t count : found) {
    begins.push_back(before);
    before += count;
  }
  for (const std::uint32_t index : open.devices) {
    if (index >= before) return fmt::format("device {} of {}", index, before);
    std::size_t owner = found.size() - 1;
    while (index < begins[owner]) --owner;
    if (owner < process) {
      return fmt::format(
          "device {} is rank {}'s and stands after a device of rank {}: name a group's devices in the "
          "order of the processes",
          index, owner, process);
    }
    process = owner;
    parts.requests[owner].devices.push_back(index - begins[owner]);
  }
  for (std::size_t p = 0; p < found.size(); ++p) {
    const auto count = static_cast<std::uint32_t>(parts.requests[p].devices.size());
    if (count == 0) {
      return fmt::format("no device of rank {} is named: a group of this job has one of each of its {} processes", p,
                         found.size());
    }
    parts.shares.first_rank.push_back(parts.shares.ranks);
    parts.shares.count.push_back(count);
    parts.shares.ranks += count;
  }
  return parts;
}

}  // namespace geomsu::worker
