// Errors of the C table, and the wall that exceptions do not pass.
#pragma once

#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/abi/geomsu_plugin.h"

struct geomsu_error {
  std::uint32_t code = GEOMSU_INTERNAL;
  std::string message;
};

namespace geomsu::fake {

class Failure : public std::runtime_error {
 public:
  Failure(std::uint32_t code, const std::string& message) : std::runtime_error(message), code_(code) {}
  std::uint32_t code() const { return code_; }

 private:
  std::uint32_t code_;
};

// Kept for when there is no memory even for an error: NULL would read as success.
inline geomsu_error* out_of_memory() {
  static geomsu_error error{GEOMSU_OUT_OF_MEMORY, "out of host memory"};
  return &error;
}

inline geomsu_error* make_error(std::uint32_t code, const char* message) noexcept {
  try {
    return new geomsu_error{code, message};
  } catch (...) {
    return out_of_memory();
  }
}

// Runs `body`; whatever it throws comes back as an error.
template <class Body>
geomsu_error* guard(Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return nullptr;
  } catch (const Failure& failure) {
    return make_error(failure.code(), failure.what());
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& error) {
    return make_error(GEOMSU_INTERNAL, error.what());
  } catch (...) {
    return make_error(GEOMSU_INTERNAL, "something was thrown that is no std::exception");
  }
}

}  // namespace geomsu::fake
