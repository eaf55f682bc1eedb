#!/usr/bin/python3
"""The arrow test: who includes and links whom, against what the architecture draws (harness/README.md).

usage: arrows.py [--targets FILE]     FILE: one line a CMake target, "folder|target|links|headers", ;-separated lists
       arrows.py --self-test
"""
import argparse
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tree  # noqa: E402

OPS = "kernels/ops"


def harness(*rooms: str) -> set[str]:
    return {"harness/" + room for room in rooms}


# The arrows: folder -> folders it may include and link, beside itself. bench and tests are below.
ARROWS: dict[str, set[str]] = {
    "harness/abi": set(),
    "harness/base": set(),
    "harness/model": harness("base"),
    "harness/stats": harness("base"),
    "harness/money": harness("base"),
    "harness/contract": harness("base", "model", "money") | {OPS},
    "harness/protocol": harness("base", "model"),
    "harness/evidence": harness("base", "model"),
    "harness/judge": harness("base", "contract", "stats", "money", "model", "evidence") | {OPS},
    "harness/worker": harness("base", "abi", "protocol"),
    "harness/measure": harness("base", "protocol", "stats", "model", "evidence", "contract") | {OPS},
    "harness/conform": harness("base", "measure", "protocol", "model") | {OPS},
    "harness/fleet": harness("base", "evidence", "judge", "model"),
    "harness/history": harness("base", "evidence", "judge", "model"),
    "reports/exporters": harness("base", "model", "money"),
    OPS: set(),
    "kernels/shared": harness("abi") | {OPS},
}
SHARED = "kernels/shared"
BACKEND = harness("abi") | {OPS, SHARED}
EVERYTHING = set(ARROWS)

# The dear headers (12 s a file, 38 s under sanitizers): folder -> how many of its sources may include them; None: any.
DEAR = {
    "nlohmann/": {"harness/protocol": None, "harness/evidence": None, "harness/contract": None, "reports/exporters": 1},
    "yaml-cpp/": {"harness/contract": None, "kernels/fake": None},
}
CODE = (".h", ".hpp", ".c", ".cpp", ".cu", ".cuh")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)


def room_of(name: str) -> str | None:
    """The room that a path belongs to; None for what has no arrows (tests, tools)."""
    parts = name.split("/")
    if parts[0] == "bench":
        return "bench"
    if parts[0] in ("harness", "kernels", "reports") and len(parts) > 1:
        return "/".join(parts[:2])
    return None


def may(room: str) -> set[str] | None:
    """What a room may use, or None for a room that nobody has drawn."""
    if room in ARROWS:
        return ARROWS[room]
    if room == "harness/cli":
        return EVERYTHING
    if room == "bench":
        return EVERYTHING | {other for other in KNOWN_BACKENDS}
    if room.startswith("kernels/"):
        return BACKEND
    return None


KNOWN_BACKENDS = {"kernels/cpu", "kernels/cuda", "kernels/opencl", "kernels/mpi", "kernels/fake", "kernels/template"}


def include_faults(root: pathlib.Path, names: list[str]) -> list[str]:
    faults = []
    dear_users: dict[tuple[str, str], list[str]] = {}
    for name in names:
        room = room_of(name)
        if room is None or not name.endswith(CODE):
            continue
        allowed = may(room)
        if allowed is None:
            faults.append(f"{name}: the room {room} is not drawn; add its arrows to harness/README.md and tests/lint/arrows.py")
            continue
        text = tree.text_of(root, name) or ""
        for match in INCLUDE.finditer(text):
            where = f"{name}:{text.count(chr(10), 0, match.start(2)) + 1}"
            quote, target = match.groups()
            for prefix, users in DEAR.items():
                if target.startswith(prefix):
                    forward = target == "nlohmann/json_fwd.hpp"  # declarations only, and cheap: headers may have it
                    if room not in users or not (name.endswith(".cpp") or forward):
                        faults.append(f"{where}: {target} belongs into .cpp files of {', '.join(sorted(users))} only")
                    if not forward:
                        dear_users.setdefault((prefix, room), []).append(name)
            # A project path in angle brackets is an arrow as well.
            other = room_of(target)
            if quote == '"' and other is None:
                folder = (root / name).parent
                made_from = (target, target + ".in", str(pathlib.PurePath(target).with_suffix(".cmake")))
                if not any(folder.joinpath(source).is_file() for source in made_from):
                    faults.append(f'{where}: "{target}" is neither a path from the root of the tree nor a neighbour')
                elif "/" in target:
                    faults.append(f'{where}: "{target}": write the path from the root of the tree')
                continue
            if other is None or other == room:
                continue
            if other not in allowed:
                faults.append(f"{where}: {room} may not include {other} ({target}); drawn: {', '.join(sorted(allowed)) or 'nothing'}")
    for (prefix, room), users in dear_users.items():
        limit = DEAR[prefix].get(room)
        if limit is not None and len(set(users)) > limit:
            faults.append(f"{room}: {prefix} in {len(set(users))} sources ({', '.join(sorted(set(users)))}), {limit} allowed")
    return faults


def public_headers(root: pathlib.Path, names: list[str]) -> set[str]:
    """Headers that another room includes."""
    used = set()
    for name in names:
        room = room_of(name)
        if room is not None and name.endswith(CODE):
            for _, target in INCLUDE.findall(tree.text_of(root, name) or ""):
                if room_of(target) not in (None, room):
                    used.add(target)
    return used


def target_faults(lines: list[str], public: set[str]) -> list[str]:
    """Links of each room's targets, and that every public header is in a header set (else nobody compiles it alone)."""
    faults = []
    rows = [line.rstrip("\n").split("|") for line in lines if line.strip()]
    folder_of = {}
    for folder, target, _, _ in rows:
        folder_of[target] = folder
    covered = set()
    libraries = set()  # rooms that are linked by others; backends and programs have no public headers
    for folder, target, links, headers in rows:
        covered.update(header for header in headers.split(";") if header)
        room = room_of(folder + "/")
        if room is None or folder not in (room, "bench"):
            continue
        if target == "geomsu_" + room.split("/")[-1]:
            libraries.add(room)
        allowed = may(room)
        if allowed is None:
            faults.append(f"{target}: the room {room} is not drawn")
            continue
        for link in re.findall(r"geomsu(?:::|_)\w+", links):
            plain = link.replace("::", "_")
            if plain in ("geomsu_warnings", "geomsu_sanitizers"):
                continue
            other = folder_of.get(plain)
            if other is None:
                faults.append(f"{target}: links {link}, which is no target of a room")
            elif other != room and other not in allowed:
                faults.append(f"{target}: {room} may not link {other} ({link}); drawn: {', '.join(sorted(allowed)) or 'nothing'}")
    for name in sorted(public - covered):
        room = room_of(name)
        if room in libraries:
            faults.append(f"{name}: other rooms include it, but it is not among the HEADERS of {room}/CMakeLists.txt, so "
                          "nothing compiles it alone")
    return faults


class SelfTest(unittest.TestCase):
    """A lint that cannot fail is worth nothing."""

    def faults(self, files: dict[str, str]) -> str:
        with tempfile.TemporaryDirectory(prefix="geomsu-arrows-") as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return "\n".join(include_faults(root, sorted(files)))

    def test_drawn_arrows_are_silent(self) -> None:
        self.assertEqual("", self.faults({
            "harness/judge/judge.cpp": '#include "harness/stats/bounds.hpp"\n#include <vector>\n',
            "harness/cli/run.cpp": '#include "harness/measure/run.hpp"\n',
            "kernels/cpu/gemm.cpp": '#include "harness/abi/geomsu_plugin.h"\n#include "blas.hpp"\n#include "kernels/ops/gemm.hpp"\n',
            "kernels/cpu/blas.hpp": "",
            "harness/cli/facts.cpp": '#include "build_info.hpp"\n#include "commit.hpp"\n',  # made while building
            "harness/cli/build_info.hpp.in": "",
            "harness/cli/commit.cmake": "",
            "tests/unit/base/x_test.cpp": '#include "harness/cli/verb.hpp"\n',
            "harness/evidence/a.cpp": "#include <nlohmann/json.hpp>\n",
        }))

    def test_an_arrow_that_points_up_is_reported(self) -> None:
        self.assertIn("harness/stats may not include harness/judge",
                      self.faults({"harness/stats/a.cpp": '#include <span>\n#include "harness/judge/judge.hpp"\n'}))

    def test_angle_brackets_hide_no_arrow(self) -> None:
        self.assertIn("may not include", self.faults({"harness/base/a.cpp": "  # include <harness/model/plan.hpp>\n"}))

    def test_a_backend_knows_no_host(self) -> None:
        self.assertIn("kernels/cpu may not include harness/base",
                      self.faults({"kernels/cpu/a.cpp": '#include "harness/base/error.hpp"\n'}))

    def test_the_supervisor_side_knows_no_backend(self) -> None:
        self.assertIn("harness/cli may not include kernels/cpu",
                      self.faults({"harness/cli/a.cpp": '#include "kernels/cpu/a.hpp"\n'}))

    def test_bench_stays_away_from_the_cli(self) -> None:
        self.assertIn("bench may not include harness/cli", self.faults({"bench/a.cpp": '#include "harness/cli/a.hpp"\n'}))

    def test_a_room_that_nobody_drew_is_reported(self) -> None:
        self.assertIn("is not drawn", self.faults({"harness/misc/a.cpp": "\n"}))

    def test_dear_headers_stay_in_their_rooms_and_out_of_headers(self) -> None:
        self.assertIn("only", self.faults({"harness/judge/a.cpp": "#include <nlohmann/json.hpp>\n"}))
        self.assertIn("only", self.faults({"harness/contract/a.hpp": "#include <yaml-cpp/yaml.h>\n"}))
        self.assertIn("2 sources", self.faults({"reports/exporters/a.cpp": "#include <nlohmann/json.hpp>\n",
                                                "reports/exporters/b.cpp": "#include <nlohmann/json.hpp>\n"}))

    def test_forward_declarations_of_json_may_stand_in_headers(self) -> None:
        self.assertEqual("", self.faults({"harness/protocol/a.hpp": "#include <nlohmann/json_fwd.hpp>\n"}))
        self.assertIn("only", self.faults({"harness/judge/a.hpp": "#include <nlohmann/json_fwd.hpp>\n"}))

    def test_a_header_is_public_when_another_room_includes_it(self) -> None:
        with tempfile.TemporaryDirectory(prefix="geomsu-arrows-") as folder:
            root = pathlib.Path(folder)
            (root / "harness/base").mkdir(parents=True)
            (root / "harness/model").mkdir()
            (root / "harness/base/a.cpp").write_text('#include "harness/base/own.hpp"\n')
            (root / "harness/model/a.cpp").write_text('#include "harness/base/error.hpp"\n')
            self.assertEqual({"harness/base/error.hpp"}, public_headers(root, ["harness/base/a.cpp", "harness/model/a.cpp"]))

    def test_relative_paths_are_reported(self) -> None:
        self.assertIn("neither", self.faults({"harness/base/a.cpp": '#include "../model/plan.hpp"\n'}))

    def test_a_link_that_is_not_drawn_is_reported(self) -> None:
        lines = ["harness/base|geomsu_base||", "harness/stats|geomsu_stats|geomsu::base;geomsu::judge|",
                 "harness/judge|geomsu_judge|$<LINK_ONLY:geomsu_warnings>;geomsu_stats;fmt::fmt|"]
        faults = target_faults(lines, set())
        self.assertEqual(1, len(faults), faults)
        self.assertIn("harness/stats may not link harness/judge", faults[0])

    def test_a_header_outside_the_header_set_is_reported(self) -> None:
        faults = target_faults(["harness/base|geomsu_base||harness/base/a.hpp"], {"harness/base/a.hpp", "harness/base/b.hpp"})
        self.assertEqual(1, len(faults), faults)
        self.assertIn("harness/base/b.hpp", faults[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--targets", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return 0 if unittest.main(argv=[sys.argv[0]], exit=False).result.wasSuccessful() else 1
    names = tree.tracked(tree.ROOT)
    faults = include_faults(tree.ROOT, names)
    if arguments.targets:
        faults += target_faults(arguments.targets.read_text().splitlines(), public_headers(tree.ROOT, names))
    print("\n".join(faults) or f"{sum(room_of(n) is not None and n.endswith(CODE) for n in names)} sources, every arrow drawn")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
