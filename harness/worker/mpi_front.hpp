// Rank 0 towards the supervisor: lines in, every process asked, one answer out; telemetry of all beside them. On a
// thread of its own, so that it can still say who is silent where its own process's session hangs too.
#pragma once

#include <cstdint>

#include "harness/worker/line_queue.hpp"
#include "harness/worker/line_writer.hpp"
#include "harness/worker/mpi_link.hpp"

namespace geomsu::worker {

struct FrontEnd {
  int status = 0;        // the worker's exit status
  bool in_order = true;  // false: processes are silent, nothing may be waited for; end the job at once
};

// Until `shutdown`, the end of the input or a reader that is gone. A process that has not answered patience_ns after it
// was asked (beyond the time that the request itself takes) is named in an answer of status timeout, and nothing more
// is asked of any.
FrontEnd run_front(Link& link, LineQueue& in, LineWriter& out, std::int64_t patience_ns);

}  // namespace geomsu::worker
