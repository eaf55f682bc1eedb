"""Help, usage errors and their exit statuses."""
import unittest

from geomsu import VERBS, InScratch, environment, geomsu, width


class Help(InScratch):
    def test_names_every_verb(self):
        text = self.expect(0, "--help").out
        for verb in VERBS:
            self.assertIn(f"\n  {verb} ", text)

    def test_of_each_verb_shows_an_example_within_100_columns(self):
        for words in ((), *((verb,) for verb in VERBS)):
            text = self.expect(0, *words, "--help").out
            self.assertIn(f"  geomsu {' '.join(words)}", text)
            self.assertLessEqual(width(text), 100, words)

    def test_tells_the_exit_statuses(self):
        self.assertIn("64 usage", self.expect(0, "--help").out)


class Version(InScratch):
    def test_tells_the_facts_of_the_build(self):
        text = self.expect(0, "--version").out
        for word in ("geomsu ", "commit ", "compiler ", "build ", "flags ", "yaml-cpp ", "libsodium "):
            self.assertIn(word, text)


class Usage(InScratch):
    def complaint(self, *words):
        done = self.expect(64, *words)
        self.assertEqual(done.out, "")
        self.assertTrue(done.err.startswith("geomsu: "), done.err)
        self.assertIn("next: ", done.err)
        return done.err

    def test_without_a_verb_is_64(self):
        self.assertIn("name a verb", self.complaint())

    def test_of_an_unknown_verb_is_64_and_proposes_the_near_one(self):
        text = self.complaint("repotr", "x")
        self.assertIn("there is no verb 'repotr'", text)
        self.assertIn("did you mean 'report'?", text)

    def test_of_an_unknown_flag_is_64_and_names_it(self):
        for verb in VERBS:
            self.assertIn("--frobnicate", self.complaint(verb, "x", "--frobnicate"))

    def test_of_a_missing_word_is_64(self):
        for verb in ("validate", "plan", "run", "judge", "report", "verify"):
            self.complaint(verb)

    def test_of_two_words_where_one_is_taken_is_64(self):
        for verb in ("plan", "run", "judge", "report", "verify"):
            self.complaint(verb, "a", "b")

    def test_of_a_bad_log_level_or_language_is_64(self):
        self.complaint("--log-level", "loud", "devices")
        self.complaint("--lang", "fr", "devices")

    def test_never_hands_control_characters_to_the_terminal(self):
        self.assertNotIn("\x1b", self.complaint("\x1b[31mred"))

    def test_of_a_bad_param_is_64(self):
        self.assertIn("backend.key=value", self.complaint("devices", "--backend", "fake", "--param", "nonsense"))
        self.assertIn("--backend cpu", self.complaint("devices", "--backend", "fake", "--param", "cpu.devices=2"))

    def test_of_site_and_backend_together_is_64(self):
        self.complaint("devices", "--site", "local", "--backend", "fake")


class Output(InScratch):
    def test_that_cannot_be_written_is_74(self):
        with open("/dev/full", "wb") as full:
            import subprocess
            from geomsu import PROGRAM
            done = subprocess.run([PROGRAM, "validate", "demo-cpu"], stdout=full, stderr=subprocess.PIPE, env=environment(),
                                  cwd=self.dir, timeout=60, check=False)
        self.assertEqual(done.returncode, 74)
        self.assertIn(b"cannot write the result", done.stderr)


if __name__ == "__main__":
    unittest.main()
