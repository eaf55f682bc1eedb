#include "tests/unit/worker/child.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.hpp"

namespace geomsu::worker::test {
using namespace protocol;

namespace {
constexpr int kPatienceMs = 60'000;
}

Child::Child(const std::vector<std::string>& command) {
  std::array<int, 2> down{}, up{};
  if (pipe2(down.data(), O_CLOEXEC) != 0 || pipe2(up.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  errors_path_ = (std::filesystem::temp_directory_path() / "geomsu-stderr-XXXXXX").string();
  const int errors = mkostemp(errors_path_.data(), O_CLOEXEC);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  close(errors);
  input_ = down[1];
  output_ = up[0];
}

Child::~Child() {
  close_input();
  close(output_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  unlink(errors_path_.c_str());
}

void Child::close_input() {
  if (input_ >= 0) close(input_);
  input_ = -1;
}

void Child::send(const std::string& line) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = write(input_, rest.data(), rest.size());
    if (written <= 0) return;  // it is gone; the test sees that by its answers
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::optional<std::string> Child::line() {
  while (true) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string found = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return found;
    }
    pollfd waiting = {output_, POLLIN, 0};
    if (poll(&waiting, 1, kPatienceMs) <= 0) return std::nullopt;
    std::array<char, 65536> bytes{};
    const ssize_t got = read(output_, bytes.data(), bytes.size());
    if (got <= 0) return std::nullopt;
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

Result Child::ask(const Request& request) {
  const std::int64_t id = next_id_++;
  send(encode_request(id, request) + "\n");
  while (auto text = line()) {
    const auto decoded = decode_line(*text, request.index(), id);
    if (std::holds_alternative<Notification>(decoded)) {
      ++notifications_;
      continue;
    }
    if (const auto* reply = std::get_if<Reply>(&decoded)) {
      if (const auto* result = std::get_if<Result>(&reply->body)) return *result;
    }
    ADD_FAILURE() << method(request) << " was answered: " << text->substr(0, 400);
    return {};
  }
  ADD_FAILURE() << method(request) << " was not answered; stderr: " << errors();
  return {};
}

int Child::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

std::string Child::errors() { return read_file(errors_path_); }

}  // namespace geomsu::worker::test
