"""What music partnerships cost per pupil, beside how their value was judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from survey_analysis.errors import InputError, choice, of_kind
from survey_analysis.estimates import Estimate, Estimates, Provenance, told, weakest, worked_out
from survey_analysis.gaps import check_rows
from survey_analysis.pooling import WEIGHTINGS, pooled
from survey_analysis.prices import EVERYTHING, Costing, pounds_by_school, provenance_of_costs, years_of_costs
from survey_analysis.rendering import Sentence, interval, number
from survey_analysis.resampling import RESAMPLES
from survey_analysis.surveys import Survey, Visits, matching, undecided

_OUT_OF = {"pupils": "pupils", "taking_part": "pupils", "achieving": "taking_part", "sustained": "taking_part"}
SUMMED_OVER = "fsm"
"""The one characteristic over which pupils are summed: each of them counts every pupil once."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Which pupils a cost is divided by: a column of the pupil groups, after, in all groups or in one."""

    column: str
    group: str | None
    words: str


PER: Mapping[str, Unit] = MappingProxyType(
    {
        "pupil_on_roll": Unit(column="pupils", group=None, words="pupil on roll"),
        "disadvantaged_pupil_on_roll": Unit(column="pupils", group="fsm", words="pupil with free school meals on roll"),
        "pupil_reached": Unit(column="taking_part", group=None, words="pupil taking part"),
        "disadvantaged_pupil_reached": Unit(
            column="taking_part", group="fsm", words="pupil with free school meals taking part"
        ),
        "pupil_making_good_progress": Unit(column="achieving", group=None, words="pupil making good progress"),
        "pupil_sustained": Unit(column="sustained", group=None, words="pupil going on for a year or more"),
    }
)
"""What a unit cost is per. The whole cost is divided each time, so they are readings of one budget, not parts of it."""


def unit_cost(
    survey: Survey,
    *,
    per: str = "pupil_reached",
    weighting: str = "ratio_of_sums",
    among: Visits | None = None,
    costing: Costing = EVERYTHING,
    level: float | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    label: str = "",
) -> Estimate:
    """Pounds a year for each pupil, over schools.

    Parameters
    ----------
    survey
        The survey.
    per
        'pupil_on_roll', 'pupil_reached', 'disadvantaged_pupil_reached', 'pupil_making_good_progress',
        'pupil_sustained' or another of `PER`.
    weighting
        'ratio_of_sums', 'mean_of_schools' or 'median_of_schools'; see `WEIGHTINGS`.
    among
        Which visits to look at, as column -> code or codes; all when absent.
    costing
        Which pounds count, those in kind too, and at the prices of which year; all as recorded when absent.
    level
        The level of an interval from drawing schools again, between 0 and 1; none when absent, for these schools are
        described exactly.
    resamples, seed
        How many times schools are drawn, and from which seed.
    label
        What is shown as its name; what it is per when empty.

    Returns
    -------
    Estimate
        In pounds. The base is the schools that enter. In the details, `costing` says which pounds they are;
        `without_pupils` is how many schools had a cost and no such pupil: they stay in the ratio of sums, and have no
        cost per pupil to average; `left_out` how many had a cost and no pupil counts, or the reverse; `group_not_seen`
        of how many it was not seen whether they belong to `among`.

    Raises
    ------
    InputError
        An unknown `per` or `weighting`, costs of several years that are not brought to one, a level that is not between
        0 and 1, no school with a cost, no such pupil in any of them, or pupil counts that cannot be: of one group and
        not the other, twice, or more taking part than there are.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> survey = load_survey()
    >>> cost = unit_cost(survey, per="pupil_sustained")
    >>> cost.unit, cost.base, cost.provenance.value
    ('pounds', 59, 'illustrative')
    >>> cheaper = unit_cost(survey, per="pupil_sustained", costing=Costing(in_kind=0), level=0.95)
    >>> cheaper.value < cost.value, cheaper.low < cheaper.value < cheaper.high
    (True, True)

    Notes
    -----
    An average cost, not what one more pupil would cost, and not an effect: it compares with no alternative. The
    interval is an "as if": the schools were chosen. In 2,000 simulated samples with skewed costs the 95% interval of
    the ratio of sums held the truth too rarely: in 89% with 6 schools, 91% with 10, 92% with 20 and 93% with 59.

    References
    ----------
    HM Treasury, The Green Book; National Audit Office on economy, efficiency, effectiveness and equity.
    """
    unit = choice("per", per, PER)
    method = choice("weighting", weighting, WEIGHTINGS)
    known = by_school(survey, [per], among=among, costing=costing)
    schools = known.dropna()
    found = pooled(
        schools,
        lambda of: of[..., 0] / of[..., 1],
        weighting=weighting,
        level=level,
        resamples=resamples,
        seed=seed,
    )
    if found.value is None:
        raise InputError(f"no school here has both a cost and a {unit.words}; choose other visits")
    return Estimate(
        label=label or f"cost per {unit.words}",
        value=found.value,
        low=found.low,
        high=found.high,
        level=found.level,
        method=f"{found.interval}; {method}" if found.interval else method,
        base=found.base,
        provenance=origin_of_costs(survey, [per], among=among, costing=costing),
        unit="pounds",
        details={
            "per": unit.words,
            "weighting": weighting.replace("_", " "),
            "costing": costing.in_words(years_of_costs(survey)),
            "without_pupils": found.without,
            "left_out": len(known) - len(schools),
            "group_not_seen": undecided(survey, among) if among else 0,
        },
    )


def unit_costs(
    survey: Survey,
    *,
    by: str,
    per: str = "pupil_reached",
    weighting: str = "ratio_of_sums",
    costing: Costing = EVERYTHING,
    level: float | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimates:
    """`unit_cost` for the visits with each code of a column, beside one another.

    Parameters
    ----------
    survey, per, weighting, costing, level, resamples, seed
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
    The schools differ in more than the column, so a difference in cost is not due to it. Intervals that do or do not
    overlap say nothing exact about the difference; for that, see `incremental`.
    """
    of_kind("survey", survey, Survey, "load_survey() or read_survey()")
    column = survey.column("visits", by)
    if not column.codes:
        raise InputError(f"by must be a column that holds codes, not {by!r}, which holds {column.kind}")
    present = [code for code in column.judgements if not matching(survey, {by: code}).empty]
    if not present:
        raise InputError(
            f"by must be a column that was seen in some visit, and {by!r} was seen in none; choose another"
        )
    words = choice("per", per, PER).words
    several = "; one with several codes is in several rows" if column.kind == "codes" else ""
    return Estimates(
        [
            unit_cost(
                survey,
                per=per,
                weighting=weighting,
                among={by: code},
                costing=costing,
                level=level,
                resamples=resamples,
                seed=seed,
                label=code.replace("_", " "),
            )
            for code in present
        ],
        caption=f"Pounds a year per {words}, by {by.replace('_', ' ')}",
        show=("weighting", "without_pupils", "left_out", "group_not_seen"),
        note=f"The base is schools{several}; {costing.in_words(years_of_costs(survey))}",
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
    parts = "; ".join(f"{number(it.value, it.unit)} for {it.label} ({_schools_and_reach(it)})" for it in costs)
    provenance = weakest(cost.provenance for cost in costs)
    words = f"{costs.caption}: {parts}{not_seen(costs)} ({costs[0].details['weighting']}; {provenance.value})."
    if level := next((cost.level for cost in costs if cost.level is not None), None):
        words += f" The {100 * level:g}% intervals are as if the schools had been drawn at random."
    return Sentence(told(words, provenance))


def not_seen(costs: Estimates) -> str:
    """In how many more schools it was not seen to which of several groups they belong; nothing where in none."""
    schools = max(cost.details.get("group_not_seen", 0) for cost in costs)
    return f"; not seen in {schools} more {'school' if schools == 1 else 'schools'}" if schools else ""


def _schools_and_reach(cost: Estimate) -> str:
    schools = f"{cost.base} {'school' if cost.base == 1 else 'schools'}"
    return schools if cost.level is None else f"{schools}, {interval(cost.low, cost.high, cost.unit)}"


def by_school(
    survey: Survey, pers: Sequence[str], *, among: Visits | None = None, costing: Costing = EVERYTHING
) -> pd.DataFrame:
    """Pounds of each school, and its pupils of each kind in `PER`, afterwards; what it has no count of is missing."""
    columns = {"pounds": pounds_by_school(survey, costing)}
    after = survey.pupil_groups
    after = after[(after["time"] == "after") & (after["characteristic"] == SUMMED_OVER)]
    if among:
        after = after[after["visit_id"].isin(matching(survey, among))]
    for per in pers:
        unit = choice("per", per, PER)
        check_rows(after, SUMMED_OVER, unit.column, _OUT_OF[unit.column], times=["after"])
        pupils = after if unit.group is None else after[after["group"] == unit.group]
        columns[per] = pupils.groupby("visit_id")[unit.column].sum().astype(float)
    schools = pd.DataFrame(columns)
    return schools if not among else schools[schools.index.isin(matching(survey, among))]


def origin_of_costs(
    survey: Survey, pers: Sequence[str], *, among: Visits | None = None, costing: Costing = EVERYTHING
) -> Provenance:
    """That of a figure worked out of pounds, pupils, and the columns by which visits are chosen."""
    counted = [choice("per", per, PER).column for per in pers]
    return worked_out([provenance_of_costs(survey, costing), survey.provenance_of_pupils(*counted, among=among)])
