"""Two groups and a yes or no: exact tests, the half-count odds ratio, and Holm's correction for several tests."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from math import exp, log, sqrt
from numbers import Real
from statistics import NormalDist

from survey_analysis.errors import InputError, choice, confidence_level, of_kind
from survey_analysis.estimates import Estimate, Tally, worked_out

Cells = tuple[tuple[int, int], tuple[int, int]]
"""With the property, and without it; in each the first group, then the second."""

ALTERNATIVES: Mapping[str, str] = {
    "two-sided": "the shares differ",
    "greater": "the first share is larger",
    "less": "the first share is smaller",
}
"""The side that a test looks at, and what it looks for."""


def exact_p_value(first: Tally, second: Tally, *, method: str = "boschloo", alternative: str = "two-sided") -> float:
    """How often two groups would differ at least so much if the same share held in both.

    Parameters
    ----------
    first, second
        Two groups that share no member, each with its own base.
    method
        'boschloo' (only the sizes of the groups are fixed; one-sided, its p-value is never above Fisher's) or 'fisher'
        (the number with the property in both groups together is fixed too).
    alternative
        'two-sided', 'greater' (the share of the first is larger) or 'less'. Two-sided, Fisher's test adds up all tables
        that are no likelier than the one seen, and Boschloo's doubles the smaller side.

    Returns
    -------
    float
        The p-value; 1 where nobody or everybody has the property, for then nothing could differ.

    Raises
    ------
    InputError
        Something that is no tally, an unknown method or alternative, an empty base.

    Examples
    --------
    >>> one, other = Tally(label="one", count=7, base=15), Tally(label="other", count=12, base=15)
    >>> round(exact_p_value(one, other, alternative="less"), 4)
    0.0341
    >>> round(exact_p_value(one, other, alternative="less", method="fisher"), 4)
    0.0641

    Notes
    -----
    It is not the probability that the groups do not differ, and a large one does not show that they are alike. It
    presumes that the two groups are drawn at random, each by itself. Two-sided, the tests make the two sides one in
    different ways, so either may have the smaller p-value: choose before the data.

    References
    ----------
    Fisher (1935), The logic of inductive inference, Journal of the Royal Statistical Society 98; Boschloo (1970),
    Raised conditional level of significance for the 2 x 2 table, Statistica Neerlandica 24.
    """
    test = choice("method", method, _TESTS)
    choice("alternative", alternative, ALTERNATIVES)
    return min(1.0, test(_cells(first, second), alternative))


def half_count_odds_ratio(first: Tally, second: Tally, *, level: float = 0.95, label: str = "odds ratio") -> Estimate:
    """The odds in the first group over those in the second, half a member being added to each of the four cells.

    It has a value where every member of one group has the property and nobody in the other does (separation), which the
    plain odds ratio has not.

    Parameters
    ----------
    first, second
        Two groups that share no member, each with its own base.
    level
        The confidence level, between 0 and 1.
    label
        What the ratio is called.

    Returns
    -------
    Estimate
        A ratio, with the limits that the normal distribution gives its logarithm.

    Raises
    ------
    InputError
        Something that is no tally, an empty base, or a level that is not between 0 and 1.

    Examples
    --------
    >>> all_of_nine, none_of_forty = Tally(label="one", count=9, base=9), Tally(label="other", count=0, base=40)
    >>> print(half_count_odds_ratio(all_of_nine, none_of_forty))
    odds ratio: 1539.00 [28.67 to 82618.07, 95% half-count logit], base 49, illustrative

    Notes
    -----
    The value is exactly that of Firth's penalised logistic regression with this one predictor; his limits are usually
    taken from the likelihood instead. Where a cell is empty the half that was added decides how large it is: read the
    interval.

    References
    ----------
    Haldane (1956), The estimation and significance of the logarithm of a ratio of frequencies, Annals of Human Genetics
    20; Anscombe (1956), On estimating binomial response relations, Biometrika 43; Gart (1966), Alternative analyses of
    contingency tables, Journal of the Royal Statistical Society B 28; Firth (1993), Bias reduction of maximum
    likelihood estimates, Biometrika 80.
    """
    (a, b), (c, d) = ((one + 0.5, other + 0.5) for one, other in _cells(first, second))
    level = confidence_level(level)
    middle = log(a * d / (b * c))
    half = -NormalDist().inv_cdf((1 - level) / 2) * sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return Estimate(
        label=label,
        value=exp(middle),
        low=exp(middle - half),
        high=exp(middle + half),
        level=level,
        method="half-count logit",
        base=first.base + second.base,
        provenance=worked_out([first.provenance, second.provenance]),
        assumptions=tuple(dict.fromkeys([*first.assumptions, *second.assumptions])),
        unit="ratio",
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for being several, so that the chance of *any* false alarm among them is held.

    Parameters
    ----------
    p_values
        One for each test, from 0 to 1.

    Raises
    ------
    InputError
        A p-value that is none: not a number, or not from 0 to 1.

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6.
    """
    for p_value in p_values:
        if isinstance(p_value, bool) or not isinstance(p_value, Real) or not 0 <= p_value <= 1:
            raise InputError(f"p_values must be numbers from 0 to 1, and one of them is {p_value!r}")
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    steps = (min(1.0, (len(order) - step) * p_values[place]) for step, place in enumerate(order))
    adjusted = dict(zip(order, accumulate(steps, max), strict=True))
    return [adjusted[place] for place in range(len(order))]


def _cells(first: Tally, second: Tally) -> Cells:
    for argument, tally in (("first", first), ("second", second)):
        if of_kind(argument, tally, Tally, "tally() or Tally(label=..., count=..., base=...)").base == 0:
            raise InputError(f"base is 0 in the tally {tally.label!r}: a comparison needs a member in each group")
    return (first.count, second.count), (first.base - first.count, second.base - second.count)


def _boschloo(cells: Cells, alternative: str) -> float:
    from scipy.stats import boschloo_exact  # its groups are columns: the other way round is another test

    return float(boschloo_exact(cells, alternative=alternative).pvalue)


def _fisher(cells: Cells, alternative: str) -> float:
    from scipy.stats import fisher_exact

    return float(fisher_exact(cells, alternative=alternative).pvalue)


_TESTS: Mapping[str, Callable[[Cells, str], float]] = {"boschloo": _boschloo, "fisher": _fisher}
