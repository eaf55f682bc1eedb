#!/usr/bin/python3
"""geomsu over PyTorch: gemm, memory and transfer on whatever device a torch on this machine can use.

    torch_adapter.py --device cpu|cuda|xpu|mps|npu|hpu|rbln|...[:index] [--import torch_npu] [--compile inductor]

kernels/adapters/README.md says what each vendor needs. A device that computes on the host in truth is found out: results that lie
elsewhere, and torch's warnings of a fall-back, are answers other than ok.
"""
from __future__ import annotations

import argparse
import hashlib
import os
import pathlib
import platform
import sys
from collections.abc import Mapping
from typing import Any

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent), str(pathlib.Path(__file__).resolve().parent)]
from geomsu_adapter import Adapter, Json, Workload, serve  # noqa: E402
from geomsu_operands import GemmParams, MemoryParams, Refused, TransferParams  # noqa: E402

# Switches that let torch compute on the host behind one's back: refused where they are set.
FALLBACK_SWITCHES = ("PYTORCH_ENABLE_MPS_FALLBACK", "PYTORCH_ENABLE_XPU_FALLBACK")
# Switches of makers, from their documents, that forbid it or make it loud; read when the maker's module is imported.
STRICT = {"TORCH_NPU_FALLBACK_CPU_DISABLE": "1", "TORCH_RBLN_DISABLE_FALLBACK": "unsupported_op,compile_error",
          "PYTORCH_DEBUG_XPU_FALLBACK": "1"}  # fmt: skip


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--device",
        default="cpu",
        help="torch's name of the device: TYPE for all of them, TYPE:INDEX for one; default cpu",
    )
    parser.add_argument(
        "--import", dest="modules", action="append", default=[], metavar="MODULE", help="import this first; repeatable"
    )
    parser.add_argument(
        "--compile", dest="compiled", default="", metavar="BACKEND", help="gemm through torch.compile(backend=BACKEND)"
    )
    parser.add_argument("--vendor", default="", help="the maker, where torch does not tell")
    parser.add_argument("--name", default="", help="the device's name, where torch does not tell")
    parser.add_argument(
        "--uuid",
        action="append",
        default=[],
        help="the device's own id, where torch does not tell; once a device, in order",
    )
    parser.add_argument(
        "--deterministic", action="store_true", help="the maker's word: equal inputs give equal bits on this device"
    )
    return parser.parse_args(words)


class Torch(Adapter):
    backend, version = "torch", "1.0"

    def __init__(self, words: list[str]) -> None:
        self.options = arguments(words)
        kind, _, index = self.options.device.partition(":")
        self.kind, self.only = kind, int(index) if index else None
        self.opened: dict[int, Any] = {}
        self.why_not_deterministic = ""

    def start(self) -> None:
        os.environ.update(STRICT)
        os.environ.setdefault(
            "CUBLAS_WORKSPACE_CONFIG", ":4096:8"
        )  # without it cuBLAS is not repeatable, and torch says so
        for name in FALLBACK_SWITCHES:
            if self.kind != "cpu" and os.environ.get(name, "0") not in ("", "0"):
                raise Refused(
                    "unsupported", f"{name} is set: torch would compute on the host in this device's name; unset it"
                )
        import torch_device

        torch_device.load(self.options.device, self.options.modules)
        self.why_not_deterministic = torch_device.make_deterministic()

    # ---- devices ---------------------------------------------------------------------------------------------------
    def indices(self) -> list[int | None]:
        import torch

        module = getattr(torch, self.kind, None) if self.kind != "cpu" else None
        if self.only is not None:
            return [self.only]
        return list(range(module.device_count())) if hasattr(module, "device_count") else [None]

    def devices(self) -> list[Json]:
        return [self.describe(position, index) for position, index in enumerate(self.indices())]

    def describe(self, position: int, index: int | None) -> Json:
        import torch

        module = getattr(torch, self.kind, None) if self.kind != "cpu" else None
        place = f"{self.kind}:{index or 0}"
        properties = module.get_device_properties(place) if hasattr(module, "get_device_properties") else None
        name = self.options.name or (processor_name() if self.kind == "cpu" else getattr(properties, "name", ""))
        vendor = self.options.vendor or {
            "cpu": processor_vendor(),
            "cuda": "AMD" if torch.version.hip else "NVIDIA",
        }.get(self.kind, self.kind)
        device: Json = {"index": position, "name": str(name) or self.kind, "vendor": vendor}
        own, told = getattr(properties, "uuid", None), self.options.uuid
        if position < len(told):
            device["uuid"], source = told[position], "declared by --uuid"
        elif own:  # torch 2.4 for CUDA
            device["uuid"], source = f"GPU-{own}", "torch"
        else:
            made_of = f"{machine()} {self.kind} {index or 0} {device['name']}"
            device["uuid"] = "torch-" + hashlib.sha256(made_of.encode()).hexdigest()[:16]
            source = "sha256 of the machine's id, the device's type, number and name: not the part's own"
        if getattr(properties, "total_memory", 0):
            device["memory_bytes"] = int(properties.total_memory)
        device["attributes"] = {"torch": torch.__version__, "uuid.source": source}
        return device

    def open(self, device: int) -> None:
        from torch_device import TorchDevice

        self.opened[device] = TorchDevice(self.kind, self.indices()[device])

    def ticks(self, device: int) -> int | None:
        return self.opened[device].ticks()

    # ---- work ------------------------------------------------------------------------------------------------------
    def prepare(self, device: int, op: str, params: Mapping[str, str], operand_sets: int) -> Workload:
        from torch_device import refusal
        from torch_memory import Memory
        from torch_transfer import Transfer
        from torch_workloads import Gemm

        # Torch's promise of repeatable kernels holds for its own back ends; for others the maker has to give his word.
        repeatable = (self.kind in ("cpu", "cuda") and not self.why_not_deterministic) or self.options.deterministic
        try:
            if op == "gemm":
                return Gemm(GemmParams.of(params), self.opened[device], operand_sets, self.options.compiled, repeatable)
            if op == "memory":
                return Memory(MemoryParams.of(params), self.opened[device], repeatable)
            if op == "transfer":
                return Transfer(TransferParams.of(params), self.opened[device], repeatable)
        except (RuntimeError, MemoryError) as error:
            raise refusal(error, f"prepare {op}", "error") from error
        raise Refused("unsupported", f"no operation '{op}': gemm, memory and transfer are offered")


def machine() -> str:
    identity = pathlib.Path("/etc/machine-id")  # not there in every container
    return identity.read_text(encoding="ascii").strip() if identity.is_file() else platform.node()


def _cpuinfo(key: str) -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.split(":")[0].strip() == key:
            return line.partition(":")[2].strip()
    return ""


def processor_name() -> str:
    return f"{_cpuinfo('model name') or platform.machine()} through torch"


def processor_vendor() -> str:
    return {"GenuineIntel": "Intel", "AuthenticAMD": "AMD"}.get(
        _cpuinfo("vendor_id"), _cpuinfo("vendor_id") or "unknown"
    )


if __name__ == "__main__":
    sys.exit(serve(Torch(sys.argv[1:])))
