"""Reading a survey from its three tables: every cell checked, all problems at once."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from survey_analysis.errors import InputError, unknown
from survey_analysis.estimates import Provenance
from survey_analysis.resources import DATA
from survey_analysis.surveys import BETWEEN_CODES, TABLES, Column, Dictionary, Survey


def read_dictionary(path: Path) -> Dictionary:
    """The dictionary of the three tables from a CSV file."""
    tables: dict[str, dict[str, Column]] = {table: {} for table in TABLES}
    for line in _rows(path):
        tables[line["table"]][line["column"]] = Column(
            name=line["column"],
            kind=line["type"],
            codes=tuple(filter(None, line["codes"].split(BETWEEN_CODES))),
            unit=line["unit"],
            provenance=Provenance(line["provenance"]),
            constrained_by=tuple(filter(None, line["constrained_by"].split(BETWEEN_CODES))),
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
            for code in value.split(BETWEEN_CODES) if column.kind == "codes" else [value]:
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
