"""Where there is no GPU the GPU's tests are skipped with the plug-in's own words; what is broken is not."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import gpu
import emulated

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = sorted(HERE.glob("gpu_*_test.py"))


class Skipping(unittest.TestCase):
    def run_script(self, script, **env):
        return subprocess.run([sys.executable, "-B", str(script)], env={**os.environ, **env}, capture_output=True, text=True,
                              timeout=120, check=False)

    def test_each_is_skipped_with_the_reason(self):
        self.assertEqual(len(SCRIPTS), 4)
        if not gpu.reason_to_skip():
            self.skipTest("a GPU is here")
        for script in SCRIPTS:
            with self.subTest(script.name):
                done = self.run_script(script, GEOMSU_GPU_TESTS_EMULATED="")
                self.assertEqual(done.returncode, gpu.SKIPPED, done.stdout + done.stderr)
                self.assertRegex(done.stdout, r"^SKIPPED: .*\n$")

    def reason(self, program, files=()):
        """With a program in the place of cuda_drive."""
        with tempfile.TemporaryDirectory() as folder:
            drive = pathlib.Path(folder) / "drive"
            drive.write_text("#!/bin/sh\n" + program, encoding="utf-8")
            drive.chmod(0o755)
            with mock.patch.object(emulated, "DRIVE", str(drive)), mock.patch.object(gpu, "MINIATURE", False), \
                    mock.patch.object(gpu.glob, "glob", lambda pattern: [f for f in files if f.startswith(pattern[:11])]):
                return gpu.reason_to_skip()

    def test_only_a_refusal_of_the_real_plugin_skips(self):
        refusal = "echo 'plugin cuda real'; echo 'refused 2 no driver'\n"
        self.assertEqual(self.reason(refusal), "no driver")
        for program in ("echo 'plugin cuda real'; echo 'devices 1'\n", "echo 'plugin cuda real'; echo 'refused 5 lost'\n",
                        "echo 'FAIL libcudart.so.13: cannot open shared object file'; exit 1\n",
                        "echo 'plugin cuda emulated'; echo 'refused 2 no driver'\n", refusal + "exit 1\n", "kill -9 $$\n"):
            self.assertEqual(self.reason(program), "", program)

    def test_a_node_with_the_driver_s_files_is_never_skipped(self):
        self.assertEqual(self.reason("echo 'plugin cuda real'; echo 'refused 2 broken driver'\n", ["/dev/nvidia0"]), "")


if __name__ == "__main__":
    unittest.main()
