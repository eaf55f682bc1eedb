"""Candidates as the table of tests names them: a plug-in, a fake with a script of faults, an adapter that spoils a reply."""
import json
import os
import pathlib
import subprocess
import tempfile

PROGRAM, WORKER, BACKENDS, FAKES, ADAPTER = (os.environ[f"GEOMSU_{name}"] for name in
                                             ("PROGRAM", "WORKER", "BACKENDS", "FAKES", "ADAPTER"))
FAKE = f"{BACKENDS}/geomsu_fake.so"
PATIENCE_S, SHORT_PATIENCE_S = "60", "8"
TIMEOUT_S = 1200


def environment():
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}


def conform(*words, check=None, **more):
    done = subprocess.run([PROGRAM, "conform", *map(str, words)], env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=TIMEOUT_S, check=False, **more)
    if check is not None:
        assert done.returncode == check, f"{words}: exit {done.returncode}, wanted {check}\n{done.stdout}\n{done.stderr}"
    return done


def outcomes(*words, patience=PATIENCE_S):
    """The rules of a whole trial: id -> row, and the exit status."""
    done = conform("--json", "--patience", patience, *words)
    assert done.returncode in (0, 1, 2), f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return {row["rule"]: row for row in json.loads(done.stdout)["rules"]}, done.returncode


def failing(rows):
    return sorted(rule for rule, row in rows.items() if row["outcome"] == "fail")


def of_group(rows):
    return {rule: row for rule, row in rows.items() if row["about"] == "group"}


def words_of(rows):
    return "\n".join(f"{rule}: {row['seen']} (expected {row.get('expected', '')})" for rule, row in rows.items()
                     if row["outcome"] == "fail")


def scripted(faults, device="", **more):
    """The fake with these faults on its one device."""
    with tempfile.TemporaryDirectory(prefix="geomsu-conformance-") as folder:
        script = pathlib.Path(folder) / "script.yaml"
        lines = [f"      - {fault}" for fault in faults]
        script.write_text("\n".join(["devices:", "  - name: Fake", *([f"    {device}"] if device else []), "    faults:", *lines]) + "\n")
        return outcomes("--param", f"script={script}", FAKE, **more)


def scripted_group(faults, rank=1, ranks=3, **more):
    """A group of fakes, of which the one of `rank` has these faults."""
    with tempfile.TemporaryDirectory(prefix="geomsu-conformance-") as folder:
        script = pathlib.Path(folder) / "script.yaml"
        devices = [f"  - {{faults: [{', '.join(faults) if at == rank else ''}]}}" for at in range(ranks)]
        script.write_text("\n".join(["devices:", *devices]) + "\n")
        return outcomes("--param", f"script={script}", FAKE, **more)


def spoiled(mode, method, **more):
    return outcomes("--", ADAPTER, mode, method, WORKER, "--plugin", FAKE, **more)
