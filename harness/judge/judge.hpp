// contract + evidence -> verdict. Pure: no clock, no files, no locale, no order of units or threads can change a byte.
//
// A clause on a unit, in this order; the first that applies decides:
//   unit of the delivery list not found                      NOT_RUN       not found
//   no finished trial                                        NOT_RUN       not measured
//   an attempt left out                                      INVALID       not measured
//   unsupported                                              FAIL, or NOT_APPLICABLE where the clause allows it, or
//                                                            where a transfer's peer is the unit itself
//   out of memory, lost, timeout, worker died                INVALID       device error (says nothing of speed)
//   a verification failed                                    FAIL          wrong answer
//   nothing was verified                                     INVALID       not measured
//   software or settings other than the contract's           INVALID       precondition
//   blocks or work other than planned                        INVALID       not measured
//   clock audit broken; times that are not the clocks'       INVALID       clock
//   begun over 1 ms late, or before, beside others           INVALID       late start
//   others used an `exclusive` device                        INVALID       foreign load (else a finding)
//   faster than the part can be                              INVALID       over peak
//   blocks depend on each other, sessions differ             INCONCLUSIVE  dependent (min and max keep what they are)
//   bounds within the bar / wholly beyond it / straddling    PASS / FAIL too slow / INCONCLUSIVE undecided
// What is undecided is FAIL where the clause says reject. Broken trials carry their own reason (kernels/SECURITY.md).
// An undecided first look goes on to the second, at the planned blocks and the extension pooled, where it was measured;
// each look is judged at 1 - (1 - confidence) / looks. Then, in this order, and outcomes only worsen from the second
// on:
//   Holm over the unit's own clauses: a FAIL too slow that is none there is undecided (holm_family.hpp)
//   site limits, racks and halls that were not measured together, outliers where the clause says so
//   nodes: a node has its weakest device's row
// The first attempt is judged, unless the contract's `reruns` let a later one stand in for it. A demonstration is said
// in the sentence; simulated evidence forces the overall verdict to INVALID, and the clauses keep what they are. Of a
// run that stopped adaptively no level is claimed and nobody is accepted. Clauses of the whole lot: lot_row.hpp.
#pragma once

#include <cstddef>
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
Verdict judge(const JudgeInput& input, Outcome at_least = Outcome::kNotApplicable);  // `at_least`: see finish()
Verdict judge(const Contract& contract, const Plan& plan, std::string_view plan_sha256, std::span<const Trial> trials);

// What the recorded host says beside the trials: accelerators on PCI that no plug-in answered for, one part under two
// names, and what plug-ins found at their start (model/device_findings.hpp). The other `judge` adds it itself.
void add_environment_findings(Verdict& verdict, const Environment& environment);

// The same from a bundle that was read: parses its own contract.yaml and suite.yaml. Error kBadData where they do not
// parse.
Verdict judge(const Evidence& evidence);
// One node of a large delivery: over so many units of the list stand on other nodes. Its verdict is on its own units
// alone, and never green; else each node's verdict would spell out the whole delivery.
inline constexpr std::ptrdiff_t kSpelledOut = 1000;
bool is_one_of_many(const Contract& contract, const Plan& plan);
// The same where contract and suite were parsed before, from the bytes that the evidence has.
Verdict judge(const Evidence& evidence, const Contract& contract, const Suite& suite, bool one_of_many);

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
