"""validate: positions, all mistakes at once, JSON, the search order."""
import shutil
import unittest

from geomsu import INPUTS, InScratch, environment


class Validate(InScratch):
    def test_accepts_each_shipped_configuration(self):
        for name in ("demo-cpu", "example-hgx-h100", "example-hgx-h200", "example-hgx-b200", "example-lot"):
            self.assertIn("a valid contract", self.expect(0, "validate", name).out)

    def test_knows_a_suite_a_site_and_sheets(self):
        source = INPUTS.parents[2] / "configs"
        for path, kind in (("suites/demo.yaml", "suite"), ("sites/local.yaml", "site"), ("sites/cuda.yaml", "site"), ("devices/sheets.yaml", "sheets")):
            self.assertIn(f"a valid {kind}", self.expect(0, "validate", source / path).out)

    def test_tells_every_mistake_with_its_position(self):
        text = self.expect(65, "validate", INPUTS / "bad.yaml").out
        bad = str(INPUTS / "bad.yaml")
        self.assertIn(f"{bad}:3:1: error: ", text)
        self.assertRegex(text, r"bad\.yaml:18:\d+: error: .*MFLOPS")
        self.assertIn("next: ", text)

    def test_prints_json_that_a_machine_can_read(self):
        document = self.document(self.expect(65, "validate", "--json", INPUTS / "bad.yaml", INPUTS / "pass.yaml"))
        self.assertFalse(document["valid"])
        self.assertEqual([entry["valid"] for entry in document["files"]], [False, True])
        first = document["files"][0]["diagnostics"][0]
        self.assertEqual(set(first), {"severity", "file", "line", "column", "what", "why", "next"})
        self.assertGreater(first["line"], 0)

    def test_of_a_missing_file_is_66_and_says_where_it_looked(self):
        text = self.expect(66, "validate", "nowhere.yaml").err
        self.assertIn("nowhere.yaml", text)
        self.assertIn("contracts", self.expect(66, "validate", "no-such-contract").err)

    def test_of_a_missing_file_among_others_checks_the_others(self):
        done = self.expect(66, "validate", "nowhere.yaml", INPUTS / "pass.yaml")
        self.assertIn("pass.yaml: a valid contract", done.out)

    def test_of_a_folder_or_binary_is_an_error_in_words(self):
        (self.dir / "binary.yaml").write_bytes(bytes(range(256)))
        self.expect(65, "validate", "binary.yaml")
        self.expect(66, "validate", str(self.dir) + "/")

    def test_of_a_missing_suite_is_66(self):
        shutil.copy(INPUTS / "pass.yaml", self.dir / "alone.yaml")
        self.assertIn("suite.yaml", self.expect(66, "validate", "alone.yaml").err)


class SearchOrder(InScratch):
    def suite(self, folder, text):
        (folder / "suites").mkdir(parents=True)
        (folder / "suites" / "demo.yaml").write_text(text)

    def test_is_flag_then_user_folder_then_prefix(self):
        self.suite(self.dir / "flag", "name: from-flag\n")
        self.suite(self.dir / "xdg" / "geomsu", "name: from-xdg\n")
        self.suite(self.dir / "home" / ".config" / "geomsu", "name: from-home\n")
        xdg = environment(XDG_CONFIG_HOME=str(self.dir / "xdg"), HOME=str(self.dir / "home"))
        home = environment(HOME=str(self.dir / "home"))
        # Each of these suites is bad, and its path in the messages shows which was read.
        self.assertIn("flag/suites/demo.yaml", self.expect(65, "--config", "flag", "validate", "demo-cpu", env=xdg).out)
        self.assertIn("xdg/geomsu/suites/demo.yaml", self.expect(65, "validate", "demo-cpu", env=xdg).out)
        self.assertIn("home/.config/geomsu/suites/demo.yaml", self.expect(65, "validate", "demo-cpu", env=home).out)
        self.expect(0, "validate", "demo-cpu")

    def test_passes_over_a_relative_xdg_folder(self):
        self.suite(self.dir / "xdg" / "geomsu", "name: from-xdg\n")
        self.expect(0, "validate", "demo-cpu", env=environment(XDG_CONFIG_HOME="xdg"))


if __name__ == "__main__":
    unittest.main()
