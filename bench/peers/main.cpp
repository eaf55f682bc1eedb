// geomsu-bench-peers: ours beside the same work called bare, in turn in one run.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <regex>

#include <fmt/format.h>

#include "bench/peers/measure.hpp"
#include "bench/peers/print.hpp"
#include "bench/peers/served.hpp"
#include "harness/base/clock.hpp"
#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/text.hpp"

namespace geomsu::bench {
namespace {

double load_average() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(':') + 2));
  }
  return "unknown processor";
}

std::string command_line(int argc, char** argv) {
  std::string words;
  for (int i = 0; i < argc; ++i) words += (i == 0 ? "" : " ") + shell_quote(argv[i]);
  return words;
}

std::vector<const Pair*> chosen(const std::string& filter) {
  std::vector<const Pair*> pairs;
  try {
    const std::regex pattern(filter);
    for (const Pair& pair : pair_table()) {
      if (std::regex_search(pair.name, pattern)) pairs.push_back(&pair);
    }
  } catch (const std::regex_error& error) {
    throw Error(ErrorCode::kUsage, error.what(), "--filter", "an ECMAScript regular expression, such as 'gemm fp32'");
  }
  return pairs;
}

int run(int argc, char** argv) {
  std::string text;
  const auto options = peer_options(argc, argv, text);
  std::fputs(text.c_str(), stdout);
  if (!options) return 0;
  if (!options->serve.empty()) {
    serve_side([&] { return make_served(*options); }, std::cin, std::cout);
    return 0;
  }
  const auto pairs = chosen(options->filter);
  if (options->list) {
    for (const Pair* pair : pairs) fmt::print("{}\t{}\n", pair->name, pair->peer);
    return 0;
  }
  Log log([](LogLevel level, std::string_view line) {
    if (level >= LogLevel::kWarning) std::cerr << line << '\n';
  });
  RunFacts facts{command_line(argc, argv),
                 utc_text(SystemClock().utc_ns()),
                 processor(),
                 load_average(),
                 0,
                 options->pairs,
                 options->block_ms,
                 options->seed.value_or(std::random_device{}())};
  std::vector<PairResult> results;
  const auto keep = [&] {
    if (!options->json.empty()) write_file_atomic(options->json, json_of(results, facts));
  };
  keep();  // nothing of an earlier run is left there
  fmt::print("{}", table_head());
  for (const Pair* pair : pairs) {
    results.push_back(measure_pair(*pair, *options, facts.seed, log));
    facts.load_after = load_average();
    fmt::print("{}", table_rows(results.back()));
    std::fflush(stdout);
    keep();
  }
  fmt::print("{}", table_foot(facts));
  bool compared = false, failed = false;
  for (const PairResult& result : results) {
    compared = compared || !result.comparisons.empty();
    failed = failed || !result.failed.empty();
  }
  return failed ? 1 : compared ? 0 : 2;
}

}  // namespace
}  // namespace geomsu::bench

int main(int argc, char** argv) {
  try {
    return geomsu::bench::run(argc, argv);
  } catch (const geomsu::Error& error) {
    fmt::print(stderr, "geomsu-bench-peers: {}\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "geomsu-bench-peers: {}\n", error.what());
    return static_cast<int>(geomsu::ErrorCode::kInternal);
  }
}
