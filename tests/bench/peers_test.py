#!/usr/bin/python3
"""geomsu-bench-peers: both sides in turn, the ratio from the samples, and what is left out named."""
import json
import statistics
import unittest

from program import BACKENDS, InScratch

QUICK = ("--pairs", "6", "--block-ms", "1")


class Peers(InScratch):
    def compare(self, status, filter_, *more):
        done = self.run_program(status, *QUICK, "--filter", filter_, "--json", "out.json", *more)
        return json.loads((self.dir / "out.json").read_text()), done

    def side(self, pair, name):
        return next(side for side in pair["sides"] if side["side"] == name)

    def test_ours_and_the_peer_are_compared_by_their_samples(self):
        report, done = self.compare(0, "^gemm fp32 128$|^memory triad 256 KiB$", "--seed", "7")
        self.assertEqual(["gemm fp32 128", "memory triad 256 KiB"], [pair["name"] for pair in report["pairs"]])
        for pair in report["pairs"]:
            self.assertEqual(["abi", "worker"], [one["side"] for one in pair["comparisons"]])
            for one in pair["comparisons"]:
                peer, ours = self.side(pair, "peer")["ns"], self.side(pair, one["side"])["ns"]
                self.assertEqual((6, 6, 6), (len(peer), len(ours), one["pairs"]))
                ratios = [a / b for a, b in zip(peer, ours)]
                self.assertAlmostEqual(statistics.median(ratios), one["ratio"], places=9)
                self.assertEqual((min(ratios), max(ratios)), (one["lower"], one["upper"]))  # of 6 pairs: the extremes
                wanted = "yes" if one["lower"] >= pair["goal"] else "no" if one["upper"] < pair["goal"] else "open"
                self.assertEqual(wanted, one["reached"])
                self.assertIn(f"{one['lower']:.3f} .. {one['upper']:.3f}", done.stdout)
            for side in pair["sides"]:
                rate = pair["repeats"] * (2 * 128 ** 3 if "gemm" in pair["name"] else 3 * 262144)
                self.assertAlmostEqual(1, side["median_rate"] * statistics.median(side["ns"]) / (rate * 1e9), places=9)
        self.assertIn("OpenBLAS", self.side(report["pairs"][0], "peer")["words"])
        self.assertEqual((0.98, 0.95), tuple(pair["goal"] for pair in report["pairs"]))
        self.assertEqual(7, report["seed"])
        self.assertIn("--pairs 6", report["command"])
        for text in (report["command"], ">= 0.98", ">= 0.95", "Load average"):
            self.assertIn(text, done.stdout)

    def test_a_peer_that_is_not_there_is_left_out_with_the_reason(self):
        for option, pair in (("--openblas", "^gemm fp32 128$"),):
            report, done = self.compare(2, pair, option, self.dir / "no-such-library.so")
            self.assertIn("no-such-library.so", self.side(report["pairs"][0], "peer")["left_out"])
            self.assertEqual([], report["pairs"][0]["comparisons"])
            self.assertIn("left out: ", done.stdout)

    def test_a_pair_that_our_device_does_not_offer_is_left_out_with_the_reason(self):
        report, done = self.compare(2, "^gemm int8", "--plugin", BACKENDS / "geomsu_template.so")
        for side in ("abi", "worker"):
            self.assertIn("fp32", self.side(report["pairs"][0], side)["left_out"])
        self.assertIn("left out: ", done.stdout)

    def test_a_simulated_device_is_compared_with_nothing(self):
        report, _ = self.compare(2, "^gemm fp32 128$", "--plugin", BACKENDS / "geomsu_fake.so")
        for side in ("abi", "worker"):
            self.assertIn("simulated", self.side(report["pairs"][0], side)["left_out"])

    def test_one_of_our_sides_alone_is_compared_too(self):
        report, _ = self.compare(0, "^gemm fp32 128$", "--worker", self.dir / "no-worker")
        self.assertIn("worker", self.side(report["pairs"][0], "worker")["left_out"])
        self.assertEqual(["abi"], [one["side"] for one in report["pairs"][0]["comparisons"]])

    def test_the_list_names_every_kind_once(self):
        names = [line.split("\t")[0] for line in self.run_program(0, "--list").stdout.splitlines()]
        self.assertIn("gemm int8 2048", names)
        for kind in ("copy", "scale", "add", "triad", "read", "write"):
            self.assertIn(f"memory {kind} 256 MiB", names)
        self.assertEqual(len(names), len(set(names)))

    def test_misuse_has_its_statuses(self):
        self.run_program(64, "--pairs", "5")  # no interval exists
        self.run_program(64, "--filter", "(")
        self.run_program(64, "--bogus")
        self.assertEqual([], self.compare(2, "no such pair")[0]["pairs"])
        self.assertIn("Goals", self.run_program(0, "--help").stdout)


if __name__ == "__main__":
    unittest.main()
