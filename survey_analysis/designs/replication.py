"""The covariance that replicate weights carry: the same sums for each of them, in one question to the engine."""

from collections.abc import Mapping, Sequence

import narwhals as nw
import numpy as np
import pandas as pd

from survey_analysis.designs.cell_keys import CellKeys
from survey_analysis.designs.cells import (
    Asked,
    Floats,
    check_finite,
    check_outcome,
    check_weights,
    counted_rows,
    in_memory,
    orders_of,
    prepared,
    rows_in_words,
    sums_by,
)
from survey_analysis.designs.domains import Domains, domains_of
from survey_analysis.designs.linearisation import Computed, Members, quotients, simple_variance
from survey_analysis.designs.measures import Measure
from survey_analysis.designs.sources import Frame, checked_columns, collected, engine_errors
from survey_analysis.designs.specification import Design, Replicates
from survey_analysis.errors import InputError

_COLUMNS = 60  # that a frame in memory adds up at once: with many more, pandas complains of its own layout


def replicated(frame: Frame, design: Design, replicates: Replicates, asked: Asked) -> tuple[Domains, Computed]:
    """Estimate every domain with the full weight and with each replicate.

    Raises
    ------
    InputError
        Weights that are missing, below 0 or all 0.
    """
    checked_columns(frame, asked.columns(design))
    measure, size = asked.measure, asked.measure.size
    weights = {"w": ("weights", str(design.weights))}
    weights |= {f"w{place}": ("replicates", name) for place, name in enumerate(replicates.columns, start=1)}
    with engine_errors(also=(TypeError, ValueError)):
        chosen, keys = prepared(frame, asked, {}, weights)
        named, found = _sums(chosen, keys, measure, list(weights), orders_of(frame, asked.by))
    if found.empty:
        raise InputError("the table has no rows, so there is nothing to estimate")
    check_outcome(found, measure)
    check_weights(found, design.weights)
    for name, (_, column) in list(weights.items())[1:]:
        if missing := int((found["rows"] - found[f"n{name}"]).sum()):
            raise InputError(
                f"{column!r} is empty in {rows_in_words(missing)}: give each row its weight, or leave it out"
            )
    domains = domains_of(named, found["r1"].to_numpy(dtype=float), asked.by, asked.among)
    inside, number = domains.places >= 0, len(domains.codes)

    def by_domain(*names: str) -> Floats:
        table = found[list(names)].to_numpy(dtype=float)
        return sums_by(domains.places[inside], table[inside], number)

    columns = [[f"t{name}_{place}" for place in range(size + 1)] for name in weights]
    sums = np.stack([np.column_stack([by_domain(*names), np.zeros(number)]) for names in columns])
    check_finite(sums, measure.outcome)
    squares = sums[0][:, :size] if measure.indicates else by_domain("q0")
    rows, seen = by_domain("r1", "s1").T
    counted = rows if measure.counted_as is not None else seen
    values = np.stack([quotients(it, measure)[0] for it in sums])
    return domains, Computed(
        values=values[0],
        covariance=_covariance(values.reshape(len(values), -1), replicates),
        srs=simple_variance(values[0], sums[0], squares, counted, measure),
        totals=sums[0],
        rows=counted,
        not_seen=rows - seen,
        members=Members(rows=counted, fixed=replicates.degrees_of_freedom),
        complete=np.zeros(number, dtype=bool),
        is_share=measure.indicates,
    )


def _sums(
    chosen: Frame, keys: list[str], measure: Measure, weights: list[str], orders: Mapping[str, Sequence[str]]
) -> tuple[CellKeys, pd.DataFrame]:
    """The sums by each weight: in one question to an engine that plans it, and in parts from a frame in memory."""
    values = range(measure.size + 1)
    products = {name: {f"t{name}_{it}": nw.col(name) * nw.col(f"v{it}") for it in values} for name in weights}
    if not measure.indicates:
        products["w"]["q0"] = nw.col("w") * nw.col("v0") * nw.col("v0")
    at_once = len(weights) if isinstance(chosen, nw.LazyFrame) else max(_COLUMNS // (measure.size + 2), 1)
    parts: list[pd.DataFrame] = []
    for start in range(0, len(weights), at_once):
        part = weights[start : start + at_once]
        named = {name: product for it in part for name, product in products[it].items()}
        totals = [nw.col(name).sum() for name in named]
        totals += [nw.col(name).count().alias(f"n{name}") for name in part if name != "w"]
        wanted = chosen.with_columns(*(product.alias(name) for name, product in named.items()))
        found = collected(wanted.group_by(*keys).agg(*totals, *([] if parts else counted_rows(measure))))
        of_cells, numbers = in_memory(found, keys, orders)
        parts.append(numbers)
    return of_cells, pd.concat(parts, axis=1)


def _covariance(values: Floats, replicates: Replicates) -> Floats:
    """From the estimate of each weight, the full one first, to the covariance of the estimates."""
    full, again = values[0], values[1:]
    apart = again - (full if replicates.around_estimate else again.mean(axis=0))
    return np.asarray(float(replicates.scale or 0) * (apart * np.array(replicates.factors)[:, None]).T @ apart)
