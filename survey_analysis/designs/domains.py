"""The parts of the population that estimates are of: by the codes of columns, among the rows that were named."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from survey_analysis.designs.cell_keys import CellKeys, Indices
from survey_analysis.designs.cells import Floats
from survey_analysis.errors import InputError

MOST_DOMAINS = 2_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Domains:
    """The domains in order, and the one that each cell belongs to: -1 where it is outside, or not known.

    `lost` is how many of the rows looked at lack what would tell their domain.
    """

    codes: tuple[tuple[object, ...], ...]
    labels: tuple[str, ...]
    places: Indices
    lost: int = 0


def domains_of(keys: CellKeys, rows: Floats, by: tuple[str, ...], among: Mapping[str, object]) -> Domains:
    """The domains of some cells, of which `rows` says how many rows each has.

    Raises
    ------
    InputError
        Rows that nobody is among, or more domains than a table is for.
    """
    inside = np.ones(keys.cells, dtype=bool)
    if among:
        inside = np.array([bool(value) for value in keys.values["among"]] + [False])[keys.places["among"]]
    if not inside.any():
        wanted = " and ".join(f"{name!r} {codes!r}" for name, codes in among.items())
        raise InputError(f"no row of the table has {wanted}, so there is nothing to estimate: correct it in among")
    if not by:
        return Domains(codes=((),), labels=("",), places=np.where(inside, 0, -1).astype(np.intp))
    names = [f"b{place}" for place in range(len(by))]
    unknown = np.any([keys.missing(name) for name in names], axis=0)
    lost = int(rows[inside & unknown].sum())
    inside = inside & ~unknown
    if not inside.any():
        raise InputError(f"{' and '.join(map(repr, by))} is empty in every row, so there is no domain")
    met, first, numbered = np.unique(keys.numbered(names)[inside], return_index=True, return_inverse=True)
    if len(met) > MOST_DOMAINS:
        raise InputError(
            f"by makes {len(met):,} domains of {' and '.join(map(repr, by))}, more than {MOST_DOMAINS:,}: name columns "
            "with fewer codes"
        )
    places = np.full(keys.cells, -1, dtype=np.intp)
    places[inside] = numbered
    cells = np.flatnonzero(inside)[first]
    codes = tuple(keys.row(names, int(cell)) for cell in cells)
    labels = tuple(", ".join(map(str, code)) for code in codes)
    if len(set(labels)) < len(labels):  # "a, b" and "c" beside "a" and "b, c"
        labels = tuple(" and ".join(map(repr, code)) for code in codes)
    return Domains(codes=codes, labels=labels, places=places, lost=lost)
