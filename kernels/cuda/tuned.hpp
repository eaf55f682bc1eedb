// Algorithms of cuBLASLt that were chosen by timing, kept as text: once for each kind of GPU, version of the library
// and product, so that all units of a lot are measured alike and their digests compare. One file a kind and product:
//
//   geomsu tuned algorithm 1
//   device: NVIDIA H100 80GB HBM3
//   cublaslt: 130100
//   problem: gemm dtype=bf16 accumulate=fp32 out=bf16 m=8192 n=8192 k=8192 batch=1 layout=nt
//   algorithm: 0000000000000042 ... (the eight words of cublasLtMatmulAlgo_t, hexadecimal)
//   ids: id 66, tile 23, ... (the same for people)
//   check: 9f3b... (the digest of GENERATOR.md over all before this line)
//
// A file that is broken or of another library is refused, never replaced: a lot half measured with one algorithm and
// half with another is what it is there against.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace geomsu::cuda {

struct Tuned {
  std::string device;         // the kind, as the driver names it
  std::uint64_t library = 0;  // cublasLtGetVersion()
  std::string problem;
  std::array<std::uint64_t, 8> algorithm{};
  std::string ids;
  bool operator==(const Tuned&) const = default;
};

std::string tuned_text(const Tuned& tuned);
// Failure INVALID_ARGUMENT, naming `where`, the line, and what to do.
Tuned parse_tuned(std::string_view text, const std::string& where);
// Failure INVALID_ARGUMENT where the file is of another device, library or problem than `wanted`.
void require_same_tuned(const Tuned& found, const Tuned& wanted, const std::string& where);

// The name of its file: letters, digits, dots and dashes only, ever other for other devices and problems.
std::string tuned_file_name(std::string_view device, std::string_view problem);

// nullopt where there is no such file; Failure where it cannot be read.
std::optional<std::string> read_tuned(const std::string& path);
// Writes it whole or not at all, and never over one that is there: false where another was faster.
bool keep_tuned(const std::string& path, const std::string& text);

}  // namespace geomsu::cuda
