#include "kernels/ops/transfer.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/ops/params.hpp"
#include "kernels/ops/transfer_reference.hpp"

namespace geomsu::ops {
namespace {

constexpr std::uint64_t kMaxBytes = 1ULL << 40;
constexpr std::uint64_t kMostPeer = 65535;

const std::vector<std::string>& directions() {  // in the order of Direction
  static const std::vector<std::string> names{"h2d", "d2h", "p2p", "bidirectional"};
  return names;
}

// An index counts from 0, unlike every other number.
void check_peer(Params& params, const Params& given, std::vector<Problem>& problems) {
  const auto direction = params.find("direction");
  const auto peer = given.find("peer");
  if (direction == params.end()) return;
  if (peer == given.end()) {
    if (direction->second == "p2p") problems.push_back({"peer", "peer must be given: the index of the other device"});
    return;
  }
  if (direction->second == "h2d" || direction->second == "d2h") {
    problems.push_back({"peer", direction->second + " is between host and device: peer must be left out"});
    return;
  }
  const auto index = parse_count(peer->second);
  if (index && *index <= kMostPeer) {
    params["peer"] = std::to_string(*index);
  } else {
    problems.push_back({"peer", "peer must be an index from 0 to 65535, got '" + peer->second + "'"});
  }
}

class Transfer final : public Operation {
 public:
  std::string_view name() const override { return "transfer"; }

  const std::vector<ParamSpec>& params() const override {
    static const std::vector<ParamSpec> specs{
        {"direction", "", directions(), "which way: h2d, d2h, p2p (to a peer), bidirectional (both at once)"},
        {"bytes", "", {}, "size of one way's piece: a multiple of 8 up to 2^40"},
        {"pinned", "yes", {"yes", "no"}, "whether the host's side is page-locked"},
        {"peer", "(none)", {}, "the other device's index, from 0: of p2p, and of bidirectional between devices"},
        {"data", "normal", data_names(), "what is sent (GENERATOR.md)"},
    };
    return specs;
  }

  const std::vector<QuantitySpec>& quantities() const override {
    static const std::vector<QuantitySpec> specs{{"bandwidth", "B/s", true}, {"latency", "s", false}};
    return specs;
  }

  Params complete(const Params& given, std::vector<Problem>& problems) const override {
    Params without_peer = given;
    without_peer.erase("peer");
    Params params = complete_by(this->params(), without_peer, problems);
    check_peer(params, given, problems);
    if (const auto bytes = params.find("bytes"); bytes != params.end()) {
      const std::uint64_t count = count_of(params, "bytes");
      if (count % 8 != 0 || count > kMaxBytes) {
        problems.push_back({"bytes", "bytes must be a multiple of 8 up to 2^40, got '" + bytes->second + "'"});
        params.erase(bytes);
      }
    }
    const bool has_host_side = !params.contains("peer") && params["direction"] != "p2p";
    if (!has_host_side && params.contains("pinned") && params["pinned"] == "no") {
      problems.push_back({"pinned", "between devices there is no host's side: pinned must be left out"});
      params.erase("pinned");
    }
    if (params["direction"].empty()) params.erase("direction");
    return params;
  }

  std::uint64_t work(const Params& params) const override {
    const TransferShape s = transfer_shape(params);
    return s.ways() * s.bytes;
  }
  double value(const Params& params, std::string_view quantity, std::uint64_t repeats, std::int64_t ns) const override {
    if (quantity == "latency") return static_cast<double>(ns) * 1e-9 / static_cast<double>(repeats);
    return Operation::value(params, quantity, repeats, ns);
  }
  std::uint64_t bytes_per_set(const Params& params) const override {
    const TransferShape s = transfer_shape(params);
    return 8 * s.ways() * (s.source_elements() + s.target_elements());
  }
  bool refill_every_block() const override { return false; }
  std::uint64_t max_operand_sets(const Params&) const override { return 1; }

  std::unique_ptr<Reference> reference(const Params& params, const BlockState& state) const override {
    return transfer_reference(transfer_shape(params), state);
  }
  std::string peak_key(const Params&, std::string_view) const override { return {}; }
};

}  // namespace

TransferShape transfer_shape(const Params& complete) {
  TransferShape s;
  const std::string& direction = text_of(complete, "direction");
  const auto found = std::find(directions().begin(), directions().end(), direction);
  if (found == directions().end()) throw std::invalid_argument("transfer knows no direction '" + direction + "'");
  s.direction = static_cast<Direction>(found - directions().begin());
  s.bytes = count_of(complete, "bytes");
  s.elements = s.bytes / 8;
  s.pinned = text_of(complete, "pinned") == "yes";
  s.data = data_of(complete);
  if (complete.contains("peer")) s.peer = count_of(complete, "peer");
  return s;
}

const Operation& transfer() {
  static const Transfer operation;
  return operation;
}

}  // namespace geomsu::ops
