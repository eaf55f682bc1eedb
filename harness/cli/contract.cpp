// geomsu contract diff: what changed from one contract to another, in words.
#include <memory>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/inputs.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/contract/difference.hpp"

namespace geomsu::cli {
namespace {

std::string_view side_name(ContractChange::Side side) {
  switch (side) {
    case ContractChange::Side::kWorse:
      return "worse";
    case ContractChange::Side::kOpen:
      return "open";
    case ContractChange::Side::kBetter:
      return "better";
  }
  return "open";
}

std::string_view heading(ContractChange::Side side) {
  switch (side) {
    case ContractChange::Side::kWorse:
      return "Worse for the buyer:";
    case ContractChange::Side::kOpen:
      return "To be looked at:";
    case ContractChange::Side::kBetter:
      return "Better for the buyer:";
  }
  return "";
}

int diff(Context& context, const std::string& a, const std::string& b) {
  const Search search(context.search);
  const ContractInput before = read_good_contract(a, search), after = read_good_contract(b, search);
  const std::vector<ContractChange> changes = contract_changes(*before.contract.value, *after.contract.value);
  Console& console = context.console;
  if (console.json()) {
    std::vector<std::string> items;
    for (const ContractChange& change : changes) {
      items.push_back(JsonObject().text("buyer", side_name(change.side)).text("change", change.text).str());
    }
    console.out(JsonObject()
                    .text("before", a)
                    .text("after", b)
                    .boolean("same", changes.empty())
                    .raw("changes", json_array(items))
                    .str() +
                "\n");
    return changes.empty() ? 0 : 1;
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (i == 0 || changes[i].side != changes[i - 1].side)
      console.out(fmt::format("{}{}\n", i == 0 ? "" : "\n", heading(changes[i].side)));
    console.out(fmt::format("  {}\n", escape_terminal(changes[i].text)));
  }
  if (!changes.empty()) {
    console.out(fmt::format("\n{} change(s)\n", changes.size()));
    return 1;
  }
  console.out(before.contract.bytes == after.contract.bytes
                  ? "The contracts are the same, byte for byte.\n"
                  : "The contracts say the same; their files differ in words that nobody reads.\n");
  return 0;
}

int act(Context& context, const std::vector<std::string>& words) {
  if (words.size() == 3 && words[0] == "diff") return diff(context, words[1], words[2]);
  throw Error(ErrorCode::kUsage,
              words.empty() || words[0] == "diff" ? "diff wants two contracts"
                                                  : fmt::format("contract knows no '{}'", escape_terminal(words[0])),
              "contract", "geomsu contract diff BEFORE.yaml AFTER.yaml");
}

}  // namespace

Action declare_contract(Options& take) {
  const auto words = std::make_shared<std::vector<std::string>>();
  take.texts("WORDS", *words, "diff BEFORE AFTER: two contract files, or names of the contracts folder", true);
  return [words](Context& context) { return act(context, *words); };
}

}  // namespace geomsu::cli
