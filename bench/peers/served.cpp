#include "bench/peers/served.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/text.hpp"

namespace geomsu::bench {
namespace {

constexpr std::int64_t kPatienceNs = 600'000'000'000;
constexpr std::size_t kLongestLine = 64u << 10;
constexpr std::string_view kReady = "ready ", kLeftOut = "left out: ", kFailed = "failed: ", kNs = "ns ";

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

[[noreturn]] void unavailable(const std::string& reason) { throw Error(ErrorCode::kUnavailable, reason); }

}  // namespace

void serve_side(const std::function<std::unique_ptr<Side>()>& make, std::istream& in, std::ostream& out) {
  std::unique_ptr<Side> side;
  try {
    side = make();
  } catch (const std::exception& error) {
    out << kLeftOut << one_line(error.what()) << std::endl;
    return;
  }
  out << kReady << side->operand_sets() << ' ' << one_line(side->words()) << std::endl;
  for (std::string line; std::getline(in, line);) {
    std::uint64_t repeats = 0;
    if (!line.starts_with("run ") || !read_number(std::string_view(line).substr(4), repeats)) {
      out << kFailed << "'" << line << "' is no 'run N'" << std::endl;
      return;
    }
    try {
      const double ns = side->block_ns(repeats);
      out << kNs << fmt::format("{}", ns) << std::endl;
    } catch (const std::exception& error) {
      out << kFailed << one_line(error.what()) << std::endl;
      return;
    }
  }
}

ServedSide::ServedSide(const std::vector<std::string>& argv) : child_(argv) {
  const std::string text = line();
  std::string_view rest = text;
  if (rest.starts_with(kLeftOut)) unavailable(std::string(rest.substr(kLeftOut.size())));
  const auto space = rest.find(' ', kReady.size());
  if (!rest.starts_with(kReady) || space == std::string_view::npos ||
      !read_number(rest.substr(kReady.size(), space - kReady.size()), operand_sets_)) {
    unavailable("its process said '" + escape_terminal(text) + "' where it should say that it is ready");
  }
  words_ = rest.substr(space + 1);
}

double ServedSide::do_block_ns(std::uint64_t repeats) {
  child_.write(fmt::format("run {}\n", repeats), real_mono_ns() + kPatienceNs);
  const std::string text = line();
  double ns = 0;
  if (text.starts_with(kFailed)) unavailable(text.substr(kFailed.size()));
  if (!text.starts_with(kNs) || !read_number(std::string_view(text).substr(kNs.size()), ns) || !(ns > 0)) {
    unavailable("its process said '" + escape_terminal(text) + "' where a time should stand");
  }
  return ns;
}

std::string ServedSide::line() {
  const std::int64_t deadline = real_mono_ns() + kPatienceNs;
  for (;;) {
    if (const auto end = pending_.find('\n'); end != std::string::npos) {
      const std::string found = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return found;
    }
    if (pending_.size() > kLongestLine) unavailable("its process wrote a line without end");
    switch (child_.read(pending_, deadline)) {
      case Child::Ready::kData:
        break;
      case Child::Ready::kTimeout:
        unavailable("its process said nothing for 600 s");
      case Child::Ready::kClosed: {
        const std::string last_words = escape_terminal(child_.take_stderr());
        unavailable("its process ended: " + child_.end_words() + (last_words.empty() ? "" : "; " + last_words));
      }
    }
  }
}

}  // namespace geomsu::bench
