// What the tests of the worker share: a session on a scripted fake, and short ways to ask it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "harness/worker/session.hpp"
#include "kernels/ops/operation.hpp"

namespace geomsu::worker::test {

// A directory of this test's own, gone with it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path write(const std::string& name, std::string_view text) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::filesystem::path fake_plugin(const std::string& variant = {});  // "" or "bad_major" ...
std::filesystem::path worker_program();

inline const Params kGemm32 = {{"dtype", "fp32"}, {"m", "48"}, {"n", "40"}, {"k", "32"}};
inline const Params kGemm64 = {{"dtype", "fp64"}, {"m", "48"}, {"n", "40"}, {"k", "32"}};
inline const Params kTriad = {{"kind", "triad"}, {"bytes", "65536"}};
inline const Params kCopy = {{"kind", "copy"}, {"bytes", "65536"}};

// A session on one fake device with these faults (YAML flow maps), greeted and opened.
class Rig {
 public:
  // `faults`: "{kind: wrong_element, at_block: 1}", ...; `extra`: more lines of the device, indented by four.
  explicit Rig(const std::vector<std::string>& faults = {}, const std::string& extra = {}, bool open = true);

  Session& session() { return *session_; }

  template <class R>
  R ask(const protocol::Request& request) {
    const protocol::Result result = session_->handle(request);
    const R* found = std::get_if<R>(&result);
    if (found == nullptr) ADD_FAILURE() << protocol::method(request) << " was answered by another result";
    return found == nullptr ? R{} : *found;
  }
  // As ask(), and the answer must be ok.
  template <class R>
  R get(const protocol::Request& request) {
    R result = ask<R>(request);
    EXPECT_TRUE(result.ok()) << protocol::method(request) << ": " << result.reason;
    return result;
  }

  std::uint64_t prepare(const std::string& op, const Params& params, std::uint64_t sets = 2);
  void reseed(std::uint64_t workload, std::uint64_t seed);
  protocol::MeasureResult measure(std::uint64_t workload, std::uint64_t repeats, std::uint32_t ticks = 0);
  std::uint64_t digest(std::uint64_t workload, std::uint64_t repeat = 0);
  Telemetry telemetry();

  // How many elements and projected rows are beyond their tolerance, by the reference of kernels/ops.
  struct Wrong {
    std::uint64_t elements = 0, rows = 0;
    double worst = 0;  // error over tolerance of any element
    double rms = 0;    // of error over scale, 0 where the operation has no scale
    bool rms_beyond_limit = false;
  };
  Wrong check(std::uint64_t workload, const std::string& op, const Params& params, const ops::BlockState& state,
              std::uint64_t repeat = 0);

 private:
  TempDir directory_;
  std::unique_ptr<Session> session_;
};

}  // namespace geomsu::worker::test
