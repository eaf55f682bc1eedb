#!/usr/bin/python3
"""What an adapter made of geomsu_adapter.py answers, line by line over pipes: PROTOCOL.md's rules, with minimal.py."""
from __future__ import annotations

import json
import pathlib
import re
import tempfile
import time
import unittest

from places import ADAPTERS, DOCUMENTS, GEMM, MINIMAL, Asked, WithAdapter

import geomsu_adapter

NOISY = """
import ctypes, os, sys
sys.path[:0] = [{adapters!r}, {minimal!r}]
import minimal, geomsu_adapter
libc = ctypes.CDLL(None)

class Noisy(minimal.Processor):
    def start(self):
        print("noise: print", flush=True)
    def devices(self):
        os.write(1, b"noise: write\\n")
        libc.puts(b"noise: puts")
        libc.fflush(None)
        return super().devices()

sys.exit(geomsu_adapter.serve(Noisy()))
"""
FAULTY = """
import sys
sys.path[:0] = [{adapters!r}, {minimal!r}]
import minimal, geomsu_adapter
from geomsu_operands import Refused

class Gemm(minimal.Gemm):
    def run(self, first, repeats):
        if repeats == 3: raise RuntimeError("half done\\0")
        if repeats == 4: raise Refused("device_lost", "fell off the bus")
        if repeats == 5: raise Refused("fine", "no such status")
        super().run(first, repeats)

class Faulty(minimal.Processor):
    def prepare(self, *asked):
        return Gemm(minimal.GemmParams.of(asked[2]), asked[3])
    def telemetry(self, device):
        return {{"power_w": float("nan"), "temperature_c": 41.5, "odd": {{1, 2}}}} if self.odd else {{"power_w": float("nan"), "temperature_c": 41.5}}
    odd = "odd" in sys.argv
    def start(self):
        if "broken" in sys.argv: raise ImportError("no vendor library")

sys.exit(geomsu_adapter.serve(Faulty()))
"""


class Lines(WithAdapter):
    def code(self, asked: Asked, raw: bytes) -> tuple[object, int]:
        reply = asked.line(raw)
        self.assertEqual({"jsonrpc", "id", "error"}, set(reply))
        self.assertTrue(reply["error"]["message"])
        return reply["id"], reply["error"]["code"]

    def script(self, text: str) -> pathlib.Path:
        folder = tempfile.TemporaryDirectory(prefix="geomsu-adapter-")
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "adapter.py"
        path.write_text(text.format(adapters=str(ADAPTERS), minimal=str(MINIMAL.parent)), encoding="utf-8")
        return path

    def test_lines_that_are_no_json(self) -> None:
        asked = self.start()
        deep = b'{"jsonrpc":"2.0","id":1,"method":"devices","params":{"x":' + b"[" * 15 + b"]" * 15 + b"}}"
        wide = b'{"jsonrpc":"2.0","id":1,"method":"devices","x":[' + b"[]," * 65_600 + b"[]]}"
        for raw in (
            b"",
            b"{",
            b"hello",
            b"\xff\xfe",
            b'{"jsonrpc":"2.0","id":1,"id":2,"method":"devices"}',
            b'{"jsonrpc":"2.0","id":1,"method":"devices","params":{"a":1,"a":1}}',
            b'{"id":NaN}',
            b'{"id":Infinity}',
            b'{"id":1e999}',
            b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}',
            deep,
            wide,
        ):
            self.assertEqual((None, -32700), self.code(asked, raw), raw[:60])
        text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "devices", "x": '[[\\"' * 100_000}).encode()
        self.assertIn("result", asked.line(text), "brackets inside a text are no nesting")
        self.assertEqual(0, asked.end()[0])

    def test_lines_that_are_no_request(self) -> None:
        asked = self.start()
        for raw in (
            b"[]",
            b"7",
            b"null",
            b'{"jsonrpc":"2.0","method":"devices"}',
            b'{"jsonrpc":"2.0","id":"1","method":"devices"}',
            b'{"jsonrpc":"2.0","id":true,"method":"devices"}',
            b'{"jsonrpc":"2.0","id":1.0,"method":"devices"}',
            b'{"jsonrpc":"2.0","id":9223372036854775808,"method":"devices"}',
        ):
            self.assertEqual((None, -32600), self.code(asked, raw), raw)
        for raw in (
            b'{"id":4,"method":"devices"}',
            b'{"jsonrpc":"1.0","id":4,"method":"devices"}',
            b'{"jsonrpc":"2.0","id":4}',
            b'{"jsonrpc":"2.0","id":4,"method":7}',
        ):
            self.assertEqual((4, -32600), self.code(asked, raw), raw)
        self.assertEqual((5, -32601), self.code(asked, b'{"jsonrpc":"2.0","id":5,"method":"dance"}'))
        self.assertEqual(
            (-(2**63), -32601), self.code(asked, b'{"jsonrpc":"2.0","id":-9223372036854775808,"method":"dance"}')
        )

    def test_bad_parameters(self) -> None:
        asked = self.start().opened()
        measure = {"workload": "1", "repeats": "1", "timeout_ns": "1", "repeat_ticks": 0}
        for method, params in (
            ("hello", {"major": True, "minor": 0, "tool": "x"}), ("hello", {"major": "1", "minor": 0, "tool": "x"}),
            ("hello", {"major": 1, "minor": 0}), ("hello", {"major": 1, "minor": 0, "tool": "a\0b"}),
            ("hello", {"major": 2**32, "minor": 0, "tool": "x"}), ("hello", {"major": 1.0, "minor": 0, "tool": "x"}),
            ("open", {"devices": 0}), ("open", {"devices": ["0"]}), ("open", {"devices": [-1]}),
            ("prepare", {"op": "gemm", "params": {"m": 3}, "operand_sets": "1"}), ("prepare", {"op": "gemm", "params": [], "operand_sets": "1"}),
            ("measure", {**measure, "workload": 1}), ("measure", {**measure, "repeats": "01"}), ("measure", {**measure, "repeats": "+1"}),
            ("measure", {**measure, "repeats": "-1"}), ("measure", {**measure, "repeats": ""}), ("measure", {**measure, "repeats": "1_0"}),
            ("measure", {**measure, "repeats": " 1"}), ("measure", {**measure, "repeats": "\u0663"}), ("measure", {**measure, "repeats": "x"}),
            ("measure", {**measure, "repeats": str(2**64)}), ("measure", {**measure, "start_at_mono_ns": str(2**63)}),
            ("measure", {**measure, "repeat_ticks": "2"}), ("reseed", {"workload": "1"}), ("digest", {"workload": "1", "tensor": 0, "rank": 0}),
        ):  # fmt: skip
            reply = asked.reply(method, **params)
            self.assertEqual(-32602, reply.get("error", {}).get("code"), (method, params, reply))
            self.assertIn("field '", reply["error"]["message"])
        self.assertEqual((1, -32602), self.code(asked, b'{"jsonrpc":"2.0","id":1,"method":"devices","params":[]}'))
        self.assertEqual((1, -32602), self.code(asked, b'{"jsonrpc":"2.0","id":1,"method":"devices","params":null}'))

    def test_the_documents_requests_are_read(self) -> None:
        text = (DOCUMENTS / "harness/protocol/PROTOCOL.md").read_text(encoding="utf-8")
        requests = re.findall(r"```request\n(.*?)\n```", text)
        self.assertEqual(15, len(requests))
        asked = self.start()
        for raw in requests:
            request, reply = json.loads(raw), asked.line(raw.encode())
            self.assertEqual(request["id"], reply["id"])
            self.assertIn("status", reply.get("result", {}), (raw, reply))
        self.assertEqual(0, asked.end()[0])

    def test_oversized_line(self) -> None:
        asked = self.start()
        limit = geomsu_adapter.MAX_LINE
        head = b'{"jsonrpc":"2.0","id":1,"method":"devices","x":"'
        self.assertIn("result", asked.line(head + b"a" * (limit - len(head) - 2) + b'"}'), "exactly 16 MiB are served")
        self.assertEqual((None, -32600), self.code(asked, b"a" * (limit + 1)))
        self.assertEqual(65, asked.end()[0])

    def test_end_of_input_and_shutdown(self) -> None:
        self.assertEqual((0, b"", b""), self.start().end())
        asked = self.start().opened()
        asked.ok("prepare", op="gemm", params=GEMM, operand_sets="1")
        self.assertEqual((0, b"", b""), asked.end())
        asked = self.start()
        asked.ok("shutdown")
        self.assertEqual(0, asked.process.wait(timeout=60))

    def test_a_supervisor_that_is_gone(self) -> None:
        asked = self.start()
        assert asked.process.stdin and asked.process.stdout
        asked.process.stdout.close()
        asked.process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"devices"}\n')
        asked.process.stdin.close()
        self.assertEqual(0, asked.process.wait(timeout=60))

    def test_stdout_carries_nothing_but_the_protocol(self) -> None:
        asked = self.start(self.script(NOISY))
        asked.ok("hello", major=1, minor=0, tool="test")
        self.assertEqual("geomsu", asked.ok("devices")["devices"][0]["vendor"])
        status, out, err = asked.end()
        self.assertEqual((0, b""), (status, out))
        self.assertEqual({b"noise: print", b"noise: write", b"noise: puts"}, set(err.splitlines()))

    def test_a_group_is_opened_once(self) -> None:
        asked = self.start()
        self.assertEqual("error", asked.ask("open", devices=[0])["status"], "before hello")
        self.assertEqual("unsupported", asked.ask("hello", major=2, minor=0, tool="t")["status"])
        hello = asked.ok("hello", major=1, minor=7, tool="test", later="ignored")
        self.assertEqual((1, str(asked.process.pid), False), (hello["major"], hello["pid"], hello["scripted_time"]))
        self.assertEqual(64, len(hello["plugin"]["sha256"]))
        self.assertEqual(
            "error", asked.ask("prepare", op="gemm", params=GEMM, operand_sets="1")["status"], "before open"
        )
        self.assertEqual("error", asked.ask("open", devices=[1])["status"])
        self.assertEqual("error", asked.ask("open", devices=[])["status"])
        self.assertEqual("unsupported", asked.ask("open", devices=[0, 0])["status"])
        opened = asked.ok("open", devices=[0])
        self.assertEqual(
            ("none", "0", "64"), (opened["clock_domain"], opened["ticks_per_second"], str(opened["valid_bits"]))
        )
        self.assertEqual("error", asked.ask("open", devices=[0])["status"])
        self.assertEqual("unsupported", asked.ask("clock")["status"])
        self.assertEqual({"mono_ns", "utc_ns"}, set(asked.ok("telemetry")["readings"][0]))

    def test_a_workload_from_prepare_to_release(self) -> None:
        asked = self.start().opened()
        self.assertEqual("unsupported", asked.ask("prepare", op="fft", params={}, operand_sets="1")["status"])
        self.assertEqual("error", asked.ask("prepare", op="gemm", params=GEMM, operand_sets="0")["status"])
        self.assertEqual(
            "out_of_memory",
            asked.ask("prepare", op="memory", params={"kind": "copy", "bytes": str(1 << 30)}, operand_sets="1")[
                "status"
            ],
        )
        work = asked.ok("prepare", op="gemm", params=GEMM, operand_sets="2")
        self.assertEqual(
            ("1", "2", True, True),
            tuple(work[k] for k in ("workload", "operand_sets", "deterministic", "refill_every_block")),
        )
        block = {"workload": "1", "repeats": "3", "timeout_ns": str(10**10), "repeat_ticks": 2}
        whole = {"workload": "1", "tensor": 0, "rank": 0, "repeat": "2"}
        self.assertEqual("error", asked.ask("measure", **block)["status"], "before reseed")
        asked.ok("reseed", workload="1", seed="7")
        self.assertEqual([], asked.ok("measure", **{**block, "repeats": "0"})["spans"])
        self.assertEqual("error", asked.ask("digest", **whole)["status"], "no repeat has run")
        for key, bad in (("timeout_ns", "0"), ("timeout_ns", str(2**63)), ("repeat_ticks", 65)):
            self.assertEqual("error", asked.ask("measure", **{**block, key: bad})["status"], key)
        asked.ok("measure", **block)
        digest = asked.ok("digest", **whole)["digest"]
        values = asked.ok("read", **whole, indices=[str(i) for i in range(12)])["values"]
        signs = geomsu_adapter.signs(9, 4)
        for row, product in enumerate(asked.ok("project", **whole, seed="9", room="3")["values"]):
            self.assertAlmostEqual(product, sum(x * s for x, s in zip(values[row * 4 : row * 4 + 4], signs)), 12)
        for method, more in (("read", {"indices": ["12"]}), ("read", {"indices": []}), ("project", {"seed": "9", "room": "2"}),
                             ("project", {"seed": "9", "room": "0"}), ("digest", {"rank": 1}), ("digest", {"tensor": 3}),
                             ("digest", {"repeat": "3"}), ("digest", {"workload": "2"})):  # fmt: skip
            self.assertEqual("error", asked.ask(method, **{**whole, **more})["status"], (method, more))
        asked.ok("reseed", workload="1", seed="7")
        asked.ok("measure", **block)
        self.assertEqual(digest, asked.ok("digest", **whole)["digest"], "equal seeds, equal bits")
        asked.ok("release", workload="1")
        self.assertEqual("error", asked.ask("release", workload="1")["status"])
        self.assertEqual(
            "2", asked.ok("prepare", op="gemm", params=GEMM, operand_sets="1")["workload"], "an id is never used again"
        )

    def test_start_in_time(self) -> None:
        asked = self.start().opened()
        asked.ok("prepare", op="gemm", params=GEMM, operand_sets="1")
        asked.ok("reseed", workload="1", seed="7")
        block = {"workload": "1", "repeats": "1", "timeout_ns": str(10**10), "repeat_ticks": 0}
        start = geomsu_adapter.mono_ns() + 50_000_000
        self.assertGreaterEqual(
            int(asked.ok("measure", **block, start_at_mono_ns=str(start))["started_mono_ns"]), start
        )
        asked.ok("measure", **block, start_at_mono_ns="0")
        asked.ok("measure", **block, start_at_mono_ns=None)
        self.assertEqual("error", asked.ask("measure", **block, start_at_mono_ns=str(start + 62 * 10**9))["status"])

    def test_load_and_stop(self) -> None:
        asked = self.start().opened()
        self.assertEqual("0", asked.ok("stop")["repeats"])
        asked.ok("prepare", op="gemm", params=GEMM, operand_sets="1")
        self.assertEqual("error", asked.ask("load", workload="1", chunk="3")["status"], "before reseed")
        asked.ok("reseed", workload="1", seed="7")
        self.assertEqual("error", asked.ask("load", workload="1", chunk="0")["status"])
        asked.ok("load", workload="1", chunk="3")
        for method, params in (
            ("telemetry", {}),
            ("reseed", {"workload": "1", "seed": "7"}),
            ("shutdown", {}),
            ("devices", {}),
        ):
            self.assertEqual("error", asked.ask(method, **params)["status"], method)
        repeats = int(asked.ok("stop")["repeats"])
        self.assertEqual(0, repeats % 3)
        last = {"workload": "1", "tensor": 0, "rank": 0}
        self.assertEqual("error", asked.ask("digest", **last, repeat=str(repeats))["status"])
        if repeats:
            asked.ok("digest", **last, repeat=str(repeats - 1))

    def test_a_block_over_its_time(self) -> None:
        asked = self.start().opened()
        asked.ok("prepare", op="gemm", params=GEMM, operand_sets="1")
        asked.ok("reseed", workload="1", seed="7")
        block = {"workload": "1", "repeats": "50", "timeout_ns": "1", "repeat_ticks": 0}
        self.assertEqual("timeout", asked.ask("measure", **block)["status"])
        self.assertEqual("timeout", asked.ask("reseed", workload="1", seed="7")["status"])
        asked.ok("telemetry")
        asked.ok("shutdown")

    def test_faults_of_the_makers_code_are_answers(self) -> None:
        asked = self.start(self.script(FAULTY)).opened()
        asked.ok("prepare", op="gemm", params=GEMM, operand_sets="1")
        block = {"workload": "1", "timeout_ns": str(10**10), "repeat_ticks": 0}
        asked.ok("reseed", workload="1", seed="7")
        failed = asked.ask("measure", **block, repeats="3")
        self.assertEqual(("error", "measure: RuntimeError: half done?"), (failed["status"], failed["reason"]))
        self.assertEqual(
            "error", asked.ask("measure", **block, repeats="1")["status"], "half a block ran: reseed first"
        )
        asked.ok("reseed", workload="1", seed="7")
        self.assertEqual("error", asked.ask("measure", **block, repeats="5")["status"])
        asked.ok("reseed", workload="1", seed="7")
        for _ in range(100):  # `stop` may come before the first chunk
            asked.ok("load", workload="1", chunk="3")
            time.sleep(0.02)
            if (stopped := asked.ask("stop"))["status"] != "ok":
                break
            self.assertEqual("0", stopped["repeats"])
        self.assertEqual(("error", "load: RuntimeError: half done?"), (stopped["status"], stopped["reason"]))
        self.assertEqual({"mono_ns", "utc_ns", "temperature_c"}, set(asked.ok("telemetry")["readings"][0]))
        asked.ok("reseed", workload="1", seed="7")
        self.assertEqual("device_lost", asked.ask("measure", **block, repeats="4")["status"])
        self.assertEqual(
            "device_lost", asked.ask("reseed", workload="1", seed="7")["status"], "lost for the rest of the session"
        )
        asked.ok("shutdown")

    def test_an_answer_that_is_no_json(self) -> None:
        asked = self.start(self.script(FAULTY), "odd").opened()
        self.assertIn("cannot be written as JSON", asked.ask("telemetry")["reason"])
        asked.ok("shutdown")

    def test_an_adapter_that_cannot_start(self) -> None:
        asked = self.start(self.script(FAULTY), "broken")
        hello = asked.ask("hello", major=1, minor=0, tool="test")
        self.assertEqual("unsupported", hello["status"])
        self.assertIn("no vendor library", hello["refused"][0]["refused"])
        self.assertEqual("unsupported", asked.ask("devices")["status"])
        self.assertEqual(0, asked.end()[0])


if __name__ == "__main__":
    unittest.main()
