"""What a geomsu adapter in Python needs, in the standard library alone: copy this file, geomsu_lines.py and
geomsu_operands.py beside yours, or import them.

An adapter is a program that geomsu starts and asks, line by line, to compute (harness/protocol/PROTOCOL.md). This module holds
the session and the clocks, geomsu_lines the lines, geomsu_operands the operands, roundings and digest. You write two classes:

    class Product(Workload):  reseed, run, tensor: what your device computes; minimal/minimal.py shows it on plain arrays
    class Mine(Adapter):      devices, prepare: what there is and what it offers
    if __name__ == "__main__":
        sys.exit(serve(Mine()))

Danger: a library that prints would spoil the lines. `serve` moves them to a descriptor of their own before anything else and
points descriptor 1 at stderr, so import what prints inside `Adapter.start`, or at the top if it stays quiet.

Over 400 lines: one session, to be copied in one piece.
"""
from __future__ import annotations

import abc
import hashlib
import math
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from geomsu_lines import MAX_LINE, BadLine, Json, Lines, parse, plain
from geomsu_operands import Refused, digest_of, signs, to_bytes

MAX_READ, MAX_ROOM, MAX_TICKS, MAX_START_NS = 200_000, 500_000, 64, 60_000_000_000
STATUSES = ("unsupported", "out_of_memory", "device_lost", "timeout", "error")


# ---- what an adapter is made of --------------------------------------------------------------------------------------
class Tensor(NamedTuple):
    """A tensor as it stands: values in logical row-major order, rows x columns, in a dtype."""

    dtype: str
    rows: int
    columns: int
    values: Sequence[float]


class Workload(abc.ABC):
    """One prepared operation on one device. Repeats are counted from 0 since the last reseed."""

    memory_bytes: int = 0
    operand_sets: int = 1  # how many are really kept
    algorithm: str = ""
    deterministic: bool = True  # equal seeds give equal bits
    refill_every_block: bool = True

    @abc.abstractmethod
    def reseed(self, seed: int) -> None:
        """Fills the inputs anew from the generator."""

    @abc.abstractmethod
    def run(self, first: int, repeats: int) -> None:
        """Runs repeats first to first + repeats - 1 and returns when the device has ended them."""

    @abc.abstractmethod
    def tensor(self, number: int, repeat: int) -> Tensor:
        """Tensor `number` (0: the output) of the operand set of `repeat`. Refused where there is no such tensor."""

    def read(self, number: int, repeat: int, indices: Sequence[int]) -> list[float]:
        t = self.tensor(number, repeat)
        if any(index >= t.rows * t.columns for index in indices):
            raise Refused("error", f"read: an index beyond the {t.rows * t.columns} elements of tensor {number}")
        return [float(t.values[index]) for index in indices]

    def project(self, number: int, repeat: int, seed: int) -> list[float]:
        t = self.tensor(number, repeat)
        r = signs(seed, t.columns)
        rows = (t.values[i * t.columns : (i + 1) * t.columns] for i in range(t.rows))
        return [math.fsum(x * s for x, s in zip(row, r)) for row in rows]

    def digest(self, number: int, repeat: int) -> int:
        t = self.tensor(number, repeat)
        return digest_of(to_bytes(t.dtype, t.values))

    def release(self) -> None:
        """Gives the memory back."""


class Adapter(abc.ABC):
    backend: str = "adapter"
    version: str = "0"
    simulated: str = ""

    def start(self) -> None:
        """Called once, when stdout is safe: import what prints here. What it raises becomes the reason why `hello` is refused."""

    @abc.abstractmethod
    def devices(self) -> list[Json]:
        """One object a device, in order of index from 0: index, name, vendor, uuid; what cannot be read is left out, never "" or 0."""

    @abc.abstractmethod
    def prepare(self, device: int, op: str, params: Mapping[str, str], operand_sets: int) -> Workload:
        """Takes the memory. Refused('unsupported', why) is the answer no."""

    def open(self, device: int) -> None:
        """Takes a device for this session."""

    def telemetry(self, device: int) -> Json:
        """power_w, temperature_c, clock_mhz, ...: numbers; throttle, ecc_corrected, ...: decimal texts. Unknown: left out."""
        return {}

    def ticks(self, device: int) -> int | None:
        """The device's clock, in ns; None where it has none: the host's wall time is judged then."""
        return None


def raw_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)


def mono_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def wait_until(start_at_mono_ns: int) -> None:
    """Sleeps to 200 us before, then spins."""
    left = start_at_mono_ns - mono_ns() - 200_000
    if left > 0:
        time.sleep(left * 1e-9)
    while mono_ns() < start_at_mono_ns:
        pass


# ---- the session ------------------------------------------------------------------------------------------------------
class _Session:
    """One supervisor's requests, answered one after the other."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        self.greeted = self.finished = self.wedged = False
        self.device: int | None = None
        self.workloads: dict[int, Workload] = {}
        self.done: dict[int, int] = {}  # repeats since the last reseed
        self.next_id = 1
        self.loading: tuple[int, int] | None = None
        self.load_repeats = 0
        self.load_fault: Refused | None = None
        self.lost: str | None = None  # device_lost holds for the rest of the session
        self.refused = ""  # why this adapter cannot be used at all

    def answer(self, method: str, fields: Json) -> Json:
        try:
            if self.refused and method != "shutdown":
                raise Refused("unsupported", self.refused)
            if self.loading and method != "stop":
                raise Refused("error", f"'{method}' while a load runs: send 'stop' first")
            if not self.greeted and method not in ("hello", "shutdown"):
                raise Refused("error", f"'{method}' before 'hello'")
            if self.device is None and method not in ("hello", "devices", "open", "stop", "shutdown"):
                raise Refused("error", f"'{method}' before 'open': no device is open")
            if self.wedged and method not in ("clock", "telemetry", "shutdown"):
                raise Refused("timeout", "an earlier block timed out: end this worker")
            if self.lost and method not in ("hello", "telemetry", "shutdown"):
                raise Refused("device_lost", self.lost)
            return {"status": "ok", **getattr(self, f"on_{method}")(**fields)}
        except Refused as refused:
            if refused.status == "device_lost":
                self.lost = self.lost or refused.reason
            status = refused.status if refused.status in STATUSES else "error"
            return {"status": status, "reason": plain(refused.reason)} | (self.greeting() if method == "hello" else {})
        except MemoryError:
            return {"status": "out_of_memory", "reason": f"{method}: out of memory"}
        except Exception as error:  # a fault of the vendor's code is an answer, not the end of the session
            return {"status": "error", "reason": plain(f"{method}: {type(error).__name__}: {error}")}

    def greeting(self) -> Json:
        path = os.path.abspath(sys.argv[0])
        file = _read_or_empty(path)
        plugin = {"backend": self.adapter.backend, "version": self.adapter.version, "path": path}
        plugin |= {"sha256": hashlib.sha256(file).hexdigest()} if file else {}
        more: Json = {"simulated": self.adapter.simulated} if self.adapter.simulated else {}
        plugin |= more
        if self.refused:
            more["refused"] = [{**plugin, "refused": plain(self.refused)}]
        return {"major": 1, "minor": 0, "worker": f"geomsu_adapter.py {sys.version.split()[0]}", "plugin": plugin,
                "boot_id": _read_or_empty("/proc/sys/kernel/random/boot_id").decode("ascii").strip(),
                "time_namespace": _link_or_empty("/proc/self/ns/time"), "pid": str(os.getpid()),
                "scripted_time": False, **more}  # fmt: skip

    def on_hello(self, major: int, minor: int, tool: str) -> Json:
        if major != 1:
            raise Refused("unsupported", f"protocol {major}.{minor} was asked for, this adapter speaks 1.0")
        self.greeted = True
        return self.greeting()

    def on_devices(self) -> Json:
        return {"devices": [{"backend": self.adapter.backend, **_texted(device)} for device in self.adapter.devices()]}

    def on_open(self, devices: list[int]) -> Json:
        found = self.on_devices()["devices"]
        if self.device is not None:
            raise Refused("error", "devices are open already: a session opens one group, once")
        if len(devices) != 1:
            raise Refused("error" if not devices else "unsupported", "this adapter opens exactly one device a session")
        if devices[0] >= len(found):
            raise Refused("error", f"device {devices[0]} of {len(found)}")
        self.adapter.open(devices[0])
        self.device = devices[0]
        domain = "none" if self.adapter.ticks(self.device) is None else "device"
        return {"devices": [found[self.device]], "clock_domain": domain, "valid_bits": 64,
                "ticks_per_second": "0" if domain == "none" else "1000000000"}  # fmt: skip

    def on_prepare(self, op: str, params: dict[str, str], operand_sets: int) -> Json:
        if operand_sets < 1:
            raise Refused("error", "'operand_sets' must be at least 1")
        assert self.device is not None
        work = self.adapter.prepare(self.device, op, params, operand_sets)
        identity, self.next_id = self.next_id, self.next_id + 1
        self.workloads[identity] = work
        return {"workload": str(identity), "memory_bytes": str(work.memory_bytes), "algorithm": work.algorithm,
                "operand_sets": str(work.operand_sets), "deterministic": work.deterministic,
                "refill_every_block": work.refill_every_block}  # fmt: skip

    def find(self, workload: int, rank: int = 0) -> Workload:
        if workload not in self.workloads:
            raise Refused("error", f"there is no workload {workload}: it was never prepared here, or was released")
        if rank != 0:
            raise Refused("error", f"rank {rank} of a group of 1")
        return self.workloads[workload]

    def seeded(self, workload: int) -> Workload:
        work = self.find(workload)
        if workload not in self.done:
            raise Refused("error", "the workload has no operands yet: send 'reseed' first")
        return work

    def on_reseed(self, workload: int, seed: int) -> Json:
        work = self.find(workload)
        self.done.pop(workload, None)
        work.reseed(seed)
        self.done[workload] = 0
        return {}

    def on_measure(self, workload: int, repeats: int, timeout_ns: int, repeat_ticks: int,
                   start_at_mono_ns: int | None = None) -> Json:  # fmt: skip
        work = self.seeded(workload)
        if not 1 <= timeout_ns < 2**63 or repeat_ticks > MAX_TICKS:
            raise Refused("error", f"'timeout_ns' must be from 1 to 2^63-1 and 'repeat_ticks' at most {MAX_TICKS}")
        if start_at_mono_ns is not None:
            if start_at_mono_ns - mono_ns() > MAX_START_NS:
                raise Refused("error", "'start_at_mono_ns' lies more than 60 s ahead")
            wait_until(start_at_mono_ns)
        assert self.device is not None
        started, begun, first = mono_ns(), raw_ns(), self.adapter.ticks(self.device)
        if repeats:
            self.advance(work, workload, repeats)
        last, took = self.adapter.ticks(self.device), raw_ns() - begun
        if took > timeout_ns:
            self.wedged = True
            raise Refused("timeout", f"the block took {took} ns where {timeout_ns} were allowed")
        clocked = repeats and first is not None and last is not None
        spans = [{"first": str(first), "last": str(last), "repeat_ends": []}] if clocked else []
        return {"spans": spans, "started_mono_ns": str(started), "worker_raw_ns": str(took)}

    def advance(self, work: Workload, workload: int, repeats: int) -> None:
        first = self.done.pop(workload)  # a block that fails leaves buffers that nothing can be said of: reseed
        work.run(first, repeats)
        self.done[workload] = first + repeats

    def on_load(self, workload: int, chunk: int) -> Json:
        self.seeded(workload)
        if chunk < 1:
            raise Refused("error", "'chunk' must be at least 1")
        self.loading, self.load_repeats, self.load_fault = (workload, chunk), 0, None
        return {}

    def load_chunk(self) -> None:
        if self.loading is None or self.load_fault is not None:
            return
        workload, chunk = self.loading
        try:
            self.advance(self.workloads[workload], workload, chunk)
            self.load_repeats += chunk
        except MemoryError:
            self.load_fault = Refused("out_of_memory", "load: out of memory")
        except Exception as error:  # told by `stop`
            self.load_fault = (
                error if isinstance(error, Refused) else Refused("error", f"load: {type(error).__name__}: {error}")
            )

    def on_stop(self, sim_until_ns: int = 0) -> Json:
        loading, self.loading = self.loading, None
        if loading and self.load_fault:
            raise self.load_fault
        return {"repeats": str(self.load_repeats if loading else 0)}

    def asked(self, workload: int, tensor: int, rank: int, repeat: int) -> Workload:
        self.find(workload, rank)
        work = self.seeded(workload)
        if tensor == 0 and repeat >= self.done[workload]:
            raise Refused("error", f"repeat {repeat} of {self.done[workload]} run since the last reseed")
        return work

    def on_read(self, workload: int, tensor: int, rank: int, repeat: int, indices: list[int]) -> Json:
        if not 1 <= len(indices) <= MAX_READ:
            raise Refused("error", f"from 1 to {MAX_READ} indices, got {len(indices)}")
        return {"values": _finite(self.asked(workload, tensor, rank, repeat).read(tensor, repeat, indices))}

    def on_project(self, workload: int, tensor: int, rank: int, repeat: int, seed: int, room: int) -> Json:
        work = self.asked(workload, tensor, rank, repeat)
        if not 1 <= room <= MAX_ROOM:
            raise Refused("error", f"'room' must be from 1 to {MAX_ROOM}")
        values = work.project(tensor, repeat, seed)
        if len(values) > room:
            raise Refused("error", f"the projection has {len(values)} numbers, there is room for {room}")
        return {"values": _finite(values)}

    def on_digest(self, workload: int, tensor: int, rank: int, repeat: int) -> Json:
        return {"digest": str(self.asked(workload, tensor, rank, repeat).digest(tensor, repeat))}

    def on_clock(self) -> Json:
        assert self.device is not None
        readings = []
        for _ in range(16):
            before = raw_ns()
            ticks = self.adapter.ticks(self.device)
            after = raw_ns()
            if ticks is None:
                raise Refused("unsupported", "this device has no clock")
            readings.append((after - before, before, ticks, after))
        _, before, ticks, after = min(readings)
        return {"pair": {"host_before_ns": str(before), "ticks": str(ticks), "host_after_ns": str(after)}}

    def on_telemetry(self) -> Json:
        assert self.device is not None
        times = {"mono_ns": str(mono_ns()), "utc_ns": str(time.time_ns())}
        reading = self.adapter.telemetry(self.device)
        known = {
            k: v for k, v in reading.items() if v is not None and not (isinstance(v, float) and not math.isfinite(v))
        }
        return {"readings": [{**times, **known}]}

    def on_release(self, workload: int) -> Json:
        self.find(workload).release()
        del self.workloads[workload]
        self.done.pop(workload, None)
        return {}

    def on_shutdown(self) -> Json:
        self.finished = True
        return {}


def _texted(device: Mapping[str, Any]) -> Json:
    """64-bit numbers travel as texts, `index` as a number."""
    return {
        k: str(v) if k != "index" and isinstance(v, int) else plain(v) if isinstance(v, str) else v
        for k, v in device.items()
    }


def _read_or_empty(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _link_or_empty(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _finite(values: Iterable[float]) -> list[float | None]:
    return [float(x) if math.isfinite(x) else None for x in values]


def serve(adapter: Adapter) -> int:
    """Answers a supervisor until it ends the session. Returns the exit status: 0, or 65 after an oversized line."""
    lines = Lines()
    session = _Session(adapter)
    try:
        adapter.start()
    except Exception as error:  # the vendor's library is not there: said in `hello`
        session.refused = f"{adapter.backend} cannot start: {type(error).__name__}: {error}"
    try:
        return _answer_all(lines, session)
    except BrokenPipeError:  # the supervisor is gone: as the end of the input
        return 0
    finally:
        for work in session.workloads.values():
            try:
                work.release()
            except Exception as error:  # nobody is left to tell but the log
                print(f"release: {error}", file=sys.stderr)


def _answer_all(lines: Lines, session: _Session) -> int:
    while not session.finished:
        line = lines.next(block=session.loading is None or session.load_fault is not None)
        if line is None:
            if lines.overflowed():
                lines.write({"id": None, "error": {"code": -32600, "message": f"a line is over {MAX_LINE} bytes"}})
                return 65
            if lines.ended:
                return 0
            session.load_chunk()
            continue
        try:
            identity, method, fields = parse(line)
        except BadLine as bad:
            lines.write({"id": bad.identity, "error": {"code": bad.code, "message": plain(str(bad))}})
            continue
        lines.write({"id": identity, "result": session.answer(method, fields)})
    return 0
