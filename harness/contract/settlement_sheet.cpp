#include "harness/contract/settlement_sheet.hpp"

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/contract/damages_terms.hpp"
#include "harness/contract/fields.hpp"
#include "harness/contract/money_fields.hpp"

namespace geomsu {
namespace {

void read_accepted(MoneyReader& money, Part& part, Diagnostics& diagnostics) {
  for (const YamlNode* item : money.items("accepted")) {
    MapReader one(*item, "an accepted piece", diagnostics);
    MoneyReader fields(one, diagnostics);
    AcceptedPiece piece;
    piece.name = fields.text("name", "the base of damages is less it");
    piece.amount = fields.won("amount");
    piece.on = fields.day("on");
    piece.source = fields.source();
    one.finish();
    if (piece.on > part.dates.due) {
      diagnostics.error(
          item->at, fmt::format("{} was accepted after the due date", shown(piece.name)),
          {"what is accepted late was late itself and has damages of its own", "make it a part with its own dates"});
    }
    part.accepted.push_back(std::move(piece));
  }
}

void read_excused(MoneyReader& money, Part& part, Diagnostics& diagnostics) {
  for (const YamlNode* item : money.items("excused")) {
    MapReader one(*item, "excused days", diagnostics);
    MoneyReader fields(one, diagnostics);
    Excused excused;
    excused.from = fields.day("from");
    excused.to = fields.day("to");
    excused.reason = fields.text("reason", "days are excused for a reason (force majeure, the buyer's own delay)");
    excused.source = fields.source();
    one.finish();
    if (excused.to < excused.from && !diagnostics.has_error()) {
      diagnostics.error(item->at, "'to' is before 'from'", {"both days are included", "exchange them"});
    }
    part.dates.excused.push_back(std::move(excused));
  }
}

Part read_part(const YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a part", diagnostics);
  MoneyReader money(reader, diagnostics);
  Part part;
  part.name = money.text("name", "the lines are called by it");
  part.amount = money.won("amount");
  part.dates.due = money.day("due");
  part.dates.delivered = money.optional_day("delivered");
  part.dates.order = money.optional_day("corrective_order");
  part.dates.redelivered = money.optional_day("redelivered");
  part.dates.passed = money.optional_day("passed");
  part.source = money.source();
  read_accepted(money, part, diagnostics);
  read_excused(money, part, diagnostics);
  if (const YamlNode* shortfall = reader.optional_node("shortfall")) {
    part.shortfall = read_shortfall(*shortfall, true, diagnostics);
  }
  reader.finish();
  return part;
}

// What only the whole part shows (dates that cannot be, pieces over their part), said with the part's place.
void check_part(const YamlNode& node, const Part& part, const SettlementTerms& all, Diagnostics& diagnostics) {
  if (all.damages && part.dates.order && !part.dates.redelivered && part.dates.passed &&
      *part.dates.order <= part.dates.due) {
    diagnostics.error(node.at, fmt::format("{} was ordered to be corrected before the due date", shown(part.name)),
                      {"whether it is late depends on the day it came again", "add `redelivered: YYYY-MM-DD`"});
  }
  for (const auto& day : {part.dates.delivered, part.dates.order, part.dates.redelivered, part.dates.passed}) {
    if (day && *day > all.as_of) {
      diagnostics.error(node.at, fmt::format("{} has a day after the day of reckoning", shown(part.name)),
                        {"what has not happened is not settled", "correct the day or `as_of`"});
      break;
    }
  }
  try {
    delay_of(part.dates, all.damages ? all.damages->holidays : Holidays{}, true, all.as_of);
    SettlementTerms alone = all;
    alone.damages.reset();
    alone.paid.clear();
    alone.amount = part.amount;
    alone.parts = {part};
    settle(alone, {});
  } catch (const Error& error) {
    diagnostics.error(node.at, error.message(), {"it could not be settled", error.next()});
  }
}

void read_contract_part(const YamlNode& node, SettlementTerms& terms, Diagnostics& diagnostics) {
  MapReader reader(node, "'contract'", diagnostics);
  MoneyReader money(reader, diagnostics);
  terms.amount = money.won("amount");
  terms.with_vat = money.vat_included("vat");
  terms.vat = money.ratio("vat_rate");
  terms.signed_on = money.day("signed");
  terms.source = money.source();
  reader.finish();
}

void check_sum(const YamlNode& at, const SettlementTerms& terms, Diagnostics& diagnostics) {
  Won sum;
  try {
    for (const Part& part : terms.parts) sum = sum + part.amount;
  } catch (const Error& error) {
    diagnostics.error(at.at, error.message(), {"amounts are whole won of 64 bits", error.next()});
    return;
  }
  if (sum == terms.amount) return;
  diagnostics.error(at.at,
                    fmt::format("the parts come to {}, the contract to {}: a difference of {}", won_digits(sum),
                                won_digits(terms.amount), won_digits(terms.amount - sum)),
                    {"what is settled is the whole contract", "correct the amounts, or add the part that is missing"});
}

SettlementSheet read_sheet(const YamlNode& root, Diagnostics& diagnostics) {
  MapReader reader(root, "the settlement", diagnostics);
  MoneyReader money(reader, diagnostics);
  SettlementSheet sheet;
  SettlementTerms& terms = sheet.terms;
  terms.id = required_id(reader, "settlement", diagnostics).value_or("");
  terms.title = money.text("title", "the page is called by it");
  sheet.illustration = illustration_of(reader).value_or(false);
  sheet.law = money.text("law", "statutory rates are data of configs/law");
  terms.as_of = money.day("as_of");
  const YamlNode* contract = reader.required_node(
      "contract", {"amounts are the contract's",
                   "write `contract: {amount: ..., vat: ..., vat_rate: 10 %, signed: ..., source: ...}`"});
  if (contract != nullptr) read_contract_part(*contract, terms, diagnostics);
  if (const YamlNode* damages = reader.optional_node("damages")) terms.damages = read_damages(*damages, diagnostics);
  reader.required_node("parts", {"a delivery has one part or several", "write `parts:` and a list of them"});
  const std::vector<const YamlNode*> parts = money.items("parts");
  for (const YamlNode* item : parts) terms.parts.push_back(read_part(*item, diagnostics));
  for (const YamlNode* item : money.items("paid")) {
    MapReader one(*item, "a payment", diagnostics);
    MoneyReader fields(one, diagnostics);
    Payment payment;
    payment.name = fields.text("name", "the line is called by it");
    payment.amount = fields.won("amount");
    payment.on = fields.day("on");
    payment.source = fields.source();
    one.finish();
    terms.paid.push_back(std::move(payment));
  }
  reader.finish();
  if (diagnostics.has_error()) return sheet;
  for (std::size_t i = 0; i < parts.size(); ++i) check_part(*parts[i], terms.parts[i], terms, diagnostics);
  if (contract != nullptr) check_sum(*contract, terms, diagnostics);
  return sheet;
}

}  // namespace

Loaded<SettlementSheet> parse_settlement_sheet(std::string_view yaml, const std::string& name) {
  Diagnostics diagnostics(name);
  Loaded<SettlementSheet> loaded;
  loaded.bytes = yaml;
  loaded.path = name;
  if (const auto root = read_yaml(yaml, diagnostics)) {
    SettlementSheet sheet = read_sheet(*root, diagnostics);
    if (!diagnostics.has_error()) loaded.value = std::move(sheet);
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace geomsu
