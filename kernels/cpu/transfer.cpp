#include "kernels/cpu/transfer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <omp.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/exchange.hpp"
#include "kernels/cpu/placement.hpp"

namespace geomsu::cpu {
namespace {

using plugin::Failure;

constexpr std::uint64_t kUnit = 64;              // elements: whole cache lines
constexpr std::uint64_t kPastCaches = 1u << 20;  // bytes from which nothing of a target is kept in caches

class Transfer final : public Workload {
 public:
  Transfer(const ops::TransferShape& shape, const Grant& grant, unsigned near_node, unsigned far_node)
      : Workload(grant.executor), shape_(shape), copy_(exchange_of(ops::best_isa(), "fp64", ops::ReduceOp::kNone)) {
    const std::uint64_t source = 8 * shape_.source_elements(), target = 8 * shape_.target_elements();
    memory_bytes_ = shape_.ways() * (source + target);
    sets_that_fit(memory_bytes_, grant);
    refill_ = GEOMSU_REFILL_TRIAL;
    algorithm_ = "copy from NUMA node " + std::to_string(near_node) + " to " + std::to_string(far_node) +
                 (shape_.ways() == 2 ? " and back" : "") + ", " + std::string(ops::to_string(ops::best_isa())) + ", " +
                 std::to_string(grant.executor.threads()) + " threads";
    for (std::uint64_t i = 0; i < shape_.ways(); ++i) {
      Way& way = ways_.emplace_back();
      way.source = Buffer(source);
      way.target = Buffer(target);
      place_on_node(way.source.as<std::byte>(), i == 0 ? near_node : far_node);
      place_on_node(way.target.as<std::byte>(), i == 0 ? far_node : near_node);
    }
    grant.executor.call([this] { do_reseed(0); });  // page faults belong to preparing
    for (std::uint64_t i = 0; i < shape_.ways(); ++i) {
      expect_on(ways_[i].source.as<std::byte>(), i == 0 ? near_node : far_node);
      expect_on(ways_[i].target.as<std::byte>(), i == 0 ? far_node : near_node);
    }
  }

 protected:
  std::uint64_t do_elements(std::uint32_t tensor) const override {
    if (tensor == GEOMSU_TENSOR_OUTPUT) return shape_.ways() * shape_.target_elements();
    return tensor <= shape_.ways() ? shape_.source_elements() : 0;
  }

  void do_reseed(std::uint64_t seed) override {
    for (std::uint64_t i = 0; i < shape_.ways(); ++i) {
      const std::uint64_t tensor = ops::tensor_id(0, i + 1);
      const std::span<double> source = ways_[i].source.as<double>();
      const std::span<double> target = ways_[i].target.as<double>();
#pragma omp parallel
      {
        const int place = omp_get_thread_num(), all = omp_get_num_threads();
        const Part from = part_of(source.size(), kUnit, place, all), to = part_of(target.size(), kUnit, place, all);
        ops::fill(source.subspan(from.first, from.size()), shape_.data, ops::stream(seed, tensor), tensor, from.first);
        std::fill_n(target.begin() + static_cast<std::ptrdiff_t>(to.first), to.size(), 0.0);
      }
    }
  }

  // Of both ways each thread has a part of one: they run at once.
  void do_run(std::uint64_t first, std::uint64_t count, Span& span) override {
    span.first = span.last = raw_now_ns();
    const int ways = static_cast<int>(shape_.ways());
#pragma omp parallel
    {
      const int thread = omp_get_thread_num(), of_way = omp_get_num_threads() / ways;
      const bool works = thread < of_way * ways;
      const Part part = works ? part_of(shape_.elements, kUnit, thread / ways, of_way) : Part{};
      const Way& way = ways_[static_cast<std::size_t>(thread % ways)];
      for (std::uint64_t i = 0; i < count; ++i) {
        const void* from = way.source.as<double>().data() + shape_.source_at(first + i) + part.first;
        void* to = way.target.as<double>().data() + shape_.target_at(first + i) + part.first;
        if (part.size() != 0) copy_(&from, 1, &to, 1, part.size(), shape_.bytes >= kPastCaches);
#pragma omp barrier
        if (thread == 0) {
          span.last = raw_now_ns();
          if (i < span.ends.size()) span.ends[i] = span.last;
        }
      }
    }
  }

  double do_read(std::uint32_t tensor, std::uint64_t, std::uint64_t index) const override {
    if (tensor != GEOMSU_TENSOR_OUTPUT) return ways_[tensor - 1].source.as<double>()[index];
    return ways_[index / shape_.target_elements()].target.as<double>()[index % shape_.target_elements()];
  }

  std::vector<double> do_project(std::uint64_t, std::uint64_t seed) const override {
    const std::uint64_t key = ops::sign_stream(seed);
    std::vector<double> rows;
    for (const Way& way : ways_) {
      const std::span<const double> x = way.target.as<double>();
      // A partial sum a thread, added in their order: the same number on every call.
      std::vector<double> sums(static_cast<std::size_t>(executor().threads()), 0.0);
#pragma omp parallel
      {
        constexpr std::uint64_t kChunk = 1024;
        std::array<double, kChunk> signs;
        const Part part = part_of(x.size(), kUnit, omp_get_thread_num(), omp_get_num_threads());
        double sum = 0;
        for (std::uint64_t j = part.first; j < part.last; j += kChunk) {
          const std::uint64_t some = std::min(kChunk, part.last - j);
          ops::fill_signs(std::span(signs).first(some), key, j);
          for (std::uint64_t i = 0; i < some; ++i) sum += x[j + i] * signs[i];
        }
        sums[static_cast<std::size_t>(omp_get_thread_num())] = sum;
      }
      rows.push_back(0);
      for (const double sum : sums) rows.back() += sum;
    }
    return rows;
  }

  std::span<const std::byte> do_bytes(std::uint32_t tensor, std::uint64_t) const override {
    return tensor == GEOMSU_TENSOR_OUTPUT ? ways_[0].target.as<std::byte>() : ways_[tensor - 1].source.as<std::byte>();
  }

  std::uint64_t do_digest(std::uint32_t tensor, std::uint64_t repeat) const override {
    std::uint64_t sum = Workload::do_digest(tensor, repeat);
    if (tensor == GEOMSU_TENSOR_OUTPUT && ways_.size() == 2)
      sum += digest_of(ways_[1].target.as<std::byte>(), shape_.target_elements());
    return sum;
  }

 private:
  struct Way {
    Buffer source, target;
  };

  static void expect_on(std::span<std::byte> bytes, unsigned node) {
    if (const std::size_t elsewhere = pages_elsewhere(bytes, node); elsewhere != 0) {
      throw Failure(GEOMSU_INTERNAL, std::to_string(elsewhere) + " of the pages looked at do not lie on NUMA node " +
                                         std::to_string(node) + ", where they were asked for");
    }
  }

  ops::TransferShape shape_;
  Exchange copy_;
  std::vector<Way> ways_;
};

}  // namespace

std::string transfer_refusal(const ops::TransferShape& shape, const CoreSet& near, const CoreSet* far) {
  const bool to_host = shape.direction != ops::Direction::kToPeer && !shape.peer;
  if (to_host) {
    return "the device is the host's own processor: between host and device nothing is transferred; p2p and "
           "bidirectional with a peer are between NUMA nodes";
  }
  if (far == nullptr) return "there is no device " + std::to_string(*shape.peer) + " to transfer to";
  for (const CoreSet* set : {&near, far}) {
    if (set->nodes.size() != 1)
      return "a device over " + std::to_string(set->nodes.size()) + " NUMA nodes has no one memory to transfer from";
  }
  if (near.nodes == far->nodes) {
    return "one memory domain: both devices have the memory of NUMA node " + std::to_string(near.nodes.front()) +
           ", between which nothing is transferred";
  }
  if (shape.ways() == 2 && near.cores.size() < 2) return "both ways at once want two cores of the device, it has one";
  return {};
}

std::unique_ptr<Workload> make_transfer(const ops::TransferShape& shape, const Grant& grant, unsigned near_node,
                                        unsigned far_node) {
  return std::make_unique<Transfer>(shape, grant, near_node, far_node);
}

}  // namespace geomsu::cpu
