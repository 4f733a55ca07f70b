"""Which pounds count as the cost of a partnership, and at the prices of which year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from numbers import Real
from os import PathLike
from pathlib import Path

import pandas as pd

from survey_analysis.csv_tables import positive, read_rows, same_in_all
from survey_analysis.errors import InputError, choice, of_kind, unknown
from survey_analysis.estimates import Provenance, weakest
from survey_analysis.surveys import Survey

_IN_KIND = "in_kind"
_MOST = 1e15  # pounds of a school: beyond, a float no longer holds whole pence, and sums of squares get lost


@dataclass(frozen=True, kw_only=True)
class Deflator:
    """An index of prices by year, from a source that is named. None comes with the package: give your own.

    Parameters
    ----------
    index
        Year, as the costs write it ("2011-12"), -> the index of prices; any year may be 100.
    source
        Who published it, and when.
    provenance
        Where the index comes from: 'published' for one that an office printed. Illustrative, unless you say what it is.

    Raises
    ------
    InputError
        An index that is no number above 0, no year or one without a name, no source, an unknown provenance.

    Examples
    --------
    >>> made_up = Deflator(index={"2011-12": 80, "2024-25": 120}, source="for this example", provenance="illustrative")
    >>> made_up.factor("2011-12", to="2024-25")
    1.5
    """

    index: Mapping[str, float]
    source: str
    provenance: Provenance = Provenance.ILLUSTRATIVE

    def __post_init__(self) -> None:
        if not isinstance(self.index, Mapping):
            raise InputError(
                f"index must give each year its level, as in {{'2011-12': 80, '2024-25': 100}}, not {self.index!r}"
            )
        if not self.index:
            raise InputError("a deflator needs the index of a year or more, and has none; give it year by year")
        for year, level in self.index.items():
            if not isinstance(year, str) or not year.strip():
                raise InputError(f"a year of the deflator must be as the costs write it, '2011-12', not {year!r}")
            if isinstance(level, bool) or not isinstance(level, Real) or not (isfinite(level) and level > 0):
                raise InputError(f"the index of {year} must be a number above 0, not {level!r}, in the deflator")
        if not isinstance(self.source, str) or not self.source.strip():
            raise InputError("a deflator needs a source: say who published it, and when")
        known = {it.value: it for it in Provenance}
        object.__setattr__(self, "provenance", choice("provenance", self.provenance, known))

    def factor(self, year: str, *, to: str) -> float:
        """By what an amount at the prices of one year is multiplied to be at those of another."""
        for name in (year, to):
            if name not in self.index:
                raise InputError(
                    f"the deflator ({self.source}) has no index for {name}, only for {', '.join(sorted(self.index))}; "
                    "add that year"
                )
        factor = self.index[to] / self.index[year]
        if not 0 < factor < inf:
            raise InputError(
                f"the index of {to}, {self.index[to]:g}, cannot be divided by that of {year}, {self.index[year]:g}; "
                "correct the deflator"
            )
        return factor


def read_deflator(path: str | PathLike[str]) -> Deflator:
    """A deflator from a CSV file with the columns year, index, source and provenance.

    Parameters
    ----------
    path
        The file. Every row names the same source and its provenance: 'published' where an office printed the index,
        'illustrative' where it was made up.

    Raises
    ------
    InputError
        A file that cannot be read, other columns, a year twice or empty, an index that is no number above 0, several
        sources, an unknown provenance.
    """
    rows = read_rows(path, ["year", "index", "source", "provenance"])
    name = Path(path).name
    index: dict[str, float] = {}
    for place, row in enumerate(rows, start=1):
        if not row["year"]:
            raise InputError(f"{name}, row {place}: the year is empty; write it as the costs do, such as 2011-12")
        if row["year"] in index:
            raise InputError(f"{name}, row {place}: {row['year']} stands there a second time; keep one of the two")
        index[row["year"]] = positive(row["index"], f"{name}, row {place}: index")
    provenance = same_in_all(rows, "provenance", name)
    known = {it.value: it for it in Provenance}
    if provenance not in known:
        raise unknown("provenance", provenance, known, where=f"{name}: ")
    return Deflator(index=index, source=same_in_all(rows, "source", name), provenance=known[provenance])


@dataclass(frozen=True, kw_only=True)
class Costing:
    """Which pounds count, and at the prices of which year.

    Parameters
    ----------
    sources
        Whose costs count, by the codes of the column `source`: the point of view from which value is asked. All of
        them when absent.
    in_kind
        What a pound of cost in kind counts for: 1 as recorded, 0 left out, 2 where it is thought to be worth twice as
        much.
    price_year
        At the prices of which year; those of the year of the costs when absent.
    deflator
        The index of prices; needed where `price_year` is another year than that of the costs.

    Raises
    ------
    InputError
        A weight of costs in kind that is no number of 0 or more or that has nothing to weigh, no source or something
        else than names of sources, a price year that is no text, or a deflator without a price year.

    Examples
    --------
    >>> print(Costing(sources=("school", "parents"), price_year="2011-12").in_words(["2011-12"]))
    costs borne by school and parents, at prices of 2011-12

    Notes
    -----
    A deflator takes out the rise of prices in general. It does not say what the same partnership would cost today.

    References
    ----------
    HM Treasury, The Green Book, on real prices.
    """

    sources: tuple[str, ...] | None = None
    in_kind: float = 1.0
    price_year: str | None = None
    deflator: Deflator | None = None

    def __post_init__(self) -> None:
        weight = self.in_kind
        if isinstance(weight, bool) or not isinstance(weight, Real) or not (isfinite(weight) and weight >= 0):
            raise InputError(
                f"in_kind must be what a pound in kind counts for, a number of 0 or more, not {weight!r}; write 0 to "
                "leave it out"
            )
        if self.sources is not None:
            given: object = self.sources
            named = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else ()
            if not isinstance(given, Iterable) or not all(isinstance(it, str) for it in named):
                raise InputError(f"sources must be the sources of costs by name, such as ('school',), not {given!r}")
            object.__setattr__(self, "sources", named)
            if not named:
                raise InputError("sources must be one source of costs or more, not none; leave it out to count all")
            if weight != 1 and _IN_KIND not in named:
                raise InputError(f"in_kind is {weight:g}, and sources leaves costs in kind out; give one or the other")
        if self.price_year is not None and not isinstance(self.price_year, str):
            raise InputError(f"price_year must be a year as the costs write it, '2011-12', not {self.price_year!r}")
        if self.deflator is not None and not isinstance(self.deflator, Deflator):
            raise InputError(
                "deflator must be a Deflator, which names its source, as Deflator(index={'2011-12': ...}, source=...) "
                "or read_deflator() makes it"
            )
        if self.deflator is not None and self.price_year is None:
            raise InputError("a deflator needs price_year, the year at whose prices the costs shall be; give it")

    def in_words(self, years: Sequence[str]) -> str:
        """What is counted, for costs of these years."""
        borne = "costs of all sources" if self.sources is None else f"costs borne by {_listed(self.sources)}"
        if self.in_kind == 0:
            borne += ", without those in kind"
        elif self.in_kind != 1:
            borne += f", those in kind {self.in_kind:g} times"
        year = self.price_year or (years[0] if years else "no year")
        by = f" by {self.deflator.source}" if self.deflator is not None else ""
        return f"{borne}, at prices of {year}{by}"


EVERYTHING = Costing()
"""All costs as recorded, at the prices of their year."""


def pounds_by_school(survey: Survey, costing: Costing = EVERYTHING) -> "pd.Series[float]":
    """The pounds of each school that has costs on record; a source without a row bore nothing.

    Raises
    ------
    InputError
        An unknown source, a school with costs of several years, schools with costs of different years that are not
        brought to one price year, a price year without a deflator, a year that the deflator lacks, a source that a
        school has twice, or pounds beyond counting.
    """
    of_kind("survey", survey, Survey, "load_survey() or read_survey()")
    of_kind("costing", costing, Costing, "Costing(), which counts all costs as recorded")
    costs = survey.costs
    known = survey.column("costs", "source").codes
    for source in costing.sources or ():
        if source not in known:
            raise unknown("sources", source, known)
    for row in costs[costs.duplicated(["visit_id", "year", "source"])].to_dict("records"):
        raise InputError(
            f"costs has {row['visit_id']}, {row['year']}, {row['source']} a second time; keep one of the two, or give "
            "their sum"
        )
    factors = _factors(costs, costing)
    amount = costs["amount_gbp"].astype(float) * costs["year"].map(factors).astype(float)
    amount = amount.where(costs["source"] != _IN_KIND, amount * costing.in_kind)
    for row in costs[~(amount <= _MOST)].to_dict("records"):
        raise InputError(
            f"the cost of {row['visit_id']} from {row['source']} is beyond counting; correct the amount, in_kind or "
            "the deflator"
        )
    if costing.sources is not None:
        amount = amount.where(costs["source"].isin(costing.sources), 0.0)
    return amount.groupby(costs["visit_id"]).sum()


def years_of_costs(survey: Survey) -> list[str]:
    """The years that the costs are of."""
    return sorted(set(survey.costs["year"]))


def provenance_of_costs(survey: Survey, costing: Costing = EVERYTHING) -> Provenance:
    """That of the amounts, or of the deflator where it is weaker."""
    amounts = survey.provenance("costs", "amount_gbp")
    return amounts if costing.deflator is None else weakest([amounts, costing.deflator.provenance])


def _factors(costs: pd.DataFrame, costing: Costing) -> dict[str, float]:
    years = sorted(set(costs["year"]))
    several = costs.groupby("visit_id")["year"].nunique()
    if (several > 1).any():
        raise InputError(
            f"year must be the same for all costs of a school, and {(several > 1).sum()} have costs of several of "
            f"{', '.join(years)}; a unit cost is that of one year, so keep one"
        )
    if costing.deflator is not None and costing.price_year is not None:
        return {year: costing.deflator.factor(year, to=costing.price_year) for year in years}
    if len(years) > 1:
        raise InputError(
            f"year must be the same for all costs, not {', '.join(years)}; keep one, or give price_year and deflator "
            "to bring them to the prices of one year"
        )
    if costing.price_year is not None and years and years != [costing.price_year]:
        raise InputError(
            f"price_year is {costing.price_year}, and the costs are at prices of {', '.join(years)}; give a deflator "
            "that has both years"
        )
    return dict.fromkeys(years, 1.0)


def _listed(names: tuple[str, ...]) -> str:
    said = [name.replace("_", " ") for name in names]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
