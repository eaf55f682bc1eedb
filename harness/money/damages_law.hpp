// Liquidated damages for delay (지체상금) as the law has them: data with effective dates, read from configs/law. The
// program knows no rate, no cap and no ruling of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/money/cost.hpp"
#include "harness/money/delay.hpp"

namespace geomsu {

// Where a word of law stands, since when, and against what it was checked.
struct LawSource {
  std::optional<Day> from;  // absent: not known, and said so
  std::string article, checked;
  std::string text() const;  // "국가계약법 시행규칙 제75조 (2017-12-28부터; checked: ...)"
};

enum class DamagesKind { kGoods, kDesignedGoods, kServices };

struct StatutoryRate {
  DamagesKind kind = DamagesKind::kGoods;
  Words name;
  Figure a_day;
  LawSource source;
};

struct StatutoryCap {
  Figure share;  // of the base
  LawSource source;
};

// Where the rule of a branch of delay stands.
struct DelayRule {
  DelayBranch branch = DelayBranch::kInTime;
  LawSource source;
};

struct Ruling {
  std::string number, court;  // "2020다230352", "대법원"
  Day date;
  Words held, reach;  // what it held, and what it was not about
  std::string source;
};

struct DamagesLaw {
  std::string id;
  Words name;
  std::vector<StatutoryRate> rates;
  std::vector<StatutoryCap> caps;
  std::vector<DelayRule> delays;
  std::vector<Ruling> rulings;

  // In force on that day: the latest that had begun. Nothing where none had.
  const StatutoryRate* rate(DamagesKind kind, Day on) const;
  const StatutoryCap* cap(Day on) const;
  const DelayRule* delay(DelayBranch branch) const;
};

Words kind_words(DamagesKind kind);

}  // namespace geomsu
