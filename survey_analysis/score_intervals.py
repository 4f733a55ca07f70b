"""Score intervals for the ratio of two shares and for their odds ratio, which hold at none and at all too."""

from collections.abc import Callable
from dataclasses import replace
from math import exp, inf, log, sqrt
from statistics import NormalDist

from survey_analysis.estimates import Tally

Limits = tuple[float, float]
Score = Callable[[float, Tally, Tally], float]
"""How far, as a chi-square of one degree of freedom, two tallies are from a ratio that is tried."""


def ratio_limits(first: Tally, second: Tally, *, level: float) -> Limits | None:
    """Koopman's limits for the share of the first tally over that of the second; None where nobody has the outcome.

    Notes
    -----
    `confint_proportions_2indep(compare="ratio", method="score")` of statsmodels 0.15.0 leaves 1 out where everybody has
    the outcome, and gives complex numbers where everybody of the second group has.

    References
    ----------
    Koopman (1984), Confidence intervals for the ratio of two binomial proportions, Biometrics 40.
    """
    if first.count == second.count == 0:
        return None
    return _limits(_ratio_score, first, second, level)


def odds_ratio_limits(first: Tally, second: Tally, *, level: float) -> Limits | None:
    """Miettinen and Nurminen's limits for the odds ratio; None where nobody, or everybody, has the outcome.

    Notes
    -----
    `confint_proportions_2indep(compare="odds-ratio", method="score")` of statsmodels 0.15.0 divides by zero where a
    cell is empty.

    References
    ----------
    Miettinen and Nurminen (1985), Comparative analysis of two rates, Statistics in Medicine 4.
    """
    if first.count + second.count in (0, first.base + second.base):
        return None
    return _limits(_odds_score, first, second, level)


def _limits(score: Score, first: Tally, second: Tally, level: float) -> Limits:
    upper, reciprocal = _upper(score, first, second, level), _upper(score, second, first, level)
    return 1 / reciprocal, upper


def _upper(score: Score, first: Tally, second: Tally, level: float) -> float:
    """The greatest ratio that is not rejected; the least is one over that of the groups swapped."""
    from scipy.optimize import brentq  # here, so that a gap without interval does not wait for scipy

    all_of_first = score is _odds_score and first.count == first.base
    if second.count == 0 or all_of_first:
        return inf
    critical = NormalDist().inv_cdf((1 - level) / 2) ** 2

    def beyond(logarithm: float) -> float:
        return score(exp(logarithm), first, second) - critical

    # Above the estimate the score only grows; a half stands in for none, so that there is a place to begin.
    low = log((first.count or 0.5) / first.base * second.base / second.count)
    if score is _odds_score:
        low += log((second.base - second.count or 0.5) / second.base * first.base / (first.base - first.count))
    while beyond(low) > 0:
        low -= 1
    high = low + 1
    while beyond(high) < 0:
        high += 1
    return exp(float(brentq(beyond, low, high, xtol=1e-13)))


def _ratio_score(ratio: float, first: Tally, second: Tally) -> float:
    """The two shares are fitted by maximum likelihood under the ratio; so their variance is not 0 at none or at all."""
    x, n, y, m = first.count, first.base, second.count, second.base
    linear = n * ratio + x + m + y * ratio
    root = sqrt(max(0.0, linear**2 - 4 * (n + m) * ratio * (x + y)))
    other = min(1.0, 2 * (x + y) / (linear + root))
    one = min(1.0, ratio * other)
    variance = one * (1 - one) / n + ratio**2 * other * (1 - other) / m
    distance = (x / n - ratio * y / m) ** 2
    return distance / variance if variance > 0 else inf if distance > 0 else 0.0


def _odds_score(ratio: float, first: Tally, second: Tally) -> float:
    x, n, y, m = first.count, first.base, second.count, second.base
    if ratio < 1:  # turned round, so that nothing cancels
        return _odds_score(1 / ratio, replace(first, count=n - x), replace(second, count=m - y))
    having, lacking = x + y, n - x + m - y
    linear = (n - having) * ratio + m + having
    root = sqrt(linear**2 + 4 * m * (ratio - 1) * having)
    # Of two forms of a root the one that adds: what is linear is below 0 where most have the outcome.
    other = 2 * having / (linear + root) if linear > 0 else (root - linear) / (2 * m * (ratio - 1))
    without = 2 * lacking * ratio / (having + (ratio - 1) * m + ratio * lacking + root)
    whole = without + other * ratio
    if not (other > 0 and without > 0):  # so near an end that nothing is left between
        return 0.0
    # Those without the outcome are compared where they are few: most of n less n would be rounded away.
    off = (n - x) - n * without / whole if other * ratio > without else x - n * other * ratio / whole
    information = whole**2 / (n * other * ratio * without) + 1 / (m * other * without)
    return off**2 * information * (n + m - 1) / (n + m)
