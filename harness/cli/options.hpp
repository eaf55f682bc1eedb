// How a verb declares what it takes. The parser behind it (CLI11, slow to compile) is known to options.cpp and app.cpp
// alone.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): as its makers call it
class App;
}

namespace geomsu::cli {

class Options {
 public:
  explicit Options(CLI::App& app, std::string group = {}) : app_(app), group_(std::move(group)) {}
  // `names`: "-o,--output", or "FILE" for a word without a flag. What is bound must live as long as the parser.
  void flag(const std::string& names, bool& value, const std::string& help);
  void text(const std::string& names, std::string& value, const std::string& help, bool required = false);
  void texts(const std::string& names, std::vector<std::string>& values, const std::string& help,
             bool required = false);

 private:
  CLI::App& app_;
  std::string group_;
};

}  // namespace geomsu::cli
