// Who of a launched job is here, and who was lost: read from what its processes and its launcher write to stderr.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu {

// What a launcher says of a process that ended: Open MPI's and Slurm's words.
struct RankEnd {
  std::uint32_t rank = 0;
  std::string host;      // as the launcher names it; may be empty
  std::string how;       // "exited on signal 9 (Killed)", "exit status 3"
  std::int64_t pid = 0;  // 0 where it does not say
};
std::optional<RankEnd> read_rank_end(std::string_view line);

// Pure: lines in, words out.
class RankRoll {
 public:
  void take(std::string_view line);
  // Of a job that gave no answer: "rank 1 of 2 never came; here are rank 0 on n1, pid 7". Of one that ended: "rank 1 on
  // n2, pid 9: exited on signal 9 (Killed)". Empty where no process has said that it is here.
  std::string absent_words() const;
  std::string lost_words() const;

 private:
  struct Here {
    std::string host;
    std::int64_t pid = 0;
  };
  std::string name(std::uint32_t rank) const;

  std::uint32_t ranks_ = 0;
  std::map<std::uint32_t, Here> here_;
  std::map<std::uint32_t, RankEnd> ended_;
};

}  // namespace geomsu
