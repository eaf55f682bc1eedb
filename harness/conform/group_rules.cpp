// Groups: what several devices that were opened together must answer, each rank for itself.
#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/conform/data_check.hpp"
#include "harness/conform/group.hpp"
#include "harness/conform/rule.hpp"
#include "kernels/ops/collective.hpp"
#include "kernels/ops/generator.hpp"
#include "kernels/ops/params.hpp"

namespace geomsu::conform {
namespace {
using namespace protocol;

constexpr std::uint64_t kSets = 3;
constexpr std::uint64_t kSigns = 12345;

// Runs the rule's body where there is a group that offers collectives, and says why not where there is none.
Outcome with_group(Stand& stand, const std::function<Outcome(Group&)>& body) {
  Group& group = stand.group();
  if (!group.why_not().empty()) return not_applicable(group.why_not());
  if (group.offers().empty())
    return not_applicable(fmt::format("collectives were not tried: a group of {} devices offers none", group.ranks()));
  return body(group);
}

// One session on the group, each offer prepared with some operand sets, looked at and released.
void with_each(Stand& stand, Group& group, const std::function<void(Wire&, const Offer&, const Prepared&)>& look) {
  const auto wire = group.open();
  for (const Offer& offer : group.offers()) {
    const Prepared prepared = stand.prepare(*wire, offer, kSets);
    look(*wire, offer, prepared);
    wire->ok(ReleaseRequest{prepared.id});
  }
}

// How many repeats a block may have at most: in place a set's input is gone after its repeat.
std::uint64_t at_most(const Offer& offer, const Prepared& prepared, std::uint64_t repeats) {
  return offer.operation->set_per_repeat(offer.params) ? std::min(repeats, prepared.operand_sets) : repeats;
}

std::unique_ptr<ops::Reference> reference_of(const Offer& offer, const Prepared& prepared, std::uint64_t seed,
                                             std::uint64_t repeats, std::uint32_t rank) {
  return offer.operation->reference(offer.params, {seed, repeats, prepared.operand_sets, rank});
}

Outcome group_open(Stand& stand) {
  Group& group = stand.group();
  if (!group.why_not().empty()) return not_applicable(group.why_not());
  const OpenResult& opened = group.opened();
  if (opened.devices.size() != group.ranks())
    throw Unmet{fmt::format("{} devices described, as many as were opened", group.ranks()),
                fmt::format("{}", opened.devices.size())};
  for (std::uint32_t rank = 0; rank < group.ranks(); ++rank) {
    if (opened.devices[rank].index != rank)
      throw Unmet{"devices described in the order in which they were named: their ranks",
                  fmt::format("device {} in place {}", opened.devices[rank].index, rank)};
  }
  const auto wire = group.open();
  const std::size_t readings = wire->ok(TelemetryRequest{}).readings.size();
  if (readings != group.ranks())
    throw Unmet{fmt::format("a reading of each of {} open devices", group.ranks()), fmt::format("{}", readings)};
  return pass(fmt::format("{} devices opened together, a reading each", group.ranks()));
}

Outcome group_prepare(Stand& stand) {
  Group& group = stand.group();
  if (!group.why_not().empty()) return not_applicable(group.why_not());
  for (const auto& [name, answer] : group.not_offered()) {
    if (answer.status != Status::kUnsupported && answer.status != Status::kOutOfMemory)
      throw Unmet{fmt::format("status unsupported where {} is not offered", name), Wire::words(answer)};
  }
  return with_group(stand, [](Group& tried) {
    return pass(fmt::format("{} small collectives of {} ranks offered, {} not", tried.offers().size(), tried.ranks(),
                            tried.not_offered().size()));
  });
}

Outcome group_size(Stand& stand) {
  return with_group(stand, [&](Group& group) {
    const Offer& offer = group.offers().front();
    const auto wire = group.open();
    for (const std::uint32_t ranks : {group.ranks() + 1, group.ranks() * 2}) {
      ops::Params params = offer.params;
      params["ranks"] = std::to_string(ranks);
      params["bytes"] = std::to_string(ops::count_of(params, "bytes") * ranks);
      wire->refused(PrepareRequest{"collective", params, 1},
                    fmt::format("a collective of {} ranks on a group of {}", ranks, group.ranks()));
    }
    stand.prepare(*wire, offer);
    return pass("ranks that are not there are refused, the right number is then taken");
  });
}

Outcome group_spans(Stand& stand) {
  return with_group(stand, [&](Group& group) {
    const auto wire = group.open();
    const Prepared prepared = stand.prepare(*wire, group.offers().front(), kSets);
    wire->ok(ReseedRequest{prepared.id, 1});
    const auto spans = block(*wire, prepared, 3).spans.size();
    const std::size_t due = group.opened().clock_domain == "none" ? 0 : group.ranks();
    if (spans != due)
      throw Unmet{
          fmt::format("{} spans, one a rank of a group that declares a clock (none where it declares none)", due),
          fmt::format("{}", spans)};
    if (!block(*wire, prepared, 0).spans.empty()) throw Unmet{"no spans of an empty submission", "some"};
    return pass(fmt::format("{} spans of a block of {} ranks", spans, group.ranks()));
  });
}

Outcome group_rank(Stand& stand) {
  return with_group(stand, [&](Group& group) {
    const Offer& offer = group.offers().front();
    const auto wire = group.open();
    const Prepared prepared = stand.prepare(*wire, offer);
    wire->ok(ReseedRequest{prepared.id, 1});
    block(*wire, prepared, 1);
    const auto because = fmt::format("a group of {} has no such rank", group.ranks());
    for (const std::uint32_t rank : {group.ranks(), ~std::uint32_t{0}}) {
      wire->refused(ReadRequest{prepared.id, 0, rank, 0, {0}}, because);
      wire->refused(ProjectRequest{prepared.id, 0, rank, 0, 7, 1}, because);
      wire->refused(DigestRequest{prepared.id, 0, rank, 0}, because);
    }
    for (std::uint32_t rank = 0; rank < group.ranks(); ++rank) {
      if (reference_of(offer, prepared, 1, 1, rank)->elements() > 0) wire->ok(DigestRequest{prepared.id, 0, rank, 0});
    }
    return pass(fmt::format("ranks from {} on are refused, those below have a digest each", group.ranks()));
  });
}

void check_sent(Wire& wire, const Offer& offer, const Prepared& prepared, std::uint64_t seed, std::uint64_t set,
                std::uint32_t rank) {
  const ops::CollectiveShape shape = ops::collective_shape(offer.params);
  std::vector<std::uint64_t> indices(shape.sent(rank));
  if (indices.empty()) return;
  std::iota(indices.begin(), indices.end(), std::uint64_t{0});
  const auto values = wire.ok(ReadRequest{prepared.id, ops::kRoleSent, rank, set, indices}).values;
  for (std::uint64_t i = 0; i < indices.size(); ++i) {
    const double wanted = ops::collective_element(shape, seed, rank, set, i);
    if (i < values.size() && values[i] == wanted) continue;
    throw Unmet{fmt::format("element {} that rank {} sends of set {} of {}, seed {}: {}", i, rank, set, offer.name(),
                            seed, wanted),
                i < values.size() ? fmt::format("{:.17g}", values[i]) : fmt::format("only {} values", values.size())};
  }
}

Outcome group_operands(Stand& stand) {
  return with_group(stand, [&](Group& group) {
    const std::uint64_t seed = ops::mix64(stand.settings().seed, 0, 1);
    with_each(stand, group, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
      wire.ok(ReseedRequest{prepared.id, seed});
      for (std::uint32_t rank = 0; rank < group.ranks(); ++rank) {
        for (std::uint64_t set = 0; set < prepared.operand_sets; ++set)
          check_sent(wire, offer, prepared, seed, set, rank);
      }
    });
    return pass(fmt::format("what each of {} ranks sends in {} workloads, every element bit for bit", group.ranks(),
                            group.offers().size()));
  });
}

// Every element that a rank has of each set that a repeat wrote.
void check_received(Wire& wire, const Offer& offer, const Prepared& prepared, std::uint64_t seed, std::uint64_t repeats,
                    std::uint32_t rank) {
  const auto reference = reference_of(offer, prepared, seed, repeats, rank);
  std::vector<std::uint64_t> indices(reference->elements());
  if (indices.empty()) return;
  std::iota(indices.begin(), indices.end(), std::uint64_t{0});
  for (std::uint64_t repeat = 0; repeat < std::min(prepared.operand_sets, repeats); ++repeat) {
    const auto values = wire.ok(ReadRequest{prepared.id, 0, rank, repeat, indices}).values;
    for (std::uint64_t i = 0; i < indices.size(); ++i) {
      const double wanted = reference->element(i, repeat).value;
      if (i < values.size() && values[i] == wanted) continue;
      throw Unmet{fmt::format("element {} of repeat {} on rank {} of {}, {} repeats after reseed {} with {} sets: {}",
                              i, repeat, rank, offer.name(), repeats, seed, prepared.operand_sets, wanted),
                  i < values.size() ? fmt::format("{:.17g}", values[i]) : fmt::format("only {} values", values.size())};
    }
  }
}

Outcome group_answers(Stand& stand) {
  return with_group(stand, [&](Group& group) {
    std::uint64_t seed = ops::mix64(stand.settings().seed, 0, 2);
    with_each(stand, group, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
      for (const std::uint64_t wanted : {std::uint64_t{1}, prepared.operand_sets, 2 * prepared.operand_sets + 1}) {
        const std::uint64_t repeats = at_most(offer, prepared, wanted);
        wire.ok(ReseedRequest{prepared.id, ++seed});
        block(wire, prepared, repeats);
        for (std::uint32_t rank = 0; rank < group.ranks(); ++rank)
          check_received(wire, offer, prepared, seed, repeats, rank);
      }
    });
    return pass(fmt::format("every element on each of {} ranks of {} workloads, after 1 and some repeats",
                            group.ranks(), group.offers().size()));
  });
}

Outcome group_projections(Stand& stand) {
  return with_group(stand, [&](Group& group) {
    const std::uint64_t seed = ops::mix64(stand.settings().seed, 0, 3);
    with_each(stand, group, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
      wire.ok(ReseedRequest{prepared.id, seed});
      block(wire, prepared, 1);
      for (std::uint32_t rank = 0; rank < group.ranks(); ++rank) {
        const auto reference = reference_of(offer, prepared, seed, 1, rank);
        if (reference->projected() == 0) continue;
        std::vector<double> wanted, tolerance;
        reference->projection(0, kSigns, wanted, tolerance);
        const auto sums = wire.ok(ProjectRequest{prepared.id, 0, rank, 0, kSigns, reference->projected()}).values;
        if (sums.size() == 1 && sums[0] == wanted[0]) continue;
        throw Unmet{fmt::format("the projection of rank {} of {}, seed {}: {}", rank, offer.name(), seed, wanted[0]),
                    sums.size() == 1 ? fmt::format("{:.17g}", sums[0]) : fmt::format("{} numbers", sums.size())};
      }
    });
    return pass(fmt::format("sums with random signs on each of {} ranks of {} workloads", group.ranks(),
                            group.offers().size()));
  });
}

Outcome group_digests(Stand& stand) {
  return with_group(stand, [&](Group& group) {
    std::uint64_t compared = 0;
    with_each(stand, group, [&](Wire& wire, const Offer& offer, const Prepared& prepared) {
      const std::uint64_t seed = ops::mix64(stand.settings().seed, 0, 4);
      wire.ok(ReseedRequest{prepared.id, seed});
      block(wire, prepared, 1);
      for (std::uint32_t rank = 0; rank < group.ranks(); ++rank) {
        const auto reference = reference_of(offer, prepared, seed, 1, rank);
        std::vector<double> values(reference->elements());
        if (values.empty()) continue;
        for (std::uint64_t i = 0; i < values.size(); ++i) values[i] = reference->element(i, 0).value;
        const std::uint64_t wanted = digest_of_values(offer.params.at("dtype"), values),
                            got = wire.ok(DigestRequest{prepared.id, 0, rank, 0}).digest;
        if (got != wanted)
          throw Unmet{fmt::format("digest 0x{:016X} of rank {} of {}", wanted, rank, offer.name()),
                      fmt::format("0x{:016X}", got)};
        ++compared;
      }
    });
    return pass(fmt::format("{} digests of exactly known bytes", compared));
  });
}

}  // namespace

std::vector<Rule> group_rules() {
  return {
      {"group-open",
       "group",
       "PROTOCOL.md, open and telemetry",
       "devices of a group are ranks, in the order they were named",
       {"telemetry"},
       group_open},
      {"group-prepare",
       "group",
       "PROTOCOL.md, prepare",
       "not offered is an answer, of a group as well",
       {"group-open", "prepare"},
       group_prepare},
      {"group-size",
       "group",
       "GENERATOR.md, collective",
       "ranks that are not there would be figures that nobody made",
       {"group-prepare"},
       group_size},
      {"group-spans",
       "group",
       "PROTOCOL.md, measure",
       "the slowest rank is what counts, so each tells its own span",
       {"group-prepare", "measure"},
       group_spans},
      {"group-rank",
       "group",
       "PROTOCOL.md, read, project and digest",
       "a rank too far must not reach other memory",
       {"group-spans", "read", "project", "digest"},
       group_rank},
      {"group-operands",
       "group",
       "GENERATOR.md, collective",
       "the host must know what each rank sent",
       {"group-spans", "operands"},
       group_operands},
      {"group-answers",
       "group",
       "GENERATOR.md, collective",
       "a rank that skips its share is fast",
       {"group-operands"},
       group_answers},
      {"group-projections",
       "group",
       "GENERATOR.md, Signs of a projection",
       "all that a rank received is summed, on the device",
       {"group-answers"},
       group_projections},
      {"group-digests",
       "group",
       "GENERATOR.md, Digest",
       "a rank's buffer is compared bit by bit over the whole run",
       {"group-answers", "group-rank"},
       group_digests},
  };
}

}  // namespace geomsu::conform
