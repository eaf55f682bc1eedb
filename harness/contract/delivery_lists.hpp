// The delivery lists that stand in files of their own: each read once, held against the hash that the contract names,
// and shared by the tranches that name it.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "harness/contract/delivered_unit.hpp"
#include "harness/contract/yaml_node.hpp"

namespace geomsu {

class DeliveryLists {
 public:
  // Both must outlive it.
  DeliveryLists(const ReadList& read_list, Diagnostics& diagnostics)
      : read_list_(read_list), diagnostics_(diagnostics) {}

  // The units of that list which are of this tranche: those whose row names it, and those whose row names none. `list`
  // and `sha256` are the contract's values; `sha256` may be null, which is an error that gives the hash.
  std::vector<ListedUnit> take(const YamlNode& list, const YamlNode* sha256, const std::string& tranche);

  // An error for each row whose tranche took nothing from its list. Silent where a list could not be taken.
  void finish();

  std::vector<DeliveryFile> files() const;  // in the order in which they were first named

 private:
  struct List {
    DeliveryFile file;
    Mark at;
    std::vector<ListedUnit> units;
    std::vector<std::string> tranches;  // that took from it
  };
  List* open(const YamlNode& list, const YamlNode* sha256);

  const ReadList& read_list_;
  Diagnostics& diagnostics_;
  std::deque<List> lists_;
  bool failed_ = false;
};

}  // namespace geomsu
