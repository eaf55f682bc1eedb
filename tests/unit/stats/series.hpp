// Seeded series for simulations: std::mt19937_64 and explicit transforms, because the distributions of <random> differ
// from library to library.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace geomsu::stats::test {

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : random_(seed) {}

  std::uint64_t bits() { return random_(); }
  double uniform() { return (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53; }  // never 0 or 1
  double normal() {                                                                    // Box & Muller
    if (kept_) {
      kept_ = false;
      return other_;
    }
    const double radius = std::sqrt(-2 * std::log(uniform())), angle = 2 * std::numbers::pi * uniform();
    other_ = radius * std::sin(angle);
    kept_ = true;
    return radius * std::cos(angle);
  }

 private:
  std::mt19937_64 random_;
  bool kept_ = false;
  double other_ = 0;
};

// x[t+1] = phi x[t] + noise, stationary, of standard deviation 1 around `mean`; phi = 0: independent.
inline void fill_ar1(Noise& noise, double phi, double mean, std::vector<double>& x) {
  const double fresh = std::sqrt(1 - phi * phi);
  double state = noise.normal();
  for (double& value : x) {
    value = mean + state;
    state = phi * state + fresh * noise.normal();
  }
}

// Blocks around `mean` of standard deviation 1, of which in the long run `share` are `drop` lower, in stretches of
// `stretch` blocks on average: 1 / (1 - share) is one block at a time, each on its own.
inline void fill_throttling(Noise& noise, double mean, double drop, double share, double stretch,
                            std::vector<double>& x) {
  const double leaves = 1 / stretch, enters = share >= 1 ? 1 : share / (1 - share) * leaves;
  bool throttled = noise.uniform() < share;
  for (double& value : x) {
    value = mean - (throttled ? drop : 0) + noise.normal();
    throttled = noise.uniform() < (throttled ? 1 - leaves : enters);
  }
}

}  // namespace geomsu::stats::test
