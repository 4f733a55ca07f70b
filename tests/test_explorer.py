"""The filters in JupyterLab: they ask what the functions answer, are not for sharing, and leave little behind."""

import asyncio
import re
import sys
from html import unescape
from itertools import product
from typing import Any

import nbformat
import pandas as pd
import pytest
from made_surveys import called
from nbclient import NotebookClient
from traitlets.config import Config

import survey_analysis as sa
from survey_analysis.errors import InputError
from survey_analysis.executions import execute
from survey_analysis.explorer import NOT_FOR_SHARING, Explorer
from survey_analysis.releases import FEWEST

pytest.importorskip("ipywidgets", reason="ipywidgets is missing; it comes with the extra explore")
SURVEY = sa.load_survey()
NOTHING_YET = "Nothing is shown yet: choose, then press Show."


@pytest.fixture
def explorer() -> Explorer:
    return sa.explore(SURVEY)


def words(explorer: Explorer) -> str:
    """What is shown, as it is read."""
    without_pictures = re.sub(r"<img [^>]*>", "", explorer.shown.value)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", without_pictures))).strip()


def all_within(widget: Any) -> list[Any]:
    """A widget and all that it holds, in the order of the keyboard."""
    return [widget, *(it for child in getattr(widget, "children", ()) for it in all_within(child))]


def button(explorer: Explorer, name: str) -> Any:
    [found] = [it for it in all_within(explorer.box) if type(it).__name__ == "Button" and it.description == name]
    return found


def look_at(explorer: Explorer, name: str) -> None:
    [value] = [value for _, value in explorer.look_at.options if value[1] == name]
    explorer.look_at.value = value


# --------------------------------------------------------------------------------------------- what can be chosen


def test_every_column_with_codes_is_a_filter_and_can_be_looked_at(explorer: Explorer) -> None:
    coded = [it.name for it in SURVEY.dictionary["visits"].values() if it.codes and it.name != "grade_scale"]
    assert list(explorer.filters) == coded
    assert [name for _, (_, name) in explorer.look_at.options] == [*coded, "fsm", "sen", "sex"]


def test_a_filter_offers_the_judgements_and_never_not_seen(explorer: Explorer) -> None:
    for name, widget in explorer.filters.items():
        offered = [value for _, value in widget.options if value != ()]
        flat = tuple(it if isinstance(it, str) else it[0] for it in offered)
        assert flat == SURVEY.column("visits", name).judgements


def test_every_control_has_words_of_its_own(explorer: Explorer) -> None:
    described = [it.description for it in [explorer.look_at, explorer.outcome, *explorer.filters.values()]]
    assert all(described)
    assert len(set(described)) == len(described)


def test_the_keyboard_goes_from_the_question_to_the_filters_to_the_buttons(explorer: Explorer) -> None:
    controls = [it for it in all_within(explorer.box) if type(it).__name__ not in ("HTML", "VBox", "HBox", "Box")]
    buttons = [button(explorer, name) for name in ("Show", "Clear", "Any visit")]
    assert controls == [explorer.look_at, explorer.outcome, *explorer.filters.values(), *buttons]
    assert all_within(explorer.box)[-1] is explorer.shown


def test_an_outcome_can_be_chosen_only_for_a_gap(explorer: Explorer) -> None:
    assert explorer.outcome.disabled
    look_at(explorer, "fsm")
    assert not explorer.outcome.disabled
    look_at(explorer, "phase")
    assert explorer.outcome.disabled


def test_a_survey_with_fewer_columns_and_without_pupils_has_fewer_controls() -> None:
    few = ["visit_id", "grade_scale", "phase", "monitoring"]
    dictionary = dict(SURVEY.dictionary) | {"visits": {name: SURVEY.dictionary["visits"][name] for name in few}}
    small = sa.Survey(
        visits=SURVEY.visits[few],
        pupil_groups=SURVEY.pupil_groups[:0],
        costs=SURVEY.costs,
        dictionary=dictionary,
        title="Small",
    )
    explorer = sa.explore(small)
    assert list(explorer.filters) == ["phase", "monitoring"]
    assert [value for _, value in explorer.look_at.options] == [("judgement", "phase"), ("judgement", "monitoring")]


# ---------------------------------------------------------------------------------------------------- what is shown


@pytest.mark.parametrize(
    ("column", "among"),
    list(
        product(
            ["partnership_use", "well_managed", "partnership_forms"],
            [{}, {"phase": ("primary", "secondary")}, {"well_managed": ("yes",), "monitoring": ("action", "neither")}],
        )
    ),
)
def test_filters_ask_what_tally_answers(explorer: Explorer, column: str, among: dict[str, tuple[str, ...]]) -> None:
    look_at(explorer, column)
    for name, codes in among.items():
        explorer.filters[name].value = codes
    assert explorer.among == among
    expected = sa.proportion_each(sa.tally_each(SURVEY, column, among=among))
    assert expected[0].base >= FEWEST
    estimates, chart = explorer.found()
    assert estimates == expected
    explorer.show()
    assert all(f"{it.label} {it.details['count']} " in words(explorer) for it in expected)
    assert f'<img alt="{chart.alt}"' in unescape(explorer.shown.value)


def test_fewer_than_ten_visits_are_counted_without_a_share(explorer: Explorer) -> None:
    look_at(explorer, "partnership_use")
    explorer.filters["phase"].value = ("special",)
    [table] = explorer.found()
    tallies = sa.tally_each(SURVEY, "partnership_use", among={"phase": "special"})
    assert tallies[0].base < FEWEST
    assert [row[:3] for row in table.rows] == [[it.label, str(it.count), str(it.base)] for it in tallies]
    explorer.show()
    assert "Fewer than 10 visits are counted, and no share of them is shown." in words(explorer)
    assert "%" not in words(explorer)
    assert "<img" not in explorer.shown.value


def test_shares_begin_at_exactly_ten_visits() -> None:
    for visits, kind in ((9, "Table"), (10, "Estimates")):
        first = SURVEY.visits[:visits].assign(well_managed="yes")
        explorer = sa.explore(
            sa.Survey(
                visits=first,
                pupil_groups=SURVEY.pupil_groups,
                costs=SURVEY.costs,
                dictionary=SURVEY.dictionary,
                title="First",
            )
        )
        look_at(explorer, "well_managed")
        assert type(explorer.found()[0]).__name__ == kind


@pytest.mark.parametrize("characteristic", ["fsm", "sen", "sex"])
def test_a_gap_is_that_of_gap_change_with_intervals_from_ten_schools_on(
    explorer: Explorer, characteristic: str
) -> None:
    look_at(explorer, characteristic)
    explorer.outcome.value = "achievement"
    assert explorer.found()[0] == sa.gap_change(SURVEY, characteristic, outcome="achievement")
    explorer.filters["phase"].value = ("special",)
    few = sa.gap_change(SURVEY, characteristic, outcome="achievement", among={"phase": "special"}, level=None)
    assert few[0].details["schools"] < FEWEST
    assert explorer.found()[0] == few


def test_what_is_shown_begins_with_the_warning_and_says_what_it_is_of(explorer: Explorer) -> None:
    look_at(explorer, "leadership")
    explorer.filters["phase"].value = (
        "special",
        "primary",
    )  # shown in the order of the dictionary, whichever was chosen first
    button(explorer, "Show").click()
    assert words(explorer).startswith(
        "Not for sharing: small numbers are not hidden here, and the difference of two filtered tables discloses what "
        "neither shows. Music partnerships in 59 schools (reconstructed): 59 visits (reconstructed), 708 pupil groups, "
        "295 costs. Visits looked at: Phase: primary or special (32). Leadership, visits: Phase: primary or special"
    )
    assert explorer.shown.value.startswith(f'<p role="alert"><strong>{NOT_FOR_SHARING}</strong></p>')


def test_the_warning_stands_above_the_controls_before_anything_is_shown(explorer: Explorer) -> None:
    assert all_within(explorer.box)[1].value == f"<strong>{NOT_FOR_SHARING}</strong>"


def test_visits_of_which_a_filter_was_not_seen_are_said() -> None:
    visits = SURVEY.visits.assign(phase="primary", monitoring=["not_seen"] * 3 + ["action"] * 56)
    unseen = sa.explore(
        sa.Survey(
            visits=visits,
            pupil_groups=SURVEY.pupil_groups,
            costs=SURVEY.costs,
            dictionary=SURVEY.dictionary,
            title="Unseen",
        )
    )
    unseen.filters["monitoring"].value = ("action",)
    unseen.show()
    assert "Visits looked at: Monitoring: action (56, and of 3 more a filter was not seen)." in words(unseen)


@pytest.mark.parametrize("provenance", ["observed", "illustrative"])
@pytest.mark.parametrize("name", ["partnership_use", "fsm"])
@pytest.mark.parametrize("phase", [(), ("special",)])
def test_results_carry_the_provenance_of_the_survey(provenance: str, name: str, phase: tuple[str, ...]) -> None:
    explorer = sa.explore(called(SURVEY, provenance))
    look_at(explorer, name)
    explorer.filters["phase"].value = phase
    explorer.show()
    shown = words(explorer)
    assert f"59 visits ({provenance})" in shown
    assert shown.count(f" {provenance} ") >= 4
    assert ({"observed", "illustrative"} - {provenance}).pop() not in shown


def test_what_is_shown_can_be_had_in_python(explorer: Explorer) -> None:
    for name, expected in {"partnership_use": sa.tally_each, "sen": sa.gap_change}.items():
        look_at(explorer, name)
        explorer.filters["phase"].value = ("primary",)
        explorer.show()
        code = words(explorer).partition("The same in Python: ")[2]
        found = eval(code, {"sa": sa, "survey": SURVEY})
        assert found == expected(SURVEY, name, among={"phase": "primary"})


# ------------------------------------------------------------------------------------------------ what cannot be shown


def test_filters_that_leave_no_visit_give_a_sentence(explorer: Explorer) -> None:
    for name, code in {"phase": "primary", "partnership_use": "outstanding"}.items():
        explorer.filters[name].value = (code,)
    assert list(map(str, explorer.found())) == [
        "No visit meets all the filters (Phase: primary; Use of partnerships: outstanding), so there is nothing to "
        "count; take a filter away."
    ]
    explorer.show()
    assert str(explorer.found()[0]) in words(explorer)


def test_an_analysis_that_is_refused_gives_its_sentence(explorer: Explorer) -> None:
    look_at(explorer, "fsm")
    explorer.outcome.value = "gcse_entry"
    explorer.filters["phase"].value = ("primary",)
    with pytest.raises(InputError) as refused:
        sa.gap_change(SURVEY, "fsm", outcome="gcse_entry", among={"phase": "primary"})
    explorer.show()
    assert str(refused.value) in words(explorer)


def test_a_survey_without_visits_gives_a_sentence() -> None:
    none = sa.Survey(
        visits=SURVEY.visits[:0],
        pupil_groups=SURVEY.pupil_groups[:0],
        costs=SURVEY.costs[:0],
        dictionary=SURVEY.dictionary,
        title="None",
    )
    assert [str(it) for it in sa.explore(none).found()] == [
        "No visit is in the survey, so there is nothing to count; read one that has visits."
    ]


def test_what_is_no_survey_is_refused() -> None:
    with pytest.raises(InputError) as error:
        sa.explore(SURVEY.visits)  # type: ignore[arg-type]
    assert str(error.value) == "survey must come from load_survey() or read_survey(), and is DataFrame instead"


def test_without_ipywidgets_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(InputError) as error:
        sa.explore(SURVEY)
    assert str(error.value) == "sa.explore needs ipywidgets; install it with: pip install 'survey-analysis[explore]'"


def test_text_of_a_survey_is_shown_as_text() -> None:
    mark = '<img src=x onerror="alert(1)">'
    hostile = sa.Survey(
        visits=SURVEY.visits,
        pupil_groups=SURVEY.pupil_groups,
        costs=SURVEY.costs,
        dictionary=SURVEY.dictionary,
        title=mark,
    )
    explorer = sa.explore(hostile)
    explorer.show()
    assert mark not in explorer.shown.value
    assert mark in unescape(explorer.shown.value)


# ------------------------------------------------------------------------------------------ what a saved notebook holds


def test_nothing_is_shown_until_it_is_asked_for_and_any_change_takes_it_away(explorer: Explorer) -> None:
    assert words(explorer) == NOTHING_YET
    for change in (
        lambda: look_at(explorer, "sex"),
        lambda: setattr(explorer.outcome, "value", "sustained"),
        lambda: setattr(explorer.filters["phase"], "value", ("primary",)),
        lambda: button(explorer, "Clear").click(),
        lambda: button(explorer, "Any visit").click(),
    ):
        button(explorer, "Show").click()
        assert NOT_FOR_SHARING in words(explorer)
        change()
        assert words(explorer) == NOTHING_YET


def test_any_visit_takes_every_filter_away(explorer: Explorer) -> None:
    explorer.filters["phase"].value = ("primary",)
    explorer.filters["well_managed"].value = ("no",)
    button(explorer, "Any visit").click()
    assert explorer.among == {}


def test_the_words_that_are_saved_hold_no_number(explorer: Explorer) -> None:
    explorer.show()
    bundle = explorer._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.box.model_id
    saved = f"Filters over a survey; run the cell in JupyterLab to use them. {NOT_FOR_SHARING}"
    assert bundle["text/plain"] == repr(explorer) == saved


CELLS = [
    "import survey_analysis as sa\nexplorer = sa.explore(sa.load_survey())",
    "explorer",
    "explorer.show()",
    "explorer.clear()",
]
"""The first that can be looked at is the phase: 28 primary schools of 59 are 47.5%, which nothing else here is."""


def run_and_saved(cells: list[str]) -> str:
    """A notebook as a program saves it that saves the state of widgets, which is the most that is ever saved."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    config = Config({"AsyncKernelManager": {"transport_encryption": "auto"}})
    client = NotebookClient(notebook, kernel_name="python3", store_widget_state=True, config=config)
    asyncio.run(client.async_execute())  # closes its event loop, which client.execute() leaves open
    assert notebook.metadata.widgets
    return nbformat.writes(notebook)


def test_where_the_state_of_widgets_is_saved_a_number_is_unless_it_was_cleared() -> None:
    assert "47.5%" in run_and_saved(CELLS[:3])
    assert "47.5%" not in run_and_saved(CELLS)


def test_where_the_state_of_widgets_is_not_saved_no_number_is() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS[:3]])
    saved = nbformat.writes(execute(notebook, "explored"))
    assert "47.5%" not in saved
    assert NOT_FOR_SHARING in saved


def test_frames_are_left_as_they_were() -> None:
    before = {name: getattr(SURVEY, name).copy() for name in ("visits", "pupil_groups", "costs")}
    sa.explore(SURVEY).show()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, getattr(SURVEY, name))


def test_it_works_on_visits_from_a_workbook() -> None:
    survey = sa.read_survey(sa.example_workbook())
    explorer = sa.explore(survey)
    assert not {"urn", "inspector", "second_inspector", "visit_date", "grade_scale"} & set(explorer.filters)
    for _, value in explorer.look_at.options:
        explorer.look_at.value = value
        explorer.filters["phase"].value = ("primary",)
        explorer.show()
        assert "Visits looked at: Phase: primary (" in words(explorer)
        assert "illustrative" in words(explorer)
