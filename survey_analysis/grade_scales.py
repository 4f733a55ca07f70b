"""Scales of grades as data: which grades, which of them count as good, and whether the 59 visits have the same."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from survey_analysis.errors import choice
from survey_analysis.resources import DATA

OF_THE_59 = "ofsted-to-august-2012"
"""The scale on which the 59 visits were graded."""


@dataclass(frozen=True, kw_only=True)
class GradeScale:
    """A scale of grades, best first.

    `numbers` are those that are written for the grades, as 2 for good; empty where there are none. `counts_as_good` is
    the lowest grade that counts as good or better. `compared_with_2012` says whether its grades may be set beside those
    of the 59 visits, and `reason` why or why not. `first_day` and `last_day` are those between which visits were graded
    by it, as year-month-day, '' where there is no such day.
    """

    name: str
    title: str
    grades: tuple[str, ...]
    numbers: tuple[int, ...]
    counts_as_good: str
    compared_with_2012: bool
    reason: str
    source: str
    first_day: str = ""
    last_day: str = ""

    @property
    def good_in_words(self) -> str:
        """The lowest grade that counts as good, as it is written."""
        return self.counts_as_good.replace("_", " ")

    @property
    def good_or_better(self) -> tuple[str, ...]:
        return self.grades[: self.grades.index(self.counts_as_good) + 1]


@cache
def known_scales() -> Mapping[str, GradeScale]:
    """The scales that travel with the package, by name.

    Examples
    --------
    >>> known_scales()["ofsted-to-august-2012"].grades
    ('outstanding', 'good', 'satisfactory', 'inadequate')
    """
    read: dict[str, dict[str, Any]] = tomllib.loads((DATA / "grade_scales.toml").read_text(encoding="utf-8"))
    lists = ("grades", "numbers")
    return MappingProxyType(
        {
            name: GradeScale(name=name, **(scale | {key: tuple(scale[key]) for key in lists}))
            for name, scale in read.items()
        }
    )


def grade_scale(name: str) -> GradeScale:
    """A scale that travels with the package, by its name; another name is an error that suggests the nearest."""
    return choice("grade_scale", name, known_scales())
