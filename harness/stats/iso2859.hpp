// Sampling by attributes after ISO 2859-1: code letters, single sampling normal and tightened, and when to switch. For
// a continuing series of lots; a few isolated ones want an exact plan (lot_plan.hpp) or ISO 2859-2.
//
// The tables are not copied: they follow from one rule on d = index of the letter + index of the AQL, which was
// reconstructed and checked at a few cells only. kIso2859Note says so wherever the plan is shown. Reduced inspection is
// not offered.
//
// Danger: acceptance numbers 0, 1, 2, 3 do not stand on consecutive AQLs. Between 0 and 1 lie two arrows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace geomsu::stats {

inline constexpr std::string_view kIso2859Note =
    "the tables of ISO 2859-1 were reconstructed by a rule that was checked at a few cells only: hold the plan against "
    "a "
    "bought KS Q ISO 2859-1 before it is used in a contract";

inline constexpr std::array<std::string_view, 7> kIsoLevels{"S-1", "S-2", "S-3", "S-4", "I", "II", "III"};
inline constexpr std::array<std::string_view, 16> kAqls{"0.010", "0.015", "0.025", "0.040", "0.065", "0.10",
                                                        "0.15",  "0.25",  "0.40",  "0.65",  "1.0",   "1.5",
                                                        "2.5",   "4.0",   "6.5",   "10"};

// Nothing for a level that is not one of kIsoLevels, or an empty lot. A lot of one, which the table has not, is as one
// of two.
std::optional<char> code_letter(std::uint32_t lot, std::string_view level);

// Index in kAqls of a decimal number, "0.65" or "0.650"; nothing for one that is not of the series.
std::optional<std::size_t> aql_index(std::string_view text);
double aql_share(std::size_t index);  // 0.0065 of "0.65"

enum class IsoStage { kNormal, kTightened, kDiscontinued };
std::string_view to_string(IsoStage stage);  // "normal", "tightened", "discontinued"

struct IsoPlan {
  char letter = 0;  // after the arrows
  std::uint32_t n = 0, ac = 0;
};

// Nothing where an arrow leads off the table (`no plan`), the letter is none, or the stage is kDiscontinued. n may be
// the lot or more: inspect all.
std::optional<IsoPlan> iso2859_plan(char letter, std::size_t aql, IsoStage stage);

struct IsoLot {
  bool accepted = false, resubmitted = false;
};
struct IsoState {
  IsoStage stage = IsoStage::kNormal;
  std::uint32_t counted = 0;             // lots that were not resubmitted
  std::uint32_t rejected_tightened = 0;  // since tightened inspection began, where the stage is not kNormal
};
// The stage of the lot that follows these, of one supplier and one class of nonconformity, in order. Two of five or
// fewer consecutive lots rejected: tightened; five consecutive accepted there: normal; five rejected there in all:
// discontinued, which only the parties can end. A resubmitted lot does not count.
IsoState iso2859_state(std::span<const IsoLot> earlier);

}  // namespace geomsu::stats
