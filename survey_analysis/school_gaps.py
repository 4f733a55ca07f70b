"""Gaps school by school: before and after on four scales, the change in each, and in how many schools it widened."""

from dataclasses import replace
from math import hypot

import pandas as pd

from survey_analysis.errors import choice, confidence_level
from survey_analysis.estimates import Estimate, Estimates, Tally, worked_out
from survey_analysis.gaps import (
    CONTRASTS,
    OUTCOMES,
    SCALES,
    Pair,
    SchoolCounts,
    as_float,
    direction,
    direction_as_shown,
    on_scale,
    pupils_by_school,
    scale_words,
)
from survey_analysis.proportions import proportion_difference
from survey_analysis.surveys import TIMES, Survey, Visits


def gap_change_by_school(
    survey: Survey, characteristic: str, *, outcome: str = "participation", among: Visits | None = None
) -> pd.DataFrame:
    """The gap before and after in each school, on four scales.

    Returns
    -------
    DataFrame
        A row for each visit and scale: visit (with its provenance in the name), scale, before, after, direction
        ('wider', 'narrower', 'the same', 'reversed' where the other group is ahead now, or 'undefined' where a scale
        has no value at one of the times), provenance.

    Notes
    -----
    A gap is wider when it is further from equality and the same group is ahead; comparisons are exact, in fractions, so
    that equal gaps are equal. In one small school a gap moves with a handful of pupils.
    """
    found = pupils_by_school(survey, characteristic, outcome=outcome, among=among)
    lines = []
    for visit, (before, after) in _gaps_of_schools(survey, found):
        for scale in SCALES:
            exact = on_scale(scale, *before), on_scale(scale, *after)
            lines.append(
                {
                    "visit": visit,
                    "scale": scale,
                    **dict(zip(TIMES, map(as_float, exact), strict=True)),
                    "direction": direction(scale, *exact),
                    "provenance": worked_out([found.provenance]).value,
                }
            )
    return pd.DataFrame(lines)


def gap_change_each(
    survey: Survey,
    characteristic: str,
    *,
    outcome: str = "participation",
    among: Visits | None = None,
    level: float = 0.95,
) -> Estimates:
    """The change of the gap in each school, as a difference of differences, with an interval for each by itself.

    Parameters
    ----------
    survey, characteristic, outcome, among
        As for `pupil_tally`.
    level
        The level of each interval by itself, between 0 and 1: at 95%, one school in twenty misses by chance.

    Returns
    -------
    Estimates
        One for each school, in points, the details holding the gap `before` and `after` and the `direction`, and what
        the change is about (`characteristic`, `outcome`, `among`). A school
        without pupils in one of the groups has no value.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> print(gap_change_each(load_survey(), "fsm")[0].label)
    R01 (reconstructed)

    Notes
    -----
    These intervals are about the pupils of that school, as if they had been drawn one by one from very many like them;
    the intakes before and after are taken as different pupils. To look for the school with the widest change, and then
    at that school, is to look at chance: it will be nearer to the others next time.

    References
    ----------
    Zou and Donner (2008), Construction of confidence limits about effect measures, Statistics in Medicine 27; each gap
    by Newcombe (1998), Statistics in Medicine 17.
    """
    level = confidence_level(level)
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    found = pupils_by_school(survey, characteristic, outcome=outcome, among=among)
    changes = [_change(visit, *pairs, level) for visit, pairs in _gaps_of_schools(survey, found)]
    return Estimates(
        [replace(it, details={**it.details, **found.about}) for it in changes],
        caption=f"Change of the gap between {contrast.words} in each school: {measure.words}",
        show=("before", "after", "direction_as_shown"),
        value="change",
        note="The base is pupils after; each interval is about one school",
        drawn="pupils",
    )


def schools_with_wider_gap(
    survey: Survey, characteristic: str, *, outcome: str = "participation", among: Visits | None = None
) -> tuple[Tally, ...]:
    """In how many schools the gap widened, counted on each of the four scales.

    Returns
    -------
    tuple of Tally
        One for each scale. The base is the schools in which the scale has a value before and after; the others are
        counted as not seen.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> [tally.label for tally in schools_with_wider_gap(load_survey(), "fsm")]
    ['difference', 'ratio', 'non-participation ratio', 'odds ratio']

    Notes
    -----
    This is counted from pupils. The inspector's judgement that gaps widened is another thing, and stands in the visits.
    """
    table = gap_change_by_school(survey, characteristic, outcome=outcome, among=among)
    measure = choice("outcome", outcome, OUTCOMES)
    tallies = []
    for scale in SCALES:
        directions = table.loc[table["scale"] == scale, "direction"]
        undefined = int((directions == "undefined").sum())
        tallies.append(
            Tally(
                label=scale_words(scale, measure.without),
                count=int((directions == "wider").sum()),
                base=len(directions) - undefined,
                not_seen=undefined,
                provenance=worked_out([survey.provenance_of_pupils(measure.count, measure.base, among=among)]),
            )
        )
    return tuple(tallies)


def _gaps_of_schools(survey: Survey, found: SchoolCounts) -> list[tuple[str, tuple[Pair, Pair]]]:
    """Each visit by its name for showing, with the tallies of both groups before and after."""
    contrast = CONTRASTS[found.about["characteristic"]]
    schools = []
    for visit, counts, bases in zip(found.visits, found.counts.tolist(), found.bases.tolist(), strict=True):
        (one, two), (three, four) = (
            [
                Tally(label=group, count=int(count), base=int(base), provenance=found.provenance)
                for group, count, base in zip((contrast.ahead, contrast.behind), *cells, strict=True)
            ]
            for cells in zip(counts, bases, strict=True)
        )
        schools.append((survey.visit_label(visit), ((one, two), (three, four))))
    return schools


def _change(visit: str, before: Pair, after: Pair, level: float) -> Estimate:
    """The limits are as far from the change as those of the two gaps, taken together, are from the gaps."""
    exact = [on_scale("difference", *pair) for pair in (before, after)]
    values = list(map(as_float, exact))
    found = None
    if values[0] is not None and values[1] is not None:
        first, second = (proportion_difference(*pair, level=level) for pair in (before, after))
        change = values[1] - values[0]
        below = hypot(values[1] - (second.low or 0), (first.high or 0) - values[0])
        above = hypot((second.high or 0) - values[1], values[0] - (first.low or 0))
        found = change, change - below, change + above
    value, low, high = found or (None, None, None)
    return Estimate(
        label=visit,
        value=value,
        low=low,
        high=high,
        level=level if found else None,
        method="MOVER of two Newcombe hybrid scores, of this school alone" if found else "a group has no pupils",
        base=sum(tally.base for tally in after),
        provenance=worked_out([before[0].provenance]),
        unit="points",
        details={
            **dict(zip(TIMES, values, strict=True)),
            "direction": direction("difference", exact[0], exact[1]),
            "direction_as_shown": direction_as_shown("difference", exact[0], exact[1]),
        },
    )
