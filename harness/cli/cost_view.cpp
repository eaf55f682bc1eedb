#include "harness/cli/cost_view.hpp"

#include <fmt/format.h>

#include "harness/cli/money_view.hpp"
#include "harness/cli/table.hpp"
#include "harness/money/cost_words.hpp"

namespace geomsu::cli {
namespace {

constexpr unsigned kFigureDecimals = 4;

// Text of a page in one language.
class Page {
 public:
  Page(const CostSheet& sheet, Language language) : sheet_(sheet), language_(language) {}

  const char* say(const char* ko, const char* en) const { return language_ == Language::kKorean ? ko : en; }
  void line(const std::string& text) { out_ += wrap_words(text, kColumns); }
  void blank() { out_ += "\n"; }
  std::string take() { return std::move(out_); }

  void head() {
    const CostTerms& terms = sheet_.options.front();
    line(fmt::format("{} {}: {}", say("비용", "cost"), sheet_.id, sheet_.title));
    if (sheet_.illustration) line(say("예시: 실제 가격이 아님", "ILLUSTRATION: no real prices"));
    line(fmt::format(fmt::runtime(say("{}년, {}부터; 가속기 {}개, 노드 {}대; 원당 지표는 {} {}개를 셈",
                                      "{} years from {} on; {} units on {} nodes; figures per won count {} ({})")),
                     terms.years, day_text(terms.in_service), terms.units, terms.nodes(),
                     terms.counts_state_units ? say("국가 활용분", "State-use units") : say("전체", "all units"),
                     terms.counted_units()));
    line(fmt::format(fmt::runtime(say("금액은 부가세 {}로 적힘, 판정은 부가세 {} 금액으로; 부가세 {} ({})",
                                      "amounts are written VAT {}, figures per won use VAT {}; VAT {} ({})")),
                     vat(terms.prices_with_vat), vat(terms.judged_with_vat), terms.vat.working().text(),
                     terms.vat.source));
    line(say("부가세는 줄마다 원 미만 버림; 합계는 인쇄된 줄의 합",
             "VAT is floored line by line; every sum is that of its printed lines"));
    line(terms.discount ? fmt::format("{} {} ({})", say("할인율", "discount a year"), terms.discount->working().text(),
                                      terms.discount->source)
                        : std::string(say("할인 없음", "no discounting")));
  }

  void option(const CostResult& result) {
    blank();
    line(fmt::format("[{}] {}", result.terms->id, result.terms->name));
    amounts(result);
    blank();
    std::vector<const MoneyLine*> lines;
    for (const CostLine& one : result.cost.lines) lines.push_back(&one.line);
    out_ += workings_text(lines, language_);
    shares(result);
    figures(result);
    tornado(result);
  }

  void comparison(const std::vector<CostResult>& results, const std::vector<BreakEven>& break_even) {
    if (results.size() < 2) return;
    blank();
    TextTable table({say("선택지", "option"), say("부가세 제외", "excluding VAT"), say("부가세", "VAT"),
                     say("부가세 포함", "including VAT")},
                    {false, true, true, true});
    for (const CostResult& result : results) total_row(table, result.terms->id, result.cost.total);
    out_ += table.str(kUncut);
    for (const BreakEven& one : break_even) {
      const char* words = one.hours
                              ? say("임차 {0}는 1개당 연 {2}시간까지 구매 {1}보다 비싸지 않음",
                                    "renting ({0}) is not dearer than buying ({1}) up to {2} hours a year of each unit")
                              : say("임차 {0}와 구매 {1}의 비용이 같아지는 시간은 없음",
                                    "there are no hours at which renting ({0}) and buying ({1}) cost the same");
      line(fmt::format(fmt::runtime(words), one.rent, one.buy, grouped(one.hours.value_or(Won{}))));
    }
  }

 private:
  std::string vat(bool included) const { return included ? say("포함", "included") : say("제외", "excluded"); }
  static std::string grouped(Won number) { return Rational(number).text(); }

  static void total_row(TextTable& table, const std::string& name, const CostTotal& total) {
    table.row({name, won_digits(total.excluding_vat), won_digits(total.vat), won_digits(total.including_vat)});
  }

  void amounts(const CostResult& result) {
    TextTable table({say("번호", "no."), say("항목", "item"), say("부가세 제외", "excluding VAT"), say("부가세", "VAT"),
                     say("부가세 포함", "including VAT")},
                    {true, false, true, true, true});
    std::size_t number = 0;
    for (const CostLine& one : result.cost.lines) {
      table.row({fmt::format("{}", ++number), in(language_, one.line.name), won_digits(one.excluding_vat),
                 won_digits(one.vat), won_digits(one.including_vat)});
    }
    const CostTotal& total = result.cost.total;
    table.row({"", say("합계", "sum"), won_digits(total.excluding_vat), won_digits(total.vat),
               won_digits(total.including_vat)});
    out_ += table.str(kUncut);
    const Won judged = result.cost.total_judged(*result.terms);
    line(fmt::format("{}: {}", say("판정에 쓰는 합계", "the total that is judged"), print_won(judged)));
  }

  void shares(const CostResult& result) {
    const CostTerms& terms = *result.terms;
    const auto judged = [&](const CostLine& one) {
      return terms.judged_with_vat ? one.including_vat : one.excluding_vat;
    };
    const auto sum = [&](const std::vector<CostLine>& lines) {
      const CostTotal total = total_of(lines);
      return won_digits(terms.judged_with_vat ? total.including_vat : total.excluding_vat);
    };
    blank();
    TextTable table({say("번호", "no."), say("항목", "item"), say("전체", "delivery"), say("노드 1대", "one node"),
                     say("가속기 1개", "one unit")},
                    {true, false, true, true, true});
    for (std::size_t i = 0; i < result.cost.lines.size(); ++i) {
      table.row({fmt::format("{}", i + 1), in(language_, result.cost.lines[i].line.name),
                 won_digits(judged(result.cost.lines[i])), won_digits(judged(result.node[i])),
                 won_digits(judged(result.unit[i]))});
    }
    table.row({"", say("합계", "sum"), sum(result.cost.lines), sum(result.node), sum(result.unit)});
    out_ += table.str(kUncut);
    line(fmt::format("{}: {}; {}", say("규칙", "rule"), in(language_, share_rule(terms.units_a_node, terms.units)),
                     in(language_, share_rule(1, terms.units))));
  }

  void interval(const char* what, const std::string& unit, const std::optional<Interval>& interval,
                const Working& working) {
    if (!interval) {
      line(fmt::format("    {}: –", what));
      return;
    }
    line(fmt::format("    {}: {} ~ {} {}", what, interval->lower.text_down(kFigureDecimals),
                     interval->upper.text_up(kFigureDecimals), unit));
    line(fmt::format("      {} = {}", say("하한", "lower"), working.text()));
  }

  void figures(const CostResult& result) {
    for (const PerWonFigure& figure : result.figures) {
      blank();
      line(fmt::format("{} ({}), {}", figure.name, figure.regime, figure.source));
      interval(say("구매금액당", "per purchase"), figure.unit + "/억원", figure.per_capex, figure.working_capex);
      interval(say("총비용당", "per total cost"), figure.unit + "/억원", figure.per_total, figure.working_total);
      if (figure.too_few_hours) {
        line(fmt::format("    {}", say("수명 동안 총비용당: – (가동률×이용률만큼의 시간을 임차하지 않음)",
                                       "over the years, per total cost: – (fewer hours are rented than availability × "
                                       "utilisation of a year)")));
      }
      if (figure.tokens_per_won) {
        interval(say("수명 동안 총비용당", "over the years, per total cost"), "tokens/원", figure.tokens_per_won,
                 figure.working_tokens);
      }
    }
    if (!result.figures.empty()) {
      line(say(
          "하한은 단위별 하한의 합(보수적 하한)이며 합계의 95 % 신뢰한계가 아님; 소수점 아래는 바깥쪽으로 끊음; 토큰은 "
          "할인하지 않음",
          "the lower figure is the sum of the units' lower bounds (a conservative floor), no 95 % bound of the sum; "
          "decimals are cut outward; tokens are not discounted"));
    }
  }

  void tornado(const CostResult& result) {
    if (result.tornado.empty()) return;
    blank();
    TextTable table({say("민감도", "sensitivity"), say("낮게", "low"), say("합계", "total"), say("높게", "high"),
                     say("합계", "total"), say("폭", "swing")},
                    {false, true, true, true, true, true});
    for (const TornadoRow& row : result.tornado) {
      table.row({in(language_, row.name), row.low, won_digits(row.at_low), row.high, won_digits(row.at_high),
                 won_digits(row.swing())});
    }
    out_ += table.str(kUncut);
    std::string sources;
    for (const TornadoRow& row : result.tornado) {
      sources += fmt::format("{}{} ({})", sources.empty() ? "" : ", ", in(language_, row.name), row.source);
    }
    line(fmt::format("{}: {}", say("범위의 출처", "sources of the ranges"), sources));
  }

  const CostSheet& sheet_;
  Language language_;
  std::string out_;
};

}  // namespace

std::string cost_page(const CostSheet& sheet, const std::vector<CostResult>& results,
                      const std::vector<BreakEven>& break_even, Language language) {
  Page page(sheet, language);
  page.head();
  for (const CostResult& result : results) page.option(result);
  page.comparison(results, break_even);
  return page.take();
}

}  // namespace geomsu::cli
