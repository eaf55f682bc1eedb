#include "tests/cuda_emulation/ptx/declaration.hpp"

#include <algorithm>
#include <string_view>

namespace geomsu::emulation::ptx {
namespace {

std::uint32_t power_of_two(Cursor& at) {
  const std::int64_t align = at.number();
  if (align <= 0 || align > 4096 || (align & (align - 1)) != 0) at.refuse("an alignment is a power of two up to 4096");
  return static_cast<std::uint32_t>(align);
}

void initial(Cursor& at, Declaration& declared) {
  const auto element = [&] {
    const Token token = at.next();
    if (token.kind != Token::Kind::kNumber) at.refuse("an initial value that is no number is not supported");
    const bool real = token.text.size() > 2 && std::string_view("fFdD").find(token.text[1]) != std::string_view::npos;
    const auto bits =
        real ? std::stoull(token.text.substr(2), nullptr, 16) : static_cast<unsigned long long>(integer(token.text));
    for (std::uint32_t i = 0; i < bytes_of(declared.type); ++i)
      declared.initial.push_back(static_cast<std::byte>(bits >> (8 * i) & 0xff));
  };
  if (at.take("{")) {
    do element();
    while (at.take(","));
    at.expect("}");
  } else {
    element();
  }
  if (declared.initial.size() > declared.bytes) at.refuse("more initial values than elements");
}

}  // namespace

Declaration declaration(Cursor& at, bool may_be_initialised) {
  Declaration declared;
  if (at.take(".align")) declared.align = power_of_two(at);
  const std::string word = at.word("a type");
  const auto type = word[0] == '.' ? type_of(std::string_view(word).substr(1)) : std::nullopt;
  if (!type || *type == Type::kPred) at.refuse("\"" + word + "\" is no type of a variable");
  declared.type = *type;
  declared.align = std::max(declared.align, bytes_of(*type));
  if (at.take(".ptr")) {
    for (const char* space : {".global", ".shared", ".const", ".local"})
      if (at.take(space)) break;
    if (at.take(".align")) power_of_two(at);
  }
  declared.name = at.word("a name");
  std::int64_t count = 1;
  while (at.take("[")) {
    if (at.take("]")) {
      declared.open = true;
      continue;
    }
    count *= at.number();
    at.expect("]");
  }
  if (count <= 0 || count > (std::int64_t{1} << 28)) at.refuse("so many elements are not supported");
  declared.bytes = declared.open ? 0 : static_cast<std::uint32_t>(count) * bytes_of(*type);
  if (at.take("=")) {
    if (!may_be_initialised) at.refuse("this variable takes no initial value");
    initial(at, declared);
  }
  return declared;
}

}  // namespace geomsu::emulation::ptx
