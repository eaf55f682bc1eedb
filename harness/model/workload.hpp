// What is run: an operation with its parameters, and what else is busy meanwhile.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu {

using Params = std::map<std::string, std::string, std::less<>>;

// What else is busy meanwhile: nothing, all devices of the node, of its rack, of the hall.
enum class Concurrency { kAlone, kNode, kRack, kHall };
std::string_view to_string(Concurrency concurrency);
std::optional<Concurrency> parse_concurrency(std::string_view text);

struct Workload {
  std::string op;  // "gemm"
  Params params;   // complete: defaults are filled in by kernels/ops
  Concurrency concurrency = Concurrency::kNode;

  // "gemm:accumulate=fp32,data=normal,dtype=fp32,k=2048,...@node": keys in order, the same text parse() reads. op, keys
  // and values are made of [A-Za-z0-9_.+-]; Error kBadData where one is not, because two workloads could then share a
  // name.
  std::string name() const;
  // Keys in any order, none twice; nothing where the text is anything else. A workload without parameters is "op@node".
  static std::optional<Workload> parse(std::string_view text);
  bool operator==(const Workload&) const = default;
};

}  // namespace geomsu
