#include "kernels/ops/memory.hpp"

#include <stdexcept>

#include "kernels/ops/memory_reference.hpp"
#include "kernels/ops/params.hpp"

namespace geomsu::ops {
namespace {

constexpr std::uint64_t kBytesStep = 512, kMinBytes = 4096, kMaxBytes = 1ULL << 40;

class Memory final : public Operation {
 public:
  std::string_view name() const override { return "memory"; }

  const std::vector<ParamSpec>& params() const override {
    static const std::vector<ParamSpec> specs{
        {"kind", "", memory_kinds(), "what a repeat does (GENERATOR.md)"},
        {"bytes", "", {}, "size of one array: a multiple of 512 from 4096 to 2^40, well beyond the caches"},
        {"dtype", "fp64", {"fp32", "fp64"}, "type of the elements"},
        {"data", "normal", data_names(), "what the arrays hold at first (GENERATOR.md)"},
    };
    return specs;
  }

  const std::vector<QuantitySpec>& quantities() const override {
    static const std::vector<QuantitySpec> specs{{"bandwidth", "B/s", true}};
    return specs;
  }

  Params complete(const Params& given, std::vector<Problem>& problems) const override {
    Params params = complete_by(this->params(), given, problems);
    if (const auto bytes = params.find("bytes"); bytes != params.end()) {
      const std::uint64_t count = count_of(params, "bytes");
      if (count % kBytesStep != 0 || count < kMinBytes || count > kMaxBytes) {
        problems.push_back({"bytes", "bytes must be a multiple of 512 from 4096 to 2^40, got '" + bytes->second + "'"});
        params.erase(bytes);
      }
    }
    return params;
  }

  std::uint64_t work(const Params& params) const override {
    const MemoryShape s = memory_shape(params);
    return s.arrays * s.bytes;
  }
  std::uint64_t bytes_per_set(const Params& params) const override {
    return work(params);
  }  // as many arrays as streams
  bool refill_every_block() const override { return false; }
  std::uint64_t max_operand_sets(const Params&) const override { return 1; }

  std::unique_ptr<Reference> reference(const Params& params, const BlockState& state) const override {
    return memory_reference(memory_shape(params), state);
  }

  std::string peak_key(const Params&, std::string_view quantity) const override {
    return quantity == "bandwidth" ? "bandwidth" : "";
  }
};

}  // namespace

MemoryShape memory_shape(const Params& complete) {
  MemoryShape s;
  s.kind = text_of(complete, "kind");
  s.dtype = text_of(complete, "dtype");
  s.bytes = count_of(complete, "bytes");
  s.data = data_of(complete);
  if (!contains(memory_kinds(), s.kind)) throw std::invalid_argument("memory knows no kind '" + s.kind + "'");
  if (s.dtype != "fp32" && s.dtype != "fp64") throw std::invalid_argument("memory knows no dtype '" + s.dtype + "'");
  s.elements = s.bytes / (s.dtype == "fp32" ? 4 : 8);
  const bool one = s.kind == "read" || s.kind == "write", two = s.kind == "copy" || s.kind == "scale";
  s.arrays = one ? 1 : two ? 2 : 3;
  s.output_elements = s.kind == "read" ? kReadLanes : s.elements;
  s.output_dtype = s.kind == "read" ? "int32" : s.dtype;
  return s;
}

const std::vector<std::string>& memory_kinds() {
  static const std::vector<std::string> kinds{"copy", "scale", "add", "triad", "read", "write"};
  return kinds;
}

const Operation& memory() {
  static const Memory operation;
  return operation;
}

}  // namespace geomsu::ops
