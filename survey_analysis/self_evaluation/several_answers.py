"""The answers of several people: which files they are in, read and held together, and which of them are the newest."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

from survey_analysis.errors import InputError, as_path, of_kind
from survey_analysis.estimates import Provenance, told
from survey_analysis.rendering import Sentence
from survey_analysis.resources import EXAMPLES
from survey_analysis.self_evaluation.answer_files import shown_name
from survey_analysis.self_evaluation.answers import Answers, answers_of
from survey_analysis.self_evaluation.statements import Statements
from survey_analysis.surveys import INVENTED

_SAID = "as people said"
_FILES = "files that the form saved, or a folder of them"


def example_answers(*, hub: bool = False) -> Path:
    """The folder with invented answers of one school that travels with the package; with `hub` those of twenty.

    Examples
    --------
    >>> sorted(path.name for path in example_answers().glob("*.json"))[:2]
    ['head-2025.json', 'head-2026.json']
    >>> sorted(path.name for path in example_answers(hub=True).glob("*.json"))[:2]
    ['01-head.json', '01-music-lead.json']
    """
    return EXAMPLES / ("self-evaluation-hub" if hub else "self-evaluation")


def answer_files(answers: object) -> list[Any]:
    """Files and answers in a list; of a folder its files of answers, in the order of their names."""
    if isinstance(answers, (str, PathLike)):
        path = as_path("answers", answers, _FILES)
        try:
            is_folder = path.is_dir()
        except (OSError, ValueError):
            is_folder = False
        if not is_folder:
            return [path]
        return _inside(path)
    if isinstance(answers, Answers):
        return [answers]
    if not isinstance(answers, Iterable):
        raise InputError(f"answers must be {_FILES}, not {answers!r:.60}")
    several: list[Any] = []
    for it in answers:
        if not isinstance(it, (str, PathLike, Answers)):
            raise InputError(f"answers must be {_FILES}, and one of them is {type(it).__name__}")
        several += answer_files(it)
    if not several:
        raise InputError("answers must be one file that the form saved, or several; these are none")
    return several


def _inside(folder: Path) -> list[Path]:
    """The files of answers in a folder; those that a system hides, as one of every file on a stick, are left out."""
    name = shown_name(folder.resolve().name)
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"the folder {name!r} cannot be read ({error.strerror}); give another") from None
    found = [it for it in inside if it.suffix.lower() == ".json" and not it.name.startswith(".")]
    if files := [it for it in found if it.is_file()]:
        return files
    if any(folder.glob("*/*.json")):
        raise InputError(
            f"the folder {name!r} has files ending in .json only in folders inside it; give {name}/*/*.json"
        )
    raise InputError(f"the folder {name!r} has no file ending in .json; save answers from the form there")


def read_several(answers: object, statements: Statements) -> list[Answers]:
    """All answers, each once however often its file was given, to the statements that they are read beside.

    Raises
    ------
    InputError
        No answers, a file that is none, answers to other statements.
    """
    of_kind("statements", statements, Statements, "read_statements()")
    files = answer_files(answers)
    names = Counter(it.name for it in files if isinstance(it, Path))
    read = [
        it if isinstance(it, Answers) else answers_of(it, it.name if names[it.name] == 1 else str(it), statements)
        for it in files
    ]
    read = list({repr(replace(it, file="")): it for it in read}.values())
    for it in read:
        if it.statements != (statements.title, statements.version) or it.role not in statements.roles:
            title, version = it.statements
            raise InputError(
                f"{it.file} answers {title!r}, version {version}; give the statements that it was made with, by "
                "--statements or statements="
            )
    return read


def origin_of(read: Iterable[Answers]) -> Provenance:
    """Whether answers are those of a school, or invented; the two are not mixed."""
    invented = {it.school.upper().startswith(INVENTED): it for it in read}
    if len(invented) > 1:
        raise InputError(
            f"answers must not mix invented schools, whose codes begin with {INVENTED!r}, with others, and have "
            f"{invented[True].file} and {invented[False].file}; leave out one or the other"
        )
    return Provenance.ILLUSTRATIVE if True in invented else Provenance.OBSERVED


def origin_in_words(provenance: Provenance) -> str:
    """Where judgements come from: nobody observed them, people said them."""
    return _SAID if provenance is Provenance.OBSERVED else f"{provenance.value}, invented"


def told_of(words: str, provenance: Provenance) -> Sentence:
    """A sentence about what people judged, with where it comes from; that it is invented stands at its beginning."""
    origin = _SAID if provenance is Provenance.OBSERVED else provenance.value
    return Sentence(told(f"{words.rstrip('.')} ({origin}).", provenance))


def newest(read: Sequence[Answers]) -> list[Answers]:
    """Of each role those of its latest day, several where several files are of that day."""
    latest: dict[str, date] = {}
    for it in read:
        latest[it.role] = max(latest.get(it.role, it.date), it.date)
    return [it for it in read if it.date == latest[it.role]]
