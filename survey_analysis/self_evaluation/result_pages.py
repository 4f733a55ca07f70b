"""A profile, or a hub's pattern, as one page: words, tables and a chart, no network, and nothing that acts."""

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from os import PathLike
from pathlib import Path

from survey_analysis import charts
from survey_analysis.errors import as_path, of_kind
from survey_analysis.estimates import Estimates
from survey_analysis.outputs import check_output, write_aside
from survey_analysis.page_guards import check_harmless
from survey_analysis.page_templates import laid_out
from survey_analysis.pages import with_contents
from survey_analysis.rendering import Sentence, Table, printable
from survey_analysis.self_evaluation.hub_patterns import HubPattern
from survey_analysis.self_evaluation.profiles import SchoolProfile

Shown = charts.Chart | Sentence | Table | Estimates
Part = tuple[str, str, Sequence[Shown]]
"""A heading, what is said below it, and what is shown."""

_NO_INSPECTION = (
    "This is no inspection. It shows what people said of their own partnership; there is no total, no score and no "
    "grade."
)
_OF_THE_SURVEY = (
    "Each statement was published about 59 schools in 2012, and its verdict says how much of it the published figures "
    "settle. It says nothing about your school."
)
_FREE_TEXT = (
    "What people wrote is shown as they wrote it: look it through before this page is passed on, for small numbers of "
    "pupils too."
)


def write_profile(profile: SchoolProfile, out: str | PathLike[str], *, inputs: Sequence[Path] = ()) -> Path:
    """Write the profile of a school as one page.

    Parameters
    ----------
    profile
        What `self_evaluation_profile` gives.
    out
        The page, a file ending in .html; one that is there is replaced when the new one is whole.
    inputs
        Files that must not be replaced.

    Raises
    ------
    InputError
        A place that cannot be written.
    """
    numbers = of_kind("profile", profile, SchoolProfile, "self_evaluation_profile()").numbers
    school = profile.people[0].answers.school
    parts: list[Part] = [
        (
            "Where people differ",
            profile.older(),
            [profile.disagreement(), charts.role_judgements(profile), profile.judgements()],
        ),
        ("What you chose to work on", "", [profile.priorities(), *_if_any(profile.other_steps())]),
        ("Questions to take to the hub", "", [profile.hub_questions()]),
        ("Signs and evidence", _FREE_TEXT, [profile.signs(), profile.evidence()]),
        ("Who takes part", "", _each_once(numbers.participation, numbers.gaps)),
        ("What it costs", "", [numbers.cost]),
        ("What has changed", "", [profile.changes()]),
        ("Whose answers these are", "", [profile.whose()]),
        ("What the survey of 59 schools found", _OF_THE_SURVEY, [profile.survey_findings()]),
    ]
    title = f"Looking at our music partnership{f', {school}' if school else ''}"
    return _write(title, parts, out, inputs)


def write_hub_page(pattern: HubPattern, out: str | PathLike[str], *, inputs: Sequence[Path] = ()) -> Path:
    """Write a hub's pattern as one page; parameters and errors as for `write_profile`."""
    of_kind("pattern", pattern, HubPattern, "self_evaluation_hub()")
    left = "Some files were left out, for want of consent." if pattern.left_out else ""
    parts: list[Part] = [("How people stand, theme by theme", left, [pattern.pattern])]
    if pattern.schools is not None:
        parts.append(("What schools chose to work on", "", [pattern.finding, pattern.priorities]))
    return _write("Music partnerships of several schools", parts, out, inputs)


def _write(title: str, parts: Sequence[Part], out: str | PathLike[str], inputs: Sequence[Path]) -> Path:
    place = check_output(as_path("out", out, "a file ending in .html"), suffix=".html", inputs=list(inputs))
    body = "\n".join([f"<h1>{escape(title)}</h1>", f"<p>{escape(_NO_INSPECTION)}</p>", *map(_part, parts)])
    body = with_contents(body)
    check_harmless(body, name=place.name)
    page = laid_out(body, title=title, footer="Made by survey_analysis from files that the form saved.")
    write_aside(place, printable(page).encode("utf-8"))
    return place


def _part(part: Part) -> str:
    heading, words, shown = part
    said = f"<p>{escape(words)}</p>" if words else ""
    name = "-".join(re.findall("[a-z0-9]+", heading.lower()))
    title = f'<h2 id="{name}">{escape(heading)}<a class="anchor-link" href="#{name}">¶</a></h2>'
    return f"{title}{said}{''.join(map(_html, shown))}"


def _each_once(*shown: Shown) -> list[Shown]:
    """What is shown, a sentence that says the same as one before it left out."""
    return list({str(it): it for it in shown}.values())


def _if_any(shown: Table | Sentence) -> list[Table]:
    """A table, where there is one."""
    return [shown] if isinstance(shown, Table) else []


def _html(shown: Shown) -> str:
    if isinstance(shown, charts.Chart):
        picture = b64encode(shown.png()).decode("ascii")
        return f'<p><img src="data:image/png;base64,{picture}" alt="{escape(shown.alt)}"></p>'
    return shown._repr_html_()
