#include "kernels/mpi/workload.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/mpi/bf16.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/shared/host_clock.hpp"

namespace geomsu::mpi {
namespace {
using plugin::Failure;
using Kind = ops::CollectiveKind;

constexpr std::size_t kAlign = 4096, kChunk = 1024;

std::uint64_t rounded(std::uint64_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

void store(const std::string& dtype, std::byte* to, std::span<const std::int8_t> values) {
  const auto put = [&]<class T>(T*) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const T value = static_cast<T>(values[i]);
      std::memcpy(to + i * sizeof(T), &value, sizeof(T));
    }
  };
  if (dtype == "fp32") return put(static_cast<float*>(nullptr));
  if (dtype == "fp64") return put(static_cast<double*>(nullptr));
  if (dtype == "int32") return put(static_cast<std::int32_t*>(nullptr));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t bits = float_to_bf16(static_cast<float>(values[i]));
    std::memcpy(to + i * sizeof bits, &bits, sizeof bits);
  }
}

double load(const std::string& dtype, const std::byte* from) {
  const auto get = [&]<class T>(T value) {
    std::memcpy(&value, from, sizeof value);
    return value;
  };
  if (dtype == "fp32") return static_cast<double>(get(float{}));
  if (dtype == "fp64") return get(double{});
  if (dtype == "int32") return get(std::int32_t{});
  return static_cast<double>(bf16_to_float(get(std::uint16_t{})));
}

}  // namespace

Workload::Workload(plugin::Executor& executor, MPI_Comm comm, std::uint32_t rank, const ops::CollectiveShape& shape,
                   std::uint64_t sets)
    : executor_(executor), rank_(rank), shape_(shape), sets_(sets), exchange_(std::make_unique<Exchange>(comm, shape)) {
  const std::uint64_t element = shape_.element_bytes();
  const std::uint64_t sent = rounded(element * shape_.sent(rank_)),
                      received = rounded(element * shape_.received(rank_));
  // MPI's in-place calls use the receive buffer for both; where a rank has no output (reduce) it is the send buffer.
  set_bytes_ = std::max<std::uint64_t>(kAlign, shape_.in_place ? std::max(sent, received) : sent + received);
  received_at_ = shape_.in_place ? 0 : sent;
  memory_ = static_cast<std::byte*>(::operator new (set_bytes_* sets_, std::align_val_t{kAlign}));
  executor_.call([&] { std::memset(memory_, 0, set_bytes_ * sets_); });  // pages come into being here, not when timed
  algorithm_ = std::string(exchange_->call()) + (shape_.in_place ? ", in place" : "");
}

Workload::~Workload() { ::operator delete (memory_, std::align_val_t{kAlign}); }

std::uint64_t Workload::memory_bytes() const { return set_bytes_ * sets_; }

std::byte* Workload::sent_of(std::uint64_t set) const {
  std::byte* start = memory_ + set * set_bytes_;
  // In place what all_gather sends is part `rank` of the output.
  const bool part = shape_.in_place && shape_.kind == Kind::kAllGather;
  return part ? start + rank_ * shape_.chunk() * shape_.element_bytes() : start;
}

// In place MPI_Reduce_scatter_block leaves the part of each rank at the buffer's beginning.
std::byte* Workload::received_of(std::uint64_t set) const { return memory_ + set * set_bytes_ + received_at_; }

void Workload::fill(std::uint64_t seed, std::uint64_t set) {
  const std::uint64_t count = shape_.sent(rank_), tensor = ops::collective_tensor(rank_, set);
  const std::uint64_t key = ops::stream(seed, tensor), element = shape_.element_bytes();
  const ops::CollectiveRange range = ops::collective_range(shape_);
  const auto least = static_cast<std::int8_t>(range.least), most = static_cast<std::int8_t>(range.most);
  std::array<std::int8_t, kChunk> values;  // what gemm's int8 are, clamped to the range
  std::byte* to = sent_of(set);
  for (std::uint64_t first = 0; first < count; first += kChunk) {
    const std::span part =
        std::span(values).first(static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, count - first)));
    ops::fill(part, shape_.data, key, tensor, first);
    for (std::int8_t& value : part) value = std::clamp(value, least, most);
    store(shape_.dtype, to + first * element, part);
  }
}

void Workload::reseed(std::uint64_t seed) {
  executor_.call([&] {
    std::memset(memory_, 0, set_bytes_ * sets_);
    for (std::uint64_t set = 0; set < sets_; ++set) fill(seed, set);
  });
  repeats_.reseeded();
}

void Workload::run(std::uint64_t first, std::uint64_t count, plugin::Span& span) {
  const std::size_t kept = span.ends.size();
  span.first = plugin::raw_now_ns();
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t set = (first + i) % sets_;
    exchange_->run(sent_of(set), received_of(set));
    if (i < kept) span.ends[i] = plugin::raw_now_ns();
  }
  span.last = plugin::raw_now_ns();
}

std::span<const std::byte> Workload::bytes_of(std::uint32_t tensor, std::uint64_t repeat) const {
  if (tensor > 1) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "there is no tensor " + std::to_string(tensor) + " in a collective");
  }
  const std::uint64_t set = repeat % sets_;
  if (tensor == 1) {
    if (shape_.in_place) throw Failure(GEOMSU_UNSUPPORTED, "in place what was sent is gone after its repeat");
    return {sent_of(set), shape_.sent(rank_) * shape_.element_bytes()};
  }
  if (repeat >= repeats_.count()) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, "repeat " + std::to_string(repeat) + " was not run: " +
                                               std::to_string(repeats_.count()) + " were since the last reseed");
  }
  return {received_of(set), shape_.received(rank_) * shape_.element_bytes()};
}

void Workload::read(std::uint32_t tensor, std::uint64_t repeat, std::span<const std::uint64_t> indices, double* out) {
  const auto bytes = bytes_of(tensor, repeat);
  const std::uint64_t element = shape_.element_bytes(), elements = bytes.size() / element;
  for (const std::uint64_t index : indices) {
    if (index < elements) continue;
    throw Failure(GEOMSU_INVALID_ARGUMENT, "index " + std::to_string(index) + " of tensor " + std::to_string(tensor) +
                                               ", which has " + std::to_string(elements) + " elements on rank " +
                                               std::to_string(rank_));
  }
  executor_.call([&] {
    for (std::size_t i = 0; i < indices.size(); ++i) out[i] = load(shape_.dtype, bytes.data() + indices[i] * element);
  });
}

std::vector<double> Workload::project(std::uint32_t tensor, std::uint64_t repeat, std::uint64_t seed) {
  if (tensor != GEOMSU_TENSOR_OUTPUT) throw Failure(GEOMSU_UNSUPPORTED, "only the output (tensor 0) is projected");
  const auto bytes = bytes_of(tensor, repeat);
  const std::uint64_t element = shape_.element_bytes(), elements = bytes.size() / element;
  if (elements == 0) return {};
  double total = 0;
  executor_.call([&] {
    const std::uint64_t key = ops::sign_stream(seed);
    std::array<double, kChunk> signs;
    for (std::uint64_t first = 0; first < elements; first += kChunk) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, elements - first));
      ops::fill_signs(std::span(signs).first(count), key, first);
      for (std::size_t i = 0; i < count; ++i) {
        total += signs[i] * load(shape_.dtype, bytes.data() + (first + i) * element);
      }
    }
  });
  return {total};
}

std::uint64_t Workload::digest(std::uint32_t tensor, std::uint64_t repeat) {
  const auto bytes = bytes_of(tensor, repeat);
  std::uint64_t sum = 0;
  executor_.call([&] { sum = ops::digest(bytes); });
  return sum;
}

}  // namespace geomsu::mpi
