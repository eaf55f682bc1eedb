"""draw: plan, secret, commitment, opening and replay, and what is refused on the way."""
import csv
import hashlib
import importlib.util
import io
import json
import pathlib
import stat
import subprocess
import unittest

from geomsu import INPUTS, InScratch

REPLAY = pathlib.Path(__file__).resolve().parents[1] / "unit" / "lots" / "replay_test.py"
OPENING = ("--nonce", "한글 nonce", "--public", "0012 8450 3311", "--public-date", "2026-04-02")
CONTRACT = """id: lot-cli
title: 표본 검사 시험
buyer: 발주처
supplier: 공급사
date: 2026-01-02
suite: ./suite.yaml
delivery:
  inspected: 1차
  tranches:
    - name: 1차
      due: 2026-03-31
      units:
{units}
    - name: 2차
      due: 2026-06-30
      units:
        - {{serial: Z1, node: other}}
sampling:
{sampling}
  secret_sha256: {secret}
clauses:
  - id: gemm-fp32
    clause: "별표 1 제1항"
    measure: gemm.throughput
    workload: {{dtype: fp32, accumulate: fp32, m: 64, n: 48, k: 80, concurrency: node}}
    scope: device
    statistic: median
    at_least: 3 MFLOP/s
    tolerance: 0 %
    confidence: 95 %
    severity: critical
    inspection: sampled
    if_unsupported: fail
    if_inconclusive: reinspect
    provenance: {{source: test, date: 2026-01-01, by: test, concurrency: node}}
"""
HYPERGEOMETRIC = "  kind: hypergeometric\n  accept: 0 %\n  alpha: 5 %\n  reject: 2 %\n  beta: 5 %\n  counts: [critical, major]"
SEQUENTIAL = "  kind: sequential\n  accept: 1 %\n  alpha: 5 %\n  reject: 5 %\n  beta: 5 %\n  truncation: 200\n  counts: [critical, major]"
ISO2859 = "  kind: iso2859\n  level: II\n  aql: 1.0 %\n  earlier: []\n  counts: [critical, major]"


def replayer():
    spec = importlib.util.spec_from_file_location("replay_test", REPLAY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Draw(InScratch):
    def setUp(self):
        super().setUp()
        (self.dir / "suite.yaml").write_bytes((INPUTS / "suite.yaml").read_bytes())
        self.secret = self.document(self.expect(0, "--json", "draw", "commit", "--new-secret", "buyer.secret"))["secret_sha256"]
        self.contract()

    def contract(self, sampling=HYPERGEOMETRIC, nodes=510, secret=None):
        units = "\n".join(f"        - {{serial: S{i}, node: node{i:03}}}" for i in range(nodes))
        text = CONTRACT.format(units=units, sampling=sampling, secret=secret or self.secret)
        (self.dir / "contract.yaml").write_text(text, encoding="utf-8")

    def commit(self):
        return self.expect(0, "draw", "commit", "contract.yaml", "-o", "commitment.json")

    def open(self, status=0, *words, commitment="commitment.json"):
        return self.expect(status, "draw", "open", commitment, "--secret", "buyer.secret", *(words or OPENING), "-o", "draw.json")

    def test_secret_is_of_its_owner_alone_and_its_hash_is_that_of_its_digits(self):
        path = self.dir / "buyer.secret"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(hashlib.sha256(path.read_bytes()[:64]).hexdigest(), self.secret)
        self.assertEqual(path.read_bytes()[64:], b"\n")
        self.assertIn("not there yet", self.expect(73, "draw", "commit", "--new-secret", "buyer.secret").err)
        text = self.expect(0, "draw", "commit", "--new-secret", "another.secret").out
        self.assertNotIn(self.secret, text)
        self.assertNotIn((self.dir / "another.secret").read_text()[:64], text)

    def test_plan_prints_the_characteristic_and_as_data(self):
        text = self.expect(0, "draw", "plan", "contract.yaml").out
        self.assertIn("hypergeometric: 121 of 510 nodes", text)
        rows = list(csv.DictReader(io.StringIO(self.expect(0, "draw", "plan", "contract.yaml", "--csv").out)))
        self.assertEqual(float(rows[0]["accepted"]), 1)
        self.assertLessEqual(float(rows[11]["accepted"]), 0.05)
        self.assertGreater(float(rows[10]["accepted"]), 0.05)
        document = self.document(self.expect(0, "--json", "draw", "plan", "contract.yaml"))
        self.assertEqual((document["lot_size"], document["sample_size"], document["acceptance_number"]), (510, 121, 0))
        self.assertEqual([point["accepted"] for point in document["characteristic"]], [float(row["accepted"]) for row in rows])

    def test_plan_of_iso2859_says_that_the_tables_want_a_bought_standard(self):
        self.contract(ISO2859)
        text = " ".join(self.expect(0, "draw", "plan", "contract.yaml").out.split())
        self.assertIn("80 of 510 nodes, accepted with at most 2 nonconforming", text)
        self.assertIn("bought KS Q ISO 2859-1", text)
        self.assertIn("accepts a lot with 26 of 510 nonconforming with probability 0.195", text)

    def test_plan_of_a_sequence_tells_how_many_are_looked_at(self):
        self.contract(SEQUENTIAL)
        self.assertIn("nodes looked at", self.expect(0, "draw", "plan", "contract.yaml").out)
        rows = list(csv.DictReader(io.StringIO(self.expect(0, "draw", "plan", "contract.yaml", "--csv").out)))
        self.assertTrue(all(1 <= float(row["expected_items"]) <= 200 for row in rows))

    def test_draw_is_what_another_program_draws(self):
        self.commit()
        commitment = json.loads((self.dir / "commitment.json").read_text(encoding="utf-8"))
        self.assertNotIn((self.dir / "buyer.secret").read_text()[:64], (self.dir / "commitment.json").read_text(encoding="utf-8"))
        self.assertEqual(commitment["items"], [f"node{i:03}" for i in range(510)])
        self.open()
        draw = json.loads((self.dir / "draw.json").read_text(encoding="utf-8"))
        self.assertEqual(draw["commitment"], commitment)
        self.assertEqual(draw["commitment_sha256"], hashlib.sha256((self.dir / "commitment.json").read_bytes()).hexdigest())
        replayer().check(draw)
        self.assertEqual(len(set(draw["drawn"])), 121)
        shown = self.expect(0, "draw", "show", "draw.json").out
        self.assertEqual([line.split()[1] for line in shown.splitlines()[-121:]], draw["drawn"])
        self.assertEqual(self.document(self.expect(0, "--json", "draw", "show", "draw.json"))["drawn"], draw["drawn"])

    def test_draw_is_replayed_by_a_shell_with_sha256sum(self):
        self.commit()
        self.open()
        draw = json.loads((self.dir / "draw.json").read_text(encoding="utf-8"))
        script = """printf '%s\\n' 'geomsu draw 1' "$1" "$2" "$3" "$4" | sha256sum | cut -c1-64
        printf '%s\\n' $5 | LC_ALL=C sort | sha256sum | cut -c1-64
        printf '%s' "$1" | sha256sum | cut -c1-64"""
        made = draw["commitment"]
        done = subprocess.run(["/bin/sh", "-c", script, "sh", draw["secret"], draw["nonce"], draw["public"], draw["public_date"],
                               " ".join(reversed(made["items"]))], capture_output=True, check=True, text=True)
        self.assertEqual(done.stdout.split(), [draw["seed"], made["list_sha256"], made["secret_sha256"]])

    def test_commitment_and_draw_are_never_written_over(self):
        self.commit()
        self.assertIn("is there already", self.expect(73, "draw", "commit", "contract.yaml", "-o", "commitment.json").err)
        self.open()
        self.assertIn("is there already", self.open(73).err)

    def test_opening_is_refused_with_another_secret_or_an_early_value(self):
        self.commit()
        self.expect(0, "draw", "commit", "--new-secret", "other.secret")
        text = self.expect(65, "draw", "open", "commitment.json", "--secret", "other.secret", *OPENING, "-o", "draw.json").err
        self.assertIn("not the agreed one", text)
        self.assertNotIn((self.dir / "other.secret").read_text()[:64], text)
        self.assertIn("not after delivery", self.open(65, *OPENING[:-1], "2026-03-31").err)
        self.assertIn("nonce", self.open(65, "--nonce", "a\nb", *OPENING[2:]).err)
        self.assertFalse((self.dir / "draw.json").exists())

    def test_changed_commitment_or_draw_is_refused(self):
        self.commit()
        self.open()
        for name, verb in (("commitment.json", "open"), ("draw.json", "show")):
            text = (self.dir / name).read_text(encoding="utf-8")
            for old, new in (("node007", "node00 "), ("2026-03-31", "2026-03-01"), ('"lot_size": 510', '"lot_size": 509'),
                             ('"sample_size": 121', '"sample_size": 120')):
                if verb == "open" and old in ("2026-03-31", '"sample_size": 121'):
                    continue  # bound by its hash, which both sides hold
                (self.dir / "changed.json").write_text(text.replace(old, new), encoding="utf-8")
                words = OPENING + ("--secret", "buyer.secret") if verb == "open" else ()
                done = self.expect(65, "draw", verb, "changed.json", *words)
                self.assertIn("changed.json", done.err, old)
                self.assertIn("next: ", done.err)

    def test_day_of_delivery_is_asked_for_and_checked(self):
        self.assertIn("no day", self.expect(65, "draw", "commit", "contract.yaml", "--delivered", "2026-02-30").err)
        self.expect(0, "draw", "commit", "contract.yaml", "--delivered", "2026-04-02", "-o", "commitment.json")
        self.assertIn("not after delivery on 2026-04-02", self.open(65).err)

    def test_contract_that_draws_nothing_has_no_commitment(self):
        self.contract(ISO2859, nodes=2)
        self.assertIn("nothing is drawn", self.expect(65, "draw", "commit", "contract.yaml").err)

    def test_step_that_is_none_or_lacks_a_word_is_64(self):
        self.assertIn("did you mean 'commit'?", self.expect(64, "draw", "comit", "x").err)
        for words in (("plan",), ("commit",), ("open",), ("show",), ("open", "commitment.json")):
            self.assertIn("next: ", self.expect(64, "draw", *words).err)
        self.assertIn("nowhere.json", self.expect(66, "draw", "show", "nowhere.json").err)


if __name__ == "__main__":
    unittest.main()
