"""The workbook that is filled in for new visits: its sheets in order, all from the dictionary."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from survey_analysis.dictionaries import packaged_dictionary, with_scale
from survey_analysis.grade_scales import OF_THE_59, GradeScale
from survey_analysis.grade_scales import grade_scale as find_scale
from survey_analysis.outputs import check_output, write_aside
from survey_analysis.surveys import INVENTED, Dictionary
from survey_analysis.workbook_examples import example_rows
from survey_analysis.workbook_forms import fill_form, fill_lists, fill_row
from survey_analysis.workbook_guidance import HEADINGS, guidance
from survey_analysis.workbook_layouts import (
    ABOUT_HEADINGS,
    SCHEMA_VERSION,
    SHEETS,
    TABLE_SHEETS,
    about_fields,
    columns_of_sheet,
)
from survey_analysis.workbook_styles import set_up, width_of, write_headings, write_text, write_title

Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""Table -> its rows, each column -> value."""

_TITLE = "Visits to music partnerships"
_SHORT = 10  # lines
_EPOCH = datetime(2012, 1, 1)  # a date that is the same in every run
_FIXED = (
    "schema_version",
    "grade_scale",
)  # what a workbook was made with; to be left as it is


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

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_template(Path(folder) / "visits.xlsx", grade_scale="ofsted-report-cards").name
    'visits.xlsx'

    Notes
    -----
    Lists and messages help who fills it in and hold nobody back: what is pasted into a cell is not checked there.
    `check_survey` checks it.
    """
    place = check_output(Path(path), suffix=".xlsx", replaces=False)
    write_aside(place, workbook_bytes(grade_scale=grade_scale))
    return place


def workbook_bytes(
    *, grade_scale: str = OF_THE_59, rows: Rows | None = None, about: Mapping[str, str] | None = None
) -> bytes:
    """A workbook for a scale of grades, empty or with rows; the same in every run.

    `rows` holds codes as the dictionary has them; `about` what stands in the fields of the sheet About, by their names.
    """
    scale = find_scale(grade_scale)
    dictionary = with_scale(packaged_dictionary(), scale)
    book = Workbook()
    sheets = {name: book.create_sheet(name) for name in SHEETS}
    del book["Sheet"]
    _fill_guidance(sheets["Guidance"], dictionary, scale)
    lists = fill_lists(sheets["Lists"], dictionary)
    for table, names in TABLE_SHEETS.items():
        for name in names:
            columns = columns_of_sheet(dictionary, table, name)
            fill_form(sheets[name], columns, lists, (rows or {}).get(table, ()))
    _fill_example(sheets["Example"], dictionary)
    _fill_about(sheets["About"], {"schema_version": str(SCHEMA_VERSION), "grade_scale": grade_scale, **(about or {})})
    sheets["Guidance"].sheet_view.tabSelected = True
    book.active = 0
    book.properties.title, book.properties.creator = _TITLE, "survey_analysis"
    book.properties.created = _EPOCH
    buffer = BytesIO()
    book.save(buffer)
    return _undated(buffer.getvalue())


def _fill_guidance(sheet: Worksheet, dictionary: Dictionary, scale: GradeScale) -> None:
    write_title(sheet, 1, _TITLE)
    row = 3
    for title, lines in guidance(dictionary, scale):
        if len(lines) > _SHORT:
            sheet.row_breaks.append(Break(id=row - 1))  # printed from the top of a page
        write_title(sheet, row, title)
        write_headings(sheet, row + 1, HEADINGS)
        for number, line in enumerate(lines, start=row + 2):
            for place, text in enumerate(line, start=1):
                write_text(sheet, number, place, text, bold=place == 1)
        row += len(lines) + 3
    set_up(sheet, [26, 18, 100])


def _fill_example(sheet: Worksheet, dictionary: Dictionary) -> None:
    """The tables one below the other, each under a title that says what it is."""
    write_title(sheet, 1, f"{INVENTED}: invented rows that show the form. They are never read as data.")
    rows = example_rows(dictionary)
    widths: list[int] = []
    number = 2
    for table, names in TABLE_SHEETS.items():
        for name in names:
            columns = columns_of_sheet(dictionary, table, name)
            write_title(sheet, number + 1, f"{INVENTED} of the sheet {name}")
            write_headings(sheet, number + 2, [column.label for column in columns.values()])
            for place, row in enumerate(rows[table], start=number + 3):
                fill_row(sheet, place, columns, row)
            number += 3 + len(rows[table])
            widths = widths or [width_of(column) for column in columns.values()]
    set_up(sheet, widths)


def _fill_about(sheet: Worksheet, values: Mapping[str, str]) -> None:
    write_headings(sheet, 1, ABOUT_HEADINGS)
    for number, field in enumerate(about_fields(), start=2):
        write_text(sheet, number, 1, field.label, bold=True)
        write_text(sheet, number, 2, values.get(field.name, ""))
        write_text(sheet, number, 3, field.prompt)
        rule = DataValidation(allow_blank=True)
        if field.allowed and field.name not in _FIXED:
            rule = DataValidation(type="list", formula1=f'"{",".join(field.allowed)}"', allow_blank=True)
            rule.error, rule.showErrorMessage = "Choose from the list.", True
        rule.promptTitle, rule.prompt, rule.showInputMessage = field.label, field.prompt, True
        rule.add(f"B{number}")
        sheet.add_data_validation(rule)
    set_up(sheet, [30, 32, 90], frozen="A2")


def _undated(content: bytes) -> bytes:
    """The same workbook without the time at which it was written, or the system on which."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2012-01-01T00:00:00Z", part)
            entry = zipfile.ZipInfo(name, _EPOCH.timetuple()[:6])
            entry.create_system = 3  # as on Linux
            new.writestr(entry, part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
