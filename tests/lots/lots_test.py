"""judge, report and verify on a lot of bundles: exit statuses, and what is written where."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from geomsu import InScratch, environment  # noqa: E402

MAKE_LOT = os.environ["GEOMSU_MAKE_LOT"]
DEVICES, CLAUSES = 2, 2


class Lot(InScratch):
    """Four nodes: the third has a slow device, the fourth one that was not found."""

    nodes = 4

    def setUp(self):
        super().setUp()
        subprocess.run([MAKE_LOT, str(self.nodes), str(DEVICES), str(CLAUSES), "10", self.dir / "lot"],
                       env=environment(), check=True, timeout=60)

    def bundle(self, node):
        return self.dir / "lot" / f"bundle-n{node:05}"

    def damage(self, node):
        path = self.bundle(node) / "trials.jsonl"
        text = path.read_bytes()
        at = text.index(b'"block_ns"') + 12
        path.write_bytes(text[:at] + bytes([text[at] ^ 1]) + text[at + 1:])

    def judge(self, status, *words):
        return self.document(self.expect(status, "--json", "judge", "lot", *words))


class Judge(Lot):
    def test_of_a_lot_exits_1_where_a_unit_fails_and_names_it(self):
        done = self.expect(1, "judge", "lot")
        self.assertIn("S000005", done.out)

    def test_out_folder_holds_the_verdict_and_every_row(self):
        self.expect(1, "judge", "lot", "--out", "verdict")
        self.assertEqual(sorted(path.name for path in (self.dir / "verdict").iterdir()), ["verdict.json", "verdict.jsonl"])
        verdict = json.loads((self.dir / "verdict/verdict.json").read_text(encoding="utf-8"))
        rows = [json.loads(line) for line in (self.dir / "verdict/verdict.jsonl").read_text(encoding="utf-8").splitlines()]
        self.assertEqual(len(rows), self.nodes * DEVICES * CLAUSES)
        for clause in verdict["clauses"]:
            own = [row["outcome"] for row in rows if row["clause"] == clause["clause"]]
            self.assertEqual((clause["units"], clause["passed"]), (len(own), own.count("PASS")))
        self.assertEqual(verdict["exit_code"], 1)
        self.assertEqual([bundle["path"] for bundle in verdict["bundles"]], [f"bundle-n{i:05}" for i in range(self.nodes)])
        (self.dir / "verdict/verdict.jsonl").write_text("old\n")
        self.expect(1, "judge", "lot", "--out", "verdict")
        self.assertEqual(len((self.dir / "verdict/verdict.jsonl").read_text(encoding="utf-8").splitlines()), len(rows))

    def test_out_file_holds_the_same_verdict(self):
        self.expect(1, "judge", "lot", "--out", "folder")
        self.expect(1, "judge", "lot", "--out", "verdict.json")
        self.assertEqual((self.dir / "verdict.json").read_bytes(), (self.dir / "folder/verdict.json").read_bytes())

    def test_nothing_is_written_into_a_lot(self):
        before = sorted(path.relative_to(self.dir) for path in (self.dir / "lot").rglob("*"))
        self.expect(64, "judge", "lot", "--out", "lot/verdict")
        self.expect(64, "report", "lot", "-o", "lot/bundle-n00000/report")
        self.expect(1, "judge", "lot")
        self.assertEqual(sorted(path.relative_to(self.dir) for path in (self.dir / "lot").rglob("*")), before)

    def test_exit_is_0_only_where_all_are_green(self):
        for node in (2, 3):
            shutil.rmtree(self.bundle(node))
        text = " ".join(self.expect(2, "judge", "lot").out.split())  # NOT_RUN
        self.assertIn("2 of 4 nodes inspected", text)
        self.damage(1)
        self.expect(2, "judge", "lot")

    def test_damaged_bundle_is_named_and_never_0(self):
        self.damage(0)
        self.expect(1, "judge", "lot", "--out", "verdict.json")
        verdict = json.loads((self.dir / "verdict.json").read_text(encoding="utf-8"))
        refused = {bundle["path"]: bundle["refused"] for bundle in verdict["bundles"]}
        self.assertIn("trials.jsonl", refused.pop("bundle-n00000"))
        self.assertEqual(set(refused.values()), {""})
        self.assertIn("bundle-n00000", self.expect(1, "judge", "lot").out)

    def test_contract_that_is_meant_is_asked_for(self):
        self.expect(1, "judge", "lot", "--contract", self.bundle(0) / "contract.yaml")
        (self.dir / "other.yaml").write_bytes((self.bundle(0) / "contract.yaml").read_bytes() + b"\n")
        self.assertIn("other.yaml", self.expect(65, "judge", "lot", "--contract", "other.yaml").err)
        self.expect(66, "judge", "lot", "--contract", "nowhere.yaml")

    def test_folder_without_a_bundle_and_no_folder_are_refused(self):
        (self.dir / "empty").mkdir()
        self.expect(65, "judge", "empty")
        self.expect(66, "judge", "nowhere")


class Good(Lot):
    nodes = 2  # without a defect

    def test_lot_is_0_with_every_verb(self):
        self.assertIn("2 of 2 nodes inspected", " ".join(self.expect(0, "judge", "lot").out.split()))
        self.expect(0, "verify", "lot")
        self.expect(0, "report", "lot")
        self.assertEqual(sorted(path.name for path in (self.dir / "lot.report").iterdir()),
                         ["junit.xml", "report.html", "report.json"])
        self.expect(0, "judge", "lot")  # its report beside it is no bundle

    def test_damaged_bundle_is_65_of_verify_and_2_of_judge(self):
        self.damage(1)
        done = self.expect(65, "verify", "lot")
        self.assertIn("bundle-n00001", done.out)
        self.assertIn("1 of 2 hold", " ".join(done.out.split()))
        self.expect(2, "judge", "lot")
        report = self.expect(0, "--json", "report", "lot")
        self.assertEqual(self.document(report)["overall"], "INVALID")


if __name__ == "__main__":
    unittest.main()
