#!/usr/bin/python3
"""A whole `geomsu run` with the torch adapter on the processor: what torch offers passes, what it does not is said with torch's
words, and a device whose results come back on the host passes nothing. Skipped without torch."""
from __future__ import annotations

import pathlib
import tempfile
import unittest

import places
from places import ADAPTERS, TORCH

places.require_torch()
from runs import gemms, memories, outcomes  # noqa: E402

# The tensors lie on the host; while a block runs, the device is said to be an NPU.
HOSTED = """
import sys
sys.path[:0] = [{adapters!r}, {torch!r}]
import torch_adapter, torch_workloads, geomsu_adapter

class Hosted(torch_adapter.Torch):
    def open(self, device):
        super().open(device)
        run, opened = torch_workloads.Gemm.run, self.opened[device]
        def run_as_npu(work, first, repeats):
            opened.kind = "npu"
            try:
                run(work, first, repeats)
            finally:
                opened.kind = "cpu"
        torch_workloads.Gemm.run = run_as_npu

sys.exit(geomsu_adapter.serve(Hosted([])))
"""
OFFERED_EVERYWHERE = ("g-fp64", "g-fp32", "g-tf32", "g-int8", "l-nn", "l-tt")


class Run(unittest.TestCase):
    def test_what_torch_offers_passes(self) -> None:
        work = {**gemms(200, 168, 192), **memories(1 << 20)}
        already = ("l-nt", "l-tn", "m-copy-fp32", "m-scale-fp64", "m-add-fp32", "m-triad-fp64", "m-read-fp64", "m-write-fp32")
        for name in already:  # torch_unit_test has them
            del work[name]
        rows, printed, trials = outcomes(work, TORCH, "--device", "cpu")
        self.assertEqual(set(work), set(rows))
        for clause, (outcome, words) in rows.items():
            if clause in OFFERED_EVERYWHERE or clause.startswith("m-"):
                self.assertEqual("PASS", outcome, (clause, words, printed))
            elif outcome != "PASS":  # bf16, fp16 and fp8: a matter of this torch
                self.assertEqual("NOT_APPLICABLE", outcome, (clause, words, printed))
                self.assertRegex(words, "torch|RuntimeError", clause)
        self.assertIn("mm(out=), addmm(out=)", str(trials), "the way that was taken stands in the evidence")

    def test_the_hosts_answer_in_a_devices_name_does_not_pass(self) -> None:
        with tempfile.TemporaryDirectory(prefix="geomsu-hosted-") as folder:
            path = pathlib.Path(folder) / "hosted.py"
            path.write_text(HOSTED.format(adapters=str(ADAPTERS), torch=str(TORCH.parent)))
            rows, printed, trials = outcomes({"g": gemms(64, 64, 64)["g-fp32"]}, path)
        self.assertNotIn(rows["g"][0], ("PASS", "NOT_APPLICABLE"), printed)
        self.assertIn("torch fell back to another device", printed + str(trials) + str(rows))


if __name__ == "__main__":
    unittest.main()
