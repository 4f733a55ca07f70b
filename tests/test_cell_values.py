"""One cell: what is meant beyond doubt is taken, what is not is told with what may have been meant."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.cell_values import CellReader, Fault, shown_text
from survey_analysis.dictionaries import packaged_dictionary, with_scale
from survey_analysis.grade_scales import grade_scale
from survey_analysis.problems import RULES, Problem
from survey_analysis.sheets import PerCent, SpreadsheetError, UnsavedFormula
from survey_analysis.surveys import BETWEEN_CODES, Column

COLUMNS = packaged_dictionary()
VISITS, GROUPS, COSTS = COLUMNS["visits"], COLUMNS["pupil_groups"], COLUMNS["costs"]


def read(value: object, column: Column) -> str | Fault:
    return CellReader(column, spaced=True)(value)


def told(value: object, column: Column) -> str:
    """The message about a cell."""
    fault = read(value, column)
    assert isinstance(fault, Fault), f"{value!r} was taken for {fault!r}"
    problem = Problem(sheet="", rule=fault.rule, found=fault.found, allowed=fault.allowed, suggestion=fault.suggestion)
    return problem.message


GOOD = "'outstanding', 'good', 'satisfactory', 'inadequate', 'not seen'"


@pytest.mark.parametrize("value", ["good", "Good", " GOOD ", "good\xa0", "gOOd"])
def test_a_code_is_known_whatever_its_capitals_and_spaces(value: str) -> None:
    assert read(value, VISITS["partnership_use"]) == "good"


@pytest.mark.parametrize("value", ["not seen", "not_seen", "Not  Seen", "NOT_SEEN"])
def test_spaces_and_underscores_are_one(value: str) -> None:
    assert read(value, VISITS["well_managed"]) == "not_seen"


@pytest.mark.parametrize(
    ("value", "column", "message"),
    [
        ("goood", "partnership_use", f"the code must be one of {GOOD}, not 'goood'; did you mean 'good'?"),
        ("Good (2)", "partnership_use", f"the code must be one of {GOOD}, not 'Good (2)'; did you mean 'good'?"),
        (2, "partnership_use", f"the code must be one of {GOOD}, not 2; did you mean 'good'?"),
        ("2 ", "partnership_use", f"the code must be one of {GOOD}, not '2'; did you mean 'good'?"),
        (3.0, "partnership_use", f"the code must be one of {GOOD}, not 3.0; did you mean 'satisfactory'?"),
        (9, "partnership_use", f"the code must be one of {GOOD}, not 9"),
        (True, "well_managed", "the code must be one of 'yes', 'no', 'not seen', not True; did you mean 'yes'?"),
        (False, "well_managed", "the code must be one of 'yes', 'no', 'not seen', not False; did you mean 'no'?"),
        ("n/a", "well_managed", "the code must be one of 'yes', 'no', 'not seen', not 'n/a'"),
        (None, "phase", "is empty; give it one of 'primary', 'secondary', 'special'"),
        ("", "phase", "is empty; give it one of 'primary', 'secondary', 'special'"),
        (
            "  ",
            "well_managed",
            "is empty; give it one of 'yes', 'no', 'not seen'; 'not seen' where it could not be judged",
        ),
        (
            SpreadsheetError("#REF!"),
            "phase",
            "holds the error #REF! of the spreadsheet; write the value itself",
        ),
        (
            UnsavedFormula(),
            "phase",
            "holds a formula whose result is not saved; open the workbook in a spreadsheet and save it there, or write "
            "the value itself",
        ),
        (
            "Ada Byron",
            "phase",
            "holds what looks like the name of a person or a school, and is not shown here; write one of 'primary', "
            "'secondary', 'special'",
        ),
        (
            datetime(2014, 5, 3),
            "phase",
            "holds what looks like a date, perhaps of birth, and is not shown here; write one of 'primary', "
            "'secondary', 'special'",
        ),
    ],
)
def test_what_is_no_code_is_told_with_what_may_be_meant(value: object, column: str, message: str) -> None:
    assert told(value, VISITS[column]) == message


def test_a_number_stands_for_a_grade_only_on_a_scale_that_has_numbers() -> None:
    cards = with_scale(COLUMNS, grade_scale("ofsted-report-cards"))["visits"]["partnership_use"]
    assert read("strong standard", cards) == "strong_standard"
    assert told(2, cards).endswith("'urgent improvement', 'not seen', not 2")
    later = with_scale(COLUMNS, grade_scale("ofsted-from-september-2012"))["visits"]["partnership_use"]
    assert told("3", later).endswith("not '3'; did you mean 'requires improvement'?")


def test_several_codes_may_stand_with_spaces_and_commas_and_one_twice_is_one() -> None:
    forms = VISITS["partnership_forms"]
    assert read("Ensembles; workshops,ensembles", forms) == BETWEEN_CODES.join(["ensembles", "workshops"])
    assert told("not seen; workshops", forms) == "'not seen' stands beside another code; give one or the other"
    assert told("ensembles;", forms).endswith("not ''")


@pytest.mark.parametrize(
    "value", ["2026-03-05", " 2026-03-05 ", date(2026, 3, 5), datetime(2026, 3, 5), datetime(2026, 3, 5, 9, 30)]
)
def test_a_day_is_read_from_text_and_from_a_date(value: object) -> None:
    assert read(value, VISITS["visit_date"]) == "2026-03-05"


DAY = "is not a date; write it as year-month-day, such as 2012-03-05"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("05/03/2026", f"'05/03/2026' {DAY}; it could be 2026-03-05 or 2026-05-03"),
        ("25/03/2026", f"'25/03/2026' {DAY}; did you mean '2026-03-25'?"),
        ("03/25/2026", f"'03/25/2026' {DAY}; did you mean '2026-03-25'?"),
        ("5 March 2026", f"'5 March 2026' {DAY}; did you mean '2026-03-05'?"),
        (46086, f"46086 {DAY}; did you mean '2026-03-05'?"),
        ("2026-02-30", f"'2026-02-30' {DAY}"),
        (12, f"12 {DAY}"),
        (True, f"True {DAY}"),
        ("soon", f"'soon' {DAY}"),
        ("Ada Byron", f"a text that looks like the name of a person or a school {DAY}"),
        (float("inf"), f"inf {DAY}"),
    ],
)
def test_another_day_is_told_with_the_days_that_may_be_meant(value: object, message: str) -> None:
    assert told(value, VISITS["visit_date"]) == message


@pytest.mark.parametrize("value", [12, 12.0, "12", " 12 ", "012"])
def test_a_count_is_read_from_a_number_and_from_digits(value: object) -> None:
    assert int(str(read(value, GROUPS["pupils"]))) == 12


NUMBER = "is not a whole number; write digits alone, without £, comma or point"


NO_SHARE = "give the number itself, not a share; if you did, format the cell as Number and write it anew"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("£1,200", f"'£1,200' {NUMBER}; did you mean '1200'?"),
        ("1 200.00", f"'1 200.00' {NUMBER}; did you mean '1200'?"),
        ("12.5", f"'12.5' {NUMBER}"),
        (12.5, "12.5 is not a whole number; round it to a whole number"),
        (-3, f"-3 {NUMBER}"),
        (True, f"True {NUMBER}"),
        ("1e3", f"'1e3' {NUMBER}"),
        ("²", f"'²' {NUMBER}"),
        ("n/a", f"'n/a' {NUMBER}"),
        (float("nan"), f"nan {NUMBER}"),
        (float("inf"), f"inf {NUMBER}"),
        (datetime(2014, 5, 3), f"a date {NUMBER}"),
        ("a.b@example.org", f"a text that looks like an email address {NUMBER}"),
        ("45%", "'45%' is not a whole number; give the number itself, not a share"),
        (PerCent(1.0), f"'100%' is not a whole number; {NO_SHARE}"),
        (PerCent(0.45), f"'45%' is not a whole number; {NO_SHARE}"),
        ("9" * 6, "has 6 digits, which is more than 5; correct it"),
        (time(9, 30), "a time of day is not a whole number; write digits alone, without £, comma or point"),
        (timedelta(hours=2), "a length of time is not a whole number; write digits alone, without £, comma or point"),
        (None, "is empty; give it a whole number, 0 where there is nothing"),
        (SpreadsheetError("#DIV/0!"), "holds the error #DIV/0! of the spreadsheet; write the value itself"),
    ],
)
def test_what_is_no_count_is_told(value: object, message: str) -> None:
    assert told(value, GROUPS["pupils"]) == message


@pytest.mark.parametrize(
    ("value", "column", "suggestion"),
    [
        ("Workshops and performances", "partnership_forms", "workshops; performances"),
        ("ensembles / workshops", "partnership_forms", "ensembles; workshops"),
        ("action/pitfall", "monitoring", ""),
        ("yes or no", "well_managed", ""),
    ],
)
def test_several_codes_in_one_are_suggested_together_or_not_at_all(value: str, column: str, suggestion: str) -> None:
    fault = CellReader(VISITS[column], spaced=True)(value)
    assert isinstance(fault, Fault) and (fault.rule, fault.suggestion) == ("code", suggestion)


def test_a_grade_of_another_scale_is_told_as_one() -> None:
    assert told("Requires improvement", VISITS["partnership_use"]).endswith(
        "(a grade of the scale 'ofsted-from-september-2012': for it make another workbook), not 'Requires improvement'"
    )


def test_where_a_cell_may_be_empty_it_may() -> None:
    for column in (GROUPS["gcse_entered"], VISITS["urn"], VISITS["inspector"]):
        assert read(None, column) == read(" ", column) == ""


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        *(
            ("V1", "V1"),
            (1, "1"),
            (1.0, "1"),
        ),
        *((name, name) for name in ("Visit 3 (spring)", "Zoë", "School A", "Visit B", "Spring Term", "School 2")),
    ],
)
def test_a_visit_is_called_by_a_short_text_or_a_number(value: object, read_as: str) -> None:
    assert read(value, VISITS["visit_id"]) == read_as


OWN = "write a short text of your own, such as V01"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Ada Byron", f"holds what looks like the name of a person or a school, and is not shown here; {OWN}"),
        ("a.b@example.org", f"holds what looks like an email address, and is not shown here; {OWN}"),
        ("A123456789012", f"holds what looks like a unique pupil number, and is not shown here; {OWN}"),
        *(
            (name, f"holds what looks like the name of a person or a school, and is not shown here; {OWN}")
            for name in ("Byron, Ada", "ADA BYRON", "Zoë Smith", "St Mary's Primary School", "O'Neil J.")
        ),
        *(
            (day, f"holds what looks like a date, perhaps of birth, and is not shown here; {OWN}")
            for day in ("15 March 2014", "3rd May 2014", "May 3, 2014", "20140503")
        ),
        ("020 7946 0123", f"holds what looks like a telephone number, and is not shown here; {OWN}"),
        ("3/5/2014", f"holds what looks like a date, perhaps of birth, and is not shown here; {OWN}"),
        ("=1+1", "'=1+1' begins like a formula; begin it otherwise"),
        ("@sum", "'@sum' begins like a formula; begin it otherwise"),
        ("V\u202e1", "'V\\u202e1' has a character that cannot be seen; take it out"),
        ("V\u200b1", "'V\\u200b1' has a character that cannot be seen; take it out"),
        ("V\n1", "'V\\n1' has a character that cannot be seen; take it out"),
        ("V" * 41, "has 41 characters; write at most 40"),
        ("Example 1", "is a row of the example; write your own visits here, under names of your own"),
        (1.5, "1.5 is not a text; write a short name, such as V01"),
        (True, "True is not a text; write a short name, such as V01"),
    ],
)
def test_what_no_visit_may_be_called_is_told_and_nobodys_data_repeated(value: object, message: str) -> None:
    assert told(value, VISITS["visit_id"]) == message


@pytest.mark.parametrize("value", ["100001", 100001, 100001.0, " 100001 "])
def test_a_urn_is_six_digits_however_a_spreadsheet_kept_them(value: object) -> None:
    assert read(value, VISITS["urn"]) == "100001"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("10001", "'10001'"),
        ("1e5", "'1e5'"),
        (100001.5, "100001.5"),
        ("012345", "'012345'"),
        ("urn 100001", "'urn 100001'"),
    ],
)
def test_another_urn_is_told(value: object, found: str) -> None:
    assert told(value, VISITS["urn"]) == f"{found} is not a URN; write the six digits, or leave it empty"


@pytest.mark.parametrize("value", ["A", "b", "I07", "insp-3", "AB12", 7])
def test_a_pseudonym_is_a_letter_or_a_short_code(value: object) -> None:
    assert read(value, VISITS["inspector"]) == str(value)


@pytest.mark.parametrize("value", ["Ada", "AB", "Ada Byron", "ada@example.org", "A. B.", "x" * 300])
def test_what_may_be_a_name_or_initials_is_never_repeated(value: str) -> None:
    assert told(value, VISITS["inspector"]) == (
        "holds what looks like a name, and is not shown here; write one letter, or letters and a number, such as A or "
        "I07"
    )


@pytest.mark.parametrize(
    ("value", "read_as"), [("2011-12", "2011-12"), ("2012", "2012"), (2012, "2012"), ("1999-00", "1999-00")]
)
def test_a_school_year_is_two_years_that_follow_or_one(value: object, read_as: str) -> None:
    assert read(value, COSTS["year"]) == read_as


def test_a_school_year_that_a_spreadsheet_took_for_a_month_is_told() -> None:
    assert told(datetime(2011, 12, 1), COSTS["year"]) == (
        "holds a date; write it as text, such as 2025-26; did you mean '2011-12'?"
    )
    assert told(datetime(2011, 3, 1), COSTS["year"]) == "holds a date; write it as text, such as 2025-26"
    assert told("2011-13", COSTS["year"]) == "'2011-13' is not a school year; write it as text, such as 2025-26"


def test_a_title_may_name_a_place_but_no_person_s_data() -> None:
    assert shown_text("Music Partnerships North", longest=120, names=True) == "Music Partnerships North"
    assert isinstance(shown_text("for ada@example.org", longest=120, names=True), Fault)


ANYTHING = st.one_of(
    st.none(),
    st.text(max_size=60),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.builds(SpreadsheetError, st.text(max_size=9)),
    st.just(UnsavedFormula()),
    st.builds(PerCent, st.floats()),
)
EVERY_COLUMN = [column for columns in COLUMNS.values() for column in columns.values()]


@given(value=ANYTHING, column=st.sampled_from(EVERY_COLUMN))
def test_any_cell_is_read_or_told_in_one_line(value: Any, column: Column) -> None:
    found = read(value, column)
    if isinstance(found, Fault):
        assert found.rule in RULES
        message = told(value, column)
        assert "\n" not in message and len(message) < 700
    else:
        assert read(found, column) == found, "what is read is read again as it is"


@given(column=st.sampled_from([column for column in EVERY_COLUMN if column.codes]), data=st.data())
def test_every_code_is_read_as_itself_and_so_is_its_label(column: Column, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(column.codes))
    assert read(code, column) == read(code.replace("_", " ").upper(), column) == code


@given(st.sampled_from(EVERY_COLUMN))
def test_codes_are_told_as_a_file_has_them_where_the_file_has_them(column: Column) -> None:
    if "not_seen" in column.codes:
        spaced, plain = (CellReader(column, spaced=it)("zzz") for it in (True, False))
        assert isinstance(spaced, Fault) and isinstance(plain, Fault)
        assert "'not seen'" in spaced.allowed and "'not_seen'" in plain.allowed
        assert replace(spaced, allowed="") == replace(plain, allowed="")
