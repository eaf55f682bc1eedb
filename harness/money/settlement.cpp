#include "harness/money/settlement.hpp"

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/money/settlement_lines.hpp"

namespace geomsu {
namespace {

[[noreturn]] void refuse(std::string what, std::string next) {
  throw Error(ErrorCode::kBadData, std::move(what), {}, std::move(next));
}

void check(const SettlementTerms& terms) {
  Won sum;
  for (const Part& part : terms.parts) {
    sum = sum + part.amount;
    Won accepted;
    for (const AcceptedPiece& piece : part.accepted) accepted = accepted + piece.amount;
    if (accepted > part.amount) {
      refuse(fmt::format("the accepted pieces of '{}' come to {}, more than its {}", part.name, won_digits(accepted),
                         won_digits(part.amount)),
             "correct the amounts");
    }
  }
  if (sum != terms.amount) {
    refuse(fmt::format("the parts come to {}, the contract to {}: a difference of {}", won_digits(sum),
                       won_digits(terms.amount), won_digits(terms.amount - sum)),
           "correct the amounts, or add the part that is missing");
  }
}

// Rate and cap that this contract's damages are reckoned with, and what is to be said of them.
Damages damages_of(const SettlementTerms& terms, const DamagesLaw& law, std::vector<Notice>& notices) {
  const DamagesTerms& own = *terms.damages;
  const StatutoryRate* rate = law.rate(own.kind, terms.signed_on);
  const StatutoryCap* cap = law.cap(terms.signed_on);
  Damages damages;
  damages.terms = &own;
  damages.law = &law;
  if (own.a_day) {
    damages.a_day = *own.a_day;
    damages.rate_source = own.a_day->source;
  } else if (rate != nullptr) {
    damages.a_day = rate->a_day;
    damages.rate_source = rate->source.text();
  } else {
    refuse(fmt::format("{} has no rate for {} on {}", law.name.en, kind_words(own.kind).en, day_text(terms.signed_on)),
           "write the contract's own rate with its clause, or add the law that was in force");
  }
  if (own.cap) {
    damages.cap = *own.cap;
    damages.cap_source = own.cap->source;
  } else if (cap != nullptr) {
    damages.cap = cap->share;
    damages.cap_source = cap->source.text();
  }
  if (own.a_day && rate != nullptr && own.a_day->value > rate->a_day.value) {
    notices.push_back(rate_above(*own.a_day, *rate));
    for (const Ruling& ruling : law.rulings) notices.push_back(ruling_notice(ruling));
  }
  if (own.cap && cap != nullptr && own.cap->value > cap->share.value) notices.push_back(cap_above(*own.cap, *cap));
  return damages;
}

struct Standing {
  bool rejected = false, reduced = false;
  Rational share;
};

Standing standing_of(const Part& part) {
  Standing standing;
  if (!part.shortfall) return standing;
  standing.share = part.shortfall->share();
  if (standing.share.sign() <= 0) return standing;
  const auto& beyond = part.shortfall->reject_beyond;
  standing.rejected = part.shortfall->remedy == Remedy::kReject || (beyond && standing.share > beyond->value);
  standing.reduced = part.shortfall->remedy == Remedy::kReduce && !standing.rejected;
  if (standing.rejected && part.dates.passed) {
    refuse(fmt::format("'{}' passed on {} and falls short by so much that the contract rejects it", part.name,
                       day_text(*part.dates.passed)),
           "remove `passed`, or correct the figures");
  }
  return standing;
}

}  // namespace

Rational Shortfall::share() const {
  return (at_least ? bar.value - measured.value : measured.value - bar.value) / bar.value;
}

Settlement settle(const SettlementTerms& terms, const DamagesLaw& law) {
  check(terms);
  Settlement out;
  const Rational whole(terms.amount);
  out.vat = (terms.with_vat ? whole * terms.vat.value / (Rational(1) + terms.vat.value) : whole * terms.vat.value)
                .floor_won();
  out.excluding_vat = terms.with_vat ? terms.amount - out.vat : terms.amount;
  std::optional<Damages> damages;
  if (terms.damages) damages = damages_of(terms, law, out.notices);
  std::size_t number = 0;
  for (const Part& part : terms.parts) {
    ++number;
    const auto add = [&](const char* key, MoneyLine line, Won* taken) {
      line.key = fmt::format("part-{}.{}", number, key);
      if (taken != nullptr) *taken = *taken - line.won;
      out.lines.push_back(std::move(line));
    };
    add("amount", amount_line(part), nullptr);
    const Standing standing = standing_of(part);
    if (standing.rejected) {
      add("rejected", rejected_line(part, standing.share), &out.reduced);
    } else if (!part.dates.passed) {
      add("withheld", withheld_line(part), &out.withheld);
    } else if (standing.reduced) {
      add("reduced", reduced_line(part, standing.share), &out.reduced);
    }
    if (damages) {
      const Delay delay = delay_of(part.dates, terms.damages->holidays, terms.damages->order_day_counts, terms.as_of);
      add("damages", damages_line(part, delay, *damages), &out.damages);
    }
  }
  for (const Payment& payment : terms.paid) {
    MoneyLine line = paid_line(payment);
    line.key = fmt::format("paid-{}", ++number - terms.parts.size());
    out.lines.push_back(std::move(line));
  }
  out.payable = sum_of(out.lines);
  return out;
}

}  // namespace geomsu
