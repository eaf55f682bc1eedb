#include "harness/stats/looks.hpp"

namespace geomsu::stats {

double look_confidence(double confidence, unsigned looks) {
  if (looks <= 1) return confidence;
  return 1 - (1 - confidence) / looks;
}

}  // namespace geomsu::stats
