#!/usr/bin/python3
"""An adapter that breaks one rule: bent_adapter.py BEND WORKER [ARGUMENT ...] passes lines on to a real worker and bends some.

A bend changes the line that goes down (before) or the reply that comes back (after). Each is named for the rule that it breaks.
"""
import json
import os
import subprocess
import sys
import threading

OK = {"status": "ok", "sim_now_ns": "1"}


class Bend:
    """The session as the bends see it: the request in flight, and what came before it."""

    def __init__(self, name):
        self.name, self.request, self.replies, self.repeats, self.loading, self.seeded = name, {}, 0, "0", False, False

    def params(self):
        return self.request.get("params") or {}

    def is_(self, method, **wanted):
        return self.request.get("method") == method and all(self.params().get(key) == value for key, value in wanted.items())

    def before(self, text):
        try:
            request = json.loads(text)
        except ValueError:
            request = {}
        self.request = request if isinstance(request, dict) else {}
        if self.name == "other-major" and self.is_("hello", major=2):
            return text.replace('"major":2', '"major":1')
        if self.name == "repeats" and self.is_("measure", repeats="5"):
            return text.replace('"repeats":"5"', '"repeats":"4"')
        if self.name == "before-reseed" and self.is_("measure") and not self.seeded:
            os._exit(9)
        self.seeded = self.seeded or self.is_("reseed")
        if self.is_("measure"):
            self.repeats = self.params()["repeats"]
        return text

    def after(self, reply):
        self.replies += 1
        if "error" in reply:
            codes = {"bad-json": -32700, "no-request": -32600, "unknown-method": -32601, "bad-params": -32602}
            if codes.get(self.name) == reply["error"]["code"]:
                reply["error"]["code"] = -32000
            return reply
        result, refused = reply["result"], reply["result"]["status"] != "ok"
        params = self.params()
        forgiven = {  # refusals that become ok
            "before-hello": self.replies == 1 and self.is_("devices") and {"devices": []},
            "before-open": self.is_("telemetry") and {"readings": []},
            "open-once": self.is_("open", devices=[0]) and {"devices": [], "clock_domain": "none", "ticks_per_second": "0", "valid_bits": 0},
            "unknown-device": self.is_("open", devices=[0, 0]) and {"devices": [], "clock_domain": "none", "ticks_per_second": "0",
                                                                    "valid_bits": 0},
            "unknown-workload": self.is_("release", workload="987654321") and {},
            "no-timeout": self.is_("measure", timeout_ns="0") and {"spans": [], "started_mono_ns": "1", "worker_raw_ns": "1"},
            "repeat-ticks": self.is_("measure", repeat_ticks=65) and {"spans": [], "started_mono_ns": "1", "worker_raw_ns": "1"},
            "while-loading": self.replies > 1 and self.is_("devices") and {"devices": []},
            "read-limits": self.is_("read", tensor=99) and {"values": [0.0]},
            "project-limits": self.is_("project", tensor=99) and {"values": [0.0]},
            "digest-limits": self.is_("digest", tensor=99) and {"digest": "1"},
            "nonsense": self.is_("prepare") and (params["params"].get("m") == "-1") and self.prepared(),
            "too-large": self.is_("prepare") and (params["params"].get("m") == "4000000") and self.prepared(),
            "group-size": self.is_("prepare", op="collective") and params["params"].get("ranks") == "4" and self.prepared(),
            "group-rank": self.is_("read", rank=3) and {"values": [0.0]},
            "too-late": self.is_("measure", timeout_ns="1000000") and {"spans": [], "started_mono_ns": "1", "worker_raw_ns": "1"},
        }.get(self.name, False)
        if refused and forgiven is not False:
            reply["result"] = {**result, **OK, "sim_now_ns": result["sim_now_ns"], **forgiven}
            reply["result"].pop("reason", None)
            return reply
        if not refused:
            self.spoil(reply, result, params)
        return reply

    @staticmethod
    def prepared():
        return {"workload": "777", "memory_bytes": "1", "operand_sets": "1", "algorithm": "none", "deterministic": True,
                "refill_every_block": True}

    def spoil(self, reply, result, params):
        name = self.name
        if name == "other-minor" and self.is_("hello", minor=41):
            reply["result"] = {"status": "unsupported", "reason": "minor 41"}
        if name == "unknown-field" and "of_a_newer_minor" in params:
            reply.pop("result")
            reply["error"] = {"code": -32602, "message": "what is that?"}
        if name == "request-id" and reply["id"] > 2**31:
            reply["id"] &= 2**31 - 1
        if name == "empty-block" and self.is_("measure", repeats="0"):
            result["spans"] = [{"first": "1", "last": "2", "repeat_ends": []}]
        if name == "start-at" and "start_at_mono_ns" in params:
            result["started_mono_ns"] = str(int(result["started_mono_ns"]) - 60_000_000)
        if name == "unsupported" and self.is_("prepare") and params["params"].get("dtype") == "int8":
            reply["result"] = {"status": "error", "reason": "no int8 here"}
        if name == "operands" and self.is_("read", tensor=1):
            result["values"][-1] += 2.0 ** -15
        if name == "load-counts" and self.is_("stop") and int(result["repeats"]) > 0:
            result["repeats"] = str(int(result["repeats"]) + 4)
        if name == "projections" and self.is_("project") and params["seed"] != "7":
            result["values"][0] = -result["values"][0] + 3.0
        if name == "known-digests" and self.is_("digest"):
            result["digest"] = str(int(result["digest"]) ^ 1)
        if name == "digest-follows" and self.is_("digest") and self.repeats == "2":
            result["digest"] = str(self.replies)
        if name == "group-open" and self.is_("telemetry"):
            result["readings"] = result["readings"][:1]
        if name == "group-prepare" and self.is_("prepare", op="collective") and params["params"].get("dtype") == "int32":
            reply["result"] = {"status": "error", "reason": "no int32 here"}
        if name == "group-spans" and self.is_("measure") and len(result["spans"]) > 1:
            result["spans"] = result["spans"][:1]  # of the fastest
        if name == "group-operands" and self.is_("read", tensor=1, rank=2):
            result["values"][-1] += 1
        if name == "group-answers" and self.is_("read", tensor=0, rank=2):
            result["values"][-1] += 1
        if name == "group-projections" and self.is_("project", rank=1):
            result["values"][0] += 2
        if name == "group-digests" and self.is_("digest", rank=1):
            result["digest"] = str(int(result["digest"]) ^ 1)
        if name == "counters" and self.is_("telemetry"):
            for reading in result["readings"]:
                reading["fault_events"] = str(1_000_000 - self.replies)


def main():
    bend, command = Bend(sys.argv[1]), sys.argv[2:]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def down():
        for line in sys.stdin.buffer:
            try:
                worker.stdin.write(bend.before(line.decode()).encode())
                worker.stdin.flush()
            except OSError:
                return
        try:
            worker.stdin.close()
        except OSError:
            pass

    threading.Thread(target=down, daemon=True).start()
    for line in worker.stdout:
        message = json.loads(line)
        if "method" not in message:
            message = bend.after(message)
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
    status = worker.wait()
    if bend.name == "long-line" and status == 65 or bend.name == "end-of-input" and status == 0 and not bend.is_("shutdown"):
        status = 1
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
