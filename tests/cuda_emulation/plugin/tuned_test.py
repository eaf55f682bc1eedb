"""`algorithm: tuned`: cuBLASLt's candidates are tried once for a lot, and what was chosen is kept and taken again."""
import unittest

from emulated import OnEmulatedNode

LINE = "run gemm dtype=bf16 m=32 n=48 k=32 layout=nt repeats=3"


class Tuned(OnEmulatedNode):
    def tuned(self, line=LINE, node="dgx-h100", extra=""):
        return self.answers([line], folder=self.emulation(node, extra), settings=["algorithm=tuned", f"tuned_dir={self.dir}/tuned"])[0]

    def kept(self):
        return {path.name: path.read_text(encoding="utf-8") for path in (self.dir / "tuned").iterdir()}

    def test_the_fastest_candidate_is_kept_and_taken_again(self):
        heuristic, first = self.answers([LINE])[0], self.tuned()
        kept = self.kept()
        self.assertEqual(len(kept), 1)
        self.assertIn("problem: gemm dtype=bf16 accumulate=fp32 out=bf16 m=32 n=48 k=32 batch=1 layout=nt\n", next(iter(kept.values())))
        self.assertIn(", tuned: id ", first)
        self.assertLess(self.ns(first), self.ns(heuristic))  # the emulation's first choice is not its fastest
        # A candidate is tried by launching it: where nothing is tried, only the kept one runs.
        self.assertEqual(self.tuned(), first)
        self.assertEqual(self.kept(), kept)

    def ns(self, answer):
        return int(answer.split("ns=")[1].split(" ")[0])

    def test_each_problem_has_a_file_of_its_own(self):
        for line in (LINE, LINE.replace("m=32", "m=64"), "run gemm dtype=fp32 m=16 n=16 k=16 layout=nn repeats=2 batch=2"):
            self.assertTrue(self.tuned(line).startswith("ok"))
        self.assertEqual(len(self.kept()), 3)
        self.assertTrue(all(name.startswith("emulated-cpu-nvidia-h100-80gb-hbm3.") and name.endswith(".tuned") for name in self.kept()))

    def test_a_choice_of_another_device_is_not_met(self):
        self.tuned()
        self.tuned(node="gh200")
        self.assertEqual(len(self.kept()), 2)

    def test_candidates_that_tie_leave_the_first(self):
        self.assertTrue(self.tuned(LINE.replace("bf16", "fp64").replace("nt", "nn")).startswith("ok"))

    def test_a_file_that_is_not_what_was_kept_is_refused_at_its_line(self):
        self.tuned()
        path = next((self.dir / "tuned").iterdir())
        text = path.read_text(encoding="utf-8")
        self.tuned(LINE.replace("m=32", "m=64"))
        other = next(kept for name, kept in self.kept().items() if name != path.name)
        self.tuned(node="gh200")
        device = next(kept for kept in self.kept().values() if "gh200" in kept.lower())
        for changed, words in ((text.replace("algorithm 1", "algorithm 2"), ":1: 'geomsu tuned algorithm 1' is expected here"),
                               (text.replace("algorithm: 0", "algorithm: "), ": eight words of sixteen hexadecimal digits"),
                               (text.replace("cublaslt: ", "cublaslt: x"), "' is no number"),
                               (other, ":4: it is of 'gemm "), (device, ":2: it is of '")):
            path.write_text(changed, encoding="utf-8")
            with self.subTest(words):
                answer = self.tuned()
                self.assertTrue(answer.startswith("refused "), answer)
                self.assertIn(words, answer)
                self.assertIn("next: ", answer)

    def test_a_folder_that_cannot_be_read_or_written_is_refused(self):
        (self.dir / "file").write_text("", encoding="utf-8")
        for folder, words in ((self.dir / "file", "cannot be read"), ("/proc/nowhere", "cannot be written")):
            answer = self.answers([LINE], settings=["algorithm=tuned", f"tuned_dir={folder}"])[0]
            self.assertRegex(answer, f"^refused .*{words}: .*; next: ")


if __name__ == "__main__":
    unittest.main()
