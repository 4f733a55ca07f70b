"""Filters for the holder of the data: they show what the functions give, and say that it is not for sharing."""

import builtins
import html
import re
from dataclasses import replace
from typing import Any

import pytest

import survey_analysis as sa
from survey_analysis.explorer import NOT_FOR_SHARING, looked_at

widgets = pytest.importorskip("ipywidgets", reason="the extra 'explore' is not installed: ipywidgets is missing")
EXAMPLE = sa.read_survey(sa.example_workbook())


def box(shown: Any, label: str) -> Any:
    """The control with a label."""
    [found] = [it for it in shown.children if getattr(it, "description", "") == label]
    return found


def table(shown: Any) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", shown.children[2].value))


def test_a_filter_changes_what_is_shown_to_what_the_functions_give() -> None:
    shown = sa.explore(EXAMPLE)
    box(shown, "Look at").value = "well_managed"
    assert "12 visits (all visits)." in table(shown)
    box(shown, "Phase").value = "primary"
    among = {"phase": "primary"}
    expected = [str(it.count) for it in sa.tally_each(EXAMPLE, "well_managed", among=among)]
    number = int((EXAMPLE.visits["phase"] == "primary").sum())
    assert f"{number} visits (phase primary)." in table(shown)
    assert looked_at(EXAMPLE, "well_managed", among=among) == shown.children[2].value
    rows = re.findall(r"(yes|no)\s+(\d+)\s", table(shown))
    assert rows == list(zip(["yes", "no"], expected, strict=True))


def test_it_says_that_it_is_not_for_sharing_above_and_in_what_is_shown() -> None:
    shown = sa.explore(EXAMPLE)
    assert NOT_FOR_SHARING in html.unescape(shown.children[0].value)
    for what in ("partnership_use", "gap:fsm"):
        box(shown, "Look at").value = what
        assert NOT_FOR_SHARING in table(shown)


def test_intervals_are_shown_from_ten_visits_on() -> None:
    assert "95% Wilson score" in looked_at(EXAMPLE, "phase", among={})
    assert "95%" not in looked_at(EXAMPLE, "phase", among={"well_managed": "yes"})
    assert "difference" in looked_at(EXAMPLE, "gap:sen", among={"phase": "primary"})


def test_where_nothing_is_left_a_sentence_says_so() -> None:
    none = looked_at(EXAMPLE, "gap:fsm", among={"partnership_use": "outstanding", "value_for_money": "inadequate"})
    assert "0 visits" in none and '<p class="finding">' in none and "<table" not in none


def test_every_control_is_labelled() -> None:
    for child in sa.explore(EXAMPLE).children:
        assert isinstance(child, widgets.HTML) or child.description


def test_text_of_the_user_is_text() -> None:
    column = replace(EXAMPLE.dictionary["visits"]["phase"], codes=("<b>", "secondary", "special", "primary"))
    visits = dict(EXAMPLE.dictionary["visits"]) | {"phase": column}
    survey = replace(EXAMPLE, dictionary={**EXAMPLE.dictionary, "visits": visits})
    assert "<b>" not in looked_at(survey, "phase", among={})


def test_without_ipywidgets_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(sa.InputError) as told:
        sa.explore(EXAMPLE)
    assert str(told.value) == "sa.explore needs ipywidgets; install it with: pip install 'survey-analysis[explore]'"


def test_something_else_than_a_survey_is_refused() -> None:
    with pytest.raises(sa.InputError, match=r"^survey must come from read_survey\(\), and is str instead$"):
        sa.explore("visits.xlsx")  # type: ignore[arg-type]
