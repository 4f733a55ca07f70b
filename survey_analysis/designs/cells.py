"""The one question to the engine: sums for each stratum, cluster and domain. Rows stay where they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.designs.cell_keys import CellKeys, Indices, keyed
from survey_analysis.designs.measures import Measure, categories_of, is_in, number, text_or_code
from survey_analysis.designs.sources import Frame, checked_columns, collected, engine_errors
from survey_analysis.designs.specification import Design
from survey_analysis.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What is asked of a table: a measure, in which domains, among which rows."""

    measure: Measure
    by: tuple[str, ...] = ()
    among: Mapping[str, object]

    def columns(self, design: Design) -> list[tuple[str, str]]:
        """Every column that is needed, with what it is for."""
        named = [*self.measure.columns().items(), *design.columns().items()]
        return [*named, *(("by", name) for name in self.by), *(("among", name) for name in self.among)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Sums over the rows of each stratum, cluster, domain and calibration group.

    Parameters
    ----------
    keys
        The keys: s, c0, c1 (what was drawn), g0 ... (calibration), b0 ... (domain), among.
    rows
        How many rows there are.
    weighted, seen
        In how many of them the weight is above 0, and the outcome was seen as well.
    sums
        Sums of weight times each value, what it is divided by, and 1: shaped (cells, values + 2).
    squares
        Sums of weight times each value squared: shaped (cells, values).
    moments
        Sums of squared weights times products of two of the same: shaped (cells, values + 2, values + 2). Only where
        the rows themselves were drawn.
    populations
        The size of the population at each stage.
    """

    keys: CellKeys
    rows: Floats
    weighted: Floats
    seen: Floats
    sums: Floats
    squares: Floats
    moments: Floats | None
    populations: Floats


def summed(places: Indices, values: Floats, size: int) -> Floats:
    """Numbers added up by the place that each belongs to."""
    return np.bincount(places, weights=values, minlength=size).astype(float)


def sums_by(places: Indices, values: Floats, size: int) -> Floats:
    """Rows of an array added up by the place that each belongs to."""
    width = values.shape[1]
    flat = (places[:, None] * width + np.arange(width)).ravel()
    return summed(flat, values.ravel(), size * width).reshape(size, width)


def cells_of(frame: Frame, design: Design, asked: Asked) -> Cells:
    """Ask the engine for the sums, and refuse what no sums can be taken of."""
    checked_columns(frame, asked.columns(design))
    drawn = {"s": design.strata} | {f"c{place}": name for place, name in enumerate(design.stages)}
    drawn |= {f"g{place}": name for place, name in enumerate(design.calibration_columns)}
    numbers = {"w": ("weights", design.weights)} if design.weights else {}
    numbers |= {f"p{place}": ("population", name) for place, name in enumerate(design.populations)}
    with engine_errors(also=(TypeError, ValueError)):
        chosen, keys = prepared(frame, asked, {key: name for key, name in drawn.items() if name}, numbers)
        draws_rows = design.stages[-1] is None
        products = _products(asked.measure, draws_rows=draws_rows)
        chosen = chosen.with_columns(*(product.alias(name) for name, product in products.items()))
        totals = [*(nw.col(name).sum() for name in products), *counted_rows(asked.measure), *_sizes(design)]
        found = collected(chosen.group_by(*keys).agg(*totals))
    return _cells(*in_memory(found, keys, orders_of(frame, asked.by)), design, asked, draws_rows=draws_rows)


def prepared(
    frame: Frame, asked: Asked, drawn: Mapping[str, str], numbers: Mapping[str, tuple[str, str]]
) -> tuple[Frame, list[str]]:
    """The columns that are needed, under plain names and as numbers, and the names of those to group by.

    `drawn` names keys beside those of the domains, `numbers` columns of numbers with what they are for; w is the
    weight, and 1 where none is named. The values of the measure are v0, v1 ..., and what they are divided by is the
    last of them; r1 is 1 where the weight is above 0, and s1 where the outcome was seen as well.
    """
    measure = asked.measure
    keys = {**drawn, **{f"b{place}": name for place, name in enumerate(asked.by)}}
    selected = [text_or_code(frame, name).alias(key) for key, name in keys.items()]
    if asked.among:
        inside = [is_in(frame, *it) for it in asked.among.items()]
        selected.append(nw.all_horizontal(*inside, ignore_nulls=False).alias("among"))
    chosen = frame.select(
        *selected,
        *measure.selected(frame),
        *(number(frame, role, name).alias(key) for key, (role, name) in numbers.items()),
        *([] if selected else [nw.lit(1).alias("all")]),
    )
    # What is no number is nothing, whatever an engine makes of it. Of the one weight its sum tells.
    known: dict[str, nw.Expr] = {} if "w" in numbers else {"w": nw.lit(1.0)}
    known |= {key: nw.when(nw.col(key).is_finite()).then(nw.col(key)) for key in numbers if key != "w"}
    chosen = chosen.with_columns(seen=measure.seen(frame), **known)
    counts = {"r1": nw.col("w") > 0, "s1": nw.col("seen") & (nw.col("w") > 0)}
    if measure.is_truth:
        seen, not_0, not_1 = (nw.col("seen"), nw.col("y") != 0, nw.col("y") != 1)
        counts["odd"] = seen.cast(nw.Float64) * not_0.cast(nw.Float64) * not_1.cast(nw.Float64)  # faster than "and"
    values = {f"v{place}": value for place, value in enumerate(measure.values())}
    chosen = chosen.with_columns(
        *(value.alias(name) for name, value in values.items()),
        # As fractions: DuckDB adds up whole numbers in twice the width, and in twice the time.
        *(count.cast(nw.Float64).alias(name) for name, count in counts.items()),
    )
    names = [*keys, *(["among"] if asked.among else [])]
    return chosen, names or ["all"]


def _products(measure: Measure, *, draws_rows: bool) -> dict[str, nw.Expr]:
    """Products of weights and values, each to be summed."""
    size, weight = measure.size, nw.col("w")
    values = [nw.col(f"v{place}") for place in range(size + 1)]
    products = {f"t{place}": weight * value for place, value in enumerate(values)}
    if not measure.indicates:
        products["q0"] = weight * values[0] * values[0]
    if draws_rows:
        parts = [*values, nw.lit(1.0)]
        for one, other in combinations_with_replacement(range(size + 2), 2):
            if not (measure.codes and one < other < size):  # nobody has two codes
                products[f"m{one}_{other}"] = weight * weight * parts[one] * parts[other]
    return products


def counted_rows(measure: Measure) -> list[nw.Expr]:
    """How many rows there are, count and were seen, and what tells whether their weights and outcomes can be used."""
    weight = nw.col("w")
    totals = [nw.len().alias("rows"), nw.col("r1").sum(), nw.col("s1").sum()]
    totals += [weight.sum().alias("weight"), weight.min().alias("least"), weight.count().alias("weighted")]
    return [*totals, nw.col("odd").sum()] if measure.is_truth else totals


def _sizes(design: Design) -> list[nw.Expr]:
    """The least and greatest population that the rows of a cell name, and how many name one."""
    sizes = [(f"p{place}", nw.col(f"p{place}")) for place in range(len(design.populations))]
    ends = ("min", "max", "count")
    return [getattr(size, end)().alias(f"{name}_{end}") for name, size in sizes for end in ends]


def in_memory(
    found: nw.DataFrame[Any], keys: Sequence[str], orders: Mapping[str, Sequence[str]]
) -> tuple[CellKeys, pd.DataFrame]:
    """The answer of any engine: its keys, and its numbers as a frame, both in the order of the keys."""
    native = found.to_native()
    columns: dict[str, Any] = {}
    for name in found.columns:
        column = native[name] if isinstance(native, pd.DataFrame) else found[name]
        if name in keys:
            columns[name] = column.to_numpy(dtype=object) if isinstance(column, pd.Series) else column.to_list()
        elif isinstance(column, pd.Series):
            columns[name] = column.to_numpy(dtype=float, na_value=np.nan)
        else:
            columns[name] = column.to_numpy()
    named = keyed({key: columns.pop(key) for key in keys}, orders)
    order = np.argsort(named.numbered(keys), kind="stable")
    return named.reordered(order), pd.DataFrame({name: values[order] for name, values in columns.items()})


def _cells(keys: CellKeys, found: pd.DataFrame, design: Design, asked: Asked, *, draws_rows: bool) -> Cells:
    """The answer of the engine as arrays, once nothing in it forbids an estimate."""
    if found.empty:
        raise InputError("the table has no rows, so there is nothing to estimate")
    check_outcome(found, asked.measure)
    check_weights(found, design.weights)
    _check_keys(keys, found, design)
    size = asked.measure.size
    sums = found[[*(f"t{place}" for place in range(size + 1)), "weight"]].to_numpy(dtype=float)
    check_finite(sums, asked.measure.outcome)
    squares = sums[:, :size] if asked.measure.indicates else found[["q0"]].to_numpy(dtype=float)
    moments = None
    if draws_rows:
        moments = np.zeros((len(found), size + 2, size + 2))
        for one, other in combinations_with_replacement(range(size + 2), 2):
            if (name := f"m{one}_{other}") in found:
                moments[:, one, other] = moments[:, other, one] = found[name].to_numpy(dtype=float)
    stages = range(len(design.populations))
    return Cells(
        keys=keys,
        rows=found["rows"].to_numpy(dtype=float),
        weighted=found["r1"].to_numpy(dtype=float),
        seen=found["s1"].to_numpy(dtype=float),
        sums=sums,
        squares=squares,
        moments=moments,
        populations=np.stack([_population(found, design, place) for place in stages]) if stages else np.empty((0, 0)),
    )


def rows_in_words(number: int) -> str:
    """So many rows, for a message."""
    return "1 row" if number == 1 else f"{number:,} rows"


def orders_of(frame: Frame, by: Sequence[str]) -> dict[str, list[str]]:
    """The key of each column of domains whose categories have an order -> these."""
    found = {f"b{place}": categories_of(frame, name) for place, name in enumerate(by)}
    return {key: categories for key, categories in found.items() if categories}


def check_outcome(found: pd.DataFrame, measure: Measure) -> None:
    """Refuse an outcome that is not 0 or 1 where it must be, or not seen where all is to be seen."""
    if measure.is_truth and (odd := int(found["odd"].sum())):
        raise InputError(
            f"outcome {measure.outcome!r} must be 0 or 1, and is another number in {rows_in_words(odd)}: name "
            "codes, or take survey_mean"
        )
    if measure.missing == "error" and (unseen := int((found["r1"] - found["s1"]).sum())):
        raise InputError(
            f"outcome {measure.outcome!r} was not seen in {rows_in_words(unseen)}: fill them, or choose what "
            "they count as in missing"
        )


def check_weights(found: pd.DataFrame, weights: str | None) -> None:
    """Refuse weights that are missing, below 0 or 0 throughout."""
    if weights is None:
        return
    empty = int((found["rows"] - found["weighted"]).sum())
    if empty or not np.isfinite(found["weight"]).all():
        rows = rows_in_words(empty) if empty else "a row"
        raise InputError(
            f"weights {weights!r} is empty or no number in {rows}: give each row its weight, or leave it out"
        )
    if (found["least"] < 0).any():
        raise InputError(
            f"weights {weights!r} must not be below 0, and is {found['least'].min():g} in a row: correct it"
        )
    if not found["weight"].sum() > 0:
        raise InputError(f"weights {weights!r} are 0 in every row, so that nothing is represented")


def check_finite(sums: Floats, outcome: str) -> None:
    """Refuse sums that are no numbers, for then a value was infinite."""
    if not np.isfinite(sums).all():
        raise InputError(f"{outcome!r} is infinite in a row, or a weight too large: correct it, or leave the row out")


def _check_keys(keys: CellKeys, found: pd.DataFrame, design: Design) -> None:
    """Refuse rows of which it is not known in which stratum, cluster or calibration group they are."""
    named = {f"c{place}": name for place, name in enumerate(design.stages)} | {"s": design.strata}
    named |= {f"g{place}": name for place, name in enumerate(design.calibration_columns)}
    for key, name in named.items():
        if name and (empty := found.loc[keys.missing(key), "rows"].sum()):
            raise InputError(
                f"{name!r} is empty in {rows_in_words(int(empty))}, and the design needs it of each: fill it, or "
                "leave them out"
            )


def _population(found: pd.DataFrame, design: Design, place: int) -> Floats:
    """The population that each cell was drawn from, the same in all its rows."""
    least, most, known = (
        found[f"p{place}_{end}"].to_numpy(dtype=float, na_value=np.nan) for end in ("min", "max", "count")
    )
    name = design.populations[place]
    if (known < found["rows"].to_numpy()).any():
        raise InputError(f"population {name!r} is empty in some rows: give each row the size that it was drawn from")
    if (least != most).any():
        raise InputError(
            f"population {name!r} must be the same in all rows of what it is the size of, and is {least.min():g} and "
            f"{most.max():g}: correct it"
        )
    return least
