"""A benchmark program as a process; GEOMSU_BENCH_PROGRAM names it, GEOMSU_BACKENDS the folder of the plug-ins."""
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["GEOMSU_BENCH_PROGRAM"]
BACKENDS = pathlib.Path(os.environ["GEOMSU_BACKENDS"])
TIMEOUT_S = 200


class InScratch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="geomsu-bench-")
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def run_program(self, status, *words):
        done = subprocess.run([PROGRAM, *map(str, words)], cwd=self.dir, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=TIMEOUT_S, check=False, text=True)
        self.assertEqual(status, done.returncode, f"{words}\n{done.stdout}\n{done.stderr}")
        return done
