"""run, judge, report and verify end to end on the fake backend, whose verdict is forced to INVALID."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree

from geomsu import INPUTS, PROGRAM, InScratch, environment, fake, width


class Run(InScratch):
    def verdict(self, bundle="bundle"):
        return json.loads((self.dir / bundle / "verdict.json").read_text())

    def test_of_passing_clauses_on_a_fake_is_invalid_and_exits_2(self):
        done = self.run_fake("pass.yaml", 2)
        self.assertEqual(self.verdict()["clauses_overall"], "PASS")
        self.assertEqual(self.verdict()["overall"], "INVALID")
        self.assertIn("Verdict: INVALID", done.out)
        self.assertIn("bundle.report/report.html", done.out)
        self.assertLessEqual(width(done.out), 100)

    def test_of_a_slow_device_fails_its_clause(self):
        done = self.run_fake("fail.yaml", 2)
        self.assertEqual(self.verdict()["clauses_overall"], "FAIL")
        self.assertRegex(done.out, r"gemm-fp32\s+FAIL")
        self.assertIn("beyond the bar", done.out)

    def test_of_a_wrong_answer_never_passes(self):
        done = self.run_fake("pass.yaml", 2, script="fake-wrong.yaml")
        self.assertNotEqual(self.verdict()["clauses_overall"], "PASS")
        self.assertIn("F2", done.out)

    def test_names_a_missing_unit_by_its_serial(self):
        self.run_fake("missing.yaml", 2)
        self.assertEqual(self.verdict()["reconciliation"]["missing"], ["F9"])
        self.assertEqual(self.verdict()["clauses_overall"], "NOT_RUN")

    def test_writes_every_report_file(self):
        self.run_fake("pass.yaml", 2)
        folder = self.dir / "bundle.report"
        page = (folder / "report.html").read_text()
        self.assertIn("SIMULATED", page)
        self.assertIn('lang="ko"', page)
        self.assertEqual(json.loads((folder / "report.json").read_text())["verdict"]["overall"], "INVALID")
        suites = xml.etree.ElementTree.parse(folder / "junit.xml").getroot()
        self.assertGreater(int(suites.get("errors")), 0)

    def test_prints_only_the_verdict_with_json(self):
        done = self.run_fake("pass.yaml", 2, "--json")
        self.assertEqual(json.loads(done.out), self.verdict())
        self.assertEqual(done.err, "")

    def test_says_nothing_but_the_result_when_quiet(self):
        done = self.run_fake("pass.yaml", 2, "-q")
        self.assertEqual(done.err, "")
        self.assertIn("Verdict", done.out)

    def test_prints_plain_lines_where_nobody_watches(self):
        done = self.run_fake("pass.yaml", 2)
        self.assertNotIn("\x1b", done.out + done.err)
        self.assertNotIn("\r", done.out + done.err)
        self.assertEqual(len(re.findall(r"^t001 ", done.err, re.MULTILINE)), 2, done.err)

    def test_speaks_korean_when_asked(self):
        done = self.run_fake("pass.yaml", 2, "--lang", "ko")
        self.assertIn("판정: 판정 불가", done.out)
        self.assertLessEqual(width(done.out), 100)

    def test_names_the_bundle_after_contract_and_time(self):
        self.expect(2, "run", INPUTS / "pass.yaml", *fake())
        names = sorted(path.name for path in self.dir.iterdir())
        self.assertRegex(names[0], r"^geomsu-bundle-fake-pass-\d{8}T\d{6}Z$")
        self.assertEqual(names[1], names[0] + ".report")

    def test_of_one_unit_leaves_the_other_not_run(self):
        self.run_fake("pass.yaml", 2, "--only", "t001", "--unit", "F1")
        rows = [json.loads(line) for line in (self.dir / "bundle" / "verdict.jsonl").read_text().splitlines()]
        outcomes = {row["unit"]["device"]: row["outcome"] for row in rows if "unit" in row}
        self.assertEqual(outcomes, {"F1": "PASS", "F2": "NOT_RUN"})

    def test_keeps_its_log_in_the_bundle(self):
        self.run_fake("pass.yaml", 2)
        self.assertRegex((self.dir / "bundle" / "run.log").read_text(), r"^\d{4}-\d\d-\d\dT\S+Z (debug|info): ")

    def test_of_a_bad_contract_is_65_and_leaves_no_bundle(self):
        self.expect(65, "run", INPUTS / "bad.yaml", "-o", "bundle", *fake())
        self.assertEqual(list(self.dir.iterdir()), [])

    def test_refuses_a_directory_that_holds_something(self):
        (self.dir / "bundle").mkdir()
        (self.dir / "bundle" / "mine.txt").write_text("x")
        self.run_fake("pass.yaml", 73)
        self.assertEqual([path.name for path in (self.dir / "bundle").iterdir()], ["mine.txt"])

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere; /proc stands in below")
    def test_into_a_read_only_directory_is_73(self):
        self.dir.chmod(0o500)
        self.addCleanup(self.dir.chmod, 0o700)
        self.run_fake("pass.yaml", 73)

    def test_where_no_directory_can_be_made_is_73(self):
        done = self.run_fake("pass.yaml", 73, bundle="/proc/geomsu-bundle")
        self.assertIn("/proc/geomsu-bundle", done.err)

    def test_of_a_contract_together_with_resume_is_64(self):
        self.expect(64, "run", INPUTS / "pass.yaml", "--resume", "bundle")
        self.expect(64, "run", "--resume", "bundle", "--only", "t001")

    def test_resume_of_what_is_not_there_is_66(self):
        self.expect(66, "run", "--resume", "nowhere", *fake())


class AfterARun(InScratch):
    def setUp(self):
        super().setUp()
        self.run_fake("pass.yaml", 2)
        self.bundle = self.dir / "bundle"

    def files(self):
        return {path.name: path.read_bytes() for path in self.bundle.iterdir()}

    def test_verify_holds(self):
        done = self.expect(0, "verify", "bundle")
        self.assertIn("The bundle holds.", done.out)
        self.assertTrue(self.document(self.expect(0, "--json", "verify", "bundle"))["ok"])

    def test_verify_of_any_changed_file_is_65(self):
        for name, content in self.files().items():
            if not content:
                continue
            path = self.bundle / name
            path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
            done = self.expect(65, "verify", "bundle")
            self.assertTrue(done.out + done.err, name)
            path.write_bytes(content)
        self.expect(0, "verify", "bundle")

    def test_verify_of_a_missing_file_is_65(self):
        (self.bundle / "trials.jsonl").unlink()
        done = self.expect(65, "verify", "bundle")
        self.assertIn("trials.jsonl", done.out + done.err)

    def test_judge_gives_the_same_bytes_and_touches_nothing(self):
        before = self.files()
        self.expect(2, "judge", "bundle", "--out", "again.json")
        self.assertEqual((self.dir / "again.json").read_bytes(), before["verdict.json"])
        self.assertEqual(self.files(), before)

    def test_judge_and_report_refuse_to_write_into_the_bundle(self):
        before = self.files()
        self.expect(64, "judge", "bundle", "--out", "bundle/again.json")
        self.expect(64, "report", "bundle", "-o", "bundle/report")
        self.expect(64, "report", "bundle", "-o", "./bundle/../bundle")
        self.assertEqual(self.files(), before)

    def test_report_gives_the_bytes_of_the_run(self):
        page = (self.dir / "bundle.report" / "report.html").read_bytes()
        document = self.document(self.expect(0, "--json", "report", "bundle", "-o", "other"))
        self.assertEqual(pathlib.Path(self.dir / document["html"]).read_bytes(), page)

    def test_report_into_a_file_is_73(self):
        (self.dir / "file").write_text("x")
        self.expect(73, "report", "bundle", "-o", "file/report")

    def test_damaged_input_gives_words_and_65(self):
        (self.bundle / "manifest.json").write_text("{")
        for verb in ("judge", "report", "verify"):
            done = self.expect(65, verb, "bundle")
            self.assertIn("manifest.json", done.out + done.err)

    def test_a_bundle_that_is_not_there_is_66_and_a_file_is_65(self):
        (self.dir / "file").write_text("x")
        for verb in ("judge", "report", "verify"):
            self.expect(66, verb, "nowhere")
            self.expect(65, verb, "file")

    def test_resume_of_a_sealed_bundle_makes_the_missing_reports_and_exits_with_its_verdict(self):
        before = self.files()
        page = (self.dir / "bundle.report" / "report.html").read_bytes()
        shutil.rmtree(self.dir / "bundle.report")
        done = self.expect(2, "run", "--resume", "bundle/")
        self.assertIn("bundle is already complete", done.err)
        self.assertIn("Verdict: INVALID", done.out)
        self.assertEqual((self.dir / "bundle.report" / "report.html").read_bytes(), page)
        self.assertEqual(sorted(path.name for path in (self.dir / "bundle.report").iterdir()),
                         ["junit.xml", "report.html", "report.json"])
        self.assertEqual(self.files(), before)
        self.assertEqual(self.document(self.expect(2, "--json", "run", "--resume", "bundle"))["overall"], "INVALID")

    def test_resume_of_a_sealed_bundle_that_was_changed_is_65(self):
        (self.bundle / "trials.jsonl").write_text("{}\n")
        done = self.expect(65, "run", "--resume", "bundle")
        self.assertIn("trials.jsonl", done.err)


class Interrupted(InScratch):
    """Sixteen trials keep the run busy for long enough to be interrupted between the first and the last."""

    def setUp(self):
        super().setUp()
        text = (INPUTS / "pass.yaml").read_text()
        cut = text.index("  - id: gemm-fp32")
        clauses = [text[cut:].replace("gemm-fp32", f"gemm-{m}").replace("m: 64", f"m: {m}") for m in range(64, 80)]
        (self.dir / "many.yaml").write_text(text[:cut] + "".join(clauses))
        shutil.copy(INPUTS / "suite.yaml", self.dir)
        self.rows = self.dir / "bundle" / "trials.jsonl"

    def interrupt(self, number):
        process = subprocess.Popen([PROGRAM, "run", "many.yaml", "-o", "bundle", *fake()], cwd=self.dir, env=environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if self.rows.exists() and self.rows.stat().st_size > 0:
                process.send_signal(number)
                break
            time.sleep(0.01)
        out, err = process.communicate(timeout=90)
        self.assertEqual(process.returncode, 130, out + err)
        return err.decode()

    def test_by_ctrl_c_exits_130_and_prints_the_command_that_goes_on(self):
        text = self.interrupt(signal.SIGINT)
        self.assertIn("finished trials are kept", text)
        self.assertRegex(text, r"next: geomsu run --resume \S*bundle --backend fake --param fake.script=")
        self.assertFalse((self.dir / "bundle" / "manifest.json").exists())

    def test_by_sigterm_goes_the_same_way(self):
        self.interrupt(signal.SIGTERM)

    def test_run_cannot_be_judged_before_it_ends(self):
        self.interrupt(signal.SIGINT)
        self.expect(65, "judge", "bundle")

    def test_run_goes_on_with_resume_and_repeats_nothing(self):
        self.interrupt(signal.SIGINT)
        kept = self.rows.read_text()
        self.assertLess(len(kept.splitlines()), 32)
        self.expect(2, "run", "--resume", "bundle", *fake())
        self.expect(0, "verify", "bundle")
        self.assertTrue(self.rows.read_text().startswith(kept))
        self.assertEqual(len(self.rows.read_text().splitlines()), 32)
        verdict = json.loads((self.dir / "bundle" / "verdict.json").read_text())
        self.assertEqual(verdict["clauses_overall"], "PASS")


if __name__ == "__main__":
    unittest.main()
