"""Lessons 4, 5 and 9: with every seed the trap is there, and what they compute is what the package gives."""

from collections.abc import Callable

import pandas as pd
import pytest

import survey_analysis as sa
from survey_analysis import lessons
from survey_analysis.errors import InputError
from survey_analysis.lessons import did_it_widen, good_value, mix_of_schools
from survey_analysis.lessons.questions import Lesson

SEEDS = range(61)


@pytest.mark.parametrize("lesson", [did_it_widen.LESSON, mix_of_schools.LESSON, good_value.LESSON])
def test_no_slip_comes_to_what_is_right(lesson: Lesson) -> None:
    for seed in SEEDS:
        data = lesson.data(seed)
        assert all(question.tells_apart(data) for question in lesson.questions), seed


def test_the_gap_is_wider_on_two_scales_and_narrower_on_two() -> None:
    for seed in SEEDS:
        gaps = lessons.gap_before_after(did_it_widen.pupils_taking_part(seed))
        assert [it.details["direction"] for it in gaps] == ["wider", "narrower", "wider", "narrower"]
        assert did_it_widen.LESSON.prediction.answer(did_it_widen.pupils_taking_part(seed)) == "none of these"


def test_the_printed_pupils_have_the_shares_of_the_truth() -> None:
    pupils = did_it_widen.pupils_taking_part(0)
    assert (pupils["taking_part"] / pupils["pupils"]).tolist() == list(did_it_widen.SHARES.values())


def test_each_gap_is_that_of_the_package() -> None:
    pupils = did_it_widen.pupils_taking_part(3)
    for time in ("before", "after"):
        rows = pupils[pupils["time"] == time]
        ahead, behind = (
            sa.Tally(label=group, count=count, base=base)
            for group, count, base in zip(
                rows["group"], rows["taking_part"].tolist(), rows["pupils"].tolist(), strict=True
            )
        )
        for item, wanted in zip(lessons.gap_before_after(pupils), sa.gap(ahead, behind), strict=True):
            assert item.details[time] == wanted.value and item.unit == wanted.unit


@pytest.mark.parametrize("ahead", [0.01, 0.05, 0.2, 0.36, 0.5, 0.8, 0.95, 0.999])
def test_when_odds_grow_alike_the_odds_ratio_alone_stays(ahead: float) -> None:
    for seed in (0, 1, 7):
        found = {it.details["scale"]: it.details for it in lessons.even_growth(lessons.data(4, seed=seed), ahead=ahead)}
        assert found["odds_ratio"]["direction"] == "the same"
        grown = found["non_participation_ratio"]["after"] > found["non_participation_ratio"]["before"]
        assert grown == (found["ratio"]["after"] < found["ratio"]["before"])


def test_the_level_of_the_data_is_taken_when_none_is_given() -> None:
    pupils = lessons.data(4)
    assert lessons.even_growth(pupils) == lessons.even_growth(pupils, ahead=0.36)


@pytest.mark.parametrize("ahead", [0, 1, 1.2, -0.1, float("nan"), float("inf"), "a", True])
def test_a_level_that_is_no_share_is_told(ahead: object) -> None:
    with pytest.raises(InputError, match=r"^ahead must be a share between 0 and 1, such as 0.36, not "):
        lessons.even_growth(lessons.data(4), ahead=ahead)  # type: ignore[arg-type]


def test_the_slider_moves_the_chart_of_scales() -> None:
    slider = lessons.growth_slider(lessons.data(4))
    assert slider.start in slider.values
    assert str(slider).startswith("A slider for others taking part afterwards, per cent, from 5 to 95, in JupyterLab. ")


def test_every_kind_of_school_favours_one_group_and_all_together_the_other() -> None:
    for seed in SEEDS:
        schools = mix_of_schools.schools_by_kind(seed)
        found = sa.stratified_gap(lessons.by_kind(schools), independent="pupils")
        assert found[0].details["direction"] == "reversed" and found[0].details["ahead_in"] == 0
        assert found[0].details["behind_in"] == found[0].details["strata"] == 3
        for item in found:
            own = mix_of_schools._within(schools, item.details["scale"])
            assert own == pytest.approx(item.value)


def test_shares_by_kind_are_those_of_the_strata() -> None:
    schools = lessons.data(5)
    table = lessons.shares_by_kind(schools)
    of = schools[schools["kind"] == "few entitled"].sum(numeric_only=True)
    assert table["other pupils"][0] == of["others_taking_part"] / of["others"]
    assert list(table["kind_of_school"]) == list(mix_of_schools.ENTITLED)


def test_the_strata_keep_their_schools_so_that_intervals_respect_them() -> None:
    found = sa.stratified_gap(lessons.by_kind(lessons.data(5)))
    assert "bootstrap over schools" in found[0].method


def test_the_cheapest_to_reach_is_the_dearest_to_sustain_and_the_rubrics_differ() -> None:
    for seed in SEEDS:
        partnerships = good_value.partnerships_drawn(seed)
        costs = lessons.costs_per_pupil(partnerships).set_index("partnership")
        assert costs["per_pupil_reached"].idxmin() == costs["per_disadvantaged_pupil_sustained"].idxmax() == "Hill"
        first = [lessons.judged_by(partnerships, rubric)["partnership"][0] for rubric in ("A", "B")]
        assert first[0] == "Dale" and first[1] == good_value.LESSON.questions[2].answer(partnerships) != "Dale"
        verdicts = [lessons.judged_by(partnerships, rubric)["overall"].tolist() for rubric in ("A", "B")]
        assert all(of.count("excellent") == 1 and of[0] == "excellent" for of in verdicts)


def test_a_partnership_comes_to_the_lower_of_its_two_standards() -> None:
    order = ["adequate", "good", "excellent"]
    for rubric in ("A", "B"):
        for row in lessons.judged_by(lessons.data(9), rubric).to_dict("records"):
            reached = [text.rpartition(": ")[2] for text in list(row.values())[1:3]]
            assert row["overall"] == min(reached, key=order.index)


def test_the_rubrics_are_as_a_file_would_have_them() -> None:
    for name in ("A", "B"):
        for criterion in lessons.value_rubric(name).criteria:
            ends = sorted(((it.at_least, it.below) for it in criterion.standards), key=lambda pair: pair[0])
            assert [below for _, below in ends[:-1]] == [at_least for at_least, _ in ends[1:]]
    with pytest.raises(InputError, match="name"):
        lessons.value_rubric("C")


# -------------------------------------------------------------------------------------------- the chart of rankings


def test_the_title_says_where_the_first_ends() -> None:
    costs = pd.DataFrame({"name": ["x", "y", "z"], "per_a": [1.0, 2.0, 3.0], "per_b": [20.0, 10.0, 30.0]})
    assert sa.charts.rankings(costs).title == (
        "Invented data: x is the cheapest per a; per b it is number 2, and y is the cheapest"
    )
    assert sa.charts.rankings(costs[["name", "per_a", "per_a"]].set_axis(["name", "per_a", "per_b"], axis=1)).title == (
        "Invented data: x is the cheapest per a, and per b as well"
    )
    assert sa.charts.rankings(costs.assign(name=["y", "x", "z"], per_b=[10.0, 10.0, 30.0])).title == (
        "Invented data: y is the cheapest per a, and per b as well"
    )
    chart = sa.charts.rankings(costs.assign(per_b=[30.0, 10.0, 20.0]), provenance="observed")
    assert chart.title == "x is the cheapest per a; per b it is the dearest, and y is the cheapest"
    assert "per b: y £10, z £20, x £30" in chart.alt and chart.origin == "observed"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda costs: costs.head(1), "costs must have two rows or more"),
        (lambda costs: costs[["name", "per_a"]], "costs must have two rows or more"),
        (lambda costs: costs.assign(per_a="a"), "costs must have two rows or more"),
        (lambda costs: costs.assign(per_a=float("nan")), "costs must have two rows or more"),
        (lambda costs: costs.assign(per_a=float("inf")), "costs must have two rows or more"),
        (lambda costs: costs.assign(name="x"), "costs must have a name of its own for each row"),
        (lambda costs: "costs", "costs must come from"),
    ],
)
def test_what_cannot_be_ranked_is_told(change: Callable[[pd.DataFrame], object], message: str) -> None:
    costs = pd.DataFrame({"name": ["x", "y"], "per_a": [1.0, 2.0], "per_b": [2.0, 1.0]})
    with pytest.raises(InputError, match=message):
        sa.charts.rankings(change(costs))  # type: ignore[arg-type]
