#include "harness/cli/signals.hpp"

#include <csignal>

namespace geomsu::cli {
namespace {

// A handler can reach nothing but what has static storage. Lock-free, hence async-signal-safe.
std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void on_interrupt(int) { g_interrupted.store(true); }

void handle(int number, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

}  // namespace

Signals::Signals() {
  g_interrupted.store(false);
  handle(SIGINT, on_interrupt, static_cast<int>(SA_RESETHAND));
  handle(SIGTERM, on_interrupt, static_cast<int>(SA_RESETHAND));
  handle(SIGPIPE, SIG_IGN, 0);
}

Signals::~Signals() {
  handle(SIGINT, SIG_DFL, 0);
  handle(SIGTERM, SIG_DFL, 0);
}

std::atomic<bool>& Signals::interrupted() { return g_interrupted; }

}  // namespace geomsu::cli
