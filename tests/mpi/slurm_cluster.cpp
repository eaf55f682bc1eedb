#include "tests/mpi/slurm_cluster.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/run/processes.hpp"

namespace geomsu::test {
namespace fs = std::filesystem;
namespace {

constexpr int kNodes = 4;
constexpr std::array kPrograms = {"/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd",
                                  "/usr/bin/salloc",  "/usr/bin/srun",       "/usr/bin/mpirun"};

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string host() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  const std::string all = name.data();
  return all.substr(0, all.find('.'));
}

bool within(int seconds, const std::function<bool()>& done) {
  for (int turn = 0; turn < seconds * 20; ++turn) {
    if (done()) return true;
    ::usleep(50'000);
  }
  return done();
}

}  // namespace

std::string SlurmCluster::missing() {
  std::string names;
  for (const char* program : kPrograms) {
    if (!fs::exists(program)) names += fmt::format("{}{}", names.empty() ? "" : ", ", program);
  }
  return names;
}

// Ports by our own pid, so that two tests at once do not meet; a port that is taken makes the daemon say so.
std::string SlurmCluster::conf_text() const {
  const std::string dir = dir_.path().string(), name = host();
  const int base = 20000 + (::getpid() % 1500) * 8;
  return fmt::format(
      "ClusterName=t\nSlurmctldHost={1}(127.0.0.1)\nSlurmUser=root\nAuthType=auth/munge\n"
      "AuthInfo=socket={0}/munge.sock\nSlurmctldPidFile={0}/ctld.pid\nSlurmdPidFile={0}/slurmd-%n.pid\n"
      "SlurmdSpoolDir={0}/spool-%n\nStateSaveLocation={0}/state\nSlurmctldLogFile={0}/ctld.log\n"
      "SlurmdLogFile={0}/slurmd-%n.log\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n"
      "SchedulerType=sched/backfill\nSelectType=select/cons_tres\nMpiDefault=none\nReturnToService=2\n"
      "SlurmctldPort={2}\nNodeName=n[1-{3}] NodeHostname={1} NodeAddr=127.0.0.1 Port=[{4}-{5}] CPUs=2 "
      "RealMemory=500\nPartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n",
      dir, name, base, kNodes, base + 1, base + kNodes);
}

SlurmCluster::SlurmCluster() { begin(); }

void SlurmCluster::begin() {
  if (const std::string none = missing(); !none.empty()) {
    why_not_ = fmt::format("not installed: {}; install slurm-wlm, munge and openmpi-bin", none);
    return;
  }
  if (::geteuid() != 0) {
    why_not_ = "slurmctld and slurmd are started as root here, and this is not root";
    return;
  }
  const fs::path dir = dir_.path();
  fs::permissions(dir, fs::perms::owner_all | fs::perms::group_exec | fs::perms::group_read | fs::perms::others_exec |
                           fs::perms::others_read);
  for (const char* folder : {"state", "spool-n1", "spool-n2", "spool-n3", "spool-n4"})
    fs::create_directory(dir / folder);
  dir_.file("munge.key", text_of("/proc/sys/kernel/random/uuid") + text_of("/proc/sys/kernel/random/uuid"));
  fs::permissions(dir / "munge.key", fs::perms::owner_read);
  const std::string conf = dir_.file("slurm.conf", conf_text()).string();
  ::setenv("SLURM_CONF", conf.c_str(), 1);
  start({"/usr/sbin/munged", "--foreground", "--force", "--socket", (dir / "munge.sock").string(), "--key-file",
         (dir / "munge.key").string(), "--pid-file", (dir / "munged.pid").string(), "--seed-file",
         (dir / "munge.seed").string(), "--log-file", (dir / "munged.log").string()},
        "munged.out");
  if (!within(5, [&] { return fs::exists(dir / "munge.sock"); })) {
    why_not_ = "munged did not start: " + log_tail();
    return;
  }
  start({"/usr/sbin/slurmctld", "-D", "-f", conf}, "ctld.out");
  for (int node = 1; node <= kNodes; ++node) {
    start({"/usr/sbin/slurmd", "-D", "-N", fmt::format("n{}", node), "-f", conf}, fmt::format("slurmd-n{}.out", node));
  }
  const auto idle = [&] {
    std::array<char, 256> line{};
    std::string all;
    FILE* sinfo = ::popen("sinfo -h -t idle -o %D 2>/dev/null", "r");
    if (sinfo == nullptr) return false;
    while (std::fgets(line.data(), line.size(), sinfo) != nullptr) all += line.data();
    ::pclose(sinfo);
    return std::atoi(all.c_str()) == kNodes;
  };
  if (!within(30, idle)) why_not_ = "the nodes did not become idle: " + log_tail();
}

pid_t SlurmCluster::start(const std::vector<std::string>& argv, const std::string& log) {
  std::vector<std::string> words = argv;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::string path = (dir_.path() / log).string();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    const int out = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  daemons_.push_back(pid);
  return pid;
}

void SlurmCluster::enter_allocation() {
  start({"/usr/bin/salloc", "-N4", "--kill-command=TERM", "/bin/sh", "-c",
         "env > \"$0\".new; mv \"$0\".new \"$0\"; exec sleep 600", (dir_.path() / "allocation").string()},
        "salloc.out");
  if (!within(20, [&] { return fs::exists(dir_.path() / "allocation"); })) {
    why_not_ = "no allocation of four nodes came: " + log_tail();
    return;
  }
  std::ifstream settings(dir_.path() / "allocation");
  for (std::string line; std::getline(settings, line);) {
    const std::size_t equals = line.find('=');
    if (line.starts_with("SLURM") && equals != std::string::npos) {
      ::setenv(line.substr(0, equals).c_str(), line.substr(equals + 1).c_str(), 1);
    }
  }
}

std::string SlurmCluster::log_tail() const {
  std::string tails;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(dir_.path(), failed)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".log") && !name.ends_with(".out")) continue;
    const std::string text = text_of(entry.path());
    tails += fmt::format("\n{}: {}", name, text.substr(text.size() > 500 ? text.size() - 500 : 0));
  }
  return tails;
}

SlurmCluster::~SlurmCluster() {
  // The allocation first, then nodes, the controller and munge; what does not heed SIGTERM is killed.
  for (auto pid = daemons_.rbegin(); pid != daemons_.rend(); ++pid) {
    ::kill(*pid, SIGTERM);
    if (!within(10, [&] { return ::waitpid(*pid, nullptr, WNOHANG) != 0; })) {
      ::kill(*pid, SIGKILL);
      ::waitpid(*pid, nullptr, 0);
      ADD_FAILURE() << "daemon " << *pid << " did not end on SIGTERM" << log_tail();
    }
  }
  std::vector<std::string> names;
  for (char** setting = environ; *setting != nullptr; ++setting) {
    const std::string text = *setting;
    if (text.starts_with("SLURM")) names.push_back(text.substr(0, text.find('=')));
  }
  for (const std::string& name : names) ::unsetenv(name.c_str());
}

}  // namespace geomsu::test
