// The few pieces that the page is made of. Whatever comes from a device, a contract or a bundle goes through safe().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "reports/exporters/messages.hpp"

namespace geomsu::html {

// Escaped for element content and quoted attributes; control characters and bidi overrides become visible, line ends
// <br>.
std::string safe(std::string_view text);

struct Both {  // the same in two languages, as HTML
  std::string ko, en;
};

// A message with its placeholders filled in; the arguments are HTML already.
template <class... Args>
Both both(const Message& message, const Args&... args) {
  return {fmt::format(fmt::runtime(message.ko), args...), fmt::format(fmt::runtime(message.en), args...)};
}
std::string show(const Both& text);  // two spans with lang, one where both are equal
inline std::string show(const Message& message) { return show(both(message)); }

std::string code(std::string_view text);      // safe, in <code>
std::string badge(Outcome outcome);           // a word in its colour
std::string_view css_class(Outcome outcome);  // "pass", "fail" ...
std::string bdi(std::string_view text);       // safe, its direction of writing kept to itself
std::string strong(std::string_view html);
std::string soft(std::string_view html);       // smaller, on a line of its own; nothing for nothing
std::string long_text(std::string_view text);  // safe; small, and broken anywhere: workloads, reasons
std::string element(std::string_view tag, std::string_view content, std::string_view attributes = {});

struct Column {
  const Message* title;
  bool number = false;
};

// A table with a caption, scopes, and its own scroll box; the first cell of a row is its header. On a narrow screen a
// table made with `cards` shows each row as a card with the column titles beside the values.
class Table {
 public:
  Table(const Message& caption, std::vector<Column> columns, bool cards = false);
  void row(const std::vector<std::string>& cells, std::string_view css = {});  // HTML cells, as many as columns
  void wide(const std::string& content, std::string_view css = {});            // one cell over all columns
  std::string str() const;

 private:
  const Message* caption_;
  std::vector<Column> columns_;
  bool cards_;
  std::string rows_;
};

// Pairs of a title and a value.
class Facts {
 public:
  void add(const Message& title, const std::string& value);  // value is HTML
  std::string str() const;

 private:
  std::string items_;
};

std::string section(std::string_view id, const Message& title, const std::string& content);

}  // namespace geomsu::html
