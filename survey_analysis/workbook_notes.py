"""A copy of a workbook in which every problem is marked where it stands, and all are listed on a sheet of their own."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from warnings import catch_warnings

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, PatternFill, Side

from survey_analysis.errors import InputError
from survey_analysis.outputs import check_output, write_aside
from survey_analysis.problems import Problem, Problems
from survey_analysis.sheets import plain
from survey_analysis.workbook_files import open_workbook
from survey_analysis.workbook_layouts import PROBLEMS_SHEET

_HEADINGS = ("Severity", "Where", "What", "Suggestion")
_AUTHOR = "survey-analysis check"
_WRITTEN = ("error: ", "warning: ")  # with these begins what is written into a comment
_FILL = PatternFill("solid", fgColor="FFF2CC")
_SIDE = Side(style="medium", color="9C5700")
_EDGE = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_LONGEST = 1_000  # of a comment: more is not read, and it is all on the sheet of problems


def annotate_workbook(path: Path, problems: Problems, copy: Path) -> Path:
    """Write a copy of a workbook with a comment, a thick edge and a tint on every cell that a problem names.

    Parameters
    ----------
    path
        The workbook, which is left alone.
    problems
        What `check_survey` found in it; they are also listed on a sheet of the copy, before the others.
    copy
        Where the copy is written: a file whose name ends in .xlsx.

    Returns
    -------
    Path
        The copy. It keeps values, formulas, formats and lists; pictures and charts are lost.

    Raises
    ------
    InputError
        A copy that cannot be written where it is wanted, or would take the place of the workbook; a workbook that
        cannot be read.
    """
    copy = check_output(copy, inputs=[path], suffix=".xlsx")
    file = open_workbook(path)
    try:
        with catch_warnings(action="ignore"):  # of what the library leaves out of the copy
            workbook = load_workbook(BytesIO(file.content))
            _unmark(workbook)
            _mark(workbook, problems)
            _list(workbook, problems)
            buffer = BytesIO()
            workbook.save(buffer)
    except Exception as error:  # whatever a file can do to the library that parses it
        raise InputError(
            f"{path.name} cannot be written with comments ({type(error).__name__}); mend it by the list alone"
        ) from None
    write_aside(copy, buffer.getvalue())
    return copy


def _unmark(workbook: Any) -> None:
    """Take away what an earlier check wrote, so that a copy that was mended bears no comment of what is mended."""
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment and cell.comment.author == _AUTHOR:
                    kept = "\n".join(line for line in cell.comment.text.splitlines() if not line.startswith(_WRITTEN))
                    cell.comment = Comment(kept, "") if kept else None
                    cell.fill, cell.border = PatternFill(), Border()


def _mark(workbook: Any, problems: Sequence[Problem]) -> None:
    names = {plain(name): name for name in workbook.sheetnames}
    for (sheet, cell), found in _by_cell(problems).items():
        if plain(sheet) not in names:
            continue
        marked = workbook[names[plain(sheet)]][cell]
        text = "\n".join(f"{it.severity}: {it.message}" for it in found)
        before = f"{marked.comment.text}\n" if marked.comment else ""
        marked.comment = Comment(f"{before}{text}"[:_LONGEST], _AUTHOR, width=320, height=90 + 20 * len(found))
        marked.fill, marked.border = _FILL, _EDGE


def _by_cell(problems: Sequence[Problem]) -> Mapping[tuple[str, str], list[Problem]]:
    """The problems of each cell; those of a whole sheet are told at its first cell, of merged cells at their first."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for it in problems:
        found.setdefault((it.sheet, it.cell.partition(":")[0] or "A1"), []).append(it)
    return found


def _list(workbook: Any, problems: Problems) -> None:
    """A sheet with all problems, before the others; one of that name is replaced only where it was made here."""
    if PROBLEMS_SHEET in workbook.sheetnames:
        first = next(workbook[PROBLEMS_SHEET].iter_rows(max_row=1, max_col=len(_HEADINGS), values_only=True), ())
        if first == _HEADINGS:
            del workbook[PROBLEMS_SHEET]
    sheet = workbook.create_sheet(PROBLEMS_SHEET, 0)  # under another name, such as Problems1, where that is taken
    rows = [
        _HEADINGS,
        *((it.severity, it.place, it.message, it.suggestion) for it in problems),
    ]
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            cell = sheet.cell(number, place, text)
            cell.data_type = "s"  # never a formula, whatever it begins with
            cell.font = Font(bold=number == 1)
    for letter, width in zip("ABCD", (10, 34, 90, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    workbook.active = 0
