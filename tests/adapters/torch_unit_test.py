#!/usr/bin/python3
"""The torch adapter's parts against geomsu_operands, and what it says when a device computes on the host. Skipped without torch."""
from __future__ import annotations

import os
import pathlib
import tempfile
import unittest
import unittest.mock

import places
from places import ADAPTERS, GEMM, TORCH, WithAdapter

places.require_torch()
import geomsu_operands as plain  # noqa: E402
import minimal  # noqa: E402
import torch  # noqa: E402
import torch_operands as fast  # noqa: E402
from operands_test import of_kind  # noqa: E402
from torch_device import TorchDevice, refusal  # noqa: E402
from torch_memory import Memory  # noqa: E402
from torch_workloads import Gemm  # noqa: E402

CPU = TorchDevice("cpu", None)
# A device that torch thinks is there: {kind} is what was asked for, its tensors lie on {place}; {more} is what goes wrong.
PRETENDED = """
import sys, warnings
sys.path[:0] = [{adapters!r}, {torch!r}]
import torch_adapter, geomsu_adapter

class Pretended(torch_adapter.Torch):
    def start(self):
        self.kind = "cpu"
        super().start()
        self.kind = {kind!r}
    def open(self, device):
        super().open(device)
        self.opened[device].name = {place!r}
{more}

sys.exit(geomsu_adapter.serve(Pretended([])))
"""


class Operands(unittest.TestCase):
    def test_mix64(self) -> None:
        for seed, tensor, index, u in of_kind("mix64"):
            self.assertEqual(
                fast.signed(int(u, 16)),
                int(fast.mixed(int(seed, 16), int(tensor), int(index), 1)),
                (seed, tensor, index),
            )

    def test_every_dtype_and_data_bit_for_bit(self) -> None:
        for dtype in plain.DTYPES:
            for data in ("normal", "uniform", "trig", "zeros"):
                if dtype == "int32":
                    continue
                for seed, tensor in ((0x0123456789ABCDEF, 18), (2**64 - 1, 1)):
                    want = plain.to_bytes(dtype, plain.values_of(dtype, data, seed, tensor, 0, 3001))
                    got = fast.values(dtype, data, seed, tensor, 3001)
                    self.assertEqual(want, bytes(got.view(torch.uint8).tolist()), (dtype, data))
                    self.assertEqual(plain.digest_of(want), fast.digest(got), (dtype, data))

    def test_rounding(self) -> None:
        for dtype, number, bits, _ in of_kind("round"):
            if dtype == "tf32" or dtype.startswith("fp8") or dtype == "int8" or dtype in ("bf16", "fp16"):
                got = fast.stored(dtype, torch.tensor([float(number)], dtype=torch.float64))
                self.assertEqual(
                    int(bits, 16), int.from_bytes(bytes(got.view(torch.uint8).tolist()), "little"), (dtype, number)
                )

    def test_chunks_make_no_difference(self) -> None:
        whole, kept = fast.values("fp32", "normal", 3, 1, 5000), fast.CHUNK
        try:
            fast.CHUNK = 1001
            self.assertTrue(torch.equal(whole, fast.values("fp32", "normal", 3, 1, 5000)))
            self.assertEqual(plain.digest_of(plain.to_bytes("fp32", whole.tolist())), fast.digest(whole))
            rows = whole[:4900].reshape(70, 70)
            want = [sum(x * s for x, s in zip(row, plain.signs(9, 70))) for row in rows.double().tolist()]
            for w, g in zip(want, fast.projected(rows, 70, 9)):
                self.assertAlmostEqual(w, g, 9)
        finally:
            fast.CHUNK = kept

    def test_signs_and_short_digests(self) -> None:
        for seed, signs in of_kind("signs"):
            self.assertEqual(signs, "".join("+" if s > 0 else "-" for s in fast.signs(int(seed, 16), 32)), seed)
        for words, digest in of_kind("digest"):
            if len(words.split()) == 1 and words != "-":
                self.assertEqual(
                    int(digest, 16), fast.digest(torch.tensor(list(bytes.fromhex(words)), dtype=torch.uint8)), words
                )


class Sums(unittest.TestCase):
    def taken(self, product: object) -> Gemm:
        way = [("a way of the test", product, lambda c, a, b: c.add_(a @ b))]
        params = plain.GemmParams.of({"dtype": "fp32", "m": "24", "n": "20", "k": "64", "batch": "2", "layout": "tn"})
        with unittest.mock.patch.object(Gemm, "ways", lambda work: way):
            return Gemm(params, CPU, 2, "", True)

    def test_a_way_that_keeps_its_sums_as_claimed_is_taken(self) -> None:
        self.assertIn("a way of the test", self.taken(lambda c, a, b: c.copy_(a @ b)).algorithm)

    def test_a_way_that_keeps_its_sums_in_less_is_refused(self) -> None:
        with self.assertRaises(plain.Refused) as refused:
            self.taken(lambda c, a, b: c.copy_((a.bfloat16() @ b.bfloat16()).float()))
        self.assertEqual("unsupported", refused.exception.status)
        self.assertIn("does not keep sums in fp32", refused.exception.reason)


class Work(unittest.TestCase):
    def same(self, ours: object, theirs: object, repeats: int, room: float, inputs: int = 2) -> None:
        for work in (ours, theirs):
            work.reseed(5)  # type: ignore[attr-defined]
        for number in range(1, inputs + 1):  # inputs are the generator's, bit for bit
            self.assertEqual(theirs.digest(number, 0), ours.digest(number, 0))  # type: ignore[attr-defined]
        for work in (ours, theirs):
            work.run(0, repeats)  # type: ignore[attr-defined]
        for repeat in range(min(repeats, theirs.operand_sets)):  # type: ignore[attr-defined]
            for number in range(inputs + 1):
                want, got = theirs.tensor(number, repeat), ours.tensor(number, repeat)  # type: ignore[attr-defined]
                self.assertEqual((want.dtype, want.rows, want.columns), (got.dtype, got.rows, got.columns))
                scale = max(map(abs, want.values))
                self.assertLessEqual(
                    max(abs(w - g) for w, g in zip(want.values, got.values)), room * scale, (number, repeat)
                )
                indices = [0, want.rows * want.columns - 1]
                self.assertEqual([got.values[i] for i in indices], ours.read(number, repeat, indices))  # type: ignore[attr-defined]

    def test_gemm(self) -> None:
        rooms = {"fp64": 1e-14, "fp32": 1e-5, "tf32": 1e-5, "bf16": 2.0**-6, "int8": 0.0}
        for dtype, room in rooms.items():
            for layout in ("nn", "nt", "tn", "tt"):
                for batch in ("1", "3"):
                    p = plain.GemmParams.of(
                        {"dtype": dtype, "m": "9", "n": "7", "k": "5", "batch": batch, "layout": layout}
                    )
                    try:
                        ours = Gemm(p, CPU, 2, "", True)
                    except plain.Refused as refused:  # some processors' small bf16 products: 8 bits of sum
                        if dtype == "bf16" and "does not keep sums in fp32" in refused.reason:
                            continue
                        raise
                    self.same(ours, minimal.Gemm(p, 2), 5, room)

    def test_memory(self) -> None:
        for kind in plain.MEMORY_ARRAYS:
            for dtype in ("fp64", "fp32"):
                for size in ("4096", "265728" if kind == "write" else "4608"):  # the least; over a piece of write's ramp
                    p = plain.MemoryParams.of({"kind": kind, "dtype": dtype, "bytes": size})
                    self.same(Memory(p, CPU, True), minimal.Memory(p), 7, 1e-6 if kind == "triad" else 0.0, p.arrays())

    def test_a_layout_is_how_operands_lie(self) -> None:
        p = plain.GemmParams.of({"dtype": "fp32", "m": "9", "n": "7", "k": "5", "layout": "tn"})
        work = Gemm(p, CPU, 1, "", True)
        self.assertEqual(((1, 9), (7, 1)), (work.a[0].stride(), work.b[0].stride()))

    def test_what_torch_does_not_offer(self) -> None:
        for more, word in (({"accumulate": "fp64"}, "accumulate"), ({"accumulate": "tf32_in"}, "accumulate")):
            with self.assertRaises(plain.Refused) as caught:
                Gemm(plain.GemmParams.of({**GEMM, **more}), CPU, 1, "", True)
            self.assertEqual("unsupported", caught.exception.status)
            self.assertIn(word, caught.exception.reason)
        huge = plain.GemmParams.of({"dtype": "fp64", "m": "2000000", "n": "2000000", "k": "2000000"})
        with self.assertRaises(plain.Refused) as caught:
            Gemm(huge, CPU, 1, "", True)
        self.assertEqual("out_of_memory", caught.exception.status)

    def test_compile(self) -> None:
        p = plain.GemmParams.of(GEMM)
        if not hasattr(torch, "compile"):
            with self.assertRaises(plain.Refused) as caught:
                Gemm(p, CPU, 1, "eager", True)
            self.assertIn("no torch.compile", caught.exception.reason)
            return
        work = Gemm(p, CPU, 2, "eager", True)
        self.assertIn("compiled by eager", work.algorithm)
        self.same(work, minimal.Gemm(p, 2), 5, 1e-5)

    def test_torchs_errors_keep_their_words(self) -> None:
        for words, status in (("CUDA out of memory. Tried to allocate", "out_of_memory"), ("CUDA error: unspecified launch failure", "device_lost"),
                              ('"addmm" not implemented for \'Half\'', "unsupported")):  # fmt: skip
            refused = refusal(RuntimeError(words), "x", "unsupported")
            self.assertEqual(status, refused.status)
            self.assertIn(words, refused.reason)


class FallBack(WithAdapter):
    """The host's answer in a device's name has to turn red, at prepare and in a block."""

    def pretended(self, kind: str, place: str, more: str) -> places.Asked:
        folder = tempfile.TemporaryDirectory(prefix="geomsu-torch-")
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "pretended.py"
        path.write_text(
            PRETENDED.format(adapters=str(ADAPTERS), torch=str(TORCH.parent), kind=kind, place=place, more=more)
        )
        return self.start(path).opened()

    def test_results_on_the_host(self) -> None:
        asked = self.pretended("npu", "cpu", "")
        for op, params in (("gemm", GEMM), ("memory", {"kind": "copy", "bytes": "4096"})):
            answer = asked.ask("prepare", op=op, params=params, operand_sets="1")
            self.assertEqual("unsupported", answer["status"], op)
            self.assertIn("torch fell back", answer["reason"])

    def test_a_warning_of_torchs(self) -> None:
        more = """        self.opened[device].check = lambda *tensors: warnings.warn("The operator 'aten::mm' will fall back to run on the CPU")"""
        answer = self.pretended("npu", "cpu", more).ask("prepare", op="gemm", params=GEMM, operand_sets="1")
        self.assertEqual("unsupported", answer["status"])
        self.assertIn("aten::mm", answer["reason"])

    def test_in_a_block(self) -> None:
        more = """        import torch, torch_workloads
        self.opened[device].synchronize = lambda result=None: None
        def prepared(self, seed):
            self.product = lambda c, a, b: torch.zeros(c.shape)
        torch_workloads.Gemm.reseed = prepared
        torch_workloads.Gemm.check_sums = lambda self, product, name: None"""
        asked = self.pretended("meta", "meta", more)
        asked.ok("prepare", op="gemm", params=GEMM, operand_sets="1")
        asked.ok("reseed", workload="1", seed="7")
        answer = asked.ask("measure", workload="1", repeats="1", timeout_ns=str(10**10), repeat_ticks=0)
        self.assertEqual("error", answer["status"])
        self.assertIn("the result lies on cpu, not on meta", answer["reason"])

    def test_a_switch_that_allows_it(self) -> None:
        asked = self.start(TORCH, "--device", "mps", env={"PYTORCH_ENABLE_MPS_FALLBACK": "1"})
        hello = asked.ask("hello", major=1, minor=0, tool="test")
        self.assertEqual("unsupported", hello["status"])
        self.assertIn("PYTORCH_ENABLE_MPS_FALLBACK", hello["reason"])

    def test_makers_switches_are_turned(self) -> None:
        more = """        import os
        assert os.environ["TORCH_NPU_FALLBACK_CPU_DISABLE"] == "1"
        assert "unsupported_op" in os.environ["TORCH_RBLN_DISABLE_FALLBACK"]"""
        self.pretended("npu", "cpu", more)

    def test_a_device_that_torch_does_not_know(self) -> None:
        for words in (("--device", "rbln"), ("--device", "npu", "--import", "geomsu_no_such_module")):
            hello = self.start(TORCH, *words).ask("hello", major=1, minor=0, tool="test")
            self.assertEqual("unsupported", hello["status"])
            self.assertIn("cannot start", hello["reason"])


class Identity(WithAdapter):
    def device(self, *words: str) -> places.Json:
        asked = self.start(TORCH, *words)
        asked.ok("hello", major=1, minor=0, tool="test")
        return asked.ok("devices")["devices"][0]

    def test_uuid(self) -> None:
        first = self.device()
        self.assertEqual(first, self.device("--device", "cpu"), "stable")
        self.assertIn("not the part's own", first["attributes"]["uuid.source"])
        told = self.device("--uuid", "NPU-7", "--name", "N", "--vendor", "V")
        self.assertEqual(
            ("NPU-7", "N", "V", "declared by --uuid"),
            (told["uuid"], told["name"], told["vendor"], told["attributes"]["uuid.source"]),
        )

    def test_deterministic_is_claimed_for_torchs_own_back_ends_only(self) -> None:
        asked = self.start(TORCH).opened()
        self.assertIs(True, asked.ok("prepare", op="gemm", params=GEMM, operand_sets="1")["deterministic"])


if __name__ == "__main__":
    os.environ.pop("PYTORCH_ENABLE_MPS_FALLBACK", None)
    unittest.main()
