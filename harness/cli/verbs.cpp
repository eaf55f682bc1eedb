#include "harness/cli/verbs.hpp"

namespace geomsu::cli {
namespace {

constexpr Verb kVerbs[] = {
    {"devices", "Show what can be measured here, and what was left out and why",
     "Starts a worker for each plug-in of the site, asks what devices it has, and ends it. Nothing is\n"
     "measured.\n\n"
     "Examples:\n"
     "  geomsu devices                        # what a run without further flags would measure\n"
     "  geomsu devices --all                  # with the plug-ins that do not serve, and their reasons\n"
     "  geomsu devices --cpu-devices 2        # the processor split into two devices",
     declare_devices, true},
    {"validate", "Check contracts, suites, sites and sheets; name every mistake at once",
     "Each mistake is told as file:line:column, what, why, and what next. Nothing is measured.\n"
     "Exit status: 0 no error (warnings may stand), 65 an error, 66 a file is missing.\n\n"
     "Examples:\n"
     "  geomsu validate contract.yaml\n"
     "  geomsu validate --json contract.yaml  # for an editor",
     declare_validate, false},
    {"init", "Write the draft of a contract from the device sheets, with its comments",
     "A median and a p05 clause for each throughput whose dense peak the sheet is sure of; what it does\n"
     "not know is listed, and nothing is made up for it. What only the parties know is the word TODO,\n"
     "and `geomsu validate` refuses the draft until every one of them is replaced.\n\n"
     "Examples:\n"
     "  geomsu init --sku h100-sxm -o contract.yaml\n"
     "  geomsu init --sku h100-sxm --sku h200-sxm     # a delivery of two parts, to stdout",
     declare_init, false},
    {"contract", "Say in words what changed from one contract to another",
     "What is worse for the buyer comes first, then what cannot be said to go either way, then what is\n"
     "better. Comments, the order of keys and of units are no change.\n"
     "Exit status: 0 they say the same, 1 they differ, 65 one cannot be used, 66 a file is missing.\n\n"
     "Examples:\n"
     "  geomsu contract diff signed.yaml amended.yaml\n"
     "  geomsu contract diff --json signed.yaml amended.yaml",
     declare_contract, false},
    {"plan", "Show what a run would measure, in which order, and how long it takes",
     "Reads the contract, looks for the devices, and prints the plan. Nothing is measured.\n\n"
     "Examples:\n"
     "  geomsu plan contract.yaml\n"
     "  geomsu plan contract.yaml -o plan.json",
     declare_plan, true},
    {"draw", "Draw who of a lot is looked at, so that nobody can choose them",
     "Steps: `plan` prints the plan and how probably it accepts a lot with so many nonconforming nodes;\n"
     "`commit` hashes the list of nodes after delivery, before the buyer's secret is opened; `open` draws\n"
     "by the secret, the supplier's nonce and a value that became public after delivery; `show` makes a\n"
     "draw again from its parts and prints who is drawn. A file is never written over.\n\n"
     "Without geomsu: seed = sha256sum of the five lines `geomsu draw 1`, secret, nonce, public value and\n"
     "its date; word i = the first 16 digits of sha256sum of the line `SEED i`, i = 0, 1, 2 ...; for\n"
     "j = 0 .. n-1, with m = lot - j, take words until one is under the largest multiple of m within 2^64,\n"
     "and swap item j of the sorted list with item j + word mod m: the first n are drawn, in that order.\n\n"
     "Examples:\n"
     "  geomsu draw commit --new-secret buyer.secret   # before delivery: its hash goes into the contract\n"
     "  geomsu draw plan contract.yaml                 # with --csv as data\n"
     "  geomsu draw commit contract.yaml -o commitment.json\n"
     "  geomsu draw open commitment.json --secret buyer.secret --nonce 7421 \\\n"
     "      --public \"0012 8450 3311\" --public-date 2026-04-02 -o draw.json\n"
     "  geomsu draw show draw.json",
     declare_draw, false},
    {"run", "Measure the delivered devices, judge them and write the report",
     "Contract -> plan -> measurement -> evidence -> verdict -> report. Raw numbers are on the disk as\n"
     "they come: a run that is interrupted (Ctrl-C, a crash, a power cut) goes on with --resume.\n"
     "Exit status: 0 every clause passed, 1 a clause failed, 2 something is open; 64 and above: no\n"
     "verdict was reached (see geomsu --help).\n\n"
     "Examples:\n"
     "  geomsu run contract.yaml              # writes geomsu-bundle-<contract>-<UTC>/ and ....report/\n"
     "  geomsu run contract.yaml -o evidence  # into a directory of your choice\n"
     "  geomsu run --resume evidence          # go on after an interruption\n"
     "  geomsu run contract.yaml --only t002 --unit node1/SERIAL   # repeat one trial on one unit",
     declare_run, true},
    {"judge", "Judge a bundle, or a lot of bundles, again from its raw numbers",
     "Needs no device. Never writes into the bundle: the verdict goes to stdout or to --out. A directory\n"
     "that has bundles beneath it is a lot: all of them are judged together. A bundle of a lot that is\n"
     "damaged, unsealed or of another contract makes its node INVALID; it is never left out.\n"
     "Exit status: the verdict's (0, 1, 2); 65 the bundle is damaged, 66 there is none.\n\n"
     "Examples:\n"
     "  geomsu judge evidence\n"
     "  geomsu judge evidence --out verdict.json\n"
     "  geomsu judge tranche-1 --contract contract.yaml\n"
     "  geomsu judge tranche-1 --out verdict        # a folder: verdict.json, every row in verdict.jsonl",
     declare_judge, false},
    {"report", "Write report.html, report.json and junit.xml of a bundle or a lot",
     "Needs no device. Writes into DIR.report/ or the directory of -o, never into the bundle.\n\n"
     "Examples:\n"
     "  geomsu report evidence\n"
     "  geomsu report evidence -o /tmp/report",
     declare_report, false},
    {"verify", "Check that bundles are whole and their verdicts follow from the numbers",
     "Hashes, rows, plan hash, then the verdict recomputed and compared byte for byte. Needs no device\n"
     "and no network.\n"
     "Exit status: 0 it holds, 2 outcomes differ under newer rules, 65 it does not hold, 66 there is no\n"
     "bundle.\n\n"
     "Example:\n"
     "  geomsu verify evidence",
     declare_verify, false},
    {"conform", "Try every rule of the boundary on a plug-in or an adapter",
     "Each rule is tried in a process of its own; where one fails, those that rest on it are not run.\n"
     "Exit status: 0 every rule that applies holds, 1 a rule failed, 2 none failed but one was not run;\n"
     "64 and above: the rules could not be tried.\n\n"
     "Examples:\n"
     "  geomsu conform build/geomsu_acme.so\n"
     "  geomsu conform --param devices=2 build/geomsu_acme.so\n"
     "  geomsu conform --junit conform.xml -- python3 acme_adapter.py --card 0\n"
     "  geomsu conform --list",
     declare_conform, false},
    {"cost", "What a delivery costs over its years, and what it gives per won",
     "Purchase and rental side by side: purchase, electricity, hosting, maintenance, residual value,\n"
     "discounted; each line with its working, rule and source. Exact; whole won; nothing is measured.\n\n"
     "Examples:\n"
     "  geomsu cost example-buy-or-rent --lang ko\n"
     "  geomsu cost sheet.yaml --json         # fractions as exact text, won as whole numbers",
     declare_cost, false},
    {"settle", "What is to be paid: damages for delay, shortfalls, what is withheld",
     "Adds up to the won, each line with its working, rule and source. Statutory rates, caps and\n"
     "rulings are data of configs/law with their dates. Nothing here is legal advice.\n\n"
     "Examples:\n"
     "  geomsu settle example-tranche --lang ko\n"
     "  geomsu settle sheet.yaml --json",
     declare_settle, false},
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

}  // namespace geomsu::cli
