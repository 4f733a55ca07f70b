"""Marks for notebooks that were handed in: answers read as data, no code run unasked, whatever it is."""

import csv
import io
import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from survey_analysis import cli
from survey_analysis.errors import InputError
from survey_analysis.lessons.catalogue import LESSONS, data_of
from survey_analysis.lessons.handed_in import AsCode, read_handed_in
from survey_analysis.lessons.marking import Marked, mark_lessons, marks_as_csv, marks_in_words
from survey_analysis.lessons.student_copies import copy_lessons


def right(number: int, place: int, seed: int = 0) -> object:
    return LESSONS[number].questions[place - 1].answer(data_of(number, seed))


def hand_in(path: Path, *sources: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(it) for it in sources]), path)
    return path


def of(*answers: object, seed: int = 0, lesson: int = 1) -> str:
    """The code of a notebook with answers."""
    lines = [f"seed = {seed}", f"frame = lessons.data({lesson}, seed=seed)", "prediction = 0.9"]
    lines.append(f'lessons.predict("lesson {lesson}", prediction)')
    for place, answer in enumerate(answers, start=1):
        lines += [f"answer_{place} = {answer}", f'lessons.check("lesson {lesson}, question {place}", answer_{place})']
    return "\n".join(lines)


def answers(source: str) -> dict[str, object]:
    return read_handed_in(new_notebook(cells=[new_code_cell(source)])).answers


# ------------------------------------------------------------------------------------------------ read as data


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0.25", 0.25), ("'wider'", "wider"), ("None", None), ("...", None), ("-0.5", -0.5), ("+1", 1.0),
        ("10 / 59", 10 / 59), ("1 - (2 + 3) * 0.1", 0.5), ("2 ** 3", 8.0), ("True", True), ("-(-1)", 1.0),
    ],
)  # fmt: skip
def test_a_number_a_text_or_a_sum_is_read(written: str, read: object) -> None:
    found = answers(f"a = {written}\nlessons.check('lesson 1, question 1', a)")
    assert found == {"lesson 1, question 1": pytest.approx(read) if isinstance(read, float) else read}
    assert answers(f"lessons.check('lesson 1, question 1', {written})") == found
    assert answers(f"print(lessons.check('lesson 1, question 1', answer={written}))") == found


@pytest.mark.parametrize(
    "written",
    ["f(1)", "frame['a'].mean()", "[1, 2]", "lambda: 1", "__import__('os')", "b", "'a' + 'b'", "1 if x else 2", "9j"],
)
def test_what_only_running_would_tell_is_left_as_code(written: str) -> None:
    assert answers(f"a = {written}\nlessons.check('lesson 1, question 1', a)") == {"lesson 1, question 1": AsCode("a")}


@pytest.mark.parametrize("written", ["9 ** 9 ** 9 ** 9", "1 / 0", "(-8) ** 0.5", "1e308 * 10 - 1e308 * 10"])
def test_a_sum_without_a_value_ends_at_once_and_is_no_number(written: str) -> None:
    [found] = answers(f"lessons.check('lesson 1, question 1', {written})").values()
    assert isinstance(found, AsCode) or found != found or found == float("inf")


def test_the_last_answer_before_the_check_counts() -> None:
    source = "a = 1\na = 2\nlessons.check('lesson 1, question 1', a)\na = 3"
    assert answers(source) == {"lesson 1, question 1": 2}
    assert answers("a = 1\na += 1\nlessons.check('lesson 1, question 1', a)") == {"lesson 1, question 1": AsCode("a")}
    assert answers("a: float = 1\nlessons.check('q', a)") == {"q": AsCode("a")}
    assert answers("a, b = 1, 2\nlessons.check('q', a)") == {"q": AsCode("a")}


def test_a_cell_that_is_no_python_is_passed_over() -> None:
    cells = ["%matplotlib inline", "a = = 1", "x" * 10 + "(" * 5_000, "\x00", "lessons.check('q', 4)"]
    assert read_handed_in(new_notebook(cells=[new_code_cell(it) for it in cells])).answers == {"q": 4}
    deep = "lessons.check('q', " + "-" * 90 + "1)"
    assert answers(deep) == {"q": AsCode("")}


# --------------------------------------------------------------------------------------------------- the table


def test_each_answer_has_its_verdict_by_the_seed_of_its_notebook(tmp_path: Path) -> None:
    hand_in(tmp_path / "b.ipynb", of(right(1, 1, 7), right(1, 2, 7), 0.95, seed=7))
    hand_in(tmp_path / "a" / "x.ipynb", of(right(1, 1, 5), None, "frame.mean()", seed=0))
    first, second = mark_lessons(tmp_path)
    assert (first.file, first.seed, first.verdicts) == (
        "a/x.ipynb", "0", ("not yet", "not answered yet", "written as code, not run"),
    )  # fmt: skip
    assert (second.file, second.seed, second.prediction) == ("b.ipynb", "7", "0.9")
    assert second.verdicts == ("correct", "correct", "not yet") and second.correct == 2
    assert second.remarks == ("Question 3: this is what the interval promises, not what it does.",)
    assert marks_in_words([first, second]) == (
        "2 notebooks: 2 of 6 answers are correct; 2 not yet; 1 not answered yet; 1 written as code, not run."
    )


def test_no_code_is_run_unasked(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    code = f"open({str(trap)!r}, 'w').write('x')"
    hand_in(tmp_path / "a.ipynb", code, of(code, f"__import__('pathlib').Path({str(trap)!r}).touch()", 1))
    [marked] = mark_lessons(tmp_path)
    assert marked.verdicts[:2] == ("written as code, not run",) * 2 and not trap.exists()


@pytest.mark.slow
def test_notebooks_are_run_where_that_is_wanted(tmp_path: Path) -> None:
    start = "from survey_analysis import lessons"
    compute = "p = frame['outstanding'].mean()\nn = len(frame)\nfound = p - 1.96 * (p * (1 - p) / n) ** 0.5"
    source = of("found", "frame", "float('nan')", seed=3).replace(
        "prediction = 0.9", compute + "\nprediction = 2 - 1.5"
    )
    hand_in(tmp_path / "a.ipynb", start, source)
    hand_in(tmp_path / "b.ipynb", start, of("nothing_there", 1, 1))
    ran, failed = mark_lessons(tmp_path, run=True)
    assert ran.verdicts[0] == "correct" and ran.verdicts[1] == "not yet" and ran.seed == "3"
    assert failed.remarks == ("Not read: b.ipynb failed in cell 2: NameError: name 'nothing_there' is not defined.",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as a notebook"),
        (b"nonsense", "cannot be read as a notebook"),
        (b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "Not read: "),
        (b'{"nbformat": 4}', ""),
        (b"[]", "Not read: "),
        (b"[" * 100_000, "Not read: "),
    ],
    ids=["empty", "text", "wrong", "bare", "a list", "deep"],
)
def test_what_is_no_notebook_has_a_row_that_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.ipynb").write_bytes(content)
    [marked] = mark_lessons(tmp_path)
    assert marked.file == "x.ipynb" and marked.verdicts == () and said in marked.remarks[0]


def test_a_pipe_among_the_notebooks_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    os.mkfifo(tmp_path / "x.ipynb")
    assert mark_lessons(tmp_path)[0].remarks == ("Not read: it is no file on a disk.",)


def test_a_notebook_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(tmp_path / "a.ipynb", of(1))
    monkeypatch.setattr("survey_analysis.lessons.marking.MOST_BYTES", 10)
    assert mark_lessons(tmp_path)[0].remarks == ("Not read: it is larger than 0 MB.",)


def test_other_notebooks_and_deleted_questions_are_told(tmp_path: Path) -> None:
    hand_in(tmp_path / "a.ipynb", "1 + 1", "lessons.check('lesson 77, question 1', 1)")
    hand_in(tmp_path / "b.ipynb", "lessons.check('lesson 1, question 2', 0.1)")
    hand_in(tmp_path / "c.ipynb", of(1, 1, 1).replace("seed = 0", "seed = 'mine'"))
    other, part, seedless = mark_lessons(tmp_path)
    assert other.remarks == ("It checks no answer to a question of a lesson.",)
    assert part.verdicts == ("not in the notebook", "not yet", "not in the notebook")
    assert seedless.remarks == ("Its seed is no whole number from 0.",)


def test_the_table_opens_in_a_spreadsheet_and_commands_it_nothing() -> None:
    marked = [
        Marked(file="=cmd|'x'.ipynb", lesson="1", seed="0", prediction="@a", verdicts=("correct",), remarks=("-1, x",)),
        Marked(file="Zoë.ipynb", remarks=('Not read: a "quote".',)),
    ]
    content = marks_as_csv(marked)
    assert content.startswith(b"\xef\xbb\xbffile,lesson,seed,prediction,question 1,correct,remarks\n")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[1] == ["'=cmd|'x'.ipynb", "1", "0", "'@a", "correct", "1", "'-1, x"]
    assert rows[2] == ["Zoë.ipynb", "", "", "", "", "0", 'Not read: a "quote".']


# ----------------------------------------------------------------------------------------------- the commands


def test_the_command_writes_the_table_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy_lessons(tmp_path / "class", seed=2)
    out = tmp_path / "marks.csv"
    assert cli.main(["lessons", "mark", str(tmp_path / "class"), "--out", str(out)]) == 0
    lessons, questions = len(LESSONS), 3 * len(LESSONS)
    assert capsys.readouterr().out == (
        f"{lessons} notebooks: 0 of {questions} answers are correct; {questions} not answered yet. "
        f"The table is in {out.resolve()}.\n"
    )
    before = out.read_bytes()
    assert cli.main(["lessons", "mark", str(tmp_path / "class"), "--out", str(out)]) == 1
    assert capsys.readouterr().err == f"{str(out)!r} is there already and is left alone; name another with --out\n"
    assert out.read_bytes() == before


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_foreign_code_is_run_after_asking_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr("survey_analysis.lessons.marking.execute", lambda *_: asked.append(True))
    hand_in(tmp_path / "a.ipynb", of("f()"))
    command = ["lessons", "mark", str(tmp_path), "--run", "--out", str(tmp_path / "m.csv")]
    assert cli.main(command) == 1
    assert "--run runs code that others wrote, and asks at a terminal first" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", Terminal("no\n"))
    assert cli.main(command) == 1
    said = capsys.readouterr().err
    assert "It will run on this machine with your rights" in said and "Nothing was run" in said
    assert asked == [] and not (tmp_path / "m.csv").exists()
    monkeypatch.setattr("sys.stdin", Terminal("Yes\n"))
    assert cli.main(command) == 0 and asked == [True]


@pytest.mark.parametrize(("made", "said"), [(False, "is no folder; name"), (True, "there is no notebook in")])
def test_a_folder_without_notebooks_is_told(tmp_path: Path, made: bool, said: str) -> None:
    folder = tmp_path / "class"
    if made:
        folder.mkdir()
    with pytest.raises(InputError, match=said):
        mark_lessons(folder)


def test_the_command_copies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lessons", "copy", str(tmp_path / "class"), "--seed", "12"]) == 0
    assert f"{len(LESSONS)} notebooks with seed 12 are in" in capsys.readouterr().out
    assert cli.main(["lessons", "copy", str(tmp_path / "class")]) == 1
    assert "is there already and not empty" in capsys.readouterr().err
