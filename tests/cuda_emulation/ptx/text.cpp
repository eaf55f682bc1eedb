#include "tests/cuda_emulation/ptx/text.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace geomsu::emulation::ptx {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '%' || c == '.';
}

[[noreturn]] void refuse_line(std::uint32_t line, const std::string& why) {
  throw std::runtime_error("PTX line " + std::to_string(line) + ": " + why);
}

constexpr std::string_view kImplicit = " implicit-def: ";

}  // namespace

std::vector<Token> tokens(std::string_view text) {
  std::vector<Token> all;
  std::uint32_t line = 1;
  std::size_t at = 0;
  const auto push = [&](Token::Kind kind, std::size_t first, std::size_t last) {
    all.push_back({kind, std::string(text.substr(first, last - first)), line, first, last});
  };
  while (at < text.size()) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '\0') {
      ++at;
    } else if (text.substr(at, 2) == "//") {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view comment = text.substr(at + 2, end - at - 2);
      if (comment.substr(0, kImplicit.size()) == kImplicit) {
        std::size_t first = at + 2 + kImplicit.size(), last = first;
        while (last < end && is_word(text[last])) ++last;
        all.push_back({Token::Kind::kWord, "implicit-def", line, at, first});
        push(Token::Kind::kWord, first, last);
        all.push_back({Token::Kind::kSign, ";", line, last, last});
      }
      at = end;
    } else if (text.substr(at, 2) == "/*") {
      const std::size_t end = text.find("*/", at);
      if (end == std::string_view::npos) refuse_line(line, "a comment does not end");
      line += static_cast<std::uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                                                    text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      at = end + 2;
    } else if (c == '"') {
      const std::size_t end = text.find('"', at + 1);
      if (end == std::string_view::npos) refuse_line(line, "a string does not end");
      push(Token::Kind::kString, at + 1, end);
      at = end + 1;
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0 ||
               (c == '-' && at + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[at + 1])) != 0)) {
      std::size_t end = at + 1;
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '.')) ++end;
      push(Token::Kind::kNumber, at, end);
      at = end;
    } else if (is_word(c)) {
      std::size_t end = at;
      while (end < text.size() && (is_word(text[end]) || text.substr(end, 2) == "::"))
        end += text[end] == ':' ? 2U : 1U;
      push(Token::Kind::kWord, at, end);
      at = end;
    } else {
      push(Token::Kind::kSign, at, at + 1);
      ++at;
    }
  }
  all.push_back({Token::Kind::kEnd, "end of text", line, text.size(), text.size()});
  return all;
}

std::int64_t integer(const std::string& text) {
  std::string digits = text;
  if (!digits.empty() && (digits.back() == 'U' || digits.back() == 'u')) digits.pop_back();
  std::size_t used = 0;
  std::int64_t value = 0;
  try {
    value = digits[0] == '-' ? std::stoll(digits, &used, 0) : static_cast<std::int64_t>(std::stoull(digits, &used, 0));
  } catch (const std::logic_error&) {
    used = 0;
  }
  if (digits.empty() || used != digits.size()) throw std::runtime_error("\"" + text + "\" is no integer");
  return value;
}

const Token& Cursor::peek(std::size_t ahead) const { return all_[std::min(at_ + ahead, all_.size() - 1)]; }

const Token& Cursor::next() {
  const Token& token = peek();
  if (token.kind == Token::Kind::kEnd) refuse("the text ends too early");
  ++at_;
  return token;
}

bool Cursor::take(std::string_view what) {
  if (peek().text != what || peek().kind == Token::Kind::kString) return false;
  ++at_;
  return true;
}

void Cursor::expect(std::string_view what) {
  if (!take(what)) refuse("\"" + std::string(what) + "\" is wanted, \"" + peek().text + "\" stands there");
}

std::string Cursor::word(const char* what) {
  if (peek().kind != Token::Kind::kWord) refuse(std::string(what) + " is wanted, \"" + peek().text + "\" stands there");
  return next().text;
}

std::int64_t Cursor::number() {
  const Token token = next();
  try {
    return integer(token.text);
  } catch (const std::runtime_error& error) {
    refuse(error.what());
  }
}

Operand Cursor::simple() {
  Operand operand;
  operand.negated = take("!");
  if (peek().kind == Token::Kind::kNumber && !operand.negated) {
    operand.kind = Operand::Kind::kNumber;
    operand.number = next().text;
    return operand;
  }
  operand.name = word("an operand");
  if (take("|")) operand.second = word("a second register");
  return operand;
}

Operand Cursor::operand() {
  Operand operand;
  if (take("{")) {
    operand.kind = Operand::Kind::kVector;
    do operand.elements.push_back(simple());
    while (take(","));
    expect("}");
    return operand;
  }
  if (take("[")) {
    operand.kind = Operand::Kind::kAddress;
    if (peek().kind == Token::Kind::kWord) {
      operand.name = next().text;
      if (take("+"))
        operand.offset = number();
      else if (peek().kind == Token::Kind::kNumber && peek().text[0] == '-')
        operand.offset = number();
    } else {
      operand.offset = number();
    }
    expect("]");
    return operand;
  }
  return simple();
}

std::string Cursor::source(std::size_t first_token) const {
  const std::size_t first = all_[first_token].first, last = all_[at_ == 0 ? 0 : at_ - 1].last;
  std::string line;
  for (const char c : text_.substr(first, last - first)) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  return line;
}

void Cursor::refuse(const std::string& why) const { refuse_line(peek().line, why); }

}  // namespace geomsu::emulation::ptx
