#!/usr/bin/python3
"""What machine code each kernel becomes: registers, shared memory, stack and spills as ptxas says them, and how many blocks
a multiprocessor then holds, for each architecture, against the figures in golden.txt.

usage: ptxas.py --nvcc NVCC --golden FILE [--update] [--flag=FLAG]... SOURCE.cu...
       ptxas.py --self-test

With the nvcc that the figures are of, each must be as it is written there; --update writes them anew, to be looked at and
committed. Another nvcc's are printed beside them and only held against the limits: no spills, no stack, a block that fits, and
half of the warps that a multiprocessor can hold.
"""
import argparse
import concurrent.futures
import dataclasses
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest


@dataclasses.dataclass(frozen=True)
class Limits:
    """Of a multiprocessor: CUDA C++ Programming Guide, technical specifications per compute capability."""

    warps: int
    blocks: int
    shared_bytes: int
    registers: int = 65536


LIMITS = {
    "sm_80": Limits(warps=64, blocks=32, shared_bytes=164 * 1024),
    "sm_90": Limits(warps=64, blocks=32, shared_bytes=228 * 1024),
    "sm_100": Limits(warps=64, blocks=32, shared_bytes=228 * 1024),
    "sm_120": Limits(warps=48, blocks=24, shared_bytes=100 * 1024),
}
RESERVED_SHARED_BYTES = 1024  # of each block, by the system, from compute capability 8.0 on
MOST_REGISTERS = 255  # of a thread
# One block of them is all there ever is.
SINGLE = ("hold_kernel", "probe_kernel")


@dataclasses.dataclass(frozen=True, order=True)
class Figures:
    arch: str
    kernel: str
    threads: int
    registers: int
    shared_bytes: int
    stack_bytes: int
    spill_bytes: int

    def blocks(self) -> int:
        """That a multiprocessor holds at once. Registers are given out to warps in units of 256, and to each of the four
        parts of a multiprocessor alike, so warps come in fours."""
        limits = LIMITS[self.arch]
        warps = -(-self.threads // 32)
        by_registers = limits.registers // (-(-max(self.registers, 1) // 8) * 8 * 32) // 4 * 4 // warps
        if warps < 4:  # less than a warp a part: the rounding above is of whole multiprocessors
            by_registers = limits.registers // (-(-max(self.registers, 1) // 8) * 8 * 32 * warps)
        by_shared = limits.shared_bytes // (self.shared_bytes + RESERVED_SHARED_BYTES)
        return min(limits.warps // warps, limits.blocks, by_registers, by_shared)

    def occupancy(self) -> float:
        return self.blocks() * -(-self.threads // 32) / LIMITS[self.arch].warps

    def line(self) -> str:
        return (f"{self.arch:7}{self.threads:8}{self.registers:10}{self.shared_bytes:8}{self.stack_bytes:7}{self.spill_bytes:7}"
                f"{self.blocks():8}{self.occupancy():9.0%}  {self.kernel}")


HEADER = f"{'arch':7}{'threads':>8}{'registers':>10}{'shared':>8}{'stack':>7}{'spills':>7}{'blocks':>8}{'of warps':>9}  kernel"


def faults_of(figures: Figures) -> list[str]:
    """What no kernel may have, whatever nvcc."""
    where = f"{figures.kernel} on {figures.arch}"
    faults = []
    if figures.spill_bytes or figures.stack_bytes:
        faults.append(f"{where}: {figures.spill_bytes} bytes of spills and {figures.stack_bytes} of stack: it would measure its own "
                      "memory traffic; next: fewer values at once (kInFlight, an unrolled loop), or smaller blocks")
    if figures.threads == 0:
        faults.append(f"{where}: no __launch_bounds__: nothing holds its registers to a block that can be launched")
    elif figures.registers > MOST_REGISTERS or figures.blocks() == 0:
        faults.append(f"{where}: a block of {figures.threads} threads with {figures.registers} registers each and "
                      f"{figures.shared_bytes} bytes of shared memory does not fit a multiprocessor")
    elif figures.occupancy() < 0.5 and not figures.kernel.startswith(SINGLE):
        faults.append(f"{where}: {figures.occupancy():.0%} of the warps that a multiprocessor can hold: too few loads in flight")
    return faults


def threads_of(ptx: str) -> dict[str, int]:
    """Kernel -> threads of its block, of __launch_bounds__; 0 where it has none."""
    return {name: int(bound or 0) for name, bound in re.findall(r"\.entry (\w+)\([^{]*?\)(?:\s*\.maxntid (\d+)[\d, ]*)?", ptx)}


def figures_of(report: str, threads: dict[str, int]) -> list[Figures]:
    """From what `ptxas -v` prints; kernels by their mangled names."""
    found = []
    for entry in report.split("Compiling entry function '")[1:]:
        kernel, arch = re.match(r"(\w+)' for '(\w+)'", entry).groups()
        stack, stores, loads = map(int, re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads",
                                                  entry).groups())
        registers = int(re.search(r"Used (\d+) registers", entry).group(1))
        shared = re.search(r"(\d+) bytes smem", entry)
        found.append(Figures(arch, kernel, threads.get(kernel, 0), registers, int(shared.group(1)) if shared else 0, stack,
                             stores + loads))
    return found


def readable(figures: list[Figures]) -> list[Figures]:
    names = sorted({f.kernel for f in figures})
    plain = subprocess.run(["c++filt", "-p"], input="\n".join(names), text=True, check=True, capture_output=True).stdout.splitlines()
    short = {name: text.replace("geomsu::cuda::", "").removeprefix("void ").replace(" ", "") for name, text in zip(names, plain)}
    return sorted(dataclasses.replace(f, kernel=short[f.kernel]) for f in figures)


def compile_one(nvcc: str, flags: list[str], source: str) -> list[Figures]:
    with tempfile.TemporaryDirectory() as folder:
        command = [nvcc, *flags, "-Xptxas", "-v", "-fatbin", "--keep", "--keep-dir", folder, "-o", f"{folder}/out.fatbin", source]
        done = subprocess.run(command, text=True, capture_output=True)
        if done.returncode != 0:
            raise SystemExit(f"ptxas: {source} does not compile: {' '.join(command)}\n{done.stderr}")
        ptx = sorted(pathlib.Path(folder).glob("*.ptx"))
        return figures_of(done.stderr + done.stdout, threads_of(ptx[0].read_text()) if ptx else {})


def version_of(nvcc: str) -> str:
    text = subprocess.run([nvcc, "--version"], text=True, check=True, capture_output=True).stdout
    return "nvcc " + re.search(r"V([\d.]+)", text).group(1)


def read_golden(text: str) -> dict[str, list[str]]:
    """Section ("nvcc 13.0.88") -> lines."""
    sections: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            sections[line[1:-1]] = []
        elif line and not line.startswith("#") and line != HEADER and sections:
            sections[list(sections)[-1]].append(line)
    return sections


def write_golden(sections: dict[str, list[str]]) -> str:
    head = "# Written by ptxas.py --update; what its columns mean is said there. Shared memory, stack and spills in bytes.\n"
    return head + "".join(f"\n[{name}]\n" + "\n".join([HEADER, *lines]) + "\n" for name, lines in sorted(sections.items()))


def differences(expected: list[str], got: list[str]) -> list[str]:
    return [f"- {line}" for line in expected if line not in got] + [f"+ {line}" for line in got if line not in expected]


def judge(figures: list[Figures], version: str, golden: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    """(faults, words) for these figures."""
    faults = [fault for f in figures for fault in faults_of(f)] if figures else ["no kernel was found: does ptxas still say -v so?"]
    lines = [f.line() for f in figures]
    words = [version, HEADER, *lines]
    if version in golden:
        changed = differences(golden[version], lines)
        if changed:
            faults.append("other figures than golden.txt has (- there, + here); where that is meant, run ptxas.py --update and "
                          "commit:\n" + "\n".join([f"  {HEADER}", *changed]))
    else:
        other = sorted(golden)[-1] if golden else None
        words.append(f"golden.txt has no figures of {version}; only the limits are checked"
                     + (f". Against those of {other}:" if other else ""))
        words += differences(golden[other], lines) if other else []
    return faults, words


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--nvcc", required=True)
    parser.add_argument("--golden", type=pathlib.Path, required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--flag", action="append", default=[])
    parser.add_argument("sources", nargs="+")
    options = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda source: compile_one(options.nvcc, options.flag, source), options.sources))
    figures = readable([f for part in parts for f in part])
    version = version_of(options.nvcc)
    golden = read_golden(options.golden.read_text()) if options.golden.exists() else {}
    if options.update:
        golden[version] = [f.line() for f in figures]
        options.golden.write_text(write_golden(golden))
    faults, words = judge(figures, version, golden)
    print("\n".join(words))
    for fault in faults:
        print(f"ptxas: {fault}", file=sys.stderr)
    return 1 if faults else 0


GOOD = Figures("sm_90", "copy_kernel", 256, 32, 0, 0, 0)


class SelfTest(unittest.TestCase):
    def test_figures_are_read_from_ptxas_words(self):
        report = ("ptxas info    : Compiling entry function '_Z1kv' for 'sm_80'\nptxas info    : Function properties for _Z1kv\n"
                  "    16 bytes stack frame, 4 bytes spill stores, 8 bytes spill loads\n"
                  "ptxas info    : Used 40 registers, used 1 barriers, 512 bytes smem, 384 bytes cmem[0]\n")
        self.assertEqual(figures_of(report, {"_Z1kv": 128}), [Figures("sm_80", "_Z1kv", 128, 40, 512, 16, 12)])

    def test_threads_are_read_from_ptx(self):
        ptx = ".visible .entry a(\n.param .u64 a_0,\n.param .align 8 .b8 a_1[32]\n)\n.maxntid 256\n{\n}\n.visible .entry b(\n)\n{\n}\n"
        self.assertEqual(threads_of(ptx), {"a": 256, "b": 0})

    def test_blocks_are_bounded_by_each_resource(self):
        def blocks(**change):
            return dataclasses.replace(GOOD, **change).blocks()

        self.assertEqual(blocks(), 8)  # warps
        self.assertEqual(blocks(arch="sm_120"), 6)
        self.assertEqual(blocks(registers=40), 6)  # 51 warps' registers, 48 in fours
        self.assertEqual(blocks(registers=255), 1)
        self.assertEqual(blocks(shared_bytes=47 * 1024), 4)
        self.assertEqual(blocks(threads=1024, registers=65), 0)  # 28 warps' registers
        self.assertEqual(blocks(threads=32), 32)

    def test_each_limit_is_a_fault(self):
        self.assertEqual(faults_of(GOOD), [])
        for change in ({"spill_bytes": 4}, {"stack_bytes": 8}, {"threads": 0}, {"threads": 1024, "registers": 72},
                       {"registers": 128}, {"shared_bytes": 200 * 1024}):
            self.assertEqual(len(faults_of(dataclasses.replace(GOOD, **change))), 1, change)
        self.assertEqual(faults_of(dataclasses.replace(GOOD, kernel="hold_kernel<DeviceClock>", threads=1)), [])

    def test_one_more_register_is_found_with_the_same_nvcc_and_only_told_of_with_another(self):
        golden = read_golden(write_golden({"nvcc 13.0.88": [GOOD.line()]}))
        worse = dataclasses.replace(GOOD, registers=33)
        self.assertEqual(judge([GOOD], "nvcc 13.0.88", golden)[0], [])
        self.assertEqual(len(judge([worse], "nvcc 13.0.88", golden)[0]), 1)
        faults, words = judge([worse], "nvcc 12.4.1", golden)
        self.assertEqual(faults, [])
        self.assertIn(f"+ {worse.line()}", words)
        self.assertEqual(len(judge([dataclasses.replace(worse, spill_bytes=4)], "nvcc 12.4.1", golden)[0]), 1)

    def test_a_kernel_more_or_less_and_none_at_all_are_found(self):
        golden = {"nvcc 13.0.88": [GOOD.line()]}
        more = [GOOD, dataclasses.replace(GOOD, kernel="new_kernel")]
        self.assertEqual(len(judge(more, "nvcc 13.0.88", golden)[0]), 1)
        self.assertGreaterEqual(len(judge([], "nvcc 13.0.88", golden)[0]), 1)


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        unittest.main(argv=sys.argv[:1])
    sys.exit(main())
