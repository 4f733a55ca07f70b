"""Gaps between groups of pupils in taking part and in achieving, before and after, on four scales at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import inf
from types import MappingProxyType

import pandas as pd

from survey_analysis.errors import InputError, choice, unknown
from survey_analysis.estimates import Estimate, Estimates, Tally, told, weakest
from survey_analysis.rendering import Sentence, number
from survey_analysis.surveys import GROUPS, TIMES, Survey, Visits, matching


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """The two groups of one characteristic: the one that the report expects ahead, and the one behind."""

    ahead: str
    behind: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What pupils are counted for, out of whom, and what not to have it is called."""

    count: str
    base: str
    words: str
    without: str


_WORDS = {
    "fsm": "pupils with free school meals and others",
    "sen": "pupils with special educational needs and others",
    "sex": "boys and girls",
}
CONTRASTS: Mapping[str, Contrast] = MappingProxyType(
    {name: Contrast(ahead=ahead, behind=behind, words=_WORDS[name]) for name, (ahead, behind) in GROUPS.items()}
)
"""The characteristics, each with its two groups."""

OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "participation": Outcome(
            count="taking_part", base="pupils", words="taking part, of all pupils", without="non-participation"
        ),
        "achievement": Outcome(
            count="achieving", base="pupils", words="achieving well, of all pupils", without="non-achievement"
        ),
        "sustained": Outcome(
            count="sustained",
            base="pupils",
            words="going on for a year or more, of all pupils",
            without="non-continuation",
        ),
        "achievement_of_participants": Outcome(
            count="achieving",
            base="taking_part",
            words="achieving well, of those who took part",
            without="non-achievement",
        ),
        "gcse_entry": Outcome(
            count="gcse_entered", base="pupils", words="entered for GCSE music, of all pupils", without="non-entry"
        ),
        "gcse_good_grade": Outcome(
            count="gcse_good_grade",
            base="gcse_entered",
            words="with a good GCSE grade in music, of those entered",
            without="non-attainment",
        ),
    }
)
"""The outcomes. A participation gap needs all pupils as its base; one among participants is conditional on taking part,
which the groups do at different rates."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A scale on which a gap is measured, in words, with the unit of its values."""

    words: str
    unit: str


SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "difference": Scale(words="difference", unit="points"),
        "ratio": Scale(words="ratio", unit="ratio"),
        "non_participation_ratio": Scale(words="non-participation ratio", unit="ratio"),
        "odds_ratio": Scale(words="odds ratio", unit="ratio"),
    }
)
"""The four scales. The non-participation ratio compares the shares that did *not* have the outcome, and is named after
the outcome: of achievement it is a non-achievement ratio."""


def gap(ahead: Tally, behind: Tally, *, label: str = "gap", without: str = "non-participation") -> Estimates:
    """The gap between two groups, on four scales side by side.

    With the share `a` of the group ahead and `b` of the group behind: the difference a - b, the ratio a / b, the
    non-participation ratio (1 - b) / (1 - a), and the odds ratio [a / (1 - a)] / [b / (1 - b)]. Each is above its point
    of equality (0, or 1 for the ratios) when the group ahead is ahead.

    Parameters
    ----------
    ahead, behind
        Pupils with the outcome, of all pupils in the group.
    label
        What the gap is in.
    without
        What not to have the outcome is called, as a noun; it names the third scale.

    Returns
    -------
    Estimates
        One for each scale, without interval; the value is infinite where only the divisor is 0 and None (undefined)
        where both are.

    Raises
    ------
    InputError
        A group without pupils.

    Examples
    --------
    >>> others, fsm = Tally(label="others", count=36, base=100), Tally(label="fsm", count=22, base=100)
    >>> [round(estimate.value, 2) for estimate in gap(others, fsm)]
    [0.14, 1.64, 1.22, 1.99]

    Notes
    -----
    No single scale is right. From 20% and 10% to 36% and 22% the difference grows and the ratio shrinks: which of the
    two is "widening" is a question about purpose, not about arithmetic.

    References
    ----------
    Scanlan (2014), Society 51; Keppel et al. (2005), Methodological issues in measuring health disparities, NCHS.
    """
    for group in (ahead, behind):
        if group.base == 0:
            raise InputError(f"base is 0 in the tally {group.label!r}: a gap needs at least one pupil in each group")
    return Estimates(
        [
            Estimate(
                label=f"{label}: {_words(name, without)}",
                value=_float(_on_scale(name, ahead, behind)),
                method=f"{_words(name, without)} of two shares",
                base=ahead.base + behind.base,
                provenance=weakest([ahead.provenance, behind.provenance]),
                assumptions=tuple(dict.fromkeys([*ahead.assumptions, *behind.assumptions])),
                unit=scale.unit,
                details={"scale": name},
            )
            for name, scale in SCALES.items()
        ]
    )


def pupil_tally(
    survey: Survey,
    characteristic: str,
    group: str,
    *,
    time: str,
    outcome: str = "participation",
    among: Visits | None = None,
) -> Tally:
    """Pupils of one group with an outcome, summed over schools.

    Parameters
    ----------
    survey
        The survey.
    characteristic, group
        'fsm' with 'fsm' or 'not_fsm', 'sen' with 'sen' or 'not_sen', 'sex' with 'girls' or 'boys'.
    time
        'before' or 'after'.
    outcome
        One of `OUTCOMES`.
    among
        Which visits to look at, as column -> code or codes; all when absent.

    Returns
    -------
    Tally
        Pupils, not schools: a large school weighs more than a small one. Rows without a count for the outcome (GCSE in
        a primary school) are left out.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> pupils = pupil_tally(load_survey(), "fsm", "fsm", time="before")
    >>> pupils.label, pupils.provenance.value
    ('fsm, before: taking part, of all pupils', 'illustrative')
    """
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    if group not in (contrast.ahead, contrast.behind):
        raise unknown("group", group, [contrast.ahead, contrast.behind])
    if time not in TIMES:
        raise unknown("time", time, TIMES)
    rows = _pupils(survey, characteristic, measure, among)
    rows = rows[(rows["time"] == time) & (rows["group"] == group)]
    return Tally(
        label=f"{group}, {time}: {measure.words}",
        count=int(rows[measure.count].sum()),
        base=int(rows[measure.base].sum()),
        provenance=survey.provenance_of_pupils(measure.count, measure.base, among=among),
    )


def gap_change(
    survey: Survey, characteristic: str, *, outcome: str = "participation", among: Visits | None = None
) -> Estimates:
    """The pooled gap before and after, on four scales.

    Pupils are summed over schools first (the ratio of sums), so a large school weighs more than a small one.

    Parameters
    ----------
    survey, characteristic, outcome, among
        As for `pupil_tally`.

    Returns
    -------
    Estimates
        One for each scale. Its value is the change: after minus before for the difference, after divided by before for
        the ratios. Its details hold the gap `before` and `after` and its direction: 'wider', 'narrower', 'the same',
        'reversed' (the other group is ahead now) or 'undefined'.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> changes = gap_change(load_survey(), "fsm")
    >>> [change.details["direction"] for change in changes]
    ['wider', 'narrower', 'wider', 'narrower']

    Notes
    -----
    A change is not an effect of the partnership: nothing here says what would have happened without it.
    """
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    groups = (contrast.ahead, contrast.behind)
    pairs = {
        time: [pupil_tally(survey, characteristic, group, time=time, outcome=outcome, among=among) for group in groups]
        for time in TIMES
    }
    before, after = (gap(*pairs[time], without=measure.without) for time in TIMES)
    estimates = []
    for first, second in zip(before, after, strict=True):
        scale = first.details["scale"]
        estimates.append(
            Estimate(
                label=_words(scale, measure.without),
                value=_change(first.value, second.value, scale),
                method="ratio of sums over schools; after minus before, and after over before for ratios",
                base=sum(tally.base for tally in pairs["after"]),
                provenance=second.provenance,
                unit=second.unit,
                details={
                    "scale": scale,
                    "before": first.value,
                    "after": second.value,
                    "direction": _direction(scale, *(_on_scale(scale, *pairs[time]) for time in TIMES)),
                },
            )
        )
    return Estimates(
        estimates,
        caption=f"Gap between {contrast.words}: {measure.words}",
        show=("before", "after", "direction"),
        note="The base is pupils after, summed over one characteristic",
        value="change",
    )


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
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    rows = _pupils(survey, characteristic, measure, among)
    cells = rows[["visit_id", "time", "group", measure.count, measure.base]].itertuples(index=False, name=None)
    counts = {(visit, time, group): (count, base) for visit, time, group, count, base in cells}
    provenance = survey.provenance_of_pupils(measure.count, measure.base, among=among)
    lines = []
    for visit_id in rows["visit_id"].unique():
        pairs = {
            time: [
                Tally(label=group, count=count, base=base, provenance=provenance)
                for group in (contrast.ahead, contrast.behind)
                for count, base in [counts[visit_id, time, group]]
            ]
            for time in TIMES
        }
        for scale in SCALES:
            values = {time: _float(_on_scale(scale, *pairs[time])) for time in TIMES}
            lines.append(
                {
                    "visit": survey.visit_label(visit_id),
                    "scale": scale,
                    **values,
                    "direction": _direction(scale, *(_on_scale(scale, *pairs[time]) for time in TIMES)),
                    "provenance": provenance.value,
                }
            )
    return pd.DataFrame(lines)


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
                label=_words(scale, measure.without),
                count=int((directions == "wider").sum()),
                base=len(directions) - undefined,
                not_seen=undefined,
                provenance=survey.provenance_of_pupils(measure.count, measure.base, among=among),
            )
        )
    return tuple(tallies)


def gap_change_in_words(changes: Estimates) -> Sentence:
    """Whether a gap widened, in a sentence that says so when the answer depends on the scale.

    Parameters
    ----------
    changes
        What `gap_change` returns.

    Raises
    ------
    InputError
        Other estimates, or none.
    """
    if not (isinstance(changes, Estimates) and changes and all("direction" in it.details for it in changes)):
        raise InputError("changes must be what gap_change() gives, not other estimates")
    said: dict[str, list[str]] = {}
    for change in changes:
        limits = " to ".join(number(change.details[time], change.unit) for time in TIMES)
        said.setdefault(change.details["direction"], []).append(f"the {change.label} ({limits})")
    answers = "; ".join(f"{direction} on {_listed(scales)}" for direction, scales in said.items())
    provenance = weakest(change.provenance for change in changes)
    if len(said.keys() - {"undefined"}) > 1:
        opening = "The answer depends on the scale"
    else:
        opening = "All scales that can be compared agree" if "undefined" in said else "All four scales agree"
    return Sentence(told(f"{changes.caption}. {opening}: {answers} ({provenance.value}).", provenance))


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _pupils(survey: Survey, characteristic: str, outcome: Outcome, among: Visits | None) -> pd.DataFrame:
    rows = survey.pupil_groups
    rows = rows[(rows["characteristic"] == characteristic) & rows[outcome.count].notna()]
    if among:
        rows = rows[rows["visit_id"].isin(matching(survey, among))]
    if rows.empty:
        raise InputError(
            f"no school has pupils counted by {characteristic} here; choose other visits or another outcome"
        )
    keys = rows.loc[rows[outcome.base].notna(), ["visit_id", "time", "group"]]
    counted = set(keys.itertuples(index=False, name=None))
    for key in product(rows["visit_id"].unique(), TIMES, GROUPS[characteristic]):
        if key not in counted:
            raise InputError(
                f"pupil_groups has no {outcome.count} of {outcome.base} for {', '.join(key)}, and has others of that "
                "school; give it, or leave the school out"
            )
    return rows


def _terms(scale: str, ahead: Tally, behind: Tally) -> tuple[int, int]:
    """Two whole numbers whose quotient is the scale's value, or, for the difference, whose gap is."""
    a, b, c, d = ahead.count, ahead.base, behind.count, behind.base
    return {
        "difference": (a * d, c * b),
        "ratio": (a * d, c * b),
        "non_participation_ratio": ((d - c) * b, (b - a) * d),
        "odds_ratio": (a * (d - c), c * (b - a)),
    }[scale]


def _on_scale(scale: str, ahead: Tally, behind: Tally) -> Fraction | float | None:
    """The gap as an exact fraction, infinite, or None where it has no value."""
    over, under = _terms(scale, ahead, behind)
    if scale == "difference":
        pupils = ahead.base * behind.base
        return Fraction(over - under, pupils) if pupils else None
    if under:
        return Fraction(over, under)
    return inf if over else None


def _distance(scale: str, value: Fraction | float) -> Fraction | float:
    """How far from equality a gap is, whichever group is ahead: from 0 for the difference, from 1 for the ratios."""
    if scale == "difference":
        return value if value > 0 else -value
    if value in (0, inf):
        return inf
    return value if value > 1 else 1 / value


def _direction(scale: str, before: Fraction | float | None, after: Fraction | float | None) -> str:
    if before is None or after is None:
        return "undefined"
    equal = 0 if scale == "difference" else 1
    if (before - equal) * (after - equal) < 0:
        return "reversed"
    first, second = _distance(scale, before), _distance(scale, after)
    if first == second:
        return "undefined" if first == inf else "the same"
    return "wider" if second > first else "narrower"


def _change(before: float | None, after: float | None, scale: str) -> float | None:
    if before is None or after is None:
        return None
    if scale == "difference":
        return after - before
    if before in (0, inf):
        return None
    return after / before


def _words(scale: str, without: str) -> str:
    return f"{without} ratio" if scale == "non_participation_ratio" else SCALES[scale].words


def _float(value: Fraction | float | None) -> float | None:
    return None if value is None else float(value)
