"""The rules of the dictionary, applied a second time by pandera: the same cells are found wrong.

The package has its own checks because pandera takes longer to import than everything else that `findings` needs, blames
whole columns where a cell cannot be read, and cannot suggest. What it is told here is the dictionary and nothing else.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest
from filled_workbooks import schema, surveys
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from survey_analysis.resources import DATA
from survey_analysis.survey_files import check_survey
from survey_analysis.surveys import BETWEEN_CODES, TABLES, Column

DICTIONARY = schema()
SHAPES = {
    "count": r"[0-9]{1,12}",
    "money": r"[0-9]{1,12}",
    "urn": r"[1-9][0-9]{5}",
    "pseudonym": r"[A-Za-z]|[A-Za-z-]{0,6}[0-9]{1,4}",
    "school_year": r"2025-26",
    "text": r"V[0-9]+",
}
RULES_OF_A_CELL = {
    "code",
    "code-beside-not-seen",
    "empty",
    "whole-number",
    "too-large",
    "date",
    "text",
    "personal-data",
}
JUNK = [
    "",
    "yes",
    "goood",
    "-1",
    "12.5",
    "2026-02-30",
    "£5",
    "not_seen;workshops",
    "Ada Byron",
    "9" * 13,
    "  ",
    "2",
    "#REF!",
]


def told_to_pandera(column: Column) -> pa.Column:
    """One column of the dictionary in the words of pandera."""
    if column.kind == "codes":
        several = f"(?:{'|'.join(column.judgements)})"
        checks = pa.Check.str_matches(rf"^(?:{several}(?:{BETWEEN_CODES}{several})*|not_seen)$")
    elif column.codes:
        checks = pa.Check.isin(column.codes)
    elif column.kind == "date":
        checks = pa.Check(lambda days: pd.to_datetime(days, format="%Y-%m-%d", errors="coerce").notna())
    else:
        checks = pa.Check.str_matches(rf"^(?:{SHAPES[column.kind]})$")
    return pa.Column(str, checks, nullable=column.may_be_empty, required=not column.may_be_absent)


def found_by_pandera(table: str, frame: pd.DataFrame) -> set[tuple[str, int, str]]:
    rules = pa.DataFrameSchema({name: told_to_pandera(column) for name, column in DICTIONARY[table].items()})
    frame = frame.map(str.strip).replace("", None)
    try:
        rules.validate(frame, lazy=True)
    except SchemaErrors as errors:
        wrong = errors.failure_cases
        return {(table, int(row) + 2, str(name)) for row, name in zip(wrong["index"], wrong["column"], strict=True)}
    return set()


def written(folder: Path, rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, pd.DataFrame]:
    frames = {}
    for table in TABLES:
        frame = pd.DataFrame(rows[table], columns=list(DICTIONARY[table])).astype(str)
        if table == "visits":
            frame["grade_scale"] = "ofsted-to-august-2012"
        frame.to_csv(folder / f"{table}.csv", index=False)
        frames[table] = frame
    return frames


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=surveys(fewest=2), data=st.data())
def test_pandera_finds_the_same_cells(
    tmp_path: Path, rows: dict[str, list[dict[str, Any]]], data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(0, 6))):
        table = data.draw(st.sampled_from([it for it in TABLES if rows[it]]))
        name = data.draw(st.sampled_from([it for it in DICTIONARY[table] if it not in ("visit_id", "grade_scale")]))
        data.draw(st.sampled_from(rows[table]))[name] = data.draw(st.sampled_from(JUNK))
    frames = written(tmp_path, rows)
    ours = {
        (it.sheet.removesuffix(".csv"), int(it.cell.removeprefix("line ")), it.column)
        for it in check_survey(tmp_path)
        if it.rule in RULES_OF_A_CELL
    }
    theirs = {it for table, frame in frames.items() for it in found_by_pandera(table, frame)}
    assert ours == theirs


@pytest.mark.parametrize("table", TABLES)
def test_pandera_finds_nothing_wrong_with_the_packaged_tables(table: str) -> None:
    frame = pd.read_csv(DATA / f"{table}.csv", dtype=str, keep_default_na=False)
    frame = frame.assign(visit_id="V1").replace({"year": {"2011-12": "2025-26"}})
    assert found_by_pandera(table, frame) == set()
