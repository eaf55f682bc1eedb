#include "harness/judge/lot_terms.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/judge/check_plan.hpp"

namespace geomsu {
namespace fs = std::filesystem;
namespace {

std::string hash_of(const BundleDir& dir, std::string_view name) { return dir.digest(name).sha256; }

// (contract, suite) of each bundle, by the hashes of the files as they lie there.
using Pair = std::pair<std::string, std::string>;

std::map<Pair, std::vector<fs::path>> by_terms(const fs::path& lot, const std::vector<fs::path>& bundles) {
  std::map<Pair, std::vector<fs::path>> groups;
  for (const fs::path& path : bundles) {
    try {
      const BundleDir dir(lot / path);
      groups[{hash_of(dir, "contract.yaml"), hash_of(dir, "suite.yaml")}].push_back(path);
    } catch (const Error&) {  // its reading will say what is wrong with it
    }
  }
  return groups;
}

}  // namespace

LotTerms find_lot_terms(const fs::path& lot, const std::vector<fs::path>& bundles,
                        const std::optional<fs::path>& contract) {
  if (bundles.empty()) {
    throw Error(ErrorCode::kNoInput, "there is no bundle beneath it", lot.string(),
                "name the directory that holds the bundles of the lot");
  }
  const std::map<Pair, std::vector<fs::path>> groups = by_terms(lot, bundles);
  const std::string wanted = contract ? sha256_hex(read_file(*contract)) : std::string();
  const std::vector<fs::path>* most = nullptr;
  LotTerms found;
  for (const auto& [terms, paths] : groups) {
    if ((contract && terms.first != wanted) || (most != nullptr && paths.size() <= most->size())) continue;
    most = &paths;
    std::tie(found.contract_sha256, found.suite_sha256) = terms;
  }
  if (most == nullptr) {
    throw Error(ErrorCode::kBadData,
                contract ? "no bundle of the lot has the bytes of this contract"
                         : "no bundle of the lot has a contract and a suite",
                (contract ? *contract : lot).string(),
                contract ? "name the contract that was measured by" : "take the bundles from their source again");
  }
  if (!contract && groups.size() > 1) {
    found.notes.push_back(
        fmt::format("bundles of this lot have {} different contracts or suites; they are held against those that {} of "
                    "{} have: contract {}, suite {}; name the right one with --contract",
                    groups.size(), most->size(), bundles.size(), found.contract_sha256, found.suite_sha256));
  }
  std::string why;
  for (const fs::path& path : *most) {
    try {
      found.terms = read_terms(read_bundle(lot / path));
      return found;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kBadData) throw;
      if (why.empty()) why = error.what();
    }
  }
  throw Error(ErrorCode::kBadData, "no bundle that has its contract can be read; of the first: " + why, lot.string(),
              "take the bundles from their source again");
}

void check_terms(const Evidence& evidence, const LotTerms& terms) {
  const auto refuse = [&](std::string_view what, const std::string& has, const std::string& wanted) {
    if (has == wanted) return;
    throw Error(ErrorCode::kBadData, fmt::format("is of another {} ({}) than the lot ({})", what, has, wanted),
                (evidence.path / "plan.json").string());
  };
  refuse("contract", evidence.plan.contract_sha256, terms.contract_sha256);
  refuse("suite", evidence.plan.suite_sha256, terms.suite_sha256);
  check_plan(evidence, terms.terms.suite, terms.terms.contract);
}

}  // namespace geomsu
