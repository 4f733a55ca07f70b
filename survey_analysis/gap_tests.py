"""Tests of a change in a gap that respect schools: signs flipped over schools, and margins stated beforehand."""

from collections.abc import Mapping
from dataclasses import replace
from math import floor
from numbers import Real
from typing import Any

import numpy as np

from survey_analysis.errors import InputError, choice, confidence_level, of_kind
from survey_analysis.estimates import Estimate, origin, told, worked_out
from survey_analysis.gap_changes import CHANGE, POOLED_BY, PooledGap
from survey_analysis.gaps import CONTRASTS, OUTCOMES, SchoolCounts, pupils_by_school
from survey_analysis.rendering import DETAILS, Sentence, interval, number
from survey_analysis.resampling import EXACT_UP_TO, RESAMPLES, Numbers, enough_resamples, p_value, sign_flip
from survey_analysis.school_errors import AT_AN_END, at_an_end
from survey_analysis.score_intervals import Limits
from survey_analysis.surveys import TIMES, Survey, Visits


def gap_sign_flip(
    survey: Survey,
    characteristic: str,
    *,
    outcome: str = "participation",
    among: Visits | None = None,
    alternative: str = "two-sided",
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
    label: str = "",
) -> Estimate:
    """Whether the gap changed, by giving each school's change either sign: no formula for an error is needed.

    Parameters
    ----------
    survey, characteristic, outcome, among
        As for `pupil_tally`.
    alternative
        'two-sided' (the gap changed), 'greater' (the group ahead gained more) or 'less'.
    level
        The level of the interval, which is two-sided whatever the alternative.
    resamples, seed
        How many times signs are drawn, and from which seed, with more than 20 schools; else all are gone through.
    label
        What the change is called; made from the characteristic and the outcome when empty.

    Returns
    -------
    Estimate
        The mean over schools of the change in the difference, each school counted alike. The interval holds every
        change that the test does not reject. The details hold the `p_value` with its `alternative`. With five schools
        or fewer no two-sided test can reject at 5%, so there is no interval at 95%; nor is there one where nobody, or
        everybody, of a group has the outcome.

    Raises
    ------
    InputError
        An unknown option, too few resamples for the level, or no school with pupils in both groups at both times.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> found = gap_sign_flip(load_survey(), "fsm")
    >>> found.details["schools"], found.details["p_value"] < 0.01
    (59, True)

    Notes
    -----
    It presumes symmetry: without a change on the whole, a school's gap would be as likely to grow by so much as to
    shrink by as much. A p-value is not the chance that the gap did not change, and a large one is no evidence that it
    did not: for that, see `gap_did_not_widen`.

    References
    ----------
    Fisher (1935), The Design of Experiments, section 21; the interval: Hartigan (1969), Using subsample values as
    typical values, Journal of the American Statistical Association 64.
    """
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    level = confidence_level(level)
    found = pupils_by_school(survey, characteristic, outcome=outcome, among=among)
    full = found.with_pupils_in_every_group()
    if len(full.visits) > EXACT_UP_TO:
        enough_resamples(resamples, level)
    changes = ((full.counts / full.bases) * CHANGE).sum(axis=(1, 2))
    means, exact = sign_flip(changes, resamples=resamples, seed=seed)
    ones, _ = sign_flip(np.ones_like(changes), resamples=resamples, seed=seed)
    limits = _not_rejected(means, ones, level)
    reason = _no_interval(full, changes, level, none_rejected=limits is None)
    limits = None if reason else limits
    method = f"sign-flip over schools{'' if exact else ', by drawing signs'}, mean of schools"
    return Estimate(
        label=label or f"change in the gap between {contrast.words}: {measure.words}",
        value=float(changes.mean()),
        low=limits[0] if limits else None,
        high=limits[1] if limits else None,
        level=level if limits else None,
        method=f"{method}, {reason}" if reason else method,
        base=int(full.bases[:, 1].sum()),
        provenance=worked_out([found.provenance]),
        unit="points",
        details=dict(found.about)
        | {
            "p_value": p_value(means, alternative=alternative),
            "alternative": alternative,
            "weighting": "mean of schools",
            "schools": len(full.visits),
            "left_out": len(found.visits) - len(full.visits),
            "presumes": "changes of schools are symmetric",
        },
    )


def gap_did_not_widen(
    survey: Survey,
    characteristic: str,
    *,
    margin: float | None = None,
    outcome: str = "participation",
    among: Visits | None = None,
    level: float = 0.95,
    weighting: str = "ratio_of_sums",
    label: str = "",
) -> Estimate:
    """Whether it is shown that the gap did not widen by a margin or more: a non-inferiority test.

    Parameters
    ----------
    survey, characteristic, outcome, among, weighting, label
        As for `gap_change`.
    margin
        The least widening that would matter, as a difference of shares: 0.05 for 5 points. It must be stated, with its
        reason, before anyone looks at the data.
    level
        The confidence with which a widening by the margin is to be ruled out, between 0.5 and 1. The test is
        one-sided, so the interval shown is two-sided at 2 * level - 1: its upper end is the limit that counts.

    Returns
    -------
    Estimate
        The change of the difference. The details hold the `margin`, the one-sided `p_value` of a widening by the margin
        or more, and the `conclusion` in words.

    Raises
    ------
    InputError
        A margin that is missing or not between 0 and 1, a level that is not between 0.5 and 1, an unknown option.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> print(gap_did_not_widen(load_survey(), "fsm", margin=0.10).details["conclusion"])
    a widening by 10.0 points or more is ruled out, though the gap did widen

    Notes
    -----
    That a difference test finds p > .05 is no evidence that a gap did not widen: few schools would always "show" it.
    A margin chosen after the data have been seen shows nothing. 'Not ruled out' is not 'shown'. To widen is
    to move in favour of the group that is named as ahead.

    References
    ----------
    Piaggio et al. (2012), Reporting of noninferiority and equivalence randomized trials: extension of the CONSORT 2010
    statement, JAMA 308; Lakens (2017), Equivalence tests, Social Psychological and Personality Science 8.
    """
    margin = _margin(margin)
    found = _difference(survey, characteristic, outcome, among, weighting)
    change, error = found.change(_two_sided(level)), found.change_error
    about: dict[str, Any] = {"alternative": "less than the margin"}
    if error.error is not None:
        about["p_value"] = error.chance_below(margin)
    return _concluded(change, about, margin, level, _did_not_widen(found, change, margin), label)


def gap_did_not_change(
    survey: Survey,
    characteristic: str,
    *,
    margin: float | None = None,
    outcome: str = "participation",
    among: Visits | None = None,
    level: float = 0.95,
    weighting: str = "ratio_of_sums",
    label: str = "",
) -> Estimate:
    """Whether it is shown that the gap changed by less than a margin, either way: two one-sided tests.

    It takes and returns what `gap_did_not_widen` does; the `p_value` is the larger of the two. Only for the question
    whether a gap stayed as it was: that it did not *widen* is one-sided.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> print(gap_did_not_change(load_survey(), "fsm", margin=0.05).details["conclusion"])
    a change by 5.0 points or more, either way, is not ruled out, which does not show that there was one

    References
    ----------
    Schuirmann (1987), A comparison of the two one-sided tests procedure and the power approach, Journal of
    Pharmacokinetics and Biopharmaceutics 15; Lakens (2017), Social Psychological and Personality Science 8.
    """
    margin = _margin(margin)
    found = _difference(survey, characteristic, outcome, among, weighting)
    change, error = found.change(_two_sided(level)), found.change_error
    about: dict[str, Any] = {"alternative": "within the margins"}
    if error.error is not None:
        about["p_value"] = max(error.chance_below(margin), error.chance_above(-margin))
    return _concluded(change, about, margin, level, _did_not_change(found, change, margin), label)


def _difference(survey: Survey, characteristic: str, outcome: str, among: Visits | None, weighting: str) -> PooledGap:
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    pool, _ = choice("weighting", weighting, POOLED_BY)
    return pool(pupils_by_school(survey, characteristic, outcome=outcome, among=among), contrast, measure, "difference")


def _did_not_widen(found: PooledGap, change: Estimate, margin: float) -> str:
    widening = f"a widening by {_points(margin)} or more"
    if change.low is None or change.high is None:
        return f"nothing is shown: {found.change_error.reason}"
    if change.details["before"] < 0:
        return "nothing is shown: the group named as ahead was behind before, so a move in its favour is no widening"
    if change.high < margin:
        after = change.details["after"]
        turned = f", though the gap is now the other way, by {_points(-after)}" if after < 0 else ""
        return f"{widening} is ruled out" + (", though the gap did widen" if change.low > 0 else turned)
    if change.low >= margin:
        return f"{widening} is shown"
    return f"{widening} is not ruled out, which does not show that there was one"


def _did_not_change(found: PooledGap, change: Estimate, margin: float) -> str:
    either_way = f"a change by {_points(margin)} or more, either way,"
    if change.low is None or change.high is None:
        return f"nothing is shown: {found.change_error.reason}"
    if -margin < change.low and change.high < margin:
        return f"{either_way} is ruled out"
    if change.low >= margin or change.high <= -margin:
        return f"{either_way} is shown"
    return f"{either_way} is not ruled out, which does not show that there was one"


def _points(margin: float) -> str:
    return number(margin, "points").removeprefix("+")


_OF_ANOTHER_TEST = ("chance", *(f"{time}_{end}" for time in TIMES for end in ("low", "high")))


def _concluded(
    change: Estimate, about: Mapping[str, Any], margin: float, level: float, conclusion: str, label: str
) -> Estimate:
    kept = {name: value for name, value in change.details.items() if name not in _OF_ANOTHER_TEST}
    details = {**kept, **about, "margin": margin, "one_sided_level": level, "conclusion": conclusion}
    words = f"change in the {change.label}"
    return replace(change, label=f"{label}: {words}" if label else words, details=details)


def _margin(margin: float | None) -> float:
    if margin is None:
        raise InputError(
            "margin must be given: the least widening that would matter, as a difference of shares (0.05 for 5 points) "
            "that was stated before anyone looked at the data"
        )
    if isinstance(margin, bool) or not isinstance(margin, Real) or not 0 < margin < 1:
        points = isinstance(margin, Real) and not isinstance(margin, bool) and 1 <= margin < 100
        hint = f"write {margin / 100:g} for {margin:g} points" if points else "write 0.05 for 5 points"
        raise InputError(f"margin must be a difference of shares above 0 and below 1, not {margin!r}; {hint}")
    return float(margin)


def _two_sided(level: float) -> float:
    """The level of the two-sided interval whose end is the one-sided limit at the level."""
    both = round(2 * confidence_level(level) - 1, 12)
    if both <= 0:
        raise InputError(f"level must be above 0.5 for a one-sided test, not {level!r}; write 0.95 for 95%")
    return both


def _no_interval(full: SchoolCounts, changes: Numbers, level: float, *, none_rejected: bool) -> str:
    """Why the schools give no interval; empty where they give one."""
    cells = len(full.visits), CHANGE.size
    if at_an_end(full.counts.reshape(cells), full.bases.reshape(cells)):
        return AT_AN_END
    if len(changes) > 1 and np.ptp(changes) < 1e-12:
        return "no interval: the schools do not differ"
    if none_rejected:
        are = "schools are" if len(changes) > 1 else "school is"
        return f"no interval: {len(changes)} {are} too few for a two-sided interval at {100 * level:g}%"
    return ""


def _not_rejected(means: Numbers, ones: Numbers, level: float) -> Limits | None:
    """The least and the greatest change that a sign-flip does not reject; None where it can reject none.

    Take a supposed change from every school and flip the signs of some: the mean is as far out as the one seen just
    where the mean of *those* schools' changes lies beyond the supposed one. So the limits are order statistics of the
    means of subsets; no search is needed, and interval and p-value agree.
    """
    observed = means[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        subsets = np.concatenate([(observed - means) / (1 - ones), (observed + means) / (1 + ones)])
    none_flipped = np.concatenate([ones == 1, ones == -1])
    at = floor((1 - level) * len(means) + 1e-9)
    low = np.partition(np.where(none_flipped, -np.inf, subsets), at)[at]
    high = -np.partition(np.where(none_flipped, -np.inf, -subsets), at)[at]
    if not np.isfinite([low, high]).all():
        return None
    return min(float(low), float(observed)), max(float(high), float(observed))


def margin_in_words(estimate: Estimate) -> Sentence:
    """What a test at a margin concluded, as a sentence with what it was concluded from.

    Parameters
    ----------
    estimate
        What `gap_did_not_widen` or `gap_did_not_change` gives.

    Raises
    ------
    InputError
        Another estimate.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> print(str(margin_in_words(gap_did_not_widen(load_survey(), "fsm", margin=0.10))).partition(" (")[0])
    Invented data. Change in the difference: +4.3 points
    """
    details = of_kind("estimate", estimate, Estimate, "gap_did_not_widen() or gap_did_not_change()").details
    if not {"conclusion", "margin", "one_sided_level"} <= set(details):
        raise InputError(
            "estimate must be a test at a margin, as gap_did_not_widen() or gap_did_not_change() gives, not "
            f"{estimate.label!r}"
        )
    made = origin(estimate.provenance, estimate.assumptions)
    text = f"{estimate.label[:1].upper()}{estimate.label[1:]}: {number(estimate.value, 'points')}"
    if estimate.level is None:
        return Sentence(told(f"{text} ({made}); {details['conclusion']}.", estimate.provenance))
    text += (
        f" ({100 * estimate.level:g}% interval {interval(estimate.low, estimate.high, 'points')}; {made}). At the "
        f"margin of {_points(details['margin'])} and a one-sided level of {100 * details['one_sided_level']:g}%: "
        f"{details['conclusion']} (p-value {DETAILS['p_value'](details['p_value'])})."
    )
    return Sentence(told(text, estimate.provenance))
