#include "kernels/ops/collective_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>

#include "kernels/ops/fill.hpp"

namespace geomsu::ops {
namespace {

constexpr std::size_t kChunk = 1024;
constexpr std::uint64_t kMostEdges = 16;  // parts whose edges are asked for

// Where an output element comes from: of which rank, or of all, and its index there.
struct Origin {
  bool all = false;
  std::uint32_t rank = 0;
  std::uint64_t index = 0;
};

class CollectiveReference final : public Reference {
 public:
  CollectiveReference(CollectiveShape shape, const BlockState& state) : shape_(std::move(shape)), state_(state) {
    if (state_.operand_sets == 0) throw std::invalid_argument("collective reference: operand_sets must be at least 1");
    if (state_.rank >= shape_.ranks) {
      throw std::out_of_range("collective reference: rank " + std::to_string(state_.rank) + " of " +
                              std::to_string(shape_.ranks));
    }
  }

  std::uint64_t elements() const override { return shape_.received(state_.rank); }
  std::uint64_t projected() const override { return elements() == 0 ? 0 : 1; }

  std::vector<std::uint64_t> edges() const override {
    std::vector<std::uint64_t> list;
    const std::uint64_t n = elements(), parts = std::min<std::uint64_t>(shape_.ranks, n);
    if (parts < 2) return list;
    const std::uint64_t shown = std::min(parts - 1, kMostEdges);
    for (std::uint64_t i = 1; i <= shown; ++i) {
      const std::uint64_t part = 1 + (i - 1) * (parts - 1) / shown;  // spread over all where there are many
      const std::uint64_t edge = n / parts * part;
      list.push_back(edge - 1);
      list.push_back(edge);
    }
    return list;
  }

  Expected element(std::uint64_t index, std::uint64_t repeat) override {
    if (index >= elements()) {
      throw std::out_of_range("collective reference: element " + std::to_string(index) + " of " +
                              std::to_string(elements()));
    }
    const std::uint64_t set = set_of(repeat);
    const Origin from = origin(index);
    if (!from.all) return {at(from.rank, set, from.index), 0, 0};
    double result = at(0, set, from.index);
    for (std::uint32_t rank = 1; rank < shape_.ranks; ++rank) result = reduced(result, at(rank, set, from.index));
    return {result, 0, 0};
  }

  void projection(std::uint64_t repeat, std::uint64_t sign_seed, std::vector<double>& values,
                  std::vector<double>& tolerances) override {
    const std::uint64_t set = set_of(repeat), n = elements(), key = sign_stream(sign_seed);
    values.assign(projected(), 0);
    tolerances.assign(projected(), 0);
    if (n == 0) return;
    std::array<double, kChunk> sum, one, signs;
    double total = 0;  // of whole numbers: exact up to 2^53
    for (std::uint64_t j = 0; j < n;) {
      const Origin from = origin(j);
      // A run of outputs that come from one place, one after the other.
      const std::uint64_t run = from.all || !in_parts() ? n - j : shape_.chunk() - j % shape_.chunk();
      const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, run));
      chunk(from.all ? 0 : from.rank, set, from.index, std::span(sum).first(count));
      for (std::uint32_t rank = 1; from.all && rank < shape_.ranks; ++rank) {
        chunk(rank, set, from.index, std::span(one).first(count));
        for (std::size_t i = 0; i < count; ++i) sum[i] = reduced(sum[i], one[i]);
      }
      fill_signs(std::span(signs).first(count), key, j);
      for (std::size_t i = 0; i < count; ++i) total += sum[i] * signs[i];
      j += count;
    }
    values[0] = total;
  }

  std::optional<double> rms_limit(double) const override { return std::nullopt; }

 private:
  bool in_parts() const {
    return shape_.kind == CollectiveKind::kAllGather || shape_.kind == CollectiveKind::kAllToAll;
  }

  std::uint64_t set_of(std::uint64_t repeat) const {
    if (repeat >= state_.repeats) {
      throw std::out_of_range("collective reference: repeat " + std::to_string(repeat) + " of " +
                              std::to_string(state_.repeats) + " run since the last reseed");
    }
    if (shape_.in_place && state_.repeats > state_.operand_sets) {
      throw std::out_of_range("collective reference: " + std::to_string(state_.repeats) + " repeats in place of " +
                              std::to_string(state_.operand_sets) + " sets: some inputs are gone");
    }
    return repeat % state_.operand_sets;
  }

  Origin origin(std::uint64_t j) const {
    const std::uint32_t rank = state_.rank, n = shape_.ranks;
    const std::uint64_t part = shape_.chunk();
    switch (shape_.kind) {
      case CollectiveKind::kAllReduce:
      case CollectiveKind::kReduce:
        return {true, 0, j};
      case CollectiveKind::kReduceScatter:
        return {true, 0, rank * part + j};
      case CollectiveKind::kAllGather:
        return {false, static_cast<std::uint32_t>(j / part), j % part};
      case CollectiveKind::kAllToAll:
        return {false, static_cast<std::uint32_t>(j / part), rank * part + j % part};
      case CollectiveKind::kBroadcast:
        return {false, 0, j};
      case CollectiveKind::kSendRecv:
        return {false, (rank + n - 1) % n, j};
    }
    return {};
  }

  double at(std::uint32_t rank, std::uint64_t set, std::uint64_t index) const {
    return collective_element(shape_, state_.seed, rank, set, index);
  }

  void chunk(std::uint32_t rank, std::uint64_t set, std::uint64_t first, std::span<double> out) const {
    const std::uint64_t tensor = collective_tensor(rank, set);
    fill(out, shape_.data, stream(state_.seed, tensor), tensor, first);
    const CollectiveRange range = collective_range(shape_);
    const double least = range.least, most = range.most;
    for (double& x : out) x = std::clamp(std::nearbyint(16 * x), least, most);
  }

  double reduced(double a, double b) const {
    switch (shape_.op) {
      case ReduceOp::kMax:
        return std::max(a, b);
      case ReduceOp::kMin:
        return std::min(a, b);
      case ReduceOp::kSum:
      case ReduceOp::kNone:
        break;
    }
    return a + b;
  }

  CollectiveShape shape_;
  BlockState state_;
};

}  // namespace

std::unique_ptr<Reference> collective_reference(const CollectiveShape& shape, const BlockState& state) {
  return std::make_unique<CollectiveReference>(shape, state);
}

}  // namespace geomsu::ops
