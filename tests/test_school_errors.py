"""Errors that respect schools: those of statsmodels from a row for every pupil, by hand, and where there are none."""

import warnings
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from made_surveys import School, survey
from scipy import stats

from survey_analysis.errors import InputError
from survey_analysis.gap_changes import CHANGE, gap_change, pooled_gap
from survey_analysis.gap_tests import gap_did_not_widen, gap_sign_flip
from survey_analysis.gaps import SCALES
from survey_analysis.pupil_shares import effective_pupils, pupil_share
from survey_analysis.resampling import Numbers
from survey_analysis.school_errors import LINKS as LINKS_OF
from survey_analysis.school_errors import pooled_contrast, school_error, t_reach
from survey_analysis.survey_files import load_survey

SHIPPED = load_survey()
ONE = survey(School((1, 2), (1, 2), (1, 2), (1, 2)))
TWICE = replace(ONE, pupil_groups=pd.concat([ONE.pupil_groups, ONE.pupil_groups.iloc[[1]]]))
RANDOM = np.random.default_rng(3)
BASES = RANDOM.integers(5, 30, (6, 2, 2)).astype(float)
COUNTS = RANDOM.binomial(BASES.astype(int), [[0.5, 0.3], [0.7, 0.4]]).astype(float)
SCHOOLS = [
    School(*(tuple(map(int, cell)) for cell in zip(x.ravel(), n.ravel(), strict=True)))  # type: ignore[arg-type]
    for x, n in zip(COUNTS, BASES, strict=True)
]


def pupils(*, summed: bool = False) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Outcome, design, school and weight: a row for every pupil, or one for all those who are alike."""
    rows = []
    for place in product(range(6), range(2), range(2)):
        taking_part, base = int(COUNTS[place]), int(BASES[place])
        for outcome, many in ((1, taking_part), (0, base - taking_part)):
            rows += [(outcome, *place, many)] if summed and many else [(outcome, *place, 1)] * many
    outcome, school, time, group, weight = np.array(rows, dtype=float).T
    ahead = 1 - group
    return outcome, np.column_stack([np.ones_like(time), ahead, time, ahead * time]), school, weight


LINKS = {
    "difference": (sm.families.links.Identity, False),
    "ratio": (sm.families.links.Log, False),
    "non_participation_ratio": (sm.families.links.Log, True),
    "odds_ratio": (sm.families.links.Logit, False),
}


@pytest.mark.parametrize("scale", SCALES)
def test_the_change_has_the_value_and_the_error_of_statsmodels(scale: str) -> None:
    """GEE, independence, cov_type='bias_reduced' (Mancl and DeRouen 2001), on one row for every pupil."""
    link, complement = LINKS[scale]
    outcome, design, school, _ = pupils()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that these links can leave 0 to 1
        family = sm.families.Binomial(link=link())
        model = sm.GEE(1 - outcome if complement else outcome, design, school, family=family)
        fitted = model.fit(cov_type="bias_reduced", maxiter=200)
    sign = -1 if complement else 1
    value, robust, *_ = pooled_contrast(COUNTS.reshape(6, 4), BASES.reshape(6, 4), CHANGE.ravel(), scale)
    assert value == pytest.approx(sign * fitted.params[3], rel=1e-9)
    assert np.sqrt(robust) == pytest.approx(fitted.bse[3], rel=1e-9)
    change = gap_change(survey(*SCHOOLS), "fsm")[list(SCALES).index(scale)]
    df = change.details["df"]
    assert 3 < df < 5
    reach = stats.t.ppf(0.975, df) * fitted.bse[3]
    limits = np.array([-reach, reach]) + sign * fitted.params[3]
    assert (change.low, change.high) == pytest.approx(tuple(limits if scale == "difference" else np.exp(limits)))
    assert change.details["p_value"] == pytest.approx(2 * stats.t.sf(abs(fitted.params[3] / fitted.bse[3]), df))


def test_statsmodels_refuses_weighted_rows_here() -> None:
    """Why the closed form is our own: with a row a pupil it needs a matrix of pupils by pupils for every school."""
    outcome, design, school, weight = pupils(summed=True)
    model = sm.GEE(outcome, design, school, family=sm.families.Binomial(), weights=weight)
    with pytest.raises(ValueError, match="could not be broadcast"):
        model.fit(cov_type="bias_reduced")


def test_the_robust_variance_is_a_jackknife() -> None:
    """Leaving a school out moves the share by just the corrected residual, so the sum of squares is the same."""
    counts, bases = COUNTS[:, 1, :1], BASES[:, 1, :1]
    _, robust, *_ = pooled_contrast(counts, bases, np.ones(1), "difference")
    whole = counts.sum() / bases.sum()
    left = [
        np.delete(counts, school, 0).sum() / np.delete(bases, school, 0).sum() - whole for school in range(len(counts))
    ]
    assert robust == pytest.approx(np.square(left).sum())


def test_schools_of_one_pupil_each_have_hardly_a_design_effect() -> None:
    counts = np.array([[1.0], [0.0]] * 500)
    error = school_error(counts, np.ones_like(counts), np.ones(1), "difference")
    assert error.design_effect == pytest.approx(1, abs=0.003)
    assert error.df == pytest.approx(999)


def test_pupils_who_are_copies_of_each_other_count_once() -> None:
    """Thirty pupils of a school, all alike, are worth one."""
    counts = np.array([[30.0], [0.0]] * 100)
    error = school_error(counts, np.full_like(counts, 30), np.ones(1), "difference")
    assert error.design_effect == pytest.approx(30, rel=0.02)


@given(st.integers(2, 6))
def test_the_same_schools_many_times_over_give_a_smaller_error(times: int) -> None:
    one, many = (
        school_error(np.tile(COUNTS[:, 0, :1], (n, 1)), np.tile(BASES[:, 0, :1], (n, 1)), np.ones(1), "ratio")
        for n in (1, times)
    )
    assert many.value == pytest.approx(one.value)
    assert many.error is not None and one.error is not None and many.error < one.error


@pytest.mark.parametrize(
    ("schools", "reason"),
    [
        (SCHOOLS[:1], "ratio of sums, no interval: with one school nothing tells how schools differ"),
        (
            [School((3, 6), (2, 6), (4, 6), (3, 6))] * 4,
            "ratio of sums, no interval: the schools do not differ, so nothing tells how others would",
        ),
        (
            [School((6, 6), (6, 6), (6, 6), (6, 6)), School((9, 9), (8, 8), (6, 6), (6, 6))],
            "ratio of sums, no interval: nobody or everybody of a group has the outcome",
        ),
        (
            [School((2, 6), (0, 0), (4, 6), (0, 0)), School((3, 6), (2, 6), (4, 6), (3, 6))],
            "ratio of sums, no interval: with one school nothing tells how schools differ",
        ),
    ],
    ids=["one school", "alike", "everybody", "one school has all of a group"],
)
def test_where_there_is_no_interval_the_method_says_why(schools: list[School], reason: str) -> None:
    change = gap_change(survey(*schools), "fsm")[0]
    assert (change.low, change.high, change.level) == (None, None, None)
    assert change.method == reason
    assert change.details["chance"] == "no interval"
    assert not {"p_value", "df", "design_effect"} & set(change.details)


@pytest.mark.parametrize("weighting", ["ratio_of_sums", "mean_of_schools"])
@pytest.mark.parametrize("count", [0, 10], ids=["nobody", "everybody"])
def test_a_group_in_which_nobody_or_everybody_takes_part_is_not_known_without_error(count: int, weighting: str) -> None:
    """Its variance over schools would be 0; so no scale has an interval, nor is anything shown of a margin."""
    schools = [School((5, 10), (count, 10), (6, 10), (3, 10)), School((4, 10), (count, 10), (8, 10), (2, 10))]
    made = survey(*schools)
    for change in gap_change(made, "fsm", weighting=weighting):
        words = weighting.replace("_", " ")
        assert change.level is None
        assert change.method == f"{words}, no interval: nobody or everybody of a group has the outcome"
        assert change.details["before_low"] is None and change.details["after_low"] is not None
    tested = gap_did_not_widen(made, "fsm", margin=0.05, weighting=weighting)
    assert tested.details["conclusion"].startswith("nothing is shown: no interval: nobody or everybody")
    assert gap_sign_flip(survey(*schools * 4), "fsm").method.endswith("nobody or everybody of a group has the outcome")


def test_the_ends_are_those_of_the_ratios_too() -> None:
    schools = [School((5, 10), (0, 10), (6, 10), (3, 10)), School((4, 10), (0, 10), (8, 10), (2, 10))]
    for change in gap_change(survey(*schools), "fsm"):
        assert change.method == "ratio of sums, no interval: nobody or everybody of a group has the outcome"
        assert change.details["before_low"] is None and change.details["after_low"] is not None


def test_degrees_of_freedom_count_the_schools_that_have_the_group() -> None:
    schools = [*SCHOOLS, School((5, 9), (0, 0), (6, 9), (0, 0))]
    assert gap_change(survey(*schools), "fsm")[0].details["df"] < 5
    assert 4 < pupil_share(survey(*schools), "fsm", time="after").details["df"] < 6
    alike = [School((n, 9), (n, 9), (8 - n, 9), (n, 9)) for n in (2, 3, 4, 6)]
    assert gap_change(survey(*alike), "fsm")[0].details["df"] == pytest.approx(3)
    halved = [*alike, *(School((n, 9), (0, 0), (n, 9), (0, 0)) for n in (3, 4, 5, 6, 7))]
    assert gap_change(survey(*halved), "fsm")[0].details["df"] == 3, "four schools have the group behind"


@pytest.mark.parametrize("scale", SCALES)
def test_degrees_of_freedom_are_those_of_matrices_written_out(scale: str) -> None:
    """Bell and McCaffrey (2002): tr(G)^2 / tr(GG), G the covariance of the schools' corrected residuals were pupils
    independent; here from a row for every pupil, the projection on the cells, and each school's block of it."""
    _, _, school, _ = pupils()
    cell = np.concatenate([np.full(int(BASES[place]), 2 * place[1] + place[2]) for place in product(range(6), *TWO)])
    design = np.eye(4)[cell]
    shares = COUNTS.sum(axis=0).ravel() / BASES.sum(axis=0).ravel()
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    slopes = pooled_slopes(scale, shares) * CHANGE.ravel()
    loads = []
    for one in range(6):
        mine = school == one
        corrected = np.linalg.inv(np.eye(mine.sum()) - hat[np.ix_(mine, mine)]) @ (np.eye(len(hat)) - hat)[mine]
        loads.append(slopes @ np.linalg.inv(design.T @ design) @ design[mine].T @ corrected)
    covariance = (np.array(loads) * (shares * (1 - shares))[cell]) @ np.array(loads).T
    expected = np.trace(covariance) ** 2 / np.trace(covariance @ covariance)
    found = pooled_contrast(COUNTS.reshape(6, 4), BASES.reshape(6, 4), CHANGE.ravel(), scale)
    assert found.df == pytest.approx(expected)
    assert 1 < found.df < 5


TWO = (range(2), range(2))


def pooled_slopes(scale: str, shares: Numbers) -> Numbers:
    """By a difference quotient."""
    up, down = (LINKS_OF[scale](shares + step)[0] for step in (1e-6, -1e-6))
    return np.asarray((up - down) / 2e-6)


@given(st.lists(st.integers(1, 400), min_size=2, max_size=9), st.integers(1, 8))
def test_degrees_of_freedom_lie_between_one_and_one_fewer_than_schools(sizes: list[int], part: int) -> None:
    bases = np.array(sizes, dtype=float)[:, None] * np.array([part, 3.0])
    found = pooled_contrast(np.floor(bases / 2), bases, np.array([1.0, -1.0]), "difference")
    if np.isfinite(found.df):
        assert 1 - 1e-9 <= found.df <= len(sizes) - 1


def test_one_school_with_most_of_the_pupils_leaves_hardly_more_than_one_degree() -> None:
    bases = np.array([[1900.0], *[[150.0]] * 9])
    error = school_error(bases * 0.3 + np.arange(10)[:, None], bases, np.ones(1), "difference")
    assert 1 < error.df < 2


@pytest.mark.slow
@pytest.mark.parametrize("bases", [[1900, *[150] * 9], [1500, 1500, *[100] * 8]], ids=["one large", "two large"])
def test_schools_of_unequal_size_have_intervals_that_are_wide_enough(bases: list[int]) -> None:
    """4,000 surveys of ten schools: with one fewer than schools as degrees of freedom, too few hold the truth."""
    random, surveys, rates = np.random.default_rng(12), 4_000, np.array([[0.2, 0.1], [0.35, 0.2]])
    groups = np.round(np.array(bases)[:, None] * np.array([0.82, 0.18]))
    of = np.broadcast_to(groups[None, :, None, :], (surveys, 10, 2, 2))
    chances = rates * (1 + 0.25 * random.uniform(-1, 1, (surveys, 10, 1, 1))) * np.ones_like(of)
    chances[..., 1, 1] *= 1 + 0.25 * random.uniform(-1, 1, (surveys, 10))
    counts = random.binomial(of.astype(int), chances).astype(float)
    share = (of[0, :, 1] * rates[1]).sum() / of[0, :, 1].sum()
    cells = (surveys, 10, 4)
    all_after = (it[:, :, 1].sum(axis=-1, keepdims=True) for it in (counts, of))
    for found, truth in (
        (pooled_contrast(counts.reshape(cells), of.reshape(cells), CHANGE.ravel(), "difference"), 0.05),
        (pooled_contrast(*all_after, np.ones(1), "odds_ratio"), np.log(share / (1 - share))),
    ):
        off = np.abs(found.value - truth)
        held = (off <= t_reach(np.sqrt(found.robust), found.df, 0.95)).mean()
        before = (off <= t_reach(np.sqrt(found.robust), np.array(9.0), 0.95)).mean()
        assert before < 0.935 and held > 0.945


def test_two_schools_far_apart_do_not_leave_what_shares_allow() -> None:
    schools = [School((9, 10), (1, 10), (9, 10), (9, 10)), School((1, 10), (9, 10), (9, 10), (1, 10))]
    for change in gap_change(survey(*schools), "fsm"):
        ends = (change.low, change.high)
        assert ends == (-2, 2) if change.unit == "points" else (ends[0] or 0) >= 0
    difference = pooled_gap(survey(*schools), "fsm", time="before")[0]
    assert (difference.low, difference.high) == (-1, 1)


@pytest.mark.parametrize("time", ["before", "after"])
def test_the_gap_at_a_time_is_what_the_change_starts_and_ends_with(time: str) -> None:
    for at, change in zip(pooled_gap(SHIPPED, "sen", time=time), gap_change(SHIPPED, "sen"), strict=True):
        assert (at.value, at.low, at.high) == tuple(change.details[f"{time}{end}"] for end in ("", "_low", "_high"))
        assert at.details["effective_n"] == pytest.approx(at.base / at.details["design_effect"])


def test_a_share_is_worth_far_fewer_pupils_than_a_gap() -> None:
    share = pupil_share(SHIPPED, "fsm", time="after")
    difference = gap_change(SHIPPED, "fsm", among={"inclusion": "neither"})[0]
    assert share.details["design_effect"] > 5
    assert difference.details["design_effect"] < 1 < share.details["design_effect"]
    assert difference.details["effective_n"] > difference.base


def test_a_share_is_of_one_group_or_of_all_and_all_are_the_same_by_every_characteristic() -> None:
    everyone = [pupil_share(SHIPPED, name, time="after") for name in ("fsm", "sen", "sex")]
    assert len({(it.value, it.low, it.high, it.base) for it in everyone}) == 1
    groups = [pupil_share(SHIPPED, "sex", time="after", group=group) for group in ("girls", "boys")]
    assert sum(it.base for it in groups) == everyone[0].base
    assert (groups[0].value or 0) > (everyone[0].value or 0) > (groups[1].value or 0)
    assert everyone[0].label == "all pupils, after: taking part, of all pupils"


def test_a_share_of_none_or_all_has_no_interval() -> None:
    nobody = pupil_share(survey(*[School((0, 9), (0, 9), (0, 9), (0, 9))] * 3), "fsm", time="after")
    assert (nobody.value, nobody.low) == (0, None)
    assert nobody.method == "no interval: nobody or everybody of a group has the outcome, ratio of sums"


def test_59_schools_of_30_pupils_are_worth_260() -> None:
    """Kish (1965): 1 + (30 - 1) 0.2 = 6.8, and 1,770 / 6.8 = 260."""
    found = effective_pupils(1770, schools=59, icc=0.2)
    assert found.details["design_effect"] == pytest.approx(6.8)
    assert found.value == pytest.approx(260.29, abs=0.01)
    assert effective_pupils(100, schools=100, icc=1).value == effective_pupils(100, schools=5, icc=0).value == 100


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: effective_pupils(5, schools=9, icc=0.1),
            "pupils must be at least one a school, and are 5 in 9 schools",
        ),
        (
            lambda: effective_pupils("x", schools=2, icc=0.1),  # type: ignore[arg-type]
            "pupils must be a whole number from 1, not 'x'",
        ),
        (
            lambda: effective_pupils(100.5, schools=2, icc=0.1),  # type: ignore[arg-type]
            "pupils must be a whole number from 1, not 100.5",
        ),
        (
            lambda: effective_pupils(5, schools=2, icc="a"),  # type: ignore[arg-type]
            "icc must be between 0 and 1, not 'a'",
        ),
        (
            lambda: gap_change("survey", "fsm"),  # type: ignore[arg-type]
            "survey must come from load_survey() or read_survey(), and is str instead",
        ),
        (
            lambda: effective_pupils(5, schools=0, icc=0.1),
            "schools must be a whole number from 1, not 0",
        ),
        (lambda: effective_pupils(5, schools=1, icc=1.5), "icc must be between 0 and 1, not 1.5"),
        (
            lambda: pupil_share(SHIPPED, "fsm", time="after", group="girls"),
            "group must be one of 'not_fsm', 'fsm', not 'girls'",
        ),
        (
            lambda: pupil_share(SHIPPED, "fsm", time="now"),
            "time must be one of 'before', 'after', not 'now'",
        ),
        (
            lambda: pooled_gap(SHIPPED, "fsm", time="now"),
            "time must be one of 'before', 'after', not 'now'",
        ),
        (
            lambda: pupil_share(survey(School((1, 2), (0, 0), (1, 2), (0, 0))), "fsm", time="after", group="fsm"),
            "there are no pupils of fsm after, so there is no share; choose others",
        ),
        (
            lambda: gap_change(survey(School((3, 2), (1, 2), (1, 2), (1, 2))), "fsm"),
            "pupil_groups has more taking_part than pupils for V1, before, not_fsm: 3 of 2; correct the one that is "
            "wrong",
        ),
        (
            lambda: gap_change(TWICE, "fsm"),
            "pupil_groups has V1, before, fsm a second time; keep one of the two",
        ),
        (lambda: gap_change(SHIPPED, "fsm", level=95), "level must be between 0 and 1, not 95; write 0.95 for 95%"),
        (
            lambda: gap_change(SHIPPED, "fsm", weighting="mean"),
            "weighting must be one of 'ratio_of_sums', 'mean_of_schools', not 'mean'",
        ),
    ],
)
def test_a_bad_call_is_told_in_one_sentence(call: object, message: str) -> None:
    with pytest.raises(InputError) as told:
        call()  # type: ignore[operator]
    assert str(told.value) == message
