#!/usr/bin/python3
"""Length of files, and words that may not stand in a tracked file.

usage: sources.py | sources.py --self-test
"""
import argparse
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tree  # noqa: E402

EXPLAIN, SPLIT = 400, 600
EXPLANATION = "Over 400 lines:"
SOURCE = (".h", ".hpp", ".c", ".cpp", ".cu", ".cuh", ".py", ".sh", ".ts", ".cmake", "CMakeLists.txt")

# Put together from pieces, so that this file does not hold what it forbids.
HOSTS = ["deb." "debian.org", "security." "debian.org", "archive." "ubuntu.com", "security." "ubuntu.com", "pypi." "org",
         "python" "hosted.org", "npm" "js.org", "npm" "js.com", "yarn" "pkg.com", "crates" ".io", "golang" ".org",
         "ruby" "gems.org", "docker" ".io", "ghcr" ".io", "quay" ".io", "anaconda" ".org", "node" "source.com",
         "developer.download." "nvidia.com"]
WORDS = [
    (re.compile("|".join(r"(?<![\w-])" + re.escape(host) for host in HOSTS)), "a registry's host name", ()),
    (re.compile(r"(?<![\w.-])/(?:wo" r"rk|ro" r"ot|ho" r"me/\w+)/"), "an absolute path of one machine", ()),
    (re.compile(r"\.\./sha" r"red\b|(?<![\w/-])sha" r"red/(?:design|facts|hooks|prototypes)\b"), "a path outside the tree", (".ci/",)),
    (re.compile(r"/t" r"mp/geo" r"msu"), "an absolute path of one machine", ()),
]


def faults_in(root: pathlib.Path, names: list[str]) -> list[str]:
    faults = []
    for name in names:
        text = tree.text_of(root, name)
        if text is None:
            continue
        lines = text.split("\n")
        length = len(lines) - 1 if text.endswith("\n") else len(lines)
        if name.endswith(SOURCE) or (text.startswith("#!") and "." not in name.rsplit("/", 1)[-1]):
            if length > SPLIT:
                faults.append(f"{name}: {length} lines; split what is over {SPLIT}")
            elif length > EXPLAIN and not any(EXPLANATION in line for line in lines[:40]):
                faults.append(f"{name}: {length} lines; over {EXPLAIN} say why at the top: '{EXPLANATION} ...', or split")
        for number, line in enumerate(lines, 1):
            for pattern, what, exempt in WORDS:
                found = pattern.search(line)
                if found and not name.startswith(exempt or ("\0",)):
                    faults.append(f"{name}:{number}: {what}: {found.group(0)}")
    return faults


class SelfTest(unittest.TestCase):
    def faults(self, name: str, text: str) -> list[str]:
        with tempfile.TemporaryDirectory(prefix="geomsu-sources-") as folder:
            root = pathlib.Path(folder)
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
            return faults_in(root, [name])

    def test_length_is_counted_in_lines(self) -> None:
        self.assertEqual([], self.faults("a.cpp", "x\n" * EXPLAIN))
        self.assertEqual(1, len(self.faults("a.cpp", "x\n" * (EXPLAIN + 1))))
        self.assertEqual(1, len(self.faults("a.cpp", "x\n" * EXPLAIN + "x")))
        self.assertEqual(1, len(self.faults("run", "#!/bin/bash\n" + "x\n" * SPLIT)))

    def test_an_explanation_at_the_top_excuses_up_to_600_only(self) -> None:
        self.assertEqual([], self.faults("a.cpp", f"// {EXPLANATION} one table\n" + "x\n" * (SPLIT - 1)))
        self.assertEqual(1, len(self.faults("a.cpp", f"// {EXPLANATION} one table\n" + "x\n" * SPLIT)))
        self.assertEqual(1, len(self.faults("a.cpp", "x\n" * 450 + f"// {EXPLANATION} too late\n")))

    def test_data_may_be_long(self) -> None:
        self.assertEqual([], self.faults("a.json", "x\n" * 5000))

    def test_every_registry_is_reported(self) -> None:
        for host in HOSTS:
            self.assertEqual(1, len(self.faults("a.md", f"see https://{host}/x\n")), host)

    def test_paths_of_one_machine_are_reported(self) -> None:
        for path in ("/wo" "rk/x", "/ro" "ot/x", "/ho" "me/kim/x", "../sha" "red/x", "sha" "red/facts/y", "/t" "mp/geo" "msu/x"):
            self.assertEqual(1, len(self.faults("a.sh", f"cp '{path}' .\n")), path)

    def test_other_words_are_not(self) -> None:
        for text in ("a shared/unique pointer", "libshared/facts", "/usr/share/geomsu", "network/work/x", "x/root/y"):
            self.assertEqual([], self.faults("a.md", text + "\n"), text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--self-test", action="store_true")
    if parser.parse_args().self_test:
        return 0 if unittest.main(argv=[sys.argv[0]], exit=False).result.wasSuccessful() else 1
    names = tree.tracked(tree.ROOT)
    faults = faults_in(tree.ROOT, names)
    print("\n".join(faults) or f"{len(names)} tracked files, nothing to say")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
