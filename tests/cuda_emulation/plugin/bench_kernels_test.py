"""The cases of bench/kernels that are small enough, each answer of them checked, on the shipped plug-in over an emulated GPU."""
import os
import re
import subprocess
import unittest

from emulated import PLUGIN, TIMEOUT_S, OnEmulatedNode, environment

PROGRAM = os.environ["GEOMSU_BENCH_KERNELS"]


class BenchKernels(OnEmulatedNode):
    def test_every_small_case_runs_or_is_not_offered_and_none_fails(self):
        done = subprocess.run(
            [PROGRAM, "--plugin", PLUGIN, "--benchmark_filter=^cuda/0/(edge|small)/", "--benchmark_min_time=0.001", "--block-ms", "1"],
            env=environment(self.emulation()), capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        ran, skipped, failed = map(int, re.search(r"(\d+) cases ran, (\d+) skipped, (\d+) failed", done.stdout + done.stderr).groups())
        self.assertEqual(failed, 0, done.stdout)
        self.assertGreater(ran, 70, done.stdout)
        rows = [line for line in done.stdout.splitlines() if line.startswith("cuda/0/")]
        self.assertEqual(len(rows), ran + skipped)
        for row in rows:
            if "ERROR OCCURRED" in row:
                self.assertRegex(row, r"skipped: workload_prepare: .*(fp8_e4m3|fp8_e5m2|int8|accumulates fp32 in fp32)")
            else:
                self.assertIn("[simulated: emulated]", row)


if __name__ == "__main__":
    unittest.main()
