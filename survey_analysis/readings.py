"""What a published figure or a vague word leaves possible: the counts printed so, and the weakest reading of a word."""

from collections.abc import Callable, Mapping
from numbers import Integral
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


def _one_in(n: int) -> Callable[[int, int], bool]:
    """Whether base / count, rounded, is n: one in 20 of 59 is 3 and nothing else."""
    return lambda count, base: (2 * n - 1) * count <= 2 * base < (2 * n + 1) * count


READINGS: Mapping[str, tuple[str, Callable[[int, int], bool]]] = {
    "most": ("more than half", lambda count, base: 2 * count > base),
    "just less than half": ("fewer than half", lambda count, base: 2 * count < base),
    "nearly half": ("fewer than half", lambda count, base: 2 * count < base),
    "too rarely": ("fewer than half", lambda count, base: 2 * count < base),
    "more than a quarter": ("more than a quarter", lambda count, base: 4 * count > base),
    "more than two thirds": ("more than two thirds", lambda count, base: 3 * count > 2 * base),
    "one in 20": ("nearer to one in 20 than to one in 19 or 21", _one_in(20)),
    "one in five": ("nearer to one in five than to one in four or six", _one_in(5)),
    "a third": ("nearer to one in three than to one in two or four", _one_in(3)),
    "often": ("at least one", lambda count, base: count >= 1),
    "too often": ("at least one", lambda count, base: count >= 1),
    "too many": ("at least one", lambda count, base: count >= 1),
    "no guarantee": ("at least one", lambda count, base: count >= 1),
    "most frequent": ("at least one", lambda count, base: count >= 1),
}
"""Quantifier word -> (its weakest honest reading in words, the same as a test of count and base).

Plain English, and the least that the writer can have meant: "too many" and "often" are verdicts and carry no share.
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
        _, holds = choice("quantifier", quantifier, READINGS)
        return tuple(number for number in range(base + 1) if holds(number, base))
    check(percent, "percent", PERCENT)
    return tuple(number for number in range(base + 1) if rounded_percent(number, base) == percent)
