#!/usr/bin/python3
"""A draw made again with Python's standard library alone, from the description in harness/judge/draw.hpp."""
import hashlib
import json
import pathlib
import unittest

VECTOR = pathlib.Path(__file__).resolve().parent / "vector.json"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def replay(items: list[str], count: int, seed: str) -> list[str]:
    left, counter = sorted(items, key=lambda item: item.encode("utf-8")), 0
    for j in range(count):
        m = len(left) - j
        while True:
            word = int(sha256(f"{seed} {counter}\n")[:16], 16)
            counter += 1
            if word < 2**64 // m * m:
                break
        other = j + word % m
        left[j], left[other] = left[other], left[j]
    return left[:count]


def check(draw: dict) -> None:
    """Raises where one step of the draw does not follow from the one before."""
    made = draw["commitment"]
    assert sha256("".join(item + "\n" for item in made["items"])) == made["list_sha256"], "list"
    assert sha256(draw["secret"]) == made["secret_sha256"], "secret"
    assert draw["public_date"] > made["delivered"], "date"
    parts = ["geomsu draw 1", draw["secret"], draw["nonce"], draw["public"], draw["public_date"]]
    assert sha256("".join(part + "\n" for part in parts)) == draw["seed"], "seed"
    assert replay(made["items"], made["sample_size"], draw["seed"]) == draw["drawn"], "drawn"


class Vector(unittest.TestCase):
    def setUp(self) -> None:
        self.draw = json.loads(VECTOR.read_text(encoding="utf-8"))

    def test_is_drawn_again_from_its_parts(self) -> None:
        check(self.draw)

    def test_commitment_is_bound_by_its_hash(self) -> None:
        text = VECTOR.read_text(encoding="utf-8")
        begin = text.index('"commitment": ') + len('"commitment": ')
        inner = text[begin:text.index(',\n  "commitment_sha256"')]
        self.assertEqual(sha256(inner.replace("\n  ", "\n") + "\n"), self.draw["commitment_sha256"])

    def test_does_not_follow_from_a_changed_part(self) -> None:
        for part in ("secret", "nonce", "public", "seed"):
            changed = dict(self.draw, **{part: self.draw[part][:-1] + "!"})
            with self.assertRaises(AssertionError, msg=part):
                check(changed)
        with self.assertRaises(AssertionError):
            check(dict(self.draw, drawn=self.draw["drawn"][::-1]))


if __name__ == "__main__":
    unittest.main()
