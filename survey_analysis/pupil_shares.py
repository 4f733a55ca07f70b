"""Shares of pupils with intervals that respect schools, and what so many pupils are worth."""

from numbers import Real

import numpy as np

from survey_analysis.errors import InputError, choice, confidence_level, unknown, whole_number
from survey_analysis.estimates import Estimate, Provenance, worked_out
from survey_analysis.gaps import CONTRASTS, OUTCOMES, pupils_by_school
from survey_analysis.proportions import share_of_log_odds
from survey_analysis.school_errors import school_error
from survey_analysis.surveys import TIMES, Survey, Visits


def pupil_share(
    survey: Survey,
    characteristic: str,
    *,
    time: str,
    group: str | None = None,
    outcome: str = "participation",
    among: Visits | None = None,
    level: float = 0.95,
) -> Estimate:
    """The share of pupils with an outcome, summed over schools, with an interval that respects schools.

    Parameters
    ----------
    survey, characteristic, time, outcome, among
        As for `pupil_tally`.
    group
        One group of the characteristic; both together, that is all pupils, when absent.
    level
        The confidence level, between 0 and 1.

    Returns
    -------
    Estimate
        The weighting is the ratio of sums. The details hold the `df`, and of this very share the `design_effect` and
        the `effective_n` (pupils over the design effect). Where there is no interval the method says why.

    Raises
    ------
    InputError
        An unknown option, no pupils, a level that is not between 0 and 1.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> share = pupil_share(load_survey(), "fsm", time="after")
    >>> share.base, share.details["effective_n"] < share.base / 10
    (37521, True)

    Notes
    -----
    The design effect belongs to the estimate and not to the survey: a share carries all that makes whole schools
    differ, while a gap, taken within schools, carries little of it. Never use the one for the other.

    References
    ----------
    As for `gap_change`; the interval is computed on the log odds, so that it stays between 0 and 1.
    """
    contrast, measure = choice("characteristic", characteristic, CONTRASTS), choice("outcome", outcome, OUTCOMES)
    groups = (contrast.ahead, contrast.behind)
    if group is not None and group not in groups:
        raise unknown("group", group, groups)
    if time not in TIMES:
        raise unknown("time", time, TIMES)
    level = confidence_level(level)
    found = pupils_by_school(survey, characteristic, outcome=outcome, among=among)
    chosen = [group in (None, name) for name in groups]
    place = TIMES.index(time)
    counts, bases = (it[:, place][:, chosen].sum(axis=1, keepdims=True) for it in (found.counts, found.bases))
    pupils = int(bases.sum())
    if pupils == 0:
        raise InputError(f"there are no pupils of {group or 'any group'} {time}, so there is no share; choose others")
    error = school_error(counts, bases, np.ones(1), "odds_ratio")
    limits = error.limits(level)
    return Estimate(
        label=f"{group or 'all pupils'}, {time}: {measure.words}",
        value=float(counts.sum()) / pupils,
        low=None if limits is None else share_of_log_odds(limits[0]),
        high=None if limits is None else share_of_log_odds(limits[1]),
        level=None if limits is None else level,
        method=f"{error.reason or error.method}, ratio of sums",
        base=pupils,
        provenance=worked_out([found.provenance]) if limits else found.provenance,
        details={
            **found.about,
            "count": int(counts.sum()),
            "not_seen": 0,
            "group_not_seen": 0,
            "weighting": "ratio of sums",
            "schools": len(found.visits),
            **error.details(pupils),
        },
    )


def effective_pupils(pupils: int, *, schools: int, icc: float) -> Estimate:
    """How many pupils, drawn one by one, a share from so many pupils of so many schools is worth.

    Parameters
    ----------
    pupils
        All pupils, the same number in each school.
    schools
        How many schools they are of.
    icc
        The intraclass correlation: the part of the variance that lies between schools, from 0 to 1.

    Returns
    -------
    Estimate
        Pupils over the design effect, 1 + (m - 1) ICC for m pupils a school.

    Raises
    ------
    InputError
        Pupils or schools that are no whole numbers, fewer pupils than schools, no schools, or an intraclass correlation
        that is not between 0 and 1.

    Examples
    --------
    >>> print(effective_pupils(1770, schools=59, icc=0.2))
    1,770 pupils of 59 schools are worth: 260 (over the design effect 1 + (m - 1) ICC), base 1,770, illustrative

    Notes
    -----
    It is about a share of all pupils, in planning; a gap within schools can be worth *more* than its pupils. Of data at
    hand, `pupil_share` and `gap_change` give the design effect that was found.

    References
    ----------
    Kish (1965), Survey Sampling, section 5.4.
    """
    pupils, schools = whole_number("pupils", pupils), whole_number("schools", schools)
    if pupils < schools:
        raise InputError(f"pupils must be at least one a school, and are {pupils} in {schools} schools")
    if isinstance(icc, bool) or not isinstance(icc, Real) or not 0 <= icc <= 1:
        raise InputError(f"icc must be between 0 and 1, not {icc!r}")
    effect = 1 + (pupils / schools - 1) * icc
    return Estimate(
        label=f"{pupils:,} pupils of {schools} schools are worth",
        value=pupils / effect,
        method="over the design effect 1 + (m - 1) ICC",
        base=pupils,
        provenance=Provenance.ILLUSTRATIVE,
        unit="count",
        details={"design_effect": effect, "schools": schools, "icc": icc},
    )
