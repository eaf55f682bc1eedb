// A small run made by hand, for the tests of evidence, judge and the golden bundle: two devices, two workloads, four
// clauses, ten blocks. Everything in it is fixed; nothing is measured.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/contract/contract.hpp"
#include "harness/evidence/bundle.hpp"

namespace geomsu::sample {

inline const Unit kFirst{"node01", "S-001"}, kSecond{"node01", "S-002"};
inline constexpr std::uint32_t kBlocks = 10;

std::string contract_yaml();  // gemm at least 100 GFLOP/s, triad at least 20 GB/s, a node clause, a per-won clause
std::string suite_yaml();
Contract contract();  // contract_yaml, parsed; throws where it does not parse
Contract contract_of(const std::string& yaml);
Secret secret();
Plan plan(const Contract& contract);  // t001 gemm, t002 triad, each on both units together
Plan plan();
Environment environment();

// A good trial whose blocks run at about `rate` (FLOP/s or B/s): odd blocks 0.1 % slower, even ones as said, the last 1
// % slower.
Trial trial(const Plan& plan, const std::string& id, const Unit& unit, double rate);
TrialTicks ticks(const Trial& trial);
std::vector<Trial> trials(const Plan& plan);  // all four, all above their bars
std::vector<Telemetry> readings();

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string slurp(const std::filesystem::path& path);
void spill(const std::filesystem::path& path, const std::string& bytes);  // in place, not atomically

}  // namespace geomsu::sample
