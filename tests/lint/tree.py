"""What the lints share: the tracked files of the tree, read once."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tracked(root: pathlib.Path) -> list[str]:
    """Paths relative to root: what git tracks, or, outside a git checkout (a release archive), all but build and hidden folders."""
    done = subprocess.run(["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z"],
                          capture_output=True, check=False)
    if done.returncode == 0 and done.stdout:
        names = done.stdout.decode().rstrip("\0").split("\0")
    else:
        paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        names = [str(path) for path in paths if path.parts[0] != "build" and (path.parts[0] == ".ci" or path.parts[0][0] != ".")]
    return sorted(name for name in names if (root / name).is_file() and not (root / name).is_symlink())


def text_of(root: pathlib.Path, name: str) -> str | None:
    """The file's text, or None for a binary file."""
    data = (root / name).read_bytes()
    if b"\0" in data:
        return None
    return data.decode("utf-8", errors="replace")
