"""The generator, roundings and digest of GENERATOR.md, vectorised over torch's 64-bit integers; equal to geomsu_operands bit for bit.

Danger: torch has no unsigned 64-bit arithmetic. Products and sums of int64 wrap, which is what is wanted; `>>` copies the sign bit
in, so every shift is masked.
"""
from __future__ import annotations

from collections.abc import Iterator

import torch
from geomsu_operands import DTYPES, GAMMA, MIX1, MIX2, stream

CHUNK = 1 << 20  # elements worked on at a time: bounds the 64-bit temporaries


def signed(x: int) -> int:
    x &= (1 << 64) - 1
    return x - (1 << 64) if x >> 63 else x


def shifted(x: torch.Tensor, by: int) -> torch.Tensor:
    """x >> by with zeros shifted in."""
    return (x >> by) & ((1 << (64 - by)) - 1)


def finalise(z: torch.Tensor) -> torch.Tensor:
    z = (z ^ shifted(z, 30)) * signed(MIX1)
    z = (z ^ shifted(z, 27)) * signed(MIX2)
    return z ^ shifted(z, 31)


def mixed(seed: int, tensor: int, first: int, count: int, device: str = "cpu") -> torch.Tensor:
    """mix64(seed, tensor, first ... first + count - 1) as int64 of the same bits."""
    index = torch.arange(first + 1, first + 1 + count, dtype=torch.int64, device=device)
    return finalise(index * signed(GAMMA) + signed(stream(seed, tensor)))


def raw_values(data: str, seed: int, tensor: int, first: int, count: int, device: str = "cpu") -> torch.Tensor:
    """Elements before they are rounded, in fp64."""
    if data == "zeros":
        return torch.zeros(count, dtype=torch.float64, device=device)
    if data == "trig":
        index = torch.arange(first, first + count, dtype=torch.int64, device=device)
        x = ((index * 10430 + (tensor & 1) * 16384) & 0xFFFF) - 32768
        return torch.div(x * (32768 - x.abs()), 8192, rounding_mode="trunc").double() * 2.0**-15
    u = mixed(seed, tensor, first, count, device)
    if data == "uniform":
        return (shifted(u, 40) - 8388608).double() * 2.0**-23
    fields = (u & 0xFFFF) + (shifted(u, 16) & 0xFFFF) + (shifted(u, 32) & 0xFFFF) + shifted(u, 48)
    return (fields - 131070).double() * 2.0**-15


def _power_of_two(exponent: torch.Tensor) -> torch.Tensor:
    """Exact, which pow is not on every device; for exponents from -1022 to 1023."""
    return ((exponent.long() + 1023) << 52).view(torch.float64)


def fp8_codes(dtype: str, x: torch.Tensor) -> torch.Tensor:
    """fp64 values as OCP FP8 bits in uint8: to nearest, ties to even, saturating."""
    kind, fraction_bits = DTYPES[dtype], 3 if dtype == "fp8_e4m3" else 2
    bias = 7 if dtype == "fp8_e4m3" else 15
    size = x.abs()
    unit = torch.clamp(torch.frexp(size)[1] - kind.precision, min=kind.lowest)
    size = torch.clamp(torch.round(size * _power_of_two(-unit)) * _power_of_two(unit), max=kind.largest)
    exponent = torch.clamp(torch.frexp(size)[1] - 1, min=1 - bias)
    fraction = torch.round(size * _power_of_two(fraction_bits - exponent)).long()
    code = ((exponent.long() + bias - 1) << fraction_bits) + fraction
    code = torch.where(size == 0, torch.zeros_like(code), code)
    return (code | (torch.signbit(x).long() << 7)).to(torch.uint8)


def storage_type(dtype: str) -> torch.dtype | None:
    """The type of torch that holds the dtype; None where this torch has none (the fp8 types came after 2.0)."""
    names = {"fp64": "float64", "fp32": "float32", "tf32": "float32", "bf16": "bfloat16", "fp16": "float16", "int8": "int8",
             "int32": "int32", "fp8_e4m3": "float8_e4m3fn", "fp8_e5m2": "float8_e5m2"}  # fmt: skip
    return getattr(torch, names[dtype], None)


def stored(dtype: str, raw: torch.Tensor) -> torch.Tensor:
    """fp64 values of the generator rounded to the dtype; fp8 as its bits in uint8, since not every torch has the type."""
    if dtype == "int8":
        return torch.clamp(torch.round(raw * 16), -64, 63).to(torch.int8)
    if dtype.startswith("fp8"):
        return fp8_codes(dtype, raw)
    if dtype == "tf32":
        bits = raw.float().view(torch.int32)
        return ((bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFF).view(torch.float32)
    # Every value fits fp32 exactly, so this rounds once.
    return raw if dtype == "fp64" else raw.float().to(storage_type(dtype))


def values(dtype: str, data: str, seed: int, tensor: int, count: int, device: str = "cpu") -> torch.Tensor:
    """The generator's elements 0 to count - 1 as `stored` gives them."""
    parts = [
        stored(dtype, raw_values(data, seed, tensor, first, min(CHUNK, count - first), device))
        for first in range(0, count, CHUNK)
    ]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def signs(seed: int, count: int) -> torch.Tensor:
    return torch.where(mixed(seed, 0xFFFFFFFF, 0, count) < 0, -1.0, 1.0).double()


def _chunks(flat: torch.Tensor, size: int) -> Iterator[tuple[int, torch.Tensor]]:
    for first in range(0, flat.numel(), size):
        yield first, flat[first : first + size]


def digest(tensor: torch.Tensor) -> int:
    """Of a tensor on the host, in its logical order."""
    data = tensor.contiguous().reshape(-1).view(torch.uint8)
    total = 0
    for first, piece in _chunks(data, 8 * CHUNK):
        if piece.numel() % 8:
            piece = torch.cat([piece, torch.zeros(8 - piece.numel() % 8, dtype=torch.uint8)])
        words = piece.clone().view(torch.int64)  # a copy: its offset is aligned
        index = torch.arange(first // 8 + 1, first // 8 + 1 + words.numel(), dtype=torch.int64)
        total += int(finalise(words + index * signed(GAMMA)).sum())
    return total & ((1 << 64) - 1)


def projected(tensor: torch.Tensor, columns: int, seed: int) -> list[float]:
    """Rows of a tensor on the host times the signs, summed in double."""
    r, products = signs(seed, columns), []
    rows = tensor.contiguous().reshape(-1, columns)
    step = max(1, CHUNK // columns)
    for first in range(0, rows.shape[0], step):
        products += torch.mv(rows[first : first + step].double(), r).tolist()
    return products
