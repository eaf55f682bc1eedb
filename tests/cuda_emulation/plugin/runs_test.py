"""Whole runs on emulated nodes: plan, worker, supervisor, judge and report over the shipped plug-in. The example contracts are
carried through in miniature: the same clauses on the same units, with small shapes and with bars by the emulated node's pace."""
import json
import pathlib
import re
import unittest

from emulated import OnEmulatedNode

CONFIGS = pathlib.Path(__file__).resolve().parents[3] / "configs"
PACE = "pace: {launch_ns: 20000000, flop_per_s: 1.0e+9, bytes_per_s: 1.0e+9}"  # five repeats a block of 100 ms
SIDE, ARRAY = 32, 8192  # m, n and k; bytes of an array and of a transfer
ONE_OF_EACH = {
    "gemm": (2 * SIDE**3, f"run gemm dtype=bf16 m={SIDE} n={SIDE} k={SIDE} layout=nt repeats=2"),
    "memory": (3 * ARRAY, f"run memory kind=triad dtype=fp64 bytes={ARRAY} repeats=2"),
    "transfer": (ARRAY, f"run transfer direction=h2d bytes={ARRAY} repeats=2"),
}
UNITS = {"gemm": ("MFLOP/s", 1e6), "memory": ("kB/s", 1e3), "transfer": ("kB/s", 1e3)}


def node_text(name, *changes):
    """A node's YAML at the miniature's pace, with (old, new) changes of its text."""
    text = (CONFIGS.parent / f"tests/cuda_emulation/nodes/{name}.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^pace:.*$", PACE, text, flags=re.MULTILINE)
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"{name}: nothing reads {old!r}")
        text = text.replace(old, new)
    return text


def miniature(name, serials, bars, suite="smoke"):
    """The example contract `name` for units of these serials. `bars`: measure -> text."""
    text = (CONFIGS / f"contracts/{name}.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\b([mnk]): 8192", rf"\1: {SIDE}", text)
    text = text.replace("bytes: 1073741824", f"bytes: {ARRAY}")
    text = re.sub(r"^suite: .*$", f"suite: {suite}", text, flags=re.MULTILINE)
    units = "".join(f'    - {{serial: "{serial}", node: gpu001}}\n' for serial in serials)
    text = re.sub(r"(  units:[^\n]*\n)(    - [^\n]*\n)+", lambda found: found.group(1) + units, text)
    clauses = re.split(r"(?=^  - id: )", text, flags=re.MULTILINE)
    for i, clause in enumerate(clauses):
        if measure := re.search(r"^    measure: (\w+)\.", clause, flags=re.MULTILINE):
            bar = "0.000001 MFLOP/s/억원" if "\n    per: " in clause else bars[measure.group(1)]
            clauses[i] = re.sub(r"^    at_least: [^\n]*$", f"    at_least: {bar}", clause, flags=re.MULTILINE)
    return "".join(clauses)


class OnMiniatureNode(OnEmulatedNode):
    """Helpers of whole runs; the bundle lies in self.dir/bundle."""

    def serials(self, folder):
        count = int(self.drive([], folder=folder).answers[1].split()[1])
        done = self.drive([f"describe {i}" for i in range(count)], folder=folder)
        return [line.split(": ", 1)[1] for line in done.answers if line.startswith("serial: ")]

    def bars(self, folder, factor=0.9):
        """`factor` of what the pace gives, by measure."""
        answers = self.answers([line for _, line in ONE_OF_EACH.values()], folder=folder)
        found = {}
        for (measure, (work, _)), answer in zip(ONE_OF_EACH.items(), answers):
            unit, scale = UNITS[measure]
            found[measure] = f"{factor * work / (int(re.search('ns=([0-9]+)', answer).group(1)) * 1e-9) / scale:.9f} {unit}"
        return found

    def site(self, **params):
        text = "node: gpu001\nplugins:\n  - backend: cuda\n"
        if params:
            text += "    params: {" + ", ".join(f"{key}: {value}" for key, value in params.items()) + "}\n"
        (self.dir / "site.yaml").write_text(text, encoding="utf-8")
        return self.dir / "site.yaml"

    def run_contract(self, text, folder, *words, check=2):
        (self.dir / "contract.yaml").write_text(text, encoding="utf-8")
        self.done = self.geomsu("run", "contract.yaml", "--site", self.site(), "-o", "bundle", *words, folder=folder, check=check)
        return json.loads((self.dir / "bundle/verdict.json").read_text(encoding="utf-8"))

    def outcomes(self, verdict):
        return {clause["clause"]: clause["outcome"] for clause in verdict["clauses"]}

    def words(self, verdict):
        return "\n".join(f"{clause['clause']}: {clause['outcome']} {clause['words']}" for clause in verdict["clauses"]) + "\n" + self.done.stderr[-3000:]


class ExampleContracts(OnMiniatureNode):
    def carried_through(self, contract, node, units):
        folder = self.emulation(node_text(node))
        verdict = self.run_contract(miniature(contract, self.serials(folder)[:units], self.bars(folder)), folder)
        self.assertEqual(set(self.outcomes(verdict).values()), {"PASS"}, self.words(verdict))
        self.assertEqual((verdict["overall"], verdict["clauses_overall"], verdict["simulated"]), ("INVALID", "PASS", "emulated"))
        self.assertEqual(self.geomsu("verify", "bundle", folder=folder).returncode, 0)
        html = (self.dir / "bundle.report/report.html").read_text(encoding="utf-8")
        self.assertIn("EMULATED (CPU)", html)
        return verdict

    def test_hgx_h100(self):
        verdict = self.carried_through("example-hgx-h100", "dgx-h100", 8)
        self.assertEqual(len(verdict["clauses"]), 10)

    def test_hgx_b200_on_two_of_its_eight(self):
        self.carried_through("example-hgx-b200", "dgx-b200", 2)

    def test_hgx_h200_on_devices_of_its_name(self):
        # No such node is emulated apart: the devices are those of the DGX H100 by another name.
        folder = self.emulation(node_text("dgx-h100", ("NVIDIA H100 80GB HBM3", "NVIDIA H200")))
        verdict = self.run_contract(miniature("example-hgx-h200", self.serials(folder)[:2], self.bars(folder)), folder)
        self.assertEqual(set(self.outcomes(verdict).values()), {"PASS"}, self.words(verdict))

    def test_bars_that_are_missed_fail_and_the_whole_stays_invalid(self):
        folder = self.emulation(node_text("dgx-h100"))
        text = miniature("example-hgx-h100", self.serials(folder)[:1], self.bars(folder, 1.1))
        text = "".join(clause for clause in re.split(r"(?=^  - id: )", text, flags=re.MULTILINE)
                       if not clause.startswith("  - id: transfer"))
        verdict = self.run_contract(text, folder)
        failed = {name for name, outcome in self.outcomes(verdict).items() if outcome == "FAIL"}
        self.assertEqual(failed, {"gemm-bf16", "gemm-bf16-p05", "gemm-fp8", "memory-triad", "node-gemm-bf16"}, self.words(verdict))
        self.assertEqual((verdict["overall"], verdict["clauses_overall"]), ("INVALID", "FAIL"))


if __name__ == "__main__":
    unittest.main()
