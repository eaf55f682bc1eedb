// An enumerator and its text, written once for both directions. For the sources of this room.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace geomsu {

template <typename Enum>
struct Named {
  Enum value;
  std::string_view text;
};

template <typename Enum, std::size_t N>
std::string_view text_of(const std::array<Named<Enum>, N>& names, Enum value) {
  for (const Named<Enum>& name : names) {
    if (name.value == value) return name.text;
  }
  return "unknown";
}

template <typename Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<Named<Enum>, N>& names, std::string_view text) {
  for (const Named<Enum>& name : names) {
    if (name.text == text) return name.value;
  }
  return std::nullopt;
}

}  // namespace geomsu
