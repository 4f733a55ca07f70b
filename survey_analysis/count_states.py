"""Step by step, how many schools of each class have which codes: every state that limits on sums may let through.

A state is how many schools each class has, and what the sums have come to. Each step settles how many schools of one
class have one block of codes. A sum that is sure to keep to its limits is put on one of them, and classes that only
such sums tell apart are counted together, so that what no longer matters does not keep states apart.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from survey_analysis.errors import InputError
from survey_analysis.events import Linear
from survey_analysis.school_classes import Branch, SchoolClasses, Split, Whole

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

WAYS = 8_000_000
"""The most ways that one step may have to go on; claims that tie more numbers together are refused."""

_UNLIMITED = 2**40  # as a limit, beyond every sum
_NO_GROUPINGS = np.zeros((0, 0), dtype=np.uint8)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What is asked of several sums once they are complete: for each survey, whether they meet it."""

    sums: tuple[int, ...]
    holds: Callable[..., NDArray[np.bool_]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Step:
    """The ways to go on from each state, in the order of states.

    `count` is the number of schools, `target` the state afterwards, and `chance` the logarithm of the probability of
    the number by the prior and the numbers before it alone. Where an attribute is complete, `grouping` is the row of
    `groupings` that says as which class each class is counted from then on.
    """

    states: int
    targets: int
    source: Places
    target: Places
    count: NDArray[np.int16]
    chance: Floats
    grouping: NDArray[np.int16]
    groupings: NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class _States:
    """States by row: schools in each class not yet looked at and in each that came out, sums, and codes met so far."""

    old: Whole
    new: Whole
    sums: Whole
    met: Whole

    def __len__(self) -> int:
        return len(self.old)

    def at(self, rows: NDArray[Any]) -> "_States":
        return _States(old=self.old[rows], new=self.new[rows], sums=self.sums[rows], met=self.met[rows])

    def distinct(self) -> tuple["_States", Places]:
        """Each state once, and which of them every row is."""
        number = _numbered(np.column_stack([self.old, self.new, self.sums, self.met]))
        _, first, number = np.unique(number, return_index=True, return_inverse=True)
        return self.at(first), number


def _numbered(rows: NDArray[Any]) -> Whole:
    """A number for each row, the same for rows that are the same."""
    numbers = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        low, high = int(column.min(initial=0)), int(column.max(initial=0))
        if low == high:
            continue
        if (int(numbers.max(initial=0)) + 1) * (high - low + 1) >= 2**62:
            numbers = np.unique(numbers, return_inverse=True)[1]
        numbers = numbers * (high - low + 1) + (column - low)
    return numbers


class CountStates:
    """The states of so many schools, attribute by attribute.

    Parameters
    ----------
    classes
        The classes of schools, attribute by attribute.
    schools
        How many schools there are.
    sums, limits
        What is added up over the schools, each within its own limits; and what is asked of several sums at once.
    masses
        For each attribute, the mass of one of its codes in the Dirichlet distribution of their chances; infinite where
        all codes are equally likely.
    """

    def __init__(
        self,
        classes: SchoolClasses,
        schools: int,
        sums: Sequence[Linear],
        limits: Sequence[Limit],
        masses: Mapping[str, float],
    ) -> None:
        self._splits, self._schools, self._limits, self._masses = classes.splits, schools, limits, masses
        self._certain = classes.certain * schools
        self._low = np.array([-_UNLIMITED if it.low is None else it.low for it in sums], dtype=np.int64)
        self._high = np.array([_UNLIMITED if it.high is None else it.high for it in sums], dtype=np.int64)
        self._log_factorial = gammaln(np.arange(schools + 1) + 1.0)
        self._live: list[int] = []
        self._over: set[int] = set()
        none = np.zeros((1, 0), dtype=np.int64)
        self._states = _States(old=none, new=np.full((1, 1), schools, dtype=np.int64), sums=none, met=none)

    def begin_well(self) -> bool:
        """Whether sums to which no school can add anything of its own keep to their limits."""
        moving = frozenset[int]().union(*(split.adding for split in self._splits))
        still = [place for place in range(len(self._low)) if place not in moving]
        settled = [it for it in self._limits if moving.isdisjoint(it.sums)]
        within = (self._low[still] <= self._certain[still]) & (self._certain[still] <= self._high[still])
        return bool(within.all()) and all(bool(it.holds(*self._certain[list(it.sums)])) for it in settled)

    def steps(self) -> Iterator[Step]:
        """Each step, to be taken once; the last is without ways where no survey keeps to the limits."""
        for split in self._splits:
            self._open(split)
            shared_with = [split.branches[place].member for place in split.telling]
            for number, place in enumerate(split.telling):
                last = shared_with[number : number + 2] != [shared_with[number]] * 2
                for block in range(len(split.branches[place].blocks) - 1):
                    ends = number == len(split.telling) - 1 and block == len(split.branches[place].blocks) - 2
                    yield self._step(split, place, block, forget=last, ends=ends)

    def _open(self, split: Split) -> None:
        """The classes that came out of the attribute before become those to be looked at; sums begin."""
        old = self._states.new.copy()
        new = np.zeros((len(old), len(split.most_after)), dtype=np.int64)
        for place, branch in enumerate(split.branches):
            if len(branch.blocks) == 1:
                new[:, branch.after[0]] += old[:, place]
                old[:, place] = 0
        begun = sorted(split.adding.difference(self._live, self._over))
        sums = np.column_stack([self._states.sums, np.tile(self._certain[begun], (len(old), 1))])
        self._live += begun
        blocks = max((len(branch.blocks) for branch in split.branches), default=1)
        self._states = _States(old=old, new=new, sums=sums, met=np.zeros((len(old), blocks), dtype=np.int64))

    def _step(self, split: Split, place: int, block: int, *, forget: bool, ends: bool) -> Step:
        branch, before = split.branches[place], self._states
        of_class = before.old[:, place]
        most = split.most[:, self._live].copy()
        most[place] = (branch.adds + split.most_after[list(branch.after)])[block + 1 :, self._live].max(axis=0)
        least, numbers = self._numbers(split, branch, place, block, most)
        if int(numbers.sum()) > WAYS:
            raise InputError(
                f"the claims tie so many numbers together that {split.attribute} has more than {WAYS:,} ways to "
                "go on; leave claims out, or ask for the bounds alone"
            )
        source = np.repeat(np.arange(len(before)), numbers)
        count = np.arange(len(source)) + np.repeat(least - np.cumsum(numbers) + numbers, numbers)
        after = before.at(source)
        self._put(after, branch, place, block, count)
        is_last = block == len(branch.blocks) - 2
        if is_last:
            self._put(after, branch, place, block + 1, after.old[:, place].copy())
            if forget or self._masses[split.attribute] == inf:
                after.met[:] = 0
        fine = self._settle(after, after.old @ most + after.new @ split.most_after[:, self._live])
        if ends:
            self._over |= split.closed
            fine &= self._meets(after.sums, split)
            after = self._close(after)
        after, source, count = after.at(fine), source[fine], count[fine]
        grouping, groupings = self._regroup(after, split) if ends else (np.zeros(0, dtype=np.int16), _NO_GROUPINGS)
        self._states, target = after.distinct()
        return Step(
            states=len(before),
            targets=len(self._states),
            source=source,
            target=target,
            count=count.astype(np.int16),
            chance=self._chance(split, branch, block, of_class[source], count, before.met[source]),
            grouping=grouping,
            groupings=groupings,
        )

    def _numbers(self, split: Split, branch: Branch, place: int, block: int, most: Whole) -> tuple[Whole, Whole]:
        """From each state, the least number of schools that limits let a block have, and how many numbers they let."""
        states, live = self._states, self._live
        low, high = self._low[live], self._high[live]
        adds = branch.adds[block, live]
        gain = adds + split.most_after[branch.after[block], live] - most[place]  # by how much a school more can add
        top = states.sums + states.old @ most + states.new @ split.most_after[:, live]
        least, greatest = np.zeros(len(states), dtype=np.int64), states.old[:, place]
        for column in range(len(live)):
            if adds[column] > 0:
                greatest = np.minimum(greatest, (high[column] - states.sums[:, column]) // adds[column])
            if gain[column] > 0:
                least = np.maximum(least, -((top[:, column] - low[column]) // gain[column]))
            elif gain[column] < 0:
                greatest = np.minimum(greatest, (top[:, column] - low[column]) // -gain[column])
        return least, np.maximum(greatest - least + 1, 0)

    def _put(self, states: _States, branch: Branch, place: int, block: int, count: Whole) -> None:
        """So many schools of a class have a block of codes."""
        states.old[:, place] -= count
        states.new[:, branch.after[block]] += count
        states.sums[:] += count[:, None] * branch.adds[block, self._live]
        states.met[:, block] += count

    def _settle(self, states: _States, room: Whole) -> NDArray[np.bool_]:
        """Which states may keep to the limits; sums that are sure to do so are put on a limit.

        The sums are what they come to at least, `room` is by how much they may still grow.
        """
        low, high = self._low[self._live], self._high[self._live]
        sums, top = states.sums, states.sums + room
        fine: NDArray[np.bool_] = np.all((sums <= high) & (top >= low), axis=1)
        no_high, no_low = high == _UNLIMITED, low == -_UNLIMITED
        sure = (sums >= low) & (top <= high) & ~(no_high & no_low)
        states.sums[:] = np.where(sure, np.where(no_low, high - room, low), sums)
        return fine

    def _meets(self, sums: Whole, split: Split) -> NDArray[np.bool_]:
        """Which states meet the limits on several sums that are complete with this attribute."""
        fine = np.ones(len(sums), dtype=bool)
        for it in self._limits:
            if self._over.issuperset(self._moving(it)) and not split.closed.isdisjoint(it.sums):
                columns = [
                    sums[:, self._live.index(place)] if place in self._live else self._certain[place]
                    for place in it.sums
                ]
                fine &= it.holds(*columns)
        return fine

    def _close(self, states: _States) -> _States:
        """Sums that are complete, and of which nothing more is asked, are forgotten."""
        waiting = {place for it in self._limits if not self._over.issuperset(self._moving(it)) for place in it.sums}
        kept = [column for column, place in enumerate(self._live) if place not in self._over or place in waiting]
        self._live = [self._live[column] for column in kept]
        return _States(old=states.old, new=states.new, sums=states.sums[:, kept], met=states.met)

    def _regroup(self, states: _States, split: Split) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
        """Classes that only sums which have reached their limit keep apart are counted together, state by state."""
        low, high = self._low[self._live], self._high[self._live]
        reached = (states.sums >= low) & (low > -_UNLIMITED) & (high == _UNLIMITED)
        _, first, grouping = np.unique(_numbered(reached), return_index=True, return_inverse=True)
        groupings = [
            split.regrouped(frozenset(place for place, it in zip(self._live, reached[row], strict=True) if it))
            for row in first
        ]
        for number, together in enumerate(groupings):
            rows = np.flatnonzero(grouping == number)
            for place, other in enumerate(together.tolist()):
                if place != other:
                    states.new[rows, other] += states.new[rows, place]
                    states.new[rows, place] = 0
        return grouping.astype(np.int16), np.array(groupings, dtype=np.uint8).reshape(-1, len(split.most_after))

    def _moving(self, limit: Limit) -> list[int]:
        """The sums to which schools can add."""
        return [place for place in limit.sums if any(place in split.adding for split in self._splits)]

    def _chance(self, split: Split, branch: Branch, block: int, of: Whole, count: Whole, met: Whole) -> Floats:
        """The logarithm of the probability that so many schools of a class have a block, and not a later one."""
        ways: Floats = self._log_factorial[of] - self._log_factorial[count] - self._log_factorial[of - count]
        codes = np.array([len(it) for it in branch.blocks[block:]])
        mass = self._masses[split.attribute]
        if mass == inf:
            share = codes[0] / codes.sum()
            ways += count * np.log(share) + (of - count) * np.log1p(-share)
            return ways
        here, later = codes[0] * mass, codes[1:].sum() * mass
        here_met, later_met = met[:, block], met[:, block + 1 : len(branch.blocks)].sum(axis=1)
        # Sums of logarithms, because differences of the gamma function's would lose all digits of a large mass.
        numbers = np.arange(self._schools)
        of_here, of_later, of_both = (
            np.concatenate([[0.0], np.cumsum(np.log(it + numbers))]) for it in (here, later, here + later)
        )
        ways += of_here[here_met + count] - of_here[here_met]
        ways += of_later[later_met + of - count] - of_later[later_met]
        ways -= of_both[here_met + later_met + of] - of_both[here_met + later_met]
        return ways
