"""What the shipped plug-in says of a device: facts, findings at start and telemetry, on nodes with something wrong."""
import re
import unittest

from emulated import LIBRARIES, NODES, OnEmulatedNode

MIG = "{uuid: MIG-%d, gpu_instance: %d, compute_instance: 0, multiprocessors: 16, memory: 10737418240, memory_used: 1048576}"
# One change to a node that has nothing to say: (node, keys of its `nvml`, code of the finding, words of it).
FINDINGS = (
    ("dgx-h100", {"pcie_generation": 3}, "pcie_generation", "generation 3 of 5"),
    ("dgx-h100", {"pcie_max_generation": 4, "pcie_generation": 4}, "pcie_slot", "the slot allows PCIe generation 4"),
    ("dgx-h100", {"pcie_width": 8}, "pcie_width", "8 of 16 lanes"),
    ("dgx-h100", {"ecc_mode": 0, "ecc_pending": 0}, "ecc_off", "nvidia-smi -e 1"),
    ("dgx-h100", {"ecc_pending": 0}, "ecc_pending", "ECC is on and will be off"),
    ("dgx-h100", {"ecc_uncorrected": 2}, "ecc_uncorrected", "2 uncorrected errors"),
    ("dgx-h100", {"retired_single_bit": 3, "retired_double_bit": 1}, "retired_pages", "4 memory pages"),
    ("dgx-h100", {"retired_pending": 1}, "retired_pending", "wait to be retired"),
    ("dgx-h100", {"remapped_corrected": 4, "remapped_uncorrected": 1}, "remapped_rows", "5 memory rows are remapped, 1 of"),
    ("dgx-h100", {"remap_pending": 1}, "remap_pending", "--gpu-reset"),
    ("dgx-h100", {"remap_failed": 1}, "remap_failed", "exchanged"),
    ("dgx-h100", {"faults": "[{function: nvmlDeviceValidateInforom, status: 14, every: true}]"}, "inforom", "InfoROM is corrupted"),
    ("dgx-h100", {"power_limit_mw": 350000, "power_enforced_limit_mw": 350000}, "power_limit", "nvidia-smi -pl 700"),
    ("dgx-h100", {"power_enforced_limit_mw": 500000}, "power_enforced", "enforces 500 W"),
    ("dgx-h100", {"application_sm_mhz": 1200}, "application_clocks", "1200 MHz"),
    ("dgx-h100", {"clock_reasons": 3, "application_sm_mhz": 1200, "default_application_sm_mhz": 1200}, "application_clocks",
     "below its 1980"),
    ("dgx-h100", {"clock_reasons": "0x41"}, "throttled_idle", "HW thermal slowdown"),
    ("dgx-h100", {"clock_reasons": "0x1004"}, "throttled_idle", "SW power cap, another (bits 4096)"),
    ("dgx-h100", {"persistence": 0}, "persistence_off", "nvidia-persistenced"),
    ("dgx-h100", {"nvlink_down": "[7]"}, "nvlink_down", "17 of 18 NVLinks are active (down: 7)"),
    ("dgx-h100", {"nvlinks": 2, "nvlink_down": "[0, 1]"}, "nvlink_down", "right for a board without a bridge"),
    ("dgx-h100", {"fabric": "{state: 1}"}, "fabric", "registration not started"),
    ("dgx-h100", {"fabric": "{state: 7}"}, "fabric", "registration number 7"),
    ("dgx-h100", {"fabric": "{state: 3, status: 999}"}, "fabric", "NVML_ERROR_UNKNOWN"),
    ("dgx-h100", {"fabric": "{state: 3, health: 0xA9}"}, "fabric_health", "bandwidth is degraded"),
    ("dgx-h100", {"processes": "[{own: true}, {pid: 4711, name: python3, memory: 1073741824}]"}, "other_processes",
     "4711 python3 (1024 MiB)"),
    ("dgx-h100", {"processes": "[{own: true}, {pid: 4711, memory: 1048576}, {pid: 4712, memory: 2097152}, {pid: 4711, graphics: true}]"},
     "other_processes", "4711 (1 MiB), 4712 (2 MiB) (GPU"),
    ("gh200", {"mig": "{enabled: true, instances: [" + MIG % (7, 1) + "]}"}, "mig", "a slice, not the GPU (MIG-7)"),
    ("gh200", {"mig": "{enabled: false, pending: true}"}, "mig_pending", "MIG will be on"),
)


def changed(name, compute_mode=None, **nvml):
    """A node's YAML with other keys of its devices' `nvml`; None takes a key out."""
    text = (NODES / f"{name}.yaml").read_text(encoding="utf-8")
    for key, value in nvml.items():
        line = "" if value is None else f"      {key}: {value}\n"
        text, found = re.subn(rf"^      {key}: .*\n(?:        .*\n)*", line, text, flags=re.MULTILINE)
        if not found:
            text = text.replace("    nvml:\n", f"    nvml:\n{line}")
    if compute_mode:
        text = text.replace("    nvml:\n", f"    compute_mode: {compute_mode}\n    nvml:\n")
    return text


class Devices(OnEmulatedNode):
    def described(self, node, **more):
        """key -> value of device 0; ends with `ok`."""
        done = self.drive(["describe 0"], folder=self.emulation(node, **more))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.answers[-1], "ok", done.stdout + done.stderr)
        return dict(line.split(": ", 1) for line in done.answers[2:-1])

    def readings(self, node, count=1, before=(), **more):
        """`count` readings of telemetry, each key -> text."""
        done = self.drive([*before, *["telemetry"] * count], folder=self.emulation(node, **more))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [dict(item.split("=", 1) for item in line.split(" ")) for line in done.answers if line.startswith("power_w=")]

    def findings(self, facts):
        return {key[len("finding."):]: value for key, value in facts.items() if key.startswith("finding.")}


class Descriptions(Devices):
    def test_an_h100_is_described_as_its_node_says(self):
        facts = self.described("dgx-h100")
        for key, value in {"vendor": "NVIDIA", "serial": "1654023001120", "pci_address": "0000:1b:00.0", "driver": "580.95.05", "firmware": "96.00.74.00.1A",
                           "partition": "-", "memory_bytes": "85899345920", "pcie_generation": "5", "pcie_width": "16", "compute_capability": "9.0",
                           "multiprocessors": "132", "nvlink.links": "18", "nvlink.active": "18", "nvlink.version": "4.0", "nvlink.mb_per_s": "26562",
                           "fabric.state": "completed", "mig.mode": "off", "ecc.mode": "on", "power.limit_w": "700"}.items():
            self.assertEqual(facts.get(key), value, key)
        self.assertIn("EMULATED (CPU)", facts["name"])
        self.assertEqual(self.findings(facts), {})

    def test_delivered_machines_have_nothing_to_say_but_a_workstation(self):
        for name, wanted in (("dgx-b200", set()), ("gh200", set()),
                             ("a4000-workstation", {"pcie_generation", "ecc_off", "persistence_off", "other_processes"})):
            with self.subTest(name):
                self.assertEqual(set(self.findings(self.described(name))), wanted)

    def test_one_thing_wrong_is_one_finding_with_its_cause(self):
        for node, keys, code, words in FINDINGS:
            with self.subTest(f"{code}: {words}"):
                found = self.findings(self.described(changed(node, **keys)))
                self.assertEqual(list(found), [code])
                self.assertIn(words, found[code])
                self.assertRegex(found[code], r"\(GPU [0-9a-f:.]+\): ")

    def test_compute_modes_are_said_where_cuda_still_opens_the_device(self):
        found = self.findings(self.described(changed("gh200", compute_mode="exclusive_process")))
        self.assertEqual(list(found), ["compute_mode"])
        self.assertIn("a second rank is refused", found["compute_mode"])

    def test_a_slice_is_described_as_a_slice(self):
        one = self.described(changed("gh200", mig="{enabled: true, instances: [" + MIG % (7, 1) + "]}"))
        self.assertEqual(one["partition"], "MIG instance MIG-7, GPU instance 1, compute instance 0, 16 multiprocessors, 10240 MiB")
        self.assertEqual(one["uuid"], "MIG-7")
        two = self.described(changed("gh200", mig="{enabled: true, instances: [" + MIG % (7, 1) + ", " + MIG % (8, 2) + "]}"))
        self.assertEqual(two["partition"], "a MIG instance, one of 2; which one cannot be said")

    def test_links_to_another_gpu_name_it(self):
        facts = self.described(changed("dgx-h100", nvlink_to="gpu", nvlink_version=3))
        self.assertIn("0: ", facts["nvlink.remotes"])
        self.assertNotIn("switch", facts["nvlink.remotes"])
        self.assertEqual(facts["nvlink.version"], "2.2")

    def test_what_the_driver_does_not_say_is_unknown(self):
        serial_only = re.sub(r"(    nvml:\n      serial: [^\n]*\n)(?:      .*\n)*", r"\1", (NODES / "gh200.yaml").read_text(encoding="utf-8"))
        facts = self.described(serial_only)
        self.assertEqual(self.findings(facts), {})
        self.assertEqual(facts["pcie_width"], "-")
        self.assertIn("power", facts["telemetry.absent"])
        self.assertIn("XIDs", facts["telemetry.absent"])

    def test_an_older_driver_lacks_functions_and_is_asked_the_older_way(self):
        described = {}
        for library in ("small", "r525"):
            folder = self.emulation("dgx-h100", leave_out=["libnvidia-ml.so.1"])
            (folder / "libnvidia-ml.so.1").unlink(missing_ok=True)
            (folder / "libnvidia-ml.so.1").symlink_to(LIBRARIES / library / "libnvidia-ml.so.1")
            done = self.drive(["describe 0", "telemetry"], folder=folder)
            self.assertEqual((done.returncode, done.answers[-1]), (0, "ok"), done.stdout + done.stderr)
            described[library] = dict(line.split(": ", 1) for line in done.answers if ": " in line)
        # The state of the fabric comes by the function before nvmlDeviceGetGpuFabricInfoV.
        self.assertEqual(described["r525"]["fabric.state"], "completed")
        self.assertIn("nvmlDeviceGetGpuFabricInfoV: NVML_ERROR_FUNCTION_NOT_FOUND", described["r525"]["nvml.unanswered"])
        self.assertEqual(described["small"]["serial"], "-")
        self.assertIn("nvmlDeviceGetSerial: NVML_ERROR_FUNCTION_NOT_FOUND", described["small"]["nvml.unanswered"])
        self.assertIn("power; energy", described["small"]["telemetry.absent"])

    def test_a_gpu_that_nvml_does_not_know_by_its_address_is_asked_for_by_its_uuid(self):
        by_address = "[{function: nvmlDeviceGetHandleByPciBusId_v2, status: 6, every: true}]"
        facts = self.described(changed("gh200", faults=by_address))
        self.assertEqual((facts["serial"], self.findings(facts)), ("165172300871", {}))

    def test_a_gpu_that_nvml_does_not_give_is_described_without_it(self):
        for status, words in ((20, "NVML_ERROR_MEMORY (20)"), (25, "NVML_ERROR"), (321, "NVML status 321 (321): a status that this plug-in does not know")):
            with self.subTest(status):
                found = self.findings(self.described(changed("gh200", faults=f"[{{function: nvmlDeviceGetHandleByPciBusId_v2, status: {status}, every: true}}]")))
                self.assertEqual(list(found), ["nvml"])
                self.assertIn(words, found["nvml"])
                self.assertIn("next: ", found["nvml"])

    def test_without_nvml_the_device_runs_and_a_finding_says_what_is_not_known(self):
        folder = self.emulation("gh200", leave_out=["libnvidia-ml.so.1"])
        done = self.drive(["describe 0", "run memory kind=copy dtype=fp64 bytes=4096 repeats=2", "telemetry"], folder=folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"finding\.nvml: NVML cannot be asked: libnvidia-ml\.so\.1 could not be loaded .*are unknown\n")
        self.assertRegex(done.stdout, r"power_w=nan .* clock_mhz=2000 ")  # the probe's own: the emulation's kernels count 2 a ns


class Telemetry(Devices):
    def test_of_an_h100_is_as_its_node_says(self):
        now = self.readings("dgx-h100")[0]
        for key, value in {"power_w": "118", "temperature_c": "34", "memory_temperature_c": "42", "clock_mhz": "345", "memory_clock_mhz": "2619",
                           "throttle": "0", "throttle_events": "0", "ecc_corrected": "0", "link_replays": "0", "fault_events": "0"}.items():
            self.assertEqual(now[key], value, key)

    def test_throttling_that_begins_is_one_event(self):
        steps = "{start: 1, steps: [{after_reads: 2, value: 65}, {after_reads: 5, value: 1}]}"
        readings = self.readings(changed("gh200", clock_reasons=steps), count=4)
        self.assertEqual(max(int(reading["throttle_events"]) for reading in readings), 1)
        self.assertTrue(any(int(reading["throttle"]) != 0 for reading in readings))

    def test_throttling_between_two_readings_is_seen_in_the_drivers_time(self):
        readings = self.readings(changed("gh200", violation_thermal_ns="{start: 0, steps: [{after_reads: 2, value: 500}]}"), count=3)
        self.assertEqual(readings[-1]["throttle_events"], "1")
        self.assertEqual(readings[-1]["throttle"], "0")

    def test_where_reasons_are_not_given_times_are(self):
        silent = self.readings(changed("gh200", clock_reasons=None))[0]
        self.assertEqual((silent["throttle"], silent["throttle_events"]), ("-", "0"))
        times = {f"violation_{name}_ns": None for name in ("power", "thermal", "sync_boost", "board_limit", "reliability")}
        self.assertEqual(self.readings(changed("gh200", clock_reasons=None, **times))[0]["throttle_events"], "-")

    def test_xids_are_faults(self):
        readings = self.readings(changed("gh200", xids="[{xid: 31, after_reads: 2}, {xid: 79, after_reads: 3}]"), count=4)
        self.assertEqual(readings[-1]["fault_events"], "2")

    def test_without_events_and_rows_faults_are_unknown(self):
        keys = {"xids": None, "remapped_corrected": None, "remapped_uncorrected": None, "remap_pending": None, "remap_failed": None}
        self.assertEqual(self.readings(changed("gh200", **keys))[0]["fault_events"], "-")

    def test_processes_of_others_are_a_load(self):
        others = "[{own: true}, {pid: 4711, sm: 30}, {pid: 4712, sm: 20}]"
        loads = {
            "by process": changed("gh200", processes=others, utilization=50),
            "by the device, busy": changed("gh200", processes=others, utilization=50, process_utilization=None),
            "by the device, idle": changed("gh200", processes=others, utilization=0, process_utilization=None),
            "unknown": changed("gh200", processes=others, utilization=None, process_utilization=None),
            "not listed": changed("gh200", processes="[{pid: 4711, sm: 30}]"),
        }
        got = {name: self.readings(node)[0]["foreign_load"] for name, node in loads.items()}
        self.assertEqual(got, {"by process": "0.5", "by the device, busy": "1", "by the device, idle": "0", "unknown": "nan", "not listed": "nan"})

    def test_a_slice_has_its_own_memory_and_no_load(self):
        now = self.readings(changed("gh200", mig="{enabled: true, instances: [" + MIG % (7, 1) + "]}"))[0]
        self.assertEqual(now["memory_used_bytes"], "1.04858e+06")
        self.assertEqual(now["foreign_load"], "nan")

    def test_the_clock_of_the_device_moves_on(self):
        done = self.drive(["clock", "run memory kind=copy dtype=fp64 bytes=4096 repeats=2", "clock"])
        first, last = (int(line) for line in done.answers if line.isdigit())
        self.assertLess(first, last)


if __name__ == "__main__":
    unittest.main()
