// Where words go: results to stdout, everything else to stderr. Knows whether a person watches, and in which language.
#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

#include "harness/base/log.hpp"
#include "reports/exporters/exporters.hpp"

namespace geomsu::cli {

inline constexpr int kColumns = 100;  // nothing printed is wider where it is not a terminal

struct ConsoleOptions {
  LogLevel level = LogLevel::kWarning;  // of log lines on stderr
  bool json = false;                    // one JSON document on stdout and nothing else
  bool quiet = false;
  Language language = Language::kEnglish;
};

class Console {
 public:
  explicit Console(const ConsoleOptions& options = {});

  const ConsoleOptions& options() const { return options_; }
  bool json() const { return options_.json; }
  Language language() const { return options_.language; }
  bool out_is_terminal() const { return out_terminal_; }
  bool err_is_terminal() const { return err_terminal_; }
  bool colour() const { return colour_; }  // of stdout: a terminal, no NO_COLOR, TERM is not dumb
  int columns() const;                     // of the terminal, at most kColumns

  void out(std::string_view text);  // as it is: the caller has escaped what is not its own
  // On stderr, over the status line where there is one, which is drawn again below it.
  void err(std::string_view text);
  void status(std::string_view line);  // one redrawn line on a terminal; empty clears it. Elsewhere nothing
  void flush();                        // Error kIo where stdout could not be written (but for a closed pipe)

  Log::Sink log_sink();  // lines at or over the level to stderr

 private:
  void clear_status();
  void draw_status();

  ConsoleOptions options_;
  bool out_terminal_ = false, err_terminal_ = false, colour_ = false;
  std::mutex mutex_;
  std::string status_;
};

}  // namespace geomsu::cli
