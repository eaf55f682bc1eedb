// geomsu settle: what is to be paid for a delivery, line by line.
#include <memory>

#include <fmt/format.h>

#include "harness/base/files.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/money_view.hpp"
#include "harness/cli/table.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/contract/law_sheet.hpp"
#include "harness/contract/settlement_sheet.hpp"

namespace geomsu::cli {
namespace {

constexpr std::uint64_t kSheetBytes = 1u << 20;

std::string document(const SettlementSheet& sheet, const DamagesLaw& law, const Settlement& settlement) {
  std::vector<std::string> lines, notices;
  for (const MoneyLine& line : settlement.lines) lines.push_back(line_json(line));
  for (const Notice& notice : settlement.notices) {
    notices.push_back(JsonObject().raw("what", words_json(notice.what)).text("source", notice.source).str());
  }
  return JsonObject()
             .text("settlement", sheet.terms.id)
             .text("title", sheet.terms.title)
             .boolean("illustration", sheet.illustration)
             .text("law", law.id)
             .text("as_of", day_text(sheet.terms.as_of))
             .number("contract", sheet.terms.amount.value)
             .text("vat", sheet.terms.with_vat ? "included" : "excluded")
             .number("contract_excluding_vat", settlement.excluding_vat.value)
             .number("contract_vat", settlement.vat.value)
             .raw("lines", json_array(lines))
             .number("withheld", settlement.withheld.value)
             .number("reduced", settlement.reduced.value)
             .number("damages", settlement.damages.value)
             .number("payable", settlement.payable.value)
             .raw("notices", json_array(notices))
             .str() +
         "\n";
}

std::string head(const SettlementSheet& sheet, const DamagesLaw& law, const Settlement& settlement, Language language) {
  const bool korean = language == Language::kKorean;
  const SettlementTerms& terms = sheet.terms;
  std::string out =
      wrap_words(fmt::format("{} {}: {}", korean ? "정산" : "settlement", terms.id, terms.title), kColumns);
  if (sheet.illustration) {
    out += korean ? "예시: 실제 계약이 아님\n" : "ILLUSTRATION: no real contract\n";
  }
  out += wrap_words(
      fmt::format(fmt::runtime(korean ? "기준일 {}, 계약일 {}, 법 {}" : "as of {}, contract of {}, law of {}"),
                  day_text(terms.as_of), day_text(terms.signed_on), in(language, law.name)),
      kColumns);
  const Won whole = settlement.excluding_vat + settlement.vat;
  out += wrap_words(
      fmt::format(fmt::runtime(korean ? "계약금액 {} (부가세 {}), 부가세 제외 {} + 부가세 {} = {}; {}"
                                      : "contract {} (VAT {}), excluding VAT {} + VAT {} = {}; {}"),
                  won_words(terms.amount),
                  korean ? (terms.with_vat ? "포함" : "제외") : (terms.with_vat ? "included" : "excluded"),
                  won_digits(settlement.excluding_vat), won_digits(settlement.vat), won_digits(whole), terms.source),
      kColumns);
  return out + "\n";
}

std::string page(const SettlementSheet& sheet, const DamagesLaw& law, const Settlement& settlement, Language language) {
  const bool korean = language == Language::kKorean;
  TextTable table({korean ? "번호" : "no.", korean ? "항목" : "item", korean ? "금액" : "amount"}, {true, false, true});
  std::vector<const MoneyLine*> lines;
  for (const MoneyLine& line : settlement.lines) {
    lines.push_back(&line);
    table.row({fmt::format("{}", lines.size()), in(language, line.name), won_digits(line.won)});
  }
  const bool claim = settlement.payable < Won{};
  table.row({"",
             korean ? (claim ? "합계: 공급자에게 청구할 금액" : "합계: 지급할 금액")
                    : (claim ? "sum: to be claimed from the supplier" : "sum: payable"),
             won_digits(settlement.payable)});
  std::string out = head(sheet, law, settlement, language) + table.str(kUncut) + "\n";
  out += workings_text(lines, language);
  for (const Notice& notice : settlement.notices) {
    out += "\n" + wrap_words(fmt::format("{}: {}", korean ? "주의" : "warning", in(language, notice.what)), kColumns);
    out += wrap_words(fmt::format("    {}: {}", korean ? "출처" : "source", notice.source), kColumns);
  }
  return out;
}

int print_settlement(Context& context, const std::string& name) {
  const Search search(context.search);
  const std::filesystem::path path = search.config("settlement", name);
  const SettlementSheet sheet = read_sheet_or_throw(
      context.console, parse_settlement_sheet(read_file(path, kSheetBytes), path.string()), "the sheet");
  const std::filesystem::path law_path = search.config("law", sheet.law, path.parent_path());
  const DamagesLaw law =
      read_sheet_or_throw(context.console, parse_law(read_file(law_path, kSheetBytes), law_path.string()), "the law");
  const Settlement settlement = settle(sheet.terms, law);
  context.console.out(context.console.json() ? document(sheet, law, settlement)
                                             : page(sheet, law, settlement, context.console.language()));
  return 0;
}

}  // namespace

Action declare_settle(Options& take) {
  const auto name = std::make_shared<std::string>();
  take.text("SHEET", *name, "Settlement sheet: a file, or a name of configs/settlement", true);
  return [name](Context& context) { return print_settlement(context, *name); };
}

}  // namespace geomsu::cli
