#include "harness/judge/lot_judge.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/judge/judge.hpp"
#include "harness/judge/judgement.hpp"
#include "harness/judge/lot_files.hpp"
#include "harness/judge/lot_fold.hpp"
#include "harness/judge/lot_node.hpp"
#include "harness/judge/lot_refusal.hpp"
#include "harness/judge/lot_terms.hpp"
#include "harness/judge/side_by_side.hpp"

namespace geomsu {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kRowsInMemory = 400'000;  // not PASS; beyond it nodes are judged again to choose the worst
constexpr std::size_t kChunk = 64;              // nodes whose rows are held at once while they are written

bool is_green(Outcome outcome) { return outcome == Outcome::kPass || outcome == Outcome::kNotApplicable; }

// What one thread works with, used again from bundle to bundle.
struct Bench {
  BundleReader reader;
  Evidence evidence;
  Contract contract;  // the lot's, with the units of one node
};

struct Node {
  std::vector<std::size_t> bundles;  // evidence that holds: attempts in order
  std::string refused;               // why a bundle of it is none
  std::vector<Doubt> doubts;
  bool again = false;      // to be judged with what only the lot knows
  std::uint64_t rows = 0;  // of its judgement, those let go included
};

class LotJudge {
 public:
  LotJudge(const fs::path& dir, const LotOptions& options)
      : dir_(dir),
        options_(options),
        paths_(bundles_of(dir)),
        terms_(find_lot_terms(dir, paths_, options.contract)),
        contract_(terms_.terms.contract) {
    for (const DeliveredUnit& unit : contract_.delivery.units) {
      listed_.emplace(unit.serial, &unit);
      by_node_[unit.node].push_back(&unit);
    }
    for (const DeliveredUnit& unit : contract_.delivery.elsewhere) elsewhere_.emplace(unit.serial, &unit);
    Contract bare = contract_;
    bare.delivery.units.clear();
    bare.delivery.elsewhere.clear();
    for (unsigned i = 0; i < threads_of(options.threads); ++i) {
      benches_.push_back(std::make_unique<Bench>());
      benches_.back()->contract = bare;
    }
    read_draw();
  }

  LotEvidence judged() {
    judge_bundles();
    gather_nodes();
    settle_serials();
    judge_again();
    const std::vector<FleetFigure> fleet = add_doubts();
    judge_again();
    std::vector<std::string> tested;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!nodes_[i].bundles.empty() && nodes_[i].refused.empty()) tested.push_back(judgements_[i].node);
    }
    LotParts parts{contract_, judgements_, fleet, draw_ ? &*draw_ : nullptr, tested, Outcome::kNotApplicable};
    for (const LotBundle& bundle : bundles_) {
      if (!bundle.refused.empty()) parts.at_least = Outcome::kInvalid;
    }
    WorstRows rows = worst_rows();
    std::uint64_t all_rows = 0;
    for (const Node& node : nodes_) all_rows += node.rows;
    LotEvidence result;
    result.verdict = fold_lot(parts, std::move(rows), all_rows, [this](const ClauseRow& row) {
      write_rows({&row, 1});
    });
    finish_lot(result);
    return result;
  }

 private:
  void read_draw() {
    const fs::path path = dir_ / "draw.json";
    if (!fs::exists(path)) return;
    draw_ = parse_draw(read_file(path), path.string());
    // A draw that is not this contract's lets no unit off: a foreign one would hide red nodes from full screening.
    if (!draw_mismatch(contract_, draw_->commitment).empty()) return;
    drawn_.emplace();
    drawn_->insert(draw_->drawn.begin(), draw_->drawn.end());
  }

  void each(std::size_t count, const std::function<void(Bench&, std::size_t)>& work) {
    side_by_side(count, static_cast<unsigned>(benches_.size()),
                 [&](unsigned thread, std::size_t i) { work(*benches_[thread], i); });
  }

  // Error kBadData: why the bundle is no evidence of this lot.
  void read(Bench& bench, std::size_t i) const {
    bench.reader.read(dir_ / paths_[i], bench.evidence, BundleReader::Verdicts::kHashed);
    check_terms(bench.evidence, terms_);
  }

  // The lot's contract, with the units that are listed on this node or were found on it: what one bundle is about.
  void narrow(Bench& bench, const Plan& plan) const {
    Delivery& own = bench.contract.delivery;
    own.units.clear();
    own.elsewhere.clear();
    if (const auto listed = by_node_.find(plan.node); listed != by_node_.end()) {
      for (const DeliveredUnit* unit : listed->second) own.units.push_back(*unit);
    }
    for (const PlannedUnit& unit : plan.units) {
      if (!unit.found) continue;
      const auto listed = listed_.find(unit.unit.device);
      if (listed != listed_.end() && listed->second->node != plan.node) own.units.push_back(*listed->second);
      const auto other = elsewhere_.find(unit.unit.device);
      if (other != elsewhere_.end()) own.elsewhere.push_back(*other->second);
    }
  }

  BundleJudgement judge_plan(Bench& bench, const Plan& plan, std::span<const Trial> trials,
                             const Environment* environment, std::string_view plan_sha256,
                             std::span<const Doubt> doubts, bool brief = false) const {
    narrow(bench, plan);
    JudgeInput input;
    input.contract = &bench.contract;
    input.plan = &plan;
    input.plan_sha256 = plan_sha256;
    input.trials = trials;
    input.environment = environment;
    input.own_node_only = true;
    input.found_elsewhere = &found_elsewhere_;
    if (drawn_) input.drawn = &*drawn_;
    input.doubts = doubts;
    input.brief = brief;
    BundleJudgement judgement = judge_bundle(input);
    judgement.node = plan.node;
    if (environment != nullptr) add_environment_findings(judgement.verdict, *environment);
    return judgement;
  }

  BundleJudgement judge_evidence(Bench& bench, std::span<const Doubt> doubts, bool brief = false) const {
    const Evidence& evidence = bench.evidence;
    return judge_plan(bench, evidence.plan, evidence.trials, &evidence.environment, evidence.plan_sha256, doubts,
                      brief);
  }

  // Every bundle by itself, once: most nodes need no more.
  void judge_bundles() {
    bundles_.resize(paths_.size());
    alone_.resize(paths_.size());
    facts_.resize(paths_.size());
    each(paths_.size(), [this](Bench& bench, std::size_t i) {
      LotBundle& listed = bundles_[i];
      listed.path = paths_[i].generic_string();
      try {
        read(bench, i);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kBadData && error.code() != ErrorCode::kIo) throw;
        listed.refused = refusal_words(error);
        listed.node = claimed_node(dir_ / paths_[i]);
        listed.outcome = Outcome::kInvalid;
        return;
      }
      const Evidence& evidence = bench.evidence;
      listed.node = evidence.plan.node;
      listed.plan_sha256 = evidence.plan_sha256;
      listed.started = evidence.started;
      facts_[i] = {evidence.ended, evidence.signature != "unsigned", 0};
      alone_[i] = judge_evidence(bench, {}, true);
      listed.outcome = outcome_of(alone_[i]);
      facts_[i].rows = lighten(alone_[i]);
    });
  }

  // Rows that PASS are let go; how many rows there were.
  std::uint64_t lighten(BundleJudgement& judgement) {
    std::vector<ClauseRow>& rows = judgement.verdict.rows;
    const std::uint64_t all = rows.size();
    const bool keep = kept_ < kRowsInMemory;
    std::erase_if(rows, [keep](const ClauseRow& row) { return !keep || is_green(row.outcome); });
    rows.shrink_to_fit();
    judgement.verdict.clauses.clear();
    judgement.verdict.clauses.shrink_to_fit();
    if (!keep) overflow_ = true;
    kept_ += rows.size();
    return all;
  }

  // Nodes of the delivery list, of bundles that hold and of refused ones; each with its judgement.
  void gather_nodes() {
    std::map<std::string, Node> nodes;
    for (const auto& [node, units] : by_node_) nodes[node];
    for (std::size_t i = 0; i < bundles_.size(); ++i) {
      Node& node = nodes[bundles_[i].node];
      if (bundles_[i].refused.empty()) {
        node.bundles.push_back(i);
      } else if (node.refused.empty() || bundles_[i].refused < node.refused) {
        node.refused = bundles_[i].refused;
      }
    }
    for (auto& [name, node] : nodes) {
      std::sort(node.bundles.begin(), node.bundles.end(), [this](std::size_t a, std::size_t b) {
        return std::tie(bundles_[a].started, bundles_[a].plan_sha256) <
               std::tie(bundles_[b].started, bundles_[b].plan_sha256);
      });
      judgements_.emplace_back();
      node.again = node.bundles.size() != 1 || !node.refused.empty();
      if (!node.again) {
        judgements_.back() = std::move(alone_[node.bundles.front()]);
        node.rows = facts_[node.bundles.front()].rows;
      }
      judgements_.back().node = name;
      nodes_.push_back(std::move(node));
    }
  }

  // Where each serial was found: elsewhere than listed, or on two nodes.
  void settle_serials() {
    std::unordered_map<std::string, std::vector<std::size_t>> found;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (const std::size_t bundle : nodes_[i].bundles) {
        const BundleJudgement& judgement = nodes_[i].again ? alone_[bundle] : judgements_[i];
        for (const std::string& serial : judgement.verdict.reconciliation.found) {
          std::vector<std::size_t>& at = found[serial];
          if (at.empty() || at.back() != i) at.push_back(i);
        }
      }
    }
    for (const auto& [serial, at] : found) {
      const auto listed = listed_.find(serial);
      if (listed != listed_.end() && judgements_[at.front()].node != listed->second->node) {
        found_elsewhere_.insert(serial);
        node_of(listed->second->node).again = true;
      }
      if (at.size() < 2) continue;
      std::vector<std::string> names;
      for (const std::size_t i : at) names.push_back(judgements_[i].node);
      for (const std::size_t i : at) {
        append_shared_serial(contract_, Unit{judgements_[i].node, serial}, names, nodes_[i].doubts);
        nodes_[i].again = true;
      }
    }
  }

  Node& node_of(const std::string& name) {
    const auto at = std::lower_bound(judgements_.begin(), judgements_.end(), name,
                                     [](const BundleJudgement& a, const std::string& b) { return a.node < b; });
    return nodes_[static_cast<std::size_t>(at - judgements_.begin())];
  }

  // What all nodes together say of some: company that was not kept, outliers.
  std::vector<FleetFigure> add_doubts() {
    std::vector<std::optional<FleetFigure>> of_clauses(contract_.clauses.size());
    each(of_clauses.size(), [&](Bench&, std::size_t i) {
      of_clauses[i] = fleet_figure(contract_, static_cast<std::uint32_t>(i), judgements_);
    });
    std::vector<FleetFigure> fleet;
    for (auto& figure : of_clauses) {
      if (figure) fleet.push_back(*std::move(figure));
    }
    std::vector<Doubt> doubts = together_doubts(contract_, judgements_);
    for (Doubt& doubt : outlier_doubts(contract_, fleet)) doubts.push_back(std::move(doubt));
    for (const Doubt& doubt : doubts) {
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (doubt.unit && doubt.unit->node != judgements_[i].node) continue;
        nodes_[i].doubts.push_back(doubt);
        nodes_[i].again = true;
      }
    }
    return fleet;
  }

  BundleJudgement judge_node(Bench& bench, std::size_t i) const {
    const Node& node = nodes_[i];
    std::vector<BundleJudgement> attempts;
    for (const std::size_t bundle : node.bundles) {
      read(bench, bundle);
      attempts.push_back(judge_evidence(bench, node.doubts));
    }
    if (attempts.empty()) {
      Plan nothing;
      nothing.node = judgements_[i].node;
      nothing.contract_sha256 = terms_.contract_sha256;
      attempts.push_back(judge_plan(bench, nothing, {}, nullptr, {}, {}));
      say_no_bundle(contract_, attempts.back());
    }
    BundleJudgement judgement = merge_attempts(contract_, std::move(attempts));
    if (!node.refused.empty())
      make_bad_evidence(contract_, "a bundle of this node is refused: " + node.refused, judgement);
    return judgement;
  }

  void judge_again() {
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (std::exchange(nodes_[i].again, false)) again.push_back(i);
    }
    each(again.size(), [&](Bench& bench, std::size_t at) {
      const std::size_t i = again[at];
      kept_ -= judgements_[i].verdict.rows.size();
      std::string name = std::move(judgements_[i].node);
      judgements_[i].node = name;
      BundleJudgement judgement = judge_node(bench, i);
      judgement.node = std::move(name);
      nodes_[i].rows = lighten(judgement);
      judgements_[i] = std::move(judgement);
    });
  }

  WorstRows worst_rows() {
    WorstRows worst(contract_, kKeptRows);
    if (!options_.rows && !overflow_) {
      for (BundleJudgement& judgement : judgements_) {
        for (ClauseRow& row : std::exchange(judgement.verdict.rows, {})) worst.add(std::move(row));
      }
      return worst;
    }
    std::vector<BundleJudgement> chunk(kChunk);
    for (std::size_t from = 0; from < nodes_.size(); from += kChunk) {
      const std::size_t count = std::min(kChunk, nodes_.size() - from);
      each(count, [&](Bench& bench, std::size_t i) { chunk[i] = judge_node(bench, from + i); });
      for (std::size_t i = 0; i < count; ++i) {
        write_rows(chunk[i].verdict.rows);
        for (ClauseRow& row : chunk[i].verdict.rows) {
          if (!is_green(row.outcome)) worst.add(std::move(row));
        }
      }
    }
    return worst;
  }

  void write_rows(std::span<const ClauseRow> rows) const {
    if (!options_.rows) return;
    Verdict some;
    some.rows.assign(rows.begin(), rows.end());
    options_.rows(verdict_jsonl(some));
  }

  void finish_lot(LotEvidence& result) {
    Verdict& verdict = result.verdict;
    verdict.contract_sha256 = terms_.contract_sha256;
    verdict.notes.insert(verdict.notes.begin(), terms_.notes.begin(), terms_.notes.end());
    for (std::size_t i = 0; i < bundles_.size(); ++i) {
      if (bundles_[i].refused.empty()) {
        result.started = result.started.empty() ? bundles_[i].started : std::min(result.started, bundles_[i].started);
        result.ended = std::max(result.ended, facts_[i].ended);
        if (facts_[i].is_signed) ++result.is_signed;
      }
    }
    verdict.bundles = std::move(bundles_);
  }

  struct Facts {
    std::string ended;
    bool is_signed = false;
    std::uint64_t rows = 0;
  };

  const fs::path& dir_;
  const LotOptions& options_;
  std::vector<fs::path> paths_;
  LotTerms terms_;
  const Contract& contract_;
  std::unordered_map<std::string_view, const DeliveredUnit*> listed_, elsewhere_;  // by serial
  std::unordered_map<std::string, std::vector<const DeliveredUnit*>> by_node_;
  std::optional<Draw> draw_;
  std::optional<Names> drawn_;  // where the draw is this contract's
  Names found_elsewhere_;
  std::vector<std::unique_ptr<Bench>> benches_;  // one a thread
  std::vector<LotBundle> bundles_;               // by path
  std::vector<BundleJudgement> alone_;           // of each bundle; moved to its node
  std::vector<Facts> facts_;
  std::vector<Node> nodes_;                  // by name
  std::vector<BundleJudgement> judgements_;  // of each node
  std::atomic<std::size_t> kept_{0};         // rows in memory
  std::atomic<bool> overflow_{false};
};

}  // namespace

LotEvidence judge_lot(const fs::path& dir, const LotOptions& options) { return LotJudge(dir, options).judged(); }

}  // namespace geomsu
