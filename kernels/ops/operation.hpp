// What an operation is, for host and plug-in alike: its parameters, its work, and what its answers must be.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace geomsu::ops {

using Params = std::map<std::string, std::string, std::less<>>;

struct ParamSpec {
  std::string key;
  std::string default_value;         // empty: must be given
  std::vector<std::string> choices;  // empty: a positive integer
  std::string doc;
};

struct Problem {
  std::string key;
  std::string rule;  // "m must be an integer from 1 to 2^31-1, got '0'"
};

// What a quantity of an operation is measured in. `work` counts FLOP or bytes of one repeat.
struct QuantitySpec {
  std::string name;  // "throughput", "bandwidth"
  std::string unit;  // "FLOP/s", "B/s": Operation::value is in it
  bool higher_is_better = true;
};

// How the buffers came to be what they are: seed of the last reseed, repeats since then, operand sets kept.
struct BlockState {
  std::uint64_t seed = 0;
  std::uint64_t repeats = 0;
  std::uint64_t operand_sets = 1;
  std::uint32_t rank = 0;  // of the group, where the operation wants several devices
};

struct Expected {
  double value = 0;
  double tolerance = 0;  // |got - value| must be <= this (0: exact)
  double scale = 0;      // |a|_2 |b|_2 for the RMS test; 0 where there is none
};

// Reference in double for one state of the buffers.
class Reference {
 public:
  virtual ~Reference() = default;
  virtual std::uint64_t elements() const = 0;   // of the output tensor
  virtual std::uint64_t projected() const = 0;  // how many numbers a projection gives (rows)
  // Elements that any draw must hold beside the first and the last: both sides of every inner edge, some tens at most.
  virtual std::vector<std::uint64_t> edges() const { return {}; }
  virtual Expected element(std::uint64_t index, std::uint64_t repeat) = 0;
  // C r against A (B r): `value` and `tolerance` have projected() entries.
  virtual void projection(std::uint64_t repeat, std::uint64_t sign_seed, std::vector<double>& value,
                          std::vector<double>& tolerance) = 0;
  // Limit on sqrt(mean((error/scale)^2)) over the drawn elements, for the claimed class; absent where the test has no
  // meaning.
  virtual std::optional<double> rms_limit(double mean_square_output_over_scale) const = 0;
};

class Operation {
 public:
  virtual ~Operation() = default;
  virtual std::string_view name() const = 0;
  virtual const std::vector<ParamSpec>& params() const = 0;
  virtual const std::vector<QuantitySpec>& quantities() const = 0;
  // Fills in defaults and checks every value; on problems the parameters come back as far as they are good.
  virtual Params complete(const Params& given, std::vector<Problem>& problems) const = 0;
  // All below want complete parameters.
  virtual std::uint64_t work(const Params& params) const = 0;  // FLOP or bytes of a repeat
  // A quantity of `repeats` that took `ns` > 0 together, on the slowest rank; unless said otherwise work per second.
  virtual double value(const Params& params, std::string_view quantity, std::uint64_t repeats, std::int64_t ns) const;
  virtual std::uint32_t ranks(const Params&) const { return 1; }           // devices that it wants in one group
  virtual std::uint64_t bytes_per_set(const Params& params) const = 0;     // operands and output
  virtual bool refill_every_block() const = 0;                             // else once a trial
  virtual std::uint64_t max_operand_sets(const Params& params) const = 0;  // 1 where sets have no meaning
  // Whether a block may hold no more repeats than there are operand sets, since a set's inputs do not outlive a repeat.
  virtual bool set_per_repeat(const Params&) const { return false; }
  virtual std::unique_ptr<Reference> reference(const Params& params, const BlockState& state) const = 0;
  // Key of the datasheet's peak that bounds a quantity ("fp32", "bf16", "bandwidth"); empty where there is none.
  virtual std::string peak_key(const Params& params, std::string_view quantity) const = 0;
};

// The table: explicit and visible. nullptr where there is no such operation.
const Operation* find(std::string_view name);
const std::vector<const Operation*>& all();

}  // namespace geomsu::ops
