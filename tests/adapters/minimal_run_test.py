#!/usr/bin/python3
"""A whole `geomsu run` with the minimal adapter: every dtype, layout, batch and kind of memory passes; a wrong one does not."""
from __future__ import annotations

import pathlib
import tempfile
import unittest

from places import ADAPTERS, MINIMAL
from runs import gemms, memories, outcomes

WRONG = """
import sys
sys.path[:0] = [{adapters!r}, {minimal!r}]
import minimal, geomsu_adapter

class Gemm(minimal.Gemm):
    def product(self, s, accumulate):
        super().product(s, accumulate)
        self.c[s][1] += 0.125

class Wrong(minimal.Processor):
    def prepare(self, *asked):
        return Gemm(minimal.GemmParams.of(asked[2]), asked[3])

sys.exit(geomsu_adapter.serve(Wrong()))
"""


class Run(unittest.TestCase):
    def test_everything_passes(self) -> None:
        clauses = {**gemms(10, 8, 16), **memories(4096)}
        self.assertEqual(24, len(clauses), "eight dtypes and four layouts of gemm, every kind of memory in two dtypes")
        rows, printed, _ = outcomes(clauses, MINIMAL)
        self.assertEqual(len(clauses), len(rows))
        for clause, (outcome, words) in rows.items():
            self.assertEqual("PASS", outcome, (clause, words, printed))
        self.assertIn("Verdict: PASS", printed)

    def test_one_wrong_element_does_not_pass(self) -> None:
        with tempfile.TemporaryDirectory(prefix="geomsu-wrong-") as folder:
            path = pathlib.Path(folder) / "wrong.py"
            path.write_text(WRONG.format(adapters=str(ADAPTERS), minimal=str(MINIMAL.parent)))
            rows, printed, _ = outcomes({"g": gemms(10, 8, 16)["g-fp32"]}, path)
        self.assertNotEqual("PASS", rows["g"][0], printed)


if __name__ == "__main__":
    unittest.main()
