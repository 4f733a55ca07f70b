"""The Four Es: each row by hand and against the unit costs, what is left out, bad calls as prose."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimates
from survey_analysis.pooling import WEIGHTINGS
from survey_analysis.prices import Costing
from survey_analysis.rendering import interval
from survey_analysis.survey_files import load_survey
from survey_analysis.value_criteria import MEASURES, four_es, four_es_in_words
from survey_analysis.value_for_money import unit_cost

SHIPPED = load_survey()
ROWS = {row.label: row for row in four_es(SHIPPED)}


def test_every_measure_names_its_e_in_the_order_of_the_four() -> None:
    assert list(ROWS) == list(MEASURES)
    order = list(dict.fromkeys(row.details["criterion"] for row in ROWS.values()))
    assert order == ["economy", "efficiency", "effectiveness", "cost-effectiveness", "equity"]
    assert {(row.base, row.level, row.method) for row in ROWS.values()} == {(59, 0.95, "bootstrap over schools (BCa)")}
    assert {row.details["weighting"] for row in ROWS.values()} == {"ratio of sums"}


def test_each_row_straight_from_the_tables() -> None:
    after = SHIPPED.pupil_groups.query("time == 'after' and characteristic == 'fsm'")
    meals, pounds = after[after["group"] == "fsm"], float(SHIPPED.costs["amount_gbp"].sum())
    part, going_on, progress = (after[name].sum() for name in ("taking_part", "sustained", "achieving"))
    equity = meals["taking_part"].sum() / part
    by_hand = [
        pounds / 59,
        pounds / after["pupils"].sum(),
        pounds / part,
        progress / part,
        going_on / part,
        pounds / progress,
        pounds / going_on,
        pounds / meals["taking_part"].sum(),
        equity,
        equity - meals["pupils"].sum() / after["pupils"].sum(),
    ]
    assert [row.value for row in ROWS.values()] == pytest.approx(by_hand, rel=1e-12)


def test_costs_and_intervals_are_those_of_the_unit_costs() -> None:
    for per in ("pupil_on_roll", "pupil_reached", "pupil_sustained", "disadvantaged_pupil_reached"):
        alone = unit_cost(SHIPPED, per=per, level=0.95)
        beside = ROWS[f"pounds per {alone.details['per']}"]
        assert (alone.value, alone.low, alone.high) == (beside.value, beside.low, beside.high)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_each_weighting_is_followed_in_every_row(weighting: str) -> None:
    found = {row.label: row for row in four_es(SHIPPED, weighting=weighting, resamples=50)}
    alone = unit_cost(SHIPPED, per="pupil_sustained", weighting=weighting)
    assert found["pounds per pupil going on for a year or more"].value == alone.value
    assert {row.details["weighting"] for row in found.values()} == {weighting.replace("_", " ")}
    if weighting != "ratio_of_sums":
        assert sum(found[label].value != row.value for label, row in ROWS.items()) >= 9


def test_options_change_the_table() -> None:
    usual = four_es(SHIPPED, resamples=50)
    assert four_es(SHIPPED, resamples=50) == usual
    for other in (
        four_es(SHIPPED, resamples=50, seed=1),
        four_es(SHIPPED, resamples=60),
        four_es(SHIPPED, resamples=50, level=0.5),
        four_es(SHIPPED, resamples=50, costing=Costing(in_kind=0)),
        four_es(SHIPPED, resamples=50, among={"monitoring": "action"}),
    ):
        assert other != usual
    unseen = int((SHIPPED.visits["monitoring"] == "not_seen").sum())
    assert four_es(SHIPPED, resamples=50, among={"monitoring": "action"})[0].details["group_not_seen"] == unseen


def test_the_shares_of_a_whole_that_all_reach_are_whole() -> None:
    groups = SHIPPED.pupil_groups
    everybody = groups.assign(taking_part=groups["pupils"], achieving=groups["pupils"], sustained=groups["pupils"])
    found = {row.label: row for row in four_es(replace(SHIPPED, pupil_groups=everybody), resamples=50)}
    assert found["making good progress, share of those taking part"].value == 1
    assert found["with free school meals, share of those taking part less share of the roll"].value == 0


def test_rows_without_such_a_pupil_are_undefined_and_say_so() -> None:
    nobody = replace(SHIPPED, pupil_groups=SHIPPED.pupil_groups.assign(sustained=0, achieving=0))
    found = {row.label: row for row in four_es(nobody, resamples=50)}
    row = found["pounds per pupil going on for a year or more"]
    assert (row.value, row.low, row.level, row.method) == (None, None, None, "undefined: no school has such a pupil")
    assert found["going on for a year or more, share of those taking part"].value == 0
    assert "undefined for each pupil going on for a year or more" in str(
        four_es_in_words(four_es(nobody, resamples=50))
    )


def test_one_school_is_described_without_intervals() -> None:
    first = SHIPPED.visits["visit_id"] == "R01"
    one = four_es(replace(SHIPPED, visits=SHIPPED.visits[first]), among={"phase": "secondary"})
    assert {(row.base, row.level, row.method) for row in one} == {(1, None, "no interval: there is one school")}


def test_schools_without_costs_are_left_out_of_every_row() -> None:
    some = replace(SHIPPED, costs=SHIPPED.costs[SHIPPED.costs["visit_id"] != "R01"])
    assert {(row.base, row.details["left_out"]) for row in four_es(some, resamples=50)} == {(58, 1)}


def test_the_words_give_one_budget_in_four_readings() -> None:
    words, gap = str(four_es_in_words(four_es(SHIPPED))), list(ROWS.values())[-1]
    assert words.startswith(
        "Invented data. One budget comes to £54 for each pupil on roll, £162 for each pupil taking part,"
    )
    assert "(ratio of sums; costs of all sources, at prices of 2011-12; illustrative)" in words
    assert f"is -6.3 points ({interval(gap.low, gap.high, 'points')}) (" in words


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: four_es(SHIPPED, among={"phase": "special", "inclusion": "pitfall", "monitoring": "neither"}),
            "no school here has both",
        ),
        (lambda: four_es(SHIPPED, weighting="mean"), "weighting must be one of 'ratio_of_sums', "),
        (lambda: four_es(SHIPPED, level=95), "level must be between 0 and 1, not 95; write 0.95 for 95%"),
        (lambda: four_es(SHIPPED, resamples=0), "resamples must be a whole number from 1, not 0"),
        (lambda: four_es(SHIPPED, weighting=5), "weighting must be one of 'ratio_of_sums', "),  # type: ignore[arg-type]
        (lambda: four_es(SHIPPED, costing=None), "costing must come from Costing()"),  # type: ignore[arg-type]
        (lambda: four_es_in_words(Estimates([])), "table must be what four_es() gives, whole, not other estimates"),
        (lambda: four_es_in_words(four_es(SHIPPED, resamples=50)[:3]), "table must be what four_es() gives, whole"),
    ],
)
def test_a_bad_call_is_told_in_one_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value).startswith(message)
