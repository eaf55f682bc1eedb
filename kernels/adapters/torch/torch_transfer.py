"""transfer between the host's memory and a device's, one way at a time."""
from __future__ import annotations

import torch
import torch_operands as operands
from geomsu_operands import Refused, TransferParams, tensor_id
from torch_device import TorchDevice, refusal
from torch_workloads import OnTensors


class Transfer(OnTensors):
    """Elements travel as 64-bit integers of the same bits: not every device has fp64."""

    refill_every_block = False

    def __init__(self, p: TransferParams, device: TorchDevice, deterministic: bool) -> None:
        super().__init__(device, deterministic)
        if device.kind == "cpu":
            raise Refused("unsupported", "transfer: torch's cpu is the host itself: between the two nothing is transferred")
        if p.direction not in ("h2d", "d2h"):
            raise Refused("unsupported", f"transfer {p.direction} is not offered through torch: h2d and d2h are")
        if p.peer is not None:
            raise Refused("error", f"transfer: {p.direction} is between host and device: peer must be left out")
        self.p, self.done = p, 0
        to_device = p.direction == "h2d"
        self.memory_bytes = 8 * (p.target if to_device else p.source)  # on the device
        device.sets_that_fit(1, self.memory_bytes)
        TorchDevice("cpu", None).sets_that_fit(1, 8 * (p.source + p.target))  # the host's side, and both where it is filled
        self.algorithm = f"torch {torch.__version__} copy_ {p.direction}, host memory {'pinned' if p.pinned else 'pageable'}"
        try:
            self.source = self.host_side(p.source) if to_device else self.device_side(p.source)
            self.target = self.device_side(p.target) if to_device else self.host_side(p.target)
            device.check(self.target if to_device else self.source)
            self.step(0)
            device.synchronize(self.source if p.direction == "d2h" else self.target)
        except Exception as error:
            found = refusal(error, f"transfer {p.direction} on {device.name}", "unsupported")
            raise Refused("unsupported" if found.status == "error" else found.status, found.reason) from error

    def host_side(self, elements: int) -> torch.Tensor:
        made = torch.zeros(elements, dtype=torch.int64)
        return made.pin_memory() if self.p.pinned else made

    def device_side(self, elements: int) -> torch.Tensor:
        return torch.zeros(elements, dtype=torch.int64, device=self.device.name)

    def step(self, i: int) -> None:
        start, at = TransferParams.places(i)
        piece = self.source[start : start + self.p.elements]
        self.target[at : at + self.p.elements].copy_(piece, non_blocking=True)

    def reseed(self, seed: int) -> None:
        values = operands.values("fp64", self.p.data, seed, tensor_id(0, 1), self.p.source).view(torch.int64)
        self.source.copy_(values)
        self.target.zero_()
        self.done = 0
        self.device.synchronize(self.source if self.p.direction == "d2h" else self.target)

    def run(self, first: int, repeats: int) -> None:
        try:
            with self.device.watched():
                for i in range(first, first + repeats):
                    self.step(i)
                # A copy to the host is done when the device says so, whatever the host's memory shows before.
                self.device.synchronize(self.source if self.p.direction == "d2h" else self.target)
            self.done = first + repeats
        except Exception as error:
            raise refusal(error, f"transfer {self.p.direction}", "error") from error

    def shape(self, number: int) -> tuple[str, int, int]:
        if number > 1 or (number == 0 and self.done == 0):
            raise Refused("error", f"no tensor {number}: the source is 1, and the target 0 once a repeat has run")
        return "fp64", 1, self.p.target if number == 0 else self.p.source

    def held(self, number: int, repeat: int) -> torch.Tensor:
        self.shape(number)
        return self.target if number == 0 else self.source

    def host(self, number: int, repeat: int) -> torch.Tensor:
        return self.held(number, repeat).cpu().view(torch.float64)

    def release(self) -> None:
        self.source = self.target = torch.zeros(0, dtype=torch.int64)
