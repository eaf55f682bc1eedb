# Third-party packages, each made for its field. Those that a backend alone needs are looked for in that backend's folder.
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.74 REQUIRED)  # headers only: Boost.Math
find_package(simdjson 3 REQUIRED)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)  # SHA-256 by the processor's own instructions, which libsodium has not
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
if(GEOMSU_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
