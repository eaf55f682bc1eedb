// kernels/cuda/data.hpp by kernels/ops on the host, queued as its kernels are.
#include <array>
#include <cstring>
#include <span>
#include <stdexcept>

#include "kernels/cuda/data.hpp"
#include "kernels/ops/fill.hpp"
#include "kernels/ops/rounding.hpp"
#include "tests/cuda_emulation/cublaslt/numbers.hpp"
#include "tests/cuda_emulation/runtime/emulation.hpp"

namespace geomsu::cuda {
namespace {

struct Type {
  const char* dtype;
  cudaDataType type;
};
constexpr std::array<Type, 9> kTypes{{{"fp64", CUDA_R_64F},
                                      {"fp32", CUDA_R_32F},
                                      {"tf32", CUDA_R_32F},
                                      {"bf16", CUDA_R_16BF},
                                      {"fp16", CUDA_R_16F},
                                      {"fp8_e4m3", CUDA_R_8F_E4M3},
                                      {"fp8_e5m2", CUDA_R_8F_E5M2},
                                      {"int8", CUDA_R_8I},
                                      {"int32", CUDA_R_32I}}};
const Type& type_of(Element element) { return kTypes.at(static_cast<std::size_t>(element)); }

}  // namespace

void fill(Element element, void* out, const Matrix& matrix, ops::Data data, std::uint64_t seed, std::uint64_t tensor,
          cudaStream_t stream) {
  emulation::enqueue(stream, "fill", 0, [=] {
    const ops::Dtype& dtype = *ops::find_dtype(type_of(element).dtype);
    std::byte* to = emulation::device_bytes(out, matrix.elements() * dtype.bytes, true, "fill");
    const std::uint64_t key = ops::stream(seed, tensor);
    for (std::uint64_t index = 0; index < matrix.elements(); ++index) {
      const std::uint64_t column = index % matrix.columns, row = index / matrix.columns % matrix.rows,
                          first = index - row * matrix.columns - column;
      const std::uint64_t place = matrix.transposed ? first + column * matrix.rows + row : index;
      const std::uint64_t bits = ops::bits_of(dtype, ops::round_to(dtype, ops::value(data, key, tensor, index)));
      std::memcpy(to + place * dtype.bytes, &bits, dtype.bytes);
    }
  });
}

void gather(Element element, const void* from, const std::uint64_t* indices, std::uint64_t count, double* out,
            cudaStream_t stream) {
  emulation::enqueue(stream, "gather", 0, [=] {
    const cudaDataType type = type_of(element).type;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t index = 0;
      std::memcpy(&index, emulation::device_bytes(indices + i, 8, false, "gather: indices"), 8);
      const std::uint64_t bytes = emulation::lt::bytes_of(type);
      const double value = emulation::lt::load(
          type, emulation::device_bytes(static_cast<const std::byte*>(from) + index * bytes, bytes, false, "gather"),
          0);
      std::memcpy(emulation::device_bytes(out + i, 8, true, "gather: out"), &value, 8);
    }
  });
}

void project(Element element, const void* from, std::uint64_t rows, std::uint64_t columns, std::uint64_t sign_seed,
             double* out, cudaStream_t stream) {
  emulation::enqueue(stream, "project", 0, [=] {
    const cudaDataType type = type_of(element).type;
    const std::byte* values =
        emulation::device_bytes(from, rows * columns * emulation::lt::bytes_of(type), false, "project");
    const std::uint64_t key = ops::sign_stream(sign_seed);
    for (std::uint64_t row = 0; row < rows; ++row) {
      double sum = 0;
      for (std::uint64_t column = 0; column < columns; ++column) {
        sum += emulation::lt::load(type, values, row * columns + column) * ops::sign_at(key, column);
      }
      std::memcpy(emulation::device_bytes(out + row, 8, true, "project: out"), &sum, 8);
    }
  });
}

void digest(const void* from, std::uint64_t bytes, std::uint64_t* out, cudaStream_t stream, std::uint64_t first_word) {
  emulation::enqueue(stream, "digest", 0, [=] {
    const std::uint64_t sum = ops::digest(
        std::span<const std::byte>(emulation::device_bytes(from, bytes, false, "digest"), bytes), first_word);
    std::memcpy(emulation::device_bytes(out, 8, true, "digest: out"), &sum, 8);
  });
}

}  // namespace geomsu::cuda
