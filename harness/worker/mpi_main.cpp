// geomsu-worker-mpi: one plug-in in every process of an MPI job, one session in each; rank 0 alone speaks to the
// supervisor, for all. Started by a launcher that the site file names (mpirun, srun).
#include <charconv>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/worker/mpi_front.hpp"
#include "harness/worker/mpi_link.hpp"
#include "harness/worker/mpi_rank.hpp"
#include "harness/worker/options.hpp"
#include "harness/worker/plugin_library.hpp"
#include "harness/worker/process.hpp"

namespace {
using namespace geomsu;

constexpr std::int64_t kPatienceNs = 40'000'000'000;  // below the supervisor's watchdog, so that a rank is named
constexpr unsigned kLastSeconds = 15;                 // an end in order takes no longer

// Takes `--patience SECONDS` out of the words; the rest are geomsu-worker's.
std::int64_t take_patience(std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "--patience") continue;
    int seconds = 0;
    const std::string text = i + 1 < words.size() ? words[i + 1] : "";
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 3600) {
      throw Error(ErrorCode::kUsage, "'--patience' wants seconds from 1 to 3600, and has '" + text + "'",
                  "geomsu-worker-mpi", "see geomsu-worker-mpi --help");
    }
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    return seconds * 1'000'000'000LL;
  }
  return kPatienceNs;
}

constexpr const char* kUsage =
    "usage: LAUNCHER geomsu-worker-mpi --plugin PATH.so [--param KEY=VALUE ...] [--patience SECONDS]\n"
    "\n"
    "geomsu-worker in every process of an MPI job: `mpirun -n 4 geomsu-worker-mpi --plugin ./geomsu_mpi.so`. Rank 0\n"
    "speaks the line protocol on stdin and stdout for all. A site file's `launcher:` and `ranks:` make geomsu start "
    "it.\n"
    "\n"
    "  --plugin PATH      the plug-in's shared object, at the same path on every node\n"
    "  --param KEY=VALUE  a setting of its instance; may be given again\n"
    "  --patience S       a rank that has not answered after so many seconds is named as silent; 40\n"
    "  --version, --help\n";

int run(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const std::int64_t patience_ns = take_patience(words);
  std::string text;
  const auto options = worker::parse_options(words, text);
  if (!options) {
    std::fputs(text.starts_with("usage") ? kUsage : text.c_str(), stdout);
    return 0;
  }
  if (!options->abi_rule.empty()) {
    throw Error(ErrorCode::kUsage, "'--abi-rule' is geomsu-worker's", "geomsu-worker-mpi", "run geomsu-worker");
  }
  worker::tie_to_parent();
  const worker::Channel channel = worker::take_over_stdio();
  worker::Link link(argc, argv);
  auto session = std::make_unique<worker::Session>(worker::load_plugin(options->plugin), options->params);
  int status = 0;
  std::jthread front;
  if (link.rank() == 0) {
    front = std::jthread([&] {
      worker::LineQueue in(channel.input);
      worker::LineWriter out(channel.output);
      const worker::FrontEnd end = worker::run_front(link, in, out, patience_ns);
      status = end.status;
      if (!end.in_order) link.abort(end.status == 0 ? static_cast<int>(ErrorCode::kUnavailable) : end.status);
      ::alarm(kLastSeconds);  // the launcher ends the others when this process is gone
    });
  }
  worker::run_rank(link, *session, patience_ns);
  if (front.joinable()) front.join();
  if (session->wedged()) ::_exit(status);  // vendor threads still run: nothing may be destroyed under them
  session.reset();
  link.finish();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    std::fprintf(stderr, "geomsu-worker-mpi: %s\n", error.what());
    ::_exit(static_cast<int>(error.code()));  // MPI may be up: its own end would wait for the others
  } catch (const std::exception& error) {
    std::fprintf(stderr, "geomsu-worker-mpi: %s\n", error.what());
    ::_exit(static_cast<int>(ErrorCode::kInternal));
  }
}
