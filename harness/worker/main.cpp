// geomsu-worker: one plug-in, one session. The process is prepared before any vendor code is loaded into it.
#include <cstdio>
#include <exception>
#include <memory>

#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/worker/abi_rules.hpp"
#include "harness/worker/line_writer.hpp"
#include "harness/worker/options.hpp"
#include "harness/worker/plugin_library.hpp"
#include "harness/worker/process.hpp"
#include "harness/worker/server.hpp"
#include "harness/worker/session.hpp"

int main(int argc, char** argv) {
  using namespace geomsu;
  try {
    std::string text;
    const auto options = worker::parse_options({argv + 1, argv + argc}, text);
    std::fputs(text.c_str(), stdout);
    if (!options) return 0;
    worker::tie_to_parent();
    const worker::Channel channel = worker::take_over_stdio();
    if (!options->abi_rule.empty()) {
      const auto verdict = worker::run_abi_rule(options->abi_rule, options->plugin, options->params);
      return worker::LineWriter(channel.output).write(worker::abi_verdict_line(verdict))
                 ? 0
                 : static_cast<int>(ErrorCode::kIo);
    }
    auto session = std::make_unique<worker::Session>(worker::load_plugin(options->plugin), options->params);
    const int status = worker::serve(channel.input, channel.output, *session);
    if (session->wedged()) _exit(status);  // vendor threads still run: nothing may be destroyed under them
    session.reset();
    return status;
  } catch (const Error& error) {
    std::fprintf(stderr, "geomsu-worker: %s\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "geomsu-worker: %s\n", error.what());
    return static_cast<int>(ErrorCode::kInternal);
  }
}
