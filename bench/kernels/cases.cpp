#include "bench/kernels/cases.hpp"

namespace geomsu::bench {
namespace {

// What an operation offers for a parameter, so that a dtype or kind that is added there is measured here.
const std::vector<std::string>& choices(std::string_view operation, std::string_view key) {
  static const std::vector<std::string> none;
  const ops::Operation* found = ops::find(operation);
  if (found == nullptr) return none;
  for (const ops::ParamSpec& spec : found->params()) {
    if (spec.key == key) return spec.choices;
  }
  return none;
}

ops::Params gemm(const std::string& dtype, const char* m, const char* n, const char* k, ops::Params more = {}) {
  more.insert({{"dtype", dtype}, {"m", m}, {"n", n}, {"k", k}});
  return more;
}

// Every dtype: a small square, shapes that fit no tile, every layout, a batch, and a size that fills a device.
std::vector<Case> gemm_cases() {
  std::vector<Case> all;
  for (const std::string& dtype : choices("gemm", "dtype")) {
    all.push_back({"small", gemm(dtype, "64", "64", "64")});
    all.push_back({"edge", gemm(dtype, "1", "1", "1")});
    all.push_back({"edge", gemm(dtype, "127", "65", "33")});
    all.push_back({"edge", gemm(dtype, "1", "511", "129")});  // a row
    all.push_back({"edge", gemm(dtype, "511", "1", "129")});  // a column
    for (const char* layout : {"nt", "tn", "tt"}) {
      all.push_back({"small", gemm(dtype, "96", "80", "112", {{"layout", layout}})});
    }
    all.push_back({"small", gemm(dtype, "64", "64", "64", {{"batch", "8"}})});
    all.push_back({"large", gemm(dtype, "2048", "2048", "2048")});
  }
  all.push_back({"large", gemm("fp32", "2048", "2048", "2048", {{"layout", "nt"}})});
  all.push_back({"large", gemm("fp32", "4096", "4096", "4096")});
  // Other sums and other outputs than each dtype's default.
  all.push_back({"small", gemm("fp32", "64", "64", "64", {{"accumulate", "fp64"}})});
  all.push_back({"small", gemm("fp32", "64", "64", "64", {{"accumulate", "tf32_in"}})});
  for (const char* dtype : {"bf16", "fp16", "fp8_e4m3", "fp8_e5m2"}) {
    all.push_back({"small", gemm(dtype, "64", "64", "64", {{"out", "fp32"}})});
  }
  all.push_back({"small", gemm("fp8_e4m3", "64", "64", "64", {{"accumulate", "fp8_fast"}})});
  return all;
}

// Every kind and dtype: the least that is allowed, a size in the cache that no power of two divides, and one beyond it.
std::vector<Case> memory_cases() {
  std::vector<Case> all;
  for (const std::string& kind : choices("memory", "kind")) {
    for (const std::string& dtype : choices("memory", "dtype")) {
      for (const auto& [size, bytes] : {std::pair{"edge", "4096"}, {"small", "262656"}, {"large", "268435456"}}) {
        all.push_back({size, {{"kind", kind}, {"dtype", dtype}, {"bytes", bytes}}});
      }
    }
  }
  return all;
}

// Every kind and dtype, out of place, over all devices: latency, a size in the caches and one beyond them. In place is
// another workload, whose blocks want a set for each repeat: bench/collectives has it.
std::vector<Case> collective_cases() {
  std::vector<Case> all;
  for (const std::string& kind : choices("collective", "kind")) {
    for (const auto& [size, count] : {std::pair{"edge", 1}, {"small", 1 << 14}, {"large", 1 << 21}}) {
      for (const std::string& dtype : choices("collective", "dtype")) {
        if (dtype != "fp32" && std::string_view(size) == "large") continue;
        const std::uint64_t each = dtype == "fp64" ? 8 : dtype == "bf16" ? 2 : 4;
        // For two ranks; runner.cpp gives a larger group as many, and as many times the bytes.
        const std::string bytes = std::to_string(2 * each * static_cast<std::uint64_t>(count));
        all.push_back({size, {{"kind", kind}, {"dtype", dtype}, {"bytes", bytes}, {"ranks", "2"}}, true});
      }
    }
  }
  return all;
}

std::vector<Case> transfer_cases() {
  std::vector<Case> all;
  for (const std::string& direction : choices("transfer", "direction")) {
    for (const auto& [size, bytes] : {std::pair{"edge", "8"}, {"small", "65536"}, {"large", "67108864"}}) {
      ops::Params params{{"direction", direction}, {"bytes", bytes}};
      if (direction == "p2p") params["peer"] = "1";
      all.push_back({size, std::move(params)});
    }
  }
  return all;
}

}  // namespace

const std::vector<OperationCases>& case_table() {
  static const std::vector<OperationCases> table{
      {"gemm", gemm_cases()},
      {"memory", memory_cases()},
      {"collective", collective_cases()},
      {"transfer", transfer_cases()},
  };
  return table;
}

}  // namespace geomsu::bench
