// contract + evidence -> verdict. Pure: no clock, no files, no locale, no order of units or threads can change a byte.
//
// A clause on a unit, in this order; the first that applies decides:
//   unit of the delivery list not found        NOT_RUN       not found
//   no finished trial                          NOT_RUN       not measured
//   unsupported                                FAIL, or NOT_APPLICABLE where the clause allows it, or where a
//                                              transfer's peer is the unit itself
//   out of memory, lost, timeout, worker died  INVALID       device error (a measurement that broke says nothing of
//   speed) a verification failed                      FAIL          wrong answer (a device that computes wrong is not
//   as contracted) nothing was verified; blocks or work other than planned       INVALID  not measured clock audit
//   broken; judged times that are not the clocks'     INVALID  clock begun over 1 ms late, or before, beside others
//   INVALID  late start others used an `exclusive` device          INVALID       foreign load (else a finding) bounds
//   within the bar / beyond it          PASS / FAIL   too slow bounds straddle the bar                    INCONCLUSIVE
//   undecided; FAIL undecided where the clause says reject
// Broken trials carry their own reason: early start, answered late, replay time, host compute (kernels/SECURITY.md).
// The first finished attempt is judged; later ones supersede nothing and are findings. A node has its weakest device's
// row. A demonstration is said in the sentence; simulated evidence forces the overall verdict to INVALID, and the
// clauses keep what they are. A sustained clause whose blocks depend on each other (lag-1 autocorrelation over 0.2) or
// whose sessions differ (Kruskal-Wallis p < 0.01) is INCONCLUSIVE, dependent, wherever its bounds lie; but min and max
// are observed extremes and keep what they are. Of a run that stopped adaptively no level is claimed and nobody is
// accepted. Not here yet: extensions (second looks), Holm over a unit's clauses, sampling.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/contract/contract.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/model/environment.hpp"
#include "harness/model/report.hpp"
#include "harness/model/verdict.hpp"

namespace geomsu {

// The one bundle of judgement.hpp, judged as a lot of its own.
struct JudgeInput;
Verdict judge(const JudgeInput& input);
Verdict judge(const Contract& contract, const Plan& plan, std::string_view plan_sha256, std::span<const Trial> trials);

// What the recorded host says beside the trials: accelerators on PCI that no plug-in answered for, one part under two
// names, and what plug-ins found at their start (model/device_findings.hpp). The other `judge` adds it itself.
void add_environment_findings(Verdict& verdict, const Environment& environment);

// The same from a bundle that was read: parses its own contract.yaml and suite.yaml. Error kBadData where they do not
// parse.
Verdict judge(const Evidence& evidence);
// The same where both were parsed before, from the bytes that the evidence has.
Verdict judge(const Evidence& evidence, const Contract& contract, const Suite& suite);

// Error kBadData where the plan's samples are not those that suite and contract fix: nobody has planned fewer, or an
// early stop, beside them.
void check_plan(const Evidence& evidence, const Suite& suite, const Contract& contract);
// Contract and suite of a bundle. Error kBadData, naming the file beneath evidence.path, where one does not parse.
struct Terms {
  Contract contract;
  Suite suite;
};
Terms read_terms(const Evidence& evidence);

Report make_report(const Evidence& evidence, const Verdict& verdict);

// What `geomsu verify` says. `lines` name each step and what it found.
struct Verification {
  bool ok = false;
  int exit_code = 0;  // 0, 2 (outcomes differ under newer rules), 65 (bad data)
  std::vector<std::string> lines;
};
// Hashes and rows (by the reader), plan hash, then the verdict recomputed from raw rows and compared byte for byte.
Verification verify(const std::filesystem::path& dir);
// The same of every bundle of a lot; those that do not hold are told, and then what the lot says. 0 threads: as many as
// the machine has.
Verification verify_lot(const std::filesystem::path& dir, unsigned threads = 0);

// For parse_contract: whether the order-statistic bounds of stats/ exist.
bool bound_exists(std::string_view statistic, std::uint32_t n, double confidence, std::uint32_t* needed_n);

}  // namespace geomsu
