"""The verb itself: its table, its documents, its exit statuses, and the list of rules that the documents show."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from candidates import FAKE, FAKES, WORKER, conform, failing, outcomes

ROOT = pathlib.Path(__file__).resolve().parents[2]


def rules():
    return json.loads(conform("--list", "--json", check=0).stdout)["rules"]


class List(unittest.TestCase):
    def test_names_each_rule_once_with_a_line_of_why_and_where_it_is_written(self):
        ids = [rule["rule"] for rule in rules()]
        self.assertEqual(len(ids), len(set(ids)))
        for rule in rules():
            self.assertTrue(rule["why"] and rule["where"] and rule["about"], rule)
            self.assertNotIn("\n", rule["why"])

    def test_lists_what_a_rule_needs_before_it(self):
        seen = set()
        for rule in rules():
            self.assertLessEqual(set(rule["needs"]), seen, rule["rule"])
            seen.add(rule["rule"])

    def test_stands_in_the_README_as_it_is(self):
        text = (ROOT / "harness/conform/README.md").read_text()
        for rule in rules():
            self.assertIn(f"| `{rule['rule']}` | {rule['why']} |", text)
        table = [line for line in text.splitlines() if line.startswith("| `") and line.count("|") == 3]
        self.assertEqual(len(rules()), len(table))

    def test_has_every_rule_that_the_worker_has(self):
        of_worker = subprocess.run([WORKER, "--abi-rules"], capture_output=True, text=True, check=True).stdout.split()
        self.assertTrue(of_worker)
        self.assertLessEqual(set(of_worker), {rule["rule"] for rule in rules() if rule["about"] == "abi"})

    def test_is_a_table_within_100_columns(self):
        text = conform("--list", check=0).stdout
        self.assertLessEqual(max(map(len, text.splitlines())), 100)


class Output(unittest.TestCase):
    def test_of_a_failure_tells_what_was_expected_what_came_and_where_it_is_written(self):
        done = conform(f"{FAKES}/geomsu_fake_hollow.so", check=1)
        self.assertIn("table-whole failed: ", done.stdout)
        for word in ("expected: ", "came: ", "written in: geomsu_plugin.h", "slot 'digest'"):
            self.assertIn(word, done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)

    def test_as_junit_counts_as_the_table_does(self):
        with tempfile.TemporaryDirectory(prefix="geomsu-conformance-") as folder:
            file = pathlib.Path(folder) / "junit.xml"
            rows = json.loads(conform("--json", "--junit", file, f"{FAKES}/geomsu_fake_null.so", check=1).stdout)["rules"]
            suites = ElementTree.parse(file).getroot()
        self.assertEqual(str(len(rows)), suites.get("tests"))
        self.assertEqual("1", suites.get("failures"))
        self.assertEqual(str(sum(row["outcome"] == "not_run" for row in rows)), suites.get("errors"))
        self.assertEqual(["table-served"], [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None])

    def test_as_json_is_what_the_schema_says(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((ROOT / "configs/schema/conform.schema.json").read_text())
        for library in ("geomsu_fake_null", "geomsu_fake_new_minor"):
            document = json.loads(conform("--json", "--rule", "hello", f"{FAKES}/{library}.so").stdout)
            jsonschema.validate(document, schema)


class Choice(unittest.TestCase):
    def test_of_a_rule_runs_it_and_those_it_needs(self):
        rows, status = outcomes("--rule", "devices", FAKE)
        self.assertEqual(0, status)
        self.assertEqual(["library-exports", "table-served", "table-major", "table-whole", "hello", "devices"], list(rows))

    def test_of_an_unknown_rule_is_64_and_proposes_the_near_one(self):
        done = conform("--rule", "helo", FAKE, check=64)
        self.assertIn("did you mean 'hello'?", done.stderr)

    def test_of_nothing_is_64(self):
        self.assertIn("there is no candidate", conform(check=64).stderr)

    def test_of_what_is_not_there_is_66(self):
        conform("/nonexistent/geomsu_acme.so", check=66)
        conform("--", "/nonexistent/adapter", check=66)

    def test_of_params_for_a_command_is_64(self):
        conform("--param", "a=b", "--", WORKER, "--plugin", FAKE, check=64)

    def test_of_a_program_that_speaks_no_lines_fails_hello_alone(self):
        rows, status = outcomes("--", "/bin/echo", "hello")
        self.assertEqual((["hello"], 1), (failing(rows), status))


class Leaks(unittest.TestCase):
    def leaks(self, library, tool):
        env = dict(os.environ) if tool else {**os.environ, "PATH": "/nonexistent"}
        done = subprocess.run([os.environ["GEOMSU_PROGRAM"], "conform", "--json", "--leaks", "--rule", "no-leaks", library], env=env,
                              capture_output=True, text=True, check=False)
        return {row["rule"]: row for row in json.loads(done.stdout)["rules"]}["no-leaks"], done.returncode

    def test_without_valgrind_are_not_run_and_say_how_to_get_it(self):
        row, status = self.leaks(FAKE, tool=False)
        self.assertEqual(("not_run", 2), (row["outcome"], status))
        self.assertIn("apt-get install valgrind", row["seen"])

    def test_of_a_plugin_that_forgets_memory_are_found_and_of_a_healthy_one_not(self):
        if shutil.which("valgrind") is None or os.environ.get("GEOMSU_SANITIZED"):
            self.skipTest("valgrind is not installed, or cannot run what sanitizers instrument")
        row, status = self.leaks(FAKE, tool=True)
        self.assertEqual(("pass", 0), (row["outcome"], status), row)
        row, status = self.leaks(f"{FAKES}/geomsu_fake_leaky.so", tool=True)
        self.assertEqual(("fail", 1), (row["outcome"], status), row)
        self.assertIn("definitely lost", row["seen"])


if __name__ == "__main__":
    unittest.main()
