"""How much each unit that was drawn moves each estimate, and the covariance that follows: one pass over the cells."""

from dataclasses import dataclass

import numpy as np

from survey_analysis.designs.calibration import Calibration
from survey_analysis.designs.cell_keys import Indices
from survey_analysis.designs.cells import Cells, Floats, summed, sums_by
from survey_analysis.designs.specification import Design
from survey_analysis.designs.units import Stage, Units


@dataclass(frozen=True, kw_only=True, eq=False)
class Influence:
    """The linearised variable of each estimate, as sums over the rows of any unit, and over their squares."""

    cells: Cells
    slopes: Floats
    domains: Indices
    factors: Floats
    calibration: Calibration | None

    @property
    def estimates(self) -> int:
        return int(self.slopes.shape[0] * self.slopes.shape[1])

    def of_cells(self) -> Floats:
        """In each cell, the sum for each value of its domain, before known totals are heeded; 0 outside domains."""
        found = np.einsum("ckv,cv->ck", self.slopes[self.domains], self.cells.sums)
        return np.where(self.domains[:, None] >= 0, found, 0.0)

    def by(self, places: Indices, units: int) -> Floats:
        """The sums of each unit: shaped (units, estimates)."""
        found = self._placed(places, self.of_cells() * self.factors[:, None], units)
        if self.calibration is None:
            return found
        groups = len(self.calibration.factors)
        flat = places * groups + self.calibration.groups
        rows = summed(flat, self.cells.sums[:, -1] * self.factors, units * groups).reshape(units, groups)
        return found - rows @ self.explained()

    def _placed(self, places: Indices, values: Floats, size: int) -> Floats:
        """The values of each cell, added up by place in the columns of the cell's domain."""
        width = self.slopes.shape[1]
        start = np.maximum(self.domains, 0) * width
        flat = (places * self.estimates + start)[:, None] + np.arange(width)
        return summed(flat.ravel(), values.ravel(), size * self.estimates).reshape(size, self.estimates)

    def explained(self) -> Floats:
        """What known totals explain of a row of each group: shaped (groups, estimates)."""
        if self.calibration is None:
            return np.zeros((1, self.estimates))
        sums = self._placed(self.calibration.groups, self.of_cells(), len(self.calibration.factors))
        return self.calibration.explained(sums)

    def squared(self, scales: Floats) -> Floats:
        """Products of the variables of each row with each other, added up over all rows, each times its scale."""
        moments = self.cells.moments
        if moments is None:
            raise ValueError("the squares of rows were not asked for")
        width = self.slopes.shape[1]
        found = np.zeros((self.estimates,) * 2)
        explained = self.explained()
        groups = np.zeros(len(scales), dtype=np.intp) if self.calibration is None else self.calibration.groups
        scaled = moments * (scales * self.factors**2)[:, None, None]
        for domain, slopes in enumerate(self.slopes):
            place = slice(domain * width, (domain + 1) * width)
            mine = self.domains == domain
            found[place, place] += slopes @ scaled[mine].sum(axis=0) @ slopes.T
            if self.calibration is not None:
                rows = sums_by(groups[mine], scaled[mine][:, :, -1], len(explained)) @ slopes.T
                crossed = rows.T @ explained
                found[place, :] -= crossed
                found[:, place] -= crossed.T
        if self.calibration is not None:
            weight = summed(groups, scaled[:, -1, -1], len(explained))
            found += (explained * weight[:, None]).T @ explained
        return found


def variance(influence: Influence, units: Units, design: Design) -> Floats:
    """The covariance of all estimates: of each stage what its units differ by within what they were drawn from."""
    found = np.zeros((influence.estimates,) * 2)
    for stage, places, above in zip(units.stages, units.places, [units.strata, *units.places], strict=False):
        scales, centred = _scales(stage, adjust=design.lone_clusters == "adjust")
        if stage.parents is None:  # the rows themselves: known by their sums and squares alone
            sums = influence.by(places, len(scales))
            part = influence.squared(scales[places]) - (sums * (scales * centred / stage.drawn)[:, None]).T @ sums
        else:
            sums = influence.by(places, len(stage.parents))
            means = sums_by(stage.parents, sums, len(scales)) / stage.drawn[:, None]
            apart = sums - (means * centred[:, None])[stage.parents]
            part = (apart * scales[stage.parents][:, None]).T @ apart
        raised = _made_up(stage, influence, above, design)
        found += part * raised[:, None] * raised
    return found


def _scales(stage: Stage, *, adjust: bool) -> tuple[Floats, Floats]:
    """What squares within each parent are multiplied by, and whether its mean is taken from them first.

    Of a single unit nothing is known; its square itself stands in where that was chosen.
    """
    several = stage.drawn > 1
    usual = stage.factors * (1 - stage.fractions)
    scales = np.where(several, usual * stage.drawn / np.maximum(stage.drawn - 1, 1), usual if adjust else 0.0)
    return scales, several.astype(float)


def _made_up(stage: Stage, influence: Influence, parents: Indices, design: Design) -> Floats:
    """By how much each error is raised, so that parents with several units stand for all of the domain."""
    size = influence.slopes.shape[0]
    if design.lone_clusters != "average":
        return np.ones(influence.estimates)
    met = np.zeros((len(stage.drawn), size), dtype=bool)
    inside = influence.domains >= 0
    met[parents[inside], influence.domains[inside]] = True
    known = met[~stage.is_alone].sum(axis=0)
    raised = np.sqrt(met.sum(axis=0) / np.maximum(known, 1))
    return np.repeat(np.where(known > 0, raised, 1.0), influence.slopes.shape[1])
