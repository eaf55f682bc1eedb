"""One torch device: where results lie, when work has ended, what it has left, its clock, and what torch's errors mean.

Features are looked for, versions never compared; beside each stands where it came from.
"""
from __future__ import annotations

import contextlib
import importlib
import pathlib
import re
import warnings
from collections.abc import Iterator
from typing import Any

import torch
from geomsu_operands import Refused

FALLBACK = re.compile(
    r"fall(?:s|ing)?[ -]?back|fell back|runs? on (?:the )?cpu|not currently supported on the .* backend", re.IGNORECASE
)
OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "failed to allocate",
    "not enough memory",
)
LOST = ("cuda error", "hip error", "device lost", "device is lost", "unspecified launch failure", "uncorrectable ecc")


def refusal(error: Exception, where: str, otherwise: str) -> Refused:
    """A vendor's exception as an answer, with its words."""
    if isinstance(error, Refused):
        return error
    words = " ".join(f"{where}: {type(error).__name__}: {error}".split())[:600]
    lower = words.lower()
    if isinstance(error, MemoryError) or any(text in lower for text in OUT_OF_MEMORY):
        return Refused("out_of_memory", words)
    return Refused("device_lost" if any(text in lower for text in LOST) else otherwise, words)


class TorchDevice:
    def __init__(self, kind: str, index: int | None) -> None:
        self.kind, self.name = kind, kind if index is None else f"{kind}:{index}"
        # torch.cuda, torch.xpu, torch.npu, torch.hpu, torch.mps, ...: whatever stands under the type's name, or torch.mps's kind.
        self.module: Any = getattr(torch, kind, None) if kind != "cpu" else None
        self.base: Any = None
        self.clock_ns = 0

    # ---- what is where ---------------------------------------------------------------------------------------------
    def check(self, *tensors: torch.Tensor) -> None:
        """A result that came back elsewhere was computed elsewhere: torch fell back to the host."""
        for tensor in tensors:
            if tensor.device.type != self.kind:
                raise Refused(
                    "error",
                    f"the result lies on {tensor.device}, not on {self.kind}: torch fell back to another device",
                )

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Torch tells of most fall-backs to the host by a warning only; inside, such a warning is an error."""
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            yield
        for warning in told:
            if self.kind != "cpu" and FALLBACK.search(str(warning.message)):
                raise Refused(
                    "error", f"torch warns of a fall-back to the host: {' '.join(str(warning.message).split())[:500]}"
                )

    # ---- time ------------------------------------------------------------------------------------------------------
    def synchronize(self, result: torch.Tensor | None = None) -> None:
        """Returns when the device has ended its work. Without a synchronize() of its own, one element is fetched."""
        if self.kind == "cpu":
            return
        if hasattr(self.module, "synchronize"):
            self.module.synchronize()
        elif result is not None:
            result.reshape(-1)[:1].cpu()

    def ticks(self) -> int | None:
        """ns by the device's own events; only CUDA's (and HIP's, under the same name) are read.

        An event pair's distance comes in ms as a 32-bit float: 100 s from one base would be known to 8 us only. So each
        reading is measured from the last and added up."""
        if self.kind != "cuda":
            return None
        now = torch.cuda.Event(enable_timing=True)
        now.record()
        now.synchronize()
        if self.base is not None:
            self.clock_ns += round(self.base.elapsed_time(now) * 1e6)
        self.base = now
        return self.clock_ns

    # ---- memory ----------------------------------------------------------------------------------------------------
    def free_bytes(self) -> int | None:
        if self.kind == "cpu":
            text = pathlib.Path("/proc/meminfo").read_text(encoding="ascii")
            found = re.search(r"MemAvailable: *(\d+) kB", text)
            return int(found[1]) * 1024 if found else None
        if hasattr(self.module, "mem_get_info"):  # torch 1.11 for CUDA; some vendors' modules
            return int(self.module.mem_get_info(self.name)[0])
        return None

    def sets_that_fit(self, wanted: int, bytes_per_set: int) -> int:
        free = self.free_bytes()
        if free is None:
            return wanted
        fit = int(free * (0.5 if self.kind == "cpu" else 0.85)) // bytes_per_set
        if fit < 1:
            raise Refused("out_of_memory", f"{bytes_per_set} bytes an operand set, {free} bytes free on {self.name}")
        return min(wanted, fit)


def load(kind: str, modules: list[str]) -> None:
    """Imports the vendor's modules, which is how torch learns of his device."""
    for name in modules:
        importlib.import_module(name)
    if hasattr(
        torch, "set_warn_always"
    ):  # torch 1.8: else a fall-back is told of once a process, and missed the second time
        torch.set_warn_always(True)
    torch.empty(1, device=kind)  # raises, with torch's words, where this torch knows no such device


def make_deterministic() -> str:
    """Asks torch for repeatable kernels. Returns why it could not, or nothing."""
    if not hasattr(torch, "use_deterministic_algorithms"):  # torch 1.8
        return "this torch has no use_deterministic_algorithms"
    torch.use_deterministic_algorithms(True)
    with contextlib.suppress(
        AttributeError, ImportError
    ):  # torch 2.2: else every new result is filled with NaN, in timed time
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return ""


def set_flag(path: str, value: bool) -> None:
    """Sets torch.PATH where there is such a flag."""
    *parents, last = path.split(".")
    place: Any = torch
    for name in parents:
        place = getattr(place, name, None)
    with contextlib.suppress(AttributeError, RuntimeError, AssertionError):
        getattr(place, last)
        setattr(place, last, value)
