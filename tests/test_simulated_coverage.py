"""How often intervals hold the truth, by simulation: the table, what each option does, and what cannot be made."""

import numpy as np
import pandas as pd
import pytest
from made_surveys import School, survey

from survey_analysis.errors import InputError
from survey_analysis.simulated_coverage import gap_coverage
from survey_analysis.survey_files import load_survey

SHIPPED = load_survey()
NOBODY = survey(School((0, 9), (1, 9), (2, 9), (3, 9)), School((0, 9), (1, 9), (2, 9), (3, 9)))
ABSENT = survey(School((1, 9), (0, 0), (2, 9), (0, 0)), School((1, 9), (0, 0), (2, 9), (0, 0)))


def held(table: pd.DataFrame, estimate: str, interval: str) -> list[float]:
    rows = table[(table["estimate"] == estimate) & (table["interval"] == interval)]
    return list(rows["coverage"])


def test_the_table_has_a_row_for_each_number_of_schools_estimate_and_interval() -> None:
    table = gap_coverage(SHIPPED, "fsm", schools=[5, 8], repeats=50)
    assert list(table.columns) == [
        *(
            "schools",
            "estimate",
            "interval",
            "level",
            "coverage",
            "low",
            "high",
            "design_effect",
            "without",
            "provenance",
        )
    ]
    assert len(table) == 8
    assert not table.isna().any().any()
    assert set(table["provenance"]) == {"illustrative"}
    assert (table["low"] <= table["coverage"]).all() and (table["coverage"] <= table["high"]).all()
    pd.testing.assert_frame_equal(table, gap_coverage(SHIPPED, "fsm", schools=[5, 8], repeats=50))
    assert not table.equals(gap_coverage(SHIPPED, "fsm", schools=[5, 8], repeats=50, seed=1))


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["difference", "ratio", "non_participation_ratio", "odds_ratio"])
def test_intervals_that_respect_schools_hold_what_they_say_and_the_others_do_not(scale: str) -> None:
    table = gap_coverage(SHIPPED, "fsm", scale=scale, repeats=4_000)
    for estimate in ("share", "change of the gap"):
        assert held(table, estimate, "respects schools") == pytest.approx([0.95] * 4, abs=0.03)
        assert held(table, estimate, "respects schools")[-1] == pytest.approx(0.95, abs=0.012)
    assert max(held(table, "share", "takes pupils as independent")) < 0.55
    assert max(held(table, "change of the gap", "takes pupils as independent")) < 0.94


@pytest.mark.slow
def test_where_the_change_is_the_same_everywhere_a_gap_needs_no_respect_for_schools_and_a_share_does() -> None:
    table = gap_coverage(SHIPPED, "fsm", schools=[59], change_spread=0, repeats=4_000)
    assert held(table, "change of the gap", "takes pupils as independent") == pytest.approx([0.95], abs=0.012)
    effects = table.groupby("estimate")["design_effect"].first()
    assert effects["share"] > 5 and effects["change of the gap"] < 1.1


def test_without_spread_pupils_are_independent() -> None:
    table = gap_coverage(SHIPPED, "fsm", schools=[59], spread=0, change_spread=0, repeats=1_000)
    assert held(table, "share", "takes pupils as independent") == pytest.approx([0.95], abs=0.025)
    assert np.allclose(table["design_effect"], 1, atol=0.08)


@pytest.mark.parametrize("option", [{"level": 0.5}, {"scale": "ratio"}, {"outcome": "sustained"}, {"spread": 0.1}])
def test_each_option_changes_the_table(option: dict[str, object]) -> None:
    plain, other = (gap_coverage(SHIPPED, "fsm", schools=[9], repeats=300, **it) for it in ({}, option))  # type: ignore[arg-type]
    assert not plain["coverage"].equals(other["coverage"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: gap_coverage(SHIPPED, "fsm", schools=[1]),
            "each number of schools must be a whole number from 2, not 1",
        ),
        (
            lambda: gap_coverage(SHIPPED, "fsm", schools=[]),
            "schools must be one number of schools or more, such as [5, 10, 20], not []",
        ),
        (
            lambda: gap_coverage(SHIPPED, "fsm", repeats=0),
            "repeats must be a whole number from 1, not 0",
        ),
        (lambda: gap_coverage(SHIPPED, "fsm", repeats=10.0), "repeats must be a whole number from 1, not 10.0"),
        (
            lambda: gap_coverage(SHIPPED, "fsm", schools=5),
            "schools must be one number of schools or more, such as [5, 10, 20], not 5",
        ),
        (
            lambda: gap_coverage(SHIPPED, "fsm", spread="a"),
            "spread and change_spread must be from 0 to below 1, not 'a' and 0.25",
        ),
        (
            lambda: gap_coverage(SHIPPED, "fsm", spread=1),
            "spread and change_spread must be from 0 to below 1, not 1 and 0.25",
        ),
        (
            lambda: gap_coverage(survey(*[School((8, 9), (1, 9), (2, 9), (3, 9))] * 2), "fsm"),
            "spread must leave every rate below 1, and 89% is too high for 0.25",
        ),
        (
            lambda: gap_coverage(SHIPPED, "fsm", scale="odds"),
            "scale must be one of 'difference', 'ratio', 'non_participation_ratio', 'odds_ratio', not 'odds'",
        ),
        (
            lambda: gap_coverage(NOBODY, "fsm"),
            "nobody of a group has the outcome at one of the times, so surveys made so would all be alike",
        ),
        (
            lambda: gap_coverage(ABSENT, "fsm"),
            "a group has no pupils at one of the times, so there is no rate to make surveys from",
        ),
    ],
)
def test_what_cannot_be_made_is_told(call: object, message: str) -> None:
    with pytest.raises(InputError) as told:
        call()  # type: ignore[operator]
    assert str(told.value) == message
