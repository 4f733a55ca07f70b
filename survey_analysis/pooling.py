"""How schools are brought together into one figure: by sums, by their mean or by their median."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from survey_analysis.errors import choice, confidence_level, whole_number
from survey_analysis.resampling import RESAMPLES, Numbers, Statistic, bootstrap, sums

WEIGHTINGS: Mapping[str, str] = MappingProxyType(
    {
        "ratio_of_sums": "ratio of sums: all pounds over all pupils, so a large school weighs more",
        "mean_of_schools": "mean of schools: each school's own cost per pupil, every school alike",
        "median_of_schools": "median of schools: the school in the middle",
    }
)
"""How schools are brought together. The three answer different questions, so every pooled figure names its own."""


class Pooled(NamedTuple):
    """A figure over schools, with its interval where one was asked for and can be had."""

    value: float | None
    low: float | None
    high: float | None
    level: float | None
    interval: str
    """How the interval was made, or why there is none; empty where none was asked for."""
    base: int
    without: int
    """Of how many schools the figure of the school alone is undefined."""


def pooled(
    schools: pd.DataFrame,
    ratio: Callable[[Numbers], Numbers],
    *,
    weighting: str,
    level: float | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Pooled:
    """One figure for many schools.

    Parameters
    ----------
    schools
        A row for each, without gaps.
    ratio
        From numbers shaped (..., columns) to the figure, shaped (...): of one school, or of the sums of several.
    weighting
        See `WEIGHTINGS`.
    level
        That of the interval, from drawing schools again; none when absent.
    resamples, seed
        As for `resampling.bootstrap`.

    Returns
    -------
    Pooled
        Its value is None where the figure is undefined: no pupil to divide by in any school.
    """
    choice("weighting", weighting, WEIGHTINGS)
    level = None if level is None else confidence_level(level)
    resamples, seed = whole_number("resamples", resamples), whole_number("seed", seed, least=0)
    rows = schools.to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        defined = np.isfinite(ratio(rows))
    without = int((~defined).sum())
    if weighting != "ratio_of_sums":
        rows = rows[defined]
    if not defined.any():
        return Pooled(None, None, None, None, "", len(rows), without)
    statistics: dict[str, Statistic] = {
        "ratio_of_sums": sums(ratio),
        "mean_of_schools": lambda drawn: ratio(drawn).mean(axis=-1),
        "median_of_schools": lambda drawn: np.median(ratio(drawn), axis=-1),
    }
    statistic = statistics[weighting]
    value = float(statistic(rows))
    if level is None:
        return Pooled(value, None, None, None, "", len(rows), without)
    if len(rows) == 1:
        return Pooled(value, None, None, None, "no interval: there is one school", 1, without)
    again = bootstrap(rows, statistic, level=level, resamples=resamples, seed=seed)
    found = None if again.low is None else level
    return Pooled(value, again.low, again.high, found, again.method, len(rows), without)
