#include "kernels/fake/output.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>

#include "kernels/fake/outputs.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::fake {
namespace {
constexpr double kCheap = 1 << 20;

std::uint64_t fold(std::uint64_t hash, std::uint64_t word) { return ops::finalise(hash ^ (word + ops::kGamma)); }
std::uint64_t fold(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = fold(hash, static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
  return hash;
}

// How many of [0, end) are congruent to `set`.
std::uint64_t congruent(std::uint64_t end, std::uint64_t set, std::uint64_t sets) {
  return end > set ? (end - set - 1) / sets + 1 : 0;
}

// The neighbouring value of the type: one flipped low bit, far below any tolerance.
double flipped(const ops::Dtype& dtype, double value) {
  if (dtype.integer) return value + 1;
  if (dtype.precision == 53) return std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) ^ 1U);
  if (value == 0) return std::ldexp(1.0, dtype.min_exponent);
  return value + std::ldexp(1.0, std::ilogb(value) - dtype.precision + 1);
}
}  // namespace

double stored(const ops::Dtype& dtype, double value) {
  if (!dtype.integer || dtype.bytes == 1) return ops::round_to(dtype, value);
  if (!std::isfinite(value)) return 0;
  const double wrapped = std::fmod(std::nearbyint(value), 0x1p32);
  return static_cast<double>(static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::int64_t>(wrapped))));
}

bool offers(std::string_view op) { return op == "gemm" || op == "memory" || op == "collective"; }

std::unique_ptr<Output> make_output(std::string_view op, const ops::Params& params, std::uint32_t rank) {
  if (op == "gemm") return make_gemm_output(params);
  if (op == "memory") return make_memory_output(params);
  if (op == "collective") return make_collective_output(params, rank);
  return nullptr;
}

std::uint64_t State::computed() const {
  std::uint64_t lost = 0;
  for (const auto& [first, last] : skipped) lost += last - first;
  return repeats - std::min(lost, repeats);
}

std::uint64_t State::accumulated(std::uint64_t repeat) const { return computed_of(repeat % sets, sets); }

std::uint64_t State::computed_of(std::uint64_t residue, std::uint64_t period) const {
  std::uint64_t times = congruent(repeats, residue, period);
  for (const auto& [first, last] : skipped)
    times -= congruent(last, residue, period) - congruent(first, residue, period);
  return times;
}

const Taint* State::taint(std::string_view kind) const {
  const auto found = std::find_if(taints.begin(), taints.end(), [&](const Taint& t) { return t.fault->kind == kind; });
  return found == taints.end() ? nullptr : &*found;
}

std::uint64_t State::true_seed() const {
  if (earlier_seeds.empty()) return seed;
  if (taint("frozen_output") != nullptr) return earlier_seeds.front();
  if (taint("stale_output") != nullptr) return earlier_seeds.back();
  return seed;
}

std::string State::cheaper_dtype(std::string_view fallback) const {
  const Taint* cheaper = taint("cheaper_dtype");
  return cheaper == nullptr ? std::string() : cheaper->fault->text("dtype", fallback);
}

std::uint64_t Output::elements(std::uint32_t tensor) const {
  return tensor == GEOMSU_TENSOR_OUTPUT ? rows_ * columns_ : input_elements(tensor);
}

double Output::element(const State& state, std::uint32_t tensor, std::uint64_t repeat, std::uint64_t index) const {
  if (index >= elements(tensor)) {
    throw std::out_of_range("element " + std::to_string(index) + " of tensor " + std::to_string(tensor) +
                            ", which has " + std::to_string(elements(tensor)));
  }
  return tensor == GEOMSU_TENSOR_OUTPUT ? dirty(state, repeat, index) : input(state, tensor, repeat, index);
}

std::uint64_t Output::hit(const Taint& taint) const {
  return taint.fault->count("index", taint.draw) % (rows_ * columns_);
}

Output::Tile Output::tile(const Taint& taint) const {
  Tile tile{};
  tile.rows = std::min(rows_, taint.fault->count("rows", 16));
  tile.columns = std::min(columns_, taint.fault->count("columns", rows_ == 1 ? 4096 : 16));
  tile.row = ops::finalise(taint.draw) % (rows_ - tile.rows + 1);
  tile.column = ops::finalise(taint.draw + 1) % (columns_ - tile.columns + 1);
  return tile;
}

double Output::dirty(const State& state, std::uint64_t repeat, std::uint64_t index) const {
  std::uint64_t from = index;
  if (const Taint* swapped = state.taint("swapped_rows")) {
    const std::uint64_t a = swapped->fault->count("a", 0), b = swapped->fault->count("b", 1),
                        row = index / swap_length_;
    const std::uint64_t other = row == a ? b : row == b ? a : row;
    if (other * swap_length_ < rows_ * columns_) from = other * swap_length_ + index % swap_length_;
  }
  double value = clean(state, repeat, from);
  if (const Taint* missing = state.taint("missing_tile")) {
    const Tile hole = tile(*missing);
    const std::uint64_t row = index / columns_, column = index % columns_;
    if (row - hole.row < hole.rows && column - hole.column < hole.columns) value = 0;
  }
  const Taint* wrong = state.taint("wrong_element");
  if (wrong != nullptr && hit(*wrong) == index) {
    value = stored(dtype_, value + wrong->fault->number("size", large(state, repeat)));
  }
  const Taint* flip = state.taint("bit_flip");
  if (flip != nullptr && hit(*flip) == index) value = flipped(dtype_, value);
  return value;
}

std::vector<Output::Range> Output::touched(const State& state) const {
  std::vector<Range> ranges;
  const std::uint64_t all = rows_ * columns_;
  if (const Taint* swapped = state.taint("swapped_rows")) {
    for (const std::uint64_t row : {swapped->fault->count("a", 0), swapped->fault->count("b", 1)})
      ranges.emplace_back(std::min(row * swap_length_, all), std::min((row + 1) * swap_length_, all));
  }
  if (const Taint* missing = state.taint("missing_tile")) {
    const Tile hole = tile(*missing);
    for (std::uint64_t row = hole.row; row < hole.row + hole.rows; ++row)
      ranges.emplace_back(row * columns_ + hole.column, row * columns_ + hole.column + hole.columns);
  }
  for (const char* kind : {"wrong_element", "bit_flip"}) {
    if (const Taint* taint = state.taint(kind)) ranges.emplace_back(hit(*taint), hit(*taint) + 1);
  }
  std::sort(ranges.begin(), ranges.end());
  std::uint64_t end = 0;
  for (auto& [first, last] : ranges) {
    first = std::max(first, end);
    last = std::max(first, last);
    end = last;
  }
  return ranges;
}

std::vector<double> Output::project(const State& state, std::uint64_t repeat, std::uint64_t sign_seed) const {
  if (rows_ * columns_ == 0) return {};
  std::vector<double> sums = clean_projection(state, repeat, sign_seed);
  const std::uint64_t signs = ops::sign_stream(sign_seed);
  for (const auto& [first, last] : touched(state)) {
    for (std::uint64_t index = first; index < last; ++index) {
      sums[index / columns_] +=
          (dirty(state, repeat, index) - clean(state, repeat, index)) * ops::sign_at(signs, index % columns_);
    }
  }
  return sums;
}

std::uint64_t Output::determined_by(const State& state, std::uint64_t repeat) const {
  return fold(state.accumulated(repeat), state.computed());
}

std::uint64_t Output::digest(const State& state, std::uint64_t repeat, const std::string& name) const {
  const std::uint64_t count = rows_ * columns_;
  if (cost(state, repeat) <= kCheap) {
    std::vector<std::byte> bytes;
    bytes.reserve(count * dtype_.bytes);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t bits = ops::bits_of(dtype_, dirty(state, repeat, i));
      for (std::uint32_t b = 0; b < dtype_.bytes; ++b) bytes.push_back(static_cast<std::byte>(bits >> (8 * b)));
    }
    return ops::digest(bytes);
  }
  std::uint64_t hash = fold(fold(0, name), state.true_seed());
  hash = fold(fold(hash, repeat % state.sets), determined_by(state, repeat));
  for (const Taint& taint : state.taints) {
    if (taint.fault->kind == "stale_output" || taint.fault->kind == "frozen_output") continue;  // in the seed
    const bool placed = taint.fault->kind == "bit_flip" || taint.fault->kind == "wrong_element";
    hash = fold(fold(hash, taint.fault->kind), placed ? hit(taint) : taint.fault->count("rank", 0));
  }
  return hash;
}

}  // namespace geomsu::fake
