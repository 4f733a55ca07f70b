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
from survey_analysis.lessons.handed_in import AS_CODE, read_handed_in
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


def answers(*sources: str) -> dict[object, object]:
    given = read_handed_in(new_notebook(cells=[new_code_cell(it) for it in sources]))
    return {it.name: it.answer for it in given if it.function == "check"}


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
    assert answers(f"a = {written}\nlessons.check('lesson 1, question 1', a)") == {"lesson 1, question 1": AS_CODE}


@pytest.mark.parametrize("written", ["9 ** 9 ** 9 ** 9", "1 / 0", "(-8) ** 0.5", "1e308 * 10 - 1e308 * 10"])
def test_a_sum_without_a_value_ends_at_once_and_is_no_number(written: str) -> None:
    [found] = answers(f"lessons.check('lesson 1, question 1', {written})").values()
    assert found is AS_CODE or found != found or found == float("inf")


def test_the_last_answer_before_the_check_counts() -> None:
    source = "a = 1\na = 2\nlessons.check('lesson 1, question 1', a)\na = 3"
    assert answers(source) == {"lesson 1, question 1": 2}
    assert answers("a = 1\na += 1\nlessons.check('lesson 1, question 1', a)") == {"lesson 1, question 1": AS_CODE}
    assert answers("a: float = 1\nlessons.check('q', a)") == {"q": AS_CODE}
    assert answers("a, b = 1, 2\nlessons.check('q', a)") == {"q": AS_CODE}


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("a = 1\nd = {}\nd[a] = 5\nlessons.check('q', a)", 1),
        ("a = None\nif True:\n    a = 1\nlessons.check('q', a)", AS_CODE),
        ("a = 5\nfor a in [1]:\n    lessons.check('q', a)", AS_CODE),
        ("if False:\n    lessons.check('q', 1)", AS_CODE),
        ("a = 1\ndef a(): pass\nlessons.check('q', a)", AS_CODE),
        ("a = 1\nimport b as a\nlessons.check('q', a)", AS_CODE),
        ("print(a := 2, lessons.check('q', 1))", 1),
        ("lessons.check(question='q', answer=1)", 1),
    ],
)
def test_only_what_is_certain_is_read(source: str, answer: object) -> None:
    assert answers(source) == {"q": answer}


def test_a_check_that_need_never_run_is_not_counted() -> None:
    assert answers("def f():\n    lessons.check('q', 1)", "g = lambda: lessons.check('q', 1)") == {}


def test_a_cell_that_is_no_python_is_passed_over() -> None:
    cells = ["%matplotlib inline", "a = = 1", "x" * 10 + "(" * 5_000, "\x00", "lessons.check('q', 4)"]
    assert answers(*cells) == {"q": 4}
    assert answers("%matplotlib inline\n!pip list\nlessons.check('q', 4)\n?print") == {"q": 4}
    assert answers("%%timeit\nlessons.check('q', 4)") == {}
    deep = "lessons.check('q', " + "-" * 90 + "1)"
    assert answers(deep) == {"q": AS_CODE}


# --------------------------------------------------------------------------------------------------- the table


def test_each_answer_has_its_verdict_by_the_seed_of_its_notebook(tmp_path: Path) -> None:
    hand_in(tmp_path / "b.ipynb", of(right(1, 1, 7), right(1, 2, 7), 0.95, seed=7))
    hand_in(tmp_path / "a" / "x.ipynb", of(right(1, 1, 5), None, "frame.mean()", seed=0))
    first, second = mark_lessons(tmp_path)
    assert (first.file, first.seed, first.verdicts) == (
        "a/x.ipynb", "0", ("not yet", "not answered yet", "written as code, not run"),
    )  # fmt: skip
    assert (second.file, second.seed, second.prediction) == ("b.ipynb", "7", "0.9")
    assert (
        second.verdicts == ("correct", "correct", "not yet")
        and second.correct == "2 of 3"
        and first.correct == "0 of 2"
    )
    assert second.remarks == ("Question 3: this is what the interval promises, not what it does.",)
    assert first.remarks[-1] == "1 written as code: look at the notebook, or mark with --run."
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
def test_notebooks_are_run_where_that_is_wanted_and_answers_noted_when_they_are_checked(tmp_path: Path) -> None:
    start = "from survey_analysis import lessons\nseed = int('3')\nframe = lessons.data(1, seed=seed)"
    compute = "p = frame['outstanding'].mean()\nn = len(frame)\na = p - 1.96 * (p * (1 - p) / n) ** 0.5"
    hand_in(
        tmp_path / "a.ipynb",
        start,
        f"{compute}\nlessons.check('lesson 1, question 1', a)\na = frame",
        "if True:\n    a = float('nan')\nlessons.check('lesson 1, question 2', a)",
        "1 / 0",
        f"lessons.predict(1, 0.9)\nlessons.predict(1, 0.3)\n"
        f"lessons.check('lesson 1, question 3', {right(1, 3, 3)} * 1)",
        "lessons.data(1, seed=9)",
    )
    [marked] = mark_lessons(tmp_path, run=True)
    assert marked.verdicts == ("correct", "not yet", "correct") and (marked.seed, marked.prediction) == ("3", "0.9")
    assert marked.remarks == (
        "Question 2: the answer is a share, such as 0.25 for 25%, and this is no number at all: look for a division by "
        "zero.",
        "When it was run, cells failed: ZeroDivisionError.",
    )


@pytest.mark.parametrize(
    "source",
    [
        f"lessons.check('lesson {'9' * 5_000}, question 1', 1)",
        f"lessons.data('{'9' * 5_000}')\nlessons.check('lesson 1, question 1', 1)",
        f"lessons.predict(1, 0x{'f' * 5_000})\nlessons.check('lesson 1, question 1', 1)",
        f"lessons.data(1, seed=0x{'f' * 5_000})\nlessons.check('lesson 1, question 1', 1)",
        "lessons.predict(1, '\\ud800')\nlessons.check('lesson 1, question 1', '\\ud800')",
        f"x = [{'0, ' * 100_000}]\nlessons.check('lesson 1, question 1', 1)",
    ],
    ids=["question", "lesson", "prediction", "seed", "half a sign", "long"],
)
def test_a_hostile_notebook_takes_nothing_from_the_others(tmp_path: Path, source: str) -> None:
    hand_in(tmp_path / "a.ipynb", source)
    hand_in(tmp_path / "good.ipynb", of(right(1, 1), 1, 1))
    _, good = mark_lessons(tmp_path)
    assert good.verdicts[0] == "correct"
    assert b"good.ipynb" in marks_as_csv([_, good])


def test_the_seed_in_force_at_the_check_counts(tmp_path: Path) -> None:
    hand_in(tmp_path / "a.ipynb", of(right(1, 1, 7), right(1, 2, 7), 1, seed=7) + "\nlessons.data(1, seed=8)")
    hand_in(tmp_path / "b.ipynb", f"lessons.check('lesson 1, question 2', {right(1, 2, 5)}, seed=5)")
    hand_in(tmp_path / "c.ipynb", of(right(1, 1, 7), 1, 1, seed=7).replace("seed = 7", "seed = 3 + 4"))
    first, second, third = mark_lessons(tmp_path)
    assert first.verdicts[:2] == ("correct", "correct") and first.seed == "7"
    assert second.verdicts[1] == "correct" and second.seed == "5"
    assert third.verdicts[0] == "correct" and third.seed == "7"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as a notebook"),
        (b"nonsense", "cannot be read as a notebook"),
        (b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "Not read: "),
        (b'{"nbformat": 4}', "Not read: "),
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
    assert mark_lessons(tmp_path)[0].remarks == ("Not read: it is no file of its own on a disk.",)


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
    assert seedless.remarks == ("Not read: seed must be a whole number from 0, not 'mine'.",)


def test_the_table_opens_in_a_spreadsheet_and_commands_it_nothing() -> None:
    marked = [
        Marked(file="=cmd|'x'.ipynb", lesson="1", seed="0", prediction="@a", verdicts=("correct",), remarks=("-1, x",)),
        Marked(file="Zoë.ipynb", remarks=('Not read: a "quote".',)),
    ]
    content = marks_as_csv(marked)
    assert content.startswith(b"\xef\xbb\xbffile,lesson,seed,prediction,question 1,correct,remarks\n")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[1] == ["'=cmd|'x'.ipynb", "1", "0", "'@a", "correct", "1 of 1", "'-1, x"]
    assert rows[2] == ["Zoë.ipynb", "", "", "", "", "", 'Not read: a "quote".']


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
    assert capsys.readouterr().err == f"{str(out)!r} is there already and is left alone; name another file\n"
    assert out.read_bytes() == before


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("out", ["m.txt", "nowhere/m.csv", "x" * 300 + ".csv"])
def test_where_the_table_goes_is_looked_at_before_anything_is_run(
    tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("survey_analysis.lessons.marking.execute", None)
    hand_in(tmp_path / "a.ipynb", of("f()"))
    assert cli.main(["lessons", "mark", str(tmp_path), "--run", "--yes", "--out", str(tmp_path / out)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_foreign_code_is_run_after_asking_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr("survey_analysis.lessons.marking.execute", lambda *_, **__: asked.append(True))
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
