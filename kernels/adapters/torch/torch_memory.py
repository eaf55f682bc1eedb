"""memory on torch tensors of any device."""
from __future__ import annotations

import torch
import torch_operands as operands
from geomsu_operands import (
    READ_LANES,
    WORD,
    WRITE_STEP,
    MemoryParams,
    Refused,
    read_key,
    signed,
    tensor_id,
    write_first_key,
    write_next_key,
    write_place,
)
from torch_device import TorchDevice, refusal
from torch_workloads import OnTensors

SHIFT, SCALAR = 64, -4095.0 / 4096.0
PIECE_CPU, PIECE = 1 << 15, 1 << 22  # elements of write's ramp that are made at a time: on the CPU in its cache
WAYS = {
    "copy": "copy_",
    "scale": "mul(out=)",
    "add": "sub(out=)",
    "triad": "add(alpha, out=)",
    "read": "bitwise_xor(out=) and sum, two passes",
    "write": "add, >>, copy_ and mul_ of a piece at a time",
}


class Memory(OnTensors):
    refill_every_block = False

    def __init__(self, p: MemoryParams, device: TorchDevice, deterministic: bool) -> None:
        super().__init__(device, deterministic)
        self.p, self.count, self.last = p, p.arrays(), -1
        kind, own = operands.storage_type(p.dtype), p.bytes_of_arrays()
        # torch has no loop that reads or writes alone: read's words are kept once, write's ramp a piece at a time.
        self.piece = min(p.elements, PIECE_CPU if device.kind == "cpu" else PIECE)
        self.memory_bytes = own + {"read": own, "write": 8 * self.piece}.get(p.kind, 0)
        device.sets_that_fit(1, self.memory_bytes)
        self.algorithm = f"torch {torch.__version__} on {device.name}: " + WAYS[p.kind]
        self.algorithm += (
            "" if device.kind == "cpu" else "; no fall-back to the host seen, every result's place is checked"
        )
        self.source = self.made_on()
        try:
            self.x = [torch.zeros(p.elements, dtype=kind, device=device.name) for _ in range(self.count)]
            self.start(0)
            with device.watched():
                for i in range(self.count):
                    self.step(i)
                device.synchronize(self.x[0])
        except Exception as error:
            found = refusal(error, f"memory {p.kind} of {p.dtype} on {device.name}", "unsupported")
            raise Refused("unsupported" if found.status == "error" else found.status, found.reason) from error

    def start(self, seed: int) -> None:
        """What repeats hand on beside the arrays."""
        self.last, self.sums, self.key = -1, [0] * READ_LANES, write_first_key(seed)
        if self.p.kind == "read" and not hasattr(self, "words"):
            self.words = torch.zeros_like(self.x[0].view(torch.int32))
        if self.p.kind == "write" and not hasattr(self, "ramp"):
            index = torch.arange(self.piece, dtype=torch.int64, device=self.device.name)
            self.ramp = self.as_words(index * WRITE_STEP)
            self.ramped = torch.zeros_like(self.ramp)

    @staticmethod
    def as_words(x: torch.Tensor) -> torch.Tensor:
        """The low 32 bits as int32."""
        return (((x & WORD) ^ (1 << 31)) - (1 << 31)).to(torch.int32)

    def step(self, i: int) -> None:
        self.device.check({"read": self.read_step, "write": self.write_step}.get(self.p.kind, self.stream_step)(i))

    def stream_step(self, i: int) -> torch.Tensor:
        kind, x, n = self.p.kind, self.x, self.p.elements
        if kind in ("copy", "scale"):
            source, self.last = x[i % 2], (i + 1) % 2
            for to, of, size in ((SHIFT, 0, n - SHIFT), (0, n - SHIFT, SHIFT)):
                if kind == "copy":
                    x[self.last][to : to + size].copy_(source[of : of + size])
                else:
                    torch.mul(source[of : of + size], -0.5 if i % 2 else 2.0, out=x[self.last][to : to + size])
            return x[self.last]
        self.last, newer, older = i % 3, x[(i + 2) % 3], x[(i + 1) % 3]
        result = x[self.last]
        if kind == "triad":
            return torch.add(newer, older, alpha=SCALAR, out=result)
        for first, last in ((0, SHIFT), (SHIFT, 2 * SHIFT), (2 * SHIFT, n)):
            b, c = (first - SHIFT) % n, (first - 2 * SHIFT) % n
            torch.sub(newer[b : b + last - first], older[c : c + last - first], out=result[first:last])
        return result

    def read_step(self, i: int) -> torch.Tensor:
        self.last, key = 0, signed(read_key(self.sums, i))
        torch.bitwise_xor(self.x[0].view(torch.int32), key, out=self.words)
        sums = self.words.view(-1, READ_LANES).sum(dim=0)
        self.sums = [(old + new) & WORD for old, new in zip(self.sums, sums.tolist())]
        return sums

    def write_step(self, i: int) -> torch.Tensor:
        self.last, out, n = 0, self.x[0], self.p.elements
        for first in range(0, n, self.piece):
            size = min(self.piece, n - first)
            base, ramped = signed((self.key + first * WRITE_STEP) & WORD), self.ramped[:size]
            torch.add(self.ramp[:size], base, out=ramped)
            ramped >>= 14
            out[first : first + size].copy_(ramped).mul_(2.0**-15)
        self.key = write_next_key(self.key, float(out[write_place(self.key, i, n)]))
        return out

    def reseed(self, seed: int) -> None:
        for i, x in enumerate(self.x):
            x.copy_(operands.values(self.p.dtype, self.p.data, seed, tensor_id(0, i + 1), self.p.elements, self.source))
        self.start(seed)
        self.device.synchronize(self.x[0])

    def run(self, first: int, repeats: int) -> None:
        try:
            with self.device.watched():
                for i in range(first, first + repeats):
                    self.step(i)
                self.device.synchronize(self.x[self.last])
        except Exception as error:
            raise refusal(error, f"memory {self.p.kind}", "error") from error

    def shape(self, number: int) -> tuple[str, int, int]:
        if number > self.count or (number == 0 and self.last < 0):
            raise Refused("error", f"no tensor {number}: {self.count} arrays, and an output once a repeat has run")
        dtype, size = self.p.output() if number == 0 else (self.p.dtype, self.p.elements)
        return dtype, 1, size

    def held(self, number: int, repeat: int) -> torch.Tensor:
        self.shape(number)
        if number == 0 and self.p.kind == "read":
            return torch.tensor([signed(total) for total in self.sums], dtype=torch.int32)
        return self.x[self.last if number == 0 else number - 1]

    def release(self) -> None:
        self.x = []
