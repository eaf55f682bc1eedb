#include "harness/money/settlement_lines.hpp"

#include <fmt/format.h>

namespace geomsu {
namespace {

// The part less what was accepted of it before.
Working base_of(const Part& part) {
  Working base(part.amount);
  for (const AcceptedPiece& piece : part.accepted) base = base - Working(piece.amount);
  return base;
}

std::string base_source(const Part& part) {
  std::string source = part.source;
  for (const AcceptedPiece& piece : part.accepted) {
    source += fmt::format("; {} {} ({})", piece.name, day_text(piece.on), piece.source);
  }
  return source;
}

Words named(const Part& part, const Words& what) { return {part.name + ": " + what.ko, part.name + ": " + what.en}; }

std::string figure_text(const Figure& figure) { return figure.working().text(); }

Words shortfall_words(const Part& part, const Rational& share) {
  const Shortfall& shortfall = *part.shortfall;
  const std::string percent = (share * Rational(100)).text_up(4);
  return {fmt::format("기준 {} {}, 측정 {} {}: {} % 미달", figure_text(shortfall.bar), shortfall.unit,
                      figure_text(shortfall.measured), shortfall.unit, percent),
          fmt::format("bar {} {}, measured {} {}: {} % short", figure_text(shortfall.bar), shortfall.unit,
                      figure_text(shortfall.measured), shortfall.unit, percent)};
}

Working share_working(const Shortfall& shortfall) {
  const Working bar = shortfall.bar.working(), measured = shortfall.measured.working();
  return (shortfall.at_least ? bar - measured : measured - bar) / bar;
}

}  // namespace

MoneyLine amount_line(const Part& part) {
  return money_line("amount", named(part, {"계약금액", "contract amount"}),
                    {"계약서의 그 부분 금액", "the contract's amount of the part"}, Working(part.amount), part.source);
}

MoneyLine withheld_line(const Part& part) {
  const bool replace = part.shortfall && part.shortfall->remedy == Remedy::kReplace;
  const Words why = replace ? Words{"교체품이 합격할 때까지 지급 보류", "withheld until its replacement has passed"}
                            : Words{"합격할 때까지 지급 보류", "withheld until it has passed"};
  return money_line("withheld", named(part, {"지급 보류", "withheld"}), why, base_of(part),
                    replace ? part.shortfall->source : base_source(part), true);
}

MoneyLine rejected_line(const Part& part, const Rational& share) {
  const Words short_of = shortfall_words(part, share);
  return money_line("rejected", named(part, {"성능 미달, 불합격", "performance shortfall, rejected"}),
                    {short_of.ko + "; 그 부분은 지급하지 않음", short_of.en + "; nothing is paid for it"},
                    base_of(part), part.shortfall->source, true);
}

MoneyLine reduced_line(const Part& part, const Rational& share) {
  const Shortfall& shortfall = *part.shortfall;
  const Words short_of = shortfall_words(part, share);
  const Working base = base_of(part);
  Working taken = base * share_working(shortfall);
  if (shortfall.factor.value != Rational(1)) taken = taken * shortfall.factor.working();
  taken = taken.floor();
  Words rule{short_of.ko + "; 미달 비율만큼 감액, 원 미만 버림",
             short_of.en + "; reduced in proportion, floored to whole won"};
  if (shortfall.factor.value != Rational(1)) {
    rule.ko += fmt::format("; 배수 {}", figure_text(shortfall.factor));
    rule.en += fmt::format("; times {}", figure_text(shortfall.factor));
  }
  if (shortfall.most) {
    taken = Working::least(taken, (base * shortfall.most->working()).floor());
    rule.ko += "; 감액 상한 있음";
    rule.en += "; capped";
  }
  return money_line("reduced", named(part, {"성능 미달 감액", "reduction for shortfall"}), rule, taken,
                    shortfall.source, true);
}

MoneyLine damages_line(const Part& part, const Delay& delay, const Damages& damages) {
  const Working base = base_of(part);
  Working due = base * damages.a_day.working() * Working(std::int64_t{delay.counted()});
  Words rule = delay_words(delay);
  std::string source = damages.terms->source;
  if (const DelayRule* stated = damages.law->delay(delay.branch)) source += "; " + stated->source.text();
  if (delay.due != part.dates.due) {
    rule.ko += fmt::format("; 기한 {}은 쉬는 날이라 {}", day_text(part.dates.due), day_text(delay.due));
    rule.en +=
        fmt::format("; the due date {} is a day off and moves to {}", day_text(part.dates.due), day_text(delay.due));
    source += "; " + damages.terms->holidays.source;
  }
  if (delay.counted() == 0) {
    due = Working();
  } else {
    due = due.floor();
    source += "; " + damages.rate_source;
    rule.ko += "; 1일 요율 × 일수, 원 미만 버림";
    rule.en += "; rate a day × days, floored to whole won";
    if (!part.accepted.empty()) {
      rule.ko += "; 이미 인수한 부분은 뺌";
      rule.en += "; what was accepted before is excluded";
      source += "; " + base_source(part);
    }
    if (damages.cap) {
      due = Working::least(due, (base * damages.cap->working()).floor());
      rule.ko += "; 상한은 같은 금액에 대한 비율";
      rule.en += "; capped at a share of the same base";
      source += "; " + damages.cap_source;
    }
    for (const Excused& one : part.dates.excused) {
      source += fmt::format("; {} {} ~ {} ({})", one.reason, day_text(one.from), day_text(one.to), one.source);
    }
  }
  return money_line("damages", named(part, {"지체상금", "liquidated damages for delay"}), rule, due, source, true);
}

MoneyLine paid_line(const Payment& payment) {
  return money_line("paid", {"기지급: " + payment.name, "paid before: " + payment.name},
                    {day_text(payment.on) + " 지급분을 뺌", "paid on " + day_text(payment.on) + ", subtracted"},
                    Working(payment.amount), payment.source, true);
}

Notice rate_above(const Figure& own, const StatutoryRate& statutory) {
  return {{fmt::format("계약의 지체상금률 1일 {}은 법정 {}({})보다 높음: 초과 부분은 무효일 수 있음, 판결 참조",
                       figure_text(own), figure_text(statutory.a_day), statutory.name.ko),
           fmt::format("the contract's rate of {} a day is above the statutory {} ({}): what lies above it may be "
                       "void, see the ruling",
                       figure_text(own), figure_text(statutory.a_day), statutory.name.en)},
          own.source + "; " + statutory.source.text()};
}

Notice cap_above(const Figure& own, const StatutoryCap& statutory) {
  return {{fmt::format("계약의 지체상금 상한 {}은 법정 {}보다 높음", figure_text(own), figure_text(statutory.share)),
           fmt::format("the contract's cap of {} is above the statutory {}", figure_text(own),
                       figure_text(statutory.share))},
          own.source + "; " + statutory.source.text()};
}

Notice ruling_notice(const Ruling& ruling) {
  const std::string name = fmt::format("{} {} {}", ruling.court, day_text(ruling.date), ruling.number);
  return {{fmt::format("{}: {} {}", name, ruling.held.ko, ruling.reach.ko),
           fmt::format("{}: {} {}", name, ruling.held.en, ruling.reach.en)},
          ruling.source};
}

}  // namespace geomsu
