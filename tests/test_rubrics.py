"""Rubrics: the standard that each value reaches, the reasons, when it was agreed, and wrong files as prose."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates
from survey_analysis.rendering import table
from survey_analysis.rubrics import Rubric, apply_rubric, read_rubric, rubric_in_words
from survey_analysis.survey_files import load_survey
from survey_analysis.value_criteria import MEASURES, four_es

SHIPPED = load_survey()
GOOD = """
title = "Ours"
status = "agreed"
agreed_by = "the board"
agreed_on = 2011-09-04
standards = ["poor", "fair", "good"]
[[criteria]]
name = "Cost"
measure = "pounds per place"
unit = "pounds"
[criteria.standards]
poor = { at_least = 200, words = "dear" }
fair = { at_least = 100, below = 200 }
good = { below = 100 }
[[criteria]]
name = "Staying"
measure = "share that stays"
unit = "share"
[criteria.standards]
poor = { below = 0.5 }
fair = { at_least = 0.5, below = 0.75 }
good = { at_least = 0.75 }
"""


def rubric(folder: Path, text: str = GOOD) -> Rubric:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return read_rubric(path)


def measure(label: str, value: float | None, *limits: float, unit: str = "pounds") -> Estimate:
    low, high, level = (*limits, 0.95) if limits else (None, None, None)
    return Estimate(
        label=label, value=value, low=low, high=high, level=level, method="m", base=9, provenance="observed", unit=unit
    )


def both(cost: Estimate, staying: float = 0.6) -> Estimates:
    return Estimates([cost, measure("share that stays", staying, unit="share")])


@pytest.mark.parametrize(
    ("pounds", "standard"),
    [(0, "good"), (99.99, "good"), (100, "fair"), (199.99, "fair"), (200, "poor"), (9e9, "poor")],
)
def test_at_least_belongs_to_a_standard_and_below_does_not(tmp_path: Path, pounds: float, standard: str) -> None:
    judged = apply_rubric(rubric(tmp_path), both(measure("pounds per place", pounds)), survey=SHIPPED)
    assert judged["standard"].tolist() == [standard, "fair"]


@given(st.floats(-1e6, 1e6))
def test_every_value_reaches_exactly_one_standard_of_every_criterion(value: float) -> None:
    for criterion in read_rubric().criteria:
        assert sum(it.at_least <= value < it.below for it in criterion.standards) == 1
        assert criterion.reached(value) in criterion.standards


def test_the_reason_gives_value_limits_and_words(tmp_path: Path) -> None:
    judged = apply_rubric(rubric(tmp_path), both(measure("pounds per place", 250, 210, 300)), survey=SHIPPED)
    [cost, staying] = judged.to_dict("records")
    assert cost["reason"] == ("£250 is at least £200, which is poor: dear; its 95% interval, £210 to £300, stays there")
    assert staying["reason"] == "60.0% is at least 50.0% and below 75.0%, which is fair; it has no interval"
    assert (cost["low_standard"], cost["high_standard"]) == ("poor", "poor")
    assert (cost["value"], cost["unit"], cost["provenance"]) == (250, "pounds", "observed")


def test_an_interval_over_a_threshold_is_said_to_leave_it_to_chance(tmp_path: Path) -> None:
    judged = apply_rubric(rubric(tmp_path), both(measure("pounds per place", 150, 90, 250)), survey=SHIPPED)
    first = judged.iloc[0]
    assert (first["standard"], first["low_standard"], first["high_standard"]) == ("fair", "poor", "good")
    assert first["reason"].endswith("£90 to £250, reaches from poor to good, so chance alone could decide")


def test_a_value_that_rounds_to_a_threshold_is_said_to_be_judged_before_rounding(tmp_path: Path) -> None:
    judged = apply_rubric(rubric(tmp_path), both(measure("pounds per place", 199.9)), survey=SHIPPED)
    assert judged["reason"][0].startswith("£200 is, before rounding, at least £100 and below £200, which is fair")


def test_what_is_undefined_is_not_judged(tmp_path: Path) -> None:
    judged = apply_rubric(rubric(tmp_path), both(measure("pounds per place", None)), survey=SHIPPED)
    first = judged.iloc[0]
    assert (first["standard"], first["reason"]) == ("not judged", "it is undefined (m)")
    assert pd.isna(first["value"]) and pd.isna(first["low_standard"])


@pytest.mark.parametrize(
    ("day", "agreed", "words"),
    [
        (date(2011, 9, 4), "before the visits", "before the visits, as a rubric should be."),
        (date(2011, 9, 5), "after the first visit", "after the first visit, so they were not set before the data."),
        (date(2026, 1, 1), "after the first visit", "after the first visit, so they were not set before the data."),
    ],
)
def test_when_it_was_agreed_is_compared_with_the_first_visit(
    tmp_path: Path, day: date, agreed: str, words: str
) -> None:
    """The first visit of the reconstruction was on 5 September 2011."""
    ours = replace(rubric(tmp_path), agreed_on=day)
    judged = apply_rubric(ours, both(measure("pounds per place", 1)), survey=SHIPPED)
    assert set(judged["timing"]) == {agreed}
    assert str(rubric_in_words(judged)) == (
        f"Cost: good; Staying: fair (by values that are observed). The thresholds were agreed by the board on "
        f"{day.isoformat()}; that was {words}"
    )


def test_visits_without_a_date_leave_it_unknown(tmp_path: Path) -> None:
    undated = replace(SHIPPED, visits=SHIPPED.visits.assign(visit_date="not_seen"))
    judged = apply_rubric(rubric(tmp_path), both(measure("pounds per place", 1)), survey=undated)
    assert set(judged["timing"]) == {"unknown"}
    assert "when the visits were is unknown" in str(rubric_in_words(judged))


def test_the_shipped_rubric_is_an_example_of_the_four_es_and_says_so() -> None:
    shipped = read_rubric()
    assert (shipped.status, shipped.agreed_by) == ("example", "nobody: an example")
    assert {it.measure: it.unit for it in shipped.criteria}.items() <= {k: v.unit for k, v in MEASURES.items()}.items()
    judged = apply_rubric(shipped, four_es(SHIPPED), survey=SHIPPED)
    assert set(judged["standard"]) <= set(shipped.standards)
    assert str(rubric_in_words(judged)).startswith("Invented data. Economy: adequate; Efficiency: good; ")
    assert shipped.to_frame().columns.tolist() == [
        "criterion",
        "measure",
        "poor",
        "adequate",
        "good",
        "excellent",
        "status",
    ]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("agreed", "The thresholds were agreed by the board on 2011-09-04; that was before the visits"),
        ("published", "The thresholds were published by the board on 2011-09-04; that was before the visits"),
        ("example", "The thresholds are an example dated 2011-09-04 that nobody agreed; that was before the visits"),
    ],
)
def test_where_values_and_where_thresholds_come_from_are_told_apart(tmp_path: Path, status: str, words: str) -> None:
    """Real values by an example of a rubric are no invented data, and invented values by an agreed one still are."""
    ours = rubric(tmp_path, GOOD.replace('"agreed"', f'"{status}"'))
    seen, made = measure("pounds per place", 1), replace(measure("pounds per place", 1), provenance="illustrative")
    judged, invented = (apply_rubric(ours, both(it), survey=SHIPPED) for it in (seen, made))
    assert judged["provenance"].tolist() == ["observed", "observed"]
    assert invented["provenance"].tolist() == ["illustrative", "observed"]
    assert set(judged["status"]) == {status} and set(judged["agreed_by"]) == {"the board"}
    assert str(rubric_in_words(judged)).startswith(f"Cost: good; Staying: fair (by values that are observed). {words}")
    assert str(rubric_in_words(invented)).startswith("Invented data. Cost: good; ")


def test_a_standard_by_a_published_value_was_printed_by_nobody(tmp_path: Path) -> None:
    published = replace(measure("pounds per place", 1), provenance="published")
    assert apply_rubric(rubric(tmp_path), both(published), survey=SHIPPED)["provenance"][0] == "derived"


@pytest.mark.parametrize(("value", "standard"), [(float("inf"), "poor"), (float("-inf"), "good")])
def test_a_value_without_end_reaches_the_outermost_standard(tmp_path: Path, value: float, standard: str) -> None:
    judged = apply_rubric(rubric(tmp_path), both(measure("pounds per place", value)), survey=SHIPPED)
    assert judged["standard"][0] == standard and "before rounding" not in judged["reason"][0]
    wide = apply_rubric(rubric(tmp_path), both(measure("pounds per place", 150, 90, float("inf"))), survey=SHIPPED)
    assert (wide["low_standard"][0], wide["high_standard"][0]) == ("poor", "good")


def test_a_judged_frame_prints_whole_with_its_units() -> None:
    judged = apply_rubric(read_rubric(), four_es(SHIPPED, resamples=50), survey=SHIPPED)
    shown = str(table(judged[["criterion", "value", "unit", "standard"]]))
    assert "-6.3 points" in shown and "£54" in shown and "65.3%" in shown and "-0.06" not in shown


@pytest.mark.parametrize(
    ("measures", "message"),
    [
        (
            [measure("pounds per plaice", 1)],
            "criterion 'Cost': measure must be one of 'pounds per plaice', not 'pounds per place'; did you mean "
            "'pounds per plaice'?",
        ),
        ([], "criterion 'Cost': measure cannot be 'pounds per place', for there is nothing to choose from"),
        (
            [measure("pounds per place", 1)] * 2,
            "criterion 'Cost': 2 estimates are named 'pounds per place'; give one of",
        ),
        (
            [measure("pounds per place", 1, unit="share")],
            "criterion 'Cost': the thresholds are in pounds, and 'pounds per place' is in share",
        ),
    ],
)
def test_a_measure_that_does_not_fit_is_told(tmp_path: Path, measures: list[Estimate], message: str) -> None:
    with pytest.raises(InputError) as told:
        apply_rubric(rubric(tmp_path), measures, survey=SHIPPED)
    assert str(told.value).startswith(message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Ours"', "", "ours.toml: field 'title' is missing; give it"),
        ('title = "Ours"', "title = 3", "ours.toml: field 'title' must be a text, not 3"),
        ('title = "Ours"', 'title = ""', "ours.toml: field 'title' must be a text, not ''"),
        ('title = "Ours"', 'title = "Ours"\nowner = "me"', "ours.toml: field must be one of 'title', 'status', "),
        (
            "2011-09-04",
            '"2011-09-04"',
            "ours.toml: agreed_on must be a date without quotation marks, such as 2026-01-31",
        ),
        ("2011-09-04", "2011-09-04T10:00:00", "ours.toml: agreed_on must be a date without quotation marks"),
        ('"agreed"', '"observed"', "ours.toml: status must be one of 'agreed', 'published', 'example', not 'observed'"),
        ('"agreed"', '["agreed"]', "ours.toml: status must be one of 'agreed', 'published', 'example', not ['agreed']"),
        (
            "poor = { below = 0.5 }",
            "poor = { below = 50 }",
            "standard 'poor', field 'below' must be a part of 1, not 50; write 0.5 for 50%",
        ),
        (
            'unit = "share"\n[criteria.standards]\npoor = { below = 0.5 }',
            'unit = "points"\n[criteria.standards]\npoor = { below = -5 }',
            "field 'below' must be a part of 1, not -5; write -0.05 for -5 percentage points",
        ),
        (
            '["poor", "fair", "good"]',
            '["poor"]',
            "ours.toml: standards must be two names or more, from the worst to the",
        ),
        (
            '["poor", "fair", "good"]',
            '["poor", "poor"]',
            "ours.toml: standards must have names of their own, and are poor",
        ),
        ('unit = "pounds"', 'unit = "pound"', "ours.toml: criterion 'Cost', unit must be one of "),
        ('name = "Cost"', "", "ours.toml: criterion 1, field 'name' is missing; give it"),
        (
            'name = "Cost"',
            'name = "Staying"',
            "ours.toml: two criteria are named 'Staying'; give each a name of its own",
        ),
        (
            "fair = { at_least = 100, below = 200 }\n",
            "",
            "ours.toml: criterion 'Cost', the standard 'fair' is missing; say",
        ),
        (
            "fair = { at_least = 100, ",
            "fine = { at_least = 100, ",
            "ours.toml: criterion 'Cost', standard must be one of ",
        ),
        (
            "at_least = 100, below = 200",
            "at_least = 120, below = 200",
            "'good' and 'fair' leave a gap: one ends before 100",
        ),
        (
            "at_least = 100, below = 200",
            "at_least = 90, below = 200",
            "'good' and 'fair' overlap: one ends before 100, the",
        ),
        (
            "at_least = 100, below = 200",
            "at_least = 200, below = 100",
            "standard 'fair' is empty: it begins at 200 and ends",
        ),
        (
            "at_least = 100, below = 200",
            "at_least = 300, below = 400",
            "the standards must run one way from poor to good",
        ),
        ("at_least = 100, below = 200", "", "standard 'fair' must say at_least, below or both, as in"),
        (
            "at_least = 100, below = 200",
            "from = 1, below = 2",
            "standard 'fair': field must be one of 'at_least', 'below'",
        ),
        (
            "at_least = 100, below = 200",
            'at_least = "a"',
            "standard 'fair', field 'at_least' must be a number, not 'a'",
        ),
        (
            "at_least = 100, below = 200",
            "at_least = nan",
            "standard 'fair', field 'at_least' must be a number, not nan",
        ),
        ('words = "dear"', "words = 1", "standard 'poor', field 'words' must be a text"),
        (
            'at_least = 200, words = "dear"',
            "at_least = 200, below = 900",
            "standard 'poor' stops at 900, so a value beyond",
        ),
        (
            "good = { below = 100 }",
            "good = { at_least = 0, below = 100 }",
            "standard 'good' stops at 0, so a value beyond",
        ),
        ("[[criteria]]", "[criteria", "ours.toml is not valid TOML: "),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as told:
        rubric(tmp_path, GOOD.replace(old, new, 1))
    assert message in str(told.value) and "\n" not in str(told.value)
    if not message.startswith("ours.toml"):
        assert str(told.value).startswith("ours.toml: criterion '") or "is not valid TOML" in message


@pytest.mark.parametrize("table", ["criteria = []", "criteria = 3", "criteria = [3]"])
def test_criteria_that_are_none_are_told(tmp_path: Path, table: str) -> None:
    with pytest.raises(
        InputError, match=r"^ours\.toml: (criteria must be tables|criterion 1, must be a table with name)"
    ):
        rubric(tmp_path, GOOD.split("[[criteria]]")[0] + table)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml cannot be read \(.*\); give the path of a TOML file, or none$"):
        read_rubric(tmp_path / "none.toml")

    with pytest.raises(InputError, match=r"^path must be that of a TOML file, not 5$"):
        read_rubric(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: apply_rubric(four_es(SHIPPED, resamples=50), read_rubric(), survey=SHIPPED),  # type: ignore[arg-type]
            "rubric must come from read_rubric(), and is Estimates instead",
        ),
        (
            lambda: apply_rubric(read_rubric(), [5], survey=SHIPPED),  # type: ignore[list-item]
            "measures must be estimates, such as four_es() makes, and 5 is none",
        ),
        (
            lambda: apply_rubric(read_rubric(), read_rubric(), survey=SHIPPED),  # type: ignore[arg-type]
            "measures must be estimates, such as four_es() makes, and Rubric(title=",
        ),
        (
            lambda: apply_rubric(read_rubric(), [], survey="x"),  # type: ignore[arg-type]
            "survey must come from load_survey() or read_survey(), and is str instead",
        ),
    ],
)
def test_what_is_no_rubric_measure_or_survey_is_told(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value).startswith(message)


JUDGED = apply_rubric(read_rubric(), four_es(SHIPPED, resamples=50), survey=SHIPPED)


@pytest.mark.parametrize("other", [pd.DataFrame({"criterion": ["x"]}), JUDGED[:0], "judged", None])
def test_words_about_another_table_are_refused(other: Any) -> None:
    with pytest.raises(InputError, match=r"^judged must be the table that apply_rubric\(\) gives, not another$"):
        rubric_in_words(other)
