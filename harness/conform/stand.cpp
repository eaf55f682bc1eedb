#include "harness/conform/stand.hpp"

#include <utility>

#include <fmt/format.h>

#include "harness/conform/group.hpp"
#include "harness/conform/work.hpp"
#include "kernels/ops/memory.hpp"

namespace geomsu::conform {
namespace {

using ops::Params;

// Small ones: a candidate may be slow. Odd sizes first; then sizes that matrix units want, every layout, batches, and
// every kind of data.
std::vector<Params> gemm_shapes(const std::string& dtype) {
  const auto shape = [&dtype](const char* m, const char* n, const char* k, Params more) {
    more.insert({{"dtype", dtype}, {"m", m}, {"n", n}, {"k", k}});
    return more;
  };
  return {shape("3", "4", "5", {}),
          shape("16", "16", "32", {}),
          shape("16", "32", "48", {{"layout", "nt"}}),
          shape("16", "32", "48", {{"layout", "tn"}}),
          shape("16", "32", "48", {{"layout", "tt"}}),
          shape("16", "16", "32", {{"batch", "2"}}),
          shape("16", "16", "32", {{"data", "uniform"}}),
          shape("16", "16", "32", {{"data", "trig"}}),
          shape("16", "16", "32", {{"data", "zeros"}})};
}

std::vector<std::pair<const ops::Operation*, Params>> questions() {
  std::vector<std::pair<const ops::Operation*, Params>> all;
  const ops::Operation* gemm = ops::find("gemm");
  const ops::Operation* memory = ops::find("memory");
  for (const ops::ParamSpec& spec : gemm->params()) {
    if (spec.key != "dtype") continue;
    for (const std::string& dtype : spec.choices) {
      for (Params& params : gemm_shapes(dtype)) all.emplace_back(gemm, std::move(params));
    }
  }
  for (const std::string& kind : ops::memory_kinds()) {
    for (const char* dtype : {"fp64", "fp32"}) {
      for (const char* bytes : {"4096", "12800"})
        all.emplace_back(memory, Params{{"kind", kind}, {"dtype", dtype}, {"bytes", bytes}});
    }
  }
  for (auto& [operation, params] : all) {
    std::vector<ops::Problem> problems;
    params = operation->complete(params, problems);
  }
  return all;
}

}  // namespace

std::string Offer::name() const {
  std::string text;
  for (const auto& [key, value] : params) text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  return fmt::format("{}:{}", operation->name(), text);
}

std::unique_ptr<Wire> Stand::start() const { return std::make_unique<Wire>(candidate_.command, settings_.patience_ns); }

std::unique_ptr<Wire> Stand::greeted() const {
  auto wire = start();
  wire->ok(protocol::HelloRequest{protocol::kMajor, protocol::kMinor, "geomsu conform"});
  return wire;
}

std::unique_ptr<Wire> Stand::opened() const {
  auto wire = greeted();
  wire->ok(protocol::OpenRequest{{0}});
  return wire;
}

protocol::PrepareRequest Stand::request_of(const Offer& offer, std::uint64_t operand_sets) {
  return {std::string(offer.operation->name()), offer.params, operand_sets};
}

Prepared Stand::prepare(Wire& wire, const Offer& offer, std::uint64_t operand_sets) const {
  const auto result = wire.ok(request_of(offer, operand_sets));
  if (result.operand_sets == 0 || result.operand_sets > operand_sets) {
    throw Unmet{fmt::format("from 1 to {} operand sets, as many as were wanted at most", operand_sets),
                fmt::format("{} of {}", result.operand_sets, offer.name())};
  }
  return {result.workload, result.operand_sets, result.memory_bytes, result.deterministic};
}

void Stand::ask_for_offers() {
  if (asked_) return;
  const auto wire = opened();
  for (auto& [operation, params] : questions()) {
    Offer offer{operation, params};
    const auto result = wire->ask(request_of(offer, 1));
    if (result.ok()) {
      // Kept until the process ends: they are small, and `release` has a rule of its own.
      offers_.push_back(std::move(offer));
    } else {
      not_offered_.emplace_back(offer.name(), result);
    }
  }
  asked_ = true;
}

const std::vector<Offer>& Stand::offers() {
  ask_for_offers();
  return offers_;
}

const std::vector<std::pair<std::string, protocol::Answer>>& Stand::not_offered() {
  ask_for_offers();
  return not_offered_;
}

std::string Stand::ask_worker(std::string_view rule) const {
  std::vector<std::string> command = candidate_.command;
  command.insert(command.end(), {"--abi-rule", std::string(rule)});
  const auto note = Wire(command, settings_.patience_ns).last_note();
  constexpr int kFailed = 3;
  if (note.level != kFailed) return note.text;
  // "expected ...; came ..."
  const std::size_t cut = note.text.find("; came ");
  if (!note.text.starts_with("expected ") || cut == std::string::npos) throw Unmet{"the rule to hold", note.text};
  throw Unmet{note.text.substr(9, cut - 9), note.text.substr(cut + 7)};
}

const Work& Stand::work() {
  if (!work_) work_ = soak(*this);
  return *work_;
}

Group& Stand::group() {
  if (!group_) group_ = std::make_shared<Group>(*this);
  return *group_;
}

Prepared Stand::ready(Wire& wire) {
  const Prepared prepared = prepare(wire, offers().front());
  wire.ok(protocol::ReseedRequest{prepared.id, 1});
  return prepared;
}

}  // namespace geomsu::conform
