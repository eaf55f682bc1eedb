#!/usr/bin/python3
"""transfer through torch. No device but the host's processor is here: the code runs on a device that is pretended, whose memory
is the host's too, so that data and verification are tried and no copy between two memories is. Skipped without torch."""
from __future__ import annotations

import unittest

import places

places.require_torch()
import geomsu_operands as plain  # noqa: E402
import torch  # noqa: E402
from geomsu_operands import Refused, TransferParams  # noqa: E402
from torch_device import TorchDevice  # noqa: E402
from torch_transfer import Transfer  # noqa: E402


class Pretended(TorchDevice):
    """Says that it is no cpu, and its tensors lie on the host."""

    def __init__(self) -> None:
        super().__init__("cpu", None)
        self.kind = "pretended"

    def check(self, *tensors: torch.Tensor) -> None:
        pass


def params(direction: str, elements: int, **more: str) -> TransferParams:
    return TransferParams.of({"direction": direction, "bytes": str(8 * elements), "pinned": "no", **more})


def left(elements: int, seed: int, repeats: int, skipped: int = -1) -> list[float]:
    """The target by the definition, copy by copy."""
    source = plain.values_of("fp64", "normal", seed, plain.tensor_id(0, 1), 0, elements + 56)
    target = [0.0] * (elements + 8 * 65535)
    for i in range(repeats):
        if i != skipped:
            start, at = 8 * (i // 65536 % 8), 8 * (i % 65536)
            target[at : at + elements] = source[start : start + elements]
    return target


class Transfers(unittest.TestCase):
    def test_the_target_holds_what_the_definition_says(self) -> None:
        for direction in ("h2d", "d2h"):
            for elements in (1, 9, 100):
                work = Transfer(params(direction, elements), Pretended(), True)
                work.reseed(77)
                work.run(0, 3)
                work.run(3, 4)
                want = left(elements, 77, 7)
                self.assertEqual(work.tensor(0, 6).values, want)
                self.assertEqual(work.read(0, 6, [0, 8, 48, len(want) - 1]), [want[0], want[8], want[48], want[-1]])
                signs = plain.signs(5, len(want))
                self.assertEqual(work.project(0, 6, 5), [sum(x * r for x, r in zip(want, signs))])
                self.assertEqual(work.digest(0, 6), plain.digest_of(plain.to_bytes("fp64", want)))
                self.assertNotEqual(work.tensor(0, 6).values, left(elements, 77, 7, skipped=4), "a repeat left out is seen")

    def test_a_round_begins_elsewhere_in_the_source(self) -> None:
        self.assertEqual(TransferParams.places(65535), (0, 8 * 65535))
        self.assertEqual(TransferParams.places(65536), (8, 0))
        self.assertEqual(TransferParams.places(8 * 65536 + 2), (0, 16))

    def test_what_is_not_offered_is_refused_with_the_reason(self) -> None:
        def refused(status: str, words: str, p: TransferParams, device: TorchDevice) -> None:
            with self.assertRaises(Refused) as caught:
                Transfer(p, device, True)
            self.assertEqual(caught.exception.status, status, caught.exception.reason)
            self.assertIn(words, caught.exception.reason)

        refused("unsupported", "the host itself", params("h2d", 8), TorchDevice("cpu", None))
        refused("unsupported", "p2p is not offered", TransferParams.of({"direction": "p2p", "bytes": "8", "peer": "1"}), Pretended())
        refused("unsupported", "bidirectional is not offered", params("bidirectional", 8), Pretended())
        refused("out_of_memory", "bytes free", params("h2d", 1 << 36), Pretended())
        refused("error", "peer", params("d2h", 8, peer="0"), Pretended())

    def test_parameters_are_checked(self) -> None:
        for wrong in ({"bytes": "12"}, {"bytes": "0"}, {"direction": "up"}, {"pinned": "perhaps"}, {"peer": "-1"}, {"colour": "red"}):
            with self.assertRaises(Refused, msg=str(wrong)):
                TransferParams.of({"direction": "h2d", "bytes": "64", **wrong})

    def test_nothing_is_shown_before_a_repeat_has_run(self) -> None:
        work = Transfer(params("h2d", 8), Pretended(), True)
        work.reseed(1)
        with self.assertRaises(Refused):
            work.read(0, 0, [0])
        self.assertEqual(work.read(1, 0, [3]), plain.values_of("fp64", "normal", 1, 1, 3, 1))


if __name__ == "__main__":
    unittest.main()
