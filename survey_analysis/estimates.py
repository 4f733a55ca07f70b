"""The nouns that every statistic starts from and returns: a tally, an estimate, a table of estimates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from math import isnan
from numbers import Real
from typing import Any, overload

import pandas as pd

from survey_analysis import rendering
from survey_analysis.errors import InputError, as_whole, unknown, whole_number

AS_IF_RANDOM = (
    "Intervals show what chance alone could do if the {drawn} had been drawn at random from {whole}. Where they were "
    "chosen, an interval says nothing about others."
)
"""What is said below every table with intervals, of what was drawn as if at random, and from how many."""


class Provenance(StrEnum):
    """Where a number comes from, strongest first.

    - observed: recorded by somebody who was there;
    - published: printed in a source that is named;
    - derived: arithmetic on published figures;
    - reconstructed: made by us so that published figures come out; another reconstruction is possible;
    - illustrative: invented, from a truth that is written down, to show a method at work.
    """

    OBSERVED = "observed"
    PUBLISHED = "published"
    DERIVED = "derived"
    RECONSTRUCTED = "reconstructed"
    ILLUSTRATIVE = "illustrative"


def weakest(provenances: Iterable[Provenance]) -> Provenance:
    """The provenance of a figure computed from several: that of the weakest.

    >>> weakest([Provenance.PUBLISHED, Provenance.ILLUSTRATIVE, Provenance.DERIVED]).value
    'illustrative'
    """
    return max(provenances, key=list(Provenance).index)


def worked_out(provenances: Iterable[Provenance]) -> Provenance:
    """The provenance of a figure that no source printed: derived where everything that went in was published.

    A count that was published, and its share, are published; an interval around it, a difference from another or a
    coefficient made of it are not.

    >>> worked_out([Provenance.PUBLISHED]).value, worked_out([Provenance.OBSERVED]).value
    ('derived', 'observed')
    """
    found = weakest(provenances)
    return Provenance.DERIVED if found is Provenance.PUBLISHED else found


def origin(provenance: Provenance, assumptions: Sequence[str]) -> str:
    """Where a number comes from and what it presumes, for reading.

    >>> origin(Provenance.DERIVED, ["tes-base-59"])
    'derived, assuming tes-base-59'
    """
    return provenance.value + (f", assuming {' and '.join(assumptions)}" if assumptions else "")


def told(words: str, provenance: Provenance) -> str:
    """Words about a number, which begin by saying so where the number is invented.

    >>> told("A pupil cost £5.", Provenance.ILLUSTRATIVE)
    'Invented data. A pupil cost £5.'
    """
    return f"Invented data. {words}" if provenance is Provenance.ILLUSTRATIVE else words


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not isnan(value)


def listed(argument: str, items: "Estimate | Iterable[Estimate]", makers: str) -> "list[Estimate]":
    """One estimate or several as a list, or the error that says what makes them."""
    several = [items] if isinstance(items, Estimate) else list(items) if isinstance(items, Iterable) else [items]
    for item in several:
        if not isinstance(item, Estimate):
            raise InputError(f"{argument} must be estimates, such as {makers} makes, and {item!r:.60} is none")
    return several


def as_provenance(value: str) -> Provenance:
    """A provenance by its name, or the error that lists them all."""
    try:
        return Provenance(value)
    except ValueError:
        raise unknown("provenance", value, [p.value for p in Provenance]) from None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many of those in which something was seen had it.

    Parameters
    ----------
    label
        What is counted, in words.
    count
        How many had it.
    base
        How many it was looked for *and seen* in, so that yes or no is known.
    not_seen
        How many more there were in which it was not seen. They are not in the base, and no statistic guesses them.
    group_not_seen
        How many more there were of which it was not seen whether they belong to the group that is looked at.
    provenance
        Where the counts come from. A tally made by hand is illustrative unless you say what it is.
    assumptions
        The assumptions, by name, on which the count rests.

    Raises
    ------
    InputError
        A count that is negative, not whole, or above its base.

    Examples
    --------
    >>> print(Tally(label="good use", count=10, base=59, provenance="published"))
    good use: 10 of 59 (published)
    """

    label: str
    count: int
    base: int
    not_seen: int = 0
    group_not_seen: int = 0
    provenance: Provenance = Provenance.ILLUSTRATIVE
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("count", "base", "not_seen", "group_not_seen"):
            value = getattr(self, name)
            whole = as_whole(value)
            if whole is None:
                raise InputError(f"{name} must be a whole number, not {value!r}, in the tally {self.label!r}")
            if whole < 0:
                raise InputError(f"{name} must not be negative, and is {value} in the tally {self.label!r}")
            object.__setattr__(self, name, whole)
        if self.count > self.base:
            raise InputError(
                f"count must not be above base, and is {self.count} of {self.base} in the tally {self.label!r}; "
                "give as base the number of those in which it was looked for and seen"
            )
        object.__setattr__(self, "provenance", as_provenance(self.provenance))

    def __str__(self) -> str:
        unseen = f", {self.not_seen} not seen" if self.not_seen else ""
        unseen += f", {self.group_not_seen} of a group not seen" if self.group_not_seen else ""
        return f"{self.label}: {self.count} of {self.base}{unseen} ({origin(self.provenance, self.assumptions)})"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with what is needed to read it.

    Parameters
    ----------
    label
        What is estimated, in words.
    value
        The number itself, unrounded, or None where it is undefined (a ratio of nothing to nothing).
    low, high, level
        The interval and its level, as a share; all three are absent together for a description.
    method
        How value and interval were computed, in words.
    base
        On how many visits or pupils the value rests; for a share of shuffles or repeats, how many there were.
    provenance
        The weakest provenance of what went in.
    assumptions
        The assumptions, by name, on which it rests.
    unit
        'share' (0 to 1), 'points' (a difference of shares), 'ratio', 'pounds', 'count' or 'number'.
    details
        What only some methods have, by name.

    Notes
    -----
    An interval is about chance alone. It covers neither how the schools were chosen nor how well they were judged.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    method: str
    base: int
    provenance: Provenance
    assumptions: tuple[str, ...] = ()
    unit: str = "share"
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if len({part is None for part in (self.low, self.high, self.level)}) > 1:
            raise InputError(f"low, high and level go together, in the estimate {self.label!r}: give all three or none")
        if self.unit not in rendering.UNITS:
            raise unknown("unit", self.unit, sorted(rendering.UNITS))
        if any(part is not None and not _is_number(part) for part in (self.value, self.low, self.high)):
            raise InputError(f"value, low and high must be numbers, in the estimate {self.label!r}; None is undefined")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(f"low must not be above high, and is {self.low} of {self.high}, in {self.label!r}")
        if self.level is not None and not 0 < self.level < 1:
            raise InputError(f"level must be between 0 and 1, not {self.level!r}, in the estimate {self.label!r}")
        object.__setattr__(self, "provenance", as_provenance(self.provenance))

    @property
    def is_hidden(self) -> bool:
        """Whether its numbers were left out, so that nobody can be made out."""
        return self.method == _HIDDEN

    def __str__(self) -> str:
        if self.is_hidden:
            return f"{self.label}: {rendering.HIDDEN}, {origin(self.provenance, self.assumptions)}"
        limits = rendering.interval(self.low, self.high, self.unit)
        inside = f" [{limits}, {100 * self.level:g}% {self.method}]" if self.level is not None else f" ({self.method})"
        made = origin(self.provenance, self.assumptions)
        return f"{self.label}: {rendering.number(self.value, self.unit)}{inside}, base {self.base:,}, {made}"

    def _repr_html_(self) -> str:
        return Estimates([self])._repr_html_()

    def to_frame(self) -> pd.DataFrame:
        """One row; see `Estimates.to_frame`."""
        return Estimates([self]).to_frame()


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The least and the greatest value that something can have, given what is known; everything between is possible.

    An identification bound is not a confidence interval: nothing is drawn at random, and no level belongs to it.

    Parameters
    ----------
    label
        What is bounded, in words.
    low, high
        The ends, unrounded; both are attained.
    method
        Over what the least and the greatest are taken, in words.
    base
        How many schools the quantity is about, seen or not.
    provenance
        The weakest provenance of what went in.
    assumptions
        The assumptions, by name, on which the ends rest.
    unit
        As for `Estimate`.

    Raises
    ------
    InputError
        Ends that are no numbers or stand the wrong way round, or an unknown unit.
    """

    label: str
    low: float | Fraction
    high: float | Fraction
    method: str
    base: int
    provenance: Provenance
    assumptions: tuple[str, ...] = ()
    unit: str = "share"

    def __post_init__(self) -> None:
        if self.unit not in rendering.UNITS:
            raise unknown("unit", self.unit, sorted(rendering.UNITS))
        if not (_is_number(self.low) and _is_number(self.high)):
            raise InputError(f"low and high must be numbers, not {self.low!r} and {self.high!r}, in {self.label!r}")
        if self.low > self.high:
            raise InputError(f"low must not be above high, and is {self.low} of {self.high}, in {self.label!r}")
        object.__setattr__(self, "base", whole_number("base", self.base, least=0))
        object.__setattr__(self, "provenance", as_provenance(self.provenance))

    def __str__(self) -> str:
        ends = rendering.interval(float(self.low), float(self.high), self.unit)
        return f"{self.label}: {ends} ({self.method}), of {self.base:,}, {origin(self.provenance, self.assumptions)}"

    def _repr_html_(self) -> str:
        return rendering.Sentence(str(self))._repr_html_()


_HIDDEN = "hidden"


def hidden_estimate(label: str, *, unit: str = "share", provenance: Provenance) -> Estimate:
    """What stands in the place of an estimate whose counts are hidden: its label, and no number of it.

    >>> print(hidden_estimate("taking part", provenance=Provenance.OBSERVED))
    taking part: [c], observed
    """
    return Estimate(label=label, value=None, method=_HIDDEN, base=0, unit=unit, provenance=provenance)


class Estimates(Sequence[Estimate]):
    """Estimates in order, shown as one table.

    Parameters
    ----------
    items
        The estimates.
    caption
        What the table shows.
    show
        The details, if any, that stand as columns of their own in the table.
    value
        What the column of values is headed.
    note
        What a reader must know to read the table rightly; the warning about intervals is added by itself.
    drawn
        What the intervals take to be drawn at random: 'schools', or 'pupils' where they are counted one by one.
    as_if
        What the intervals suppose, in a sentence, where it is not that.
    """

    def __init__(
        self,
        items: Iterable[Estimate],
        *,
        caption: str = "",
        show: Sequence[str] = (),
        note: str = "",
        value: str = "value",
        drawn: str = "schools",
        as_if: str = "",
    ) -> None:
        self._items = tuple(items)
        self.as_if = as_if
        self.drawn = drawn
        self.caption = caption
        self.show = tuple(show)
        self.note = note
        self.value = value

    @overload
    def __getitem__(self, position: int) -> Estimate: ...
    @overload
    def __getitem__(self, position: slice) -> "Estimates": ...
    def __getitem__(self, position: int | slice) -> "Estimate | Estimates":
        if isinstance(position, slice):
            return Estimates(
                self._items[position],
                caption=self.caption,
                show=self.show,
                note=self.note,
                value=self.value,
                drawn=self.drawn,
                as_if=self.as_if,
            )
        return self._items[position]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return self._items == other._items if isinstance(other, Estimates) else NotImplemented

    def to_frame(self) -> pd.DataFrame:
        """A row for each estimate, unrounded, every detail a column."""
        rows = [
            {
                **{part.name: getattr(item, part.name) for part in fields(item) if part.name != "details"},
                "provenance": item.provenance.value,
                "assumptions": ";".join(item.assumptions),
                **item.details,
            }
            for item in self
        ]
        return pd.DataFrame(rows)

    def _shown(self) -> Iterator[str]:
        """The details to show; those of visits that fell out only where some did, or where there were visits to see."""
        for name in self.show:
            looked = any(item.provenance not in (Provenance.PUBLISHED, Provenance.DERIVED) for item in self)
            some = any(item.details.get(name) for item in self)
            if some or name not in _FELL_OUT or (name == "not_seen" and looked):
                yield name

    def _as_if(self) -> str:
        """What the intervals suppose; nothing where there is none."""
        sizes = dict.fromkeys(item.details.get("population") for item in self if item.level is not None)
        if self.as_if and sizes:
            return self.as_if
        whole = " or ".join("very many" if size is None else f"a population of {size:,}" for size in sizes)
        return AS_IF_RANDOM.format(drawn=self.drawn, whole=whole) if sizes else ""

    def _table(self) -> rendering.Table:
        methods = list(dict.fromkeys(_method(item) for item in self if not item.is_hidden))
        with_interval = any(item.level is not None for item in self)
        cells: dict[str, list[str]] = {
            "measure": [item.label for item in self],
            **{name.replace("_", " "): [_detail(item, name) for item in self] for name in self._shown()},
            self.value: [_unless_hidden(item, rendering.number(item.value, item.unit)) for item in self],
            "interval": [rendering.interval(item.low, item.high, item.unit) for item in self],
            "method": list(map(_method, self)),
            "base": [_unless_hidden(item, f"{item.base:,}") for item in self],
            "provenance": [item.provenance.value for item in self],
            "assuming": [", ".join(item.assumptions) for item in self],
        }
        if not any(item.assumptions for item in self):
            del cells["assuming"]
        if not with_interval:
            del cells["interval"]
        if len(methods) < 2:
            del cells["method"]
        notes = [f"Method: {methods[0]}" if len(methods) == 1 else "", self.note, self._as_if()]
        return rendering.Table(
            columns=list(cells),
            rows=list(zip(*cells.values(), strict=True)),
            caption=self.caption,
            note=" ".join(f"{note.rstrip('.')}." for note in notes if note),
        )

    def __str__(self) -> str:
        return str(self._table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


_FELL_OUT = ("not_seen", "group_not_seen", "left_out", "without_pupils")


def _unless_hidden(item: Estimate, text: str) -> str:
    return rendering.HIDDEN if item.is_hidden else text


def _method(item: Estimate) -> str:
    return item.method if item.level is None else f"{100 * item.level:g}% {item.method}"


def _detail(item: Estimate, name: str) -> str:
    """A detail for reading; a fraction is in the unit of its estimate, but for those that have a form of their own."""
    value = item.details.get(name, "")
    if item.is_hidden:
        return rendering.HIDDEN
    if name in rendering.DETAILS:
        return "" if value in ("", None) else rendering.DETAILS[name](value)
    return rendering.number(value, item.unit) if value is None or isinstance(value, float) else str(value)
