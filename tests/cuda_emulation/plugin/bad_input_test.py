"""What a person can meet that is wrong: with the installation, the node, the device, the settings, and in the midst of a run. Each
has words for what, where, why and what next, and what was measured before is kept."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

from emulated import PLUGIN, PROGRAM, OnEmulatedNode, program_environment
from runs_test import SIDE, OnMiniatureNode, miniature, node_text

A4000 = "a4000-workstation"
NVML = "libnvidia-ml.so.1"
CLEAN = ("free: 1073741824", "free: 536870912")


def a4000(*changes):
    """A workstation's node in text, without what every test would have to name: no screen, persistence, PCIe awake."""
    return node_text(A4000, ("persistence: 0", "persistence: 1"), ("pcie_generation: 1\n", "pcie_generation: 4\n"),
                     (", {pid: 1412, name: /usr/lib/xorg/Xorg, memory: 62914560, graphics: true}", ""), *changes)


H100_PCIS = ["0000:1b:00.0", "0000:43:00.0", "0000:52:00.0", "0000:61:00.0", "0000:9d:00.0", "0000:c3:00.0", "0000:d1:00.0", "0000:df:00.0"]


def h100(*changes, devices=2):
    """The first devices of a DGX H100."""
    text = node_text("dgx-h100", ("count: 8", f"count: {devices}"), *changes)
    listed = ", ".join(f'"{pci}"' for pci in H100_PCIS[:devices])
    return re.sub(r"pcis: \[[^]]*\]", f"pcis: [{listed}]", text)


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
        """A folder with a copy of the plug-in that wants another library."""
        data = pathlib.Path(PLUGIN).read_bytes()
        self.assertIn(old.encode() + b"\0", data)
        folder = self.dir / "patched"
        folder.mkdir(exist_ok=True)
        (folder / "geomsu_cuda.so").write_bytes(data.replace(old.encode() + b"\0", new.encode() + b"\0"))
        return folder

    def test_a_library_that_is_missing_or_of_another_major(self):
        for old, new in (("libcublasLt.so.13", "libcublasLt.so.99"), ("libcudart.so.13", "libcudart.so.11")):
            with self.subTest(new):
                text = self.devices(a4000(), words=("--all", "--backend-path", self.patched(old, new)))
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
        for text, words in ((whole.replace("device: ", "gadget: "), "'device: ' is expected here"), ("", "the file ends here"), (whole.replace("cublaslt: 13", "cublaslt: 12"), "changed since")):
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


class Runs(OnMiniatureNode):
    """`geomsu run` while something goes wrong: the unit concerned is not green, the words say why, the others are judged."""

    def contract(self, folder, clauses=("gemm-bf16", "memory-triad"), more_serials=()):
        text = miniature("example-hgx-h100", [*self.serials(folder), *more_serials], self.bars(folder))
        head, *rest = re.split(r"(?=^  - id: )", text, flags=re.MULTILINE)
        kept = [clause for clause in rest if clause.split("\n")[0].removeprefix("  - id: ") in clauses]
        self.assertEqual(len(kept), len(clauses))
        return head + "".join(kept).rstrip() + "\n"

    def plan_faults(self, text):
        path = self.dir / "cuda/emulation.yaml"
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def codes(self, verdict):
        return {finding["code"] for finding in verdict["findings"]}

    def rows(self):
        """(clause, last digit of the serial) -> the row of the verdict"""
        lines = (self.dir / "bundle/verdict.jsonl").read_text(encoding="utf-8").splitlines()
        return {(row["clause"], row["unit"]["device"][-1]): row for row in map(json.loads, lines)}

    def trials(self):
        return [json.loads(line) for line in (self.dir / "bundle/trials.jsonl").read_text(encoding="utf-8").splitlines()]

    def whole(self, folder):
        """The bundle is in order, and judging it again gives the same."""
        self.assertEqual(self.geomsu("verify", "bundle", folder=folder).returncode, 0)

    def test_each_of_three_devices_fails_in_its_own_way_and_the_fourth_is_judged(self):
        folder = self.emulation(h100(devices=4))
        text = self.contract(folder)
        self.plan_faults("faults:\n  - {function: cublasLtMatmul, call: 60, status: 13, device: 1}\n"
                         "  - {function: cudaMalloc, call: 12, status: 2, device: 2}\n"
                         "  - {function: cudaEventSynchronize, call: 60, status: 214, device: 3}\n")
        verdict = self.run_contract(text, folder)
        rows = self.rows()
        self.assertEqual({key: row["outcome"] for key, row in rows.items()}, {
            ("gemm-bf16", "0"): "PASS", ("memory-triad", "0"): "PASS", ("gemm-bf16", "1"): "INVALID", ("memory-triad", "1"): "PASS",
            ("gemm-bf16", "2"): "INVALID", ("memory-triad", "2"): "PASS", ("gemm-bf16", "3"): "INVALID", ("memory-triad", "3"): "INVALID"},
            self.words(verdict))
        for key, words in ((("gemm-bf16", "1"), ("was lost", "cublasLtMatmul", "CUBLAS_STATUS_EXECUTION_FAILED", "device 1")),
                           (("gemm-bf16", "2"), ("out of memory", "cudaMalloc", "cudaErrorMemoryAllocation", "device 2")),
                           (("memory-triad", "3"), ("was lost", "cudaErrorECCUncorrectable", "row", "device 3"))):
            for word in (*words, "next: "):
                self.assertIn(word, rows[key]["words"])
        self.assertEqual(verdict["clauses_overall"], "INVALID")
        self.assertIn("soak_failed", self.codes(verdict))  # of device 1 too, whose next worker did not fail so
        self.assertEqual(sorted(trial["status"] for trial in self.trials() if trial["unit"]["device"][-1] in "03"),
                         ["device_lost", "device_lost", "ok", "ok"])
        self.whole(folder)

    def test_what_happens_while_a_device_is_measured_is_a_finding_of_the_verdict(self):
        folder = self.emulation(h100(("xids: []", "xids: [{xid: 63, at_s: 6}]"), ("ecc_corrected: 0", "ecc_corrected: {start: 0, steps: [{at_s: 6, value: 4}]}"),
                                     ("clock_reasons: 1", "clock_reasons: {start: 1, steps: [{at_s: 6, value: 72}]}"), devices=1))
        verdict = self.run_contract(self.contract(folder), folder)
        text = "\n".join(f"{finding['code']}: {finding['text']}" for finding in verdict["findings"])
        for words in ("fault_events: ", "fault events grew from 0 to 1", "dmesg", "corrected ECC errors grew from 0 to 4", "throttled: "):
            self.assertIn(words, text)

    def test_a_unit_of_the_contract_that_is_not_there_is_not_run(self):
        folder = self.emulation(h100(devices=2))
        text = self.contract(folder)
        (self.dir / "contract.yaml").write_text(text, encoding="utf-8")
        self.done = self.geomsu("run", "contract.yaml", "--site", self.site(), "-o", "bundle", folder=folder, check=2,
                                env={"CUDA_VISIBLE_DEVICES": "0"})
        verdict = json.loads((self.dir / "bundle/verdict.json").read_text(encoding="utf-8"))
        self.assertEqual({row["outcome"] for key, row in self.rows().items() if key[1] == "1"}, {"NOT_RUN"})
        self.assertEqual({row["outcome"] for key, row in self.rows().items() if key[1] == "0"}, {"PASS"})
        self.assertEqual(verdict["clauses_overall"], "NOT_RUN")
        self.assertIn("missing_unit", self.codes(verdict))

    def test_seven_of_eight(self):
        folder = self.emulation(h100(devices=7))
        verdict = self.run_contract(self.contract(folder, ("memory-triad",), more_serials=["1654023001127"]), folder)
        self.assertEqual(self.outcomes(verdict), {"memory-triad": "NOT_RUN"})
        self.assertIn("8 contracted, 7 found", verdict["sentence"])

    def test_fp8_contracted_of_a_gpu_without_it_fails_and_says_that_it_is_not_offered(self):
        folder = self.emulation(a4000())
        verdict = self.run_contract(self.contract(folder, ("gemm-fp8",)), folder)
        self.assertEqual(verdict["clauses_overall"], "FAIL")
        for word in ("does not offer", "fp8_e4m3", "8.6"):
            self.assertIn(word, verdict["clauses"][0]["words"])

    def test_what_a_device_is_found_with_stands_in_the_verdict(self):
        folder = self.emulation(h100(("    power_limit_mw: 700000", "    power_limit_mw: 500000"), ("nvlinks: 18", "nvlinks: 18\n      nvlink_down: [3]"), devices=1))
        verdict = self.run_contract(self.contract(folder, ("memory-triad",)), folder)
        self.assertLessEqual({"power_limit", "nvlink_down"}, self.codes(verdict))

    def test_a_worker_that_is_killed_midway_and_a_run_that_is_resumed(self):
        folder = self.emulation(h100(devices=1))
        (self.dir / "contract.yaml").write_text(self.contract(folder), encoding="utf-8")
        words = [PROGRAM, "run", "contract.yaml", "--site", str(self.site()), "-o", "bundle"]
        run = subprocess.Popen(words, cwd=self.dir, env=program_environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, encoding="utf-8")
        seen = ""
        while "t001" not in seen:  # the first trial is over
            line = run.stderr.readline()
            self.assertNotEqual(line, "", seen)
            seen += line
        run.send_signal(signal.SIGKILL)
        run.wait(60)
        run.stderr.close()
        done = self.geomsu("run", "--resume", "bundle", "--site", self.site(), folder=folder, check=2)
        verdict = json.loads((self.dir / "bundle/verdict.json").read_text(encoding="utf-8"))
        self.assertEqual(set(self.outcomes(verdict).values()), {"PASS"}, done.stderr)
        self.assertEqual([trial["id"] for trial in self.trials()], ["t001", "t002"])
        self.assertTrue(any("2 sittings" in note for note in verdict["notes"]), verdict["notes"])
        self.whole(folder)

    def test_a_worker_that_dies_is_an_invalid_trial_and_the_next_has_another(self):
        folder = self.emulation(h100(devices=1))
        text = self.contract(folder)
        (self.dir / "contract.yaml").write_text(text, encoding="utf-8")
        words = [PROGRAM, "run", "contract.yaml", "--site", str(self.site()), "-o", "bundle"]
        self.plan_faults("faults: [{function: cublasLtMatmul, call: 255, hang_ms: 20000}]\n")
        run = subprocess.Popen(words, cwd=self.dir, env=program_environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, encoding="utf-8")
        while not run.stderr.readline().startswith("Plan: "):
            self.assertIsNone(run.poll())
        os.kill(self.worker_of(run.pid), signal.SIGKILL)
        run.communicate(timeout=120)
        self.assertEqual(run.returncode, 2)
        rows = {key[0]: row for key, row in self.rows().items()}
        self.assertEqual({clause: row["outcome"] for clause, row in rows.items()}, {"gemm-bf16": "INVALID", "memory-triad": "PASS"})
        self.assertIn("killed by signal 9", rows["gemm-bf16"]["words"])
        self.whole(folder)

    def worker_of(self, pid):
        """The worker that has been at work for two seconds, on a call that hangs."""
        seen, until = {}, time.monotonic() + 15
        while time.monotonic() < until:
            for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                for child in path.read_text(encoding="ascii").split():
                    if time.monotonic() - seen.setdefault(child, time.monotonic()) > 2:
                        return int(child)
            time.sleep(0.05)
        raise AssertionError("no worker was seen")

    def test_a_device_that_hangs_is_given_up_and_the_bundle_is_whole(self):
        folder = self.emulation(h100(devices=2))
        text = self.contract(folder, ("memory-triad",))
        self.plan_faults("faults: [{function: cudaEventSynchronize, call: 40, hang_ms: 200000, device: 1}]\n")
        verdict = self.run_contract(text, folder)
        rows = self.rows()
        self.assertEqual((rows["memory-triad", "0"]["outcome"], rows["memory-triad", "1"]["outcome"]), ("PASS", "INVALID"), self.words(verdict))
        self.assertIn("no answer in time", rows["memory-triad", "1"]["words"])
        self.assertEqual({trial["status"] for trial in self.trials()}, {"ok", "timeout"})
        self.whole(folder)


if __name__ == "__main__":
    unittest.main()
