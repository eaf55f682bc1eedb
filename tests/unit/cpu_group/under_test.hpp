// A collective on a crew of its own, and what kernels/ops says of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cpu/affinity.hpp"
#include "kernels/cpu/collective.hpp"
#include "kernels/ops/collective_reference.hpp"

namespace geomsu::cpu::test {

// `ranks` times `width` threads on the cores there are, several on one where there are too few.
inline std::vector<std::vector<int>> cores_for(std::uint32_t ranks, std::uint32_t width) {
  const std::vector<int> here = allowed_cores();
  std::vector<std::vector<int>> cores(ranks);
  std::size_t next = 0;
  for (auto& of_rank : cores) {
    for (std::uint32_t i = 0; i < width; ++i) of_rank.push_back(here[next++ % here.size()]);
  }
  return cores;
}

inline ops::CollectiveShape shape_of(const ops::Params& given) {
  std::vector<ops::Problem> problems;
  const auto complete = ops::collective().complete(given, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.rule;
  return ops::collective_shape(complete);
}

inline ops::CollectiveShape shape_of(const std::string& kind, std::uint64_t count, std::uint32_t ranks,
                                     const std::string& dtype, const std::string& op = "", bool in_place = false) {
  const std::uint64_t element = dtype == "fp64" ? 8 : dtype == "bf16" ? 2 : 4;
  ops::Params given{{"kind", kind},
                    {"bytes", std::to_string(count * element)},
                    {"ranks", std::to_string(ranks)},
                    {"dtype", dtype},
                    {"in_place", in_place ? "yes" : "no"}};
  if (!op.empty()) given["op"] = op;
  return shape_of(given);
}

std::uint64_t allocations();  // of this program so far

inline void run(Collective& work, std::uint64_t repeats) {
  Collective::Run submission(work, repeats);
  work.post(submission);
  EXPECT_TRUE(work.wait(submission, UINT64_MAX));
}

// Elements of a repeat, over all ranks, that are not what the reference says; all of them are looked at.
inline std::uint64_t wrong_elements(const ops::CollectiveShape& shape, Collective& work, std::uint64_t seed,
                                    std::uint64_t repeats, std::uint64_t repeat) {
  std::uint64_t wrong = 0;
  for (std::uint32_t rank = 0; rank < shape.ranks; ++rank) {
    const auto reference = ops::collective_reference(shape, {seed, repeats, work.operand_sets(), rank});
    std::vector<std::uint64_t> indices(reference->elements());
    for (std::uint64_t i = 0; i < indices.size(); ++i) indices[i] = i;
    if (indices.empty()) continue;
    std::vector<double> got(indices.size());
    work.read(0, rank, repeat, indices, got.data());
    for (const std::uint64_t i : indices) wrong += got[i] != reference->element(i, repeat).value ? 1u : 0u;
  }
  return wrong;
}

// Ranks whose projection of a repeat is not what the reference says.
inline std::uint64_t wrong_projections(const ops::CollectiveShape& shape, Collective& work, std::uint64_t seed,
                                       std::uint64_t repeats, std::uint64_t repeat) {
  std::uint64_t wrong = 0;
  for (std::uint32_t rank = 0; rank < shape.ranks; ++rank) {
    const auto reference = ops::collective_reference(shape, {seed, repeats, work.operand_sets(), rank});
    if (reference->elements() == 0) continue;
    std::vector<double> values, tolerances;
    reference->projection(repeat, seed + 9, values, tolerances);
    wrong += work.project(0, rank, repeat, seed + 9) != values.at(0) ? 1u : 0u;
  }
  return wrong;
}

}  // namespace geomsu::cpu::test
