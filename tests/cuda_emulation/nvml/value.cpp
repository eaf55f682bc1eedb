#include "tests/cuda_emulation/nvml/value.hpp"

#include "tests/cuda_emulation/yaml_fields.hpp"

namespace geomsu::emulation::nvml {

Value Value::parse(const YAML::Node& node, const std::string& file) {
  Value to;
  if (node.IsScalar()) {
    try {
      // Bits are written in hexadecimal, which reads as an integer only.
      const bool hexadecimal = node.Scalar().starts_with("0x");
      to.start_ = hexadecimal ? static_cast<double>(node.as<std::uint64_t>()) : node.as<double>();
    } catch (const YAML::Exception&) {
      throw std::runtime_error(file + ":" + std::to_string(node.Mark().line + 1) + ": a number is wanted here");
    }
    return to;
  }
  const YamlFields fields(node, file, {"start", "per_read", "per_second", "steps"});
  to.start_ = fields.get("start", 0.0);
  to.per_read_ = fields.get("per_read", 0.0);
  to.per_second_ = fields.get("per_second", 0.0);
  if (!fields.has("steps")) return to;
  for (const auto& item : fields.at("steps")) {
    const YamlFields step(item, file, {"after_reads", "at_s", "value"});
    if (step.has("after_reads") == step.has("at_s")) step.fail(item, "a step has 'after_reads' or 'at_s', one of both");
    to.steps_.push_back({step.has("at_s"),
                         step.has("at_s") ? step.need<double>("at_s") : step.need<double>("after_reads"),
                         step.need<double>("value")});
  }
  return to;
}

double Value::read(double at_s) {
  double value = start_;
  for (const Step& step : steps_) {
    if (Moment{step.by_time, step.after}.has_come(reads_ + 1, at_s)) value = step.value;
  }
  value += per_read_ * static_cast<double>(reads_) + per_second_ * at_s;
  ++reads_;
  return value;
}

}  // namespace geomsu::emulation::nvml
