#include "harness/conform/group.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "kernels/ops/collective.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::conform {
namespace {

constexpr std::uint64_t kElementsOfAPart = 7;

// Every kind in every dtype; in place where there is such a form; every op and all kinds of data of one.
std::vector<ops::Params> questions(std::uint32_t ranks) {
  std::vector<ops::Params> all;
  const auto add = [&all, ranks](const std::string& kind, const std::string& dtype, ops::Params more) {
    const std::uint64_t bytes = ranks * kElementsOfAPart * ops::find_dtype(dtype)->bytes;
    more.insert({{"kind", kind}, {"dtype", dtype}, {"bytes", std::to_string(bytes)}, {"ranks", std::to_string(ranks)}});
    all.push_back(std::move(more));
  };
  for (const char* kind :
       {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "broadcast", "reduce", "send_recv"}) {
    for (const char* dtype : {"fp32", "fp64", "bf16", "int32"}) add(kind, dtype, {});
  }
  for (const char* kind : {"all_reduce", "all_gather", "reduce_scatter", "broadcast", "reduce"})
    add(kind, "fp32", {{"in_place", "yes"}});
  for (const char* op : {"max", "min"}) add("all_reduce", "fp32", {{"op", op}});
  for (const char* data : {"uniform", "trig", "zeros"}) add("all_reduce", "fp32", {{"data", data}});
  for (ops::Params& params : all) {
    std::vector<ops::Problem> problems;
    params = ops::collective().complete(params, problems);
  }
  return all;
}

}  // namespace

Group::Group(Stand& stand) : stand_(stand) {
  const auto wire = stand.greeted();
  const std::size_t found = wire->ok(protocol::DevicesRequest{}).devices.size();
  ranks_ = static_cast<std::uint32_t>(std::min<std::size_t>(found, kMostGroupDevices));
  if (ranks_ < 2) {
    why_not_ = "collectives were not tried: it has one device, a group takes two (a plug-in may offer more by --param)";
    return;
  }
  std::vector<std::uint32_t> devices(ranks_);
  std::iota(devices.begin(), devices.end(), 0u);
  opened_ = wire->ask(protocol::OpenRequest{devices});
  if (opened_.status == protocol::Status::kUnsupported) {
    why_not_ = fmt::format("collectives were not tried: it opens no {} devices as one group: {}", ranks_,
                           Wire::words(opened_));
  } else if (!opened_.ok()) {
    throw Unmet{fmt::format("{} devices opened as one group, or unsupported", ranks_), Wire::words(opened_)};
  }
}

std::unique_ptr<Wire> Group::open() const {
  auto wire = stand_.greeted();
  std::vector<std::uint32_t> devices(ranks_);
  std::iota(devices.begin(), devices.end(), 0u);
  wire->ok(protocol::OpenRequest{devices});
  return wire;
}

void Group::ask_for_offers() {
  if (asked_) return;
  const auto wire = open();
  for (ops::Params& params : questions(ranks_)) {
    Offer offer{&ops::collective(), std::move(params)};
    const auto result = wire->ask(Stand::request_of(offer, 1));
    if (result.ok()) {
      offers_.push_back(std::move(offer));
    } else {
      not_offered_.emplace_back(offer.name(), result);
    }
  }
  asked_ = true;
}

const std::vector<Offer>& Group::offers() {
  ask_for_offers();
  return offers_;
}

const std::vector<std::pair<std::string, protocol::Answer>>& Group::not_offered() {
  ask_for_offers();
  return not_offered_;
}

}  // namespace geomsu::conform
