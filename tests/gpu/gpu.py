"""The tests of this folder on a real GPU, or with GEOMSU_GPU_TESTS_EMULATED=1 in miniature on an emulated one.

What is shared with the emulation's own tests is taken from tests/cuda_emulation/plugin; there lies `emulated.py`."""
import glob
import os
import pathlib
import re
import subprocess
import sys
import unittest

os.environ.setdefault("GEOMSU_EMULATION_DIR", "/nonexistent")  # not built: CUDA 12
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cuda_emulation/plugin"))
import emulated  # noqa: E402: the path above

MINIATURE = os.environ.get("GEOMSU_GPU_TESTS_EMULATED", "") == "1"
SKIPPED = 77
UNSUPPORTED = "refused 2 "
KEPT = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES")
emulated.TIMEOUT_S = 3000  # 4096 cubed and 1 GiB are verified by the host


def size(real, miniature):
    return miniature if MINIATURE else real


def kept():
    """Which GPUs are to be seen is the caller's to say."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def real_path():
    """The loader's path as it stands, and the toolkit that was built with behind it."""
    return ":".join(filter(None, (os.environ.get("LD_LIBRARY_PATH", ""), os.environ.get("GEOMSU_CUDA_LIBRARIES", ""))))


class OnGpu(emulated.OnEmulatedNode):
    """`emulation()`, which all that is shared asks for its libraries, is the emulation in miniature alone."""
    NODE = "dgx-h100"

    def emulation(self, *given, **named):
        if MINIATURE:
            return super().emulation(*(given or (self.NODE,)), **named)
        return real_path()

    def drive(self, lines, folder=None, settings=(), plugin=emulated.PLUGIN, env=None):
        return super().drive(lines, folder, settings, plugin, {**kept(), **(env or {})})

    def geomsu(self, *words, env=None, **more):
        return super().geomsu(*words, env={**kept(), **(env or {})}, **more)

    def answers(self, lines, **more):
        """One a line; the process must end well, on the device that is meant."""
        done = self.drive(lines, **more)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.assertEqual(done.answers[0], "plugin cuda emulated" if MINIATURE else "plugin cuda real", done.stdout)
        self.assertEqual(len(done.answers), 2 + len(lines), done.stdout + done.stderr)
        return done.answers[2:]

    def expect_ok(self, lines, **more):
        """All are looked at, and all that fail named."""
        wrong = [f"{line}\n    {answer}" for line, answer in zip(lines, self.answers(lines, **more))
                 if not answer.startswith("ok")]
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def devices(self):
        return int(self.drive(["clock"]).answers[1].split()[1])

    def facts(self, index=0):
        """What `describe` says, by its keys."""
        lines = self.drive([f"describe {index}"]).answers[2:]
        return dict(line.split(": ", 1) for line in lines if ": " in line)

    def has_fp8(self):
        major, minor = map(int, self.facts()["compute_capability"].split("."))
        return 10 * major + minor >= 89


def reason_to_skip():
    """Why no GPU can be had here, in the plug-in's own words; "" where one is there. A node that has the driver's device
    files is never skipped: there a refusal is what is to be found."""
    if MINIATURE or glob.glob("/dev/nvidia[0-9]*") or glob.glob("/dev/dxg"):
        return ""
    done = subprocess.run([emulated.DRIVE, emulated.PLUGIN], env=emulated.environment(real_path()), input="", timeout=60,
                          capture_output=True, check=False, encoding="utf-8")
    words = done.stdout.splitlines()
    refused = [line[len(UNSUPPORTED):] for line in words if line.startswith(UNSUPPORTED)]
    if done.returncode == 0 and words[:1] == ["plugin cuda real"] and refused:
        return refused[0]
    return ""


def ratio_interval(ratios):
    """Median, and its two-sided distribution-free interval of 95 % or more: (median, lower, upper); bounds are None
    where there are fewer than six."""
    import math
    ordered = sorted(ratios)
    n = len(ordered)
    median = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    below, rank = 0.0, 0  # P(Binomial(n, 1/2) <= rank - 1)
    while below + math.comb(n, rank) / 2**n <= 0.025:
        below += math.comb(n, rank) / 2**n
        rank += 1
    return (median, ordered[rank - 1], ordered[n - rank]) if rank > 0 else (median, None, None)


def normal(answer):
    """An answer without what differs between two machines that agree: names, versions, addresses, algorithms, bytes
    that are free."""
    if answer.startswith("ok"):
        return " ".join(word for word in answer.split()[:3])
    answer = re.sub(r"EMULATED \(CPU\) ", "", answer)
    answer = re.sub(r"(?<= on )[^:(]*(?= \(compute)", "DEVICE", answer)
    answer = re.sub(r"device (\d+), .*? at [0-9a-f:.]+", r"device \1", answer)
    answer = re.sub(r"cuBLASLt \d+\.\d+\.\d+", "cuBLASLt", answer)
    answer = re.sub(r"there are \d+;", "there are N;", answer)
    return re.sub(r"\d+ are free on .*? \(90", "FREE (90", answer)


def main():
    why = reason_to_skip()
    if why:
        print(f"SKIPPED: there is no GPU to test on: {why}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
