"""Contracts of small workloads, and `geomsu run` over them with an adapter."""
from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any

PROGRAM = os.environ["GEOMSU_PROGRAM"]
DTYPES = ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8_e4m3", "fp8_e5m2", "int8")
SUITE = "name: small\nblocks: 5\nblock_min: 20 ms\nwarmup: 20 ms\nsoak: 40 ms\n"
HEAD = """id: adapter
title: an adapter
buyer: b
supplier: s
date: 2026-01-02
suite: ./suite.yaml
demonstration: true
delivery: {discover: true}
clauses:
"""
CLAUSE = """  - id: %s
    clause: "1"
    measure: %s
    workload: {%s, concurrency: node}
    scope: device
    statistic: median
    at_least: 1 %s
    tolerance: 0 %%
    confidence: 90 %%
    if_unsupported: not_applicable
    if_inconclusive: reinspect
    provenance: {source: test, date: 2026-01-01, by: test, concurrency: node}
"""
Workloads = dict[str, dict[str, Any]]


def gemms(m: int, n: int, k: int) -> Workloads:
    small = {"m": 9, "n": 7, "k": 5, "batch": 3}
    return {**{f"g-{dtype.replace('_', '-')}": {"dtype": dtype, "m": m, "n": n, "k": k} for dtype in DTYPES},
            **{f"l-{layout}": {"dtype": "fp32", **small, "layout": layout} for layout in ("nn", "nt", "tn", "tt")}}  # fmt: skip


def memories(size: int) -> Workloads:
    return {
        f"m-{kind}-{dtype}": {"kind": kind, "dtype": dtype, "bytes": size}
        for kind in ("copy", "scale", "add", "triad", "read", "write")
        for dtype in ("fp64", "fp32")
    }


def outcomes(workloads: Workloads, *command: object) -> tuple[dict[str, tuple[str, str]], str, list[dict[str, Any]]]:
    """Runs geomsu with an adapter. Returns clause -> (outcome, its words), what was printed, and the lines of trials.jsonl."""
    with tempfile.TemporaryDirectory(prefix="geomsu-adapters-") as folder:
        here = pathlib.Path(folder)
        (here / "suite.yaml").write_text(SUITE)
        clauses = [CLAUSE % (name, *(("memory.bandwidth", _flow(w), "kB/s") if "kind" in w else ("gemm.throughput", _flow(w), "kFLOP/s")))
                   for name, w in workloads.items()]  # fmt: skip
        (here / "contract.yaml").write_text(HEAD + "".join(clauses))
        words = [sys.executable, *map(str, command)]
        (here / "site.yaml").write_text(f"plugins:\n  - command: {json.dumps(words)}\n")
        done = subprocess.run([PROGRAM, "run", "contract.yaml", "--site", "site.yaml", "-o", "out"], cwd=here, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=500, check=False)  # fmt: skip
        printed = done.stdout + done.stderr
        report = here / "out.report/report.json"
        if not report.is_file():
            raise AssertionError(f"no report, exit {done.returncode}\n{printed}")
        rows = json.loads(report.read_text())["verdict"]["clauses"]
        trials = [json.loads(line) for line in (here / "out/trials.jsonl").read_text().splitlines()]
        return {row["clause"]: (row["outcome"], row["words"]) for row in rows}, printed, trials


def _flow(workload: dict[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in workload.items())
