#!/usr/bin/python3
"""Adapters that cheat, one small class a cheat, beside an honest control. Run as an adapter: cheats.py NAME.
All of them stand on the minimal adapter's Gemm, slowed to a steady pace by sleeping (a device that works while the host
waits), so that a cheat changes one thing and nothing else. `honest` is the control: it must pass.
"""
from __future__ import annotations

import os
import pathlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "kernels" / "adapters"), str(ROOT / "kernels" / "adapters" / "minimal")]
from geomsu_adapter import Adapter, Json, Tensor, Workload, mono_ns, raw_ns, serve  # noqa: E402
from geomsu_operands import GemmParams, Refused, round_to  # noqa: E402
from minimal import Gemm  # noqa: E402
import geomsu_adapter  # noqa: E402

REPEAT_S = 0.008  # what a repeat lasts on the device; an 80 ms block holds about ten


class Device(Gemm):
    """Honest: computes each repeat, and takes at least REPEAT_S a repeat, mostly asleep."""

    pace = REPEAT_S

    def __init__(self, p: GemmParams, sets: int, owner: Cheat) -> None:
        super().__init__(p, min(sets, 16))
        self.owner = owner
        self.seed = 0

    def reseed(self, seed: int) -> None:
        self.seed = seed
        super().reseed(seed)

    def run(self, first: int, repeats: int) -> None:
        for repeat in range(first, first + repeats):
            began = mono_ns()
            self.product(repeat, accumulate=repeat >= self.operand_sets)
            self.rest(began, self.pace)

    def rest(self, began: int, seconds: float) -> None:
        left = seconds - (mono_ns() - began) * 1e-9
        if left > 0:
            time.sleep(left)


class RemembersSeeds(Device):
    """Keeps the digests that it gave for a seed; where it comes again it computes nothing and gives them again."""

    def __init__(self, p: GemmParams, sets: int, owner: Cheat) -> None:
        super().__init__(p, sets, owner)
        self.known: dict[int, dict[int, int]] = {}
        self.again = False

    def reseed(self, seed: int) -> None:
        self.again = seed in self.known
        if not self.again:
            super().reseed(seed)
        self.seed = seed

    def run(self, first: int, repeats: int) -> None:
        if not self.again:
            super().run(first, repeats)
        elif repeats:
            time.sleep(self.pace * repeats)  # as long as the work would take

    def digest(self, number: int, repeat: int) -> int:
        kept = self.known.setdefault(self.seed, {})
        if self.again and repeat in kept:
            return kept[repeat]
        return kept.setdefault(repeat, super().digest(number, repeat))


class AnswersFromMemory(Device):
    """Keeps whole results for a seed and gives them at once when the seed comes again: right, and in no time."""

    def __init__(self, p: GemmParams, sets: int, owner: Cheat) -> None:
        super().__init__(p, sets, owner)
        self.kept: dict[int, list[list[float]]] = {}
        self.asked: set[int] = set()

    def digest(self, number: int, repeat: int) -> int:
        self.asked.add(self.seed)
        return super().digest(number, repeat)

    def run(self, first: int, repeats: int) -> None:
        if first == 0 and self.seed in self.asked and repeats:
            self.c = [list(c) for c in self.kept[self.seed]]
            return
        super().run(first, repeats)
        if first == 0 and repeats:
            self.kept[self.seed] = [list(c) for c in self.c]


class SkipsRepeats(Device):
    """Runs the repeats of every fourth set alone."""

    def product(self, repeat: int, accumulate: bool) -> None:
        if repeat % self.operand_sets % 4 == 0:
            super().product(repeat, accumulate)


class MultipliesOnce(Device):
    """Keeps few operand sets, computes the product of each once, and multiplies it by its rounds."""

    def __init__(self, p: GemmParams, sets: int, owner: Cheat) -> None:
        super().__init__(p, min(sets, 3), owner)

    def run(self, first: int, repeats: int) -> None:
        began, end = mono_ns(), first + repeats
        for s in range(min(self.operand_sets, end)):
            self.product(s, accumulate=False)
            rounds = (end - s - 1) // self.operand_sets + 1
            self.c[s] = [self.rounded(rounds * x) for x in self.c[s]]
        self.rest(began, self.pace * repeats)


class CheaperDtype(Device):
    """Claims fp32 and multiplies what bf16 keeps of the operands."""

    def reseed(self, seed: int) -> None:
        super().reseed(seed)
        self.a = [[round_to("bf16", x) for x in a] for a in self.a]
        self.b = [[round_to("bf16", x) for x in b] for b in self.b]


class FirstResultAgain(Device):
    """Gives the first block's results for every later one."""

    first: list[list[float]] | None = None

    def run(self, first: int, repeats: int) -> None:
        if self.first is None or len(self.first) != self.operand_sets:
            super().run(first, repeats)
            if repeats:
                self.first = [list(c) for c in self.c]
            return
        time.sleep(self.pace * repeats)
        self.c = [list(c) for c in self.first]


class DividesTime(Device):
    """Honest work; its clock is the adapter's affair."""

    def reseed(self, seed: int) -> None:
        self.owner.settled()
        super().reseed(seed)

    def run(self, first: int, repeats: int) -> None:
        self.owner.measuring(True)
        super().run(first, repeats)
        self.owner.measuring(False)


class ComputesWhatIsAsked(Device):
    """Only counts in the block, and computes a set when it is asked about that set."""

    def __init__(self, p: GemmParams, sets: int, owner: Cheat) -> None:
        Gemm.__init__(self, p, sets)
        self.owner, self.seed, self.end, self.made = owner, 0, 0, set()

    def reseed(self, seed: int) -> None:
        super().reseed(seed)
        self.end, self.made = 0, set()

    def run(self, first: int, repeats: int) -> None:
        self.end, self.made = first + repeats, set()
        time.sleep(0.1 * self.pace * repeats)

    def tensor(self, number: int, repeat: int) -> Tensor:
        s = repeat % self.operand_sets
        if number == 0 and s not in self.made:
            self.made.add(s)
            for due in range(s, self.end, self.operand_sets):
                began = mono_ns()
                self.product(due, accumulate=due >= self.operand_sets)
                self.rest(began, self.pace)
        return super().tensor(number, repeat)


class WorksAfterTheBlock(Device):
    """Works when it is asked about the block."""

    def run(self, first: int, repeats: int) -> None:
        self.due = getattr(self, "due", []) + [(first, repeats)]
        time.sleep(0.004 * repeats)

    def reseed(self, seed: int) -> None:
        self.due = []
        super().reseed(seed)

    def tensor(self, number: int, repeat: int) -> Tensor:
        for first, repeats in self.due:
            super().run(first, repeats)
        self.due = []
        return super().tensor(number, repeat)


class WorksInReseed(Device):
    """Does the work of the block, as long as it will be, while the operands are filled in."""

    block = 0

    def reseed(self, seed: int) -> None:
        super().reseed(seed)
        self.ready = False
        if self.block:
            super().run(0, self.block)
            self.ready = True

    def run(self, first: int, repeats: int) -> None:
        if first == 0 and self.ready and repeats == self.block:
            time.sleep(0.004 * repeats)
            return
        super().run(first, repeats)
        if repeats > 2:
            self.block = repeats


class ComputesOnTheHost(Device):
    """Claims a device of its own and keeps the host's processors busy instead, with children of its process."""

    def run(self, first: int, repeats: int) -> None:
        until = mono_ns() + int(repeats * self.pace * 1e9)
        children = []
        for _ in range(12 if repeats else 0):  # several, so that other load on the machine leaves them enough
            child = os.fork()
            if child == 0:
                while mono_ns() < until:
                    pass
                os._exit(0)
            children.append(child)
        super().run(first, repeats)
        for child in children:
            os.waitpid(child, 0)


class FasterWhileJudged(Device):
    """Recognises a seed that comes again, and only there runs at its true, slower pace."""

    def __init__(self, p: GemmParams, sets: int, owner: Cheat) -> None:
        super().__init__(p, sets, owner)
        self.seen: set[int] = set()

    def reseed(self, seed: int) -> None:
        self.pace = 2.5 * REPEAT_S if seed in self.seen else REPEAT_S
        self.seen.add(seed)
        super().reseed(seed)


class RecognisesTheOrder(Device):
    """Sees by the messages that nothing is judged yet (one operand set, as under the soak's load), and rests there."""

    def run(self, first: int, repeats: int) -> None:
        self.pace = 3 * REPEAT_S if self.operand_sets == 1 else REPEAT_S
        super().run(first, repeats)


class Cheat(Adapter):
    backend, version = "minimal", "cheat"

    def __init__(self, name: str, kind: Callable[[GemmParams, int, Cheat], Workload]) -> None:
        self.name, self.kind, self.reads, self.lost, self.since = name, kind, 0, 0, 0

    def devices(self) -> list[Json]:
        return [{"index": 0, "name": "a device that sleeps", "vendor": "geomsu", "uuid": "cheat-0", "serial": "C-1"}]

    def prepare(self, device: int, op: str, params: Mapping[str, str], operand_sets: int) -> Workload:
        if op != "gemm":
            raise Refused("unsupported", f"no operation '{op}': gemm is offered")
        return self.kind(GemmParams.of(params), operand_sets, self)

    def telemetry(self, device: int) -> Json:
        return {"power_w": 100.0, "temperature_c": 40.0}

    def measuring(self, on: bool) -> None:
        """Told by DividesTime where a block begins and ends."""

    def settled(self) -> None:
        """Told by DividesTime that no block runs."""


class SlowEmptySubmission(Cheat):
    """Honest work; only an empty submission takes 70 ms, in the hope that it is taken off every block."""

    def start(self) -> None:
        measure = geomsu_adapter._Session.on_measure

        def slow(session: geomsu_adapter._Session, **fields: Any) -> Json:
            if fields["repeats"] == 0:
                time.sleep(0.07)
            return measure(session, **fields)

        geomsu_adapter._Session.on_measure = slow  # type: ignore[method-assign]


class QuietTelemetry(Cheat):
    """Stops telling its temperature once it is measured: after the readings at `open` and before the trial."""

    def telemetry(self, device: int) -> Json:
        self.reads += 1
        return {"power_w": 100.0, "temperature_c": 40.0} if self.reads <= 2 else {"power_w": 100.0}


class SlowClock(Cheat):
    """Its clock runs at a third of the time."""

    def ticks(self, device: int) -> int | None:
        return raw_ns() // 3


class SlowWhileMeasured(Cheat):
    """Its clock stands still for half of each block, and runs true elsewhere."""

    def ticks(self, device: int) -> int | None:
        now = raw_ns()
        return now - self.lost - ((now - self.since) // 2 if self.since else 0)

    def measuring(self, on: bool) -> None:
        if on:
            self.since = raw_ns()
        else:
            self.lost, self.since = self.lost + (raw_ns() - self.since) // 2, 0


class BelowWall(Cheat):
    """Gives its time back after the block, so that its clock is true over minutes, and its spans are half as long."""

    def ticks(self, device: int) -> int | None:
        now = raw_ns()
        return now - ((now - self.since) // 2 if self.since else self.lost)

    def measuring(self, on: bool) -> None:
        if on:
            self.since, self.lost = raw_ns(), 0
        else:
            self.lost, self.since = (raw_ns() - self.since) // 2, 0

    def settled(self) -> None:
        self.lost = 0

    def start(self) -> None:
        def clock(session: geomsu_adapter._Session) -> Json:
            self.lost = 0
            return honest(session)

        honest = geomsu_adapter._Session.on_clock
        geomsu_adapter._Session.on_clock = clock  # type: ignore[method-assign]


class StartsAtOnce(Cheat):
    """Begins when the request comes and not at its start; says that it began as agreed."""

    def start(self) -> None:
        def begin(self: geomsu_adapter._Session, start_at_mono_ns: int | None = None, **fields: int) -> Json:
            answer = honest(self, **fields)
            if start_at_mono_ns is not None:
                while mono_ns() < start_at_mono_ns:
                    pass
                answer["started_mono_ns"] = str(start_at_mono_ns + 1000)
            return answer

        honest = geomsu_adapter._Session.on_measure
        geomsu_adapter._Session.on_measure = begin  # type: ignore[method-assign]


class OneOfTwo(Cheat):
    """Answers for one device where two were delivered; nothing to do but to keep silent."""


CHEATS: dict[str, tuple[type[Cheat], Callable[[GemmParams, int, Cheat], Workload]]] = {
    "honest": (Cheat, Device),
    "remembers_digests": (Cheat, RemembersSeeds),
    "answers_from_memory": (Cheat, AnswersFromMemory),
    "skips_repeats": (Cheat, SkipsRepeats),
    "multiplies_once": (Cheat, MultipliesOnce),
    "computes_what_is_asked": (Cheat, ComputesWhatIsAsked),
    "slow_empty_submission": (SlowEmptySubmission, Device),
    "cheaper_dtype": (Cheat, CheaperDtype),
    "first_result_again": (Cheat, FirstResultAgain),
    "slow_clock": (SlowClock, Device),
    "slow_while_measured": (SlowWhileMeasured, DividesTime),
    "below_wall": (BelowWall, DividesTime),
    "starts_at_once": (StartsAtOnce, Device),
    "works_after_the_block": (Cheat, WorksAfterTheBlock),
    "works_in_reseed": (Cheat, WorksInReseed),
    "computes_on_the_host": (Cheat, ComputesOnTheHost),
    "faster_while_judged": (Cheat, FasterWhileJudged),
    "recognises_the_order": (Cheat, RecognisesTheOrder),
    "quiet_telemetry": (QuietTelemetry, Device),
    "one_of_two": (OneOfTwo, Device),
}

if __name__ == "__main__":
    adapter, device = CHEATS[sys.argv[1]]
    sys.exit(serve(adapter(sys.argv[1], device)))
