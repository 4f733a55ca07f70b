"""Reading the three tables: what is right is read whole, and everything that is wrong is told, all of it at once."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.resources import DATA, EXAMPLES
from survey_analysis.survey_files import check_survey, load_survey, read_survey
from survey_analysis.surveys import TABLES, Survey, tally
from survey_analysis.value_for_money import unit_cost

VISITS_HEADER = (DATA / "visits.csv").read_text(encoding="utf-8").splitlines()[0]
VISIT = (
    ",2011-09-05,ofsted-to-august-2012,good,satisfactory,yes,yes,yes,yes,no,no,music_service,ensembles;workshops,"
    "yes,yes,not_applicable,action,action,neither,pitfall,not_seen,not_seen,not_seen"
)
VISITS = f"{VISITS_HEADER}\nV1,primary{VISIT}\nV2,special{VISIT}\n"
GROUPS_HEADER = "visit_id,time,characteristic,group,pupils,taking_part,achieving,sustained,gcse_entered,gcse_good_grade"
GROUPS = "\n".join(
    [
        GROUPS_HEADER,
        *(f"V1,{time},fsm,{group},40,20,10,5,," for time in ("before", "after") for group in ("fsm", "not_fsm")),
        *(f"V2,{time},sex,{group},40,20,10,5,4,3" for time in ("before", "after") for group in ("girls", "boys")),
        "",
    ]
)
COSTS = "visit_id,year,source,amount_gbp\nV1,2011-12,school,1200\nV1,2011-12,hub,0\nV2,2011-12,school,900\n"
SMALL = {"visits.csv": VISITS, "pupil_groups.csv": GROUPS, "costs.csv": COSTS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small survey in which nothing is wrong."""
    for name, text in SMALL.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def changed(folder: Path, name: str, old: str, new: str) -> None:
    assert SMALL[name].count(old) >= 1, f"nothing to change in {name}"
    (folder / name).write_text(SMALL[name].replace(old, new, 1), encoding="utf-8")


def read(folder: Path) -> Survey:
    """The survey in a folder: of visits that were made, unless a dictionary of its own says otherwise."""
    return read_survey(folder, provenance=None if (folder / "dictionary.csv").exists() else "observed")


def told(folder: Path) -> list[str]:
    """The problems of a folder, one a line; anything but an InputError fails the test."""
    with pytest.raises(InputError) as found:
        read(folder)
    return str(found.value).split("\n")


def frames(survey: Survey) -> list[pd.DataFrame]:
    return [survey.visits, survey.pupil_groups, survey.costs]


# ----------------------------------------------------------------------------------------------- what is right


def test_the_shipped_survey_has_every_row_with_its_type_and_its_order() -> None:
    survey = load_survey()
    assert [len(frame) for frame in frames(survey)] == [59, 708, 295]
    assert survey.title == "Music partnerships in 59 schools (reconstructed)"
    for table, frame in zip(TABLES, frames(survey), strict=True):
        columns = survey.dictionary[table]
        assert list(frame.columns) == [it.name for it in columns.values() if not it.may_be_absent]
        types = {"date": "datetime64", "count": "Int64", "money": "Int64"}
        for name in frame.columns:
            column = columns[name]
            assert str(frame[name].dtype).startswith(types.get(column.kind, "str")), name
    assert survey.visits["visit_date"].dt.year.isin([2011, 2012]).all()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The three tables of the shipped survey, written anew."""
    for table, frame in zip(TABLES, frames(load_survey()), strict=True):
        frame.to_csv(tmp_path / f"{table}.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("own_dictionary", [True, False])
def test_what_is_written_is_read_back_as_it_was(written: Path, own_dictionary: bool) -> None:
    survey = load_survey()
    if own_dictionary:
        shutil.copy(DATA / "dictionary.csv", written)
    again = read_survey(written, provenance=None if own_dictionary else "illustrative")
    for old, new in zip(frames(survey), frames(again), strict=True):
        pd.testing.assert_frame_equal(old, new)
    assert (again.dictionary == survey.dictionary) is own_dictionary
    assert again.title == written.name
    assert again.published == ()


# ------------------------------------------------------------------------------- where the visits come from

JOINT = ["partnership_use", "value_for_money"]


def test_claims_beside_the_tables_tell_which_counts_were_published(written: Path) -> None:
    for name in ("dictionary.csv", "claims.toml"):
        shutil.copy(DATA / name, written)
    again = read_survey(written)
    assert again.published == load_survey().published != ()
    assert tally(again, JOINT, at_least="good") == tally(load_survey(), JOINT, at_least="good")
    (written / "claims.toml").unlink()
    assert tally(read_survey(written), JOINT, at_least="good").provenance is Provenance.ILLUSTRATIVE


def test_of_alternatives_that_were_counted_together_no_one_was_published(written: Path) -> None:
    shutil.copy(DATA / "dictionary.csv", written)
    text = (DATA / "claims.toml").read_text(encoding="utf-8")
    joint = 'counts = { partnership_use = ["outstanding", "good"], value_for_money = ["outstanding", "good"] }\nnote'
    assert text.count(joint) == 1
    either = joint.replace("{", "[{").replace(", value", " }, { value").replace("}\n", "}]\n")
    more = 'counts = [{ partnership_use = ["good"], monitoring = ["action"] }, { phase = ["special"] }]\nnote'
    for counts in (either, more):
        (written / "claims.toml").write_text(text.replace(joint, counts), encoding="utf-8")
        published = [dict(event.condition) for event in read_survey(written).published]
        assert [condition for condition in published if len(condition) > 1] == []
        assert {"value_for_money": ("outstanding", "good")} not in published


def test_only_figures_about_all_visits_are_published_counts(written: Path) -> None:
    shutil.copy(DATA / "dictionary.csv", written)
    text = (DATA / "claims.toml").read_text(encoding="utf-8")
    joint = 'value_for_money = ["outstanding", "good"] }\nnote = """One joint'
    assert text.count(joint) == 1
    some = joint.replace("\n", '\namong = { phase = ["primary"] }\n')
    (written / "claims.toml").write_text(text.replace(joint, some), encoding="utf-8")
    assert [event for event in read_survey(written).published if len(event.condition) > 1] == []


def test_claims_that_are_wrong_are_told(written: Path) -> None:
    shutil.copy(DATA / "dictionary.csv", written)
    (written / "claims.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"^there are no claims; add at least one record"):
        read_survey(written)
    assert read_survey(written, provenance="illustrative").published == ()


def test_visits_that_were_made_take_nothing_from_claims_beside_them(folder: Path) -> None:
    shutil.copy(DATA / "claims.toml", folder)
    made = read_survey(folder, provenance="observed")
    assert made.published == ()
    for columns in (JOINT, "partnership_use", "value_for_money"):
        found = tally(made, columns, at_least="good", among={"tuition_provider": "music_service"})
        assert (found.provenance, found.assumptions) == (Provenance.OBSERVED, ())


def test_where_visits_come_from_must_be_said_without_a_dictionary_of_their_own(folder: Path) -> None:
    with pytest.raises(InputError) as found:
        read_survey(folder)
    assert str(found.value) == (
        f"provenance must be said for the visits in {str(folder)!r}, which has no dictionary.csv of its own; write "
        "'observed' if the visits were made, 'illustrative' if they were made up"
    )
    shutil.copy(DATA / "dictionary.csv", folder)
    assert read_survey(folder).visit_label("V1") == "V1 (reconstructed)"


def said_in(folder: Path, **provenances: str) -> None:
    """The dictionary of the package, with another provenance for the tables named, beside the tables."""
    lines = pd.read_csv(DATA / "dictionary.csv", dtype=str, keep_default_na=False)
    lines["provenance"] = lines["table"].map(provenances).fillna(lines["provenance"])
    lines.to_csv(folder / "dictionary.csv", index=False)


def refused(folder: Path, provenance: str | None = None) -> str:
    with pytest.raises(InputError) as found:
        read_survey(folder, provenance=provenance)
    return str(found.value)


@pytest.mark.parametrize("given", ["observed", "published", "derived", "reconstructed"])
def test_no_argument_says_more_of_visits_than_the_dictionary_beside_them(folder: Path, given: str) -> None:
    shutil.copy(DATA / "dictionary.csv", folder)
    weaker = 37 if given == "reconstructed" else 41
    first = "visits.urn is illustrative" if given == "reconstructed" else "visits.visit_id is reconstructed"
    assert refused(folder, given) == (
        f"provenance cannot be '{given}', for dictionary.csv in {str(folder)!r} says that {first} (and so on for "
        f"{weaker} columns); leave provenance out, or write there where the columns come from"
    )
    assert refused(DATA, "observed").startswith("provenance cannot be 'observed', for dictionary.csv in ")


def test_an_argument_may_say_the_same_as_the_dictionary_or_less(folder: Path) -> None:
    said_in(folder, visits="observed", pupil_groups="observed", costs="observed")
    assert read_survey(folder).provenance("visits", "phase") is Provenance.OBSERVED
    for given in ("observed", "published", "illustrative"):
        assert read_survey(folder, provenance=given).provenance("costs", "amount_gbp") == given


SAME_ROWS = (
    "these are the rows that travel with the package, which are made up; put those of your own visits there, or call "
    "these illustrative"
)


@pytest.mark.parametrize("given", ["observed", "published", "derived"])
def test_the_rows_of_the_package_are_never_called_more_than_made_up(written: Path, given: str) -> None:
    """By the argument, or by a dictionary of the folder's own."""
    told = f"visits.csv in {str(written)!r} cannot be {given}: {SAME_ROWS}"
    assert refused(written, given) == told
    said_in(written, visits=given, pupil_groups=given, costs=given)
    assert refused(written) == told
    assert read_survey(written, provenance="illustrative").published == ()


def test_the_rows_of_the_example_are_never_called_more_than_made_up(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "visits", tmp_path / "mine")
    assert refused(tmp_path / "mine", "observed").endswith(f"cannot be observed: {SAME_ROWS}")
    assert len(read_survey(tmp_path / "mine", provenance="illustrative").visits) == 12


def shuffled(folder: Path, table: str, rows: int) -> None:
    """Other ids and days, another order, and the first so many rows changed."""
    frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    frame["visit_id"] = "X" + frame["visit_id"]
    if table == "visits":
        frame["visit_date"] = "2024-05-01"
        codes = {"action": "pitfall", "pitfall": "neither", "neither": "not_seen", "not_seen": "action"}
        frame.loc[: rows - 1, "leadership"] = frame.loc[: rows - 1, "leadership"].map(codes)
    frame.iloc[::-1].to_csv(folder / f"{table}.csv", index=False)


def test_other_ids_and_days_and_a_few_cells_written_anew_make_no_other_visits(written: Path) -> None:
    for table in TABLES:
        shuffled(written, table, rows=5)
    assert refused(written, "observed").startswith("visits.csv in ")
    visits = (written / "visits.csv").read_text(encoding="utf-8").splitlines()
    (written / "visits.csv").write_text("\n".join(visits[:30]), encoding="utf-8")
    for table in ("pupil_groups", "costs"):
        frame = pd.read_csv(written / f"{table}.csv", dtype=str, keep_default_na=False)
        kept = frame["visit_id"].isin([line.partition(",")[0] for line in visits[:30]])
        frame[kept].to_csv(written / f"{table}.csv", index=False)
    assert refused(written, "observed").startswith("visits.csv in "), "a part of our rows is ours"


@pytest.mark.parametrize("table", ["pupil_groups", "costs"])
def test_pupils_and_pounds_of_the_package_beside_visits_of_ones_own_are_told(written: Path, table: str) -> None:
    said_in(written, **{table: "observed"})
    assert refused(written) == f"{table}.csv in {str(written)!r} cannot be observed: {SAME_ROWS}"
    said_in(written, **{table: "illustrative"})
    assert read_survey(written).provenance(table, "visit_id") is Provenance.ILLUSTRATIVE


def test_visits_that_are_others_may_be_observed(written: Path) -> None:
    for table in TABLES:
        shuffled(written, table, rows=59)
    assert refused(written, "observed").startswith("pupil_groups.csv in "), "visits are others, pupils are ours"
    said_in(written, visits="observed")
    survey = read_survey(written)
    assert survey.visit_label(survey.visits["visit_id"][0]) == "XR59"


def test_few_judgements_that_are_alike_do_not_make_two_schools_the_same(written: Path) -> None:
    """A survey of one's own may look at the grades alone, and two surveys may well have the same."""
    lines = pd.read_csv(DATA / "dictionary.csv", dtype=str, keep_default_na=False)
    asked = ["visit_id", "grade_scale", "partnership_use", "value_for_money", "phase"]
    lines = lines[(lines["table"] != "visits") | lines["column"].isin(asked)]
    lines.loc[lines["table"] == "visits", "provenance"] = "observed"
    lines.to_csv(written / "dictionary.csv", index=False)
    visits = pd.read_csv(written / "visits.csv", dtype=str, keep_default_na=False)
    visits[list(lines.loc[lines["table"] == "visits", "column"])].to_csv(written / "visits.csv", index=False)
    assert read_survey(written).provenance("visits", "phase") is Provenance.OBSERVED


def test_cells_are_read_under_their_column_and_an_empty_gcse_stays_empty(folder: Path) -> None:
    survey = read_survey(str(folder), title="Ours", provenance="observed")
    assert survey.title == "Ours"
    assert list(survey.visits["phase"]) == ["primary", "special"]
    assert survey.visits.loc[0, "visit_date"] == pd.Timestamp(2011, 9, 5)
    assert survey.pupil_groups["gcse_entered"].isna().tolist() == [True] * 4 + [False] * 4
    assert list(survey.costs["amount_gbp"]) == [1200, 0, 900]


def test_columns_may_stand_in_any_order(folder: Path) -> None:
    expected = read(folder)
    for name in SMALL:
        frame = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        frame[list(frame.columns[::-1])].to_csv(folder / name, index=False)
    assert (folder / "costs.csv").read_text(encoding="utf-8").startswith("amount_gbp,source,year,visit_id")
    for old, new in zip(frames(expected), frames(read(folder)), strict=True):
        pd.testing.assert_frame_equal(old, new)


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", "\n\n").encode(),
        lambda text: (text + ",,,\n , , , \n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.replace("school", '"school"').encode(),
    ],
    ids=["BOM", "Windows", "old Mac", "blank lines", "empty lines at the end", "no last newline", "quoted"],
)
def test_what_spreadsheets_do_to_a_file_does_no_harm(folder: Path, write: Callable[[str], bytes]) -> None:
    expected = read(folder)
    (folder / "costs.csv").write_bytes(write(COSTS))
    pd.testing.assert_frame_equal(read(folder).costs, expected.costs)


@pytest.mark.parametrize("given", ["observed", Provenance.OBSERVED])
def test_a_provenance_given_is_that_of_every_column(folder: Path, given: str) -> None:
    survey = read_survey(folder, provenance=given)
    assert {column.provenance for table in TABLES for column in survey.dictionary[table].values()} == {
        Provenance.OBSERVED
    }
    assert survey.visit_label("V1") == "V1"
    assert unit_cost(survey).provenance is Provenance.OBSERVED


@pytest.mark.parametrize(("given", "hint"), [("Observed", "; did you mean 'observed'?"), ("real", ""), (1, "")])
def test_a_provenance_that_there_is_not_is_told(folder: Path, given: str, hint: str) -> None:
    with pytest.raises(InputError) as found:
        read_survey(folder, provenance=given)
    assert str(found.value) == (
        "provenance must be one of 'observed', 'published', 'derived', 'reconstructed', 'illustrative', "
        f"not {given!r}{hint}"
    )


# ------------------------------------------------------------------------------------------- a cell that is wrong

GRADES = "'outstanding', 'good', 'satisfactory', 'inadequate', 'not_seen'"
FORMS = (
    "'bought_in_tuition', 'whole_class_tuition', 'ensembles', 'workshops', 'performances', 'joint_projects', 'not_seen'"
)
NO_NUMBER = "is not a whole number; write digits alone, without £, comma or point"
NO_DATE = "is not a date; write it as year-month-day, such as 2012-03-05"
MONEY = "costs.csv, line 2, amount_gbp: "
PHASE = "visits.csv, line 2, phase: the code must be one of 'primary', 'secondary', 'special', not "
USE = f"visits.csv, line 2, partnership_use: the code must be one of {GRADES}, not "


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("visits.csv", "primary", "Primery", f"{PHASE}'Primery'; did you mean 'primary'?"),
        ("visits.csv", "primary", "School ", f"{PHASE}'School'"),
        (
            "visits.csv",
            "primary",
            "",
            "visits.csv, line 2, phase: is empty; give it one of 'primary', 'secondary', 'special'",
        ),
        (
            "visits.csv",
            ",good,",
            ", ,",
            f"visits.csv, line 2, partnership_use: is empty; give it one of {GRADES}; 'not_seen' where it could not be "
            "judged",
        ),
        ("visits.csv", ",good,", ",2,", f"{USE}'2'; did you mean 'good'?"),
        ("visits.csv", ",good,", ",9,", f"{USE}'9'"),
        ("visits.csv", ",good,", ",Good (2),", f"{USE}'Good (2)'; did you mean 'good'?"),
        ("visits.csv", ",good,", ",not_applicable,", f"{USE}'not_applicable'"),
        (
            "visits.csv",
            "ensembles;workshops",
            "ensembles; workshop",
            f"visits.csv, line 2, partnership_forms: the code must be one of {FORMS}, not 'workshop'; "
            "did you mean 'workshops'?",
        ),
        (
            "visits.csv",
            "ensembles;workshops",
            "ensembles;",
            f"visits.csv, line 2, partnership_forms: the code must be one of {FORMS}, not ''",
        ),
        (
            "visits.csv",
            "ensembles;workshops",
            "ensembles;not_seen",
            "visits.csv, line 2, partnership_forms: 'not_seen' stands beside another code; give one or the other",
        ),
        (
            "visits.csv",
            "2011-09-05",
            "05/09/2011",
            f"visits.csv, line 2, visit_date: '05/09/2011' {NO_DATE}; it could be 2011-09-05 or 2011-05-09",
        ),
        (
            "visits.csv",
            "2011-09-05",
            "20110905",
            f"visits.csv, line 2, visit_date: '20110905' {NO_DATE}; did you mean '2011-09-05'?",
        ),
        ("visits.csv", "2011-09-05", "2011-02-30", f"visits.csv, line 2, visit_date: '2011-02-30' {NO_DATE}"),
        (
            "visits.csv",
            "2011-09-05",
            "",
            "visits.csv, line 2, visit_date: is empty; give it a day as year-month-day, such as 2012-03-05",
        ),
        ("costs.csv", "1200", "-5", f"{MONEY}'-5' {NO_NUMBER}"),
        ("costs.csv", "1200", '"£1,200"', f"{MONEY}'£1,200' {NO_NUMBER}; did you mean '1200'?"),
        ("costs.csv", "1200", '"1,200"', f"{MONEY}'1,200' {NO_NUMBER}; did you mean '1200'?"),
        ("costs.csv", "1200", "12.5", f"{MONEY}'12.5' {NO_NUMBER}"),
        ("costs.csv", "1200", "1e3", f"{MONEY}'1e3' {NO_NUMBER}"),
        ("costs.csv", "1200", "45%", f"{MONEY}'45%' is not a whole number; give the number itself, not a share"),
        ("costs.csv", "1200", "²", f"{MONEY}'²' {NO_NUMBER}"),
        ("costs.csv", "1200", "n/a", f"{MONEY}'n/a' {NO_NUMBER}"),
        ("costs.csv", "1200", "", f"{MONEY}is empty; give it a whole number, 0 where there is nothing"),
        ("costs.csv", "1200", "9" * 10, f"{MONEY}has 10 digits, which is more than 9; correct it"),
        ("costs.csv", "1200", "9" * 5000, f"{MONEY}has 5000 digits, which is more than 9; correct it"),
        ("costs.csv", "2011-12", " ", "costs.csv, line 2, year: is empty; give it a value"),
        (
            "costs.csv",
            "2011-12",
            "2011-13",
            "costs.csv, line 2, year: '2011-13' is not a school year; write it as text, such as 2025-26",
        ),
        (
            "costs.csv",
            "2011-12",
            "2011\0-12",
            "costs.csv, line 2, year: '2011\\x00-12' is not a school year; write it as text, such as 2025-26",
        ),
        (
            "pupil_groups.csv",
            "fsm,40,20",
            "fsm,,20",
            "pupil_groups.csv, line 2, pupils: is empty; give it a whole number, 0 where there is nothing",
        ),
        (
            "pupil_groups.csv",
            "V1,before,fsm,fsm",
            "V1,before,fsm,boys",
            "pupil_groups.csv, line 2, group: the group of fsm must be one of 'not_fsm', 'fsm', not 'boys'",
        ),
        (
            "pupil_groups.csv",
            "V1,before",
            "V1,during",
            "pupil_groups.csv, line 2, time: the code must be one of 'before', 'after', not 'during'",
        ),
    ],
)
def test_a_wrong_cell_is_told_with_its_place_and_repair(
    folder: Path, name: str, old: str, new: str, problem: str
) -> None:
    changed(folder, name, old, new)
    assert told(folder) == [problem]


def test_digits_up_to_the_limit_are_read(folder: Path) -> None:
    changed(folder, "costs.csv", "1200", "9" * 9)
    assert read(folder).costs.loc[0, "amount_gbp"] == 999_999_999


# --------------------------------------------------------------------------------------- cells that do not agree


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("fsm,40,20,10,5", "fsm,19,20,10,5", "taking_part is 20, more than pupils, 19"),
        ("fsm,40,20,10,5", "fsm,40,20,21,5", "achieving is 21, more than taking_part, 20"),
        ("fsm,40,20,10,5", "fsm,40,20,10,21", "sustained is 21, more than taking_part, 20"),
    ],
)
def test_a_part_above_its_whole_is_told(folder: Path, old: str, new: str, problem: str) -> None:
    changed(folder, "pupil_groups.csv", old, new)
    part = problem.partition(" ")[0]
    assert told(folder) == [f"pupil_groups.csv, line 2, {part}: {problem}; correct the one that is wrong"]


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        ("40,20,10,5,41,3", "gcse_entered is 41, more than pupils, 40"),
        ("40,20,10,5,4,5", "gcse_good_grade is 5, more than gcse_entered, 4"),
    ],
)
def test_more_gcse_grades_than_entries_or_entries_than_pupils_are_told(folder: Path, new: str, problem: str) -> None:
    changed(folder, "pupil_groups.csv", "40,20,10,5,4,3", new)
    part = problem.partition(" ")[0]
    assert told(folder) == [f"pupil_groups.csv, line 6, {part}: {problem}; correct the one that is wrong"]


def test_the_whole_may_all_be_in_the_part(folder: Path) -> None:
    changed(folder, "pupil_groups.csv", "40,20,10,5,4,3", "40,40,40,40,40,40")
    assert read(folder).pupil_groups.loc[4, "taking_part"] == 40


@pytest.mark.parametrize(
    ("name", "more", "problem"),
    [
        ("visits.csv", f"V1,special{VISIT}", "visits.csv, line 4, visit_id: V1"),
        ("pupil_groups.csv", "V1,before,fsm,fsm,1,1,1,1,,", "pupil_groups.csv, line 10, visit_id: V1 before fsm fsm"),
        ("costs.csv", "V1,2011-12,hub,7", "costs.csv, line 5, visit_id: V1 2011-12 hub"),
    ],
)
def test_what_stands_there_twice_is_told(folder: Path, name: str, more: str, problem: str) -> None:
    (folder / name).write_text(f"{SMALL[name]}{more}\n", encoding="utf-8")
    assert told(folder) == [f"{problem} stands there a second time; keep one of the two"]


def test_a_visit_that_there_is_not_is_told(folder: Path) -> None:
    changed(folder, "costs.csv", "V2,", "V3,")
    assert told(folder) == ["costs.csv, line 4, visit_id: the visit 'V3' is not in visits.csv; add it there"]


def test_a_group_that_is_not_counted_at_both_times_is_told(folder: Path) -> None:
    changed(folder, "pupil_groups.csv", "V1,after,fsm,not_fsm,40,20,10,5,,\n", "")
    assert told(folder) == ["pupil_groups.csv, line 2, visit_id: V1 has no row for after, fsm, not_fsm; add it"]


def test_a_wrong_visit_id_is_not_told_again_for_every_line_that_means_it(folder: Path) -> None:
    """A line of the wrong length still names its visit."""
    changed(folder, "visits.csv", ",not_seen\nV2", "\nV2")
    [problem] = told(folder)
    assert problem.startswith("visits.csv, line 2: 23 cells below a header of 24; ")


# ------------------------------------------------------------------------------------ a file or header that is wrong


@pytest.mark.parametrize(
    ("line", "cells"),
    [("V2,2011-12,school", 3), ("V2", 1), ("V2,2011-12,school,1,200", 5), ("V2,2011-12,school,9,", 5)],
)
@pytest.mark.parametrize("place", [2, 4])
def test_a_line_with_too_few_or_too_many_cells_is_told_wherever_it_stands(
    folder: Path, line: str, cells: int, place: int
) -> None:
    """An amount of 1,200 without quotation marks would else be read as 1, and the rest dropped."""
    lines = COSTS.splitlines()
    lines[place - 1] = line
    (folder / "costs.csv").write_text("\n".join(lines), encoding="utf-8")
    assert told(folder) == [
        f"costs.csv, line {place}: {cells} cells below a header of 4; give every column one, "
        'and put a cell with a comma in it between quotation marks, as in "a, b"'
    ]


COST_COLUMNS = "'visit_id', 'year', 'source', 'amount_gbp'"


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ("source,amount_gbp\n", "source\n", ["costs.csv: has no column 'amount_gbp'; add it"]),
        ("amount_gbp\n", "amount_gbp,urn\n", [f"costs.csv: column must be one of {COST_COLUMNS}, not 'urn'"]),
        ("amount_gbp\n", "amount_gbp,\n", [f"costs.csv: column must be one of {COST_COLUMNS}, not ''"]),
        (
            "amount_gbp\n",
            "amount_gbp,amount_gbp\n",
            ["costs.csv: has the column 'amount_gbp' 2 times; keep one of them"],
        ),
        (
            "amount_gbp\n",
            "Amount_GPB\n",
            [
                f"costs.csv: column must be one of {COST_COLUMNS}, not 'Amount_GPB'; did you mean 'amount_gbp'?",
                "costs.csv: has no column 'amount_gbp'; add it",
            ],
        ),
    ],
)
def test_a_wrong_header_is_told(folder: Path, old: str, new: str, problems: list[str]) -> None:
    header, *lines = COSTS.replace(old, new).splitlines()
    width = header.count(",") + 1
    cells = [f"{line},1,2".split(",")[:width] for line in lines]
    (folder / "costs.csv").write_text("\n".join([header, *map(",".join, cells)]), encoding="utf-8")
    assert told(folder) == problems


def test_semicolons_between_the_cells_are_told_as_a_header_that_is_no_column(folder: Path) -> None:
    (folder / "costs.csv").write_text(COSTS.replace(",", ";"), encoding="utf-8")
    first, *others = told(folder)
    assert first == f"costs.csv: column must be one of {COST_COLUMNS}, not 'visit_id;year;source;amount_gbp'"
    assert [problem for problem in others if "has no column" not in problem] == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "costs.csv has no rows; there must be at least a header"),
        (b"\n\n", "costs.csv has no rows; there must be at least a header"),
        (COSTS.encode("utf-16"), "costs.csv is not UTF-8 text; save it as 'CSV UTF-8'"),
        (COSTS.replace("1200", "£5").encode("cp1252"), "costs.csv is not UTF-8 text; save it as 'CSV UTF-8'"),
        (
            COSTS.replace("school", '"school', 1).encode(),
            "costs.csv is not CSV (unexpected end of data); look for a quotation mark without a partner, and save as "
            "'CSV UTF-8'",
        ),
        (
            COSTS.replace("school", "x" * 140_000).encode(),
            "costs.csv is not CSV (field larger than field limit (131072)); look for a quotation mark without a "
            "partner, and save as 'CSV UTF-8'",
        ),
    ],
    ids=["empty", "blank", "UTF-16", "Windows text", "open quotation mark", "huge cell"],
)
def test_a_file_that_holds_no_table_is_told(folder: Path, content: bytes, problem: str) -> None:
    (folder / "costs.csv").write_bytes(content)
    assert told(folder) == [problem]


def test_a_file_that_is_too_large_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey_analysis.sheets.MOST_IN_CSV", 10)
    assert [str(it) for it in check_survey(folder)] == [
        f"{name}.csv is larger than 0 MB and is not opened; take out what does not belong to the visits"
        for name in ("visits", "pupil_groups", "costs")
    ]


def test_a_pipe_in_place_of_a_table_is_not_waited_for(folder: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    (folder / "costs.csv").unlink()
    os.mkfifo(folder / "costs.csv")
    assert [str(it) for it in check_survey(folder)] == ["costs.csv is not a file on a disk; put a CSV file there"]


def test_visits_without_a_row_are_told_and_pupils_and_costs_may_be_none(folder: Path) -> None:
    for name, header in (
        ("costs.csv", "visit_id,year,source,amount_gbp\n"),
        ("pupil_groups.csv", f"{GROUPS_HEADER}\n"),
    ):
        (folder / name).write_text(header, encoding="utf-8")
    survey = read(folder)
    assert (len(survey.visits), len(survey.pupil_groups), len(survey.costs)) == (2, 0, 0)
    (folder / "visits.csv").write_text(f"{VISITS_HEADER}\n", encoding="utf-8")
    assert told(folder) == ["visits.csv: has no rows; there must be at least one"]


def test_line_numbers_are_those_that_an_editor_shows(folder: Path) -> None:
    text = COSTS.replace("\nV1,2011-12,hub,0", '\n\n"V1","2011-\n12",hub,0').replace("900", "x")
    (folder / "costs.csv").write_text(text, encoding="utf-8")
    assert [problem.split(": ")[0] for problem in told(folder)] == [
        "costs.csv, line 5, year",
        "costs.csv, line 6, amount_gbp",
    ]


@pytest.mark.parametrize("missing", SMALL)
def test_a_missing_file_is_told_with_its_folder(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    assert told(folder) == [f"{missing} is missing in the folder {str(folder)!r}; put it there"]


def test_all_missing_files_are_told_at_once(folder: Path) -> None:
    for name in SMALL:
        (folder / name).unlink()
    assert [problem.split()[0] for problem in told(folder)] == list(SMALL)


def test_a_folder_in_place_of_a_file_is_told(folder: Path) -> None:
    (folder / "costs.csv").unlink()
    (folder / "costs.csv").mkdir()
    assert told(folder) == ["costs.csv is not a file on a disk; put a CSV file there"]


def test_a_missing_folder_and_a_file_in_place_of_one_are_told(folder: Path) -> None:
    for path in (folder / "nowhere",):
        assert told(path) == [
            f"path must be a workbook, or a folder with visits.csv, pupil_groups.csv and costs.csv, not {str(path)!r}"
        ]


# ----------------------------------------------------------------------------------------------- all at once


def test_every_problem_of_every_table_is_told_at_once(folder: Path) -> None:
    changed(folder, "visits.csv", "V2,special", "V1,specail")
    groups = GROUPS.replace("fsm,40,20", "fsm,4,20", 1).replace("V2,after", "V3,after").replace(",3\n", ",x\n", 1)
    (folder / "pupil_groups.csv").write_text(groups, encoding="utf-8")
    changed(folder, "costs.csv", "V1,2011-12,hub,0", "V9,2011-12,hubb,-1\nV1,2011-12,school,1,2")
    places = [problem.split(": ")[0] for problem in told(folder)]
    assert places == [
        "visits.csv, line 3, phase",
        "visits.csv, line 3, visit_id",
        "pupil_groups.csv, line 2, taking_part",
        "pupil_groups.csv, line 6, gcse_good_grade",
        *[f"pupil_groups.csv, line {line}, visit_id" for line in (6, 7, 8, 9)],
        "costs.csv, line 3, source",
        "costs.csv, line 3, amount_gbp",
        "costs.csv, line 3, visit_id",
        "costs.csv, line 4",
        "costs.csv, line 5, visit_id",
    ]


def test_a_table_that_cannot_be_read_hides_no_problem_of_another(folder: Path) -> None:
    (folder / "visits.csv").unlink()
    changed(folder, "costs.csv", "1200", "x")
    assert told(folder) == [
        f"visits.csv is missing in the folder {str(folder)!r}; put it there",
        f"{MONEY}'x' {NO_NUMBER}",
    ]


def test_a_wrong_column_in_every_row_is_told_for_every_row(folder: Path) -> None:
    (folder / "pupil_groups.csv").write_text(GROUPS.replace(",40,", ",forty,"), encoding="utf-8")
    assert [problem.split(": ")[0] for problem in told(folder)] == [
        f"pupil_groups.csv, line {line}, pupils" for line in range(2, 10)
    ]


# ------------------------------------------------------------------------------------------- another dictionary

DICTIONARY = (DATA / "dictionary.csv").read_text(encoding="utf-8")


def test_a_dictionary_beside_the_tables_is_used(folder: Path) -> None:
    own = DICTIONARY.replace(
        "primary;secondary;special,,,chosen,,Visits,Phase,illustrative",
        "primary;nursery;special,,,chosen,,Visits,Phase,observed",
    )
    own = own.replace("phase=secondary", "phase=nursery")
    (folder / "dictionary.csv").write_text(own, encoding="utf-8")
    survey = read(folder)
    assert survey.column("visits", "phase").codes == ("primary", "nursery", "special")
    assert survey.provenance("visits", "phase") is Provenance.OBSERVED
    changed(folder, "visits.csv", "primary", "secondary")
    assert told(folder) == [
        "visits.csv, line 2, phase: the code must be one of 'primary', 'nursery', 'special', not 'secondary'"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "visits,phase,code",
            "visit,phase,code",
            "dictionary.csv, line 4: table must be one of 'visits', 'pupil_groups', 'costs', not 'visit'; "
            "did you mean 'visits'?",
        ),
        (
            "visits,phase,code",
            "visits,phase,coed",
            "dictionary.csv, line 4: type must be one of 'text', 'pseudonym', 'urn', 'school_year', 'date', "
            "'grade', 'code', 'codes', 'count', 'money', "
            "not 'coed'; did you mean 'code'?",
        ),
        (
            "Phase,illustrative",
            "Phase,invented",
            "dictionary.csv, line 4: provenance must be one of 'observed', 'published', 'derived', 'reconstructed', "
            "'illustrative', not 'invented'",
        ),
        ("table,column", "table,name", "dictionary.csv lacks the column 'column'; add it"),
        (
            "costs,source,",
            "costs,sauce,",
            "dictionary.csv lacks the column 'source' of costs, which every survey has; add its line",
        ),
        (
            "visits,phase,code,",
            "visits,phase,",
            "dictionary.csv, line 4: 13 cells below a header of 14; give every column one, "
            'and put a cell with a comma in it between quotation marks, as in "a, b"',
        ),
        (
            "phase=secondary",
            "secondary",
            "dictionary.csv, line 19: asked_of is 'secondary'; write a column and its codes, as in "
            "phase=secondary;special",
        ),
        (
            "phase=secondary",
            "phse=secondary",
            "dictionary.csv, asked_of of feeder_primaries_used: column must be one of "
            + ", ".join(map(repr, list(packaged_dictionary()["visits"])))
            + ", not 'phse'; did you mean 'phase'?",
        ),
        (
            "phase=secondary",
            "phase=secondry",
            "dictionary.csv, asked_of of feeder_primaries_used: the code must be one of 'primary', 'secondary', "
            "'special', not 'secondry'; did you mean 'secondary'?",
        ),
        (
            "yes;no;not_seen;not_applicable,phase=secondary",
            "yes;no;not_seen,phase=secondary",
            "dictionary.csv, asked_of of feeder_primaries_used: the other visits need the code 'not_applicable'; "
            "add it to the codes of the column",
        ),
    ],
)
def test_a_wrong_dictionary_is_told(folder: Path, old: str, new: str, problem: str) -> None:
    assert old in DICTIONARY
    (folder / "dictionary.csv").write_text(DICTIONARY.replace(old, new, 1), encoding="utf-8")
    assert problem in told(folder)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "V1,primary",
            "V1,secondary",
            "is 'not_applicable' though phase is 'secondary'; give it a code, or 'not_seen'",
        ),
        ("not_applicable", "no", "is 'no' though phase is 'primary'; write 'not_applicable'"),
        ("not_applicable", "not_seen", "is 'not_seen' though phase is 'primary'; write 'not_applicable'"),
    ],
)
def test_feeder_schools_are_asked_of_secondary_schools_and_of_no_others(
    folder: Path, old: str, new: str, problem: str
) -> None:
    changed(folder, "visits.csv", old, new)
    assert told(folder) == [f"visits.csv, line 2, feeder_primaries_used: {problem}"]


def test_every_problem_of_a_dictionary_is_told_at_once(folder: Path) -> None:
    own = DICTIONARY.replace("visits,phase,code", "visits,phase,coed").replace("costs,year,sch", "costs,year,txt")
    (folder / "dictionary.csv").write_text(own, encoding="utf-8")
    assert len(told(folder)) == 2


def test_the_shipped_dictionary_is_in_order() -> None:
    dictionary = packaged_dictionary()
    assert {table: len(columns) for table, columns in dictionary.items()} == {
        "visits": 27,
        "pupil_groups": 10,
        "costs": 4,
    }
    assert dictionary["pupil_groups"]["pupils"].unit == "pupils"
