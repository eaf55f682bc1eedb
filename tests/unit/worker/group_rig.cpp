#include "tests/unit/worker/group_rig.hpp"

#include <numeric>

namespace geomsu::worker::test {
using namespace protocol;

Params collective(const std::string& kind, std::uint64_t bytes, std::uint32_t ranks, Params more) {
  more.insert({{"kind", kind}, {"bytes", std::to_string(bytes)}, {"ranks", std::to_string(ranks)}});
  return more;
}

GroupRig::GroupRig(const std::vector<std::string>& devices) {
  std::string script = "seed: 7\ndevices:\n";
  for (const std::string& device : devices) script += "  - " + device + "\n";
  const auto path = directory_.write("script.yaml", script);
  session_ = std::make_unique<Session>(load_plugin(fake_plugin()), Params{{"script", path.string()}});
  get<HelloResult>(HelloRequest{});
  std::vector<std::uint32_t> indices(devices.size());
  std::iota(indices.begin(), indices.end(), 0u);
  get<OpenResult>(OpenRequest{indices});
}

std::uint64_t GroupRig::run(const Params& params, std::uint64_t sets, std::uint64_t repeats) {
  const auto workload = get<PrepareResult>(PrepareRequest{"collective", params, sets}).workload;
  get<ReseedResult>(ReseedRequest{workload, 5});
  measure(workload, repeats);
  return workload;
}

MeasureResult GroupRig::measure(std::uint64_t workload, std::uint64_t repeats) {
  return get<MeasureResult>(MeasureRequest{workload, repeats, std::nullopt, 600'000'000'000, 0});
}

std::vector<double> GroupRig::lengths(std::uint64_t workload, std::uint64_t repeats) {
  std::vector<double> all;
  for (const Span& span : measure(workload, repeats).spans) all.push_back(static_cast<double>(span.last - span.first));
  return all;
}

std::vector<double> GroupRig::read(std::uint64_t workload, std::uint32_t rank, std::uint64_t repeat,
                                   std::uint64_t elements, std::uint32_t tensor) {
  std::vector<std::uint64_t> indices(elements);
  std::iota(indices.begin(), indices.end(), std::uint64_t{0});
  return get<ReadResult>(ReadRequest{workload, tensor, rank, repeat, indices}).values;
}

GroupRig::Wrong GroupRig::check(std::uint64_t workload, const Params& params, const ops::BlockState& state,
                                std::uint64_t repeat) {
  constexpr std::uint64_t kSigns = 99;
  std::vector<ops::Problem> problems;
  const ops::Operation& operation = *ops::find("collective");
  const auto reference = operation.reference(operation.complete(params, problems), state);
  EXPECT_TRUE(problems.empty());
  Wrong wrong;
  if (reference->elements() == 0) return wrong;
  const auto values = read(workload, state.rank, repeat, reference->elements());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != reference->element(i, repeat).value) wrong.indices.push_back(i);
  }
  std::vector<double> expected, tolerance;
  reference->projection(repeat, kSigns, expected, tolerance);
  const auto sums =
      get<ProjectResult>(ProjectRequest{workload, 0, state.rank, repeat, kSigns, reference->projected()}).values;
  wrong.projection = sums != expected;
  return wrong;
}

}  // namespace geomsu::worker::test
