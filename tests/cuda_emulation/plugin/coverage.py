#!/usr/bin/python3
"""Lines of kernels/cuda that the tests of this folder do not run, host code and kernels, and why.

usage: coverage.py --plugin SO --objects FOLDER --gcov COMMAND [--only TEST ...] [--keep]

SO is the target geomsu_cuda_coverage: the shipped plug-in's sources, counted by gcov; its kernels are the shipped ones, counted by
the emulation. The tests themselves run with the shipped plug-in too, in their own right; here their run is what is counted.
--keep adds to what an earlier call has counted. Host code of .cu files (launches) is not counted, nor what a killed process ran.

Exit status 1: a test fails, fewer than 95 % of the lines that have code were run, or uncovered.txt does not fit: a line that was
not run has no reason there, or a reason belongs to no such line.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SOURCES = ROOT / "kernels/cuda"
REASONS = HERE / "uncovered.txt"
TESTS = ("runs_test", "errors_test", "bad_input_test", "conform_test", "ops_test", "determinism_test", "device_test", "limits_test", "tuned_test")
LEAST = 0.95


def run_tests(names, plugin, hits):
    """Runs the test files, two at once; true where all of them pass."""
    environment = {**os.environ, "GEOMSU_CUDA_SO": str(plugin), "GEOMSU_KERNEL_HITS": str(hits)}

    def run(name):
        begin = time.monotonic()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            test = subprocess.Popen([sys.executable, "-B", str(HERE / f"{name}.py")], env=environment, stdout=said, stderr=said)
            _, status, used = os.wait4(test.pid, 0)  # with the processes that it waited for
            test.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            words = "" if test.returncode == 0 else f", FAILS\n{said.read()}"
        print(f"{name}: {time.monotonic() - begin:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of a processor{words}", flush=True)
        return test.returncode == 0

    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        passed = all(list(pool.map(run, names)))
    return passed


def host_lines(objects, gcov):
    """(file, line) -> how often it ran; of each source and header that has host code."""
    found = collections.Counter()
    notes = sorted(objects.rglob("*.gcno"))
    if not notes:
        raise SystemExit(f"{objects}: no .gcno file; next: cmake --build BUILD --target geomsu_cuda_coverage")
    done = subprocess.run([gcov, "--json-format", "--stdout", *map(str, notes)], capture_output=True, check=False, encoding="utf-8")
    if done.returncode != 0:
        raise SystemExit(f"{gcov}: exit status {done.returncode}\n{done.stderr}")
    for text in done.stdout.splitlines():
        unit = json.loads(text)
        folder = pathlib.Path(unit["current_working_directory"])
        for file in unit["files"]:
            path = (folder / file["file"]).resolve()
            if path.is_relative_to(SOURCES):
                for line in file["lines"]:
                    found[path.name, line["line_number"]] += line["count"]
    return found


def kernel_lines(hits):
    """The same of kernels, from what every process appended."""
    found = collections.Counter()
    for text in hits.read_text(encoding="utf-8").splitlines():
        place, count = text.rsplit(" ", 1)
        file, line = place.rsplit(":", 1)
        path = pathlib.Path(os.path.normpath(file))
        # By the end of the path: ccache may give an object that another checkout of these sources made.
        if path.parts[-3:-1] == ("kernels", "cuda") and (SOURCES / path.name).exists():
            found[path.name, int(line)] += int(count)
    return found


def read_reasons():
    """[(file, text of a line, why)] of uncovered.txt."""
    reasons, file, texts = [], "", []
    for number, line in enumerate(REASONS.read_text(encoding="utf-8").splitlines(), 1):
        key, _, value = line.partition(": ")
        value = value.strip()
        if key == "file":
            file, texts = value, []
        elif key == "line" and file:
            texts.append(value)
        elif key == "why" and texts:
            reasons += [(file, text, value) for text in texts]
            texts = []
        elif line.strip() and not line.startswith("#"):
            raise SystemExit(f"{REASONS}:{number}: not `file: `, `line: ` (after a file) or `why: ` (after a line): {line}")
    return reasons


def report(ran):
    """Prints the figure and what was not run; true where both are as wanted."""
    texts = {file: (SOURCES / file).read_text(encoding="utf-8").splitlines() for file, _ in ran}
    missing = sorted(place for place, count in ran.items() if count == 0)
    figure = (len(ran) - len(missing)) / len(ran)
    print(f"kernels/cuda coverage: {100 * figure:.1f} % ({len(ran) - len(missing)} of {len(ran)} lines)")
    fits, met = True, set()
    reasons = {(file, text): why for file, text, why in read_reasons()}
    for file, line in missing:
        text = texts[file][line - 1].strip()
        why = reasons.get((file, text))
        met.add((file, text))
        fits = fits and why is not None
        print(f"kernels/cuda/{file}:{line}: {text}\n    {why or 'NO REASON; next: a test that runs it, or its reason in ' + REASONS.name}")
    for file, text in reasons:
        if (file, text) not in met:
            fits = False
            print(f"{REASONS.name}: kernels/cuda/{file}: `{text}` is run, or is not there: take the entry out")
    if figure < LEAST:
        print(f"at least {100 * LEAST:.0f} % are wanted")
    return fits and figure >= LEAST


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugin", type=pathlib.Path, required=True)
    parser.add_argument("--objects", type=pathlib.Path, required=True)
    parser.add_argument("--gcov", required=True)
    parser.add_argument("--only", nargs="+", choices=TESTS, default=[])
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    hits = arguments.objects / "kernel_hits.txt"
    if not arguments.keep:
        hits.unlink(missing_ok=True)
        for counted in arguments.objects.rglob("*.gcda"):
            counted.unlink()
    passed = run_tests([name for name in arguments.only or TESTS if (HERE / f"{name}.py").exists()], arguments.plugin.resolve(), hits.resolve())
    ran = host_lines(arguments.objects, arguments.gcov)
    ran.update(kernel_lines(hits))
    good = report(ran)
    return 0 if passed and good else 1


if __name__ == "__main__":
    sys.exit(main())
