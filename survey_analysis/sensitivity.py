"""How a share would move if what cannot be seen were otherwise: how schools were chosen, and how well judged."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from math import isfinite
from numbers import Real
from reprlib import repr as shortened

from survey_analysis.errors import InputError, choice
from survey_analysis.estimates import Bounds, Estimate, Estimates, Tally, worked_out
from survey_analysis.proportions import METHODS, population_size, proportion
from survey_analysis.proportions import share as described
from survey_analysis.rendering import DETAILS, number

Change = Callable[[float], float]
"""What becomes of a share under a supposition; never downwards when the share goes up, so limits may go through it."""


def selection_sensitivity(
    tally: Tally,
    *,
    times: float | Iterable[float] = (1, 1.5, 2, 3, 5),
    level: float | None = None,
    method: str = "wilson",
) -> Estimates:
    """The share among all schools, supposing that those that have it were so many times as likely to be visited.

    If the share among the visits is p and those that have it were k times as likely to be visited as those that have
    not, the share among all is (p / k) / (p / k + 1 - p). At 1 it is p; below 1 those that have it were passed over.

    Parameters
    ----------
    tally
        The count and its base.
    times
        How many times as likely, each above 0; a row for each.
    level
        The confidence level of the interval to be moved along with the share; no interval when absent.
    method
        The method of that interval, as for `proportion`; it must be one even where no interval is asked for.

    Returns
    -------
    Estimates
        Shares, with `times` in the details. The limits of an interval go through the same formula as the share: it
        keeps their order, so the level stays what it was, supposing that k is known.

    Raises
    ------
    InputError
        A number of times that is not above 0 and finite, or none; an unknown method or level; an empty base.

    Examples
    --------
    >>> visited = Tally(label="good use", count=10, base=59, provenance="published")
    >>> for estimate in selection_sensitivity(visited, times=[1, 3]):
    ...     print(estimate)
    good use, if as likely to be visited: 16.9% (share, moved by the supposed selection), base 59, derived
    good use, if 3 times as likely to be visited: 6.4% (share, moved by the supposed selection), base 59, derived

    Notes
    -----
    It does not say how likely any k is: nothing in the visits can. It says what one would have to believe. The visits
    must be alike otherwise: among those that have it each was as likely to be visited as the next.

    References
    ----------
    Lash, Fox and Fink (2009), Applying quantitative bias analysis to epidemiologic data, Springer, chapter 4.
    """
    estimate = _estimated(tally, level, method)
    how = "share" if level is None else estimate.method
    return Estimates(
        [
            _supposing(
                estimate,
                lambda share, k=k: share / (share + k * (1 - share)),  # type: ignore[misc]
                label=f"{tally.label}, if {as_likely(k)} to be visited",
                method=f"{how}, moved by the supposed selection",
                times=k,
            )
            for k in _times(times)
        ],
        caption=f"{tally.label}: if those that have it were so many times as likely to be visited",
        show=("times",),
        note="Nothing in the visits says which of the rows is right",
    )


def selection_needed(tally: Tally, *, share: float) -> Estimate:
    """How many times as likely to be visited those that have it would have to be, for the share among all to be this.

    With the share p among the visits and s among all, k = [p / (1 - p)] / [s / (1 - s)]: the tipping point at which a
    conclusion that rests on s would turn.

    Parameters
    ----------
    tally
        The count and its base.
    share
        The share among all schools that is supposed, between 0 and 1.

    Returns
    -------
    Estimate
        A ratio, with the supposed share in the details. Undefined (None) where none or all of the visits have it: no
        selection would move that.

    Raises
    ------
    InputError
        A share that is not between 0 and 1, an empty base.

    Examples
    --------
    >>> visited = Tally(label="good use", count=10, base=59, provenance="published")
    >>> round(selection_needed(visited, share=0.1).value, 2)
    1.84

    Notes
    -----
    It does not say that there was such a selection, nor how likely it is.

    References
    ----------
    Lash, Fox and Fink (2009), as for `selection_sensitivity`; VanderWeele and Ding (2017), Annals of Internal Medicine
    167, for the same question about an unseen cause.
    """
    if not _is_share(share) or share in (0, 1):
        raise InputError(f"share must be between 0 and 1, not {share!r}; write 0.1 for 10%")
    estimate = described(tally)
    missed = tally.base - tally.count
    moved = 0 < tally.count < tally.base
    return replace(
        estimate,
        label=f"{tally.label}: times as likely to be visited for a share of {number(share, 'share')}",
        value=tally.count / missed * (1 - share) / share if moved else None,
        method="ratio of the odds seen to the odds supposed" + ("" if moved else "; no selection moves none or all"),
        provenance=worked_out([estimate.provenance]),
        unit="ratio",
        details={**estimate.details, "share": float(share)},
    )


def population_bounds(tally: Tally, *, population: int, label: str = "") -> Bounds:
    """The least and the greatest share in a population that you name, whatever holds of those that were not seen.

    Of the population, the count is known to have it and the rest of the base not to; all others may or may not: the
    share is at least count / population and at most (count + population - base) / population.

    Parameters
    ----------
    tally
        The count and its base. Visits in which it was not seen belong to those of which nothing is known.
    population
        How many there are in all. It has no default, for the answer is about these and no others: see Notes.
    label
        What is bounded; the label of the tally when empty.

    Returns
    -------
    Bounds
        Exact fractions. They rest on no drawing at random, and no level belongs to them.

    Raises
    ------
    InputError
        A population that is not whole, or has fewer members than were visited.

    Examples
    --------
    >>> visited = Tally(label="good use", count=10, base=15, provenance="observed")
    >>> print(population_bounds(visited, population=20))
    good use: 50.0% to 75.0% (worst case: the unseen 5 of 20 may all have it, or none), of 20, observed

    Notes
    -----
    The visits must be part of the population, and they must have been judged rightly. The one national figure that
    comes with the package, 24,372 schools in January 2012, counts schools of *all* types, independent ones too, which
    is wider than the schools that the survey could have visited. So no number could honestly stand here unasked.

    References
    ----------
    Manski (1989), Anatomy of the selection problem, Journal of Human Resources 24.
    """
    population = population_size(population, tally)
    unseen = population - tally.base
    return Bounds(
        label=label or tally.label,
        low=Fraction(tally.count, population),
        high=Fraction(tally.count + unseen, population),
        method=f"worst case: the unseen {unseen:,} of {population:,} may all have it, or none"
        if unseen
        else "all seen",
        base=population,
        provenance=worked_out([tally.provenance]),
        assumptions=tally.assumptions,
    )


def corrected_proportion(
    tally: Tally,
    *,
    sensitivity: float,
    specificity: float,
    level: float | None = 0.95,
    method: str = "wilson",
) -> Estimate:
    """The share that really has it, supposing that judgements err at known rates: the estimator of Rogan and Gladen.

    With the share p that was judged to have it, the share that has it is (p + specificity - 1) / (sensitivity +
    specificity - 1). Outside 0 to 1 it is cut off there.

    Parameters
    ----------
    tally
        How many were judged to have it.
    sensitivity
        The share of those that have it which are judged to have it, above 0 and at most 1.
    specificity
        The share of those that have it not which are judged not to have it, above 0 and at most 1.
    level
        The confidence level; None for the share alone.
    method
        The method of the interval before it is corrected, as for `proportion`.

    Returns
    -------
    Estimate
        The corrected share, with the two rates in its label; its details hold them too, and the share `uncorrected`,
        and `not_cut_off`, the corrected share before it was cut off, where it was. The limits go through the same
        formula. Where no share at all from 0 to 1 agrees with the interval at these rates there is no interval. The
        method says when the share was cut off, and when there is no interval.

    Raises
    ------
    InputError
        A rate outside its range; rates that add up to 1 or less, with which a judgement says nothing or the contrary;
        an unknown method or level; an empty base.

    Examples
    --------
    >>> judged = Tally(label="good use", count=10, base=59, provenance="published")
    >>> estimate = corrected_proportion(judged, sensitivity=0.9, specificity=0.95)
    >>> print(f"{estimate.label}: {estimate.value:.3f} [{estimate.low:.3f} to {estimate.high:.3f}]")
    good use, supposing sensitivity 90% and specificity 95%: 0.141 [0.053 to 0.276]

    Notes
    -----
    Nobody published how often inspectors erred, so the rates are suppositions: give several. They are taken to be known
    and the same everywhere; the interval has no part for not knowing them, nor for how schools were chosen.

    References
    ----------
    Rogan and Gladen (1978), Estimating prevalence from the results of a screening test, American Journal of
    Epidemiology 107; Lang and Reiczigel (2014), Preventive Veterinary Medicine 113, for rates that are estimated.
    """
    for name, rate in (("sensitivity", sensitivity), ("specificity", specificity)):
        if not _is_share(rate) or rate == 0:
            raise InputError(f"{name} must be above 0 and at most 1, not {rate!r}; write 0.9 for 90%")
    if sensitivity + specificity <= 1:
        raise InputError(
            f"sensitivity and specificity must add up to more than 1, not {sensitivity!r} and {specificity!r}: "
            "a judgement with these rates says nothing of what it judges, or the contrary"
        )
    estimate = _estimated(tally, level, method)

    def uncut(judged: float) -> float:
        return (judged + specificity - 1) / (sensitivity + specificity - 1)

    judged = tally.count / tally.base
    ends = () if estimate.low is None or estimate.high is None else (uncut(estimate.low), uncut(estimate.high))
    rates = {"sensitivity": float(sensitivity), "specificity": float(specificity), "uncorrected": judged}
    beyond = {} if 0 <= uncut(judged) <= 1 else {"not_cut_off": uncut(judged)}
    how = ("share" if level is None else estimate.method) + ", corrected for misjudgement (Rogan-Gladen)"
    if beyond:
        how += f"; the share would be {'below 0, so it is 0' if uncut(judged) < 0 else 'above 1, so it is 1'}"
    if ends and (ends[1] < 0 or ends[0] > 1):
        estimate = replace(estimate, low=None, high=None, level=None)
        how += "; no interval: no share agrees with the count at these rates"
    return _supposing(
        estimate,
        lambda share: min(1.0, max(0.0, uncut(share))),
        label=f"{tally.label}, supposing sensitivity {100 * sensitivity:g}% and specificity {100 * specificity:g}%",
        method=how,
        **rates,
        **beyond,
    )


def _estimated(tally: Tally, level: float | None, method: str) -> Estimate:
    """A share, described or with an interval, that a supposition is to move."""
    choice("method", method, METHODS)
    return described(tally) if level is None else proportion(tally, level=level, method=method)


def _supposing(estimate: Estimate, change: Change, *, label: str, method: str, **details: float) -> Estimate:
    """An estimated share with its limits, all moved by one change."""
    value, low, high = (None if it is None else change(it) for it in (estimate.value, estimate.low, estimate.high))
    return replace(
        estimate,
        label=label,
        value=value,
        low=low,
        high=high,
        method=method,
        provenance=worked_out([estimate.provenance]),
        details={**estimate.details, **details},
    )


def _is_share(value: float) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and 0 <= value <= 1


def _times(times: float | Iterable[float]) -> list[float]:
    listed = list(times) if isinstance(times, Iterable) else [times]
    if not listed:
        raise InputError("times must name one number above 0 or more, such as [1, 3]; it names none")
    for k in listed:
        if not _is_above_0(k):
            raise InputError(
                f"times must be numbers above 0, such as [1, 3], and one is {shortened(k)}; below 1 is less likely"
            )
    return [float(k) for k in listed]


def _is_above_0(k: float) -> bool:
    try:
        return isinstance(k, Real) and not isinstance(k, bool) and k > 0 and isfinite(k)
    except OverflowError:  # a whole number of some hundred digits
        return False


in_figures = DETAILS["times"]


def as_likely(k: float) -> str:
    """So many times as likely, in words."""
    figures = in_figures(k)
    if figures in ("1", "1/2"):
        return "as likely" if figures == "1" else "half as likely"
    return f"{figures} as likely" if "/" in figures else f"{figures} times as likely"
