// The worker's loop: lines in, a session, lines out; the load between requests; telemetry at 10 Hz beside them.
#pragma once

#include "harness/worker/session.hpp"

namespace geomsu::worker {

// Serves until `shutdown`, the end of the input, or a reader that is gone: all three are orderly and give 0. Gives 65
// where a line was over the limit, since nothing after it can be trusted. The calling thread is the plug-in's
// submission thread. The session outlives the call, so that the caller decides whether it is torn down
// (Session::wedged).
int serve(int input, int output, Session& session);

}  // namespace geomsu::worker
