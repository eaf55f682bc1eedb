#include "harness/money/damages_law.hpp"

#include <fmt/format.h>

namespace geomsu {

std::string LawSource::text() const {
  return fmt::format("{} ({}; {})", article, from ? day_text(*from) + "~" : "시행일 미확인, first day not known",
                     checked);
}

const StatutoryRate* DamagesLaw::rate(DamagesKind kind, Day on) const {
  const StatutoryRate* found = nullptr;
  for (const StatutoryRate& rate : rates) {
    if (rate.kind != kind || !rate.source.from || *rate.source.from > on) continue;
    if (found == nullptr || rate.source.from > found->source.from) found = &rate;
  }
  return found;
}

const StatutoryCap* DamagesLaw::cap(Day on) const {
  const StatutoryCap* found = nullptr;
  for (const StatutoryCap& cap : caps) {
    if (!cap.source.from || *cap.source.from > on) continue;
    if (found == nullptr || cap.source.from > found->source.from) found = &cap;
  }
  return found;
}

const DelayRule* DamagesLaw::delay(DelayBranch branch) const {
  for (const DelayRule& rule : delays) {
    if (rule.branch == branch) return &rule;
  }
  return nullptr;
}

Words kind_words(DamagesKind kind) {
  switch (kind) {
    case DamagesKind::kGoods:
      return {"물품의 제조·구매", "goods"};
    case DamagesKind::kDesignedGoods:
      return {"설계와 제조를 함께 하는 물품", "goods designed and made together"};
    case DamagesKind::kServices:
      return {"용역·대여", "services and lease"};
  }
  return {};
}

}  // namespace geomsu
