"""How the sheets of a workbook look and print: one font, headings that stand out, rows as high as their words."""

from collections.abc import Mapping, Sequence
from math import ceil
from types import MappingProxyType
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from survey_analysis.surveys import BETWEEN_CODES, Column

FORMATS: Mapping[str, str] = MappingProxyType(
    {"date": "yyyy-mm-dd", "count": "0", "money": "0"}
    | dict.fromkeys(("text", "pseudonym", "urn", "school_year", "code", "grade", "codes"), "@")
)
"""Kind of column -> how its cells are shown; as text, so that 012345 keeps its zero and 2025-26 becomes no date."""

_PLAIN = Font(name="Arial", size=11)
_BOLD = Font(name="Arial", size=11, bold=True)
_LARGE = Font(name="Arial", size=14, bold=True)
_TINT = PatternFill("solid", fgColor="E8EEF1")
_LINE = Border(bottom=Side(style="medium", color="0B3C5D"))
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_TOP = Alignment(vertical="top")
_LEFT = Alignment(vertical="top", horizontal="left")  # days, which would touch the column to their right
_LINE_HEIGHT = 15.5  # points
_PER_WIDTH = 1.0  # letters of this font in a unit of width, less than there are, for wider fonts may stand in for it
_PAGE_WIDTH = 150  # units of width that can still be read on a page across
_SEVERAL_WIDTH = 34
_TEXT_WIDTH = 14


def spoken(code: str) -> str:
    """A code, or several, as a workbook shows it.

    >>> spoken("workshops;joint_projects")
    'workshops; joint projects'
    """
    return code.replace(BETWEEN_CODES, f"{BETWEEN_CODES} ").replace("_", " ")


def width_of(column: Column) -> int:
    """How wide a column is: its longest code beside the arrow of the list, and the longest word of its heading."""
    if column.kind == "codes":
        return _SEVERAL_WIDTH
    codes = [len(spoken(code)) + 5 for code in column.codes]
    return max(*codes, *(len(word) + 5 for word in column.label.split()), _TEXT_WIDTH)


def write_title(sheet: Worksheet, row: int, text: str) -> None:
    """A title of a sheet or of a part of it, which runs over the cells beside it."""
    cell: Any = sheet.cell(row, 1, text)
    cell.font, cell.alignment = _LARGE, _TOP


def write_headings(sheet: Worksheet, row: int, texts: Sequence[str]) -> None:
    """The headings of a table: bold above a line and tinted, so that no colour says it alone."""
    for place, text in enumerate(texts, start=1):
        cell: Any = sheet.cell(row, place, text)
        cell.font, cell.fill, cell.border, cell.alignment = _BOLD, _TINT, _LINE, _WRAPPED


def write_text(sheet: Worksheet, row: int, place: int, text: str, *, bold: bool = False) -> None:
    """A text that wraps, and is never a formula, whatever it begins with; an empty one leaves its cell empty."""
    cell: Any = sheet.cell(row, place)
    cell.font, cell.alignment = _BOLD if bold else _PLAIN, _WRAPPED
    cell.number_format = "@"
    if text:
        cell.value, cell.data_type = text, "s"


def prepare_column(sheet: Worksheet, place: int, kind: str) -> None:
    """The format of all cells of a column that are still empty."""
    column = sheet.column_dimensions[get_column_letter(place)]
    column.number_format, column.font = FORMATS[kind], _PLAIN
    column.alignment = _alignment(kind)


def style_cell(sheet: Worksheet, row: int, place: int, kind: str) -> None:
    """The format of one cell, as that of its column."""
    cell: Any = sheet.cell(row, place)
    cell.number_format, cell.font = FORMATS[kind], _PLAIN
    cell.alignment = _alignment(kind)


def _alignment(kind: str) -> Alignment:
    return {"codes": _WRAPPED, "date": _LEFT}.get(kind, _TOP)


def set_up(sheet: Worksheet, widths: Sequence[int], *, frozen: str = "") -> None:
    """Widths and heights, panes that stay, and how it is printed: across, its headings and names on every page."""
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _fit_heights(sheet, widths)
    if frozen:
        sheet.freeze_panes = frozen
        sheet.print_title_rows = "1:1"
    if frozen.startswith("B"):
        sheet.print_title_cols = "A:A"
        sheet.print_options.gridLines = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = ceil(sum(widths) / _PAGE_WIDTH), 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer: Any = sheet.oddFooter
    footer.center.text = "&A, page &P of &N"


def _fit_heights(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Rows high enough for texts that wrap: LibreOffice does not work it out for a file that it did not write."""
    for number, row in enumerate(sheet.iter_rows(), start=1):
        lines = [_lines(cell, width) for cell, width in zip(row, widths, strict=False) if cell.alignment.wrap_text]
        if max(lines, default=1) > 1:
            sheet.row_dimensions[number].height = _LINE_HEIGHT * max(lines)


def _lines(cell: Any, width: int) -> int:
    """How many lines the words of a cell take."""
    used, lines = 0, 1
    room = width * _PER_WIDTH
    for word in str(cell.value or "").split():
        if used and used + 1 + len(word) > room:
            used, lines = 0, lines + 1
        used += len(word) + (1 if used else 0)
    return lines
