"""Gaps pooled over schools, at one time and from before to after, with errors that respect schools."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf
from statistics import mean
from typing import Any

import numpy as np

from survey_analysis.errors import InputError, choice, confidence_level, unknown
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, told, weakest, worked_out
from survey_analysis.gaps import (
    CONTRASTS,
    OUTCOMES,
    SCALES,
    Contrast,
    Exact,
    Outcome,
    Pair,
    SchoolCounts,
    as_float,
    direction,
    direction_as_shown,
    gap,
    on_scale,
    pupils_by_school,
    scale_words,
)
from survey_analysis.rendering import Sentence, number
from survey_analysis.resampling import Numbers
from survey_analysis.school_errors import SchoolError, at_an_end, mean_error, school_error
from survey_analysis.score_intervals import Limits
from survey_analysis.surveys import TIMES, Survey, Visits

GAP: Numbers = np.array([1.0, -1.0])
CHANGE: Numbers = np.array([[-1.0, 1.0], [1.0, -1.0]])
"""What shares count for in a gap (the group ahead first) and in its change (before first)."""


@dataclass(frozen=True, kw_only=True)
class PooledGap:
    """A gap over schools on one scale, before and after, with the errors of both and of the change."""

    label: str
    scale: str
    weighting: str
    exact: tuple[Exact, Exact]
    errors: tuple[SchoolError, SchoolError]
    change_error: SchoolError
    pupils: tuple[int, int]
    provenance: Provenance
    about: Mapping[str, str]
    schools: int
    left_out: int = 0

    def at(self, place: int, level: float | None) -> Estimate:
        """The gap at a time, by its place in `TIMES`."""
        return self._estimate(as_float(self.exact[place]), self.errors[place], place, self.limits(place, level), level)

    def change(self, level: float | None) -> Estimate:
        """The change from before to after."""
        before, after = map(as_float, self.exact)
        limits = self._limits(self.change_error, level, furthest=2)
        equal = 0 if self.scale == "difference" else 1
        within = limits is not None and limits[0] <= equal <= limits[1]
        found = self._estimate(_change(before, after, self.scale), self.change_error, 1, limits, level)
        about: dict[str, Any] = {
            "scale": self.scale,
            "before": before,
            "after": after,
            "direction": direction(self.scale, *self.exact),
            "direction_as_shown": direction_as_shown(self.scale, *self.exact),
        }
        if level is not None:
            about["chance"] = "no interval" if limits is None else f"{'within' if within else 'beyond'} chance"
            for place, time in enumerate(TIMES):
                about[f"{time}_low"], about[f"{time}_high"] = self.limits(place, level) or (None, None)
        return replace(found, details={**about, **found.details})

    def limits(self, place: int, level: float | None) -> Limits | None:
        """The limits of the gap at a time; None where it has none."""
        return self._limits(self.errors[place], level, furthest=1)

    def _limits(self, error: SchoolError, level: float | None, *, furthest: float) -> Limits | None:
        """From the numbers of the link back to the scale; a difference is cut where shares end."""
        limits = None if level is None else error.limits(level)
        if limits is None:
            return None
        if self.scale == "difference":
            return max(limits[0], -furthest), min(limits[1], furthest)
        with np.errstate(over="ignore"):
            low, high = np.exp(limits)
        return float(low), float(high)

    def _estimate(
        self, value: float | None, error: SchoolError, place: int, limits: Limits | None, level: float | None
    ) -> Estimate:
        reason = f", {error.reason}" if level is not None and limits is None else ""
        low, high = limits or (None, None)
        inference = {} if limits is None else error.details(self.pupils[place])
        return Estimate(
            label=self.label,
            value=value,
            low=low,
            high=high,
            level=None if limits is None else level,
            method=f"{self.weighting}{reason}" if limits is None else f"{error.method}, {self.weighting}",
            base=self.pupils[place],
            provenance=worked_out([self.provenance]),
            unit=SCALES[self.scale].unit,
            details={
                "scale": self.scale,
                **self.about,
                "weighting": self.weighting,
                "schools": self.schools,
                "left_out": self.left_out,
                **inference,
            },
        )


def pooled_gap(
    survey: Survey,
    characteristic: str,
    *,
    time: str,
    outcome: str = "participation",
    among: Visits | None = None,
    level: float = 0.95,
    label: str = "",
) -> Estimates:
    """The gap at one time on four scales, pupils summed over schools, with intervals that respect schools.

    Parameters
    ----------
    survey, characteristic, time, outcome, among
        As for `pupil_tally`.
    level
        The confidence level, between 0 and 1.
    label
        What tells the gap from others in one table; it stands before the scale.

    Returns
    -------
    Estimates
        One for each scale, with the details of `gap_change`.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> found = pooled_gap(load_survey(), "fsm", time="after", label="free school meals")[0]
    >>> found.label, found.details["df"] < found.details["schools"] - 1
    ('free school meals: difference', True)

    Notes
    -----
    As for `gap_change`. A gap is a contrast within schools, so its design effect may be far below that of a share.
    """
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    if time not in TIMES:
        raise unknown("time", time, TIMES)
    level = confidence_level(level)
    found = pupils_by_school(survey, characteristic, outcome=outcome, among=among)
    pooled = [ratio_of_sums(found, contrast, measure, scale) for scale in SCALES]
    return Estimates(
        [_labelled(it.at(TIMES.index(time), level), label) for it in pooled],
        caption=f"Gap between {contrast.words}, {time}: {measure.words}",
        show=("design_effect", "effective_n"),
    )


def gap_change(
    survey: Survey,
    characteristic: str,
    *,
    outcome: str = "participation",
    among: Visits | None = None,
    level: float | None = 0.95,
    weighting: str = "ratio_of_sums",
    label: str = "",
) -> Estimates:
    """The pooled gap before and after, and its change, with intervals that respect schools.

    Parameters
    ----------
    survey, characteristic, outcome, among
        As for `pupil_tally`.
    level
        The confidence level, between 0 and 1; without intervals when None.
    weighting
        'ratio_of_sums' (pupils are summed over schools first, so a large school weighs more; on four scales) or
        'mean_of_schools' (each school's gap counts alike; the difference alone, for a school in which nobody of a
        group takes part has no ratio).
    label
        What tells the gap from others in one table; it stands before the scale.

    Returns
    -------
    Estimates
        One for each scale. Its value is the change: after minus before for the difference, after divided by before for
        the ratios. The details hold the gap `before` and `after` with their limits; its `direction`: 'wider',
        'narrower', 'the same', 'reversed' (the other group is ahead now) or 'undefined', decided exactly;
        `direction_as_shown`, which says so where before and after look the same; `chance`: whether no change lies
        inside the interval ('within chance') or not ('beyond chance'); the two-sided `p_value`, `df`, and of this very
        estimate the `design_effect` (its variance over that of pupils drawn one by one) and `effective_n` (the base
        over the design effect); the `characteristic`, the `outcome` and the visits it is `among`. Where there is no
        interval the method says why.

    Raises
    ------
    InputError
        An unknown option, a group without pupils, more pupils with the outcome than pupils, a level that is not
        between 0 and 1.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> changes = gap_change(load_survey(), "fsm")
    >>> [change.details["direction"] for change in changes]
    ['wider', 'narrower', 'wider', 'narrower']

    Notes
    -----
    A change is not an effect of the partnership: nothing here says what would have happened without it. 'Within
    chance' is not 'no change': a wide interval holds large changes too; see `gap_did_not_widen`.

    The interval is an "as if": as if the schools had been drawn from very many. It takes any likeness of pupils of one
    school, and of one school before and after, into account. Where one school has most of the pupils its degrees of
    freedom fall towards 1, and the interval is wider than it need be; where schools are alike in size there are one
    fewer than schools. It is a t interval, because pooled shares have an error in closed form; the gap within strata
    and the gap by ranks have none over schools, and draw them again. Where nobody, or everybody, of a group has the
    outcome there is no interval, for that share would count as known without error.

    An exchangeable working correlation is not offered: it would weigh schools by how alike their pupils are, and give
    another estimate, which is neither the ratio of sums nor the mean of schools.

    References
    ----------
    Mancl and DeRouen (2001), Biometrics 57; Bell and McCaffrey (2002), Survey Methodology 28; Cameron and Miller
    (2015), Journal of Human Resources 50.
    """
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    pool, scales = choice("weighting", weighting, POOLED_BY)
    level = None if level is None else confidence_level(level)
    found = pupils_by_school(survey, characteristic, outcome=outcome, among=among)
    return Estimates(
        [_labelled(pool(found, contrast, measure, scale).change(level), label) for scale in scales],
        caption=f"Gap between {contrast.words}: {measure.words}",
        show=("before", "after", "direction_as_shown", *(["chance"] if level else []), "left_out"),
        note="The change is after minus before for the difference, and after over before for ratios. The base is "
        "pupils after, summed over one characteristic",
        value="change",
    )


def gap_change_in_words(changes: Estimates) -> Sentence:
    """Whether a gap widened, in a sentence that says so when the answer depends on the scale, or may be chance.

    Parameters
    ----------
    changes
        What `gap_change` returns.

    Raises
    ------
    InputError
        Other estimates, or none.
    """
    if not (isinstance(changes, Estimates) and changes and all("direction_as_shown" in it.details for it in changes)):
        raise InputError("changes must be what gap_change() gives, not other estimates")
    said: dict[str, list[str]] = {}
    for change in changes:
        limits = " to ".join(number(change.details[time], change.unit) for time in TIMES)
        less = change.details["direction_as_shown"].removeprefix(change.details["direction"])
        said.setdefault(change.details["direction"], []).append(f"the {_scale_of(change)} ({limits}{less})")
    answers = "; ".join(f"{direction} on {_listed(scales)}" for direction, scales in said.items())
    provenance = weakest(change.provenance for change in changes)
    if len(said.keys() - {"undefined"}) > 1:
        opening = "The answer depends on the scale"
    elif len(changes) == 1:
        opening = f"By the {changes[0].details['weighting']}"
    else:
        opening = "All scales that can be compared agree" if "undefined" in said else "All four scales agree"
    text = f"{changes.caption}. {opening}: {answers}{_chance_in_words(changes)} ({provenance.value})."
    return Sentence(told(text, provenance))


def _chance_in_words(changes: Estimates) -> str:
    """Which of the changes could be chance alone; nothing where no change has an interval."""
    inside, outside = (
        [_scale_of(it) for it in changes if it.details.get("chance") == chance]
        for chance in ("within chance", "beyond chance")
    )
    if inside and outside:
        return (
            f". The change in the {_listed(inside)} is within what chance among schools could do; that in the "
            f"{_listed(outside)} is beyond it"
        )
    what = "The change" if len(changes) == 1 else "Every change that has an interval"
    where = "within" if inside else "beyond"
    return f". {what} is {where} what chance among schools could do" if inside or outside else ""


def _scale_of(change: Estimate) -> str:
    return scale_words(change.details["scale"], OUTCOMES[change.details["outcome"]].without)


def _labelled(item: Estimate, label: str) -> Estimate:
    return replace(item, label=f"{label}: {item.label}") if label else item


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def ratio_of_sums(found: SchoolCounts, contrast: Contrast, measure: Outcome, scale: str) -> PooledGap:
    """Pupils summed over schools first, so that a large school weighs more."""
    pairs = _pairs(found, contrast, measure)
    cells = len(found.visits), CHANGE.size
    before, after = (school_error(found.counts[:, row], found.bases[:, row], GAP, scale) for row in range(len(TIMES)))
    return PooledGap(
        label=scale_words(scale, measure.without),
        scale=scale,
        weighting="ratio of sums",
        exact=(on_scale(scale, *pairs[0]), on_scale(scale, *pairs[1])),
        errors=(before, after),
        change_error=school_error(found.counts.reshape(cells), found.bases.reshape(cells), CHANGE.ravel(), scale),
        pupils=(int(found.bases[:, 0].sum()), int(found.bases[:, 1].sum())),
        provenance=found.provenance,
        about=found.about,
        schools=len(found.visits),
    )


def mean_of_schools(found: SchoolCounts, contrast: Contrast, measure: Outcome, scale: str) -> PooledGap:
    """Each school's own difference counted alike; schools with an empty group have none and are left out."""
    full = found.with_pupils_in_every_group()
    shares = full.counts / full.bases
    gaps, alone = shares @ GAP, shares * (1 - shares) / full.bases
    before, after = (_mean_gap(full.counts[:, row], full.bases[:, row]) for row in range(len(TIMES)))
    ends = [bool(at_an_end(full.counts[:, row], full.bases[:, row])) for row in range(len(TIMES))]
    errors = [mean_error(gaps[:, row], alone[:, row], unknown=ends[row]) for row in range(len(TIMES))]
    return PooledGap(
        label=scale_words(scale, measure.without),
        scale=scale,
        weighting="mean of schools",
        exact=(before, after),
        errors=(errors[0], errors[1]),
        change_error=mean_error(gaps[:, 1] - gaps[:, 0], alone, unknown=any(ends)),
        pupils=(int(full.bases[:, 0].sum()), int(full.bases[:, 1].sum())),
        provenance=found.provenance,
        about=found.about,
        schools=len(full.visits),
        left_out=len(found.visits) - len(full.visits),
    )


POOLED_BY: Mapping[str, tuple[Callable[[SchoolCounts, Contrast, Outcome, str], PooledGap], tuple[str, ...]]] = {
    "ratio_of_sums": (ratio_of_sums, tuple(SCALES)),
    "mean_of_schools": (mean_of_schools, ("difference",)),
}
"""How schools are brought together, and the scales on which each way has a gap."""


def _pairs(found: SchoolCounts, contrast: Contrast, measure: Outcome) -> list[Pair]:
    """The tallies of the two groups at each time, summed over schools; every group must have pupils."""
    pairs = []
    for time, counts, bases in zip(TIMES, found.counts.sum(axis=0), found.bases.sum(axis=0), strict=True):
        ahead, behind = (
            Tally(
                label=f"{group}, {time}: {measure.words}", count=int(count), base=int(base), provenance=found.provenance
            )
            for group, count, base in zip((contrast.ahead, contrast.behind), counts, bases, strict=True)
        )
        gap(ahead, behind)  # refuses a group without pupils
        pairs.append((ahead, behind))
    return pairs


def _mean_gap(counts: Numbers, bases: Numbers) -> Fraction:
    """Exact, so that equal gaps are equal."""
    cells = zip(counts.astype(int).tolist(), bases.astype(int).tolist(), strict=True)
    return mean(Fraction(x, n) - Fraction(y, m) for (x, y), (n, m) in cells)


def _change(before: float | None, after: float | None, scale: str) -> float | None:
    if before is None or after is None:
        return None
    if scale == "difference":
        return after - before
    if before in (0, inf):
        return None
    return after / before
