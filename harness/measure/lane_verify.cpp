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

bool Lane::ask_digests(std::uint32_t block) {
  const std::int64_t before = now();
  const std::uint64_t drawn = ops::at(ops::stream(seed("digest", block), 0), 0) % trial_.repeats;
  AskedTwice asked{0, 0, trial_.wall_ns.back()};
  const auto digest = session_->call(protocol::DigestRequest{workload_, 0, 0, drawn});
  if (!digest) return end(digest.fault()), false;
  asked.first_ns = now() - before;
  const std::int64_t once = now();
  const auto again = session_->call(protocol::DigestRequest{workload_, 0, 0, drawn});
  if (!again) return end(again.fault()), false;
  asked.again_ns = now() - once;
  if (again->digest != digest->digest)
    note("digest_changed", fmt::format("block {}, repeat {}: digest {:016x}, asked again {:016x}", block, drawn,
                                       digest->digest, again->digest));
  watch_.asked_twice.push_back(asked);
  digests_.push_back({drawn, digest->digest});
  trial_.digests.push_back(fmt::format("{:016x}", digest->digest));
  if (operation_->refill_every_block() && block == draw("window", count()) && !ask_window(block, before)) return false;
  trial_.verify_ns += now() - before;
  return true;
}

bool Lane::ask_window(std::uint32_t block, std::int64_t since_ns) {
  const std::uint64_t sets = std::min({trial_.operand_sets, trial_.repeats, kWindowSets});
  const auto ask_all = [&](std::vector<std::int64_t>& took, std::vector<BlockDigest>* kept) {
    for (std::uint64_t repeat = 0; repeat < sets; ++repeat) {
      const std::int64_t asked = now();
      const auto digest = session_->call(protocol::DigestRequest{workload_, 0, 0, repeat});
      if (!digest) return end(digest.fault()), false;
      took.push_back(now() - asked);
      if (kept != nullptr) kept->push_back({repeat, digest->digest});
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

std::optional<DrawnAnswers> Lane::ask(std::string_view purpose, bool project) {
  const std::int64_t before = now();
  const auto shape = operation_->reference(params_, state_);
  DrawnAnswers answers;
  answers.draw = draw_positions(seed(purpose, count()), shape->elements(), trial_.repeats);
  for (const auto& drawn : answers.draw.repeats) {
    const auto values = session_->call(protocol::ReadRequest{workload_, 0, 0, drawn.repeat, drawn.indices});
    if (!values) return end(values.fault()), std::nullopt;
    if (values->values.size() != drawn.indices.size()) {
      return end(TrialStatus::kError, Reason::kDeviceError,
                 fmt::format("{} values came where {} were asked", values->values.size(), drawn.indices.size())),
             std::nullopt;
    }
    answers.elements.push_back(values->values);
  }
  if (project) {
    const auto projection = session_->call(protocol::ProjectRequest{workload_, 0, 0, answers.draw.projected_repeat,
                                                                    answers.draw.sign_seed, shape->projected()});
    if (!projection) return end(projection.fault()), std::nullopt;
    answers.projection = projection->values;
  }
  trial_.verify_ns += now() - before;
  return answers;
}

std::optional<std::uint32_t> Lane::decoy_position() const {
  const std::uint32_t blocks = count();
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
  const auto digest = session_->call(protocol::DigestRequest{workload_, 0, 0, digests_[block].repeat});
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
    const auto set = session_->call(protocol::DigestRequest{workload_, 0, 0, held.repeat});
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
  if (!fresh) return;
  if (to_the_reference) {
    const auto checks = check_answers(*operation_, params_, state_, *fresh);
    check.passed = std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.passed; });
    check.detail += "; not deterministic by its own word: the run again was checked against the reference";
  } else {
    const Check elements = check_elements(*operation_, params_, state_, *fresh);
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
  if (ended_ || !answers_ || interrupted()) return;
  const std::int64_t before = now();
  const std::int64_t already = trial_.verify_ns;
  trial_.checks = check_answers(*operation_, params_, answered_state_, *answers_);
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
