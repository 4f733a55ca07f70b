"""Errors that respect schools: how far a pooled share or gap could be off when schools, not pupils, are drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from survey_analysis.gaps import Numbers

_ONE_SCHOOL = "no interval: with one school nothing tells how schools differ"
_AT_AN_END = "no interval: nobody or everybody of a group has the outcome"
_ALIKE = "no interval: the schools do not differ, so nothing tells how others would"
_NOTHING = 1e-20  # what rounding leaves of a variance that is 0, beside that of pupils drawn one by one
METHOD = "cluster-robust over schools (bias-reduced, t)"

Link = Callable[[Numbers], tuple[Numbers, Numbers]]
"""From shares to the numbers in which a scale is a difference, and their slope."""

LINKS: Mapping[str, Link] = {
    "difference": lambda share: (share, np.ones_like(share)),
    "ratio": lambda share: (np.log(share), 1 / share),
    "non_participation_ratio": lambda share: (-np.log1p(-share), 1 / (1 - share)),
    "odds_ratio": lambda share: (np.log(share) - np.log1p(-share), 1 / (share * (1 - share))),
}
"""In these links each scale of a gap is a difference between groups, and its change a difference of differences."""


@dataclass(frozen=True, kw_only=True)
class SchoolError:
    """A difference of pooled shares in the numbers of a link, with its standard error.

    Parameters
    ----------
    value
        The difference; not finite where it is undefined.
    error
        Its standard error, None where there is none.
    df
        Degrees of freedom of the t distribution.
    design_effect
        The robust variance over that of pupils drawn one by one; None where there is no error.
    method
        How the error was found, in words.
    reason
        Why there is no error, in words; empty where there is one.
    """

    value: float
    error: float | None
    df: int
    design_effect: float | None
    method: str = METHOD
    reason: str = ""

    def limits(self, level: float) -> tuple[float, float] | None:
        """The t interval in the numbers of the link."""
        if self.error is None:
            return None
        from scipy.special import stdtrit  # here, so that what needs no interval does not wait for scipy

        reach = float(stdtrit(self.df, (1 + level) / 2)) * self.error
        return self.value - reach, self.value + reach

    def chance_below(self, at: float) -> float:
        """How likely a value so low, or lower, would be if the truth were `at`: a one-sided p-value."""
        from scipy.special import stdtr

        return float(stdtr(self.df, (self.value - at) / self.error)) if self.error else 1.0

    def chance_above(self, at: float) -> float:
        """How likely a value so high, or higher, would be if the truth were `at`."""
        return replace(self, value=-self.value).chance_below(-at)

    def details(self, base: int) -> dict[str, float]:
        """What belongs beside an interval: the p-value of no difference, and how many pupils it is worth."""
        if self.error is None or self.design_effect is None:
            return {}
        return {
            "p_value": 2 * min(self.chance_below(0), self.chance_above(0)),
            "df": self.df,
            "design_effect": self.design_effect,
            "effective_n": base / self.design_effect,
        }


def pooled_contrast(counts: Numbers, bases: Numbers, signs: Numbers, scale: str) -> tuple[Numbers, Numbers, Numbers]:
    """A signed sum of linked shares, its robust variance, and its variance were pupils drawn one by one.

    Parameters
    ----------
    counts, bases
        Pupils with the outcome and all pupils, shaped (..., schools, cells); each cell is pooled over schools.
    signs
        What each cell counts for, shaped (cells).
    scale
        One of `LINKS`.

    Returns
    -------
    three arrays
        Shaped (...); not finite where a share has no link or one school has all the pupils of a cell.

    Notes
    -----
    The estimate is that of a generalised estimating equation with a mean for each cell and pupils as independent. For
    it the bias-reduced sandwich has a closed form: a school's leverage in a cell is its share of the pupils there, so
    its residual is divided by the pupils of all *other* schools. GEE of statsmodels gives the same from a row for
    every pupil; it refuses weighted rows, and needs a matrix of pupils by pupils for every school.

    References
    ----------
    Liang and Zeger (1986), Biometrika 73; Mancl and DeRouen (2001), A covariance estimator for GEE with improved
    small-sample properties, Biometrics 57; Bell and McCaffrey (2002), Survey Methodology 28; Cameron and Miller (2015),
    A practitioner's guide to cluster-robust inference, Journal of Human Resources 50.
    """
    totals = bases.sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = counts.sum(axis=-2) / totals
        linked, slopes = LINKS[scale](shares)
        weights = signs * slopes
        residuals = (counts - bases * shares[..., None, :]) / (totals[..., None, :] - bases)
        robust = ((weights[..., None, :] * residuals).sum(axis=-1) ** 2).sum(axis=-1)
        alone = (weights**2 * shares * (1 - shares) / totals).sum(axis=-1)
        return (signs * linked).sum(axis=-1), robust, alone


def school_error(counts: Numbers, bases: Numbers, signs: Numbers, scale: str) -> SchoolError:
    """`pooled_contrast` of one survey, with the reason where it has no error.

    The degrees of freedom are one fewer than the schools that have pupils in a cell, in the cell that fewest have.
    """
    value, robust, alone = (float(it) for it in pooled_contrast(counts, bases, signs, scale))
    df = int((bases > 0).sum(axis=-2).min()) - 1
    reason = (
        _ONE_SCHOOL
        if df < 1
        else _AT_AN_END
        if not np.isfinite([value, robust, alone]).all()
        else _ALIKE
        if robust <= _NOTHING * alone
        else ""
    )
    if reason:
        return SchoolError(value=value, error=None, df=max(df, 0), design_effect=None, reason=reason)
    return SchoolError(value=value, error=robust**0.5, df=df, design_effect=robust / alone)


def mean_error(values: Numbers, alone: Numbers) -> SchoolError:
    """The mean of one value a school, each counted alike, with its classical error.

    `alone` holds the variances that the parts of each value would have were pupils drawn one by one.
    """
    schools, average = len(values), float(values.mean())
    single = float(alone.sum()) / schools**2
    if schools < 2:
        return SchoolError(value=average, error=None, df=0, design_effect=None, reason=_ONE_SCHOOL)
    robust = float(values.var(ddof=1)) / schools
    if robust <= _NOTHING * single or single == 0:
        return SchoolError(value=average, error=None, df=schools - 1, design_effect=None, reason=_ALIKE)
    return SchoolError(
        value=average, error=robust**0.5, df=schools - 1, design_effect=robust / single, method="t over schools"
    )
