"""Whole runs on emulated nodes: plan, worker, supervisor, judge and report over the shipped plug-in. The example contracts are
carried through in miniature: the same clauses on the same units, with small shapes and with bars by the emulated node's pace."""
import json
import pathlib
import re
import unittest

from emulated import OnEmulatedNode

CONFIGS = pathlib.Path(__file__).resolve().parents[3] / "configs"
LAUNCH_NS = 20_000_000  # of an operation: five repeats a block of 100 ms
PACE = f"pace: {{launch_ns: {LAUNCH_NS}, flop_per_s: 1.0e+9, bytes_per_s: 1.0e+9}}"
SIDE, ARRAY = 32, 8192  # m, n and k; bytes of an array and of a transfer


def node_text(name, **changes):
    """A node's YAML at the miniature's pace, with `old=new` changes of its text."""
    text = re.sub(r"^pace:.*$", PACE, (CONFIGS.parent / f"tests/cuda_emulation/nodes/{name}.yaml").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for old, new in changes.get("replace", ()):
        if text.count(old) == 0:
            raise AssertionError(f"{name}: nothing reads {old!r}")
        text = text.replace(old, new)
    return text


def paced(flop, moved):
    """Work per second of an operation at the pace."""
    seconds = LAUNCH_NS * 1e-9 + flop / 1e9 + moved / 1e9
    return seconds


def bars(factor):
    """measure and kind -> the bar that is `factor` of what the pace gives, with its unit."""
    flop = 2 * SIDE**3
    # cuBLASLt's cost counts what it moves too; a bar has room for it.
    return {"gemm": f"{factor * flop / paced(flop, 0) / 1e6:.6f} MFLOP/s",
            "memory": f"{factor * 3 * ARRAY / paced(0, 3 * ARRAY) / 1e3:.6f} kB/s",
            "transfer": f"{factor * ARRAY / paced(0, ARRAY) / 1e3:.6f} kB/s"}


def miniature(name, serials, factor=0.9, suite="smoke"):
    """The example contract `name` for units of these serials."""
    text = (CONFIGS / f"contracts/{name}.yaml").read_text(encoding="utf-8")
    text = re.sub(r"([mnk]): 8192", rf"\1: {SIDE}", text)
    text = re.sub(r"bytes: 1073741824", f"bytes: {ARRAY}", text)
    text = re.sub(r"^suite: .*$", f"suite: {suite}", text, flags=re.MULTILINE)
    units = "".join(f'    - {{serial: "{serial}", node: gpu001}}\n' for serial in serials)
    text = re.sub(r"(  units:[^\n]*\n)(    - [^\n]*\n)+", lambda found: found.group(1) + units, text)
    out, measure, per_won = [], "", False
    for line in text.splitlines():
        if found := re.match(r"    measure: (\w+)\.", line):
            measure, per_won = found.group(1), False
        if re.match(r"    per: ", line):
            per_won = True
        if re.match(r"    at_least: ", line):
            bar = bars(factor)[measure]
            line = f"    at_least: {'0.000001 MFLOP/s/억원' if per_won else bar}"
        out.append(line)
    return "\n".join(out) + "\n"


class Runs(OnEmulatedNode):
    def serials(self, folder):
        answers = self.drive(["describe 0"], folder=folder)
        count = int(answers.answers[1].split()[1])
        done = self.drive([f"describe {i}" for i in range(count)], folder=folder)
        return [line.split(": ", 1)[1] for line in done.answers if line.startswith("serial: ")]

    def site(self, **params):
        text = "node: gpu001\nplugins:\n  - backend: cuda\n"
        if params:
            text += "    params: {" + ", ".join(f"{key}: {value}" for key, value in params.items()) + "}\n"
        (self.dir / "site.yaml").write_text(text, encoding="utf-8")
        return self.dir / "site.yaml"

    def run_contract(self, text, folder, status, *words):
        (self.dir / "contract.yaml").write_text(text, encoding="utf-8")
        self.geomsu("run", "contract.yaml", "--site", self.site(), "-o", "bundle", *words, folder=folder, check=status)
        return json.loads((self.dir / "bundle/verdict.json").read_text(encoding="utf-8"))

    def outcomes(self, verdict):
        return {row["clause"]: row["outcome"] for row in verdict["rows"]} if "rows" in verdict else verdict

    def carried_through(self, name, node, suite="smoke"):
        folder = self.emulation(node_text(node))
        serials = self.serials(folder)
        verdict = self.run_contract(miniature(name, serials, suite=suite), folder, 2)
        return verdict

    def test_the_h100_contract_is_carried_through_in_miniature(self):
        verdict = self.carried_through("example-hgx-h100", "dgx-h100")
        print(json.dumps(verdict, indent=1, ensure_ascii=False)[:6000])


if __name__ == "__main__":
    unittest.main()
