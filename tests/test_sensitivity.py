"""What a share would be if what cannot be seen were otherwise: known answers, properties, and bad calls as prose."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.errors import InputError
from survey_analysis.estimates import Bounds, Estimate, Provenance, Tally
from survey_analysis.proportions import proportion, share
from survey_analysis.sensitivity import (
    corrected_proportion,
    population_bounds,
    selection_needed,
    selection_sensitivity,
)

counts_of_bases = st.integers(1, 400).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))
some_of_bases = st.integers(2, 400).flatmap(lambda base: st.tuples(st.integers(1, base - 1), st.just(base)))
likelier = st.floats(1e-6, 1e6)


def of(count: int, base: int, *, not_seen: int = 0, provenance: Provenance = Provenance.PUBLISHED) -> Tally:
    return Tally(label="good use", count=count, base=base, not_seen=not_seen, provenance=provenance)


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


# ------------------------------------------------------------------------------------------------- selection


def test_ten_of_59_by_hand() -> None:
    """Had the ten been visited three times as readily, 10 / 3 of 10 / 3 + 49 schools have it: 10 of 157."""
    seen, tripled, halved = selection_sensitivity(of(10, 59), times=[1, 3, 0.5])
    assert (seen.value, tripled.value, halved.value) == pytest.approx((10 / 59, 10 / 157, 20 / 69))
    assert f"{tripled.value:.3f}" == "0.064"


def test_the_population_that_a_selection_was_made_from_is_found_again() -> None:
    """300 of 3,000 have it; of those 30%, of the others 10% are visited: 90 of 360. Back through 3 times: 300."""
    [found] = selection_sensitivity(of(90, 360), times=[3])
    assert found.value == pytest.approx(300 / 3000)


@pytest.mark.parametrize("method", ["wilson", "exact", "jeffreys"])
def test_the_limits_go_through_the_same_formula_as_the_share(method: str) -> None:
    plain = proportion(of(10, 59), level=0.9, method=method)
    same, moved = selection_sensitivity(of(10, 59), times=[1, 2], level=0.9, method=method)
    assert ends(same) == pytest.approx(ends(plain))
    low, high = ends(plain)
    assert ends(moved) == pytest.approx((low / 2 / (low / 2 + 1 - low), high / 2 / (high / 2 + 1 - high)))
    assert moved.level == 0.9
    assert moved.method == f"{plain.method}, moved by the supposed selection"


@given(counts_of_bases, likelier, st.sampled_from(["wilson", "exact", "jeffreys"]))
def test_the_more_readily_they_were_visited_the_fewer_there_are(pair: tuple[int, int], k: float, method: str) -> None:
    less, more = selection_sensitivity(of(*pair), times=[k, 2 * k], level=0.95, method=method)
    for one, other in zip((less.value, *ends(less)), (more.value, *ends(more)), strict=True):
        assert one is not None and other is not None
        assert 0 <= other <= one <= 1
    low, high = ends(more)
    assert low <= (more.value or 0) <= high


@given(some_of_bases, st.floats(0.001, 0.999))
def test_the_tipping_point_is_where_the_share_is_the_one_supposed(pair: tuple[int, int], supposed: float) -> None:
    needed = selection_needed(of(*pair), share=supposed)
    assert needed.value is not None and needed.unit == "ratio" and needed.level is None
    [found] = selection_sensitivity(of(*pair), times=[needed.value])
    assert found.value == pytest.approx(supposed)


def test_the_tipping_point_of_ten_of_59() -> None:
    """The odds seen are 10 to 49; a tenth is odds of 1 to 9: 90 / 49."""
    needed = selection_needed(of(10, 59), share=0.1)
    assert needed.value == pytest.approx(90 / 49)
    assert needed.details["share"] == 0.1
    assert needed.label == "good use: times as likely to be visited for a share of 10.0%"


@pytest.mark.parametrize("count", [0, 59])
def test_none_and_all_are_moved_by_no_selection_and_have_no_tipping_point(count: int) -> None:
    for found in selection_sensitivity(of(count, 59), times=[1e-300, 0.5, 3, 1e300]):
        assert found.value == count / 59
    needed = selection_needed(of(count, 59), share=0.1)
    assert needed.value is None and needed.method.endswith("; no selection moves none or all")


def test_what_a_supposed_selection_carries() -> None:
    tally = Tally(label="x", count=1, base=4, not_seen=2, provenance=Provenance.RECONSTRUCTED, assumptions=("a",))
    rows = selection_sensitivity(tally, times=[1, 0.5, 1 / 3, 1.5])
    assert [row.label for row in rows] == [
        "x, if as likely to be visited",
        "x, if half as likely to be visited",
        "x, if 1/3 as likely to be visited",
        "x, if 1.5 times as likely to be visited",
    ]
    assert [row.details["times"] for row in rows] == [1, 0.5, 1 / 3, 1.5]
    assert {(row.base, row.provenance.value, row.assumptions, row.level) for row in rows} == {
        (4, "reconstructed", ("a",), None)
    }
    assert {row.details["not_seen"] for row in rows} == {2}
    shown = " ".join(str(rows).split())
    assert " 1/2 " in shown and " 1/3 " in shown and "Nothing in the visits says which of the rows is right." in shown


@pytest.mark.parametrize("provenance", Provenance)
def test_arithmetic_on_what_was_published_is_derived_and_else_it_stays(provenance: Provenance) -> None:
    expected = Provenance.DERIVED if provenance is Provenance.PUBLISHED else provenance
    tally = of(10, 59, provenance=provenance)
    found: list[Estimate | Bounds] = [
        selection_sensitivity(tally)[0],
        selection_needed(tally, share=0.5),
        population_bounds(tally, population=100),
        corrected_proportion(tally, sensitivity=1, specificity=1),
    ]
    assert {it.provenance for it in found} == {expected}


# ----------------------------------------------------------------------------------------------- worst cases


@pytest.mark.parametrize(
    ("tally", "population", "low", "high"),
    [
        (of(10, 59), 59, Fraction(10, 59), Fraction(10, 59)),
        (of(10, 59), 100, Fraction(10, 100), Fraction(51, 100)),
        (of(10, 56, not_seen=3), 59, Fraction(10, 59), Fraction(13, 59)),
        (of(0, 59), 24_372, Fraction(0), Fraction(24_313, 24_372)),
        (of(59, 59), 24_372, Fraction(59, 24_372), Fraction(1)),
        (of(0, 0), 7, Fraction(0), Fraction(1)),
        (of(0, 0, not_seen=7), 7, Fraction(0), Fraction(1)),
    ],
)
def test_the_unseen_may_all_have_it_or_none(tally: Tally, population: int, low: Fraction, high: Fraction) -> None:
    found = population_bounds(tally, population=population)
    assert (found.low, found.high, found.base, found.unit) == (low, high, population, "share")


@given(counts_of_bases, st.integers(0, 60), st.data())
def test_every_way_the_unseen_could_be_lies_between_and_both_ends_are_reached(
    pair: tuple[int, int], unseen: int, data: st.DataObject
) -> None:
    count, base = pair
    found = population_bounds(of(count, base), population=base + unseen)
    having = data.draw(st.integers(0, unseen))
    assert found.low <= Fraction(count + having, base + unseen) <= found.high
    assert (found.low, found.high) == (Fraction(count, base + unseen), Fraction(count + unseen, base + unseen))


def test_bounds_say_of_whom_and_by_what_they_are_and_take_a_label() -> None:
    tally = Tally(label="x", count=1, base=4, provenance=Provenance.OBSERVED, assumptions=("a",))
    found = population_bounds(tally, population=20, label="the hub")
    assert str(found) == (
        "the hub: 5.0% to 85.0% (worst case: the unseen 16 of 20 may all have it, or none), of 20, observed, assuming a"
    )
    assert population_bounds(tally, population=20).label == "x"
    assert population_bounds(tally, population=4).method == "all seen"


# --------------------------------------------------------------------------------------------- misjudgements


@pytest.mark.parametrize(
    ("count", "base", "sensitivity", "specificity", "method", "value", "low", "high", "digits"),
    [
        (23, 150, 0.96, 0.89, "wilson", 5.1, 0, 13, (1, 0)),
        (6, 151, 0.964, 0.927, "exact", 0, 0, 1.3, (0, 1)),
    ],
    ids=["brucellosis in a herd", "Helicobacter pylori at ages 1 to 4"],
)
def test_known_corrections(
    count: int,
    base: int,
    sensitivity: float,
    specificity: float,
    method: str,
    value: float,
    low: float,
    high: float,
    digits: tuple[int, int],
) -> None:
    """The examples of `epi.prev` in the R package epiR, per 100.

    The second is of Moujaber et al. (2008), BMC Public Health 8, and truncated. (The first is printed there with
    Blaker's interval, which agrees with Wilson's in the digits that are printed.)
    """
    found = corrected_proportion(of(count, base), sensitivity=sensitivity, specificity=specificity, method=method)
    assert round(100 * (found.value or 0), digits[0]) == value
    assert [round(100 * end, digits[1]) for end in ends(found)] == [low, high]


def test_the_formula_by_hand_and_what_it_carries() -> None:
    found = corrected_proportion(of(10, 59), sensitivity=0.9, specificity=0.95, level=0.9)
    plain = proportion(of(10, 59), level=0.9)
    assert found.value == pytest.approx((10 / 59 - 0.05) / 0.85)
    assert ends(found) == pytest.approx([(end - 0.05) / 0.85 for end in ends(plain)])
    assert found.method == "Wilson score, corrected for misjudgement (Rogan-Gladen)"
    assert (found.base, found.level) == (59, 0.9)
    assert found.label == "good use, supposing sensitivity 90% and specificity 95%"
    rates = {"sensitivity": 0.9, "specificity": 0.95, "uncorrected": 10 / 59}
    assert found.details == plain.details | rates
    alone = corrected_proportion(of(10, 59), sensitivity=0.9, specificity=0.95, level=None)
    assert (alone.value, alone.low, alone.level) == (found.value, None, None)
    assert alone.method == "share, corrected for misjudgement (Rogan-Gladen)"


@given(counts_of_bases, st.floats(0.02, 1), st.floats(0.02, 1), st.sampled_from(["wilson", "exact", "jeffreys"]))
def test_a_correction_stays_between_0_and_1_and_in_order(
    pair: tuple[int, int], sensitivity: float, specificity: float, method: str
) -> None:
    if sensitivity + specificity <= 1:
        return
    found = corrected_proportion(of(*pair), sensitivity=sensitivity, specificity=specificity, method=method)
    assert found.value is not None and 0 <= found.value <= 1
    if found.level is not None:
        low, high = ends(found)
        assert 0 <= low <= found.value <= high <= 1
    raw = (pair[0] / pair[1] + specificity - 1) / (sensitivity + specificity - 1)
    assert found.details.get("not_cut_off", found.value) == pytest.approx(raw)
    assert ("not_cut_off" in found.details) is not (0 <= raw <= 1)


@given(counts_of_bases)
def test_a_share_that_was_cut_off_says_so_beside_its_interval_and_no_other_does(pair: tuple[int, int]) -> None:
    found = corrected_proportion(of(*pair), sensitivity=0.9, specificity=0.9)
    assert ("the share would be" in found.method) is ("not_cut_off" in found.details)


@given(counts_of_bases)
def test_perfect_judgement_needs_no_correction(pair: tuple[int, int]) -> None:
    found, plain = corrected_proportion(of(*pair), sensitivity=1, specificity=1), proportion(of(*pair))
    assert (found.value, *ends(found)) == pytest.approx((plain.value, *ends(plain)))


def test_each_rate_and_the_method_change_the_answer() -> None:
    found = [
        corrected_proportion(of(10, 59), sensitivity=sensitivity, specificity=specificity, method=method)
        for sensitivity, specificity, method in [
            (1, 1, "wilson"),
            (0.9, 1, "wilson"),
            (1, 0.9, "wilson"),
            (1, 1, "exact"),
        ]
    ]
    assert len({(it.value, *ends(it)) for it in found}) == 4
    assert (found[1].value or 0) > (found[0].value or 0) > (found[2].value or 0)


@pytest.mark.parametrize(
    ("count", "sensitivity", "specificity", "value", "cut_off"),
    [(0, 0.9, 0.8, 0, "below 0, so it is 0"), (59, 0.8, 0.9, 1, "above 1, so it is 1")],
    ids=["none", "all"],
)
def test_rates_that_contradict_the_count_leave_no_interval(
    count: int, sensitivity: float, specificity: float, value: float, cut_off: str
) -> None:
    """With a specificity of 80%, some twelve of 59 would be judged good if none were: nought is no longer to be had."""
    found = corrected_proportion(of(count, 59), sensitivity=sensitivity, specificity=specificity)
    assert (found.value, found.low, found.high, found.level) == (value, None, None, None)
    assert found.method.endswith(
        f"; the share would be {cut_off}; no interval: no share agrees with the count at these rates"
    )


@pytest.mark.slow
def test_a_corrected_interval_holds_the_true_share_as_often_as_the_one_it_is_made_of() -> None:
    """4,000 surveys of 59 schools, 20% of which are good, judged with sensitivity .9 and specificity .95."""
    draw = np.random.default_rng(2012)
    good = draw.binomial(59, 0.2, size=4000)
    judged = draw.binomial(good, 0.9) + draw.binomial(59 - good, 0.05)
    intervals = {
        int(count): ends(corrected_proportion(of(int(count), 59), sensitivity=0.9, specificity=0.95))
        for count in np.unique(judged)
    }
    held = np.mean([low <= 0.2 <= high for low, high in (intervals[int(count)] for count in judged)])
    assert 0.935 < held < 0.97


# ------------------------------------------------------------------------------------------------- bad calls

TIMES = "times must be numbers above 0, such as [1, 3], and one is {}; below 1 is less likely"
POPULATION = "population must be a whole number, and no fewer than the {} that were visited, not {}, for the tally {}"
LEVEL = "level must be between 0 and 1, not 95; write 0.95 for 95%"
METHOD = "method must be one of 'wilson', 'exact', 'jeffreys', not 'bogus'"
NO_TALLY = (
    "tally must come from tally(), tally_each() or Tally(label=..., count=..., base=...), and is NoneType instead"
)
EMPTY = "base is 0 in the tally 'good use': it was seen in no visit, so it has no share"


def test_the_least_and_the_largest_times_are_shown_too() -> None:
    rows = selection_sensitivity(of(10, 59), times=[5e-324, 1e-320, 1e300])
    assert [row.value for row in rows] == pytest.approx([1, 1, 0])
    assert "if 1e-320 times as likely to be visited" in str(rows)


def test_times_without_end_are_told_in_short() -> None:
    with pytest.raises(InputError) as told:
        selection_sensitivity(of(10, 59), times=[10**400])
    assert str(told.value) == TIMES.format("1" + 17 * "0" + "..." + 19 * "0")
    with pytest.raises(InputError, match=r"^share must be between 0 and 1, not 10{400}; write 0\.1 for 10%$"):
        selection_needed(of(10, 59), share=10**400)


@pytest.mark.parametrize("k", [0, -1, -0.0, inf, -inf, nan, True, "3", None])
def test_times_that_are_none_are_told(k: object) -> None:
    with pytest.raises(InputError) as told:
        selection_sensitivity(of(10, 59), times=[1, k])  # type: ignore[list-item]
    assert str(told.value) == TIMES.format(repr(k))


@pytest.mark.parametrize("population", [58, 0, -59, 59.0, 100.5, nan, inf, True, "100", None])
@pytest.mark.parametrize("tally", [of(10, 59), of(10, 56, not_seen=3)], ids=["all seen", "three not seen"])
def test_a_population_that_cannot_hold_the_visits_is_told(tally: Tally, population: object) -> None:
    message = POPULATION.format(59, repr(population), "'good use'")
    with pytest.raises(InputError) as told:
        population_bounds(tally, population=population)  # type: ignore[arg-type]
    assert str(told.value) == message
    if population is not None:
        with pytest.raises(InputError) as told:
            proportion(tally, population=population)  # type: ignore[arg-type]
        assert str(told.value) == message


@pytest.mark.parametrize("rate", [0, -0.1, 1.1, 90, nan, inf, True, "0.9", None])
@pytest.mark.parametrize("name", ["sensitivity", "specificity"])
def test_a_rate_that_is_none_is_told(name: str, rate: object) -> None:
    rates: dict[str, object] = {"sensitivity": 0.9, "specificity": 0.9} | {name: rate}
    with pytest.raises(InputError) as told:
        corrected_proportion(of(10, 59), **rates)  # type: ignore[arg-type]
    assert str(told.value) == f"{name} must be above 0 and at most 1, not {rate!r}; write 0.9 for 90%"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: selection_sensitivity(of(10, 59), times=[]),
            "times must name one number above 0 or more, such as [1, 3]; it names none",
        ),
        (lambda: selection_sensitivity(of(0, 0)), EMPTY),
        (lambda: selection_sensitivity(of(0, 0), level=0.95), EMPTY),
        (lambda: selection_sensitivity(of(10, 59), level=95), LEVEL),
        (lambda: corrected_proportion(of(10, 59), sensitivity=1, specificity=1, level=95), LEVEL),
        (lambda: selection_sensitivity(of(10, 59), method="bogus"), METHOD),
        (lambda: corrected_proportion(of(10, 59), sensitivity=1, specificity=1, level=None, method="bogus"), METHOD),
        (lambda: selection_sensitivity(None), NO_TALLY),  # type: ignore[arg-type]
        (lambda: selection_needed(None, share=0.1), NO_TALLY),  # type: ignore[arg-type]
        (lambda: population_bounds(None, population=9), NO_TALLY),  # type: ignore[arg-type]
        (lambda: corrected_proportion(None, sensitivity=1, specificity=1), NO_TALLY),  # type: ignore[arg-type]
        (lambda: selection_needed(of(0, 0), share=0.1), EMPTY),
        (lambda: selection_needed(of(10, 59), share=10), "share must be between 0 and 1, not 10; write 0.1 for 10%"),
        (lambda: selection_needed(of(10, 59), share=0), "share must be between 0 and 1, not 0; write 0.1 for 10%"),
        (lambda: selection_needed(of(10, 59), share=1), "share must be between 0 and 1, not 1; write 0.1 for 10%"),
        (lambda: selection_needed(of(10, 59), share=nan), "share must be between 0 and 1, not nan; write 0.1 for 10%"),
        (lambda: corrected_proportion(of(0, 0), sensitivity=1, specificity=1), EMPTY),
        (
            lambda: corrected_proportion(of(10, 59), sensitivity=0.5, specificity=0.5),
            "sensitivity and specificity must add up to more than 1, not 0.5 and 0.5: a judgement with these rates "
            "says nothing of what it judges, or the contrary",
        ),
    ],
)
def test_a_bad_call_is_told_in_one_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value) == message


def test_one_number_of_times_needs_no_list() -> None:
    assert selection_sensitivity(of(10, 59), times=3) == selection_sensitivity(of(10, 59), times=[3])


def test_a_population_must_be_named() -> None:
    with pytest.raises(TypeError, match="population"):
        population_bounds(of(10, 59))  # type: ignore[call-arg]


def test_rows_keep_the_order_they_were_asked_in() -> None:
    values = [row.value or 0 for row in selection_sensitivity(of(10, 59))]
    assert values[0] == share(of(10, 59)).value
    assert all(one > other for one, other in pairwise(values))
