#include "kernels/cpu/memory.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <omp.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/stream.hpp"
#include "kernels/ops/memory.hpp"

namespace geomsu::cpu {
namespace {

constexpr std::uint64_t kUnit = 64;  // elements: a whole number of cache lines

template <typename T>
class Memory final : public Workload {
 public:
  Memory(const ops::Params& params, const Grant& grant)
      : Workload(grant.executor),
        shape_(ops::memory_shape(params)),
        isa_(ops::best_isa()),
        kind_(static_cast<Kind>(std::find(ops::memory_kinds().begin(), ops::memory_kinds().end(), shape_.kind) -
                                ops::memory_kinds().begin())),
        partial_(2 * static_cast<std::size_t>(grant.executor.threads())) {
    memory_bytes_ = ops::memory().bytes_per_set(params);
    sets_that_fit(memory_bytes_, grant);
    refill_ = GEOMSU_REFILL_TRIAL;
    algorithm_ = shape_.kind + (kind_ == Kind::kRead ? ", " : " with non-temporal stores, ") +
                 std::string(ops::to_string(isa_)) + ", " + std::to_string(grant.executor.threads()) + " threads";
    for (std::uint64_t i = 0; i < shape_.arrays; ++i) arrays_.emplace_back(shape_.bytes);
    grant.executor.call([this] { do_reseed(0); });  // page faults belong to preparing
  }

 protected:
  std::uint64_t do_elements(std::uint32_t tensor) const override {
    if (tensor == GEOMSU_TENSOR_OUTPUT) return shape_.output_elements;
    return tensor <= shape_.arrays ? shape_.elements : 0;
  }

  void do_reseed(std::uint64_t seed) override {
    sums_ = {};
    key_ = ops::write_first_key(seed);
    for (std::uint64_t number = 0; number < shape_.arrays; ++number) {
      const std::uint64_t tensor = ops::tensor_id(0, number + 1);
      const std::span<T> x = array(number);
#pragma omp parallel
      {
        const Part part = part_of(x.size(), kUnit, omp_get_thread_num(), omp_get_num_threads());
        ops::fill(x.subspan(part.first, part.last - part.first), shape_.data, ops::stream(seed, tensor), tensor,
                  part.first);
      }
    }
  }

  // All repeats in one parallel region, a barrier after each: every repeat reads what the one before wrote.
  void do_run(std::uint64_t first, std::uint64_t count, Span& span) override {
    span.first = span.last = raw_now_ns();
#pragma omp parallel
    {
      const Part part = part_of(shape_.elements, kUnit, omp_get_thread_num(), omp_get_num_threads());
      Handed handed{sums_, key_};  // each thread keeps its own and comes to the same
#pragma omp barrier
      for (std::uint64_t i = 0; i < count; ++i) {
        repeat(first + i, part, handed);
#pragma omp barrier
        take_over(first + i, handed);
        if (omp_get_thread_num() == 0) {
          span.last = raw_now_ns();
          if (i < span.ends.size()) span.ends[i] = span.last;
        }
      }
      if (omp_get_thread_num() == 0) {
        sums_ = handed.sums;
        key_ = handed.key;
      }
    }
  }

  double do_read(std::uint32_t tensor, std::uint64_t, std::uint64_t index) const override {
    if (is_sums(tensor)) return static_cast<std::int32_t>(sums_[index]);
    return static_cast<double>(tensor_array(tensor)[index]);
  }

  std::vector<double> do_project(std::uint64_t, std::uint64_t seed) const override {
    if (is_sums(GEOMSU_TENSOR_OUTPUT)) return {projected_sums(seed)};
    const std::span<const T> x = tensor_array(GEOMSU_TENSOR_OUTPUT);
    const std::uint64_t key = ops::sign_stream(seed);
    // A partial sum a thread, added in their order: the same number on every call.
    std::vector<double> sums(static_cast<std::size_t>(executor().threads()), 0.0);
#pragma omp parallel
    {
      constexpr std::uint64_t kChunk = 1024;
      std::array<double, kChunk> signs;
      const Part part = part_of(x.size(), kUnit, omp_get_thread_num(), omp_get_num_threads());
      std::array<double, 8> lanes{};
      for (std::uint64_t j = part.first; j < part.last; j += kChunk) {
        const std::uint64_t count = std::min(kChunk, part.last - j);  // a multiple of 64
        ops::fill_signs(std::span(signs).first(count), key, j);
        for (std::uint64_t i = 0; i < count; i += 8) {
          for (std::uint64_t lane = 0; lane < 8; ++lane)
            lanes[lane] += static_cast<double>(x[j + i + lane]) * signs[i + lane];
        }
      }
      for (const double lane : lanes) sums[static_cast<std::size_t>(omp_get_thread_num())] += lane;
    }
    double total = 0;
    for (const double sum : sums) total += sum;
    return {total};
  }

  std::span<const std::byte> do_bytes(std::uint32_t tensor, std::uint64_t) const override {
    return is_sums(tensor) ? std::as_bytes(std::span(sums_)) : std::as_bytes(tensor_array(tensor));
  }

 private:
  enum class Kind : std::uint8_t { kCopy, kScale, kAdd, kTriad, kRead, kWrite };  // as ops::memory_kinds()
  // What a repeat of read or write hands on to the next.
  struct Handed {
    ops::ReadSums sums;
    std::uint32_t key;
  };
  struct alignas(64) Partial {  // a cache line a thread
    ops::ReadSums sums{};
  };

  std::span<T> array(std::uint64_t number) const { return arrays_[number].template as<T>(); }
  bool is_sums(std::uint32_t tensor) const { return tensor == GEOMSU_TENSOR_OUTPUT && kind_ == Kind::kRead; }

  // Tensor 0 is what was written last: by add's and triad's repeat i array i % 3, by copy's and scale's (i + 1) % 2.
  std::span<const T> tensor_array(std::uint32_t tensor) const {
    if (tensor != GEOMSU_TENSOR_OUTPUT) return array(tensor - 1);
    return array(shape_.arrays == 3 ? (repeats() - 1) % 3 : repeats() % shape_.arrays);
  }

  double projected_sums(std::uint64_t seed) const {
    std::array<double, ops::kReadLanes> signs;
    ops::fill_signs(signs, ops::sign_stream(seed), 0);
    double sum = 0;
    for (std::size_t lane = 0; lane < signs.size(); ++lane) sum += static_cast<std::int32_t>(sums_[lane]) * signs[lane];
    return sum;
  }

  void repeat(std::uint64_t i, Part part, const Handed& handed) {
    switch (kind_) {
      case Kind::kCopy:
      case Kind::kScale:
        return rotate(i, part);
      case Kind::kAdd:
        return add(i, part);
      case Kind::kTriad:
        return triad(i, part);
      case Kind::kRead:
        return read(i, part, handed);
      case Kind::kWrite:
        return write(i, part, handed);
    }
  }

  // After the barrier. The next repeat writes the other half of what is read here, so one barrier a repeat is enough.
  void take_over(std::uint64_t i, Handed& handed) const {
    if (kind_ == Kind::kWrite)
      handed.key = ops::write_next_key(handed.key, static_cast<std::int32_t>(picked_[i % 2] * static_cast<T>(0x1p15)));
    if (kind_ != Kind::kRead) return;
    const std::size_t threads = partial_.size() / 2;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      const ops::ReadSums& sums = partial_[i % 2 * threads + thread].sums;
      for (std::size_t lane = 0; lane < sums.size(); ++lane) handed.sums[lane] += sums[lane];
    }
  }

  void read(std::uint64_t i, Part part, const Handed& handed) {
    ops::ReadSums sums{};
    const std::span<const T> x = array(0).subspan(part.first, part.last - part.first);
    read_part(isa_, sums, reinterpret_cast<const std::uint32_t*>(x.data()), x.size_bytes() / 4,
              ops::read_key(handed.sums, i));
    partial_[i % 2 * (partial_.size() / 2) + static_cast<std::size_t>(omp_get_thread_num())].sums = sums;
  }

  void write(std::uint64_t i, Part part, const Handed& handed) {
    const std::span<T> x = array(0);
    write_part(isa_, x.data() + part.first, handed.key, part.first, part.last - part.first);
    // From memory, by the thread that wrote there: the others may be in the next repeat before this one looks.
    const std::uint64_t place = ops::write_place(handed.key, i, shape_.elements);
    if (part.first <= place && place < part.last) picked_[i % 2] = x[place];
  }

  void triad(std::uint64_t i, Part part) const {
    triad_part(isa_, array(i % 3).data() + part.first, array((i + 2) % 3).data() + part.first,
               array((i + 1) % 3).data() + part.first, static_cast<T>(ops::kTriadScalar), part.last - part.first);
  }

  // What lands at d comes from d - 64 and d - 128, round the end for the first ones.
  void add(std::uint64_t i, Part part) const {
    const T *newer = array((i + 2) % 3).data(), *older = array((i + 1) % 3).data();
    T* to = array(i % 3).data();
    const std::uint64_t n = shape_.elements, shift = ops::kCopyShift;
    const std::array<std::uint64_t, 4> cuts{0, shift, 2 * shift, n};
    for (std::size_t piece = 0; piece < 3; ++piece) {
      const std::uint64_t first = std::max(cuts[piece], part.first), last = std::min(cuts[piece + 1], part.last);
      if (first >= last) continue;
      triad_part(isa_, to + first, newer + (first + n - shift) % n, older + (first + n - 2 * shift) % n, T{-1},
                 last - first);
    }
  }

  // copy and scale, a part of the destination; what lands at its index d comes from d - 64, round the end for the first
  // 64.
  void rotate(std::uint64_t i, Part part) const {
    const T* from = array(i % 2).data();
    T* to = array((i + 1) % 2).data();
    const std::uint64_t n = shape_.elements, shift = ops::kCopyShift % n;
    const std::uint64_t split = std::clamp(shift, part.first, part.last);
    const auto move = [&](std::uint64_t first, std::uint64_t source, std::uint64_t count) {
      if (count == 0) return;
      if (kind_ == Kind::kCopy) return copy_part(isa_, to + first, from + source, count);
      scale_part(isa_, to + first, from + source, static_cast<T>(ops::scale_factor(i)), count);
    };
    move(part.first, n - shift + part.first, split - part.first);
    move(split, split - shift, part.last - split);
  }

  ops::MemoryShape shape_;
  ops::Isa isa_;
  Kind kind_;
  std::vector<Buffer> arrays_;
  ops::ReadSums sums_{};          // of read, so far
  std::uint32_t key_ = 0;         // of write's next repeat
  std::vector<Partial> partial_;  // of read: a line a thread, for even repeats and for odd ones
  std::array<T, 2> picked_{};     // of write: what the next key is made of, likewise
};

}  // namespace

std::unique_ptr<Workload> make_memory(const ops::Params& params, const Grant& grant) {
  if (ops::memory_shape(params).dtype == "fp32") return std::make_unique<Memory<float>>(params, grant);
  return std::make_unique<Memory<double>>(params, grant);
}

}  // namespace geomsu::cpu
