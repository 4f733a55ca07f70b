"""Exact tests, the half-count odds ratio and Holm's correction, beside published answers and their definitions."""

from math import comb, exp
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import boschloo_exact, hypergeom
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.multitest import multipletests

from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance, Tally
from survey_analysis.exact_tests import exact_p_value, half_count_odds_ratio, holm


def pair(first: int, of: int, second: int, among: int) -> tuple[Tally, Tally]:
    return Tally(label="first", count=first, base=of), Tally(label="second", count=second, base=among)


GROUPS = st.integers(1, 12).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("method", "alternative", "expected"),
    [
        ("fisher", "less", 0.0641),
        ("boschloo", "less", 0.0341),
        ("fisher", "two-sided", 0.1281),
        ("boschloo", "two-sided", 0.0682),
    ],
)
def test_a_known_table(method: str, alternative: str, expected: float) -> None:
    """7 of 15 against 12 of 15: the table [[7, 12], [8, 3]] of the documentation of scipy 1.17.1, barnard_exact."""
    assert exact_p_value(*pair(7, 15, 12, 15), method=method, alternative=alternative) == pytest.approx(
        expected, abs=5e-5
    )


def test_the_lady_tasting_tea() -> None:
    """Fisher (1935), The Design of Experiments, chapter 2: three of four cups right by chance 17 times in 70."""
    assert exact_p_value(*pair(3, 4, 1, 4), method="fisher", alternative="greater") == pytest.approx(17 / 70)
    assert exact_p_value(*pair(3, 4, 1, 4), method="fisher") == pytest.approx(34 / 70)
    assert exact_p_value(*pair(4, 4, 0, 4), method="fisher", alternative="greater") == pytest.approx(1 / 70)


@pytest.mark.parametrize("counts", [(7, 15, 12, 15), (2, 9, 20, 40), (5, 6, 1, 20)])
def test_boschloo_is_the_worst_chance_of_a_table_that_fisher_finds_as_rare(counts: tuple[int, int, int, int]) -> None:
    """By the definition (Boschloo 1970): over a grid of common shares, the chance of all that is as rare to Fisher."""
    x, m, y, n = counts
    fisher = np.array([[hypergeom.cdf(i, m + n, i + j, m) for j in range(n + 1)] for i in range(m + 1)])
    rare = fisher <= fisher[x, y] * (1 + 1e-12)
    share = np.linspace(0.0005, 0.9995, 2_000)
    chances = [
        [comb(m, i) * comb(n, j) * share ** (i + j) * (1 - share) ** (m + n - i - j) for j in range(n + 1)]
        for i in range(m + 1)
    ]
    worst = np.einsum("ij,ijs->s", rare, np.array(chances)).max()
    assert exact_p_value(*pair(*counts), alternative="less") == pytest.approx(worst, abs=1e-5)


@settings(max_examples=20)
@given(GROUPS, GROUPS)
def test_two_groups_that_change_places_change_sides(one: tuple[int, int], other: tuple[int, int]) -> None:
    for method in ("fisher", "boschloo"):
        greater = exact_p_value(*pair(*one, *other), method=method, alternative="greater")
        less = exact_p_value(*pair(*other, *one), method=method, alternative="less")
        assert greater == pytest.approx(less, abs=1e-6)
        assert 0 < greater <= 1


@settings(max_examples=20)
@given(GROUPS, GROUPS)
def test_one_sided_boschloo_is_never_above_fisher(one: tuple[int, int], other: tuple[int, int]) -> None:
    groups = pair(*one, *other)
    for alternative in ("greater", "less"):
        boschloo, fisher = (
            exact_p_value(*groups, method=method, alternative=alternative) for method in ("boschloo", "fisher")
        )
        assert boschloo <= fisher + 1e-6


def test_two_sided_either_of_the_two_may_be_smaller() -> None:
    """Fisher's adds up the tables that are no likelier; Boschloo's doubles one side."""
    signs = set()
    for counts in ((7, 15, 12, 15), (1, 3, 1, 10)):
        boschloo, fisher = (exact_p_value(*pair(*counts), method=method) for method in ("boschloo", "fisher"))
        signs.add(boschloo < fisher)
    assert signs == {True, False}


def test_nothing_differs_where_nobody_or_everybody_has_it() -> None:
    for groups in (pair(0, 5, 0, 6), pair(5, 5, 6, 6)):
        for method in ("boschloo", "fisher"):
            for alternative in ("two-sided", "greater", "less"):
                assert exact_p_value(*groups, method=method, alternative=alternative) == 1


def test_the_groups_are_columns_for_boschloo_for_rows_are_another_test() -> None:
    across, down = (boschloo_exact(cells).pvalue for cells in ([[9, 8], [0, 39]], [[9, 0], [8, 39]]))
    assert across != pytest.approx(down, rel=1e-3)
    assert exact_p_value(*pair(9, 9, 8, 47)) == pytest.approx(across)


# -------------------------------------------------------------------------------------------------- odds ratio


@pytest.mark.parametrize("counts", [(9, 9, 0, 40), (7, 15, 12, 15), (0, 10, 26, 47), (0, 4, 0, 7)])
def test_the_half_count_odds_ratio_is_that_of_firth(counts: tuple[int, int, int, int]) -> None:
    """Firth (1993): log-likelihood plus half the log determinant of the information, maximised numerically."""
    x, m, y, n = counts

    def penalised(beta: np.ndarray) -> float:
        shares = 1 / (1 + np.exp(-np.array([beta[0] + beta[1], beta[0]])))
        have, sizes = np.array([x, y]), np.array([m, n])
        likelihood = (have * np.log(shares) + (sizes - have) * np.log(1 - shares)).sum()
        weights = sizes * shares * (1 - shares)
        information = np.array([[weights.sum(), weights[0]], [weights[0], weights[0]]])
        return float(-likelihood - 0.5 * np.log(np.linalg.det(information)))

    best = minimize(penalised, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
    assert half_count_odds_ratio(*pair(*counts)).value == pytest.approx(exp(best.x[1]), rel=1e-5)


@given(GROUPS, GROUPS, st.sampled_from([0.8, 0.95, 0.99]))
def test_its_limits_are_those_of_statsmodels_with_half_a_member_in_each_cell(
    one: tuple[int, int], other: tuple[int, int], level: float
) -> None:
    ratio = half_count_odds_ratio(*pair(*one, *other), level=level)
    cells = np.array([[one[0], one[1] - one[0]], [other[0], other[1] - other[0]]]) + 0.5
    theirs = Table2x2(cells)
    assert ratio.value == pytest.approx(theirs.oddsratio)
    assert (ratio.low, ratio.high) == pytest.approx(theirs.oddsratio_confint(alpha=1 - level))


def test_complete_separation_has_a_value_and_a_wide_interval() -> None:
    """9 of 9 against none of 40: (9.5 x 40.5) / (0.5 x 0.5)."""
    ratio = half_count_odds_ratio(*pair(9, 9, 0, 40))
    assert ratio.value == pytest.approx(9.5 * 40.5 / 0.25)
    assert ratio.low is not None and ratio.high is not None and ratio.high / ratio.low > 1_000


# --------------------------------------------------------------------------------------------------------- Holm


def test_holm_beside_a_published_answer() -> None:
    """The documentation of pingouin 0.5, multicomp(method='holm'): .5, .003, .32, .054, .0003."""
    assert holm([0.5, 0.003, 0.32, 0.054, 0.0003]) == pytest.approx([0.64, 0.012, 0.64, 0.162, 0.0015])


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_holm_of_none_is_none() -> None:
    assert holm([]) == []


@pytest.mark.parametrize("bad", [float("nan"), -0.1, 1.1, "0.5", None, True])
def test_holm_of_what_is_no_p_value_is_told(bad: Any) -> None:
    with pytest.raises(InputError, match=r"^p_values must be numbers from 0 to 1, and one of them is "):
        holm([0.5, bad])


def test_an_odds_ratio_of_published_counts_is_derived() -> None:
    groups = [Tally(label="it", count=3, base=9, provenance=Provenance.PUBLISHED)] * 2
    assert half_count_odds_ratio(*groups).provenance is Provenance.DERIVED


# ---------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("other", [None, 5, "seven of nine"])
def test_what_is_no_tally_is_told(other: Any) -> None:
    one, _ = pair(1, 2, 3, 4)
    for ask in (exact_p_value, half_count_odds_ratio):
        with pytest.raises(InputError, match=r"^first must come from tally\(\) or Tally\(label=.*, and is "):
            ask(other, one)
        with pytest.raises(InputError, match=r"^second must come from tally\(\) or Tally\("):
            ask(one, other)


def test_bad_input_is_told() -> None:
    groups = pair(1, 2, 3, 4)
    with pytest.raises(InputError, match=r"^method must be one of 'boschloo', 'fisher', not 'fischer'; did you mean"):
        exact_p_value(*groups, method="fischer")
    with pytest.raises(InputError, match=r"^alternative must be one of 'two-sided', 'greater', 'less', not 'more'"):
        exact_p_value(*groups, alternative="more")
    with pytest.raises(
        InputError, match=r"^base is 0 in the tally 'second': a comparison needs a member in each group"
    ):
        exact_p_value(*pair(1, 2, 0, 0))
    for level in (95, "0.95", True):
        with pytest.raises(InputError, match=r"^level must be between 0 and 1, not .*; write 0\.95 for 95%$"):
            half_count_odds_ratio(*groups, level=level)  # type: ignore[arg-type]
