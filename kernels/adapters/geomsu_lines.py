"""Lines in, requests out: PROTOCOL.md's rules of what a line may be, for geomsu_adapter.py."""
from __future__ import annotations

import json
import math
import os
import re
import select
from collections.abc import Callable
from typing import Any

from geomsu_operands import MASK

MAX_LINE, MAX_DEPTH, MAX_CONTAINERS = 16 << 20, 16, 65_536
Json = dict[str, Any]
_STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[][{}]')


def plain(text: str) -> str:
    """As a line may carry it: UTF-8 without NUL."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")


class BadLine(Exception):
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


def parse(line: bytes) -> tuple[int, str, Json]:
    try:
        text = line.decode("utf-8")
        _check_nesting(text)
        message = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_number)
        if "\\u" in text:  # half of a surrogate pair is no text
            json.dumps(message, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise BadLine(-32700, f"not JSON: {error}") from None
    identity = message.get("id") if isinstance(message, dict) else None
    if not isinstance(identity, int) or isinstance(identity, bool) or not -(2**63) <= identity < 2**63:
        raise BadLine(-32600, "a message must be an object whose 'id' is an integer")
    if message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
        raise BadLine(-32600, "'jsonrpc' must be \"2.0\" and 'method' text", identity)
    method, params = message["method"], message.get("params", {})
    if method not in _FIELDS:
        raise BadLine(-32601, f"unknown method '{method[:80]}'", identity)
    if not isinstance(params, dict):
        raise BadLine(-32602, f"{method}: params must be an object", identity)
    fields: Json = {}
    for name, read in _FIELDS[method].items():
        key = name.rstrip("?")
        if name.endswith("?") and params.get(key) is None:
            continue
        if key not in params:
            raise BadLine(-32602, f"{method}: field '{key}' is missing", identity)
        try:
            fields[key] = read(params[key])
        except ValueError as error:
            raise BadLine(-32602, f"{method}: field '{key}' must be {error}", identity) from None
    return identity, method, fields


class Lines:
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
            reason = plain(f"the adapter's answer cannot be written as JSON: {error}")
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
