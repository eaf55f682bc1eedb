// What the process must be before vendor code runs in it.
#pragma once

namespace geomsu::worker {

struct Channel {
  int input = -1, output = -1;  // the protocol's own descriptors, closed on exec
};

// Vendor libraries print to stdout and some read stdin: the protocol moves to private descriptors, descriptor 1 becomes
// stderr and 0 /dev/null. Error kIo where a descriptor cannot be had.
Channel take_over_stdio();

// Dies with its parent (the thread that started it), leaves no core dump, and a reader that is gone is an error and no
// signal.
void tie_to_parent();

}  // namespace geomsu::worker
