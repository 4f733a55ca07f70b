"""What was drawn at each stage, from what and out of how many, worked out from the keys of the cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_analysis.designs.cell_keys import CellKeys, Indices
from survey_analysis.designs.cells import Cells, Floats, summed
from survey_analysis.designs.specification import LONE_RULES, Design
from survey_analysis.errors import InputError


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """The units that were drawn at one stage.

    Parameters
    ----------
    parents
        For each unit, the place of what it was drawn from: its stratum, and at the second stage its cluster. None where
        the units are rows, which are counted and not numbered.
    drawn
        How many units were drawn from each parent.
    fractions
        Which part of the units of each parent that is; 0 where the population is not known.
    factors
        What the variance within each parent is multiplied by: 1, and at the second stage the fraction at the first.
    """

    parents: Indices | None
    drawn: Floats
    fractions: Floats
    factors: Floats

    @property
    def is_alone(self) -> NDArray[np.bool_]:
        """Of which parents one unit was drawn from several."""
        return np.asarray((self.drawn == 1) & (self.fractions < 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """The stages, and the place of each cell among the units of each.

    Parameters
    ----------
    stages
        The first stage, and the second where there is one.
    places
        For each stage, the place of each cell: among its units, or, where these are rows, among their parents.
    strata
        The place of each cell among the strata.
    """

    stages: tuple[Stage, ...]
    places: tuple[Indices, ...]
    strata: Indices

    @property
    def clusters(self) -> Indices | None:
        """The place of each cell among the clusters; None where the first stage drew rows."""
        return self.places[0] if self.stages[0].parents is not None else None


def units_of(cells: Cells, design: Design) -> Units:
    """What was drawn, once populations are no smaller than samples and no cluster stands in two strata."""
    keys = cells.keys
    parents = keys.numbered(["s"] if "s" in keys else [])
    strata, factors = parents, np.ones(parents.max() + 1)
    stages: list[Stage] = []
    places: list[Indices] = []
    levels = ["s"] if "s" in keys else []
    for place, name in enumerate(design.stages):
        if name is None:
            drawn = summed(parents, cells.rows, parents.max() + 1)
            units, of_unit = parents, None
        else:
            if not design.nested:
                _check_in_one(keys, f"c{place}", levels, design, place)
            levels = [*levels, f"c{place}"]
            units = keys.numbered(levels)
            of_unit = _first(parents, units)
            drawn = np.bincount(of_unit).astype(float)
        fractions = _fractions(cells, design, place, parents, drawn)
        stages.append(Stage(parents=of_unit, drawn=drawn, fractions=fractions, factors=factors))
        places.append(units)
        if of_unit is not None:
            factors = (factors * fractions)[of_unit]
        parents = units
    found = Units(stages=tuple(stages), places=tuple(places), strata=strata)
    if design.lone_clusters == "error":
        _check_none_alone(cells, found, design)
    return found


def _first(values: Indices, units: Indices) -> Indices:
    """The value of each unit, the same in all its cells."""
    found = np.empty(units.max() + 1, dtype=np.intp)
    found[units] = values
    return found


def _check_in_one(keys: CellKeys, key: str, levels: Sequence[str], design: Design, place: int) -> None:
    """Refuse a cluster that is met in two strata, or a unit that is met in two clusters."""
    if not levels:
        return
    units, parents = keys.numbered([key]), keys.numbered(levels)
    other = parents != _first(parents, units)[units]  # a unit keeps one of its parents
    if other.any():
        cell = int(np.argmax(other))
        beside = int(np.argmax((units == units[cell]) & (parents != parents[cell])))
        name, (one, two) = keys.at(key, cell), sorted(str(keys.at(levels[-1], it)) for it in (cell, beside))
        of = design.strata if place == 0 else design.stages[place - 1]
        raise InputError(
            f"{design.stages[place]!r} {name!r} is met in two of {of!r}, {one!r} and {two!r}: correct it, or say "
            "nested=True where they are numbered anew in each"
        )


def _check_none_alone(cells: Cells, units: Units, design: Design) -> None:
    """Refuse a stratum of which one cluster was drawn from several, for it shows no variance."""
    above = [units.strata, *units.places]
    for place, (stage, parents, name) in enumerate(zip(units.stages, above, design.stages, strict=False)):
        alone = stage.is_alone
        if alone[parents].any():
            where = int(np.argmax(alone[parents]))
            upper = ("s", "c0")[: place + 1]
            choices = ", ".join(map(repr, list(LONE_RULES)[1:]))
            there = _in_words(cells.keys, where, upper)
            raise InputError(
                f"only one of {name or 'the rows'!r} was drawn in {there} ({alone.sum():,} such in "
                f"all): its variance cannot be seen, so choose lone_clusters from {choices}"
            )


def _fractions(cells: Cells, design: Design, place: int, parents: Indices, drawn: Floats) -> Floats:
    if not design.populations:
        return np.zeros(len(drawn))
    sizes = cells.populations[place]
    size = np.zeros(len(drawn))
    size[parents] = sizes
    name, above = design.populations[place], ("s", "c0")[: place + 1]
    where = int(np.argmax(sizes != size[parents]))
    if (sizes != size[parents]).any():
        raise InputError(
            f"population {name!r} must be one number for all rows of what it is the size of, and differs in "
            f"{_in_words(cells.keys, where, above)}: correct it"
        )
    if (size < drawn).any():
        worst = int(np.argmax(drawn - size))
        where = int(np.argmax(parents == worst))
        raise InputError(
            f"population {name!r} must be no smaller than the sample, and is {size[worst]:g} where {drawn[worst]:g} "
            f"were drawn, in {_in_words(cells.keys, where, above)}: it is a size and not a rate"
        )
    return drawn / size


def _in_words(keys: CellKeys, cell: int, names: Sequence[str]) -> str:
    """Where a cell is, by its stratum, or its stratum and cluster."""
    return ", ".join(repr(str(keys.at(name, cell))) for name in names if name in keys) or "the only stratum"
