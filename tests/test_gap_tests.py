"""Gaps tested: signs flipped by hand and by scipy, intervals that agree with their test, margins, and known truths."""

import tomllib
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_surveys import School, survey
from scipy import stats

from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates
from survey_analysis.gap_changes import CHANGE, gap_change, gap_change_in_words, pooled_gap
from survey_analysis.gap_tests import gap_did_not_change, gap_did_not_widen, gap_sign_flip, margin_in_words
from survey_analysis.gaps import CONTRASTS
from survey_analysis.resampling import Numbers, p_value, sign_flip
from survey_analysis.resources import DATA
from survey_analysis.school_errors import pooled_contrast
from survey_analysis.school_gaps import gap_change_each
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Survey

SHIPPED = load_survey()


def moving(*changes: int) -> Survey:
    """Schools of a hundred pupils in each group, whose gap moves by so many of a hundred."""
    return survey(*[School((40, 100), (30, 100), (50, 100), (40 - change, 100)) for change in changes])


def flipped(changes: list[int], *, away: float = 0) -> float:
    """The two-sided p-value of the sign-flip, every sign by hand."""
    moved = np.array(changes) / 100 - away
    means = [abs(float(np.dot(signs, moved))) for signs in product((1, -1), repeat=len(moved))]
    return float(np.mean([mean >= means[0] - 1e-12 for mean in means]))


# ------------------------------------------------------------------------------------------------------ sign-flips


def test_all_up_is_as_likely_as_two_of_all_signs() -> None:
    found = gap_sign_flip(moving(3, 5, 7, 2, 8, 4), "fsm")
    assert found.details["p_value"] == 2 / 2**6
    assert found.value == pytest.approx(29 / 600)
    assert gap_sign_flip(moving(3, 5, 7, 2, 8, 4), "fsm", alternative="greater").details["p_value"] == 1 / 2**6
    assert gap_sign_flip(moving(3, 5, 7, 2, 8, 4), "fsm", alternative="less").details["p_value"] == 1


def test_the_p_value_is_that_of_scipy() -> None:
    """scipy.stats.permutation_test, permutation_type='samples', which flips every sign of one sample."""
    changes = [3, -5, 7, 12, 8, -4, 6]
    theirs = stats.permutation_test(([it / 100 for it in changes],), np.mean, permutation_type="samples")
    assert gap_sign_flip(moving(*changes), "fsm").details["p_value"] == pytest.approx(theirs.pvalue)


@given(st.lists(st.integers(-30, 30), min_size=6, max_size=9), st.sampled_from([0.8, 0.9, 0.95]))
def test_the_interval_holds_just_what_the_test_does_not_reject(changes: list[int], level: float) -> None:
    found = gap_sign_flip(moving(*changes), "fsm", level=level)
    assert found.details["p_value"] == pytest.approx(flipped(changes))
    if len(set(changes)) == 1:
        assert found.method.endswith("no interval: the schools do not differ")
        return
    assert found.low is not None and found.high is not None and found.value is not None
    step = 1e-7
    for end, sign in ((found.low, -1), (found.high, 1)):
        assert flipped(changes, away=end + sign * step) <= 1 - level + 1e-9 < flipped(changes, away=end - sign * step)


def test_by_drawing_signs_the_interval_is_near_that_of_all_signs_and_of_t() -> None:
    changes = [int(it) for it in np.random.default_rng(5).normal(4, 9, 20)]
    exact, drawn = gap_sign_flip(moving(*changes), "fsm"), gap_sign_flip(moving(*changes, 4), "fsm", seed=1)
    assert "by drawing signs" in drawn.method and "by drawing signs" not in exact.method
    t = stats.ttest_1samp(np.array(changes) / 100, 0).confidence_interval()
    assert (exact.low, exact.high) == pytest.approx((t.low, t.high), abs=0.002)
    assert (drawn.low, drawn.high) == pytest.approx((t.low, t.high), abs=0.005)
    again, other = (gap_sign_flip(moving(*changes, 4), "fsm", seed=seed).details["p_value"] for seed in (1, 2))
    assert drawn.details["p_value"] == again != other


@pytest.mark.parametrize(("schools", "said"), [(1, "1 school is"), (5, "5 schools are")])
def test_too_few_schools_have_a_p_value_and_no_interval(schools: int, said: str) -> None:
    found = gap_sign_flip(moving(*range(3, 3 + schools)), "fsm")
    assert found.details["p_value"] == 2 / 2**schools
    assert (found.low, found.level) == (None, None)
    assert found.method == (
        f"sign-flip over schools, mean of schools, no interval: {said} too few for a two-sided interval at 95%"
    )
    assert gap_sign_flip(moving(*range(3, 9)), "fsm").level == 0.95


def test_a_school_with_an_empty_group_is_left_out_and_counted() -> None:
    empty = School((4, 10), (0, 0), (5, 10), (0, 0))
    one = survey(*[School((4, 10), (3, 10), (5, 10), (2, 10))] * 6, empty)
    assert (gap_sign_flip(one, "fsm").details["schools"], gap_sign_flip(one, "fsm").details["left_out"]) == (6, 1)
    mean = gap_change(one, "fsm", weighting="mean_of_schools")[0]
    assert (mean.details["schools"], mean.details["left_out"]) == (6, 1)
    with pytest.raises(InputError) as told:
        gap_sign_flip(survey(empty), "fsm")
    assert str(told.value) == (
        "no school has pupils in both groups before and after; choose other visits or another outcome"
    )


# --------------------------------------------------------------------------------------------------- the weightings


def test_the_mean_of_schools_is_the_t_interval_of_their_changes() -> None:
    changes = [3, -5, 7, 12, 8, -4, 6]
    [found] = gap_change(moving(*changes), "fsm", weighting="mean_of_schools")
    t = stats.ttest_1samp(np.array(changes) / 100, 0)
    assert (found.low, found.high) == pytest.approx(tuple(t.confidence_interval()))
    assert found.details["p_value"] == pytest.approx(t.pvalue)
    assert (found.details["df"], found.details["weighting"]) == (6, "mean of schools")
    assert found.method == "t over schools, mean of schools"


def test_each_weighting_gives_another_answer_and_names_itself() -> None:
    uneven = survey(
        School((90, 100), (30, 100), (90, 100), (60, 100)), School((1, 10), (1, 10), (9, 10), (1, 10)),
        School((5, 10), (1, 10), (4, 10), (1, 10)),
    )  # fmt: skip
    sums, mean = (gap_change(uneven, "fsm", weighting=it)[0] for it in ("ratio_of_sums", "mean_of_schools"))
    assert mean.value == pytest.approx((-0.3 + 0.8 - 0.1) / 3)
    assert sums.value == pytest.approx((103 - 62) / 120 * 1.0 - (96 - 32) / 120)
    assert {it.details["weighting"] for it in (sums, mean)} == {"ratio of sums", "mean of schools"}
    assert str(gap_change_in_words(gap_change(uneven, "fsm", weighting="mean_of_schools"))).count("By the mean of") == 1


def test_with_one_school_both_weightings_are_that_school() -> None:
    for weighting in ("ratio_of_sums", "mean_of_schools"):
        found = gap_change(moving(4), "fsm", weighting=weighting)[0]
        assert found.value == pytest.approx(0.04) and found.level is None
        assert "with one school nothing tells how schools differ" in found.method


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((4, 5, 6, 5, 4, 5), "Every change that has an interval is beyond what chance among schools could do"),
        ((40, -40, 30, -25, 4, 5), "Every change that has an interval is within what chance among schools could do"),
        ((4,), "wider on the difference (+10.0 points to +14.0 points)"),
    ],
)
def test_words_say_what_may_be_chance(changes: tuple[int, ...], said: str) -> None:
    words = str(gap_change_in_words(gap_change(moving(*changes), "fsm")))
    assert said in words
    assert ("chance" in words) is (len(changes) > 1)


def test_words_tell_the_scales_within_chance_from_those_beyond() -> None:
    words = str(gap_change_in_words(gap_change(SHIPPED, "fsm")))
    assert words.endswith(
        "The change in the odds ratio is within what chance among schools could do; that in the difference, ratio and "
        "non-participation ratio is beyond it (illustrative)."
    )


# ------------------------------------------------------------------------------------------------- school by school


def test_the_change_in_a_school_has_limits_from_those_of_its_two_gaps() -> None:
    """MOVER (Zou and Donner 2008) of Newcombe's worked 56/70 - 48/80: .0524, .3339; and 9/10 - 3/10: .1705, .8090."""
    [found] = gap_change_each(survey(School((56, 70), (48, 80), (9, 10), (3, 10))), "fsm")
    assert found.value == pytest.approx(0.4)
    assert found.low == pytest.approx(0.4 - np.hypot(0.6 - 0.1705, 0.3339 - 0.2), abs=2e-4)
    assert found.high == pytest.approx(0.4 + np.hypot(0.8090 - 0.6, 0.2 - 0.0524), abs=2e-4)
    assert (found.details["before"], found.details["direction"], found.base) == (pytest.approx(0.2), "wider", 20)


def test_a_school_with_an_empty_group_has_no_change() -> None:
    found = gap_change_each(
        survey(School((1, 2), (0, 0), (1, 2), (1, 2)), School((1, 2), (1, 2), (1, 2), (0, 2))), "fsm"
    )
    assert [it.value for it in found] == [None, 0.5]
    assert (found[0].method, found[0].level) == ("a group has no pupils", None)


# ---------------------------------------------------------------------------------------------------------- margins

LEVELS = st.sampled_from([0.9, 0.95])


@pytest.mark.parametrize(
    ("changes", "margin", "conclusion"),
    [
        ((1, -2, 0, 2, -1, 0), 0.05, "a widening by 5.0 points or more is ruled out"),
        ((2, 1, 2, 3, 2, 2), 0.05, "a widening by 5.0 points or more is ruled out, though the gap did widen"),
        (
            (9, -7, 8, -9, 5, 3),
            0.05,
            "a widening by 5.0 points or more is not ruled out, which does not show that there was one",
        ),
        ((9, 10, 11, 10, 9, 12), 0.05, "a widening by 5.0 points or more is shown"),
        ((9, 10, 11, 10, 9, 12), 0.125, "a widening by 12.5 points or more is ruled out, though the gap did widen"),
        ((9,), 0.05, "nothing is shown: no interval: with one school nothing tells how schools differ"),
    ],
)
def test_what_is_concluded_of_a_margin(changes: tuple[int, ...], margin: float, conclusion: str) -> None:
    assert gap_did_not_widen(moving(*changes), "fsm", margin=margin).details["conclusion"] == conclusion


@pytest.mark.parametrize(
    ("changes", "conclusion"),
    [
        ((1, -2, 0, 2, -1, 0), "a change by 5.0 points or more, either way, is ruled out"),
        ((-9, -10, -11, -10, -9, -12), "a change by 5.0 points or more, either way, is shown"),
        (
            (9, -7, 8, -9, 5, 3),
            "a change by 5.0 points or more, either way, is not ruled out, which does not show that there was one",
        ),
        ((9,), "nothing is shown: no interval: with one school nothing tells how schools differ"),
    ],
)
def test_what_is_concluded_of_two_margins(changes: tuple[int, ...], conclusion: str) -> None:
    assert gap_did_not_change(moving(*changes), "fsm", margin=0.05).details["conclusion"] == conclusion


def test_a_gap_that_is_now_the_other_way_is_said_to_be() -> None:
    """From 3.5 points to 36.5 points the other way: no widening, and no narrowing either."""
    schools = [School((235 + n, 1000), (200, 1000), (335, 1000), (700 + n, 1000)) for n in range(6)]
    conclusion = gap_did_not_widen(survey(*schools), "fsm", margin=0.05).details["conclusion"]
    assert conclusion == (
        "a widening by 5.0 points or more is ruled out, though the gap is now the other way, by 36.8 points"
    )


def test_what_belongs_to_another_test_is_not_kept() -> None:
    """The limits before and after, and whether no change lies inside, are those of 90% and two sides."""
    for test in (gap_did_not_widen, gap_did_not_change):
        details = test(SHIPPED, "fsm", margin=0.05).details
        assert not {"chance", "before_low", "after_high"} & set(details)
        assert {"before", "after", "direction", "df"} <= set(details)


def test_labels_and_details_tell_rows_apart() -> None:
    among: dict[str, str] = {"inclusion": "pitfall", "phase": "secondary"}
    plain = gap_did_not_widen(SHIPPED, "fsm", margin=0.05)
    named = gap_did_not_widen(SHIPPED, "fsm", margin=0.05, among=among, label="pitfall")
    assert (plain.label, named.label) == ("change in the difference", "pitfall: change in the difference")
    frame = Estimates([plain, named]).to_frame()
    assert list(frame["among"]) == ["all visits", "inclusion pitfall and phase secondary"]
    assert set(frame["characteristic"]) == {"fsm"} and set(frame["outcome"]) == {"participation"}
    several = [{"inclusion": ["pitfall", "action"]}, {"phase": "primary"}]
    flipped = gap_sign_flip(SHIPPED, "sex", among=several, label="sex")
    assert (flipped.label, flipped.details["among"]) == ("sex", "inclusion pitfall or action; or phase primary")
    changes = gap_change(SHIPPED, "sex", label="sex")
    assert [it.label for it in changes] == [f"sex: {it.label}" for it in gap_change(SHIPPED, "sex")]
    assert str(gap_change_in_words(changes)) == str(gap_change_in_words(gap_change(SHIPPED, "sex")))
    assert pooled_gap(SHIPPED, "sex", time="after", label="sex")[1].label == "sex: ratio"


def test_too_few_drawn_signs_are_told() -> None:
    with pytest.raises(InputError, match=r"^resamples must be 40 or more for a level of 0\.95, not 1$"):
        gap_sign_flip(SHIPPED, "fsm", resamples=1)
    assert gap_sign_flip(moving(*range(3, 9)), "fsm", resamples=1).level == 0.95, "all signs are gone through"


def test_a_gap_that_was_turned_round_before_cannot_be_said_to_widen() -> None:
    schools = [School((30, 100), (40, 100), (35, 100), (40 + extra, 100)) for extra in range(6)]
    found = gap_did_not_widen(survey(*schools), "fsm", margin=0.2).details["conclusion"]
    assert (
        found == "nothing is shown: the group named as ahead was behind before, so a move in its favour is no widening"
    )


def test_the_p_values_are_those_of_one_sided_t_tests() -> None:
    """With the mean of schools these are scipy's one-sample t tests at the margin; two of them are Schuirmann's."""
    changes = [3, -5, 7, 12, 8, -4, 6]
    moved, options = np.array(changes) / 100, {"margin": 0.1, "weighting": "mean_of_schools"}
    widened: Estimate = gap_did_not_widen(moving(*changes), "fsm", **options)  # type: ignore[arg-type]
    changed: Estimate = gap_did_not_change(moving(*changes), "fsm", **options)  # type: ignore[arg-type]
    below, above = (
        stats.ttest_1samp(moved, 0.1, alternative="less"),
        stats.ttest_1samp(moved, -0.1, alternative="greater"),
    )
    assert widened.details["p_value"] == pytest.approx(below.pvalue)
    assert changed.details["p_value"] == pytest.approx(max(below.pvalue, above.pvalue))
    assert (widened.level, widened.details["one_sided_level"], widened.details["margin"]) == (0.9, 0.95, 0.1)
    limits = stats.ttest_1samp(moved, 0).confidence_interval(0.9)
    assert (widened.low, widened.high) == pytest.approx(tuple(limits))


@given(
    st.lists(st.integers(-20, 20), min_size=3, max_size=9, unique=True),
    st.integers(1, 25),
    st.sampled_from([0.9, 0.95]),
)
def test_the_p_value_and_the_conclusion_agree(changes: list[int], points: int, level: float) -> None:
    widened = gap_did_not_widen(moving(*changes), "fsm", margin=points / 100, level=level)
    ruled_out = "is ruled out" in widened.details["conclusion"]
    assert ruled_out is (widened.details["p_value"] < 1 - level)
    changed = gap_did_not_change(moving(*changes), "fsm", margin=points / 100, level=level)
    assert ("is ruled out" in changed.details["conclusion"]) is (changed.details["p_value"] < 1 - level)
    assert changed.details["p_value"] >= widened.details["p_value"]


@pytest.mark.parametrize("test", [gap_did_not_widen, gap_did_not_change])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {},
            "margin must be given: the least widening that would matter, as a difference of shares (0.05 for 5 points) "
            "that was stated before anyone looked at the data",
        ),
        *(
            ({"margin": bad}, f"margin must be a difference of shares above 0 and below 1, not {bad!r}; {repair}")
            for bad, repair in (
                (0, "write 0.05 for 5 points"),
                (-0.1, "write 0.05 for 5 points"),
                (7, "write 0.07 for 7 points"),
                ("5", "write 0.05 for 5 points"),
                (True, "write 0.05 for 5 points"),
            )
        ),
        (
            {"margin": 0.05, "level": 0.5 + 1e-14},
            f"level must be above 0.5 for a one-sided test, not {0.5 + 1e-14!r}; write 0.95 for 95%",
        ),
        ({"margin": 0.05, "level": 0.5}, "level must be above 0.5 for a one-sided test, not 0.5; write 0.95 for 95%"),
        (
            {"margin": 0.05, "weighting": "median"},
            "weighting must be one of 'ratio_of_sums', 'mean_of_schools', not 'median'",
        ),
    ],
)
def test_a_bad_margin_is_told(test: Any, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as told:
        test(SHIPPED, "fsm", **options)
    assert str(told.value) == message


# --------------------------------------------------------------------------------------------------- the known truth

with (DATA / "truth.toml").open("rb") as file:
    RATES = tomllib.load(file)["taking_part"]["rate"]


def truth(inclusion: str) -> Numbers:
    """The rates behind the data, by time and group, the group ahead first."""
    group = CONTRASTS["fsm"]
    rates = RATES[inclusion]
    return np.array([[rates[name][time] for name in (group.ahead, group.behind)] for time in ("before", "after")])


def on_scales(rates: Numbers) -> Numbers:
    (a, b), (c, d) = rates
    gaps = [np.array(it) for it in ((a - b, c - d), (a / b, c / d), ((1 - b) / (1 - a), (1 - d) / (1 - c)))]
    odds = gaps[1] * gaps[2]
    return np.array([gaps[0][1] - gaps[0][0], *(it[1] / it[0] for it in (*gaps[1:], odds))])


@pytest.mark.parametrize("inclusion", RATES)
def test_the_truth_behind_the_pupils_lies_inside_the_intervals(inclusion: str) -> None:
    among = {"inclusion": ["neither"] if inclusion == "neither" else [inclusion]}
    changes = gap_change(SHIPPED, "fsm", among=among)
    for change, true in zip(changes, on_scales(truth(inclusion)), strict=True):
        assert change.low is not None and change.high is not None and change.low <= true <= change.high
    flip = gap_sign_flip(SHIPPED, "fsm", among=among)
    assert flip.low is not None and flip.high is not None
    assert flip.low <= on_scales(truth(inclusion))[0] <= flip.high


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["difference", "ratio", "non_participation_ratio", "odds_ratio"])
@pytest.mark.parametrize("inclusion", RATES)
def test_intervals_hold_the_truth_of_the_data_at_the_stated_rate(inclusion: str, scale: str) -> None:
    """4,000 surveys of 59 schools from the rates and the school factor of data/truth.toml."""
    random, rates, surveys, schools = np.random.default_rng(8), truth(inclusion), 4_000, 59
    bases = random.integers(30, 900, (surveys, schools, 1, 1)) * np.array([[0.82, 0.18], [0.82, 0.18]])
    bases = np.maximum(1, bases.round())
    counts = random.binomial(bases.astype(int), rates * (1 + 0.25 * random.uniform(-1, 1, (surveys, schools, 1, 1))))
    cells = (surveys, schools, 4)
    value, robust, alone, *_ = pooled_contrast(counts.reshape(cells), bases.reshape(cells), CHANGE.ravel(), scale)
    place = ["difference", "ratio", "non_participation_ratio", "odds_ratio"].index(scale)
    true = on_scales(rates)[place] if place == 0 else np.log(on_scales(rates)[place])
    held = (np.abs(value - true) <= stats.t.ppf(0.975, schools - 1) * np.sqrt(robust)).mean()
    assert held == pytest.approx(0.95, abs=0.012)  # three and a half Monte Carlo errors
    assert np.median(robust / alone) < 1.3, "a gap within schools has hardly a design effect"


@pytest.mark.slow
def test_the_share_needs_an_interval_that_respects_schools() -> None:
    random, surveys, schools = np.random.default_rng(9), 4_000, 59
    bases = random.integers(200, 1400, (surveys, schools, 1)).astype(float)
    counts = random.binomial(bases.astype(int), 0.33 * (1 + 0.25 * random.uniform(-1, 1, bases.shape))).astype(float)
    value, robust, alone, *_ = pooled_contrast(counts, bases, np.ones(1), "difference")
    robustly = (np.abs(value - 0.33) <= stats.t.ppf(0.975, schools - 1) * np.sqrt(robust)).mean()
    naively = (np.abs(value - 0.33) <= 1.96 * np.sqrt(alone)).mean()
    assert robustly == pytest.approx(0.95, abs=0.012)
    assert naively < 0.6


@pytest.mark.slow
def test_the_sign_flip_errs_as_often_as_it_says() -> None:
    """Of 3,000 surveys of 12 schools without a change on the whole, it rejects 5%."""
    random, surveys = np.random.default_rng(10), 3_000
    means = (sign_flip(changes)[0] for changes in random.normal(0, 0.06, (surveys, 12)))
    rejected = sum(p_value(it) <= 0.05 for it in means)
    assert stats.binomtest(rejected, surveys, 0.05).pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("schools", [10, 59])
def test_a_widening_by_just_the_margin_is_ruled_out_as_seldom_as_is_said(schools: int) -> None:
    """Of 4,000 surveys in which the gap widened by 5 points, its margin, no more than 5% rule that out."""
    random, surveys, rates = np.random.default_rng(11), 4_000, np.array([[0.20, 0.10], [0.35, 0.20]])
    bases = np.broadcast_to(np.array([[400.0, 90.0], [410.0, 85.0]]), (surveys, schools, 2, 2))
    counts = random.binomial(bases.astype(int), rates * (1 + 0.25 * random.uniform(-1, 1, (surveys, schools, 1, 1))))
    cells = (surveys, schools, 4)
    value, robust, *_ = pooled_contrast(counts.reshape(cells), bases.reshape(cells), CHANGE.ravel(), "difference")
    ruled_out = (stats.t.cdf((value - 0.05) / np.sqrt(robust), schools - 1) <= 0.05).mean()
    assert 0.035 < ruled_out < 0.06


def test_a_margin_in_words_says_what_was_concluded_and_from_what() -> None:
    widened = str(margin_in_words(gap_did_not_widen(SHIPPED, "fsm", margin=0.10)))
    assert widened.startswith("Invented data. Change in the ") and "+4.3 points (90% interval +" in widened
    assert widened.endswith(
        " points; illustrative). At the margin of 10.0 points and a one-sided level of 95%: a widening by 10.0 "
        "points or more is ruled out, though the gap did widen (p-value below 0.001)."
    )
    either = gap_did_not_change(SHIPPED, "fsm", margin=0.05, level=0.9)
    assert str(margin_in_words(either)).endswith(
        f" level of 90%: {either.details['conclusion']} (p-value {either.details['p_value']:.3f})."
    )
    alone = gap_did_not_widen(moving(3), "fsm", margin=0.10)
    assert str(margin_in_words(alone)).endswith(f"(illustrative); {alone.details['conclusion']}.")


def test_words_about_what_is_no_test_at_a_margin_are_refused() -> None:
    with pytest.raises(InputError, match=r"^estimate must be a test at a margin, as gap_did_not_widen\(\) or gap_"):
        margin_in_words(gap_sign_flip(SHIPPED, "fsm"))
    with pytest.raises(InputError, match=r"^estimate must come from gap_did_not_widen\(\) or gap_did_not_change\(\)"):
        margin_in_words(None)  # type: ignore[arg-type]
