#include "tests/unit/worker/rig.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <stdexcept>

namespace geomsu::worker::test {
using namespace protocol;

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "geomsu-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TempDir::write(const std::string& name, std::string_view text) const {
  std::ofstream(path_ / name, std::ios::binary) << text;
  return path_ / name;
}

std::filesystem::path fake_plugin(const std::string& variant) {
  if (variant.empty()) return GEOMSU_FAKE_PLUGIN;
  return std::filesystem::path(GEOMSU_BUILD_DIR) / "tests" / ("geomsu_fake_" + variant + ".so");
}
std::filesystem::path worker_program() { return GEOMSU_WORKER; }

Rig::Rig(const std::vector<std::string>& faults, const std::string& extra, bool open) {
  std::string script = "seed: 7\ndevices:\n  - serial: SN-1\n    uuid: uuid-1\n" + extra + "    faults: [";
  for (const std::string& fault : faults) script += fault + ", ";
  script += "]\n";
  const auto path = directory_.write("script.yaml", script);
  session_ = std::make_unique<Session>(load_plugin(fake_plugin()), Params{{"script", path.string()}});
  if (!open) return;
  get<HelloResult>(HelloRequest{});
  get<OpenResult>(OpenRequest{{0}});
}

std::uint64_t Rig::prepare(const std::string& op, const Params& params, std::uint64_t sets) {
  return get<PrepareResult>(PrepareRequest{op, params, sets}).workload;
}
void Rig::reseed(std::uint64_t workload, std::uint64_t seed) { get<ReseedResult>(ReseedRequest{workload, seed}); }

MeasureResult Rig::measure(std::uint64_t workload, std::uint64_t repeats, std::uint32_t ticks) {
  return get<MeasureResult>(MeasureRequest{workload, repeats, std::nullopt, 600'000'000'000, ticks});
}
std::uint64_t Rig::digest(std::uint64_t workload, std::uint64_t repeat) {
  return get<DigestResult>(DigestRequest{workload, 0, 0, repeat}).digest;
}
Telemetry Rig::telemetry() {
  const auto readings = get<TelemetryResult>(TelemetryRequest{}).readings;
  EXPECT_EQ(readings.size(), 1u);
  return readings.empty() ? Telemetry{} : readings.front();
}

Rig::Wrong Rig::check(std::uint64_t workload, const std::string& op, const Params& params, const ops::BlockState& state,
                      std::uint64_t repeat) {
  std::vector<ops::Problem> problems;
  const ops::Operation& operation = *ops::find(op);
  const auto reference = operation.reference(operation.complete(params, problems), state);
  EXPECT_TRUE(problems.empty());
  Wrong wrong;

  std::vector<std::uint64_t> indices(reference->elements());
  std::iota(indices.begin(), indices.end(), 0u);
  const auto values = get<ReadResult>(ReadRequest{workload, 0, 0, repeat, indices}).values;
  EXPECT_EQ(values.size(), indices.size());
  double squares = 0, outputs = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ops::Expected expected = reference->element(i, repeat);
    const double error = std::fabs(values[i] - expected.value);
    if (!(error <= expected.tolerance)) ++wrong.elements;
    if (expected.tolerance > 0) wrong.worst = std::max(wrong.worst, error / expected.tolerance);
    if (expected.scale <= 0) continue;
    squares += error / expected.scale * error / expected.scale;
    outputs += expected.value / expected.scale * expected.value / expected.scale;
  }
  const auto count = static_cast<double>(values.size());
  wrong.rms = std::sqrt(squares / count);
  if (const auto limit = reference->rms_limit(outputs / count)) wrong.rms_beyond_limit = wrong.rms > *limit;

  constexpr std::uint64_t kSigns = 99;
  std::vector<double> expected, tolerance;
  reference->projection(repeat, kSigns, expected, tolerance);
  const auto sums = get<ProjectResult>(ProjectRequest{workload, 0, 0, repeat, kSigns, reference->projected()}).values;
  EXPECT_EQ(sums.size(), expected.size());
  for (std::size_t i = 0; i < std::min(sums.size(), expected.size()); ++i) {
    if (!(std::fabs(sums[i] - expected[i]) <= tolerance[i])) ++wrong.rows;
  }
  return wrong;
}

}  // namespace geomsu::worker::test
