"""Ours beside the same work called bare, in turn: geomsu-bench-cublaslt, and the plug-in through its table. Prints the ratio of
times with its interval beside the design's bar. No time is asserted: a bar is judged by a contract, not by a test."""
import json
import os
import re
import subprocess

import gpu
import emulated
from gpu import OnGpu, ratio_interval, size

BENCH = os.environ.get("GEOMSU_BENCH_CUBLASLT", "")
BLOCKS, BLOCK_MS = size(30, 7), size(500, 10)
SIDE, ARRAY = size(8192, 32), size(1 << 30, 8192)
GEMM_BAR, MEMORY_BAR = 0.98, 0.90
DATASHEET = (("H200", 4.8e12), ("H100 NVL", 3.9e12), ("H100 PCIe", 2.0e12), ("H100", 3.35e12), ("B200", 8.0e12),
             ("A100-SXM4-80GB", 2.039e12), ("A4000", 4.48e11))  # bytes a second, of NVIDIA's datasheets


class Talk:
    """A program that answers by lines."""

    def __init__(self, test, words):
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=emulated.environment(test.emulation(), **gpu.kept()))
        test.addCleanup(self.end)

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"{self.process.args[0]} ended with {self.process.wait()}")
        return line.strip()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.line()

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Bare(OnGpu):
    def setUp(self):
        super().setUp()
        if not os.access(BENCH, os.X_OK):
            self.skipTest("geomsu-bench-cublaslt is not built (GEOMSU_BENCH)")

    def ours(self, line):
        """A way to time one block of so many repeats: ns a repeat."""
        talk = Talk(self, [emulated.DRIVE, emulated.PLUGIN])
        talk.line(), talk.line()
        words = talk.ask(line)
        self.assertTrue(words.startswith("ok "), words)

        def block(repeats):
            answer = talk.ask(f"block {repeats}")
            self.assertTrue(answer.startswith("ok "), answer)
            return int(answer.split()[1]) / repeats
        block.words = words[3:]
        return block

    def bare(self, *words):
        talk = Talk(self, [BENCH, "--serve", "--block-ms", str(BLOCK_MS), *map(str, words)])
        head = json.loads(talk.line())
        self.assertEqual(head["emulated"], gpu.MINIATURE, head)
        return head, lambda: float(talk.ask("block"))

    def compare(self, line, *words):
        head, bare = self.bare(*words)
        ours = self.ours(line)
        ours(head["repeats"])  # untimed, as bare's were
        pairs = []
        for i in range(BLOCKS):
            first = bare() if i % 2 == 0 else None  # who begins, changes
            mine = ours(head["repeats"])
            pairs.append((first if first is not None else bare(), mine))
        self.assertTrue(all(b > 0 and o > 0 for b, o in pairs), pairs)
        ratio, lower, upper = ratio_interval([b / o for b, o in pairs])
        median = [sorted(side)[len(pairs) // 2] for side in zip(*pairs)]
        return head, ours.words, median, ratio, lower, upper

    def say(self, head, words, median, ratio, lower, upper, unit, bar):
        print(f"\n  bare: {head['work']} on {head['device']}\n  ours: {words}")
        if not gpu.MINIATURE:
            for name, ns in zip(("bare", "ours"), median):
                print(f"  {name}: {head['per_repeat'] * 1e9 / ns:.5g} {unit}")
        verdict = "yes" if lower >= bar else "no" if upper < bar else "open"
        print(f"  bare's time over ours: {ratio:.4f} [{lower:.4f}, {upper:.4f}] (95 %), bar {bar}: {verdict}"
              + (", emulated: it means nothing" if gpu.MINIATURE else ""))

    def test_bf16_product_beside_bare_cublaslt(self):
        head, *rest = self.compare(f"keep gemm dtype=bf16 accumulate=fp32 out=bf16 m={SIDE} n={SIDE} k={SIDE} layout=nt operand_sets=2",
                                   "--m", SIDE, "--n", SIDE, "--k", SIDE, "--sets", 2)
        self.say(head, *rest, "FLOP/s", GEMM_BAR)

    def test_triad_beside_a_bare_triad_and_the_datasheet(self):
        head, words, median, *interval = self.compare(f"keep memory kind=triad dtype=fp64 bytes={ARRAY}", "--triad", ARRAY)
        self.say(head, words, median, *interval, "B/s", 1.0)
        datasheet = next((rate for name, rate in DATASHEET if name in head["device"]), None)
        if datasheet and not gpu.MINIATURE:
            for name, ns in zip(("bare", "ours"), median):
                print(f"  {name}: {head['per_repeat'] * 1e9 / ns / datasheet:.3f} of the datasheet's {datasheet:.4g} B/s, bar {MEMORY_BAR}")

    def test_other_types_run_bare(self):
        for dtype in ("fp64", "fp32", "tf32", "fp16", "fp8_e4m3", "int8"):
            if dtype == "fp8_e4m3" and not self.has_fp8():
                continue
            side = size(2048, 16)
            done = subprocess.run([BENCH, "--dtype", dtype, "--m", str(side), "--n", str(side), "--k", str(side), "--blocks", "7",
                                   "--block-ms", str(size(50, 5))], env=emulated.environment(self.emulation(), **gpu.kept()), capture_output=True,
                                  text=True, check=False, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
            row = json.loads(done.stdout)
            self.assertTrue(row["lower_ns"] <= row["median_ns"] <= row["upper_ns"], row)
            self.assertTrue(re.search(rf"\b{dtype} TN {side}x{side}x{side}, [0-9]+ operand sets", row["work"]), row)
            if not gpu.MINIATURE:
                print(f"\n  bare {dtype} {side}: {row['per_second']:.5g} a second")

    def test_an_interval_is_the_order_statistics(self):
        self.assertEqual(ratio_interval([3, 1, 2]), (2, None, None))
        self.assertEqual(ratio_interval(range(1, 7)), (3.5, 1, 6))    # 1/2^5 of both tails
        self.assertEqual(ratio_interval(range(1, 31)), (15.5, 10, 21))  # ranks of the tables: Conover, A3


if __name__ == "__main__":
    gpu.main()
