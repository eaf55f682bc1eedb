"""Processes on emulated GPUs: a folder with the emulation's libraries and its emulation.yaml, first on LD_LIBRARY_PATH."""
import os
import pathlib
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
NODES = HERE.parent / "nodes"
LIBRARIES = pathlib.Path(os.environ["GEOMSU_EMULATION_DIR"])
PLUGIN = os.environ["GEOMSU_CUDA_SO"]
DRIVE = os.environ.get("GEOMSU_CUDA_DRIVE", "")
PROGRAM = os.environ.get("GEOMSU_PROGRAM", "")
KERNEL_HITS = os.environ.get("GEOMSU_KERNEL_HITS", "")  # of coverage.py: file to which processes append the kernels' lines they ran
TIMEOUT_S = 300


def environment(folder, **more):
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "LD_LIBRARY_PATH": str(folder), **more}


def program_environment(folder):
    """Of the program geomsu: the plug-in that is counted lies where it looks before its own, CONFIG_HOME/geomsu/backends."""
    return environment(folder, **({"XDG_CONFIG_HOME": str(pathlib.Path(PLUGIN).parents[2])} if KERNEL_HITS else {}))


class OnEmulatedNode(unittest.TestCase):
    """Each test has a folder of its own; `node` is a name in nodes/ or YAML text."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="geomsu-emulated-")
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def emulation(self, node="dgx-h100", extra="", leave_out=()):
        """Writes the folder and gives its path. `extra`: further keys of emulation.yaml, as text."""
        folder = self.dir / "cuda"
        folder.mkdir(exist_ok=True)
        for library in LIBRARIES.glob("*.so.*"):
            link = folder / library.name
            if library.name not in leave_out and not link.exists():
                link.symlink_to(library)
        if node.count("\n"):
            (folder / "node.yaml").write_text(node, encoding="utf-8")
            path = folder / "node.yaml"
        else:
            path = NODES / f"{node}.yaml"
        hits = f"kernel_hits: {KERNEL_HITS}\n" if KERNEL_HITS else ""
        (folder / "emulation.yaml").write_text(f"node: {path}\n{hits}{extra}", encoding="utf-8")
        return folder

    def drive(self, lines, folder=None, settings=(), plugin=PLUGIN, env=None):
        """Answers of drive.cpp, one a line, without what comes before the first; the process is in `done`."""
        folder = folder or self.emulation()
        done = subprocess.run([DRIVE, plugin, *settings], input="\n".join(lines) + "\n", env={**environment(folder), **(env or {})},
                              capture_output=True, timeout=TIMEOUT_S, check=False, encoding="utf-8")
        done.answers = done.stdout.splitlines()
        return done

    def answers(self, lines, **more):
        """The answers of lines that give one each; the process must end well."""
        done = self.drive(lines, **more)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.assertEqual(done.answers[0], "plugin cuda emulated", done.stdout + done.stderr)
        self.assertEqual(len(done.answers), 2 + len(lines), done.stdout + done.stderr)
        return done.answers[2:]

    def expect_ok(self, lines, **more):
        for line, answer in zip(lines, self.answers(lines, **more)):
            self.assertTrue(answer.startswith("ok"), f"{line}: {answer}")

    def geomsu(self, *words, folder=None, check=None, cwd=None, env=None):
        folder = folder or self.emulation()
        done = subprocess.run([PROGRAM, *map(str, words)], cwd=cwd or self.dir, env={**program_environment(folder), **(env or {})},
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False, encoding="utf-8")
        if check is not None:
            self.assertEqual(done.returncode, check, f"{words}\n{done.stdout}\n{done.stderr}")
        return done
