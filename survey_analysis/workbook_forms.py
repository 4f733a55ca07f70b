"""The sheets of a workbook that are filled in: headings, lists, messages and formats for each column, and rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from survey_analysis.surveys import GROUP_WORDS, Column, Dictionary
from survey_analysis.workbook_styles import (
    prepare_column,
    set_up,
    spoken,
    style_cell,
    width_of,
    write_headings,
    write_text,
)

READY_ROWS: Mapping[str, int] = MappingProxyType({"Visits": 500, "Themes": 500, "Pupil groups": 6_000, "Costs": 2_500})
"""How many rows of each sheet have lists and messages; more may be filled in."""

Lists = Mapping[tuple[str, ...], str]
"""Codes -> the cells where they are listed."""

_FIRST_DAY = "36526"  # 1 January 2000, as spreadsheets count
_LONGEST_TITLE = 32  # of a message, as Excel allows
_MISTAKES: Mapping[str, str] = MappingProxyType(
    {
        "count": "Write a whole number, 0 where there is nothing.",
        "money": "Write whole pounds, digits alone, 0 where there is nothing.",
        "date": "Write a day as year-month-day, such as 2026-03-05.",
    }
)
_NOT_LISTED = "Choose from the list. The sheet Lists has it too."
_NO_SUCH_VISIT = "This visit is not on the sheet Visits. Write it there as well."


def fill_lists(sheet: Worksheet, dictionary: Dictionary) -> Lists:
    """Write a column for each list of codes, and beside it what they mean where that is not plain."""
    lists: dict[tuple[str, ...], list[str]] = {}
    for columns in dictionary.values():
        for column in columns.values():
            if column.codes and column.name != "grade_scale":
                lists.setdefault(column.codes, []).append(column.label)
    places: dict[tuple[str, ...], str] = {}
    headings: list[str] = []
    for codes, labels in lists.items():
        headings.append(", ".join(labels))
        letter = get_column_letter(len(headings))
        _write_down(sheet, len(headings), map(spoken, codes))
        places[codes] = f"Lists!${letter}$2:${letter}${len(codes) + 1}"
        if set(codes) <= set(GROUP_WORDS):
            headings.append(f"{labels[0]}: what it means")
            _write_down(sheet, len(headings), (GROUP_WORDS[code] for code in codes))
    write_headings(sheet, 1, headings)
    set_up(sheet, [30 if len(it) <= 60 else 44 for it in headings], frozen="A2")
    return places


def _write_down(sheet: Worksheet, place: int, texts: Iterable[str]) -> None:
    for number, text in enumerate(texts, start=2):
        write_text(sheet, number, place, text)


def fill_form(
    sheet: Worksheet, columns: Mapping[str, Column], lists: Lists, rows: Sequence[Mapping[str, object]]
) -> None:
    """Write the headings of a table, what each column asks and takes, and rows if there are any."""
    last = max(READY_ROWS[sheet.title], len(rows)) + 1
    write_headings(sheet, 1, [column.label for column in columns.values()])
    for place, column in enumerate(columns.values(), start=1):
        prepare_column(sheet, place, column.kind)
        rule = _rule(column, lists, is_register=sheet.title == "Visits")
        rule.promptTitle = rule.errorTitle = column.label[:_LONGEST_TITLE]
        rule.prompt, rule.showInputMessage = column.prompt, True
        letter = get_column_letter(place)
        rule.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(rule)
    for number, row in enumerate(rows, start=2):
        fill_row(sheet, number, columns, row)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    set_up(sheet, [width_of(column) for column in columns.values()], frozen="B2")


def _rule(column: Column, lists: Lists, *, is_register: bool) -> DataValidation:
    """What may be typed into a column; of texts and of several codes it is only said what is meant."""
    if column.name == "visit_id" and not is_register:
        listed = f"Visits!$A$2:$A${READY_ROWS['Visits'] + 1}"
        rule = DataValidation(type="list", formula1=listed, allow_blank=True, error=_NO_SUCH_VISIT)
        rule.errorStyle = "warning"
    elif column.kind in ("code", "grade"):
        rule = DataValidation(type="list", formula1=lists[column.codes], allow_blank=True, error=_NOT_LISTED)
    elif column.kind in ("count", "money"):
        rule = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    elif column.kind == "date":
        rule = DataValidation(type="date", operator="greaterThanOrEqual", formula1=_FIRST_DAY, allow_blank=True)
    else:
        return DataValidation(allow_blank=True)
    rule.error = rule.error or _MISTAKES[column.kind]
    rule.showErrorMessage = True
    return rule


def fill_row(sheet: Worksheet, number: int, columns: Mapping[str, Column], row: Mapping[str, object]) -> None:
    """Write a row of a table: codes as they are spoken, numbers and days as such; what is empty stays so."""
    for place, column in enumerate(columns.values(), start=1):
        value = row.get(column.name, "")
        if value in ("", None):
            continue
        cell: Any = sheet.cell(number, place)
        if column.kind in ("count", "money"):
            cell.value = int(str(value))
        elif column.kind == "date":
            cell.value = date.fromisoformat(str(value)[:10])
        else:
            cell.value = spoken(str(value)) if column.codes else str(value)
            cell.data_type = "s"  # never a formula, whatever it begins with
        style_cell(sheet, number, place, column.kind)
