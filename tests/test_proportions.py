"""Shares and their intervals: known answers, oracles, properties, and bad calls as prose."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import comb, inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    multinomial_proportions_confint,
    proportion_confint,
)

from survey_analysis.errors import InputError
from survey_analysis.estimates import AS_IF_RANDOM, Estimate, Estimates, Provenance, Tally
from survey_analysis.proportions import (
    difference_in_words,
    proportion,
    proportion_difference,
    proportion_each,
    proportion_in_words,
    share,
    shares,
    simultaneous_proportions,
)
from survey_analysis.sensitivity import (
    corrected_proportion,
    population_bounds,
    selection_needed,
    selection_sensitivity,
)

METHODS = {"wilson": "wilson", "exact": "beta", "jeffreys": "jeffreys"}
"""Our name -> that of statsmodels."""
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)

method_names = st.sampled_from(sorted(METHODS))
# Below a level of about .15 the equal-tailed Jeffreys interval can miss the share itself: its median is not the share.
levels = st.floats(0.3, 0.9999)
counts_of_bases = st.integers(1, 400).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))


def of(count: int, base: int, *, label: str = "good use", not_seen: int = 0) -> Tally:
    return Tally(label=label, count=count, base=base, not_seen=not_seen, provenance=Provenance.PUBLISHED)


def limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def all_of(counts: list[int]) -> list[Tally]:
    return [of(count, sum(counts), label=f"code {place}") for place, count in enumerate(counts)]


# -------------------------------------------------------------------------------------------------- one share

KNOWN = [
    (10, 59, "wilson", 0.095, 0.285, 3),
    (10, 59, "exact", 0.084, 0.290, 3),
    (10, 59, "jeffreys", 0.091, 0.280, 3),
    (81, 263, "wilson", 0.2553, 0.3662, 4),
    (81, 263, "exact", 0.2527, 0.3676, 4),
]


@pytest.mark.parametrize(("count", "base", "method", "low", "high", "digits"), KNOWN)
def test_known_intervals(count: int, base: int, method: str, low: float, high: float, digits: int) -> None:
    """81 of 263: Newcombe (1998), Statistics in Medicine 17, 857-872, table I, methods 3 and 5.

    10 of 59: statsmodels 0.15.0, `proportion_confint(10, 59, method=...)` with wilson, beta and jeffreys.
    """
    estimate = proportion(of(count, base), method=method)
    assert tuple(round(limit, digits) for limit in limits(estimate)) == (low, high)
    assert estimate.value == count / base


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("method", METHODS)
def test_every_count_of_59_agrees_with_statsmodels(method: str, level: float) -> None:
    """Except Jeffreys at none and at all, where ours runs to 0 and to 1 by design (see the next test)."""
    edges = {0, 59} if method == "jeffreys" else set()
    for count in sorted(set(range(60)) - edges):
        expected = proportion_confint(count, 59, alpha=1 - level, method=METHODS[method])
        assert limits(proportion(of(count, 59), level=level, method=method)) == pytest.approx(expected, abs=1e-9)


def test_jeffreys_keeps_the_other_limit_at_none_and_at_all() -> None:
    """Brown, Cai and DasGupta (2001), section 3.1.2: the limit next to the share is moved to it, the other is kept."""
    none, every = (limits(proportion(of(count, 59), method="jeffreys")) for count in (0, 59))
    assert (none[0], every[1]) == (0, 1)
    assert none[1] == pytest.approx(proportion_confint(0, 59, method="jeffreys")[1], abs=1e-12)
    assert every[0] == pytest.approx(proportion_confint(59, 59, method="jeffreys")[0], abs=1e-12)


@pytest.mark.parametrize(
    ("method", "other"),
    [
        ("wilson", 1.959963984540054**2 / (59 + 1.959963984540054**2)),  # z^2 / (n + z^2)
        ("exact", 1 - 0.025 ** (1 / 59)),  # none of n: the p with (1 - p)^n = 2.5%
        ("jeffreys", 0.04151),  # the .975 quantile of Beta(1/2, 59 1/2), by scipy 1.17.1
    ],
)
def test_none_and_all_of_59(method: str, other: float) -> None:
    none, every = (proportion(of(count, 59), method=method) for count in (0, 59))
    assert (none.low, none.value, every.value, every.high) == (0, 0, 1, 1)
    assert (none.high, every.low) == pytest.approx((other, 1 - other), abs=5e-6)


@pytest.mark.parametrize(("method", "other"), [("wilson", 0.79345), ("exact", 0.975), ("jeffreys", 0.85325)])
def test_a_base_of_one(method: str, other: float) -> None:
    """Wilson z^2 / (1 + z^2); exact 1 - .025; Jeffreys the .975 quantile of Beta(1/2, 3/2).

    The last has the distribution function (2 / pi) (arcsin sqrt(x) + sqrt(x (1 - x))), which is .975 at x = .85325.
    """
    none, every = (proportion(of(count, 1), method=method) for count in (0, 1))
    assert (none.low, none.value, every.value, every.high) == (0, 0, 1, 1)
    assert (none.high, every.low) == pytest.approx((other, 1 - other), abs=5e-6)


def test_each_method_gives_another_interval_and_names_itself() -> None:
    estimates = {method: proportion(of(10, 59), method=method) for method in METHODS}
    assert len({limits(estimate) for estimate in estimates.values()}) == 3
    assert {method: estimate.method for method, estimate in estimates.items()} == {
        "wilson": "Wilson score",
        "exact": "Clopper-Pearson exact",
        "jeffreys": "Jeffreys",
    }
    assert proportion(of(10, 59)) == estimates["wilson"]


def test_an_estimate_carries_all_that_is_needed_to_read_it() -> None:
    estimate = proportion(of(10, 56, not_seen=3), level=0.9)
    assert (estimate.label, estimate.level, estimate.base, estimate.unit) == ("good use", 0.9, 56, "share")
    assert estimate.details == {"count": 10, "not_seen": 3, "group_not_seen": 0, "counts_are": "published"}


@pytest.mark.parametrize("provenance", Provenance)
def test_a_count_that_was_published_and_its_share_are_published_and_no_interval_is(provenance: Provenance) -> None:
    tally = Tally(label="good use", count=10, base=59, provenance=provenance)
    other = Tally(label="other use", count=49, base=59, provenance=provenance)
    worked = Provenance.DERIVED if provenance is Provenance.PUBLISHED else provenance
    assert {it.provenance for it in (share(tally), *shares([tally]))} == {provenance}
    assert {it.details["counts_are"] for it in (share(tally), proportion(tally))} == {provenance.value}
    estimated = [proportion(tally), *proportion_each([tally]), *simultaneous_proportions([tally, other])]
    estimated += [proportion_difference(tally, other)]
    assert {it.provenance for it in estimated} == {worked}


def test_what_a_tally_presumes_and_what_fell_out_of_it_go_on_to_every_estimate() -> None:
    tallies = [
        Tally(label=label, count=count, base=50, not_seen=5, group_not_seen=4, assumptions=("a", "b"))
        for label, count in (("yes", 10), ("no", 40))
    ]
    estimates = [
        *[share(tallies[0]), proportion(tallies[0])],
        *[*shares(tallies), *proportion_each(tallies)],
        *simultaneous_proportions(tallies),
        *simultaneous_proportions(tallies, method="sison-glaz"),
    ]
    assert {estimate.assumptions for estimate in estimates} == {("a", "b")}
    assert {(estimate.details["not_seen"], estimate.details["group_not_seen"]) for estimate in estimates} == {(5, 4)}


@pytest.mark.parametrize("level", [1 - 2**-53, 1e-300])
@pytest.mark.parametrize("method", METHODS)
def test_a_level_next_to_0_or_1_is_a_level_too(method: str, level: float) -> None:
    low, high = limits(proportion(of(10, 59), level=level, method=method))
    assert 0 <= low <= high <= 1
    assert (high - low > 0.6) is (level > 0.5)


# ------------------------------------------------------------------------------------------------ properties


@given(counts_of_bases, levels, method_names)
def test_swapping_yes_and_no_mirrors_the_interval(pair: tuple[int, int], level: float, method: str) -> None:
    count, base = pair
    low, high = limits(proportion(of(count, base), level=level, method=method))
    mirrored = limits(proportion(of(base - count, base), level=level, method=method))
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(counts_of_bases, levels, method_names)
def test_the_share_lies_inside_and_the_limits_between_0_and_1(pair: tuple[int, int], level: float, method: str) -> None:
    count, base = pair
    low, high = limits(proportion(of(count, base), level=level, method=method))
    assert 0 <= low <= count / base <= high <= 1
    assert low < high
    assert (low == 0) is (count == 0)
    assert (high == 1) is (count == base)


@given(counts_of_bases, levels, st.floats(0.001, 0.5), method_names)
def test_a_higher_level_is_wider_on_both_sides(
    pair: tuple[int, int], level: float, nearer_to_1: float, method: str
) -> None:
    count, base = pair
    higher = level + nearer_to_1 * (1 - level)
    low, high = limits(proportion(of(count, base), level=level, method=method))
    lower, upper = limits(proportion(of(count, base), level=higher, method=method))
    assert lower < low or count == 0
    assert upper > high or count == base


@given(st.integers(1, 400).flatmap(lambda base: st.tuples(st.integers(1, base), st.just(base))), levels, method_names)
def test_one_more_moves_both_limits_up(pair: tuple[int, int], level: float, method: str) -> None:
    count, base = pair
    fewer = limits(proportion(of(count - 1, base), level=level, method=method))
    more = limits(proportion(of(count, base), level=level, method=method))
    assert fewer[0] < more[0]
    assert fewer[1] < more[1]


# -------------------------------------------------------------------------------------- of a known population

names_of_population = st.sampled_from(sorted(METHODS))
parts = st.integers(1, 40).flatmap(
    lambda base: st.tuples(st.integers(0, base), st.just(base), st.integers(base, base + 60))
)


def at_least(count: int, base: int, having: int, population: int) -> float:
    """The chance of drawing so many or more, in whole numbers until the last division."""
    ways = (comb(having, it) * comb(population - having, base - it) for it in range(count, base + 1))
    return sum(ways) / comb(population, base)


def test_a_known_exact_interval_of_a_population() -> None:
    """3 of 10, of a population of 50: `Sprop(m=3, n=10, N=50)` of the R package samplingbook prints 4 and 32.

    These are the nearest numbers that are rejected at 2.5% (.0218 and .0176); the interval is of those that are not.
    """
    low, high = limits(proportion(of(3, 10), method="exact", population=50))
    assert (low * 50, high * 50) == pytest.approx((5, 31))
    assert [round(at_least(3, 10, having, 50), 4) for having in (4, 5)] == [0.0218, 0.0483]
    assert [round(1 - at_least(4, 10, having, 50), 4) for having in (31, 32)] == [0.0258, 0.0176]


@given(parts, levels)
def test_the_exact_interval_is_of_the_numbers_that_are_not_rejected(parts: tuple[int, int, int], level: float) -> None:
    count, base, population = parts
    tail = (1 - level) / 2
    kept = [
        having
        for having in range(count, population - base + count + 1)
        if at_least(count, base, having, population) > tail and 1 - at_least(count + 1, base, having, population) > tail
    ]
    if population > base:
        found = limits(proportion(of(count, base), level=level, method="exact", population=population))
        assert found == pytest.approx((min(kept) / population, max(kept) / population))


@pytest.mark.parametrize(("base", "population"), [(15, 20), (12, 30), (59, 100)])
def test_the_exact_interval_of_a_population_never_covers_less_than_its_level(base: int, population: int) -> None:
    """Summed over all the counts, for every number of the population that could have it."""
    ends = [limits(proportion(of(count, base), method="exact", population=population)) for count in range(base + 1)]
    covered = [
        sum(
            comb(having, count) * comb(population - having, base - count) / comb(population, base)
            for count, (low, high) in enumerate(ends)
            if low <= having / population <= high
        )
        for having in range(population + 1)
    ]
    assert min(covered) >= 0.95


def test_wilson_of_a_population_solves_the_score_equation_without_replacement() -> None:
    """The limits are where (p - P)^2 = z^2 P (1 - P) / n times (N - n) / (N - 1), solved here by search."""
    count, base, population, z = 10, 59, 200, 1.959963984540054

    def beyond(true: float) -> float:
        variance = true * (1 - true) / base * (population - base) / (population - 1)
        return float((count / base - true) ** 2 - z**2 * variance)

    expected = brentq(beyond, 1e-9, count / base), brentq(beyond, count / base, 1 - 1e-9)
    assert limits(proportion(of(count, base), population=population)) == pytest.approx(expected)


def test_jeffreys_of_a_population_is_the_beta_binomial_posterior() -> None:
    """Berger, Bernardo and Sun (2012), section 3: of 3 of 4, in a population of 6, the two unseen are 0, 1 or 2.

    Their chances are beta-binomial(2; 3 1/2, 1 1/2): .125, .35 and .525, by hand. At 70% the tails are 15%.
    """
    low, high = limits(proportion(of(3, 4), level=0.7, method="jeffreys", population=6))
    assert (low, high) == (4 / 6, 5 / 6)
    low, high = limits(proportion(of(3, 4), level=0.8, method="jeffreys", population=6))
    assert (low, high) == (3 / 6, 5 / 6)


@given(parts, levels, names_of_population)
def test_a_population_narrows_the_interval_to_what_is_certain(
    parts: tuple[int, int, int], level: float, method: str
) -> None:
    count, base, population = parts
    found = proportion(of(count, base), level=level, method=method, population=population)
    if population == base:
        assert found.level is None
        return
    low, high = limits(found)
    assert count / population <= low <= high <= (count + population - base) / population
    assert found.details["population"] == population and found.value == count / base
    if method != "jeffreys":  # of a few unseen its limits are whole numbers of schools, which can pass the share
        assert low <= count / base <= high


@pytest.mark.parametrize("method", METHODS)
def test_where_all_were_visited_no_sampling_error_is_left(method: str) -> None:
    found = proportion(of(10, 59), method=method, population=59)
    assert (found.value, found.low, found.high, found.level) == (10 / 59, None, None, None)
    assert found.method == "share of all 59: no sampling error, so no interval"
    assert (found.provenance, found.details["population"]) == (Provenance.PUBLISHED, 59)
    assert "Intervals" not in found._repr_html_()
    unsure = proportion(of(10, 56, not_seen=3), method=method, population=59)
    assert limits(unsure)[0] < limits(unsure)[1] and unsure.method.endswith(", of a population of 59")


@pytest.mark.parametrize("method", METHODS)
def test_of_24_000_schools_the_population_makes_no_difference(method: str) -> None:
    """The factor sqrt((N - n) / (N - 1)) is .9988: half a thousandth of the width, or one school in exact steps."""
    plain, of_many = (
        limits(proportion(of(10, 59), method=method, population=population)) for population in (None, 24_000)
    )
    assert of_many == pytest.approx(plain, abs=2e-4)
    assert plain != of_many


@pytest.mark.parametrize("method", METHODS)
def test_the_larger_the_population_the_wider_the_interval(method: str) -> None:
    widths = [
        high - low
        for population in (60, 80, 200, 2_000, 200_000)
        for low, high in [limits(proportion(of(10, 59), method=method, population=population))]
    ]
    assert all(one < other for one, other in pairwise(widths))


@pytest.mark.parametrize("count", [0, 59])
@pytest.mark.parametrize("method", METHODS)
def test_none_and_all_of_those_visited_of_a_population(method: str, count: int) -> None:
    found = limits(proportion(of(count, 59), method=method, population=20_000_000 if method == "wilson" else 90))
    assert found[0 if count == 0 else 1] == count / 59
    assert 0 < found[1] - found[0] < 0.1


# ---------------------------------------------------------------------------------------- several shares


def test_a_described_share_has_no_interval() -> None:
    estimate = share(of(10, 56, not_seen=3))
    assert (estimate.value, estimate.low, estimate.high, estimate.level) == (10 / 56, None, None, None)
    assert estimate.details == {"count": 10, "not_seen": 3, "group_not_seen": 0, "counts_are": "published"}


SHOWN = ("count", "not_seen", "group_not_seen")


def test_several_shares_are_each_their_own_and_show_their_counts() -> None:
    tallies = [of(10, 59), of(3, 50, label="other", not_seen=9)]
    described = shares(iter(tallies), caption="Use", note="A note")
    assert list(described) == [share(tally) for tally in tallies]
    assert (described.caption, described.note, described.show) == ("Use", "A note", SHOWN)
    estimated = proportion_each(iter(tallies), level=0.8, method="exact", caption="Use")
    assert list(estimated) == [proportion(tally, level=0.8, method="exact") for tally in tallies]
    assert (estimated.caption, estimated.show) == ("Use", SHOWN)
    assert simultaneous_proportions(all_of([10, 49]), caption="Use").show == SHOWN
    assert AS_IF_RANDOM.format(drawn="schools", whole="very many") in " ".join(str(estimated).split())
    assert "Intervals show" not in str(described)


def test_several_shares_of_one_population_each_have_its_interval_and_the_note_names_it() -> None:
    tallies = [of(10, 59), of(3, 50, label="other", not_seen=9)]
    found = proportion_each(tallies, population=100, method="exact")
    assert list(found) == [proportion(tally, population=100, method="exact") for tally in tallies]
    assert AS_IF_RANDOM.format(drawn="schools", whole="a population of 100") in " ".join(str(found).split())


@pytest.mark.parametrize("several", [shares, proportion_each])
def test_one_tally_needs_no_list(several: Callable[..., Estimates]) -> None:
    assert several(of(10, 59)) == several([of(10, 59)])


DISTRIBUTIONS = [[3, 7, 32, 17], [30, 13, 10, 6], [10, 49], [0, 59], [0, 0, 1], [20, 20, 19], [1, 1, 1, 1, 1, 500]]


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("counts", DISTRIBUTIONS)
@pytest.mark.parametrize("method", ["goodman", "sison-glaz"])
def test_simultaneous_intervals_agree_with_statsmodels(method: str, counts: list[int], level: float) -> None:
    """Goodman here is a Wilson interval for each of k codes at the level 1 - alpha / k, and so is that of statsmodels.

    (Its z^2 is the chi-squared quantile at 1 - alpha / k with one degree of freedom, in the same formula.) Ours differs
    in nothing but that none and all run to exactly 0 and 1, without a trace of rounding. Sison-Glaz is theirs.
    """
    ours = simultaneous_proportions(all_of(counts), level=level, method=method)
    theirs = multinomial_proportions_confint(counts, alpha=1 - level, method=method)
    assert np.array([limits(estimate) for estimate in ours]) == pytest.approx(theirs, abs=1e-9)
    assert all(low <= (estimate.value or 0) <= high for estimate in ours for low, high in [limits(estimate)])


def test_a_known_simultaneous_interval() -> None:
    """R's `MultinomialCI::multinomialCI(c(56, 0, 73, 59, 62, 87, 58), 0.05)`.

    As the tests of statsmodels 0.15.0 quote it: the set printed as C + 1, less the shift that they give beside it.
    """
    found = simultaneous_proportions(all_of([56, 0, 73, 59, 62, 87, 58]), method="sison-glaz")
    low = [0.09367089, 0.0, 0.13670887, 0.10126583, 0.10886075, 0.17215190, 0.09873418]
    high = [0.18987342, 0.04810127, 0.23291139, 0.19746835, 0.20506329, 0.26835443, 0.19493671]
    assert [limits(estimate)[0] for estimate in found] == pytest.approx(low, abs=1e-5)
    assert [limits(estimate)[1] for estimate in found] == pytest.approx(high, abs=1e-5)


def test_simultaneous_methods_differ_name_themselves_and_are_wider_than_one_at_a_time() -> None:
    tallies = all_of([3, 7, 32, 17])
    goodman, sison_glaz = (simultaneous_proportions(tallies, method=name) for name in ("goodman", "sison-glaz"))
    assert simultaneous_proportions(iter(tallies)) == goodman
    assert [limits(item) for item in goodman] != [limits(item) for item in sison_glaz]
    assert {item.method for item in goodman} == {"Goodman, simultaneous"}
    assert {item.method for item in sison_glaz} == {"Sison-Glaz, simultaneous"}
    assert {item.level for item in [*goodman, *sison_glaz]} == {0.95}
    for together, alone in zip(goodman, proportion_each(tallies), strict=True):
        assert limits(together)[0] < limits(alone)[0]
        assert limits(together)[1] > limits(alone)[1]


def test_a_known_interval_of_goodman_s() -> None:
    """Fagerland, Lydersen and Laake (2017), Statistical analysis of contingency tables, chapter 3: 276, 380 and 118.

    As the tests of their R package contingencytables print it for the third: .1525 (.1241 to .1859).
    """
    third = simultaneous_proportions(all_of([276, 380, 118]))[2]
    assert (round(third.value or 0, 4), *(round(limit, 4) for limit in limits(third))) == (0.1525, 0.1241, 0.1859)


# ----------------------------------------------------------------------------------------------------- words


def test_a_share_in_words_carries_its_caveat_only_where_there_is_an_interval() -> None:
    tally = of(10, 1056, not_seen=1003)
    described = str(proportion_in_words(share(tally), of="visits"))
    assert described == "good use: 10 of 1,056 visits, 0.9% (published); it was not seen in 1,003 more."
    estimated = str(proportion_in_words(proportion(tally, level=0.9, method="jeffreys"), of="visits"))
    assert estimated.startswith(described.rstrip("."))
    caveat = " is 0.5% to 1.5%; it speaks of other visits only if these were drawn at random."
    assert estimated.endswith(f" The 90% interval (Jeffreys; derived){caveat}"), "the count alone was published"
    seen = proportion(replace(tally, provenance=Provenance.OBSERVED), level=0.9, method="jeffreys")
    assert str(proportion_in_words(seen, of="visits")).endswith(f" The 90% interval (Jeffreys){caveat}")


def test_a_share_in_words_says_what_it_presumes_and_whether_it_is_invented() -> None:
    derived = Tally(label="good use", count=7, base=59, provenance=Provenance.DERIVED, assumptions=("a", "b"))
    assert str(proportion_in_words(share(derived))) == ("good use: 7 of 59 schools, 11.9% (derived, assuming a and b).")
    invented = share(Tally(label="good use", count=7, base=59))
    assert str(proportion_in_words(invented)) == ("Invented data. good use: 7 of 59 schools, 11.9% (illustrative).")


NOT_AS_COUNTED = (
    "estimate must be a share as it was counted, as share() or proportion() gives, not {!r}; print it, or show it in a "
    "table"
)


@pytest.mark.parametrize(
    "other",
    [
        Estimate(label="cost", value=5, method="x", base=3, provenance=Provenance.PUBLISHED, unit="pounds"),
        Estimate(label="none", value=0, method="x", base=0, provenance=Provenance.PUBLISHED, details={"count": 0}),
        replace(share(of(10, 59)), value=0.141),
        replace(share(of(10, 59)), unit="points"),
        replace(share(of(10, 59)), details={"count": 10}),
        selection_sensitivity(of(10, 59), times=3)[0],
        selection_needed(of(10, 59), share=0.1),
        corrected_proportion(of(10, 59), sensitivity=0.9, specificity=0.95),
        proportion_difference(of(10, 59), of(20, 59)),
    ],
)
def test_words_that_would_contradict_their_counts_are_refused(other: Estimate) -> None:
    """They once said "10 of 59 schools, 14.1%"."""
    with pytest.raises(InputError) as told:
        proportion_in_words(other)
    assert str(told.value) == NOT_AS_COUNTED.format(other.label)


def test_a_difference_in_words_has_both_counts_and_its_caveat() -> None:
    first = Tally(label="Action", count=9, base=10, not_seen=1, provenance=Provenance.OBSERVED, assumptions=("a",))
    second = replace(first, label="others", count=3)
    found = str(difference_in_words(proportion_difference(first, second, level=0.9), of="visits"))
    assert found.startswith(
        "Action less others: 9 of 10 visits against 3 of 10, a difference of +60.0 points (observed, assuming a); it "
        "was not seen in 2 more. The 90% interval (Newcombe hybrid score) is +"
    )
    assert found.endswith(" points; it speaks of other visits only if these were drawn at random.")
    invented = proportion_difference(Tally(label="a", count=1, base=4), Tally(label="b", count=1, base=2))
    assert str(difference_in_words(invented)).startswith(
        "Invented data. a less b: 1 of 4 schools against 1 of 2, a difference of -25.0 points (illustrative). The 95% "
    )
    bare = replace(invented, low=None, high=None, level=None)
    assert str(difference_in_words(bare)).endswith("(illustrative).")


@pytest.mark.parametrize("other", [share(of(10, 59)), replace(share(of(10, 59)), unit="points")])
def test_words_about_what_is_no_difference_are_refused(other: Estimate) -> None:
    with pytest.raises(InputError) as told:
        difference_in_words(other)
    assert str(told.value) == (
        "estimate must be a difference of two shares, as proportion_difference() gives, not 'good use'"
    )


# ------------------------------------------------------------------------------------------------- bad calls


@pytest.mark.parametrize(
    ("level", "message"),
    [
        (95, "level must be between 0 and 1, not 95; write 0.95 for 95%"),
        (99.5, "level must be between 0 and 1, not 99.5; write 0.995 for 99.5%"),
        (0, "level must be between 0 and 1, not 0; write 0.95 for 95%"),
        (1, "level must be between 0 and 1, not 1; write 0.95 for 95%"),
        (-0.95, "level must be between 0 and 1, not -0.95; write 0.95 for 95%"),
        (True, "level must be between 0 and 1, not True; write 0.95 for 95%"),
        (nan, "level must be between 0 and 1, not nan; write 0.95 for 95%"),
        (inf, "level must be between 0 and 1, not inf; write 0.95 for 95%"),
        ("0.95", "level must be between 0 and 1, not '0.95'; write 0.95 for 95%"),
        (None, "level must be between 0 and 1, not None; write 0.95 for 95%"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        lambda level: proportion(of(10, 59), level=level),
        lambda level: proportion_each([of(10, 59)], level=level),
        lambda level: simultaneous_proportions(all_of([10, 49]), level=level),
    ],
    ids=["proportion", "proportion_each", "simultaneous_proportions"],
)
def test_a_bad_level_is_told_with_its_repair(call: Callable[[object], object], level: object, message: str) -> None:
    with pytest.raises(InputError) as told:
        call(level)
    assert str(told.value) == message


def test_a_level_may_be_a_number_of_numpy() -> None:
    assert proportion(of(10, 59), level=np.float64(0.95)) == proportion(of(10, 59), level=0.95)


NO_TALLY = "{} must come from tally(), tally_each() or Tally(label=..., count=..., base=...), and is {} instead"
EMPTY = "base is 0 in the tally 'nothing': it was seen in no visit, so it has no share"
NOT_ONE_SCALE = (
    "tallies must be of all the codes of one scale, two or more, on one base that their counts add up to; "
    "these add up to {} on {}"
)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: proportion(of(10, 59), method="wilsen"),
            "method must be one of 'wilson', 'exact', 'jeffreys', not 'wilsen'; did you mean 'wilson'?",
        ),
        (
            lambda: proportion(of(10, 59), method="wald"),
            "method must be one of 'wilson', 'exact', 'jeffreys', not 'wald'",
        ),
        (
            lambda: simultaneous_proportions(all_of([10, 49]), method="wilson"),
            "method must be one of 'goodman', 'sison-glaz', not 'wilson'",
        ),
        (
            lambda: proportion(of(10, 59), method="jeffreys", population=20_000_000),
            "method 'jeffreys' goes through the numbers of a population, and 20,000,000 are too many; use 'wilson', or "
            "name no population: of so many a sample is as good as one of very many",
        ),
        (lambda: share(None), NO_TALLY.format("tally", "NoneType")),  # type: ignore[arg-type]
        (lambda: proportion((10, 59)), NO_TALLY.format("tally", "tuple")),  # type: ignore[arg-type]
        (lambda: shares(None), NO_TALLY.format("tallies", "NoneType")),  # type: ignore[arg-type]
        (lambda: proportion_each([10, 59]), NO_TALLY.format("tallies", "int")),  # type: ignore[list-item]
        (lambda: simultaneous_proportions("ab"), NO_TALLY.format("tallies", "str")),  # type: ignore[arg-type]
        (lambda: simultaneous_proportions(of(10, 59)), NOT_ONE_SCALE.format(10, [59])),
        (
            lambda: proportion_difference((14, 20), (6, 25)),  # type: ignore[arg-type]
            NO_TALLY.format("tally", "tuple"),
        ),
        (
            lambda: proportion_in_words(population_bounds(of(10, 59), population=99)),  # type: ignore[arg-type]
            "estimate must come from share() or proportion(), and is Bounds instead",
        ),
        (
            lambda: difference_in_words(None),  # type: ignore[arg-type]
            "estimate must come from proportion_difference(), and is NoneType instead",
        ),
        (lambda: proportion(of(0, 0, label="nothing", not_seen=59), population=59), EMPTY),
        (lambda: share(of(0, 0, label="nothing", not_seen=59)), EMPTY),
        (lambda: proportion(of(0, 0, label="nothing", not_seen=59)), EMPTY),
        (lambda: simultaneous_proportions([of(10, 59), of(48, 59)]), NOT_ONE_SCALE.format(58, [59])),
        (lambda: simultaneous_proportions([of(10, 30), of(49, 59)]), NOT_ONE_SCALE.format(59, [30, 59])),
        (lambda: simultaneous_proportions([of(59, 59)]), NOT_ONE_SCALE.format(59, [59])),
        (lambda: simultaneous_proportions([of(0, 0), of(0, 0)]), NOT_ONE_SCALE.format(0, [0])),
        (lambda: simultaneous_proportions([]), NOT_ONE_SCALE.format(0, [])),
    ],
)
def test_a_bad_call_is_told_in_one_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value) == message


# ----------------------------------------------------------------------------------------- difference of two

NEWCOMBE = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((10, 10), (0, 20), 0.6791, 1.0),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 10), 0.6075, 1.0),
]
"""Newcombe (1998), Statistics in Medicine 17, 873-890, Table II, method 10."""


@pytest.mark.parametrize(("one", "other", "low", "high"), NEWCOMBE)
def test_the_difference_is_that_of_newcombe(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    first, second = (
        Tally(label=name, count=count, base=base) for name, (count, base) in zip("ab", (one, other), strict=True)
    )
    found = proportion_difference(first, second)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.value == one[0] / one[1] - other[0] / other[1]
    swapped = proportion_difference(second, first)
    assert (swapped.low, swapped.high) == pytest.approx((-high, -low), abs=5e-5)


@given(st.tuples(st.integers(0, 30), st.integers(0, 30)), st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_the_difference_stays_inside_and_widens_with_the_level(one: tuple[int, int], other: tuple[int, int]) -> None:
    first, second = (Tally(label="x", count=yes, base=yes + no + 1) for yes, no in (one, other))
    found, wider = (proportion_difference(first, second, level=level) for level in (0.9, 0.99))
    (low, high), (least, most) = limits(found), limits(wider)
    assert -1 - 1e-9 <= least < low + 1e-12 and high - 1e-12 < most <= 1 + 1e-9
    assert low - 1e-12 <= (found.value or 0) <= high + 1e-12
    theirs = confint_proportions_2indep(
        first.count, first.base, second.count, second.base, method="newcomb", compare="diff", alpha=0.1
    )
    assert (low, high) == pytest.approx(theirs)


def test_what_a_difference_carries() -> None:
    first = Tally(label="a", count=1, base=4, not_seen=2, group_not_seen=3, provenance=Provenance.PUBLISHED)
    second = Tally(label="b", count=1, base=2, not_seen=1, group_not_seen=3, assumptions=("x",))
    found = proportion_difference(first, second, label="gap")
    assert (found.label, found.unit, found.base, found.assumptions) == ("gap", "points", 6, ("x",))
    assert found.provenance is Provenance.ILLUSTRATIVE
    assert found.details == {"first": "1 of 4", "second": "1 of 2", "not_seen": 3, "group_not_seen": 3}
    with pytest.raises(InputError, match="base is 0 in the tally 'c'"):
        proportion_difference(first, Tally(label="c", count=0, base=0))


# ------------------------------------------------------- why statsmodels does not give the difference of two shares


def score_interval(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """Miettinen and Nurminen's interval from its definition: the restricted likelihood maximised by search."""
    (x, m), (y, n) = one, other

    def statistic(delta: float) -> float:
        def slope(q: float) -> float:
            p = q + delta
            return x / p - (m - x) / (1 - p) + y / q - (n - y) / (1 - q)

        q = brentq(slope, max(0.0, -delta) + 1e-12, min(1.0, 1 - delta) - 1e-12, xtol=1e-15)
        p = q + delta
        variance = (p * (1 - p) / m + q * (1 - q) / n) * (m + n) / (m + n - 1)
        return float((x / m - y / n - delta) / variance**0.5)

    z, middle = 1.959963984540054, x / m - y / n
    return (
        brentq(lambda delta: statistic(delta) - z, -1 + 1e-6, middle),
        brentq(lambda delta: statistic(delta) + z, middle, 1 - 1e-6),
    )


def test_their_score_interval_is_wrong() -> None:
    """Newcombe (1998), Table II, method 6: 56 of 70 less 48 of 80 is .0528 to .3382; see statsmodels issue 10269.

    If this fails, they have mended it: say so in the documentation, and use it where it is better.
    """
    published = (0.0528, 0.3382)
    assert score_interval((56, 70), (48, 80)) == pytest.approx(published, abs=5e-5)
    theirs = confint_proportions_2indep(56, 70, 48, 80, method="score", compare="diff")
    assert abs(theirs[1] - published[1]) > 0.005


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value) encountered:RuntimeWarning")
@pytest.mark.parametrize(("one", "other"), [((9, 10), (3, 10)), ((10, 10), (0, 20)), ((0, 10), (0, 10))])
def test_their_score_interval_fails_in_small_groups_and_at_none(one: tuple[int, int], other: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"must have different signs|is NaN"):
        confint_proportions_2indep(*one, *other, method="score", compare="diff")


def test_their_other_intervals_leave_the_possible_or_collapse() -> None:
    _, high = confint_proportions_2indep(10, 10, 0, 20, method="agresti-caffo", compare="diff")
    assert high > 1.05
    assert confint_proportions_2indep(10, 10, 0, 20, method="wald", compare="diff") == (1, 1)
    assert confint_proportions_2indep(0, 10, 0, 10, method="wald", compare="diff") == (0, 0)
