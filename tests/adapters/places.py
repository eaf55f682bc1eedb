"""Where the adapters lie, and an adapter as a process that is asked line by line."""
from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import unittest
from typing import Any

ADAPTERS = pathlib.Path(os.environ["GEOMSU_ADAPTERS"])
DOCUMENTS = pathlib.Path(os.environ["GEOMSU_DOCUMENTS"])
MINIMAL, TORCH = ADAPTERS / "minimal/minimal.py", ADAPTERS / "torch/torch_adapter.py"
SKIPPED = 77
sys.path[:0] = [str(ADAPTERS), str(MINIMAL.parent), str(TORCH.parent)]
Json = dict[str, Any]


def require_torch() -> None:
    """Ends the test as skipped where this interpreter has no torch."""
    try:
        import torch
    except ImportError as error:
        print(f"skipped: {error}")
        sys.exit(SKIPPED)
    torch.set_num_threads(1)


class Asked:
    """A running adapter. `line` sends bytes as they are, `ask` a request; both return the reply."""

    def __init__(self, *command: object, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen([sys.executable, "-B", *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env={**os.environ, **(env or {})})  # fmt: skip
        self.last = 0

    def line(self, raw: bytes) -> Json:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(raw + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def reply(self, method: str, **params: Any) -> Json:
        self.last += 1
        return self.line(json.dumps({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}).encode())

    def ask(self, method: str, **params: Any) -> Json:
        reply = self.reply(method, **params)
        assert reply["jsonrpc"] == "2.0" and reply["id"] == self.last and "result" in reply, reply
        return reply["result"]

    def ok(self, method: str, **params: Any) -> Json:
        result = self.ask(method, **params)
        assert result["status"] == "ok", (method, result)
        return result

    def opened(self) -> Asked:
        self.ok("hello", major=1, minor=0, tool="test")
        self.ok("open", devices=[0])
        return self

    def end(self) -> tuple[int, bytes, bytes]:
        """Ends the input; returns the exit status, what else stood on stdout, and stderr."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


class WithAdapter(unittest.TestCase):
    command: tuple[object, ...] = (MINIMAL,)

    def start(self, *command: object, env: dict[str, str] | None = None) -> Asked:
        asked = Asked(*(command or self.command), env=env)
        self.addCleanup(self.stop, asked)
        return asked

    @staticmethod
    def stop(asked: Asked) -> None:
        if asked.process.poll() is None:
            asked.process.kill()
        asked.process.wait()
        for pipe in (asked.process.stdin, asked.process.stdout, asked.process.stderr):
            if pipe and not pipe.closed:
                pipe.close()


GEMM = {"dtype": "fp32", "m": "3", "n": "4", "k": "5"}
