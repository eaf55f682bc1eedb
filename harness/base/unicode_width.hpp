// How many terminal columns a code point takes, the same under every locale (wcwidth asks the locale).
#pragma once

namespace geomsu {

// 2: East Asian Wide and Fullwidth. 0: combining marks, format characters, medial and final Hangul jamo. 1: the rest,
// the "ambiguous" ones (°, –, …) included, as terminals outside East Asian legacy modes show them. Unicode 14.
int column_width(char32_t code);

}  // namespace geomsu
