"""How large the next survey must be for what it is to show: the plan, before any data."""

from collections.abc import Iterable
from itertools import product
from math import isfinite
from numbers import Real

import numpy as np

from survey_analysis.errors import InputError, confidence_level, whole_number
from survey_analysis.estimates import Estimate, Estimates, Provenance
from survey_analysis.proportions import METHODS

_MOST = 10**9  # schools: a plan that asks for more is no plan
_NEARLY = 1 + 1e-12  # a width that was itself computed comes with a trace of rounding
_SHOWN = ("width", "pupils_per_school", "icc", "design_effect", "pupils")


def schools_needed(
    share: float,
    *,
    width: float | Iterable[float],
    pupils_per_school: int | Iterable[int] = 1,
    icc: float | Iterable[float] = 0.0,
    population: int | None = None,
    level: float = 0.95,
) -> Estimates:
    """How many schools a survey needs for an interval of a given width around a share.

    The least n for which Wilson's interval is no wider, with n m / (1 + (m - 1) ICC) pupils in effect for m pupils of
    each: a school whose own practice is judged has m = 1. `population` makes the part between schools smaller.

    Parameters
    ----------
    share
        About how large the share will be, from 0 to 1; 0.5 asks for the most.
    width
        The width of the interval, upper less lower limit, as a share: 0.1 for ten points. Here and below several make a
        row for each combination.
    pupils_per_school
        How many pupils are seen in each school; 1 where the schools themselves are counted.
    icc
        The intraclass correlation: the part of the variance that lies between schools, from 0 to 1.
    population
        How many schools there are in all, where they are few: the interval is then about these. Where pupils are seen
        in each, they are taken to be few of many, and only the chance between schools is made smaller.
    level
        The confidence level, between 0 and 1.

    Returns
    -------
    Estimates
        A row for each combination, in counts of schools. The details hold the width and design effect, and `pupils`.

    Raises
    ------
    InputError
        A share or correlation that is not between 0 and 1, a width that is not, pupils that are no whole number, a
        population that cannot give such a width.

    Examples
    --------
    To halve the width of the interval on 10 of 59:

    >>> from survey_analysis import Tally, proportion
    >>> now = proportion(Tally(label="good use", count=10, base=59))
    >>> print(schools_needed(10 / 59, width=(now.high - now.low) / 2)[0])
    schools needed: 240 (Wilson score width, schools drawn at random), base 0, illustrative

    Notes
    -----
    It plans for chance alone. Schools that refuse, and pupils who are away, are not in it: invite more.

    References
    ----------
    Kish (1965), Survey Sampling, sections 2.6 and 5.4; Brown, Cai and DasGupta (2001), Statistical Science 16.
    """
    share, level = _between("share", share, closed=True), confidence_level(level)
    widths = [_between("width", it, closed=False) for it in _several(width)]
    pupils = [whole_number("pupils_per_school", it) for it in _several(pupils_per_school)]
    correlations = [_between("icc", it, closed=True) for it in _several(icc)]
    schools = None if population is None else whole_number("population", population)
    rows = [_row(share, *plan, schools, level) for plan in product(widths, pupils, correlations)]
    note = "It plans for chance alone: schools that refuse, and pupils who are away, come on top."
    return Estimates(rows, show=_SHOWN, value="schools", note=note)


def _row(share: float, width: float, pupils: int, icc: float, population: int | None, level: float) -> Estimate:
    between = 1.0 if pupils == 1 else icc  # of a school that is counted as one, all variance lies between schools

    def is_enough(schools: int) -> bool:
        # To draw most schools leaves less chance between schools, and none the less among their pupils.
        left = 1.0 if population is None else (population - schools) / max(population - 1, 1)
        error = left * between / schools + (1 - between) / (schools * pupils)  # of one row drawn at random
        return not error or _width(share, 1 / error, level) <= width * _NEARLY

    low, high = 0, min(_MOST, population or _MOST)
    if not is_enough(high):
        raise InputError(f"width {width:g} cannot be had with {high:,} schools: allow a wider interval")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    of = f", of {population:,}" if population else ""
    return Estimate(
        label="schools needed",
        value=float(high),
        method=f"Wilson score width, schools drawn at random{of}",
        base=0,
        provenance=Provenance.ILLUSTRATIVE,
        unit="count",
        details={
            "width": f"{100 * width:.1f} points",
            "pupils_per_school": pupils,
            "icc": f"{icc:g}",
            "design_effect": 1 + (pupils - 1) * icc,
            "pupils": f"{high * pupils:,}",
            "share": share,
        },
    )


def _width(share: float, size: float, level: float) -> float:
    low, high = METHODS["wilson"][1](np.array(share * size), size, level)
    return float(high - low)


def _several(value: object) -> list[object]:
    return list(value) if isinstance(value, Iterable) else [value]


def _between(argument: str, value: object, *, closed: bool) -> float:
    """A number from 0 to 1, the ends among them or not, or the error that says how to write it."""
    if isinstance(value, Real) and not isinstance(value, bool) and isfinite(value):
        number = float(value)
        if 0 < number < 1 or (closed and number in (0, 1)):
            return number
    raise InputError(f"{argument} must be between 0 and 1, not {value!r:.40}; write 0.1 for 10% or ten points")
