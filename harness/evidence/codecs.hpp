// What the bundle's files look like inside, beside those that bundle.hpp offers to all. For the sources of this room.
#pragma once

#include <string>
#include <string_view>

#include "harness/evidence/json_reader.hpp"
#include "harness/evidence/json_writer.hpp"
#include "harness/model/device.hpp"
#include "harness/model/environment.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/trial.hpp"

namespace geomsu {

void write_unit(JsonWriter& json, const Unit& unit);
Unit read_unit(JsonObject object);
void write_device(JsonWriter& json, const DeviceInfo& device);
DeviceInfo read_device(JsonObject object);
void write_telemetry(JsonWriter& json, const Telemetry& reading);  // members only: the caller opens the object
Telemetry read_telemetry_members(JsonObject& object);              // and calls finish()

void write_sustained(JsonWriter& json, const Sustained& sustained);  // the member "sustained"
Sustained read_sustained(JsonObject object);

// As parse_plan and parse_trial, with the file's name and line for the message.
Plan parse_plan_at(std::string_view json, std::string where);
Trial parse_trial_at(std::string_view line, std::string where);

std::string telemetry_json(const Unit& unit, const Telemetry& reading);  // one line
std::pair<Unit, Telemetry> parse_telemetry_at(std::string_view line, std::string where);

// environment.json holds the plan's hash too, so that a resumed run knows the plan it began with.
struct RecordedEnvironment {
  Environment environment;
  std::string plan_sha256;
};
std::string environment_json(const RecordedEnvironment& recorded);
RecordedEnvironment parse_environment_at(std::string_view json, std::string where);

}  // namespace geomsu
