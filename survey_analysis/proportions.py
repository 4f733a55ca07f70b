"""From tallies to shares: described, or with an interval as if the schools had been drawn at random."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import exp, hypot
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from survey_analysis.errors import InputError, as_whole, choice, confidence_level, of_kind, unknown
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, origin, told, worked_out
from survey_analysis.rendering import Sentence, interval, number

Numbers = NDArray[np.float64]
Limits = tuple[Numbers, Numbers]
"""The lower and the upper limit for each of some counts."""
_MADE_BY = "tally(), tally_each() or Tally(label=..., count=..., base=...)"
_COUNTS = ("count", "not_seen", "group_not_seen")


def share(tally: Tally) -> Estimate:
    """The share itself, described without an interval.

    This is the first of three layers: what was seen in these schools. It is exact for them, whatever they stand for.

    Examples
    --------
    >>> print(share(Tally(label="good use", count=10, base=59, provenance="published")))
    good use: 16.9% (share of the visits in which it was seen), base 59, published
    """
    _check_base(tally)
    return Estimate(
        label=tally.label,
        value=tally.count / tally.base,
        method="share of the visits in which it was seen",
        base=tally.base,
        provenance=tally.provenance,
        assumptions=tally.assumptions,
        details=_counted(tally),
    )


def shares(tallies: Tally | Iterable[Tally], *, caption: str = "", note: str = "") -> Estimates:
    """`share` of several tallies, or of one, as one table with the counts.

    Examples
    --------
    >>> halves = [Tally(label="before", count=1, base=4), Tally(label="after", count=2, base=4)]
    >>> [estimate.value for estimate in shares(halves)]
    [0.25, 0.5]
    """
    return Estimates(map(share, _listed(tallies)), caption=caption, show=_COUNTS, note=note)


def proportion(tally: Tally, *, level: float = 0.95, method: str = "wilson", population: int | None = None) -> Estimate:
    """A share with a confidence interval.

    Parameters
    ----------
    tally
        The count and its base.
    level
        The confidence level, between 0 and 1.
    method
        'wilson' (the score interval; the default, right at none and at all), 'exact' (Clopper-Pearson, never below its
        level, often well above) or 'jeffreys' (equal-tailed, from the prior Beta(1/2, 1/2), with the lower limit 0 at
        none and the upper limit 1 at all).
    population
        How many there are in all, visited or not, where that is known and not many more than were visited: the
        interval is then about the share of these. 'wilson' takes the variance without replacement, 'exact' inverts the
        tails of the hypergeometric distribution, and 'jeffreys' has the prior that goes with it, beta-binomial with
        1/2 and 1/2. Without it, the base is treated as drawn from very many.

    Returns
    -------
    Estimate
        Value and limits as shares from 0 to 1. Where the whole population was visited, there is no sampling error and
        no interval.

    Raises
    ------
    InputError
        A level that is not between 0 and 1, an unknown method, an empty base, a population with fewer members than
        were visited, or with too many for a method that goes through their numbers.

    Examples
    --------
    >>> print(proportion(Tally(label="good use", count=10, base=59, provenance="published")))
    good use: 16.9% [9.5% to 28.5%, 95% Wilson score], base 59, derived

    A hub that visited 15 of its 20 schools knows more of them than 15 visits tell of very many:

    >>> print(proportion(Tally(label="good use", count=5, base=15, provenance="observed"), population=20))
    good use: 33.3% [25.0% to 46.3%, 95% Wilson score, of a population of 20], base 15, observed

    Notes
    -----
    The interval treats the base as drawn at random from many more. The 59 schools were chosen, so it is an "as if", and
    it is silent on schools that were not visited. A population does not change that; see `population_bounds` for what
    is certain of it. Of some 24,000 schools, 59 are so few that to name the population makes no difference.

    References
    ----------
    Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, Statistical Science 16; Burstein
    (1975), Finite population correction for binomial confidence limits, Journal of the American Statistical
    Association 70; Buonaccorsi (1987), A note on confidence intervals for proportions in finite populations, The
    American Statistician 41; Berger, Bernardo and Sun (2012), Objective priors for discrete parameter spaces, Journal
    of the American Statistical Association 107.
    """
    _check_base(tally)
    level = confidence_level(level)
    name, limits = choice("method", method, METHODS)
    if population is None:
        low, high = limits(np.array(float(tally.count)), tally.base, level)
        return _estimate(tally, (float(low), float(high)), level, name)
    population = population_size(population, tally)
    if population == tally.base:
        every = share(tally)
        how = f"share of all {population:,}: no sampling error, so no interval"
        return replace(every, method=how, details={**every.details, "population": population})
    if method != "wilson" and population > _GONE_THROUGH:
        raise InputError(
            f"method {method!r} goes through the numbers of a population, and {population:,} are too many; use "
            "'wilson', or name no population: of so many a sample is as good as one of very many"
        )
    ends = _FINITE[method](tally.count, tally.base, population, level)
    return _estimate(tally, ends, level, f"{name}, of a population of {population:,}", population=population)


def proportion_each(
    tallies: Tally | Iterable[Tally],
    *,
    level: float = 0.95,
    method: str = "wilson",
    population: int | None = None,
    caption: str = "",
) -> Estimates:
    """`proportion` of several tallies, or of one, each interval at the level by itself, as one table with the counts.

    A population is that of each. For the codes of one scale, whose shares add up to 1, use `simultaneous_proportions`.

    Examples
    --------
    >>> hub = [Tally(label="good use", count=5, base=15), Tally(label="good value", count=9, base=15)]
    >>> [f"{it.low:.3f} to {it.high:.3f}" for it in proportion_each(hub, population=20)]
    ['0.250 to 0.463', '0.470 to 0.700']
    """
    estimates = [proportion(it, level=level, method=method, population=population) for it in _listed(tallies)]
    return Estimates(estimates, caption=caption, show=_COUNTS)


def simultaneous_proportions(
    tallies: Iterable[Tally], *, level: float = 0.95, method: str = "goodman", caption: str = ""
) -> Estimates:
    """The shares of all the codes of a scale, with intervals that hold together at the level.

    Parameters
    ----------
    tallies
        One for each code, all on the same base, their counts adding up to it (see `tally_each`).
    level
        The level at which *all* the intervals hold at once, between 0 and 1.
    method
        'goodman' (a Wilson interval for each, the error shared out between them) or 'sison-glaz' (all of one width,
        narrower with many codes, and poor where a count is small).
    caption
        What the table shows.

    Raises
    ------
    InputError
        Bases that differ, counts that do not add up to the base, fewer than two codes, an unknown method or level.

    Examples
    --------
    >>> grades = [Tally(label="good or better", count=10, base=59), Tally(label="below good", count=49, base=59)]
    >>> print(simultaneous_proportions(grades)[0])
    good or better: 16.9% [8.7% to 30.4%, 95% Goodman, simultaneous], base 59, illustrative

    Notes
    -----
    As with every interval here: as if drawn at random.

    References
    ----------
    Goodman (1965), Technometrics 7; Sison and Glaz (1995), Journal of the American Statistical Association 90.
    """
    tallies = _listed(tallies)
    level = confidence_level(level)
    bases, total = {tally.base for tally in tallies}, sum(tally.count for tally in tallies)
    if len(tallies) < 2 or bases != {total} or total == 0:
        raise InputError(
            f"tallies must be of all the codes of one scale, two or more, on one base that their counts add up to; "
            f"these add up to {total} on {sorted(bases)}"
        )
    counts = [tally.count for tally in tallies]
    if method == "goodman":
        table = np.transpose(_wilson(np.array(counts, dtype=float), total, level, shared_by=len(counts)))
        name = "Goodman, simultaneous"
    elif method == "sison-glaz":
        from statsmodels.stats.proportion import multinomial_proportions_confint

        table = multinomial_proportions_confint(counts, alpha=1 - level, method="sison-glaz")
        name = "Sison-Glaz, simultaneous"
    else:
        raise unknown("method", method, ["goodman", "sison-glaz"])
    limits = [(float(low), float(high)) for low, high in table]
    estimates = [_estimate(tally, pair, level, name) for tally, pair in zip(tallies, limits, strict=True)]
    return Estimates(estimates, caption=caption, show=_COUNTS)


def proportion_difference(first: Tally, second: Tally, *, level: float = 0.95, label: str = "") -> Estimate:
    """The share of the first tally less that of the second, with Newcombe's hybrid score interval.

    Parameters
    ----------
    first, second
        Two groups that share no member, each with its own base.
    level
        The confidence level, between 0 and 1.
    label
        What the difference is called; made of both labels when empty.

    Returns
    -------
    Estimate
        In points (a difference of shares, from -1 to 1). The base is both bases together; the details hold the counts
        of each as `first` and `second`, and what was not seen in either.

    Raises
    ------
    InputError
        A level that is not between 0 and 1, an empty base.

    Examples
    --------
    >>> action, others = Tally(label="action", count=9, base=10), Tally(label="others", count=3, base=10)
    >>> print(proportion_difference(action, others))
    action less others: +60.0 points [+17.1 points to +80.9 points, 95% Newcombe hybrid score], base 20, illustrative

    Notes
    -----
    It does not say why the groups differ, and it is an "as if" like every interval here. Pupils of one school are
    alike, so for pupils summed over schools the interval is too narrow; see `gap_change`.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of eleven
    methods, Statistics in Medicine 17 (method 10).
    """
    level = confidence_level(level)
    for tally in (first, second):
        _check_base(tally)
    one, other = first.count / first.base, second.count / second.base
    counts, bases = np.array([[first.count, second.count], [first.base, second.base]], dtype=float)
    (low_1, low_2), (high_1, high_2) = _wilson(counts, bases, level)
    return Estimate(
        label=label or f"{first.label} less {second.label}",
        value=one - other,
        low=one - other - hypot(one - low_1, high_2 - other),
        high=one - other + hypot(high_1 - one, other - low_2),
        level=level,
        method="Newcombe hybrid score",
        base=first.base + second.base,
        provenance=worked_out([first.provenance, second.provenance]),
        assumptions=tuple(dict.fromkeys([*first.assumptions, *second.assumptions])),
        unit="points",
        details={
            "first": f"{first.count:,} of {first.base:,}",
            "second": f"{second.count:,} of {second.base:,}",
            "not_seen": first.not_seen + second.not_seen,
            "group_not_seen": max(first.group_not_seen, second.group_not_seen),
        },
    )


def proportion_in_words(estimate: Estimate, *, of: str = "schools") -> Sentence:
    """A share as it was counted, as a sentence, with the caveat that belongs to it.

    A share that was moved by a supposition is none: its counts would contradict it.

    Parameters
    ----------
    estimate
        What `share` or `proportion` gives.
    of
        What was counted.

    Raises
    ------
    InputError
        Another estimate.

    Examples
    --------
    >>> tally = Tally(label="Good use of partnerships", count=10, base=59, provenance="published")
    >>> print(proportion_in_words(share(tally)))
    Good use of partnerships: 10 of 59 schools, 16.9% (published).
    """
    if not is_counted(of_kind("estimate", estimate, Estimate, "share() or proportion()")):
        raise InputError(
            f"estimate must be a share as it was counted, as share() or proportion() gives, not {estimate.label!r}; "
            "print it, or show it in a table"
        )
    details = estimate.details
    unseen = details["not_seen"] + details["group_not_seen"]
    made = origin(Provenance(details["counts_are"]), estimate.assumptions)
    counts = f"{details['count']:,} of {estimate.base:,} {of}"
    text = f"{estimate.label}: {counts}, {number(estimate.value, 'share')} ({made})"
    text += f"; it was not seen in {unseen:,} more." if unseen else "."
    worked = "" if estimate.provenance.value == details["counts_are"] else f"; {estimate.provenance.value}"
    return Sentence(told(text + _interval_in_words(estimate, of, worked), estimate.provenance))


def difference_in_words(estimate: Estimate, *, of: str = "schools") -> Sentence:
    """A difference of two shares as sentences, with the counts on either side and the caveat that belongs to it.

    Parameters
    ----------
    estimate
        What `proportion_difference` gives.
    of
        What was counted.

    Raises
    ------
    InputError
        Another estimate.

    Examples
    --------
    >>> here = Tally(label="here", count=8, base=10, provenance="observed")
    >>> there = Tally(label="there", count=8, base=16, provenance="observed")
    >>> print(str(difference_in_words(proportion_difference(here, there))).partition(" The ")[0])
    here less there: 8 of 10 schools against 8 of 16, a difference of +30.0 points (observed).

    Notes
    -----
    It says by how much the two differ, and not why.
    """
    details = of_kind("estimate", estimate, Estimate, "proportion_difference()").details
    if estimate.unit != "points" or not {"first", "second", "not_seen", "group_not_seen"} <= set(details):
        raise InputError(
            f"estimate must be a difference of two shares, as proportion_difference() gives, not {estimate.label!r}"
        )
    unseen = details["not_seen"] + details["group_not_seen"]
    text = (
        f"{estimate.label}: {details['first']} {of} against {details['second']}, a difference of "
        f"{number(estimate.value, 'points')} ({origin(estimate.provenance, estimate.assumptions)})"
    )
    text += f"; it was not seen in {unseen:,} more." if unseen else "."
    return Sentence(told(text + _interval_in_words(estimate, of), estimate.provenance))


def is_counted(estimate: Estimate) -> bool:
    """Whether an estimate is the share of its own counts, not one that a supposition moved away from them."""
    details = estimate.details
    return (
        estimate.unit == "share"
        and {"count", "counts_are"} <= set(details)
        and estimate.base > 0
        and estimate.value == details["count"] / estimate.base
    )


def _interval_in_words(estimate: Estimate, of: str, worked: str = "") -> str:
    if estimate.level is None:
        return ""
    return (
        f" The {100 * estimate.level:g}% interval ({estimate.method}{worked}) is "
        f"{interval(estimate.low, estimate.high, estimate.unit)}; it speaks of other {of} only if these were drawn at "
        "random."
    )


def share_of_log_odds(log_odds: float) -> float:
    """The share that has some log odds, without overflow at either end.

    >>> share_of_log_odds(0.0), share_of_log_odds(-1000.0), share_of_log_odds(1000.0)
    (0.5, 0.0, 1.0)
    """
    return 1 / (1 + exp(-log_odds)) if log_odds >= 0 else 1 - 1 / (1 + exp(log_odds))


def population_size(population: int, tally: Tally) -> int:
    """The size of a population that was named, once it can hold all the visits of a tally."""
    visited = of_kind("tally", tally, Tally, _MADE_BY).base + tally.not_seen
    size = as_whole(population)
    if size is None or size < visited:
        raise InputError(
            f"population must be a whole number, and no fewer than the {visited:,} that were visited, not "
            f"{population!r}, for the tally {tally.label!r}"
        )
    return size


def _wilson(count: Numbers, base: Numbers | float, level: float, *, shared_by: int = 1) -> Limits:
    z2 = NormalDist().inv_cdf((1 - level) / 2 / shared_by) ** 2  # the lower tail, which does not round away
    middle = count + z2 / 2
    half = np.sqrt(z2 * (count * (base - count) / base + z2 / 4))
    # At none and at all the limit is exactly 0 and 1; the arithmetic would leave a trace of rounding.
    low = np.where(count == 0, 0.0, (middle - half) / (base + z2))
    high = np.where(count == base, 1.0, (middle + half) / (base + z2))
    return low, high


def _beta(prior: float, count: Numbers, base: float, level: float) -> Limits:
    """Limits from quantiles of the beta distribution; prior 0 is Clopper-Pearson, 1/2 is Jeffreys."""
    from scipy.special import betaincinv  # here, so that a Wilson interval does not wait for scipy

    tail, missed = (1 - level) / 2, base - count
    other = 1 - prior if prior == 0 else prior
    low = np.where(count == 0, 0.0, betaincinv(count + prior, missed + other, tail))
    high = np.where(missed == 0, 1.0, betaincinv(count + other, missed + prior, 1 - tail))
    return low, high


def _exact(count: Numbers, base: float, level: float) -> Limits:
    return _beta(0.0, count, base, level)


def _jeffreys(count: Numbers, base: float, level: float) -> Limits:
    return _beta(0.5, count, base, level)


METHODS: Mapping[str, tuple[str, Callable[[Numbers, float, float], Limits]]] = {
    "wilson": ("Wilson score", _wilson),
    "exact": ("Clopper-Pearson exact", _exact),
    "jeffreys": ("Jeffreys", _jeffreys),
}
"""The methods for one share: their name in words, and limits from counts, base and level."""


def _finite_wilson(count: int, base: int, population: int, level: float) -> tuple[float, float]:
    """The score interval with the variance of drawing without replacement, as of so many more visits.

    It is cut off at what is certain: those that were visited are part of the population.
    """
    more = (population - 1) / (population - base)
    low, high = _wilson(np.array(count * more), base * more, level)
    return max(float(low), count / population), min(float(high), (count + population - base) / population)


def _finite_exact(count: int, base: int, population: int, level: float) -> tuple[float, float]:
    from scipy.stats import hypergeom

    tail, most = (1 - level) / 2, count + population - base
    possible = range(count, most + 1)  # of the population; each tail is monotone in it
    low = bisect_left(possible, True, key=lambda having: hypergeom.sf(count - 1, population, having, base) > tail)
    above = bisect_left(possible, True, key=lambda having: hypergeom.cdf(count, population, having, base) <= tail)
    return possible[low] / population, possible[above - 1] / population


def _finite_jeffreys(count: int, base: int, population: int, level: float) -> tuple[float, float]:
    from scipy.stats import betabinom

    unseen, tail = population - base, (1 - level) / 2
    below = betabinom.pmf(np.arange(unseen + 1), unseen, count + 0.5, base - count + 0.5).cumsum()
    low, high = np.minimum(np.searchsorted(below, [tail, 1 - tail]), unseen)
    return (
        0.0 if count == 0 else (count + int(low)) / population,
        1.0 if count == base else (count + int(high)) / population,
    )


_GONE_THROUGH = 10_000_000  # numbers of a population
_FINITE: Mapping[str, Callable[[int, int, int, float], tuple[float, float]]] = {
    "wilson": _finite_wilson,
    "exact": _finite_exact,
    "jeffreys": _finite_jeffreys,
}


def _estimate(tally: Tally, limits: tuple[float, float], level: float, method: str, **details: int) -> Estimate:
    return Estimate(
        label=tally.label,
        value=tally.count / tally.base,
        low=limits[0],
        high=limits[1],
        level=level,
        method=method,
        base=tally.base,
        provenance=worked_out([tally.provenance]),
        assumptions=tally.assumptions,
        details=_counted(tally) | details,
    )


def _counted(tally: Tally) -> dict[str, int | str]:
    counts = {"count": tally.count, "not_seen": tally.not_seen, "group_not_seen": tally.group_not_seen}
    return {**counts, "counts_are": tally.provenance.value}


def _listed(tallies: Tally | Iterable[Tally]) -> list[Tally]:
    listed = list(tallies) if isinstance(tallies, Iterable) else [tallies]
    return [of_kind("tallies", it, Tally, _MADE_BY) for it in listed]


def _check_base(tally: Tally) -> None:
    of_kind("tally", tally, Tally, _MADE_BY)
    if tally.base == 0:
        raise InputError(f"base is 0 in the tally {tally.label!r}: it was seen in no visit, so it has no share")
