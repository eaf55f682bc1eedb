// The run's secret while the run lasts: a file of mode 0600 beside the bundle, `<dir>.secret`, which also counts the
// sittings. Sealing puts the secret into the bundle and takes the file away.
#pragma once

#include <cstdint>
#include <filesystem>

#include "harness/base/hash.hpp"

namespace geomsu {

struct KeptSecret {
  Secret secret{};
  std::uint32_t sittings = 1;  // processes that have worked on the bundle
};

// "out/" and "out" are one bundle, with its secret beside it.
std::filesystem::path bare_path(const std::filesystem::path& bundle);
std::filesystem::path secret_path(const std::filesystem::path& bundle);

// Errors kCannotCreate (it is there already, or may not be made), kIo.
void write_secret(const std::filesystem::path& bundle, const Secret& secret);
// Errors kNoInput, kIo, kBadData, with the words that without it a run cannot go on.
KeptSecret read_secret(const std::filesystem::path& bundle);
// On the disk when it returns, and so before any seed of the new sitting is used: killed at any later instant, the next
// sitting is yet another. Error kIo.
void mark_sitting(const std::filesystem::path& bundle);
// Takes the file away that a supervisor left which was killed just after it had sealed. The secret of another run, one
// that the sealed bundle does not hold, stays. Never throws for a file that is not there.
void remove_spent_secret(const std::filesystem::path& sealed_bundle);

}  // namespace geomsu
