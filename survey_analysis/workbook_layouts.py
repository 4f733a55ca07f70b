"""How a workbook for new visits is laid out: its sheets, and the fields of the sheet About."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from survey_analysis.estimates import Provenance
from survey_analysis.grade_scales import known_scales
from survey_analysis.surveys import Column, Dictionary

SCHEMA_VERSION = 1
"""Of the sheets and columns; a workbook says by which it was made."""

SHEETS = ("Guidance", "Visits", "Themes", "Pupil groups", "Costs", "Example", "Lists", "About")
"""The sheets of a workbook, in order."""

PROBLEMS_SHEET = "Problems"
"""The sheet of a copy that lists what is wrong; it is never read."""

TABLE_SHEETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"visits": ("Visits", "Themes"), "pupil_groups": ("Pupil groups",), "costs": ("Costs",)}
)
"""Which sheets hold a table; each of the visits has one row on both of theirs."""

_AS_ON_VISITS = "The visit, as on the sheet Visits."

ABOUT_HEADINGS = ("Field", "Value", "What it means")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of the sheet About: its name here, what it is called there, what may be said, and what it means.

    `allowed` is empty where anything may be said; `needed` is whether something must be.
    """

    name: str
    label: str
    allowed: tuple[str, ...] = ()
    needed: bool = True
    prompt: str


@dataclass(frozen=True, kw_only=True)
class About:
    """What a survey says of itself: what it is called, its scale, where its visits come from, how themes were coded."""

    title: str = ""
    grade_scale: str = ""
    provenance: Provenance | None = None
    themes_coded_first: bool | None = None


def about_fields() -> tuple[Field, ...]:
    """The fields of the sheet About, in order."""
    return (
        Field(
            name="schema_version",
            label="Schema version",
            allowed=(str(SCHEMA_VERSION),),
            prompt="By which version of the sheets and columns this workbook was made. Leave it as it is.",
        ),
        Field(
            name="title",
            label="Title",
            needed=False,
            prompt="What the survey is called in the report; when empty, the name of the file.",
        ),
        Field(
            name="grade_scale",
            label="Grade scale",
            allowed=tuple(known_scales()),
            prompt="The scale that all grades here belong to, chosen when the workbook was made. The lists of grades "
            "follow it: for another scale make another workbook.",
        ),
        Field(
            name="provenance",
            label="Where the visits come from",
            allowed=("observed", "illustrative"),
            prompt="'observed' if the visits were made, 'illustrative' if they were made up, for practice or teaching. "
            "The report says it wherever a number stands.",
        ),
        Field(
            name="themes_coded_first",
            label="Themes coded first",
            allowed=("yes", "no"),
            needed=False,
            prompt="'yes' if the themes were coded before it was known which visits were successful, 'no' if not. Only "
            "then can the report test whether the actions went with success; empty where nobody knows.",
        ),
    )


def columns_of_sheet(dictionary: Dictionary, table: str, sheet: str) -> Mapping[str, Column]:
    """The columns of a table that stand on a sheet, its name of the visit first."""
    kept = {name: column for name, column in dictionary[table].items() if name == "visit_id" or column.sheet == sheet}
    if kept["visit_id"].sheet != sheet:
        kept["visit_id"] = replace(kept["visit_id"], sheet=sheet, prompt=_AS_ON_VISITS)
    return kept
