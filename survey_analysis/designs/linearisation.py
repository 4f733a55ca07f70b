"""Totals, ratios and their covariance by Taylor linearisation, from the sums of the cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_analysis.designs.calibration import calibrated
from survey_analysis.designs.cell_keys import Indices
from survey_analysis.designs.cells import Cells, Floats, summed, sums_by
from survey_analysis.designs.influence import Influence, variance
from survey_analysis.designs.measures import Measure
from survey_analysis.designs.specification import Design
from survey_analysis.designs.units import Units, units_of
from survey_analysis.errors import InputError

MOST_ESTIMATES = 2_000
MOST_NUMBERS = 100_000_000  # clusters by estimates: 800 megabytes


@dataclass(frozen=True, kw_only=True, eq=False)
class Members:
    """Which clusters and strata have rows of each domain in which the outcome was seen.

    Parameters
    ----------
    units
        Clusters by domains, whether there are such rows; None where rows were drawn, or replicates hold the variance.
    strata
        The same for strata.
    rows
        How many such rows each domain has.
    fixed
        The degrees of freedom where they do not depend on the domain.
    """

    units: NDArray[np.bool_] | None = None
    strata: NDArray[np.bool_] | None = None
    rows: Floats
    fixed: int | None = None

    def clusters(self, domain: int) -> int:
        """How many clusters a domain has, or rows where these were drawn; with replicates, one more than degrees."""
        if self.fixed is not None:
            return self.fixed + 1
        return int(self.rows[domain] if self.units is None else self.units[:, domain].sum())

    def degrees(self, domains: list[int]) -> int:
        """Clusters less strata, counted where the domains have rows."""
        if self.fixed is not None:
            return self.fixed
        strata = 0 if self.strata is None else int(self.strata[:, domains].any(axis=1).sum())
        if self.units is None:
            return int(self.rows[domains].sum()) - strata
        return int(self.units[:, domains].any(axis=1).sum()) - strata


@dataclass(frozen=True, kw_only=True, eq=False)
class Computed:
    """The estimates of each domain and value, domain by domain, with their covariance.

    Parameters
    ----------
    values
        Shaped (domains, values); NaN where a divisor is 0.
    covariance
        Shaped (domains * values, domains * values).
    srs
        The variance that as many rows drawn one by one would have had; NaN where it is undefined.
    totals
        Weighted sums of each value, of what it is divided by, and of 1: shaped (domains, values + 2).
    rows, not_seen
        In how many rows of each domain the outcome was counted, and in how many it was not seen.
    members
        Which clusters have rows of each domain.
    complete
        Of which domains all that could be drawn was drawn, so that there is no sampling error.
    is_share
        Whether the values are shares.
    is_calibrated
        Whether weights were brought to known totals.
    has_lone
        Whether a lone cluster was met.
    """

    values: Floats
    covariance: Floats
    srs: Floats
    totals: Floats
    rows: Floats
    not_seen: Floats
    members: Members
    complete: NDArray[np.bool_]
    is_share: bool
    is_calibrated: bool = False
    has_lone: bool = False


def linearised(cells: Cells, design: Design, measure: Measure, domains: Indices, size: int) -> Computed:
    """Estimate every domain and value.

    Parameters
    ----------
    cells
        The sums.
    design
        How the sample was drawn.
    measure
        What was summed.
    domains
        The domain of each cell, from 0; -1 where it is in none.
    size
        How many domains there are.
    """
    units = units_of(cells, design)
    _check_size(units, size * measure.size)
    calibration = calibrated(cells, design)
    factors = np.ones(len(cells.rows)) if calibration is None else calibration.factors[calibration.groups]
    inside = domains >= 0
    totals = sums_by(domains[inside], (cells.sums * factors[:, None])[inside], size)
    squares = sums_by(domains[inside], (cells.squares * factors[:, None])[inside], size)
    counted = cells.weighted if measure.counted_as is not None else cells.seen
    rows = summed(domains[inside], counted[inside], size)
    unseen = summed(domains[inside], (cells.weighted - cells.seen)[inside], size)
    values, slopes = quotients(totals, measure)
    influence = Influence(cells=cells, slopes=slopes, domains=domains, factors=factors, calibration=calibration)
    return Computed(
        values=values + measure.centre,
        covariance=variance(influence, units, design),
        srs=simple_variance(values, totals, squares, rows, measure),
        totals=totals,
        rows=rows,
        not_seen=unseen,
        members=_members(units, domains, counted, size),
        complete=_complete(units, domains, size),
        is_share=measure.indicates,
        is_calibrated=calibration is not None,
        has_lone=any(bool(stage.is_alone.any()) for stage in units.stages),
    )


def _check_size(units: Units, estimates: int) -> None:
    """Refuse more estimates than memory is for: each needs a number for each unit, and one for each other estimate."""
    numbers = max(int(places.max()) + 1 for places in units.places)
    if estimates > MOST_ESTIMATES or estimates * numbers > MOST_NUMBERS:
        raise InputError(
            f"{estimates:,} estimates at once, of {numbers:,} clusters, are too many: name columns with fewer codes in "
            "by, or fewer codes"
        )


def quotients(totals: Floats, measure: Measure) -> tuple[Floats, Floats]:
    """The estimates of each domain, and how fast each moves with each sum: shaped (domains, values, values + 2)."""
    size = measure.size
    slopes = np.zeros((len(totals), size, size + 2))
    slopes[:, range(size), range(size)] = 1.0
    if measure.is_total:
        return totals[:, :size].copy(), slopes
    divisor = totals[:, size]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(divisor[:, None] != 0, totals[:, :size] / divisor[:, None], np.nan)
        slopes[:, range(size), range(size)] = 1 / divisor[:, None]
        slopes[:, :, size] = -values / divisor[:, None]
    slopes[divisor == 0] = 0.0
    return values, slopes


def simple_variance(values: Floats, totals: Floats, squares: Floats, rows: Floats, measure: Measure) -> Floats:
    """The variance had as many rows been drawn one by one, with replacement; undefined of ratios and of single rows."""
    weight = totals[:, measure.size][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = totals[:, : measure.size] / weight
        spread = (squares / weight - mean**2) / (rows - 1)[:, None]
    spread = spread * weight**2 if measure.is_total else spread
    usable = (rows > 1)[:, None] & np.isfinite(spread) & (measure.denominator is None)
    return np.where(usable, np.maximum(spread, 0.0), np.nan)


def _complete(units: Units, domains: Indices, size: int) -> NDArray[np.bool_]:
    """Of which domains, at each stage, all units were drawn wherever the domain was met."""
    found = np.ones(size, dtype=bool)
    inside = domains >= 0
    for stage, above in zip(units.stages, [units.strata, *units.places], strict=False):
        partly = inside & (stage.fractions < 1)[above]
        found[domains[partly]] = False
    return found


def _members(units: Units, domains: Indices, counted: Floats, size: int) -> Members:
    """Where the domains have rows that count."""
    there = (domains >= 0) & (counted > 0)

    def met(places: Indices) -> NDArray[np.bool_]:
        found = np.zeros((places.max() + 1, size), dtype=bool)
        found[places[there], domains[there]] = True
        return found

    return Members(
        units=None if units.clusters is None else met(units.clusters),
        strata=met(units.strata),
        rows=summed(domains[there], counted[there], size),
    )
