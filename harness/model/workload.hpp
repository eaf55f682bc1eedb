// What is run: an operation with its parameters, and what else is busy meanwhile.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu {

using Params = std::map<std::string, std::string, std::less<>>;

enum class Concurrency { kAlone, kNode };  // rack and hall come with the fleet
std::string_view to_string(Concurrency concurrency);
std::optional<Concurrency> parse_concurrency(std::string_view text);

struct Workload {
  std::string op;  // "gemm"
  Params params;   // complete: defaults are filled in by kernels/ops
  Concurrency concurrency = Concurrency::kNode;

  // "gemm:accumulate=fp32,data=normal,dtype=fp32,k=2048,...@node": keys in order, the same text parse() reads.
  std::string name() const;
  static std::optional<Workload> parse(std::string_view text);
  bool operator==(const Workload&) const = default;
};

}  // namespace geomsu
