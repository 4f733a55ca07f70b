"""The parts of the population that estimates are of: by the codes of columns, among the rows that were named."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_analysis.designs.cells import Indices
from survey_analysis.errors import InputError

MOST_DOMAINS = 2_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Domains:
    """The domains in order, and the one that each cell belongs to: -1 where it is outside, or not known."""

    codes: tuple[tuple[object, ...], ...]
    labels: tuple[str, ...]
    places: Indices


def domains_of(keys: pd.DataFrame, by: tuple[str, ...], among: Mapping[str, object]) -> Domains:
    """The domains of some cells.

    Raises
    ------
    InputError
        Rows that nobody is among, or more domains than a table is for.
    """
    inside = np.ones(len(keys), dtype=bool)
    if among:
        inside = keys["among"].eq(True).to_numpy(dtype=bool, na_value=False)
    if not inside.any():
        wanted = " and ".join(f"{name!r} {codes!r}" for name, codes in among.items())
        raise InputError(f"no row of the table has {wanted}, so there is nothing to estimate: correct it in among")
    if not by:
        return Domains(codes=((),), labels=("",), places=np.where(inside, 0, -1).astype(np.intp))
    named = keys[[f"b{place}" for place in range(len(by))]]
    inside = inside & ~named.isna().any(axis=1).to_numpy()
    if not inside.any():
        raise InputError(f"{' and '.join(map(repr, by))} is empty in every row, so there is no domain")
    groups = named[inside].groupby(list(named.columns), sort=True, observed=True)
    if groups.ngroups > MOST_DOMAINS:
        raise InputError(
            f"by makes {groups.ngroups:,} domains of {' and '.join(map(repr, by))}, more than {MOST_DOMAINS:,}: name "
            "columns with fewer codes"
        )
    numbered = groups.ngroup().to_numpy(dtype=np.intp)
    places = np.full(len(keys), -1, dtype=np.intp)
    places[inside] = numbered
    _, first = np.unique(numbered, return_index=True)
    codes = tuple(named[inside].iloc[first].itertuples(index=False, name=None))
    labels = tuple(", ".join(map(str, code)) for code in codes)
    if len(set(labels)) < len(labels):  # "a, b" and "c" beside "a" and "b, c"
        labels = tuple(" and ".join(map(repr, code)) for code in codes)
    return Domains(codes=codes, labels=labels, places=places)
