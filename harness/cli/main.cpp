// geomsu: what was delivered, measured and judged against the contract.
//
//   contract.yaml + suite.yaml
//        |  validate        contract/   every mistake at once
//        v
//   Plan    plan            measure/    which trials, on which units, how many blocks; hashed before the first sample
//        |
//        v  run             measure/    one worker a device (worker/, protocol/), all started at one instant
//   Evidence                evidence/   raw numbers, written as they come, sealed by hashes
//        |
//        v  judge  verify   judge/      bounds of stats/, figures per won of money/
//   Verdict
//        |
//        v  report          reports/exporters/
//   report.html  report.json  junit.xml  and the table on the terminal
//
// Each verb is one file of this folder; verbs.cpp lists them.
#include "harness/cli/app.hpp"

int main(int argc, char** argv) { return geomsu::cli::run_app(argc, argv); }
