// Looking at a clause's samples more than once without losing the level: the error is split over the looks.
#pragma once

namespace geomsu::stats {

// The confidence of each of so many looks, 1 - (1 - confidence) / looks: by Bonferroni the chance of a wrong answer in
// any of them is at most 1 - confidence, however the looks share their samples. 0 looks count as one.
double look_confidence(double confidence, unsigned looks);

}  // namespace geomsu::stats
