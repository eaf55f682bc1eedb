// One of each message, as PROTOCOL.md shows them, and the same with every value at its extreme.
#pragma once

#include <vector>

#include "harness/protocol/messages.hpp"

namespace geomsu::protocol::samples {

std::vector<Request> requests();  // in the order of the variant
std::vector<Result> results();    // in the order of the variant
std::vector<Notification> notifications();

std::vector<Request> extreme_requests();
std::vector<Result> extreme_results();
std::vector<Notification> extreme_notifications();

}  // namespace geomsu::protocol::samples
