"""Lessons 2, 3 and 6, on what was chosen: the data hold the truth they were made from, and all seeds show the trap."""

import numpy as np
import pandas as pd
import pytest

import survey_analysis as sa
from survey_analysis import lessons
from survey_analysis.errors import InputError
from survey_analysis.lessons.catalogue import LESSONS, data_of

SEEDS = range(61)


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3, 6])
def test_whatever_the_seed_right_answers_and_mistakes_are_told_apart(number: int) -> None:
    for seed in SEEDS:
        frame = data_of(number, seed)
        assert all(question.tells_apart(frame) for question in LESSONS[number].questions), seed


# ------------------------------------------------------------------------------------------ 2, which schools are these


@pytest.mark.parametrize("seed", range(8))
def test_more_visits_of_the_same_kind_are_surer_of_what_is_wrong(seed: int) -> None:
    schools = data_of(2, seed)
    assert len(schools) == 24_000 and schools["good_use"].mean() == 0.17
    assert sorted(schools["visit"][schools["visit"] > 0]) == list(range(1, 591)) and schools["by_lot"].sum() == 59
    few, many = (sa.proportion(lessons.chosen_visits(schools, visits)) for visits in (59, 590))
    lot = sa.proportion(lessons.lot_visits(schools))
    assert few.low > 0.17 and many.low > 0.17 and lot.low <= 0.17 <= lot.high  # type: ignore[operator]


def test_good_schools_are_three_times_as_likely_to_be_visited() -> None:
    seen = [lessons.chosen_visits(data_of(2, seed), 590).count / 590 for seed in range(30)]
    assert np.mean(seen) == pytest.approx(3 * 0.17 / (3 * 0.17 + 0.83), abs=0.005)


@pytest.mark.parametrize("times", [1, 1.5, 3, 5])
def test_what_visits_show_on_average_is_undone_by_the_same_number(times: float) -> None:
    shown = lessons.favoured_visits(data_of(2, 0), times=times)
    counts = [sa.Tally(label="x", count=it.details["count"], base=it.base) for it in shown]
    assert [it.base for it in counts] == [59, 590]
    assert sa.selection_sensitivity(counts[1], times=times)[0].value == pytest.approx(0.17, abs=0.001)


def test_visits_that_were_not_made_and_a_favour_that_is_none_are_told() -> None:
    schools = data_of(2, 0)
    with pytest.raises(InputError, match=r"^visits must be at most 590, for so many were made, not 591$"):
        lessons.chosen_visits(schools, 591)
    with pytest.raises(InputError, match=r"^visits must be a whole number from 1"):
        lessons.chosen_visits(schools, 0)
    for times in (0, -1, "3", None, [1, 2]):
        with pytest.raises(InputError, match=r"^times must be numbers above 0"):
            lessons.favoured_visits(schools, times=times)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ 3, which denominator


def test_the_printed_counts_are_those_that_were_published() -> None:
    schools = data_of(3, 0)
    tallies = lessons.counted_visits(schools), lessons.counted_visits(schools, with_chosen=True)
    assert [(it.count, it.base) for it in tallies] == [(10, 59), (16, 65)]


def test_schools_that_are_added_because_they_are_good_make_any_share() -> None:
    added = lessons.adding_chosen(data_of(3, 0), added=[0, 6, 39, 5900])
    assert [it.value for it in added] == [10 / 59, 16 / 65, 0.5, 5910 / 5959]
    assert all(it.level is None for it in added), "an interval would say that there is something to estimate"
    with pytest.raises(InputError, match=r"^added must be a whole number from 0"):
        lessons.adding_chosen(data_of(3, 0), added=[-1])


@pytest.mark.parametrize("seed", range(8))
def test_pupils_are_those_of_the_survey_alone(seed: int) -> None:
    schools = data_of(3, seed)
    pupils, survey = lessons.pupil_totals(schools), schools[schools["visit"] == "survey"]
    assert list(pupils["eligible"]) == [survey["disadvantaged"].sum(), survey["others"].sum()]
    assert pupils["share_of_those_taking_part"].sum() == pytest.approx(1)
    for group in ("disadvantaged", "others"):
        assert (schools[f"{group}_taking_part"] <= schools[group]).all()


# ------------------------------------------------------------------------------------- 6, the worst schools improved


@pytest.mark.parametrize("seed", range(8))
def test_the_widest_fall_and_the_lowest_rise_with_no_true_change(seed: int) -> None:
    widest, lowest, every = lessons.looked_again(data_of(6, seed))
    assert widest.value < -0.05 and lowest.value > 0.03 and abs(every.value) < 0.015  # type: ignore[operator,arg-type]
    assert abs(widest.details["after"] - widest.details["true"]) < abs(widest.value or 0) / 1.5


def test_how_far_they_return_is_what_the_reliability_tells() -> None:
    off, apart = [], []
    for seed in range(30):
        gaps = data_of(6, seed)
        mean, widest = gaps["gap_before"].mean(), gaps.nlargest(10, "gap_before")
        true = lessons.reliability(gaps)[1].value
        off.append(mean + true * (widest["gap_before"].mean() - mean) - widest["gap_after"].mean())
        narrowed = (gaps["gap_before"] - gaps["gap_after"]).groupby(gaps["group"]).mean()
        apart.append(narrowed["programme"] - narrowed["comparison"])
    assert np.mean(off) == pytest.approx(0, abs=0.012)
    assert np.mean(apart) == pytest.approx(0, abs=0.012), "the programme does nothing"


def test_the_true_gaps_are_the_same_whatever_the_seed() -> None:
    first, other = (np.sort(data_of(6, seed)["gap_true"]) for seed in (0, 1))
    np.testing.assert_array_equal(first, other)
    assert first.mean() == pytest.approx(0.12) and first.std() == pytest.approx(0.07, abs=0.001)


def test_two_groups_are_drawn_by_lot_from_the_twenty_widest() -> None:
    gaps = data_of(6, 0)
    twenty = gaps.nlargest(20, "gap_before")
    pd.testing.assert_series_equal(gaps["group"] != "neither", gaps["school"].isin(twenty["school"]), check_names=False)
    assert dict(twenty["group"].value_counts()) == {"programme": 10, "comparison": 10}
