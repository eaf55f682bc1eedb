// A contract, a suite and the sheets, read from YAML into values that are right by construction. Contracts are data:
// nothing in them is executed. Every mistake is reported at once, each with file:line:column, what, why, what next.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/units.hpp"
#include "harness/model/workload.hpp"

namespace geomsu {

struct Diagnostic {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  std::string file;
  int line = 0, column = 0;  // 1-based
  std::string what, why, next;
  std::string text() const;  // "contract.yaml:12:7: error: what: why\n  next: ..."
};

// kNode and kCluster of a workload of several devices: they work together, on one node or over several. kNode of any
// other: its worst device. kLot: per-won figures.
enum class Scope { kDevice, kNode, kCluster, kLot };
enum class IfUnsupported { kFail, kNotApplicable };
enum class IfInconclusive { kReinspect, kReject, kConditional };
enum class StatisticName {
  kMedian
};  // p05, p95, min, max follow; kept apart from stats/, which contract may not include

struct Provenance {
  std::string source, date, by, concurrency;
};

struct Clause {
  std::string id;
  std::string paper_clause;  // "별표 2 제3항"
  std::string operation;     // "gemm"
  std::string quantity;      // "throughput"
  Workload workload;         // complete parameters
  Scope scope = Scope::kDevice;
  std::string statistic = "median";
  std::optional<Quantity> at_least, at_most;  // exactly one; SI values, as written, before tolerance
  std::string bar_text;                       // "700 TFLOP/s" as written
  std::string bar_unit;                       // "TFLOP/s": results are printed in it
  double tolerance = 0;                       // ratio
  std::string tolerance_text;                 // "0 %"
  double confidence = 0.95;
  IfUnsupported if_unsupported = IfUnsupported::kFail;
  IfInconclusive if_inconclusive = IfInconclusive::kReinspect;
  bool exclusive = false;  // foreign load on the device makes the trial INVALID, else it is a finding
  std::string per;         // "" or "capex"
  Provenance provenance;
  int line = 0;  // where it stands, for later messages

  std::string measure() const { return operation + "." + quantity; }
  double bar() const;  // after tolerance: target*(1-tol) or target*(1+tol)
};

struct DeliveredUnit {
  std::string serial;  // or uuid, whatever DeviceInfo::unit_id() gives
  std::string node;    // empty: any
};

struct Delivery {
  bool discover = false;  // only with demonstration: true
  std::string tranche;    // "1차"
  std::vector<DeliveredUnit> units;
};

struct Price {
  std::optional<std::int64_t> won;  // absent: unknown, and the clause says so
  std::string text;
  bool vat_included = false;
  std::string counted_units;  // "all" or "state_use"; no default
};

struct Contract {
  std::string id, title, buyer, supplier, date;
  bool demonstration = false;
  std::string sku;    // of configs/devices, or empty (then `unverifiable` is said)
  std::string suite;  // name or path
  Delivery delivery;
  std::optional<Price> price;
  std::vector<Clause> clauses;
};

// How long and how often; the contract names a suite, the suite says how.
struct Suite {
  std::string name;
  std::uint32_t blocks = 30;
  std::int64_t block_min_ns = 500'000'000;
  std::int64_t warmup_ns = 1'000'000'000;
  std::int64_t soak_ns = 60'000'000'000;
  std::optional<Workload> soak;  // what the soak runs; the first gemm of the contract where absent
};

// Datasheet of an SKU: dense peaks, no 2:4 sparsity. Absent = not known, never 0. SI units.
struct DeviceSheet {
  std::string sku, vendor, source;
  std::map<std::string, double> peaks;  // "fp32" ... FLOP/s; "bandwidth" B/s
  std::optional<double> memory_bytes, tdp_w;
  std::string training;            // "offered", "not_offered" or "experimental"
  std::vector<std::string> check;  // cells without a source or where sources differ
  // Of ops::Operation::peak_key(); absent where it is not known, or its cell stands in `check`.
  std::optional<double> sure_peak(const std::string& key) const;
};

template <class T>
struct Loaded {
  std::optional<T> value;  // present where no diagnostic is an error
  std::vector<Diagnostic> diagnostics;
  std::string bytes, path;  // exactly what was read
};

// Site: which workers may be started, with which parameters. The only place from which programs are taken.
struct SitePlugin {
  std::string backend;               // "cpu": geomsu_cpu.so of the search path; or
  std::string path;                  // an absolute path to a .so
  std::vector<std::string> command;  // or an adapter's argv, absolute path first
  std::map<std::string, std::string> params;
};
struct Site {
  std::string node;  // empty: the host's name
  std::vector<SitePlugin> plugins;
};

struct SheetLibrary {
  std::vector<DeviceSheet> sheets;
  const DeviceSheet* find(std::string_view sku) const;
};

// `name` is what messages print. The suite decides n, so that bounds which do not exist are refused here: hand in
// `bound_exists(statistic, n, confidence, &needed_n)`, which stats/ answers (contract/ may not include it).
using BoundExists = bool (*)(std::string_view statistic, std::uint32_t n, double confidence, std::uint32_t* needed_n);
Loaded<Suite> parse_suite(std::string_view yaml, const std::string& name);
Loaded<Site> parse_site(std::string_view yaml, const std::string& name);
Loaded<SheetLibrary> parse_sheets(std::string_view yaml, const std::string& name);
Loaded<Contract> parse_contract(std::string_view yaml, const std::string& name, const Suite* suite,
                                const SheetLibrary* sheets, BoundExists bound_exists);

}  // namespace geomsu
