#include "tests/run/program.hpp"

#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.hpp"

extern char** environ;

namespace geomsu::test {
namespace fs = std::filesystem;
namespace {

constexpr unsigned long kCapDacOverride = 1, kCapDacReadSearch = 2;  // linux/capability.h

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char* const* argv, char* const* envp, const char* output, const ProgramOptions& options) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  if (options.file_size_limit) {
    const rlimit limit{*options.file_size_limit, *options.file_size_limit};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, SIG_IGN);
  }
  if (options.obey_permissions) {
    ::prctl(PR_CAPBSET_DROP, kCapDacOverride, 0, 0, 0);
    ::prctl(PR_CAPBSET_DROP, kCapDacReadSearch, 0, 0, 0);
  }
  ::execve(argv[0], argv, envp);
  ::_exit(127);
}

}  // namespace

Program::Program(const std::vector<std::string>& argv, const fs::path& output_dir, const ProgramOptions& options)
    : output_(output_dir / "output.txt") {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t cut = text.find('=');
    if (cut != std::string::npos) environment[text.substr(0, cut)] = text.substr(cut + 1);
  }
  environment["HOME"] = environment["XDG_CONFIG_HOME"] = output_dir.string();  // nobody's own configuration
  environment["LC_ALL"] = "C.UTF-8";
  for (const auto& [name, value] : options.environment) environment[name] = value;
  std::vector<std::string> words = argv, settings;
  for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
  std::vector<char*> arguments, variables;
  for (std::string& word : words) arguments.push_back(word.data());
  for (std::string& setting : settings) variables.push_back(setting.data());
  arguments.push_back(nullptr);
  variables.push_back(nullptr);
  const std::string output = output_.string();
  pid_ = ::fork();
  if (pid_ == 0) become(arguments.data(), variables.data(), output.c_str(), options);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
}

Program::~Program() {
  if (status_) return;
  ::kill(pid_, SIGKILL);
  wait();
}

bool Program::ended() {
  if (status_) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

int Program::wait() {
  int status = 0;
  while (!status_) {
    if (::waitpid(pid_, &status, 0) == pid_) {
      status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    } else if (errno != EINTR) {
      throw std::runtime_error("cannot wait");
    }
  }
  return *status_;
}

void Program::signal(int number) {
  if (!status_) ::kill(pid_, number);
}

std::string Program::output() const { return read_file(output_); }

CommandLine::CommandLine(const std::string& script, const std::string& contract, const std::string& suite) {
  scratch_.file("script.yaml", script);
  scratch_.file("contract.yaml", contract);
  scratch_.file("suite.yaml", suite);
}

std::vector<std::string> CommandLine::geomsu(const std::vector<std::string>& words) const {
  std::vector<std::string> argv{geomsu_program().string()};
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

std::vector<std::string> CommandLine::with_site(std::vector<std::string> words) const {
  for (const std::string& word : {std::string("--backend"), std::string("fake"), std::string("--param"),
                                  "fake.script=" + (scratch_.path() / "script.yaml").string()}) {
    words.push_back(word);
  }
  return geomsu(words);
}

std::vector<std::string> CommandLine::run() const {
  return with_site({"run", (scratch_.path() / "contract.yaml").string(), "--suite",
                    (scratch_.path() / "suite.yaml").string(), "-o", bundle().string()});
}

std::vector<std::string> CommandLine::resume() const { return with_site({"run", "--resume", bundle().string()}); }

}  // namespace geomsu::test
