"""The examples: made again as they stand, without a problem, invented and so called, and with something to hide."""

import importlib.util
import re
import zipfile
from pathlib import Path
from types import ModuleType
from xml.etree.ElementTree import canonicalize

import pandas as pd
import pytest

import survey_analysis as sa
from survey_analysis.estimates import Provenance
from survey_analysis.rendering import HIDDEN
from survey_analysis.resources import EXAMPLES
from survey_analysis.self_evaluation import read_answers
from survey_analysis.survey_files import check_survey, read_survey
from survey_analysis.surveys import INVENTED, TABLES, Survey

ROOT = Path(__file__).resolve().parents[1]
WORKBOOK, FOLDER = EXAMPLES / "visits.xlsx", EXAMPLES / "visits"


def _load(tool: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(tool, ROOT / "tools" / f"{tool}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    _load("make_examples").main(["--out", str(folder)])
    return folder


@pytest.fixture(scope="module")
def survey() -> Survey:
    return read_survey(WORKBOOK)


def parts(path: Path) -> dict[str, str]:
    """The XML of a workbook, in the one form that does not depend on who wrote or compressed it."""
    with zipfile.ZipFile(path) as file:
        return {name: canonicalize(file.read(name).decode("utf-8")) for name in file.namelist()}


def test_the_tables_are_made_again_byte_for_byte(made: Path) -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(f"{table}.csv" for table in TABLES)
    for table in TABLES:
        content = (FOLDER / f"{table}.csv").read_bytes()
        assert content == (made / "visits" / f"{table}.csv").read_bytes(), f"run tools/make_examples.py for {table}"
        assert b"\r" not in content


def test_the_workbook_is_made_again_part_for_part(made: Path) -> None:
    """Its bytes are those of one compressor; what they unpack to is the same with every one."""
    assert parts(WORKBOOK) == parts(made / "visits.xlsx"), "run tools/make_examples.py"


def without_pictures(page: Path) -> str:
    """A page without the bytes of its pictures, which differ where a font or a compressor does."""
    return re.sub(r"data:image/[^\"]*", "", page.read_text(encoding="utf-8"))


def test_the_report_is_made_again_word_for_word(made: Path) -> None:
    page = EXAMPLES / "report.html"
    assert without_pictures(page) == without_pictures(made / "report.html"), "run tools/make_examples.py"
    assert page.stat().st_size < 2_000_000


def test_nothing_is_wrong_with_the_examples() -> None:
    assert list(check_survey(WORKBOOK)) == []
    assert list(check_survey(FOLDER)) == []


def test_the_workbook_and_the_folder_hold_the_same_visits(survey: Survey) -> None:
    tables = read_survey(FOLDER, provenance="illustrative")
    for table in TABLES:
        # The workbook has a column for the URN, which is empty there and not in the tables.
        one = getattr(survey, table).drop(columns="urn", errors="ignore")
        two = getattr(tables, table)
        pd.testing.assert_frame_equal(one, two[list(one.columns)])


def test_the_example_is_called_invented_wherever_it_goes(survey: Survey) -> None:
    columns = [column for table in survey.dictionary.values() for column in table.values()]
    assert {column.provenance for column in columns} == {Provenance.ILLUSTRATIVE}
    assert str(survey) == "Example: twelve invented visits: 12 visits (illustrative), 108 pupil groups, 55 costs"
    assert "**Everything here is invented.**" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_the_visits_fall_in_the_time_of_their_scale_and_on_weekdays(survey: Survey) -> None:
    days = survey.visits["visit_date"]
    assert days.between("2009-09-01", "2012-08-31").all()
    assert (days.dt.day_of_week < 5).all()
    assert days.is_monotonic_increasing


def test_every_characteristic_counts_the_same_pupils_of_a_visit(survey: Survey) -> None:
    counts = ["pupils", "taking_part", "achieving", "sustained"]
    totals = survey.pupil_groups.groupby(["visit_id", "time", "characteristic"])[counts].sum()
    assert (totals.groupby(["visit_id", "time"]).nunique() == 1).all(axis=None)


def test_the_example_shows_what_happens_in_practice(survey: Survey) -> None:
    """Something to hide, something not seen, second grades that agree and that do not, and costs that nobody knew."""
    counts = survey.pupil_groups.groupby(["characteristic", "group", "time"])["taking_part"].sum()
    assert 0 < counts["sen", "sen", "before"] < 5
    assert counts["fsm", "fsm", "before"] >= 5
    visits = survey.visits
    assert (visits["value_for_money"] == "not_seen").sum() == 1
    twice = visits[visits["second_inspector"] != ""]
    assert len(twice) == 4
    assert (twice["partnership_use"] == twice["second_partnership_use"]).all()
    assert (twice["value_for_money"] != twice["second_value_for_money"]).sum() == 1
    assert len(set(visits["visit_id"]) - set(survey.costs["visit_id"])) == 1
    assert survey.themes_coded_first is True


# ------------------------------------------------------------------------------------------------- self-evaluation


def test_the_answers_of_twenty_schools_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    _load("make_hub_example").main(["--out", str(tmp_path)])
    folder = sa.example_answers(hub=True)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir()) and len(names) == 30
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), "run tools/make_hub_example.py"


@pytest.mark.parametrize("hub", [False, True])
def test_every_answer_is_of_an_invented_school(hub: bool) -> None:
    for path in sa.example_answers(hub=hub).glob("*.json"):
        assert read_answers(path).school.startswith(INVENTED)


def test_the_hub_of_invented_schools_shows_some_numbers_and_hides_others() -> None:
    hub = sa.self_evaluation_hub(sa.example_answers(hub=True))
    cells = [cell for row in hub.pattern.rows for cell in row[1:]]
    assert (hub.schools, hub.left_out) == (19, True)
    assert HIDDEN in cells and sum(cell not in (HIDDEN, "0") for cell in cells) >= 8
    assert hub.pattern.note.startswith("Illustrative, invented: ")
