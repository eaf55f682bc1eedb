// The descendants of a process, as the kernel lists them.
#pragma once

#include <vector>

#include <sys/types.h>

namespace geomsu {

// Children of `parent`, theirs and so on. Empty where the kernel keeps no lists (CONFIG_PROC_CHILDREN). A launcher puts
// its processes into groups of their own, so a signal to its group does not reach them: find them before it dies.
std::vector<pid_t> process_tree(pid_t parent);

}  // namespace geomsu
