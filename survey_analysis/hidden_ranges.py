"""The least and the greatest that each hidden count can be, for a reader of the table, or one who knows the rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_analysis.errors import InputError
from survey_analysis.linked_counts import LinkedCounts, Sum
from survey_analysis.programs import Program, Row

Whole = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a table was suppressed.

    Counts from 1 to `threshold` - 1 are hidden, and with `extremes` also the parts of a sum of which one holds all.
    Other counts may be hidden beside them, but never a zero. All hidden counts bear one symbol. Where no choice of
    cells protects them, all cells are hidden, zeros too.
    """

    threshold: int
    extremes: bool


@dataclass(frozen=True, kw_only=True)
class Range:
    """The whole numbers that a hidden count can be; `greatest` is None where what is shown sets no limit."""

    least: int
    greatest: int | None

    def is_as_wide_as(self, width: int) -> bool:
        return self.greatest is None or self.greatest - self.least >= width


def ranges_of_hidden(linked: LinkedCounts, *, rule: Rule | None) -> dict[int, Range]:
    """The range of every hidden cell, by its place, for the reader who knows a rule, or none.

    Hidden cells are taken in groups: those of two groups stand in no sum together, and tell nothing of each other.
    Where no table suppressed by the rule looks like this one, to know the rule is to know nothing of it.
    """
    found: dict[int, Range] = {}
    rule = None if linked.hidden.all() else rule
    for group in _groups(linked):
        ranges = _Group(linked, group, rule).ranges() or _Group(linked, group, None).ranges()
        if ranges is None:
            raise InputError(
                "no whole numbers from 0 in place of the hidden cells fit the counts and totals that are shown; check "
                f"those beside {linked.labels[group[0]]!r}, and the totals and relations that were named"
            )
        found |= ranges
    return found


def extreme_parts(linked: LinkedCounts, it: Sum) -> tuple[int, ...]:
    """The parts to hide where one of several holds the whole of a total; none where more do, or the total is nothing.

    A part whose other total is nothing is no news, and is spared where two others are left.
    """
    if sum((linked.counts[part] or 0) > 0 for part in it.parts) != 1 or len(it.parts) == 1:
        return ()
    open_ = _open_parts(linked, it)
    return open_ if len(open_) > 1 else it.parts


def _open_parts(linked: LinkedCounts, it: Sum) -> tuple[int, ...]:
    """The parts that stand under no shown total of nothing."""
    empty = {part for other in linked.sums if linked.counts[other.total] == 0 for part in other.parts}
    return tuple(part for part in it.parts if part not in empty)


def _groups(linked: LinkedCounts) -> list[list[int]]:
    group = {place: [place] for place in np.flatnonzero(linked.hidden).tolist()}
    for it in linked.sums:
        linked_here = [place for place in it.cells if place in group]
        for place in linked_here[1:]:
            first, second = group[linked_here[0]], group[place]
            if first is not second:
                first += second
                group |= dict.fromkeys(second, first)
    return [sorted(places) for places in {id(places): places for places in group.values()}.values()]


class _Group:
    """Hidden cells that hang together, as an integer programme: each is its least by the rule, and something more."""

    def __init__(self, linked: LinkedCounts, places: Sequence[int], rule: Rule | None) -> None:
        self._places = places
        self._at = {place: number for number, place in enumerate(places)}
        matrix = linked.matrix()
        touched = (matrix[:, places] != 0).any(axis=1)
        self._matrix = matrix[touched][:, places]
        shown = np.array([count or 0 for count in linked.counts], dtype=np.int64)
        self._shown = -matrix[touched] @ shown
        here = [it for it, touches in zip(linked.sums, touched, strict=True) if touches]
        ruled = [_open_parts(linked, it) for it in here] if rule and rule.extremes else []
        could = [parts for parts in ruled if len(parts) > 1 and all(part in self._at for part in parts)]
        self._extremes = [(parts, full) for parts in could for full in parts]
        self._plain = [(it, sum(shown[part] > 0 for part in it)) for it in ruled if len(it) > 1 and it not in could]
        self._lowest = self._lowest_counts(rule)
        # What a sum of the shown counts around these cells cannot exceed; a hidden count that can is without limit.
        self._limit = int(np.abs(self._shown).sum()) + (len(places) + 1) * (rule.threshold if rule else 1)
        self._program = Program(len(places) + len(self._extremes), 2 * self._limit, list(self._rows()))

    def ranges(self) -> dict[int, Range] | None:
        """The range of each cell; None where no whole numbers fit."""
        found: dict[int, Range] = {}
        for number, place in enumerate(self._places):
            it = self._range(number)
            if it is None:
                return None
            found[place] = it
        return found

    def _range(self, number: int) -> Range | None:
        objective = np.zeros(len(self._places) + len(self._extremes), dtype=np.int64)
        lowest = int(self._lowest[number])
        ends = []
        for sign in (-1, 1):
            objective[number] = sign
            found = self._program.greatest(objective)
            if found is None:
                return None
            ends.append(sign * found.value + lowest)
        return Range(least=ends[0], greatest=ends[1] if ends[1] <= self._limit else None)

    def _lowest_counts(self, rule: Rule | None) -> Whole:
        """Nothing, or one for the reader who knows that a zero is shown, unless the cell could belong to an extreme."""
        lowest = np.full(len(self._places), int(rule is not None), dtype=np.int64)
        lowest[[self._at[part] for _, part in self._extremes]] = 0
        return lowest

    def _rows(self) -> list[Row]:
        size = len(self._extremes)
        goals = self._shown - self._matrix @ self._lowest
        wide = np.pad(self._matrix, ((0, 0), (0, size)))
        rows = [Row(times=times, low=int(goal), high=int(goal)) for times, goal in zip(wide, goals, strict=True)]
        return [*rows, *self._extreme_rows(), *self._plain_rows()]

    def _extreme_rows(self) -> list[Row]:
        """A switch for each way in which a part could hold all of a sum: a zero needs one that is on."""
        first, rows = len(self._places), []
        excused: dict[int, list[int]] = {self._at[part]: [] for _, part in self._extremes}
        for number, (parts, full) in enumerate(self._extremes, start=first):
            rows.append(self._row({number: 1}, high=1))
            rows.append(self._row({self._at[full]: 1, number: -1}, low=0))
            for part in parts:
                if part != full:
                    excused[self._at[part]].append(number)
                    most = 2 * self._limit
                    rows.append(self._row({self._at[part]: 1, number: most}, high=most))
        rows += [self._row({cell: 1} | dict.fromkeys(switches, 1), low=1) for cell, switches in excused.items()]
        return rows

    def _plain_rows(self) -> Iterator[Row]:
        """A sum with a part that is shown was no extreme: no part held all of it, or nothing was there to hold."""
        for parts, shown in self._plain:
            hidden = [self._at[part] for part in parts if part in self._at]
            open_ = [cell for cell in hidden if self._lowest[cell] == 0]
            positive = shown + len(hidden) - len(open_)
            if positive == 1:
                yield self._row(dict.fromkeys(open_, 1), low=1)
            elif positive == 0:
                for cell in open_:
                    others = dict.fromkeys(open_, 2 * self._limit) | {cell: -1}
                    yield self._row(others, low=0)

    def _row(self, times: dict[int, int], *, low: int | None = None, high: int | None = None) -> Row:
        row = np.zeros(len(self._places) + len(self._extremes), dtype=np.int64)
        row[list(times)] = list(times.values())
        return Row(times=row, low=low, high=high)
