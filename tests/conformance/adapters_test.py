"""The adapters of kernels/adapters pass every rule of the lines: `adapters_test.py Minimal`, `adapters_test.py Torch`. Exit 77, which is
a skip, where torch is not there."""
import os
import pathlib
import subprocess
import sys
import unittest

from candidates import failing, outcomes, words_of

ADAPTERS = pathlib.Path(__file__).resolve().parents[2] / "kernels" / "adapters"
PYTHON = "/usr/bin/python3"
# What both must have been asked, so that a candidate that offers nothing passes nothing.
WANTED = {"operands", "answers", "repeats", "load-counts", "projections", "known-digests", "digest-follows", "end-of-input", "long-line"}


class Adapters(unittest.TestCase):
    def passes(self, *command):
        rows, status = outcomes("--", PYTHON, "-B", *command, patience="120")
        self.assertEqual(([], 0), (failing(rows), status), words_of(rows))
        self.assertEqual(set(), {rule for rule, row in rows.items() if row["outcome"] == "not_run"})
        self.assertEqual(set(), WANTED - {rule for rule, row in rows.items() if row["outcome"] == "pass"})


class Minimal(Adapters):
    def test_passes_what_applies(self):
        self.passes(ADAPTERS / "minimal" / "minimal.py")


class Torch(Adapters):
    def test_passes_what_applies_on_the_processor(self):
        self.passes(ADAPTERS / "torch" / "torch_adapter.py", "--device", "cpu")


if __name__ == "__main__":
    if "Torch" in sys.argv and subprocess.run([PYTHON, "-c", "import torch"], capture_output=True, check=False).returncode != 0:
        print("SKIPPED: no torch for", PYTHON)
        sys.exit(77)
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    unittest.main()
