// A contract, a suite and the sheets, read from YAML into values that are right by construction. Contracts are data:
// nothing in them is executed. Every mistake is reported at once, each with file:line:column, what, why, what next.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/units.hpp"
#include "harness/model/outcome.hpp"
#include "harness/model/schedule.hpp"
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
// What a lot rule reads; it changes no outcome.
enum class Severity { kCritical, kMajor, kMinor };
// Screening: every unit is due. Sampled: only the units of the nodes that a sampling plan has drawn.
enum class Inspection { kScreening, kSampled };
// What becomes of a unit that lies outside its fleet (stats/fleet.hpp): nothing but a finding, unless the clause says
// so.
enum class OutlierRule { kFinding, kInconclusive, kFail };

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
  std::string statistic = "median";    // or p05, p95, min, max; the bounds are stats/'s, which contract may not include
  std::optional<Sustained> sustained;  // blocks over fresh workers and a span, under load; else in one stretch
  std::optional<Quantity> at_least, at_most;  // one of them, or both of `between`; SI values, before tolerance
  std::string bar_text;                       // "700 TFLOP/s" as written
  std::string bar_unit;                       // "TFLOP/s": results are printed in it
  double tolerance = 0;                       // ratio
  std::string tolerance_text;                 // "0 %"
  double confidence = 0.95;
  IfUnsupported if_unsupported = IfUnsupported::kFail;
  IfInconclusive if_inconclusive = IfInconclusive::kReinspect;
  bool exclusive = false;  // foreign load on the device makes the trial INVALID, else it is a finding
  std::string per;         // "" or "capex"
  Severity severity = Severity::kCritical;
  Inspection inspection = Inspection::kScreening;
  OutlierRule outliers = OutlierRule::kFinding;
  std::string sku;  // only units of this SKU; empty: of every one
  // Of `scope: lot` or `cluster` without `per`, whose devices do not work together: "unit_medians", the finite
  // population of the units' medians, of which `statistic` is the exact figure once every unit is measured. Else empty.
  std::string of;
  Provenance provenance;
  int line = 0;  // where it stands, for later messages

  std::string measure() const { return operation + "." + quantity; }
  bool between() const { return at_least && at_most; }
  // After tolerance: what the lower bound is held against, target*(1-tol), and the upper one, target*(1+tol). Absent
  // where the clause has no bar on that side.
  std::optional<double> low_bar() const, high_bar() const;
  double bar() const;  // the only bar, or of `between` the low one
};

struct DeliveredUnit {
  std::string serial;                                        // or uuid, whatever DeviceInfo::unit_id() gives
  std::string node = {};                                     // empty: any
  std::string rack = {}, uuid = {}, sku = {}, tranche = {};  // empty where nothing says
  bool state_use = false;                                    // `use: state`; else the provider's own
  bool operator==(const DeliveredUnit&) const = default;
};

struct Tranche {
  std::string name;  // "1차"
  std::string due;   // YYYY-MM-DD, Asia/Seoul; empty where none is stated
};

// A delivery list that stands in a file of its own beside the contract: hashed, so that nobody can swap it.
struct DeliveryFile {
  std::string path, sha256;  // as written; 64 lower-case hexadecimal digits
};

struct Delivery {
  bool discover = false;  // only with demonstration: true
  std::string tranche;    // the one that is inspected: "1차"; empty where the contract has one list without a name
  std::vector<Tranche> tranches;         // in order of delivery; empty where the contract has one list without a name
  std::vector<DeliveredUnit> units;      // of the tranche that is inspected
  std::vector<DeliveredUnit> elsewhere;  // of the other tranches: not due now
  std::vector<DeliveryFile> files;       // the lists that were read, in the contract's order
  bool states_use = false;               // whether the units say who uses them: for `counted_units: state_use`
};

// What a unit must have and be set to before its figures mean anything; a unit that differs is INVALID.
struct Precondition {
  enum class Test { kEqual, kAtLeast, kAtMost };
  bool setting = false;  // of `settings:`, else of `software:`
  std::string key;       // "driver", "firmware", "plugin.sha256", or an attribute of the device: "ecc.mode"
  Test test = Test::kEqual;
  std::string wanted;  // as written: "on", "570.86.15", "700 W"
  std::string sku;     // only units of this SKU; empty: of every one
};

// What the site must offer while it is measured. Broken: INVALID where the buyer supplies it, FAIL where the supplier
// does. The reading is the environment's fact "site.<key>".
struct SiteLimit {
  std::string key;  // "inlet_temperature", "node_power", "pue"
  std::optional<Quantity> at_least, at_most;
  std::string text;  // "at most 27 °C"
  bool supplier = false;
};

// Which later attempts stand in for an earlier one: those after an outcome of `of`, at most `most` times. Nothing is
// superseded where `most` is 0. FAIL is never among them (best of N). Where INCONCLUSIVE is, every attempt is a look of
// its own and the error is split over 1 + most of them.
struct Reruns {
  std::uint32_t most = 0;
  std::vector<Outcome> of;
};

// When a unit counts as an outlier of its fleet: beyond |robust z|, or normalised 1-Wasserstein distance to the
// cohort's medoid.
struct FleetTerms {
  double robust_z = 5;
  double distance = 0.1;
};

// How a lot is decided (stats/ has the arithmetic). An item is a node; it is nonconforming where a clause of one of the
// `counts` severities is red on it or on one of its devices.
struct Sampling {
  enum class Kind { kFull, kHypergeometric, kIso2859, kVariables, kSequential };
  Kind kind = Kind::kFull;
  std::vector<Severity> counts{Severity::kCritical, Severity::kMajor};
  // Hypergeometric, sequential: a lot of at most p0 nonconforming is rejected with probability <= alpha, one of at
  // least p1 accepted with <= beta. Hypergeometric: p0 = 0 and alpha = 1 give the zero-acceptance plan.
  double p0 = 0, alpha = 0.05, p1 = 0, beta = 0.05;
  std::uint32_t truncation = 0;  // sequential: the most items drawn; 0: twice the single plan's
  std::string level = "II";      // iso2859: S-1 ... III
  std::string aql;               // iso2859: "0.65", per cent, of the series
  // iso2859: earlier lots of this supplier in order, for the switching rules. A resubmitted lot does not count.
  struct Earlier {
    std::string tranche;
    bool accepted = false, resubmitted = false;
  };
  std::vector<Earlier> earlier;
  // variables: the clause that is judged by its mean and standard deviation over nodes, and where the prior data
  // stands.
  std::string clause, prior;
  // The hash of the buyer's secret, agreed before delivery: SHA-256 of its 64 hexadecimal digits.
  std::string secret_sha256;
  bool named = false;  // whether the contract has a `sampling:` at all
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
  std::string sku;                // of configs/devices, or empty (then `unverifiable` is said); of several the first
  std::vector<std::string> skus;  // all of them; a unit then says which it is
  std::string suite;              // name or path
  std::string suite_sha256;       // empty where the contract does not fix the suite's bytes
  Delivery delivery;
  std::optional<Price> price;
  std::vector<Clause> clauses;
  std::vector<Precondition> preconditions;
  std::vector<SiteLimit> site_limits;
  Reruns reruns;
  Sampling sampling;
  FleetTerms fleet;
};

// How long and how often; the contract names a suite, the suite says how.
struct Suite {
  std::string name;
  std::uint32_t blocks = 30;
  std::int64_t block_min_ns = 500'000'000;
  std::int64_t warmup_ns = 1'000'000'000;
  std::int64_t soak_ns = 60'000'000'000;
  std::optional<Workload> soak;   // what the soak runs; the first gemm of the contract where absent
  std::uint32_t tail_blocks = 0;  // for p05 and p95, whose bounds want more of them; 0: as many as `blocks`
  std::map<std::string, std::uint32_t, std::less<>>
      thin;  // of sustained trials, by operation: each so-manieth is judged
  // One extension: so many blocks more where the first ones leave a clause undecided; 0: none. The error is then split
  // over the two looks. Not of sustained trials.
  std::uint32_t extension_blocks = 0;
  std::string sha256;                                // of the bytes that were read
  std::optional<std::uint32_t> adaptive_min_blocks;  // adaptive stopping from there on: no acceptance
  std::optional<std::int64_t> budget_ns;             // what a node's run may take
  bool instead = false;  // asked for in place of the one that the contract names; set by who reads both

  std::uint32_t thin_of(const Workload& workload) const;  // 1 where nothing is said
};

// Clauses that one trial serves: of equal workload, and sustained alike. In the contract's order; `clause` is among
// them.
std::vector<const Clause*> served_together(const Contract& contract, const Clause& clause);
// Judged blocks of the trial that serves `clause`: as many as the most demanding of its clauses wants. Fixed here,
// before the first sample, and all its clauses are judged from all of them.
std::uint32_t judged_blocks(const Suite& suite, const Contract& contract, const Clause& clause);
// How many looks at a clause's numbers the error is split over: 2 with an extension, times 1 + reruns where
// INCONCLUSIVE may be measured again. Each look is judged at 1 - (1 - confidence) / looks. `extension` is the trial's
// own.
std::uint32_t looks(const Contract& contract, std::uint32_t extension);

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
  // Where the plug-in runs in several processes: what starts them, absolute path first, and how many there must be.
  // geomsu-worker-mpi and its arguments are put after it. Empty and 0: one process, started by geomsu itself.
  std::vector<std::string> launcher;
  std::uint32_t ranks = 0;
};
// A reading of the site that whoever runs the inspection writes down: by which meter, by whom, when.
struct SiteReading {
  std::string key;  // "inlet_temperature"
  Quantity value;
  std::string text, meter, by, date;  // text: as written, "24.1 °C"
};
struct Site {
  std::string node;  // empty: the host's name
  std::vector<SitePlugin> plugins;
  std::vector<SiteReading> readings;
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
// The bytes of a delivery list that a contract names; nothing where there is no such file. Only who reads the contract
// from a file or from a bundle knows where to look.
using ReadList = std::function<std::optional<std::string>(const std::string& path)>;
Loaded<Contract> parse_contract(std::string_view yaml, const std::string& name, const Suite* suite,
                                const SheetLibrary* sheets, BoundExists bound_exists, const ReadList& read_list = {});

}  // namespace geomsu
