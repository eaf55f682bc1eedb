#include "harness/base/hash.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "harness/base/error.hpp"

namespace geomsu {
namespace {

TEST(Sha256Digest, IsThatOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Digest, IsTheSameInPieces) {
  Sha256 sha;
  sha.update("a");
  sha.update("");
  sha.update("bc");
  EXPECT_EQ(sha.finish_hex(), sha256_hex("abc"));
  sha.update("abc");  // begins anew
  EXPECT_EQ(sha.finish_hex(), sha256_hex("abc"));
}

TEST(Sha256Digest, SaysWhatHasComeSoFarAndGoesOn) {
  Sha256 sha;
  EXPECT_EQ(sha.hex(), sha256_hex(""));
  sha.update("a");
  EXPECT_EQ(sha.hex(), sha256_hex("a"));
  sha.update("bc");
  EXPECT_EQ(sha.hex(), sha256_hex("abc"));
  EXPECT_EQ(sha.finish_hex(), sha256_hex("abc"));
}

// FIPS 180-4's two-block example, and the lengths about which padding changes (Python's hashlib).
TEST(Sha256Digest, IsRightAboutTheEndsOfItsBlocks) {
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(55, 'a')), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  EXPECT_EQ(sha256_hex(std::string(56, 'a')), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  EXPECT_EQ(sha256_hex(std::string(64, 'a')), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST(Sha256Digest, OfAFileIsThatOfItsBytes) {
  std::string name = (std::filesystem::temp_directory_path() / "geomsu-hash-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::filesystem::path directory = name;
  const std::string bytes(700'001, 'x');
  std::ofstream(directory / "file", std::ios::binary) << bytes;
  EXPECT_EQ(sha256_file_hex(directory / "file"), sha256_hex(bytes));
  try {
    sha256_file_hex(directory / "missing");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNoInput);
  }
  try {
    sha256_file_hex(directory);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
  }
  std::filesystem::remove_all(directory);
}

TEST(SecretText, ReadsBackAndRefusesAnythingElse) {
  const Secret secret = random_secret();
  const std::string hex = to_hex(secret);
  EXPECT_EQ(hex.size(), 64u);
  EXPECT_EQ(secret_from_hex(hex), secret);
  EXPECT_NE(random_secret(), secret);
  const std::string zeros(64, '0');
  for (const std::string& odd :
       {std::string(), zeros.substr(1), zeros + "0", zeros + "00", zeros.substr(1) + "g", zeros.substr(1) + "A",
        zeros.substr(2) + "0 ", zeros.substr(1) + std::string(1, '\0')}) {
    try {
      (void)secret_from_hex(odd);
      ADD_FAILURE() << odd;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadData);
    }
  }
}

TEST(DerivedSeed, IsTheDocumentedBlake2b) {
  Secret secret{};
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<unsigned char>(i);
  // Python: int.from_bytes(hashlib.blake2b(b"t001\x001\x0042", key=bytes(range(32)), digest_size=32).digest()[:8],
  // "little")
  EXPECT_EQ(derive_seed(secret, "t001", 1, 42), 11071428036940297796u);
}

TEST(SeedName, OfAnotherSittingIsAnotherAndOfTheFirstIsAsItAlwaysWas) {
  EXPECT_EQ(seed_name("t001", "n/S", "block", 1), "t001 n/S block");
  EXPECT_EQ(seed_name("t001", "n/S", "block", 2), "t001 n/S block sitting 2");
  EXPECT_NE(derive_seed(Secret{}, seed_name("t001", "n/S", "block", 2), 1, 0),
            derive_seed(Secret{}, seed_name("t001", "n/S", "block", 3), 1, 0));
}

TEST(DerivedSeed, DiffersForEveryTrialAttemptBlockAndSecret) {
  const Secret secret{}, other{1};
  std::set<std::uint64_t> seen;
  for (const char* trial : {"t001", "t0011", "t002", ""}) {
    for (std::uint64_t attempt = 0; attempt < 12; ++attempt) {
      for (std::uint64_t block = 0; block < 12; ++block) {
        EXPECT_TRUE(seen.insert(derive_seed(secret, trial, attempt, block)).second);
        EXPECT_TRUE(seen.insert(derive_seed(other, trial, attempt, block)).second);
      }
    }
  }
}

TEST(DerivedSeed, RefusesATrialThatCouldPassForAnother) {
  EXPECT_THROW((void)derive_seed(Secret{}, std::string_view("t\0001", 3), 1, 1), Error);
}

}  // namespace
}  // namespace geomsu
