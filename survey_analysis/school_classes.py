"""Which schools need not be told apart: classes that grow attribute by attribute, no finer than the claims ask.

A claim adds up something over the schools. Once some attributes of a school are known, what it may still add is a
function of the others; schools for which all these functions are the same are of one class, and only their number
matters. So many attributes are counted one at a time, and never in all combinations of their codes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, nan, prod

import numpy as np
from numpy.typing import NDArray

from survey_analysis.count_tables import CELLS
from survey_analysis.errors import InputError
from survey_analysis.events import Codes, Event, Linear

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Kind = tuple[int, tuple[tuple[int, int], ...]]
"""A class: 1 where its schools meet the condition that chances depend on, and by sum what may yet be added to it."""

KINDS = 256
"""The most kinds of schools, with the codes that one attribute gives them, that may be told apart at once; the number
of a kind is kept in one byte."""

_MEMBER = -1  # stands for the condition among the sums
_NOTHING = 0  # the function that adds nothing
_MANY, _FEW = 30, 3  # how many values a number of schools is guessed to have, and one that one school settles


@dataclass(frozen=True, kw_only=True, eq=False)
class Branch:
    """What becomes of one class when an attribute is looked at.

    `blocks` are the codes, those together that need not be told apart, `after` the class that each block leads to, and
    `adds` what it adds to each sum. Where there is one block, the attribute makes no difference to the class.
    """

    member: int
    blocks: tuple[tuple[int, ...], ...]
    after: tuple[int, ...]
    adds: Whole


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """How one attribute takes the classes apart.

    `most` is what a school of a class, by row, may add to a sum, by column, at most; `most_after` the same of the
    classes that come out, `kinds_after`. `adding` are the sums to which the attribute adds something, and `closed`
    those to which nothing can be added afterwards.
    """

    attribute: str
    branches: tuple[Branch, ...]
    most: Whole
    most_after: Whole
    kinds_after: tuple[Kind, ...]
    adding: frozenset[int]
    closed: frozenset[int]

    @cached_property
    def telling(self) -> tuple[int, ...]:
        """The classes to which the attribute makes a difference, those that share chances beside one another."""
        places = [place for place, it in enumerate(self.branches) if len(it.blocks) > 1]
        return tuple(sorted(places, key=lambda place: self.branches[place].member))

    def regrouped(self, settled: frozenset[int]) -> NDArray[np.uint8]:
        """For each class that comes out, the one with which it can be counted when some sums no longer matter."""
        rest = [(member, [it for it in pending if it[0] not in settled]) for member, pending in self.kinds_after]
        simplest = sorted(range(len(rest)), key=lambda place: len(self.kinds_after[place][1]))
        return np.array([next(place for place in simplest if rest[place] == it) for it in rest], dtype=np.uint8)


class _Functions:
    """What a school may yet add to a sum, as functions of attributes that are not known; the least of each is 0."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._numbers: dict[tuple[tuple[str, ...], bytes], int] = {}
        self._kept: list[tuple[tuple[str, ...], Whole]] = []
        self._fixed: dict[tuple[int, str], tuple[tuple[int, int], ...]] = {}
        self._keep((), np.zeros((), dtype=np.int64))

    def most(self, number: int) -> int:
        return int(self._kept[number][1].max())

    def names(self, number: int) -> tuple[str, ...]:
        """The attributes on which a function depends."""
        return self._kept[number][0]

    def of_sum(self, terms: Sequence[tuple[int, Event]]) -> tuple[int, int]:
        """What each school adds to a sum for certain, and the number of the function that it may add."""
        scope = frozenset(name for _, event in terms for name in event.scope)
        names = tuple(name for name in self._codes if name in scope)
        shape = tuple(len(self._codes[name]) for name in names)
        if prod(shape) > CELLS:
            raise InputError(
                f"a claim ties {len(names)} attributes together ({', '.join(names)}), which makes {prod(shape):,} "
                f"combinations; surveys can be drawn with {CELLS:,} at most, so leave that claim out"
            )
        values = np.zeros(shape, dtype=np.int64)
        for times, event in terms:
            values += times * event.holds(names, self._codes)
        return self._keep(names, values)

    def fix(self, number: int, attribute: str) -> tuple[tuple[int, int], ...]:
        """For each code of an attribute, what is added for certain once it is known, and the function that is left."""
        key = number, attribute
        if key not in self._fixed:
            names, values = self._kept[number]
            if attribute in names:
                axis, left = names.index(attribute), tuple(name for name in names if name != attribute)
                self._fixed[key] = tuple(self._keep(left, it) for it in np.moveaxis(values, axis, 0))
            else:
                self._fixed[key] = ((0, number),) * len(self._codes[attribute])
        return self._fixed[key]

    def _keep(self, names: tuple[str, ...], values: Whole) -> tuple[int, int]:
        for axis in reversed(range(values.ndim)):  # what it does not depend on is left out
            if bool(np.all(values == np.take(values, [0], axis))):
                values, names = np.asarray(np.take(values, 0, axis)), names[:axis] + names[axis + 1 :]
        least = int(values.min())
        key = names, (values - least).tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self._kept)
            self._kept.append((names, values - least))
        return least, self._numbers[key]


class SchoolClasses:
    """The classes of schools, attribute by attribute, in an order that keeps them few.

    Parameters
    ----------
    codes
        The codes of each attribute.
    sums
        What is added up over the schools; limits are looked at only to guess how long a sum has to be kept.
    schools
        How many schools there are.
    given
        The condition that the chances of other attributes depend on; its own attributes come first.
    shared
        Whether the codes of several schools tell of one another, as they do when chances are unknown.
    """

    def __init__(
        self, codes: Codes, sums: Sequence[Linear], schools: int, *, given: Event | None, shared: bool
    ) -> None:
        self._codes, self._shared = codes, shared
        self._functions = _Functions(codes)
        self._limits = [(it.low, it.high) for it in sums]
        self._first = given.scope if given else frozenset()
        self._advanced: dict[tuple[Kind, str], list[tuple[dict[int, int], Kind]]] = {}
        whole = [self._functions.of_sum(it.terms) for it in sums]
        self.certain = np.array([least for least, _ in whole], dtype=np.int64)
        pending = tuple((place, number) for place, (_, number) in enumerate(whole) if number)
        self._easy = {
            place
            for place, number in pending
            if (low := self._limits[place][0]) is not None
            and self._limits[place][1] is None
            and low <= self.certain[place] * schools + self._functions.most(number)
        }
        member = 0
        if given:
            member, number = self._functions.of_sum([(1, given)])
            pending = ((_MEMBER, number), *pending) if number else pending
        self._start: Kind = (member, pending)
        self.splits = tuple(self._split_all(self._order()))

    def _advance(self, kind: Kind, attribute: str) -> list[tuple[dict[int, int], Kind]]:
        """For each code of an attribute, what a school of a class adds to sums, and the class that it is in then."""
        if (kind, attribute) in self._advanced:
            return self._advanced[kind, attribute]
        member, pending = kind
        found = []
        fixed = [(place, self._functions.fix(number, attribute)) for place, number in pending]
        for code in range(len(self._codes[attribute])):
            adds = {place: of[code][0] for place, of in fixed if of[code][0]}
            left = tuple((place, of[code][1]) for place, of in fixed if of[code][1] != _NOTHING)
            found.append((adds, (member + adds.pop(_MEMBER, 0), left)))
        self._advanced[kind, attribute] = found
        return found

    def _split_all(self, order: Sequence[str]) -> Iterator[Split]:
        kinds = [self._start]
        for attribute in order:
            advanced = [self._advance(kind, attribute) for kind in kinds]
            after = list(dict.fromkeys(kind for codes in advanced for _, kind in codes))
            branches = tuple(self._branches(attribute, kinds, advanced, after))
            if sum(len(it.blocks) for it in branches) > KINDS or len(after) > KINDS:
                raise InputError(
                    f"the claims tell more than {KINDS} kinds of schools apart by {attribute}; leave claims out, or "
                    "ask for the bounds alone"
                )
            before, left = ({place for _, pending in of for place, _ in pending} for of in (kinds, after))
            yield Split(
                attribute=attribute,
                branches=branches,
                most=self._most(kinds),
                most_after=self._most(after),
                kinds_after=tuple(after),
                adding=frozenset(place for codes in advanced for adds, _ in codes for place in adds),
                closed=frozenset(before - left - {_MEMBER}),
            )
            kinds = after

    def _branches(
        self,
        attribute: str,
        kinds: Sequence[Kind],
        advanced: Sequence[list[tuple[dict[int, int], Kind]]],
        after: list[Kind],
    ) -> Iterator[Branch]:
        numbers = {kind: place for place, kind in enumerate(after)}
        member = [0 if attribute in self._first else kind[0] for kind in kinds]
        told = [[(tuple(sorted(adds.items())), kind) for adds, kind in codes] for codes in advanced]
        tells = [len(set(codes)) > 1 for codes in told]
        for place, codes in enumerate(told):
            # Schools with the same chances tell of one another, so their codes are put into blocks alike.
            alike = [
                other
                for other in range(len(told))
                if other == place or (self._shared and tells[other] and member[other] == member[place])
            ]
            blocks: dict[object, list[int]] = {}
            for code in range(len(codes)):
                key = tuple(told[other][code] for other in alike) if tells[place] else ()
                blocks.setdefault(key, []).append(code)
            adds = np.zeros((len(blocks), len(self._limits)), dtype=np.int64)
            for block, (first, *_) in enumerate(blocks.values()):
                for which, number in advanced[place][first][0].items():
                    adds[block, which] = number
            yield Branch(
                member=member[place],
                blocks=tuple(tuple(block) for block in blocks.values()),
                after=tuple(numbers[advanced[place][block[0]][1]] for block in blocks.values()),
                adds=adds,
            )

    def _most(self, kinds: Sequence[Kind]) -> Whole:
        most = np.zeros((len(kinds), len(self._limits)), dtype=np.int64)
        for row, (_, pending) in enumerate(kinds):
            for place, number in pending:
                if place != _MEMBER:
                    most[row, place] = self._functions.most(number)
        return most

    def _order(self) -> list[str]:
        """The attributes of the condition, then what claims tie together, part by part, then the others."""
        now = _Outlook(kinds=(self._start,), sums=np.zeros((1, len(self._limits))), pasts=((),) * len(self._limits))
        order: list[str] = []
        touched = {name for _, number in self._start[1] for name in self._functions.names(number)}
        left = [name for name in self._codes if name in touched or name in self._first]
        while left:
            part, now = self._part(now, left)
            order += part
            left = [name for name in left if name not in part]
        return order + [name for name in self._codes if name not in order]

    def _start_of(self, left: Sequence[str]) -> str:
        """The attribute to begin a part with: one with settled numbers on which little depends, or on which most does.

        Claims that settle the numbers of two attributes hardly add to the states when one stands at each end of a part.
        """
        first = [name for name in left if name in self._first]
        settled = sorted((name for name in left if self._settling(name) > 1), key=self._ties)
        return [*first, *settled, max(left, key=self._ties)][0]

    def _settling(self, attribute: str) -> int:
        """How many sums settle the number of schools with some code of an attribute."""
        return sum(
            self._functions.names(number) == (attribute,) and self._limits[place][0] == self._limits[place][1]
            for place, number in self._start[1]
            if place != _MEMBER
        )

    def _ties(self, attribute: str) -> int:
        """How many sums depend on an attribute."""
        return sum(attribute in self._functions.names(number) for _, number in self._start[1])

    def _part(self, now: "_Outlook", left: Sequence[str]) -> tuple[list[str], "_Outlook"]:
        """What claims tie together, in the order that keeps the states few at each step."""
        order: list[str] = []
        near = [self._start_of(left)]
        while near:
            tried = {name: self._following(now, name) for name in near}
            best = min(near, key=lambda name: self._states(tried[name]))
            now = tried[best]
            order.append(best)
            begun = self._begun(now.kinds)
            rest = [name for name in left if name not in order]
            near = [name for name in rest if name in self._first] or [name for name in rest if name in begun]
        return order, now

    def _following(self, now: "_Outlook", attribute: str) -> "_Outlook":
        sums: dict[Kind, Floats] = {}
        past: dict[int, list[tuple[int, int, int]]] = {}
        for place, kind in enumerate(now.kinds):
            for code, (adds, after) in enumerate(self._advance(kind, attribute)):
                here = now.sums[place].copy()
                for which, number in adds.items():
                    here[which] += number
                    past.setdefault(which, []).append((place, code, number))
                sums[after] = np.where(sums[after] == here, here, nan) if after in sums else here
        pasts = list(now.pasts)
        for which, added in past.items():
            pasts[which] = (*pasts[which], (attribute, *added))
        return _Outlook(kinds=tuple(sums), sums=np.array(list(sums.values())), pasts=tuple(pasts))

    def _begun(self, kinds: Sequence[Kind]) -> set[str]:
        """The attributes on which something depends that has begun: it differs from what it was at the start."""
        whole = dict(self._start[1])
        return {
            name
            for _, pending in kinds
            for place, number in pending
            if place != _MEMBER and whole.get(place) != number
            for name in self._functions.names(number)
        }

    def _states(self, now: "_Outlook") -> float:
        """A guess at the logarithm of how many states there are.

        Numbers of schools are free but for those that a claim has settled; sums are free unless they follow from them.
        """
        open_sums = {place for _, pending in now.kinds for place, _ in pending} - self._easy - {_MEMBER}
        told: NDArray[np.bool_] = np.all(np.isfinite(now.sums), axis=0)
        settled = [
            place
            for place, (low, high) in enumerate(self._limits)
            if low == high and told[place] and place not in open_sums
        ]
        groups: dict[object, int] = {}
        for row, (member, pending) in enumerate(now.kinds):
            groups.setdefault((member, tuple(it for it in pending if it[0] not in self._easy)), row)
        rows = now.sums[list(groups.values())][:, settled]
        free = len(groups) - int(np.linalg.matrix_rank(np.column_stack([np.ones(len(groups)), rows])))
        kept = {now.pasts[place] for place in open_sums if not told[place] and now.pasts[place]}
        few = len(now.kinds) - len(groups)
        return float(free + len(kept)) * log(_MANY) + few * log(_FEW)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Outlook:
    """The classes after some attributes, as far as the order of attributes is chosen by them.

    `sums` is what the schools of a class have added to each sum, NaN where they differ; `pasts` how each sum came
    about.
    """

    kinds: tuple[Kind, ...]
    sums: Floats
    pasts: tuple[tuple[object, ...], ...]
