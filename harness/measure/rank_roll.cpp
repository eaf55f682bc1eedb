#include "harness/measure/rank_roll.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace geomsu {
namespace {

constexpr std::size_t kMostNamed = 8;
constexpr std::uint32_t kMostRanks = 65536;

// Takes words and numbers off the front of a line.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool skip_past(std::string_view words) {
    const std::size_t at = text_.find(words);
    if (at == std::string_view::npos) return false;
    text_.remove_prefix(at + words.size());
    return true;
  }
  bool word(std::string_view words) {
    if (!text_.starts_with(words)) return false;
    text_.remove_prefix(words.size());
    return true;
  }
  template <class T>
  bool number(T& out) {
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), out);
    if (error != std::errc()) return false;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return true;
  }
  std::string until(std::string_view stop) {
    const std::size_t at = std::min(text_.find(stop), text_.size());
    std::string taken(text_.substr(0, at));
    text_.remove_prefix(at);
    return taken;
  }
  std::string rest() const {
    std::string_view left = text_;
    while (!left.empty() && (left.back() == '.' || left.back() == ' ' || left.back() == '\n')) left.remove_suffix(1);
    return std::string(left);
  }

 private:
  std::string_view text_;
};

// "mpirun noticed that process rank 1 with PID 12345 on node n2 exited on signal 9 (Killed)."
std::optional<RankEnd> open_mpi_end(std::string_view line) {
  Scanner scan(line);
  RankEnd end;
  if (!scan.skip_past("noticed that process rank ") || !scan.number(end.rank) || !scan.word(" with PID ") ||
      !scan.number(end.pid) || !scan.word(" on node ")) {
    return std::nullopt;
  }
  end.host = scan.until(" ");
  scan.word(" ");
  end.how = scan.rest();
  return end;
}

// "  Process name: [[41242,1],1]": of a job of its own the first number is the job, the last the rank.
std::optional<RankEnd> open_mpi_exit(std::string_view line) {
  Scanner scan(line);
  RankEnd end;
  std::uint64_t job = 0, part = 0;
  if (!scan.skip_past("Process name: [[") || !scan.number(job) || !scan.word(",") || !scan.number(part) ||
      !scan.word("],") || !scan.number(end.rank)) {
    return std::nullopt;
  }
  end.how = "ended with an exit status that is not 0";
  return end;
}

// "srun: error: n2: task 1: Killed", "srun: error: n2: tasks 1-3: Exited with exit code 1".
std::optional<RankEnd> slurm_end(std::string_view line) {
  Scanner scan(line);
  RankEnd end;
  if (!scan.skip_past("srun: error: ")) return std::nullopt;
  end.host = scan.until(": task");
  if (!scan.word(": task ") && !scan.word(": tasks ")) return std::nullopt;
  if (!scan.number(end.rank) || !scan.skip_past(": ")) return std::nullopt;
  end.how = scan.rest();
  return end;
}

}  // namespace

std::optional<RankEnd> read_rank_end(std::string_view line) {
  if (auto end = open_mpi_end(line)) return end;
  if (auto end = open_mpi_exit(line)) return end;
  return slurm_end(line);
}

void RankRoll::take(std::string_view line) {
  Scanner scan(line);
  std::uint32_t rank = 0, ranks = 0;
  Here here;
  if (scan.skip_past("geomsu-worker-mpi: rank ") && scan.number(rank) && scan.word(" of ") && scan.number(ranks) &&
      scan.word(" on ")) {
    here.host = scan.until(", pid ");
    if (scan.word(", pid ") && scan.number(here.pid) && scan.word(" is here") && rank < ranks && ranks <= kMostRanks) {
      ranks_ = ranks;
      here_[rank] = here;
    }
    return;
  }
  // Only of a job that has called: elsewhere such words are somebody's log.
  if (auto end = read_rank_end(line); end && ranks_ > 0 && end->rank < ranks_) ended_.emplace(end->rank, *end);
}

std::string RankRoll::name(std::uint32_t rank) const {
  const auto here = here_.find(rank);
  if (here == here_.end()) return fmt::format("rank {}", rank);
  return fmt::format("rank {} on {}, pid {}", rank, here->second.host, here->second.pid);
}

std::string RankRoll::absent_words() const {
  if (ranks_ == 0 || here_.size() >= ranks_) return {};
  std::string absent, present;
  std::size_t named = 0;
  for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
    if (here_.contains(rank)) continue;
    if (++named <= kMostNamed) absent += fmt::format("{}rank {}", absent.empty() ? "" : ", ", rank);
  }
  if (named > kMostNamed) absent += fmt::format(" and {} more", named - kMostNamed);
  named = 0;
  for (const auto& [rank, here] : here_) {
    if (++named <= kMostNamed) present += fmt::format("{}{}", present.empty() ? "" : "; ", name(rank));
  }
  if (named > kMostNamed) present += fmt::format("; and {} more", named - kMostNamed);
  return fmt::format("{} of {} never came; here: {}", absent, ranks_, present);
}

std::string RankRoll::lost_words() const {
  std::string words;
  for (const auto& [rank, end] : ended_) {
    std::string who = name(rank);
    if (!here_.contains(rank) && !end.host.empty()) who += " on " + end.host;
    words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", who, end.how);
  }
  return words;
}

}  // namespace geomsu
