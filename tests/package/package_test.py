#!/usr/bin/python3
"""One step of the package tests; tests/package/CMakeLists.txt puts them in order."""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def fail(text: str) -> None:
    sys.exit(text)


def run(*command: object, cwd: pathlib.Path | None = None, expect: int = 0) -> str:
    """Runs with an environment that names no folder of the build; returns stdout and stderr together."""
    environment = {key: os.environ[key] for key in ("PATH", "LANG", "CCACHE_DIR") if key in os.environ}
    environment["HOME"] = str(cwd or "/nonexistent")
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    print("$", " ".join(words), f"-> {done.returncode}", done.stdout, sep="\n")
    if done.returncode != expect:
        fail(f"expected status {expect}, got {done.returncode}")
    return done.stdout


def moved(tree: pathlib.Path) -> pathlib.Path:
    return tree / "moved" / "geomsu"


def install_and_move(a: argparse.Namespace) -> None:
    shutil.rmtree(a.tree, ignore_errors=True)
    first = a.tree / "first"
    run(a.cmake, "--install", a.build, "--prefix", first)
    moved(a.tree).parent.mkdir(parents=True)
    first.rename(moved(a.tree))


def remove(a: argparse.Namespace) -> None:
    shutil.rmtree(a.tree)


def holds_what_it_promises(a: argparse.Namespace) -> None:
    root = moved(a.tree)
    for name in ("bin/geomsu", "bin/geomsu-worker", "lib/geomsu/backends/geomsu_cpu.so", "lib/geomsu/backends/geomsu_fake.so",
                 "lib/geomsu/adapters/geomsu_adapter.py", "lib/geomsu/adapters/geomsu_lines.py",
                 "lib/geomsu/adapters/geomsu_operands.py",
                 "lib/geomsu/adapters/minimal/minimal.py", "lib/geomsu/adapters/torch/torch_adapter.py",
                 "lib/cmake/geomsu/geomsuConfig.cmake", "include/geomsu/harness/abi/geomsu_plugin.h",
                 "include/geomsu/kernels/ops/generator.hpp", "share/geomsu/contracts/demo-cpu.yaml"):
        if not (root / name).is_file():
            fail(f"the installed tree lacks {name}")
    for name in ("suites", "devices", "schema"):
        if not any((root / "share/geomsu" / name).iterdir()):
            fail(f"share/geomsu/{name} is empty")
    for text in list((root / "lib/cmake/geomsu").iterdir()):
        for origin in (a.source, a.build, a.tree / "first"):
            if str(origin) + "/" in text.read_text():
                fail(f"{text.name} names {origin}: the package would break when moved")
    for library in (root / "lib/geomsu/backends").glob("*.so"):
        symbols = run("nm", "-D", "--defined-only", "--format=posix", library).split("\n")
        names = {line.split()[0].split("@")[0] for line in symbols if line.strip()}
        if names - {"GEOMSU_1", "GEOMSU_1.0"} != {"geomsu_plugin_query"}:
            fail(f"{library.name} exports {sorted(names)}, not geomsu_plugin_query alone")


def runs_from_its_new_place(a: argparse.Namespace) -> None:
    program = moved(a.tree) / "bin/geomsu"
    with tempfile.TemporaryDirectory(prefix="geomsu-package-") as folder:
        here = pathlib.Path(folder)
        if "geomsu" not in run(program, "--version", cwd=here):
            fail("--version does not say who it is")
        if "cpu" not in run(program, "devices", cwd=here).lower():
            fail("the moved tree does not find its CPU backend")
        run(program, "validate", moved(a.tree) / "share/geomsu/contracts/demo-cpu.yaml", cwd=here)
        # The installed adapter, as a site file names it.
        words = [sys.executable, "-B", str(moved(a.tree) / "lib/geomsu/adapters/minimal/minimal.py")]
        (here / "site.yaml").write_text(f"plugins:\n  - command: {json.dumps(words)}\n")
        found = json.loads(run(program, "devices", "--json", "--site", here / "site.yaml", cwd=here))
        if [device["backend"] for device in found["devices"]] != ["minimal"]:
            fail(f"the installed adapter was not served: {found}")
        # Through a link, as a person puts it into a bin folder of his own.
        (here / "geomsu").symlink_to(program)
        run(here / "geomsu", "devices", cwd=here)


def configure(a: argparse.Namespace, source: pathlib.Path, build: pathlib.Path, *options: str, expect: int = 0) -> str:
    return run(a.cmake, "-S", source, "-B", build, "-G", a.generator, f"-DCMAKE_CXX_COMPILER={a.cxx}",
               f"-DCMAKE_C_COMPILER={a.cc}", "-DCMAKE_BUILD_TYPE=Release", *options, expect=expect)


def copy_of_template(a: argparse.Namespace, folder: str) -> pathlib.Path:
    """As a vendor has it: the folder alone, away from the tree, under a name of its own."""
    copy = pathlib.Path(shutil.copytree(a.source / "kernels/template", pathlib.Path(folder) / "plugin"))
    build_file = copy / "CMakeLists.txt"
    text = build_file.read_text()
    if "NAME template" not in text:
        fail("kernels/template/CMakeLists.txt names its plug-in otherwise than this test thinks")
    build_file.write_text(text.replace("NAME template", "NAME acme"))
    return copy


def plugin_builds_and_loads(a: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="geomsu-plugin-") as folder:
        source, build = copy_of_template(a, folder), pathlib.Path(folder) / "build"
        configure(a, source, build, f"-DCMAKE_PREFIX_PATH={moved(a.tree)}")
        run(a.cmake, "--build", build)
        made = build / "geomsu_acme.so"
        if not made.is_file():
            fail(f"expected {made}")
        devices = (moved(a.tree) / "bin/geomsu", "devices", "--json", "--backend", "acme")
        found = json.loads(run(*devices, "--backend-path", build, cwd=pathlib.Path(folder)))
        plugin = found["plugins"][0]
        if plugin["refused"] or plugin["path"] != str(made.resolve()) or not found["devices"]:
            fail(f"the plug-in was not loaded: {plugin}")
        # The counter-test: without its folder it is not found, so the answer above came from the file just built.
        elsewhere = json.loads(run(*devices, cwd=pathlib.Path(folder)))
        if elsewhere["devices"] or not elsewhere["plugins"][0]["refused"]:
            fail("a plug-in that is not there was served")


def plugin_fails_without_package(a: argparse.Namespace) -> None:
    """The counter-test: what the test above builds comes from the package, not from this machine."""
    with tempfile.TemporaryDirectory(prefix="geomsu-plugin-") as folder:
        source = copy_of_template(a, folder)
        text = configure(a, source, pathlib.Path(folder) / "build", "-DCMAKE_FIND_PACKAGE_NO_PACKAGE_REGISTRY=ON",
                         f"-DCMAKE_PREFIX_PATH={folder}/nowhere", expect=1)
        if "geomsu" not in text:
            fail("it failed for another reason")


def sources_as_subdirectory(a: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="geomsu-consumer-") as folder:
        build = pathlib.Path(folder) / "build"
        configure(a, a.source / "tests/package/consumer", build, f"-DGEOMSU_SOURCE={a.source}")
        run(a.cmake, "--build", build, "--target", "geomsu_backend_consumer", "-j", "1")


STEPS = {step.__name__: step for step in (install_and_move, holds_what_it_promises, runs_from_its_new_place,
                                          plugin_builds_and_loads, plugin_fails_without_package, sources_as_subdirectory, remove)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=STEPS)
    for name in ("source", "build", "tree"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True)
    for name in ("cmake", "generator", "cxx", "cc"):
        parser.add_argument("--" + name, required=True)
    arguments = parser.parse_args()
    STEPS[arguments.step](arguments)


if __name__ == "__main__":
    main()
