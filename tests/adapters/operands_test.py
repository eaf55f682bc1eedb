#!/usr/bin/python3
"""geomsu_operands.py against every vector of GENERATOR.md, and the minimal adapter against its operations."""
from __future__ import annotations

import pathlib
import unittest

from places import DOCUMENTS

import geomsu_operands as g
import minimal


def vectors() -> list[list[str]]:
    text = pathlib.Path(DOCUMENTS / "kernels/ops/GENERATOR.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    return [row for row in rows if row[0] in ("mix64", "value", "round", "digest", "signs", "op")]


def of_kind(kind: str) -> list[list[str]]:
    return [row[1:] for row in vectors() if row[0] == kind]


class Vectors(unittest.TestCase):
    def test_the_document_has_all_kinds(self) -> None:
        counted = {kind: len(of_kind(kind)) for kind in ("mix64", "value", "round", "digest", "signs", "op")}
        self.assertEqual({"mix64": 20, "value": 128, "round": 26, "digest": 11, "signs": 4, "op": 26}, counted)

    def test_mix64(self) -> None:
        for seed, tensor, index, u in of_kind("mix64"):
            self.assertEqual(int(u, 16), g.mix64(int(seed, 16), int(tensor), int(index)), (seed, tensor, index))

    def test_values(self) -> None:
        for dtype, data, seed, tensor, index, bits, value in of_kind("value"):
            (got,) = g.values_of(dtype, data, int(seed, 16), int(tensor), int(index), 1)
            self.assertEqual(float(value), got, (dtype, data, index))
            self.assertEqual(int(bits, 16), int.from_bytes(g.to_bytes(dtype, [got]), "little"), (dtype, data, index))

    def test_rounding(self) -> None:
        for dtype, number, bits, value in of_kind("round"):
            got = g.round_to(dtype, float(number))
            self.assertEqual(float(value), got, (dtype, number))
            self.assertEqual(int(bits, 16), int.from_bytes(g.to_bytes(dtype, [got]), "little"), (dtype, number))

    def test_what_products_reach_beyond_the_largest(self) -> None:
        self.assertEqual(
            [65504.0, float("inf"), float("-inf")], [g.round_to("fp16", x) for x in (65519.0, 65520.0, -70000.0)]
        )
        self.assertEqual(float("inf"), g.round_to("bf16", 2.0**127 * 1.9999))
        self.assertEqual(b"\x00\x7c", g.to_bytes("fp16", [g.round_to("fp16", 1e6)]))

    def test_digests(self) -> None:
        for words, digest in of_kind("digest"):
            parts = words.split()
            if len(parts) == 1:
                data = bytes.fromhex("" if words == "-" else words)
            else:
                dtype, kind, seed, tensor, count = parts
                data = g.to_bytes(dtype, g.values_of(dtype, kind, int(seed, 16), int(tensor), 0, int(count)))
            self.assertEqual(int(digest, 16), g.digest_of(data), words)

    def test_signs(self) -> None:
        for seed, signs in of_kind("signs"):
            self.assertEqual(signs, "".join("+" if s > 0 else "-" for s in g.signs(int(seed, 16), 32)), seed)

    def test_operations(self) -> None:
        for op, words, seed, repeats, sets, repeat, index, value in of_kind("op"):
            params = dict(word.split("=") for word in words.split())
            work = minimal.Processor().prepare(0, op, params, int(sets))
            self.assertEqual(int(sets), work.operand_sets)
            work.reseed(int(seed, 16))
            work.run(0, int(repeats))
            (got,) = work.read(0, int(repeat), [int(index)])
            dtype = work.tensor(0, int(repeat)).dtype
            # The vector is exact; what stands in the buffer has been rounded once or twice to the output's dtype.
            room = {"fp64": 1e-15, "fp32": 1e-6, "bf16": 2.0**-8, "int32": 0.0}[dtype]
            self.assertLessEqual(abs(got - float(value)), room * abs(float(value)), (op, words))


class Parameters(unittest.TestCase):
    def refused(self, of: object, **params: str) -> str:
        with self.assertRaises(g.Refused) as caught:
            of(params)  # type: ignore[operator]
        self.assertEqual("error", caught.exception.status)
        return caught.exception.reason

    def test_gemm(self) -> None:
        p = g.GemmParams.of({"dtype": "fp8_e4m3", "m": "3", "n": "5", "k": "7", "batch": "2"})
        self.assertEqual(("fp32", "bf16", "nn", "normal"), (p.accumulate, p.out, p.layout, p.data))
        self.assertEqual(2 * (3 * 7 + 7 * 5 + 2 * 15), p.bytes_per_set())
        good = {"dtype": "fp32", "m": "1", "n": "1", "k": "1"}
        for key, bad in (
            ("m", "0"),
            ("n", "-1"),
            ("k", "1.5"),
            ("batch", "2147483648"),
            ("dtype", "int32"),
            ("out", "fp64"),
            ("out", "fp8_e4m3"),
            ("accumulate", "fp16"),
            ("layout", "nx"),
            ("data", "random"),
            ("m", "\u0663"),
            ("odd", "1"),
        ):
            self.assertIn(key, self.refused(g.GemmParams.of, **{**good, key: bad}), (key, bad))
        self.assertIn("'k'", self.refused(g.GemmParams.of, dtype="fp32", m="1", n="1"))

    def test_memory(self) -> None:
        self.assertEqual(
            g.MemoryParams("copy", "fp64", 512, "normal"), g.MemoryParams.of({"kind": "copy", "bytes": "4096"})
        )
        for key, bad in (
            ("bytes", "4095"),
            ("bytes", "3584"),
            ("bytes", str(2 << 40)),
            ("kind", "move"),
            ("dtype", "bf16"),
            ("odd", "1"),
        ):
            self.assertIn(
                key, self.refused(g.MemoryParams.of, **{"kind": "copy", "bytes": "4096", key: bad}), (key, bad)
            )


if __name__ == "__main__":
    unittest.main()
