"""The sheets of a workbook as they stand: values, errors and formulas with their cells, and what the file hides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from warnings import catch_warnings

from openpyxl import load_workbook

from survey_analysis.cell_values import Fault, no_value, problem_of, shown_text
from survey_analysis.dictionaries import PROVENANCES
from survey_analysis.errors import InputError, nearest
from survey_analysis.personal_data import personal, quoted
from survey_analysis.problems import Problem
from survey_analysis.sheets import PerCent, Sheet, SpreadsheetError, UnsavedFormula, Value, letters, plain
from survey_analysis.workbook_files import SheetFile, WorkbookFile, open_workbook
from survey_analysis.workbook_layouts import PROBLEMS_SHEET, SHEETS, TABLE_SHEETS, About, Field, about_fields
from survey_analysis.workbook_parts import shown

MOST_COLUMNS = 100
"""Columns of a sheet that are read; what stands to the right of them is told, and not read."""
_LONGEST_TITLE = 120
_NOT_READ = frozenset({"Guidance", "Example", "Lists"})


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """The sheets of each table, what the sheet About says, and what is wrong with the file as a whole."""

    sheets: Mapping[str, Sequence[Sheet]]
    about: About
    problems: Sequence[Problem]


def read_workbook(path: Path) -> Workbook:
    """The sheets of a workbook that hold data.

    Raises
    ------
    InputError
        A file that is no workbook, or none that can be read safely.
    """
    file = open_workbook(path)
    named = {plain(it.name): it for it in file.sheets}
    there = {name: named[plain(name)] for name in SHEETS if plain(name) in named}
    wanted = [it for name, it in there.items() if name not in _NOT_READ]
    try:
        read = _read(file, [it.name for it in wanted])
    except Exception as error:  # whatever a file can do to the library that parses it
        raise InputError(
            f"{path.name} cannot be read as a workbook ({type(error).__name__}); open it in a spreadsheet and save a "
            "copy as Excel Workbook (.xlsx)"
        ) from None
    problems = [*_sheet_problems(file, there)]
    tables = {
        table: [_sheet(name, read[there[name].name]) for name in names if name in there]
        for table, names in TABLE_SHEETS.items()
    }
    far = [it for name, rows in read.items() for it in _far_problems(name, rows)]
    about, more = _about(read[there["About"].name]) if "About" in there else (About(), [])
    sheets = {table: parts for table, parts in tables.items() if parts}
    return Workbook(sheets=sheets, about=about, problems=[*problems, *far, *more])


Row = tuple[int, Sequence[Value]]


def _read(file: WorkbookFile, names: Sequence[str]) -> dict[str, list[Row]]:
    """The rows of some sheets that have anything in them, with their numbers."""
    formulas = {it.name for it in file.sheets if it.has_formulas and it.name in names}
    with catch_warnings(action="ignore"):  # of what the library leaves out of the file, such as pictures
        values = load_workbook(BytesIO(file.content), read_only=True, data_only=True)
        read = {name: list(_rows(values[name])) for name in names}
        if formulas:
            written = load_workbook(BytesIO(file.content), read_only=True)
            for name in formulas:
                read[name] = list(_with_formulas(read[name], written[name]))
    return read


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # what a file says of its size need not be true
    for number, cells in enumerate(sheet.rows, start=1):
        row = [None if cell.value is None else _value(cell) for cell in cells]
        while row and row[-1] is None:
            row.pop()
        if row:
            yield number, row


def _value(cell: Any) -> Value:
    value: Value = cell.value
    if isinstance(value, str) and not value.strip():
        return None
    if cell.data_type == "e":
        return SpreadsheetError(str(value))
    if cell.data_type == "n" and isinstance(value, int | float) and "%" in str(cell.number_format):
        return PerCent(float(value))
    return value


def _with_formulas(rows: Sequence[Row], sheet: Any) -> Iterator[Row]:
    """The rows with a mark where a formula stands whose result was not saved."""
    known = dict(rows)
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.rows, start=1):
        row = list(known.get(number, ()))
        for place, cell in enumerate(cells):
            if cell.data_type == "f" and (place >= len(row) or row[place] is None):
                row += [None] * (place + 1 - len(row))
                row[place] = UnsavedFormula()
        if row:
            yield number, row


def _sheet(name: str, rows: Sequence[Row]) -> Sheet:
    """Rows under the first of them, each as long as the longest, up to the columns that are read."""
    if not rows:
        return Sheet(name=name, header=[], rows=[])
    width = min(max(len(cells) for _, cells in rows), MOST_COLUMNS)
    (header_row, header), *below = (
        (number, [*cells[:width], *[None] * (width - len(cells))]) for number, cells in rows
    )
    return Sheet(
        name=name, header=["" if head is None else str(head) for head in header], rows=below, header_row=header_row
    )


# ---------------------------------------------------------------------------------------- the file as a whole


def _sheet_problems(file: WorkbookFile, there: Mapping[str, SheetFile]) -> Iterator[Problem]:
    names = {it.name for it in there.values()}
    others = [it for it in file.sheets if it.name not in names]
    for name in SHEETS:
        if name not in there and name not in _NOT_READ:
            near = next((it.name for it in others if nearest(it.name, [name])), "")
            found = f"rename {quoted(near)} if it is meant" if near else "take one from a new workbook"
            yield Problem(sheet=name, rule="missing-sheet", found=found, allowed=repr(name))
    for sheet in others:
        if plain(sheet.name) == plain(PROBLEMS_SHEET):
            continue  # written by an earlier check
        shown_name = "A sheet" if personal(sheet.name) else shown(sheet.name)
        yield Problem(sheet=shown_name, rule="sheet", found="is none of ours", allowed="it is not read")
    for name, sheet in there.items():
        if name in _NOT_READ:
            continue
        if sheet.hidden:
            yield Problem(sheet=name, rule="hidden-sheet")
        for cells in sheet.merged:
            yield Problem(sheet=name, cell=cells, rule="merged-cells")


def _far_problems(name: str, rows: Sequence[Row]) -> Iterator[Problem]:
    """The first cell to the right of the columns that are read."""
    for number, cells in rows:
        for place in range(MOST_COLUMNS, len(cells)):
            if cells[place] is not None:
                yield Problem(sheet=name, cell=f"{letters(place)}{number}", rule="extra-column", found="so far right")
                return


def _about(rows: Sequence[Row]) -> tuple[About, list[Problem]]:
    """What the sheet About says, and what is wrong with it."""
    said = {plain(cells[0]): (number, cells[1] if len(cells) > 1 else None) for number, cells in rows}
    values: dict[str, str] = {}
    problems = []
    for field in about_fields():
        number, value = said.get(plain(field.label), (0, None))
        read = _field(field, value)
        if isinstance(read, str):
            values[field.name] = read
        elif number == 0:
            found = f"there is no line {field.label!r}; take the sheet from a new workbook"
            problems.append(Problem(sheet="About", rule="file", found=found))
        else:
            problems.append(problem_of(read, sheet="About", cell=f"B{number}", column=field.label))
    about = About(
        title=values.get("title", ""),
        grade_scale=values.get("grade_scale", ""),
        provenance=PROVENANCES.get(values.get("provenance", "")),
        themes_coded_first={"yes": True, "no": False}.get(values.get("themes_coded_first", "")),
    )
    return about, problems


def _field(field: Field, value: Value) -> str | Fault:
    if fault := no_value(value):
        return fault
    listed = ", ".join(map(repr, field.allowed))
    text = str(value).strip() if value is not None else ""
    if not text:
        return (
            Fault(rule="empty", allowed=f"give it one of {listed}" if listed else "give it a value")
            if field.needed
            else ""
        )
    if not field.allowed:
        return shown_text(text, longest=_LONGEST_TITLE, names=True)
    known = {plain(it): it for it in field.allowed}
    if found := known.get(plain(text)):
        return found
    return Fault(rule="code", found=quoted(text), allowed=listed, suggestion=nearest(text, field.allowed))
