#include "harness/base/hash.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <unistd.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

// Every entry makes sure of the library: sodium_init is idempotent and thread-safe.
void need_sodium() {
  if (sodium_init() < 0) throw Error(ErrorCode::kInternal, "libsodium could not be initialised");
}

std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string text(size * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, size);
  text.pop_back();
  return text;
}

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

std::string words(int error) { return std::generic_category().message(error); }

}  // namespace

// EVP takes the processor's SHA instructions, which libsodium has not: several times as fast where evidence is large.
struct Sha256::State {
  using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
  Context context{EVP_MD_CTX_new(), EVP_MD_CTX_free};

  State() {
    if (!context) throw Error(ErrorCode::kInternal, "libcrypto gave no context for SHA-256");
    begin();
  }
  void begin() {
    if (EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
      throw Error(ErrorCode::kInternal, "libcrypto has no SHA-256 (a FIPS provider that is not set up?)");
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1)
    throw Error(ErrorCode::kInternal, "libcrypto could not go on with SHA-256");
}

std::string Sha256::finish_hex() {
  std::string text = hex();
  state_->begin();
  return text;
}

std::string Sha256::hex() const {
  const State copy;
  std::array<unsigned char, 32> digest{};
  if (EVP_MD_CTX_copy_ex(copy.context.get(), state_->context.get()) != 1 ||
      EVP_DigestFinal_ex(copy.context.get(), digest.data(), nullptr) != 1) {
    throw Error(ErrorCode::kInternal, "libcrypto could not end SHA-256");
  }
  return geomsu::hex(digest.data(), digest.size());
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 sha;
  sha.update(bytes);
  return sha.finish_hex();
}

std::string sha256_file_hex(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const int error = errno;
    const bool missing = error == ENOENT || error == ENOTDIR;
    throw Error(missing ? ErrorCode::kNoInput : ErrorCode::kIo, "cannot be opened: " + words(error), path.string());
  }
  Sha256 sha;
  std::vector<char> buffer(std::size_t{1} << 18);
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error = errno;
      ::close(fd);
      throw Error(ErrorCode::kIo, "cannot be read: " + words(error), path.string());
    }
    if (got == 0) break;
    sha.update({buffer.data(), static_cast<std::size_t>(got)});
  }
  ::close(fd);
  return sha.finish_hex();
}

Secret random_secret() {
  need_sodium();
  Secret secret{};
  randombytes_buf(secret.data(), secret.size());
  return secret;
}

std::string to_hex(const Secret& secret) { return hex(secret.data(), secret.size()); }

Secret secret_from_hex(std::string_view text) {
  need_sodium();
  Secret secret{};
  std::size_t size = 0;
  const char* end = nullptr;
  const bool read = text.size() == secret.size() * 2 && text.find_first_of("ABCDEF") == std::string_view::npos &&
                    sodium_hex2bin(secret.data(), secret.size(), text.data(), text.size(), nullptr, &size, &end) == 0 &&
                    size == secret.size() && end == text.data() + text.size();
  if (!read) throw Error(ErrorCode::kBadData, "a secret is 64 lower-case hexadecimal digits, and this is not");
  return secret;
}

std::string seed_name(std::string_view trial, std::string_view unit, std::string_view purpose, std::uint32_t sitting) {
  std::string name(trial);
  for (const std::string_view part : {unit, purpose}) (name += ' ') += part;
  if (sitting > 1) name += " sitting " + std::to_string(sitting);
  return name;
}

std::uint64_t derive_seed(const Secret& secret, std::string_view trial, std::uint64_t attempt, std::uint64_t block) {
  need_sodium();
  // A NUL in the trial would let two different triples give one message.
  if (trial.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::kInternal, "a trial's id holds a NUL byte, and seeds are derived from it");
  }
  std::string message(trial);
  message += '\0';
  message += std::to_string(attempt);
  message += '\0';
  message += std::to_string(block);
  std::array<unsigned char, 32> digest{};
  crypto_generichash(digest.data(), digest.size(), octets(message), message.size(), secret.data(), secret.size());
  std::uint64_t seed = 0;
  for (unsigned i = 0; i < 8; ++i) seed |= static_cast<std::uint64_t>(digest[i]) << (8 * i);
  return seed;
}

}  // namespace geomsu
