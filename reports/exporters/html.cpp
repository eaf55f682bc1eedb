#include "reports/exporters/html.hpp"

#include "harness/base/text.hpp"

namespace geomsu::html {

std::string safe(std::string_view text) {
  std::string out;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find('\n', begin);
    out += escape_html(escape_terminal(valid_utf8(text.substr(begin, end - begin))));
    if (end == std::string_view::npos) return out;
    out += "<br>";
    begin = end + 1;
  }
}

std::string show(const Both& text) {
  if (text.ko == text.en) return text.ko;
  return fmt::format("<span lang=\"ko\">{}</span><span lang=\"en\">{}</span>", text.ko, text.en);
}

std::string element(std::string_view tag, std::string_view content, std::string_view attributes) {
  return fmt::format("<{}{}{}>{}</{}>", tag, attributes.empty() ? "" : " ", attributes, content, tag);
}

std::string code(std::string_view text) { return element("code", safe(text), "dir=\"ltr\""); }

std::string_view css_class(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kFail:
      return "fail";
    case Outcome::kInconclusive:
      return "open";
    case Outcome::kInvalid:
      return "invalid";
    case Outcome::kNotRun:
      return "missing";
    case Outcome::kNotApplicable:
      return "none";
  }
  return "invalid";
}

std::string bdi(std::string_view text) { return element("bdi", safe(text)); }
std::string strong(std::string_view html) { return element("strong", html); }
std::string soft(std::string_view html) { return html.empty() ? "" : element("span", html, "class=\"soft\""); }

std::string long_text(std::string_view text) {
  return text.empty() ? "" : element("span", safe(text), "class=\"soft long\"");
}

std::string badge(Outcome outcome) {
  return fmt::format("<strong class=\"badge {}\">{}</strong>", css_class(outcome), show(outcome_message(outcome)));
}

Table::Table(const Message& caption, std::vector<Column> columns, bool cards)
    : caption_(&caption), columns_(std::move(columns)), cards_(cards) {}

void Table::row(const std::vector<std::string>& cells, std::string_view css) {
  rows_ += css.empty() ? "<tr>" : fmt::format("<tr class=\"{}\">", css);
  for (std::size_t i = 0; i < cells.size() && i < columns_.size(); ++i) {
    std::string attributes;
    if (i == 0) attributes += "scope=\"row\"";
    if (columns_[i].number) attributes += i == 0 ? " class=\"number\"" : "class=\"number\"";
    std::string content = cells[i];
    if (cards_ && i > 0)
      content = "<span class=\"title\" aria-hidden=\"true\">" + show(*columns_[i].title) + "</span><div>" + content +
                "</div>";
    rows_ += element(i == 0 ? "th" : "td", content, attributes);
  }
  rows_ += "</tr>\n";
}

void Table::wide(const std::string& content, std::string_view css) {
  rows_ += fmt::format("<tr class=\"wide {}\"><td colspan=\"{}\">{}</td></tr>\n", css, columns_.size(), content);
}

std::string Table::str() const {
  std::string head;
  for (const Column& column : columns_) {
    head += element("th", show(*column.title), column.number ? "scope=\"col\" class=\"number\"" : "scope=\"col\"");
  }
  return fmt::format(
      "<div "
      "class=\"scroll\"><table{}><caption>{}</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></"
      "div>\n",
      cards_ ? " class=\"cards\"" : "", show(*caption_), head, rows_);
}

void Facts::add(const Message& title, const std::string& value) {
  items_ += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", show(title), value);
}

std::string Facts::str() const { return "<dl class=\"facts\">\n" + items_ + "</dl>\n"; }

std::string section(std::string_view id, const Message& title, const std::string& content) {
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n", id,
      show(title), content);
}

}  // namespace geomsu::html
