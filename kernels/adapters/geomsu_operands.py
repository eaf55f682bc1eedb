"""The operands, roundings, digest and parameters of geomsu's operations, in Python's standard library (kernels/ops/GENERATOR.md).

Exact and slow: a million values a second at best. A device that has to fill gigabytes makes them by kernels of its own and is
held to these.
"""
from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

MASK = (1 << 64) - 1
GAMMA, MIX1, MIX2, STEP = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93


class Refused(Exception):
    """An answer other than ok. status: unsupported, out_of_memory, device_lost, timeout or error; reason: in words."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason or status


def finalise(z: int) -> int:
    z = ((z ^ (z >> 30)) * MIX1) & MASK
    z = ((z ^ (z >> 27)) * MIX2) & MASK
    return z ^ (z >> 31)


def stream(seed: int, tensor: int) -> int:
    return finalise((seed + (tensor + 1) * STEP) & MASK)


def mix64(seed: int, tensor: int, index: int) -> int:
    return finalise((stream(seed, tensor) + (index + 1) * GAMMA) & MASK)


def tensor_id(operand_set: int, role: int) -> int:
    return 16 * operand_set + role


def raw_values(data: str, seed: int, tensor: int, first: int, count: int) -> list[float]:
    """Elements first to first + count - 1 before they are rounded to a dtype; data: normal, uniform, trig or zeros."""
    if data == "zeros":
        return [0.0] * count
    if data == "trig":
        turns = (((i * 10430 + (tensor & 1) * 16384) & 0xFFFF) - 32768 for i in range(first, first + count))
        return [math.trunc(x * (32768 - abs(x)) / 8192) * 2.0**-15 for x in turns]
    key, values = stream(seed, tensor), []
    for index in range(first, first + count):
        u = finalise((key + (index + 1) * GAMMA) & MASK)
        if data == "uniform":
            values.append(((u >> 40) - 8388608) * 2.0**-23)
        else:
            values.append(((u & 0xFFFF) + (u >> 16 & 0xFFFF) + (u >> 32 & 0xFFFF) + (u >> 48) - 131070) * 2.0**-15)
    return values


class Dtype(NamedTuple):
    size: int  # bytes
    precision: int  # significand bits with the hidden one; 0: an integer
    lowest: int  # exponent of the smallest subnormal number
    largest: float  # beyond it the value saturates; inf: it does not
    out: str  # what products come out as, unless said otherwise
    overflow: float = math.inf  # from here on a rounded value is an infinity


DTYPES = {
    "fp64": Dtype(8, 53, -1074, math.inf, "fp64"),
    "fp32": Dtype(4, 24, -149, math.inf, "fp32", 2.0**128),
    "tf32": Dtype(4, 11, -136, math.inf, "fp32", 2.0**128),
    "bf16": Dtype(2, 8, -133, math.inf, "bf16", 2.0**128),
    "fp16": Dtype(2, 11, -24, math.inf, "fp16", 65536.0),
    "fp8_e4m3": Dtype(1, 4, -9, 448.0, "bf16"),
    "fp8_e5m2": Dtype(1, 3, -16, 57344.0, "bf16"),
    "int8": Dtype(1, 0, 0, 63.0, "int32"),
    "int32": Dtype(4, 0, 0, math.inf, "int32"),
}


def round_to(dtype: str, x: float) -> float:
    """x as the dtype holds it: to nearest, ties to even. int8 takes 16 x and clamps; int32 takes x as it is."""
    kind = DTYPES[dtype]
    if dtype == "fp64" or x == 0 or not math.isfinite(x):
        return x
    if dtype == "int8":
        return float(max(-64, min(63, round(16 * x))))
    if kind.precision == 0:
        return float(round(x))
    unit = math.ldexp(1.0, max(math.frexp(x)[1] - kind.precision, kind.lowest))
    rounded = min(abs(round(x / unit) * unit), kind.largest)
    return math.copysign(rounded if rounded < kind.overflow else math.inf, x)


def values_of(dtype: str, data: str, seed: int, tensor: int, first: int, count: int) -> list[float]:
    """The generator's elements as a device holds them in that dtype."""
    raw = raw_values(data, seed, tensor, first, count)
    return raw if dtype in ("fp64", "fp32") else [round_to(dtype, x) for x in raw]


def _fp8(x: float, exponent_bits: int, fraction_bits: int) -> int:
    sign = 0x80 if math.copysign(1.0, x) < 0 else 0
    bias = (1 << (exponent_bits - 1)) - 1
    if x == 0:
        return sign
    exponent = max(math.frexp(abs(x))[1] - 1, 1 - bias)
    fraction = round(math.ldexp(abs(x), fraction_bits - exponent))
    return sign | (((exponent + bias - 1) << fraction_bits) + fraction)


def to_bytes(dtype: str, values: Iterable[float]) -> bytes:
    """Values that the dtype holds exactly, as stored: little-endian."""
    items = list(values)
    formats = {"fp64": "d", "fp32": "f", "tf32": "f", "fp16": "e"}
    if dtype in formats:
        return struct.pack(f"<{len(items)}{formats[dtype]}", *items)
    if dtype == "bf16":
        return b"".join(struct.pack("<f", x)[2:] for x in items)
    if dtype in ("int8", "int32"):
        return struct.pack(f"<{len(items)}{'b' if dtype == 'int8' else 'i'}", *(int(x) for x in items))
    bits = (4, 3) if dtype == "fp8_e4m3" else (5, 2)
    return bytes(_fp8(x, *bits) for x in items)


def digest_of(data: bytes) -> int:
    words = struct.unpack(f"<{(len(data) + 7) // 8}Q", data + b"\0" * (-len(data) % 8))
    return sum(finalise((word + (j + 1) * GAMMA) & MASK) for j, word in enumerate(words)) & MASK


def operand_pair(repeat: int, sets: int) -> tuple[int, int]:
    """The sets whose A and B a repeat of gemm multiplies into C of set repeat % sets."""
    s, r = repeat % sets, repeat // sets % sets
    return (s + r) % sets, (s + 2 * r + (sets % 2 == 0 and 2 * r >= sets)) % sets


def signs(seed: int, count: int) -> list[int]:
    """The vector of +1 and -1 that a projection multiplies rows with."""
    key = stream(seed, 0xFFFFFFFF)
    return [-1 if finalise((key + (j + 1) * GAMMA) & MASK) >> 63 else 1 for j in range(count)]


# ---- parameters ------------------------------------------------------------------------------------------------------
def _checked(params: Mapping[str, str], defaults: Mapping[str, str | None], op: str) -> dict[str, str]:
    unknown = sorted(set(params) - set(defaults))
    missing = sorted(key for key, value in defaults.items() if value is None and key not in params)
    if unknown or missing:
        raise Refused("error", f"{op}: unknown parameters {unknown}, missing parameters {missing}")
    return {key: params.get(key, value or "") for key, value in defaults.items()}


def _count(op: str, key: str, text: str, most: int = 2**31 - 1) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:20]) <= most and len(text) <= 20):
        raise Refused("error", f"{op}: {key} must be an integer from 1 to {most}, got '{text[:40]}'")
    return int(text)


def _choice(op: str, key: str, text: str, choices: Sequence[str]) -> str:
    if text not in choices:
        raise Refused("error", f"{op}: {key} must be one of {', '.join(choices)}, got '{text[:40]}'")
    return text


class GemmParams(NamedTuple):
    """C (m x n) = op(A) (m x k) op(B) (k x n), `batch` times. layout: 't' where A, then B, is stored transposed."""

    dtype: str
    accumulate: str
    out: str
    m: int
    n: int
    k: int
    batch: int
    layout: str
    data: str

    @staticmethod
    def of(params: Mapping[str, str]) -> GemmParams:
        wanted: dict[str, str | None] = dict.fromkeys(("dtype", "m", "n", "k"))
        wanted |= {"accumulate": "", "out": "", "batch": "1", "layout": "nn", "data": "normal"}
        p = _checked(params, wanted, "gemm")
        dtype = _choice("gemm", "dtype", p["dtype"], [name for name in DTYPES if name != "int32"])
        m, n, k, batch = (_count("gemm", key, p[key]) for key in ("m", "n", "k", "batch"))
        own = {"fp64": "fp64", "int8": "int32"}.get(dtype, "fp32")
        outs = {"bf16": ["fp32"], "fp16": ["fp32"], "fp8_e4m3": ["fp16", "fp32"], "fp8_e5m2": ["fp16", "fp32"]}.get(
            dtype, []
        )
        sums = [own] + {"fp32": ["fp64", "tf32_in"], "fp8_e4m3": ["fp8_fast"], "fp8_e5m2": ["fp8_fast"]}.get(dtype, [])
        accumulate = _choice("gemm", "accumulate", p["accumulate"] or own, sums)
        out = _choice("gemm", "out", p["out"] or DTYPES[dtype].out, [DTYPES[dtype].out, *outs])
        layout = _choice("gemm", "layout", p["layout"], ("nn", "nt", "tn", "tt"))
        data = _choice("gemm", "data", p["data"], ("normal", "uniform", "trig", "zeros"))
        return GemmParams(dtype, accumulate, out, m, n, k, batch, layout, data)

    def bytes_per_set(self) -> int:
        size = DTYPES[self.dtype].size
        return self.batch * (size * self.k * (self.m + self.n) + DTYPES[self.out].size * self.m * self.n)


# ---- memory: what the repeats of read and write hand on -----------------------------------------------------------------
READ_LANES, WRITE_STEP, WORD = 16, 0x9E3779B1, 0xFFFFFFFF


def at(key: int, index: int) -> int:
    return finalise((key + (index + 1) * GAMMA) & MASK)


def read_key(sums: Sequence[int], repeat: int) -> int:
    """What repeat `repeat` of memory read takes each word's exclusive or with, given the 16 sums so far."""
    return at(sum(sums) & WORD, repeat) & WORD


def write_first_key(seed: int) -> int:
    return stream(seed, 1) & WORD


def write_sum(key: int, index: int) -> int:
    """Element `index` of memory write times 2^15."""
    t = (key + index * WRITE_STEP) & WORD
    return (t - (1 << 32) if t >> 31 else t) >> 14


def write_place(key: int, repeat: int, elements: int) -> int:
    return at(key, repeat) % elements


def write_next_key(key: int, element: float) -> int:
    """`element`: as it stands at write_place once the repeat has run."""
    return at(key, int(element * 32768) + 131072) & WORD


def signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word


MEMORY_ARRAYS = {"copy": 2, "scale": 2, "add": 3, "triad": 3, "read": 1, "write": 1}


class MemoryParams(NamedTuple):
    """kind: a key of MEMORY_ARRAYS, which says how many arrays of `elements` it has; GENERATOR.md says what a repeat does."""

    kind: str
    dtype: str
    elements: int
    data: str

    @staticmethod
    def of(params: Mapping[str, str]) -> MemoryParams:
        p = _checked(params, {"kind": None, "bytes": None, "dtype": "fp64", "data": "normal"}, "memory")
        kind = _choice("memory", "kind", p["kind"], tuple(MEMORY_ARRAYS))
        dtype = _choice("memory", "dtype", p["dtype"], ("fp32", "fp64"))
        size = _count("memory", "bytes", p["bytes"], 1 << 40)
        if size % 512 or size < 4096:
            raise Refused("error", f"memory: bytes must be a multiple of 512 from 4096 on, got {size}")
        data = _choice("memory", "data", p["data"], ("normal", "uniform", "trig", "zeros"))
        return MemoryParams(kind, dtype, size // DTYPES[dtype].size, data)

    def arrays(self) -> int:
        return MEMORY_ARRAYS[self.kind]

    def bytes_of_arrays(self) -> int:
        return self.arrays() * self.elements * DTYPES[self.dtype].size

    def output(self) -> tuple[str, int]:
        """Dtype and length of tensor 0."""
        return ("int32", READ_LANES) if self.kind == "read" else (self.dtype, self.elements)

TRAIL, TRAIL_STEP, TRAIL_STARTS = 65536, 8, 8  # of transfer: repeats that leave a trace, elements each, starts in the source


class TransferParams(NamedTuple):
    """One way (two of `bidirectional`) from `source` elements of 8 bytes into `target`; GENERATOR.md says what a repeat does."""

    direction: str
    elements: int  # moved by a repeat, one way
    pinned: bool
    peer: int | None
    data: str

    @staticmethod
    def of(params: Mapping[str, str]) -> TransferParams:
        defaults: dict[str, str | None] = {"direction": None, "bytes": None, "pinned": "yes", "peer": "", "data": "normal"}
        p = _checked(params, defaults, "transfer")
        direction = _choice("transfer", "direction", p["direction"], ("h2d", "d2h", "p2p", "bidirectional"))
        size = _count("transfer", "bytes", p["bytes"], 1 << 40)
        if size % 8:
            raise Refused("error", f"transfer: bytes must be a multiple of 8, got {size}")
        pinned = _choice("transfer", "pinned", p["pinned"], ("yes", "no")) == "yes"
        if p["peer"] and not (p["peer"].isascii() and p["peer"].isdigit()):
            raise Refused("error", f"transfer: peer must be an index, got '{p['peer'][:40]}'")
        data = _choice("transfer", "data", p["data"], ("normal", "uniform", "trig", "zeros"))
        return TransferParams(direction, size // 8, pinned, int(p["peer"]) if p["peer"] else None, data)

    @property
    def ways(self) -> int:
        return 2 if self.direction == "bidirectional" else 1

    @property
    def source(self) -> int:
        return self.elements + TRAIL_STEP * (TRAIL_STARTS - 1)

    @property
    def target(self) -> int:
        return self.elements + TRAIL_STEP * (TRAIL - 1)

    @staticmethod
    def places(repeat: int) -> tuple[int, int]:
        """Where a repeat's piece begins in the source and in the target."""
        return TRAIL_STEP * (repeat // TRAIL % TRAIL_STARTS), TRAIL_STEP * (repeat % TRAIL)
