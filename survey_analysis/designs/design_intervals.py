"""Intervals under a design: for a share as R's `svyciprop` gives them, and real ones where it gives none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan, log, sqrt
from types import MappingProxyType

import numpy as np

from survey_analysis.proportions import METHODS as COUNTED
from survey_analysis.proportions import share_of_log_odds

Ends = tuple[float, float]
_COMPLETE = "no interval: all that could be drawn was drawn, so that there is no sampling error"
_ALIKE = "no interval: its clusters do not differ, so that nothing shows how much they might"
_FIXED = "no interval: the known totals fix it, or its clusters do not differ"
_EMPTIED = "no interval: a replicate weight leaves nothing of it"
_ALONE = "no interval: its rows are of one cluster in each stratum"


@dataclass(frozen=True, kw_only=True)
class Precision:
    """How precisely a share, a mean or a total is known.

    Parameters
    ----------
    value
        The estimate.
    variance
        Its variance under the design.
    rows
        How many rows it rests on.
    clusters
        How many clusters these are of.
    degrees
        The degrees of freedom.
    floor
        The variance from which on it is more than rounding.
    is_complete
        Whether all that could be drawn was drawn.
    is_calibrated
        Whether weights were brought to known totals.
    """

    value: float
    variance: float
    rows: int
    clusters: int
    degrees: int
    floor: float = 0.0
    is_complete: bool = False
    is_calibrated: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether the variance says nothing: at none and at all, and where all clusters happen to agree."""
        return not self.variance > self.floor or not 0 < self.value < 1

    def effective(self, level: float) -> float:
        """How many rows drawn one by one would be as precise, with the penalty for few degrees of freedom.

        Where the variance says nothing, each cluster counts as one: all that is sure is that they were drawn.
        """
        if self.is_silent:
            return float(self.clusters)
        penalty = t_quantile(level, self.rows - 1) / t_quantile(level, self.degrees)
        return self.value * (1 - self.value) / self.variance * penalty**2


def t_quantile(level: float, degrees: float) -> float:
    """The quantile of Student's distribution that holds the level between itself and its opposite."""
    from scipy.special import stdtrit  # here, so that importing the package does not wait for scipy

    return float(-stdtrit(degrees, (1 - level) / 2))


def _logit(known: Precision, level: float) -> Ends:
    middle = log(known.value / (1 - known.value))
    error = sqrt(known.variance) / (known.value * (1 - known.value)) * t_quantile(level, known.degrees)
    return share_of_log_odds(middle - error), share_of_log_odds(middle + error)


def _as_counted(method: str, share: float, size: float, level: float) -> Ends:
    """The limits that a method for counts gives for a share of so many rows, whole or not."""
    low, high = COUNTED[method][1](np.array(share * size), size, level)
    return float(low), float(high)


def _wilson(known: Precision, level: float) -> Ends:
    return _as_counted("wilson", known.value, known.effective(level), level)


def _beta(known: Precision, level: float) -> Ends:
    return _as_counted("exact", known.value, known.effective(level), level)


def _korn_graubard(known: Precision, level: float) -> Ends:
    size = min(known.effective(level), float(known.rows))
    return _as_counted("exact", known.value, size, level)


METHODS: Mapping[str, tuple[str, Callable[[Precision, float], Ends]]] = MappingProxyType(
    {
        "logit": ("logit", _logit),
        "wilson": ("Wilson score, effective sample size", _wilson),
        "beta": ("beta, effective sample size", _beta),
        "korn-graubard": ("Korn-Graubard", _korn_graubard),
    }
)
"""The interval methods: name in words, and limits."""


def share_interval(known: Precision, method: str, level: float) -> tuple[Ends | None, str]:
    """The limits for a share with the method in words, or why there are none."""
    name, limits = METHODS[method]
    if known.is_complete:
        return None, _COMPLETE
    if known.is_silent and known.is_calibrated and 0 < known.value < 1:
        return None, _FIXED
    if known.is_silent and 0 < known.value < 1 and known.degrees < 1:
        return None, _ALONE
    if known.is_silent and not isnan(known.variance):
        if method == "logit":
            name, limits = "Korn-Graubard in place of logit", _korn_graubard
        return limits(known, level), f"{name}, each cluster as one"
    if known.degrees < 1:
        return None, _ALONE
    if isnan(known.variance):
        return None, _EMPTIED
    return limits(known, level), name


def student_interval(known: Precision, level: float) -> tuple[Ends | None, str]:
    """The limits for a mean or a total with the method in words, or why there are none."""
    if known.is_complete:
        return None, _COMPLETE
    if known.degrees < 1:
        return None, _ALONE
    if isnan(known.variance):
        return None, _EMPTIED
    if not known.variance > known.floor:
        return None, _FIXED if known.is_calibrated else _ALIKE
    half = t_quantile(level, known.degrees) * sqrt(known.variance)
    return (known.value - half, known.value + half), "Student, linearised"
