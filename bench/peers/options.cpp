#include "bench/peers/options.hpp"

#include <CLI/CLI.hpp>

#include "bench/inside/backend.hpp"
#include "bench/peers/compare.hpp"
#include "harness/base/error.hpp"

namespace geomsu::bench {

std::optional<PeerOptions> peer_options(int argc, char** argv, std::string& text) {
  PeerOptions options;
  CLI::App app(
      "Ours beside a library or loop called bare, in turn in one run: the ratio of their times (above 1 ours is the\n"
      "faster) is the median over pairs of blocks, with its 95 % interval. Goals are printed beside, not judged.\n"
      "Exit status: 0 something was compared and nothing broke; 1 a side broke midway; 2 nothing was compared; 64 "
      "usage.",
      "geomsu-bench-peers");
  app.add_option("--filter", options.filter, "regular expression: only pairs whose name holds it");
  app.add_flag("--list", options.list, "names the pairs and ends");
  app.add_option("--pairs", options.pairs, "pairs of blocks, default 31")->check(CLI::Range(kFewestPairs, 100'000ul));
  app.add_option("--block-ms", options.block_ms, "what a block lasts at least, default 200")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "of the order in which sides take turns; drawn where left out");
  app.add_option("--json", options.json, "writes everything, each sample too, to this file");
  app.add_option("--plugin", options.plugin, "our plug-in; left out: geomsu_cpu.so with all cores as one device");
  app.add_option("--param", options.params, "setting key=value of the plug-in; may stand several times")
      ->allow_extra_args(false);
  app.add_option("--worker", options.worker, "geomsu-worker; left out: the one beside this program");
  app.add_option("--openblas", options.openblas, "path of the peer's libopenblas.so.0");
  app.add_option("--onednn", options.onednn, "path of the peer's libdnnl.so.2");
  app.add_option("--serve", options.serve)->group("");
  app.add_option("--pair", options.pair)->group("");
  app.add_option("--sets", options.sets)->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    text = app.help();
    return std::nullopt;
  } catch (const CLI::Error& error) {
    throw Error(ErrorCode::kUsage, error.what(), "command line", "see --help");
  }
  if (options.plugin.empty()) {
    options.plugin = (backend_folder() / "geomsu_cpu.so").string();
    if (options.params.empty()) options.params = {"devices=1"};
  }
  if (options.worker.empty()) options.worker = worker_program().string();
  return options;
}

}  // namespace geomsu::bench
