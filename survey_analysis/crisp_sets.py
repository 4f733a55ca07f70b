"""Cases that are in a set or out of it: an outcome and conditions, from a table, from a survey, or from Lipset."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_scalar

from survey_analysis.claims import THEMES
from survey_analysis.errors import InputError, choice, of_kind, unknown
from survey_analysis.estimates import Provenance
from survey_analysis.resources import DATA
from survey_analysis.surveys import NOT_SEEN, Survey, Visits, matching
from survey_analysis.theme_comparisons import CODED_FIRST, require_fresh_visits

MOST_CONDITIONS = 8  # 256 combinations: more than any survey of schools could fill
OF_A_ROW = ("n", "consistency", "outcome", "cases", "left_out", "provenance")
"""What stands beside the conditions in a row of a truth table."""

_RESERVED = frozenset({*OF_A_ROW, "model", "recipe", "coverage", "unique_coverage", "model_coverage"})

Whole = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class CrispSets:
    """Cases with an outcome and conditions, each there or not there (1 or 0).

    Parameters
    ----------
    table
        One row for each case, named by its index; the outcome and the conditions are columns of 1 and 0, or empty where
        it was not seen. Cases with an empty cell are left out and counted.
    outcome
        The column of the outcome.
    conditions
        The columns of the conditions, one to eight; none of them named as a column of the results is (n, cases, ...).
    title
        What the cases are called where they are shown.
    provenance
        Where they come from; illustrative unless you say what they are.
    assumptions
        The assumptions, by name, on which they rest.

    Raises
    ------
    InputError
        Something that is no table, a column that is not there or named twice, a condition named as a column of the
        results, a cell that is not 1, 0 or empty, a case twice, no case that is complete, more than eight conditions or
        none.

    Examples
    --------
    >>> cases = pd.DataFrame({"rain": [1, 0, 1], "wet": [1, 0, None]}, index=["Monday", "Tuesday", "Wednesday"])
    >>> print(CrispSets(table=cases, outcome="wet", conditions=["rain"], title="three days"))
    three days: wet in 1 of 2 cases, 1 left out, 1 condition (illustrative)

    Notes
    -----
    To be in a set or out of it is a judgement: where the line is drawn (calibration) has to be argued for each set, and
    another line gives other recipes.
    """

    table: pd.DataFrame
    outcome: str
    conditions: Sequence[str]
    title: str
    provenance: Provenance = Provenance.ILLUSTRATIVE
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        made = choice("provenance", self.provenance, {it.value: it for it in Provenance})
        of_kind("table", self.table, pd.DataFrame, "a data frame with a row for each case")
        names = [self.outcome, *_conditions(self.conditions)]
        for name in names:
            if not isinstance(name, str) or name not in self.table.columns:
                raise unknown("a column of the cases", name, self.table.columns)
            if names.count(name) > 1:
                raise InputError(f"outcome and conditions must be different columns, and {name!r} is named twice")
            if list(self.table.columns).count(name) > 1:
                raise InputError(f"two columns of the cases are called {name!r}; keep one of them")
            for value in self.table[name].tolist():
                if not is_scalar(value) or not (pd.isna(value) or value in (0, 1)):
                    raise InputError(f"{name} must be 1, 0 or empty for every case, and is {value!r} for some")
        if self.table.index.has_duplicates:
            twice = self.table.index[self.table.index.duplicated()][0]
            raise InputError(f"the case {twice!r} stands there a second time; keep one of the two")
        if self.table[names].dropna().empty:
            raise InputError(f"{self.title} has no case in which outcome and conditions were all seen; give some")
        object.__setattr__(self, "provenance", made)
        object.__setattr__(self, "conditions", tuple(self.conditions))

    def __str__(self) -> str:
        having, cases = int(self.having.sum()), len(self.complete)
        left_out = f", {self.left_out} left out" if self.left_out else ""
        words = f"{len(self.conditions)} condition{'s' * (len(self.conditions) > 1)} ({self.provenance.value})"
        return f"{self.title}: {self.outcome} in {having} of {cases} cases{left_out}, {words}"

    __repr__ = __str__

    @property
    def complete(self) -> pd.DataFrame:
        """The cases in which everything was seen, as whole numbers."""
        return self.table[[*self.conditions, self.outcome]].dropna().astype("int64")

    @property
    def left_out(self) -> int:
        """How many cases have an empty cell."""
        return len(self.table) - len(self.complete)

    @property
    def having(self) -> Whole:
        """For each complete case, 1 where it has the outcome."""
        return self.complete[self.outcome].to_numpy()

    @property
    def rows(self) -> Whole:
        """For each complete case, the number of its combination of conditions, the first condition weighing most."""
        weights = 1 << np.arange(len(self.conditions))[::-1]
        rows: Whole = self.complete[list(self.conditions)].to_numpy() @ weights
        return rows

    def negated(self) -> "CrispSets":
        """The same cases with the absence of the outcome as the outcome: its recipes are a question of their own."""
        name = f"~{self.outcome}"
        absent = self.table.drop(columns=self.outcome).assign(**{name: 1 - self.table[self.outcome].astype("Int64")})
        return replace(self, table=absent, outcome=name)


def _conditions(names: Sequence[str]) -> Sequence[str]:
    """The names of conditions, or the error that says what is wrong with them."""
    listed = isinstance(names, Sequence) and not isinstance(names, str)
    if not listed or not 1 <= len(names) <= MOST_CONDITIONS:
        raise InputError(f"conditions must be a list of one to {MOST_CONDITIONS} columns, not {names!r}")
    for name in names:
        if isinstance(name, str) and name in _RESERVED:
            raise InputError(f"a condition cannot be called {name!r}, as a column of the results is; rename it")
    return names


def load_lipset() -> CrispSets:
    """Eighteen countries of Europe between the wars: five conditions, and whether democracy survived.

    DEV (developed), URB (urban), LIT (literate), IND (industrial) and STB (stable governments) are the conditions, SURV
    is the outcome; data/lipset.csv says where each line was drawn.

    Examples
    --------
    >>> print(load_lipset())
    Lipset's 18 countries: SURV in 8 of 18 cases, 5 conditions (published)

    Notes
    -----
    It is here because its solution is published, so that one can see what the method does. It says nothing about music
    or schools.

    References
    ----------
    Lipset (1959), Some social requisites of democracy, American Political Science Review 53; Rihoux and De Meur (2009),
    Crisp-set qualitative comparative analysis, in Rihoux and Ragin (eds), Configurational Comparative Methods, ch. 3.
    """
    table = pd.read_csv(DATA / "lipset.csv", comment="#", index_col="country")
    *conditions, outcome = table.columns
    return CrispSets(
        table=table,
        outcome=outcome,
        conditions=conditions,
        title=f"Lipset's {len(table)} countries",
        provenance=Provenance.PUBLISHED,
    )


def theme_sets(
    survey: Survey, *, coded_before_outcome: bool | None = None, successful: Visits | None = None
) -> CrispSets:
    """The five themes as conditions (the action seen or not) and success as the outcome, for visits that were made.

    Parameters
    ----------
    survey, coded_before_outcome, successful
        As for `theme_tests`.

    Returns
    -------
    CrispSets
        A case for each visit. Neither and pitfall are 0; a theme that was not seen is empty, and so is an outcome that
        was not seen.

    Raises
    ------
    InputError
        What `theme_tests` refuses, for the same reason.

    Notes
    -----
    Five conditions make 32 combinations, so a hub's few visits leave most of them empty, and recipes are found in noise
    easily; see `found_in_noise`.
    """
    among = require_fresh_visits(survey, successful, coded_before_outcome=coded_before_outcome)
    visits = survey.visits.set_index("visit_id")
    table = pd.DataFrame(
        {theme: (visits[theme] == "action").astype("Int64").mask(visits[theme] == NOT_SEEN) for theme in THEMES}
    )
    outcome = pd.Series(pd.NA, index=table.index, dtype="Int64")
    for value in (1, 0):
        outcome.loc[matching(survey, among, outside=value == 0).to_list()] = value
    return CrispSets(
        table=table.assign(successful=outcome),
        outcome="successful",
        conditions=list(THEMES),
        title=survey.title,
        provenance=Provenance.OBSERVED,
        assumptions=(CODED_FIRST,),
    )
