"""What music partnerships cost per pupil, beside how their value was judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from survey_analysis.errors import InputError, choice
from survey_analysis.estimates import Estimate, Estimates, told, weakest
from survey_analysis.rendering import Sentence, number
from survey_analysis.surveys import Survey, Visits, matching, undecided

_SUMMED_OVER = "fsm"  # one characteristic only: each of them counts every pupil once


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Which pupils a cost is divided by: a column of the pupil groups, after, in all groups or in one."""

    column: str
    group: str | None
    words: str


PER: Mapping[str, Unit] = MappingProxyType(
    {
        "pupil_reached": Unit(column="taking_part", group=None, words="pupil taking part"),
        "disadvantaged_pupil_reached": Unit(
            column="taking_part", group="fsm", words="pupil with free school meals taking part"
        ),
        "pupil_sustained": Unit(column="sustained", group=None, words="pupil going on for a year or more"),
    }
)
"""What a unit cost is per. The whole cost is divided each time, so the three are readings of one budget, not parts."""

WEIGHTINGS: Mapping[str, str] = MappingProxyType(
    {
        "ratio_of_sums": "ratio of sums: all pounds over all pupils, so a large school weighs more",
        "mean_of_schools": "mean of schools: each school's own cost per pupil, every school alike",
        "median_of_schools": "median of schools: the school in the middle",
    }
)
"""How schools are brought together. The three answer different questions, so every pooled figure names its own."""


def unit_cost(
    survey: Survey,
    *,
    per: str = "pupil_reached",
    weighting: str = "ratio_of_sums",
    among: Visits | None = None,
    label: str = "",
) -> Estimate:
    """Pounds a year for each pupil, over schools.

    Parameters
    ----------
    survey
        The survey. All sources of income count, those in kind too.
    per
        'pupil_reached', 'disadvantaged_pupil_reached' or 'pupil_sustained'; see `PER`.
    weighting
        'ratio_of_sums', 'mean_of_schools' or 'median_of_schools'; see `WEIGHTINGS`.
    among
        Which visits to look at, as column -> code or codes; all when absent.
    label
        What is shown as its name; what it is per when empty.

    Returns
    -------
    Estimate
        In pounds, without interval. The base is the schools that enter. In the details, `without_pupils` is how many
        had a cost and no such pupil: they stay in the ratio of sums, and have no cost per pupil to average;
        `left_out` how many had a cost and no pupil counts, or the reverse; `group_not_seen` of how many it was not seen
        whether they belong to `among`.

    Raises
    ------
    InputError
        An unknown `per` or `weighting`, costs of several years, no school with a cost, or no such pupil in any of them.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> cost = unit_cost(load_survey(), per="pupil_sustained")
    >>> cost.unit, cost.base, cost.provenance.value
    ('pounds', 59, 'illustrative')

    Notes
    -----
    An average cost, not what one more pupil would cost, and not an effect: it compares with no alternative.

    References
    ----------
    HM Treasury, The Green Book; National Audit Office on economy, efficiency, effectiveness and equity.
    """
    unit = choice("per", per, PER)
    method = choice("weighting", weighting, WEIGHTINGS)
    known = _schools(survey, unit, among)
    schools = known.dropna()
    with_pupils = schools[schools["pupils"] > 0]
    if with_pupils.empty:
        raise InputError(f"no school here has both a cost and a {unit.words}; choose other visits")
    each = with_pupils["pounds"] / with_pupils["pupils"]
    value = {
        "ratio_of_sums": schools["pounds"].sum() / schools["pupils"].sum(),
        "mean_of_schools": each.mean(),
        "median_of_schools": each.median(),
    }[weighting]
    return Estimate(
        label=label or f"cost per {unit.words}",
        value=float(value),
        method=method,
        base=len(schools if weighting == "ratio_of_sums" else with_pupils),
        provenance=weakest(
            [survey.provenance("costs", "amount_gbp"), survey.provenance_of_pupils(unit.column, among=among)]
        ),
        unit="pounds",
        details={
            "per": unit.words,
            "weighting": weighting.replace("_", " "),
            "without_pupils": len(schools) - len(with_pupils),
            "left_out": len(known) - len(schools),
            "group_not_seen": undecided(survey, among) if among else 0,
        },
    )


def unit_costs(survey: Survey, *, by: str, per: str = "pupil_reached", weighting: str = "ratio_of_sums") -> Estimates:
    """`unit_cost` for the visits with each code of a column, beside one another.

    Parameters
    ----------
    survey, per, weighting
        As for `unit_cost`.
    by
        A column of the visits that holds codes, such as 'value_for_money' or 'monitoring'. Codes that no visit has have
        no row; of how many visits the code was not seen stands in every row, as `group_not_seen`.

    Raises
    ------
    InputError
        As `unit_cost`, or a column without codes.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> [cost.label for cost in unit_costs(load_survey(), by="monitoring")]
    ['action', 'neither', 'pitfall']

    Notes
    -----
    The schools differ in more than the column, so a difference in cost is not due to it.
    """
    column = survey.column("visits", by)
    if not column.codes:
        raise InputError(f"by must be a column that holds codes, not {by!r}, which holds {column.kind}")
    present = [code for code in column.judgements if not matching(survey, {by: code}).empty]
    if not present:
        raise InputError(
            f"by must be a column that was seen in some visit, and {by!r} was seen in none; choose another"
        )
    words = choice("per", per, PER).words
    return Estimates(
        [
            unit_cost(survey, per=per, weighting=weighting, among={by: code}, label=code.replace("_", " "))
            for code in present
        ],
        caption=f"Pounds a year per {words}, by {by.replace('_', ' ')}",
        show=("weighting", "without_pupils", "left_out", "group_not_seen"),
        note="The base is schools" + ("; one with several codes is in several rows" if column.kind == "codes" else ""),
    )


def unit_costs_in_words(costs: Estimates) -> Sentence:
    """Unit costs beside one another, as a sentence.

    Parameters
    ----------
    costs
        What `unit_costs` returns.

    Raises
    ------
    InputError
        Other estimates, or none.
    """
    if not (isinstance(costs, Estimates) and costs and all("weighting" in it.details for it in costs)):
        raise InputError("costs must be what unit_costs() gives, not other estimates")
    parts = "; ".join(
        f"{number(cost.value, cost.unit)} for {cost.label} ({cost.base} {'school' if cost.base == 1 else 'schools'})"
        for cost in costs
    )
    provenance = weakest(cost.provenance for cost in costs)
    words = f"{costs.caption}: {parts} ({costs[0].details['weighting']}; {provenance.value})."
    return Sentence(told(words, provenance))


def _schools(survey: Survey, unit: Unit, among: Visits | None) -> pd.DataFrame:
    """Pounds and pupils of each school; what it has no count of is missing."""
    years = sorted(set(survey.costs["year"]))
    if len(years) > 1:
        raise InputError(f"year must be the same for all costs, not {years}; a cost is that of one year, so keep one")
    pupils = survey.pupil_groups
    pupils = pupils[(pupils["time"] == "after") & (pupils["characteristic"] == _SUMMED_OVER)]
    if unit.group:
        pupils = pupils[pupils["group"] == unit.group]
    schools = pd.DataFrame(
        {
            "pounds": survey.costs.groupby("visit_id")["amount_gbp"].sum(),
            "pupils": pupils.groupby("visit_id")[unit.column].sum(),
        }
    )
    return schools if not among else schools[schools.index.isin(matching(survey, among))]
