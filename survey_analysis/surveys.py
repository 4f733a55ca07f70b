"""A survey: visits, pupil groups and costs with their dictionary; reading it, and counting visits in it."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from survey_analysis.errors import InputError, choice, unknown
from survey_analysis.estimates import Provenance, Tally, weakest
from survey_analysis.resources import DATA

TABLES = ("visits", "pupil_groups", "costs")
NOT_SEEN = "not_seen"
NOT_APPLICABLE = "not_applicable"
_NO_JUDGEMENT = frozenset({NOT_SEEN, NOT_APPLICABLE})
_BETWEEN_CODES = ";"

Condition = Mapping[str, str | Sequence[str]]
"""Column -> the code or codes that it may have; every column must agree."""

Visits = Condition | Sequence[Condition]
"""Which visits: those that meet the condition, or any one of several."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One line of the dictionary: what a column of a table holds.

    `kind` is text, date, grade, code, codes (several, joined by a semicolon), count or money; the codes of a grade are
    its scale, best first; `constrained_by` names the claims that bear on the column.
    """

    name: str
    kind: str
    codes: tuple[str, ...]
    unit: str
    provenance: Provenance
    constrained_by: tuple[str, ...]
    meaning: str

    @property
    def judgements(self) -> tuple[str, ...]:
        """The codes that are a judgement, without 'not seen' and 'not applicable'."""
        return tuple(code for code in self.codes if code not in _NO_JUDGEMENT)


Dictionary = Mapping[str, Mapping[str, Column]]
"""Table -> column name -> column, in order."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """Three tidy tables and the dictionary that says what stands in them and where it comes from.

    Parameters
    ----------
    visits
        One row for each visit: grades, judgements, themes.
    pupil_groups
        One row for each visit, time, characteristic and group: pupils and how many of them took part, achieved and
        went on. Each characteristic counts every pupil once, so sum over the groups of *one* of them only.
    costs
        One row for each visit, year and source: pounds.
    dictionary
        The columns of the three tables, with codes and provenance.
    title
        What the survey is called where it is shown.

    Notes
    -----
    The survey that travels with the package is a reconstruction (visits) with illustrations (pupil groups, costs). No
    record of a school was ever published, so no row of it says anything about a school that was visited.
    """

    visits: pd.DataFrame
    pupil_groups: pd.DataFrame
    costs: pd.DataFrame
    dictionary: Dictionary
    title: str

    @property
    def grade_scale(self) -> str:
        """The scale on which the visits were graded. Scales are never pooled: a survey with two is an error."""
        scales = sorted(set(self.visits["grade_scale"]))
        if len(scales) != 1:
            raise InputError(f"grade_scale must be the same for all visits, not {scales}; analyse each scale by itself")
        return str(scales[0])

    def column(self, table: str, name: str) -> Column:
        """The dictionary's line for a column; an unknown name is an error that suggests the nearest."""
        return choice(f"a column of {table}", name, self.dictionary[table])

    def provenance(self, table: str, *names: str) -> Provenance:
        """The weakest provenance of the columns named."""
        return weakest(self.column(table, name).provenance for name in names)

    def visit_label(self, visit_id: str) -> str:
        """How a visit is named wherever it is shown: never as a bare record when it is not one."""
        made = self.provenance("visits", "visit_id")
        return visit_id if made is Provenance.OBSERVED else f"{visit_id} ({made.value})"


def read_dictionary(path: Path) -> Dictionary:
    """The dictionary of the three tables from a CSV file."""
    tables: dict[str, dict[str, Column]] = {table: {} for table in TABLES}
    for line in _rows(path):
        tables[line["table"]][line["column"]] = Column(
            name=line["column"],
            kind=line["type"],
            codes=tuple(filter(None, line["codes"].split(_BETWEEN_CODES))),
            unit=line["unit"],
            provenance=Provenance(line["provenance"]),
            constrained_by=tuple(filter(None, line["constrained_by"].split(_BETWEEN_CODES))),
            meaning=line["meaning"],
        )
    return tables


def load_survey() -> Survey:
    """The survey that travels with the package: a reconstruction of the 59 visits with illustrative pupils and costs.

    Examples
    --------
    >>> survey = load_survey()
    >>> len(survey.visits), survey.visit_label("R01")
    (59, 'R01 (reconstructed)')
    """
    return read_survey(DATA, title="Music partnerships in 59 schools (reconstructed)")


def read_survey(folder: str | Path, *, title: str = "", provenance: Provenance | str | None = None) -> Survey:
    """A survey from a folder with visits.csv, pupil_groups.csv and costs.csv.

    Parameters
    ----------
    folder
        Where the three tables lie. A dictionary.csv beside them is used; without one, that of the package is.
    title
        What the survey is called; the folder's name when empty.
    provenance
        Where all the columns come from, 'observed' for visits that were made; None keeps what the dictionary says.

    Raises
    ------
    InputError
        One sentence for every problem: a missing file or column, an unknown column, a code that the dictionary does
        not have, a count that is not a whole number, more pupils taking part than there are, a visit twice or unknown.
    """
    folder = Path(folder)
    own = folder / "dictionary.csv"
    dictionary = read_dictionary(own if own.is_file() else DATA / "dictionary.csv")
    if provenance is not None:
        given = Provenance(provenance)
        dictionary = {
            table: {name: replace(column, provenance=given) for name, column in columns.items()}
            for table, columns in dictionary.items()
        }
    tables = {table: _read_table(folder / f"{table}.csv", dictionary[table]) for table in TABLES}
    problems = [problem for table in TABLES for problem in _relations(table, tables)]
    if problems:
        raise InputError("\n".join(problems))
    return Survey(**tables, dictionary=dictionary, title=title or folder.name)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError:
        raise InputError(f"{path.name} is missing in the folder {str(path.parent)!r}; put it there") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text; save it as 'CSV UTF-8'") from None


def _read_table(path: Path, columns: Mapping[str, Column]) -> pd.DataFrame:
    rows = _rows(path)
    found = list(rows[0]) if rows else []
    if not rows:
        raise InputError(f"{path.name} has no rows; there must be at least one below the header")
    for name in found:
        if name not in columns:
            raise unknown("column", name, columns, where=f"{path.name}: ")
    if missing := [name for name in columns if name not in found]:
        raise InputError(f"{path.name} lacks the column {missing[0]!r}; add it, with 'not_seen' where nothing was seen")
    problems = [
        f"{path.name}, line {line}, {name}: {problem}"
        for line, row in enumerate(rows, start=2)
        for name, column in columns.items()
        if (problem := _problem(row[name], column))
    ]
    if problems:
        raise InputError("\n".join(problems))
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame.assign(**{name: _typed(frame[name], column.kind) for name, column in columns.items()})


def _problem(value: str | None, column: Column) -> str:
    """What is wrong with one cell, or nothing."""
    if value is None:
        return "the line is too short; give every column a value"
    match column.kind:
        case "grade" | "code" | "codes":
            for code in value.split(_BETWEEN_CODES) if column.kind == "codes" else [value]:
                if code not in column.codes:
                    return str(unknown("the code", code, column.codes))
        case "count" | "money" if value and not (value.isascii() and value.isdigit()):
            return f"{value!r} is not a whole number; write digits alone, without £, comma or point"
        case "date" if not _is_date(value):
            return f"{value!r} is not a date; write it as year-month-day, such as 2012-03-05"
        case "text" if not value.strip():
            return "is empty; give it a value"
    return ""


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_TYPES: Mapping[str, Callable[[pd.Series], pd.Series]] = {
    "count": lambda column: pd.to_numeric(column.replace("", None)).astype("Int64"),
    "money": lambda column: pd.to_numeric(column.replace("", None)).astype("Int64"),
    "date": lambda column: pd.to_datetime(column, format="%Y-%m-%d"),
}


def _typed(column: pd.Series, kind: str) -> pd.Series:
    return _TYPES[kind](column) if kind in _TYPES else column


def _relations(table: str, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What is wrong between the cells of a table, or between tables."""
    frame, file = tables[table], f"{table}.csv"
    keys = {"visits": ["visit_id"], "pupil_groups": ["visit_id", "time", "characteristic", "group"]}
    key = keys.get(table, ["visit_id", "year", "source"])
    problems = [
        f"{file}, line {row + 2}: {' '.join(frame.loc[row, key])} stands there a second time; keep one of the two"
        for row in frame.index[frame.duplicated(key)]
    ]
    problems += [
        f"{file}, line {row + 2}: the visit {frame.loc[row, 'visit_id']!r} is not in visits.csv; add it there"
        for row in frame.index[~frame["visit_id"].isin(tables["visits"]["visit_id"])]
    ]
    if table == "pupil_groups":
        parts = [("taking_part", "pupils"), ("achieving", "taking_part"), ("sustained", "taking_part")]
        for part, whole in [*parts, ("gcse_entered", "pupils"), ("gcse_good_grade", "gcse_entered")]:
            over = (frame[part] > frame[whole]).fillna(False)
            problems += [
                f"{file}, line {row + 2}: {part} is {frame.loc[row, part]}, more than {whole}, "
                f"{frame.loc[row, whole]}; correct the one that is wrong"
                for row in frame.index[over.astype(bool)]
            ]
    return problems


def tally(
    survey: Survey,
    column: str | Sequence[str],
    *,
    at_least: str | None = None,
    codes: str | Sequence[str] | None = None,
    among: Visits | None = None,
    label: str = "",
) -> Tally:
    """Count the visits in which a judgement was at least so good, or was one of some codes.

    Parameters
    ----------
    survey
        The survey.
    column
        A column of the visits, or several: then all of them must agree, and the base is the visits in which every one
        of them was seen. The joint judgement is not the product of its parts.
    at_least
        The lowest grade that counts, on a column whose codes are a scale. Give this or `codes`.
    codes
        The code or codes that count. In a column with several codes a visit, having one of them is enough.
    among
        Which visits to look at, as column -> code or codes; all of them when absent. A visit of which it was not seen
        whether it belongs is counted as not seen.
    label
        What is counted, in words; made from column and codes when empty.

    Returns
    -------
    Tally
        The count, the visits in which it was seen, and the number not seen. Visits to which a judgement does not apply
        are in neither.

    Raises
    ------
    InputError
        An unknown column, grade or code, both or neither of `at_least` and `codes`, a survey without visits.

    Examples
    --------
    >>> survey = load_survey()
    >>> print(tally(survey, "partnership_use", at_least="good"))
    partnership_use at least good: 10 of 59 (reconstructed)
    >>> print(tally(survey, ["partnership_use", "value_for_money"], at_least="good", label="good use and value"))
    good use and value: 10 of 59 (reconstructed)

    Notes
    -----
    It counts what inspectors judged in the visits they made; it is not a share of schools in general.
    """
    columns = [column] if isinstance(column, str) else list(column)
    if (at_least is None) == (codes is None):
        raise InputError(f"give either at_least or codes for {', '.join(columns)}, and not both")
    lines = [survey.column("visits", name) for name in columns]
    if at_least is not None:
        condition: Condition = {line.name: _from(line, at_least) for line in lines}
        words = f"at least {at_least}"
    else:
        wanted = _codes(codes)
        condition = {line.name: wanted for line in lines}
        words = " or ".join(wanted)
    return count_visits(survey, [condition], among=among, label=label or f"{' and '.join(columns)} {words}")


def tally_each(survey: Survey, column: str, *, among: Visits | None = None) -> tuple[Tally, ...]:
    """A tally for every code of a column, in the order of its scale.

    Examples
    --------
    >>> [grade.count for grade in tally_each(load_survey(), "partnership_use")]
    [3, 7, 32, 17]
    """
    line = survey.column("visits", column)
    if not line.codes:
        raise InputError(f"column must be one that holds codes, not {column!r}, which holds {line.kind}")
    return tuple(
        tally(survey, column, codes=code, among=among, label=code.replace("_", " ")) for code in line.judgements
    )


def count_visits(survey: Survey, conditions: Sequence[Condition], *, among: Visits | None = None, label: str) -> Tally:
    """Count the visits that meet any of several conditions; `tally` is the plainer way to ask.

    The base is the visits in which every column that any of the conditions names was seen: to count a joint judgement
    as known whenever one part already fails would keep failures in the base and let successes drop out of it.
    """
    if survey.visits.empty:
        raise InputError("the survey has no visits, so nothing can be counted; read one that has")
    groups = _any_of(among or {})
    group, answer = _ask(survey, groups), _ask(survey, conditions)
    applies = group.holds & _applies(survey, conditions)
    names = {name for condition in [*conditions, *groups] for name in condition} or {"visit_id"}
    return Tally(
        label=label,
        count=int((applies & ~answer.unseen & answer.holds).sum()),
        base=int((applies & ~answer.unseen).sum()),
        not_seen=int((group.unsure | (applies & answer.unseen)).sum()),
        provenance=survey.provenance("visits", *names),
    )


def matching(survey: Survey, visits: Visits) -> "pd.Series[str]":
    """The ids of the visits that were seen to meet a condition, or any one of several."""
    return survey.visits.loc[_ask(survey, _any_of(visits)).holds, "visit_id"]


@dataclass(frozen=True)
class _Answer:
    """For each visit: it meets one of some conditions; what was seen cannot tell; something they name was not seen."""

    holds: "pd.Series[bool]"
    unsure: "pd.Series[bool]"
    unseen: "pd.Series[bool]"


def _ask(survey: Survey, conditions: Sequence[Condition]) -> _Answer:
    none = pd.Series(False, index=survey.visits.index)
    holds, fails, unseen = none, ~none, none
    for condition in conditions:
        all_hold, any_fails = ~none, none
        for name, wanted in condition.items():
            line = survey.column("visits", name)
            for code in _codes(wanted):
                if code not in line.judgements:
                    raise unknown(f"the code for {name}", code, line.judgements)
            values = survey.visits[name]
            not_seen, has = values == NOT_SEEN, _has(values, _codes(wanted), several=line.kind == "codes")
            unseen = unseen | not_seen
            all_hold, any_fails = all_hold & has, any_fails | ~(has | not_seen)
        holds, fails = holds | all_hold, fails & any_fails
    return _Answer(holds, ~(holds | fails), unseen)


def _any_of(visits: Visits) -> Sequence[Condition]:
    return [visits] if isinstance(visits, Mapping) else visits


def _applies(survey: Survey, conditions: Sequence[Condition]) -> "pd.Series[bool]":
    names = sorted({name for condition in conditions for name in condition})
    return ~(survey.visits[names] == NOT_APPLICABLE).any(axis="columns")


def _has(values: pd.Series, wanted: Sequence[str], *, several: bool) -> "pd.Series[bool]":
    if not several:
        return values.isin(wanted)
    return values.map(lambda cell: not set(wanted).isdisjoint(cell.split(_BETWEEN_CODES))).astype(bool)


def _codes(wanted: str | Sequence[str] | None) -> tuple[str, ...]:
    return (wanted,) if isinstance(wanted, str) else tuple(wanted or ())


def _from(line: Column, grade: str) -> tuple[str, ...]:
    """The grade and all better ones."""
    if line.kind != "grade":
        raise InputError(f"at_least needs a column of grades, not {line.name!r}; name the codes that count with codes=")
    if grade not in line.judgements:
        raise unknown("at_least", grade, line.judgements, where=f"{line.name}: ")
    return line.judgements[: line.judgements.index(grade) + 1]
