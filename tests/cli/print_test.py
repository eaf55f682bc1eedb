"""The report as Chromium prints it: simulated evidence is marked on every page, and the mark can be seen."""
import os
import re
import subprocess
import unittest
import zlib

from geomsu import InScratch, environment

CHROMIUM = os.environ["GEOMSU_CHROMIUM"]
FAINTEST, STRONGEST = 0.1, 0.5  # opacity: to be seen on paper, and to read the text beneath it


def marked_pages(pdf):
    """For each page of a PDF, whether it draws a group of its own under an opacity that is neither full nor faint."""
    objects = {int(found[1]): found[2] for found in re.finditer(rb"(\d+) 0 obj\s*(.*?)endobj", pdf, re.S)}
    faint = {number for number, body in objects.items()
             if (alpha := re.search(rb"/ca\s*([0-9.]+)", body)) and FAINTEST <= float(alpha[1]) <= STRONGEST}
    pages = []
    for body in objects.values():
        if not re.search(rb"/Type\s*/Page\b", body):
            continue
        states = {name for name, number in re.findall(rb"/(G\d+)\s+(\d+) 0 R", body) if int(number) in faint}
        content = objects[int(re.search(rb"/Contents\s+(\d+) 0 R", body)[1])]
        drawn = zlib.decompress(re.search(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)[1])
        pages.append(any(state in states for state in re.findall(rb"/(G\d+) gs\s[^G]*?/X\d+ Do", drawn)))
    return pages


class Print(InScratch):
    def printed(self, page):
        (self.dir / "page.html").write_text(page, encoding="utf-8")
        subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                        f"--user-data-dir={self.dir / 'profile'}", f"--print-to-pdf={self.dir / 'page.pdf'}",
                        (self.dir / "page.html").as_uri()],
                       env=environment(HOME=str(self.dir)), capture_output=True, timeout=120, check=True)
        return (self.dir / "page.pdf").read_bytes()

    def test_marks_every_page_of_simulated_evidence(self):
        self.run_fake("pass.yaml", 2)
        page = (self.dir / "bundle.report" / "report.html").read_text(encoding="utf-8")
        marked = marked_pages(self.printed(page))
        self.assertGreaterEqual(len(marked), 3)
        self.assertTrue(all(marked), marked)
        # The same page without its mark: this test can tell.
        bare, taken = re.subn(r'<div class="watermark".*?</div>\n', "", page, flags=re.S)
        self.assertEqual(taken, 1)
        unmarked = marked_pages(self.printed(bare))
        self.assertGreaterEqual(len(unmarked), 3)
        self.assertFalse(any(unmarked), unmarked)


if __name__ == "__main__":
    unittest.main()
