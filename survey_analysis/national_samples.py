"""A simulated national survey as a file: a million pupils, and the truth that the sample was drawn from."""

from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

import numpy as np
import pandas as pd

from survey_analysis.designs.specification import Design
from survey_analysis.errors import InputError, whole_number
from survey_analysis.rendering import Table, table

_REGIONS: tuple[str, ...] = ("north east", "north west", "yorkshire", "east midlands", "west midlands", "east")
_REGIONS += ("london", "south east", "south west", "islands")
_SCHOOLS = (1200, 3000, 2200, 2000, 2400, 2500, 3100, 3400, 2300, 100)  # in the simulated country
_PUPILS = 250  # about, in a school
_SHARE_OF_FSM, _BETWEEN = 0.22, 0.7  # in all; and the spread of schools, in log odds
_MORE_WHERE_FEW = 0.5  # log odds
_LOG_ODDS = {"fsm": -1.6, "not_fsm": -0.9}
MOST_ROWS = 50_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class NationalSample:
    """A simulated sample in a Parquet file, how it was drawn, and what is true in the country that it was drawn from.

    Parameters
    ----------
    path
        The file: a row for each pupil, with region, school, weight, schools_in_region, group and takes_part (0 or 1).
    design
        How it was drawn, as the `survey_...` functions take it.
    truth
        A row for each group, and one for all pupils: pupils in the country, and the share that takes part.
    rows, schools
        How many pupils and schools were drawn.
    """

    path: Path
    design: Design
    truth: pd.DataFrame
    rows: int
    schools: int

    def _table(self) -> Table:
        caption = f"{self.rows:,} simulated pupils of {self.schools:,} schools, from this country (illustrative)"
        pupils = [f"{it:,}" for it in self.truth["pupils"]]
        shown = self.truth.assign(pupils=pupils, takes_part=[f"{it:.1%}" for it in self.truth["takes_part"]])
        return table(shown, caption=caption, note=f"illustrative. {self.design}.")

    def __str__(self) -> str:
        return str(self._table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def national_sample(rows: int = 1_000_000, *, seed: int = 0, path: str | Path | None = None) -> NationalSample:
    """Simulate a country of 22,200 schools, draw schools within its regions, and write their pupils to a file.

    Small regions are drawn more densely, so the weights differ, and a sample read without them is biased.

    Parameters
    ----------
    rows
        About how many pupils to draw; more schools are drawn for more, and for more than the country has, larger ones.
    seed
        The seed.
    path
        Where to write the Parquet file; when absent, into a folder that is removed when the sample is.

    Returns
    -------
    NationalSample
        The file, its design and the truth.

    Raises
    ------
    InputError
        Rows that are no whole number from 1,000 to 50,000,000, or a path that cannot be written.

    Examples
    --------
    >>> made = national_sample(10_000)
    >>> print(made.design)
    clusters by school, in strata by region, weighted by weight, of populations in schools_in_region
    >>> made.truth["group"].tolist()
    ['fsm', 'not_fsm', 'all']

    Notes
    -----
    Nothing in it was observed. Who takes part differs between schools and between groups, and nothing else is in it:
    no refusals, no mistakes of measurement.
    """
    rows = whole_number("rows", rows, least=1_000)
    if rows > MOST_ROWS:
        raise InputError(f"rows must be at most {MOST_ROWS:,}, not {rows:,}")
    random = np.random.default_rng([9, whole_number("seed", seed, least=0)])
    country = _country(random, larger=max(1.0, rows / (0.8 * sum(_SCHOOLS) * _PUPILS)))
    drawn = _drawn(random, country, rows)
    groups = list(_LOG_ODDS)
    totals = {group: int(country[f"{group}_pupils"].sum()) for group in groups}
    taking_part = {group: int(country[f"{group}_taking_part"].sum()) for group in groups}
    truth = pd.DataFrame(
        {
            "group": [*groups, "all"],
            "pupils": [*totals.values(), sum(totals.values())],
            "takes_part": [
                *(taking_part[group] / totals[group] for group in groups),
                sum(taking_part.values()) / sum(totals.values()),
            ],
        }
    )
    target = Path(mkdtemp(prefix="national-sample-")) / "pupils.parquet" if path is None else Path(path)
    written = _write(drawn, target)
    sample = NationalSample(
        path=target,
        design=Design(strata="region", clusters="school", weights="weight", population="schools_in_region"),
        truth=truth,
        rows=written,
        schools=len(drawn),
    )
    if path is None:
        finalize(sample, rmtree, target.parent, ignore_errors=True)
    return sample


def _country(random: np.random.Generator, *, larger: float) -> pd.DataFrame:
    """Every school of the country: its region, and pupils of each group in all and taking part."""
    region = np.repeat(np.arange(len(_REGIONS)), _SCHOOLS)
    pupils = 30 + random.poisson(random.gamma(2.5, (_PUPILS * larger - 30) / 2.5, len(region)))
    # Where there are few schools more pupils take part, and there the sample is densest: without weights it is biased.
    few = np.log(np.mean(_SCHOOLS) / np.array(_SCHOOLS))
    effect = random.normal(0, _BETWEEN, len(region)) + _MORE_WHERE_FEW * few[region]
    poor = random.binomial(pupils, random.beta(2, 2 / _SHARE_OF_FSM - 2, len(region)))
    country = pd.DataFrame({"region": region, "fsm_pupils": poor, "not_fsm_pupils": pupils - poor})
    for group, base in _LOG_ODDS.items():
        chance = 1 / (1 + np.exp(-(base + effect)))
        country[f"{group}_taking_part"] = random.binomial(country[f"{group}_pupils"], chance)
    return country


def _drawn(random: np.random.Generator, country: pd.DataFrame, rows: int) -> pd.DataFrame:
    """The schools that are visited, drawn within regions: small regions more densely."""
    pupils = float(country[["fsm_pupils", "not_fsm_pupils"]].sum(axis=1).mean())
    sizes = np.array(_SCHOOLS)
    share = np.sqrt(sizes) / np.sqrt(sizes).sum()
    wanted = np.clip(np.round(share * rows / pupils), 2, sizes).astype(int)
    parts = []
    for place, (size, number) in enumerate(zip(sizes, wanted, strict=True)):
        schools = country.index[country["region"] == place].to_numpy()
        part = country.loc[np.sort(random.choice(schools, number, replace=False))]
        parts.append(part.assign(school=part.index, weight=size / number, schools_in_region=size))
    return pd.concat(parts, ignore_index=True)


def _write(drawn: pd.DataFrame, path: Path) -> int:
    """The pupils of the schools as rows of a Parquet file; how many there are."""
    import duckdb  # here, where a file is written

    with duckdb.connect() as engine:
        engine.register("drawn", drawn.assign(region=np.array(_REGIONS)[drawn["region"]]))
        parts = " union all ".join(_PUPILS_OF.format(group=group, does=does) for group in _LOG_ODDS for does in (0, 1))
        try:
            engine.sql(f"select * from ({parts})").write_parquet(str(path))
        except duckdb.Error as error:
            raise InputError(f"path {str(path)!r} cannot be written: name a file in a folder that exists") from error
        [[rows]] = engine.execute("select count(*) from read_parquet(?)", [str(path)]).fetchall()
    return int(rows)


_PUPILS_OF = """
select region, 'school ' || school as school, weight, schools_in_region, '{group}' as "group", {does} as takes_part
from drawn, range(case {does} when 1 then {group}_taking_part else {group}_pupils - {group}_taking_part end)
"""
