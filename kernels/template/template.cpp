// The smallest whole plug-in: one device (the thread it starts), gemm in fp32 and memory copy and triad, in plain
// loops. Copy this folder, rename it, and replace the parts marked HERE by your device's. README.md says how to build
// and try it.
//
// Over 400 lines: a plug-in is read, copied and changed as a whole, and one file is the least to carry away.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/gemm.hpp"
#include "kernels/ops/memory.hpp"

namespace ops = geomsu::ops;
using geomsu::plugin::Failure;
using geomsu::plugin::guard;
using geomsu::plugin::required;
using geomsu::plugin::sized;

namespace {

// HERE: the device's clock. Never the host's time converted: declare in clock_info what this counts.
std::uint64_t ticks_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000ULL + static_cast<std::uint64_t>(now.tv_nsec);
}

std::string line_of(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// One queue of work, in order, so that submit returns at once. HERE: a stream or command queue of the device.
class Queue {
 public:
  Queue() : thread_([this] { loop(); }) {}
  ~Queue() {
    push([this] { stop_ = true; });
    thread_.join();
  }
  void push(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
    wake_.notify_one();
  }

 private:
  void loop() {
    while (!stop_) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !work_.empty(); });
      const auto work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      work();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> work_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace

struct geomsu_instance {
  std::string uuid;
};
struct geomsu_device {
  Queue queue;
};
struct geomsu_group {
  geomsu_device& device;
};
struct geomsu_event {
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  std::uint64_t first = 0, last = 0;

  bool wait(std::uint64_t timeout_ns) {
    std::unique_lock lock(mutex);
    const auto year = std::chrono::nanoseconds(std::chrono::years(1));  // longer is for ever, and would overflow
    const auto timeout = std::min<std::uint64_t>(timeout_ns, static_cast<std::uint64_t>(year.count()));
    return finished.wait_for(lock, std::chrono::nanoseconds(timeout), [this] { return done; });
  }
};

// Buffers and loops of one prepared workload. `sets` is 1: fewer than asked is allowed, and workload_info says so.
struct geomsu_workload {
  geomsu_device& device;
  explicit geomsu_workload(geomsu_device& owner) : device(owner) {}
  virtual ~geomsu_workload() = default;

  std::uint64_t repeats = 0;  // since the last reseed
  bool seeded = false;
  std::uint64_t bytes = 0;
  std::uint32_t refill = GEOMSU_REFILL_BLOCK;

  virtual void reseed(std::uint64_t seed) = 0;
  virtual void run(std::uint64_t repeat) = 0;
  virtual std::uint64_t elements(std::uint32_t tensor) const = 0;  // 0: there is no such tensor
  virtual double element(std::uint32_t tensor, std::uint64_t index) const = 0;
  virtual std::uint64_t columns() const = 0;  // of the output, for a projection
  virtual std::uint64_t digest() const = 0;   // of the output
};

namespace {

// gemm: C = op(A) op(B), and C += from the second repeat on, as there is one operand set. HERE: your library's gemm.
class Gemm final : public geomsu_workload {
 public:
  Gemm(geomsu_device& owner, const ops::Params& params) : geomsu_workload(owner), s_(ops::gemm_shape(params)) {
    bytes = ops::gemm().bytes_per_set(params);
    a_.resize(s_.batch * s_.m * s_.k);
    b_.resize(s_.batch * s_.k * s_.n);
    c_.resize(s_.batch * s_.m * s_.n);
    row_.resize(s_.n);
  }
  void reseed(std::uint64_t seed) override {
    fill(a_, seed, ops::kRoleA, s_.m, s_.k, s_.transpose_a);
    fill(b_, seed, ops::kRoleB, s_.k, s_.n, s_.transpose_b);
  }
  void run(std::uint64_t repeat) override {
    if (repeat == 0) std::fill(c_.begin(), c_.end(), 0.0F);
    for (std::uint64_t i = 0; i < s_.batch * s_.m; ++i) {
      const std::uint64_t batch = i / s_.m;
      std::fill(row_.begin(), row_.end(), 0.0F);
      for (std::uint64_t l = 0; l < s_.k; ++l) {
        const float a = a_[stored(i * s_.k + l, s_.m, s_.k, s_.transpose_a)];
        for (std::uint64_t j = 0; j < s_.n; ++j)
          row_[j] += a * b_[stored((batch * s_.k + l) * s_.n + j, s_.k, s_.n, s_.transpose_b)];
      }
      for (std::uint64_t j = 0; j < s_.n; ++j) c_[i * s_.n + j] += row_[j];
    }
  }
  std::uint64_t elements(std::uint32_t tensor) const override { return tensor <= 2 ? of(tensor).size() : 0; }
  double element(std::uint32_t tensor, std::uint64_t index) const override {
    if (tensor == ops::kRoleA) index = stored(index, s_.m, s_.k, s_.transpose_a);
    if (tensor == ops::kRoleB) index = stored(index, s_.k, s_.n, s_.transpose_b);
    return static_cast<double>(of(tensor)[index]);
  }
  std::uint64_t columns() const override { return s_.n; }
  std::uint64_t digest() const override { return ops::digest(std::as_bytes(std::span(c_))); }

 private:
  const std::vector<float>& of(std::uint32_t tensor) const { return tensor == 0 ? c_ : tensor == 1 ? a_ : b_; }

  // Where a logical row-major index lies in a matrix that may be stored transposed.
  static std::uint64_t stored(std::uint64_t index, std::uint64_t rows, std::uint64_t columns, bool transposed) {
    if (!transposed) return index;
    const std::uint64_t matrix = index / (rows * columns) * (rows * columns), within = index - matrix;
    return matrix + within % columns * rows + within / columns;
  }
  void fill(std::vector<float>& out, std::uint64_t seed, std::uint64_t role, std::uint64_t rows, std::uint64_t columns,
            bool transposed) const {
    const std::uint64_t tensor = ops::tensor_id(0, role), key = ops::stream(seed, tensor);
    for (std::uint64_t i = 0; i < out.size(); ++i) {
      out[stored(i, rows, columns, transposed)] = static_cast<float>(ops::value(s_.data, key, tensor, i));
    }
  }

  ops::GemmShape s_;
  std::vector<float> a_, b_, c_, row_;
};

// memory: copy and triad by the recurrences of kernels/ops/memory.hpp. HERE: your kernels.
template <typename T>
class Memory final : public geomsu_workload {
 public:
  Memory(geomsu_device& owner, const ops::Params& params)
      : geomsu_workload(owner), s_(ops::memory_shape(params)), triad_(s_.kind == "triad") {
    bytes = ops::memory().bytes_per_set(params);
    refill = GEOMSU_REFILL_TRIAL;
    arrays_.assign(triad_ ? 3 : 2, std::vector<T>(s_.elements));
  }
  void reseed(std::uint64_t seed) override {
    for (std::uint64_t i = 0; i < arrays_.size(); ++i) {
      const std::uint64_t tensor = ops::tensor_id(0, i + 1);
      ops::fill(std::span(arrays_[i]), s_.data, ops::stream(seed, tensor), tensor, 0);
    }
  }
  void run(std::uint64_t i) override {
    const std::uint64_t n = s_.elements;
    if (triad_) {
      const auto scalar = static_cast<T>(ops::kTriadScalar);
      for (std::uint64_t j = 0; j < n; ++j)
        arrays_[i % 3][j] = arrays_[(i + 2) % 3][j] + scalar * arrays_[(i + 1) % 3][j];
    } else {
      for (std::uint64_t j = 0; j < n; ++j) arrays_[(i + 1) % 2][(j + ops::kCopyShift) % n] = arrays_[i % 2][j];
    }
  }
  std::uint64_t elements(std::uint32_t tensor) const override { return tensor <= arrays_.size() ? s_.elements : 0; }
  double element(std::uint32_t tensor, std::uint64_t index) const override {
    return static_cast<double>(of(tensor)[index]);
  }
  std::uint64_t columns() const override { return s_.elements; }
  std::uint64_t digest() const override { return ops::digest(std::as_bytes(std::span(of(0)))); }

 private:
  // Tensor 0 is the array written last.
  const std::vector<T>& of(std::uint32_t tensor) const {
    if (tensor > 0) return arrays_[tensor - 1];
    return arrays_[triad_ ? (repeats - 1) % 3 : repeats % 2];
  }
  ops::MemoryShape s_;
  bool triad_;
  std::vector<std::vector<T>> arrays_;
};

// HERE: free memory of the device. Asked before anything is taken.
std::uint64_t free_bytes() {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == "MemAvailable:" && file >> kib) return kib * 1024;
  }
  throw Failure(GEOMSU_INTERNAL, "/proc/meminfo has no MemAvailable");
}

// The capability question: unsupported is an answer, given with its reason.
std::unique_ptr<geomsu_workload> prepare(geomsu_device& device, const std::string& name,
                                         geomsu::plugin::Params params) {
  const ops::Operation* operation = ops::find(name);
  if (name != "gemm" && name != "memory")
    throw Failure(GEOMSU_UNSUPPORTED, "this device offers gemm and memory, not '" + name + "'");
  geomsu::plugin::take(params, "operand_sets");  // one set is kept, whatever was asked
  if (const auto kind = params.find("kind"); name == "memory" && kind != params.end()) {
    for (const char* later : {"scale", "add", "read", "write"}) {
      if (kind->second == later) throw Failure(GEOMSU_UNSUPPORTED, "memory " + kind->second + " is not offered");
    }
  }
  std::vector<ops::Problem> problems;
  const ops::Params complete = operation->complete(params, problems);
  if (!problems.empty()) throw Failure(GEOMSU_INVALID_ARGUMENT, name + ": " + problems.front().rule);
  if (name == "gemm" && complete.at("dtype") != "fp32") {
    throw Failure(GEOMSU_UNSUPPORTED, "this device computes gemm in fp32, not " + complete.at("dtype"));
  }
  if (name == "gemm" && complete.at("accumulate") == "fp64")
    throw Failure(GEOMSU_UNSUPPORTED, "this device accumulates in fp32");
  const std::uint64_t needed = operation->bytes_per_set(complete), free = free_bytes();
  if (needed > free / 10 * 9) {
    throw Failure(GEOMSU_OUT_OF_MEMORY,
                  "needs " + std::to_string(needed) + " bytes, " + std::to_string(free) + " are free");
  }
  if (name == "gemm") return std::make_unique<Gemm>(device, complete);
  if (complete.at("dtype") == "fp32") return std::make_unique<Memory<float>>(device, complete);
  return std::make_unique<Memory<double>>(device, complete);
}

// --- The table's slots: unpack, call, pack. Little of this changes from device to device. ---

geomsu_error* instance_create(const geomsu_params* params, geomsu_instance** out) {
  return guard([&] {
    const auto settings = geomsu::plugin::params_of(params);
    if (!settings.empty())
      throw Failure(GEOMSU_INVALID_ARGUMENT, "no setting '" + settings.begin()->first + "' is known");
    // HERE: the device's own unique id, stable over reboots.
    const std::string machine = line_of("/etc/machine-id");
    if (machine.empty()) throw Failure(GEOMSU_UNSUPPORTED, "no identity: /etc/machine-id cannot be read");
    std::uint64_t hash = 0;
    for (const char letter : machine) hash = ops::finalise(hash + static_cast<unsigned char>(letter));
    required(out, "out") = new geomsu_instance{"template-" + std::to_string(hash)};
  });
}
void instance_destroy(geomsu_instance* instance) { delete instance; }

geomsu_error* device_count(geomsu_instance*, std::uint32_t* out) {
  return guard([&] { required(out, "out") = 1; });
}

void check_index(std::uint32_t index, const char* what) {
  if (index != 0)
    throw Failure(GEOMSU_INVALID_ARGUMENT, std::string("there is one ") + what + ", 0, not " + std::to_string(index));
}

geomsu_error* describe(geomsu_instance* instance, std::uint32_t index, geomsu_description* out) {
  return guard([&] {
    auto& to = sized(out, GEOMSU_DESCRIPTION_MIN_SIZE, "description");
    check_index(index, "device");
    to.name = "one thread of this processor";
    to.vendor = "geomsu";
    to.uuid = required(instance, "instance").uuid.c_str();
    static const geomsu_param attributes[] = {{"kind", "host"}};  // HERE: leave it out for a device of its own
    to.attributes = attributes;
    to.attribute_count = 1;
    to.memory_bytes = to.pcie_generation = to.pcie_width = GEOMSU_UNKNOWN;  // what is unknown is never 0
  });
}

geomsu_error* device_open(geomsu_instance*, std::uint32_t index, geomsu_device** out) {
  return guard([&] {
    check_index(index, "device");
    required(out, "out") = new geomsu_device;
  });
}
void device_close(geomsu_device* device) { delete device; }

geomsu_error* clock_info(geomsu_device*, geomsu_clock_info* out) {
  return guard([&] {
    auto& to = sized(out, GEOMSU_CLOCK_INFO_MIN_SIZE, "clock_info");
    to.ticks_per_second = 1000000000;
    to.valid_bits = 64;
    to.domain = GEOMSU_CLOCK_HOST;  // HERE: GEOMSU_CLOCK_DEVICE for a counter of the device's own
  });
}
geomsu_error* device_clock(geomsu_device*, std::uint64_t* ticks) {
  return guard([&] { required(ticks, "ticks") = ticks_now(); });
}

// HERE: what the device can measure. Comes from a second thread, too.
geomsu_error* telemetry(geomsu_device*, geomsu_telemetry* out) {
  return guard([&] {
    auto& to = sized(out, GEOMSU_TELEMETRY_MIN_SIZE, "telemetry");
    to.power_w = to.energy_j = to.temperature_c = to.memory_temperature_c = to.clock_mhz = to.memory_clock_mhz =
        to.memory_used_bytes = to.foreign_load = std::numeric_limits<double>::quiet_NaN();
    to.throttle = to.throttle_events = to.ecc_corrected = to.ecc_uncorrected = to.link_replays = to.fault_events =
        GEOMSU_UNKNOWN;
  });
}

geomsu_error* group_create(geomsu_device* const* devices, std::uint32_t count, const geomsu_params*,
                           geomsu_group** out) {
  return guard([&] {
    if (count != 1) throw Failure(GEOMSU_UNSUPPORTED, "groups of one device only");
    required(out, "out") = new geomsu_group{required(required(devices, "devices"), "devices[0]")};
  });
}
void group_destroy(geomsu_group* group) { delete group; }

geomsu_error* workload_prepare(geomsu_group* group, const char* op, const geomsu_params* params,
                               geomsu_workload** out) {
  return guard([&] {
    auto& to = required(out, "out");
    to = prepare(required(group, "group").device, &required(op, "op"), geomsu::plugin::params_of(params)).release();
  });
}
void workload_release(geomsu_workload* workload) { delete workload; }

geomsu_error* workload_info(geomsu_workload* workload, geomsu_workload_info* out) {
  return guard([&] {
    const auto& work = required(workload, "workload");
    auto& to = sized(out, GEOMSU_WORKLOAD_INFO_MIN_SIZE, "workload_info");
    to.memory_bytes = work.bytes;
    to.operand_sets = 1;
    to.algorithm = "plain loops";  // HERE: library, version, kernel id
    to.deterministic = 1;
    to.refill = work.refill;
  });
}

// Runs on the queue and waits: the buffers belong to it.
template <typename Body>
void on_queue(geomsu_workload& work, Body&& body) {
  geomsu_event event;
  geomsu_error* error = nullptr;
  work.device.queue.push([&] {
    error = guard(body);
    const std::lock_guard lock(event.mutex);
    event.done = true;
    event.finished.notify_all();
  });
  while (!event.wait(UINT64_MAX)) {
  }
  if (error == nullptr) return;
  const std::unique_ptr<geomsu_error, decltype(&geomsu::plugin::error_destroy)> owned(error,
                                                                                      geomsu::plugin::error_destroy);
  throw Failure(owned->code, owned->text);
}

geomsu_error* reseed(geomsu_workload* workload, std::uint64_t seed) {
  return guard([&] {
    auto& work = required(workload, "workload");
    on_queue(work, [&] { work.reseed(seed); });
    work.repeats = 0;
    work.seeded = true;
  });
}

geomsu_error* submit(geomsu_workload* workload, std::uint64_t repeats, geomsu_event** out) {
  return guard([&] {
    auto& work = required(workload, "workload");
    auto& to = required(out, "out");
    if (!work.seeded) throw Failure(GEOMSU_INVALID_ARGUMENT, "submit before reseed");
    auto event = std::make_unique<geomsu_event>();
    work.device.queue.push([&work, raw = event.get(), first = work.repeats, repeats] {
      raw->first = ticks_now();
      for (std::uint64_t i = 0; i < repeats; ++i) work.run(first + i);
      raw->last = ticks_now();
      const std::lock_guard lock(raw->mutex);
      raw->done = true;
      raw->finished.notify_all();
    });
    work.repeats += repeats;
    to = event.release();
  });
}

geomsu_error* event_wait(geomsu_event* event, std::uint64_t timeout_ns) {
  return guard([&] {
    if (!required(event, "event").wait(timeout_ns))
      throw Failure(GEOMSU_TIMEOUT, "not done in " + std::to_string(timeout_ns) + " ns");
  });
}
geomsu_error* event_span(geomsu_event* event, std::uint32_t rank, geomsu_span* out) {
  return guard([&] {
    auto& known = required(event, "event");
    auto& to = sized(out, GEOMSU_SPAN_MIN_SIZE, "span");
    check_index(rank, "rank");
    if (!known.wait(0)) throw Failure(GEOMSU_INVALID_ARGUMENT, "event_span before the event is done");
    to.first = known.first;
    to.last = known.last;
    to.repeat_count = 0;  // single repeats are optional
  });
}
void event_destroy(geomsu_event* event) {
  if (event == nullptr) return;
  while (!event->wait(UINT64_MAX)) {
  }
  delete event;
}

geomsu_workload& checked(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat) {
  auto& work = required(workload, "workload");
  check_index(rank, "rank");
  if (work.elements(tensor) == 0)
    throw Failure(GEOMSU_INVALID_ARGUMENT, "there is no tensor " + std::to_string(tensor));
  if (tensor == 0 && repeat >= work.repeats)
    throw Failure(GEOMSU_INVALID_ARGUMENT, "repeat " + std::to_string(repeat) + " was not run");
  return work;
}

geomsu_error* read(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                   const std::uint64_t* indices, std::uint64_t count, double* out) {
  return guard([&] {
    auto& work = checked(workload, tensor, rank, repeat);
    on_queue(work, [&] {
      for (std::uint64_t i = 0; i < count; ++i) {
        if (indices[i] >= work.elements(tensor))
          throw Failure(GEOMSU_INVALID_ARGUMENT, "index " + std::to_string(indices[i]) + " is beyond the tensor");
        out[i] = work.element(tensor, indices[i]);
      }
    });
  });
}

geomsu_error* project(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                      std::uint64_t seed, double* out, std::uint64_t room, std::uint64_t* count) {
  return guard([&] {
    auto& work = checked(workload, tensor, rank, repeat);
    auto& written = required(count, "count");
    if (tensor != 0) throw Failure(GEOMSU_UNSUPPORTED, "only the output is projected");
    const std::uint64_t columns = work.columns(), rows = work.elements(0) / columns, key = ops::sign_stream(seed);
    if (room < rows)
      throw Failure(GEOMSU_INVALID_ARGUMENT,
                    "room for " + std::to_string(room) + " of " + std::to_string(rows) + " numbers");
    on_queue(work, [&] {
      for (std::uint64_t i = 0; i < rows; ++i) {
        double sum = 0;
        for (std::uint64_t j = 0; j < columns; ++j) sum += work.element(0, i * columns + j) * ops::sign_at(key, j);
        out[i] = sum;
      }
    });
    written = rows;
  });
}

geomsu_error* digest(geomsu_workload* workload, std::uint32_t tensor, std::uint32_t rank, std::uint64_t repeat,
                     std::uint64_t* out) {
  return guard([&] {
    auto& work = checked(workload, tensor, rank, repeat);
    auto& to = required(out, "out");
    if (tensor != 0) throw Failure(GEOMSU_UNSUPPORTED, "only the output is digested");
    on_queue(work, [&] { to = work.digest(); });
  });
}

const void* extension(geomsu_instance*, const char*) { return nullptr; }

constexpr geomsu_plugin kTable{sizeof(geomsu_plugin),
                               nullptr,
                               GEOMSU_ABI_MAJOR,
                               GEOMSU_ABI_MINOR,
                               "template",
                               "1.0",
                               nullptr,
                               geomsu::plugin::error_code,
                               geomsu::plugin::error_message,
                               geomsu::plugin::error_destroy,
                               instance_create,
                               instance_destroy,
                               device_count,
                               describe,
                               device_open,
                               device_close,
                               clock_info,
                               device_clock,
                               telemetry,
                               group_create,
                               group_destroy,
                               workload_prepare,
                               workload_release,
                               workload_info,
                               reseed,
                               submit,
                               event_wait,
                               event_span,
                               event_destroy,
                               read,
                               project,
                               digest,
                               extension};

}  // namespace

const geomsu_plugin* geomsu_plugin_query(const geomsu_host* host) {
  if (host == nullptr || host->struct_size < GEOMSU_HOST_MIN_SIZE || host->abi_major != GEOMSU_ABI_MAJOR)
    return nullptr;
  return &kTable;
}
