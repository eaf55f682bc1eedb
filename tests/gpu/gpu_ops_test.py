"""Every operation of the plug-in at a GPU's size, held against the reference; its clock and its telemetry."""
import math
import subprocess
import time

import gpu
import emulated
import ops_tables
from gpu import OnGpu, size

SIDE = size(4096, 16)
ARRAY = size(1 << 30, 4096)
COPY = size(64 << 20, 4096)
CLOCK_S = size(5, 0)
MOST_PPM = 500


class Gemm(OnGpu):
    def dtypes(self):
        return [dtype for dtype in ops_tables.GEMM if dtype != "fp8_e4m3" or self.has_fp8()]

    def lines(self, shape, sets, repeats, layouts=None, **more):
        return [ops_tables.gemm(dtype, accumulate, out, shape, layout, repeats=repeats, operand_sets=sets, **more)
                for dtype in self.dtypes() for accumulate, out in ops_tables.GEMM[dtype]
                for layout in ops_tables.LAYOUTS.get(dtype, layouts or ["nn", "nt", "tn", "tt"])]

    def test_every_dtype_and_output_at_its_size(self):
        self.expect_ok(self.lines((SIDE, SIDE, SIDE), 2, 2, layouts=["nt"]))

    def test_every_layout(self):
        side = size(512, 16)
        self.expect_ok(self.lines((side, 2 * side, side), 3, 5))

    def test_sizes_that_are_no_multiple_of_anything(self):
        shapes = size([(4095, 4097, 1023), (1, 8191, 257), (8191, 1, 4097), (1, 1, 1), (127, 129, 65537)],
                      [(13, 1, 5), (1, 19, 7), (1, 1, 1)])
        self.expect_ok([ops_tables.gemm(dtype, *ops_tables.GEMM[dtype][0], shape, layout, repeats=2, operand_sets=2)
                        for dtype in ("fp64", "fp32", "tf32", "bf16", "fp16") for layout in ("nn", "nt", "tn", "tt")
                        for shape in shapes])

    def test_batches(self):
        side = size(256, 16)
        self.expect_ok(self.lines((side, side, side), 2, 3, batch=size(37, 3)))

    def test_many_rounds_of_accumulation(self):
        side = size(1024, 16)
        self.expect_ok(self.lines((side, side, side), 4, size(41, 9), layouts=["nt"]))

    def test_more_repeats_than_a_stream_is_held_for(self):
        side = size(128, 16)
        self.expect_ok([ops_tables.gemm("bf16", "fp32", "bf16", (side, side, side), repeats=size(5000, 400), operand_sets=7)])

    def test_every_kind_of_data(self):
        side = size(512, 16)
        self.expect_ok([line for data in ("normal", "uniform", "trig", "zeros")
                        for line in self.lines((side, side, side), 1, 1, layouts=["nt"], data=data)])

    def test_blocks_run_on_from_one_another(self):
        side = size(1024, 16)
        self.expect_ok([ops_tables.gemm("fp32", "fp32", "fp32", (side, side, side), repeats=3, blocks=4, operand_sets=4)])


class Memory(OnGpu):
    def test_every_kind_at_its_size(self):
        self.expect_ok([f"run memory kind={kind} dtype={dtype} bytes={ARRAY} repeats=4 blocks=2"
                        for kind in ("copy", "scale", "add", "triad", "read", "write") for dtype in ("fp64", "fp32")])

    def test_sizes_that_do_not_fill_the_grid(self):
        self.expect_ok([f"run memory kind={kind} dtype=fp64 bytes={bytes_} repeats=7"
                        for kind in ("copy", "scale", "add", "triad", "read", "write") for bytes_ in (4096, 4608, size(50003968, 8192))])

    def test_tensors_as_they_were_filled(self):
        elements = size(1 << 22, 4096)
        lines = [f"digest memory kind=triad dtype={dtype} bytes={8 * elements}" for dtype in ("fp64", "fp32")]
        lines += [f"digest gemm dtype={dtype} m=16 n=16 k={elements // 64} layout=nt" for dtype in ("fp64", "fp32", "bf16", "fp16", "int8")]
        self.expect_ok(lines)


class Transfer(OnGpu):
    def test_every_direction(self):
        self.expect_ok([f"run transfer direction={direction} bytes={COPY} pinned={pinned} repeats=5"
                        for direction in ("h2d", "d2h", "bidirectional") for pinned in ("yes", "no")])

    def test_every_peer(self):
        peers = range(1, self.devices())
        if not peers:
            self.skipTest("one GPU is here: no peer")
        lines = [f"run transfer direction={direction} peer={peer} bytes={COPY} repeats=5"
                 for peer in peers for direction in ("p2p", "bidirectional")]
        answers = self.answers(lines)
        without = [line for line, answer in zip(lines, answers) if answer.startswith(gpu.UNSUPPORTED) and "no direct path" in answer]
        wrong = [f"{line}\n    {answer}" for line, answer in zip(lines, answers) if not answer.startswith("ok") and line not in without]
        self.assertFalse(wrong, "\n" + "\n".join(wrong))
        if without:
            print(f"\nno direct path to peers, which the driver says: {len(without)} of {len(lines)} lines")


class Device(OnGpu):
    def test_each_gpu_computes(self):
        side = size(1024, 16)
        lines = []
        for index in range(self.devices()):
            lines += [f"open {index}", ops_tables.gemm("bf16", "fp32", "bf16", (side, side, side), repeats=3, operand_sets=2)]
        self.expect_ok(lines)

    def test_telemetry_is_sane(self):
        answer = self.drive(["telemetry"]).answers[2]
        values = dict(word.split("=") for word in answer.split())
        known = {key: float(value) for key, value in values.items() if value not in ("-", "nan", "-nan")}
        print("\nunknown:", ", ".join(sorted(set(values) - set(known))) or "nothing")
        for key, least, most in (("power_w", 1, 3000), ("energy_j", 0, math.inf), ("temperature_c", 1, 120),
                                 ("memory_temperature_c", 1, 120), ("clock_mhz", 50, 5000), ("memory_clock_mhz", 50, 30000),
                                 ("memory_used_bytes", 1, 1e12), ("foreign_load", 0, 1)):
            if key in known:
                self.assertTrue(least <= known[key] <= most, answer)

    def test_the_clock_runs_at_the_host_s_rate(self):
        process = subprocess.Popen([emulated.DRIVE, emulated.PLUGIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   env=emulated.environment(self.emulation(), **gpu.kept()))
        with process:
            process.stdout.readline(), process.stdout.readline()
            first = clock_pair(process)
            time.sleep(CLOCK_S)
            last = clock_pair(process)
            process.stdin.close()
        if gpu.MINIATURE:  # a scripted clock only goes on
            self.assertGreaterEqual(last[1], first[1])
            return
        off = ppm(first, last)
        print(f"\nthe device's clock is {off:+.1f} ppm off the host's over {CLOCK_S} s")
        self.assertLess(abs(off), MOST_PPM)

    def test_rates_are_told_apart(self):
        self.assertAlmostEqual(ppm((0, 5), (10**9, 5 + 10**9)), 0)
        self.assertAlmostEqual(ppm((0, 5), (10**9, 5 + 10**9 + 600_000)), 600)


def clock_pair(process):
    """(host's ns, device's ns) of the narrowest of 32 readings."""
    best = None
    for _ in range(32):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        process.stdin.write("clock\n")
        process.stdin.flush()
        ticks = int(process.stdout.readline())
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        process.stdout.readline()
        if best is None or after - before < best[0]:
            best = (after - before, (before + after) // 2, ticks)
    return best[1:]


def ppm(first, last):
    return ((last[1] - first[1]) / (last[0] - first[0]) - 1) * 1e6


if __name__ == "__main__":
    gpu.main()
