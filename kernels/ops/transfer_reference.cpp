#include "kernels/ops/transfer_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>

#include "kernels/ops/fill.hpp"

namespace geomsu::ops {
namespace {

constexpr std::uint64_t kChunk = 1024;
constexpr std::uint64_t kExactSum = 1ULL << 28;  // 25 bits of value and sign times this stay within double's 53

class TransferReference final : public Reference {
 public:
  TransferReference(const TransferShape& shape, const BlockState& state) : shape_(shape), state_(state) {
    if (state_.repeats == 0) throw std::out_of_range("transfer reference: no repeat was run since the last reseed");
  }

  std::uint64_t elements() const override { return shape_.ways() * shape_.target_elements(); }
  std::uint64_t projected() const override { return shape_.ways(); }

  // Where the last repeat begins and ends in each target, and where the two targets meet.
  std::vector<std::uint64_t> edges() const override {
    std::vector<std::uint64_t> list;
    const std::uint64_t first = shape_.target_at(state_.repeats - 1), end = first + shape_.elements;
    for (std::uint64_t way = 0; way < shape_.ways(); ++way) {
      const std::uint64_t base = way * shape_.target_elements();
      for (const std::uint64_t edge : {std::uint64_t{0}, first, end, shape_.target_elements()}) {
        if (edge > 0) list.push_back(base + edge - 1);
        if (edge < shape_.target_elements()) list.push_back(base + edge);
      }
    }
    return list;
  }

  Expected element(std::uint64_t index, std::uint64_t) override {
    if (index >= elements()) {
      throw std::out_of_range("transfer reference: element " + std::to_string(index) + " of " +
                              std::to_string(elements()));
    }
    const std::uint64_t way = index / shape_.target_elements();
    const Run run = run_at(index % shape_.target_elements());
    if (!run.written) return {};
    const std::uint64_t tensor = tensor_id(0, 1 + way);
    return {value(shape_.data, stream(state_.seed, tensor), tensor, run.source), 0, 0};
  }

  void projection(std::uint64_t, std::uint64_t sign_seed, std::vector<double>& values,
                  std::vector<double>& tolerances) override {
    values.assign(shape_.ways(), 0);
    tolerances.assign(shape_.ways(), 0);
    const std::uint64_t n = shape_.target_elements(), signs_key = sign_stream(sign_seed);
    std::array<double, kChunk> x, r;
    for (std::uint64_t way = 0; way < shape_.ways(); ++way) {
      const std::uint64_t tensor = tensor_id(0, 1 + way), key = stream(state_.seed, tensor);
      double sum = 0, square = 0;
      for (std::uint64_t j = 0; j < n;) {
        const Run run = run_at(j);
        const std::uint64_t count = std::min({kChunk, run.count, n - j});
        if (run.written) {
          fill(std::span(x).first(count), shape_.data, key, tensor, run.source);
          fill_signs(std::span(r).first(count), signs_key, j);
          for (std::uint64_t i = 0; i < count; ++i) {
            sum += x[i] * r[i];
            square += x[i] * x[i];
          }
        }
        j += count;
      }
      values[way] = sum;
      if (n > kExactSum) tolerances[way] = 4 * 0x1p-53 * std::sqrt(static_cast<double>(n)) * std::sqrt(square);
    }
  }

  std::optional<double> rms_limit(double) const override { return std::nullopt; }

 private:
  // A place of the target and those after it that came from the same copy, in a row.
  struct Run {
    bool written = false;
    std::uint64_t source = 0, count = 1;
  };

  Run run_at(std::uint64_t index) const {
    const std::uint64_t last = state_.repeats - 1, round = last / kTrail, t = last % kTrail;
    Run run = run_in(index, round, t);
    if (!run.written && round > 0) run = run_in(index, round - 1, kTrail - 1);
    return run;
  }

  // Of a round in which repeats 0 to t were run: the last of them that covers `index`.
  Run run_in(std::uint64_t index, std::uint64_t round, std::uint64_t t) const {
    const std::uint64_t begun = std::min(t, index / kTrailStep), into = index - kTrailStep * begun;
    if (into >= shape_.elements) return {};
    const std::uint64_t ends = begun < t ? std::min(shape_.elements, kTrailStep) : shape_.elements;
    return {true, kTrailStep * (round % kTrailStarts) + into, ends - into};
  }

  TransferShape shape_;
  BlockState state_;
};

}  // namespace

std::unique_ptr<Reference> transfer_reference(const TransferShape& shape, const BlockState& state) {
  return std::make_unique<TransferReference>(shape, state);
}

}  // namespace geomsu::ops
