"""How often an interval for a share holds the true share: computed from the binomial distribution, without draws."""

from collections.abc import Callable, Iterable, Mapping
from math import sqrt
from numbers import Real
from statistics import NormalDist

import numpy as np
import pandas as pd

from survey_analysis.errors import InputError, choice, confidence_level, whole_number
from survey_analysis.proportions import METHODS, Limits, Numbers


def _wald(count: Numbers, base: float, level: float) -> Limits:
    """The interval of the textbooks, here to be seen failing; nothing else in the package gives it."""
    share = count / base
    half = -NormalDist().inv_cdf((1 - level) / 2) * np.sqrt(share * (1 - share)) / sqrt(base)
    return np.maximum(share - half, 0), np.minimum(share + half, 1)


_TRIED: Mapping[str, tuple[str, Callable[[Numbers, float, float], Limits]]] = {
    **METHODS,
    "wald": ("textbook (Wald)", _wald),
}
_COLUMNS = ["method", "share", "coverage", "level", "base"]
_GRID = np.linspace(0.001, 0.999, 999)
_NONE = 1e-9  # a true share this near to 0 is none for any number of schools


def proportion_coverage(
    base: int,
    *,
    methods: str | Iterable[str] = tuple(METHODS),
    level: float = 0.95,
    shares: float | Iterable[float] | None = None,
) -> pd.DataFrame:
    """How often the interval of a sample of this size holds the true share, at each of many true shares.

    It is the sum of the binomial probabilities of all the counts whose interval holds the share.

    Parameters
    ----------
    base
        How many are drawn.
    methods
        Which intervals: 'wilson', 'exact' and 'jeffreys', as for `proportion`, and 'wald', which is in no other place
        of the package because of what is seen here.
    level
        The level that each interval claims, between 0 and 1.
    shares
        The true shares to try, between 0 and 1. When absent, a grid of 999 and both sides of every limit: coverage
        jumps at the limits, so its least value is found there and no grid alone would find it.

    Returns
    -------
    DataFrame
        A row for each method and share: method (in words), share, coverage, level, base.

    Raises
    ------
    InputError
        A base that is not a whole number above 0, an unknown method or none, a level or share that is not between
        0 and 1.

    Examples
    --------
    >>> found = proportion_coverage(59, methods=["wilson", "wald"], shares=0.17)
    >>> found[["method", "coverage"]].round(3).to_numpy().tolist()
    [['Wilson score', 0.946], ['textbook (Wald)', 0.933]]

    Notes
    -----
    It is a property of the method, given that schools are drawn at random; of the 59, which were chosen, it says
    nothing.

    References
    ----------
    Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, Statistical Science 16.
    """
    level = confidence_level(level)
    names = [methods] if isinstance(methods, str) or not isinstance(methods, Iterable) else list(methods)
    if not names:
        raise InputError("methods must name one interval or more, such as ['wilson']; it names none")
    base, given = whole_number("base", base), None if shares is None else _checked(shares)
    counts = np.arange(base + 1.0)
    found = []
    for method in names:
        name, limits = choice("methods", method, _TRIED)
        low, high = limits(counts, base, level)
        true = _around(np.concatenate([low, high])) if given is None else given
        frame = pd.DataFrame({"method": name, "share": true, "coverage": _held(low, high, true)})
        found.append(frame.assign(level=level, base=base))
    return pd.concat(found, ignore_index=True)[_COLUMNS]


def proportion_coverage_summary(frame: pd.DataFrame) -> pd.DataFrame:
    """The mean and the least coverage of each interval over the shares that were tried.

    Parameters
    ----------
    frame
        What `proportion_coverage` returns, or several such tables one below another.

    Returns
    -------
    DataFrame
        A row for each method, level and base: these three, mean (each share weighing alike between the least and the
        greatest), least, and at_share, where the least is.

    Raises
    ------
    InputError
        A table that `proportion_coverage` did not make.

    Examples
    --------
    >>> proportion_coverage_summary(proportion_coverage(59, methods="wilson")).round(3).to_numpy().tolist()
    [['Wilson score', 0.95, 59, 0.952, 0.838, 0.003]]
    """
    if not isinstance(frame, pd.DataFrame) or frame.empty or not set(_COLUMNS) <= set(frame):
        raise InputError("frame must be a table that proportion_coverage() made, with a row or more")
    rows = []
    for (method, level, base), of in frame.groupby(["method", "level", "base"], sort=False):
        of = of.sort_values("share", kind="stable")
        shares, covered = of["share"].to_numpy(), of["coverage"].to_numpy()
        width = shares[-1] - shares[0]
        worst = int((covered <= covered.min() + 1e-9).argmax())  # the lower of two that mirror one another
        rows.append(
            {
                "method": method,
                "level": level,
                "base": base,
                "mean": float(np.trapezoid(covered, shares) / width) if width > 0 else float(covered.mean()),
                "least": float(covered[worst]),
                "at_share": float(shares[worst]),
            }
        )
    return pd.DataFrame(rows)


def _held(low: Numbers, high: Numbers, true: Numbers) -> Numbers:
    """The probability of the counts whose interval holds each share; limits rise with the count, so these are a run."""
    from scipy.stats import binom

    base = len(low) - 1
    first, last = np.searchsorted(high, true, side="left"), np.searchsorted(low, true, side="right") - 1
    held = binom.cdf(last, base, true) - binom.cdf(first - 1, base, true)
    return np.asarray(np.where(last >= first, held, 0.0))


def _around(limits: Numbers) -> Numbers:
    beside = np.concatenate([_GRID, np.nextafter(limits, 0), np.nextafter(limits, 1)])
    return np.unique(beside[(beside > _NONE) & (beside < 1 - _NONE)])


def _checked(shares: float | Iterable[float]) -> Numbers:
    listed = list(shares) if isinstance(shares, Iterable) else [shares]
    if not listed or not all(isinstance(it, Real) and 0 < it < 1 for it in listed):
        raise InputError("shares must be numbers between 0 and 1, one or more; write 0.1 for 10%")
    return np.array(listed, dtype=float)
