"""Errors that respect schools: how far a pooled share or gap could be off when schools, not pupils, are drawn.

Shares and their contrasts have an error in closed form, and so t intervals. What has none of its own over schools (a
gap within strata, a gap by ranks) draws whole schools again instead: see `resampling`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey_analysis.resampling import Numbers

_ONE_SCHOOL = "no interval: with one school nothing tells how schools differ"
AT_AN_END = "no interval: nobody or everybody of a group has the outcome"
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
        Degrees of freedom of the t distribution; they need not be whole.
    design_effect
        The robust variance over that of pupils drawn one by one; None where there is no error.
    method
        How the error was found, in words.
    reason
        Why there is no error, in words; empty where there is one.
    """

    value: float
    error: float | None
    df: float
    design_effect: float | None
    method: str = METHOD
    reason: str = ""

    def limits(self, level: float) -> tuple[float, float] | None:
        """The t interval in the numbers of the link."""
        if self.error is None:
            return None
        reach = float(t_reach(np.array(self.error), np.array(self.df), level))
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


class Contrasts(NamedTuple):
    """Contrasts of pooled shares, one for each survey: the arrays of `pooled_contrast`."""

    value: Numbers
    robust: Numbers
    """The variance when schools are drawn."""
    alone: Numbers
    """The variance were pupils drawn one by one."""
    df: Numbers
    reason: NDArray[np.str_]
    """Why there is no interval; empty where there is one."""


def pooled_contrast(counts: Numbers, bases: Numbers, signs: Numbers, scale: str) -> Contrasts:
    """Signed sums of linked shares, with what their intervals need.

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
    Contrasts
        Each array shaped (...); not finite where a share has no link or one school has all the pupils of a cell.

    Notes
    -----
    The estimate is that of a generalised estimating equation with a mean for each cell and pupils as independent. For
    it the bias-reduced sandwich has a closed form: a school's leverage in a cell is its share of the pupils there, so
    its residual is divided by the pupils of all *other* schools. GEE of statsmodels gives the same from a row for
    every pupil; it refuses weighted rows, and needs a matrix of pupils by pupils for every school.

    The variance is itself an estimate, a sum of squares over schools, and t allows for that: its degrees of freedom are
    those of the chi-square with the same mean and variance, were pupils independent (Satterthwaite). Schools alike in
    size give one fewer than schools. One school with most of the pupils leaves hardly more than one degree, and the
    interval is then wider than it need be.

    A share of 0 or 1 has a variance of 0, as if it were known without error; so there is no interval at all.

    References
    ----------
    Liang and Zeger (1986), Biometrika 73; Mancl and DeRouen (2001), A covariance estimator for GEE with improved
    small-sample properties, Biometrics 57; Bell and McCaffrey (2002), Survey Methodology 28 (the degrees of freedom);
    Cameron and Miller (2015), A practitioner's guide to cluster-robust inference, Journal of Human Resources 50.
    """
    totals = bases.sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = counts.sum(axis=-2) / totals
        linked, slopes = LINKS[scale](shares)
        weights = signs * slopes
        others = totals[..., None, :] - bases
        residuals = (counts - bases * shares[..., None, :]) / others
        robust = ((weights[..., None, :] * residuals).sum(axis=-1) ** 2).sum(axis=-1)
        variances = weights**2 * shares * (1 - shares)
        value, alone = (signs * linked).sum(axis=-1), (variances / totals).sum(axis=-1)
        fewest = (bases > 0).sum(axis=-2).min(axis=-1) - 1.0
        df = np.fmin(_satterthwaite(bases, others, variances), fewest)
        unknown = at_an_end(counts, bases) | ~np.isfinite(value + robust + alone)
        alike = robust <= _NOTHING * alone
    reason = np.select([fewest < 1, unknown, alike], [_ONE_SCHOOL, AT_AN_END, _ALIKE], default="")
    return Contrasts(value, robust, alone, df, reason)


def at_an_end(counts: Numbers, bases: Numbers) -> NDArray[np.bool_]:
    """Whether a share, pooled over schools, is 0 or 1 in any cell: arrays as for `pooled_contrast`."""
    having, of = counts.sum(axis=-2), bases.sum(axis=-2)
    return np.asarray(((having == 0) | (having == of)).any(axis=-1))


def t_reach(error: Numbers, df: Numbers, level: float) -> Numbers:
    """How far a t interval reaches to either side."""
    from scipy.special import stdtrit  # here, so that what needs no interval does not wait for scipy

    return np.asarray(stdtrit(df, (1 + level) / 2) * error)


def _satterthwaite(bases: Numbers, others: Numbers, variances: Numbers) -> Numbers:
    """Twice the squared mean of the robust variance over its variance, were pupils independent and normal.

    The corrected residuals of the schools then have the covariance D - sum over cells of v u u', D diagonal: so the
    trace of its square needs no matrix of schools by schools.
    """
    spread, u = variances[..., None, :] * bases / others**2, bases / others
    v, diagonal = variances / bases.sum(axis=-2), spread.sum(axis=-1)
    trace = diagonal.sum(axis=-1) - (v * (u**2).sum(axis=-2)).sum(axis=-1)
    crossed = np.swapaxes(u, -1, -2) @ u
    of_square = (
        (diagonal**2).sum(axis=-1)
        - 2 * (v * (diagonal[..., None] * u**2).sum(axis=-2)).sum(axis=-1)
        + (v[..., :, None] * v[..., None, :] * crossed**2).sum(axis=(-1, -2))
    )
    return np.asarray(trace**2 / of_square)


def school_error(counts: Numbers, bases: Numbers, signs: Numbers, scale: str) -> SchoolError:
    """`pooled_contrast` of one survey, with the reason where it has no error."""
    found = pooled_contrast(counts, bases, signs, scale)
    value, robust, alone, df = (float(it) for it in found[:4])
    if reason := str(found.reason):
        return SchoolError(value=value, error=None, df=0, design_effect=None, reason=reason)
    return SchoolError(value=value, error=robust**0.5, df=df, design_effect=robust / alone)


def mean_error(values: Numbers, alone: Numbers, *, unknown: bool = False) -> SchoolError:
    """The mean of one value a school, each counted alike, with its classical error.

    `alone` holds the variances that the parts of each value would have were pupils drawn one by one; `unknown` says
    that a share behind the values is 0 or 1, so that there is no error (see `at_an_end`).
    """
    schools, average = len(values), float(values.mean())
    single = float(alone.sum()) / schools**2
    robust = float(values.var(ddof=1)) / schools if schools > 1 else 0.0
    alike = robust <= _NOTHING * single or single == 0
    reason = _ONE_SCHOOL if schools < 2 else AT_AN_END if unknown else _ALIKE if alike else ""
    if reason:
        return SchoolError(value=average, error=None, df=0, design_effect=None, reason=reason)
    return SchoolError(
        value=average, error=robust**0.5, df=schools - 1, design_effect=robust / single, method="t over schools"
    )
