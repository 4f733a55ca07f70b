"""Workbooks in which one thing is wrong: each rule is broken once, and told with its cell and nothing beside it."""

import json
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from filled_workbooks import scales, surveys, workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter

from survey_analysis import cli
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.problems import MOST_PROBLEMS, RULES, Problems
from survey_analysis.survey_files import check_survey, read_survey
from survey_analysis.surveys import GROUPS, TIMES
from survey_analysis.workbook_notes import PROBLEMS_SHEET, annotate_workbook

VISIT = {
    "phase": "primary",
    "visit_date": "2012-03-05",
    "inspector": "A",
    "partnership_use": "good",
    "value_for_money": "satisfactory",
    **dict.fromkeys(
        [
            *("all_groups_benefit", "greater_range", "well_managed", "long_term_outcomes", "funding_sustained"),
            *("gap_widened_participation", "gap_widened_achievement", "acted_on_monitoring"),
        ],
        "yes",
    ),
    "feeder_primaries_used": "not_applicable",
    "tuition_provider": "private",
    "partnership_forms": "ensembles;workshops",
    **dict.fromkeys(["monitoring", "inclusion", "alignment", "shared_practice", "leadership"], "action"),
    **dict.fromkeys(["second_partnership_use", "second_value_for_money"], "not_seen"),
}
GROUP = {"characteristic": "fsm", "pupils": 40, "taking_part": 20, "achieving": 10, "sustained": 5}
ROWS: dict[str, list[dict[str, Any]]] = {
    "visits": [{"visit_id": "V1", "urn": "100001", **VISIT}, {"visit_id": "V2", "urn": "100002", **VISIT}],
    "pupil_groups": [
        {"visit_id": "V1", "time": time, "group": group, **GROUP} for time in TIMES for group in GROUPS["fsm"]
    ],
    "costs": [
        {"visit_id": "V1", "year": "2011-12", "source": source, "amount_gbp": pounds}
        for source, pounds in (("school", 1200), ("parents", 0))
    ],
}
CONTENT = workbook(ROWS)
Change = Callable[[Any], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workbook in which nothing is wrong."""
    path = tmp_path / "visits.xlsx"
    path.write_bytes(CONTENT)
    return path


def changed(path: Path, change: Change) -> Path:
    """The workbook after something was done to it."""
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def at(book: Any, sheet: str, label: str, row: int = 2) -> Any:
    """The cell under a heading."""
    heads = {cell.value: cell.column for cell in book[sheet][1]}
    return book[sheet].cell(row, heads[label])


def put(sheet: str, label: str, value: object, row: int = 2) -> Change:
    def change(book: Any) -> None:
        at(book, sheet, label, row).value = value

    return change


def named(sheet: str, label: str, row: int = 2) -> str:
    """The place of a cell as a problem tells it."""
    cell = at(load_workbook(BytesIO(CONTENT)), sheet, label, row)
    return f"{sheet}!{get_column_letter(cell.column)}{row} ({label})"


def told(path: Path) -> list[str]:
    return [f"{it.severity}: {it}" for it in check_survey(path)]


def test_a_workbook_in_which_nothing_is_wrong_is_read_whole(path: Path) -> None:
    assert told(path) == []
    survey = read_survey(path)
    assert str(survey) == "Made for a test: 2 visits (observed), 4 pupil groups, 2 costs"
    assert survey.grade_scale == "ofsted-to-august-2012"
    assert survey.themes_coded_first is True
    assert survey.visits["partnership_forms"].tolist() == ["ensembles;workshops"] * 2
    assert survey.visits["leadership"].tolist() == ["action"] * 2
    assert str(survey.visits["visit_date"].iloc[0]) == "2012-03-05 00:00:00"
    assert survey.costs["amount_gbp"].tolist() == [1200, 0]
    assert survey.pupil_groups["gcse_entered"].isna().all()


FILLED_IN = "'outstanding', 'good', 'satisfactory', 'inadequate', 'not seen'"
ONE_PER_RULE: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "missing-sheet": (
        lambda book: book["Costs"].__setattr__("title", "Cost"),
        [
            ("error", "Costs: there is no sheet 'Costs'; rename 'Cost' if it is meant"),
            ("warning", "Cost: is none of ours; it is not read"),
        ],
    ),
    "sheet": (lambda book: book.create_sheet("Notes"), [("warning", "Notes: is none of ours; it is not read")]),
    "hidden-sheet": (
        lambda book: book["Costs"].__setattr__("sheet_state", "veryHidden"),
        [("error", "Costs: is hidden, and what it holds would be reported; show it, so that it can be seen")],
    ),
    "merged-cells": (
        lambda book: book["Costs"].merge_cells("F8:G9"),
        [("error", "Costs!F8:G9: cells are merged, and only the first of them has a value; unmerge them")],
    ),
    "missing-column": (
        lambda book: book["Costs"].delete_cols(4),
        [("error", "Costs: has no column 'Amount (GBP)'; add it")],
    ),
    "extra-column": (
        lambda book: book["Costs"].cell(1, 5, "Amuont (GBP)"),
        [
            (
                "warning",
                "Costs!E1: the column 'Amuont (GBP)' is none of ours and is not read; did you mean 'Amount (GBP)'?",
            )
        ],
    ),
    "repeated-column": (
        lambda book: book["Costs"].cell(1, 5, "Year"),
        [("error", "Costs!B1: has the column 'Year' 2 times; keep one of them")],
    ),
    "empty": (
        put("Visits", "Well managed", None),
        [
            (
                "error",
                f"{named('Visits', 'Well managed')}: is empty; give it one of 'yes', 'no', 'not seen'; 'not seen' "
                "where it could not be judged",
            )
        ],
    ),
    "code": (
        put("Visits", "Use of partnerships", "goood"),
        [
            (
                "error",
                f"{named('Visits', 'Use of partnerships')}: the code must be one of {FILLED_IN}, not 'goood'; did you "
                "mean 'good'?",
            )
        ],
    ),
    "code-beside-not-seen": (
        put("Visits", "Partnership forms", "workshops; not seen"),
        [
            (
                "error",
                f"{named('Visits', 'Partnership forms')}: 'not seen' stands beside another code; give one or the other",
            )
        ],
    ),
    "whole-number": (
        put("Costs", "Amount (GBP)", "£1,200"),
        [
            (
                "error",
                "Costs!D2 (Amount (GBP)): '£1,200' is not a whole number; write digits alone, without £, comma or "
                "point; did you mean '1200'?",
            )
        ],
    ),
    "too-large": (
        put("Costs", "Amount (GBP)", "9" * 10),
        [("error", "Costs!D2 (Amount (GBP)): has 10 digits, which is more than 9; correct it")],
    ),
    "date": (
        put("Visits", "Date", "05/03/2012"),
        [
            (
                "error",
                f"{named('Visits', 'Date')}: '05/03/2012' is not a date; write it as year-month-day, such as "
                "2012-03-05; it could be 2012-03-05 or 2012-05-03",
            )
        ],
    ),
    "text": (
        put("Visits", "URN", "10001"),
        [("error", f"{named('Visits', 'URN')}: '10001' is not a URN; write the six digits, or leave it empty")],
    ),
    "spreadsheet-error": (
        put("Visits", "Phase", "#REF!"),
        [("error", f"{named('Visits', 'Phase')}: holds the error #REF! of the spreadsheet; write the value itself")],
    ),
    "formula": (
        put("Costs", "Amount (GBP)", "=600+600"),
        [
            (
                "error",
                "Costs!D2 (Amount (GBP)): holds a formula whose result is not saved; open the workbook in a "
                "spreadsheet and save it there, or write the value itself",
            )
        ],
    ),
    "personal-data": (
        put("Visits", "Inspector", "Ada Byron"),
        [
            (
                "error",
                f"{named('Visits', 'Inspector')}: holds what looks like a name, and is not shown here; write one "
                "letter, or letters and a number, such as A or I07",
            )
        ],
    ),
    "stray-personal-data": (
        lambda book: [book["Costs"].cell(1, 5, "Notes"), book["Costs"].cell(2, 5, "ask ada@example.org")],
        [
            ("warning", "Costs!E1: the column 'Notes' is none of ours and is not read"),
            (
                "warning",
                "Costs!E2: holds what looks like an email address, and is not shown here; take it out before the file "
                "is passed on",
            ),
        ],
    ),
    "example": (
        lambda book: [
            put("Visits", "Visit", "EXAMPLE1", row=3)(book),
            put("Themes", "Visit", "EXAMPLE1", row=3)(book),
        ],
        [
            (
                "error",
                f"{sheet}!A3 (Visit): is a row of the example; write your own visits here, under names of your own",
            )
            for sheet in ("Visits", "Themes")
        ],
    ),
    "twice": (
        lambda book: [put("Visits", "Visit", "V1", row=3)(book), put("Themes", "Visit", "V1", row=3)(book)],
        [
            ("error", f"{sheet}!A3 (Visit): V1 stands there a second time; keep one of the two")
            for sheet in ("Visits", "Themes")
        ],
    ),
    "same-school": (
        put("Visits", "URN", "100001", row=3),
        [
            (
                "warning",
                "Visits!B3 (URN): has the URN of Visits!B2 (URN) as well; if it is one school visited twice, it counts "
                "twice in every number",
            )
        ],
    ),
    "same-inspector": (
        put("Visits", "Second inspector", "a"),
        [
            (
                "error",
                f"{named('Visits', 'Second inspector')}: names the same inspector twice; a second grade is one by "
                "somebody else",
            )
        ],
    ),
    "unknown-visit": (
        put("Costs", "Visit", "V9"),
        [("error", "Costs!A2 (Visit): the visit 'V9' is not on the sheet Visits; add it there")],
    ),
    "part": (
        put("Pupil groups", "Taking part", 41),
        [
            (
                "error",
                f"{named('Pupil groups', 'Taking part')}: Taking part is 41, more than Pupils, 40; correct the one "
                "that is wrong",
            )
        ],
    ),
    "asked": (
        put("Visits", "Feeder primaries used", "yes"),
        [
            (
                "error",
                f"{named('Visits', 'Feeder primaries used')}: is 'yes' though Phase is 'primary'; write "
                "'not applicable'",
            )
        ],
    ),
    "group": (
        put("Pupil groups", "Group", "boys"),
        [
            (
                "error",
                f"{named('Pupil groups', 'Group')}: the group of fsm must be one of 'not fsm', 'fsm', not 'boys'",
            )
        ],
    ),
    "missing-row": (
        lambda book: book["Pupil groups"].delete_rows(5),
        [("error", "Pupil groups!A2 (Visit): V1 has no row for after, fsm, fsm; add it")],
    ),
    "totals": (
        lambda book: [
            book["Pupil groups"].append(["V1", time, "sex", group, 40, 20, 10, count])
            for time, group, count in (
                ("before", "girls", 5),
                ("before", "boys", 5),
                ("after", "girls", 5),
                ("after", "boys", 6),
            )
        ],
        [
            (
                "warning",
                f"{named('Pupil groups', 'Sustained', row=8)}: Sustained, after, is 10 by fsm and 11 by sex; each of "
                "the two counts every pupil once, so they should be the same",
            )
        ],
    ),
    "alike": (
        lambda book: [put("Visits", "Visit", "v1", row=3)(book), put("Themes", "Visit", "v1", row=3)(book)],
        [("warning", "Visits!A3 (Visit): 'V1' and 'v1' differ in capitals or spaces alone; are they one visit?")],
    ),
    "second-grade": (
        put("Visits", "Second use of partnerships", "good"),
        [
            (
                "warning",
                f"{named('Visits', 'Second inspector')}: Second use of partnerships is given; say by a letter whose "
                "grade it is, or take it out",
            )
        ],
    ),
    "scale-date": (
        put("Visits", "Date", date(2013, 3, 5)),
        [
            (
                "warning",
                f"{named('Visits', 'Date')}: is after 2012-08-31, when the scale ended; is it the right day, and "
                "'Ofsted, to August 2012' the right scale?",
            )
        ],
    ),
    "one-source": (
        lambda book: book["Costs"].delete_rows(3),
        [
            (
                "warning",
                "Costs!C2 (Source): V1 has costs from 'school' alone; add a row for every source, with 0 where it "
                "bore nothing, for a cost per pupil counts what is there",
            )
        ],
    ),
    "cost-years": (
        put("Costs", "Year", "2010-11"),
        [
            (
                "warning",
                "Costs!B3 (Year): the costs are of 2 years, 2010-11, 2011-12; a report gives a cost per pupil at the "
                "prices of one year only",
            )
        ],
    ),
    "far-date": (
        lambda book: [
            put("Visits", "Date", date(2009, 3, 5))(book),
            *(put(sheet, "Visit", "V3", row=4)(book) for sheet in ("Visits", "Themes")),
            *(
                put(it.sheet, it.label, at(book, it.sheet, it.label, 3).value, row=4)(book)
                for it in packaged_dictionary()["visits"].values()
                if it.name not in ("visit_id", "urn", "grade_scale")
            ),
        ],
        [
            (
                "warning",
                f"{named('Visits', 'Date')}: is more than two years from most of the other visits; is it right?",
            )
        ],
    ),
    "file": (
        lambda book: book["About"].delete_rows(5),
        [
            (
                "error",
                "About: there is no line 'Where the visits come from'; take the sheet from a new workbook",
            )
        ],
    ),
}
TOLD_ELSEWHERE = {"unknown-column", "row-length", "more"}


@pytest.mark.parametrize("rule", ONE_PER_RULE)
def test_each_rule_is_told_with_its_cell_and_blames_no_other(path: Path, rule: str) -> None:
    change, expected = ONE_PER_RULE[rule]
    before = changed(path, change).read_bytes()
    assert told(path) == [f"{severity}: {message}" for severity, message in expected]
    assert rule in {it.rule for it in check_survey(path)}
    assert path.read_bytes() == before, "the workbook is never touched"


def test_every_rule_has_its_workbook() -> None:
    assert set(ONE_PER_RULE) | TOLD_ELSEWHERE == set(RULES)


@pytest.mark.parametrize("rule", [rule for rule in ONE_PER_RULE if RULES[rule].severity == "error"])
def test_a_survey_with_an_error_is_not_read(path: Path, rule: str) -> None:
    change, expected = ONE_PER_RULE[rule]
    with pytest.raises(InputError) as found:
        read_survey(changed(path, change))
    assert str(found.value).split("\n") == [message for severity, message in expected if severity == "error"]


@pytest.mark.parametrize("rule", [rule for rule in ONE_PER_RULE if RULES[rule].severity == "warning"])
def test_a_warning_hinders_nobody(path: Path, rule: str) -> None:
    assert len(read_survey(changed(path, ONE_PER_RULE[rule][0])).visits) == (3 if rule == "far-date" else 2)


def test_so_many_problems_are_told_and_then_that_there_are_more(path: Path) -> None:
    lines = [["V9", f"{1900 + number}-x", "grant", "x"] for number in range(MOST_PROBLEMS)]
    changed(path, lambda book: [book["Costs"].append(line) for line in lines])
    rules = [it.rule for it in check_survey(path)]
    assert rules.count("text") + rules.count("whole-number") == MOST_PROBLEMS
    assert rules.count("unknown-visit") == MOST_PROBLEMS
    assert [str(it) for it in check_survey(path) if it.rule == "more"] == [
        f"Costs: more than {MOST_PROBLEMS:,} cells are wrong, and the others are not told; mend these, and check again"
    ]


def test_a_day_in_another_age_is_warned_of(path: Path) -> None:
    assert [it.rule for it in check_survey(changed(path, put("Visits", "Date", "1066-10-14")))] == ["scale-date"]


def test_a_visit_in_other_capitals_is_told_with_the_one_that_is_there(path: Path) -> None:
    assert told(changed(path, put("Costs", "Visit", "v1"))) == [
        "error: Costs!A2 (Visit): the visit 'v1' is not on the sheet Visits; add it there; did you mean 'V1'?"
    ]


def test_what_stands_far_to_the_right_is_told_and_costs_nothing(path: Path) -> None:
    changed(path, lambda book: book["Visits"].cell(3, 16_384, "ada"))
    assert told(path) == ["warning: Visits!XFD3: the column so far right is none of ours and is not read"]


def test_another_sheet_is_called_by_its_name_unless_that_is_somebody_s(path: Path) -> None:
    changed(path, lambda book: [book.create_sheet(name) for name in ('It\'s "mine"', "Ada Byron")])
    assert told(path) == [
        'warning: It\'s "mine": is none of ours; it is not read',
        "warning: A sheet: is none of ours; it is not read",
    ]


# ---------------------------------------------------------------------------------------- what spreadsheets do


@pytest.mark.parametrize(
    ("change", "read"),
    [
        (put("Visits", "Use of partnerships", " Good "), ("partnership_use", "good")),
        (put("Visits", "URN", 100001), ("urn", "100001")),
        (put("Visits", "URN", 100001.0), ("urn", "100001")),
        (put("Visits", "Date", "2012-03-05"), ("visit_date", datetime(2012, 3, 5))),
        (put("Visits", "Inspector", None), ("inspector", "")),
        (lambda book: setattr(book, "epoch", datetime(1904, 1, 1)), ("visit_date", datetime(2012, 3, 5))),
        (lambda book: book["Visits"].insert_rows(2), ("visit_id", "V1")),
        (lambda book: book["Visits"].insert_rows(1), ("visit_id", "V1")),
        (lambda book: book["Visits"].cell(900, 30, "  "), ("visit_id", "V1")),
        (lambda book: setattr(book["Visits"], "title", " visits "), ("visit_id", "V1")),
        (lambda book: put("Visits", "Date", book["Visits"]["D2"].value)(book), ("phase", "primary")),
        (lambda book: setattr(at(book, "Visits", "Phase", 1), "value", " PHASE"), ("phase", "primary")),
    ],
    ids=[
        "capitals",
        "number",
        "float",
        "text date",
        "empty",
        "1904",
        "gap",
        "gap above",
        "spaces",
        "name",
        "same",
        "head",
    ],
)
def test_what_spreadsheets_do_does_no_harm(path: Path, change: Change, read: tuple[str, object]) -> None:
    changed(path, change)
    assert told(path) == []
    name, value = read
    assert read_survey(path).visits[name].iloc[0] == value


def test_a_per_cent_is_told_even_where_it_is_a_whole_number(path: Path) -> None:
    def change(book: Any) -> None:
        cell = at(book, "Pupil groups", "Taking part")
        cell.value, cell.number_format = 1, "0%"

    assert told(changed(path, change)) == [
        f"error: {named('Pupil groups', 'Taking part')}: '100%' is not a whole number; give the number itself, not a "
        "share; if you did, format the cell as Number and write it anew"
    ]


def test_cells_are_named_as_they_stand_below_an_empty_first_row(path: Path) -> None:
    def change(book: Any) -> None:
        book["Costs"].insert_rows(1)
        book["Costs"]["D3"] = "x"
        book["Costs"]["E2"] = "More"

    problems = check_survey(changed(path, change))
    assert [it.place for it in problems] == ["Costs!E2", "Costs!D3 (Amount (GBP))"]


def test_everything_is_told_at_once_and_in_the_order_of_the_sheets(path: Path) -> None:
    for rule in ("personal-data", "code", "part", "unknown-visit", "sheet"):
        changed(path, ONE_PER_RULE[rule][0])
    found = check_survey(path)
    assert [it.rule for it in found] == ["sheet", "code", "personal-data", "part", "unknown-visit"]
    assert found.summary() == "4 errors, to be mended before anything is computed; 1 warning, to be looked at."


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "Where the visits come from",
            None,
            "About!B5 (Where the visits come from): is empty; give it one of 'observed', 'illustrative'",
        ),
        (
            "Where the visits come from",
            "observd",
            "About!B5 (Where the visits come from): the code must be one of 'observed', 'illustrative', not 'observd'; "
            "did you mean 'observed'?",
        ),
        (
            "Schema version",
            "2",
            "About!B2 (Schema version): the code must be one of '1', not '2'",
        ),
        (
            "Title",
            "=cmd()",
            "About!B3 (Title): holds a formula whose result is not saved; " + "open the workbook in a "
            "spreadsheet and save it there, or write the value itself",
        ),
        ("Title", "x" * 121, "About!B3 (Title): has 121 characters; write at most 120"),
        (
            "Title",
            "for ada@example.org",
            "About!B3 (Title): holds what looks like an email address, and is not shown here; write a short text of "
            "your own, such as V01",
        ),
    ],
)
def test_what_the_sheet_about_says_is_checked(path: Path, field: str, value: object, message: str) -> None:
    def change(book: Any) -> None:
        row = next(row for row in book["About"].iter_rows() if row[0].value == field)
        row[1].value = value

    assert [str(it) for it in check_survey(changed(path, change))] == [message]


def test_grades_follow_the_scale_of_the_workbook(tmp_path: Path) -> None:
    path = tmp_path / "cards.xlsx"
    cards = {"partnership_use": "strong_standard", "value_for_money": "urgent_improvement"}
    visits = [row | cards | {"visit_date": "2026-03-05"} for row in ROWS["visits"]]
    path.write_bytes(workbook(ROWS | {"visits": visits}, scale="ofsted-report-cards"))
    assert told(path) == []
    assert read_survey(path).grade_scale == "ofsted-report-cards"
    path.write_bytes(workbook(ROWS, scale="ofsted-report-cards"))
    assert len(check_survey(path).errors) == 4


def test_what_a_workbook_says_of_its_visits_is_not_raised(tmp_path: Path) -> None:
    path = tmp_path / "made up.xlsx"
    path.write_bytes(workbook(ROWS, provenance="illustrative"))
    assert read_survey(path).provenance("visits", "phase") is Provenance.ILLUSTRATIVE
    with pytest.raises(
        InputError, match=r"^provenance cannot be 'observed', for the sheet About of 'made up.xlsx' says"
    ):
        read_survey(path, provenance="observed")


# --------------------------------------------------------------------------------------------------- the command


def test_the_command_tells_every_problem_and_ends_with_1(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(path)]) == 0
    assert capsys.readouterr().out == "Nothing wrong was found.\n"
    changed(path, ONE_PER_RULE["sheet"][0])
    assert cli.main(["check", str(path)]) == 0
    assert capsys.readouterr().out == ("1 warning, to be looked at.\nwarning  Notes: is none of ours; it is not read\n")
    changed(path, ONE_PER_RULE["part"][0])
    assert cli.main(["check", str(path)]) == 1
    assert capsys.readouterr().out.startswith("1 error, to be mended before anything is computed; 1 warning")


def test_the_command_gives_objects_to_programs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(path, ONE_PER_RULE["code"][0])
    assert cli.main(["check", str(path), "--json"]) == 1
    [problem] = json.loads(capsys.readouterr().out)
    assert problem == {
        "sheet": "Visits",
        "cell": named("Visits", "Use of partnerships").split("!")[1].split()[0],
        "column": "Use of partnerships",
        "rule": "code",
        "found": "'goood'",
        "allowed": FILLED_IN,
        "suggestion": "good",
        "severity": "error",
        "place": named("Visits", "Use of partnerships"),
        "message": f"the code must be one of {FILLED_IN}, not 'goood'; did you mean 'good'?",
    }


def test_a_file_that_cannot_be_read_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("a.xlsx", b""), ("b.xlsx", b"PK nothing"), ("c.docx", b"x")):
        (tmp_path / name).write_bytes(content)
        assert cli.main(["check", str(tmp_path / name)]) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.startswith(f"{name} ") and err.count("\n") == 1


def test_the_copy_has_a_comment_on_every_cell_and_a_list_of_all(path: Path, tmp_path: Path) -> None:
    for rule in ("code", "part", "sheet", "merged-cells"):
        changed(path, ONE_PER_RULE[rule][0])
    changed(path, lambda book: setattr(book["Visits"]["A2"], "comment", Comment("mine", "me")))
    changed(path, put("Visits", "Visit", "=1+1"))
    before = path.read_bytes()
    problems = check_survey(path)
    copy = annotate_workbook(path, problems, tmp_path / "copy.xlsx")
    assert path.read_bytes() == before
    book = load_workbook(copy)
    assert book.sheetnames[0] == PROBLEMS_SHEET
    assert [row[1].value for row in book[PROBLEMS_SHEET].iter_rows(min_row=2)] == [it.place for it in problems]
    assert not any(cell.data_type == "f" for row in book[PROBLEMS_SHEET].iter_rows() for cell in row)
    marked = at(book, "Visits", "Use of partnerships")
    assert marked.comment.text.startswith("error: the code must be one of")
    assert marked.border.left.style == "medium" and marked.value == "goood"
    assert book["Visits"]["A2"].comment.text.startswith("mine\nerror: ")
    assert book["Visits"]["A2"].value == "=1+1", "a formula of the reader's stays one"
    assert book["Costs"]["F8"].comment.text.startswith("error: cells are merged")
    assert len(book["Visits"].data_validations.dataValidation) == 21


def test_a_sheet_of_problems_is_replaced_only_where_it_was_made_here(path: Path, tmp_path: Path) -> None:
    changed(path, ONE_PER_RULE["code"][0])
    once = annotate_workbook(path, check_survey(path), tmp_path / "once.xlsx")
    again = annotate_workbook(once, check_survey(once), tmp_path / "again.xlsx")
    assert load_workbook(again).sheetnames == load_workbook(once).sheetnames
    changed(path, lambda book: book.create_sheet(PROBLEMS_SHEET).append(["mine"]))
    beside = load_workbook(annotate_workbook(path, check_survey(path), tmp_path / "beside.xlsx"))
    assert beside.sheetnames[0] == f"{PROBLEMS_SHEET}1" and beside[PROBLEMS_SHEET]["A1"].value == "mine"


def test_a_copy_that_was_mended_bears_no_mark_of_what_is_mended(path: Path, tmp_path: Path) -> None:
    changed(path, ONE_PER_RULE["code"][0])
    changed(path, lambda book: setattr(book["Visits"]["A2"], "comment", Comment("mine", "me")))
    copy = annotate_workbook(path, check_survey(path), tmp_path / "copy.xlsx")
    changed(copy, put("Visits", "Use of partnerships", "good"))
    changed(copy, put("Visits", "Well managed", "perhaps"))
    assert [it.rule for it in check_survey(copy)] == ["code"], "our own sheet of problems is passed over"
    book = load_workbook(annotate_workbook(copy, check_survey(copy), tmp_path / "again.xlsx"))
    mended = at(book, "Visits", "Use of partnerships")
    assert mended.comment is None and not mended.border.left and mended.fill.fill_type is None
    assert at(book, "Visits", "Well managed").comment.text.startswith("error: the code must be one of")
    assert book["Visits"]["A2"].comment.text == "mine"


def test_a_name_in_the_midst_of_a_remark_is_seen(path: Path) -> None:
    remark = "Spoke to Ada Byron about the clarinet"
    changed(path, lambda book: [book["Costs"].cell(1, 5, "Notes"), book["Costs"].cell(2, 5, remark)])
    assert told(path)[1] == (
        "warning: Costs!E2: holds what looks like the name of a person or a school, and is not shown here; take it out "
        "before the file is passed on"
    )


def test_the_command_writes_the_copy_and_never_over_the_workbook(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(path, ONE_PER_RULE["code"][0])
    copy = tmp_path / "copy.xlsx"
    assert cli.main(["check", str(path), "--annotate", str(copy)]) == 1
    assert capsys.readouterr().err == f"A copy with comments is in {copy}\n"
    assert copy.exists()
    assert cli.main(["check", str(path), "--annotate", str(path)]) == 1
    assert capsys.readouterr().err == f"'{path}' is the file that is read, and is never replaced; name another\n"
    assert cli.main(["check", str(tmp_path), "--annotate", str(copy)]) == 1
    assert capsys.readouterr().err == ("--annotate marks the cells of a workbook, and this is a folder; leave it out\n")


def test_problems_are_a_table_in_a_notebook_and_nothing_in_it_is_markup(path: Path) -> None:
    changed(path, put("Visits", "Use of partnerships", "<script>alert(1)</script>"))
    html = check_survey(path)._repr_html_()
    assert "&lt;script&gt;" in html and "<script>" not in html
    assert Problems([])._repr_html_() == '<p class="finding">Nothing wrong was found.</p>'


# ------------------------------------------------------------------------------------------------ anything at all


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_valid_workbook_is_refused(path: Path, data: st.DataObject) -> None:
    scale = data.draw(scales())
    rows = data.draw(surveys(scale=scale, most=3))
    path.write_bytes(workbook(rows, scale=scale))
    assert list(check_survey(path).errors) == []
    survey = read_survey(path)
    assert [len(survey.visits), len(survey.pupil_groups), len(survey.costs)] == [len(it) for it in rows.values()]
    for name in ("partnership_use", "partnership_forms", "leadership", "urn"):
        assert survey.visits[name].tolist() == [row[name] for row in rows["visits"]]
    assert survey.costs["amount_gbp"].tolist() == [row["amount_gbp"] for row in rows["costs"]]


JUNK = st.one_of(
    st.none(),
    st.integers(-5, 10**13),
    st.floats(),
    st.booleans(),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30),
    st.sampled_from(
        ["=1/0", "#N/A", "$\\frac{", "<b>", "**x**", "A123456789012", "Good (2)", "\u202egood", "yes ", "[c]"]
    ),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_change_of_cells_ever_gives_more_than_problems_or_a_sentence(path: Path, data: st.DataObject) -> None:
    book = load_workbook(BytesIO(CONTENT))
    for _ in range(data.draw(st.integers(1, 6))):
        sheet = book[data.draw(st.sampled_from(["Visits", "Themes", "Pupil groups", "Costs", "About"]))]
        cell = sheet.cell(data.draw(st.integers(1, 6)), data.draw(st.integers(1, 26)))
        cell.value = data.draw(JUNK)
    book.save(path)
    problems = check_survey(path)
    assert all("\n" not in str(it) and it.rule in RULES for it in problems)
    if problems.errors:
        with pytest.raises(InputError):
            read_survey(path)
    else:
        assert len(read_survey(path).visits) >= 1
