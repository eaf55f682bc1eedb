"""Emulated runs are a function of their configuration: equal seeds give equal answers and equal virtual times, and an order drawn
by chance gives the results of the latest order for every operation and kind."""
import re
import shutil
import unittest

from emulated import OnEmulatedNode
from runs_test import OnMiniatureNode, miniature, node_text

OPERATIONS = {
    "gemm fp64": "run gemm dtype=fp64 m=17 n=16 k=19 layout=nn repeats=3 operand_sets=2",
    "gemm fp32": "run gemm dtype=fp32 m=16 n=48 k=32 layout=tn repeats=3 operand_sets=2",
    "gemm tf32": "run gemm dtype=tf32 m=16 n=48 k=32 layout=tt repeats=3 operand_sets=2",
    "gemm bf16": "run gemm dtype=bf16 m=48 n=16 k=32 layout=nt repeats=3 batch=2",
    "gemm fp16": "run gemm dtype=fp16 m=48 n=16 k=32 layout=nt repeats=3 operand_sets=3",
    "gemm fp8_e4m3": "run gemm dtype=fp8_e4m3 out=bf16 m=16 n=32 k=32 layout=nt repeats=3 operand_sets=2",
    "gemm int8": "run gemm dtype=int8 accumulate=int32 out=int32 m=16 n=32 k=32 layout=nt repeats=3 operand_sets=2",
    **{f"memory {kind}": f"run memory kind={kind} dtype=fp64 bytes=4608 repeats=3 blocks=2"
       for kind in ("copy", "scale", "add", "triad", "read", "write")},
    "transfer h2d": "run transfer direction=h2d bytes=4096 repeats=3",
    "transfer d2h": "run transfer direction=d2h bytes=4096 pinned=no repeats=3",
    "transfer bidirectional": "run transfer direction=bidirectional bytes=4096 repeats=3",
    "transfer p2p": "run transfer direction=p2p peer=1 bytes=4096 repeats=3",
    "transfer bidirectional peer": "run transfer direction=bidirectional peer=1 bytes=4096 repeats=3",
}
SCRIPT = [name for name in OPERATIONS if not name.startswith("transfer")] + ["transfer bidirectional"]
SEEDS = (2, 3, 5)
CLAUSES = "gemm-bf16|memory-triad|transfer-h2d"


class Determinism(OnEmulatedNode):
    def script(self, order, seed):
        """All that the driver prints, with the device's clock and a reading after each operation."""
        lines = [line for operation in SCRIPT for line in (OPERATIONS[operation], "clock", "telemetry")]
        done = self.drive(lines, folder=self.emulation(extra=f"order: {order}\nseed: {seed}\n"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_equal_seeds_give_equal_bytes_and_equal_virtual_times(self):
        for order in ("late", "random"):
            with self.subTest(order):
                first, again = self.script(order, 7), self.script(order, 7)
                self.assertEqual(len(re.findall(r"^ok ns=[1-9]", first, flags=re.MULTILINE)), len(SCRIPT), first)
                self.assertEqual(first, again)

    def test_an_order_drawn_by_chance_gives_what_the_latest_order_gives(self):
        def results(order, seed):
            answers = self.answers(list(OPERATIONS.values()), folder=self.emulation(extra=f"order: {order}\nseed: {seed}\n"))
            return [answer.split(" digest=")[1].split(" ")[0] if " digest=" in answer else answer for answer in answers]

        late = results("late", 1)
        drawn = {seed: results("random", seed) for seed in SEEDS}
        print()
        for i, name in enumerate(OPERATIONS):
            print(f"{name:28} late {late[i]:>20}  " + "  ".join(f"random, seed {seed}: {'equal' if drawn[seed][i] == late[i] else drawn[seed][i]}" for seed in SEEDS))
        for seed in SEEDS:
            self.assertEqual(drawn[seed], late)
        self.assertTrue(all(word.isdigit() for word in late), late)


class WholeRun(OnMiniatureNode):
    def test_the_same_contract_gives_the_same_figures_twice(self):
        # One device by the name of the contract's, and of its clauses one a measure.
        folder = self.emulation(node_text("gh200", ("NVIDIA GH200 480GB", "NVIDIA H200")))
        clauses = re.split(r"(?=^  - id: )", miniature("example-hgx-h200", self.serials(folder), self.bars(folder)), flags=re.MULTILINE)
        contract = clauses[0] + "".join(clause for clause in clauses[1:] if re.match(f"  - id: ({CLAUSES})\n", clause))
        verdicts = []
        for i in range(2):
            verdicts.append(self.run_contract(contract, folder)["clauses"])
            (self.dir / "bundle").rename(self.dir / f"bundle-{i}")
            shutil.rmtree(self.dir / "bundle.report", ignore_errors=True)
        self.assertEqual(len(verdicts[0]), CLAUSES.count("|") + 1)
        self.assertEqual(verdicts[0], verdicts[1])


if __name__ == "__main__":
    unittest.main()
