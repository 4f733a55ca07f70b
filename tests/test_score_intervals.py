"""Intervals of a ratio of shares and of an odds ratio: published answers, the ends, coverage summed exactly."""

import warnings
from itertools import product
from math import inf, isfinite

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import confint_proportions_2indep

from survey_analysis.errors import InputError
from survey_analysis.estimates import Tally
from survey_analysis.gaps import gap
from survey_analysis.score_intervals import Limits, odds_ratio_limits, ratio_limits

Cell = tuple[int, int]


def of(cell: Cell) -> Tally:
    return Tally(label="group", count=cell[0], base=cell[1])


def ratio(first: Cell, second: Cell, level: float = 0.95) -> Limits | None:
    return ratio_limits(of(first), of(second), level=level)


def odds(first: Cell, second: Cell, level: float = 0.95) -> Limits | None:
    return odds_ratio_limits(of(first), of(second), level=level)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"), [((36, 40), (16, 80), 2.940, 7.152), ((7, 34), (1, 34), 1.2209, 42.5757)]
)
def test_known_ratios(first: Cell, second: Cell, low: float, high: float) -> None:
    """Koopman (1984), Biometrics 40; and the epinephrine trial of Perondi et al. (2004) as worked by Fagerland,
    Lydersen and Laake (2017), Statistical Analysis of Contingency Tables, in their R package contingencytables."""
    assert ratio(first, second) == pytest.approx((low, high), abs=6e-4)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"), [((9, 13), (4, 14), 1.0934, 28.9419), ((1, 11), (0, 2), 0.0313, inf)]
)
def test_known_odds_ratios(first: Cell, second: Cell, low: float, high: float) -> None:
    """The IPEX case-control study of Lampasona et al. (2013), Miettinen-Nurminen, in the same book and package; and
    that package's own test of an infinite odds ratio."""
    assert odds(first, second) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_the_odds_ratio_is_that_of_statsmodels_where_no_cell_is_empty(level: float) -> None:
    for x, n, y, m in ((36, 40, 16, 80), (3, 7, 4, 9)):
        theirs = confint_proportions_2indep(x, n, y, m, compare="odds-ratio", method="score", alpha=1 - level)
        assert odds((x, n), (y, m), level) == pytest.approx(theirs, rel=1e-6)


def test_statsmodels_cannot_do_the_ends() -> None:
    """Why these are our own. When a new statsmodels can, this fails, and ours may go."""

    def theirs(x: int, n: int, y: int, m: int, compare: str) -> tuple[complex, complex]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            low, high = confint_proportions_2indep(x, n, y, m, compare=compare, method="score")
            return complex(low), complex(high)

    assert theirs(10, 10, 10, 10, "ratio")[0].real > 1, "equal shares, and 1 is left out"
    assert theirs(5, 10, 10, 10, "ratio")[0].imag != 0
    with pytest.raises(ZeroDivisionError):
        theirs(5, 10, 0, 10, "odds-ratio")


cells = st.integers(1, 80).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))


@given(cells, cells, st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_the_value_lies_inside_and_swapping_the_groups_inverts(first: Cell, second: Cell, level: float) -> None:
    values = {it.details["scale"]: it.value for it in gap(of(first), of(second))}
    for limits, name in ((ratio, "ratio"), (odds, "odds_ratio")):
        found, swapped, value = limits(first, second, level), limits(second, first, level), values[name]
        if found is None or swapped is None:
            assert found is swapped is None and value is None
            continue
        assert value is not None and 0 <= found[0] <= value <= found[1]
        for end, other in zip(found, reversed(swapped), strict=True):
            assert (end in (0, inf) and {end, other} == {0, inf}) or end * other == pytest.approx(1)
        wider = limits(first, second, 0.999)
        assert wider is not None and wider[0] <= found[0] and wider[1] >= found[1]


@given(cells, cells)
def test_the_odds_of_not_are_one_over_the_odds(first: Cell, second: Cell) -> None:
    (x, n), (y, m) = first, second
    found, opposite = odds(first, second), odds((n - x, n), (m - y, m))
    if found is None:
        assert opposite is None
        return
    assume(all(isfinite(end) and end for end in found))
    assert opposite == pytest.approx((1 / found[1], 1 / found[0]))


@pytest.mark.parametrize(
    ("first", "second", "of_ratio", "of_odds"),
    [
        ((0, 10), (5, 10), (0, True), (0, True)),
        ((5, 10), (0, 10), (True, inf), (True, inf)),
        ((10, 10), (5, 10), (True, True), (True, inf)),
        ((5, 10), (10, 10), (True, True), (0, True)),
        ((10, 10), (0, 10), (True, inf), (True, inf)),
        ((10, 10), (10, 10), (True, True), None),
        ((0, 10), (0, 10), None, None),
    ],
)
def test_none_and_all_have_an_end_at_the_end_or_no_interval(
    first: Cell, second: Cell, of_ratio: object, of_odds: object
) -> None:
    """True stands for an end that is neither 0 nor infinite."""
    for found, expected in ((ratio(first, second), of_ratio), (odds(first, second), of_odds)):
        shown = found and tuple(end if end in (0, inf) else True for end in found)
        assert shown == expected


def test_a_level_next_to_0_or_1_is_a_level_too() -> None:
    for limits, level in product((ratio, odds), (1e-9, 1 - 1e-9)):
        for cells in (((3, 7), (4, 9)), ((7, 7), (4, 9)), ((3, 7), (0, 9))):
            found = limits(*cells, level)
            assert found is not None and found[0] <= found[1]


@pytest.mark.parametrize(("limits", "least", "mean"), [(ratio, 0.937, 0.953), (odds, 0.944, 0.956)])
def test_coverage_summed_over_all_counts(limits: object, least: float, mean: float) -> None:
    """Exact: 20 and 30 pupils, shares from 5% to 95%; an interval that is absent holds every value."""
    n, m = 20, 30
    found = {(x, y): limits((x, n), (y, m)) or (0, inf) for x, y in product(range(n + 1), range(m + 1))}  # type: ignore[operator]
    covered = []
    for p, q in product(np.linspace(0.05, 0.95, 10), repeat=2):
        truth = p / q if limits is ratio else p * (1 - q) / (q * (1 - p))
        chance = np.outer(binom.pmf(range(n + 1), n, p), binom.pmf(range(m + 1), m, q))
        covered.append(sum(chance[cell] for cell, (low, high) in found.items() if low <= truth <= high))
    assert min(covered) == pytest.approx(least, abs=0.002)
    assert np.mean(covered) == pytest.approx(mean, abs=0.002)


@pytest.mark.parametrize("exponent", [6, 9, 12, 15])
def test_counts_without_end_have_the_limits_of_fewer_in_proportion(exponent: int) -> None:
    """All but one of n against one of n: the odds ratio is near the square of n, and so are both of its limits."""
    n, few = 10**exponent, 10**5
    for scale, power in ((odds, 2), (ratio, 1)):
        found, known = scale((n - 1, n), (1, n)), scale((few - 1, few), (1, few))
        assert found is not None and known is not None
        assert [it / float(n) ** power for it in found] == pytest.approx([it / few**power for it in known], rel=1e-4)
        turned = odds((1, n), (n - 1, n))
        assert scale is ratio or turned == pytest.approx((1 / found[1], 1 / found[0]))


def test_more_than_floating_point_counts_are_refused() -> None:
    with pytest.raises(InputError, match=r"^base must not be above 2\*\*53 in the tally 'group': so many are no count"):
        gap(of((1, 10**400)), of((1, 2)))
    with pytest.raises(InputError, match=r"^ahead must come from Tally.* or pupil_tally\(\), and is int instead$"):
        gap(1, 2)  # type: ignore[arg-type]
