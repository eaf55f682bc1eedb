#include "kernels/ops/gemm.hpp"

#include <stdexcept>

#include "kernels/ops/gemm_reference.hpp"
#include "kernels/ops/params.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::ops {
namespace {

// What a dtype may be accumulated in and come out as; the first of each is the default.
struct Combination {
  std::string dtype;
  std::vector<std::string> accumulate, out;
};

const std::vector<Combination>& combinations() {
  static const std::vector<Combination> table{
      {"fp64", {"fp64"}, {"fp64"}},
      {"fp32", {"fp32", "fp64", "tf32_in"}, {"fp32"}},
      {"tf32", {"fp32"}, {"fp32"}},
      {"bf16", {"fp32"}, {"bf16", "fp32"}},
      {"fp16", {"fp32"}, {"fp16", "fp32"}},
      {"fp8_e4m3", {"fp32", "fp8_fast"}, {"bf16", "fp16", "fp32"}},
      {"fp8_e5m2", {"fp32", "fp8_fast"}, {"bf16", "fp16", "fp32"}},
      {"int8", {"int32"}, {"int32"}},
  };
  return table;
}

std::vector<std::string> dtypes() {
  std::vector<std::string> names;
  for (const auto& row : combinations()) names.push_back(row.dtype);
  return names;
}

// `key` must be one of `allowed`; where it was not given, the first is filled in.
void settle(Params& params, const std::string& key, const std::vector<std::string>& allowed,
            std::vector<Problem>& problems) {
  const auto found = params.find(key);
  if (found == params.end()) {
    params[key] = allowed.front();
  } else if (!contains(allowed, found->second)) {
    problems.push_back({key, key + " of dtype " + text_of(params, "dtype") + " must be one of " + join(allowed) +
                                 ", got '" + found->second + "'"});
    params.erase(found);
  }
}

class Gemm final : public Operation {
 public:
  std::string_view name() const override { return "gemm"; }

  const std::vector<ParamSpec>& params() const override {
    static const std::vector<ParamSpec> specs{
        {"dtype", "", dtypes(), "type of A and B"},
        {"accumulate",
         "(by dtype)",
         {"fp64", "fp32", "tf32_in", "fp8_fast", "int32"},
         "how sums are kept: fp64 for fp64, int32 for int8, else fp32; tf32_in rounds fp32 operands to TF32, fp8_fast "
         "keeps 13 bits"},
        {"out",
         "(by dtype)",
         {"fp64", "fp32", "bf16", "fp16", "int32"},
         "type of C: the dtype itself, fp32 for tf32, bf16 for fp8, int32 for int8"},
        {"m", "", {}, "rows of C"},
        {"n", "", {}, "columns of C"},
        {"k", "", {}, "columns of op(A), rows of op(B)"},
        {"batch", "1", {}, "independent products in one repeat"},
        {"layout", "nn", {"nn", "nt", "tn", "tt"}, "t: that operand is stored transposed (A first, then B), row-major"},
        {"data", "normal", data_names(), "what the operands hold (GENERATOR.md)"},
    };
    return specs;
  }

  const std::vector<QuantitySpec>& quantities() const override {
    static const std::vector<QuantitySpec> specs{{"throughput", "FLOP/s", true}};
    return specs;
  }

  Params complete(const Params& given, std::vector<Problem>& problems) const override {
    Params params = complete_by(this->params(), given, problems);
    if (params.contains("dtype")) {
      for (const auto& row : combinations()) {
        if (row.dtype != params["dtype"]) continue;
        if (params.contains("accumulate") || !given.contains("accumulate"))
          settle(params, "accumulate", row.accumulate, problems);
        if (params.contains("out") || !given.contains("out")) settle(params, "out", row.out, problems);
      }
    }
    if (params.contains("m") && params.contains("n") && params.contains("k") && params.contains("batch")) {
      const auto m = count_of(params, "m"), n = count_of(params, "n"), k = count_of(params, "k"),
                 batch = count_of(params, "batch");
      // FLOP, and bytes at 8 an element, of all three matrices must be countable.
      const auto flop = product(product(product(product(2, m), n), k), batch);
      const auto a = product(product(product(8, m), k), batch), b = product(product(product(8, k), n), batch),
                 c = product(product(product(8, m), n), batch);
      if (!flop || !a || !b || !c || *a > kMaxCount / 4 || *b > kMaxCount / 4 || *c > kMaxCount / 4) {
        problems.push_back(
            {"m", "2 m n k batch and the bytes of A, B and C must stay under 2^63, got m=" + std::to_string(m) +
                      " n=" + std::to_string(n) + " k=" + std::to_string(k) + " batch=" + std::to_string(batch)});
      }
    }
    return params;
  }

  std::uint64_t work(const Params& params) const override {
    const GemmShape s = gemm_shape(params);
    return 2 * s.m * s.n * s.k * s.batch;
  }

  std::uint64_t bytes_per_set(const Params& params) const override {
    const GemmShape s = gemm_shape(params);
    const std::uint64_t in = find_dtype(s.dtype)->bytes, out = find_dtype(s.out)->bytes;
    return s.batch * (in * (s.m * s.k + s.k * s.n) + out * s.m * s.n);
  }

  bool refill_every_block() const override { return true; }
  std::uint64_t max_operand_sets(const Params&) const override { return kMaxExtent; }

  std::unique_ptr<Reference> reference(const Params& params, const BlockState& state) const override {
    return gemm_reference(gemm_shape(params), state);
  }

  std::string peak_key(const Params& params, std::string_view quantity) const override {
    if (quantity != "throughput") return {};
    const std::string& dtype = text_of(params, "dtype");
    if (text_of(params, "accumulate") == "tf32_in") return "tf32";
    return dtype.starts_with("fp8") ? "fp8" : dtype;  // datasheets give one figure for both fp8 formats
  }
};

}  // namespace

GemmShape gemm_shape(const Params& complete) {
  GemmShape s;
  s.dtype = text_of(complete, "dtype");
  s.accumulate = text_of(complete, "accumulate");
  s.out = text_of(complete, "out");
  s.m = count_of(complete, "m");
  s.n = count_of(complete, "n");
  s.k = count_of(complete, "k");
  s.batch = count_of(complete, "batch");
  const std::string& layout = text_of(complete, "layout");
  if (layout.size() != 2) throw std::invalid_argument("layout must be nn, nt, tn or tt, got '" + layout + "'");
  s.transpose_a = layout[0] == 't';
  s.transpose_b = layout[1] == 't';
  s.data = data_of(complete);
  if (find_dtype(s.dtype) == nullptr || find_dtype(s.out) == nullptr) {
    throw std::invalid_argument("gemm knows no dtype '" + s.dtype + "' with out '" + s.out + "'");
  }
  return s;
}

const Operation& gemm() {
  static const Gemm operation;
  return operation;
}

}  // namespace geomsu::ops
