#include "kernels/cpu/gemm.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <omp.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/buffer.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/gemm.hpp"

namespace geomsu::cpu {
namespace {

using plugin::Failure;

// fp32 and fp64.
template <typename T>
class BlasProduct final : public Product {
 public:
  BlasProduct(ops::GemmShape shape, std::shared_ptr<const OpenBlas> blas)
      : s_(std::move(shape)), blas_(std::move(blas)) {
    words_ = blas_->words();
  }
  void run(const void* a, const void* b, void* c, bool add) override {
    const T *left = static_cast<const T*>(a), *right = static_cast<const T*>(b);
    for (std::uint64_t batch = 0; batch < s_.batch; ++batch) {
      blas_->gemm(s_.transpose_a, s_.transpose_b, s_.m, s_.n, s_.k, left + batch * s_.m * s_.k,
                  right + batch * s_.k * s_.n, add ? T{1} : T{0}, static_cast<T*>(c) + batch * s_.m * s_.n);
    }
  }

 private:
  ops::GemmShape s_;
  std::shared_ptr<const OpenBlas> blas_;
};

double number(double x) { return x; }
double number(float x) { return static_cast<double>(x); }
double number(std::int8_t x) { return x; }
double number(std::int32_t x) { return x; }
double number(ops::Bf16 x) {
  return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16));
}
double number(ops::Fp16 x) {
  const double magnitude = (x.bits & 0x7C00) == 0 ? std::ldexp(x.bits & 0x3FF, -24)
                                                  : std::ldexp((x.bits & 0x3FF) | 0x400, (x.bits >> 10 & 0x1F) - 25);
  const bool finite = (x.bits & 0x7C00) != 0x7C00;
  const double beyond =
      (x.bits & 0x3FF) != 0 ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  return std::copysign(finite ? magnitude : beyond, (x.bits & 0x8000) != 0 ? -1.0 : 1.0);
}

// A and B of In, C of Out.
template <typename In, typename Out>
class Gemm final : public Workload {
 public:
  Gemm(const ops::Params& params, const Grant& grant, std::unique_ptr<Product> product)
      : Workload(grant.executor), shape_(ops::gemm_shape(params)), product_(std::move(product)) {
    const std::uint64_t per_set = ops::gemm().bytes_per_set(params);
    Grant rest = grant;
    rest.memory_bytes -= std::min(rest.memory_bytes, product_->scratch_bytes());
    operand_sets_ = sets_that_fit(per_set, rest);
    memory_bytes_ = per_set * operand_sets_ + product_->scratch_bytes();
    refill_ = GEOMSU_REFILL_BLOCK;
    algorithm_ = product_->words() + ", " + std::to_string(grant.executor.threads()) + " threads";
    for (std::uint64_t set = 0; set < operand_sets_; ++set) {
      sets_.push_back(
          {Buffer(elements_a() * sizeof(In)), Buffer(elements_b() * sizeof(In)), Buffer(elements_c() * sizeof(Out))});
    }
    grant.executor.call([this] { touch_outputs(); });
  }

 protected:
  std::uint64_t do_elements(std::uint32_t tensor) const override {
    switch (tensor) {
      case ops::kRoleOutput:
        return elements_c();
      case ops::kRoleA:
        return elements_a();
      case ops::kRoleB:
        return elements_b();
      default:
        return 0;
    }
  }

  void do_reseed(std::uint64_t seed) override {
    for (std::uint64_t set = 0; set < operand_sets_; ++set) {
      fill_matrix(sets_[set].a.template as<In>(), seed, ops::tensor_id(set, ops::kRoleA), shape_.m, shape_.k,
                  shape_.transpose_a);
      fill_matrix(sets_[set].b.template as<In>(), seed, ops::tensor_id(set, ops::kRoleB), shape_.k, shape_.n,
                  shape_.transpose_b);
    }
  }

  void do_run(std::uint64_t first, std::uint64_t count, Span& span) override {
    span.first = span.last = raw_now_ns();
    for (std::uint64_t i = 0; i < count; ++i) {
      const ops::OperandPair pair = ops::operand_pair(first + i, operand_sets_);
      product_->run(sets_[pair.a].a.template as<In>().data(), sets_[pair.b].b.template as<In>().data(),
                    sets_[(first + i) % operand_sets_].c.template as<Out>().data(), first + i >= operand_sets_);
      span.last = raw_now_ns();
      if (i < span.ends.size()) span.ends[i] = span.last;
    }
  }

  double do_read(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t index) const override {
    const Set& set = sets_[repeat % operand_sets_];
    if (tensor == ops::kRoleA)
      return number(set.a.template as<In>()[stored(index, shape_.m, shape_.k, shape_.transpose_a)]);
    if (tensor == ops::kRoleB)
      return number(set.b.template as<In>()[stored(index, shape_.k, shape_.n, shape_.transpose_b)]);
    return number(set.c.template as<Out>()[index]);
  }

  std::vector<double> do_project(std::uint64_t repeat, std::uint64_t seed) const override {
    const std::span<const Out> c = sets_[repeat % operand_sets_].c.template as<Out>();
    const std::uint64_t rows = shape_.batch * shape_.m, n = shape_.n;
    std::vector<double> signs(n), result(rows);
    ops::fill_signs(signs, ops::sign_stream(seed), 0);
#pragma omp parallel for schedule(static)
    for (std::uint64_t i = 0; i < rows; ++i) {
      double lanes[8] = {};
      const Out* row = c.data() + i * n;
      std::uint64_t j = 0;
      for (; j + 8 <= n; j += 8) {
        for (std::uint64_t lane = 0; lane < 8; ++lane) lanes[lane] += number(row[j + lane]) * signs[j + lane];
      }
      for (; j < n; ++j) lanes[0] += number(row[j]) * signs[j];
      double sum = 0;
      for (const double lane : lanes) sum += lane;
      result[i] = sum;
    }
    return result;
  }

  std::span<const std::byte> do_bytes(std::uint32_t tensor, std::uint64_t repeat) const override {
    const Set& set = sets_[repeat % operand_sets_];
    if (tensor == ops::kRoleOutput) return set.c.template as<const std::byte>();
    const bool transposed = tensor == ops::kRoleA ? shape_.transpose_a : shape_.transpose_b;
    if (transposed) throw Failure(GEOMSU_UNSUPPORTED, "a digest of an operand that is stored transposed");
    return (tensor == ops::kRoleA ? set.a : set.b).template as<const std::byte>();
  }

 private:
  struct Set {
    Buffer a, b, c;
  };

  std::uint64_t elements_a() const { return shape_.batch * shape_.m * shape_.k; }
  std::uint64_t elements_b() const { return shape_.batch * shape_.k * shape_.n; }
  std::uint64_t elements_c() const { return shape_.batch * shape_.m * shape_.n; }

  // Where the element of a logical index lies.
  static std::uint64_t stored(std::uint64_t index, std::uint64_t rows, std::uint64_t columns, bool transposed) {
    if (!transposed) return index;
    const std::uint64_t batch = index / (rows * columns), within = index % (rows * columns);
    return batch * rows * columns + within % columns * rows + within / columns;
  }

  // Logical rows x columns; stored transposed, a stored row walks down a logical column.
  void fill_matrix(std::span<In> out, std::uint64_t seed, std::uint64_t tensor, std::uint64_t rows,
                   std::uint64_t columns, bool transposed) const {
    const std::uint64_t key = ops::stream(seed, tensor), matrix = rows * columns;
    if (!transposed) {
#pragma omp parallel
      {
        const Part part = part_of(out.size(), 512, omp_get_thread_num(), omp_get_num_threads());
        ops::fill(out.subspan(part.first, part.last - part.first), shape_.data, key, tensor, part.first);
      }
      return;
    }
#pragma omp parallel for schedule(static)
    for (std::uint64_t line = 0; line < shape_.batch * columns; ++line) {
      const std::uint64_t batch = line / columns, column = line % columns;
      ops::fill(out.subspan(line * rows, rows), shape_.data, key, tensor, batch * matrix + column, columns);
    }
  }

  // Page faults of C belong to preparing, not to the first timed repeat.
  void touch_outputs() {
    for (Set& set : sets_) {
      const auto c = set.c.template as<Out>();
#pragma omp parallel
      {
        const Part part = part_of(c.size(), 512, omp_get_thread_num(), omp_get_num_threads());
        std::fill(c.begin() + static_cast<std::ptrdiff_t>(part.first),
                  c.begin() + static_cast<std::ptrdiff_t>(part.last), Out{});
      }
    }
  }

  ops::GemmShape shape_;
  std::unique_ptr<Product> product_;
  std::vector<Set> sets_;
};

}  // namespace

std::string gemm_refusal(const ops::Params& params, const std::set<std::string>& flags) {
  const ops::GemmShape shape = ops::gemm_shape(params);
  if (shape.dtype == "int8" || shape.dtype == "bf16" || shape.dtype == "fp16")
    return narrow_refusal(shape.dtype, flags);
  if (shape.dtype != "fp32" && shape.dtype != "fp64")
    return "the cpu backend computes gemm in fp64, fp32, int8 and, where the processor has them, bf16 and fp16, not " +
           shape.dtype;
  if (shape.accumulate == "fp64" && shape.dtype == "fp32")
    return "the cpu backend accumulates fp32 in fp32, not in fp64";
  return {};
}

std::uint64_t sets_that_fit(std::uint64_t bytes_per_set, const Grant& grant) {
  if (bytes_per_set > grant.memory_bytes / 10 * 9) {
    throw Failure(GEOMSU_OUT_OF_MEMORY,
                  "one operand set needs " + std::to_string(bytes_per_set) + " bytes, " +
                      std::to_string(grant.memory_bytes) +
                      " are free for this device (90 % of them may be taken); next: a smaller shape");
  }
  return std::clamp<std::uint64_t>(grant.memory_bytes / 10 * 6 / bytes_per_set, 1,
                                   std::max<std::uint64_t>(grant.operand_sets, 1));
}

std::unique_ptr<Workload> make_gemm(const ops::Params& params, const Grant& grant, Libraries& libraries) {
  const ops::GemmShape s = ops::gemm_shape(params);
  sets_that_fit(ops::gemm().bytes_per_set(params), grant);  // refused before a library takes anything
  if (s.dtype == "fp64" || s.dtype == "fp32") {
    // Loaded while this thread may run on all of the device's cores: OpenBLAS counts them then.
    if (!libraries.blas) libraries.blas = OpenBlas::load(libraries.openblas_path);
    if (s.dtype == "fp64")
      return std::make_unique<Gemm<double, double>>(params, grant,
                                                    std::make_unique<BlasProduct<double>>(s, libraries.blas));
    return std::make_unique<Gemm<float, float>>(params, grant, std::make_unique<BlasProduct<float>>(s, libraries.blas));
  }
  if (!libraries.dnn) libraries.dnn = OneDnn::load(libraries.onednn_path);
  std::unique_ptr<Product> product;
  // On the executor: oneDNN splits the work by the threads of the pool that it sees when it is asked.
  grant.executor.call([&] { product = libraries.dnn->product(s); });
  if (s.dtype == "int8") return std::make_unique<Gemm<std::int8_t, std::int32_t>>(params, grant, std::move(product));
  if (s.dtype == "bf16" && s.out == "bf16")
    return std::make_unique<Gemm<ops::Bf16, ops::Bf16>>(params, grant, std::move(product));
  if (s.dtype == "bf16") return std::make_unique<Gemm<ops::Bf16, float>>(params, grant, std::move(product));
  if (s.out == "fp16") return std::make_unique<Gemm<ops::Fp16, ops::Fp16>>(params, grant, std::move(product));
  return std::make_unique<Gemm<ops::Fp16, float>>(params, grant, std::move(product));
}

}  // namespace geomsu::cpu
