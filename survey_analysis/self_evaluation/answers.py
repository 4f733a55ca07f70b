"""The answers of one person to the self-evaluation form, and the JSON file that holds them.

A file is one object with exactly these fields, in any order:

``format``
    ``"survey-analysis self-evaluation"``.
``version``
    ``1``, the version of this format.
``statements``
    ``{"title": ..., "version": ...}`` of the statements that were answered.
``school``
    A code that school and hub agreed on: letters, digits, ``-`` and ``_``, at most 20, or ``""``. Never a name.
``role``
    One of the codes of the roles of the statements. Every answer in the file is of this role.
``date``
    The day of the answers, as ``"2026-01-31"``.
``year``
    The school year of the numbers, as ``"2025-26"``, or ``""``.
``consent_to_hub``
    ``true`` if the file may be used in the view that a hub has of several schools; otherwise ``false``.
``answers``
    For each theme, by its id: ``judgement`` (``"pitfall"``, ``"nearer_pitfall"``, ``"nearer_action"``, ``"action"``,
    ``"not_applicable"``, or ``""`` where nobody has judged yet), ``confidence`` (``"low"``, ``"medium"``, ``"high"`` or
    ``""``), ``signs`` (three times ``"seen"``, ``"not_seen"`` or ``"not_looked"``), ``evidence``, ``owner`` and
    ``next_step`` (texts, may be ``""``), ``by`` (a day or ``""``), ``priority`` (``true`` for at most two themes).
``participation``
    A list of ``{"characteristic": "fsm", "group": "not_fsm", "on_roll": 120, "took_part": 40}``, one for each group of
    which both numbers are known.
``cost``
    A list of ``{"source": "school", "pounds": 1200}``: whole pounds, one for each source of which the amount is known.
``pupils_reached``
    The number of pupils who took part, each counted once, or ``null``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from os import PathLike
from pathlib import Path
from types import MappingProxyType

from survey_analysis.errors import InputError, as_path, of_kind, unknown
from survey_analysis.personal_data import A_DATE, contact_inside, personal, quoted
from survey_analysis.self_evaluation.answer_files import SAVED, read_json, shown_name
from survey_analysis.self_evaluation.statements import (
    CONFIDENCE,
    JUDGEMENTS,
    NOT_APPLICABLE,
    SIGNS,
    UNSEEN,
    Statements,
    Theme,
    cost_sources,
    read_statements,
)
from survey_analysis.surveys import GROUPS

FORMAT = "survey-analysis self-evaluation"
VERSION = 1
LIMITS: Mapping[str, int] = MappingProxyType(
    {"evidence": 1500, "next_step": 500, "owner": 80, "school": 20, "count": 99_999, "pounds": 999_999_999}
)
"""The most characters of a text, the greatest count of pupils, the greatest amount."""

MOST_PRIORITIES = 2
CHARACTERISTICS: Mapping[str, str] = MappingProxyType(
    {"fsm": "free school meals", "sen": "special educational needs", "sex": "sex"}
)
"""What the characteristics of pupils are called in a sentence."""

_FIELDS = (
    *("format", "version", "statements", "school", "role", "date", "year", "consent_to_hub", "answers"),
    *("participation", "cost", "pupils_reached"),
)
_OF_A_THEME = ("judgement", "confidence", "signs", "evidence", "owner", "by", "next_step", "priority")
_SHORT = 40  # characters of what a message repeats
_SCHOOL = re.compile(r"[A-Za-z0-9_-]*")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"20([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, kw_only=True)
class ThemeAnswer:
    """What one person answered to one theme; `judgement` and `confidence` are empty where nobody has judged yet."""

    judgement: str
    confidence: str
    signs: tuple[str, ...]
    evidence: str
    owner: str
    by: date | None
    next_step: str
    priority: bool


@dataclass(frozen=True, kw_only=True)
class Participation:
    """Of one group: how many pupils are on roll, and how many of them took part."""

    characteristic: str
    group: str
    on_roll: int
    took_part: int


@dataclass(frozen=True, kw_only=True)
class CostOfSource:
    """What one source bore, in whole pounds."""

    source: str
    pounds: int


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one person answered, in one role and on one day: the content of a file, with `answers` by the id of a theme.

    `file` is the name of the file, `statements` the title and the version of what was answered; a group, a source or a
    theme of which nothing is known has no row, an empty judgement, or None as the number of pupils reached.
    """

    file: str
    statements: tuple[str, int]
    school: str
    role: str
    date: date
    year: str
    consent_to_hub: bool
    answers: Mapping[str, ThemeAnswer]
    participation: tuple[Participation, ...]
    cost: tuple[CostOfSource, ...]
    pupils_reached: int | None


def read_answers(path: str | PathLike[str], *, statements: Statements | None = None) -> Answers:
    """The answers of one person, from a file that the self-evaluation form saved.

    Parameters
    ----------
    path
        A JSON file, whose format is described at the top of this module and in docs/self-evaluation.md.
    statements
        What was asked, from `read_statements`; that of the package when absent.

    Raises
    ------
    InputError
        The first thing that is wrong, with its place: a file that cannot be read, another format or version, other
        statements, a field that is missing or unknown, a code that there is not, a number that is no count, more pupils
        taking part than on roll, three priorities, a text that is too long or holds a way to reach a person.

    Notes
    -----
    The answers are what somebody judged of their own partnership. They are no inspection, and no number is to be made
    of a judgement.
    """
    path = as_path("path", path, "that of a file of answers")
    if statements is None:
        statements = read_statements()
    of_kind("statements", statements, Statements, "read_statements()")
    return answers_of(path, path.name, statements)


def answers_of(path: Path, file: str, statements: Statements) -> Answers:
    """The answers in a file, which messages call `file`."""
    file = shown_name(file)
    return _answers(read_json(path, file), file, statements)


def _answers(value: object, file: str, statements: Statements) -> Answers:
    where = f"{file}: "
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InputError(f"{file} does not say that it holds answers of this form; {SAVED}")
    version = value.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise InputError(
            f"{where}version must be {VERSION}, not {_shown(version)}; save it from a form of this version"
        )
    table = _table(value, _FIELDS, where, "")
    made_with = _table(table["statements"], ("title", "version"), where, "statements")
    if made_with != {"title": statements.title, "version": statements.version} or made_with["version"] is True:
        raise InputError(
            f"{where}statements were {_shown(made_with['title'])}, version {_shown(made_with['version'])}, when they "
            f"were answered, and are {statements.title!r}, version {statements.version}; use those that the form was "
            "made with, by --statements or statements="
        )
    school = _text(table["school"], f"{where}school", LIMITS["school"])
    if not _SCHOOL.fullmatch(school):
        raise InputError(f"{where}school must be a code of letters, digits, - and _, or empty, not {_shown(school)}")
    participation = _participation(table["participation"], where)
    return Answers(
        file=file,
        statements=(statements.title, statements.version),
        school=school,
        role=_code(table["role"], f"{where}role", statements.roles),
        date=_day(table["date"], f"{where}date"),
        year=_year(table["year"], f"{where}year"),
        consent_to_hub=_yes(table["consent_to_hub"], f"{where}consent_to_hub"),
        answers=_themes(table["answers"], where, statements.themes),
        participation=participation,
        cost=_cost(table["cost"], where),
        pupils_reached=_reached(table["pupils_reached"], where, participation),
    )


def _themes(value: object, where: str, themes: tuple[Theme, ...]) -> Mapping[str, ThemeAnswer]:
    table = _table(value, [theme.id for theme in themes], where, "answers")
    answers = {theme.id: _theme(table[theme.id], where, f"answers, {theme.id}") for theme in themes}
    chosen = [name for name, answer in answers.items() if answer.priority]
    if len(chosen) > MOST_PRIORITIES:
        raise InputError(
            f"{where}answers, {chosen[MOST_PRIORITIES]}, priority must be one of two at most, and {len(chosen)} themes "
            "have it; choose two"
        )
    return MappingProxyType(answers)


def _theme(value: object, where: str, place: str) -> ThemeAnswer:
    table = _table(value, _OF_A_THEME, where, place)
    at = f"{where}{place}, "
    judgement = _code(table["judgement"], f"{at}judgement", (*JUDGEMENTS, NOT_APPLICABLE, ""))
    confidence = _code(table["confidence"], f"{at}confidence", (*CONFIDENCE, ""))
    signs = table["signs"]
    if not isinstance(signs, list) or len(signs) != 3:
        raise InputError(f"{at}signs must be a list of three, not {_shown(signs)}")
    return ThemeAnswer(
        judgement=judgement,
        confidence=confidence,
        signs=tuple(_code(sign, f"{at}signs, {n}", SIGNS) for n, sign in enumerate(signs, start=1)),
        evidence=_text(table["evidence"], f"{at}evidence", LIMITS["evidence"]),
        owner=_text(table["owner"], f"{at}owner", LIMITS["owner"], lines=False),
        by=None if table["by"] == "" else _day(table["by"], f"{at}by"),
        next_step=_text(table["next_step"], f"{at}next_step", LIMITS["next_step"]),
        priority=_yes(table["priority"], f"{at}priority"),
    )


def _participation(value: object, where: str) -> tuple[Participation, ...]:
    rows: list[Participation] = []
    for n, row in enumerate(_rows(value, f"{where}participation"), start=1):
        place = f"participation, row {n}"
        table, at = _table(row, ("characteristic", "group", "on_roll", "took_part"), where, place), f"{where}{place}, "
        characteristic = _code(table["characteristic"], f"{at}characteristic", GROUPS)
        group = _code(table["group"], f"{at}group", GROUPS[characteristic])
        on_roll, took_part = (_whole(table[it], f"{at}{it}", LIMITS["count"]) for it in ("on_roll", "took_part"))
        if took_part > on_roll:
            raise InputError(f"{at}took_part must be at most on_roll, {on_roll}, not {took_part}; correct one of them")
        if any(it.group == group for it in rows):
            raise InputError(f"{at}group {group!r} is there already; keep one row for it")
        rows.append(Participation(characteristic=characteristic, group=group, on_roll=on_roll, took_part=took_part))
    return tuple(rows)


def _cost(value: object, where: str) -> tuple[CostOfSource, ...]:
    rows: list[CostOfSource] = []
    for n, row in enumerate(_rows(value, f"{where}cost"), start=1):
        place = f"cost, row {n}"
        table, at = _table(row, ("source", "pounds"), where, place), f"{where}{place}, "
        source = _code(table["source"], f"{at}source", cost_sources())
        pounds = _whole(table["pounds"], f"{at}pounds", LIMITS["pounds"])
        if any(it.source == source for it in rows):
            raise InputError(f"{at}source {source!r} is there already; keep one row for it")
        rows.append(CostOfSource(source=source, pounds=pounds))
    return tuple(rows)


def _reached(value: object, where: str, participation: tuple[Participation, ...]) -> int | None:
    """Pupils reached, each counted once: no fewer than took part by any characteristic, no more than are on roll."""
    if value is None:
        return None
    reached = _whole(value, f"{where}pupils_reached", LIMITS["count"])
    for characteristic in GROUPS:
        counted = sum(it.took_part for it in participation if it.characteristic == characteristic)
        by = CHARACTERISTICS[characteristic]
        if counted > reached:
            raise InputError(
                f"{where}pupils_reached must be at least {counted}, the pupils who took part by {by}, not {reached}; "
                "correct one of them"
            )
        rolls = [it.on_roll for it in participation if it.characteristic == characteristic]
        if len(rolls) == len(GROUPS[characteristic]) and reached > sum(rolls):
            raise InputError(
                f"{where}pupils_reached must be at most {sum(rolls)}, the pupils on roll by {by}, not {reached}; "
                "correct one of them"
            )
    return reached


def _table(value: object, fields: Iterable[str], where: str, place: str) -> Mapping[str, object]:
    """An object that has exactly these fields."""
    fields, at = tuple(fields), f"{where}{place}{place and ', '}"
    if not isinstance(value, dict):
        raise InputError(f"{where}{place} must be an object with {', '.join(fields)}, not {_shown(value)}")
    for name in value:
        if name not in fields:
            raise unknown("field", _short(name), fields, where=at)
    for name in fields:
        if name not in value:
            raise InputError(f"{at}field {name!r} is missing; {SAVED}")
    return value


def _rows(value: object, at: str) -> list[object]:
    if not isinstance(value, list):
        raise InputError(f"{at} must be a list, not {_shown(value)}")
    return value


def _code(value: object, at: str, allowed: Iterable[str]) -> str:
    codes = tuple(allowed)
    if not isinstance(value, str):
        raise InputError(f"{at} must be one of {', '.join(map(repr, codes))}, not {_shown(value)}")
    if value not in codes:
        raise unknown(at, _short(value), codes)
    return value


def _text(value: object, at: str, longest: int, *, lines: bool = True) -> str:
    if not isinstance(value, str):
        raise InputError(f"{at} must be a text, not {_shown(value)}")
    if len(value) > longest:
        raise InputError(f"{at} must have at most {longest:,} characters, not {len(value):,}; shorten it")
    if UNSEEN.search(value):
        raise InputError(f"{at} holds a character that cannot be seen; type it anew")
    if "\n" in value and not lines:
        raise InputError(f"{at} has the end of a line in it; write it in one")
    if kind := contact_inside(value):
        raise InputError(f"{at} holds what looks like {kind}; leave it out")
    return value


def _yes(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{at} must be true or false, not {_shown(value)}")
    return value


def _whole(value: object, at: str, most: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 4200.0, as other programs may write it
    if type(value) is not int or not 0 <= value <= most:
        raise InputError(f"{at} must be a whole number from 0 to {most:,}, not {_shown(value)}")
    return value


def _day(value: object, at: str) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:  # such as 31 February
        pass
    raise InputError(f"{at} must be a day such as '2026-01-31', not {_shown(value)}")


def _year(value: object, at: str) -> str:
    if value == "":
        return ""
    found = _YEAR.fullmatch(value) if isinstance(value, str) else None
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise InputError(f"{at} must be a school year such as '2025-26', or empty, not {_shown(value)}")
    return found[0]


def _shown(value: object) -> str:
    """A value as a message repeats it: short, in the words of JSON, and nobody's data in it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case list():
            return "a list"
        case dict():
            return "an object"
        case float() if not isfinite(value):
            return "a number that is too long"
        case str() if personal(value) == A_DATE and len(value) <= _SHORT:
            return repr(value)
    return quoted(value)


def _short(text: str) -> str:
    """A text as a message that quotes it may hold it: short, and nobody's data in it."""
    return text[:_SHORT] if text.isprintable() and not personal(text) else "a text that is not repeated here"
