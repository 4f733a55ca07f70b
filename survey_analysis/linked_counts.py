"""Counts in a table, and the sums that link them: read from a frame or a list, checked, and laid out again."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.errors import InputError
from survey_analysis.rendering import HIDDEN

Whole = NDArray[np.int64]
Grid = pd.DataFrame | pd.Series
Relations = Sequence[tuple[Hashable, Sequence[Hashable]]]
"""Sums that hold: each a total, and the cells that add up to it, by their labels."""

SYMBOLS = {
    HIDDEN: "confidential: hidden, so that nobody can be made out",
    "[x]": "not available: it was not collected, or cannot be told",
    "[z]": "not applicable: there can be no such count",
    "[low]": "above zero, and rounded to it",
}
"""The symbols in place of a number, in square brackets so that no program takes them for one."""

_LARGEST = 100_000_000
_TOTAL_NAMES = {"all", "total", "totals", "sum", "overall"}


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A total and its parts, as places in the list of cells, and what it is called in a message."""

    total: int
    parts: tuple[int, ...]
    words: str

    @property
    def cells(self) -> tuple[int, ...]:
        return (*self.parts, self.total)


@dataclass(frozen=True, kw_only=True, eq=False)
class LinkedCounts:
    """Cells in a row, None where one is hidden, and the sums that link them.

    A table of two ways is one sum for each row and each column; a hierarchy, or several tables with cells in common,
    are further sums over one list of cells.
    """

    counts: tuple[int | None, ...]
    sums: tuple[Sum, ...]
    index: pd.Index
    columns: pd.Index | None
    totals: tuple[Hashable, Hashable] = (None, None)

    @property
    def labels(self) -> list[Hashable]:
        return _labels(self.index, self.columns)

    @property
    def hidden(self) -> NDArray[np.bool_]:
        return np.array([count is None for count in self.counts], dtype=bool)

    def matrix(self) -> Whole:
        """One row for each sum: its parts less its total, which is nothing."""
        matrix = np.zeros((len(self.sums), len(self.counts)), dtype=np.int64)
        for row, it in zip(matrix, self.sums, strict=True):
            row[list(it.parts)] = 1
            row[it.total] -= 1
        return matrix

    def without(self, hidden: NDArray[np.bool_]) -> "LinkedCounts":
        """The same cells with some of them hidden."""
        counts = (None if hides else count for count, hides in zip(self.counts, hidden, strict=True))
        return replace(self, counts=tuple(counts))

    def laid_out(self) -> Grid:
        """A frame or a list as the cells came, in new memory: nothing of what is hidden goes along."""
        cells = np.empty(len(self.counts), dtype=object)
        cells[:] = [HIDDEN if count is None else count for count in self.counts]
        index = self.index.copy(deep=True)
        if self.columns is None:
            return pd.Series(cells, index=index, dtype=object)
        shaped = cells.reshape(len(index), len(self.columns))
        return pd.DataFrame(shaped, index=index, columns=self.columns.copy(deep=True), dtype=object)


def read_counts(table: Grid, *, totals: object, relations: Relations, hidden: bool = False) -> LinkedCounts:
    """The cells of a table and the sums that hold in it, every shown sum checked.

    Parameters
    ----------
    table
        A frame of counts with a row and a column for each category, or one list of counts (a series).
    totals
        What the totals are called: for a frame the row of totals and the column of totals, None for one that it does
        not have; for a list the label of its total. "detect" looks for them.
    relations
        Further sums, each a total and the cells that add up to it.
    hidden
        Whether cells may be hidden.
    """
    if not isinstance(table, pd.DataFrame | pd.Series):
        raise InputError(f"table must be a data frame or a series of counts, not {type(table).__name__}")
    columns = table.columns if isinstance(table, pd.DataFrame) else None
    for axis, index in (("row", table.index), ("column", columns)):
        if index is not None and index.has_duplicates:
            twice = index[index.duplicated()][0]
            raise InputError(f"every {axis} must have a name of its own, and {twice!r} stands in the table twice")
    labels = _labels(table.index, columns)
    counts = tuple(
        _count(value, label, hidden) for value, label in zip(table.to_numpy(object).ravel(), labels, strict=True)
    )
    if not counts:
        raise InputError("the table has no cells; give it at least one count")
    cells = LinkedCounts(counts=counts, sums=(), index=table.index, columns=columns)
    named = _totals(cells, totals, has_more=bool(relations))
    sums = (*_margins(cells, named), *_further(labels, relations))
    linked = replace(cells, sums=sums, totals=named)
    _check_sums(linked)
    return linked


def _labels(index: pd.Index, columns: pd.Index | None) -> list[Hashable]:
    if columns is None:
        return list(index)
    return [(row, column) for row in index for column in columns]


def _count(value: object, label: Hashable, hidden: bool) -> int | None:
    """A count, read strictly; None for a hidden one. Digits in a text count, since a published table comes as text."""
    where = f"row {label[0]!r}, column {label[1]!r}" if isinstance(label, tuple) and len(label) == 2 else f"{label!r}"
    text = value.strip() if isinstance(value, str) else ""
    if text == HIDDEN and hidden:
        return None
    if text == HIDDEN:
        raise InputError(f"{HIDDEN} stands at {where} already; suppress the counts themselves, all in one go")
    if text.replace(",", "").isdecimal():
        value = int(text.replace(",", ""))
    number = float(value) if isinstance(value, Real) and not isinstance(value, bool | np.bool_) else np.nan
    if not number.is_integer() or number < 0:
        missing = value is None or value is pd.NA or value != value or value == ""
        found = "nothing" if missing else "a text" if text else f"{value}"
        raise InputError(f"counts must be whole numbers from 0, and at {where} stands {found}; mend that cell")
    if number > _LARGEST:
        raise InputError(f"counts go up to {_LARGEST:,} here, and at {where} stands {number:,.0f}")
    return int(number)


def _totals(cells: LinkedCounts, totals: object, *, has_more: bool) -> tuple[Hashable, Hashable]:
    """The row and the column of totals, None where there is none."""
    if isinstance(totals, str) and totals == "detect":
        if cells.hidden.any():
            raise InputError("with hidden cells the totals cannot be found; name them, such as totals=('all', 'all')")
        return _detected(cells, has_more)
    if cells.columns is None:
        named: tuple[Hashable, Hashable] = (totals, None)
    elif isinstance(totals, tuple) and len(totals) == 2:
        named = totals
    else:
        raise InputError(
            f"totals must name the row and the column of totals, such as ('all', 'all') or ('all', None), "
            f"not {totals!r}"
        )
    for name, axis, index in zip(named, ("row", "column"), (cells.index, cells.columns), strict=True):
        if name is not None and (index is None or name not in index):
            raise InputError(f"totals names the {axis} {name!r}, and the table has no such {axis}")
    return named


def _detected(cells: LinkedCounts, has_more: bool) -> tuple[Hashable, Hashable]:
    grid = np.array(cells.counts, dtype=np.int64).reshape(len(cells.index), -1)
    found: list[Hashable] = []
    for axis, index, lines in (("row", cells.index, grid), ("column", cells.columns, grid.T)):
        if index is None:
            found.append(None)
            continue
        fits = [name for name, line in zip(index, lines, strict=True) if (2 * line == lines.sum(axis=0)).all()]
        fits = fits if len(index) > 1 else []
        called = [name for name in index if str(name).strip().lower() in _TOTAL_NAMES]
        both = [name for name in fits if name in called] or fits
        if len(both) > 1 or (called and called != both):
            says = f"{called[0]!r} does not add up" if called else "more than one could be it"
            raise InputError(
                f"the {axis} of totals cannot be found, for {says}; name the totals: totals=('all', 'all')"
            )
        found.append(both[0] if both else None)
    if found == [None, None] and not has_more:
        raise InputError(
            "no row and no column is the sum of the others; name the totals, or say that there are none by "
            f"totals={'None' if cells.columns is None else '(None, None)'}"
        )
    return found[0], found[1]


def _margins(cells: LinkedCounts, totals: tuple[Hashable, Hashable]) -> Iterator[Sum]:
    """The sums down each column and along each row."""
    wide = 1 if cells.columns is None else len(cells.columns)
    places = np.arange(len(cells.counts)).reshape(-1, wide)
    ways = (("column", cells.columns, places.T, totals[0], cells.index), ("row", cells.index, places, totals[1], None))
    for axis, names, lines, total, across in ways:
        if total is None:
            continue
        others = cells.columns if across is None else across
        at = list(others if others is not None else []).index(total)
        for name, line in zip(names if names is not None else [None], lines.tolist(), strict=True):
            words = f"{axis} {name!r}" if names is not None else "list"
            yield Sum(total=line[at], parts=tuple(line[:at] + line[at + 1 :]), words=words)


def _further(labels: Sequence[Hashable], relations: Relations) -> Iterator[Sum]:
    at = {label: place for place, label in enumerate(labels)}
    for total, parts in relations:
        for label in (total, *parts):
            if label not in at:
                raise InputError(f"relations names the cell {label!r}, and the table has no such cell")
        if len({total, *parts}) != len(parts) + 1 or not parts:
            raise InputError(f"the relation of {total!r} must name at least one part, each once, and not itself")
        yield Sum(total=at[total], parts=tuple(at[part] for part in parts), words=f"sum {total!r}")


def _check_sums(linked: LinkedCounts) -> None:
    for it in linked.sums:
        parts = [linked.counts[part] for part in it.parts]
        total = linked.counts[it.total]
        shown = sum(part for part in parts if part is not None)
        if total is None or (shown <= total if None in parts else shown == total):
            continue
        raise InputError(
            f"in the {it.words} the parts add up to {shown:,}, and the total says {total:,}; mend the one that is "
            "wrong, or give a line of their own to those who are counted in the total alone"
        )
