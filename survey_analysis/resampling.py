"""What chance alone does to schools: drawn again with repetition, or each change given either sign."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_analysis.errors import InputError, choice, confidence_level, whole_number

Numbers = NDArray[np.float64]
Statistic = Callable[[Numbers], Numbers]
"""From rows of schools, shaped (..., schools, columns), to a number for each leading index, shaped (...)."""

RESAMPLES = 9_999
FEWEST = 6  # schools for an interval: fewer, drawn again, show too little of how schools differ
EXACT_UP_TO = 20  # schools: 2 to the 20 signs are gone through in an instant
_NEARBY = 2**16  # numbers that stay in the memory nearby: those of one block of resamples, and of ready-made sums
_BYTE = 8
_ROUNDING = 1e-12  # what is so near is the same number, added up in another order
_SIGNS: Numbers = np.where((np.arange(256)[:, None] >> np.arange(_BYTE)) & 1, -1.0, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Resampled:
    """What a statistic came to when whole schools were drawn again with repetition.

    Parameters
    ----------
    value
        The statistic of the schools as they are.
    low, high
        The interval; both None where there are too few schools for one, or so many resamples leave the statistic
        undefined that they could lie in its tail.
    replicates
        The statistic of every resample, without those that leave it undefined.
    undefined
        How many resamples leave it undefined (no such pupil in any school drawn).
    method
        How the interval was made, or why there is none, in words.
    """

    value: float
    low: float | None
    high: float | None
    replicates: Numbers
    undefined: int
    method: str


@dataclass(frozen=True)
class OfSums:
    """A statistic of rows of schools that needs only their sums, so that the sums can be drawn in fewer steps."""

    of_totals: Callable[[Numbers], Numbers]

    def __call__(self, rows: Numbers) -> Numbers:
        return self.of_totals(rows.sum(axis=-2))


def sums(statistic: Callable[[Numbers], Numbers]) -> OfSums:
    """A statistic of the schools' sums: from (..., columns) to (...), made one of rows of schools.

    Examples
    --------
    >>> per_pupil = sums(lambda totals: totals[..., 0] / totals[..., 1])
    >>> float(per_pupil(np.array([[30.0, 10.0], [10.0, 10.0]])))
    2.0
    """
    return OfSums(statistic)


def bootstrap(
    rows: ArrayLike, statistic: Statistic, *, level: float, resamples: int = RESAMPLES, seed: int = 0
) -> Resampled:
    """An interval from drawing whole schools again with repetition: bias-corrected and accelerated (BCa).

    Where the correction is undefined, because every resample lies on one side of the value or no school makes a
    difference, the limits are plain percentiles, and `method` says so.

    Parameters
    ----------
    rows
        A row of numbers for each school.
    statistic
        From rows, shaped (..., schools, columns), to the numbers, shaped (...); not finite where it is undefined.
    level
        The confidence level, between 0 and 1.
    resamples, seed
        How many times, and from which seed; equal seeds give equal intervals.

    Raises
    ------
    InputError
        A level that is not between 0 and 1, fewer than two schools, resamples too few for the level, or schools of
        which the statistic is undefined.

    Notes
    -----
    Schools are drawn, never pupils: pupils of one school are alike. It is an "as if": the schools were not drawn.
    Fewer than six schools get no interval, because drawing so few again shows too little of how schools differ. With
    more, the tails are widened as the t distribution is, and with few or very unequal schools the interval still tends
    to be too narrow; benchmarks/README.md says by how much.

    A statistic that no resample changes gets an interval of one point, which says that the schools are all alike, not
    that others would be.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals, Journal of the American Statistical Association 82; Hesterberg
    (2015), What teachers should know about the bootstrap, The American Statistician 69 (expanded percentiles).
    """
    level = confidence_level(level)
    resamples, seed = enough_resamples(resamples, level), whole_number("seed", seed, least=0)
    table = np.asarray(rows, dtype=float)
    schools = len(table)
    if schools < 2:
        raise InputError(f"an interval by drawing schools again needs two schools or more, and there is {schools}")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(table))
        left_out = _left_out(table, statistic)
        drawn = _drawn_again(table, statistic, resamples, np.random.default_rng(seed))
    if not np.isfinite(value):
        raise InputError("the statistic is undefined for these schools, so it has no interval; choose others")
    defined = drawn[np.isfinite(drawn)]
    undefined = resamples - len(defined)
    found = Resampled(value=value, low=None, high=None, replicates=defined, undefined=undefined, method="")
    if schools < FEWEST:
        return replace(found, method=f"no interval: {schools} schools are too few to draw again")
    tail = expanded_tail(level, schools)
    if undefined > resamples * tail:
        return replace(found, method="no interval: undefined in too many of the schools drawn again")
    corrected = _bca_tails(value, defined, left_out, tail)
    low, high = np.quantile(defined, corrected or (tail, 1 - tail))
    how = "BCa" if corrected else "percentile"
    return replace(found, low=float(low), high=float(high), method=f"bootstrap over schools ({how})")


def enough_resamples(resamples: int, level: float) -> int:
    """How often to draw, if that is often enough for either tail at the level to hold a resample.

    >>> enough_resamples(40, 0.95)
    40
    """
    found, least = whole_number("resamples", resamples), ceil(round(2 / (1 - level), 6))
    if found < least:
        raise InputError(f"resamples must be {least:,} or more for a level of {level:g}, not {found:,}")
    return found


def expanded_tail(level: float, schools: int) -> float:
    """The share of resamples to leave out at either end: below (1 - level) / 2, and the more so the fewer schools.

    Percentiles of few schools drawn again are too near to one another twice over: the spread of the schools is taken
    over their number instead of one fewer, and the normal distribution stands where t should.

    >>> [round(expanded_tail(0.95, schools), 4) for schools in (6, 59, 10_000)]
    [0.0024, 0.0217, 0.025]
    """
    from scipy.special import ndtr, stdtrit

    return float(ndtr(sqrt(schools / (schools - 1)) * stdtrit(schools - 1, (1 - level) / 2)))


def sign_flip(changes: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> tuple[Numbers, bool]:
    """The mean change when each school's change is given either sign: what chance makes of no change on the whole.

    Parameters
    ----------
    changes
        One for each school.
    resamples, seed
        How many times signs are drawn, and from which seed, with more than 20 schools; with fewer all are gone through.

    Returns
    -------
    array, bool
        The means, and whether they are all that there are. The first mean is that of the changes as they are.

    Raises
    ------
    InputError
        No school, or no resamples.

    Notes
    -----
    It presumes that without a change on the whole a school would be as likely to go up as down by as much (symmetry).

    References
    ----------
    Fisher (1935), The Design of Experiments, section 21.
    """
    values = np.asarray(changes, dtype=float)
    schools = len(values)
    if schools == 0:
        raise InputError("a sign-flip needs the change of one school or more, and there is none")
    resamples, seed = whole_number("resamples", resamples), whole_number("seed", seed, least=0)
    # Eight schools have 256 signed sums: made once, a byte picks one of them.
    blocks = np.resize(np.append(values, np.zeros(-schools % _BYTE)), (-(-schools // _BYTE), _BYTE)) @ _SIGNS.T
    if exact := schools <= EXACT_UP_TO:
        patterns = np.arange(2**schools)
        picked = [(patterns >> (_BYTE * number)) & 255 for number in range(len(blocks))]
    else:
        picked = list(np.random.default_rng(seed).integers(0, 256, (len(blocks), resamples + 1), dtype=np.uint8))
        for signs in picked:
            signs[0] = 0
    total = blocks[0][picked[0]]
    for block, signs in zip(blocks[1:], picked[1:], strict=True):
        total += block[signs]
    return total / schools, exact


def p_value(means: Numbers, *, alternative: str = "two-sided") -> float:
    """The share of the means that are at least as far out as the first, which counts itself.

    `alternative` is 'two-sided', 'greater' or 'less'; a tie, within rounding, is as far out.
    """
    near = _ROUNDING * max(1.0, float(np.abs(means).max()))
    observed = means[0]
    ways = {
        "two-sided": np.abs(means) >= abs(observed) - near,
        "greater": means >= observed - near,
        "less": means <= observed + near,
    }
    return float(choice("alternative", alternative, ways).mean())


def _left_out(table: Numbers, statistic: Statistic) -> Numbers:
    """The statistic without each school in turn."""
    if isinstance(statistic, OfSums):
        # Those before and those after a school: its own numbers are never taken off again, which would leave a trace.
        before, after = np.zeros_like(table), np.zeros_like(table)
        before[1:] = np.cumsum(table[:-1], axis=0)
        after[:-1] = np.cumsum(table[:0:-1], axis=0)[::-1]
        return statistic.of_totals(before + after)
    others = ~np.eye(len(table), dtype=bool)
    return statistic(np.stack([table[kept] for kept in others]))


def _drawn_again(table: Numbers, statistic: Statistic, resamples: int, random: np.random.Generator) -> Numbers:
    schools, columns = table.shape
    if isinstance(statistic, OfSums):
        block = max(1, _NEARBY // columns)
        pieces = _ready_made_sums(table)
        parts = [
            statistic.of_totals(_drawn_sums(table, pieces, min(block, resamples - done), random))
            for done in range(0, resamples, block)
        ]
    else:
        block = max(1, _NEARBY // table.size)
        parts = [
            statistic(table.take(random.integers(0, schools, (min(block, resamples - done), schools)), axis=0))
            for done in range(0, resamples, block)
        ]
    return np.concatenate(parts)


def _ready_made_sums(table: Numbers) -> tuple[int, Numbers]:
    """The sums of every two schools in order, or of every three and so on, as many as stay nearby."""
    schools, columns = table.shape
    together, pieces = 1, table
    while len(pieces) * schools * columns <= _NEARBY and together < schools:
        together, pieces = together + 1, (pieces[:, None] + table).reshape(-1, columns)
    return together, pieces


def _drawn_sums(table: Numbers, ready: tuple[int, Numbers], resamples: int, random: np.random.Generator) -> Numbers:
    """The sums of as many schools as there are, drawn again: several at a step, each several as likely as any other."""
    together, pieces = ready
    steps, single = divmod(len(table), together)
    total: Numbers = np.zeros((resamples, table.shape[1]))
    for rows, draws in ((pieces, steps), (table, single)):
        for picked in random.integers(0, len(rows), (draws, resamples)):
            total += rows.take(picked, axis=0)
    return total


def _bca_tails(value: float, drawn: Numbers, left_out: Numbers, tail: float) -> tuple[float, float] | None:
    """Which quantiles are the limits; None where all resamples lie on one side, or no school makes a difference."""
    normal = NormalDist()
    beyond = drawn - value
    beyond[np.abs(beyond) <= _ROUNDING * max(1.0, abs(value))] = 0.0
    below = float((1 - np.sign(beyond)).mean()) / 2  # a tie counts half
    away = left_out[np.isfinite(left_out)]
    away = away.mean() - away if len(away) else away
    spread = float((away**2).sum()) ** 1.5
    if not (0 < below < 1 and spread > 0):
        return None
    bias, acceleration = normal.inv_cdf(below), float((away**3).sum()) / (6 * spread)
    shifted = (bias + normal.inv_cdf(it) for it in (tail, 1 - tail))
    low, high = (normal.cdf(bias + it / (1 - acceleration * it)) for it in shifted)
    return low, high
