#include "harness/money/cost_words.hpp"

#include <fmt/format.h>

namespace geomsu {

Words kind_words(CostKind kind) {
  switch (kind) {
    case CostKind::kCapex:
      return {"구매", "purchase"};
    case CostKind::kEnergy:
      return {"전기", "electricity"};
    case CostKind::kHosting:
      return {"상면", "hosting"};
    case CostKind::kMaintenance:
      return {"유지보수", "maintenance"};
    case CostKind::kOther:
      return {"기타", "other"};
    case CostKind::kRental:
      return {"임차", "rental"};
    case CostKind::kResidual:
      return {"잔존가치", "residual value"};
  }
  return {};
}

Words basis_words(PowerBasis basis) {
  switch (basis) {
    case PowerBasis::kUnit:
      return {"가속기(보드) 1개", "one unit (board)"};
    case PowerBasis::kNode:
      return {"노드 1대", "one node"};
    case PowerBasis::kWall:
      return {"수전단 전체(냉각 포함)", "all of it at the wall, cooling included"};
  }
  return {};
}

Words line_name(const std::string& name, CostKind kind, std::uint32_t year) {
  const Words words = kind_words(kind);
  const std::string tail = name.empty() ? "" : ": " + name;
  if (year == 0) return {words.ko + tail, words.en + tail};
  return {fmt::format("{}년차 {}{}", year, words.ko, tail), fmt::format("year {}, {}{}", year, words.en, tail)};
}

Words line_rule(const CostTerms& terms, const Words& base, std::uint32_t year) {
  if (!terms.discount || year == 0) return {base.ko + "; 원 미만 버림", base.en + "; floored to whole won"};
  return {base.ko + "; 그해 말에 치르는 것으로 할인; 원 미만 버림",
          base.en + "; discounted as paid at the end of its year; floored to whole won"};
}

Words capex_rule() {
  return {"수량 × 단가(외화는 계약일 환율)", "count × price (foreign money at the contract date's rate)"};
}

Words energy_rule(const EnergyTerms& energy) {
  const Words basis = basis_words(energy.basis);
  const bool wall = energy.basis == PowerBasis::kWall;
  const char* pue_ko = wall ? "" : (energy.pue_metered ? " × PUE(계측)" : " × PUE(신고)");
  const char* pue_en = wall ? "" : (energy.pue_metered ? " × PUE (metered)" : " × PUE (declared)");
  const std::string how_ko = energy.measured ? "계측 전력, 계기 " + energy.meter : "신고 전력, 계측하지 않음";
  const std::string how_en = energy.measured ? "measured power, meter " + energy.meter : "declared power, not measured";
  return {fmt::format("{}의 kW({}) × 수량 × 부하율 × 1년 8,766시간 중 그 요금의 일수{} × kWh당 요금", basis.ko, how_ko,
                      pue_ko),
          fmt::format("kW of {} ({}) × count × load × the tariff's days of a year of 8,766 hours{} × price of a kWh",
                      basis.en, how_en, pue_en)};
}

Words yearly_rule(const YearlyItem& item) {
  if (item.share_of_capex) return {"구매 합계 × 연 요율", "sum of the purchases × yearly rate"};
  return {"수량 × 단가 × 연 횟수", "count × price × times a year"};
}

Words rental_rule() { return {"수량 × 시간당 단가 × 연 사용시간", "count × price of an hour × hours a year"}; }

Words residual_rule() { return {"마지막 해 말의 잔존가치를 뺌", "value left at the end of the last year, subtracted"}; }

Words share_rule(std::uint32_t of, std::uint32_t units) {
  return {fmt::format("전체의 {}/{}; 원 미만 버림", of, units),
          fmt::format("{}/{} of the delivery's; floored to whole won", of, units)};
}

}  // namespace geomsu
