"""What may go out of a survey of new visits: counted once, hidden together, and nothing else kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from survey_analysis.agreement import agreement_table
from survey_analysis.claims import THEMES
from survey_analysis.errors import InputError, of_kind, whole_number
from survey_analysis.estimates import Estimate, Estimates, Provenance, hidden_estimate
from survey_analysis.gap_changes import gap_change
from survey_analysis.gaps import CONTRASTS, OUTCOMES, pupils_by_school
from survey_analysis.grade_scales import GradeScale, known_scales
from survey_analysis.raters import ratings
from survey_analysis.release_counts import (
    ALL,
    COSTED,
    MEASURES,
    Released,
    judged_columns,
    nested_characteristics,
    pupil_counts,
    released,
    school_counts,
    several_columns,
    successful_by,
)
from survey_analysis.rendering import Sentence, Table
from survey_analysis.surveys import GROUPS, NOT_SEEN, TIMES, Column, Survey
from survey_analysis.theme_comparisons import theme_tests
from survey_analysis.value_for_money import PER, SUMMED_OVER, unit_cost

FEWEST = 10
"""Visits below which a report leads with counts and lists, and gives no intervals."""

MAKERS = "release()"
"""What makes a release, for messages."""

_OUTCOMES = ("participation", "achievement", "sustained")
_TOLD = ("before", "after", "direction", "chance")
"""Of a change: what else is known of it, as its degrees of freedom, tells of the schools behind it."""

_OF_COSTS = "An average over the visits with costs and pupils together; left out are those that lack one of the two"
_UNITS = ("pupil_on_roll", "pupil_reached", "pupil_sustained")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Release:
    """What may go out of a survey: shown counts, and what was computed from shown counts alone.

    The counts that were hidden are nowhere in this object; `pupils` and `schools` hold None in their place, and the
    audit that they cannot be worked out. `gaps` and `costs` hold a hidden estimate where a count that goes into one is
    hidden. What cannot be shown at all is a sentence that says why.
    """

    title: str
    scale: GradeScale
    provenance: Provenance
    pupil_provenance: Provenance
    months: tuple[str, str] | None
    threshold: int
    school_threshold: int | None
    columns: Mapping[str, Column]
    pupils: Released
    schools: Released
    visits: Table | Sentence
    gaps: Estimates | Sentence
    costs: Estimates | Sentence
    theme_tests: Estimates | Sentence
    agreement: tuple[Estimates | Sentence, ...]

    @property
    def number(self) -> int | None:
        """How many visits there are; None where that itself is hidden."""
        return self.schools.shown["visits",]

    @property
    def is_small(self) -> bool:
        """Whether there are too few visits for intervals; so too where their number is hidden."""
        return self.number is None or self.number < FEWEST

    @property
    def audit(self) -> pd.DataFrame:
        """For each hidden count the least and the greatest that is left open, to either reader."""
        return pd.concat([self.pupils.audit, self.schools.audit], ignore_index=True)

    def __str__(self) -> str:
        hidden = len(self.pupils.hidden) + len(self.schools.hidden)
        return f"{self.title}: what may go out ({self.provenance.value}), {hidden} counts hidden"

    __repr__ = __str__


def release(survey: Survey, *, threshold: int = 5, school_threshold: int | None = None) -> Release:
    """What may go out of a survey of new visits, small numbers hidden, ready to be shown.

    Parameters
    ----------
    survey
        New visits, on one scale of grades that travels with the package.
    threshold
        The least number of pupils that may be shown. Pupils from 1 to one less are hidden, and with them whatever would
        give them away: what is left of a whole, totals, shares, gaps and unit costs.
    school_threshold
        The same for numbers of visits; None shows them all, for a school is not a person. With a number, visits are not
        listed, and what crosses judgements (themes by success and their tests, agreement) is left out.

    Returns
    -------
    Release
        What may go out, and no more. Show it with `released_...` and `charts.released_...`.

    Raises
    ------
    InputError
        Something that is no survey; a threshold that is no whole number from 2; an unknown scale of grades.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> print(release(load_survey()))
    Music partnerships in 59 schools (reconstructed): what may go out (illustrative), 0 counts hidden

    Notes
    -----
    Pupils are summed over the visits in which they were counted; where that is one visit, they are its school's. Of two
    characteristics whose visits overlap in part the second is left out, for differences would tell of the rest. One
    release is protected by itself: the difference of two, of this year and last year, or of all visits and some of
    them, may disclose what neither does. So may a table of one's own beside it, or a release of every survey that could
    be, which shows for which of them the same numbers are hidden. Numbers of pupils, pounds and grades of
    a single visit are those of its school.
    """
    of_kind("survey", survey, Survey, "read_survey()")
    threshold = whole_number("threshold", threshold, least=2)
    school_threshold = None if school_threshold is None else whole_number("school_threshold", school_threshold, least=2)
    scale = known_scales().get(survey.grade_scale)
    if scale is None:
        raise InputError(
            f"the grades are on {survey.grade_scale!r}, and a report needs one of {', '.join(known_scales())}"
        )
    pupils = released(pupil_counts(survey), threshold=threshold)
    schools = released(school_counts(survey, scale, crossed=school_threshold is None), threshold=school_threshold)
    return Release(
        title=survey.title,
        scale=scale,
        provenance=survey.provenance("visits", *successful_by(scale)),
        pupil_provenance=survey.provenance("pupil_groups", "pupils", *MEASURES),
        months=_months(survey),
        threshold=threshold,
        school_threshold=school_threshold,
        columns={**judged_columns(survey), **several_columns(survey)},
        pupils=pupils,
        schools=schools,
        visits=_visits(survey, school_threshold),
        gaps=_gaps(survey, pupils, school_threshold),
        costs=_costs(survey, pupils, school_threshold),
        theme_tests=_theme_tests(survey, scale, school_threshold),
        agreement=tuple(_agreement(survey, name, school_threshold) for name in successful_by(scale)),
    )


def _months(survey: Survey) -> tuple[str, str] | None:
    if "visit_date" not in survey.visits:
        return None
    days = survey.visits["visit_date"]
    return f"{days.min():%B %Y}", f"{days.max():%B %Y}"


def _visits(survey: Survey, school_threshold: int | None) -> Table | Sentence:
    """Every visit and its grades, where there are few."""
    if school_threshold is not None:
        return Sentence("The visits are not listed, for small numbers of schools are hidden.")
    if len(survey.visits) >= FEWEST:
        made = survey.provenance("visits", "visit_id").value
        return Sentence(f"The {len(survey.visits)} visits ({made}) are not listed: a list is for fewer than {FEWEST}.")
    shown = [
        name for name in ("phase", "partnership_use", "value_for_money", "all_groups_benefit") if name in survey.visits
    ]
    return Table(
        columns=["visit", *(survey.column("visits", name).label or name for name in shown)],
        rows=[
            [survey.visit_label(row["visit_id"]), *(str(row[name]).replace("_", " ") for name in shown)]
            for row in survey.visits.to_dict("records")
        ],
        caption=f"The visits ({survey.provenance('visits', *shown).value})",
        note=f"Provenance: {survey.provenance('visits', *shown).value}.",
    )


def _level(schools: int, school_threshold: int | None) -> float | None:
    """Of intervals over so many schools: none over few, for the spread of two is what each of them is.

    None either where numbers of schools are hidden, for an interval is as wide as they are few.
    """
    return 0.95 if schools >= FEWEST and school_threshold is None else None


def _gaps(survey: Survey, pupils: Released, school_threshold: int | None) -> Estimates | Sentence:
    """The change of every gap, in points, hidden where a count that goes into it is."""
    rows: list[Estimate] = []
    for characteristic in nested_characteristics(survey):
        contrast = CONTRASTS[characteristic]
        for outcome in _OUTCOMES:
            measure = OUTCOMES[outcome]
            needed = [
                (characteristic, time, group, name)
                for time in TIMES
                for group in GROUPS[characteristic]
                for name in (measure.base, measure.count)
            ]
            if not pupils.shown.keys() >= set(needed):
                continue
            label = f"{contrast.words}: {measure.words}"
            if not pupils.all_shown(needed):
                made = survey.provenance("pupil_groups", measure.base, measure.count)
                rows.append(hidden_estimate(label, unit="points", provenance=made))
            elif all(pupils.shown[it] for it in needed if it[3] == measure.base):
                found = pupils_by_school(survey, characteristic, outcome=outcome)
                schools = int((found.bases > 0).all(axis=(1, 2)).sum())
                level = _level(schools, school_threshold)
                change = gap_change(survey, characteristic, outcome=outcome, level=level, label=label)[0]
                told = {name: change.details[name] for name in _TOLD if name in change.details}
                rows.append(replace(change, details=told))
    if not rows:
        return Sentence("No gap between groups of pupils can be shown: no pupils were counted, or a group has none.")
    return Estimates(
        rows,
        caption="How gaps between groups of pupils changed, from before to after",
        show=["before", "after", "direction"],
        value="change",
        note="A gap is the share of the group named second less that of the group named first, in percentage points",
    )


def _costs(survey: Survey, pupils: Released, school_threshold: int | None) -> Estimates | Sentence:
    """Pounds for each pupil, hidden where the number of pupils is: pounds divided by it would give it away."""
    if survey.costs.empty:
        return Sentence("No cost per pupil: the workbook has no costs.")
    if survey.costs["year"].nunique() > 1:
        return Sentence("No cost per pupil: the costs are of several years; bring them to the prices of one.")
    if (SUMMED_OVER, "after", ALL, "pupils") not in pupils.shown:
        return Sentence("No cost per pupil: pupils were not counted by free school meals, over which they are summed.")
    rows: list[Estimate] = []
    for per in _UNITS:
        unit = PER[per]
        costed = ("costs", "after", COSTED, unit.column)
        counts = [costed if costed in pupils.shown else (SUMMED_OVER, "after", ALL, unit.column)]
        made = survey.provenance("costs", "amount_gbp")
        if not pupils.all_shown(counts):
            rows.append(hidden_estimate(f"cost per {unit.words}", unit="pounds", provenance=made))
            continue
        try:
            found = unit_cost(survey, per=per)
            if level := _level(found.base, school_threshold):
                found = unit_cost(survey, per=per, level=level)
        except InputError:  # whose words may tell of single schools
            return Sentence("No cost per pupil: pounds and pupils, as they are here, give none.")
        if school_threshold is not None:  # the base is a number of schools
            found = replace(found, base=pupils.shown[counts[0]] or 0, details={})
        rows.append(found)
    return Estimates(rows, caption="Cost per pupil, a year", show=["left_out"], note=_OF_COSTS)


def _theme_tests(survey: Survey, scale: GradeScale, school_threshold: int | None) -> Estimates | Sentence:
    if school_threshold is not None:
        return Sentence("The themes are not tested here, for small numbers of schools are hidden.")
    if len(survey.visits) < FEWEST:
        return Sentence(f"The themes are described and not tested: there are fewer than {FEWEST} visits.")
    asked = "Were the themes coded before anybody who coded knew which visits were successful? "
    if survey.themes_coded_first is None:
        return Sentence(f"{asked}The sheet About does not say so, and the themes are described and not tested.")
    if not survey.themes_coded_first:
        return Sentence(f"{asked}They were not, so a test would count what the coder knew; they are described.")
    asked = f"{asked}They were. Still they are described and not tested: "
    made = survey.provenance("visits", *THEMES, *successful_by(scale))
    if made is not Provenance.OBSERVED:
        return Sentence(f"{asked}the visits are {made.value}, and a test would give back what was put into them.")
    try:
        return theme_tests(survey, coded_before_outcome=True, successful=successful_by(scale))
    except InputError:  # of one group without a visit; its words are for programmers
        return Sentence(f"{asked}no visit was seen to be successful, or each was, so there is nothing to compare.")


def _agreement(survey: Survey, column: str, school_threshold: int | None) -> Estimates | Sentence:
    words = survey.column("visits", column).label or column
    if school_threshold is not None:
        return Sentence(f"{words}: agreement is not shown, for small numbers of schools are hidden.")
    second = f"second_{column}"
    twice = (
        int((survey.visits[[column, second]] != NOT_SEEN).all(axis="columns").sum()) if second in survey.visits else 0
    )
    if twice < 2:
        return Sentence(f"{words}: fewer than two visits have the grades of two inspectors, so agreement is not told.")
    if twice < FEWEST:
        both = survey.visits.loc[(survey.visits[[column, second]] != NOT_SEEN).all(axis="columns"), [column, second]]
        same = int((both[column] == both[second]).sum())
        made = survey.provenance("visits", column, second).value
        return Sentence(f"{words}: in {same} of the {twice} visits ({made}) that two inspectors graded, they agree.")
    return agreement_table(replace(ratings(survey, column), label=words), level=_level(twice, school_threshold))
