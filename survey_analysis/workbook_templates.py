"""The workbook that is filled in for new visits: sheets, lists, messages and formats, all from the dictionary."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from survey_analysis.cell_values import EXAMPLE
from survey_analysis.dictionaries import packaged_dictionary, with_scale
from survey_analysis.errors import InputError
from survey_analysis.grade_scales import OF_THE_59, grade_scale
from survey_analysis.outputs import check_output, write_aside
from survey_analysis.surveys import BETWEEN_CODES, GROUPS, NOT_APPLICABLE, NOT_SEEN, TIMES, Column, Dictionary
from survey_analysis.workbook_guidance import guidance
from survey_analysis.workbook_layouts import (
    ABOUT_HEADINGS,
    SCHEMA_VERSION,
    SHEETS,
    TABLE_SHEETS,
    about_fields,
    columns_of_sheet,
)

Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""Table -> its rows, each column -> value."""

_ROWS = MappingProxyType({"Visits": 500, "Themes": 500, "Pupil groups": 6_000, "Costs": 2_500})
_FORMATS = MappingProxyType(
    {"text": "@", "pseudonym": "@", "urn": "@", "school_year": "@", "date": "yyyy-mm-dd", "count": "0", "money": "0"}
)
_WIDTHS = MappingProxyType({"codes": 34, "code": 18, "grade": 18, "date": 13, "text": 13})
_EPOCH = datetime(2012, 1, 1)  # a date that is the same in every run
_HEAD = Font(bold=True)
_TINT = PatternFill("solid", fgColor="E8EEF1")
_LINE = Border(bottom=Side(style="medium", color="0B3C5D"))
_WRAP = Alignment(wrap_text=True, vertical="top")
_LARGE = Font(bold=True, size=14)


def write_template(path: str | Path, *, grade_scale: str = OF_THE_59) -> Path:
    """Write an empty workbook for new visits, to be filled in with Excel or LibreOffice.

    Parameters
    ----------
    path
        Where it is written: a file whose name ends in .xlsx, and which is not there yet.
    grade_scale
        The scale of the grades, one of those in data/grade_scales.toml. Only grades on the scale of the 59 visits,
        which is the default, can be compared with theirs.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        A scale that there is not; a file that is there already, which may have been filled in; a place that cannot be
        written.

    Notes
    -----
    Lists and messages help who fills it in and hold nobody back: what is pasted into a cell is not checked there.
    `check_survey` checks it.
    """
    path = Path(path)
    if path.exists():
        raise InputError(f"{str(path)!r} is there already and may be filled in, so it is left alone; name another file")
    place = check_output(path, suffix=".xlsx")
    write_aside(place, workbook_bytes(grade_scale=grade_scale))
    return place


def workbook_bytes(
    *, grade_scale: str = OF_THE_59, rows: Rows | None = None, about: Mapping[str, str] | None = None
) -> bytes:
    """A workbook for a scale of grades, empty or with rows; the same in every run.

    `rows` holds codes as the dictionary has them; `about` what stands in the fields of the sheet About, by their names.
    """
    dictionary = with_scale(packaged_dictionary(), _scale(grade_scale))
    book = Workbook()
    sheets = {name: book.create_sheet(name) for name in SHEETS}
    del book["Sheet"]
    _fill_guidance(sheets["Guidance"])
    lists = _fill_lists(sheets["Lists"], dictionary)
    for table, names in TABLE_SHEETS.items():
        for name in names:
            columns = columns_of_sheet(dictionary, table, name)
            _fill_table(sheets[name], columns, lists, (rows or {}).get(table, ()))
    _fill_example(sheets["Example"], dictionary)
    _fill_about(sheets["About"], {"schema_version": str(SCHEMA_VERSION), "grade_scale": grade_scale, **(about or {})})
    book.active = 0
    book.properties.title, book.properties.creator = "Visits to music partnerships", "survey_analysis"
    book.properties.created = _EPOCH
    buffer = BytesIO()
    book.save(buffer)
    return _undated(buffer.getvalue())


_scale = grade_scale


def spoken(code: str) -> str:
    """A code, or several, as a workbook shows it."""
    return code.replace(BETWEEN_CODES, f"{BETWEEN_CODES} ").replace("_", " ")


def _fill_guidance(sheet: Worksheet) -> None:
    for number, (topic, text) in enumerate(guidance(), start=1):
        for place, words in enumerate((topic, text), start=1):
            cell = sheet.cell(number, place, words)
            cell.alignment = _WRAP
            cell.font = Font(bold=place == 1)
    sheet["A1"].font = _LARGE
    sheet["A1"].alignment = Alignment(wrap_text=False)
    _set_up(sheet, [24, 100])


def _fill_lists(sheet: Worksheet, dictionary: Dictionary) -> Mapping[tuple[str, ...], str]:
    """Codes, a column for each list of them; where each stands."""
    lists: dict[tuple[str, ...], list[str]] = {}
    for columns in dictionary.values():
        for column in columns.values():
            if column.codes and column.name != "grade_scale":
                lists.setdefault(column.codes, []).append(column.label)
    places = {}
    for place, (codes, labels) in enumerate(lists.items(), start=1):
        letter = get_column_letter(place)
        for number, text in enumerate([", ".join(labels), *map(spoken, codes)], start=1):
            sheet.cell(number, place, text).alignment = _WRAP
        places[codes] = f"Lists!${letter}$2:${letter}${len(codes) + 1}"
    _head(sheet, 1, len(lists))
    _set_up(sheet, [30] * len(lists), frozen="A2")
    return places


def _fill_table(
    sheet: Worksheet,
    columns: Mapping[str, Column],
    lists: Mapping[tuple[str, ...], str],
    rows: Sequence[Mapping[str, object]],
) -> None:
    last = max(_ROWS[sheet.title], len(rows)) + 1
    for place, column in enumerate(columns.values(), start=1):
        letter = get_column_letter(place)
        sheet.cell(1, place, column.label)
        sheet.column_dimensions[letter].number_format = _FORMATS.get(column.kind, "General")
        rule = _validation(column, lists)
        if column.name == "visit_id" and sheet.title != "Visits":
            rule = DataValidation(type="list", formula1=f"Visits!$A$2:$A${_ROWS['Visits'] + 1}", allow_blank=True)
            rule.errorStyle = "warning"
        _tell(rule, column)
        rule.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(rule)
    for number, row in enumerate(rows, start=2):
        _fill_row(sheet, number, columns.values(), row)
    _head(sheet, 1, len(columns))
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    _set_up(sheet, [_WIDTHS.get(column.kind, 12) for column in columns.values()], frozen="B2")


def _validation(column: Column, lists: Mapping[tuple[str, ...], str]) -> DataValidation:
    """What a spreadsheet lets somebody type into a column; of texts and of several codes it only says what is meant."""
    if column.kind in ("code", "grade"):
        return DataValidation(type="list", formula1=lists[column.codes], allow_blank=True)
    if column.kind in ("count", "money"):
        return DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    if column.kind == "date":
        return DataValidation(type="date", operator="greaterThan", formula1="36526", allow_blank=True)  # 1 January 2000
    return DataValidation(allow_blank=True)


def _tell(rule: DataValidation, column: Column) -> None:
    rule.promptTitle, rule.prompt, rule.showInputMessage = column.label[:32], column.prompt, True
    rule.errorTitle = column.label[:32]
    rule.error = {
        "count": "Write a whole number, 0 where there is nothing.",
        "money": "Write whole pounds, digits alone.",
        "date": "Write a day as year-month-day, such as 2026-03-05.",
        "text": "This visit is not on the sheet Visits. Write it there as well.",
    }.get(column.kind, "Choose from the list.")
    rule.showErrorMessage = rule.type is not None


def _fill_row(sheet: Worksheet, number: int, columns: Iterator[Column] | Any, row: Mapping[str, object]) -> None:
    for place, column in enumerate(columns, start=1):
        value = row.get(column.name, "")
        if value == "" or value is None:
            continue
        cell: Any = sheet.cell(number, place)
        if column.kind in ("count", "money"):
            cell.value = int(str(value))
        elif column.kind == "date":
            cell.value = date.fromisoformat(str(value)[:10])
        else:
            cell.value = spoken(str(value)) if column.codes else str(value)
            cell.data_type = "s"  # never a formula, whatever it begins with
        cell.number_format = _FORMATS.get(column.kind, "General")


def _fill_example(sheet: Worksheet, dictionary: Dictionary) -> None:
    """Two visits, invented, one table below the other; no visit may bear such a name."""
    sheet["A1"] = f"{EXAMPLE}: invented rows that show the form. They are never read as data."
    sheet["A1"].font = _LARGE
    number = 2
    for table, names in TABLE_SHEETS.items():
        for name in names:
            columns = columns_of_sheet(dictionary, table, name)
            sheet.cell(number + 1, 1, f"{EXAMPLE} of the sheet {name}").font = _HEAD
            for place, column in enumerate(columns.values(), start=1):
                sheet.cell(number + 2, place, column.label)
            _head(sheet, number + 2, len(columns))
            for row in _examples(table, columns):
                _fill_row(sheet, number + 3, columns.values(), row)
                number += 1
            number += 3
    _set_up(sheet, [16] * 24)


def _examples(table: str, columns: Mapping[str, Column]) -> Iterator[Mapping[str, object]]:
    if table == "visits":
        for visit in (0, 1):
            yield {name: _example(column, visit, columns) for name, column in columns.items()}
    elif table == "pupil_groups":
        counts = {"pupils": 60, "taking_part": 24, "achieving": 15, "sustained": 12}
        for time, group in product(TIMES, GROUPS["fsm"]):
            yield {"visit_id": f"{EXAMPLE}1", "time": time, "characteristic": "fsm", "group": group, **counts}
    else:
        for source, amount in zip(columns["source"].codes, (1200, 300, 450, 0, 0), strict=False):
            yield {"visit_id": f"{EXAMPLE}1", "year": "2025-26", "source": source, "amount_gbp": amount}


def _example(column: Column, visit: int, columns: Mapping[str, Column]) -> object:
    if column.name == "visit_id":
        return f"{EXAMPLE}{visit + 1}"
    if column.asked_of:
        [(name, codes)] = column.asked_of.items()
        return column.codes[0] if columns[name].codes[visit] in codes else NOT_APPLICABLE
    if column.kind == "codes":
        return BETWEEN_CODES.join(column.judgements[:2])
    if column.codes:
        return NOT_SEEN if visit and column.name.startswith("second_") else column.judgements[visit]
    return {"date": f"2026-03-{5 + visit:02d}", "pseudonym": "A" if column.name == "inspector" else ""}.get(
        column.kind, ""
    )


def _fill_about(sheet: Worksheet, values: Mapping[str, str]) -> None:
    for place, head in enumerate(ABOUT_HEADINGS, start=1):
        sheet.cell(1, place, head)
    for number, field in enumerate(about_fields(), start=2):
        cells: list[Any] = [sheet.cell(number, place) for place in (1, 2, 3)]
        for cell, text in zip(cells, (field.label, values.get(field.name, ""), field.prompt), strict=True):
            cell.value, cell.alignment = text or None, _WRAP
            if text:
                cell.data_type = "s"
        if field.allowed and field.name not in ("schema_version", "grade_scale"):
            rule = DataValidation(type="list", formula1=f'"{",".join(field.allowed)}"', allow_blank=True)
            rule.error, rule.showErrorMessage = "Choose from the list.", True
            rule.add(f"B{number}")
            sheet.add_data_validation(rule)
    _head(sheet, 1, len(ABOUT_HEADINGS))
    _set_up(sheet, [28, 30, 90], frozen="A2")


def _head(sheet: Worksheet, row: int, columns: int) -> None:
    for place in range(1, columns + 1):
        cell: Any = sheet.cell(row, place)
        cell.font, cell.fill, cell.border, cell.alignment = _HEAD, _TINT, _LINE, _WRAP


def _set_up(sheet: Worksheet, widths: Sequence[int], *, frozen: str = "") -> None:
    """Widths, panes that stay, and how it is printed: across one page, its headings on every page."""
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    if frozen:
        sheet.freeze_panes = frozen
        sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _undated(content: bytes) -> bytes:
    """The same workbook without the time at which it was written."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2012-01-01T00:00:00Z", part)
            new.writestr(zipfile.ZipInfo(name, _EPOCH.timetuple()[:6]), part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
