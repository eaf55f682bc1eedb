"""What a person can meet that is wrong: with the installation, the node, the device, the settings, and in the midst of a run. Each
has words for what, where, why and what next, and what was measured before is kept."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from emulated import PLUGIN, PROGRAM, OnEmulatedNode, environment
from runs_test import ARRAY, SIDE, OnMiniatureNode, node_text

A4000 = "a4000-workstation"
NVML = "libnvidia-ml.so.1"
CLEAN = ("free: 1073741824", "free: 536870912")


def a4000(*changes):
    """A workstation's node in text, without what every test would have to name: no screen, persistence, PCIe awake."""
    return node_text(A4000, ("persistence: 0", "persistence: 1"), ("pcie_generation: 1\n", "pcie_generation: 4\n"),
                     (", {pid: 1412, name: /usr/lib/xorg/Xorg, memory: 62914560, graphics: true}", ""), *changes)


def h100(*changes, devices=2):
    return node_text("dgx-h100", ("count: 8", f"count: {devices}"), (
        'pcis: ["0000:1b:00.0", "0000:43:00.0", "0000:52:00.0", "0000:61:00.0", "0000:9d:00.0", "0000:c3:00.0", "0000:d1:00.0",\n'
        '           "0000:df:00.0"]', 'pcis: ["0000:1b:00.0", "0000:43:00.0"]' if devices == 2 else 'pcis: ["0000:1b:00.0"]'), *changes)


class Devices(OnEmulatedNode):
    """`geomsu devices`, as the first that a person calls."""

    def devices(self, node=A4000, extra="", leave_out=(), words=(), env=None, site=""):
        folder = self.emulation(node, extra, leave_out)
        (self.dir / "site.yaml").write_text("node: gpu001\nplugins:\n  - backend: cuda\n" + site, encoding="utf-8")
        self.done = self.geomsu("devices", "--site", "site.yaml", *words, folder=folder, check=0, env=env)
        return " ".join(self.done.stdout.split())

    def expect(self, text, *words):
        for word in words:
            self.assertIn(word, text)

    def findings(self, node, extra=""):
        """code -> texts"""
        document = json.loads(self.devices(node, extra, words=("--json",)) and self.done.stdout)
        found = {}
        for device in document["devices"]:
            for finding in device["findings"]:
                found.setdefault(finding["code"], []).append(finding["text"])
        return found, document

    def test_a_healthy_workstation_has_no_finding_but_that_ecc_is_off(self):
        found, document = self.findings(a4000())
        self.assertEqual(set(found), {"ecc_off"})
        self.assertEqual(document["plugins"][0]["simulated"], "emulated")

    def test_no_driver(self):
        self.expect(self.devices(a4000(("driver: 13000", "driver: 0"))), "No device was found", "no NVIDIA driver is loaded",
                    "cudaDriverGetVersion says 0", "next: ", "modprobe nvidia")

    def test_a_driver_too_old_for_this_build(self):
        self.expect(self.devices(a4000(("driver: 13000", "driver: 12020"))), "No device was found", "the NVIDIA driver serves CUDA 12.2",
                    "this build wants 13.0", "next: update the driver")

    def test_no_gpu_is_visible(self):
        for value in ("", "-1", "3"):
            text = self.devices(a4000(), env={"CUDA_VISIBLE_DEVICES": value})
            self.expect(text, "No device was found")

    def patched(self, old, new):
        """A copy of the plug-in that wants another library, in a folder of its own; the site names it."""
        data = pathlib.Path(PLUGIN).read_bytes()
        self.assertEqual(data.count(old.encode() + b"\0"), 1)
        path = self.dir / "geomsu_cuda.so"
        path.write_bytes(data.replace(old.encode() + b"\0", new.encode() + b"\0"))
        return f"    path: {path}\n"

    def test_a_library_that_is_missing_or_of_another_major(self):
        for old, new in (("libcublasLt.so.13", "libcublasLt.so.99"), ("libcudart.so.13", "libcudart.so.11")):
            with self.subTest(new):
                text = self.devices(a4000(), words=("--all",), site=self.patched(old, new))
                self.expect(text, "No device was found", "cannot be loaded: ", new, "next: install the CUDA", new.rsplit(".", 1)[1],
                            "LD_LIBRARY_PATH")

    def test_nvml_is_missing(self):
        found, document = self.findings_without_nvml()
        self.expect(found["nvml"][0], "libnvidia-ml.so.1 could not be loaded", "next: ", "are unknown")
        self.assertIsNone(document["devices"][0]["serial"])

    def findings_without_nvml(self):
        folder = self.emulation(a4000(), leave_out=(NVML,))
        (self.dir / "site.yaml").write_text("node: gpu001\nplugins:\n  - backend: cuda\n", encoding="utf-8")
        document = json.loads(self.geomsu("devices", "--site", "site.yaml", "--json", folder=folder, check=0).stdout)
        return {f["code"]: [f["text"]] for f in document["devices"][0]["findings"]}, document

    def test_what_a_device_is_found_with_is_a_finding_with_its_next_step(self):
        for code, change, words in (
                ("power_limit", ("    power_limit_mw: 140000", "    power_limit_mw: 100000"), ("100 W", "140 W", "nvidia-smi -pl 140")),
                ("persistence_off", ("persistence: 1", "persistence: 0"), ("nvidia-persistenced", )),
                ("other_processes", ("memory: 188743680}]", "memory: 188743680}, {pid: 77, name: train, memory: 1048576}]"), ("77 train", "end them")),
                ("pcie_generation", ("    pcie_generation: 4\n", "    pcie_generation: 2\n"), ("generation 2 of 4", )),
                ("pcie_width", ("    pcie_width: 16\n", "    pcie_width: 8\n"), ("8 of 16 lanes", "slot")),
                ("throttled_idle", ("clock_reasons: 1", "clock_reasons: 0x48"), ("HW slowdown", "cooling")),
                ("compute_mode", ("    peers: none", "    peers: none\n    compute_mode: exclusive_process"), ("exclusive process", "nvidia-smi -c 0")),
        ):
            with self.subTest(code):
                found, document = self.findings(a4000(change))
                self.assertEqual(set(found), {"ecc_off", code})
                self.expect(found[code][0], "gpu001/", "0000:65:00.0", *words)
                self.assertIn(f"finding: {code}: ", " ".join(self.geomsu("devices", "--site", "site.yaml", folder=self.dir / "cuda").stdout.split()))

    def test_a_mig_slice(self):
        instance = ("mig: {enabled: true, pending: true, instances: [{uuid: MIG-5393e967-ec02-56eb-89a2-3245ef09bfd3, gpu_instance: 1, "
                    "compute_instance: 0, multiprocessors: 16, memory: 10737418240, memory_used: 1048576}]}")
        folder = self.emulation(h100(("mig: {enabled: false}", instance), devices=1))
        done = self.drive(["describe 0"], folder=folder)
        self.expect(done.stdout, "partition: MIG instance MIG-", "16 multiprocessors")
        found, document = self.findings(h100(("mig: {enabled: false}", instance), devices=1))
        self.expect(found["mig"][0], "what is measured is a slice, not the GPU", "nvidia-smi -mig 0")

    def test_links_that_are_down(self):
        found, _ = self.findings(h100(("nvlinks: 18", "nvlinks: 18\n      nvlink_down: [7, 12]")))
        self.expect(found["nvlink_down"][0], "16 of 18 NVLinks are active (down: 7, 12)", "next: ")
        self.assertEqual(len(found["nvlink_down"]), 2)

    def test_settings_that_nobody_knows_and_settings_that_lack_another(self):
        for settings, words in (("{colour: blue}", ("no setting 'colour'", "algorithm and tuned_dir")),
                                ("{algorithm: fastest}", ("heuristic or tuned", "'fastest'")),
                                ("{algorithm: tuned}", ("wants tuned_dir", "folder"))):
            with self.subTest(settings):
                text = self.devices(a4000(), site=f"    params: {settings}\n")
                self.expect(text, "No device was found", "refused cuda: ", *words, "next: ")

    def test_a_gpu_that_is_off_the_bus_harms_no_other(self):
        lost = ("      mig: {enabled: false}", "      mig: {enabled: false}\n      lost_after: 0")
        text = self.devices(h100(lost, devices=1))
        self.expect(text, "NVML_ERROR_GPU_IS_LOST", "next: ", "dmesg")


class Lines(OnEmulatedNode):
    """What a device refuses, through the plug-in's table."""
    GEMM = f"run gemm dtype=bf16 m={SIDE} n={SIDE} k={SIDE} layout=nt repeats=2"

    def one(self, line, node, env=None, settings=(), code="2"):
        answer = self.drive([line], folder=self.emulation(node), env=env, settings=settings).answers[-1]
        self.assertTrue(answer.startswith(f"refused {code} "), answer)
        self.assertIn("next: ", answer)
        return answer

    def test_a_device_that_is_busy_or_prohibited(self):
        for change in ("busy: true", "compute_mode: prohibited", "compute_mode: exclusive_process\n    busy: true"):
            answer = self.one("clock", a4000(("    peers: none", f"    peers: none\n    {change}")))
            for word in ("cudaErrorDevicesUnavailable (46)", "another process holds the device", "0000:65:00.0", "compute mode"):
                self.assertIn(word, answer)

    def test_memory_that_does_not_suffice_is_refused_beforehand_with_the_plan(self):
        small = a4000(("free: 1073741824", "free: 67108864"))
        answer = self.one("run memory kind=triad dtype=fp64 bytes=33554432 repeats=1", small, code="3")
        for word in ("one operand set needs 100663296 bytes", "67108864 are free", "90 %", "nvidia-smi"):
            self.assertIn(word, answer)
        self.assertIn("one operand set needs", self.one("run gemm dtype=fp32 m=4096 n=4096 k=4096 repeats=1", small, code="3"))

    def test_fp8_on_a_gpu_without_it(self):
        answer = self.one("run gemm dtype=fp8_e4m3 accumulate=fp32 out=bf16 m=32 n=32 k=32 layout=nt repeats=1", a4000())
        for word in ("offers no product of fp8_e4m3", "compute capability 8.6", "A4000"):
            self.assertIn(word, answer)

    def test_a_variable_that_changes_the_precision(self):
        answer = self.one("run gemm dtype=fp32 m=32 n=32 k=32 repeats=1", a4000(), env={"NVIDIA_TF32_OVERRIDE": "1"})
        self.assertIn("the environment sets NVIDIA_TF32_OVERRIDE=1", answer)

    def test_a_broken_file_of_tuned_choices(self):
        tuned, settings = self.dir / "tuned", ("algorithm=tuned", f"tuned_dir={self.dir / 'tuned'}")
        self.assertTrue(self.drive([self.GEMM], folder=self.emulation(a4000()), settings=settings).answers[-1].startswith("ok"))
        file, = tuned.iterdir()
        whole = file.read_text(encoding="utf-8")
        for text, words in ((whole[:len(whole) // 2], "expected here"), ("", "the file ends here"), (whole.replace("cublaslt: 13", "cublaslt: 12"), "changed since")):
            file.write_text(text, encoding="utf-8")
            answer = self.one(self.GEMM, a4000(), settings=settings, code="1")
            for word in (str(file), words, "not tuned anew silently"):
                self.assertIn(word, answer)
            self.assertEqual(file.read_text(encoding="utf-8"), text)

    def test_an_xid_is_told_with_the_failure_that_it_caused(self):
        node = a4000(("xids: []", "xids: [{xid: 79, at_s: 0}]"))
        folder = self.emulation(node, "faults: [{function: cudaEventSynchronize, call: 5, status: 719}]\n")
        answer = self.drive(["clock", self.GEMM, self.GEMM], folder=folder).answers[-1]
        for word in ("refused 4 ", "was lost before", "cudaErrorLaunchFailure", "XID 79", "fallen off the bus", "dmesg"):
            self.assertIn(word, answer)


CONTRACT = """\
geomsu: contract/1
contract: {title: "Bad inputs", buyer: "—", vendor: "—", demonstration: true}
delivery:
  site: s
  notified: 2026-02-01
  units:
@UNITS@
suite: smoke
clauses:
"""
CLAUSE = """\
  - id: @ID@
    clause: "§ 1"
    measure: @MEASURE@
    workload: {@WORK@}
    scope: device
    statistic: median
    at_least: 1 @UNIT@
    tolerance: 0 %
    confidence: 95 %
    if_unsupported: fail
    if_inconclusive: reinspect
"""


if __name__ == "__main__":
    unittest.main()
