"""Filters for the holder of the data, in JupyterLab: nothing is hidden here, so nothing here is for sharing."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Estimates
from survey_analysis.gap_changes import gap_change
from survey_analysis.gaps import CONTRASTS
from survey_analysis.proportions import proportion_each, shares
from survey_analysis.rendering import Sentence
from survey_analysis.surveys import Survey, count_visits, tally_each

if TYPE_CHECKING:
    from ipywidgets import VBox

NOT_FOR_SHARING = (
    "Not for sharing: small numbers are not hidden here, and the difference of two filtered tables gives away what "
    "neither of them shows."
)
ANY = "any"
FEWEST = 10
"""Visits below which no interval is shown."""


def explore(survey: Survey) -> "VBox":
    """Filters and a table, for the holder of the data, in JupyterLab.

    Parameters
    ----------
    survey
        The visits. Each column with codes, and few enough of them, becomes a filter.

    Returns
    -------
    VBox
        Widgets: a filter for each column, what is looked at, and the table. They say that they are not for sharing.

    Raises
    ------
    InputError
        Something that is no survey; ipywidgets, which are not installed.

    Notes
    -----
    Nothing is hidden, and whoever sees two filtered tables sees their difference. A notebook that is saved with the
    state of its widgets holds the table that was shown last: clear the cell before saving it. Reports are made by
    `release`, which hides.
    """
    of_kind("survey", survey, Survey, "read_survey()")
    try:
        import ipywidgets as widgets
    except ImportError:
        raise InputError(
            "sa.explore needs ipywidgets; install it with: pip install 'survey-analysis[explore]'"
        ) from None
    coded = {
        name: column
        for name, column in survey.dictionary["visits"].items()
        if column.codes and column.kind != "codes" and name in survey.visits and name != "grade_scale"
    }
    style = {"description_width": "14em"}
    filters = {
        name: widgets.Dropdown(
            options=[(ANY, ""), *((code.replace("_", " "), code) for code in column.judgements)],
            description=column.label or name,
            style=style,
        )
        for name, column in coded.items()
    }
    looks = [(column.label or name, name) for name, column in coded.items()]
    looks += [(f"Gap: {contrast.words}", f"gap:{name}") for name, contrast in CONTRASTS.items()]
    look = widgets.Dropdown(options=looks, description="Look at", style=style)
    shown = widgets.HTML()

    def show(*_: object) -> None:
        among = {name: box.value for name, box in filters.items() if box.value}
        shown.value = looked_at(survey, look.value, among=among)

    for box in (look, *filters.values()):
        box.observe(show, names="value")
    show()
    warning = widgets.HTML(Sentence(NOT_FOR_SHARING)._repr_html_())
    return widgets.VBox([warning, look, shown, widgets.HTML("<p>Only visits with:</p>"), *filters.values()])


def looked_at(survey: Survey, what: str, *, among: Mapping[str, str]) -> str:
    """What is shown of the visits with some codes, as HTML: a column, or a gap, named 'gap:' and its characteristic."""
    chosen: Any = dict(among) or None
    words = ", ".join(f"{name} {code}".replace("_", " ") for name, code in among.items()) or "all visits"
    number = len(survey.visits) if chosen is None else count_visits(survey, [dict(among)], label="").count
    level = 0.95 if number >= FEWEST else None
    if what.startswith("gap:"):
        table = _unless_refused(lambda: gap_change(survey, what.removeprefix("gap:"), among=chosen, level=level))
    else:
        table = _unless_refused(lambda: _column(survey, what, among=chosen, level=level))
    visits = "1 visit" if number == 1 else f"{number} visits"
    return f"{Sentence(f'{visits} ({words}). {NOT_FOR_SHARING}')._repr_html_()}{table._repr_html_()}"


def _column(survey: Survey, name: str, *, among: Any, level: float | None) -> Estimates:
    tallies = tally_each(survey, name, among=among)
    return shares(tallies) if level is None else proportion_each(tallies, level=level)


def _unless_refused(compute: Callable[[], Estimates]) -> Estimates | Sentence:
    try:
        return compute()
    except InputError as error:
        return Sentence(f"{error}.")
