"""The covariance that replicate weights carry: the same sums for each of them, in one question to the engine."""

import narwhals as nw
import numpy as np

from survey_analysis.designs.cells import Asked, Floats, check_outcome, in_memory, prepared
from survey_analysis.designs.domains import Domains, domains_of
from survey_analysis.designs.influence import sums_by
from survey_analysis.designs.linearised import Computed, Members, quotients, simple_variance
from survey_analysis.designs.sources import Frame, checked_columns, collected
from survey_analysis.designs.specification import Design, Replicates
from survey_analysis.errors import InputError


def replicated(frame: Frame, design: Design, replicates: Replicates, asked: Asked) -> tuple[Domains, Computed]:
    """Estimate every domain with the full weight and with each replicate.

    Raises
    ------
    InputError
        A weight that is missing, or a full weight below 0.
    """
    checked_columns(frame, asked.columns(design))
    measure, size = asked.measure, asked.measure.size
    weights = {"w0": ("weights", str(design.weights))}
    weights |= {f"w{place}": ("replicates", name) for place, name in enumerate(replicates.columns, start=1)}
    chosen, keys = prepared(frame, asked, {}, weights)
    products = {
        f"t{name}_{place}": nw.col(name) * nw.col(f"v{place}") for name in weights for place in range(size + 1)
    }
    if not measure.indicates:
        products["q0"] = nw.col("w0") * nw.col("v0") * nw.col("v0")
    chosen = chosen.with_columns(*(product.alias(name) for name, product in products.items()))
    totals = [nw.col(name).sum() for name in products]
    totals += [nw.col(name).count().alias(f"n{name}") for name in weights]
    totals += [nw.len().alias("rows"), nw.col("s1").sum(), nw.col("w0").min().alias("least")]
    totals += [nw.col("odd").sum()] if measure.is_truth else []
    found = in_memory(collected(chosen.group_by(*keys).agg(*totals)))
    if found.empty:
        raise InputError("the table has no rows, so there is nothing to estimate")
    check_outcome(found, measure)
    for name, (_, column) in weights.items():
        if missing := int((found["rows"] - found[f"n{name}"]).sum()):
            raise InputError(f"{column!r} is empty in {missing:,} rows: give each row its weight, or leave it out")
    if (found["least"] < 0).any():
        raise InputError(f"weights {design.weights!r} must not be below 0: correct it")
    domains = domains_of(found[keys], asked.by, asked.among)
    inside, number = domains.places >= 0, len(domains.codes)
    arrays = {name: found[name].to_numpy(dtype=float, na_value=0.0) for name in found if name not in keys}
    sums = np.stack(
        [
            sums_by(
                domains.places[inside],
                np.column_stack([arrays[f"t{name}_{place}"] for place in range(size + 1)] + [arrays["rows"] * 0])[inside],
                number,
            )
            for name in weights
        ]
    )
    squares = sums[0][:, :size]
    if not measure.indicates:
        squares = sums_by(domains.places[inside], arrays["q0"][inside, None], number)
    counted = arrays["rows"] if measure.counted_as is not None else arrays["s1"]
    rows, unseen = (
        np.bincount(domains.places[inside], weights=it[inside], minlength=number)
        for it in (counted, arrays["rows"] - arrays["s1"])
    )
    values = np.stack([quotients(it, measure)[0] for it in sums])
    return domains, Computed(
        values=values[0] + (0 if measure.is_total else measure.centre),
        covariance=_covariance(values.reshape(len(values), -1), replicates),
        srs=simple_variance(values[0], sums[0], squares, rows, measure),
        totals=sums[0],
        rows=rows,
        not_seen=unseen,
        members=Members(rows=rows, fixed=replicates.degrees_of_freedom),
    )


def _covariance(values: Floats, replicates: Replicates) -> Floats:
    """From the estimate of each weight, the full one first, to the covariance of the estimates."""
    full, again = values[0], values[1:]
    apart = again - (full if replicates.around_estimate else again.mean(axis=0))
    return float(replicates.scale or 0) * (apart * np.array(replicates.factors)[:, None]).T @ apart
