"""The program under test as a process, and the few helpers that the tests of the command line share."""
import json
import os
import pathlib
import subprocess
import tempfile
import unicodedata
import unittest

PROGRAM = os.environ["GEOMSU_PROGRAM"]
INPUTS = pathlib.Path(__file__).resolve().parent / "inputs"
VERBS = ("devices", "validate", "init", "contract", "plan", "draw", "run", "judge", "report", "verify", "conform", "cost", "settle")
TIMEOUT_S = 120


def environment(**more):
    """A small, fixed environment: no user folder, English, a terminal type."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "TERM": "xterm", "HOME": "/nonexistent", **more}


def geomsu(*words, cwd=None, env=None, check=None):
    done = subprocess.run([PROGRAM, *map(str, words)], cwd=cwd, env=env or environment(), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=TIMEOUT_S, check=False)
    done.out, done.err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    if check is not None:
        assert done.returncode == check, f"{words}: exit {done.returncode}, wanted {check}\n{done.out}\n{done.err}"
    return done


def fake(script="fake.yaml"):
    return ("--backend", "fake", "--param", f"fake.script={INPUTS / script}")


def width(text):
    """Columns of the widest line: wide characters count two, combining marks none."""
    def columns(line):
        return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    return max((columns(line) for line in text.splitlines()), default=0)


class InScratch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="geomsu-cli-")
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def expect(self, status, *words, **more):
        done = geomsu(*words, cwd=self.dir, **more)
        self.assertEqual(done.returncode, status, f"{words}\n{done.out}\n{done.err}")
        return done

    def run_fake(self, contract, status, *words, script="fake.yaml", bundle="bundle"):
        return self.expect(status, "run", INPUTS / contract, "-o", bundle, *fake(script), *words)

    def document(self, done):
        return json.loads(done.out)
