// A lane's questions: what is asked after each block, the answers that are checked, and the block that is run again.
#include <algorithm>

#include <fmt/format.h>

#include "harness/measure/lane.hpp"
#include "kernels/ops/generator.hpp"

namespace geomsu {
namespace {

// Where the state runs on over blocks, a replay repeats all before it.
constexpr std::uint32_t kReplayedOfRunningState = 2;
constexpr std::uint32_t kBlocksForADecoy = 5;
constexpr std::uint64_t kWindowSets = 64;
constexpr std::size_t kWindowReplayed = 4;

}  // namespace

std::uint64_t Lane::draw(std::string_view purpose, std::uint64_t below) const {
  return ops::at(ops::stream(seed(purpose, 0), 0), 0) % below;
}

ops::BlockState Lane::of_rank(ops::BlockState state, std::uint32_t rank) const {
  state.rank = rank;
  return state;
}

std::uint32_t Lane::drawn_rank(std::string_view purpose, std::uint64_t block) const {
  if (ranks_with_output_.size() < 2) return ranks_with_output_.empty() ? 0 : ranks_with_output_.front();
  return ranks_with_output_[ops::at(ops::stream(seed(purpose, block), 0), 0) % ranks_with_output_.size()];
}

bool Lane::ask_digests(std::uint32_t block) {
  const std::int64_t before = now();
  const std::uint64_t drawn = ops::at(ops::stream(seed("digest", block), 0), 0) % trial_.repeats;
  const std::uint32_t rank = drawn_rank("digest rank", block);
  AskedTwice asked{0, 0, trial_.wall_ns.back()};
  const auto digest = session_->call(protocol::DigestRequest{workload_, 0, rank, drawn});
  if (!digest) return end(digest.fault()), false;
  asked.first_ns = now() - before;
  const std::int64_t once = now();
  const auto again = session_->call(protocol::DigestRequest{workload_, 0, rank, drawn});
  if (!again) return end(again.fault()), false;
  asked.again_ns = now() - once;
  if (again->digest != digest->digest)
    note("digest_changed", fmt::format("block {}, repeat {}: digest {:016x}, asked again {:016x}", block, drawn,
                                       digest->digest, again->digest));
  watch_.asked_twice.push_back(asked);
  digests_.push_back({rank, drawn, digest->digest});
  trial_.digests.push_back(fmt::format("{:016x}", digest->digest));
  if (refill_every_block_ && block == draw("window", context_.trial->blocks) && !ask_window(block, before))
    return false;
  trial_.verify_ns += now() - before;
  return true;
}

bool Lane::ask_window(std::uint32_t block, std::int64_t since_ns) {
  const std::uint64_t sets = std::min({trial_.operand_sets, trial_.repeats, kWindowSets});
  const std::uint32_t rank = drawn_rank("window rank", block);
  const auto ask_all = [&](std::vector<std::int64_t>& took, std::vector<BlockDigest>* kept) {
    for (std::uint64_t repeat = 0; repeat < sets; ++repeat) {
      const std::int64_t asked = now();
      const auto digest = session_->call(protocol::DigestRequest{workload_, 0, rank, repeat});
      if (!digest) return end(digest.fault()), false;
      took.push_back(now() - asked);
      if (kept != nullptr) kept->push_back({rank, repeat, digest->digest});
    }
    return true;
  };
  if (!ask_all(watch_.window_first_ns, &window_digests_)) return false;
  trial_.watch.emplace(trial_.watch.value_or(Watch{}));
  trial_.watch->window_block = block;
  trial_.watch->window_ns = last_reseed_ns_ + (now() - since_ns);
  watch_.window_sets = sets;
  // All of them again, which costs what looking costs: what the first time cost beyond that was work.
  return ask_all(watch_.window_again_ns, nullptr);
}

std::vector<DrawnAnswers> Lane::ask(std::string_view purpose, bool project) {
  const std::int64_t before = now();
  std::vector<DrawnAnswers> all;
  for (const std::uint32_t rank : ranks_with_output_) {
    const auto shape = operation_->reference(params_, of_rank(state_, rank));
    const std::string of_this = rank == 0 ? std::string(purpose) : fmt::format("{} of rank {}", purpose, rank);
    DrawnAnswers& answers = all.emplace_back();
    answers.draw = draw_positions(seed(of_this, context_.trial->blocks), *shape, trial_.repeats);
    for (const auto& drawn : answers.draw.repeats) {
      const auto values = session_->call(protocol::ReadRequest{workload_, 0, rank, drawn.repeat, drawn.indices});
      if (!values) return end(values.fault()), std::vector<DrawnAnswers>{};
      if (values->values.size() != drawn.indices.size()) {
        return end(TrialStatus::kError, Reason::kDeviceError,
                   fmt::format("{} values came where {} were asked", values->values.size(), drawn.indices.size())),
               std::vector<DrawnAnswers>{};
      }
      answers.elements.push_back(values->values);
    }
    if (project) {
      const auto projection = session_->call(protocol::ProjectRequest{workload_, 0, rank, answers.draw.projected_repeat,
                                                                      answers.draw.sign_seed, shape->projected()});
      if (!projection) return end(projection.fault()), std::vector<DrawnAnswers>{};
      answers.projection = projection->values;
    }
  }
  trial_.verify_ns += now() - before;
  return all;
}

// The same check of every rank as one: what was compared together, the worst error, and whose the first failure is.
Check Lane::of_all_ranks(std::vector<Check> of_ranks) const {
  if (of_ranks.size() == 1) return std::move(of_ranks.front());
  Check all = of_ranks.front();
  all.detail = fmt::format("{} ranks; of the first: {}", of_ranks.size(), all.detail);
  all.compared = 0;
  bool failed = false;
  for (std::size_t i = 0; i < of_ranks.size(); ++i) {
    const Check& one = of_ranks[i];
    all.compared += one.compared;
    if (one.worst) all.worst = std::max(all.worst.value_or(0), *one.worst);
    if (one.passed || failed) continue;
    failed = true;
    all.passed = false;
    all.detail = unit_session_.rank_name(ranks_with_output_[i]) + ": " + one.detail;
  }
  return all;
}

Check Lane::checked_elements(const ops::BlockState& state, const std::vector<DrawnAnswers>& answers) const {
  std::vector<Check> of_ranks;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    of_ranks.push_back(check_elements(*operation_, params_, of_rank(state, ranks_with_output_[i]), answers[i]));
  }
  return of_all_ranks(std::move(of_ranks));
}

std::vector<Check> Lane::checked(const ops::BlockState& state, const std::vector<DrawnAnswers>& answers) const {
  std::vector<std::vector<Check>> kinds;  // a check each: a rank each
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto checks = check_answers(*operation_, params_, of_rank(state, ranks_with_output_[i]), answers[i]);
    kinds.resize(std::max(kinds.size(), checks.size()));
    for (std::size_t kind = 0; kind < checks.size(); ++kind) kinds[kind].push_back(std::move(checks[kind]));
  }
  std::vector<Check> all;
  for (auto& kind : kinds) all.push_back(of_all_ranks(std::move(kind)));
  return all;
}

std::optional<std::uint32_t> Lane::decoy_position() const {
  const std::uint32_t blocks = context_.trial->blocks;
  if (!refill_every_block_ || blocks < kBlocksForADecoy) return std::nullopt;
  // Not after the last: the answers that are judged are asked of the buffers of that one.
  return static_cast<std::uint32_t>(1 + draw("decoy", blocks - 2));
}

void Lane::replay() {
  const std::uint32_t count = static_cast<std::uint32_t>(digests_.size());
  if (count == 0) return;
  const std::int64_t before = now(), already = trial_.verify_ns, reseeded = trial_.reseed_ns;
  // Not the block that ran last where there is another: its results still lie in the buffers.
  const std::uint32_t choices =
      refill_every_block_ ? std::max<std::uint32_t>(1, count - 1) : std::min(count, kReplayedOfRunningState);
  const auto block = static_cast<std::uint32_t>(draw("replay", choices));
  if (!reseed(seed("block", refill_every_block_ ? block : 0))) return;
  const std::uint32_t rounds = refill_every_block_ ? 1 : block + 1;
  WallBlock wall;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    if (!measure(trial_.repeats, std::nullopt, &wall)) return;
  }
  trial_.watch.emplace(trial_.watch.value_or(Watch{}));
  trial_.watch->replay_ns = wall.wall_ns;
  const auto digest =
      session_->call(protocol::DigestRequest{workload_, 0, digests_[block].rank, digests_[block].repeat});
  if (!digest) return end(digest.fault());
  Check check{"replay", digest->digest == digests_[block].digest, 1, std::nullopt, {}};
  check.detail = fmt::format("block {}, repeat {}: digest {:016x}, run again {:016x}", block, digests_[block].repeat,
                             digests_[block].digest, digest->digest);
  // Where every operand set of that block was asked about, some of them again.
  const std::size_t again =
      trial_.watch->window_block == block ? std::min(kWindowReplayed, window_digests_.size()) : std::size_t{0};
  for (std::size_t i = 0; i < again && check.passed; ++i) {
    const BlockDigest& held =
        window_digests_[ops::at(ops::stream(seed("window sets", 0), 0), i) % window_digests_.size()];
    const auto set = session_->call(protocol::DigestRequest{workload_, 0, held.rank, held.repeat});
    if (!set) return end(set.fault());
    ++check.compared;
    check.passed = set->digest == held.digest;
    if (!check.passed)
      check.detail = fmt::format("block {}, repeat {}: digest {:016x}, run again {:016x}", block, held.repeat,
                                 held.digest, set->digest);
  }
  // A digest can be remembered; elements drawn only now cannot be, unless the whole block was computed again.
  const bool digests_agree = check.passed;
  const bool to_the_reference = !trial_.deterministic && !digests_agree;
  const auto fresh = ask("replay draw", to_the_reference);
  if (fresh.empty()) return;
  if (to_the_reference) {
    const auto checks = checked(state_, fresh);
    check.passed = std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.passed; });
    check.detail += "; not deterministic by its own word: the run again was checked against the reference";
  } else {
    const Check elements = checked_elements(state_, fresh);
    check.compared += elements.compared;
    check.passed = digests_agree && elements.passed;
    if (digests_agree && !elements.passed)
      check.detail += "; the digest came again, the elements read from the run again are wrong: " + elements.detail;
  }
  replayed_ = std::move(check);
  trial_.reseed_ns = reseeded;
  trial_.verify_ns = already + (now() - before);
}

void Lane::verify() {
  if (ended_ || answers_.empty() || interrupted()) return;
  const std::int64_t before = now();
  const std::int64_t already = trial_.verify_ns;
  trial_.checks = checked(answered_state_, answers_);
  if (!replayed_) replay();
  if (replayed_) trial_.checks.push_back(*replayed_);
  trial_.verify_ns = already + (now() - before);
  const auto failed =
      std::find_if(trial_.checks.begin(), trial_.checks.end(), [](const Check& c) { return !c.passed; });
  if (!ended_ && failed != trial_.checks.end()) {
    trial_.reason_code = std::string(to_string(Reason::kWrongAnswer));
    trial_.reason = fmt::format("{}: {}", failed->name, failed->detail);
  }
}

}  // namespace geomsu
