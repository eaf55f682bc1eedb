#include "harness/stats/iso2859.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <utility>

namespace geomsu::stats {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQR";
constexpr std::array<std::uint32_t, 16> kSizes{2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000};

// The largest lot of each row, and its letters in the order of kIsoLevels.
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 15> kRows{{{8, "AAAAAAB"},
                                                                            {15, "AAAAABC"},
                                                                            {25, "AABBBCD"},
                                                                            {50, "ABBCCDE"},
                                                                            {90, "BBCCCEF"},
                                                                            {150, "BBCDDFG"},
                                                                            {280, "BCDEEGH"},
                                                                            {500, "BCDEFHJ"},
                                                                            {1200, "CCEFGJK"},
                                                                            {3200, "CDEGHKL"},
                                                                            {10000, "CDFGJLM"},
                                                                            {35000, "CDFHKMN"},
                                                                            {150000, "DEGJLNP"},
                                                                            {500000, "DEGJMPQ"},
                                                                            {UINT32_MAX, "DEHKNQR"}}};

// Acceptance numbers on consecutive diagonals, from `first` on; before it and after the last the arrows point to it.
struct Diagonals {
  int zero;   // d of Ac 0
  int first;  // d of Ac 1; what lies between points down, but for `up`
  int up;     // d of the arrow up between them; 0: there is none
  std::array<std::uint32_t, 8> ac;
  std::size_t count;
  int last() const { return first + static_cast<int>(count) - 1; }
};
constexpr Diagonals kNormal{14, 17, 15, {1, 2, 3, 5, 7, 10, 14, 21}, 8};
constexpr Diagonals kTightened{15, 18, 0, {1, 2, 3, 5, 8, 12, 18, 0}, 7};

}  // namespace

std::optional<char> code_letter(std::uint32_t lot, std::string_view level) {
  const auto at = std::find(kIsoLevels.begin(), kIsoLevels.end(), level);
  if (at == kIsoLevels.end() || lot == 0) return std::nullopt;
  const auto row = std::find_if(kRows.begin(), kRows.end(), [lot](const auto& r) { return lot <= r.first; });
  return row->second[static_cast<std::size_t>(at - kIsoLevels.begin())];
}

std::optional<std::size_t> aql_index(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<double> {
    double value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::optional<double> wanted = number(text);
  if (!wanted) return std::nullopt;
  for (std::size_t i = 0; i < kAqls.size(); ++i) {
    if (*number(kAqls[i]) == *wanted) return i;  // the same decimal number gives the same double
  }
  return std::nullopt;
}

double aql_share(std::size_t index) {
  double percent = 0;
  std::from_chars(kAqls[index].data(), kAqls[index].data() + kAqls[index].size(), percent);
  return percent / 100;
}

std::string_view to_string(IsoStage stage) {
  switch (stage) {
    case IsoStage::kNormal:
      return "normal";
    case IsoStage::kTightened:
      return "tightened";
    case IsoStage::kDiscontinued:
      return "discontinued";
  }
  return "unknown";
}

std::optional<IsoPlan> iso2859_plan(char letter, std::size_t aql, IsoStage stage) {
  const std::size_t at = kLetters.find(letter);
  if (at == std::string_view::npos || aql >= kAqls.size() || stage == IsoStage::kDiscontinued) return std::nullopt;
  const Diagonals& table = stage == IsoStage::kNormal ? kNormal : kTightened;
  const int j = static_cast<int>(aql);
  int d = static_cast<int>(at) + j;
  if (d < table.zero || (d == table.up && table.up != 0)) d = table.zero;
  if (d > table.zero && d < table.first) d = table.first;
  d = std::min(d, table.last());
  const int i = d - j;
  if (i < 0 || i >= static_cast<int>(kLetters.size())) return std::nullopt;
  const auto index = static_cast<std::size_t>(i);
  const std::uint32_t ac = d == table.zero ? 0 : table.ac[static_cast<std::size_t>(d - table.first)];
  return IsoPlan{kLetters[index], kSizes[index], ac};
}

IsoState iso2859_state(std::span<const IsoLot> earlier) {
  constexpr std::size_t kWindow = 5;
  IsoState state;
  std::deque<bool> accepted;  // the latest lots since the stage began
  for (const IsoLot& lot : earlier) {
    if (lot.resubmitted) continue;
    ++state.counted;
    if (state.stage == IsoStage::kDiscontinued) continue;
    accepted.push_back(lot.accepted);
    if (accepted.size() > kWindow) accepted.pop_front();
    const auto rejected = std::count(accepted.begin(), accepted.end(), false);
    if (state.stage == IsoStage::kNormal) {
      if (rejected < 2) continue;
      state.stage = IsoStage::kTightened;
      state.rejected_tightened = 0;
      accepted.clear();
      continue;
    }
    if (!lot.accepted && ++state.rejected_tightened == 5) {
      state.stage = IsoStage::kDiscontinued;
    } else if (accepted.size() == kWindow && rejected == 0) {
      state = {IsoStage::kNormal, state.counted, 0};
      accepted.clear();
    }
  }
  return state;
}

}  // namespace geomsu::stats
