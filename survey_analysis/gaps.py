"""What a gap between two groups of pupils is: the groups, the outcomes, the four scales, and the gap of two tallies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import inf
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_analysis.errors import InputError, choice, confidence_level, of_kind, unknown
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, worked_out
from survey_analysis.proportions import proportion_difference
from survey_analysis.rendering import number
from survey_analysis.resampling import Numbers
from survey_analysis.score_intervals import Limits, odds_ratio_limits, ratio_limits
from survey_analysis.surveys import GROUPS, TIMES, Survey, Visits, any_of, codes_of, matching

Pair = tuple[Tally, Tally]
"""The group that is expected ahead, and the one behind."""

Exact = Fraction | float | None
"""A gap as an exact fraction, infinite, or None where it is undefined."""

_MOST = 2**53  # beyond it whole numbers are no longer whole in floating point


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


@dataclass(frozen=True, kw_only=True, eq=False)
class SchoolCounts:
    """Pupils with an outcome, and all pupils, as arrays of schools by times by groups, the group ahead first."""

    visits: tuple[str, ...]
    counts: Numbers
    bases: Numbers
    provenance: Provenance
    about: Mapping[str, str]
    """The characteristic, the outcome and the visits looked at: what tells one estimate from another."""

    def with_pupils_in_every_group(self) -> "SchoolCounts":
        """The schools that have pupils in both groups at both times, and so a gap of their own before and after."""
        full = np.asarray((self.bases > 0).all(axis=(1, 2)))
        if not full.any():
            raise InputError(
                "no school has pupils in both groups before and after; choose other visits or another outcome"
            )
        visits = tuple(visit for visit, has in zip(self.visits, full, strict=True) if has)
        return replace(self, visits=visits, counts=self.counts[full], bases=self.bases[full])


def gap(
    ahead: Tally,
    behind: Tally,
    *,
    level: float | None = None,
    label: str = "gap",
    without: str = "non-participation",
) -> Estimates:
    """The gap between two groups, on four scales side by side.

    With the share `a` of the group ahead and `b` of the group behind: the difference a - b, the ratio a / b, the
    non-participation ratio (1 - b) / (1 - a), and the odds ratio [a / (1 - a)] / [b / (1 - b)]. Each is above its point
    of equality (0, or 1 for the ratios) when the group ahead is ahead.

    Parameters
    ----------
    ahead, behind
        Pupils with the outcome, of all pupils in the group; any other people do as well.
    level
        The confidence level of intervals that treat pupils as independent; none when absent.
    label
        What the gap is in.
    without
        What not to have the outcome is called, as a noun; it names the third scale.

    Returns
    -------
    Estimates
        One for each scale. The value is infinite where only the divisor is 0 and None (undefined) where both are. An
        interval runs from 0 where the value is 0, and to infinity where it is infinite; it is absent, and the method
        says why, where the counts leave every value possible.

    Raises
    ------
    InputError
        Something else than two tallies, a group without pupils or with more than can be counted in floating point, or
        a level that is not between 0 and 1.

    Examples
    --------
    >>> others, fsm = Tally(label="others", count=36, base=100), Tally(label="fsm", count=22, base=100)
    >>> [round(estimate.value, 2) for estimate in gap(others, fsm)]
    [0.14, 1.64, 1.22, 1.99]
    >>> print(gap(others, fsm, level=0.95, label="taking part")[1])
    taking part: ratio: 1.64 [1.05 to 2.58, 95% Koopman score, pupils as independent], base 200, illustrative

    Notes
    -----
    No single scale is right. From 20% and 10% to 36% and 22% the difference grows and the ratio shrinks: which of the
    two is "widening" is a question about purpose, not about arithmetic.

    The intervals are right for two groups in which each pupil tells something of their own. Pupils of one school are
    alike, so for pupils summed over schools take `pooled_gap` and `gap_change`, whose intervals respect schools.

    References
    ----------
    Scanlan (2014), Society 51; Keppel et al. (2005), Methodological issues in measuring health disparities, NCHS.
    Intervals: Newcombe (1998), Statistics in Medicine 17; Koopman (1984), Biometrics 40; Miettinen and Nurminen (1985),
    Statistics in Medicine 4.
    """
    for name, group in (("ahead", ahead), ("behind", behind)):
        of_kind(name, group, Tally, "Tally(...) or pupil_tally()")
        if group.base == 0:
            raise InputError(f"base is 0 in the tally {group.label!r}: a gap needs at least one pupil in each group")
        if group.base > _MOST:
            raise InputError(
                f"base must not be above 2**53 in the tally {group.label!r}: so many are no count of people"
            )
    estimates = []
    for name, scale in SCALES.items():
        limits, method = _limits(name, ahead, behind, level)
        estimates.append(
            Estimate(
                label=f"{label}: {scale_words(name, without)}",
                value=as_float(on_scale(name, ahead, behind)),
                low=limits[0] if limits else None,
                high=limits[1] if limits else None,
                level=level if limits else None,
                method=method or f"{scale_words(name, without)} of two shares",
                base=ahead.base + behind.base,
                provenance=worked_out([ahead.provenance, behind.provenance]),
                assumptions=tuple(dict.fromkeys([*ahead.assumptions, *behind.assumptions])),
                unit=scale.unit,
                details={"scale": name},
            )
        )
    return Estimates(estimates, drawn="pupils")


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
    rows = pupil_rows(survey, characteristic, measure, among)
    rows = rows[(rows["time"] == time) & (rows["group"] == group)]
    return Tally(
        label=f"{group}, {time}: {measure.words}",
        count=int(rows[measure.count].sum()),
        base=int(rows[measure.base].sum()),
        provenance=survey.provenance_of_pupils(measure.count, measure.base, among=among),
    )


def pupil_rows(survey: Survey, characteristic: str, outcome: Outcome, among: Visits | None) -> pd.DataFrame:
    """The rows of the pupil groups that count an outcome, complete for every school in them."""
    rows = of_kind("survey", survey, Survey, "load_survey() or read_survey()").pupil_groups
    rows = rows[(rows["characteristic"] == characteristic) & rows[outcome.count].notna()]
    if among:
        rows = rows[rows["visit_id"].isin(matching(survey, among))]
    if rows.empty:
        raise InputError(
            f"no school has pupils counted by {characteristic} here; choose other visits or another outcome"
        )
    check_rows(rows, characteristic, outcome.count, outcome.base)
    return rows


def check_rows(rows: pd.DataFrame, characteristic: str, count: str, base: str, *, times: Sequence[str] = TIMES) -> None:
    """Refuse rows of a characteristic that lack a group of a school, have it twice, or count more than there are."""
    keys = rows.loc[rows[base].notna(), ["visit_id", "time", "group"]]
    counted = set(keys.itertuples(index=False, name=None))
    for key in product(rows["visit_id"].unique(), times, GROUPS[characteristic]):
        if key not in counted:
            raise InputError(
                f"pupil_groups has no {count} of {base} for {', '.join(key)}, and has others of that school; give it, "
                "or leave the school out"
            )
    for row in rows[rows.duplicated(["visit_id", "time", "group"])].to_dict("records"):
        where = f"{row['visit_id']}, {row['time']}, {row['group']}"
        raise InputError(f"pupil_groups has {where} a second time; keep one of the two")
    for row in rows[rows[count] > rows[base]].to_dict("records"):
        raise InputError(
            f"pupil_groups has more {count} than {base} for {row['visit_id']}, {row['time']}, {row['group']}: "
            f"{row[count]} of {row[base]}; correct the one that is wrong"
        )


def pupils_by_school(
    survey: Survey, characteristic: str, *, outcome: str = "participation", among: Visits | None = None
) -> SchoolCounts:
    """Pupils with an outcome, and all pupils, in each school; parameters as for `pupil_tally`."""
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    rows = pupil_rows(survey, characteristic, measure, among).set_index(["visit_id", "time", "group"])
    visits = rows.index.get_level_values("visit_id").unique()
    rows = rows.reindex(list(product(visits, TIMES, (contrast.ahead, contrast.behind))))
    shape = len(visits), len(TIMES), 2
    counts, bases = (rows[name].to_numpy(dtype=float).reshape(shape) for name in (measure.count, measure.base))
    return SchoolCounts(
        visits=tuple(visits),
        counts=counts,
        bases=bases,
        provenance=survey.provenance_of_pupils(measure.count, measure.base, among=among),
        about={"characteristic": characteristic, "outcome": outcome, "among": _in_words(among)},
    )


def _in_words(among: Visits | None) -> str:
    """Which visits are looked at."""
    conditions = [
        " and ".join(f"{name} {' or '.join(codes_of(name, codes))}" for name, codes in condition.items())
        for condition in any_of(among or {})
    ]
    return "; or ".join(filter(None, conditions)).replace("_", " ") or "all visits"


def _terms(scale: str, ahead: Tally, behind: Tally) -> tuple[int, int]:
    """Two whole numbers whose quotient is the scale's value, or, for the difference, whose gap is."""
    a, b, c, d = ahead.count, ahead.base, behind.count, behind.base
    return {
        "difference": (a * d, c * b),
        "ratio": (a * d, c * b),
        "non_participation_ratio": ((d - c) * b, (b - a) * d),
        "odds_ratio": (a * (d - c), c * (b - a)),
    }[scale]


def on_scale(scale: str, ahead: Tally, behind: Tally) -> Exact:
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


def direction(scale: str, before: Exact, after: Exact) -> str:
    """Whether a gap is further from equality than it was, compared exactly."""
    if before is None or after is None:
        return "undefined"
    equal = 0 if scale == "difference" else 1
    if (before - equal) * (after - equal) < 0:
        return "reversed"
    first, second = _distance(scale, before), _distance(scale, after)
    if first == second:
        return "undefined" if first == inf else "the same"
    return "wider" if second > first else "narrower"


def direction_as_shown(scale: str, before: Exact, after: Exact) -> str:
    """The direction for reading, which says so where the two gaps look the same."""
    found, unit = direction(scale, before, after), SCALES[scale].unit
    alike = number(as_float(before), unit) == number(as_float(after), unit)
    return f"{found}, by less than is shown" if alike and found in ("wider", "narrower") else found


def _limits(scale: str, ahead: Tally, behind: Tally, level: float | None) -> tuple[Limits | None, str]:
    """The interval as if pupils were independent, with its method; none with the reason; or neither."""
    if level is None:
        return None, ""
    level = confidence_level(level)
    if scale == "difference":
        found = proportion_difference(ahead, behind, level=level)
        return (found.low or 0.0, found.high or 0.0), f"{found.method}, pupils as independent"
    method, of = _SCORES[scale]
    pair = (_others(behind), _others(ahead)) if scale == "non_participation_ratio" else (ahead, behind)
    limits = of(*pair, level=level)
    reason = "no interval: these counts leave every value possible"
    return limits, f"{method}, pupils as independent" if limits else reason


_SCORES: Mapping[str, tuple[str, Callable[..., Limits | None]]] = {
    "ratio": ("Koopman score", ratio_limits),
    "non_participation_ratio": ("Koopman score", ratio_limits),
    "odds_ratio": ("Miettinen-Nurminen score", odds_ratio_limits),
}


def _others(tally: Tally) -> Tally:
    return replace(tally, count=tally.base - tally.count)


def scale_words(scale: str, without: str) -> str:
    """The name of a scale, the third one after the outcome."""
    return f"{without} ratio" if scale == "non_participation_ratio" else SCALES[scale].words


def as_float(value: Exact) -> float | None:
    """An exact value as an ordinary number; undefined stays undefined."""
    return None if value is None else float(value)
