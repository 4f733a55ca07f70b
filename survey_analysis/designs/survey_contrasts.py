"""Contrasts of domains under one design, with what they share taken into account: a gap between pupil groups is one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log, sqrt
from numbers import Real

import numpy as np

from survey_analysis.designs.cells import Floats
from survey_analysis.designs.design_intervals import Precision, student_interval
from survey_analysis.designs.survey_results import SurveyEstimates, as_if
from survey_analysis.errors import InputError, confidence_level, of_kind
from survey_analysis.estimates import Estimate, Estimates, weakest
from survey_analysis.gaps import SCALES, scale_words

_AT_THE_END = "no interval: a share is 0% or 100%, of which the variance shows nothing"
_MAKERS = "survey_proportion(), survey_mean(), survey_total() or survey_ratio()"


def survey_contrast(
    estimates: SurveyEstimates, weights: Mapping[str, float], *, level: float = 0.95, label: str = ""
) -> Estimate:
    """A sum of estimates of one survey, each times a weight, with an interval that knows what they share.

    Parameters
    ----------
    estimates
        What one of the `survey_...` functions gives, with domains.
    weights
        Domain, code or label of an estimate -> its weight: {"fsm": -1, "not_fsm": 1} is what pupils without free school
        meals have more. The rest have no part.
    level
        The confidence level, between 0 and 1.
    label
        What the contrast is, in words.

    Returns
    -------
    Estimate
        With Student's interval, its degrees of freedom counted where the domains have rows. A difference of shares is
        in points, and its interval ends at what shares allow.

    Raises
    ------
    InputError
        Estimates of other functions, a name that none of them has or several have, no weight, one that is no number, or
        an estimate that is undefined.

    Examples
    --------
    >>> import pandas as pd
    >>> from survey_analysis import Design, survey_proportion
    >>> pupils = pd.DataFrame({
    ...     "school": [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3],
    ...     "group": ["fsm", "fsm", "not_fsm", "not_fsm"] * 3,
    ...     "takes_part": [0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0],
    ... })
    >>> found = survey_proportion(pupils, "takes_part", design=Design(clusters="school"), by="group")
    >>> print(survey_contrast(found, {"not_fsm": 1, "fsm": -1}))
    not_fsm less fsm: +33.3 points [-38.4 points to +100.0 points, 95% Student, linearised], base 12, illustrative

    Notes
    -----
    Two intervals that overlap say nothing on a difference; this does. Nor does it say why the domains differ.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 5.6.
    """
    of_kind("estimates", estimates, SurveyEstimates, _MAKERS)
    level = confidence_level(level)
    if not isinstance(weights, Mapping) or not weights:
        raise InputError(f"weights must map a domain to its weight, not {weights!r:.60}")
    slopes = np.zeros(len(estimates))
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, Real) or not isfinite(weight):
            raise InputError(f"weights must be numbers, and {name!r} has {weight!r:.40}")
        place = estimates.place_of(name)
        if slopes[place]:
            raise InputError(
                f"weights must name each estimate once, and {name!r} names {estimates[place].label!r} again"
            )
        slopes[place] = float(weight)
    if not slopes.any():
        raise InputError("weights must have one that is not 0: of nothing there is no contrast")
    named = [str(name) for name in weights]
    if not label and len(named) == 2 and sorted(float(it) for it in weights.values()) == [-1.0, 1.0]:
        label = " less ".join(sorted(named, key=lambda name: -float(weights[name])))
    values = [_value(it) if slope else 0.0 for it, slope in zip(estimates, slopes, strict=True)]
    unit = "points" if estimates[0].unit == "share" else estimates[0].unit
    places = [int(place) for place in np.flatnonzero(slopes)]
    found = _Found(estimates=estimates, places=places, slopes=slopes, level=level)
    value = float(slopes @ np.array(values))
    return found.estimate(label or "contrast of " + ", ".join(named), value, value, unit)


def survey_gap(
    estimates: SurveyEstimates,
    ahead: str,
    behind: str,
    *,
    level: float = 0.95,
    label: str = "gap",
    without: str = "non-participation",
) -> Estimates:
    """The gap between two domains of one survey on four scales, with intervals under its design.

    Parameters
    ----------
    estimates
        What `survey_proportion` gives, with domains.
    ahead, behind
        The domains, by name.
    level
        The confidence level, between 0 and 1.
    label
        What the gap is in.
    without
        What not to have the outcome is called, as a noun.

    Returns
    -------
    Estimates
        One for each scale, as `gap` gives them. The interval of the difference is Student's; those of the ratios are
        computed on their logarithms.

    Raises
    ------
    InputError
        Estimates that are no shares of one survey, or a domain that it does not have.

    Examples
    --------
    >>> import pandas as pd
    >>> from survey_analysis import Design, survey_proportion
    >>> pupils = pd.DataFrame({
    ...     "school": [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3],
    ...     "group": ["fsm", "fsm", "not_fsm", "not_fsm"] * 3,
    ...     "takes_part": [0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0],
    ... })
    >>> found = survey_proportion(pupils, "takes_part", design=Design(clusters="school"), by="group")
    >>> [f"{it.value:.2f}" for it in survey_gap(found, "not_fsm", "fsm")]
    ['0.33', '2.00', '2.00', '4.00']

    Notes
    -----
    A gap within schools has a design effect of its own, often below 1: never that of the overall rate.

    References
    ----------
    As for `gap`; intervals by linearisation, as for `survey_contrast`.
    """
    of_kind("estimates", estimates, SurveyEstimates, "survey_proportion()")
    level = confidence_level(level)
    places = estimates.place_of(ahead), estimates.place_of(behind)
    if places[0] == places[1]:
        raise InputError(f"a gap needs two domains, and {ahead!r} and {behind!r} are one")
    if any(estimates[place].unit != "share" for place in places):
        raise InputError("a gap on four scales needs shares, as survey_proportion() gives: take survey_contrast")
    a, b = (_value(estimates[place]) for place in places)
    one, other = (_unit(len(estimates), place) for place in places)
    gaps = []
    for scale, (over, under, slope_a, slope_b) in _scales(a, b).items():
        words, unit = f"{label}: {scale_words(scale, without)}", SCALES[scale].unit
        slopes = slope_a * one + slope_b * other
        found = _Found(estimates=estimates, places=places, slopes=slopes, level=level)
        if scale == "difference":
            gaps.append(found.estimate(words, a - b, a - b, unit, scale=scale))
            continue
        value = over / under if under else float("inf") if over else None
        middle = log(value) if value and isfinite(value) else None
        gaps.append(found.estimate(words, value, middle, unit, scale=scale, ends=exp))
    return Estimates(gaps, as_if=as_if(estimates.design))


def _scales(a: float, b: float) -> dict[str, tuple[float, float, float, float]]:
    """For each scale, two terms whose quotient is its value, and how fast it (its logarithm) moves with each share."""
    return {
        "difference": (a, b, 1.0, -1.0),
        "ratio": (a, b, _over(1, a), -_over(1, b)),
        "non_participation_ratio": (1 - b, 1 - a, _over(1, 1 - a), -_over(1, 1 - b)),
        "odds_ratio": (a * (1 - b), b * (1 - a), _over(1, a * (1 - a)), -_over(1, b * (1 - b))),
    }


def _over(one: float, value: float) -> float:
    return one / value if value else 0.0


def _unit(size: int, place: int) -> Floats:
    found = np.zeros(size)
    found[place] = 1.0
    return found


def _value(estimate: Estimate) -> float:
    if estimate.value is None:
        raise InputError(f"{estimate.label!r} is undefined, so there is no contrast with it")
    return estimate.value


@dataclass(frozen=True, kw_only=True, eq=False)
class _Found:
    """A combination of some estimates: how fast it moves with each, and at which level its interval is."""

    estimates: SurveyEstimates
    places: Sequence[int]
    slopes: Floats
    level: float

    def estimate(
        self,
        label: str,
        value: float | None,
        middle: float | None,
        unit: str,
        *,
        scale: str = "",
        ends: Callable[[float], float] = float,
    ) -> Estimate:
        """The estimate, its interval around the middle and then brought to its scale by `ends`."""
        of = [self.estimates[place] for place in self.places]
        known = self._known()
        limits, method = student_interval(known, self.level)
        if not known.is_complete and any(it.unit == "share" and it.value in (0, 1) for it in of):
            limits, method = None, _AT_THE_END
        elif middle is None:
            limits, method = None, "no interval: it is infinite, or undefined"
        low, high = (ends((middle or 0.0) + limit) for limit in limits) if limits else (None, None)
        if low is not None and high is not None and unit == "points":
            low = max(low, float(self.slopes[self.slopes < 0].sum()))
            high = min(high, float(self.slopes[self.slopes > 0].sum()))
        return Estimate(
            label=label,
            value=value,
            low=low,
            high=high,
            level=self.level if limits else None,
            method=method,
            base=known.rows,
            provenance=weakest(it.provenance for it in of),
            unit=unit,
            details={
                "standard_error": sqrt(max(known.variance, 0.0)) if middle is not None else None,
                "df": known.degrees,
                "scale": scale,
            },
        )

    def _known(self) -> Precision:
        """How precisely the combination is known."""
        rows = {self.estimates.domains[place]: self.estimates[place].base for place in self.places}
        return Precision(
            value=0.0,
            variance=float(self.slopes @ self.estimates.covariance @ self.slopes),
            rows=sum(rows.values()),
            clusters=0,
            degrees=self.estimates.degrees_of_freedom(self.places),
            floor=float(self.slopes**2 @ np.array(self.estimates.floors)),
            is_complete=all(self.estimates.complete[domain] for domain in rows),
        )
