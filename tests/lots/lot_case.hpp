// A small lot in a directory of its own, and short words for what is said of it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/evidence/bundle.hpp"
#include "harness/judge/judge.hpp"
#include "harness/judge/lot_judge.hpp"
#include "tests/lots/lot_maker.hpp"

namespace geomsu::lots {

class LotCase {
 public:
  explicit LotCase(LotShape shape) : shape_(std::move(shape)) {
    std::string name = (std::filesystem::path(testing::TempDir()) / "geomsu-lot-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory at " + name);
    root_ = name;
    make_lot(shape_, dir(), 2);
  }
  ~LotCase() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  LotCase(const LotCase&) = delete;
  LotCase& operator=(const LotCase&) = delete;

  const LotShape& shape() const { return shape_; }
  std::filesystem::path dir() const { return root_ / "lot"; }
  std::filesystem::path spare() const { return root_ / "spare"; }  // beside the lot
  std::filesystem::path bundle(std::uint32_t node) const { return dir() / ("bundle-" + node_name(node)); }

  Verdict judged(unsigned threads = 2) const {
    LotOptions options;
    options.threads = threads;
    return judge_lot(dir(), options).verdict;
  }
  // With every row, of which verdict.rows has those that do not PASS.
  std::pair<Verdict, std::string> judged_with_rows(unsigned threads = 2) const {
    std::string rows;
    LotOptions options;
    options.threads = threads;
    options.rows = [&rows](std::string_view some) { rows += some; };
    Verdict verdict = judge_lot(dir(), options).verdict;
    return {std::move(verdict), std::move(rows)};
  }

 private:
  LotShape shape_;
  std::filesystem::path root_;
};

// Eight nodes have every defect once; each has two devices.
inline LotShape small(std::uint32_t nodes = 8, std::uint32_t defect_every = 8) {
  LotShape shape;
  shape.nodes = nodes;
  shape.devices = 2;
  shape.clauses = 2;
  shape.blocks = 10;
  shape.defect_every = defect_every;
  return shape;
}

// The first byte after `from` that is a digit, made another one: a file that parses and says something else.
inline void change_a_digit(const std::filesystem::path& file, const std::string& from) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::size_t begin = bytes.find(from);
  if (begin == std::string::npos) throw std::runtime_error("no " + from + " in " + file.string());
  const std::size_t at = bytes.find_first_of("0123456789", begin + from.size());
  bytes[at] = bytes[at] == '9' ? '8' : static_cast<char>(bytes[at] + 1);
  std::filesystem::remove(file);
  std::ofstream(file, std::ios::binary) << bytes;
}

inline std::vector<ClauseRow> rows_of(const Verdict& verdict, const std::string& node) {
  std::vector<ClauseRow> rows;
  for (const ClauseRow& row : verdict.rows) {
    if (row.unit.node == node) rows.push_back(row);
  }
  return rows;
}

inline LotBundle bundle_at(const Verdict& verdict, const std::string& path) {
  for (const LotBundle& bundle : verdict.bundles) {
    if (bundle.path == path) return bundle;
  }
  throw std::runtime_error("no bundle " + path);
}

}  // namespace geomsu::lots
