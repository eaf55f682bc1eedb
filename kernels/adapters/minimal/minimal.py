#!/usr/bin/python3
"""The smallest whole adapter: this machine's processor in plain Python loops, slow and right. The example of kernels/adapters.

To measure it: geomsu run CONTRACT --site SITE with, in the site, `plugins: [{command: [/usr/bin/python3, /where/it/is/minimal.py]}]`.
"""
from __future__ import annotations

import hashlib
import pathlib
import platform
import sys
from collections.abc import Mapping
from operator import mul

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from geomsu_adapter import Adapter, Json, Tensor, Workload, serve  # noqa: E402
from geomsu_operands import (  # noqa: E402
    READ_LANES,
    WORD,
    GemmParams,
    MemoryParams,
    Refused,
    operand_pair,
    read_key,
    round_to,
    signed,
    tensor_id,
    to_bytes,
    values_of,
    write_first_key,
    write_next_key,
    write_place,
    write_sum,
)

MEMORY_LIMIT = 1 << 28  # bytes of one workload, as its dtypes count them
SHIFT, SCALAR = 64, -4095.0 / 4096.0


class Gemm(Workload):
    """C = A B row by row; from the second time that a C is met C += A B, of sets that operand_pair names."""

    def __init__(self, p: GemmParams, sets: int) -> None:
        self.p, self.operand_sets = p, max(1, min(sets, MEMORY_LIMIT // p.bytes_per_set()))
        self.memory_bytes = self.operand_sets * p.bytes_per_set()
        self.algorithm = "three loops in Python, summed in double"
        self.a: list[list[float]] = []  # a set each, as generated: row-major, batch after batch
        self.b: list[list[float]] = []
        self.c: list[list[float]] = []

    def reseed(self, seed: int) -> None:
        p, sets = self.p, range(self.operand_sets)
        self.a = [values_of(p.dtype, p.data, seed, tensor_id(s, 1), 0, p.batch * p.m * p.k) for s in sets]
        self.b = [values_of(p.dtype, p.data, seed, tensor_id(s, 2), 0, p.batch * p.k * p.n) for s in sets]
        self.c = [[0.0] * (p.batch * p.m * p.n) for _ in sets]

    def run(self, first: int, repeats: int) -> None:
        for repeat in range(first, first + repeats):
            self.product(repeat, accumulate=repeat >= self.operand_sets)

    def product(self, repeat: int, accumulate: bool) -> None:
        of_a, of_b = operand_pair(repeat, self.operand_sets)
        m, n, k, a, b, c = self.p.m, self.p.n, self.p.k, self.a[of_a], self.b[of_b], self.c[repeat % self.operand_sets]
        for block in range(self.p.batch):
            columns = [b[block * k * n + j : (block + 1) * k * n : n] for j in range(n)]
            for row in range(block * m, (block + 1) * m):
                left = a[row * k : (row + 1) * k]
                for j, column in enumerate(columns):
                    old = c[row * n + j] if accumulate else 0.0
                    c[row * n + j] = self.rounded(old + sum(map(mul, left, column)))

    def rounded(self, x: float) -> float:
        if self.p.out == "int32":  # two's complement
            return float((int(x) + (1 << 31)) % (1 << 32) - (1 << 31))
        return round_to(self.p.out, x)

    def tensor(self, number: int, repeat: int) -> Tensor:
        p, s = self.p, repeat % self.operand_sets
        shapes = [
            (p.out, p.batch * p.m, p.n, self.c),
            (p.dtype, p.batch * p.m, p.k, self.a),
            (p.dtype, p.batch * p.k, p.n, self.b),
        ]
        if number >= len(shapes):
            raise Refused("error", f"gemm has tensors 0 to 2, not {number}")
        dtype, rows, columns, held = shapes[number]
        return Tensor(dtype, rows, columns, held[s])


class Memory(Workload):
    refill_every_block = False

    def __init__(self, p: MemoryParams) -> None:
        self.p, self.memory_bytes = p, p.bytes_of_arrays()
        self.algorithm = "slices of lists" if p.kind == "copy" else "a loop over lists"
        self.x: list[list[float]] = []
        self.last = -1  # the array written last
        self.sums: list[int] = []  # of read
        self.key = 0  # of write's next repeat

    def reseed(self, seed: int) -> None:
        p = self.p
        self.x = [values_of(p.dtype, p.data, seed, tensor_id(0, i + 1), 0, p.elements) for i in range(p.arrays())]
        self.last, self.sums, self.key = -1, [0] * READ_LANES, write_first_key(seed)

    def run(self, first: int, repeats: int) -> None:
        for i in range(first, first + repeats):
            self.step(i)

    def step(self, i: int) -> None:
        kind, x = self.p.kind, self.x
        if kind in ("copy", "scale"):
            source, self.last = x[i % 2], (i + 1) % 2
            moved = source[-SHIFT:] + source[:-SHIFT]
            factor = -0.5 if i % 2 else 2.0
            x[self.last] = moved if kind == "copy" else [factor * y for y in moved]
        elif kind in ("add", "triad"):
            self.last, newer, older = i % 3, x[(i + 2) % 3], x[(i + 1) % 3]
            if kind == "add":
                newer, older = newer[-SHIFT:] + newer[:-SHIFT], older[-2 * SHIFT :] + older[: -2 * SHIFT]
                x[self.last] = [b - c for b, c in zip(newer, older)]
            else:
                x[self.last] = [round_to(self.p.dtype, b + SCALAR * c) for b, c in zip(newer, older)]
        elif kind == "read":
            self.last, key = 0, read_key(self.sums, i)
            words = memoryview(to_bytes(self.p.dtype, x[0])).cast("I")
            self.sums = [
                (total + sum(word ^ key for word in words[lane::READ_LANES])) & WORD
                for lane, total in enumerate(self.sums)
            ]
        else:
            self.last, n = 0, self.p.elements
            x[0] = [write_sum(self.key, j) * 2.0**-15 for j in range(n)]
            self.key = write_next_key(self.key, x[0][write_place(self.key, i, n)])

    def tensor(self, number: int, repeat: int) -> Tensor:
        if number > self.p.arrays() or (number == 0 and self.last < 0):
            raise Refused("error", f"no tensor {number}: {self.p.arrays()} arrays, and an output once a repeat has run")
        if number == 0 and self.p.kind == "read":
            return Tensor("int32", 1, READ_LANES, [float(signed(total)) for total in self.sums])
        return Tensor(self.p.dtype, 1, self.p.elements, self.x[self.last if number == 0 else number - 1])


class Processor(Adapter):
    backend, version = "minimal", "1.0"

    def devices(self) -> list[Json]:
        identity = pathlib.Path("/etc/machine-id")  # not there in every container
        own = identity.read_bytes() if identity.is_file() else platform.node().encode()
        machine = hashlib.sha256(b"geomsu minimal " + own).hexdigest()[:16]
        return [
            {
                "index": 0,
                "name": f"{platform.machine()} in plain Python",
                "vendor": "geomsu",
                "uuid": f"minimal-{machine}",
                "attributes": {"kind": "host"},
            }
        ]

    def prepare(self, device: int, op: str, params: Mapping[str, str], operand_sets: int) -> Workload:
        if op not in ("gemm", "memory"):
            raise Refused("unsupported", f"no operation '{op}': gemm and memory are offered")
        p = GemmParams.of(params) if op == "gemm" else MemoryParams.of(params)
        size = p.bytes_per_set() if isinstance(p, GemmParams) else p.bytes_of_arrays()
        if size > MEMORY_LIMIT:
            raise Refused("out_of_memory", f"{size} bytes where {MEMORY_LIMIT} are allowed")
        return Gemm(p, operand_sets) if isinstance(p, GemmParams) else Memory(p)


if __name__ == "__main__":
    sys.exit(serve(Processor()))
