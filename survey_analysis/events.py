"""What holds for a school, and sums of numbers of schools for which something holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

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
