"""What a geomsu adapter in Python needs, in the standard library alone: copy this file and geomsu_operands.py beside yours, or import
them.

An adapter is a program that geomsu starts and asks, line by line, to compute (harness/protocol/PROTOCOL.md). This module holds
the lines and the clocks, geomsu_operands the operands, roundings and digest. You write two classes:

    class Product(Workload):  reseed, run, tensor: what your device computes; minimal/minimal.py shows it on plain arrays
    class Mine(Adapter):      devices, prepare: what there is and what it offers
    if __name__ == "__main__":
        sys.exit(serve(Mine()))

Danger: a library that prints would spoil the lines. `serve` moves them to a descriptor of their own before anything else and
points descriptor 1 at stderr, so import what prints inside `Adapter.start`, or at the top if it stays quiet.

Over 400 lines: one file to copy.
"""
from __future__ import annotations

import abc
import hashlib
import json
import math
import os
import re
import select
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from geomsu_operands import MASK, Refused, digest_of, signs, to_bytes

MAX_LINE, MAX_DEPTH, MAX_CONTAINERS = 16 << 20, 16, 65_536
MAX_READ, MAX_ROOM, MAX_TICKS, MAX_START_NS = 200_000, 500_000, 64, 60_000_000_000
STATUSES = ("unsupported", "out_of_memory", "device_lost", "timeout", "error")
Json = dict[str, Any]
_STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[][{}]')


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


# ---- the lines -------------------------------------------------------------------------------------------------------
class _Rpc(Exception):
    def __init__(self, code: int, message: str, identity: int | None = None) -> None:
        super().__init__(message)
        self.code, self.identity = code, identity


def _once(pairs: list[tuple[str, Any]]) -> Json:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _number(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text[:40]} is out of range")
    return value


def _check_nesting(line: str) -> None:
    """Runs before the parser: a hostile line costs one pass and no memory."""
    depth = containers = 0
    for piece in _STRUCTURE.finditer(line):
        if piece[0] in "[{":
            depth, containers = depth + 1, containers + 1
            if depth > MAX_DEPTH or containers > MAX_CONTAINERS:
                raise ValueError(f"nested deeper than {MAX_DEPTH}, or over {MAX_CONTAINERS} objects and arrays")
        elif piece[0] in "]}":
            depth -= 1


_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,19})")


def _whole(low: int, high: int, as_text: bool) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, str if as_text else int) or isinstance(value, bool):
            raise ValueError("an integer in a decimal string" if as_text else "an integer")
        if as_text and not _DECIMAL.fullmatch(value):
            raise ValueError("decimal digits without sign + or leading zeros")
        if not low <= int(value) <= high:
            raise ValueError(f"from {low} to {high}")
        return int(value)

    return read


def _list_of(item: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("an array")
        return [item(x) for x in value]

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("text without NUL")
    return value


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("an object of texts")
    return {_text(key): _text(item) for key, item in value.items()}


_U32, _U64, _I64 = _whole(0, 2**32 - 1, False), _whole(0, MASK, True), _whole(-(2**63), 2**63 - 1, True)
_TENSOR = {"workload": _U64, "tensor": _U32, "rank": _U32, "repeat": _U64}
# method -> its fields; a name that ends in ? may be left out.
_FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "hello": {"major": _U32, "minor": _U32, "tool": _text},
    "devices": {},
    "open": {"devices": _list_of(_U32)},
    "prepare": {"op": _text, "params": _texts, "operand_sets": _U64},
    "reseed": {"workload": _U64, "seed": _U64},
    "measure": {"workload": _U64, "repeats": _U64, "start_at_mono_ns?": _I64, "timeout_ns": _U64, "repeat_ticks": _U32},
    "load": {"workload": _U64, "chunk": _U64},
    "stop": {"sim_until_ns?": _I64},
    "read": {**_TENSOR, "indices": _list_of(_U64)},
    "project": {**_TENSOR, "seed": _U64, "room": _U64},
    "digest": dict(_TENSOR),
    "clock": {},
    "telemetry": {},
    "release": {"workload": _U64},
    "shutdown": {},
}


def _parse(line: bytes) -> tuple[int, str, Json]:
    try:
        text = line.decode("utf-8")
        _check_nesting(text)
        message = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_number)
        if "\\u" in text:  # half of a surrogate pair is no text
            json.dumps(message, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise _Rpc(-32700, f"not JSON: {error}") from None
    identity = message.get("id") if isinstance(message, dict) else None
    if not isinstance(identity, int) or isinstance(identity, bool) or not -(2**63) <= identity < 2**63:
        raise _Rpc(-32600, "a message must be an object whose 'id' is an integer")
    if message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
        raise _Rpc(-32600, "'jsonrpc' must be \"2.0\" and 'method' text", identity)
    method, params = message["method"], message.get("params", {})
    if method not in _FIELDS:
        raise _Rpc(-32601, f"unknown method '{method[:80]}'", identity)
    if not isinstance(params, dict):
        raise _Rpc(-32602, f"{method}: params must be an object", identity)
    fields: Json = {}
    for name, read in _FIELDS[method].items():
        key = name.rstrip("?")
        if name.endswith("?") and params.get(key) is None:
            continue
        if key not in params:
            raise _Rpc(-32602, f"{method}: field '{key}' is missing", identity)
        try:
            fields[key] = read(params[key])
        except ValueError as error:
            raise _Rpc(-32602, f"{method}: field '{key}' must be {error}", identity) from None
    return identity, method, fields


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
            return {"status": status, "reason": _plain(refused.reason)} | (self.greeting() if method == "hello" else {})
        except MemoryError:
            return {"status": "out_of_memory", "reason": f"{method}: out of memory"}
        except Exception as error:  # a fault of the vendor's code is an answer, not the end of the session
            return {"status": "error", "reason": _plain(f"{method}: {type(error).__name__}: {error}")}

    def greeting(self) -> Json:
        path = os.path.abspath(sys.argv[0])
        file = _read_or_empty(path)
        plugin = {"backend": self.adapter.backend, "version": self.adapter.version, "path": path}
        plugin |= {"sha256": hashlib.sha256(file).hexdigest()} if file else {}
        more: Json = {"simulated": self.adapter.simulated} if self.adapter.simulated else {}
        plugin |= more
        if self.refused:
            more["refused"] = [{**plugin, "refused": _plain(self.refused)}]
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
        if repeat >= self.done[workload] and (tensor == 0 or repeat > 0):
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


def _plain(text: str) -> str:
    """As a line may carry it: UTF-8 without NUL."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


def _texted(device: Mapping[str, Any]) -> Json:
    """64-bit numbers travel as texts, `index` as a number."""
    return {
        k: str(v) if k != "index" and isinstance(v, int) else _plain(v) if isinstance(v, str) else v
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


class _Lines:
    """Lines in and out, on descriptors that no library knows of."""

    def __init__(self) -> None:
        self.out, self.source, self.buffer, self.ended = os.dup(1), os.dup(0), bytearray(), False
        os.dup2(2, 1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)

    def write(self, message: Json) -> None:
        try:
            line = json.dumps({"jsonrpc": "2.0", **message}, allow_nan=False)
        except (
            TypeError,
            ValueError,
        ) as error:  # an adapter's answer that is no JSON, such as NaN or a library's number
            reason = _plain(f"the adapter's answer cannot be written as JSON: {error}")
            line = json.dumps(
                {"jsonrpc": "2.0", "id": message.get("id"), "result": {"status": "error", "reason": reason}}
            )
        left = memoryview(line.encode() + b"\n")
        while left:
            left = left[os.write(self.out, left) :]

    def next(self, block: bool) -> bytes | None:
        """A line without its end; None where none is there yet, or the input has ended."""
        while (end := self.buffer.find(b"\n")) < 0 and not self.ended and len(self.buffer) <= MAX_LINE:
            if not block and not select.select([self.source], [], [], 0)[0]:
                return None
            got = os.read(self.source, 1 << 16)
            self.ended = not got
            self.buffer += got
        if end < 0 or end > MAX_LINE:
            return None
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        return line

    def overflowed(self) -> bool:
        return len(self.buffer) > MAX_LINE and not 0 <= self.buffer.find(b"\n") <= MAX_LINE


def serve(adapter: Adapter) -> int:
    """Answers a supervisor until it ends the session. Returns the exit status: 0, or 65 after an oversized line."""
    lines = _Lines()
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


def _answer_all(lines: _Lines, session: _Session) -> int:
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
            identity, method, fields = _parse(line)
        except _Rpc as bad:
            lines.write({"id": bad.identity, "error": {"code": bad.code, "message": _plain(str(bad))}})
            continue
        lines.write({"id": identity, "result": session.answer(method, fields)})
    return 0
