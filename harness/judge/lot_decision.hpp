// From items to the lot: a pure function of the contract, of what was found on each item, and of the draw.
//
// - Full screening: accepted where every item is tested and none is nonconforming; rejected where one is; undecided
//   while items are not tested or open.
// - A plan that draws: an item that was drawn and is not tested, or is open, counts as nonconforming. Without its draw,
//   or with one that is not this contract's, the lot is undecided.
// - Sequential: items count in the order of the draw, and the first crossing of a boundary decides for good. What was
//   drawn after it needs no test; where one was tested all the same it changes nothing but is named for replacement. An
//   untested item counts as nonconforming once a later one is tested; before that, inspection has just not come so far.
// - By variables: an item that was drawn and has no figure rejects the lot, for the plan has no number of those that it
//   allows. Higher figures can lower (mean - L) / s: the plan is not monotone in one item, which is ISO 3951's way.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "harness/contract/contract.hpp"
#include "harness/judge/draw.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

struct LotItem {
  std::string node;
  bool tested = false;
  bool nonconforming = false;    // not green in a clause of a severity that the plan counts
  std::optional<double> figure;  // of the clause that is judged by variables, SI
  // Nonconforming only because something is INCONCLUSIVE, INVALID or NOT_RUN, and nothing is FAIL. Full screening then
  // leaves the lot undecided; where items are drawn it changes nothing.
  bool open = false;
};

// Items may come in any order, and those of the lot that are not among them are not tested. One that the contract does
// not list is left out, and a note says so. Two of one node: the worse of each.
LotVerdict decide_lot(const Contract& contract, std::span<const LotItem> items, const Draw* draw);

}  // namespace geomsu
