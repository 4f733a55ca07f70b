"""The workbook that is filled in: what each sheet holds, what a cell tells and takes, and that LibreOffice keeps it."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from filled_workbooks import ABOUT, scales, schema, surveys, workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from survey_analysis import cli
from survey_analysis.errors import InputError
from survey_analysis.grade_scales import OF_THE_59, grade_scale, known_scales
from survey_analysis.personal_data import personal
from survey_analysis.survey_files import check_survey, read_survey
from survey_analysis.surveys import GROUP_WORDS, GROUPS, TIMES, Column
from survey_analysis.themes import codebook
from survey_analysis.workbook_examples import example_rows
from survey_analysis.workbook_forms import READY_ROWS
from survey_analysis.workbook_layouts import SHEETS, TABLE_SHEETS, about_fields, columns_of_sheet
from survey_analysis.workbook_styles import spoken
from survey_analysis.workbook_templates import workbook_bytes, write_template

FORMS = [(table, name) for table, names in TABLE_SHEETS.items() for name in names]
CONTENT = workbook_bytes()
FORMULA = "=HYPERLINK(A1)"


@pytest.fixture(scope="module")
def book() -> Any:
    return load_workbook(BytesIO(CONTENT))


def columns(table: str, name: str, scale: str = OF_THE_59) -> Mapping[str, Column]:
    return columns_of_sheet(schema(scale), table, name)


def rule_of(sheet: Any, cell: str) -> DataValidation:
    """The one rule that holds in a cell."""
    [found] = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]
    return found


def listed(book: Any, rule: DataValidation) -> list[str]:
    """What the list of a rule offers."""
    formula = str(rule.formula1)
    if formula.startswith('"'):
        return formula.strip('"').split(",")
    sheet, cells = formula.removeprefix("$").replace("'", "").replace("!$", "!").split("!", 1)
    return [str(cell.value) for (cell,) in book[sheet.removeprefix("$")][cells.replace("$", "")]]


def kinds(table: str, name: str) -> Iterator[tuple[str, Column]]:
    """The letter of each column of a sheet."""
    for place, column in enumerate(columns(table, name).values(), start=1):
        yield get_column_letter(place), column


# ------------------------------------------------------------------------------------------------- every sheet


def test_the_sheets_stand_in_order_and_none_is_hidden(book: Any) -> None:
    assert book.sheetnames == list(SHEETS)
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["Guidance"], "no sheets as one group"


def test_nothing_is_merged_computed_or_said_by_colour_alone(book: Any) -> None:
    for sheet in book:
        assert not sheet.merged_cells.ranges
        assert not sheet.conditional_formatting
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                if cell.fill.fill_type:
                    assert cell.font.bold and cell.border.bottom.style == "medium", (sheet.title, cell.coordinate)


def test_every_sheet_is_printed_across_and_numbered(book: Any) -> None:
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.center.text == "&A, page &P of &N"
    for _, name in FORMS:
        assert book[name].print_title_rows == "$1:$1" and book[name].print_title_cols == "$A:$A"


def test_the_file_names_nobody_and_is_the_same_in_every_run(book: Any) -> None:
    assert workbook_bytes() == CONTENT
    assert (book.properties.title, book.properties.creator) == ("Visits to music partnerships", "survey_analysis")
    assert book.properties.lastModifiedBy is None
    assert book.properties.created == book.properties.modified == datetime(2012, 1, 1)
    with zipfile.ZipFile(BytesIO(CONTENT)) as file:
        assert {(it.date_time, it.create_system) for it in file.infolist()} == {((2012, 1, 1, 0, 0, 0), 3)}


# ----------------------------------------------------------------------------------------------- sheets to fill in


@pytest.mark.parametrize(("table", "name"), FORMS)
def test_a_form_has_the_headings_of_the_dictionary_and_no_rows(book: Any, table: str, name: str) -> None:
    sheet = book[name]
    assert [cell.value for cell in sheet[1]] == [column.label for column in columns(table, name).values()]
    assert sheet["A1"].value == "Visit"
    assert sheet.max_row == 1
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{get_column_letter(sheet.max_column)}{READY_ROWS[name] + 1}"


@pytest.mark.parametrize(("table", "name"), FORMS)
def test_every_column_says_what_it_asks_down_to_the_last_row(book: Any, table: str, name: str) -> None:
    for letter, column in kinds(table, name):
        rule = rule_of(book[name], f"{letter}2")
        assert str(rule.sqref) == f"{letter}2:{letter}{READY_ROWS[name] + 1}"
        assert rule.showInputMessage and rule.prompt == column.prompt and rule.promptTitle == column.label
        assert len(rule.promptTitle) <= 32 and len(rule.prompt) <= 255, "as much as Excel shows"


@pytest.mark.parametrize("scale", known_scales())
@pytest.mark.parametrize(("table", "name"), FORMS)
def test_a_column_of_codes_offers_exactly_these_codes_as_they_are_spoken(table: str, name: str, scale: str) -> None:
    book = load_workbook(BytesIO(workbook_bytes(grade_scale=scale)))
    for place, column in enumerate(columns(table, name, scale).values(), start=1):
        rule = rule_of(book[name], f"{get_column_letter(place)}2")
        if column.kind in ("code", "grade"):
            assert listed(book, rule) == [spoken(code) for code in column.codes]
            assert not any("_" in it for it in listed(book, rule))
            assert (rule.type, rule.showErrorMessage, rule.errorStyle) == ("list", True, None)
            assert rule.error == "Choose from the list. The sheet Lists has it too."


def test_a_column_of_several_codes_is_told_and_not_forced(book: Any) -> None:
    [letter] = [letter for letter, column in kinds("visits", "Visits") if column.kind == "codes"]
    rule = rule_of(book["Visits"], f"{letter}2")
    assert rule.type is None and not rule.showErrorMessage
    assert rule.prompt == "One or more, joined by semicolons. 'Not seen' stands alone."


@pytest.mark.parametrize(
    ("kind", "kept", "error"),
    [
        ("count", ("whole", "greaterThanOrEqual", "0"), "Write a whole number, 0 where there is nothing."),
        ("money", ("whole", "greaterThanOrEqual", "0"), "Write whole pounds, digits alone, 0 where there is nothing."),
        ("date", ("date", "greaterThanOrEqual", "36526"), "Write a day as year-month-day, such as 2026-03-05."),
    ],
)
def test_numbers_and_days_are_held_to_what_they_are(
    book: Any, kind: str, kept: tuple[str, str, str], error: str
) -> None:
    rules = [
        rule_of(book[name], f"{letter}2")
        for table, name in FORMS
        for letter, column in kinds(table, name)
        if column.kind == kind
    ]
    assert rules
    assert {(rule.type, rule.operator, rule.formula1) for rule in rules} == {kept}
    assert {(rule.error, rule.showErrorMessage) for rule in rules} == {(error, True)}


@pytest.mark.parametrize("name", ["Themes", "Pupil groups", "Costs"])
def test_later_sheets_offer_the_visits_and_warn_of_others(book: Any, name: str) -> None:
    rule = rule_of(book[name], "A2")
    assert (rule.type, rule.formula1, rule.errorStyle) == ("list", "Visits!$A$2:$A$501", "warning")
    assert rule.error == "This visit is not on the sheet Visits. Write it there as well."
    assert rule.prompt == "The visit, as on the sheet Visits."


@pytest.mark.parametrize(("table", "name"), FORMS)
def test_cells_are_ready_for_what_is_typed_into_them(book: Any, table: str, name: str) -> None:
    """As text where digits are a name, so that 2025-26 becomes no date and 012345 keeps its zero."""
    shown = {"date": "yyyy-mm-dd", "count": "0", "money": "0"}
    for letter, column in kinds(table, name):
        assert book[name].column_dimensions[letter].number_format == shown.get(column.kind, "@"), column.name


@pytest.mark.parametrize(("table", "name"), FORMS)
def test_a_column_is_wide_enough_for_its_codes_and_its_heading(book: Any, table: str, name: str) -> None:
    for letter, column in kinds(table, name):
        width = book[name].column_dimensions[letter].width
        words = [*column.label.split(), *(map(spoken, column.codes) if column.kind != "codes" else ())]
        assert max(map(len, words)) + 4 < width <= 40, column.name


# ------------------------------------------------------------------------------------ Guidance, Lists, About, Example


def texts(sheet: Any) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_the_guidance_tells_not_seen_from_no_and_from_an_empty_cell(book: Any) -> None:
    words = {row[0].value: row[2].value for row in book["Guidance"].iter_rows(max_col=3)}
    assert words["not seen"] == "There was no chance to judge. It is counted apart, and never as 'no'."
    assert words["no"] == "A judgement: it was looked at, and it is not so."
    assert words["(empty)"] == (
        "Nobody has said anything yet. The check asks about it, except where a cell may stay empty."
    )


def test_the_guidance_says_what_must_not_be_there(book: Any) -> None:
    told = " ".join(texts(book["Guidance"]))
    for word in ("names of pupils, staff or schools", "UPN", "email addresses", "dates of birth", "numbers are hidden"):
        assert word in told
    assert "survey-analysis check visits.xlsx" in told
    assert "survey-analysis report visits.xlsx --out report.html" in told


def test_the_guidance_holds_the_whole_codebook_in_the_words_of_the_workbook(book: Any) -> None:
    told = texts(book["Guidance"])
    for theme in codebook().to_dict("records"):
        assert theme["action"] in told and theme["pitfall"] in told and theme["neither"] in told
    joined = " ".join(told)
    assert ".csv" not in joined and "not_seen" not in joined
    assert "the gap is counted on the sheet Pupil groups" in joined


def test_the_guidance_explains_every_column(book: Any) -> None:
    lines = {tuple(cell.value for cell in row) for row in book["Guidance"].iter_rows(max_col=3)}
    for table, name in FORMS:
        for column in columns(table, name).values():
            assert (column.label, name, column.prompt) in lines


@pytest.mark.parametrize("name", known_scales())
def test_the_guidance_says_whether_grades_can_stand_beside_those_of_2012(name: str) -> None:
    scale = grade_scale(name)
    told = " ".join(texts(load_workbook(BytesIO(workbook_bytes(grade_scale=name)))["Guidance"]))
    can = "Grades can" if scale.compared_with_2012 else "Grades cannot"
    assert f"{can} be set beside those of the 59 schools. {scale.reason}" in told


def test_every_list_is_found_under_the_names_of_its_columns(book: Any) -> None:
    heads = {cell.value: [it.value for it in book["Lists"][cell.column_letter][1:]] for cell in book["Lists"][1]}
    for table, name in FORMS:
        for column in columns(table, name).values():
            if column.codes:
                [found] = [codes for head, codes in heads.items() if column.label in str(head).split(", ")]
                assert [it for it in found if it] == [spoken(code) for code in column.codes]
    meant = [it for it in heads["Group: what it means"] if it]
    assert meant == [GROUP_WORDS[code] for code in schema()["pupil_groups"]["group"].codes]


def test_about_asks_where_the_visits_come_from_and_answers_nothing_itself(book: Any) -> None:
    rows = [[cell.value for cell in row] for row in book["About"].iter_rows()]
    assert rows[0] == ["Field", "Value", "What it means"]
    assert [(row[0], row[1]) for row in rows[1:]] == [
        ("Schema version", "1"),
        ("Title", None),
        ("Grade scale", "ofsted-to-august-2012"),
        ("Where the visits come from", None),
        ("Themes coded first", None),
    ]
    assert [row[2] for row in rows[1:]] == [field.prompt for field in about_fields()]
    assert listed(book, rule_of(book["About"], "B5")) == ["observed", "illustrative"]
    assert listed(book, rule_of(book["About"], "B6")) == ["yes", "no"]
    assert book["About"].freeze_panes == "A2"


def test_every_row_and_table_of_the_example_is_marked(book: Any) -> None:
    rows = [row[0].value for row in book["Example"].iter_rows()]
    assert rows[0] == "EXAMPLE: invented rows that show the form. They are never read as data."
    assert {it for it in rows if it and not it.startswith("EXAMPLE")} == {"Visit"}, "nothing but headings is unmarked"
    assert [it for it in rows[1:] if it and " " in it] == [f"EXAMPLE of the sheet {name}" for _, name in FORMS]


@pytest.mark.parametrize("scale", known_scales())
def test_the_example_is_right_by_the_rules_that_it_shows(tmp_path: Path, scale: str) -> None:
    rows = example_rows(schema(scale))
    for row in (row for table in rows.values() for row in table):
        assert str(row["visit_id"]).startswith("EXAMPLE")
        assert not any(personal(str(value)) for name, value in row.items() if name != "visit_date")
    copied = {
        table: [{**row, "visit_id": str(row["visit_id"]).replace("EXAMPLE", "V")} for row in those]
        for table, those in rows.items()
    }
    path = tmp_path / "visits.xlsx"
    path.write_bytes(workbook(copied, scale=scale))
    assert list(check_survey(path)) == []


def test_a_row_of_the_example_that_is_copied_as_it_is_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "visits.xlsx"
    path.write_bytes(workbook(example_rows(schema())))
    found = {it.rule for it in check_survey(path)}
    assert found == {"example"}


# ----------------------------------------------------------------------------------------------------- filled in


@given(st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_the_dictionary_allows_can_be_written_and_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    scale = data.draw(scales())
    rows = data.draw(surveys(scale=scale))
    path = tmp_path_factory.mktemp("filled") / "visits.xlsx"
    path.write_bytes(workbook(rows, scale=scale))
    assert list(check_survey(path).errors) == []
    survey = read_survey(path)
    assert survey.grade_scale == scale
    for table, those in rows.items():
        frame = getattr(survey, table)
        assert len(frame) == len(those)
        for name in those[0] if those else ():
            read = [_text(value) for value in frame[name]]
            assert read == [str(row[name]) for row in those], name


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if pd.isna(value) else str(value)


def test_what_a_title_or_a_name_begins_with_makes_no_formula() -> None:
    rows = {"visits": [{"visit_id": FORMULA}]}
    book = load_workbook(BytesIO(workbook_bytes(rows=rows, about={"title": FORMULA})))
    for cell in (book["Visits"]["A2"], book["Themes"]["A2"], book["About"]["B3"]):
        assert (cell.value, cell.data_type) == (FORMULA, "s")


# ------------------------------------------------------------------------------------------------------- the command


def test_a_template_that_is_written_still_has_questions(tmp_path: Path) -> None:
    path = write_template(tmp_path / "visits.xlsx")
    assert path.read_bytes() == CONTENT
    assert [str(it) for it in check_survey(path)] == [
        "About!B5 (Where the visits come from): is empty; give it one of 'observed', 'illustrative'",
        "Visits: has no rows; there must be at least one",
    ]


def test_the_command_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my visits.xlsx"
    assert cli.main(["template", str(path), "--scale", "ofsted-report-cards"]) == 0
    assert path.read_bytes() == workbook_bytes(grade_scale="ofsted-report-cards")
    assert capsys.readouterr().out == (
        f"The workbook is {path}. Its sheet Guidance says how to fill it in; then run: survey-analysis check '{path}'\n"
    )


def test_a_workbook_that_is_there_is_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "visits.xlsx"
    path.write_text("filled in", encoding="utf-8")
    assert cli.main(["template", str(path)]) == 1
    assert capsys.readouterr().err == (f"{str(path)!r} is there already and is left alone; name another file\n")
    assert path.read_text(encoding="utf-8") == "filled in"


def test_a_scale_that_there_is_not_suggests_the_nearest_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "visits.xlsx"
    with pytest.raises(InputError) as caught:
        write_template(path, grade_scale="ofsted-to-august-2102")
    assert str(caught.value) == (
        "grade_scale must be one of 'ofsted-to-august-2012', 'ofsted-from-september-2012', 'ofsted-report-cards', "
        "not 'ofsted-to-august-2102'; did you mean 'ofsted-to-august-2012'?"
    )
    assert not path.exists()


def test_a_folder_is_told_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_template(tmp_path)
    example = str(tmp_path / "report.xlsx")
    assert str(caught.value) == f"{str(tmp_path)!r} is a folder; name a file in it, such as {example!r}"


# -------------------------------------------------------------------------------------------------------- LibreOffice

FILLED: dict[str, list[dict[str, Any]]] = {
    "visits": [
        {**row, "visit_id": f"V0{number}", "urn": "100001"}
        for number, row in enumerate(example_rows(schema())["visits"], 1)
    ],
    "pupil_groups": [
        {"visit_id": "V01", "time": time, "characteristic": "sex", "group": group, "pupils": 40, "taking_part": 12}
        | {"achieving": 6, "sustained": 0}
        for time in TIMES
        for group in GROUPS["sex"]
    ],
    "costs": [{"visit_id": "V01", "year": "2011-12", "source": "school", "amount_gbp": 1200}],
}


@dataclass(frozen=True)
class Converted:
    """A workbook that LibreOffice opened and wrote again, and the first of its sheets to fill in as CSV."""

    path: Path
    book: Workbook
    before: Workbook


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed; in Debian it is the package libreoffice-calc")
    folder = tmp_path_factory.mktemp("libreoffice")
    path = folder / "visits.xlsx"
    path.write_bytes(workbook(FILLED))
    done = subprocess.run(
        [
            *(soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "xlsx", "--outdir", str(folder / "out"), str(path)),
        ],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=180,
        check=False,
    )
    again = folder / "out" / "visits.xlsx"
    assert done.returncode == 0 and again.is_file(), done.stderr
    assert not re.search(r"error|corrupt|repair", done.stderr, re.IGNORECASE), done.stderr
    return Converted(again, load_workbook(again), load_workbook(path))


def test_libreoffice_keeps_every_cell_of_every_sheet(converted: Converted) -> None:
    assert converted.book.sheetnames == list(SHEETS)
    for sheet in converted.before:
        after = converted.book[sheet.title]
        assert not after.merged_cells.ranges and after.sheet_state == "visible"
        for row in sheet.iter_rows():
            for cell in row:
                assert after[cell.coordinate].value == cell.value, (sheet.title, cell.coordinate)


def test_libreoffice_keeps_lists_messages_and_limits(converted: Converted) -> None:
    for _, name in FORMS:
        for number in range(1, converted.before[name].max_column + 1):
            cell = f"{get_column_letter(number)}3"
            one, two = rule_of(converted.before[name], cell), rule_of(converted.book[name], cell)
            assert (two.promptTitle, two.prompt) == (one.promptTitle, one.prompt)
            assert (two.type or "none") == (one.type or "none")
            if one.type is not None:
                assert (two.error, two.errorStyle or "stop") == (one.error, one.errorStyle or "stop")
                assert str(two.formula1).replace("'", "") == str(one.formula1)
            if one.type == "list":
                assert listed(converted.book, two) == listed(converted.before, one)


def test_libreoffice_keeps_how_cells_are_shown(converted: Converted) -> None:
    """Headings that stay in view are not looked at here: run without a window, it writes none for any file."""
    for table, name in FORMS:
        sheet = converted.book[name]
        spans = [(it.min, it.max, it.number_format) for it in sheet.column_dimensions.values()]
        for place, (letter, column) in enumerate(kinds(table, name), start=1):
            [shown] = [form for first, last, form in spans if first <= place <= last]
            wanted = converted.before[name].column_dimensions[letter].number_format
            assert shown.lower().replace("\\", "") == wanted, column.name


def test_what_libreoffice_writes_is_read_as_the_same_survey(converted: Converted, tmp_path: Path) -> None:
    path = tmp_path / "visits.xlsx"
    path.write_bytes(workbook(FILLED))
    assert [str(it) for it in check_survey(converted.path)] == [str(it) for it in check_survey(path)]
    one, two = read_survey(path), read_survey(converted.path)
    for table in TABLE_SHEETS:
        assert getattr(one, table).equals(getattr(two, table)), table
    assert (two.title, two.themes_coded_first) == (ABOUT["title"], True)
