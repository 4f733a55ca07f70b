"""Coverage of intervals: against sums term by term, against what was published, and bad calls as prose."""

from collections.abc import Callable
from math import comb, nan

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, multinomial

from survey_analysis.errors import InputError
from survey_analysis.estimates import Tally
from survey_analysis.interval_coverage import proportion_coverage, proportion_coverage_summary
from survey_analysis.proportions import METHODS, proportion, proportion_difference, simultaneous_proportions


def limits(count: int, base: int, *, method: str, level: float) -> tuple[float, float]:
    found = proportion(Tally(label="x", count=count, base=base), method=method, level=level)
    assert found.low is not None and found.high is not None
    return found.low, found.high


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("base", [1, 2, 7, 59])
@pytest.mark.parametrize("method", METHODS)
def test_it_is_the_sum_of_the_chances_of_the_counts_whose_interval_holds_the_share(
    method: str, base: int, level: float
) -> None:
    """Term by term, with the interval that a user gets: the sum in the package goes by runs of counts."""
    found = proportion_coverage(base, methods=[method], level=level)
    some = found.iloc[:: max(1, len(found) // 40)]
    for true, covered in zip(some["share"], some["coverage"], strict=True):
        expected = sum(
            comb(base, count) * true**count * (1 - true) ** (base - count)
            for count in range(base + 1)
            for low, high in [limits(count, base, method=method, level=level)]
            if low <= true <= high
        )
        assert covered == pytest.approx(expected, abs=1e-9)


def test_wald_is_the_textbook_s_and_fails() -> None:
    """Term by term again, from the formula: the share plus or minus 1.96 times its estimated standard error."""
    shares = np.linspace(0.01, 0.99, 25)
    found = proportion_coverage(59, methods=["wald"], shares=shares)["coverage"].to_numpy()
    counts = np.arange(60)
    half = 1.959963984540054 * np.sqrt(counts / 59 * (1 - counts / 59) / 59)
    holds = np.abs(shares[:, None] - counts / 59) <= half
    assert found == pytest.approx((binom.pmf(counts, 59, shares[:, None]) * holds).sum(axis=1))
    assert found.min() < 0.5 and found.max() < 0.96


def test_wald_at_ten_in_a_hundred_as_published() -> None:
    """Brown, Cai and DasGupta (2001), section 2.1, example 1: n = 100 and p = .106 have .952, p = .107 has .911."""
    found = proportion_coverage(100, methods=["wald"], shares=[0.106, 0.107])["coverage"]
    assert found.round(3).tolist() == [0.952, 0.911]


def test_the_least_is_found_at_the_jumps() -> None:
    """Wilson's least at 59 is .838, near a share of .003, and no grid of 999 shows it."""
    summary = proportion_coverage_summary(proportion_coverage(59)).set_index("method").round(3)
    assert summary["least"].to_dict() == {"Wilson score": 0.838, "Clopper-Pearson exact": 0.95, "Jeffreys": 0.883}
    assert summary["mean"].to_dict() == {"Wilson score": 0.952, "Clopper-Pearson exact": 0.968, "Jeffreys": 0.95}
    assert summary.loc["Wilson score", "at_share"] == 0.003
    on_grid = proportion_coverage(59, methods=["wilson"], shares=np.linspace(0.001, 0.999, 999))
    assert on_grid["coverage"].min() > 0.84


@pytest.mark.parametrize("base", [1, 5, 59, 1000])
def test_the_exact_interval_never_covers_less_than_its_level(base: int) -> None:
    for level in (0.5, 0.9, 0.95):
        assert proportion_coverage(base, methods=["exact"], level=level)["coverage"].min() >= level


def test_what_the_table_holds() -> None:
    found = proportion_coverage(20, methods=["jeffreys", "wilson"], level=0.9, shares=[0.1, 0.5])
    assert list(found) == ["method", "share", "coverage", "level", "base"]
    assert found["method"].tolist() == ["Jeffreys", "Jeffreys", "Wilson score", "Wilson score"]
    assert found["share"].tolist() == [0.1, 0.5, 0.1, 0.5]
    assert (set(found["level"]), set(found["base"])) == ({0.9}, {20})
    assert found.equals(
        proportion_coverage(np.int64(20), methods=["jeffreys", "wilson"], level=0.9, shares=iter([0.1, 0.5]))
    )
    pd.testing.assert_frame_equal(
        proportion_coverage(20, methods="wilson"), proportion_coverage(20, methods=["wilson"])
    )
    pd.testing.assert_frame_equal(proportion_coverage(20, shares=0.1), proportion_coverage(20, shares=[0.1]))
    one = proportion_coverage_summary(proportion_coverage(20, methods="wilson", shares=[0.1])).iloc[0]
    assert one["mean"] == one["least"] and one["at_share"] == 0.1


def test_other_levels_and_bases_are_summed_up_apart() -> None:
    tables = [
        proportion_coverage(base, methods="wilson", level=level) for base, level in ((59, 0.95), (20, 0.95), (59, 0.9))
    ]
    together, apart = pd.concat(tables), pd.concat(map(proportion_coverage_summary, tables), ignore_index=True)
    pd.testing.assert_frame_equal(proportion_coverage_summary(together), apart)
    assert len(set(apart["least"])) == 3


# ------------------------------------------------------------------- other intervals, in sums of the same kind


@pytest.mark.parametrize("bases", [(10, 49), (20, 20)])
def test_the_difference_of_two_shares_is_held_about_as_often_as_it_says(bases: tuple[int, int]) -> None:
    """Newcombe's interval, by the double binomial sum; its mean over shares is near 95% and above 90% inside."""
    first, second = bases
    low, high = np.empty((2, first + 1, second + 1))
    for one in range(first + 1):
        for other in range(second + 1):
            found = proportion_difference(
                Tally(label="a", count=one, base=first), Tally(label="b", count=other, base=second)
            )
            low[one, other], high[one, other] = found.low, found.high
    shares = np.linspace(0.05, 0.95, 19)
    covered = np.empty((19, 19))
    for row, p in enumerate(shares):
        for column, q in enumerate(shares):
            chance = np.outer(binom.pmf(np.arange(first + 1), first, p), binom.pmf(np.arange(second + 1), second, q))
            covered[row, column] = chance[(low <= p - q) & (p - q <= high)].sum()
    assert 0.945 < covered.mean() < 0.965
    assert covered.min() > 0.9


def test_goodman_holds_the_four_grades_at_once_as_often_as_it_says() -> None:
    """The exact sum over all 37,820 ways to share 59 visits out over four grades, at the shares that were published.

    An interval of Goodman's rests on its own count alone, so sixty of each are all there are.
    """
    true = np.array([3, 7, 32, 17]) / 59
    of_two = [
        simultaneous_proportions(
            [Tally(label=str(place), count=it, base=59) for place, it in enumerate([count, 59 - count, 0, 0])]
        )[0]
        for count in range(60)
    ]
    low, high = (np.array([getattr(it, end) for it in of_two]) for end in ("low", "high"))
    first, second, third = (axis.ravel() for axis in np.indices((60, 60, 60)))
    ways = np.stack([first, second, third, 59 - first - second - third], axis=1)
    ways = ways[ways[:, 3] >= 0]
    assert len(ways) == comb(62, 3)
    holds = ((low[ways] <= true) & (true <= high[ways])).all(axis=1)
    assert 0.95 <= float(multinomial.pmf(ways[holds], 59, true).sum()) < 0.97


@pytest.mark.slow
def test_sison_glaz_holds_the_four_grades_about_as_often_as_it_says() -> None:
    """120 surveys drawn at the published shares: few, for each takes statsmodels a twentieth of a second."""
    true = np.array([3, 7, 32, 17]) / 59
    draws = np.random.default_rng(2012).multinomial(59, true, size=120)
    held = []
    for counts in draws.tolist():
        tallies = [Tally(label=str(place), count=it, base=59) for place, it in enumerate(counts)]
        found = simultaneous_proportions(tallies, method="sison-glaz")
        held.append(all((it.low or 0) <= p <= (it.high or 0) for it, p in zip(found, true, strict=True)))
    assert 0.9 < np.mean(held) < 0.99


# ------------------------------------------------------------------------------------------------- bad calls


SHARES = "shares must be numbers between 0 and 1, one or more; write 0.1 for 10%"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: proportion_coverage(0), "base must be a whole number from 1, not 0"),
        (lambda: proportion_coverage(-59), "base must be a whole number from 1, not -59"),
        (lambda: proportion_coverage(59.0), "base must be a whole number from 1, not 59.0"),  # type: ignore[arg-type]
        (lambda: proportion_coverage(True), "base must be a whole number from 1, not True"),
        (lambda: proportion_coverage(59, level=95), "level must be between 0 and 1, not 95; write 0.95 for 95%"),
        (
            lambda: proportion_coverage(59, methods=[]),
            "methods must name one interval or more, such as ['wilson']; it names none",
        ),
        (
            lambda: proportion_coverage(59, methods=["wilsen"]),
            "methods must be one of 'wilson', 'exact', 'jeffreys', 'wald', not 'wilsen'; did you mean 'wilson'?",
        ),
        (lambda: proportion_coverage(59, shares=[]), SHARES),
        (lambda: proportion_coverage(59, shares=[10]), SHARES),
        (lambda: proportion_coverage(59, shares=[nan]), SHARES),
        (lambda: proportion_coverage(59, shares=["a"]), SHARES),  # type: ignore[list-item]
        (lambda: proportion_coverage(59, shares="ab"), SHARES),  # type: ignore[arg-type]
        (lambda: proportion_coverage(59, shares=10), SHARES),
        (
            lambda: proportion_coverage(59, methods=None),  # type: ignore[arg-type]
            "methods must be one of 'wilson', 'exact', 'jeffreys', 'wald', not None",
        ),
        (
            lambda: proportion_coverage_summary(proportion_coverage(59).drop(columns="base")),
            "frame must be a table that proportion_coverage() made, with a row or more",
        ),
        (
            lambda: proportion_coverage_summary(pd.DataFrame({"share": [0.1]})),
            "frame must be a table that proportion_coverage() made, with a row or more",
        ),
        (
            lambda: proportion_coverage_summary(proportion_coverage(59).head(0)),
            "frame must be a table that proportion_coverage() made, with a row or more",
        ),
    ],
)
def test_a_bad_call_is_told_in_one_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value) == message
