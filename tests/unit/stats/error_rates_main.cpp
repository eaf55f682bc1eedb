// geomsu_error_rates: prints the tables of harness/stats/README.md, which a test holds against it.
#include <cstdio>

#include "tests/unit/stats/error_rates.hpp"

int main() {
  const std::string tables = geomsu::stats::test::error_rate_tables();
  return std::fwrite(tables.data(), 1, tables.size(), stdout) == tables.size() ? 0 : 1;
}
