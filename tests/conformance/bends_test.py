"""An adapter or a plug-in that is bent in one place fails the rule of that place, and no other."""
import pathlib
import sys
import unittest

from candidates import FAKE, FAKES, WORKER, failing, outcomes, words_of

BENDS = ("other-minor", "other-major", "before-hello", "before-open", "bad-json", "no-request", "unknown-method", "bad-params",
         "unknown-field", "request-id", "long-line", "end-of-input", "open-once", "unknown-device", "unknown-workload",
         "before-reseed", "empty-block", "no-timeout", "repeat-ticks", "start-at", "while-loading", "read-limits", "project-limits",
         "digest-limits", "nonsense", "too-large", "unsupported", "operands", "repeats", "load-counts", "projections",
         "known-digests", "digest-follows", "counters", "too-late")
GROUP_BENDS = ("group-open", "group-prepare", "group-size", "group-spans", "group-rank", "group-operands", "group-answers",
               "group-projections", "group-digests")
SLOTS = ("errors", "extension", "instances", "lifetimes", "repeat-room", "struct-sizes", "telemetry-thread", "wait-again")
ADAPTER = pathlib.Path(__file__).with_name("bent_adapter.py")


class Bends(unittest.TestCase):
    def test_each_fails_its_own_rule(self):
        for bend in BENDS:
            with self.subTest(bend):
                rows, status = outcomes("--", sys.executable, "-B", ADAPTER, bend, WORKER, "--plugin", FAKE)
                self.assertEqual([bend], failing(rows), words_of(rows))
                self.assertEqual(1, status)

    def test_each_of_a_group_fails_its_own_rule(self):
        for bend in GROUP_BENDS:
            with self.subTest(bend):
                rows, status = outcomes("--", sys.executable, "-B", ADAPTER, bend, WORKER, "--plugin", FAKE, "--param", "devices=3")
                self.assertEqual([bend], failing(rows), words_of(rows))
                self.assertEqual(1, status)

    def test_a_straight_group_fails_none(self):
        rows, status = outcomes("--", sys.executable, "-B", ADAPTER, "none", WORKER, "--plugin", FAKE, "--param", "devices=3")
        self.assertEqual(([], 0), (failing(rows), status), words_of(rows))

    def test_a_straight_one_fails_none(self):
        rows, status = outcomes("--", sys.executable, "-B", ADAPTER, "none", WORKER, "--plugin", FAKE)
        self.assertEqual(([], 0), (failing(rows), status), words_of(rows))

    def test_each_slot_fails_its_own_rule(self):
        for bend in SLOTS:
            with self.subTest(bend):
                rows, status = outcomes("--param", f"bend={bend}", f"{FAKES}/geomsu_test_bent.so")
                self.assertEqual([bend], failing(rows), words_of(rows))
                self.assertEqual(1, status)

    def test_a_plugin_that_serves_hosts_of_any_major_fails(self):
        rows, _ = outcomes(f"{FAKES}/geomsu_test_any_major.so")
        self.assertEqual(["host-versions"], failing(rows), words_of(rows))

    def test_a_straight_plugin_fails_none(self):
        rows, status = outcomes("--param", "bend=none", f"{FAKES}/geomsu_test_bent.so")
        self.assertEqual(([], 0), (failing(rows), status), words_of(rows))


if __name__ == "__main__":
    unittest.main()
