"""What a person at a terminal sees: colour, one redrawn line, and a terminal left as it was."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
import unittest

from geomsu import INPUTS, PROGRAM, InScratch, environment, fake, geomsu, width


class AtATerminal(InScratch):
    def on_terminal(self, *words, columns=100, **more):
        """Runs the program on a pseudo-terminal; gives back exit status, what was printed, and the modes before and after."""
        primary, secondary = pty.openpty()
        fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        before = termios.tcgetattr(secondary)
        process = subprocess.Popen([PROGRAM, *map(str, words)], cwd=self.dir, env=environment(**more), stdin=secondary,
                                   stdout=secondary, stderr=secondary, start_new_session=True)
        printed, deadline = b"", time.monotonic() + 120
        while time.monotonic() < deadline:
            if select.select([primary], [], [], 0.1)[0]:
                printed += os.read(primary, 65536)
            elif process.poll() is not None:
                break
        status = process.wait(timeout=10)
        after = termios.tcgetattr(secondary)
        os.close(primary)
        os.close(secondary)
        return status, printed.decode("utf-8", "replace"), before, after

    def test_a_line_is_redrawn_and_taken_away(self):
        status, text, before, after = self.on_terminal("run", INPUTS / "pass.yaml", "-o", "bundle", *fake())
        self.assertEqual(status, 2, text)
        self.assertIn("\r\x1b[K", text)
        self.assertIn("░", text)
        self.assertEqual(before, after)
        for change in ("\x1b[?25l", "\x1b[?1049h", "\x1b[?7l"):  # nothing is hidden or switched that would need restoring
            self.assertNotIn(change, text)
        self.assertRegex(text.split("\r\x1b[K")[-1], r"Verdict|Report")

    def test_the_redrawn_line_fits_a_narrow_terminal(self):
        _, text, _, _ = self.on_terminal("run", INPUTS / "pass.yaml", "-o", "bundle", *fake(), columns=60)
        for line in text.replace("\x1b[K", "").replace("\r", "\n").splitlines():
            if "█" in line or "░" in line:
                self.assertLess(width(line), 60, line)

    def test_the_verdict_is_coloured(self):
        _, text, _, _ = self.on_terminal("run", INPUTS / "fail.yaml", "-o", "bundle", *fake())
        self.assertIn("\x1b[1;31mFAIL", text)

    def test_no_color_and_a_dumb_terminal_are_honoured(self):
        for more in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            _, text, _, _ = self.on_terminal("run", INPUTS / "fail.yaml", "-o", "bundle-" + "".join(more), *fake(), **more)
            self.assertNotIn("\x1b[1;31m", text, more)

    def test_json_draws_nothing(self):
        _, text, _, _ = self.on_terminal("run", INPUTS / "pass.yaml", "-o", "bundle", "--json", *fake())
        self.assertNotIn("\x1b", text)
        self.assertTrue(text.lstrip().startswith("{"))


class Language(InScratch):
    def test_follows_the_locale_and_the_flag(self):
        self.run_fake("pass.yaml", 2)
        self.assertIn("Verdict: ", self.expect(2, "judge", "bundle").out)
        self.assertIn("판정: ", self.expect(2, "judge", "bundle", env=environment(LC_ALL="ko_KR.UTF-8")).out)
        self.assertIn("Verdict: ", self.expect(2, "--lang", "en", "judge", "bundle", env=environment(LC_ALL="ko_KR.UTF-8")).out)


class Environment(InScratch):
    def test_changes_no_byte_of_the_verdict(self):
        self.run_fake("fail.yaml", 2)
        wanted = self.expect(2, "--json", "judge", "bundle").out
        for more in ({"LC_ALL": "de_DE.UTF-8"}, {"LC_ALL": "tr_TR.UTF-8"}, {"TZ": "Asia/Seoul"}, {"TZ": "America/New_York"},
                     {"OMP_NUM_THREADS": "7"}, {"NO_COLOR": "1"}):
            self.assertEqual(geomsu("--json", "judge", "bundle", cwd=self.dir, env=environment(**more)).out, wanted, more)


if __name__ == "__main__":
    unittest.main()
