"""Every rule of the plug-in boundary, tried by `geomsu conform` on the shipped plug-in over emulated GPUs."""
import unittest

from emulated import PLUGIN, OnEmulatedNode

# What may not apply, and what its reason must say: groups hold one device, and valgrind is asked for by --leaks alone.
EXEMPT = {"no-leaks": "--leaks", **{f"group-{what}": "collectives were not tried" for what in (
    "open", "prepare", "size", "spans", "rank", "operands", "answers", "projections", "digests")}}


class Conform(OnEmulatedNode):
    def rows(self, *words, folder=None):
        """rule -> (outcome, words of the table), and the process."""
        done = self.geomsu("conform", *words, PLUGIN, folder=folder)
        rows = {}
        for line in done.stdout.splitlines()[1:]:
            if not line.strip():
                break
            rule, outcome, why = line.split(None, 2)
            rows[rule] = (outcome, why)
        return rows, done

    def passes(self, *words, folder=None):
        rows, done = self.rows(*words, folder=folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(len(rows), 70, done.stdout)
        for rule, (outcome, why) in rows.items():
            if outcome == "pass":
                continue
            self.assertEqual(outcome, "not_applicable", f"{rule}: {why}")
            self.assertIn(rule, EXEMPT, f"{rule} does not apply: {why}")
            self.assertIn(EXEMPT[rule], why)

    def test_eight_gpus_pass_every_rule_the_long_ones_too(self):
        self.passes("--long")

    def test_a_single_gpu_passes_in_a_drawn_order_of_work(self):
        self.passes("--long", "--seed", "7", folder=self.emulation("a4000-workstation", "order: random\nseed: 7\n"))

    def test_a_device_that_is_lost_in_the_first_block_fails_and_says_so(self):
        fault = "faults:\n  - {function: cudaEventSynchronize, call: 2, status: 719, every: true}\n"
        rows, done = self.rows("--rule", "measure", folder=self.emulation(extra=fault))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("fail", {outcome for outcome, _ in rows.values()}, done.stdout)
        self.assertIn("cudaErrorLaunchFailure", done.stdout)


if __name__ == "__main__":
    unittest.main()
