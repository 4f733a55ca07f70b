"""What was drawn at each stage, from what and out of how many, worked out from the keys of the cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.designs.cells import Cells, Floats, Indices, summed
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
    """The stages, the place of each cell among the units of each, and the names of strata for messages.

    Parameters
    ----------
    stages
        The first stage, and the second where there is one.
    places
        For each stage, the place of each cell: among its units, or, where these are rows, among their parents.
    clusters
        The place of each cell among the units of the first stage; None where these are rows.
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
    parents = _numbered(keys, ["s"] if "s" in keys else [])
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
            units = _numbered(keys, levels)
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


def _numbered(keys: pd.DataFrame, names: Sequence[str]) -> Indices:
    """The place of each cell among the combinations of some keys, in their order."""
    if not names:
        return np.zeros(len(keys), dtype=np.intp)
    return keys.groupby(list(names), sort=True, dropna=False).ngroup().to_numpy().astype(np.intp)


def _first(values: Indices, units: Indices) -> Indices:
    """The value of each unit, the same in all its cells."""
    found = np.empty(units.max() + 1, dtype=np.intp)
    found[units] = values
    return found


def _check_in_one(keys: pd.DataFrame, key: str, levels: Sequence[str], design: Design, place: int) -> None:
    """Refuse a cluster that is met in two strata, or a unit that is met in two clusters."""
    if not levels:
        return
    pairs = keys[[*levels, key]].drop_duplicates()
    twice = pairs[pairs.duplicated(key, keep=False)]
    if not twice.empty:
        name = twice[key].iloc[0]
        places = twice.loc[twice[key] == name, levels[-1]].iloc[:2].tolist()
        of = design.strata if place == 0 else design.stages[place - 1]
        raise InputError(
            f"{design.stages[place]!r} {name!r} is met in two of {of!r}, {places[0]!r} and {places[1]!r}: correct it, "
            "or say nested=True where they are numbered anew in each"
        )


def _check_none_alone(cells: Cells, units: Units, design: Design) -> None:
    """Refuse a stratum of which one cluster was drawn from several, for it shows no variance."""
    above = [units.strata, *units.places]
    for place, (stage, parents, name) in enumerate(zip(units.stages, above, design.stages, strict=False)):
        alone = stage.is_alone
        if alone[parents].any():
            where = cells.keys.iloc[int(np.argmax(alone[parents]))]
            upper = ("s", "c0")[: place + 1]
            choices = ", ".join(map(repr, list(LONE_RULES)[1:]))
            raise InputError(
                f"only one of {name or 'the rows'!r} was drawn in {_in_words(where, upper)} ({alone.sum():,} such in "
                f"all): its variance cannot be seen, so choose lone_clusters from {choices}"
            )


def _fractions(cells: Cells, design: Design, place: int, parents: Indices, drawn: Floats) -> Floats:
    if not design.populations:
        return np.zeros(len(drawn))
    sizes = cells.populations[place]
    size = np.zeros(len(drawn))
    size[parents] = sizes
    name, above = design.populations[place], ("s", "c0")[: place + 1]
    where = cells.keys.iloc[int(np.argmax(sizes != size[parents]))]
    if (sizes != size[parents]).any():
        raise InputError(
            f"population {name!r} must be one number for all rows of what it is the size of, and differs in "
            f"{_in_words(where, above)}: correct it"
        )
    if (size < drawn).any():
        worst = int(np.argmax(drawn - size))
        where = cells.keys.iloc[int(np.argmax(parents == worst))]
        raise InputError(
            f"population {name!r} must be no smaller than the sample, and is {size[worst]:g} where {drawn[worst]:g} "
            f"were drawn, in {_in_words(where, above)}: it is a size and not a rate"
        )
    return drawn / size


def _in_words(keys: pd.Series, names: Sequence[str]) -> str:
    """Where a cell is, by its stratum, or its stratum and cluster."""
    named = [str(keys[key]) for key in names if key in keys]
    return ", ".join(map(repr, named)) or "the only stratum"
