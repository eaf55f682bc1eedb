#include "tests/cuda_emulation/runtime/tests/emulated_run.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace geomsu::emulation {
namespace {

// A folder that goes with its owner.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "geomsu-emulated-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

[[noreturn]] void become(const Run& run, const std::string& library, const std::string& folder, int output) {
  setenv("LD_LIBRARY_PATH", folder.c_str(), 1);
  unsetenv("CUDA_VISIBLE_DEVICES");
  for (const auto& [name, value] : run.environment) setenv(name.c_str(), value.c_str(), 1);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  alarm(60);  // a scenario that hangs is a failure, not a wait
  execl(GEOMSU_RUN_SCENARIO, GEOMSU_RUN_SCENARIO, library.c_str(), run.scenario.c_str(), nullptr);
  _exit(127);
}

}  // namespace

const char* const kTestNode = R"(
driver: 13010
devices:
  - count: 2
    name: Test GPU
    compute: "9.0"
    multiprocessors: 4
    memory: 1048576
    l2: 65536
    pci: "0000:1b:00.0"
    peers: all
)";

Outcome run_emulated(const Run& run) {
  const Folder folder;
  std::filesystem::create_symlink(GEOMSU_EMULATED_RUNTIME, folder.path() / "libcudart.so.13");
  const bool own_node = run.yaml.find("devices:") != std::string::npos || run.yaml.find("node:") != std::string::npos;
  std::ofstream(folder.path() / "emulation.yaml") << (own_node ? "" : kTestNode) << run.yaml << "\n";
  const std::string library = run.library.empty() ? GEOMSU_SCENARIOS : run.library;
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) become(run, library, folder.path().string(), ends[1]);
  close(ends[1]);
  Outcome out;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    out.words.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) out.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
  return out;
}

}  // namespace geomsu::emulation
