"""What lessons 7, 8 and 10 say: held against other ways of getting at the same numbers."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_analysis as sa
from survey_analysis import charts, lessons
from survey_analysis.errors import InputError
from survey_analysis.estimates import Tally
from survey_analysis.exact_tests import exact_p_value
from survey_analysis.lessons import do_actions_work, do_they_agree, how_many_pupils
from survey_analysis.lessons.catalogue import data_of

SEEDS = range(61)


@pytest.mark.parametrize("number", [7, 8, 10])
def test_the_printed_data_are_as_many_as_the_survey_and_every_seed_shows_the_lesson(number: int) -> None:
    lesson = {7: how_many_pupils, 8: do_actions_work, 10: do_they_agree}[number].LESSON
    for seed in SEEDS:
        data = data_of(number, seed)
        for asked in lesson.questions:
            right = asked.answer(data)
            assert not any(asked.is_near(mistake.answer(data), right) for mistake in asked.mistakes), (seed, asked.asks)


# ------------------------------------------------------------------------------------------------ how many pupils


def test_1770_pupils_count_as_260() -> None:
    pupils = data_of(7, 0)
    assert (pupils["pupils"].sum(), pupils["school"].nunique()) == (1770, 59)
    assert how_many_pupils.LESSON.prediction.answer(pupils) == pytest.approx(1770 / 6.8)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_survey_made_again_has_the_design_effects_that_arithmetic_gives(seed: int) -> None:
    """The variance between schools adds to the share, and falls out of the gap, of which it takes from each group's."""
    pupils = data_of(7, seed)
    each = pupils.groupby("school")["pupils"].sum().iloc[0]
    behind, ahead = each // 3, each - each // 3
    between = 0.2 * 0.4 * 0.6
    alone = [share * (1 - share) / of for share, of in ((0.4 - 0.2 / 3, behind), (0.4 + 0.1 / 3, ahead))]
    for spread in (0.0, 0.15):
        found = lessons.repeated_surveys(pupils, gap_spread=spread, repeats=20_000)["design_effect"]
        assert found[0] == pytest.approx(1 + (each - 1) * 0.2, rel=0.04)
        # A gap that differs by school varies by its square, and takes a little from the variance within the groups.
        within = sum(alone) - between * (1 / behind + 1 / ahead) - spread**2 * (4 / 9 / behind + 1 / 9 / ahead)
        assert found[1] == pytest.approx((within + spread**2) / sum(alone), rel=0.04)
    assert lessons.repeated_surveys(pupils)["design_effect"][1] < 1 < found[1] < found[0]


@pytest.mark.parametrize("wrong", [{"gap_spread": 0.2}, {"gap_spread": "0"}, {"repeats": 1}, {"repeats": 20_001}])
def test_what_cannot_be_repeated_is_told(wrong: dict[str, Any]) -> None:
    [name] = wrong
    with pytest.raises(InputError, match=rf"^{name} must be "):
        lessons.repeated_surveys(data_of(7, 0), **wrong)


def test_schools_that_are_alike_have_the_same_share_on_average() -> None:
    rates = lessons.rates_of_schools(data_of(7, 0))
    assert rates["if_alike"].mean() == pytest.approx(rates["share"].mean(), abs=0.01)
    assert rates["share"].is_monotonic_increasing and rates["if_alike"].is_monotonic_increasing


# -------------------------------------------------------------------------------------------- do the actions work


def test_p_values_are_those_of_the_package() -> None:
    first = data_of(8, 0).query("visited == 'first'")
    for row in lessons.feature_differences(first).iloc[::6].itertuples(index=False):
        groups = [first[first["successful"] == which][str(row.feature)] for which in (True, False)]
        one, other = (Tally(label="x", count=int(it.sum()), base=len(it)) for it in groups)
        assert row.p_value == pytest.approx(exact_p_value(one, other, method="fisher"))
        assert row.difference == pytest.approx(groups[0].mean() - groups[1].mean())


def test_what_the_best_five_show_is_what_noise_gives() -> None:
    found = [do_actions_work.LESSON.prediction.answer(data_of(8, seed)) for seed in SEEDS]
    assert np.mean(np.array(found, dtype=float)) == pytest.approx(sa.noise_differences()[0].value, abs=0.015)
    prevalence = np.mean([data_of(8, seed)[list(do_actions_work.FEATURES)].to_numpy().mean() for seed in SEEDS])
    assert prevalence == pytest.approx(0.5, abs=0.01)
    assert len(set(do_actions_work.FEATURES)) == 40


def test_differences_need_both_kinds_of_schools() -> None:
    schools = data_of(8, 0)
    with pytest.raises(InputError, match=r"^there must be successful schools and others; keep rows of both$"):
        lessons.feature_differences(schools[schools["successful"]])


# --------------------------------------------------------------------------------------------- do inspectors agree


def test_the_same_agreement_is_a_kappa_of_70_and_one_of_32() -> None:
    for which, kappa, ac1 in (("even", 0.70, 0.70), ("skewed", 0.32, 0.81)):
        found = sa.agreement_table(lessons.grades_of(data_of(10, 0), which), weights="nominal", level=None)
        values = {item.label: item.value for item in found}
        assert values["raw agreement"] == 0.85
        assert (values["Cohen's kappa"], values["Gwet's AC1"]) == pytest.approx((kappa, ac1), abs=0.005)


@pytest.mark.parametrize("place", [0, 20, 35])
def test_the_curve_is_what_the_package_gives_of_such_grades(place: int) -> None:
    row = lessons.kappa_curve(data_of(10, 0)).iloc[place]
    apart, total = 750, 10_000
    both = round(row["share"] * total) - apart
    counts = [[both, apart], [apart, total - both - 2 * apart]]
    found = sa.agreement_table(sa.ratings_from_counts(counts, codes=["a", "b"]), weights="nominal", level=None)
    values = {item.label: item.value for item in found}
    assert (row["kappa"], row["ac1"]) == pytest.approx((values["Cohen's kappa"], values["Gwet's AC1"]))


def test_the_slider_begins_at_half_and_half_and_draws_every_value() -> None:
    slider = lessons.skew_slider(data_of(10, 0))
    assert repr(slider).startswith("A slider for per cent of the commoner grade, from 50 to 92, in JupyterLab.")
    assert "a kappa of 0.70 and an AC1 of 0.70" in slider._draw(50).title
    assert [slider._draw(it).png()[:4] for it in slider.values[::7]] == [b"\x89PNG"] * 4


def test_another_set_is_told() -> None:
    with pytest.raises(InputError, match="'skewd'"):
        lessons.grades_of(data_of(10, 0), "skewd")


# ---------------------------------------------------------------------------------------------------- their charts


@pytest.mark.parametrize("nothing", [None, pd.DataFrame(), pd.DataFrame({"share": ["a"], "if_alike": [0.5]})])
def test_charts_of_other_tables_are_told(nothing: Any) -> None:
    for draw in (charts.schools_beside_chance, charts.found_again, lambda it: charts.kappas(it, at=0.5)):
        with pytest.raises(
            InputError, match=r"^this chart needs what lessons\.\w+\(\) returns, with a number in each "
        ):
            draw(nothing)


@pytest.mark.parametrize("at", [0.49, 0.93, "a", True, float("nan")])
def test_a_share_beyond_the_curve_is_told(at: Any) -> None:
    with pytest.raises(InputError, match=r"^at must be from 0\.5 to 0\.92, not "):
        charts.kappas(lessons.kappa_curve(data_of(10, 0)), at=at)
