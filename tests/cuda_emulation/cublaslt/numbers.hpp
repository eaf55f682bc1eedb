// Elements of the emulated cuBLASLt's matrices: narrow formats to and from numbers, rounded to nearest even.
#pragma once

#include <cstddef>
#include <cstdint>

#include <library_types.h>

namespace geomsu::emulation::lt {

// Bytes of an element; 0 for a type outside the emulated subset (64F, 32F, 16BF, 16F, 8F_E4M3, 8F_E5M2, 8I, 32I).
std::size_t bytes_of(cudaDataType type);

// Element `index` of an array, exact in double.
double load(cudaDataType type, const std::byte* from, std::size_t index);

// `value` rounded once, to nearest even; beyond the largest 16-bit float it becomes infinite. Types of outputs only
// (64F, 32F, 16BF, 16F, 32I); others die.
void store(cudaDataType type, std::byte* to, std::size_t index, double value);

// Rounded to `bits` significant bits, to nearest even (11: TF32; 14: what the tensor cores of fp8 keep of a sum).
double round_bits(double value, int bits);

}  // namespace geomsu::emulation::lt
