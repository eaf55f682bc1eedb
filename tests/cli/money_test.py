"""cost and settle: both languages against kept pages, every working done again with exact fractions, every sum."""
import math
import pathlib
import re
import unittest
from fractions import Fraction

from geomsu import INPUTS, InScratch, width

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"  # `geomsu settle example-tranche --lang ko > golden/settle.ko.txt`
CONFIGS = INPUTS.parents[2] / "configs"
PAGES = (("settle", "example-tranche"), ("cost", "example-buy-or-rent"))


def calculated(working):
    """What a pocket calculator makes of a printed working."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", working)
    text = re.sub(r"\^(\d+)", r"**P(\1)", text)
    text = re.sub(r"(?<![P(\w.])(\d+(?:\.\d+)?)|(?<=\()(?<!P\()(\d+(?:\.\d+)?)", lambda found: f"F('{found[1] or found[2]}')", text)
    for sign, operator in (("×", "*"), ("÷", "/"), ("−", "-")):
        text = text.replace(sign, operator)
    assert re.fullmatch(r"[F('\d.)*/+\-P ,]|(?:floor|min|[F('\d.)*/+\-P ,])+", text), text
    return eval(text, {"__builtins__": {}}, {"F": Fraction, "P": int, "floor": lambda x: Fraction(math.floor(x)), "min": min})  # noqa: S307


class Calculator(unittest.TestCase):
    def test_does_what_it_is_told(self):
        self.assertEqual(calculated("floor(1,000 × 0.75 ÷ 1000 × 7)"), 5)
        self.assertEqual(calculated("min(floor(7 ÷ 2), 1,234)"), 3)
        self.assertEqual(calculated("(1 + 4.5 ÷ 100)^2"), Fraction(1045, 1000) ** 2)
        self.assertEqual(calculated("10 − 3 − (2 − 1)"), 6)


class Pages(InScratch):
    def test_are_those_that_are_kept(self):
        for verb, sheet in PAGES:
            for language in ("ko", "en"):
                page = self.expect(0, verb, sheet, "--lang", language).out
                self.assertEqual(page, (GOLDEN / f"{verb}.{language}.txt").read_text(encoding="utf-8"), (verb, language))
                self.assertLessEqual(width(page), 100)

    def test_of_json_are_the_same_in_both_languages(self):
        for verb, sheet in PAGES:
            self.assertEqual(self.expect(0, verb, sheet, "--json", "--lang", "ko").out,
                             self.expect(0, verb, sheet, "--json", "--lang", "en").out)

    def test_of_an_illustration_say_so_first(self):
        for verb, sheet in PAGES:
            self.assertIn("ILLUSTRATION", self.expect(0, verb, sheet, "--lang", "en").out.splitlines()[1])
            self.assertIn("예시", self.expect(0, verb, sheet, "--lang", "ko").out.splitlines()[1])

    def test_of_a_real_sheet_do_not(self):
        text = (CONFIGS / "settlement" / "example-tranche.yaml").read_text(encoding="utf-8")
        (self.dir / "real.yaml").write_text(text.replace("illustration: true\n", ""), encoding="utf-8")
        self.assertNotIn("ILLUSTRATION", self.expect(0, "settle", "real.yaml", "--lang", "en").out)


class Sums(InScratch):
    def check_lines(self, lines):
        for line in lines:
            won = -line["won"] if line["subtracted"] else line["won"]
            self.assertEqual(calculated(line["working"]), won, line)
            self.assertTrue(line["source"] and line["rule"]["ko"] and line["rule"]["en"])

    def test_of_a_settlement_are_those_of_its_lines(self):
        document = self.document(self.expect(0, "settle", "example-tranche", "--json"))
        self.check_lines(document["lines"])
        self.assertEqual(sum(line["won"] for line in document["lines"]), document["payable"])
        self.assertEqual(document["contract_excluding_vat"] + document["contract_vat"], document["contract"])

    def test_of_a_cost_are_those_of_its_lines(self):
        document = self.document(self.expect(0, "cost", "example-buy-or-rent", "--json"))
        for option in document["options"]:
            self.check_lines([one["line"] for one in option["lines"]])
            for share in (option, option["node"], option["unit"]):
                self.check_lines([one["line"] for one in share["lines"]])
                for column in ("excluding_vat", "vat", "including_vat"):
                    self.assertEqual(sum(one[column] for one in share["lines"]), share["total"][column])
                for one in share["lines"]:
                    self.assertEqual(one["excluding_vat"] + one["vat"], one["including_vat"])
            for figure in option["figures"]:
                for of in ("per_capex", "per_total", "tokens_per_won"):
                    if figure[of]:
                        self.assertEqual(calculated(figure[of]["working"]), Fraction(figure[of]["lower"].replace(",", "")))
        self.assertIsNone(document["options"][1]["figures"][0]["per_capex"])
        self.assertEqual([row["swing"] for row in document["options"][0]["sensitivity"]],
                         sorted((row["swing"] for row in document["options"][0]["sensitivity"]), reverse=True))

    def test_printed_are_those_of_the_printed_lines(self):
        for verb, sheet in PAGES:
            page = self.expect(0, verb, sheet, "--lang", "en").out
            tables = re.findall(r"(?:^ *\d+  .*원\n)+ +sum.*\n", page, re.M)
            self.assertGreaterEqual(len(tables), 1)
            for table in tables:
                rows = [[int(won.replace(",", "")) for won in re.findall(r"(-?[\d,]+)원", row)] for row in table.splitlines()]
                self.assertEqual([sum(column) for column in zip(*rows[:-1])], rows[-1])


class Warnings(InScratch):
    def test_of_a_rate_above_the_statutory_one_name_the_ruling_with_its_date(self):
        text = (CONFIGS / "settlement" / "example-tranche.yaml").read_text(encoding="utf-8")
        text = text.replace("  order_day_counts: true", "  rate: {a_day: 1/1000, source: clause 9}\n  order_day_counts: true", 1)
        (self.dir / "high.yaml").write_text(text, encoding="utf-8")
        page = self.expect(0, "settle", "high.yaml", "--lang", "en").out
        page = " ".join(page.split())
        self.assertIn("warning: the contract's rate of 1 ÷ 1000 a day is above the statutory 0.75 ÷ 1000", page)
        self.assertIn("2022-04-28 2020다230352", page)
        self.assertIn("not on contracts of the State", page)
        self.assertIn("주의: ", self.expect(0, "settle", "high.yaml", "--lang", "ko").out)
        self.assertEqual(len(self.document(self.expect(0, "settle", "high.yaml", "--json"))["notices"]), 2)


class Refusals(InScratch):
    def refused(self, verb, folder, sheet, old, new):
        text = (CONFIGS / folder / f"{sheet}.yaml").read_text(encoding="utf-8")
        self.assertIn(old, text)
        (self.dir / "bad.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
        done = self.expect(65, verb, "bad.yaml")
        self.assertEqual(done.out, "")
        self.assertIn("next: ", done.err)
        return done.err

    def test_have_file_line_and_column(self):
        self.assertRegex(self.refused("cost", "costs", "example-buy-or-rent", "years: 5", "years: five"), r"bad\.yaml:8:8: error: ")
        self.assertRegex(self.refused("settle", "settlement", "example-tranche", "amount: 66억원", "amount: 67억원"),
                         r"bad\.yaml:\d+:3: error: the parts come to 7,140,000,000원, the contract to 7,040,000,000원")

    def test_of_an_unknown_law_are_66(self):
        text = (CONFIGS / "settlement" / "example-tranche.yaml").read_text(encoding="utf-8")
        (self.dir / "bad.yaml").write_text(text.replace("law: kr-state-contracts", "law: kr-moon", 1), encoding="utf-8")
        self.assertIn("kr-moon", self.expect(66, "settle", "bad.yaml").err)

    def test_of_a_contract_that_the_law_had_no_rate_for_are_65(self):
        self.assertIn("has no rate", self.refused("settle", "settlement", "example-tranche", "signed: 2026-01-15", "signed: 2010-01-15"))


if __name__ == "__main__":
    unittest.main()
