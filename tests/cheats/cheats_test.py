"""Each cheat of cheats.py runs as a device beside an honest control and is caught by the mechanism that its test names.

Real time: the adapters have real clocks. Nothing here depends on fine timing; what is compared differs by a factor.
"""
from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from typing import Any

PROGRAM = os.environ["GEOMSU_PROGRAM"]
ADAPTER = pathlib.Path(__file__).resolve().parent / "cheats.py"

CONTRACT = """id: cheats
title: cheats
buyer: b
supplier: s
date: 2026-01-02
suite: ./suite.yaml
demonstration: true
delivery:
  units: [{units}]
clauses:
  - id: gemm
    clause: "1"
    measure: gemm.throughput
    workload: {{dtype: fp32, m: 8, n: 8, k: 16, concurrency: node}}
    scope: device
    statistic: median
    at_least: 1 kFLOP/s
    tolerance: 0 %
    confidence: 90 %
    if_unsupported: fail
    if_inconclusive: reinspect
    provenance: {{source: test, date: 2026-01-01, by: test, concurrency: node}}
"""


class Result:
    def __init__(self, bundle: pathlib.Path) -> None:
        self.verdict = json.loads((bundle / "verdict.json").read_text())
        lines = (bundle / "trials.jsonl").read_text().splitlines()
        self.trials: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self.rows = [json.loads(line) for line in (bundle / "verdict.jsonl").read_text().splitlines()]
        self.row = self.rows[0]
        self.outcome = (self.row["outcome"], self.row["reason"])

    def findings(self) -> set[str]:
        return {finding["code"] for trial in self.trials for finding in trial["findings"]}

    def failed(self) -> set[str]:
        return {check["name"] for trial in self.trials for check in trial["checks"] if not check["passed"]}


def measure(cheat: str, block_ms: int = 80, soak_ms: int = 50, units: str = "{serial: C-1}") -> Result:
    with tempfile.TemporaryDirectory(prefix="geomsu-cheats-") as name:
        folder = pathlib.Path(name)
        (folder / "contract.yaml").write_text(CONTRACT.format(units=units))
        (folder / "suite.yaml").write_text(
            f"name: cheats\nblocks: 5\nblock_min: {block_ms} ms\nwarmup: 50 ms\nsoak: {soak_ms} ms\n")
        (folder / "site.yaml").write_text(f"plugins:\n  - command: [{sys.executable}, {ADAPTER}, {cheat}]\n")
        done = subprocess.run([PROGRAM, "run", "contract.yaml", "--site", "site.yaml", "-o", "bundle"], cwd=folder,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"})
        if not (folder / "bundle" / "verdict.json").exists():
            raise AssertionError(f"{cheat}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return Result(folder / "bundle")


class Cheats(unittest.TestCase):
    maxDiff = None

    def caught(self, cheat: str, outcome: str, reason: str, code: str = "", **how: Any) -> Result:
        # Other load on the machine may slow the very block that a cheat makes fast: it has three runs to be caught
        # in; what is honest has one.
        for _ in range(1 if cheat == "honest" else 3):
            result = measure(cheat, **how)
            if result.outcome == (outcome, reason) and (not code or code in result.findings()):
                break
        self.assertEqual(result.outcome, (outcome, reason), result.row["words"])
        return result

    def finding(self, cheat: str, code: str, **how: Any) -> Result:
        result = self.caught(cheat, "PASS", "none", code, **how)
        self.assertIn(code, result.findings())
        return result

    def test_the_honest_control_passes_and_nothing_is_said_of_it(self) -> None:
        result = self.caught("honest", "PASS", "none")
        self.assertEqual(result.failed(), set())
        # Other load on this machine may slow a block, the one run again or the start: these may come of that.
        self.assertLessEqual(
            result.findings(), {"replay_slower", "load_slower", "wall_time_judged", "short_blocks", "late_start"})
        watch = result.trials[0]["watch"]
        self.assertLess(watch["host_cpu"], 0.5)
        self.assertGreater(watch["replay_ns"], 0)
        self.assertIn(int(watch["window_block"]), range(5))

    def test_remembered_digests_are_caught_by_fresh_elements_of_the_replay(self) -> None:
        result = self.caught("remembers_digests", "FAIL", "wrong answer")
        self.assertEqual(result.failed(), {"replay"})
        self.assertIn("the digest came again", result.row["words"])

    def test_remembered_answers_are_caught_by_the_time_of_the_replay(self) -> None:
        result = self.caught("answers_from_memory", "INVALID", "replay time")
        self.assertEqual(result.failed(), set())

    def test_skipped_repeats_are_caught_by_elements(self) -> None:
        # Which repeats are asked about is drawn: that all of them were run has one chance in 256.
        failed = self.caught("skips_repeats", "FAIL", "wrong answer").failed()
        self.assertTrue(failed & {"elements", "projection", "replay"}, failed)

    def test_a_product_computed_once_and_multiplied_is_caught_by_elements(self) -> None:
        self.assertIn("elements", self.caught("multiplies_once", "FAIL", "wrong answer").failed())

    def test_what_is_computed_only_where_asked_is_caught_by_asking_about_all(self) -> None:
        self.caught("computes_what_is_asked", "INVALID", "answered late")

    def test_a_slow_empty_submission_is_not_taken_off(self) -> None:
        result = self.finding("slow_empty_submission", "slow_empty_submit")
        trial = result.trials[0]
        self.assertEqual(trial["wall_ns"], trial["block_ns"])

    def test_a_cheaper_dtype_is_caught_by_rms(self) -> None:
        self.assertIn("rms", self.caught("cheaper_dtype", "FAIL", "wrong answer").failed())

    def test_the_first_result_again_is_caught_by_elements(self) -> None:
        self.assertIn("elements", self.caught("first_result_again", "FAIL", "wrong answer").failed())

    def test_a_slow_clock_is_caught_by_the_audit(self) -> None:
        self.caught("slow_clock", "INVALID", "clock", soak_ms=5200)

    def test_a_clock_slow_only_while_measured_is_caught_by_the_audit(self) -> None:
        self.caught("slow_while_measured", "INVALID", "clock", soak_ms=5200)

    def test_device_time_below_wall_time_is_not_judged(self) -> None:
        result = self.finding("below_wall", "wall_time_judged", soak_ms=5200)
        trial = result.trials[0]
        self.assertEqual(trial["clock"]["verdict"], "proved", trial["clock"]["reason"])
        self.assertFalse(trial["judged_by_device"])

    def test_a_start_before_the_agreed_instant_is_caught_by_the_first_block(self) -> None:
        self.caught("starts_at_once", "INVALID", "early start", block_ms=40)

    def test_an_honest_short_first_block_passes(self) -> None:
        self.caught("honest", "PASS", "none", block_ms=40)

    def test_work_done_when_asked_is_caught_by_asking_twice(self) -> None:
        self.caught("works_after_the_block", "INVALID", "answered late")

    def test_work_done_in_the_reseed_is_said(self) -> None:
        self.finding("works_in_reseed", "hidden_window")

    def test_a_host_that_computes_for_its_device_is_said(self) -> None:
        result = measure("computes_on_the_host", block_ms=160)
        if result.trials[0]["watch"]["host_cpu"] <= 0.5 and os.getloadavg()[0] > (os.cpu_count() or 1):
            self.skipTest("others use this machine's processors, so that the cheat gets less than half of one")
        self.assertGreater(result.trials[0]["watch"]["host_cpu"], 0.5)
        if result.outcome != ("INVALID", "host compute"):  # it may get less than 1.25 cores
            self.assertEqual(result.outcome, ("PASS", "none"))
            self.assertIn("host_compute", result.findings())

    def test_a_device_faster_only_while_judged_is_said(self) -> None:
        self.finding("faster_while_judged", "replay_slower")

    def test_a_device_that_recognises_what_is_judged_is_said_by_its_load(self) -> None:
        self.finding("recognises_the_order", "load_slower", soak_ms=400)

    def test_telemetry_that_falls_silent_is_said(self) -> None:
        self.finding("quiet_telemetry", "telemetry_quiet")

    def test_a_device_that_does_not_answer_was_not_run(self) -> None:
        result = measure("one_of_two", units="{serial: C-1}, {serial: C-2}")
        rows = {row["unit"]["device"]: (row["outcome"], row["reason"]) for row in result.rows}
        self.assertEqual(rows, {"C-1": ("PASS", "none"), "C-2": ("NOT_RUN", "not found")})


if __name__ == "__main__":
    unittest.main()
