"""One table of marks for the notebooks of a class: each answer read as data, and checked as the notebook checks it."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey_analysis.errors import InputError
from survey_analysis.executions import Notebook, code_cell, copy_of, execute, read_notebook
from survey_analysis.lessons.catalogue import LESSONS
from survey_analysis.lessons.checking import (
    CORRECT,
    NOT_ANSWERED,
    NOT_YET,
    UnknownNameError,
    checked_seed,
    lesson_of,
    question_of,
    verdict,
)
from survey_analysis.lessons.handed_in import AS_CODE, Given, read_handed_in, source_of
from survey_analysis.lessons.questions import Lesson
from survey_analysis.outputs import check_output, write_aside
from survey_analysis.rendering import printable

NOT_RUN, NOT_THERE = "written as code, not run", "not in the notebook"
MOST_BYTES, MOST_CODE = 20_000_000, 200_000
"""Bytes of a notebook, and characters of its code; with its pictures one of a lesson has a hundredth of the first."""
_LONGEST = 300  # of a remark
_MARK = "given in this notebook: "


@dataclass(frozen=True, kw_only=True)
class Marked:
    """What one notebook, or one lesson in it, has: a verdict for each question, and what is to be said of them."""

    file: str
    lesson: str = ""
    seed: str = ""
    prediction: str = ""
    verdicts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def correct(self) -> str:
        """How many answers are correct, of those that could be read."""
        read = [it for it in self.verdicts if it != NOT_RUN]
        return f"{read.count(CORRECT)} of {len(read)}" if self.verdicts else ""


def mark_lessons(folder: Path, *, run: bool = False) -> list[Marked]:
    """Check the answers in all notebooks of a folder and of those in it.

    Parameters
    ----------
    folder
        Where the notebooks lie, under whatever names.
    run
        Run the notebooks, and take the answers that they come to. Their code then does on this machine whatever its
        authors wrote. Without it no code of theirs is run, and an answer that is no number or text is only noted.

    Returns
    -------
    list of Marked
        In the order of the files; a notebook that cannot be read has a remark that says so.

    Raises
    ------
    InputError
        No folder, or none with a notebook in it.
    """
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is no folder; name the one with the notebooks that were handed in")
    paths = [it for it in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in it.parts]
    if not paths:
        raise InputError(f"there is no notebook in {str(folder)!r}; name the folder with those that were handed in")
    return [marked for path in paths for marked in _marked(path, path.relative_to(folder).as_posix(), run=run)]


def check_marks(out: Path) -> Path:
    """Where a table of marks may be written: a place for a CSV file that is not there yet.

    Raises
    ------
    InputError
        A file that is there already, or a place that cannot be written.
    """
    return check_output(out, suffix=".csv", replaces=False)


def write_marks(marked: Sequence[Marked], out: Path) -> Path:
    """Write the table of marks to a file that is not there yet."""
    place = check_marks(out)
    write_aside(place, marks_as_csv(marked))
    return place


def marks_as_csv(marked: Sequence[Marked]) -> bytes:
    """The table of marks, as a spreadsheet reads it; a text that begins like a formula is kept from being one."""
    most = max((len(it.verdicts) for it in marked), default=0)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    numbers = [f"question {number}" for number in range(1, most + 1)]
    writer.writerow(["file", "lesson", "seed", "prediction", *numbers, "correct", "remarks"])
    for it in marked:
        verdicts = [*it.verdicts, *[""] * (most - len(it.verdicts))]
        row = [it.file, it.lesson, it.seed, it.prediction, *verdicts, it.correct, " ".join(it.remarks)]
        writer.writerow(map(_cell, row))
    return text.getvalue().encode("utf-8-sig")


def marks_in_words(marked: Sequence[Marked]) -> str:
    """How many answers are right, and of how many."""
    verdicts = [it for one in marked for it in one.verdicts]
    counts = {it: verdicts.count(it) for it in (NOT_YET, NOT_ANSWERED, NOT_RUN, NOT_THERE)}
    files = len({it.file for it in marked})
    notebooks = "1 notebook" if files == 1 else f"{files:,} notebooks"
    others = "".join(f"; {count:,} {it}" for it, count in counts.items() if count)
    return f"{notebooks}: {verdicts.count(CORRECT):,} of {len(verdicts):,} answers are {CORRECT}{others}."


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for more than a text or a number."""
    text = printable(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _marked(path: Path, name: str, *, run: bool) -> list[Marked]:
    """The marks of a file; one row that says so where something in it cannot be used."""
    try:
        given, remark = _handed_in(path, run=run)
        numbers = sorted({lesson.number for it in given if it.function == "check" and (lesson := _lesson(it))})
        marks = [_of_lesson(LESSONS[number], given, file=name, remark=remark) for number in numbers]
        return marks or [
            Marked(file=name, remarks=(f"It checks no answer to a question of a lesson. {remark}".strip(),))
        ]
    except InputError as error:
        return [Marked(file=name, remarks=(_short(f"Not read: {error}."),))]
    except Exception as error:  # whatever a file that calls itself a notebook can hold
        return [Marked(file=name, remarks=(f"Not read: it is no notebook that can be used ({type(error).__name__}).",))]


def _handed_in(path: Path, *, run: bool) -> tuple[list[Given], str]:
    """What a file gives, and what is to be said of how it was read."""
    if path.is_symlink() or not path.is_file():
        raise InputError("it is no file of its own on a disk")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"it is larger than {MOST_BYTES // 1_000_000} MB")
    notebook = read_notebook(path)
    if source_of(notebook) > MOST_CODE:
        raise InputError(f"it holds more than {MOST_CODE:,} characters of code")
    return _ran(notebook, path.name) if run else (read_handed_in(notebook), "")


def _lesson(given: Given) -> Lesson | None:
    """The lesson that a call is about."""
    try:
        return question_of(given.name)[0] if given.function == "check" else lesson_of(given.name)
    except UnknownNameError:
        return None


def _of_lesson(lesson: Lesson, given: Sequence[Given], *, file: str, remark: str) -> Marked:
    """The marks of one lesson: the last answer to each question counts, and the first prediction."""
    of_lesson = [it for it in given if _lesson(it) is lesson]
    found: dict[int, tuple[str, str]] = {}
    seeds: dict[str, None] = {}
    predictions: list[object] = []
    seed: object = 0
    told = False  # whether the notebook says its seed
    for it in of_lesson:
        if it.function == "data":
            seed, told = (0 if it.seed is None else it.seed), True
        elif it.function == "predict":
            predictions += [] if it.answer is None else [it.answer]
        else:
            _, number, question = question_of(it.name)
            used = seed if it.seed is None else it.seed
            told = told or it.seed is not None
            seeds[_as_text(used)] = None
            if AS_CODE in (used, it.answer):
                found[number] = NOT_RUN, ""
            else:
                found[number] = verdict(lesson, question, it.answer, seed=checked_seed(used))
    verdicts = [found.get(number, (NOT_THERE, "")) for number in range(1, len(lesson.questions) + 1)]
    return Marked(
        file=file,
        lesson=str(lesson.number),
        seed=" and ".join(seeds),
        prediction=_as_text(predictions[0]) if predictions else "",
        verdicts=tuple(words for words, _ in verdicts),
        remarks=(*_remarks(verdicts, remark), *(() if told else ("It asks for no data, so seed 0 was taken.",))),
    )


def _remarks(verdicts: Sequence[tuple[str, str]], remark: str) -> Iterator[str]:
    for number, (words, more) in enumerate(verdicts, start=1):
        if words == NOT_YET:
            yield _short(f"Question {number}: {more}.")
    if (code := sum(words == NOT_RUN for words, _ in verdicts)) and not remark:
        yield f"{code} written as code: look at the notebook, or mark with --run."
    if remark:
        yield remark


def _as_text(value: object) -> str:
    return _short("as code" if value is AS_CODE else str(value), 60)


def _short(text: str, longest: int = _LONGEST) -> str:
    text = printable(text)
    return text if len(text) <= longest else f"{text[:longest]}..."


# --------------------------------------------------------------------------------------------------- running them


def _ran(notebook: Notebook, name: str) -> tuple[list[Given], str]:
    """What a notebook gives when it is run, each answer noted at its call; and which of its cells failed."""
    asked = copy_of(notebook)
    asked.cells = [code_cell(_NOTE), *asked.cells, code_cell(f"_the_given({_MARK!r})")]
    ran = execute(asked, name, go_on=True)
    text = "".join(it.get("text", "") for it in ran.cells[-1].outputs if it.output_type == "stream")
    if _MARK not in text:
        raise InputError("it was run, and what it gives could not be taken down")
    given = [Given(**it) for it in json.loads(text.rpartition(_MARK)[2])]
    failed = [it.ename for cell in ran.cells for it in cell.get("outputs", []) if it.output_type == "error"]
    return given, _short(f"When it was run, cells failed: {', '.join(failed)}.") if failed else ""


# What is run before the notebook: the functions note what they are given, and do what they do.
_NOTE = """
def _noting():
    import functools, json, numbers
    from survey_analysis import lessons
    noted = []

    def plain(value):
        if value is None or value is ...:
            return None
        item = getattr(value, "item", None)
        if callable(item) and getattr(value, "size", 1) == 1:
            value = item()
        if isinstance(value, (bool, str, int)):
            return value
        return float(value) if isinstance(value, numbers.Real) else [type(value).__name__]

    def noting(name, function, second):
        @functools.wraps(function)
        def call(*args, **kwargs):
            first = args[0] if args else kwargs.get("question", kwargs.get("lesson"))
            answer = args[1] if len(args) > 1 else kwargs.get(second)
            try:
                parts = {"name": plain(first), "answer": plain(answer), "seed": plain(kwargs.get("seed"))}
                json.dumps(parts)
                noted.append({"function": name, **parts})
            except Exception:
                noted.append({"function": name, "name": str(first)[:60], "answer": ["something else"], "seed": None})
            return function(*args, **kwargs)
        return call

    for name, second in (("data", ""), ("check", "answer"), ("predict", "prediction")):
        setattr(lessons, name, noting(name, getattr(lessons, name), second))
    return lambda mark, show=print: show(mark + json.dumps(noted))
_the_given = _noting()
"""
