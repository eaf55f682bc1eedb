// The quick way into trials.jsonl: rows that are written just as trial_json writes them, at the speed of the memory.
// Lots have millions of them.
//
// It refuses nothing. Where anything is other than expected (another order of keys, a key too many, a number beyond its
// type, a value that no trial has) it gives no row, and parse_trial_at, which has the words, decides: so both accept
// the same rows, and every refusal is said in one place.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "harness/model/trial.hpp"

namespace geomsu {

class TrialLineReader {
 public:
  TrialLineReader();
  ~TrialLineReader();
  TrialLineReader(const TrialLineReader&) = delete;
  TrialLineReader& operator=(const TrialLineReader&) = delete;

  // Bytes that must be readable behind a line: the parser looks at them in whole vectors. What they hold is no matter.
  static constexpr std::size_t kPadding = 64;

  // True: `trial` is the row. False: it has some of it, and nothing may be made of that.
  bool read(std::string_view padded_line, Trial& trial);

 private:
  struct State;
  std::unique_ptr<State> state_;  // the parser's memory, used again from line to line
};

}  // namespace geomsu
