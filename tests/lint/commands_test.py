#!/usr/bin/python3
"""./accept and ./check, with everything they call played by small scripts: what they run, print and exit with."""
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ["awk", "basename", "bash", "cat", "dirname", "env", "grep", "head", "mkdir", "nproc", "printf", "rm", "sed",
         "sleep", "tail", "touch", "tr", "xargs"]
LIST = """[run]
libthere
libmissing   # a remark
[build]
compiler = own-compiler other-compiler
builder = nowhere
[check]
tester
"""


class Commands(unittest.TestCase):
    def setUp(self) -> None:
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="geomsu-commands-"))
        self.addCleanup(shutil.rmtree, self.home)
        self.root, self.bin = self.home / "tree", self.home / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or f"/usr/bin/{tool}")
        for name in ("scripts", "configs/packages"):
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("accept", "check"):
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "packages.txt").write_text(LIST)
        self.fake("dpkg-query", 'for p in libthere deinstalled; do echo "installed $p"; done; echo "config-files tester"')

    def fake(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >> "{self.home}/calls"\n{body}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def calls(self) -> list[str]:
        log = self.home / "calls"
        return [line for line in log.read_text().splitlines() if not line.startswith("dpkg-query")] if log.exists() else []

    def run_command(self, *command: str, cwd: pathlib.Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=cwd or self.root, env={"PATH": str(self.bin), "HOME": str(self.home)},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def library(self, script: str) -> subprocess.CompletedProcess[str]:
        return self.run_command("/bin/bash", "-euo", "pipefail", "-c", f"source scripts/lib.sh; {script}")

    # Packages

    def test_what_is_installed_or_has_its_command_is_not_wanted(self) -> None:
        self.fake("other-compiler", "")
        done = self.library("wanted_packages packages.txt run build")
        self.assertEqual("libmissing\nbuilder\n", done.stdout)

    def test_a_removed_package_is_wanted_again(self) -> None:
        self.assertEqual("tester\n", self.library("wanted_packages packages.txt check").stdout)

    def test_apt_is_not_called_where_nothing_is_missing(self) -> None:
        listed = subprocess.run(["sed", "-e", "s/[#=].*//", "-e", "/^\\[/d", str(ROOT / "configs/packages/debian12.txt")],
                                capture_output=True, text=True, check=True).stdout.split()
        self.fake("dpkg-query", "\n".join(f"echo installed {name}" for name in listed))
        done = self.library('system_id() { echo debian12; }; ensure_packages "$PWD" run build check all')
        self.assertEqual((0, ""), (done.returncode, done.stdout))
        self.assertEqual([], self.calls())

    def test_apt_installs_no_recommendations_and_fetches_its_lists_when_it_must(self) -> None:
        self.fake("apt-get", f'[[ $* == *" update" || -e "{self.home}/updated" ]] || exit 100; touch "{self.home}/updated"')
        self.fake("sudo", 'while [[ $1 == -* ]]; do shift; done; [[ $# == 0 ]] || exec "$@"')
        done = self.library('install_packages "$PWD" build/log/apt.log libmissing')
        self.assertEqual(0, done.returncode, done.stdout)
        apt = [call for call in self.calls() if call.startswith("apt-get")]
        self.assertTrue(apt[-2].endswith(" update"), apt)
        self.assertTrue(apt[-1].endswith(" install -y --no-install-recommends libmissing"), apt)

    def test_without_root_and_sudo_the_exact_command_is_said(self) -> None:
        for folder in (self.home, self.root, self.root / "build"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)
        script = 'source scripts/lib.sh; install_packages "$PWD" build/apt.log libmissing tester'
        drop = ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        done = self.run_command(*drop, "/bin/bash", "-c", script)
        self.assertEqual(69, done.returncode, done.stdout)
        self.assertIn("apt-get install -y --no-install-recommends libmissing tester\n", done.stdout)

    def test_another_system_gets_the_list_and_goes_on_if_the_tools_are_there(self) -> None:
        script = 'system_id() { echo plan9; }; ensure_packages "$PWD" run build'
        done = self.library(script)
        self.assertEqual(69, done.returncode)
        self.assertIn("Not found: cmake", done.stdout)
        for tool in ("cmake", "ninja", "c++", "pkg-config"):
            self.fake(tool, "")
        done = self.library(script)
        self.assertEqual(0, done.returncode)
        self.assertIn("libyaml-cpp-dev", done.stdout)
        self.assertNotIn(" cmake", done.stdout)

    # ./accept

    def prepare_accept(self, status: int) -> None:
        program = self.root / "build/accept/bin/geomsu"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/bash\nprintf "ran in %s:" "$PWD"; printf " <%s>" "$@"; echo; exit {status}\n')
        program.chmod(0o755)
        everything = "\n".join(f"echo installed {line.split()[0]}" for line in
                               (ROOT / "configs/packages/debian12.txt").read_text().splitlines()
                               if line and line[0] not in "#[")
        self.fake("dpkg-query", everything)
        for tool in ("cmake", "ninja", "c++", "pkg-config", "sudo", "apt-get"):
            self.fake(tool, "")

    def test_accept_without_arguments_runs_the_demonstration(self) -> None:
        self.prepare_accept(0)
        done = self.run_command("./accept")
        self.assertIn("<run> <configs/contracts/demo-cpu.yaml>", done.stdout)
        self.assertEqual(0, done.returncode)

    def test_accept_hands_on_its_arguments_where_it_was_called_and_exits_with_geomsus_code(self) -> None:
        for status in (1, 2, 65):
            self.prepare_accept(status)
            done = self.run_command(str(self.root / "accept"), "a b.yaml", "--json", cwd=self.home)
            self.assertEqual(status, done.returncode, done.stdout)
            self.assertIn(f"ran in {self.home}: <run> <a b.yaml> <--json>", done.stdout)
            shutil.rmtree(self.root / "build")

    def test_a_build_that_fails_shows_its_log_and_is_no_verdict(self) -> None:
        self.prepare_accept(0)
        self.fake("cmake", '[[ $1 != --build ]] || { echo "error: no such thing"; exit 1; }')
        done = self.run_command("./accept")
        self.assertEqual(70, done.returncode)
        self.assertIn("error: no such thing", done.stdout)
        self.assertNotIn("ran in", done.stdout)

    # ./check

    SUMMARY = "100% tests passed, 0 tests failed out of 3\n\nTotal Test time (real) =   0.10 sec\n"

    def prepare_check(self, ctest: str) -> None:
        self.prepare_accept(0)
        for tool in ("shellcheck", "clang-format-14", "git"):
            self.fake(tool, "")
        (self.root / "scripts/tidy.py").write_text("#!/bin/bash\n")
        self.fake("ctest", ctest)

    def test_the_last_lines_of_check_are_those_of_ctest(self) -> None:
        self.prepare_check(f"echo '1/3 passed'; printf %s '{self.SUMMARY}'")
        done = self.run_command("./check")
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertTrue(done.stdout.endswith("\n" + self.SUMMARY), done.stdout)
        self.assertIn("1/3 passed\n", done.stdout)
        self.assertNotIn("tsan", "".join(self.calls()))
        self.assertTrue(all("-LE long" in call for call in self.calls() if call.startswith("ctest")))

    def test_check_all_adds_tsan_and_the_long_tests(self) -> None:
        self.prepare_check(f"printf %s '{self.SUMMARY}'")
        done = self.run_command("./check", "--all")
        self.assertEqual(0, done.returncode, done.stdout)
        ctests = [call for call in self.calls() if call.startswith("ctest")]
        self.assertTrue(any("tsan" in call for call in ctests))
        self.assertNotIn("-LE long", ctests[-1])

    def test_failing_tests_fail_the_check_and_ctest_still_speaks_last(self) -> None:
        summary = self.SUMMARY.replace("100%", "67%").replace(" 0 tests", " 1 tests")
        self.prepare_check(f"printf %s '{summary}'; [[ $* != *ci* ]] || exit 8")
        done = self.run_command("./check")
        self.assertEqual(8, done.returncode)
        self.assertTrue(done.stdout.endswith(summary), done.stdout)

    def test_a_stage_that_fails_ends_the_check_with_its_log(self) -> None:
        self.prepare_check(f"printf %s '{self.SUMMARY}'; [[ $* != *dev* ]] || {{ echo 'heap-use-after-free'; exit 8; }}")
        done = self.run_command("./check")
        self.assertEqual(1, done.returncode)
        self.assertIn("heap-use-after-free", done.stdout)
        self.assertIn("stage dev-test failed", done.stdout)
        self.assertFalse(any("ci" in call for call in self.calls() if call.startswith("ctest")))

    def test_a_stage_over_its_budget_is_told_and_goes_on(self) -> None:
        self.prepare_check(f"printf %s '{self.SUMMARY}'")
        self.fake("shellcheck", "sleep 0.3")
        budget = self.root / "scripts/budget.txt"
        budget.write_text(budget.read_text().replace("lint           20", "lint           0.1"))
        done = self.run_command("./check")
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertRegex(done.stdout, r"lint +\d+\.\d s of +0\.1  OVER\n")
        self.assertEqual(1, done.stdout.count("OVER"))

    def test_an_unknown_argument_is_a_usage_error(self) -> None:
        self.assertEqual(64, self.run_command("./check", "--fast").returncode)


if __name__ == "__main__":
    unittest.main()
