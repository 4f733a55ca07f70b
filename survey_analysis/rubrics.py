"""What counts as good value, agreed before the data: criteria by standards, from a file, applied with reasons."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import inf, isfinite
from numbers import Real
from os import PathLike
from types import MappingProxyType
from typing import Any

import pandas as pd

from survey_analysis.errors import InputError, as_path, of_kind, table_of, unknown
from survey_analysis.estimates import Estimate, Provenance, listed, told, weakest, worked_out
from survey_analysis.rendering import UNITS, Sentence, interval, number
from survey_analysis.resources import DATA
from survey_analysis.surveys import Survey

NOT_JUDGED = "not judged"
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "agreed": "agreed by {by} on {on}",
        "published": "published by {by} on {on}",
        "example": "an example dated {on} that nobody agreed",
    }
)
"""What thresholds are. They are set by people, not observed, so none of the provenances of a number fits them."""
_RUBRIC = ("title", "status", "agreed_by", "agreed_on", "standards", "criteria")
_CRITERION = ("name", "measure", "unit", "standards")
_ENDS = ("at_least", "below")
_PARTS = {"share": "%", "points": " percentage points"}  # units kept as parts of 1, and how people write them


@dataclass(frozen=True, kw_only=True)
class Standard:
    """One standard of a criterion: from where (included) to where (not included), and what that looks like."""

    name: str
    at_least: float
    below: float
    words: str

    def reach(self, unit: str) -> str:
        """From where to where, in words."""
        low = f"at least {number(self.at_least, unit)}" if isfinite(self.at_least) else ""
        return " and ".join(filter(None, [low, f"below {number(self.below, unit)}" if isfinite(self.below) else ""]))


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """What is judged, by which measure, and its standards from the worst to the best."""

    name: str
    measure: str
    unit: str
    standards: tuple[Standard, ...]

    def reached(self, value: float) -> Standard:
        """The standard that a value reaches: the standards leave no gap and the outermost are open, so there is one."""
        return next(it for it in self.standards if it.at_least <= value and (value < it.below or it.below == inf))


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """Criteria by standards, with what they are (one of `STATUSES`), who agreed or published them, and when."""

    title: str
    status: str
    agreed_by: str
    agreed_on: date
    standards: tuple[str, ...]
    criteria: tuple[Criterion, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row for each criterion: criterion, measure, and from where to where each standard reaches; status."""
        rows = [
            {"criterion": it.name, "measure": it.measure}
            | {standard.name: standard.reach(it.unit) for standard in it.standards}
            | {"status": self.status}
            for it in self.criteria
        ]
        return pd.DataFrame(rows)

    def origin(self) -> str:
        """Where the thresholds come from, in words."""
        return threshold_origin(self.status, self.agreed_by, self.agreed_on.isoformat())


def threshold_origin(status: str, by: str, on: str) -> str:
    """Where thresholds come from, in words: their status, who set them, and the day.

    >>> threshold_origin("agreed", "the board", "2011-09-01")
    'agreed by the board on 2011-09-01'
    """
    return STATUSES[status].format(by=by, on=on)


def read_rubric(path: str | PathLike[str] | None = None) -> Rubric:
    """A rubric from a TOML file.

    Parameters
    ----------
    path
        A file in the form of data/rubric.toml, which is read when absent: an example, with thresholds that nobody
        agreed.

    Raises
    ------
    InputError
        A file that cannot be read, a field that is missing or unknown, standards that leave a gap, overlap or do not
        run one way.

    Examples
    --------
    >>> rubric = read_rubric()
    >>> rubric.status, rubric.standards
    ('example', ('poor', 'adequate', 'good', 'excellent'))

    Notes
    -----
    The thresholds are judgements. Written down beforehand, with a date and a name, they can be argued with; set after
    the data were seen, they can be set to come out as one likes.

    References
    ----------
    King (2017), Using economic methods evaluatively, American Journal of Evaluation 38; HM Treasury, The Magenta Book.
    """
    path = DATA / "rubric.toml" if path is None else as_path("path", path, "that of a TOML file")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a TOML file, or none") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}; correct it there") from None
    where = f"{path.name}: "
    table_of(table, _RUBRIC, where=where)
    for field in ("title", "agreed_by"):
        _text(table, field, where)
    names = table["standards"]
    if not (isinstance(names, list) and len(names) >= 2 and all(isinstance(it, str) and it for it in names)):
        raise InputError(f"{where}standards must be two names or more, from the worst to the best, not {names!r}")
    if len(set(names)) < len(names):
        raise InputError(f"{where}standards must have names of their own, and are {', '.join(names)}")
    agreed_on = table["agreed_on"]
    if not isinstance(agreed_on, date) or isinstance(agreed_on, datetime):
        raise InputError(f"{where}agreed_on must be a date without quotation marks, such as 2026-01-31")
    status = table["status"]
    if not isinstance(status, str) or status not in STATUSES:
        raise unknown("status", status, STATUSES, where=where)
    if not (isinstance(table["criteria"], list) and table["criteria"]):
        raise InputError(f"{where}criteria must be tables, one or more, each under [[criteria]]")
    criteria = tuple(
        _criterion(it, names, f"{where}criterion {n}, ") for n, it in enumerate(table["criteria"], start=1)
    )
    for one, other in pairwise(sorted(it.name for it in criteria)):
        if one == other:
            raise InputError(f"{where}two criteria are named {one!r}; give each a name of its own")
    return Rubric(
        title=table["title"],
        status=status,
        agreed_by=table["agreed_by"],
        agreed_on=agreed_on,
        standards=tuple(names),
        criteria=criteria,
    )


def apply_rubric(rubric: Rubric, measures: Estimate | Iterable[Estimate], *, survey: Survey) -> pd.DataFrame:
    """Which standard each criterion of a rubric reaches, and why.

    Parameters
    ----------
    rubric
        What `read_rubric` returns.
    measures
        Estimates that bear the names that the rubric gives its measures, such as those of `four_es`.
    survey
        The survey that they were computed from: its dates say whether the rubric was agreed before the visits.

    Returns
    -------
    DataFrame
        A row for each criterion: criterion, measure, value, unit, standard, low_standard and high_standard (the worst
        and the best that the interval reaches; missing without one), reason, provenance (where the value comes from);
        and where the thresholds come from: status (of `STATUSES`), agreed_by, agreed_on, timing ('before the visits',
        'after the first visit' or 'unknown'). A measure without a value is 'not judged'. It is made for computing;
        `table` of it prints whole, each value in its unit.

    Raises
    ------
    InputError
        A measure that is not among the estimates, or that is there twice, or in another unit; something else than a
        rubric, estimates and a survey.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> from survey_analysis.value_criteria import four_es
    >>> survey = load_survey()
    >>> judged = apply_rubric(read_rubric(), four_es(survey, resamples=200), survey=survey)
    >>> set(judged["status"]), set(judged["timing"]), set(judged["provenance"])
    ({'example'}, {'after the first visit'}, {'illustrative'})

    Notes
    -----
    A standard is a judgement made beforehand, applied; it says nothing of what the partnership brought about. There is
    no sum over criteria: whether cheap makes up for unfair is for people to say.
    """
    of_kind("rubric", rubric, Rubric, "read_rubric()")
    of_kind("survey", survey, Survey, "load_survey() or read_survey()")
    by_label: dict[str, list[Estimate]] = {}
    for item in listed("measures", measures, "four_es()"):
        by_label.setdefault(item.label, []).append(item)
    thresholds = {"status": rubric.status, "agreed_by": rubric.agreed_by, "agreed_on": rubric.agreed_on.isoformat()}
    thresholds["timing"] = _timing(rubric, survey)
    rows = []
    for criterion in rubric.criteria:
        where = f"criterion {criterion.name!r}: "
        found = by_label.get(criterion.measure)
        if not found:
            raise unknown("measure", criterion.measure, by_label, where=where)
        if len(found) > 1:
            raise InputError(f"{where}{len(found)} estimates are named {criterion.measure!r}; give one of them")
        [item] = found
        if item.unit != criterion.unit:
            raise InputError(f"{where}the thresholds are in {criterion.unit}, and {item.label!r} is in {item.unit}")
        row: dict[str, object] = {"criterion": criterion.name, "measure": item.label, "value": item.value}
        row |= {"unit": item.unit, **_judged(criterion, item), "provenance": worked_out([item.provenance]).value}
        rows.append(row | thresholds)
    return pd.DataFrame(rows).astype({"value": float})


def rubric_in_words(judged: pd.DataFrame) -> Sentence:
    """What a rubric comes to, as sentences: the standard of each criterion, and where values and thresholds come from.

    Parameters
    ----------
    judged
        What `apply_rubric` returns.

    Raises
    ------
    InputError
        Another table, or one without rows.
    """
    needed = {"criterion", "standard", "provenance", "status", "agreed_by", "agreed_on", "timing"}
    if not needed <= set(getattr(judged, "columns", ())) or judged.empty:
        raise InputError("judged must be the table that apply_rubric() gives, not another")
    parts = "; ".join(f"{row.criterion}: {row.standard}" for row in judged.itertuples())
    first = judged.iloc[0]
    when = {
        "before the visits": "that was before the visits, as a rubric should be",
        "after the first visit": "that was after the first visit, so they were not set before the data",
    }.get(first["timing"], "when the visits were is unknown, so nobody can say whether that was before them")
    thresholds = threshold_origin(first["status"], first["agreed_by"], first["agreed_on"])
    were = "are" if first["status"] == "example" else "were"
    provenance = weakest(Provenance(it) for it in judged["provenance"])
    text = f"{parts} (by values that are {provenance.value}). The thresholds {were} {thresholds}; {when}."
    return Sentence(told(text, provenance))


def _timing(rubric: Rubric, survey: Survey) -> str:
    days = pd.to_datetime(survey.visits["visit_date"], errors="coerce").dropna()
    if days.empty:
        return "unknown"
    return "before the visits" if rubric.agreed_on < days.min().date() else "after the first visit"


def _judged(criterion: Criterion, item: Estimate) -> dict[str, str | None]:
    """The standard reached, those that the interval reaches, and the reason."""
    if item.value is None:
        why = f"it is undefined ({item.method})"
        return {"standard": NOT_JUDGED, "low_standard": None, "high_standard": None, "reason": why}
    standard = criterion.reached(item.value)
    looks = f": {standard.words}" if standard.words else ""
    shown = number(item.value, item.unit)
    near = isfinite(item.value) and shown in (number(standard.at_least, item.unit), number(standard.below, item.unit))
    finely = ", before rounding," if near else ""
    reason = f"{shown} is{finely} {standard.reach(item.unit)}, which is {standard.name}{looks}"
    if item.low is None or item.high is None or item.level is None:
        why = f"{reason}; it has no interval"
        return {"standard": standard.name, "low_standard": None, "high_standard": None, "reason": why}
    ends = [criterion.reached(end) for end in (item.low, item.high)]
    low, high = sorted(ends, key=criterion.standards.index)
    limits = f"its {100 * item.level:g}% interval, {interval(item.low, item.high, item.unit)}"
    others = f"reaches from {low.name} to {high.name}, so chance alone could decide" if low != high else "stays there"
    why = f"{reason}; {limits}, {others}"
    return {"standard": standard.name, "low_standard": low.name, "high_standard": high.name, "reason": why}


def _criterion(table: object, names: list[str], where: str) -> Criterion:
    fields = table_of(table, _CRITERION, where=where)
    for field in ("name", "measure", "unit"):
        _text(fields, field, where)
    where = f"{where.split('criterion')[0]}criterion {fields['name']!r}, "
    if fields["unit"] not in UNITS:
        raise unknown("unit", fields["unit"], sorted(UNITS), where=where)
    given = fields["standards"]
    if not isinstance(given, dict):
        raise InputError(f"{where}field 'standards' must be a table, with one line for each of {', '.join(names)}")
    for name in given:
        if name not in names:
            raise unknown("standard", name, names, where=where)
    for name in names:
        if name not in given:
            raise InputError(f"{where}the standard {name!r} is missing; say from where to where it reaches")
    standards = tuple(_standard(name, given[name], fields["unit"], f"{where}standard {name!r}") for name in names)
    _check_chain(standards, where)
    return Criterion(name=fields["name"], measure=fields["measure"], unit=fields["unit"], standards=standards)


def _standard(name: str, table: object, unit: str, where: str) -> Standard:
    if not isinstance(table, dict) or not set(_ENDS) & set(table):
        raise InputError(f"{where} must say at_least, below or both, as in {{ at_least = 0.5, below = 0.7 }}")
    if wrong := sorted(set(table) - {*_ENDS, "words"}):
        raise unknown("field", wrong[0], [*_ENDS, "words"], where=f"{where}: ")
    for field in _ENDS:
        value = table.get(field, 0)
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
            raise InputError(f"{where}, field {field!r} must be a number, not {value!r}")
        if unit in _PARTS and abs(float(value)) > 1:
            raise InputError(
                f"{where}, field {field!r} must be a part of 1, not {value!r}; write {float(value) / 100:g} for "
                f"{float(value):g}{_PARTS[unit]}"
            )
    if not isinstance(table.get("words", ""), str):
        raise InputError(f"{where}, field 'words' must be a text")
    low, high = float(table.get("at_least", -inf)), float(table.get("below", inf))
    if low >= high:
        raise InputError(f"{where} is empty: it begins at {low:g} and ends before {high:g}; exchange them, or widen it")
    return Standard(name=name, at_least=low, below=high, words=table.get("words", ""))


def _check_chain(standards: tuple[Standard, ...], where: str) -> None:
    """From the worst to the best the standards run one way, up or down, and each ends where the next begins."""
    up = standards[0].at_least < standards[-1].at_least
    chain = standards if up else standards[::-1]
    for one, other in pairwise(chain):
        if one.at_least >= other.at_least:
            raise InputError(
                f"{where}the standards must run one way from {standards[0].name} to {standards[-1].name}, and "
                f"{one.name!r} begins at {one.at_least:g}, {other.name!r} at {other.at_least:g}; put them in order"
            )
    for one, other in pairwise(chain):
        if one.below != other.at_least:
            fault = "leave a gap" if one.below < other.at_least else "overlap"
            raise InputError(
                f"{where}{one.name!r} and {other.name!r} {fault}: one ends before {one.below:g}, the other begins at "
                f"{other.at_least:g}; let it begin where the other ends"
            )
    for standard, end, field in ((chain[0], chain[0].at_least, "at_least"), (chain[-1], chain[-1].below, "below")):
        if isfinite(end):
            raise InputError(
                f"{where}standard {standard.name!r} stops at {end:g}, so a value beyond reaches none; leave out {field}"
            )


def _text(table: Mapping[str, Any], field: str, where: str) -> None:
    if not isinstance(table[field], str) or not table[field].strip():
        raise InputError(f"{where}field {field!r} must be a text, not {table[field]!r}")
