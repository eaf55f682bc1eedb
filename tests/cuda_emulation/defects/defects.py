#!/usr/bin/python3
"""Seeded defects: each is put into a copy of kernels/cuda, built, and run on emulated GPUs, which must notice.

usage: defects.py [--only ID ...] [--rotate N] [--list]

--rotate N takes N of the list, others every day. A defect is caught where the driver that answers rightly with the shipped
plug-in dies, fails or answers otherwise. Exit status 1: one was not caught, or the list does not fit the sources any more.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
LIST = HERE / "defects.toml"
NODES = HERE.parent / "nodes"
TIMEOUT_S = 240
INCLUDE = re.compile(r'^\s*#\s*include\s*"(kernels/cuda/[^"]+)"', re.MULTILINE)


def affected(changed, folder):
    """Sources of kernels/cuda that are `changed` or include it, through others too."""
    touched = {changed}
    while True:
        more = {f"kernels/cuda/{path.name}" for path in (folder / "kernels/cuda").iterdir()
                if path.suffix in (".cpp", ".cu", ".hpp", ".cuh") and touched & set(INCLUDE.findall(path.read_text(encoding="utf-8")))}
        if more <= touched:
            return sorted(name for name in touched if name.endswith((".cpp", ".cu")))
        touched |= more


class Build:
    """Commands and objects of the shipped plug-in, from the build folder."""

    def __init__(self, folder):
        self.folder = folder
        self.commands = {}
        for entry in json.loads((folder / "compile_commands.json").read_text(encoding="utf-8")):
            source = pathlib.Path(entry["file"])
            if source.parent == ROOT / "kernels/cuda" and not re.search(r"geomsu_(cuda_coverage|test)", entry["command"]):
                self.commands[f"kernels/cuda/{source.name}"] = shlex.split(entry["command"])

    def object_of(self, source):
        command = self.commands[source]
        return self.folder / command[command.index("-o") + 1]

    def compile(self, source, scratch):
        """The object of a source that lies in `scratch`, which stands before the project on the include path."""
        command = [word for word in self.commands[source] if not word.endswith("ccache")]
        out = scratch / (pathlib.Path(source).name + ".o")
        command[command.index("-o") + 1] = str(out)
        command[command.index("-c") + 1] = str(scratch / source)
        for flag, words in (("-MD", 1), ("-MT", 2), ("-MF", 2)):
            if flag in command:
                at = command.index(flag)
                del command[at:at + words]
        command.insert(1, f"-I{scratch}")
        if source.endswith(".cu"):  # the emulation takes PTX alone
            command = [word for word in command if not word.startswith("-gencode")] + ["-gencode=arch=compute_80,code=compute_80"]
            command = [word for word in command if "Werror" not in word]
        command = [word for word in command if word != "-Werror"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return out

    def link(self, objects, out):
        others = ["-shared", "-Wl,--no-undefined", f"-Wl,--version-script={ROOT}/harness/abi/geomsu_plugin.map"]
        libraries = [str(self.folder / "kernels/ops/libgeomsu_ops.a"), f"-L{os.environ['GEOMSU_CUDA_LIBRARIES']}", "-lcudart", "-lcublasLt", "-ldl",
                     "-lpthread"]
        subprocess.run(["c++", *others, *map(str, objects), *libraries, "-o", str(out)], check=True, capture_output=True, text=True)


def emulation(scratch, node, extra):
    folder = scratch / "cuda"
    folder.mkdir()
    for library in pathlib.Path(os.environ["GEOMSU_EMULATION_DIR"]).glob("*.so.*"):
        (folder / library.name).symlink_to(library)
    (folder / "emulation.yaml").write_text(f"node: {NODES / node}.yaml\n{extra}", encoding="utf-8")
    return folder


def drive(plugin, defect, scratch):
    """(exit status, answers, what the emulation said) of the driver on this plug-in."""
    folder = scratch / "cuda"
    if not folder.exists():
        emulation(scratch, defect.get("node", "dgx-h100"), defect.get("emulation", ""))
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "LD_LIBRARY_PATH": str(folder)}
    try:
        done = subprocess.run([os.environ["GEOMSU_CUDA_DRIVE"], str(plugin), *(word.replace("{scratch}", str(plugin.parent)) for word in defect.get("settings", []))],
                              input="\n".join(defect["lines"]) + "\n",
                              env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return "timeout", [], ""
    return done.returncode, done.stdout.splitlines(), done.stderr


def evidence(healthy, status, answers, words):
    """Why the defect is caught, or None."""
    if status != 0:
        said = [line for line in answers if line.startswith("FAIL")] or [line for line in words.splitlines() if "emulation" in line] or [f"exit status {status}"]
        return said[0]
    for before, now in zip(healthy, answers):
        if before.split(" ")[0] != now.split(" ")[0] or (before.startswith("refused") and before != now):
            return now
    if len(answers) != len(healthy):
        return f"{len(answers)} answers, not {len(healthy)}"
    said = [line for line in words.splitlines() if "emulation: leak" in line.lower()]
    return said[0] if said else None


def judge(build, defect, scratch):
    """What caught the defect; None where nothing did."""
    shutil.copytree(ROOT / "kernels/cuda", scratch / "kernels/cuda")
    (scratch / "healthy").mkdir()
    changed = f"kernels/cuda/{defect['file']}"
    text = (scratch / changed).read_text(encoding="utf-8")
    if text.count(defect["old"]) != 1:
        raise SystemExit(f"{LIST.name}: {defect['id']}: `old` stands {text.count(defect['old'])} times in {changed}, not once: mend the list")
    (scratch / changed).write_text(text.replace(defect["old"], defect["new"]), encoding="utf-8")
    sources = affected(changed, scratch)
    try:
        fresh = {source: build.compile(source, scratch) for source in sources if source in build.commands}
        build.link([fresh.get(source, build.object_of(source)) for source in build.commands], scratch / "geomsu_cuda.so")
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{defect['id']}: does not build, which catches nothing:\n{error.stderr[-2000:]}") from error
    shutil.copy(os.environ["GEOMSU_CUDA_SO"], scratch / "healthy" / "geomsu_cuda.so")
    healthy_status, healthy, words = drive(scratch / "healthy" / "geomsu_cuda.so", defect, scratch)
    if healthy_status != 0 or any(line.startswith("FAIL") for line in healthy):
        raise SystemExit(f"{defect['id']}: its lines fail without it too:\n" + "\n".join(healthy) + "\n" + words[-2000:])
    if any(line.startswith("refused") for line in healthy) != defect.get("refused", False):
        raise SystemExit(f"{defect['id']}: what it is looked for with is refused, or is not and should be:\n" + "\n".join(healthy))
    return evidence(healthy, *drive(scratch / "geomsu_cuda.so", defect, scratch))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--rotate", type=int)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    defects = tomllib.loads(LIST.read_text(encoding="utf-8"))["defect"]
    if len({defect["id"] for defect in defects}) != len(defects):
        raise SystemExit(f"{LIST.name}: an id stands twice")
    if arguments.list:
        for defect in defects:
            print(f"{defect['id']:34} {defect['kind']:24} {defect['file']}")
        return 0
    if arguments.only:
        defects = [defect for defect in defects if defect["id"] in arguments.only]
    elif arguments.rotate:
        start = datetime.date.today().toordinal() * arguments.rotate
        defects = [defects[(start + i) % len(defects)] for i in range(min(arguments.rotate, len(defects)))]
    build = Build(pathlib.Path(os.environ["GEOMSU_BUILD_DIR"]))
    survivors = []
    for defect in defects:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="geomsu-defect-") as folder:
            caught = judge(build, defect, pathlib.Path(folder))
        print(f"{defect['id']:34} {time.monotonic() - begun:5.1f} s  {caught or 'SURVIVES: ' + defect.get('known', 'nothing noticed it')}", flush=True)
        if caught is None:
            survivors.append(defect["id"])
        elif "known" in defect:
            raise SystemExit(f"{LIST.name}: {defect['id']} is caught now: it is no known survivor any more")
    print(f"{len(defects) - len(survivors)} of {len(defects)} seeded defects caught" + (f"; survivors: {', '.join(survivors)}" if survivors else ""))
    return 1 if any("known" not in defect for defect in defects if defect["id"] in survivors) else 0


if __name__ == "__main__":
    sys.exit(main())
