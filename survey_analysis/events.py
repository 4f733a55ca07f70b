"""What holds for a school, and sums of numbers of schools for which something holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Codes = Mapping[str, Sequence[str]]
"""Attribute -> its codes."""

School = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What holds for a school or not: any one of several conditions, each of attributes and the codes they may have."""

    conditions: tuple[Mapping[str, tuple[str, ...]], ...]

    @cached_property
    def scope(self) -> frozenset[str]:
        """The attributes that have to be known."""
        return frozenset(name for condition in self.conditions for name in condition)

    def holds(self, names: Sequence[str], codes: Codes) -> NDArray[np.bool_]:
        """Whether it holds for each combination of the codes of some attributes, an axis for each of these."""
        shape = tuple(len(codes[name]) for name in names)
        holds = np.zeros(shape, dtype=bool)
        for condition in self.conditions:
            one = np.ones(shape, dtype=bool)
            for name, wanted in condition.items():
                among = np.array([code in wanted for code in codes[name]])
                one &= among.reshape([-1 if other == name else 1 for other in names])
            holds |= one
        return holds


Terms = tuple[tuple[int, Event], ...]
"""Whole multiples of numbers of schools for which events hold."""


@dataclass(frozen=True, kw_only=True)
class Linear:
    """Whole multiples of numbers of schools, which add up to at least `low` and at most `high`; and its claim."""

    terms: Terms
    low: int | None = None
    high: int | None = None
    claim: str = ""

    @cached_property
    def scopes(self) -> tuple[frozenset[str], ...]:
        return tuple(event.scope for _, event in self.terms)


def multiplied(factor: int, terms: Terms) -> Terms:
    return tuple((factor * times, event) for times, event in terms)
