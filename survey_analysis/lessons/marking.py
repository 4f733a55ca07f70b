"""One table of marks for the notebooks of a class: each answer read as data, and checked as the notebook checks it."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
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
    lesson_of,
    question_of,
    verdict,
)
from survey_analysis.lessons.handed_in import AsCode, HandedIn, read_handed_in
from survey_analysis.lessons.questions import Lesson
from survey_analysis.outputs import check_output, write_aside

AS_CODE, NOT_THERE = "written as code, not run", "not in the notebook"
MOST_BYTES = 20_000_000
"""Of a notebook; with its pictures one of a lesson has a hundredth of it."""
_MARK = "answers of this notebook: "
_NO_NUMBER = 0


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
    def correct(self) -> int:
        return sum(it == CORRECT for it in self.verdicts)


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


def marks_as_csv(marked: Sequence[Marked]) -> bytes:
    """The table of marks, as a spreadsheet reads it; a name that begins like a formula is kept from being one."""
    most = max((len(it.verdicts) for it in marked), default=0)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    numbers = [f"question {number}" for number in range(1, most + 1)]
    writer.writerow(["file", "lesson", "seed", "prediction", *numbers, "correct", "remarks"])
    for it in marked:
        verdicts = [*it.verdicts, *[""] * (most - len(it.verdicts))]
        row = [it.file, it.lesson, it.seed, it.prediction, *verdicts, str(it.correct), " ".join(it.remarks)]
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def write_marks(marked: Sequence[Marked], out: Path) -> Path:
    """Write the table of marks to a file that is not there yet.

    Raises
    ------
    InputError
        A file that is there already, or a place that cannot be written.
    """
    if out.exists():
        raise InputError(f"{str(out)!r} is there already and is left alone; name another with --out")
    place = check_output(out, suffix=".csv")
    write_aside(place, marks_as_csv(marked))
    return place


def marks_in_words(marked: Sequence[Marked]) -> str:
    """How many answers are right, and of how many."""
    verdicts = [it for one in marked for it in one.verdicts]
    counts = [f"{verdicts.count(it):,} {it}" for it in (NOT_YET, NOT_ANSWERED, AS_CODE, NOT_THERE) if it in verdicts]
    files = len({it.file for it in marked})
    notebooks = "1 notebook" if files == 1 else f"{files:,} notebooks"
    return (
        f"{notebooks}: {verdicts.count(CORRECT):,} of {len(verdicts):,} answers are {CORRECT}"
        + "".join(f"; {it}" for it in counts)
        + "."
    )


def _marked(path: Path, name: str, *, run: bool) -> Iterator[Marked]:
    try:
        if not path.is_file():
            yield Marked(file=name, remarks=("Not read: it is no file on a disk.",))
            return
        if path.stat().st_size > MOST_BYTES:
            yield Marked(file=name, remarks=(f"Not read: it is larger than {MOST_BYTES // 1_000_000} MB.",))
            return
        notebook = read_notebook(path)
        found = read_handed_in(_computed(notebook, path.name) if run else notebook)
    except InputError as error:
        yield Marked(file=name, remarks=(f"Not read: {error}.",))
        return
    except Exception as error:  # whatever a file that calls itself a notebook can hold
        yield Marked(file=name, remarks=(f"Not read: it is no notebook that can be used ({type(error).__name__}).",))
        return
    numbers = sorted({_lesson_number(it) for it in found.answers} - {_NO_NUMBER})
    if not numbers:
        yield Marked(file=name, remarks=("It checks no answer to a question of a lesson.",))
    for number in numbers:
        yield _of_lesson(LESSONS[number], found, name)


def _lesson_number(question: str) -> int:
    try:
        return question_of(question)[0].number
    except UnknownNameError:
        return _NO_NUMBER


def _of_lesson(lesson: Lesson, found: HandedIn, file: str) -> Marked:
    """The marks of one lesson."""
    answers = {question_of(name)[1]: it for name, it in found.answers.items() if _lesson_number(name) == lesson.number}
    seeds = [it for name, it in found.seeds.items() if _is_of(name, lesson)]
    seed = seeds[-1] if seeds else 0
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        return Marked(file=file, lesson=str(lesson.number), remarks=("Its seed is no whole number from 0.",))
    verdicts, remarks = [], []
    for number, question in enumerate(lesson.questions, start=1):
        given = answers.get(number, NOT_THERE)
        if number not in answers:
            words, more = NOT_THERE, ""
        elif isinstance(given, AsCode):
            words, more = AS_CODE, ""
        else:
            words, more = verdict(lesson, question, given, seed=seed)
        verdicts.append(words)
        if more and words not in (CORRECT, NOT_ANSWERED):
            remarks.append(f"Question {number}: {more}.")
    predicted = [it for name, it in found.predictions.items() if _is_of(name, lesson)]
    return Marked(
        file=file,
        lesson=str(lesson.number),
        seed=str(seed),
        prediction=_as_text(predicted[-1]) if predicted else "",
        verdicts=tuple(verdicts),
        remarks=tuple(remarks),
    )


def _is_of(name: str, lesson: Lesson) -> bool:
    try:
        return lesson_of(int(name) if name.isdecimal() else name) is lesson
    except UnknownNameError:
        return False


def _as_text(prediction: object) -> str:
    if isinstance(prediction, AsCode):
        return AS_CODE
    return "" if prediction is None else str(prediction)[:60]


# --------------------------------------------------------------------------------------------------- running them


def _computed(notebook: Notebook, name: str) -> Notebook:
    """The notebook with the answers that it came to written into it as numbers and texts."""
    found = read_handed_in(notebook)
    everything = [it for notes in (found.answers, found.predictions, found.seeds) for it in notes.values()]
    wanted = {it.name for it in everything if isinstance(it, AsCode) and it.name}
    if not wanted:
        return notebook
    asked = copy_of(notebook)
    asked.cells.append(code_cell(_ASK.format(names=sorted(wanted), mark=_MARK)))
    outputs = execute(asked, name).cells[-1].outputs
    text = "".join(it.get("text", "") for it in outputs if it.output_type == "stream")
    values: Mapping[str, object] = json.loads(text.rpartition(_MARK)[2] or "{}")
    lines = [f"{key} = {value!r}" for key, value in values.items()]
    calls = [f"lessons.check({question!r}, {_source(it)})" for question, it in found.answers.items()]
    calls += [f"lessons.predict({lesson!r}, {_source(it)})" for lesson, it in found.predictions.items()]
    calls += [f"lessons.data({lesson!r}, seed={_source(it)})" for lesson, it in found.seeds.items()]
    made = copy_of(notebook)
    made.cells = [code_cell("\n".join([*lines, *calls]))]
    return made


def _source(value: object) -> str:
    """An answer as Python would be written for it."""
    return (value.name or "...") if isinstance(value, AsCode) else repr(value)


_ASK = """
import json as _json
def _plain(value):
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        value = value.item()
    return value if isinstance(value, (bool, int, float, str)) or value is None else "no single value"
print({mark!r} + _json.dumps({{name: _plain(globals().get(name)) for name in {names!r}}}))
"""
