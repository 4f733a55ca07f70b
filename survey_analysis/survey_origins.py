"""What may be said of where a survey comes from: never more than its own dictionary says, and never of our rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.resources import DATA, EXAMPLES
from survey_analysis.surveys import Column, Dictionary

Schools = Counter[tuple[tuple[str, ...], ...]]
"""What stands in the rows of each school, without its id."""

_STRENGTH = list(Provenance)
_MADE_UP = (Provenance.RECONSTRUCTED, Provenance.ILLUSTRATIVE)
_SAME = 0.9  # of the schools, so that a few cells written anew do not make other visits of them
_FEWEST = 8  # judgements of a visit; by fewer, two schools may be alike and not the same


def check_not_raised(dictionary: Dictionary, given: Provenance, said_by: str) -> None:
    """That a provenance which is given is not stronger than what the dictionary beside the tables says."""
    weaker = [
        f"{table}.{name} is {column.provenance.value}"
        for table, columns in dictionary.items()
        for name, column in columns.items()
        if _STRENGTH.index(column.provenance) > _STRENGTH.index(given)
    ]
    if weaker:
        more = f" (and so on for {len(weaker)} columns)" if len(weaker) > 1 else ""
        raise InputError(
            f"provenance cannot be {given.value!r}, for {said_by} says that {weaker[0]}{more}; "
            "leave provenance out, or write there where the columns come from"
        )


def check_not_packaged(tables: Mapping[str, pd.DataFrame], dictionary: Dictionary, called: Mapping[str, str]) -> None:
    """That the rows which travel with the package are called nothing but made up, whatever ids and dates they bear."""
    for table, frame in tables.items():
        columns = _claimed(dictionary[table])
        for packaged in _packaged(table) if columns and not frame.empty else ():
            shared = tuple(name for name in columns if name in packaged.columns and name in frame.columns)
            if not shared or (table == "visits" and len(shared) < _FEWEST):
                continue
            ours, theirs = _schools(packaged, shared), _schools(frame, shared)
            if (ours & theirs).total() < _SAME * min(ours.total(), theirs.total()):
                continue
            said = columns[shared[0]].provenance.value
            raise InputError(
                f"{called[table]} cannot be {said}: these are the rows that travel with the package, "
                "which are made up; put those of your own visits there, or call these illustrative"
            )


def _claimed(columns: Mapping[str, Column]) -> dict[str, Column]:
    """The judgements, counts and amounts that are said to be more than made up; ids and days are easily changed."""
    return {
        name: column
        for name, column in columns.items()
        if column.kind not in ("text", "date") and name != "grade_scale" and column.provenance not in _MADE_UP
    }


@cache
def _packaged(table: str) -> Sequence[pd.DataFrame]:
    """The rows of the reconstruction, and those of the example."""
    folders = (DATA, EXAMPLES / "visits")
    return [pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False) for folder in folders]


def _schools(frame: pd.DataFrame, columns: Sequence[str]) -> Schools:
    cells = zip(*(frame[name] for name in columns), strict=True)
    rows: dict[str, list[tuple[str, ...]]] = {}
    for visit_id, row in zip(frame["visit_id"], cells, strict=True):
        rows.setdefault(visit_id, []).append(row)
    return Counter(tuple(sorted(it)) for it in rows.values())
