"""Raters: the grades that two or more inspectors gave to the same schools, with gaps where one gave none."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from survey_analysis.errors import InputError, of_kind, unknown
from survey_analysis.estimates import Provenance, origin
from survey_analysis.surveys import NOT_SEEN, Survey

SECOND = "second_"
"""How the name of a column begins that holds a second inspector's grades for the column named after it."""

MAKERS = "ratings(), ratings_from() or ratings_from_counts()"
_NONE = -1  # no grade
_MOST_GRADED = 100_000  # in a cross-table, for each of its cases becomes a row
_INSPECTORS = ("first inspector", "second inspector")


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratings:
    """Grades of the same schools by two or more inspectors, on one scale.

    Made by `ratings`, `ratings_from` and `ratings_from_counts`.

    Parameters
    ----------
    label
        What was graded.
    codes
        The grades in order, all that could be given and not only those that were.
    raters
        The inspectors, two or more.
    places
        A row for each school and a column for each inspector: the place of the grade in `codes`, -1 where none was
        given.
    grade_scale
        What the scale is called; empty where it has no name.
    of, by
        What was graded, and who graded it, in the plural.
    provenance
        The weakest provenance of the grades.
    assumptions
        The assumptions, by name, on which they rest.

    Raises
    ------
    InputError
        Fewer than two codes or two inspectors, places that are not whole numbers in rows and columns, one that is no
        place in the codes.
    """

    label: str
    codes: tuple[str, ...]
    raters: tuple[str, ...]
    places: NDArray[np.int64]
    grade_scale: str = ""
    of: str = "schools"
    by: str = "inspectors"
    provenance: Provenance = Provenance.ILLUSTRATIVE
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.provenance not in list(Provenance):
            raise unknown("provenance", self.provenance, [it.value for it in Provenance])
        object.__setattr__(self, "provenance", Provenance(self.provenance))
        _order(self.codes)
        if isinstance(self.raters, str) or len(self.raters) < 2:
            raise InputError(f"raters must be two inspectors or more, not {self.raters!r}")
        places = self.places
        whole = isinstance(places, np.ndarray) and np.issubdtype(places.dtype, np.integer)
        if not whole or places.ndim != 2 or places.shape[1] != len(self.raters):
            raise InputError(
                f"places must be an array of whole numbers with a row for each of the {self.of} and {len(self.raters)} "
                "columns, one for each inspector; make it with ratings_from()"
            )
        for place in places[(places < _NONE) | (places >= len(self.codes))][:1]:
            raise InputError(f"places must be from 0 to {len(self.codes) - 1}, or -1 where there is none, not {place}")

    @property
    def counts(self) -> NDArray[np.float64]:
        """How many inspectors gave each grade: a row for each school, a column for each code."""
        return np.asarray((self.places[:, :, None] == np.arange(len(self.codes))).sum(axis=1), dtype=float)

    @property
    def paired(self) -> NDArray[np.bool_]:
        """For each school, whether it has two grades or more, so that something can agree."""
        return np.asarray((self.places != _NONE).sum(axis=1) >= 2)

    @property
    def constant(self) -> tuple[str, ...]:
        """The inspectors who gave one and the same grade to every school that somebody else graded too."""
        given = (self.places[self.paired, column] for column in range(len(self.raters)))
        single = [len(set(grades[grades != _NONE])) == 1 for grades in given]
        return tuple(name for name, it in zip(self.raters, single, strict=True) if it)

    def __str__(self) -> str:
        made = origin(self.provenance, self.assumptions)
        return f"{self.label}: {self.paired.sum()} of {len(self.places)} {self.of} with two grades or more ({made})"

    __repr__ = __str__


def ratings(survey: Survey, column: str) -> Ratings:
    """The first and the second inspector's grades in a survey.

    Parameters
    ----------
    survey
        The survey, all of it graded on one scale.
    column
        A column of grades that a second inspector could give too: 'partnership_use' or 'value_for_money'.

    Returns
    -------
    Ratings
        A row for each visit; where a grade was not seen there is none.

    Raises
    ------
    InputError
        Something that is no survey, a column without a second grade, a survey without visits or with grades of several
        scales.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> ratings(load_survey(), "partnership_use")
    partnership_use: 20 of 59 schools with two grades or more (illustrative)

    Notes
    -----
    In the survey that travels with the package second grades are invented: nothing was published about agreement.
    """
    columns = of_kind("survey", survey, Survey, "load_survey() or read_survey()").dictionary["visits"]
    graded_twice = [name for name, column in columns.items() if column.codes and SECOND + name in columns]
    if column not in graded_twice:
        raise unknown("column", column, graded_twice, where="grades of two inspectors: ")
    names = [column, SECOND + column]
    codes = survey.column("visits", column).judgements
    if survey.column("visits", names[1]).judgements != codes:
        raise InputError(f"{names[1]} must have the codes of {column}, in the same order; mend the dictionary")
    grade_scale = survey.grade_scale
    provenance, assumptions = survey.origin([dict.fromkeys(names, codes)], [])
    return Ratings(
        label=column,
        codes=codes,
        raters=_INSPECTORS,
        places=survey.visits[names].apply(lambda grades: pd.Index(codes).get_indexer(grades)).to_numpy(),
        grade_scale=grade_scale,
        provenance=provenance,
        assumptions=assumptions,
    )


def ratings_from(
    grades: "pd.DataFrame | Mapping[str, Sequence[object]]",
    *,
    codes: Sequence[Hashable],
    label: str = "grades",
    grade_scale: str | Sequence[str] = "",
    of: str = "schools",
    by: str = "inspectors",
    provenance: Provenance = Provenance.ILLUSTRATIVE,
) -> Ratings:
    """Grades of your own, by as many inspectors as there are.

    Parameters
    ----------
    grades
        A column for each inspector and a row for each school; an empty cell or 'not_seen' where none was given.
    codes
        All grades that could be given, in order.
    label
        What was graded.
    grade_scale
        What the scale is called; or the scale of each school, which must all be the same.
    of, by
        What was graded, and who graded it, in the plural.
    provenance
        Where the grades come from; illustrative unless you say what they are.

    Returns
    -------
    Ratings
        The grades.

    Raises
    ------
    InputError
        Fewer than two inspectors or two codes, a grade that is none of the codes, several scales or one that is not
        named, columns of unequal length.

    Examples
    --------
    >>> three = {"A": ["good", "good"], "B": ["good", None], "C": ["inadequate", "good"]}
    >>> ratings_from(three, codes=["good", "inadequate"], provenance="observed")
    grades: 2 of 2 schools with two grades or more (observed)
    """
    order = _order(codes)
    if not isinstance(grades, (pd.DataFrame, Mapping)):
        raise InputError(f"grades must be a table with a column for each inspector, not {type(grades).__name__}")
    if isinstance(grades, Mapping):
        lengths = {str(name): len(given) for name, given in grades.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"grades must have as many entries for each inspector, not {lengths}; put None where none")
        grades = pd.DataFrame(dict(grades), dtype=object)
    if grades.shape[1] < 2:
        raise InputError(
            f"agreement needs the grades of two inspectors or more, a column for each; there is {grades.shape[1]}"
        )
    scale = _scale(grade_scale, len(grades), of)
    places = np.full(grades.shape, _NONE)
    for column, name in enumerate(grades.columns):
        for row, grade in enumerate(grades.iloc[:, column]):
            place = _place(grade, order)
            if place is None:
                raise unknown("a grade", grade, codes, where=f"{name}, row {row + 1}: ")
            places[row, column] = place
    return Ratings(
        label=label,
        codes=tuple(map(str, codes)),
        raters=tuple(map(str, grades.columns)),
        places=places,
        grade_scale=scale,
        of=of,
        by=by,
        provenance=provenance,
    )


def ratings_from_counts(
    counts: ArrayLike,
    *,
    codes: Sequence[Hashable],
    label: str = "grades",
    of: str = "schools",
    by: str = "inspectors",
    provenance: Provenance = Provenance.ILLUSTRATIVE,
) -> Ratings:
    """Grades of two inspectors from their cross-table, as papers print it.

    Parameters
    ----------
    counts
        A row for each grade of the first inspector, a column for each of the second, in the order of the codes.
    codes
        All grades that could be given, in order.
    label
        What was graded.
    of, by
        What was graded, and who graded it, in the plural.
    provenance
        Where the counts come from; illustrative unless you say what they are.

    Returns
    -------
    Ratings
        The grades, all in pairs.

    Raises
    ------
    InputError
        A table that is not square, of another size than the codes, with counts that are negative or not whole, or that
        add up to more than 100,000.

    Examples
    --------
    >>> ratings_from_counts([[40, 9], [6, 45]], codes=["yes", "no"], of="cases", provenance="published")
    grades: 100 of 100 cases with two grades or more (published)
    """
    order = _order(codes)
    try:
        table = np.asarray(counts)
    except ValueError:  # rows of unequal length
        table = np.empty(0)
    if table.shape != (len(order), len(order)):
        raise InputError(f"counts must have {len(order)} rows and {len(order)} columns, one for each code")
    if not np.issubdtype(table.dtype, np.integer) or table.min() < 0:
        raise InputError("counts must be whole numbers, none of them negative")
    if (total := sum(map(int, table.ravel()))) > _MOST_GRADED:
        raise InputError(f"counts must add up to {_MOST_GRADED:,} at most, not to {total:,}; give a part of them")
    pairs = np.argwhere(np.ones_like(table))
    return Ratings(
        label=label,
        codes=tuple(map(str, codes)),
        raters=(f"first {by.removesuffix('s')}", f"second {by.removesuffix('s')}"),
        places=np.repeat(pairs, table.ravel(), axis=0),
        of=of,
        by=by,
        provenance=provenance,
    )


def cross_table(ratings: Ratings) -> pd.DataFrame:
    """How often each pair of grades was given: a row for each grade of the first inspector, a column for the second's.

    Parameters
    ----------
    ratings
        The grades of two inspectors; schools that only one of them graded are left out.

    Returns
    -------
    DataFrame
        Counts, the codes as index and columns, in order; agreement lies on the diagonal.

    Raises
    ------
    InputError
        Something that is no ratings, more than two inspectors.

    Examples
    --------
    >>> cross_table(ratings_from_counts([[40, 9], [6, 45]], codes=["yes", "no"])).loc["yes"].to_dict()
    {'yes': 40, 'no': 9}
    """
    if len(of_kind("ratings", ratings, Ratings, MAKERS).raters) != 2:
        raise InputError(f"a cross-table is of two inspectors, and there are {len(ratings.raters)}; choose two columns")
    first, second = ratings.places[ratings.paired].T
    table = np.zeros((len(ratings.codes), len(ratings.codes)), dtype=int)
    np.add.at(table, (first, second), 1)
    rows, columns = (pd.Index(ratings.codes, name=name) for name in ratings.raters)
    return pd.DataFrame(table, index=rows, columns=columns)


def _order(codes: Sequence[Hashable]) -> dict[Hashable, int]:
    listed = [] if isinstance(codes, str) or not isinstance(codes, Iterable) else list(codes)
    order = {code: place for place, code in enumerate(listed)} if all(map(_is_hashable, listed)) else {}
    if len(order) < 2 or len({str(code) for code in order}) != len(listed):
        raise InputError(f"codes must be two grades or more in order, each once, not {codes!r}")
    return order


def _is_hashable(code: object) -> bool:
    return isinstance(code, Hashable)


def _scale(grade_scale: object, schools: int, of: str) -> str:
    """The name of the one scale, given once or for each school."""
    if isinstance(grade_scale, str):
        return grade_scale
    each = [] if isinstance(grade_scale, Mapping) or not isinstance(grade_scale, Iterable) else list(grade_scale)
    if len(each) != schools or not all(isinstance(name, str) for name in each):
        raise InputError(f"grade_scale must be a name, or a name for each of the {schools} {of}, not {grade_scale!r}")
    scales = sorted(set(each))
    if len(scales) > 1:
        raise InputError(f"grade_scale must be the same for all {of}, not {scales}; analyse each scale by itself")
    return "".join(scales)


def _place(grade: Any, order: Mapping[Hashable, int]) -> int | None:
    """The place of a grade in its scale, -1 where none was given, None where it is none of the scale."""
    if not _is_hashable(grade):  # a list in a cell, say
        return None
    return order.get(grade, _NONE if pd.isna(grade) or grade == NOT_SEEN else None)
