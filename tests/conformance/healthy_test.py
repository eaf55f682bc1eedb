"""What is healthy passes every rule that applies to it."""
import pathlib
import unittest

from candidates import ADAPTER, BACKENDS, FAKE, FAKES, WORKER, failing, of_group, outcomes, scripted, scripted_group, words_of


class Healthy(unittest.TestCase):
    def passes(self, rows_and_status, *exempt):
        rows, status = rows_and_status
        self.assertEqual([], failing(rows), words_of(rows))
        self.assertEqual(0, status)
        apart = sorted(rule for rule, row in rows.items() if row["outcome"] != "pass" and row["about"] != "group")
        self.assertEqual(sorted(exempt), apart)
        return rows

    def tried_no_collectives(self, rows, why):
        for rule, row in of_group(rows).items():
            self.assertEqual("not_applicable", row["outcome"], rule)
            self.assertIn("collectives were not tried", row["seen"], rule)
            self.assertIn(why, row["seen"], rule)
        self.assertEqual(9, len(of_group(rows)))

    def test_fake_passes_every_rule(self):
        rows = self.passes(outcomes("--param", "devices=5", FAKE), "no-leaks")
        self.assertEqual({"pass"}, {row["outcome"] for row in of_group(rows).values()})
        self.assertIn("4 devices", rows["group-open"]["seen"])

    def test_one_device_says_that_collectives_were_not_tried(self):
        self.tried_no_collectives(self.passes(outcomes(FAKE), "no-leaks"), "it has one device")

    def test_a_group_that_offers_no_collective_says_that_none_was_tried(self):
        rows, status = scripted_group(["{kind: unsupported, op: collective}"])
        self.assertEqual(([], 0), (failing(rows), status), words_of(rows))
        self.assertEqual("pass", rows.pop("group-open")["outcome"])
        for row in of_group(rows).values():
            self.assertEqual("not_applicable", row["outcome"])
            self.assertIn("collectives were not tried: a group of 3 devices offers none", row["seen"])

    def test_a_table_of_an_older_minor_passes(self):
        self.passes(outcomes(f"{FAKES}/geomsu_fake_old_minor.so"), "no-leaks")

    def test_a_table_of_a_newer_minor_passes(self):
        self.passes(outcomes(f"{FAKES}/geomsu_fake_new_minor.so"), "no-leaks")

    def test_a_command_passes_every_rule_of_the_lines(self):
        rows, status = outcomes("--", WORKER, "--plugin", FAKE)
        self.assertEqual(([], 0), (failing(rows), status), words_of(rows))
        self.assertEqual({"not_applicable"}, {row["outcome"] for row in rows.values() if row["about"] == "abi"})
        self.assertEqual({"pass"}, {row["outcome"] for row in rows.values() if row["about"] not in ("abi", "group")})
        self.tried_no_collectives(rows, "it has one device")

    def test_a_command_with_several_devices_passes_every_rule_of_the_group(self):
        rows, status = outcomes("--", WORKER, "--plugin", FAKE, "--param", "devices=2")
        self.assertEqual(([], 0), (failing(rows), status), words_of(rows))
        self.assertEqual({"pass"}, {row["outcome"] for row in of_group(rows).values()})

    def test_an_adapter_that_spoils_nothing_passes(self):
        rows, status = outcomes("--", ADAPTER, "garbage", "measure:999999", WORKER, "--plugin", FAKE)
        self.assertEqual(([], 0), (failing(rows), status), words_of(rows))

    def test_a_device_that_does_not_offer_an_operation_passes(self):
        self.passes(scripted(["{kind: unsupported, op: gemm}"]), "no-leaks")

    def test_a_library_that_prints_does_not_reach_the_lines(self):
        self.passes(scripted(["{kind: prints}", "{kind: prints, slot: reseed}"]), "no-leaks")

    def test_a_clock_that_wraps_within_its_declared_bits_passes(self):
        self.passes(scripted(["{kind: foreign_load}"], device="clock: {valid_bits: 30}"), "no-leaks")

    def test_template_passes_what_applies(self):
        if not pathlib.Path(f"{BACKENDS}/geomsu_template.so").is_file():
            self.skipTest("the backend template is not built here")
        self.passes(outcomes(f"{BACKENDS}/geomsu_template.so"), "memory-returned", "no-leaks", "steady")

    def test_cpu_passes_what_applies(self):
        if not pathlib.Path(f"{BACKENDS}/geomsu_cpu.so").is_file():
            self.skipTest("the backend cpu is not built here")
        self.passes(outcomes(f"{BACKENDS}/geomsu_cpu.so"), "no-leaks", "steady")


if __name__ == "__main__":
    unittest.main()
