// GENERATOR.md: operands, answers, the count of repeats, projections and digests, of all that is offered.
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "harness/conform/data_check.hpp"
#include "harness/conform/rule.hpp"
#include "harness/conform/stand.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu::conform {
namespace {
using namespace protocol;

constexpr std::uint64_t kVectorSeed = 0x0123456789ABCDEF, kSets = 3;

std::uint64_t drawn_seed(Stand& stand) { return ops::mix64(stand.settings().seed, 0, 0); }

// One session, each offer prepared with three operand sets, looked at and released.
void with_each(Stand& stand, const std::function<void(Wire&, const Offer&, const Prepared&)>& look) {
  const auto wire = stand.opened();
  for (const Offer& offer : stand.offers()) {
    const Prepared prepared = stand.prepare(*wire, offer, kSets);
    look(*wire, offer, prepared);
    wire->ok(ReleaseRequest{prepared.id});
  }
}

void check_operand(Wire& wire, const Offer& offer, const Prepared& prepared, std::uint64_t seed, std::uint64_t set,
                   const Operand& operand) {
  std::vector<std::uint64_t> indices(operand.elements);
  std::iota(indices.begin(), indices.end(), std::uint64_t{0});
  const auto values = wire.ok(ReadRequest{prepared.id, operand.tensor, 0, set, indices}).values;
  for (std::uint64_t i = 0; i < operand.elements; ++i) {
    const double wanted = operand_value(offer, seed, set, operand.tensor, i);
    if (i < values.size() && values[i] == wanted) continue;
    throw Unmet{fmt::format("element {} of tensor {} of set {} of {}, seed {}: {:.17g}", i, operand.tensor, set,
                            offer.name(), seed, wanted),
                i < values.size() ? fmt::format("{:.17g}", values[i]) : fmt::format("only {} values", values.size())};
  }
}

Outcome operands(Stand& stand) {
  std::uint64_t tensors = 0;
  with_each(stand, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
    for (const std::uint64_t seed : {kVectorSeed, drawn_seed(stand)}) {
      wire.ok(ReseedRequest{prepared.id, seed});
      for (std::uint64_t set = 0; set < prepared.operand_sets; ++set) {
        for (const Operand& operand : operands_of(offer)) {
          check_operand(wire, offer, prepared, seed, set, operand);
          ++tensors;
        }
      }
    }
  });
  return pass(fmt::format("{} tensors of {} workloads, every element bit for bit", tensors, stand.offers().size()));
}

Outcome answers(Stand& stand) {
  with_each(stand, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
    // Another seed each time: an answer to an earlier one is wrong.
    std::uint64_t seed = drawn_seed(stand);
    for (const std::uint64_t repeats : {std::uint64_t{1}, 2 * prepared.operand_sets + 1, std::uint64_t{16}}) {
      wire.ok(ReseedRequest{prepared.id, ++seed});
      block(wire, prepared, repeats);
      check_output(wire, offer, prepared, seed, repeats, Look::kElements);
    }
  });
  return pass(fmt::format("every element of {} workloads after 1, some and 16 repeats", stand.offers().size()));
}

Outcome repeats(Stand& stand) {
  with_each(stand, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
    const std::uint64_t seed = drawn_seed(stand);
    wire.ok(ReseedRequest{prepared.id, seed});
    block(wire, prepared, 2);
    block(wire, prepared, 0);
    block(wire, prepared, 5);
    check_output(wire, offer, prepared, seed, 7, Look::kElements);
    wire.ok(ReseedRequest{prepared.id, seed});
    block(wire, prepared, 2);
    check_output(wire, offer, prepared, seed, 2, Look::kElements);
  });
  return pass("blocks of 2, 0 and 5 count on to 7, and a reseed begins anew");
}

Outcome load_counts(Stand& stand) {
  const auto wire = stand.opened();
  const Offer& offer = stand.offers().front();
  const Prepared prepared = stand.prepare(*wire, offer, kSets);
  const std::uint64_t seed = drawn_seed(stand);
  wire->ok(ReseedRequest{prepared.id, seed});
  block(*wire, prepared, 1);
  wire->ok(LoadRequest{prepared.id, 2});
  const std::uint64_t loaded = wire->ok(StopRequest{}).repeats;
  check_output(*wire, offer, prepared, seed, loaded + 1, Look::kElements);
  return pass(fmt::format("1 repeat of a block and {} of a load stand in the output", loaded));
}

Outcome projections(Stand& stand) {
  with_each(stand, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
    const std::uint64_t seed = drawn_seed(stand) + 100;
    wire.ok(ReseedRequest{prepared.id, seed});
    block(wire, prepared, prepared.operand_sets + 1);
    check_output(wire, offer, prepared, seed, prepared.operand_sets + 1, Look::kProjection);
  });
  return pass(fmt::format("sums with random signs of {} workloads", stand.offers().size()));
}

Outcome known_digests(Stand& stand) {
  std::uint64_t compared = 0;
  with_each(stand, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
    const auto expect = [&](std::string_view what, std::uint64_t wanted, std::uint64_t got) {
      if (wanted != got)
        throw Unmet{fmt::format("digest 0x{:016X} of {} of {}", wanted, what, offer.name()),
                    fmt::format("0x{:016X}", got)};
      ++compared;
    };
    wire.ok(ReseedRequest{prepared.id, kVectorSeed});
    for (const Operand& operand : operands_of(offer)) {
      const auto result = wire.ask(DigestRequest{prepared.id, operand.tensor, 0, 0});
      if (result.status == Status::kUnsupported) continue;  // the output's is what a run asks for
      if (!result.ok()) throw Unmet{"a digest of an operand, or unsupported", Wire::words(result)};
      expect(fmt::format("tensor {}", operand.tensor), operand_digest(offer, kVectorSeed, 0, operand), result.digest);
    }
    block(wire, prepared, 1);
    if (const auto wanted = known_digest(offer, {kVectorSeed, 1, prepared.operand_sets}, 0))
      expect("the output", *wanted, wire.ok(DigestRequest{prepared.id, 0, 0, 0}).digest);
  });
  if (compared == 0)
    return not_applicable(
        "no digest that it gives is of exactly known bytes: no operand's, no memory kind but triad, no fp64 product");
  return pass(fmt::format("{} digests of exactly known bytes", compared));
}

Outcome digest_follows(Stand& stand) {
  std::uint64_t compared = 0;
  with_each(stand, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
    const bool constant = offer.params.at("data") == "zeros" || offer.params.at("data") == "trig";
    if (!prepared.deterministic || constant) return;
    const auto digest_after = [&](std::uint64_t seed) {
      wire.ok(ReseedRequest{prepared.id, seed});
      block(wire, prepared, 2);
      return wire.ok(DigestRequest{prepared.id, 0, 0, 0}).digest;
    };
    const std::uint64_t first = digest_after(drawn_seed(stand)), other = digest_after(drawn_seed(stand) + 1),
                        again = digest_after(drawn_seed(stand));
    if (first == other)
      throw Unmet{fmt::format("another digest of {} where the seed is another", offer.name()), "the same"};
    if (first != again) {
      throw Unmet{
          fmt::format("the same digest of {} where the seed is the same: it calls itself deterministic", offer.name()),
          fmt::format("0x{:016X}, then 0x{:016X}", first, again)};
    }
    ++compared;
  });
  if (compared == 0) return not_applicable("no workload calls itself deterministic");
  return pass(fmt::format("{} workloads: another seed, another digest, and the first again", compared));
}

}  // namespace

std::vector<Rule> data_rules() {
  return {
      {"operands",
       "data",
       "GENERATOR.md, The stream to Dtypes",
       "the host must know what was multiplied",
       {"read", "release"},
       operands},
      {"answers",
       "data",
       "GENERATOR.md, Operations",
       "a fast wrong answer is worth nothing",
       {"operands", "keeps-working"},
       answers},
      {"repeats",
       "data",
       "GENERATOR.md, Operations",
       "work that was skipped must show in the output",
       {"answers"},
       repeats},
      {"load-counts",
       "data",
       "GENERATOR.md, Operations; PROTOCOL.md, load",
       "repeats of a load count like others",
       {"load", "repeats"},
       load_counts},
      {"projections",
       "data",
       "GENERATOR.md, Signs of a projection",
       "all of the output is summed, on the device",
       {"project", "answers"},
       projections},
      {"known-digests",
       "data",
       "GENERATOR.md, Digest",
       "a digest that nobody can recompute proves nothing",
       {"digest", "answers"},
       known_digests},
      {"digest-follows",
       "data",
       "PROTOCOL.md, prepare; GENERATOR.md, Digest",
       "a replay of an earlier seed is how a flipped bit is found",
       {"known-digests"},
       digest_follows},
  };
}

}  // namespace geomsu::conform
