#include "harness/cli/money_view.hpp"

#include <fmt/format.h>

#include "harness/cli/json_text.hpp"
#include "harness/cli/table.hpp"

namespace geomsu::cli {

const std::string& in(Language language, const Words& words) {
  return language == Language::kKorean ? words.ko : words.en;
}

std::string words_json(const Words& words) { return JsonObject().text("ko", words.ko).text("en", words.en).str(); }

std::string won_json(Won won) { return fmt::format("{}", won.value); }

std::string line_json(const MoneyLine& line) {
  return JsonObject()
      .text("key", line.key)
      .raw("name", words_json(line.name))
      .number("won", line.won.value)
      .text("working", line.working.text())
      .boolean("subtracted", line.minus)
      .raw("rule", words_json(line.rule))
      .text("source", line.source)
      .str();
}

std::string workings_text(const std::vector<const MoneyLine*>& lines, Language language) {
  const bool korean = language == Language::kKorean;
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const MoneyLine& line = *lines[i];
    out += wrap_words(
        fmt::format("{:3}. {} = {}{}", i + 1, won_digits(line.won), line.won < Won{} ? "−" : "", line.working.text()),
        kColumns);
    std::size_t same = 0;
    while (same < i && (lines[same]->rule.en != line.rule.en || lines[same]->source != line.source)) ++same;
    if (same < i) {
      out += fmt::format("    {} {}\n", korean ? "규칙과 출처는 위와 같음:" : "rule and source as", same + 1);
      continue;
    }
    out += wrap_words(fmt::format("    {}: {}", korean ? "규칙" : "rule", in(language, line.rule)), kColumns);
    out += wrap_words(fmt::format("    {}: {}", korean ? "출처" : "source", line.source), kColumns);
  }
  return out;
}

}  // namespace geomsu::cli
