#include "kernels/ops/collective.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>

#include "kernels/ops/collective_reference.hpp"
#include "kernels/ops/params.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::ops {
namespace {

constexpr std::uint64_t kMaxBytes = 1ULL << 40;
constexpr std::uint64_t kMostSets = 1ULL << 20;

const std::vector<std::string>& kinds() {  // in the order of CollectiveKind
  static const std::vector<std::string> names{"all_reduce", "all_gather", "reduce_scatter", "all_to_all",
                                              "broadcast",  "reduce",     "send_recv"};
  return names;
}
const std::vector<std::string>& reduce_ops() {  // in the order of ReduceOp
  static const std::vector<std::string> names{"none", "sum", "max", "min"};
  return names;
}

bool reduces(std::string_view kind) { return kind == "all_reduce" || kind == "reduce_scatter" || kind == "reduce"; }
bool in_parts(std::string_view kind) {
  return kind == "all_gather" || kind == "reduce_scatter" || kind == "all_to_all";
}

// op: sum for what reduces, none for the rest.
void settle_op(Params& params, const Params& given, std::vector<Problem>& problems) {
  const auto kind = params.find("kind");
  if (kind == params.end()) return;
  const bool wants = reduces(kind->second);
  const auto op = params.find("op");
  if (op == params.end()) {
    if (!given.contains("op")) params["op"] = wants ? "sum" : "none";
  } else if (wants == (op->second == "none")) {
    problems.push_back({"op", wants ? "op of " + kind->second + " must be sum, max or min, got 'none'"
                                    : kind->second + " reduces nothing: op must be none, got '" + op->second + "'"});
    params.erase(op);
  }
}

void check_place(Params& params, std::vector<Problem>& problems) {
  const auto kind = params.find("kind"), place = params.find("in_place");
  if (kind == params.end() || place == params.end() || place->second == "no") return;
  if (kind->second != "all_to_all" && kind->second != "send_recv") return;
  problems.push_back({"in_place", kind->second + " has no form in place: in_place must be no"});
  params.erase(place);
}

void check_ranks(Params& params, std::vector<Problem>& problems) {
  const auto ranks = params.find("ranks");
  if (ranks == params.end()) return;
  const std::uint64_t count = count_of(params, "ranks");
  if (count >= 2 && count <= kMaxRanks) return;
  problems.push_back({"ranks", "ranks must be from 2 to 65536, got '" + ranks->second + "'"});
  params.erase(ranks);
}

void check_bytes(Params& params, std::vector<Problem>& problems) {
  const auto bytes = params.find("bytes");
  if (bytes == params.end() || !params.contains("dtype") || !params.contains("kind")) return;
  const std::uint64_t size = count_of(params, "bytes"), element = find_dtype(params["dtype"])->bytes;
  const bool parts = in_parts(params["kind"]) && params.contains("ranks");
  const std::uint64_t step = parts ? element * count_of(params, "ranks") : element;
  if (size % step == 0 && size <= kMaxBytes) return;
  problems.push_back({"bytes", "bytes must be a multiple of " + std::to_string(step) + " (the size of an element" +
                                   (parts ? " times the ranks" : "") + ") up to 2^40, got '" + bytes->second + "'"});
  params.erase(bytes);
}

class Collective final : public Operation {
 public:
  std::string_view name() const override { return "collective"; }

  const std::vector<ParamSpec>& params() const override {
    static const std::vector<ParamSpec> specs{
        {"kind", "", kinds(), "what a repeat does"},
        {"bytes", "", {}, "size S as nccl-tests counts it: up to 2^40, whole elements, whole parts"},
        {"ranks", "", {}, "devices of the group, 2 to 65536"},
        {"dtype", "fp32", {"fp32", "fp64", "bf16", "int32"}, "type of the elements"},
        {"op", "(by kind)", reduce_ops(), "how elements are reduced: sum for what reduces, none for the rest"},
        {"in_place", "no", {"no", "yes"}, "whether input and output are one buffer: another workload"},
        {"algorithm", "auto", {"auto", "ring", "tree"}, "auto: what the library chooses"},
        {"data", "normal", data_names(), "what is sent (GENERATOR.md)"},
    };
    return specs;
  }

  const std::vector<QuantitySpec>& quantities() const override {
    static const std::vector<QuantitySpec> specs{{"busbw", "B/s", true}, {"algbw", "B/s", true}, {"time", "s", false}};
    return specs;
  }

  Params complete(const Params& given, std::vector<Problem>& problems) const override {
    Params params = complete_by(this->params(), given, problems);
    settle_op(params, given, problems);
    check_place(params, problems);
    check_ranks(params, problems);
    check_bytes(params, problems);
    return params;
  }

  std::uint64_t work(const Params& params) const override { return count_of(params, "bytes"); }

  double value(const Params& params, std::string_view quantity, std::uint64_t repeats, std::int64_t ns) const override {
    if (quantity == "time") return static_cast<double>(ns) * 1e-9 / static_cast<double>(repeats);
    const double algbw = Operation::value(params, quantity, repeats, ns);
    const CollectiveShape s = collective_shape(params);
    return quantity == "busbw" ? algbw * bus_factor(s.kind, s.ranks) : algbw;
  }

  std::uint32_t ranks(const Params& params) const override {
    return static_cast<std::uint32_t>(count_of(params, "ranks"));
  }
  std::uint64_t bytes_per_set(const Params& params) const override { return collective_shape(params).set_bytes(); }
  bool refill_every_block() const override { return true; }
  std::uint64_t max_operand_sets(const Params&) const override { return kMostSets; }
  bool set_per_repeat(const Params& params) const override { return text_of(params, "in_place") == "yes"; }

  std::unique_ptr<Reference> reference(const Params& params, const BlockState& state) const override {
    return collective_reference(collective_shape(params), state);
  }

  std::string peak_key(const Params&, std::string_view) const override { return {}; }
};

std::size_t place_in(const std::vector<std::string>& names, const Params& params, std::string_view key) {
  const std::string& text = text_of(params, key);
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) throw std::invalid_argument("collective knows no " + std::string(key) + " '" + text + "'");
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::uint64_t CollectiveShape::element_bytes() const { return find_dtype(dtype)->bytes; }

std::uint64_t CollectiveShape::sent(std::uint32_t rank) const {
  if (kind == CollectiveKind::kAllGather) return chunk();
  if (kind == CollectiveKind::kBroadcast) return rank == 0 ? count : 0;
  return count;
}

std::uint64_t CollectiveShape::received(std::uint32_t rank) const {
  if (kind == CollectiveKind::kReduceScatter) return chunk();
  if (kind == CollectiveKind::kReduce) return rank == 0 ? count : 0;
  return count;
}

std::uint64_t CollectiveShape::set_bytes(std::uint32_t rank) const {
  if (in_place) return element_bytes() * std::max(sent(rank), received(rank));
  return element_bytes() * (sent(rank) + received(rank));
}

std::uint64_t CollectiveShape::set_bytes() const {
  // All ranks are alike but for a root, which is rank 0.
  return set_bytes(0) + (ranks - 1) * set_bytes(1);
}

CollectiveShape collective_shape(const Params& complete) {
  CollectiveShape s;
  s.kind = static_cast<CollectiveKind>(place_in(kinds(), complete, "kind"));
  s.op = static_cast<ReduceOp>(place_in(reduce_ops(), complete, "op"));
  s.dtype = text_of(complete, "dtype");
  s.algorithm = text_of(complete, "algorithm");
  s.bytes = count_of(complete, "bytes");
  if (find_dtype(s.dtype) == nullptr) throw std::invalid_argument("collective knows no dtype '" + s.dtype + "'");
  s.count = s.bytes / s.element_bytes();
  s.ranks = static_cast<std::uint32_t>(count_of(complete, "ranks"));
  s.in_place = text_of(complete, "in_place") == "yes";
  s.data = data_of(complete);
  return s;
}

// bf16 holds whole numbers up to 256: what a sum over all ranks may reach.
CollectiveRange collective_range(const CollectiveShape& shape) {
  if (shape.dtype != "bf16") return {};
  const int most = static_cast<int>(std::max<std::uint64_t>(1, 256 / std::uint64_t{shape.ranks}));
  return {-std::min(64, most), std::min(63, most)};
}

int collective_element(const CollectiveShape& shape, std::uint64_t seed, std::uint32_t rank, std::uint64_t set,
                       std::uint64_t index) {
  const std::uint64_t tensor = collective_tensor(rank, set);
  const double raw = 16 * value(shape.data, stream(seed, tensor), tensor, index);
  const CollectiveRange range = collective_range(shape);
  return std::clamp(static_cast<int>(std::nearbyint(raw)), range.least, range.most);
}

double bus_factor(CollectiveKind kind, std::uint32_t ranks) {
  const double n = ranks;
  switch (kind) {
    case CollectiveKind::kAllReduce:
      return 2 * (n - 1) / n;
    case CollectiveKind::kAllGather:
    case CollectiveKind::kReduceScatter:
    case CollectiveKind::kAllToAll:
      return (n - 1) / n;
    case CollectiveKind::kBroadcast:
    case CollectiveKind::kReduce:
    case CollectiveKind::kSendRecv:
      return 1;
  }
  return 1;
}

const Operation& collective() {
  static const Collective operation;
  return operation;
}

}  // namespace geomsu::ops
