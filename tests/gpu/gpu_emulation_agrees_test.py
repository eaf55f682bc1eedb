"""What the plug-in answers on the GPU beside what it answers on an emulated one of the same compute capability, in another
process: which requests are taken and which are refused with which words. Each difference is named; the emulation follows the
device, never the other way."""
import itertools
import os

import gpu
import emulated
from gpu import OnGpu, size

PAIRS = [("fp64", "fp64", "fp64"), ("fp32", "fp32", "fp32"), ("fp32", "tf32_in", "fp32"), ("fp32", "fp64", "fp32"),
         ("tf32", "fp32", "fp32"), ("bf16", "fp32", "bf16"), ("bf16", "fp32", "fp32"), ("bf16", "bf16", "bf16"),
         ("fp16", "fp32", "fp16"), ("fp16", "fp32", "fp32"), ("fp16", "fp16", "fp16"), ("fp8_e4m3", "fp32", "bf16"),
         ("fp8_e4m3", "fp32", "fp16"), ("fp8_e4m3", "fp32", "fp32"), ("fp8_e4m3", "fp8_fast", "bf16"),
         ("fp8_e5m2", "fp32", "bf16"), ("int8", "int32", "int32"), ("int8", "fp32", "fp32"), ("int32", "int32", "int32")]
# m, n, k: all of a multiple of 64, then each of 16, 8, 4, 2 and 1 alone, then all of them odd.
SIDE = size(64, 16)
SIDES = [(SIDE, SIDE, SIDE)] + [
    tuple(SIDE + step if i == axis else SIDE for i in range(3)) for step in (16, 8, 4, 2, 1) for axis in range(3)] + [
    (17, 19, 23), (1, SIDE, SIDE), (SIDE, 1, SIDE), (SIDE, SIDE, 1), (1, 1, 1)]
ERRORS = [
    "run gemm dtype=bf16 m=0 n=16 k=16", "run gemm dtype=bf16 m=16 n=16", "run gemm dtype=nothing m=16 n=16 k=16",
    "run gemm dtype=bf16 m=16 n=16 k=16 layout=xx", "run gemm dtype=bf16 m=16 n=16 k=16 colour=red",
    "run gemm dtype=bf16 m=4194304 n=4194304 k=16", "run gemm dtype=int8 accumulate=int32 out=int32 m=1 n=1 k=1 batch=4294967296",
    "run gemm dtype=bf16 m=16 n=16 k=16 batch=1025", "run gemm dtype=bf16 m=64 n=64 k=64 data=nothing",
    "run memory kind=nothing dtype=fp64 bytes=4096", "run memory kind=copy dtype=bf16 bytes=4096",
    "run memory kind=copy dtype=fp64 bytes=100", "run memory kind=copy dtype=fp64 bytes=1099511627776",
    "run transfer direction=h2d bytes=7", "run transfer direction=h2d bytes=8 peer=1", "run transfer direction=p2p bytes=8",
    "run transfer direction=p2p bytes=8 peer=0", "run transfer direction=p2p bytes=8 peer=4096",
    "run transfer direction=d2h bytes=1099511627776 pinned=yes", "run convolution m=1",
]


def requests():
    steps = size(SIDES, SIDES[::7])
    return [f"run gemm dtype={dtype} accumulate={accumulate} out={out} m={m} n={n} k={k} layout={layout} repeats=2 operand_sets=2"
            for (dtype, accumulate, out), layout, (m, n, k) in itertools.product(PAIRS, ("nn", "nt", "tn", "tt"), steps)] + ERRORS + [
        f"run memory kind={kind} dtype={dtype} bytes=8192" for kind in ("copy", "scale", "add", "triad", "read", "write") for dtype in ("fp64", "fp32")] + [
        f"run transfer direction={way} bytes={count} pinned={pinned}" for way in ("h2d", "d2h", "bidirectional") for pinned in ("yes", "no") for count in (8, 72, 65536)]


def differences(lines, here, there):
    """Words for each line that is answered otherwise."""
    if not len(lines) == len(here) == len(there):
        return [f"{len(lines)} lines, {len(here)} answers of the GPU, {len(there)} of the emulation"]
    return [f"{line}\n    the GPU:       {mine}\n    the emulation: {theirs}"
            for line, mine, theirs in zip(lines, here, there) if gpu.normal(mine) != gpu.normal(theirs)]


class Agrees(OnGpu):
    def node(self, facts):
        """An emulated node with one GPU like that one."""
        return (f"name: like the GPU\ndriver: 13000\npace: {{launch_ns: 2000000, flop_per_s: 1.0e+9, bytes_per_s: 1.0e+9}}\n"
                f"devices:\n  - name: {facts['name'].replace('EMULATED (CPU) ', '')}\n    compute: \"{facts['compute_capability']}\"\n"
                f"    multiprocessors: {facts['multiprocessors']}\n    memory: {facts['memory_bytes']}\n    free: 1610612736\n"
                f"    l2: {facts['l2_bytes']}\n    pci: \"{facts['pci_address']}\"\n    peers: none\n")

    def both(self, lines, env=None):
        here = self.answers(lines, env=env)
        folder = emulated.OnEmulatedNode.emulation(self, self.node(self.facts()), "order: random\nseed: 3\n")
        done = emulated.OnEmulatedNode.drive(self, lines, folder=folder, env=env)
        self.assertEqual(done.answers[0], "plugin cuda emulated", done.stdout + done.stderr)
        return here, done.answers[2:]

    def agree(self, lines, env=None):
        wrong = differences(lines, *self.both(lines, env))
        self.assertFalse(wrong, f"\n{len(wrong)} of {len(lines)} are answered otherwise:\n" + "\n".join(wrong))

    def test_every_request_is_answered_alike(self):
        self.agree(requests())

    def test_variables_that_change_the_precision_are_refused_alike(self):
        for name in ("NVIDIA_TF32_OVERRIDE", "CUBLAS_EMULATE_SINGLE_PRECISION", "CUBLAS_EMULATE_DOUBLE_PRECISION", "CUBLAS_EMULATION_STRATEGY"):
            with self.subTest(name):
                self.agree([f"run gemm dtype={dtype} m=16 n=16 k=16 layout=nt" for dtype in ("fp64", "fp32", "tf32", "bf16")], {name: "1"})

    def test_a_difference_is_seen(self):
        line = "run gemm dtype=bf16 m=16 n=16 k=16"
        taken, refused = "ok sets=1 bytes=9 an algorithm", "refused 2 cuBLASLt 13.1.0 offers no product on X (compute capability 9.0): a"
        self.assertEqual(differences([line], [taken], ["ok sets=1 bytes=9 another one"]), [])
        self.assertEqual(differences([line], [refused], [refused.replace("13.1.0", "13.2.0").replace(" X ", " EMULATED (CPU) X ")]), [])
        for other in (refused, "ok sets=2 bytes=9 an algorithm", "ok sets=1 bytes=8 an algorithm", "FAIL an element"):
            self.assertEqual(len(differences([line], [taken], [other])), 1, other)
        self.assertEqual(len(differences([line], [refused], [refused.replace("): a", "): b")])), 1)
        self.assertEqual(len(differences([line], [], [taken])), 1)

    def test_what_another_gpu_refuses_is_a_difference(self):
        if not gpu.MINIATURE:
            self.skipTest("on the emulation alone")
        lines = ["run gemm dtype=fp8_e4m3 m=16 n=16 k=16 layout=nt", "run gemm dtype=bf16 m=16 n=16 k=16 layout=nt"]
        here = self.answers(lines)
        folder = emulated.OnEmulatedNode.emulation(self, "a4000-workstation")
        there = emulated.OnEmulatedNode.drive(self, lines, folder=folder).answers[2:]
        wrong = differences(lines, here, there)
        self.assertEqual(len(wrong), 1, wrong)
        self.assertIn("fp8_e4m3", wrong[0])


if __name__ == "__main__":
    if not os.path.isdir(os.environ["GEOMSU_EMULATION_DIR"]):
        print("SKIPPED: the emulation is built with CUDA 13 alone")
        raise SystemExit(gpu.SKIPPED)
    gpu.main()
