"""devices and plan, on the fake backend."""
import json
import pathlib
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
        printed = json.loads(done.out)
        budget = printed.pop("budget")
        self.assertEqual(printed, json.loads((self.dir / "plan.json").read_text()))
        self.assertEqual([line["trial"] for line in budget["lines"]], [trial["id"] for trial in printed["trials"]])
        self.assertEqual(budget["total_ns"], budget["soak_ns"] + sum(line["total_ns"] for line in budget["lines"]))
        for line in budget["lines"]:
            self.assertEqual(line["total_ns"], line["timed_ns"] + line["warmup_ns"] + line["checks_ns"])

    def test_says_each_line_of_the_budget_and_what_to_cut_where_it_is_exceeded(self):
        contracts = pathlib.Path(__file__).resolve().parents[2] / "configs" / "contracts"
        fits = self.expect(0, "plan", contracts / "demo-cpu.yaml", "--suite", "smoke", *fake())
        self.assertNotIn("over the suite's budget", fits.err)
        self.assertIn("The suite allows 30 s.", fits.out)
        smoke = json.loads(self.expect(0, "--json", "plan", contracts / "demo-cpu.yaml", "--suite", "smoke", *fake()).out)
        self.assertLessEqual(smoke["budget"]["total_ns"], 30_000_000_000)
        accepted = json.loads(self.expect(0, "--json", "plan", contracts / "demo-cpu.yaml", "--suite", "acceptance", *fake()).out)
        self.assertLessEqual(accepted["budget"]["total_ns"], 900_000_000_000)
        self.assertFalse(accepted["budget"]["over"])
        over = self.expect(0, "plan", contracts / "soak-cpu.yaml", "--suite", "acceptance", *fake())
        self.assertNotIn("over the suite's budget", over.err)
        suite = self.dir / "tight.yaml"
        suite.write_text("name: tight\nblocks: 120\nblock_min: 1 s\nwarmup: 5 s\nsoak: 60 s\nbudget: 300 s\n")
        over = self.expect(0, "plan", contracts / "soak-cpu.yaml", "--suite", suite, *fake())
        self.assertIn("warning: over the suite's budget: ", over.err)
        self.assertIn("t001 (gemm-fp32-soak, gemm-fp32-soak-p05) takes", over.err)
        self.assertIn("t001 is sustained: 3 sessions over 600 s", over.out)
        document = json.loads(self.expect(0, "--json", "plan", contracts / "soak-cpu.yaml", "--suite", suite, *fake()).out)
        self.assertTrue(document["budget"]["over"])
        self.assertEqual(document["trials"][0]["sustained"], {"sessions": 3, "span_ns": 600_000_000_000})

    def test_labels_adaptive_stopping(self):
        contracts = pathlib.Path(__file__).resolve().parents[2] / "configs" / "contracts"
        done = self.expect(0, "plan", contracts / "demo-cpu.yaml", "--suite", "nightly", *fake())
        self.assertIn("Adaptive stopping: not an acceptance.", done.out)

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
