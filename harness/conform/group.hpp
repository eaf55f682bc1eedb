// The group that the rules of collectives work on, and what it offers. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/conform/stand.hpp"

namespace geomsu::conform {

inline constexpr std::uint32_t kMostGroupDevices = 4;

class Group {
 public:
  // Looks how many devices there are and opens up to 4 of them together.
  explicit Group(Stand& stand);

  std::uint32_t ranks() const { return ranks_; }
  // Why collectives cannot be tried here, in words; empty where they can.
  const std::string& why_not() const { return why_not_; }
  const protocol::OpenResult& opened() const { return opened_; }

  std::unique_ptr<Wire> open() const;  // a session on the group
  // Small collectives that the group has prepared once, and what it said to the others.
  const std::vector<Offer>& offers();
  const std::vector<std::pair<std::string, protocol::Answer>>& not_offered();

 private:
  void ask_for_offers();

  const Stand& stand_;
  std::uint32_t ranks_ = 0;
  std::string why_not_;
  protocol::OpenResult opened_;
  std::vector<Offer> offers_;
  std::vector<std::pair<std::string, protocol::Answer>> not_offered_;
  bool asked_ = false;
};

}  // namespace geomsu::conform
