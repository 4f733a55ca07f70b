"""Deflators and costings: what they take, and every way to get them wrong as prose."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.errors import InputError
from survey_analysis.prices import Costing, Deflator, pounds_by_school, read_deflator
from survey_analysis.survey_files import load_survey

SHIPPED = load_survey()
GOOD = "year,index,source,provenance\n2011-12,80,an office,published\n2024-25,100.5,an office,published\n"
INDEX = Deflator(index={"2011-12": 80, "2024-25": 100}, source="an office")


def written(folder: Path, text: str) -> Path:
    path = folder / "prices.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_deflator_is_read_with_its_source(tmp_path: Path) -> None:
    found = read_deflator(written(tmp_path, GOOD))
    assert found == Deflator(index={"2011-12": 80, "2024-25": 100.5}, source="an office", provenance="published")
    assert found.factor("2011-12", to="2024-25") == pytest.approx(100.5 / 80)


@given(st.floats(0.1, 1000), st.floats(0.1, 1000))
def test_there_and_back_is_the_same_amount(one: float, other: float) -> None:
    index = Deflator(index={"a": one, "b": other}, source="s")
    assert index.factor("a", to="b") * index.factor("b", to="a") == pytest.approx(1)
    assert index.factor("a", to="a") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "year,index\n2011-12,80\n",
            "must have the columns year, index, source, provenance, and has year, index; correct",
        ),
        ("", "must have the columns year, index, source, provenance, and has none; correct its header"),
        ("year,index,source,provenance\n", "has no rows; there must be at least one below the header"),
        (
            GOOD + "2025-26,100\n",
            ", row 3: there are 2 cells below a header of 4; give every column one",
        ),
        (
            GOOD + "2025-26,-1,an office,published\n",
            ", row 3: index must be a number above 0, not '-1'; write digits",
        ),
        (
            GOOD + "2025-26,£1,an office,published\n",
            ", row 3: index must be a number above 0, not '£1'; write digits",
        ),
        (GOOD + "2011-12,1,an office,published\n", ", row 3: 2011-12 stands there a second time; keep one of the two"),
        (
            GOOD + "2025-26,1,me,published\n",
            ", column 'source' must say the same in every row, and says 'an office' and 'me'",
        ),
        (
            "year,index,source,provenance\n2011-12,80,,published\n",
            ", column 'source' must say the same in every row, and says nothing",
        ),
        ('year,index,source,provenance\n"2011-12,80,x\n', " is not CSV in UTF-8 ("),
        (GOOD + ",100,an office,published\n", ", row 3: the year is empty; write it as the costs do, such as 2011-12"),
        (
            GOOD + "2025-26,1_0,an office,published\n",
            ", row 3: index must be a number above 0, not '1_0'; write digits",
        ),
        (
            GOOD + "2025-26,1e5,an office,published\n",
            ", row 3: index must be a number above 0, not '1e5'; write digits",
        ),
        (GOOD + "2025-26,1,an office,derived\n", ", column 'provenance' must say the same in every row"),
        (GOOD.replace("published", "printed"), ": provenance must be one of 'observed', 'published', 'derived', "),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as told:
        read_deflator(written(tmp_path, text))
    assert str(told.value).startswith(f"prices.csv{' ' if message[0].isalpha() else ''}{message}")


def test_an_index_is_illustrative_until_somebody_says_what_it_is(tmp_path: Path) -> None:
    assert Deflator(index={"2011-12": 1}, source="me").provenance.value == "illustrative"
    made_up = read_deflator(written(tmp_path, GOOD.replace("published", "illustrative")))
    assert made_up.provenance.value == "illustrative"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv cannot be read \(.*\); give the path of a CSV file$"):
        read_deflator(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Deflator(index={}, source="s"), "a deflator needs the index of a year or more, and has none; give it"),
        (
            lambda: Deflator(index={"a": 0}, source="s"),
            "the index of a must be a number above 0, not 0, in the",
        ),
        (lambda: Deflator(index={"a": True}, source="s"), "the index of a must be a number above 0, not True, in the"),
        (lambda: Deflator(index={"a": float("nan")}, source="s"), "the index of a must be a number above 0, not nan"),
        (lambda: Deflator(index={"a": 1}, source=" "), "a deflator needs a source: say who published it, and when"),
        (lambda: Deflator(index={"a": 1}, source="s", provenance="seen"), "provenance must be one of 'observed', "),  # type: ignore[arg-type]
        (lambda: Costing(in_kind=-1), "in_kind must be what a pound in kind counts for, a number of 0 or more, not -1"),
        (lambda: Costing(in_kind="excluded"), "in_kind must be what a pound in kind counts for, a number of 0 or more"),  # type: ignore[arg-type]
        (lambda: Costing(in_kind=False), "in_kind must be what a pound in kind counts for, a number of 0 or more"),
        (
            lambda: Costing(sources=()),
            "sources must be one source of costs or more, not none; leave it out",
        ),
        (
            lambda: Costing(sources=("school",), in_kind=0),
            "in_kind is 0, and sources leaves costs in kind out; give one or the other",
        ),
        (lambda: Costing(deflator=INDEX), "a deflator needs price_year, the year at whose prices the costs shall be"),
        (
            lambda: Deflator(index=[1], source="s"),  # type: ignore[arg-type]
            "index must give each year its level, as in {'2011-12': 80, '2024-25': 100}, not [1]",
        ),
        (
            lambda: Deflator(index={" ": 1}, source="s"),
            "a year of the deflator must be as the costs write it, '2011-12', not ' '",
        ),
        (
            lambda: Deflator(index={2011: 1}, source="s"),  # type: ignore[dict-item]
            "a year of the deflator must be as the costs write it, '2011-12', not 2011",
        ),
        (
            lambda: Deflator(index={"a": 1e-308, "b": 1e308}, source="s").factor("a", to="b"),
            "the index of b, 1e+308, cannot be divided by that of a, 1e-308; correct the deflator",
        ),
        (
            lambda: Deflator(index={"a": 1e-308, "b": 1e308}, source="s").factor("b", to="a"),
            "the index of a, 1e-308, cannot be divided by that of b, 1e+308; correct the deflator",
        ),
        (
            lambda: Costing(sources=5),  # type: ignore[arg-type]
            "sources must be the sources of costs by name, such as ('school',), not 5",
        ),
        (
            lambda: Costing(sources=(5,)),  # type: ignore[arg-type]
            "sources must be the sources of costs by name, such as ('school',), not (5,)",
        ),
        (
            lambda: Costing(price_year=2011),  # type: ignore[arg-type]
            "price_year must be a year as the costs write it, '2011-12', not 2011",
        ),
        (
            lambda: pounds_by_school(SHIPPED, None),  # type: ignore[arg-type]
            "costing must come from Costing(), which counts all costs as recorded, and is NoneType instead",
        ),
        (
            lambda: pounds_by_school("survey"),  # type: ignore[arg-type]
            "survey must come from load_survey() or read_survey(), and is str instead",
        ),
        (
            lambda: pounds_by_school(SHIPPED, Costing(in_kind=1e308)),
            "the cost of R01 from in_kind is beyond counting; correct the amount, in_kind or the deflator",
        ),
        (
            lambda: pounds_by_school(replace(SHIPPED, costs=pd.concat([SHIPPED.costs, SHIPPED.costs[:1]]))),
            "costs has R01, 2011-12, school a second time; keep one of the two, or give their sum",
        ),
        (lambda: read_deflator(5), "path must be that of a CSV file, not 5"),  # type: ignore[arg-type]
        (
            lambda: Costing(price_year="2024-25", deflator={"2011-12": 1}),  # type: ignore[arg-type]
            "deflator must be a Deflator, which names its source",
        ),
    ],
)
def test_a_wrong_costing_is_told_in_a_sentence(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value).startswith(message)


def test_the_sources_of_a_school_add_up_to_the_whole() -> None:
    codes = SHIPPED.column("costs", "source").codes
    parts = [pounds_by_school(SHIPPED, Costing(sources=(code,))) for code in codes]
    whole = pounds_by_school(SHIPPED)
    assert (sum(parts) == whole).all() and len(whole) == 59
    assert whole.sum() == SHIPPED.costs["amount_gbp"].sum()
    no_kind = pounds_by_school(SHIPPED, Costing(in_kind=0))
    assert (no_kind + parts[codes.index("in_kind")] == whole).all()
