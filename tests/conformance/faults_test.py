"""Each bad candidate fails one rule, for its own reason, and no other."""
import unittest

from candidates import FAKES, SHORT_PATIENCE_S, failing, outcomes, scripted, scripted_group, spoiled, words_of

LIBRARIES = {  # library -> the rule it fails, and a word of the reason
    "geomsu_fake_bad_major": ("table-major", "ABI 2.0"),
    "geomsu_fake_null": ("table-served", "NULL"),
    "geomsu_fake_hollow": ("table-whole", "'digest'"),
    "geomsu_fake_short": ("table-whole", "248 bytes"),
    "geomsu_test_other_library": ("library-exports", "symbol"),
}
SCRIPTS = {  # faults of the fake -> the same
    "{kind: throws}": ("measure", "scripted fault"),
    "{kind: never_completes}": ("measure", "timeout"),
    "{kind: never_completes, at_sample: 50}": ("keeps-working", "timeout"),
    "{kind: completes_early}": ("answers", "element"),
    "{kind: wrong_element}": ("answers", "element"),
    "{kind: missing_tile}": ("answers", "element"),
    "{kind: skipped_repeat}": ("answers", "element"),
    "{kind: stale_output}": ("answers", "element"),
    "{kind: frozen_output}": ("answers", "element"),
    "{kind: cheaper_dtype}": ("answers", ""),
    "{kind: clock_backward}": ("clock-rate", "stepped back"),
    "{kind: clock_wraps}": ("clock-rate", "stepped back"),
    "{kind: clock_3x}": ("clock-rate", "ppm"),
    "{kind: clock_rate, ppm: 800}": ("clock-rate", "ppm"),
    "{kind: short_span}": ("spans", "device time below wall time"),
    "{kind: unsupported}": ("prepare", "refused"),
    "{kind: device_lost, at_sample: 50}": ("keeps-working", "device_lost"),
    "{kind: leaks}": ("memory-returned", "grows"),
    "{kind: throttles, after_s: 20}": ("steady", "throttles"),
    "{kind: loses_nvlink, at_sample: 30}": ("same-attributes", "gone"),
    "{kind: other_serial, at_sample: 30}": ("same-part", "-other"),
    "{kind: segv}": ("measure", "signal 11"),
    "{kind: segv, slot: telemetry}": ("telemetry", "signal 11"),
    "{kind: abort, slot: read}": ("read", "signal 6"),
    "{kind: exit, slot: digest}": ("digest", "status 3"),
    "{kind: error, slot: workload_prepare}": ("prepare", "refused"),
    "{kind: throws, slot: instance_create}": ("hello", "scripted fault"),
}
RANKS = {  # faults of one rank of three -> the same
    "{kind: wrong_element, op: collective}": ("group-answers", "element"),
    "{kind: bit_flip, op: collective}": ("group-answers", "element"),
    "{kind: missing_rank}": ("group-answers", "element"),
    "{kind: missing_rank, rank: 2}": ("group-answers", "element"),
    "{kind: swapped_rows, op: collective}": ("group-answers", "element"),
    "{kind: skipped_repeat, op: collective}": ("group-answers", "element"),
    "{kind: stale_output, op: collective}": ("group-answers", "element"),
    "{kind: never_completes, op: collective}": ("group-spans", "timeout"),
    "{kind: device_lost, op: collective}": ("group-spans", "device_lost"),
    "{kind: throws, slot: event_span}": ("group-spans", "scripted fault"),
    "{kind: throws, slot: group_create}": ("group-open", "scripted fault"),
    "{kind: error, slot: workload_prepare}": ("group-prepare", "scripted fault"),
    "{kind: throws, slot: read}": ("group-operands", "scripted fault"),
    "{kind: throws, slot: project}": ("group-projections", "scripted fault"),
    "{kind: throws, slot: digest}": ("group-rank", "scripted fault"),
}
SPOILED = {  # (mode, method) -> the same
    ("garbage", "hello"): ("hello", "not JSON"),
    ("garbage", "shutdown"): ("shutdown", "not JSON"),
    ("oversized", "devices"): ("devices", "a longer one"),
    ("mistyped", "prepare"): ("prepare", "status"),
    ("twice", "measure"): ("measure", "none is in flight"),
    ("truncated", "read"): ("read", "amid the line"),
    ("exits", "clock"): ("clock", "status 3"),
    ("segv", "load"): ("load", "signal 11"),
    ("wrong_id", "reseed"): ("reseed", "in flight"),
    ("prints", "telemetry"): ("telemetry", "NCCL INFO"),
    ("garbage", "release"): ("release", "not JSON"),
    ("mistyped", "project"): ("project", "status"),
}


class Faults(unittest.TestCase):
    def fails_alone(self, name, rows_and_status, expected):
        rule, word = expected
        rows, status = rows_and_status
        with self.subTest(name):
            self.assertEqual([rule], failing(rows), words_of(rows))
            self.assertEqual(1, status)
            self.assertIn(word, rows[rule]["seen"])
            self.assertTrue(rows[rule]["expected"])
            for row in rows.values():
                if row["outcome"] == "not_run":
                    self.assertIn("needs ", row["seen"])

    def test_libraries(self):
        for name, expected in LIBRARIES.items():
            self.fails_alone(name, outcomes(f"{FAKES}/{name}.so"), expected)

    def test_scripts(self):
        for fault, expected in SCRIPTS.items():
            self.fails_alone(fault, scripted([fault], device='attributes: {nvlink.links: "18"}'), expected)

    def test_ranks(self):
        for fault, expected in RANKS.items():
            rule, word = expected
            rows, status = scripted_group([fault])
            with self.subTest(fault):
                self.assertEqual(([rule], 1), (failing(rows), status), words_of(rows))
                self.assertIn(word, rows[rule]["seen"] + rows[rule]["expected"])

    def test_a_slot_that_hangs(self):
        self.fails_alone("hang", scripted(["{kind: hang}"], patience=SHORT_PATIENCE_S), ("measure", "within"))

    def test_spoiled_replies(self):
        for (mode, method), expected in SPOILED.items():
            self.fails_alone(f"{mode} {method}", spoiled(mode, method), expected)

    def test_a_reply_that_never_comes(self):
        self.fails_alone("silence", spoiled("silence", "digest", patience=SHORT_PATIENCE_S), ("digest", "within"))


if __name__ == "__main__":
    unittest.main()
