#!/usr/bin/python3
"""clang-tidy over our sources, remembering what was clean.

usage: tidy.py BUILD_DIR [--jobs N] [--clang-tidy COMMAND]

BUILD_DIR holds compile_commands.json; the memory is its sibling tidy-cache. A source is looked at again when its own bytes,
.clang-tidy, clang-tidy's version, its compile command, or any header of ours that it reaches by #include "..." changed.
Only a clean file is remembered. Tests and benchmarks are left out: GoogleTest's macros cost 20 s a file; so are .cu files, whose
CUDA 13 headers clang 14 does not parse.
Exit status: 0 clean, 1 findings, 2 could not run.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("harness/", "kernels/", "reports/")
FINDING = re.compile(r"^.*: (?:warning|error): .*$", re.MULTILINE)
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)

# What clang 14 cannot parse though it is C++20 (g++ 12, which builds geomsu, can). Findings of these words are dropped.
CLANG_GAPS = re.compile(r"error: reference to local binding '\w+' declared in enclosing function")


def reached(source: pathlib.Path) -> list[pathlib.Path]:
    """The source and every file of ours that it includes, directly or not, in a stable order."""
    seen, todo = set(), [source]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in INCLUDE.findall(path.read_bytes()):
            for base in (ROOT, path.parent):
                candidate = (base / name.decode()).resolve()
                if candidate.is_file():
                    todo.append(candidate)
                    break
    return sorted(seen)


def fingerprint(source: pathlib.Path, command: str, version: str) -> str:
    digest = hashlib.sha256()
    digest.update((ROOT / ".clang-tidy").read_bytes() + command.encode() + version.encode())
    for path in reached(source):
        digest.update(str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("build_dir", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--clang-tidy", default="clang-tidy-14")
    arguments = parser.parse_args()

    database = json.loads((arguments.build_dir / "compile_commands.json").read_text())
    version = subprocess.run([arguments.clang_tidy, "--version"], capture_output=True, text=True, check=True).stdout
    cache = arguments.build_dir.parent / "tidy-cache"
    cache.mkdir(exist_ok=True)

    wanted, clean = {}, 0
    for entry in database:
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if not path.is_relative_to(ROOT) or not str(path.relative_to(ROOT)).startswith(FOLDERS) or path.suffix == ".cu":
            continue
        key = fingerprint(path, entry["command"], version)
        if (cache / key).exists():
            clean += 1
        else:
            wanted[path] = key

    def look(path: pathlib.Path) -> tuple[pathlib.Path, bool, str]:
        command = [arguments.clang_tidy, "--quiet", "--extra-arg=-Wno-error", "-p", str(arguments.build_dir), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        findings = [line for line in FINDING.findall(done.stdout) if not CLANG_GAPS.search(line)]
        # A status without a finding is a crash or a wrong option, unless the gaps explain it.
        failed = bool(findings) or (done.returncode != 0 and not CLANG_GAPS.search(done.stdout))
        return path, failed, done.stdout + (done.stderr if not findings else "")

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, arguments.jobs)) as pool:
        for path, has_findings, text in pool.map(look, wanted):
            if has_findings:
                failed += 1
                print(text.rstrip() or f"{path}: clang-tidy failed without a word")
            else:
                (cache / wanted[path]).touch()
    print(f"clang-tidy: {len(wanted)} files looked at, {clean} known to be clean, {failed} with findings")
    if not database or not wanted and not clean:
        print(f"no source of ours in {arguments.build_dir}/compile_commands.json", file=sys.stderr)
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
