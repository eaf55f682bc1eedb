"""Schema and parser agree on money's sheets: each example with a key more, a key less, a value that is none."""
import copy
import json
import unittest

import jsonschema
import yaml

from geomsu import INPUTS, InScratch, geomsu

CONFIGS = INPUTS.parents[2] / "configs"
# What a schema cannot say: it needs other lines of the file.
BEYOND = {"fx", "capex"}


def places(value, path=()):
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


def changed(sheet, path, change):
    copied = copy.deepcopy(sheet)
    at = copied
    for step in path:
        at = at[step]
    change(at)
    return copied


class Agreement(InScratch):
    def setUp(self):
        super().setUp()
        self.store = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (CONFIGS / "schema").glob("*.json")}

    def schema_refuses(self, kind, sheet):
        schema = self.store[f"{kind}.schema.json"]
        resolver = jsonschema.RefResolver(schema["$id"], schema, store=self.store)
        return not jsonschema.Draft202012Validator(schema, resolver=resolver).is_valid(sheet)

    def program_refuses(self, kind, sheet):
        text = yaml.safe_dump(sheet, allow_unicode=True)
        if kind == "law":
            (self.dir / "law.yaml").write_text(text, encoding="utf-8")
            text = (CONFIGS / "settlement" / "example-tranche.yaml").read_text(encoding="utf-8").replace("kr-state-contracts ", "law.yaml ")
        (self.dir / "sheet.yaml").write_text(text, encoding="utf-8")
        done = geomsu("cost" if kind == "cost" else "settle", "sheet.yaml", cwd=self.dir)
        self.assertIn(done.returncode, (0, 65), done.err)
        self.assertNotIn("defect", done.err)
        return done.returncode == 65

    def agree(self, kind, folder, name):
        sheet = yaml.load((CONFIGS / folder / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        self.assertFalse(self.schema_refuses(kind, sheet))
        self.assertFalse(self.program_refuses(kind, sheet))
        tried = 0
        for path in places(sheet):
            more = changed(sheet, path, lambda at: at.update(no_such_key="1"))
            self.assertTrue(self.schema_refuses(kind, more), path)
            self.assertTrue(self.program_refuses(kind, more), path)
            at = sheet
            for step in path:
                at = at[step]
            for key in at:
                less = changed(sheet, path, lambda inner, key=key: inner.pop(key))
                if key not in BEYOND:
                    self.assertEqual(self.schema_refuses(kind, less), self.program_refuses(kind, less), f"without {path} {key}")
                odd = changed(sheet, path, lambda inner, key=key: inner.update({key: {"odd": "1"}}))
                self.assertTrue(self.schema_refuses(kind, odd), f"odd {path} {key}")
                self.assertTrue(self.program_refuses(kind, odd), f"odd {path} {key}")
                tried += 1
        self.assertGreater(tried, 30)

    def test_on_cost_sheets(self):
        self.agree("cost", "costs", "example-buy-or-rent")

    def test_on_settlement_sheets(self):
        self.agree("settlement", "settlement", "example-tranche")

    def test_on_law(self):
        self.agree("law", "law", "kr-state-contracts")


if __name__ == "__main__":
    unittest.main()
