// The operation transfer of one GPU: with the host's memory, or with a peer's. Copies by the copy engines
// (cudaMemcpyAsync, cudaMemcpyPeerAsync), one a repeat and way. Floor: bytes / bandwidth of the link.
#include "kernels/ops/transfer.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/buffer.hpp"
#include "kernels/cuda/check.hpp"
#include "kernels/cuda/data.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/host_memory.hpp"
#include "kernels/cuda/look.hpp"
#include "kernels/cuda/peer.hpp"
#include "kernels/cuda/workload.hpp"
#include "kernels/ops/fill.hpp"

namespace geomsu::cuda {
namespace {

constexpr int kHost = -1;  // in the place of a device's number

struct CloseStream {
  void operator()(cudaStream_t stream) const { forget(cudaStreamDestroy(stream)); }
};
struct CloseEvent {
  void operator()(cudaEvent_t event) const { forget(cudaEventDestroy(event)); }
};
using Stream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, CloseStream>;
using Event = std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, CloseEvent>;

Stream make_stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags", "the way back");
  return Stream(stream);
}
Event make_event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags", "the way back");
  return Event(event);
}

// Doubles in one memory.
struct Room {
  std::variant<std::monostate, DeviceBuffer, PinnedBuffer, PageableBuffer> memory;
  double* at = nullptr;
  std::uint64_t elements = 0;
  int owner = kHost;

  std::span<double> here() const { return {at, elements}; }  // of the host's memory
};

struct Way {
  Room source, target;
};

class Transfer final : public Workload {
 public:
  Transfer(const ops::TransferShape& shape, const Grant& grant)
      : Workload(grant.device), shape_(shape), own_(grant.device.facts().ordinal) {
    const int other = shape.peer ? static_cast<int>(*shape.peer) : kHost;
    if (other != kHost) enable_peers(own_, other);
    const std::uint64_t source = 8 * shape.source_elements(), target = 8 * shape.target_elements();
    const bool both = shape.ways() == 2, out_first = shape.direction == ops::Direction::kToHost || other != kHost;
    const std::uint64_t on_device = both ? source + target : out_first ? source : target;
    const std::uint64_t elsewhere = shape.ways() * (source + target) - on_device;
    sets_that_fit(on_device, 0, grant);
    if (other == kHost) expect_host_memory(elsewhere, shape.pinned ? "page-locked" : "pageable");
    memory_bytes_ = on_device;
    refill_ = GEOMSU_REFILL_TRIAL;
    may_wait_ = other == kHost && !shape.pinned;  // CUDA stages such copies, and waits for them as it likes
    for (std::uint64_t i = 0; i < shape.ways(); ++i) {
      const bool from_own = out_first != (i == 1);
      ways_.push_back({room(shape.source_elements(), from_own ? own_ : other),
                       room(shape.target_elements(), from_own ? other : own_)});
    }
    if (both) {
      back_ = make_stream();
      forked_ = make_event();
      joined_ = make_event();
    }
    algorithm_ = other == kHost
                     ? std::string("cudaMemcpyAsync, ") + (shape.pinned ? "page-locked" : "pageable") + " host memory"
                     : "cudaMemcpyPeerAsync, device " + std::to_string(own_) + " to " + std::to_string(other);
    if (both) algorithm_ += ", both ways at once";
  }

  ~Transfer() override {
    if (back_) forget(cudaStreamSynchronize(back_.get()));  // as Device::drain()
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

 protected:
  std::uint64_t do_elements(std::uint32_t tensor) const override {
    if (tensor == GEOMSU_TENSOR_OUTPUT) return shape_.ways() * shape_.target_elements();
    return tensor <= shape_.ways() ? shape_.source_elements() : 0;
  }

  // A peer's memory is filled by this device: it reaches it.
  void do_reseed(std::uint64_t seed, cudaStream_t stream) override {
    do_join(stream);
    device().wait("what was queued before a reseed");  // it may still copy what is filled here by the host
    for (std::uint64_t i = 0; i < shape_.ways(); ++i) {
      fill_room(ways_[i].source, shape_.data, seed, ops::tensor_id(0, i + 1), stream);
      fill_room(ways_[i].target, ops::Data::kZeros, seed, 0, stream);
    }
  }

  void do_queue(std::uint64_t repeat, cudaStream_t stream) override {
    if (back_ && !is_forked_) {
      check(cudaEventRecord(forked_.get(), stream), "cudaEventRecord", "the fork of both ways");
      check(cudaStreamWaitEvent(back_.get(), forked_.get(), 0), "cudaStreamWaitEvent", "the fork of both ways");
      is_forked_ = true;
    }
    copy(ways_[0], repeat, stream);
    if (back_) copy(ways_[1], repeat, back_.get());
  }

  void do_join(cudaStream_t stream) override {
    if (!is_forked_) return;
    check(cudaEventRecord(joined_.get(), back_.get()), "cudaEventRecord", "the join of both ways");
    check(cudaStreamWaitEvent(stream, joined_.get(), 0), "cudaStreamWaitEvent", "the join of both ways");
    is_forked_ = false;
  }

  void do_read(std::uint32_t tensor, std::uint64_t, std::span<const std::uint64_t> indices, double* out) override {
    if (tensor != GEOMSU_TENSOR_OUTPUT) return look(ways_[tensor - 1].source, indices, out);
    const std::uint64_t of_way = shape_.target_elements();
    for (std::uint64_t i = 0; i < shape_.ways(); ++i) {
      std::vector<std::uint64_t> within;
      std::vector<std::size_t> asked;
      for (std::size_t k = 0; k < indices.size(); ++k) {
        if (indices[k] / of_way != i) continue;
        within.push_back(indices[k] % of_way);
        asked.push_back(k);
      }
      std::vector<double> values(within.size());
      look(ways_[i].target, within, values.data());
      for (std::size_t k = 0; k < asked.size(); ++k) out[asked[k]] = values[k];
    }
  }

  std::vector<double> do_project(std::uint64_t, std::uint64_t seed) override {
    std::vector<double> rows;
    for (const Way& way : ways_) {
      const Room& room = way.target;
      rows.push_back(room.owner == kHost ? host_sum(room.here(), ops::sign_stream(seed))
                                         : signed_sum(device(), Element::kFp64, room.at, room.elements, seed));
    }
    return rows;
  }

  std::uint64_t do_digest(std::uint32_t tensor, std::uint64_t) override {
    if (tensor != GEOMSU_TENSOR_OUTPUT) return digest_room(ways_[tensor - 1].source, 0);
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < shape_.ways(); ++i) sum += digest_room(ways_[i].target, i * shape_.target_elements());
    return sum;
  }

 private:
  Room room(std::uint64_t elements, int owner) const {
    Room room{{}, nullptr, elements, owner};
    if (owner == own_) {
      room.at = room.memory.emplace<DeviceBuffer>(8 * elements).as<double>();
    } else if (owner != kHost) {
      room.at = room.memory.emplace<DeviceBuffer>(buffer_on(owner, 8 * elements)).as<double>();
    } else if (shape_.pinned) {
      room.at = room.memory.emplace<PinnedBuffer>(8 * elements).as<double>();
    } else {
      room.at = room.memory.emplace<PageableBuffer>(8 * elements).as<double>();
    }
    return room;
  }

  void copy(const Way& way, std::uint64_t repeat, cudaStream_t stream) const {
    const double* from = way.source.at + shape_.source_at(repeat);
    double* to = way.target.at + shape_.target_at(repeat);
    if (way.source.owner != kHost && way.target.owner != kHost) {
      check(cudaMemcpyPeerAsync(to, way.target.owner, from, way.source.owner, shape_.bytes, stream),
            "cudaMemcpyPeerAsync", "a repeat of transfer");
      return;
    }
    const auto kind = way.target.owner == kHost ? cudaMemcpyDeviceToHost : cudaMemcpyHostToDevice;
    check(cudaMemcpyAsync(to, from, shape_.bytes, kind, stream), "cudaMemcpyAsync", "a repeat of transfer");
  }

  static void fill_room(const Room& room, ops::Data data, std::uint64_t seed, std::uint64_t tensor,
                        cudaStream_t stream) {
    if (room.owner != kHost) return fill(Element::kFp64, room.at, {1, 1, room.elements}, data, seed, tensor, stream);
    ops::fill(room.here(), data, ops::stream(seed, tensor), tensor, 0);
  }

  void look(const Room& room, std::span<const std::uint64_t> indices, double* out) const {
    if (room.owner != kHost) return look_at(device(), Element::kFp64, room.at, indices, out);
    std::transform(indices.begin(), indices.end(), out, [&room](std::uint64_t index) { return room.at[index]; });
  }

  static double host_sum(std::span<const double> x, std::uint64_t sign_key) {
    constexpr std::size_t kChunk = 1024;
    std::array<double, kChunk> signs;
    double sum = 0;
    for (std::size_t first = 0; first < x.size(); first += kChunk) {
      const std::size_t count = std::min(kChunk, x.size() - first);
      ops::fill_signs(std::span(signs).first(count), sign_key, first);
      for (std::size_t i = 0; i < count; ++i) sum += x[first + i] * signs[i];
    }
    return sum;
  }

  std::uint64_t digest_room(const Room& room, std::uint64_t first_word) const {
    if (room.owner != kHost) return digest_of(device(), room.at, 8 * room.elements, first_word);
    return ops::digest(std::as_bytes(room.here()), first_word);
  }

  ops::TransferShape shape_;
  int own_;
  std::vector<Way> ways_;
  Stream back_;             // of the way back, where there are both
  Event forked_, joined_;   // back_ begins after the one, the block's stream goes on after the other
  bool is_forked_ = false;  // since the last join
};

}  // namespace

std::unique_ptr<Workload> make_transfer(const ops::Params& complete, const Grant& grant) {
  return std::make_unique<Transfer>(ops::transfer_shape(complete), grant);
}

}  // namespace geomsu::cuda
