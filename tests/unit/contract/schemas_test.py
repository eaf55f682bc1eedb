#!/usr/bin/env python3
"""Checks configs/schema: every example validates, and schema and parser agree on the corpus.

usage: schemas_test.py SOURCE --configs CORPUS_WRITER  the shipped configuration and the corpus of contracts
       schemas_test.py SOURCE --outputs BUNDLE_WRITER  what a run writes, each file also with a field more and one less
       schemas_test.py SOURCE --bundle DIRECTORY...    the files of bundles and report folders

Scalars are read as the text that stands there (BaseLoader), as geomsu does it.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import yaml

# Refused by geomsu and beyond what a schema can say: what needs the calendar, the other lines of the file, the datasheet,
# or the arithmetic of the operation. Every other bad contract must be refused by the schema too.
BEYOND = {
    "DuplicateKey", "DuplicateKeyInAClause",  # the loader keeps the last one and says nothing
    "DateThatDoesNotExist", "LeapDayOfAShortYear",
    "BarOverThePeak", "CeilingOverThePeak", "SkuUnknown", "DuplicateSerial",
    "BetweenOfOneFigure", "BetweenUpsideDown", "BetweenOverThePeak", "Contradiction",
    "OneOfSkusUnknown", "ClauseOfAnotherSku", "SettingOfAnotherSku", "SettingTwice", "UnitsOfUnknownSku",
    "SiteLimitThatNothingKeeps", "SiteLimitTwice", "StateUseThatNoUnitSays", "SuiteOfOtherBytes",
    "EarlierLotTwice", "PlanUpsideDown", "PlanOverUnitsWithoutNodes",
    "VariablesOfAScreenedClause", "VariablesOfLaterData", "VariablesOfNoClause", "VariablesOfTwoBars",
}

# Fields that came after 1.0: rows that were written before do without.
OPTIONAL = {"trial": {"sitting", "watch", "energy", "rank_ns", "sustained", "block_at_ns", "block_session", "block_throttle",
                      "block_counters"},
            "plan": {"suite_instead", "adaptive_min_blocks", "budget_ns"}, "row": {"dependence", "look", "p_fail"},
            "verdict": {"adaptive", "lot", "fleet", "bundles", "rows_left_out"},
            "clause": {"sustained", "dependence", "severity", "inspection", "outliers", "sku", "of"}}

# Objects inside verdict.json, and inside the verdict of report.json, that have every key of theirs.
INSIDE = [("clauses", 0), ("lot",), ("lot", "characteristic", 0), ("lot", "dispositions", 0), ("fleet", 0),
          ("fleet", 0, "outliers", 0), ("bundles", 0)]


def load(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


class Schemas:
    def __init__(self, folder):
        self.store = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.schema.json"))}
        for name, schema in self.store.items():
            jsonschema.Draft202012Validator.check_schema(schema)
            assert schema["$id"] == name, f"{name}: its $id is {schema['$id']}"

    def problems(self, kind, value):
        schema = self.store[kind + ".schema.json"]
        resolver = jsonschema.RefResolver(schema["$id"], schema, store=self.store)
        validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


class Tally:
    def __init__(self):
        self.checked, self.failures = 0, []

    def expect(self, good, words):
        self.checked += 1
        if not good:
            self.failures.append(words)

    def end(self):
        for words in self.failures:
            print("FAILED", words)
        print(f"{self.checked} checked, {len(self.failures)} failed")
        return 1 if self.failures or self.checked == 0 else 0


def check_configs(source, schemas, tally):
    for kind, folder in (("contract", "contracts"), ("suite", "suites"), ("site", "sites"), ("sheets", "devices"),
                         ("cost", "costs"), ("settlement", "settlement"), ("law", "law")):
        files = sorted((source / "configs" / folder).glob("*.yaml"))
        tally.expect(files, f"configs/{folder} has no examples")
        for path in files:
            problems = schemas.problems(kind, load(path))
            tally.expect(not problems, f"{path.name}: {problems}")
    check_draw(source, schemas, tally)


def check_draw(source, schemas, tally):
    draw = json.loads((source / "tests/unit/lots/vector.json").read_text(encoding="utf-8"))
    for kind, good in (("draw", draw), ("commitment", draw["commitment"])):
        problems = schemas.problems(kind, good)
        tally.expect(not problems, f"{kind}: {problems}")
        for key in good:
            fewer = {name: value for name, value in good.items() if name != key}
            tally.expect(schemas.problems(kind, fewer), f"{kind} without {key} is accepted")
        tally.expect(schemas.problems(kind, {**good, "more": 1}), f"{kind} with a field more is accepted")


def check_corpus(writer, schemas, tally):
    with tempfile.TemporaryDirectory(prefix="geomsu-schemas-") as folder:
        subprocess.run([writer, folder], check=True)
        good, bad = (sorted(pathlib.Path(folder, name).glob("*.yaml")) for name in ("good", "bad"))
        tally.expect(len(good) > 10 and len(bad) > 50, f"the corpus has only {len(good)} good and {len(bad)} bad contracts")
        for path in good:
            problems = schemas.problems("contract", load(path))
            tally.expect(not problems, f"good contract {path.stem} is refused: {problems}")
        for path in bad:
            refused = bool(schemas.problems("contract", load(path)))
            if path.stem in BEYOND:
                tally.expect(not refused, f"bad contract {path.stem} is refused by the schema now: take it from BEYOND")
            else:
                tally.expect(refused, f"bad contract {path.stem} is accepted by the schema")
        unknown = BEYOND - {path.stem for path in bad}
        tally.expect(not unknown, f"BEYOND names contracts that do not exist: {unknown}")


DOCUMENTS = {"plan.json": "plan", "environment.json": "environment", "verdict.json": "verdict", "manifest.json": "manifest",
             "report.json": "report"}
ROWS = {"trials.jsonl": "trial", "telemetry.jsonl": "telemetry", "verdict.jsonl": "row"}


def values_of(folder):
    """(where, schema, value) of each document and row in a folder."""
    for name, kind in DOCUMENTS.items():
        if (folder / name).exists():
            yield folder / name, kind, json.loads((folder / name).read_text(encoding="utf-8"))
    for name, kind in ROWS.items():
        if (folder / name).exists():
            for number, line in enumerate((folder / name).read_text(encoding="utf-8").splitlines(), 1):
                yield f"{folder / name}:{number}", kind, json.loads(line)


def check_bundle(folder, schemas, tally):
    before = tally.checked
    for where, kind, value in values_of(folder):
        problems = schemas.problems(kind, value)
        tally.expect(not problems, f"{where}: {problems}")
    tally.expect(tally.checked > before, f"{folder} holds nothing that has a schema")


def inside(value, path):
    """The object at `path`, or None where the value has none."""
    for step in path:
        if (value.get(step) if isinstance(step, str) else (value[step:step + 1] or None)) is None:
            return None
        value = value[step]
    return value


def check_inside(where, kind, value, schemas, tally):
    """Each object of INSIDE with a field more and each with one less; the paths that were found."""
    found = set()
    for path in INSIDE:
        path = (("verdict",) if kind == "report" else ()) + path
        if inside(value, path) is None:
            continue
        found.add(path)
        changed = copy.deepcopy(value)
        inside(changed, path)["no_such_field"] = 1
        tally.expect(schemas.problems(kind, changed), f"{where}: an unknown field is accepted in {path}")
        for key in inside(value, path).keys() - (OPTIONAL["clause"] if "clauses" in path else set()):
            changed = copy.deepcopy(value)
            del inside(changed, path)[key]
            tally.expect(schemas.problems(kind, changed), f"{where}: '{key}' may be missing in {path}")
    return found


def check_outputs(writer, schemas, tally):
    with tempfile.TemporaryDirectory(prefix="geomsu-schemas-") as scratch:
        subprocess.run([writer, scratch], check=True)
        seen, objects = set(), set()
        for folder in [pathlib.Path(scratch, name) for name in ("full", "full/bundle", "bare", "bare/bundle", "lot")]:
            check_bundle(folder, schemas, tally)
            for where, kind, value in values_of(folder):
                seen.add(kind)
                tally.expect(schemas.problems(kind, {**value, "no_such_field": 1}), f"{where}: an unknown field is accepted")
                for key in value.keys() - OPTIONAL.get(kind, set()):
                    less = {name: item for name, item in value.items() if name != key}
                    tally.expect(schemas.problems(kind, less), f"{where}: '{key}' may be missing")
                # Only a lot of bundles has no plan of its own.
                nowhere = {"verdict": [(("plan_sha256",), "")], "report": [(("verdict", "plan_sha256"), ""), (("plan",), None)]}
                for path, nothing in nowhere.get(kind, []) if folder.name != "lot" else []:
                    changed = copy.deepcopy(value)
                    inside(changed, path[:-1])[path[-1]] = nothing
                    tally.expect(schemas.problems(kind, changed), f"{where}: {path} may be {nothing!r}")
                if kind in ("verdict", "report"):
                    objects |= check_inside(where, kind, value, schemas, tally)
        tally.expect(len(objects) == 2 * len(INSIDE), f"of the objects inside a verdict only {sorted(map(str, objects))} were written")
        missing = (set(DOCUMENTS.values()) | set(ROWS.values())) - seen
        tally.expect(not missing, f"nothing was written that has the schema {missing}")


def main(arguments):
    if len(arguments) < 3:
        print(__doc__)
        return 64
    source = pathlib.Path(arguments[0])
    schemas, tally = Schemas(source / "configs" / "schema"), Tally()
    if arguments[1] == "--bundle":
        for folder in arguments[2:]:
            check_bundle(pathlib.Path(folder), schemas, tally)
    elif arguments[1] == "--outputs":
        check_outputs(arguments[2], schemas, tally)
    else:
        check_configs(source, schemas, tally)
        check_corpus(arguments[2], schemas, tally)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
