"""Filters over a survey, in JupyterLab, for whoever holds the data; nothing that they show is for sharing."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import ModuleType
from typing import TYPE_CHECKING, Any

from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Estimates, Tally
from survey_analysis.gap_changes import gap_change
from survey_analysis.gaps import CONTRASTS, OUTCOMES
from survey_analysis.proportions import proportion_each
from survey_analysis.releases import FEWEST
from survey_analysis.rendering import Sentence, Table
from survey_analysis.surveys import Column, Survey, matching, tally_each, undecided

if TYPE_CHECKING:
    from survey_analysis import charts

NOT_FOR_SHARING = (
    "Not for sharing: small numbers are not hidden here, and the difference of two filtered tables discloses what "
    "neither shows."
)

_EMPTY = "Nothing is shown yet: choose, then press Show."
_HOW_TO_FILTER = (
    "Filters: where nothing is chosen, any visit will do. Several codes of one filter are joined by 'or' (hold Ctrl to "
    "choose several), filters by 'and'. Visits of which a filter was not seen are left out."
)
_AS_TEXT = f"Filters over a survey; run the cell in JupyterLab to use them. {NOT_FOR_SHARING}"
_JUDGEMENT, _GAP = "judgement", "gap"
_WIDE = {"description_width": "16em"}  # the longest heading of the dictionary is not cut

Shown = Sequence["Sentence | Table | Estimates | charts.Chart"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Explorer:
    """The controls that `explore` makes, and what is shown below them.

    `look_at`, `outcome`, the `filters` by their columns, and `shown` are widgets; `box` holds them all, with the
    buttons, in the order in which the keyboard goes through them.
    """

    survey: Survey
    look_at: Any
    outcome: Any
    filters: Mapping[str, Any]
    shown: Any
    box: Any

    @property
    def among(self) -> dict[str, tuple[str, ...]]:
        """The visits that the filters choose, as every analysis takes them."""
        columns = self.survey.dictionary["visits"]
        return {
            name: tuple(code for code in columns[name].judgements if code in it.value)
            for name, it in self.filters.items()
            if it.value
        }

    def found(self) -> Shown:
        """What the analysis gives for the controls as they stand; a sentence where it gives nothing."""
        kind, name = self.look_at.value
        try:
            if matching(self.survey, self.among).empty:
                return [Sentence(self._why_none())]
            return self._gap(name) if kind == _GAP else self._judgement(name)
        except InputError as error:
            return [Sentence(str(error))]

    def show(self) -> None:
        """Put what is found below the controls, under the warning and where it comes from."""
        parts = [
            f'<p role="alert"><strong>{escape(NOT_FOR_SHARING)}</strong></p>',
            f"<p>{escape(str(self.survey))}. Visits looked at: {escape(self._in_words())} ({self._how_many()}).</p>",
            *map(_as_html, self.found()),
            f"<p>The same in Python: <code>{escape(self._in_python())}</code></p>",
        ]
        self.shown.value = "\n".join(parts)

    def clear(self) -> None:
        """Take away what is shown, so that no number of it can be saved with the notebook."""
        self.shown.value = f"<p>{escape(_EMPTY)}</p>"

    def any_visit(self) -> None:
        """Take every filter away, and what is shown."""
        for it in self.filters.values():
            it.value = ()
        self.clear()

    def _judgement(self, name: str) -> Shown:
        tallies = tally_each(self.survey, name, among=self.among)
        caption = f"{_label(self.survey.column('visits', name))}, visits: {self._in_words()}"
        if tallies[0].base < FEWEST:
            return [_counts(tallies, caption)]
        from survey_analysis import charts  # here, so that what is only counted does not wait for seaborn

        estimates = proportion_each(tallies, caption=caption)
        return [estimates, charts.shares(estimates)]

    def _gap(self, characteristic: str) -> Shown:
        from survey_analysis import charts

        outcome = self.outcome.value
        changes = gap_change(self.survey, characteristic, outcome=outcome, among=self.among, level=None)
        if changes[0].details["schools"] >= FEWEST:
            changes = gap_change(self.survey, characteristic, outcome=outcome, among=self.among)
        of = f"{OUTCOMES[outcome].words} between {CONTRASTS[characteristic].words}"
        return [changes, charts.gap_scales(changes, of=of)]

    def _in_words(self) -> str:
        columns = self.survey.dictionary["visits"]
        chosen = (f"{_label(columns[name])}: {_words(codes)}" for name, codes in self.among.items())
        return "; ".join(chosen) or "all"

    def _why_none(self) -> str:
        if self.survey.visits.empty:
            return "No visit is in the survey, so there is nothing to count; read one that has visits."
        return f"No visit meets all the filters ({self._in_words()}), so there is nothing to count; take a filter away."

    def _how_many(self) -> str:
        found, unseen = len(matching(self.survey, self.among)), undecided(self.survey, self.among)
        return f"{found}" + (f", and of {unseen} more a filter was not seen" if unseen else "")

    def _in_python(self) -> str:
        kind, name = self.look_at.value
        among = f", among={self.among}" if self.among else ""
        if kind == _GAP:
            return f"sa.gap_change(survey, {name!r}, outcome={self.outcome.value!r}{among})"
        return f"sa.tally_each(survey, {name!r}{among})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The controls for a notebook; and words without a number, for the saved file and whatever cannot show them."""
        bundle: dict[str, Any] = self.box._repr_mimebundle_()
        return {**bundle, "text/plain": _AS_TEXT}

    def __repr__(self) -> str:
        return _AS_TEXT


def explore(survey: Survey) -> Explorer:
    """Filters over a survey in JupyterLab: choose visits and what to look at, press Show, and read it below.

    What can be chosen follows from the survey's dictionary: every column of the visits that holds codes is a filter,
    and can be looked at; so can the gap of every characteristic of which pupils were counted. From ten visits on,
    shares have 95% Wilson intervals, each by itself, and gaps intervals that respect schools; of fewer visits there are
    counts, and gaps without an interval. What is shown says where it comes from, and how to get it in Python.

    Parameters
    ----------
    survey
        The survey, as `read_survey` and `load_survey` give it.

    Returns
    -------
    Explorer
        The controls, which JupyterLab shows when the cell ends with them.

    Raises
    ------
    InputError
        Something that is no survey; ipywidgets is missing, which the extra `explore` brings.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> explorer = explore(load_survey())
    >>> explorer.filters["phase"].value = ("primary",)
    >>> explorer.look_at.value = ("judgement", "partnership_use")
    >>> [estimate.details["count"] for estimate in explorer.found()[0]]
    [0, 0, 19, 9]

    Notes
    -----
    Not for sharing. Small numbers are not hidden here, and could not be: two tables that are each safe, of visits that
    differ by one filter, disclose by their difference what neither shows. What may go out is made by `release`.

    It writes no file. What a saved notebook holds of it depends on whether the state of widgets is saved. JupyterLab,
    as it comes, does not save it, and the file then has a sentence and no number. Where its setting to save widget
    state is on, and in programs that run notebooks by nbclient, the file has what was shown last: press Clear before
    saving. To switch the setting off is not enough, for the file keeps what was saved while it was on.

    So that this is rare, nothing is shown until Show is pressed, a notebook run from top to bottom has no number, and
    any change of a control takes away what was shown. Results stand in one HTML widget, and not among the outputs of
    the cell, which are always saved. A screenshot and a printed page hold what can be seen.
    """
    of_kind("survey", survey, Survey, "load_survey() or read_survey()")
    widgets = _ipywidgets()
    wide = widgets.Layout(width="44em", max_width="100%")
    look_at = widgets.Dropdown(options=list(_subjects(survey)), description="Look at", style=_WIDE, layout=wide)
    outcome = widgets.Dropdown(
        options=[(it.words, name) for name, it in OUTCOMES.items()],
        description="Outcome of a gap",
        style=_WIDE,
        layout=wide,
        disabled=look_at.value[0] != _GAP,
    )
    filters = {it.name: _filter(widgets, it) for it in _coded(survey)}
    shown = widgets.HTML()
    shown.add_class("jp-RenderedHTMLCommon")  # so that JupyterLab rules its tables
    buttons = {name: widgets.Button(description=name) for name in ("Show", "Clear", "Any visit")}
    box = widgets.VBox(
        [
            _paragraph(widgets, NOT_FOR_SHARING, tag="strong"),
            look_at,
            outcome,
            _paragraph(widgets, _HOW_TO_FILTER),
            widgets.Box(list(filters.values()), layout=widgets.Layout(flex_flow="row wrap")),
            widgets.HBox(list(buttons.values())),
            shown,
        ]
    )
    explorer = Explorer(survey=survey, look_at=look_at, outcome=outcome, filters=filters, shown=shown, box=box)
    explorer.clear()
    _connect(explorer, buttons)
    return explorer


def _connect(explorer: Explorer, buttons: Mapping[str, Any]) -> None:
    """What the buttons do; and a change of a control takes away what no longer belongs to it."""

    def changed(_: object) -> None:
        explorer.outcome.disabled = explorer.look_at.value[0] != _GAP
        explorer.clear()

    for control in (explorer.look_at, explorer.outcome, *explorer.filters.values()):
        control.observe(changed, names="value")
    for name, act in {"Show": explorer.show, "Clear": explorer.clear, "Any visit": explorer.any_visit}.items():
        buttons[name].on_click(lambda _, act=act: act())


def _ipywidgets() -> ModuleType:
    try:
        import ipywidgets  # here, because it comes with an extra alone
    except ImportError:
        raise InputError(
            "sa.explore needs ipywidgets; install it with: pip install 'survey-analysis[explore]'"
        ) from None
    module: ModuleType = ipywidgets
    return module


def _coded(survey: Survey) -> list[Column]:
    """The columns by which visits can be chosen and counted; the scale is the same for all of them."""
    columns = survey.dictionary["visits"].values()
    return [it for it in columns if it.judgements and it.name in survey.visits and it.name != "grade_scale"]


def _subjects(survey: Survey) -> Iterator[tuple[str, tuple[str, str]]]:
    """What can be looked at, in words, with its kind and its name."""
    for column in _coded(survey):
        yield _label(column), (_JUDGEMENT, column.name)
    counted = set(survey.pupil_groups["characteristic"])
    for name, contrast in CONTRASTS.items():
        if name in counted:
            yield f"Gap between {contrast.words}", (_GAP, name)


def _filter(widgets: ModuleType, column: Column) -> Any:
    """A control whose value is the codes that are chosen: a list for several; for two codes, one or any."""
    options = [(_words([code]), code) for code in column.judgements]
    about = {"description": _label(column), "style": _WIDE, "layout": widgets.Layout(width="30em")}
    if len(options) > 2:
        return widgets.SelectMultiple(options=options, rows=len(options), **about)
    return widgets.Dropdown(options=[("any", ()), *((words, (code,)) for words, code in options)], **about)


def _paragraph(widgets: ModuleType, text: str, *, tag: str = "span") -> Any:
    return widgets.HTML(value=f"<{tag}>{escape(text)}</{tag}>")


def _label(column: Column) -> str:
    return column.label or _words([column.name])


def _words(codes: Sequence[str]) -> str:
    return " or ".join(codes).replace("_", " ")


def _counts(tallies: Sequence[Tally], caption: str) -> Table:
    """Counts alone: of so few visits a share would look like more than it is."""
    return Table(
        columns=["judgement", "visits", "of", "not seen", "of a group not seen", "provenance"],
        rows=[
            [it.label, str(it.count), str(it.base), str(it.not_seen), str(it.group_not_seen), it.provenance.value]
            for it in tallies
        ],
        caption=caption,
        note=f"Fewer than {FEWEST} visits are counted, and no share of them is shown.",
    )


def _as_html(part: "Sentence | Table | Estimates | charts.Chart") -> str:
    if isinstance(part, (Sentence, Table, Estimates)):
        return part._repr_html_()
    picture = b64encode(part.png()).decode("ascii")
    return f'<img alt="{escape(part.alt)}" style="max-width: 100%" src="data:image/png;base64,{picture}">'
