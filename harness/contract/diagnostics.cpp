#include "harness/contract/diagnostics.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "harness/base/text.hpp"

namespace geomsu {

std::string Diagnostic::text() const {
  const std::string_view kind = severity == Severity::kError ? "error" : "warning";
  std::string line_text = fmt::format("{}:{}:{}: {}: {}", escape_terminal(file), line, column, kind, what);
  if (!why.empty()) line_text += ": " + why;
  if (!next.empty()) line_text += "\n  next: " + next;
  return line_text;
}

void Diagnostics::add(Diagnostic::Severity severity, Mark at, std::string what, Advice advice) {
  list_.push_back(
      {severity, file_, at.line, at.column, std::move(what), std::move(advice.why), std::move(advice.next)});
}

void Diagnostics::error(Mark at, std::string what, Advice advice) {
  add(Diagnostic::Severity::kError, at, std::move(what), std::move(advice));
}

void Diagnostics::warning(Mark at, std::string what, Advice advice) {
  add(Diagnostic::Severity::kWarning, at, std::move(what), std::move(advice));
}

void Diagnostics::append(const Diagnostics& other) {
  list_.insert(list_.end(), other.list_.begin(), other.list_.end());
}

void Diagnostics::append_clipped(const Diagnostics& other, std::size_t most) {
  const std::vector<Diagnostic> all = other.sorted();
  const std::size_t kept = std::min(most, all.size());
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(kept);
  const auto is_error = [](const Diagnostic& item) { return item.severity == Diagnostic::Severity::kError; };
  list_.insert(list_.end(), all.begin(), end);
  if (kept == all.size()) return;
  const bool bad = std::any_of(end, all.end(), is_error);
  list_.push_back({bad ? Diagnostic::Severity::kError : Diagnostic::Severity::kWarning, other.file_, end->line,
                   end->column, fmt::format("and {} more of this file, from here on", all.size() - kept),
                   "one cause often has many effects", "correct what is named above, and look again"});
}

bool Diagnostics::has_error() const {
  return std::any_of(list_.begin(), list_.end(),
                     [](const Diagnostic& item) { return item.severity == Diagnostic::Severity::kError; });
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> list = list_;
  std::stable_sort(list.begin(), list.end(), [this](const Diagnostic& a, const Diagnostic& b) {
    return std::tuple(a.file != file_, std::string_view(a.file), a.line, a.column) <
           std::tuple(b.file != file_, std::string_view(b.file), b.line, b.column);
  });
  return list;
}

std::string shown(std::string_view text) {
  return fmt::format("'{}'", clip(escape_terminal(valid_utf8(text.substr(0, 4096))), 60));
}

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = word.size() > 64 ? std::string() : closest(word, known);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

}  // namespace geomsu
