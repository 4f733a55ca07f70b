"""What a published figure or a vague word leaves possible: the counts printed so, and the weakest reading of a word."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral
from types import MappingProxyType
from typing import Any

from survey_analysis.errors import InputError, choice

Rule = tuple[str, Callable[[Any], bool]]


def is_number(value: Any, low: int = 0) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= low


def up_to(base: int) -> Rule:
    return (f"a whole number from 0 to {base}", lambda value: is_number(value) and value <= base)


BASE: Rule = ("a whole number, 1 or more", lambda value: is_number(value, 1))
PERCENT = up_to(100)


def check(value: Any, argument: str, rule: Rule) -> int:
    if not rule[1](value):
        raise InputError(f"{argument} must be {rule[0]}, not {value!r}; give such a number")
    return int(value)


@dataclass(frozen=True, kw_only=True)
class Inequality:
    """`count` times a count, plus `base` times its base, is at least `least`.

    In whole numbers, so that nothing is rounded and a strict limit is a step of one: more than half is
    2 x count - base >= 1.
    """

    count: int
    base: int = 0
    least: int = 0

    def allows(self, count: int, base: int) -> bool:
        return self.count * count + self.base * base >= self.least


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a word is taken to say of a count and its base, in words and in inequalities that must all hold."""

    words: str
    inequalities: tuple[Inequality, ...]

    def allows(self, count: int, base: int) -> bool:
        """Whether the word may be said of so many out of so many.

        >>> READINGS["most"].allows(29, 59), READINGS["most"].allows(30, 59)
        (False, True)
        """
        return all(inequality.allows(count, base) for inequality in self.inequalities)


def _one_in(n: int) -> tuple[Inequality, ...]:
    """base / count, rounded, is n: one in 20 of 59 is 3 and nothing else."""
    return Inequality(count=-(2 * n - 1), base=2), Inequality(count=2 * n + 1, base=-2, least=1)


_AT_LEAST_ONE = Reading(words="at least one", inequalities=(Inequality(count=1, least=1),))
_FEWER_THAN_HALF = Reading(words="fewer than half", inequalities=(Inequality(count=-2, base=1, least=1),))

READINGS: Mapping[str, Reading] = MappingProxyType(
    {
        "most": Reading(words="more than half", inequalities=(Inequality(count=2, base=-1, least=1),)),
        "just less than half": _FEWER_THAN_HALF,
        "nearly half": _FEWER_THAN_HALF,
        "too rarely": _FEWER_THAN_HALF,
        "more than a quarter": Reading(
            words="more than a quarter", inequalities=(Inequality(count=4, base=-1, least=1),)
        ),
        "more than two thirds": Reading(
            words="more than two thirds", inequalities=(Inequality(count=3, base=-2, least=1),)
        ),
        "one in 20": Reading(words="nearer to one in 20 than to one in 19 or 21", inequalities=_one_in(20)),
        "one in five": Reading(words="nearer to one in five than to one in four or six", inequalities=_one_in(5)),
        "a third": Reading(words="nearer to one in three than to one in two or four", inequalities=_one_in(3)),
        "often": _AT_LEAST_ONE,
        "too often": _AT_LEAST_ONE,
        "too many": _AT_LEAST_ONE,
        "no guarantee": _AT_LEAST_ONE,
        "most frequent": _AT_LEAST_ONE,
    }
)
"""Quantifier word -> its weakest honest reading.

Plain English, and the least that the writer can have meant: "too many" and "often" are verdicts and carry no share.
"Nearer to one in 20" is meant of base / count, so a third reaches from 2/7 to 2/5.
"""


def rounded_percent(count: int, base: int) -> int:
    """The whole percentage that a count of a base is printed as, in exact integers; a half rounds up.

    Raises `InputError` unless base is 1 or more and count is within 0 to base.

    >>> rounded_percent(7, 59), rounded_percent(1, 8)
    (12, 13)
    """
    base = check(base, "base", BASE)
    count = check(count, "count", up_to(base))
    return (200 * count + base) // (2 * base)


def possible_counts(
    base: int, *, percent: int | None = None, quantifier: str | None = None, count: int | None = None
) -> tuple[int, ...]:
    """The whole numbers out of a base that one published figure or word leaves possible.

    Parameters
    ----------
    base
        How many there are in all, 1 or more.
    percent
        A whole percentage as printed: every count that rounds to it is possible. A half rounds up.
    quantifier
        A word of `READINGS`, taken at its weakest.
    count
        A count, which leaves only itself.

    Returns
    -------
    tuple of int
        Least first. Empty when no count of this base would be printed so, which is a reason to doubt the base.

    Raises
    ------
    InputError
        A value out of its range, an unknown word, or not exactly one of percent, quantifier and count.

    Examples
    --------
    >>> possible_counts(59, percent=12)
    (7,)
    >>> possible_counts(10, percent=12)
    ()
    >>> most = possible_counts(59, quantifier="most")
    >>> most[0], most[-1]
    (30, 59)

    Notes
    -----
    A range of this kind says what was published. It is no confidence interval: nothing here is a sample.
    """
    base = check(base, "base", BASE)
    if sum(given is not None for given in (percent, quantifier, count)) != 1:
        raise InputError("possible_counts needs exactly one of percent, quantifier and count; give one of them")
    if count is not None:
        return (check(count, "count", up_to(base)),)
    if quantifier is not None:
        reading = choice("quantifier", quantifier, READINGS)
        return tuple(number for number in range(base + 1) if reading.allows(number, base))
    check(percent, "percent", PERCENT)
    return tuple(number for number in range(base + 1) if rounded_percent(number, base) == percent)
