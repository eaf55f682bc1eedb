#include "harness/conform/data_check.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

#include "harness/measure/verify.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/gemm.hpp"
#include "kernels/ops/memory.hpp"
#include "kernels/ops/rounding.hpp"

namespace geomsu::conform {
namespace {

constexpr std::uint64_t kMostRead = 100'000;

std::uint64_t digest_of(const ops::Dtype& dtype, const std::vector<double>& values) {
  std::vector<std::byte> bytes(values.size() * dtype.bytes);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint64_t bits = ops::bits_of(dtype, values[i]);
    std::memcpy(bytes.data() + i * dtype.bytes, &bits, dtype.bytes);  // little-endian: the low bytes come first
  }
  return ops::digest(bytes);
}

bool exact_product(const ops::GemmShape& shape) { return shape.dtype == "fp64" && shape.data == ops::Data::kNormal; }

}  // namespace

std::uint64_t digest_of_values(std::string_view dtype, const std::vector<double>& values) {
  return digest_of(*ops::find_dtype(dtype), values);
}

protocol::MeasureResult block(Wire& wire, const Prepared& prepared, std::uint64_t repeats) {
  return wire.ok(protocol::MeasureRequest{prepared.id, repeats, std::nullopt, wire.patience(), 0}, wire.extra());
}

std::vector<Operand> operands_of(const Offer& offer) {
  if (offer.operation->name() == "gemm") {
    const ops::GemmShape shape = ops::gemm_shape(offer.params);
    return {{1, shape.batch * shape.m * shape.k}, {2, shape.batch * shape.k * shape.n}};
  }
  const ops::MemoryShape shape = ops::memory_shape(offer.params);
  std::vector<Operand> arrays;
  for (std::uint32_t tensor = 1; tensor <= shape.arrays; ++tensor) arrays.push_back({tensor, shape.elements});
  return arrays;
}

double operand_value(const Offer& offer, std::uint64_t seed, std::uint64_t set, std::uint32_t tensor,
                     std::uint64_t index) {
  const bool product = offer.operation->name() == "gemm";
  const ops::Data data = product ? ops::gemm_shape(offer.params).data : ops::memory_shape(offer.params).data;
  const std::uint64_t id = ops::tensor_id(product ? set : 0, tensor);
  const ops::Dtype& dtype = *ops::find_dtype(offer.params.at("dtype"));
  return ops::round_to(dtype, ops::value(data, ops::stream(seed, id), id, index));
}

std::uint64_t operand_digest(const Offer& offer, std::uint64_t seed, std::uint64_t set, const Operand& operand) {
  std::vector<double> values(operand.elements);
  for (std::uint64_t i = 0; i < operand.elements; ++i) values[i] = operand_value(offer, seed, set, operand.tensor, i);
  return digest_of(*ops::find_dtype(offer.params.at("dtype")), values);
}

std::optional<std::uint64_t> known_digest(const Offer& offer, const ops::BlockState& state, std::uint64_t repeat) {
  std::string dtype;
  if (offer.operation->name() == "gemm") {
    const ops::GemmShape shape = ops::gemm_shape(offer.params);
    if (!exact_product(shape)) return std::nullopt;
    dtype = shape.out;
  } else {
    const ops::MemoryShape shape = ops::memory_shape(offer.params);
    if (shape.kind == "triad") return std::nullopt;  // rounded, once a repeat or twice
    dtype = shape.output_dtype;
  }
  const auto reference = offer.operation->reference(offer.params, state);
  std::vector<double> values(reference->elements());
  for (std::uint64_t i = 0; i < values.size(); ++i) values[i] = reference->element(i, repeat).value;
  return digest_of(*ops::find_dtype(dtype), values);
}

void check_output(Wire& wire, const Offer& offer, const Prepared& prepared, std::uint64_t seed, std::uint64_t repeats,
                  Look look) {
  const ops::BlockState state{seed, repeats, prepared.operand_sets};
  const auto reference = offer.operation->reference(offer.params, state);
  DrawnAnswers answers;
  const std::uint64_t sets = std::min<std::uint64_t>({4, prepared.operand_sets, repeats});
  for (std::uint64_t repeat = 0; repeat < sets; ++repeat) {
    std::vector<std::uint64_t> indices(std::min(reference->elements(), kMostRead));
    std::iota(indices.begin(), indices.end(), std::uint64_t{0});
    auto values = wire.ok(protocol::ReadRequest{prepared.id, 0, 0, repeat, indices}).values;
    if (values.size() != indices.size()) {
      throw Unmet{fmt::format("{} values of {}", indices.size(), offer.name()), fmt::format("{}", values.size())};
    }
    answers.elements.push_back(std::move(values));
    answers.draw.repeats.push_back({repeat, std::move(indices)});
  }
  answers.draw.projected_repeat = sets - 1;
  answers.draw.sign_seed = seed + 7;
  if (look == Look::kProjection) {
    answers.projection = wire.ok(protocol::ProjectRequest{prepared.id, 0, 0, answers.draw.projected_repeat,
                                                          answers.draw.sign_seed, reference->projected()})
                             .values;
  }
  for (const Check& check : check_answers(*offer.operation, offer.params, state, answers)) {
    if (check.passed || (check.name == "projection") != (look == Look::kProjection)) continue;
    throw Unmet{fmt::format("{} of {} within the tolerance of kernels/ops, {} repeats after reseed {} with {} sets",
                            check.name, offer.name(), repeats, seed, prepared.operand_sets),
                check.detail};
  }
}

}  // namespace geomsu::conform
