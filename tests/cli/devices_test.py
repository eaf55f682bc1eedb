"""devices and plan, on the fake backend."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

from geomsu import INPUTS, PROGRAM, TIMEOUT_S, InScratch, environment, fake, width


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
        self.assertTrue(any(line.startswith("opencl: ") for line in document["left_out"]))

    def test_all_tells_why_a_plugin_does_not_serve(self):
        (self.dir / "geomsu_broken.so").write_text("no shared object")
        text = self.expect(0, "devices", "--all", "--backend-path", self.dir, "--backend", "broken", *fake()).out
        self.assertRegex(text, r"broken\s.*\sno\s")
        self.assertIn("refused broken: ", text)
        self.assertIn("opencl: no opencl plug-in in this build", text)

    def elsewhere(self, with_cpu):
        """The program in a prefix of its own, with no plug-in or the CPU's alone."""
        build = pathlib.Path(PROGRAM).parents[1]
        (self.dir / "bin").mkdir()
        for name in ("geomsu", "geomsu-worker"):
            shutil.copy2(build / "bin" / name, self.dir / "bin" / name)
        if with_cpu:
            (self.dir / "lib/geomsu/backends").mkdir(parents=True)
            shutil.copy2(build / "lib/geomsu/backends/geomsu_cpu.so", self.dir / "lib/geomsu/backends")
        return self.dir / "bin" / "geomsu"

    def cuda_line(self, program, *words):
        done = subprocess.run([program, "devices", *words], env=environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT_S, check=True)
        return " ".join(done.stdout.decode().split())

    def test_say_why_cuda_is_not_there_where_no_accelerator_was_found(self):
        built = os.environ["GEOMSU_CUDA_BUILT"] == "yes"
        why = ("cuda: in this build, but geomsu_cuda.so is in none of its folders; next: install it into " if built
               else f"cuda: not in this build: {os.environ['GEOMSU_CUDA_ABSENT']}; next: install CUDA Toolkit 12.4")
        has_cpu = (pathlib.Path(PROGRAM).parents[1] / "lib/geomsu/backends/geomsu_cpu.so").exists()
        program = self.elsewhere(with_cpu=has_cpu)
        self.assertIn(why, self.cuda_line(program, "--all"))
        self.assertIn(why, self.cuda_line(program))

    def test_do_not_speak_of_cuda_where_an_accelerator_was_found(self):
        self.assertNotIn("cuda", self.expect(0, "devices", *fake()).out)

    def test_all_tells_which_library_a_plugin_wants(self):
        needing = pathlib.Path(PROGRAM).parents[1] / "tests" / "geomsu_test_needing.so"
        if not needing.exists():
            self.skipTest("geomsu_test_needing is not built")
        shutil.copy2(needing, self.dir / "geomsu_needing.so")
        text = " ".join(self.expect(0, "devices", "--all", "--backend-path", self.dir, "--backend", "needing").out.split())
        self.assertIn("refused needing: unsupported: the plug-in is refused: cannot be loaded: "
                      "libgeomsu_test_needed.so.13: cannot open shared object file", text)
        self.assertIn("next: install the package that has libgeomsu_test_needed.so.13 or put its folder on LD_LIBRARY_PATH; "
                      "this build wants major 13", text)

    def test_prints_what_the_plugins_found_at_their_start(self):
        script = self.dir / "ecc.yaml"
        script.write_text("devices:\n  - {serial: F1, attributes: {finding.ecc_off: ECC is off, peak.fp32: '1e12'}}\n  - {serial: F2}\n")
        words = ("devices", "--backend", "fake", "--param", f"fake.script={script}")
        text = self.expect(0, *words).out
        self.assertRegex(text, r"finding: ecc_off: \S+/F1 \(fake 0\): ECC is off\n")
        self.assertEqual(text.count("finding:"), 1)
        first, second = self.document(self.expect(0, *words, "--json"))["devices"]
        self.assertEqual([finding["code"] for finding in first["findings"]], ["ecc_off"])
        self.assertTrue(first["findings"][0]["text"].endswith("/F1 (fake 0): ECC is off"))
        self.assertEqual(first["attributes"], {"peak.fp32": "1e12"})
        self.assertEqual(second["findings"], [])

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
