"""Rows of valid visits made from the dictionary alone, and the workbooks that hold them."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from hypothesis import strategies as st

from survey_analysis.dictionaries import packaged_dictionary, with_scale
from survey_analysis.grade_scales import OF_THE_59, grade_scale, known_scales
from survey_analysis.surveys import BETWEEN_CODES, GROUPS, NOT_APPLICABLE, TIMES, Column, Dictionary
from survey_analysis.workbook_templates import Rows, workbook_bytes

ABOUT = {"provenance": "observed", "title": "Made for a test", "themes_coded_first": "yes"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def workbook(rows: Rows, *, scale: str = OF_THE_59, **about: str) -> bytes:
    """A filled-in workbook, its visits observed unless something else is said."""
    return workbook_bytes(grade_scale=scale, rows=rows, about=ABOUT | about)


def schema(scale: str = OF_THE_59) -> Dictionary:
    return with_scale(packaged_dictionary(), grade_scale(scale))


@st.composite
def surveys(
    draw: st.DrawFn, *, scale: str = OF_THE_59, fewest: int = 1, most: int = 5
) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table of a survey in which nothing is wrong."""
    tables = schema(scale)
    ids = [f"V{number}" for number in range(1, draw(st.integers(fewest, most)) + 1)]
    visits = [draw(_visit(visit_id, tables["visits"])) for visit_id in ids]
    groups = [
        row
        for it in ids
        for name in draw(st.sets(st.sampled_from(sorted(GROUPS))))
        for row in draw(_groups(it, name, tables))
    ]
    costs = [
        {"visit_id": it, "year": "2025-26", "source": source, "amount_gbp": draw(st.integers(0, 50_000))}
        for it in ids
        for source in draw(st.sets(st.sampled_from(tables["costs"]["source"].codes)).map(sorted))
    ]
    return {"visits": visits, "pupil_groups": groups, "costs": costs}


@st.composite
def _visit(draw: st.DrawFn, visit_id: str, columns: Mapping[str, Column]) -> dict[str, Any]:
    row: dict[str, Any] = {"visit_id": visit_id}
    for name, column in columns.items():
        if name in ("visit_id", "grade_scale"):
            continue
        if column.asked_of:
            [(other, codes)] = column.asked_of.items()
            asked = tuple(code for code in column.codes if code != NOT_APPLICABLE)
            row[name] = draw(st.sampled_from(asked)) if row[other] in codes else NOT_APPLICABLE
        else:
            row[name] = draw(_cell(column))
    if row["second_inspector"] == row["inspector"]:
        row["second_inspector"] = ""
    return row


def _cell(column: Column) -> st.SearchStrategy[str]:
    if column.kind == "codes":
        several = st.sets(st.sampled_from(column.judgements), min_size=1).map(sorted).map(BETWEEN_CODES.join)
        return several | st.just("not_seen")
    if column.codes:
        return st.sampled_from(column.codes)
    if column.kind == "date":
        return st.integers(1, 28).map(lambda day: f"2026-03-{day:02d}")
    if column.kind == "urn":
        return st.just("") | st.integers(100_000, 999_999).map(str)
    return st.just("") | st.sampled_from(LETTERS)


@st.composite
def _groups(draw: st.DrawFn, visit_id: str, characteristic: str, tables: Dictionary) -> Iterator[dict[str, Any]]:
    rows = []
    has_gcse = draw(st.booleans())
    for time, group in product(TIMES, GROUPS[characteristic]):
        row: dict[str, Any] = {"visit_id": visit_id, "time": time, "characteristic": characteristic, "group": group}
        for name, column in tables["pupil_groups"].items():
            if column.kind == "count" and column.may_be_empty and not has_gcse:
                row[name] = ""
            elif column.kind == "count":
                row[name] = draw(st.integers(0, row[column.at_most] if column.at_most else 200))
        rows.append(row)
    return iter(rows)


def scales() -> st.SearchStrategy[str]:
    return st.sampled_from(list(known_scales()))
