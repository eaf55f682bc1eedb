#!/usr/bin/python3
"""geomsu-bench-kernels: Google Benchmark's flags, counters, skips, and wrong answers that show."""
import json
import unittest

from program import BACKENDS, InScratch

QUICK = ("--benchmark_min_time=0.001",)
SHORT = ("--block-ms", "1")
ONE = "small/gemm:dtype=fp32,k=64,m=64,n=64@"


class Kernels(InScratch):
    def fake(self, device="", filter_=ONE, status=0, *more):
        """The fake with a script; gives its cases of a JSON report, and the process."""
        script = self.dir / "script.yaml"
        script.write_text(f"seed: 3\ndevices:\n  - {{speed: {{gemm: 5 MFLOP/s, memory: 1 GB/s}}, jitter: 0{device}}}\n")
        done = self.run_program(status, "--plugin", BACKENDS / "geomsu_fake.so", "--param", f"script={script}",
                                f"--benchmark_filter={filter_}", "--benchmark_format=json", *QUICK, *(more if "--block-ms" in more else (*SHORT, *more)))
        return (json.loads(done.stdout)["benchmarks"] if done.stdout.strip() else []), done

    def test_the_filter_selects(self):
        cases, _ = self.fake()
        self.assertEqual([f"fake/0/{ONE}alone/manual_time"], [case["name"] for case in cases])
        cases, _ = self.fake("", "small/memory:.*(copy|triad)")
        self.assertEqual(4, len(cases))  # two kinds, two dtypes

    def test_counters_come_from_the_work_and_the_devices_span(self):
        case = self.fake()[0][0]
        self.assertAlmostEqual(5e6, case["FLOP/s"], delta=5e4)
        self.assertAlmostEqual(2 * 64 ** 3 / 5e6 * 1e3, case["real_time"], delta=2)  # ms; one repeat lasts long enough
        self.assertEqual((1, 8), (case["repeats"], case["sets"]))
        self.assertGreater(case["wall/span"], 1)
        self.assertIn("[simulated: fake]", case["label"])
        case = self.fake("", ONE, 0, "--benchmark_min_time=2")[0][0]
        self.assertGreater(case["iterations"], 5)
        self.assertAlmostEqual(5e6, case["FLOP/s"], delta=5e4)
        case = self.fake("", "edge/memory:bytes=4096,dtype=fp64,kind=triad")[0][0]
        self.assertAlmostEqual(1e9, case["B/s"], delta=1e7)

    def test_an_iteration_has_as_many_repeats_as_fill_a_block(self):
        few = self.fake("", "edge/memory:bytes=4096,dtype=fp64,kind=triad", 0, "--block-ms", "1")[0][0]
        many = self.fake("", "edge/memory:bytes=4096,dtype=fp64,kind=triad", 0, "--block-ms", "20")[0][0]
        self.assertGreaterEqual(few["real_time"], 1)
        self.assertGreaterEqual(many["real_time"], 20)
        self.assertGreater(many["repeats"], 10 * few["repeats"])

    def test_a_span_that_is_shorter_than_the_wall_shows(self):
        case = self.fake(", faults: [{kind: short_span, fraction: 0.25}]")[0][0]
        self.assertAlmostEqual(4, case["wall/span"], delta=0.2)

    def test_repetitions_give_aggregates(self):
        cases, _ = self.fake("", ONE, 0, "--benchmark_repetitions=3")
        self.assertEqual(3, sum(case["run_type"] == "iteration" for case in cases))
        aggregates = {case["aggregate_name"]: case for case in cases if case["run_type"] == "aggregate"}
        self.assertLessEqual({"mean", "median", "stddev", "cv"}, set(aggregates))
        self.assertAlmostEqual(5e6, aggregates["median"]["FLOP/s"], delta=5e4)

    def test_a_report_goes_to_a_file_too(self):
        self.fake("", ONE, 0, "--benchmark_out=out.json", "--benchmark_out_format=json")
        report = json.loads((self.dir / "out.json").read_text())
        self.assertIn("FLOP/s", report["benchmarks"][0])
        self.assertIn("geomsu_seed", report["context"])

    def test_what_is_not_offered_is_a_skip_with_its_reason(self):
        fault = ", faults: [{kind: unsupported, op: gemm}]"
        cases, done = self.fake(fault, ONE, 2)
        self.assertTrue(cases[0]["error_occurred"])
        self.assertTrue(cases[0]["error_message"].startswith("skipped: "), cases[0])
        self.assertIn("0 cases ran, 1 skipped, 0 failed", done.stderr)
        cases, done = self.fake(fault, ONE + "|small/memory:bytes=262656,dtype=fp64,kind=triad", 0)
        self.assertIn("1 cases ran, 1 skipped, 0 failed", done.stderr)
        cases, _ = self.fake(", faults: [{kind: out_of_memory, op: gemm}]", ONE, 2)
        self.assertIn("skipped: out of memory", cases[0]["error_message"])

    def test_wrong_answers_are_failures_without_a_figure(self):
        for fault in ("wrong_element", "missing_tile", "cheaper_dtype", "stale_output", "frozen_output", "swapped_rows"):
            with self.subTest(fault):
                cases, done = self.fake(f", faults: [{{kind: {fault}, op: gemm}}]", ONE, 1)
                self.assertTrue(cases[0]["error_message"].startswith("failed: wrong answer: "), cases[0])
                self.assertNotIn("FLOP/s", cases[0])
                self.assertIn("1 failed", done.stderr)
        cases, _ = self.fake(", faults: [{kind: completes_early}]", ONE, 1, "--block-ms", "1000")  # ten repeats and more
        self.assertIn("failed: wrong answer: ", cases[0]["error_message"])
        cases, _ = self.fake(", faults: [{kind: wrong_element, op: memory}]", "small/memory:.*fp64,kind=triad", 1)
        self.assertIn("failed: wrong answer: ", cases[0]["error_message"])

    def test_errors_of_the_device_are_failures(self):
        for sample in (0, 1):  # while the repeats are found, and in the timed run
            cases, _ = self.fake(f", faults: [{{kind: device_lost, from_sample: {sample}}}]", ONE, 1)
            self.assertTrue(cases[0]["error_message"].startswith("failed: "), cases[0])
            self.assertNotIn("FLOP/s", cases[0])

    def test_after_a_submission_that_never_ends_the_plugin_is_left_alone(self):
        cases, done = self.fake(", faults: [{kind: never_completes, op: gemm}]", ONE + "|small/memory:.*fp64,kind=triad", 1)
        self.assertIn("event_wait", cases[0]["error_message"])
        self.assertIn("never ended", cases[1]["error_message"])
        self.assertIn("2 failed", done.stderr)

    def test_listing_runs_nothing_and_every_plugin_of_the_folder_is_there(self):
        done = self.run_program(0, "--benchmark_list_tests")
        names = done.stdout.splitlines()
        for plugin in ("cpu", "fake", "template"):
            for part in ("small/gemm:", "edge/gemm:", "large/gemm:", "edge/memory:", "small/memory:", "large/memory:"):
                self.assertTrue(any(name.startswith(f"{plugin}/0/{part}") for name in names), f"{plugin} {part}")
        self.assertIn("0 cases ran", done.stderr)
        self.assertEqual(len(names), len(set(names)))

    # Few repeats: on a busy machine each barrier of a team of threads can cost a turn of the scheduler.
    def test_small_and_edge_cases_of_real_plugins_are_right(self):
        for plugin in ("cpu", "template"):
            with self.subTest(plugin):
                done = self.run_program(0, "--plugin", BACKENDS / f"geomsu_{plugin}.so", "--benchmark_filter=/(small|edge)/",
                                        "--benchmark_format=json", "--benchmark_min_time=0.0001", "--block-ms", "0.05")
                cases = json.loads(done.stdout)["benchmarks"]
                ran = [case for case in cases if not case.get("error_occurred")]
                self.assertGreater(sum("/gemm:" in case["name"] for case in ran), 5)
                self.assertGreater(sum("/memory:" in case["name"] for case in ran), 3)
                for case in ran:
                    self.assertNotIn("simulated", case["label"])
                for case in cases:
                    self.assertFalse(case.get("error_message", "").startswith("failed"), case)

    def test_misuse_has_its_statuses(self):
        self.assertIn("Failed to match", self.run_program(2, "--benchmark_filter=no such case").stderr)
        self.assertIn("--bogus", self.run_program(64, "--bogus").stderr)
        self.run_program(64, "--param", "devices=2")  # of which plug-in?
        self.run_program(64, "--plugin", BACKENDS / "geomsu_fake.so", "--param", "devices")
        self.assertIn("missing.so", self.run_program(69, "--plugin", self.dir / "missing.so").stderr)
        self.assertIn("skipped:", self.run_program(0, "--help").stdout)


if __name__ == "__main__":
    unittest.main()
