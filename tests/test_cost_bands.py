"""Bands of cost: their edges, where a cost and its interval fall, and wrong files as prose."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.cost_bands import cost_band, read_cost_bands
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate
from survey_analysis.rendering import table
from survey_analysis.resources import DATA
from survey_analysis.survey_files import load_survey
from survey_analysis.value_for_money import unit_costs

SHIPPED = (DATA / "cost_bands.csv").read_text(encoding="utf-8")
HEADER = "band,up_to_gbp,per,source,dated,provenance,note\n"
REST = "pupil,me,2020,published,\n"


def cost(value: float | None, low: float | None = None, high: float | None = None, unit: str = "pounds") -> Estimate:
    level = None if low is None else 0.95
    return Estimate(
        label="ours", value=value, low=low, high=high, level=level, method="m", base=3, provenance="observed", unit=unit
    )


@pytest.mark.parametrize(
    ("pounds", "band"),
    [
        (0, "very low"),
        (80, "very low"),
        (80.01, "low"),
        (200, "low"),
        (200.01, "moderate"),
        (720, "moderate"),
        (720.01, "high"),
        (1200, "high"),
        (1200.01, "very high"),
        (1e9, "very high"),
    ],
)
def test_the_edges_of_the_published_bands(pounds: float, band: str) -> None:
    """Education Endowment Foundation, Teaching and Learning Toolkit, on cost: £80, £200, £720 and £1,200 a pupil."""
    assert read_cost_bands().of(pounds) == band


@given(st.floats(0, 3000), st.floats(0, 3000))
def test_a_dearer_cost_is_in_no_cheaper_band(one: float, other: float) -> None:
    bands = read_cost_bands()
    places = [bands.names.index(bands.of(it)) for it in sorted((one, other))]
    assert places == sorted(places)


def test_the_shipped_bands_say_that_they_were_published_and_that_their_date_is_unknown() -> None:
    bands = read_cost_bands()
    assert (bands.provenance.value, bands.dated, bands.per) == ("published", "unknown", "pupil a year")
    assert bands.source.startswith("Education Endowment Foundation, Teaching and Learning Toolkit")


def test_a_cost_and_both_ends_of_its_interval_fall_into_bands() -> None:
    [row] = cost_band(cost(150, 79, 201)).to_dict("records")
    assert (row["band"], row["lowest_band"], row["highest_band"]) == ("low", "very low", "moderate")
    assert (row["reach"], row["provenance"], row["pounds"]) == ("above £80, up to £200", "derived", 150)
    [row] = cost_band([cost(2000)]).to_dict("records")
    assert (row["band"], row["reach"]) == ("very high", "above £1,200")
    assert row["lowest_band"] is None and row["highest_band"] is None
    assert cost_band(cost(1))["reach"].tolist() == ["up to £80"]


def test_a_band_is_as_weak_as_cost_and_bands_together() -> None:
    assert set(cost_band(unit_costs(load_survey(), by="monitoring"))["provenance"]) == {"illustrative"}
    assert cost_band(cost(5))["provenance"].tolist() == ["derived"]


def test_bands_of_another_file_are_used(tmp_path: Path) -> None:
    path = tmp_path / "bands.csv"
    path.write_text(SHIPPED.replace(",80,", ",100,"), encoding="utf-8")
    assert cost_band(cost(90))["band"].tolist() == ["low"]
    assert cost_band(cost(90), bands=read_cost_bands(path))["band"].tolist() == ["very low"]


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        ([], "costs must be one estimate or more, in pounds, not none"),
        (cost(0.5, unit="share"), "costs must be in pounds and have a value, and 'ours' is not so; give unit costs"),
        (150, "costs must be estimates, such as unit_cost() makes, and 150 is none"),
        ([5], "costs must be estimates, such as unit_cost() makes, and 5 is none"),
        (cost(None), "costs must be in pounds and have a value, and 'ours' is not so; give unit costs"),
    ],
)
def test_what_has_no_band_is_told(costs: Any, message: str) -> None:
    with pytest.raises(InputError) as told:
        cost_band(costs)
    assert str(told.value) == message


def test_bands_that_are_none_are_told() -> None:
    with pytest.raises(InputError, match=r"^bands must come from read_cost_bands\(\), and is str instead$"):
        cost_band(cost(5), bands="bands.csv")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^path must be that of a CSV file, not 5$"):
        read_cost_bands(5)  # type: ignore[arg-type]


def test_one_cost_and_a_whole_frame_print_by_the_table() -> None:
    assert "above £80, up to £200" in str(table(cost_band(cost(150))))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (f"low,80,{REST}", "bands.csv has 1 band; there must be two or more"),
        (f"low,80,{REST}high,90,{REST}", "bands.csv, row 2: the last band has no end, so leave its up_to_gbp empty"),
        (
            f"low,,{REST}high,,{REST}",
            "bands.csv, row 1: up_to_gbp must be a number above 0, not ''; write",
        ),
        (
            f"low,1_0,{REST}high,,{REST}",
            "bands.csv, row 1: up_to_gbp must be a number above 0, not '1_0'; write",
        ),
        (
            f"low,£80,{REST}high,,{REST}",
            "bands.csv, row 1: up_to_gbp must be a number above 0, not '£80'; write",
        ),
        (
            f"low,80,{REST}mid,80,{REST}high,,{REST}",
            "bands.csv, row 2: up_to_gbp is 80, not above the 80 before it; put the cheapest first",
        ),
        (
            f"low,80,{REST}low,,{REST}",
            "bands.csv, row 2: 'low' stands there a second time; give each",
        ),
        (f",80,{REST}low,,{REST}", "bands.csv, row 1: the band has no name; give each band a name of its own"),
        (
            f"low,80,{REST}high,,pupil,you,2020,published,\n",
            "bands.csv, column 'source' must say the same in every row, and says 'me' and 'you'; correct it",
        ),
        (
            "low,80,pupil,me,2020,seen,\nhigh,,pupil,me,2020,seen,\n",
            "bands.csv: provenance must be one of 'observed', 'published', 'derived', 'reconstructed', 'ill",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, rows: str, message: str) -> None:
    path = tmp_path / "bands.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_cost_bands(path)
    assert str(told.value).startswith(message)
