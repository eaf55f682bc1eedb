"""devices and plan, on the fake backend."""
import json
import unittest

from geomsu import INPUTS, InScratch, fake, width


class Devices(InScratch):
    def test_lists_the_units_by_their_serials(self):
        text = self.expect(0, "devices", *fake()).out
        self.assertIn("F1", text)
        self.assertIn("F2", text)
        self.assertLessEqual(width(text), 100)

    def test_leaves_the_fake_and_the_template_out_unless_asked(self):
        document = self.document(self.expect(0, "--json", "devices"))
        self.assertNotIn("fake", {plugin["backend"] for plugin in document["plugins"]})
        self.assertTrue(any(line.startswith("fake: ") and "--backend fake" in line for line in document["left_out"]))
        self.assertTrue(any(line.startswith("cuda: ") for line in document["left_out"]))

    def test_all_tells_why_a_plugin_does_not_serve(self):
        (self.dir / "geomsu_broken.so").write_text("no shared object")
        text = self.expect(0, "devices", "--all", "--backend-path", self.dir, "--backend", "broken", *fake()).out
        self.assertRegex(text, r"broken\s.*\sno\s")
        self.assertIn("refused broken: ", text)
        self.assertIn("cuda: no cuda plug-in in this build", text)

    def test_of_a_backend_that_is_not_there_says_so(self):
        document = self.document(self.expect(0, "--json", "devices", "--backend", "nosuch"))
        self.assertEqual(document["devices"], [])
        self.assertIn("geomsu_nosuch.so", document["plugins"][0]["refused"])

    def test_json_has_each_device_with_its_unit(self):
        document = self.document(self.expect(0, "devices", "--json", *fake()))
        self.assertEqual([device["unit"] for device in document["devices"]], ["F1", "F2"])
        self.assertEqual(document["plugins"][0]["simulated"], "fake")

    def test_of_a_missing_worker_is_69(self):
        self.assertIn("no worker program", self.expect(69, "devices", "--worker", "nowhere", *fake()).err)


class Plan(InScratch):
    def test_shows_trials_time_and_units(self):
        done = self.expect(0, "plan", INPUTS / "missing.yaml", *fake())
        self.assertIn("t001", done.out)
        self.assertIn("gemm fp32 64x48x80", done.out)
        self.assertIn("contracted, not found", done.out)
        self.assertIn("not contracted: not measured", done.out)
        self.assertIn("At least", done.out)
        self.assertLessEqual(width(done.out), 100)

    def test_writes_the_plan_that_it_prints(self):
        done = self.expect(0, "--json", "plan", INPUTS / "pass.yaml", "-o", "plan.json", *fake())
        self.assertEqual(json.loads(done.out), json.loads((self.dir / "plan.json").read_text()))

    def test_with_only_and_unit_holds_only_these(self):
        plan = self.document(self.expect(0, "--json", "plan", INPUTS / "pass.yaml", "--only", "t001", "--unit", "F2", *fake()))
        self.assertEqual(len(plan["trials"]), 1)
        self.assertEqual([unit["device"] for unit in plan["trials"][0]["units"]], ["F2"])
        self.assertEqual(len(plan["units"]), 2)

    def test_of_an_unknown_trial_or_unit_is_64_and_names_what_there_is(self):
        self.assertIn("t001", self.expect(64, "plan", INPUTS / "pass.yaml", "--only", "t099", *fake()).err)
        self.assertIn("F1", self.expect(64, "plan", INPUTS / "pass.yaml", "--unit", "F7", *fake()).err)

    def test_of_a_bad_contract_is_65_with_positions(self):
        self.assertIn("bad.yaml:3:1: error: ", self.expect(65, "plan", INPUTS / "bad.yaml", *fake()).err)

    def test_without_any_plugin_is_69(self):
        self.assertIn("no plug-in serves", self.expect(69, "plan", INPUTS / "pass.yaml", "--backend", "nosuch").err)

    def test_into_a_folder_that_is_not_there_is_73(self):
        self.expect(73, "plan", INPUTS / "pass.yaml", "-o", "nowhere/plan.json", *fake())


if __name__ == "__main__":
    unittest.main()
