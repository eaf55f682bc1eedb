"""What all operations on torch tensors share, and gemm; memory has a file of its own."""
from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch_operands as operands
from geomsu_adapter import Tensor, Workload
from geomsu_operands import DTYPES, GemmParams, Refused, mix64, operand_pair, tensor_id
from torch_device import TorchDevice, refusal, set_flag

CHECKED_SUMS = 64
# Products c = a b and c + a b; they return the result, which may be c itself.
Product = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


class OnTensors(Workload):
    """What both operations share: tensors are looked at on the host, timed ones stay where they are."""

    def __init__(self, device: TorchDevice, deterministic: bool) -> None:
        self.device, self.deterministic = device, deterministic

    def shape(self, number: int) -> tuple[str, int, int]:
        raise NotImplementedError

    def held(self, number: int, repeat: int) -> torch.Tensor:
        raise NotImplementedError

    def host(self, number: int, repeat: int) -> torch.Tensor:
        return self.held(number, repeat).cpu()

    def numbers(self, number: int, repeat: int) -> torch.Tensor:
        """On the host, flat; fp8 widened, as torch does little with it."""
        flat = self.host(number, repeat).reshape(-1)
        return flat.float() if self.shape(number)[0].startswith("fp8") else flat

    def tensor(self, number: int, repeat: int) -> Tensor:
        flat = self.numbers(number, repeat)
        return Tensor(*self.shape(number), flat.double().tolist())

    def read(self, number: int, repeat: int, indices: Sequence[int]) -> list[float]:
        flat = self.numbers(number, repeat)
        if max(indices) >= flat.numel():
            raise Refused("error", f"read: an index beyond the {flat.numel()} elements of tensor {number}")
        return flat[torch.tensor(indices, dtype=torch.int64)].double().tolist()

    def project(self, number: int, repeat: int, seed: int) -> list[float]:
        return operands.projected(self.numbers(number, repeat), self.shape(number)[2], seed)

    def digest(self, number: int, repeat: int) -> int:
        return operands.digest(self.host(number, repeat))

    def made_on(self) -> str:
        """Where operands are generated: on CUDA itself, whose 64-bit integers are checked first; else on the host."""
        return self.device.name if self.device.kind == "cuda" and _generates_right(self.device.name) else "cpu"


def _generates_right(device: str) -> bool:
    want = [operands.values(t, d, 7, 1, 4096) for t in ("fp32", "bf16", "int8") for d in ("normal", "uniform", "trig")]
    got = [
        operands.values(t, d, 7, 1, 4096, device)
        for t in ("fp32", "bf16", "int8")
        for d in ("normal", "uniform", "trig")
    ]
    return all(torch.equal(w, g.cpu()) for w, g in zip(want, got))


class Gemm(OnTensors):
    """C = op(A) op(B), then C += op(A) op(B) where a set is met again. Every way that torch has for the dtype is tried at
    prepare, on the real shapes; the first that works is taken."""

    def __init__(self, p: GemmParams, device: TorchDevice, sets: int, compiled: str, deterministic: bool) -> None:
        super().__init__(device, deterministic)
        self.p, self.compiled = p, compiled
        for dtype in (p.dtype, p.out):
            if operands.storage_type(dtype) is None:
                raise Refused("unsupported", f"torch {torch.__version__} has no type for {dtype}")
        if p.accumulate == "fp64" and p.dtype != "fp64" or p.accumulate == "tf32_in" and device.kind != "cuda":
            raise Refused(
                "unsupported", f"torch offers no {p.dtype} matmul with accumulate={p.accumulate} on {device.kind}"
            )
        self.operand_sets = device.sets_that_fit(sets, p.bytes_per_set())
        self.memory_bytes = self.operand_sets * p.bytes_per_set()
        self.a = [self.empty(p.dtype, p.m, p.k, p.layout[0]) for _ in range(self.operand_sets)]
        self.b = [self.empty(p.dtype, p.k, p.n, p.layout[1]) for _ in range(self.operand_sets)]
        self.c = [self.empty(p.out, p.m, p.n, "n") for _ in range(self.operand_sets)]
        self.source = self.made_on()
        self.product, self.more, name, took = self.find_way()
        self.algorithm = f"torch {torch.__version__} on {device.name}: {name}"
        self.algorithm += f"; compiled by {compiled} in {took:.1f} s" if compiled else ""
        self.algorithm += (
            "" if device.kind == "cpu" else "; no fall-back to the host seen, every result's place is checked"
        )

    def empty(self, dtype: str, rows: int, columns: int, layout: str) -> torch.Tensor:
        """A logical rows x columns tensor, batch first where there is one; 't': its columns lie together."""
        size = (rows, columns) if layout == "n" else (columns, rows)
        kind = operands.storage_type(dtype)
        shape = size if self.p.batch == 1 else (self.p.batch, *size)
        made = torch.zeros(shape, dtype=torch.uint8 if dtype.startswith("fp8") else kind, device=self.device.name).view(
            kind
        )
        return made if layout == "n" else made.transpose(-1, -2)

    # ---- ways ------------------------------------------------------------------------------------------------------
    def ways(self) -> list[tuple[str, Product, Product]]:
        p, flat = self.p, self.p.batch == 1
        plain = (torch.mm, torch.addmm) if flat else (torch.bmm, torch.baddbmm)
        name, add_name = ("mm", "addmm") if flat else ("bmm", "baddbmm")
        if p.dtype == "int8":
            return self.int8_ways(plain[0], name)
        if p.dtype.startswith("fp8"):
            return [
                ("_scaled_mm", lambda c, a, b: c.copy_(self.scaled(a, b)), lambda c, a, b: c.add_(self.scaled(a, b)))
            ]
        if operands.storage_type(p.out) != operands.storage_type(p.dtype):  # torch 2.8, CUDA
            wide = {"out_dtype": operands.storage_type(p.out)}
            return [
                (
                    f"{name}(out_dtype)",
                    lambda c, a, b: c.copy_(plain[0](a, b, **wide)),
                    lambda c, a, b: c.add_(plain[0](a, b, **wide)),
                )
            ]
        in_place: tuple[str, Product, Product] = (
            f"{name}(out=), {add_name}(out=)", lambda c, a, b: plain[0](a, b, out=c), lambda c, a, b: plain[1](c, a, b, out=c))  # fmt: skip
        return [in_place, (f"{name}, {add_name}", lambda c, a, b: plain[0](a, b), lambda c, a, b: plain[1](c, a, b))]

    def int8_ways(self, plain: Any, name: str) -> list[tuple[str, Product, Product]]:
        found: list[tuple[str, Product, Product]] = []
        if self.p.batch == 1 and hasattr(torch, "_int_mm"):  # torch 2.0 CUDA, later the CPU
            found.append(
                ("_int_mm", lambda c, a, b: c.copy_(torch._int_mm(a, b)), lambda c, a, b: c.add_(torch._int_mm(a, b)))
            )
        found.append((f"{name} of int32, operands widened in the timed block", lambda c, a, b: plain(a.int(), b.int(), out=c),
                      lambda c, a, b: c.add_(plain(a.int(), b.int()))))  # fmt: skip
        return found

    def scaled(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        one = torch.ones((), device=self.device.name)
        kind, fast = operands.storage_type(self.p.out), self.p.accumulate == "fp8_fast"

        def single(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            result = torch._scaled_mm(x, y, scale_a=one, scale_b=one, out_dtype=kind, use_fast_accum=fast)  # type: ignore[attr-defined]
            return result[0] if isinstance(result, tuple) else result  # a pair with the largest value until torch 2.4

        return single(a, b) if self.p.batch == 1 else torch.stack([single(x, y) for x, y in zip(a, b)])

    def find_way(self) -> tuple[Product, Product, str, float]:
        """Runs both products of each way once, which is also where kernels are compiled: never in timed time."""
        refused: list[Refused] = []
        for name, product, more in self.ways():
            try:
                if self.compiled:
                    name, product, more = self.compile(name)
                begun = time.monotonic()
                with self.device.watched():
                    self.set_precision()
                    for way in (product, more):
                        self.c[0] = way(self.c[0], self.a[0], self.b[0])
                        self.device.check(self.c[0])
                    if self.c[0].dtype != operands.storage_type(self.p.out):
                        raise Refused("unsupported", f"{name} gives {self.c[0].dtype}, not {self.p.out}")
                    self.device.synchronize(self.c[0])
                    took = time.monotonic() - begun
                    self.check_sums(product, name)
                return product, more, name, took
            except Exception as error:  # torch's many ways to say no
                refused.append(refusal(error, f"{name} of {self.p.dtype} on {self.device.name}", "unsupported"))
            if refused[-1].status in ("out_of_memory", "device_lost") or self.compiled:
                break
        status = refused[-1].status
        raise Refused("unsupported" if status == "error" else status, "; ".join(r.reason for r in refused))

    def check_sums(self, product: Product, name: str) -> None:
        """Some of torch's kernels keep sums in less than is claimed (1.13: small bf16 products on the CPU): elements of one
        product against the bound that the host will hold them to."""
        p, seed = self.p, 1
        self.fill(0, seed)
        self.c[0] = product(self.c[0], self.a[0], self.b[0])
        self.device.synchronize(self.c[0])
        a, b, c = (self.flat(number) for number in (1, 2, 0))
        u_acc = {"fp64": 2.0**-53, "tf32_in": 2.0**-11, "fp8_fast": 2.0**-13, "int32": 0.0}.get(p.accumulate, 2.0**-24)
        u_out = 0.0 if p.out == "int32" else 2.0 ** -DTYPES[p.out].precision
        for draw in range(CHECKED_SUMS):
            row, column = mix64(seed, 0, 2 * draw) % (p.batch * p.m), mix64(seed, 0, 2 * draw + 1) % p.n
            left = a[row].double().cpu()
            right = b[row // p.m * p.k : (row // p.m + 1) * p.k, column].double().cpu()
            want, got = float(left @ right), float(c[row, column])
            bound = 6 * u_acc * float(left.norm() * right.norm()) + u_out * abs(want)
            if not abs(got - want) <= bound:
                words = f"{name} does not keep sums in {p.accumulate}: {got!r} where {want!r} +- {bound:.3g} is due"
                raise Refused("unsupported", words)

    def flat(self, number: int) -> torch.Tensor:
        """A tensor of set 0 as rows x columns, batch under batch."""
        held = self.held(number, 0)
        return held.reshape(-1, held.shape[-1])

    def compile(self, name: str) -> tuple[str, Product, Product]:
        """torch 2.0. The compiled functions return new tensors, which then are the output."""
        if not hasattr(torch, "compile"):
            raise Refused("unsupported", f"torch {torch.__version__} has no torch.compile")
        if self.p.dtype == "int8" or self.p.dtype.startswith("fp8") or self.p.out not in (self.p.dtype, "fp32"):
            raise Refused(
                "unsupported",
                f"--compile is offered for floating-point matmuls of one type, not {self.p.dtype} to {self.p.out}",
            )
        first = torch.compile(lambda c, a, b: torch.matmul(a, b), backend=self.compiled, dynamic=False)
        again = torch.compile(lambda c, a, b: c + torch.matmul(a, b), backend=self.compiled, dynamic=False)
        return "matmul", first, again

    def set_precision(self) -> None:
        """CUDA's precision flags belong to the process, the workload may not be the only one: set before each block."""
        if self.device.kind == "cuda":
            set_flag("backends.cuda.matmul.allow_tf32", "tf32" in (self.p.dtype, self.p.accumulate.removesuffix("_in")))
            set_flag("backends.cuda.matmul.allow_fp16_reduced_precision_reduction", False)
            set_flag("backends.cuda.matmul.allow_bf16_reduced_precision_reduction", False)

    # ---- Workload --------------------------------------------------------------------------------------------------
    def reseed(self, seed: int) -> None:
        for s in range(self.operand_sets):
            self.fill(s, seed)
        self.device.synchronize(self.c[0])

    def fill(self, s: int, seed: int) -> None:
        p = self.p
        for role, rows, columns, layout, held in (
            (1, p.m, p.k, p.layout[0], self.a[s]),
            (2, p.k, p.n, p.layout[1], self.b[s]),
        ):
            made = operands.values(p.dtype, p.data, seed, tensor_id(s, role), p.batch * rows * columns, self.source)
            if p.dtype.startswith("fp8"):  # filled by its bits
                held = held.view(torch.uint8)
            made = made.reshape(held.shape)
            if layout == "t":  # copied as it lies, so that no copy has to turn it on its way
                held, made = held.transpose(-1, -2), made.transpose(-1, -2).contiguous()
            held.copy_(made)
        self.c[s] = self.c[s].zero_()

    def run(self, first: int, repeats: int) -> None:
        sets, c = self.operand_sets, self.c
        try:
            with self.device.watched():
                self.set_precision()
                for repeat in range(first, first + repeats):
                    s = repeat % sets
                    of_a, of_b = operand_pair(repeat, sets)
                    c[s] = (self.product if repeat < sets else self.more)(c[s], self.a[of_a], self.b[of_b])
                    self.device.check(c[s])
                self.device.synchronize(c[s])
        except Exception as error:
            raise refusal(error, "gemm", "error") from error

    def shape(self, number: int) -> tuple[str, int, int]:
        p = self.p
        shapes = ((p.out, p.batch * p.m, p.n), (p.dtype, p.batch * p.m, p.k), (p.dtype, p.batch * p.k, p.n))
        if number >= len(shapes):
            raise Refused("error", f"gemm has tensors 0 to 2, not {number}")
        return shapes[number]

    def held(self, number: int, repeat: int) -> torch.Tensor:
        self.shape(number)
        return (self.c, self.a, self.b)[number][repeat % self.operand_sets]

    def release(self) -> None:
        self.a, self.b, self.c = [], [], []
