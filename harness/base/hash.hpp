// Digests of evidence (SHA-256, by libcrypto) and derivation of seeds (BLAKE2b, by libsodium). Hex is lower case.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace geomsu {

using Secret = std::array<unsigned char, 32>;

std::string sha256_hex(std::string_view bytes);
std::string sha256_file_hex(const std::filesystem::path& path);  // Error kNoInput/kIo; streams, never loads the file

class Sha256 {  // streaming
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  std::string finish_hex();  // and begins anew
  std::string hex() const;   // of what has come so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Secret random_secret();
std::string to_hex(const Secret& secret);
Secret secret_from_hex(std::string_view hex);  // Error kBadData

// seed = first 8 bytes, little-endian, of BLAKE2b-256(key = secret, message = trial '\0' attempt '\0' block), numbers
// in decimal. Nothing is known before the secret is, and everything can be replayed after.
std::uint64_t derive_seed(const Secret& secret, std::string_view trial, std::uint64_t attempt, std::uint64_t block);

// The `trial` of every seed that a run draws: "t001 node01/S-001 block", and from the second sitting on (a sitting: one
// process's work on a bundle) with " sitting 2" after it, so that a trial that was cut off and is run again draws what
// nobody has seen. `purpose`: "calibration", "warm-up", "block", "digest", "draw", "replay".
std::string seed_name(std::string_view trial, std::string_view unit, std::string_view purpose, std::uint32_t sitting);

}  // namespace geomsu
