"""Drawing schools again and giving changes either sign: beside scipy, beside every sign by hand, and in odd cases."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_analysis.errors import InputError
from survey_analysis.resampling import (
    EXACT_UP_TO,
    FEWEST,
    Numbers,
    _left_out,
    bootstrap,
    enough_resamples,
    expanded_tail,
    p_value,
    sign_flip,
    sums,
)

ROWS = np.random.default_rng(7).uniform(1, 9, (40, 2))


def per_pupil(totals: Numbers) -> Numbers:
    return np.asarray(totals[..., 0] / totals[..., 1])


def test_the_interval_is_that_of_scipy() -> None:
    """scipy.stats.bootstrap, BCa, on the same statistic, at the level that leaves out as much as our wider tails do.

    The two draw differently, so they agree as far as draws do.
    """
    ours = bootstrap(ROWS, sums(per_pupil), level=0.95, seed=1)
    theirs = stats.bootstrap(
        (ROWS[:, 0], ROWS[:, 1]),
        lambda pounds, pupils, axis: pounds.sum(axis) / pupils.sum(axis),
        paired=True,
        vectorized=True,
        confidence_level=1 - 2 * expanded_tail(0.95, 40),
        rng=np.random.default_rng(2),
    )
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.05 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.05 * width)
    assert np.std(ours.replicates) == pytest.approx(theirs.standard_error, rel=0.05)
    assert ours.value == pytest.approx(ROWS[:, 0].sum() / ROWS[:, 1].sum())
    assert (ours.undefined, ours.method) == (0, "bootstrap over schools (BCa)")


@pytest.mark.parametrize(("schools", "t"), [(6, 2.571), (10, 2.262), (31, 2.042), (61, 2.000)])
def test_tails_are_widened_as_the_t_distribution_is(schools: int, t: float) -> None:
    """Hesterberg (2015): the normal tail beyond sqrt(n / (n - 1)) times t, here t as printed in tables."""
    assert expanded_tail(0.95, schools) == pytest.approx(stats.norm.sf(np.sqrt(schools / (schools - 1)) * t), rel=0.005)


def test_the_widened_tails_are_those_of_many_schools_in_the_end_and_never_more() -> None:
    tails = [expanded_tail(0.9, schools) for schools in (2, 6, 20, 59, 1_000, 1_000_000)]
    assert tails == sorted(tails) and tails[-1] < 0.05
    assert tails[-1] == pytest.approx(0.05, abs=1e-5)


@pytest.mark.slow
def test_of_ten_schools_the_wider_tails_hold_the_mean_more_often() -> None:
    """1,000 surveys of ten schools, normal, about 0: plain percentiles are known to hold it in nine of ten."""
    surveys = np.random.default_rng(2012).normal(size=(1_000, 10, 1))
    held = {"widened": 0, "plain": 0}
    for rows in surveys:
        found = bootstrap(rows, sums(lambda totals: totals[..., 0]), level=0.95, resamples=999)
        low, high = np.quantile(found.replicates, [0.025, 0.975])
        assert found.low is not None and found.high is not None
        held["widened"] += found.low <= 0 <= found.high
        held["plain"] += low <= 0 <= high
    assert held["plain"] < 930 < 935 < held["widened"] < 970


def test_equal_seeds_are_equal_and_others_are_not_and_a_higher_level_is_wider() -> None:
    one, same, other = (bootstrap(ROWS, sums(per_pupil), level=0.9, seed=seed, resamples=999) for seed in (1, 1, 2))
    wider = bootstrap(ROWS, sums(per_pupil), level=0.99, seed=1, resamples=999)
    assert (one.low, one.high) == (same.low, same.high) != (other.low, other.high)
    assert wider.low is not None and one.low is not None and wider.low < one.low
    assert len(one.replicates) == 999


def test_a_statistic_of_rows_need_not_be_one_of_sums() -> None:
    found = bootstrap(ROWS, lambda rows: np.median(rows[..., 0], axis=-1), level=0.95, resamples=999)
    assert found.value == np.median(ROWS[:, 0])
    assert set(found.replicates) <= set((ROWS[:, None, 0] + ROWS[None, :, 0]).ravel() / 2)


@pytest.mark.parametrize("schools", [2, 3, 4, 5])
def test_sums_are_drawn_as_likely_as_rows_are(schools: int) -> None:
    """Every way to draw so many schools again, counted; several of them are drawn at one step."""
    rows = np.array([[1.0], [10.0], [100.0], [1000.0], [10000.0]])[:schools]
    ways = Counter(sum(drawn) for drawn in product(rows[:, 0], repeat=schools))
    seen = Counter(bootstrap(rows, sums(lambda totals: totals[..., 0]), level=0.95, resamples=200_000).replicates)
    assert set(seen) == set(ways)
    expected = np.array([ways[it] for it in sorted(ways)]) / schools**schools
    found = np.array([seen[it] for it in sorted(ways)]) / 200_000
    assert found == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("schools", "columns"), [(6, 1), (7, 3), (40, 2), (59, 12), (300, 2), (50, 400)])
def test_a_statistic_of_sums_has_the_interval_that_it_has_as_one_of_rows(schools: int, columns: int) -> None:
    rows = np.random.default_rng(schools).uniform(1, 9, (schools, columns))
    one = bootstrap(rows, sums(lambda totals: totals[..., 0] / totals.sum(axis=-1)), level=0.9, resamples=4_000)
    other = bootstrap(
        rows, lambda drawn: drawn[..., 0].sum(axis=-1) / drawn.sum(axis=(-1, -2)), level=0.9, resamples=4_000
    )
    assert one.value == pytest.approx(other.value)
    assert one.low is not None and one.high is not None and other.low is not None and other.high is not None
    width = other.high - other.low
    assert one.low == pytest.approx(other.low, abs=0.08 * width + 1e-12)
    assert one.high == pytest.approx(other.high, abs=0.08 * width + 1e-12)
    assert np.std(one.replicates) == pytest.approx(np.std(other.replicates), rel=0.06)


def test_leaving_out_the_only_school_with_pupils_leaves_none() -> None:
    """Taking a school off the total would leave a trace of rounding, and a cost per pupil without end."""
    rows = np.array([[0.1, 0.0], [0.2, 0.0], [0.3, 0.7], [0.4, 0.0]])
    with np.errstate(divide="ignore"):
        found = _left_out(rows, sums(per_pupil))
        assert found.tolist() == pytest.approx(_left_out(rows, lambda drawn: per_pupil(drawn.sum(axis=-2))).tolist())
    assert np.isinf(found[2]) and np.isfinite(np.delete(found, 2)).all()


def test_schools_that_are_all_alike_give_one_point() -> None:
    found = bootstrap(np.ones((FEWEST, 2)), sums(per_pupil), level=0.95, resamples=99)
    assert (found.low, found.value, found.high) == (1, 1, 1)
    assert found.method == "bootstrap over schools (percentile)"


def test_resamples_without_the_statistic_are_counted_and_too_many_leave_no_interval() -> None:
    """One of eight schools has the pupils: (7/8) to the 8 of resamples miss it."""
    found = bootstrap([[1.0, 0.0]] * 7 + [[1.0, 2.0]], sums(per_pupil), level=0.95, resamples=999)
    assert (found.low, found.high) == (None, None)
    assert found.undefined / 999 == pytest.approx((7 / 8) ** 8, abs=0.05)
    assert found.method == "no interval: undefined in too many of the schools drawn again"
    assert len(found.replicates) == 999 - found.undefined


def test_resamples_without_the_statistic_leave_an_interval_while_they_are_fewer_than_a_tail() -> None:
    """Three of six schools have the pupils: one in 64 of resamples misses them, at 50% far less than a tail."""
    rows = [[1.0, 0.0]] * 3 + [[1.0, 2.0]] * 3
    found = bootstrap(rows, sums(per_pupil), level=0.5, resamples=999)
    assert 0 < found.undefined < 999 * expanded_tail(0.5, 6) and found.low is not None
    assert bootstrap(rows, sums(per_pupil), level=0.99, resamples=999).low is None


@pytest.mark.parametrize("schools", range(2, FEWEST + 1))
def test_fewer_than_six_schools_get_no_interval_and_are_drawn_all_the_same(schools: int) -> None:
    found = bootstrap(ROWS[:schools], sums(per_pupil), level=0.95, resamples=999)
    assert len(found.replicates) == 999
    if schools < 6:
        assert (found.low, found.high) == (None, None)
        assert found.method == f"no interval: {schools} schools are too few to draw again"
    else:
        assert found.low is not None and found.method == "bootstrap over schools (BCa)"


@pytest.mark.parametrize(("level", "least"), [(0.5, 4), (0.9, 20), (0.95, 40), (0.99, 200), (0.999, 2_000)])
def test_resamples_must_be_enough_for_the_tails_of_a_level(level: float, least: int) -> None:
    assert enough_resamples(least, level) == least
    with pytest.raises(InputError) as told:
        enough_resamples(least - 1, level)
    assert str(told.value) == f"resamples must be {least:,} or more for a level of {level:g}, not {least - 1:,}"


@pytest.mark.parametrize(
    ("rows", "resamples", "said"),
    [
        ([[1.0, 2.0]], 99, "needs two schools or more, and there is 1"),
        ([[1.0, 2.0], [3.0, 4.0]], 0, "resamples must be a whole number from 1, not 0"),
        ([[1.0, 2.0], [3.0, 4.0]], 39, "resamples must be 40 or more for a level of 0.95, not 39"),
        ([[1.0, 0.0], [3.0, 0.0]], 99, "the statistic is undefined for these schools"),
    ],
)
def test_what_has_no_interval_is_refused(rows: list[list[float]], resamples: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        bootstrap(rows, sums(per_pupil), level=0.95, resamples=resamples)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9))
def test_with_few_schools_every_sign_is_gone_through(changes: list[int]) -> None:
    means, exact = sign_flip(changes)
    by_hand = [
        sum(sign * it for sign, it in zip(signs, changes, strict=True))
        for signs in product((1, -1), repeat=len(changes))
    ]
    assert exact
    assert sorted(means * len(changes)) == pytest.approx(sorted(by_hand))
    assert p_value(means) == sum(abs(it) >= abs(sum(changes)) for it in by_hand) / len(by_hand)
    assert p_value(means, alternative="greater") == sum(it >= sum(changes) for it in by_hand) / len(by_hand)
    assert p_value(means, alternative="less") == sum(it <= sum(changes) for it in by_hand) / len(by_hand)


def test_the_permutation_test_of_scipy_agrees() -> None:
    """Darwin's maize, crossed less selfed, 15 pairs (Fisher 1935, section 21): 863 of the 32,768 signs each way."""
    pairs = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    means, exact = sign_flip(pairs)
    theirs = stats.permutation_test(
        (np.array(pairs),),
        lambda x, axis: x.mean(axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    assert exact and p_value(means) == pytest.approx(theirs.pvalue) == pytest.approx(2 * 863 / 32768)


def test_with_many_schools_signs_are_drawn() -> None:
    changes = np.random.default_rng(3).normal(0.1, 1, 59)
    means, exact = sign_flip(changes, seed=1, resamples=99_999)
    assert not exact and len(means) == 100_000
    assert means[0] == pytest.approx(changes.mean())
    assert p_value(means) == pytest.approx(
        2 * stats.norm.sf(abs(changes.mean()) / np.sqrt((changes**2).sum()) * 59), abs=0.01
    )
    assert means.mean() == pytest.approx(0, abs=0.002) and means.std() == pytest.approx(
        np.sqrt((changes**2).sum()) / 59, rel=0.02
    )
    assert (sign_flip(changes, seed=1)[0] == sign_flip(changes, seed=1)[0]).all()
    assert (sign_flip(changes, seed=1)[0] != sign_flip(changes, seed=2)[0]).any()


def test_the_border_between_all_signs_and_some() -> None:
    assert sign_flip(np.ones(EXACT_UP_TO))[1] and not sign_flip(np.ones(EXACT_UP_TO + 1))[1]


def test_a_level_in_percent_is_met_with_a_sentence() -> None:
    with pytest.raises(InputError, match=r"write 0\.95 for 95%"):
        bootstrap(ROWS, sums(per_pupil), level=95)


def test_no_school_has_no_sign_and_an_unknown_side_is_named() -> None:
    with pytest.raises(InputError, match="there is none"):
        sign_flip([])
    with pytest.raises(InputError, match="resamples must be a whole number from 1, not 0"):
        sign_flip([1.0], resamples=0)
    with pytest.raises(InputError, match="seed must be a whole number from 0, not -1"):
        sign_flip([1.0], seed=-1)
    with pytest.raises(InputError, match=r"seed must be a whole number from 0, not 1\.5"):
        bootstrap(ROWS, sums(per_pupil), level=0.95, seed=1.5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="alternative must be one of"):
        p_value(np.ones(3), alternative="both")
