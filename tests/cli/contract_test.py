"""init, contract diff, delivery lists and site readings, from outside."""
import hashlib
import json
import re
import shutil
import unittest

from geomsu import INPUTS, InScratch, fake

LIST = "serial,node,use\nF1,,state\nF2,,own\n"
OTHER = "serial\nG1\n"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Init(InScratch):
    def filled(self, text):
        text = text.replace("date: TODO ", "date: 2099-12-31 ").replace("TODO: ", "said: ").replace("node: TODO", "node: n1")
        serials = iter(range(1, 100))
        return re.sub("serial: TODO", lambda _: f"serial: S{next(serials)}", text)

    def test_writes_a_draft_that_is_refused_until_it_is_filled_in(self):
        done = self.expect(0, "init", "--sku", "h100-sxm", "-o", "draft.yaml")
        self.assertEqual(done.out, "")
        self.assertIn("geomsu validate draft.yaml", done.err)
        refused = self.expect(65, "validate", "draft.yaml").out
        self.assertIn("'buyer' of the contract is still to be filled in", refused)
        self.assertEqual(refused.count(": error: "), refused.count("is still to be filled in"))
        (self.dir / "contract.yaml").write_text(self.filled((self.dir / "draft.yaml").read_text()))
        self.assertEqual(self.expect(0, "validate", "contract.yaml").out, "contract.yaml: a valid contract\n")

    def test_writes_to_stdout_and_for_several_parts(self):
        text = self.expect(0, "init", "--sku", "h100-sxm", "--sku", "h200-sxm").out
        self.assertIn("skus: [h100-sxm, h200-sxm]", text)
        self.assertIn("# h200-sxm: no clause for fp64", text)
        (self.dir / "contract.yaml").write_text(self.filled(text))
        self.expect(0, "validate", "contract.yaml")
        self.assertEqual(self.document(self.expect(0, "init", "--json", "--sku", "h100-sxm", "--sku", "h200-sxm"))["contract"], text)

    def test_refuses_an_unknown_part_and_a_file_that_is_there(self):
        self.assertIn("did you mean 'h100-sxm'?", self.expect(64, "init", "--sku", "h100-smx").err)
        self.assertIn("named twice", self.expect(64, "init", "--sku", "h100-sxm", "--sku", "h100-sxm").err)
        self.expect(64, "init")
        (self.dir / "there.yaml").write_text("mine")
        self.assertIn("exists already", self.expect(73, "init", "--sku", "h100-sxm", "-o", "there.yaml").err)
        self.assertEqual((self.dir / "there.yaml").read_text(), "mine")


class Diff(InScratch):
    def setUp(self):
        super().setUp()
        shutil.copy(INPUTS / "suite.yaml", self.dir)
        self.text = (INPUTS / "pass.yaml").read_text()
        (self.dir / "a.yaml").write_text(self.text)

    def other(self, *changes):
        text = self.text
        for before, after in changes:
            self.assertIn(before, text)
            text = text.replace(before, after, 1)
        (self.dir / "b.yaml").write_text(text)

    def test_of_the_same_is_0(self):
        self.assertIn("byte for byte", self.expect(0, "contract", "diff", "a.yaml", "a.yaml").out)
        (self.dir / "b.yaml").write_text("# a comment\n" + self.text)
        self.assertIn("say the same", self.expect(0, "contract", "diff", "a.yaml", "b.yaml").out)

    def test_says_what_is_worse_first(self):
        self.other(("supplier: ", "supplier: 새 "), ("tolerance: 0 %", "tolerance: 3 %"))
        done = self.expect(1, "contract", "diff", "a.yaml", "b.yaml")
        self.assertRegex(done.out, r"(?s)^Worse for the buyer:\n  clause [\w-]+: the tolerance is 3 %, and was 0 %\n\n"
                                   r"To be looked at:\n  the supplier is 새 .*\n\n2 change\(s\)\n$")
        document = self.document(self.expect(1, "contract", "diff", "--json", "a.yaml", "b.yaml"))
        self.assertFalse(document["same"])
        self.assertEqual([change["buyer"] for change in document["changes"]], ["worse", "open"])

    def test_of_what_cannot_be_read_is_65_or_66_and_of_other_words_64(self):
        self.other(("tolerance: 0 %", "tolerance: much"))
        self.assertIn("tolerance", self.expect(65, "contract", "diff", "a.yaml", "b.yaml").err)
        self.expect(66, "contract", "diff", "a.yaml", "nowhere.yaml")
        self.expect(64, "contract", "diff", "a.yaml")
        self.assertIn("contract knows no 'show'", self.expect(64, "contract", "show", "a.yaml").err)


class Lists(InScratch):
    def setUp(self):
        super().setUp()
        shutil.copy(INPUTS / "suite.yaml", self.dir)
        (self.dir / "lists").mkdir()
        (self.dir / "lists" / "1.csv").write_text(LIST)
        (self.dir / "lists" / "2.csv").write_text(OTHER)
        delivery = ("delivery:\n  inspected: 1차\n  tranches:\n"
                    f"    - {{name: 1차, due: 2026-12-31, list: lists/1.csv, sha256: {sha256(LIST)}}}\n"
                    f"    - {{name: 2차, due: 2027-03-31, list: lists/2.csv, sha256: {sha256(OTHER)}}}\n")
        text = (INPUTS / "pass.yaml").read_text()
        lines, skipping = [], False
        for line in text.splitlines(keepends=True):
            skipping = line.startswith("delivery:") or (skipping and line.startswith(" "))
            lines.append(delivery if line.startswith("delivery:") else "" if skipping else line)
        (self.dir / "contract.yaml").write_text("".join(lines))

    def test_travel_in_the_bundle_which_is_verified_alone(self):
        self.expect(2, "run", "contract.yaml", "-o", "bundle", *fake())
        self.assertEqual((self.dir / "bundle" / "delivery-1.csv").read_text(), LIST)
        self.assertEqual((self.dir / "bundle" / "delivery-2.csv").read_text(), OTHER)
        shutil.rmtree(self.dir / "lists")
        (self.dir / "contract.yaml").unlink()
        self.expect(0, "verify", "bundle")
        verdict = self.document(self.expect(2, "judge", "--json", "bundle"))
        self.assertEqual(verdict["reconciliation"]["contracted"], ["F1", "F2"])
        self.assertEqual(verdict["reconciliation"]["missing"], [])
        (self.dir / "bundle" / "delivery-1.csv").write_text(LIST.replace("F2", "F3"))
        self.assertIn("delivery-1.csv", self.expect(65, "verify", "bundle").out)

    def test_are_found_beside_the_contract_and_held_against_their_hash(self):
        self.expect(0, "validate", self.dir / "contract.yaml")
        (self.dir / "lists" / "2.csv").write_text(OTHER + "F1\n")
        text = self.expect(65, "validate", "contract.yaml").out
        self.assertIn("has SHA-256 " + sha256(OTHER + "F1\n"), text)
        self.assertIn("the contract says " + sha256(OTHER), text)
        (self.dir / "lists" / "2.csv").unlink()
        self.assertIn("the list 'lists/2.csv' was not found", self.expect(65, "validate", "contract.yaml").out)

    def test_of_excel_in_cp949_are_refused_at_their_own_line(self):
        bad = "serial,rack\nF1,1층\n".encode("cp949")
        (self.dir / "lists" / "2.csv").write_bytes(bad)
        text = (self.dir / "contract.yaml").read_text().replace(sha256(OTHER), hashlib.sha256(bad).hexdigest())
        (self.dir / "contract.yaml").write_text(text)
        out = self.expect(65, "validate", "contract.yaml").out
        self.assertIn("lists/2.csv:2:5: error: the file looks like EUC-KR", out)
        self.assertIn("CSV UTF-8", out)


class Readings(InScratch):
    def test_of_the_site_stand_in_the_evidence(self):
        script = INPUTS / "fake.yaml"
        (self.dir / "site.yaml").write_text(
            f"plugins: [{{backend: fake, params: {{script: {script}}}}}]\n"
            "readings:\n  - {condition: inlet_temperature, value: 24.1 °C, meter: BMS rack 12, by: 김검수, date: 2026-11-24}\n")
        self.expect(2, "run", INPUTS / "pass.yaml", "-o", "bundle", "--site", "site.yaml")
        facts = json.loads((self.dir / "bundle" / "environment.json").read_text())["facts"]
        self.assertEqual({key: value for key, value in facts.items() if key.startswith("site.")},
                         {"site.inlet_temperature": "24.1 °C", "site.inlet_temperature.meter": "BMS rack 12",
                          "site.inlet_temperature.by": "김검수", "site.inlet_temperature.date": "2026-11-24"})


if __name__ == "__main__":
    unittest.main()
