// collective: what one rank of a group has afterwards, straight from what all of them send.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kernels/fake/output.hpp"
#include "kernels/fake/outputs.hpp"
#include "kernels/ops/collective.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::fake {
namespace {

using ops::CollectiveKind;
using ops::ReduceOp;

constexpr std::size_t kChunk = 1024;

class CollectiveOutput final : public Output {
 public:
  CollectiveOutput(const ops::CollectiveShape& shape, std::uint32_t rank)
      : Output(1, shape.received(rank), std::max<std::uint64_t>(1, shape.received(rank) / shape.ranks),
               *ops::find_dtype(shape.dtype)),
        shape_(shape),
        rank_(rank) {}

 protected:
  double clean(const State& state, std::uint64_t repeat, std::uint64_t index) const override {
    std::array<double, 1> out{};
    values(state, repeat, index, out);
    return out[0];
  }

  std::vector<double> clean_projection(const State& state, std::uint64_t repeat,
                                       std::uint64_t sign_seed) const override {
    const std::uint64_t signs = ops::sign_stream(sign_seed);
    std::array<double, kChunk> y, r;
    double sum = 0;
    for (std::uint64_t j = 0; j < columns_; j += kChunk) {
      const std::size_t count = std::min<std::uint64_t>(kChunk, columns_ - j);
      values(state, repeat, j, std::span(y).first(count));
      ops::fill_signs(std::span(r).first(count), signs, j);
      for (std::size_t i = 0; i < count; ++i) sum += y[i] * r[i];
    }
    return {sum};
  }

  // In place the two are one buffer: what is read as sent is then what stands there.
  double input(const State& state, std::uint32_t, std::uint64_t repeat, std::uint64_t index) const override {
    const std::uint64_t part = rank_ * shape_.chunk();
    if (shape_.in_place && shape_.kind == CollectiveKind::kAllGather) return clean(state, repeat, part + index);
    if (shape_.in_place && shape_.kind == CollectiveKind::kReduceScatter && index - part < shape_.chunk())
      return clean(state, repeat, index - part);
    if (shape_.in_place && shape_.kind != CollectiveKind::kReduceScatter && columns_ > 0)
      return clean(state, repeat, index);
    return ops::collective_element(shape_, state.seed, rank_, repeat % state.sets, index);
  }
  std::uint64_t input_elements(std::uint32_t tensor) const override {
    return tensor == ops::kRoleSent ? shape_.sent(rank_) : 0;
  }
  double large(const State&, std::uint64_t) const override { return 16; }
  double cost(const State&, std::uint64_t) const override {
    return static_cast<double>(columns_) * (shape_.reduces() ? shape_.ranks : 1);
  }

  // Ranks that hold the same have the same digest.
  std::uint64_t determined_by(const State& state, std::uint64_t repeat) const override {
    const bool alike = shape_.kind == CollectiveKind::kAllReduce || shape_.kind == CollectiveKind::kAllGather ||
                       shape_.kind == CollectiveKind::kBroadcast;
    const std::uint64_t times = state.accumulated(repeat);
    return ops::mix64(alike ? 0 : rank_ + 1, 0, shape_.in_place ? times : std::min<std::uint64_t>(times, 1));
  }

 private:
  // Elements first, first + 1 ... of what stands in the output after the last repeat.
  void values(const State& state, std::uint64_t repeat, std::uint64_t first, std::span<double> out) const {
    const std::uint64_t set = repeat % state.sets, times = state.accumulated(repeat);
    for (std::size_t done = 0; done < out.size();) {
      const std::uint64_t j = first + done;
      const std::uint64_t run = in_parts() ? shape_.chunk() - j % shape_.chunk() : columns_ - j;
      const auto part = out.subspan(done, std::min<std::uint64_t>({run, kChunk, out.size() - done}));
      if (times > 0) {
        received(state, state.true_seed(), set, times, j, part);
      } else {
        untouched(state, set, j, part);
      }
      done += part.size();
    }
    for (double& x : out) x = stored(dtype_, x);
  }

  // A set that no repeat reached: what was sent where it is in place, else what stood there before the reseed.
  void untouched(const State& state, std::uint64_t set, std::uint64_t j, std::span<double> out) const {
    if (shape_.in_place) {
      const std::uint64_t part = rank_ * shape_.chunk();
      if (shape_.kind == CollectiveKind::kAllGather) {
        if (j - part < shape_.chunk()) return sent(state, state.seed, rank_, set, j - part, out);
      } else if (shape_.kind == CollectiveKind::kReduceScatter) {
        return sent(state, state.seed, rank_, set, part + j, out);
      } else if (shape_.sent(rank_) > 0) {
        return sent(state, state.seed, rank_, set, j, out);
      }
    }
    if (!state.earlier_seeds.empty()) return received(state, state.earlier_seeds.back(), set, 1, j, out);
    std::fill(out.begin(), out.end(), 0.0);
  }

  void received(const State& state, std::uint64_t seed, std::uint64_t set, std::uint64_t times, std::uint64_t j,
                std::span<double> out) const {
    if (shape_.reduces()) return reduced(state, seed, set, times, j, out);
    const auto [from, index] = source(j);
    if (from == missing(state)) {
      std::fill(out.begin(), out.end(), 0.0);
    } else {
      sent(state, seed, from, set, index, out);
    }
  }

  void reduced(const State& state, std::uint64_t seed, std::uint64_t set, std::uint64_t times, std::uint64_t j,
               std::span<double> out) const {
    const std::uint64_t index = shape_.kind == CollectiveKind::kReduceScatter ? rank_ * shape_.chunk() + j : j;
    constexpr double kEndless = std::numeric_limits<double>::infinity();
    const double none = shape_.op == ReduceOp::kMax ? -kEndless : shape_.op == ReduceOp::kMin ? kEndless : 0;
    std::fill(out.begin(), out.end(), none);
    // In place a later repeat sums what is summed already.
    const bool again = shape_.in_place && shape_.op == ReduceOp::kSum && times > 1;
    const bool all_again = again && shape_.kind == CollectiveKind::kAllReduce;
    std::array<double, kChunk> room;
    const std::span<double> one = std::span(room).first(out.size());
    const auto absent = missing(state);
    for (std::uint32_t rank = 0; rank < shape_.ranks; ++rank) {
      if (rank == absent) continue;
      sent(state, seed, rank, set, index, one);
      const double weight = again && !all_again && rank != rank_ ? static_cast<double>(times) : 1;
      for (std::size_t i = 0; i < out.size(); ++i) {
        if (shape_.op == ReduceOp::kMax) {
          out[i] = std::max(out[i], one[i]);
        } else if (shape_.op == ReduceOp::kMin) {
          out[i] = std::min(out[i], one[i]);
        } else {
          out[i] += weight * one[i];
        }
      }
    }
    if (!all_again) return;
    const double grown = std::pow(shape_.ranks, static_cast<double>(times - 1));
    for (double& x : out) x *= grown;
  }

  // Of an output that is one rank's element as it was sent.
  std::pair<std::uint32_t, std::uint64_t> source(std::uint64_t j) const {
    switch (shape_.kind) {
      case CollectiveKind::kAllGather:
        return {static_cast<std::uint32_t>(j / shape_.chunk()), j % shape_.chunk()};
      case CollectiveKind::kAllToAll:
        return {static_cast<std::uint32_t>(j / shape_.chunk()), rank_ * shape_.chunk() + j % shape_.chunk()};
      case CollectiveKind::kSendRecv:
        return {(rank_ + shape_.ranks - 1) % shape_.ranks, j};
      default:
        return {0, j};
    }
  }

  bool in_parts() const {
    return shape_.kind == CollectiveKind::kAllGather || shape_.kind == CollectiveKind::kAllToAll;
  }

  std::optional<std::uint32_t> missing(const State& state) const {
    const Taint* taint = state.taint("missing_rank");
    if (taint == nullptr) return std::nullopt;
    return static_cast<std::uint32_t>(taint->fault->count("rank", rank_));
  }

  void sent(const State& state, std::uint64_t seed, std::uint32_t rank, std::uint64_t set, std::uint64_t first,
            std::span<double> out) const {
    const std::uint64_t tensor = ops::collective_tensor(rank, set);
    ops::fill(out, shape_.data, ops::stream(seed, tensor), tensor, first);
    const ops::CollectiveRange range = ops::collective_range(shape_);
    const double least = range.least, most = range.most;
    for (double& x : out) x = std::clamp(std::nearbyint(16 * x), least, most) + 0.0;  // whole numbers have no -0
    const std::string cheaper = state.cheaper_dtype("fp8_e5m2");
    const ops::Dtype* dtype = cheaper.empty() ? nullptr : ops::find_dtype(cheaper);
    if (dtype == nullptr) return;
    for (double& x : out) x = ops::round_to(*dtype, x);
  }

  ops::CollectiveShape shape_;
  std::uint32_t rank_;
};
}  // namespace

std::unique_ptr<Output> make_collective_output(const ops::Params& params, std::uint32_t rank) {
  return std::make_unique<CollectiveOutput>(ops::collective_shape(params), rank);
}

}  // namespace geomsu::fake
