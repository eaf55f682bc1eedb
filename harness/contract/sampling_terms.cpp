#include "harness/contract/sampling_terms.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/contract/calendar.hpp"
#include "harness/contract/fields.hpp"

namespace geomsu {
namespace {

// Per cent nonconforming, of ISO 2859-1; as they are written there.
constexpr std::array<std::string_view, 16> kAqls{"0.010", "0.015", "0.025", "0.040", "0.065", "0.10", "0.15", "0.25",
                                                 "0.40",  "0.65",  "1.0",   "1.5",   "2.5",   "4.0",  "6.5",  "10"};
constexpr std::array<std::string_view, 7> kLevels{"S-1", "S-2", "S-3", "S-4", "I", "II", "III"};
constexpr std::uint32_t kMostItems = 1'000'000;

enum class Word { kFull, kHypergeometric, kZeroAcceptance, kIso2859, kVariables, kSequential };

Sampling::Kind kind_of(Word word) {
  switch (word) {
    case Word::kFull:
      return Sampling::Kind::kFull;
    case Word::kHypergeometric:
    case Word::kZeroAcceptance:
      return Sampling::Kind::kHypergeometric;
    case Word::kIso2859:
      return Sampling::Kind::kIso2859;
    case Word::kVariables:
      return Sampling::Kind::kVariables;
    case Word::kSequential:
      return Sampling::Kind::kSequential;
  }
  return Sampling::Kind::kFull;
}

// What both parties risk: a good lot rejected, a bad one accepted. None of the four has a default.
void read_risks(MapReader& reader, Word word, Sampling& plan, Diagnostics& diagnostics) {
  const std::string all = "`accept: 1 %, alpha: 5 %, reject: 5 %, beta: 5 %`";
  if (word == Word::kZeroAcceptance) {
    plan.p0 = 0;
    plan.alpha = 1;
  } else {
    // A plan by proportions of the normal distribution or of likelihoods has no meaning at a share of nothing.
    const bool from_nothing = word == Word::kHypergeometric;
    const auto p0 =
        required_share(reader, "accept", 0, 1, from_nothing,
                       {"a lot with so many nonconforming items is a good one", "write " + all}, diagnostics);
    plan.p0 = p0.value_or(0);
    plan.alpha =
        required_share(reader, "alpha", 0, 0.5, false,
                       {"so probably is a good lot rejected: the supplier's risk", "write " + all}, diagnostics)
            .value_or(plan.alpha);
  }
  const auto p1 = required_share(reader, "reject", 0, 1, false,
                                 {"a lot with so many nonconforming items is a bad one", "write " + all}, diagnostics);
  plan.beta = required_share(reader, "beta", 0, 0.5, false,
                             {"so probably is a bad lot accepted: the buyer's risk", "write " + all}, diagnostics)
                  .value_or(plan.beta);
  if (!p1) return;
  plan.p1 = *p1;
  if (plan.p0 < plan.p1) return;
  diagnostics.error(reader.optional_node("reject")->at,
                    fmt::format("'reject' of {:g} % is not above 'accept' of {:g} %", 100 * plan.p1, 100 * plan.p0),
                    {"between a good lot and a bad one there must be room, or every item is inspected",
                     "raise `reject` or lower `accept`"});
}

std::string_view normal_aql(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  const auto wanted = parse_quantity(text, nullptr);
  for (const std::string_view aql : kAqls) {
    if (wanted && wanted->dimension == Dimension::kNone && parse_quantity(aql, nullptr)->value == wanted->value)
      return aql;
  }
  return {};
}

void read_earlier(MapReader& reader, Sampling& plan, Diagnostics& diagnostics) {
  const Advice advice{"normal or tightened inspection follows from the lots before, and from nothing else",
                      "write `earlier: []` for the first lot, or `earlier: [{tranche: 1차, accepted: true}]`"};
  const auto* items = required_list(reader, "earlier", true, advice, diagnostics);
  if (items == nullptr) return;
  for (const YamlNode& item : *items) {
    MapReader lot(item, "an earlier lot", diagnostics);
    Sampling::Earlier earlier;
    earlier.tranche = lot.required_text("tranche", advice).value_or("");
    earlier.accepted =
        lot.required_choice<bool>("accepted", {{"true", true}, {"false", false}}, advice).value_or(false);
    earlier.resubmitted = lot.optional_flag("resubmitted").value_or(false);
    lot.finish();
    const bool twice = !earlier.resubmitted && !earlier.tranche.empty() &&
                       std::any_of(plan.earlier.begin(), plan.earlier.end(), [&](const Sampling::Earlier& other) {
                         return !other.resubmitted && other.tranche == earlier.tranche;
                       });
    if (twice) {
      diagnostics.error(item.at, fmt::format("the earlier lot {} stands twice", shown(earlier.tranche)),
                        {"each lot counts once in the switching rules",
                         "remove one, or say `resubmitted: true` of a lot that came again"});
    }
    plan.earlier.push_back(earlier);
  }
}

void read_iso2859(MapReader& reader, Sampling& plan, Diagnostics& diagnostics) {
  const std::vector<std::string> levels(kLevels.begin(), kLevels.end()), aqls(kAqls.begin(), kAqls.end());
  std::vector<Choice<std::string>> choices;
  for (const std::string& level : levels) choices.push_back({level, level});
  plan.level = reader
                   .required_choice<std::string>("level", choices,
                                                 {"the size of the sample follows from it", "write `level: II`"})
                   .value_or("");
  const Advice advice{"it is one of the standard's series, in per cent", "write `aql: 0.65 %`, or " + list_of(aqls)};
  const YamlNode* node = reader.required_node("aql", advice);
  if (const auto text = node == nullptr ? std::nullopt : text_value(*node, "'aql'", diagnostics)) {
    plan.aql = normal_aql(*text);
    if (plan.aql.empty()) diagnostics.error(node->at, fmt::format("{} is no AQL", shown(*text)), advice);
  }
  read_earlier(reader, plan, diagnostics);
}

// A mean and a standard deviation say what share lies under a bar only where the figures are known to be normal.
// Throughput of parts that throttle is skewed to the left.
void read_prior(MapReader& plan_reader, const std::string& contract_date, Sampling& plan, Diagnostics& diagnostics) {
  const Advice advice{"a plan by variables stands on earlier figures that were normally distributed",
                      "write `prior: {source: ..., date: YYYY-MM-DD, nodes: 255, shape: normal}`"};
  const YamlNode* node = plan_reader.required_node("prior", advice);
  if (node == nullptr) return;
  MapReader reader(*node, "'prior'", diagnostics);
  const auto source = reader.required_text("source", advice);
  const auto date = required_date(reader, "date", advice, diagnostics);
  const auto nodes = required_count_in(reader, "nodes", 2, kMostItems, advice, diagnostics);
  const auto shape = reader.required_text("shape", advice);
  if (shape && *shape != "normal") {
    diagnostics.error(reader.optional_node("shape")->at, fmt::format("the prior data is {}", shown(*shape)),
                      {"a mean and a standard deviation say what share lies under a bar only of normal figures, and "
                       "those of parts that throttle are skewed to the left",
                       "write `shape: normal` where a test has shown it, or decide the lot by attributes: `kind: "
                       "hypergeometric`"});
  }
  reader.finish();
  if (!source || !date || !nodes) return;
  plan.prior = fmt::format("{}, {}: {} nodes, normally distributed", *source, *date, *nodes);
  const auto taken = parse_date(*date), agreed = parse_date(contract_date);
  if (!taken || !agreed || *taken <= *agreed) return;
  diagnostics.error(reader.optional_node("date")->at,
                    fmt::format("prior data of {}, after the contract's own date, {}", *date, contract_date),
                    {"the kind of plan is fixed before the lot is seen, and so is what it stands on",
                     "correct the date, or decide the lot by attributes: `kind: hypergeometric`"});
}

void read_counts(MapReader& reader, Sampling& plan, Diagnostics& diagnostics) {
  const auto* items = required_list(reader, "counts", false,
                                    {"an item is nonconforming where a clause of one of these severities is red on it",
                                     "write `counts: [critical, major]`"},
                                    diagnostics);
  if (items == nullptr) return;
  plan.counts.clear();
  const std::array<std::pair<std::string_view, Severity>, 3> known{
      {{"critical", Severity::kCritical}, {"major", Severity::kMajor}, {"minor", Severity::kMinor}}};
  for (const YamlNode& item : *items) {
    const auto text = text_value(item, "a severity in 'counts'", diagnostics);
    if (!text) continue;
    const auto* const found =
        std::find_if(known.begin(), known.end(), [&](const auto& row) { return row.first == *text; });
    if (found == known.end()) {
      diagnostics.error(
          item.at,
          fmt::format("'counts' cannot hold {}{}", shown(*text), did_you_mean(*text, {"critical", "major", "minor"})),
          {"it is one of a fixed list", "write critical, major or minor"});
    } else if (std::find(plan.counts.begin(), plan.counts.end(), found->second) != plan.counts.end()) {
      diagnostics.error(item.at, fmt::format("'{}' stands twice in 'counts'", *text),
                        {"once says the same", "remove one of them"});
    } else {
      plan.counts.push_back(found->second);
    }
  }
}

}  // namespace

Sampling read_sampling(MapReader& contract_reader, const std::string& contract_date, Diagnostics& diagnostics) {
  Sampling plan;
  const YamlNode* node = contract_reader.optional_node("sampling");
  if (node == nullptr) return plan;
  plan.named = true;
  MapReader reader(*node, "the sampling plan", diagnostics);
  const auto word = reader.required_choice<Word>(
      "kind",
      {{"full", Word::kFull},
       {"hypergeometric", Word::kHypergeometric},
       {"zero_acceptance", Word::kZeroAcceptance},
       {"iso2859", Word::kIso2859},
       {"variables", Word::kVariables},
       {"sequential", Word::kSequential}},
      {"by which plan a lot is decided is agreed on before delivery",
       "write `kind: full`, hypergeometric, zero_acceptance, iso2859, variables or sequential"});
  if (!word) return plan;  // its other keys mean nothing without the kind
  plan.kind = kind_of(*word);
  read_counts(reader, plan, diagnostics);
  if (*word == Word::kIso2859) {
    read_iso2859(reader, plan, diagnostics);
  } else if (*word != Word::kFull) {
    read_risks(reader, *word, plan, diagnostics);
  }
  if (*word == Word::kVariables) {
    plan.clause = reader
                      .required_text("clause", {"its figures decide the lot, by their mean and standard deviation",
                                                "write the id of the clause"})
                      .value_or("");
    read_prior(reader, contract_date, plan, diagnostics);
  }
  if (*word == Word::kSequential) {
    plan.truncation = required_count_in(reader, "truncation", 1, kMostItems,
                                        {"after so many items the lot is decided, whatever was found",
                                         "write `truncation: 160`, about twice the single plan's number"},
                                        diagnostics)
                          .value_or(0);
  }
  if (*word != Word::kFull) {
    plan.secret_sha256 =
        required_sha256(reader, "secret_sha256",
                        {"the buyer's secret is bound before delivery, so that nobody can choose the draw",
                         "draw a secret of 64 hexadecimal digits, keep it, and write the SHA-256 of these digits here"},
                        diagnostics)
            .value_or("");
  }
  reader.finish();
  return plan;
}

}  // namespace geomsu
