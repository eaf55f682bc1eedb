// PTX as tokens and statements' operands. Nothing here knows an opcode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu::emulation::ptx {

struct Token {
  enum class Kind { kWord, kNumber, kString, kSign, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;  // of a string: without its quotes
  std::uint32_t line = 0;
  std::size_t first = 0, last = 0;  // where in the text
};

// Words hold dots, dollars, percents and double colons ("ld.global.L1::no_allocate", "%tid.x", "$L__BB0_2"). A comment
// "// implicit-def: %r3" becomes a statement of its own, because that register may then be read: the compiler chose not
// to define it. Other comments go. Throws std::runtime_error with the line.
std::vector<Token> tokens(std::string_view text);

struct Operand {
  enum class Kind { kName, kNumber, kVector, kAddress };
  Kind kind = Kind::kName;
  bool negated = false;           // !%p
  std::string name;               // a register, a symbol or a label; in an address: its base, may be empty
  std::string second;             // of "%p1|%p2"
  std::string number;             // as written; empty where it is none
  std::int64_t offset = 0;        // of an address
  std::vector<Operand> elements;  // of a vector
};

// Reads integers of PTX (decimal, 0x, with sign and U suffix). Throws std::runtime_error.
std::int64_t integer(const std::string& text);

// A place in tokens, with the refusals that a parser needs.
class Cursor {
 public:
  Cursor(std::string_view text, const std::vector<Token>& all) : text_(text), all_(all) {}

  const Token& peek(std::size_t ahead = 0) const;
  const Token& next();
  bool take(std::string_view what);
  void expect(std::string_view what);
  std::string word(const char* what);
  std::int64_t number();
  Operand operand();
  std::string source(std::size_t first_token) const;  // the text from that token to here, on one line
  std::size_t at() const { return at_; }
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  Operand simple();

  std::string_view text_;
  const std::vector<Token>& all_;
  std::size_t at_ = 0;
};

}  // namespace geomsu::emulation::ptx
