// A Slurm of this test's own: four slurmd on this host, each a node, on ports of the loopback; gone with its object.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/run/scratch_dir.hpp"

namespace geomsu::test {

class SlurmCluster {
 public:
  SlurmCluster();   // starts it; why_not() says where it could not
  ~SlurmCluster();  // ends every daemon that it started, by its id
  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  static std::string missing();  // the programs that are not installed; empty where all are
  const std::string& why_not() const { return why_not_; }
  // Puts the environment of an allocation of all four nodes into this process, and holds it until the end.
  void enter_allocation();
  std::string log_tail() const;  // of all daemons, for a failure's words

 private:
  pid_t start(const std::vector<std::string>& argv, const std::string& log);
  void begin();
  std::string conf_text() const;

  ScratchDir dir_;
  std::string why_not_;
  std::vector<pid_t> daemons_;  // in the order of their start
};

}  // namespace geomsu::test
