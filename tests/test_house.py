"""The house in order: lint, format and types as the project sets them, and nothing in its files that should not be."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 1_500_000  # bytes
BINARY = {".png", ".xlsx", ".ico", ".gz", ".whl"}
# Written in pieces, so that this file does not match.
INDEX = re.compile(
    r"https?://[^\s\"'<>]*(?:py" + r"pi|python" + r"hosted|artifact" + r"ory|/sim" + r"ple\b|nex" + r"us)", re.I
)
HOME = re.compile(r"(?:/ho" + r"me/|/Us" + r"ers/|/ro" + r"ot/|[A-Z]:\\+Us" + r"ers\\+)\w")


def tracked() -> list[Path]:
    """The files under version control, and those that would be: new ones that are not ignored."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return []
    done = subprocess.run(
        [git, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [path for name in sorted(set(done.stdout.split("\0"))) if name and (path := ROOT / name).is_file()]


FILES = tracked()
TEXTS = [path for path in FILES if path.suffix not in BINARY]
needs_git = pytest.mark.skipif(not FILES, reason="there is no git here, or no checkout, to say which files are tracked")


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_the_tools_find_nothing(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    assert done.returncode == 0, f"{' '.join(command)} says:\n{done.stdout}{done.stderr}"


@needs_git
def test_there_are_files_to_look_at() -> None:
    assert {ROOT / "pyproject.toml", ROOT / "data" / "visits.csv", Path(__file__).resolve()} <= set(TEXTS)


@needs_git
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_text_file_is_plain_and_says_nothing_of_a_machine(path: Path) -> None:
    content = path.read_bytes()
    assert b"\r" not in content, "line ends are LF"
    text = content.decode("utf-8")
    assert "\ufeff" not in text and "\0" not in text
    assert not text or text.endswith("\n"), "a text ends in a line break"
    for pattern in (INDEX, HOME):
        found = pattern.search(text)
        assert found is None, found and found.group()


@needs_git
def test_no_file_is_too_large() -> None:
    sizes = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in FILES}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        (INDEX, "see https://" + "py" + "pi.org/simple", "see https://www.python.org"),
        (INDEX, "http://mirror.example/sim" + "ple/numpy", "https://example.org/simplest"),
        (HOME, "/ho" + "me/jo/report", "the folder /home or ~"),
        (HOME, "C:\\Us" + "ers\\jo", "C:\\temp"),
    ],
)
def test_the_patterns_find_what_they_look_for(pattern: "re.Pattern[str]", bad: str, good: str) -> None:
    assert pattern.search(bad) and not pattern.search(good)
