"""Every call of CUDA and cuBLASLt that kernels/cuda makes is made to fail: the process goes on, the words name what failed and
what to do, and a device that was lost stays lost while the others work. NVML may be silent; a GPU that it lost is told."""
import collections
import concurrent.futures
import itertools
import pathlib
import re
import subprocess
import tempfile
import unittest

from emulated import DRIVE, PLUGIN, OnEmulatedNode, environment

TIMEOUT_S = 60
OUT_OF_MEMORY, UNSUPPORTED, DEVICE_LOST, INTERNAL = "3", "2", "4", "6"
PEER = 7  # of every transfer to a peer; no fault is planned for it but where it is named
SMALL = "bytes=64 repeats=2"
LINES = {
    "clock": "clock",
    "gemm": "run gemm dtype=fp32 accumulate=fp32 out=fp32 m=16 n=16 k=16 layout=nt batch=2 repeats=2 operand_sets=2",
    "fp8": "run gemm dtype=fp8_e4m3 accumulate=fp32 out=bf16 m=16 n=16 k=16 layout=nt repeats=2 operand_sets=1",
    "triad": "run memory kind=triad dtype=fp64 bytes=4096 repeats=2",
    "read": "run memory kind=read dtype=fp32 bytes=4096 repeats=1",
    "h2d": f"run transfer direction=h2d pinned=yes {SMALL}",
    "d2h": f"run transfer direction=d2h pinned=no {SMALL}",
    "both": f"run transfer direction=bidirectional pinned=yes {SMALL}",
    "p2p": f"run transfer direction=p2p peer={PEER} {SMALL}",
}
# Lines that fill 4 MiB of the device take seconds: of these only what no other line calls, and the device is asked by another.
SLOW = {
    "h2d": {"cudaMemcpyAsync"},
    "both": {"cudaStreamCreateWithFlags", "cudaEventCreateWithFlags", "cudaEventRecord", "cudaStreamWaitEvent", "cudaHostAlloc"},
    "p2p": {"cudaDeviceCanAccessPeer", "cudaDeviceEnablePeerAccess", "cudaGetDevice", "cudaGetDeviceCount", "cudaSetDevice",
            "cudaMalloc", "cudaMemcpyPeerAsync"},
}

# status -> (name, the code that it is to have). By NVIDIA's references of the runtime and of cuBLAS.
CUDA = {
    1: ("cudaErrorInvalidValue", INTERNAL), 2: ("cudaErrorMemoryAllocation", OUT_OF_MEMORY),
    3: ("cudaErrorInitializationError", UNSUPPORTED), 9: ("cudaErrorInvalidConfiguration", INTERNAL),
    21: ("cudaErrorInvalidMemcpyDirection", INTERNAL), 35: ("cudaErrorInsufficientDriver", UNSUPPORTED),
    46: ("cudaErrorDevicesUnavailable", UNSUPPORTED), 98: ("cudaErrorInvalidDeviceFunction", UNSUPPORTED),
    100: ("cudaErrorNoDevice", UNSUPPORTED), 101: ("cudaErrorInvalidDevice", INTERNAL),
    201: ("cudaErrorDeviceUninitialized", DEVICE_LOST), 209: ("cudaErrorNoKernelImageForDevice", UNSUPPORTED),
    217: ("cudaErrorPeerAccessUnsupported", UNSUPPORTED), 222: ("cudaErrorUnsupportedPtxVersion", UNSUPPORTED),
    304: ("cudaErrorOperatingSystem", UNSUPPORTED), 400: ("cudaErrorInvalidResourceHandle", INTERNAL),
    600: ("cudaErrorNotReady", INTERNAL), 701: ("cudaErrorLaunchOutOfResources", INTERNAL),
    711: ("cudaErrorTooManyPeers", UNSUPPORTED), 801: ("cudaErrorNotSupported", UNSUPPORTED),
    802: ("cudaErrorSystemNotReady", UNSUPPORTED), 803: ("cudaErrorSystemDriverMismatch", UNSUPPORTED),
    805: ("cudaErrorMpsConnectionFailed", UNSUPPORTED),
}
LOST = {
    214: "cudaErrorECCUncorrectable", 220: "cudaErrorNvlinkUncorrectable", 226: "cudaErrorContained",
    700: "cudaErrorIllegalAddress", 702: "cudaErrorLaunchTimeout", 709: "cudaErrorContextIsDestroyed", 710: "cudaErrorAssert",
    714: "cudaErrorHardwareStackError", 715: "cudaErrorIllegalInstruction", 716: "cudaErrorMisalignedAddress",
    717: "cudaErrorInvalidAddressSpace", 718: "cudaErrorInvalidPc", 719: "cudaErrorLaunchFailure",
    810: "cudaErrorMpsClientTerminated", 911: "cudaErrorExternalDevice", 999: "cudaErrorUnknown",
}
BLAS = {
    1: ("CUBLAS_STATUS_NOT_INITIALIZED", UNSUPPORTED), 3: ("CUBLAS_STATUS_ALLOC_FAILED", OUT_OF_MEMORY),
    7: ("CUBLAS_STATUS_INVALID_VALUE", INTERNAL), 8: ("CUBLAS_STATUS_ARCH_MISMATCH", UNSUPPORTED),
    14: ("CUBLAS_STATUS_INTERNAL_ERROR", INTERNAL), 15: ("CUBLAS_STATUS_NOT_SUPPORTED", UNSUPPORTED),
}
BLAS_LOST = {13: "CUBLAS_STATUS_EXECUTION_FAILED"}

# What each can answer without the device being lost.
CAN_ANSWER = {
    "cudaDeviceCanAccessPeer": [101], "cudaDeviceEnablePeerAccess": [217, 711, 101, 1], "cudaEventCreateWithFlags": [2, 1],
    "cudaEventElapsedTime": [400, 600], "cudaEventRecord": [400, 1], "cudaEventSynchronize": [400],
    "cudaGetDevice": [1], "cudaGetDeviceCount": [100, 35, 3, 802, 803], "cudaHostAlloc": [2, 1, 304],
    "cudaLaunchKernel": [1, 9, 98, 209, 222, 701], "cudaMalloc": [2, 1, 801], "cudaMemGetInfo": [1],
    "cudaMemcpyAsync": [1, 21], "cudaMemcpyPeerAsync": [1, 101], "cudaMemsetAsync": [1],
    "cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags": [98, 1], "cudaSetDevice": [101], "cudaSetDeviceFlags": [400],
    "cudaStreamCreateWithFlags": [1, 2], "cudaStreamSynchronize": [400], "cudaStreamWaitEvent": [400],
    "cublasLtCreate": [1, 3, 7], "cublasLtMatmul": [1, 7, 8, 14, 15], "cublasLtMatmulAlgoGetHeuristic": [1, 7, 14],
    "cublasLtMatmulAlgoConfigGetAttribute": [7], "cublasLtMatmulDescCreate": [3], "cublasLtMatmulDescSetAttribute": [7],
    "cublasLtMatmulPreferenceCreate": [3], "cublasLtMatmulPreferenceSetAttribute": [7], "cublasLtMatrixLayoutCreate": [3],
    "cublasLtMatrixLayoutSetAttribute": [7],
}
NEVER_LOSES = {"cudaGetDevice", "cudaGetDeviceCount", "cudaDeviceCanAccessPeer"}  # make no context
NEVER_LOSES |= {name for name in CAN_ANSWER if name.startswith("cublasLt")} - {"cublasLtMatmul"}
# Of destructors: there is nobody who could be told, and what is not freed stays.
UNHEARD = {"cudaFree", "cudaFreeHost", "cudaStreamDestroy", "cudaEventDestroy"}  # and the last cudaStreamSynchronize
AT_START = {"cudaRuntimeGetVersion": [1], "cudaDriverGetVersion": [1], "cudaGetDeviceCount": [100, 35, 3, 802, 803, 805],
            "cudaGetDeviceProperties": [101, 1], "cudaDeviceGetAttribute": [101, 1], "cudaDeviceGetPCIBusId": [101, 1]}

Fault = collections.namedtuple("Fault", "line function call status")


def spread(first, last):
    """Of calls first..last: the first, the second, one in the middle, the last."""
    return sorted({first, min(first + 1, last), (first + last) // 2, last}) if last >= first else []


def name_and_code(fault):
    if fault.function.startswith("cublas"):
        return (BLAS_LOST[fault.status], DEVICE_LOST) if fault.status in BLAS_LOST else BLAS[fault.status]
    return (LOST[fault.status], DEVICE_LOST) if fault.status in LOST else CUDA[fault.status]


class Sweep(OnEmulatedNode):
    def drive_once(self, lines, faults=(), extra=""):
        """In a folder of its own, so that several may run at once: (process, calls by function and device)."""
        with tempfile.TemporaryDirectory(dir=self.dir) as folder:
            links = pathlib.Path(folder)
            for library in self.base.glob("*.so.*"):
                (links / library.name).symlink_to(library.resolve())
            text = (self.base / "emulation.yaml").read_text(encoding="utf-8") + "calls: calls.txt\n" + extra
            rows = "".join(f"  - {{function: {f}, call: {n}, status: {s}{d}}}\n" for f, n, s, d in faults)
            (links / "emulation.yaml").write_text(text + ("faults:\n" + rows if rows else ""), encoding="utf-8")
            done = subprocess.run([DRIVE, PLUGIN], input="\n".join(lines) + "\n", env=environment(links), capture_output=True,
                                  timeout=TIMEOUT_S, check=False, encoding="utf-8")
            calls = collections.Counter()
            if (links / "calls.txt").exists():
                for row in (links / "calls.txt").read_text(encoding="utf-8").splitlines():
                    function, device, count = row.split()
                    calls[function, int(device)] += int(count)
        done.answers = [line for line in done.stdout.splitlines() if re.match(r"(ok|refused|FAIL)\b", line)]
        return done, calls

    def setUp(self):
        super().setUp()
        self.base = self.emulation()

    def calls_of(self, line):
        """function -> (of the opening of a device, with the line after it), by that device."""
        opening = self.drive_once(["open 1"])[1]
        both = self.drive_once(["open 1", line])[1]
        return {function: (opening[function, 1], both[function, 1]) for function, device in both if device == 1}

    def planned(self, table):
        """Of each line and function faults at several calls, so that each status of the table comes where it can."""
        faults = []
        for name, line in LINES.items():
            for function, (opening, both) in sorted(self.calls_of(line).items()):
                if function not in (SLOW.get(name) or CAN_ANSWER) or function not in CAN_ANSWER:
                    continue
                if function == "cudaGetDevice" and name != "p2p":  # the emulated cuBLASLt asks too
                    continue
                statuses = table(function)
                if function == "cudaStreamSynchronize" and name != "clock":
                    both -= 1  # the last is of a destructor
                places = spread(1, both) if name == "clock" else spread(opening + 1, both)
                if not statuses or not places:
                    continue
                for place, status in zip(itertools.cycle(places), range(max(len(places), len(statuses)))):
                    faults.append(Fault(name, function, place, statuses[status % len(statuses)]))
        return faults

    def carry_out(self, faults, again):
        """Six faults a process, each on a device of its own. `again(fault, answer, opened)` judges the line's second answer."""
        groups = [faults[i:i + 6] for i in range(0, len(faults), 6)]

        def one(group):
            lines, plan = [], []
            for device, fault in enumerate(group, start=1):
                lines += [f"open {device}", LINES[fault.line], LINES["triad" if SLOW.get(fault.line) else fault.line]]
                plan.append((fault.function, fault.call, fault.status, f", device: {device}"))
            lines += ["open 0", "clock", "open 0", LINES["triad"]]  # the others are unharmed
            return group, *self.drive_once(lines, plan)

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for group, done, _ in pool.map(one, groups):
                words = f"{group}\n{done.stdout}\n{done.stderr}"
                self.assertEqual(done.returncode, 0, words)
                # What a lost device held of a peer cannot be freed by it.
                noise = [line for line in done.stderr.splitlines() if not re.search(f"leak: .* device {PEER}$", line)]
                self.assertEqual(noise, [], words)  # nor a leak, nor a fault that never came
                self.assertEqual(len(done.answers), 3 * len(group) + 4, words)
                self.assertTrue(all(answer.startswith("ok") for answer in done.answers[-4:]), words)
                for device, fault in enumerate(group, start=1):
                    opened, first, second = done.answers[3 * device - 3:3 * device]
                    with self.subTest(fault=fault):
                        refused = first if opened == "ok" else opened
                        self.refusal(fault, refused, f"device {device}")
                        again(fault, first if opened != "ok" else second, opened == "ok")

    def refusal(self, fault, answer, where):
        name, code = name_and_code(fault)
        self.assertTrue(answer.startswith(f"refused {code} "), f"{fault}: {answer}")
        for word in (fault.function.removesuffix("WithFlags"), name, "next: ", where):
            self.assertIn(word, answer, fault)

    def test_what_is_no_loss_is_refused_in_words_and_the_device_works_on(self):
        faults = self.planned(lambda function: CAN_ANSWER.get(function, []))
        met = {(fault.function, fault.status) for fault in faults}
        at_hand = {(function, status) for function, statuses in CAN_ANSWER.items() for status in statuses}
        self.assertEqual(at_hand - met, set())

        def works(fault, answer, _):
            self.assertTrue(answer.startswith("ok"), f"{fault}: {answer}")

        self.carry_out(faults, works)

    def test_a_loss_is_refused_in_words_stays_and_harms_no_other(self):
        def losses(function):
            if function == "cublasLtMatmul":
                return list(BLAS_LOST)
            if function in NEVER_LOSES or function == "cudaSetDevice":
                return []
            # As many as there are places, another part of the table for each function.
            known = sorted(LOST)
            at = sum(map(ord, function)) % len(known)
            return (known[at:] + known[:at])[:2]

        faults = self.planned(losses)

        def stays(fault, answer, opened):
            self.assertTrue(answer.startswith("refused 4 "), f"{fault}: {answer}")
            if opened:
                self.assertIn("was lost before: ", answer)
                self.assertIn(fault.function.removesuffix("WithFlags"), answer)

        self.carry_out(faults, stays)

    def test_every_status_of_the_table_of_losses_is_one(self):
        faults = [Fault("clock", "cudaEventSynchronize", 2, status) for status in LOST]
        self.carry_out(faults, lambda fault, answer, _: self.assertIn("was lost before: ", answer, fault))

    def test_no_function_of_cuda_is_called_that_the_sweep_leaves_out(self):
        _, calls = self.drive_once(["describe 0", *LINES.values()])
        called = {function for function, _ in calls if not function.startswith("nvml")}
        self.assertEqual(called - set(CAN_ANSWER) - UNHEARD - set(AT_START), set())

    def test_what_fails_before_there_is_a_device_refuses_the_backend(self):
        _, calls = self.drive_once([])
        for function, statuses in AT_START.items():
            for call in spread(1, calls[function, 0]):
                for status in statuses:
                    fault = Fault("start", function, call, status)
                    done, _ = self.drive_once(["clock"], [(function, call, status, "")], "leaks: fail\n")
                    with self.subTest(fault=fault):
                        self.assertEqual((done.returncode, done.stderr), (0, ""))
                        self.assertEqual(len(done.answers), 1, done.stdout)
                        name, code = name_and_code(fault)
                        self.assertTrue(done.answers[0].startswith(f"refused {code} "), done.answers[0])
                        for word in (function, name, "next: "):
                            self.assertIn(word, done.answers[0])

    def test_what_fails_while_a_device_is_described_or_opened_may_be_asked_again(self):
        for function, call, status, line in (("cudaRuntimeGetVersion", 2, 1, "describe 0"), ("cudaDriverGetVersion", 2, 1, "describe 0"),
                                             ("cudaSetDevice", 1, 101, "open 1"), ("cudaSetDevice", 1, 46, "open 1")):
            fault = Fault(line, function, call, status)
            done, _ = self.drive_once([line, line, "clock"], [(function, call, status, "")], "leaks: fail\n")
            with self.subTest(fault=fault):
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                name, code = name_and_code(fault)
                self.assertTrue(done.answers[0].startswith(f"refused {code} "), done.answers[0])
                for word in (function, name, "next: "):
                    self.assertIn(word, done.answers[0])
                self.assertEqual(done.answers[1:], ["ok", "ok"] if status != 46 else done.answers[1:])

    def test_a_peer_that_fails_is_named_and_the_way_back_from_it_is_looked_at(self):
        for function, call, status in (("cudaMalloc", 1, 2), ("cudaMalloc", 1, 1), ("cudaMalloc", 1, 214), ("cudaSetDevice", 1, 101),
                                       ("cudaSetDevice", 2, 101), ("cudaDeviceEnablePeerAccess", 1, 217)):
            fault = Fault("p2p", function, call, status)
            done, _ = self.drive_once(["open 1", LINES["p2p"], LINES["h2d"]], [(function, call, status, f", device: {PEER}")],
                                      "leaks: fail\n")
            with self.subTest(fault=fault):
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                name, code = name_and_code(fault)
                self.assertTrue(done.answers[1].startswith(f"refused {code} "), done.answers[1])
                for word in (function, name, "next: ", f"device {PEER}" if function != "cudaSetDevice" else "back to device 1"):
                    self.assertIn(word, done.answers[1])
                self.assertTrue(done.answers[2].startswith("ok"), done.answers[2])

    def test_a_destructor_whose_call_fails_ends_nothing_and_loses_one_thing_at_most(self):
        for name in ("gemm", "both"):
            for function, (opening, both) in sorted(self.calls_of(LINES[name]).items()):
                if function not in UNHEARD | {"cudaStreamSynchronize"} or opening == both:
                    continue
                for status in (1, 719):
                    plan = [(function, both if function == "cudaStreamSynchronize" else both - opening, status, ", device: 1")]  # the last of the line's own
                    done, _ = self.drive_once(["open 1", LINES[name], LINES[name], LINES["triad"], "open 2", "clock"], plan)
                    with self.subTest(line=name, function=function, status=status):
                        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                        self.assertNotIn("never came", done.stderr)
                        self.assertLessEqual(done.stderr.count("leak: "), 1, done.stderr)
                        self.assertTrue(done.answers[1].startswith("ok"), done.stdout)
                        again = "refused 4 " if status == 719 else "ok"
                        self.assertTrue(done.answers[3].startswith(again), done.stdout)
                        self.assertEqual(done.answers[4:], ["ok", "ok"])

    def test_nvml_that_does_not_answer_makes_values_unknown_and_one_that_lost_the_gpu_is_told(self):
        lines = [line for d in range(8) for line in (f"describe {d}", f"open {d}", "telemetry", "clock")]
        _, calls = self.drive_once(lines)
        functions = sorted({function for function, device in calls if function.startswith("nvml")} - {"nvmlInit_v2", "nvmlShutdown"})
        self.assertGreater(len(functions), 40)
        groups = [functions[i:i + 8] for i in range(0, len(functions), 8)]
        for status, lost in ((3, False), (4, False), (7, False), (10, False), (999, False), (15, True), (16, True)):
            for group in groups:
                plan = "".join(f"  - {{function: {f}, status: {status}, device: {d}, every: true}}\n" for d, f in enumerate(group)
                               if (f, d) in calls)
                if not plan:
                    continue
                done, _ = self.drive_once(lines, extra="leaks: fail\nfaults:\n" + plan)
                with self.subTest(status=status, group=group):
                    self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                    self.assertEqual(len(done.answers), len(lines), done.stdout)
                    for d, _ in enumerate(group):
                        for line, answer in zip(lines[4 * d:], done.answers[4 * d:4 * d + 4]):
                            if answer.startswith("ok"):
                                continue
                            self.assertTrue(lost and answer.startswith("refused 4 nvml"), f"{status}, {line}: {answer}")
                            self.assertIn("next: ", answer)
                    self.assertEqual(any(answer.startswith("refused") for answer in done.answers), lost, done.stdout)


if __name__ == "__main__":
    unittest.main()
