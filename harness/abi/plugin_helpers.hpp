// For makers of plug-ins in C++20: exceptions become geomsu_error, parameters become text, structs are read by what
// they cover. Header-only; include it in sources of one plug-in, never on the host's side: it defines geomsu_error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/abi/geomsu_plugin.h"

// The error object of a plug-in built with these helpers.
struct geomsu_error {
  std::uint32_t code = GEOMSU_INTERNAL;
  const char* text = "";  // `owned`, or a literal where there was no memory for more
  std::string owned{};
};

namespace geomsu::plugin {

// What a plug-in throws: a code of the ABI, and words that say what, where, why and what next.
class Failure : public std::exception {
 public:
  Failure(std::uint32_t code, std::string message) : code_(code), message_(std::move(message)) {}
  std::uint32_t code() const noexcept { return code_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::uint32_t code_;
  std::string message_;
};

// Made before it is needed: an error that cannot be made must not read as NULL, which is success.
inline geomsu_error* out_of_memory_error() noexcept {
  static geomsu_error error{GEOMSU_OUT_OF_MEMORY, "out of memory, and no memory left to say of what", {}};
  return &error;
}

inline geomsu_error* make_error(std::uint32_t code, std::string_view message) noexcept {
  try {
    auto* error = new geomsu_error{code, "", std::string(message)};
    error->text = error->owned.c_str();
    return error;
  } catch (...) {
    return out_of_memory_error();
  }
}

// The table's three error slots.
inline std::uint32_t error_code(const geomsu_error* error) noexcept { return error == nullptr ? 0 : error->code; }
inline const char* error_message(const geomsu_error* error) noexcept { return error == nullptr ? "" : error->text; }
inline void error_destroy(geomsu_error* error) noexcept {
  if (error != out_of_memory_error()) delete error;
}

// Runs the body of a slot: no exception leaves it.
template <typename Body>
geomsu_error* guard(Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return nullptr;
  } catch (const Failure& failure) {
    return make_error(failure.code(), failure.what());
  } catch (const std::bad_alloc&) {
    return make_error(GEOMSU_OUT_OF_MEMORY, "out of host memory");
  } catch (const std::exception& exception) {
    return make_error(GEOMSU_INTERNAL, exception.what());
  } catch (...) {
    return make_error(GEOMSU_INTERNAL, "an exception of unknown type");
  }
}

// The same for slots that cannot answer with an error (destroy, release, close): nothing leaves.
template <typename Body>
void guard_void(Body&& body) noexcept {
  geomsu_error* error = guard(std::forward<Body>(body));
  if (error != nullptr) error_destroy(error);
}

// The pointer, or INVALID_ARGUMENT with its name.
template <typename T>
T& required(T* pointer, const char* name) {
  if (pointer == nullptr) throw Failure(GEOMSU_INVALID_ARGUMENT, std::string(name) + " must not be NULL");
  return *pointer;
}

// Whether the writer of `object` knew `field`: covered(*host, &geomsu_host::log). Touches nothing beyond struct_size.
template <typename Struct, typename Field>
bool covered(const Struct& object, Field Struct::*field) {
  const auto* start = reinterpret_cast<const char*>(&object);
  const auto* end = reinterpret_cast<const char*>(&(object.*field)) + sizeof(Field);
  return object.struct_size >= static_cast<std::uint64_t>(end - start);
}

// Writes a field that the host has room for; a host older than the field simply does not get it.
template <typename Struct, typename Field, typename Value>
void put(Struct& object, Field Struct::*field, Value value) {
  if (covered(object, field)) object.*field = value;
}

// Refuses a struct smaller than its 1.0 minimum.
template <typename Struct>
Struct& sized(Struct* object, std::uint64_t minimum, const char* name) {
  Struct& known = required(object, name);
  if (known.struct_size < minimum) {
    throw Failure(GEOMSU_INVALID_ARGUMENT, std::string(name) + ".struct_size is " + std::to_string(known.struct_size) +
                                               ", ABI 1.0 has " + std::to_string(minimum));
  }
  return known;
}

// Parameters by key; NULL is none. A key twice, or a NULL in it, is INVALID_ARGUMENT.
using Params = std::map<std::string, std::string, std::less<>>;

inline Params params_of(const geomsu_params* params) {
  Params map;
  if (params == nullptr) return map;
  const geomsu_params& known = sized(params, GEOMSU_PARAMS_MIN_SIZE, "params");
  for (std::uint64_t i = 0; i < known.count; ++i) {
    const geomsu_param& item = known.items[i];
    if (item.key == nullptr || item.value == nullptr) {
      throw Failure(GEOMSU_INVALID_ARGUMENT, "params: entry " + std::to_string(i) + " has a NULL key or value");
    }
    if (!map.emplace(item.key, item.value).second) {
      throw Failure(GEOMSU_INVALID_ARGUMENT, std::string("params: '") + item.key + "' is given twice");
    }
  }
  return map;
}

// Takes a setting out of the map: what is left over at the end is unknown to the plug-in.
inline std::optional<std::string> take(Params& params, std::string_view key) {
  const auto found = params.find(key);
  if (found == params.end()) return std::nullopt;
  std::string value = std::move(found->second);
  params.erase(found);
  return value;
}

}  // namespace geomsu::plugin
