#include "harness/contract/reruns.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/contract/fields.hpp"

namespace geomsu {
namespace {

constexpr std::uint32_t kMostReruns = 10;

}  // namespace

Reruns read_reruns(MapReader& contract_reader, Diagnostics& diagnostics) {
  Reruns reruns;
  const YamlNode* node = contract_reader.optional_node("reruns");
  if (node == nullptr) return reruns;
  const Advice advice{"it says how often what may be measured again, agreed on before anybody knows the answer",
                      "write `reruns: {most: 1, of: [INVALID, INCONCLUSIVE]}`, or leave it out for none"};
  MapReader reader(*node, "'reruns'", diagnostics);
  reruns.most = required_count_in(reader, "most", 1, kMostReruns, advice, diagnostics).value_or(0);
  const auto* of = required_list(reader, "of", false, advice, diagnostics);
  reader.finish();
  if (of == nullptr) return reruns;
  const std::vector<std::string> allowed{"INVALID", "NOT_RUN", "INCONCLUSIVE"};
  for (const YamlNode& item : *of) {
    const auto text = text_value(item, "an outcome in 'of'", diagnostics);
    if (!text) continue;
    const auto outcome = parse_outcome(*text);
    if (outcome == Outcome::kFail) {
      diagnostics.error(item.at, "'reruns' of FAIL",
                        {"who measures again until it passes takes the best of N",
                         "remove FAIL: a unit that failed is repaired or replaced, and then inspected anew"});
    } else if (outcome == Outcome::kPass || outcome == Outcome::kNotApplicable) {
      diagnostics.error(item.at, fmt::format("'reruns' of {}", *text),
                        {"it has its answer, and a second one could only be chosen", "write " + list_of(allowed)});
    } else if (!outcome) {
      diagnostics.error(item.at, fmt::format("{} is no outcome{}", shown(*text), did_you_mean(*text, allowed)),
                        {"it is one of a fixed list, in capitals", "write " + list_of(allowed)});
    } else if (std::find(reruns.of.begin(), reruns.of.end(), *outcome) != reruns.of.end()) {
      diagnostics.error(item.at, fmt::format("{} stands twice in 'of'", *text),
                        {"once says the same", "remove one of them"});
    } else {
      reruns.of.push_back(*outcome);
    }
  }
  return reruns;
}

}  // namespace geomsu
