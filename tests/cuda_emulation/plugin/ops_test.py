"""Every operation, type, layout and size class of kernels/cuda, computed by the shipped plug-in on emulated GPUs."""
import unittest

from emulated import NODES, OnEmulatedNode
from ops_tables import GEMM, LAYOUTS, ODD, SIZES, gemm


class Gemm(OnEmulatedNode):
    def test_every_dtype_and_output_in_its_layouts(self):
        lines = [gemm(dtype, accumulate, out, shape, layout, repeats=3, operand_sets=3)
                 for dtype, pairs in GEMM.items() for accumulate, out in pairs
                 for layout in LAYOUTS.get(dtype, ["nn", "nt", "tn", "tt"]) for shape in SIZES[:2]]
        self.expect_ok(lines)

    def test_sizes_that_are_no_multiple_of_anything(self):
        lines = [gemm(dtype, accumulate, out, shape, layout, repeats=2, operand_sets=2)
                 for dtype in ("fp64", "fp32", "bf16", "fp16") for accumulate, out in GEMM[dtype][:1]
                 for layout in ("nn", "tt") for shape in ODD]
        self.expect_ok(lines)

    def test_long_and_thin(self):
        self.expect_ok([gemm(dtype, *GEMM[dtype][0], shape, repeats=1) for dtype in GEMM for shape in SIZES[2:]])

    def test_sets_that_are_met_again_accumulate_products_of_ever_other_pairs(self):
        lines = [gemm(dtype, *pair, SIZES[0], repeats=repeats, operand_sets=sets, at=at)
                 for dtype in ("fp64", "fp32", "bf16", "int8") for pair in GEMM[dtype]
                 for repeats, sets, at in ((2, 1, 0), (5, 2, 3), (7, 3, 4), (9, 4, 8))]
        self.expect_ok(lines)

    def test_blocks_run_on_from_one_another(self):
        self.expect_ok([gemm("fp32", "fp32", "fp32", (24, 24, 24), repeats=3, blocks=3, operand_sets=4)])

    def test_batches(self):
        lines = [gemm(dtype, *GEMM[dtype][0], (16, 32, 48), layout, batch=3, repeats=2, operand_sets=2)
                 for dtype in GEMM for layout in LAYOUTS.get(dtype, ["nn", "nt", "tn", "tt"])]
        self.expect_ok(lines)

    def test_every_kind_of_data(self):
        lines = [gemm(dtype, *GEMM[dtype][0], SIZES[1], data=data, repeats=1)
                 for dtype in GEMM for data in ("normal", "uniform", "trig", "zeros")]
        self.expect_ok(lines)

    def test_more_repeats_than_a_stream_is_held_for(self):
        self.expect_ok([gemm("int8", "int32", "int32", (16, 16, 16), repeats=400, operand_sets=7)])

    def test_what_is_not_offered_is_refused_with_the_reason(self):
        for line, words in ((gemm("fp8_e4m3", "fp32", "bf16", SIZES[0], "nn"), "nt"),
                            (gemm("fp8_e4m3", "fp32", "bf16", (16, 17, 16)), "16"),
                            (gemm("fp8_e4m3", "fp32", "bf16", (16, 16, 17)), "16"),
                            (gemm("fp8_e5m2", "fp32", "bf16", SIZES[0]), "fp8_e5m2"),
                            (gemm("fp32", "fp64", "fp32", SIZES[0]), "fp64"),
                            (gemm("int8", "int32", "int32", (17, 19, 23)), "int8"),
                            (gemm("int8", "int32", "int32", SIZES[0], "nn"), "nt")):
            with self.subTest(line):
                answer = self.answers([line])[0]
                self.assertTrue(answer.startswith("refused 2 "), answer)
                self.assertIn(words, answer)


class Operands(OnEmulatedNode):
    def test_have_the_digest_of_the_generator_before_a_block_changes_them(self):
        gemms = [f"digest gemm dtype={dtype} accumulate={GEMM[dtype][0][0]} out={GEMM[dtype][0][1]} m=48 n=16 k=32 layout=nt" for dtype in ("fp64", "fp32", "bf16", "fp16", "int8")]
        self.expect_ok([*gemms, "digest memory kind=copy dtype=fp32 bytes=4608", "digest memory kind=triad dtype=fp64 bytes=4096"])

    def test_have_the_elements_of_the_generator_however_they_are_stored(self):
        gemms = [f"operands gemm dtype={dtype} m=6 n=5 k=7 layout={layout}" for dtype in ("fp32", "fp64") for layout in ("nn", "nt", "tn", "tt")]
        self.expect_ok([*gemms, "operands memory kind=triad dtype=fp32 bytes=4608", "operands transfer direction=h2d bytes=4096",
                        "operands transfer direction=d2h bytes=4096"])

    def test_that_are_stored_transposed_have_none(self):
        answer = self.answers(["digest gemm dtype=fp32 accumulate=fp32 out=fp32 m=48 n=16 k=32 layout=tn"])[0]
        self.assertRegex(answer, "^refused 2 .*stored transposed.*next: ")


class Memory(OnEmulatedNode):
    def test_every_kind_in_both_dtypes_and_several_sizes(self):
        lines = [f"run memory kind={kind} dtype={dtype} bytes={size} repeats={repeats}"
                 for kind in ("copy", "scale", "add", "triad", "read", "write") for dtype in ("fp64", "fp32")
                 for size, repeats in ((4096, 1), (4608, 8), (16384, 5))]
        self.expect_ok(lines)

    def test_blocks_run_on_from_one_another(self):
        self.expect_ok([f"run memory kind={kind} dtype=fp64 bytes=4096 repeats=3 blocks=3"
                        for kind in ("copy", "scale", "add", "triad", "read", "write")])


    def test_several_pieces_a_thread_in_flight_on_a_device_of_one_multiprocessor(self):
        node = (NODES / "gh200.yaml").read_text(encoding="utf-8").replace("multiprocessors: 132", "multiprocessors: 1")
        self.expect_ok([f"run memory kind={kind} dtype=fp64 bytes=266240 repeats=2" for kind in ("copy", "scale", "add", "triad", "read", "write")],
                       folder=self.emulation(node))


class Transfer(OnEmulatedNode):
    def test_every_direction(self):
        lines = [f"run transfer direction={direction} bytes={size} pinned={pinned} repeats=3"
                 for direction in ("h2d", "d2h", "bidirectional") for pinned in ("yes", "no") for size in (64, 4096, 20480)]
        self.expect_ok(lines)

    def test_to_a_peer_one_way_and_both(self):
        self.expect_ok(["run transfer direction=p2p peer=1 bytes=8192 repeats=3",
                        "run transfer direction=bidirectional peer=1 bytes=8192 repeats=3"])

    def test_blocks_run_on_from_one_another(self):
        self.expect_ok(["run transfer direction=h2d bytes=4096 repeats=2 blocks=3"])

    def test_a_peer_that_is_not_there_is_the_device_itself_or_cannot_be_reached_is_refused(self):
        for peer, words in ((99, "there is no device 99"), (0, "is the device itself")):
            self.refused(f"run transfer direction=p2p peer={peer} bytes=4096", words)
        apart = (NODES / "dgx-h100.yaml").read_text(encoding="utf-8").replace("peers: all", "peers: none")
        self.refused("run transfer direction=p2p peer=1 bytes=4096", "no direct path", folder=self.emulation(apart))

    def test_more_host_memory_than_there_is_is_refused_before_any_is_taken(self):
        text = (NODES / "dgx-h100.yaml").read_text(encoding="utf-8")
        text = text.replace("memory: 85899345920", "memory: 2199023255552").replace("free: 1610612736", "free: 2199023255552")
        self.refused("run transfer direction=h2d bytes=549755813888", "the host's side needs", folder=self.emulation(text), code=3)

    def refused(self, line, words, code=2, **more):
        answer = self.answers([line], **more)[0]
        self.assertTrue(answer.startswith(f"refused {code} "), answer)
        self.assertIn(words, answer)
        self.assertIn("next: ", answer)


if __name__ == "__main__":
    unittest.main()
