"""The Four Es of value for money side by side: economy, efficiency, effectiveness with its cost, equity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from survey_analysis.errors import InputError, choice
from survey_analysis.estimates import Estimate, Estimates, told, weakest
from survey_analysis.pooling import WEIGHTINGS, pooled
from survey_analysis.prices import EVERYTHING, Costing, years_of_costs
from survey_analysis.rendering import Sentence, interval, number
from survey_analysis.resampling import RESAMPLES, Numbers
from survey_analysis.surveys import Survey, Visits, undecided
from survey_analysis.value_for_money import PER, by_school, origin_of_costs

Ratio = Callable[[Numbers], Numbers]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of value: which of the Es it belongs to, and which columns it is made of, and how."""

    criterion: str
    unit: str
    columns: tuple[str, ...]
    ratio: Ratio


def _first_of_second(columns: Numbers) -> Numbers:
    return columns[..., 0] / columns[..., 1]


def _share_less_share(columns: Numbers) -> Numbers:
    return columns[..., 0] / columns[..., 1] - columns[..., 2] / columns[..., 3]


def _cost(criterion: str, per: str) -> tuple[str, Measure]:
    words = "school" if per == "school" else PER[per].words
    return f"pounds per {words}", Measure(
        criterion=criterion, unit="pounds", columns=("pounds", per), ratio=_first_of_second
    )


def _part(criterion: str, of: str, words: str) -> tuple[str, Measure]:
    columns = (of, "pupil_reached")
    return f"{words}, share of those taking part", Measure(
        criterion=criterion, unit="share", columns=columns, ratio=_first_of_second
    )


MEASURES: Mapping[str, Measure] = MappingProxyType(
    dict(
        [
            _cost("economy", "school"),
            _cost("economy", "pupil_on_roll"),
            _cost("efficiency", "pupil_reached"),
            _part("effectiveness", "pupil_making_good_progress", "making good progress"),
            _part("effectiveness", "pupil_sustained", "going on for a year or more"),
            _cost("cost-effectiveness", "pupil_making_good_progress"),
            _cost("cost-effectiveness", "pupil_sustained"),
            _cost("equity", "disadvantaged_pupil_reached"),
            _part("equity", "disadvantaged_pupil_reached", "with free school meals"),
            (
                "with free school meals, share of those taking part less share of the roll",
                Measure(
                    criterion="equity",
                    unit="points",
                    columns=(
                        "disadvantaged_pupil_reached",
                        "pupil_reached",
                        "disadvantaged_pupil_on_roll",
                        "pupil_on_roll",
                    ),
                    ratio=_share_less_share,
                ),
            ),
        ]
    )
)
"""What `four_es` measures, by name. The names are what a rubric calls its measures by."""


def four_es(
    survey: Survey,
    *,
    among: Visits | None = None,
    weighting: str = "ratio_of_sums",
    costing: Costing = EVERYTHING,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimates:
    """Economy, efficiency, effectiveness and equity of the partnerships, in one table.

    Economy is what goes in: pounds per school and per pupil on roll. Efficiency is what comes out of it: pounds per
    pupil taking part. Effectiveness is whether that does what it is for: good progress, and going on for a year or
    more, of those who take part. Cost-effectiveness joins what goes in to that: pounds per pupil who made good progress
    or went on. Equity is whom it reaches: what a pupil with free school meals who takes part costs, and whether such
    pupils are as many among those taking part as on the roll.

    Parameters
    ----------
    survey
        The survey.
    among
        Which visits to look at, as column -> code or codes; all when absent.
    weighting
        As for `unit_cost`; the same for every row.
    costing
        As for `unit_cost`.
    level
        The level of the intervals, from drawing schools again, between 0 and 1.
    resamples, seed
        How many times schools are drawn, and from which seed.

    Returns
    -------
    Estimates
        A row for each of `MEASURES`, with its `criterion` (which E), `weighting` and `costing` in the details. All rows
        are of the same schools: those with costs and pupil counts; `left_out` is how many of the others there are. A
        row that is undefined has no value, and its method says why.

    Raises
    ------
    InputError
        An unknown weighting, costs of several years that are not brought to one, a level that is not between 0 and 1,
        or no school with costs and pupils.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> table = four_es(load_survey(), resamples=200)
    >>> [(row.details["criterion"], row.label) for row in table][:3]  # doctest: +NORMALIZE_WHITESPACE
    [('economy', 'pounds per school'), ('economy', 'pounds per pupil on roll'),
     ('efficiency', 'pounds per pupil taking part')]

    Notes
    -----
    The table describes; what is good value, a rubric must say (see `apply_rubric`). Nothing in it is an effect: pupils
    who made good progress might have made it anyway. The costs are readings of one budget and must not be added up.
    With another weighting than sums a row leaves out the schools in which it is undefined, so bases differ.

    References
    ----------
    National Audit Office, Successful commissioning: assessing value for money; Department for International Development
    (2011), DFID's approach to value for money, on cost-effectiveness; King (2017), Using economic methods evaluatively,
    American Journal of Evaluation 38.
    """
    choice("weighting", weighting, WEIGHTINGS)
    schools, left_out = _schools(survey, among, costing)
    if schools.empty:
        raise InputError("no school here has both costs and pupil counts; choose other visits")
    shared = {
        "weighting": weighting.replace("_", " "),
        "costing": costing.in_words(years_of_costs(survey)),
        "left_out": left_out,
        "group_not_seen": undecided(survey, among) if among else 0,
    }
    provenance = origin_of_costs(survey, list(PER), among=among, costing=costing)
    rows = []
    for label, measure in MEASURES.items():
        columns = schools[list(measure.columns)]
        found = pooled(columns, measure.ratio, weighting=weighting, level=level, resamples=resamples, seed=seed)
        rows.append(
            Estimate(
                label=label,
                value=found.value,
                low=found.low,
                high=found.high,
                level=found.level,
                method=found.interval if found.value is not None else "undefined: no school has such a pupil",
                base=found.base,
                provenance=provenance,
                unit=measure.unit,
                details={"criterion": measure.criterion, "without_pupils": found.without, **shared},
            )
        )
    note = f"The base is schools; {shared['weighting']}; {shared['costing']}"
    return Estimates(
        rows, caption="The Four Es", show=("criterion", "without_pupils", "left_out", "group_not_seen"), note=note
    )


def four_es_in_words(table: Estimates) -> Sentence:
    """The Four Es as a sentence: what goes in, what a pupil costs who takes part, who goes on, who is disadvantaged.

    Parameters
    ----------
    table
        What `four_es` returns.

    Raises
    ------
    InputError
        Other estimates, or some of the rows only.
    """
    rows = {row.label: row for row in table} if isinstance(table, Estimates) else {}
    if list(rows) != list(MEASURES):
        raise InputError("table must be what four_es() gives, whole, not other estimates")
    per = "pounds per {}"
    costs = [
        f"{number(rows[per.format(PER[it].words)].value, 'pounds')} for each {PER[it].words}"
        for it in ("pupil_on_roll", "pupil_reached", "pupil_sustained", "disadvantaged_pupil_reached")
    ]
    gap = table[len(table) - 1]
    provenance = weakest(row.provenance for row in table)
    reach = f" ({interval(gap.low, gap.high, gap.unit)})" if gap.level is not None else ""
    made = f"{gap.details['weighting']}; {gap.details['costing']}; {provenance.value}"
    words = (
        f"One budget comes to {', '.join(costs[:-1])} and {costs[-1]}. The share of pupils with free school meals "
        f"among those taking part, less their share of the roll, is {number(gap.value, gap.unit)}{reach} ({made})."
    )
    return Sentence(told(words, provenance))


def _schools(survey: Survey, among: Visits | None, costing: Costing) -> tuple[pd.DataFrame, int]:
    """The schools that have everything, a column for each part of the measures, and how many have not."""
    schools = by_school(survey, list(PER), among=among, costing=costing).assign(school=1.0)
    whole = schools.dropna()
    return whole, len(schools) - len(whole)
