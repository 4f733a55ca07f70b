"""Published bands of cost per pupil, as a table that can be edited; and into which of them a unit cost falls."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike
from pathlib import Path

import pandas as pd

from survey_analysis.csv_tables import positive, read_rows, same_in_all
from survey_analysis.errors import InputError, of_kind, unknown
from survey_analysis.estimates import Estimate, Provenance, listed, worked_out
from survey_analysis.rendering import number
from survey_analysis.resources import DATA

_COLUMNS = ["band", "up_to_gbp", "per", "source", "dated", "provenance", "note"]
_ONE_FOR_ALL = ("per", "source", "dated", "provenance")


@dataclass(frozen=True, kw_only=True)
class CostBands:
    """Bands of cost, cheapest first, each with the pounds up to which it reaches; the last has no end."""

    names: tuple[str, ...]
    up_to: tuple[float, ...]
    per: str
    source: str
    dated: str
    provenance: Provenance

    def of(self, pounds: float) -> str:
        """The band of an amount; one that is exactly where a band ends belongs to it."""
        return self.names[bisect_left(self.up_to, pounds)]

    def reach(self, name: str) -> str:
        """From where to where a band reaches, in words."""
        place = self.names.index(name)
        if place == 0:
            return f"up to {number(self.up_to[0], 'pounds')}"
        above = f"above {number(self.up_to[place - 1], 'pounds')}"
        return above if place == len(self.up_to) else f"{above}, up to {number(self.up_to[place], 'pounds')}"


def read_cost_bands(path: str | PathLike[str] | None = None) -> CostBands:
    """Bands of cost from a CSV file: band, up_to_gbp, per, source, dated, provenance, note.

    Parameters
    ----------
    path
        A file in the form of data/cost_bands.csv, which is read when absent. A row is a band, cheapest first, with the
        pounds up to which it reaches; only the last has none. All rows have one source, date, provenance and unit.

    Raises
    ------
    InputError
        A file that cannot be read, other columns, a limit that is no number or not above the one before, a band twice,
        several sources.

    Examples
    --------
    >>> bands = read_cost_bands()
    >>> bands.of(80), bands.of(81), bands.of(5000)
    ('very low', 'low', 'very high')
    >>> bands.provenance.value, bands.dated
    ('published', 'unknown')

    Notes
    -----
    The bands that come with the package are those of the Education Endowment Foundation, in the latest copy that was
    seen; what they were when, and at the prices of which year, is not known. Correct the file when they change.
    """
    path = DATA / "cost_bands.csv" if path is None else path
    rows = read_rows(path, _COLUMNS)
    path = Path(path)
    shared = {name: same_in_all(rows, name, path.name) for name in _ONE_FOR_ALL}
    known = {it.value: it for it in Provenance}
    if shared["provenance"] not in known:
        raise unknown("provenance", shared["provenance"], known, where=f"{path.name}: ")
    return CostBands(
        names=_names(path.name, rows),
        up_to=_limits(path.name, rows),
        per=shared["per"],
        source=shared["source"],
        dated=shared["dated"],
        provenance=known[shared["provenance"]],
    )


def cost_band(costs: Estimate | Iterable[Estimate], *, bands: CostBands | None = None) -> pd.DataFrame:
    """Into which band of cost each unit cost falls, and into which both ends of its interval.

    Parameters
    ----------
    costs
        Unit costs, as `unit_cost` or `unit_costs` give them.
    bands
        The bands; those of `read_cost_bands` when absent.

    Returns
    -------
    DataFrame
        A row for each: label, per, pounds, band, reach (of the band), lowest_band and highest_band (of the ends of the
        interval; missing without one), bands_are_per, source, dated, provenance (the weakest of cost and bands, and
        derived where both were published). It is made for computing; `table` of it prints whole.

    Raises
    ------
    InputError
        No estimate, something else, or an estimate that is not in pounds or has no value.

    Examples
    --------
    >>> cost = Estimate(label="ours", value=150, method="by hand", base=3, provenance="observed", unit="pounds")
    >>> cost_band(cost)[["band", "reach"]].iloc[0].tolist()
    ['low', 'above £80, up to £200']

    Notes
    -----
    The bands are of what an approach costs a school beyond what it has anyway, for each pupil who gets it, at prices of
    a year that is not known. A cost per pupil *sustained* is not that, and falls into a dearer band by its nature; so
    does a cost that counts what was given in kind. A band says nothing of what the money brought about.

    References
    ----------
    Education Endowment Foundation, Teaching and Learning Toolkit, on cost.
    """
    items = listed("costs", costs, "unit_cost()")
    if not items:
        raise InputError("costs must be one estimate or more, in pounds, not none")
    bands = read_cost_bands() if bands is None else of_kind("bands", bands, CostBands, "read_cost_bands()")
    return pd.DataFrame([_banded(item, bands) for item in items])


def _banded(item: Estimate, bands: CostBands) -> dict[str, object]:
    if item.unit != "pounds" or item.value is None:
        raise InputError(f"costs must be in pounds and have a value, and {item.label!r} is not so; give unit costs")
    name = bands.of(item.value)
    return {
        "label": item.label,
        "per": item.details.get("per", ""),
        "pounds": item.value,
        "band": name,
        "reach": bands.reach(name),
        "lowest_band": None if item.low is None else bands.of(item.low),
        "highest_band": None if item.high is None else bands.of(item.high),
        "bands_are_per": bands.per,
        "source": bands.source,
        "dated": bands.dated,
        "provenance": worked_out([item.provenance, bands.provenance]).value,
    }


def _names(name: str, rows: list[dict[str, str]]) -> tuple[str, ...]:
    names = tuple(row["band"] for row in rows)
    for place, band in enumerate(names, start=1):
        if not band or band in names[: place - 1]:
            said = f"{band!r} stands there a second time" if band else "the band has no name"
            raise InputError(f"{name}, row {place}: {said}; give each band a name of its own")
    return names


def _limits(name: str, rows: list[dict[str, str]]) -> tuple[float, ...]:
    if len(rows) < 2:
        raise InputError(f"{name} has 1 band; there must be two or more")
    if rows[-1]["up_to_gbp"]:
        raise InputError(f"{name}, row {len(rows)}: the last band has no end, so leave its up_to_gbp empty")
    limits = [positive(it["up_to_gbp"], f"{name}, row {row}: up_to_gbp") for row, it in enumerate(rows[:-1], start=1)]
    for place, (one, other) in enumerate(pairwise(limits), start=2):
        if one >= other:
            raise InputError(
                f"{name}, row {place}: up_to_gbp is {other:g}, not above the {one:g} before it; put the cheapest first"
            )
    return tuple(limits)
