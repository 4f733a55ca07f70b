"""The keys of cells, each value once and every cell by its place among them: what grouping needs, at full speed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Indices = NDArray[np.intp]
_MOST = np.iinfo(np.intp).max  # combinations that can be told apart by one number


@dataclass(frozen=True, kw_only=True, eq=False)
class CellKeys:
    """The keys of cells, by name.

    Parameters
    ----------
    places
        Key -> the place of each cell's value among all values of the key; -1 where there is none.
    values
        Key -> its values, in their order.
    cells
        How many cells there are.
    """

    places: Mapping[str, Indices]
    values: Mapping[str, Sequence[object]]
    cells: int

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def at(self, name: str, cell: int) -> object:
        """The value of a key in a cell; None where there is none."""
        place = int(self.places[name][cell])
        return None if place < 0 else self.values[name][place]

    def row(self, names: Sequence[str], cell: int) -> tuple[object, ...]:
        """The values of several keys in a cell."""
        return tuple(self.at(name, cell) for name in names)

    def missing(self, name: str) -> NDArray[np.bool_]:
        """In which cells a key has no value."""
        return np.asarray(self.places[name] < 0)

    def numbered(self, names: Sequence[str]) -> Indices:
        """The place of each cell among the combinations of some keys that are met, in their order."""
        found, kinds = np.zeros(self.cells, dtype=np.intp), 1
        for name in names:
            more = len(self.values[name]) + 1
            if kinds * more > _MOST:
                found, kinds = _numbered(found), self.cells
            found, kinds = found * more + self.places[name] + 1, kinds * more
        return _numbered(found)

    def reordered(self, order: Indices) -> "CellKeys":
        """The same cells in another order."""
        places = {name: place[order] for name, place in self.places.items()}
        return CellKeys(places=places, values=self.values, cells=self.cells)


def keyed(columns: Mapping[str, Any], orders: Mapping[str, Sequence[str]]) -> CellKeys:
    """The keys of an answer, from its columns; `orders` has the categories of those that have some."""
    places: dict[str, Indices] = {}
    values: dict[str, list[object]] = {}
    cells = 0
    for name, column in columns.items():
        found, kinds = pd.factorize(np.asarray(column, dtype=object))
        plain = [it if type(it) is str else _plain(it) for it in kinds]
        order = _order(plain, orders.get(name, ()))
        ranks = np.full(len(plain) + 1, -1, dtype=np.intp)  # the last is that of -1, which stays
        ranks[order] = np.arange(len(order))
        places[name], values[name] = ranks[found], [plain[place] for place in order]
        cells = len(found)
    return CellKeys(places=places, values=values, cells=cells)


def _numbered(values: Indices) -> Indices:
    """The place of each value among those that are met, in their order."""
    return np.unique(values, return_inverse=True)[1].astype(np.intp, copy=False)


def _order(values: Sequence[object], categories: Sequence[str]) -> list[int]:
    """The places of values in their order: of their categories, or as they sort; what is no value is left out."""
    there = [place for place, value in enumerate(values) if value is not None]
    if categories:
        ranks = {category: rank for rank, category in enumerate(categories)}
        return sorted(there, key=lambda place: ranks.get(str(values[place]), len(ranks)))
    try:
        return sorted(there, key=lambda place: values[place])  # type: ignore[arg-type, return-value]
    except TypeError:  # of kinds that cannot be compared
        return sorted(there, key=lambda place: (type(values[place]).__name__, str(values[place])))


def _plain(value: object) -> object:
    """A key as a person would write it: nothing for what is no number, a day for a moment at midnight."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return value
