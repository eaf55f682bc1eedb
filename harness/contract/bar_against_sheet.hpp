// Whether a bar is one that can honestly be judged: held against the datasheets of the SKUs that it is for.
#pragma once

#include <string>
#include <vector>

#include "harness/contract/clause.hpp"
#include "harness/contract/contract.hpp"
#include "harness/contract/diagnostics.hpp"

namespace geomsu {

// Over the dense peak is an error, under 75 % of it a warning (T02, T03), the peak of a slower SKU of the same vendor a
// warning (T03). Of `between` each side is held for itself. Returns what is unverifiable about it, empty where nothing
// is.
std::string check_against_sheet(const ReadClause& read, const DeviceSheet& sheet, const SheetLibrary& sheets,
                                Diagnostics& diagnostics);

// One line for all clauses whose bar nobody can hold against a sheet for the same reason.
class Unverifiable {
 public:
  void note(const std::string& why, const ReadClause& read);
  void report(Diagnostics& diagnostics) const;

 private:
  struct Item {
    std::string why;
    Mark at;
    std::string clauses;
  };
  std::vector<Item> list_;
};

}  // namespace geomsu
