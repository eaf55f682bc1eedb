// geomsu_make_lot NODES DEVICES CLAUSES BLOCKS DIR [SEED]: a lot of bundles, to try what is said of lots on.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <string_view>
#include <thread>

#include "tests/lots/lot_maker.hpp"

namespace {

template <class Number>
bool read(std::string_view text, Number& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  geomsu::lots::LotShape shape;
  const bool read_all = (argc == 6 || argc == 7) && read(argv[1], shape.nodes) && read(argv[2], shape.devices) &&
                        read(argv[3], shape.clauses) && read(argv[4], shape.blocks) &&
                        (argc == 6 || read(argv[6], shape.seed));
  if (!read_all) {
    std::fputs("usage: geomsu_make_lot NODES DEVICES CLAUSES BLOCKS DIR [SEED]\n", stderr);
    return 64;
  }
  try {
    geomsu::lots::make_lot(shape, argv[5], std::max(1U, std::thread::hardware_concurrency()));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "geomsu_make_lot: %s\n", error.what());
    return 70;
  }
}
