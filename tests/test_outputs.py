"""Where a file may be written, and that an old one outlives every failure."""

import os
import stat
import sys
from pathlib import Path

import pytest

from survey_analysis.errors import InputError
from survey_analysis.outputs import check_output, write_aside


def refusal(path: Path, *inputs: Path) -> str:
    with pytest.raises(InputError) as caught:
        check_output(path, suffix=".html", inputs=inputs)
    return str(caught.value)


def test_a_place_is_given_back_whole_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert check_output(Path("report.html"), suffix=".html") == tmp_path.resolve() / "report.html"
    assert check_output(Path("Report.HTML"), suffix=".html") == tmp_path.resolve() / "Report.HTML"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    inside = str(tmp_path / "report.html")
    assert refusal(tmp_path) == f"{str(tmp_path)!r} is a folder; name a file in it, such as {inside!r}"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("report.pdf", "report.html"),
        ("report", "report.html"),
        ("report.html.", "report.html"),
        ("report.html ", "report.html"),
        (".html", "html.html"),
    ],
)
def test_another_ending_is_refused_with_the_name_that_is_meant(name: str, meant: str, tmp_path: Path) -> None:
    path = tmp_path / name
    assert refusal(path) == f"{str(path)!r} must end in '.html'; name it {meant!r}"


@pytest.mark.parametrize("name", ["con.html", "NUL.html", "lpt1.html", "com\u00b2.html", "aux.old.html", "PRN .html"])
def test_a_name_that_windows_keeps_for_itself_is_refused_everywhere(name: str, tmp_path: Path) -> None:
    assert refusal(tmp_path / name) == f"{name!r} is a name that Windows cannot store; choose another"


@pytest.mark.parametrize("name", ["console.html", "report. 1.html", "com10.html"])
def test_a_name_that_only_begins_like_one_is_good(name: str, tmp_path: Path) -> None:
    assert check_output(tmp_path / name, suffix=".html").name == name


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    there = tmp_path / "none"
    assert refusal(there / "report.html") == f"the folder {str(there)!r} is not there; make it first, or name another"
    assert not there.exists()


def test_a_name_that_cannot_be_is_refused(tmp_path: Path) -> None:
    long, null = tmp_path / f"{'a' * 300}.html", tmp_path / "a\0.html"
    assert refusal(long) == f"{str(long)!r} cannot be written (File name too long); name another file"
    assert refusal(null) == f"{str(null)!r} cannot be the name of a file; choose another"


@pytest.mark.parametrize("link", ["itself", "by a detour", "by a symbolic link", "by a hard link"])
def test_what_is_read_is_never_replaced(link: str, tmp_path: Path) -> None:
    given, path = tmp_path / "visits.html", tmp_path / "report.html"
    given.write_text("visits")
    (tmp_path / "folder").mkdir()
    if link == "by a symbolic link":
        path.symlink_to(given)
    elif link == "by a hard link":
        path.hardlink_to(given)
    else:
        path = given if link == "itself" else tmp_path / "folder" / ".." / "visits.html"
    assert refusal(path, tmp_path / "none", given) == (
        f"{str(path)!r} is the file that is read, and is never replaced; name another"
    )


def test_a_file_that_is_read_only_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    path.chmod(0o444)
    assert refusal(path) == (
        f"{str(path)!r} may not be written; close it elsewhere, allow writing, or name another file"
    )


def test_a_folder_in_which_nothing_may_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path.resolve())  # root may write everywhere
    assert refusal(tmp_path / "report.html") == f"nothing may be written in the folder {str(tmp_path)!r}; name another"


# ---------------------------------------------------------------------------------------------------- written whole


def test_a_file_is_written_whole_with_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    for content in (b"one", b"two"):
        write_aside(path, content)
        assert path.read_bytes() == content
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["open", "chmod", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, full)
        with pytest.raises(InputError) as caught:
            write_aside(path, b"new")
    assert str(caught.value) == (
        f"{str(path)!r} cannot be written (No space left on device); close it elsewhere, or name another file"
    )
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_being_stopped_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"old")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_aside(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_who_may_read_a_file_stays_as_it_was(tmp_path: Path) -> None:
    old, new, plain = tmp_path / "old.html", tmp_path / "new.html", tmp_path / "plain.html"
    old.write_text("old")
    old.chmod(0o640)
    plain.write_text("made as any file is")
    write_aside(old, b"new")
    write_aside(new, b"new")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
