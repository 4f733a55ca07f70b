"""What one group of schools costs and achieves beyond another that is named: increments, never a ratio by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from numbers import Real
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.errors import InputError, choice, confidence_level, of_kind, whole_number
from survey_analysis.estimates import Estimate, Estimates, told, weakest
from survey_analysis.prices import EVERYTHING, Costing, years_of_costs
from survey_analysis.rendering import Sentence, interval, number
from survey_analysis.resampling import FEWEST, RESAMPLES, Numbers, enough_resamples, expanded_tail
from survey_analysis.surveys import Survey, Visits, matching, undecided
from survey_analysis.value_for_money import PER, Unit, by_school, origin_of_costs

NOT_AN_EFFECT = (
    "The groups differ in more than what they are named for, so a difference between them is not an effect of it."
)
QUADRANTS: Mapping[str, str] = MappingProxyType(
    {
        "more at more cost": "the ratio is the price of one more",
        "more at less cost": "the group dominates",
        "less at less cost": "the ratio is what is saved for each one fewer",
        "less at more cost": "the group is dominated",
        "as much, or at the same cost": "the two are alike in cost or effect",
    }
)
"""Where a group can lie beside its comparator, the edges between them last, and what a ratio means there, or why there
is none."""

EFFECTS: Mapping[str, Unit] = MappingProxyType({name: it for name, it in PER.items() if it.column != "pupils"})
"""Which pupils can count as the effect; those on the roll are what it is per."""

_ROLL = "pupil_on_roll"
_TRADE = ("more at more cost", "less at less cost")
_ALONE = "no interval: a group of one school cannot be drawn again"
_METHOD = "bootstrap over schools within each group (percentile)"
_SO_TOO = {"more at less cost": "so it does", "less at more cost": "so it is"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Increment:
    """What a group costs and achieves beyond its comparator, per pupil on roll, and what chance could make of it.

    Parameters
    ----------
    cost, effect, ratio
        The incremental cost, the incremental effect, and their ratio, which has no value where it would mean nothing.
    cloud
        Of every resample of schools the incremental effect and cost, in two columns; empty where a group is one school.
    schools
        How many schools the group has, and how many the comparator.
    group, comparator
        What the two are called.
    pupils
        Which pupils are counted as the effect, in words.
    note
        Which pounds count, and what the comparison is not.
    """

    cost: Estimate
    effect: Estimate
    ratio: Estimate
    cloud: Numbers
    schools: tuple[int, int]
    group: str
    comparator: str
    pupils: str
    note: str

    def quadrants(self) -> dict[str, float]:
        """The share of the cloud in each of `QUADRANTS`; nothing where there is no cloud."""
        if not len(self.cloud):
            return {}
        names = _quadrant(self.cloud[:, 0], self.cloud[:, 1])
        return {name: float((names == name).mean()) for name in QUADRANTS}

    @property
    def title(self) -> str:
        """The two groups, as a sentence begins."""
        return f"{self.group[:1].upper()}{self.group[1:]} beside {self.comparator}"

    @property
    def estimates(self) -> Estimates:
        """Cost, effect and ratio as a table."""
        shares = ", ".join(f"{share:.1%} are {name}" for name, share in self.quadrants().items() if share)
        return Estimates(
            [self.cost, self.effect, self.ratio],
            caption=f"{self.title}, per pupil on roll",
            show=("left_out", "group_not_seen"),
            note=f"Of the resamples, {shares}. {self.note}" if shares else self.note,
        )

    def __str__(self) -> str:
        return str(self.estimates)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.estimates._repr_html_()


def incremental(
    survey: Survey,
    *,
    group: Visits,
    group_name: str,
    comparator: Visits | None = None,
    comparator_name: str = "",
    effect: str = "pupil_sustained",
    costing: Costing = EVERYTHING,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Increment:
    """What one group of schools costs and achieves beyond another, and the ratio of the two where it means something.

    The incremental cost is pounds per pupil on roll in the group less the same in the comparator; the incremental
    effect is pupils of the kind asked for per pupil on roll, likewise. So schools of different size compare.

    Parameters
    ----------
    survey
        The survey.
    group, group_name
        The visits that are asked about, as column -> code or codes, and what they are called.
    comparator, comparator_name
        Those that they are compared with, which share no visit with them, and what they are called. There is no
        default: without a named alternative there is no ratio.
    effect
        Which pupils count as the effect: 'pupil_sustained', 'pupil_making_good_progress', 'pupil_reached' or
        'disadvantaged_pupil_reached'.
    costing
        As for `unit_cost`.
    level
        The level of the intervals, between 0 and 1.
    resamples, seed
        How many times schools are drawn again, in each group by itself, and from which seed.

    Returns
    -------
    Increment
        The ratio has a value only where more is done at more cost, or less at less: elsewhere one group dominates, and
        the same ratio would stand for good and for bad. That is so of these schools; its method says in how many of the
        resamples too. It has an interval only where every resample lies in that quadrant. Nothing has one where a group
        has fewer than 6 schools, which show too little of how schools differ; the cloud is there for two and more.

    Raises
    ------
    InputError
        No comparator, or one without a name; groups that share a visit; an unknown effect; a group without a school
        that has costs and pupils; what `unit_cost` raises about costs and pupils.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> found = incremental(
    ...     load_survey(),
    ...     group={"monitoring": "action"},
    ...     group_name="monitored",
    ...     comparator={"monitoring": "pitfall"},
    ...     comparator_name="not monitored",
    ...     resamples=500,
    ... )
    >>> found.effect.value > 0, found.effect.provenance.value
    (True, 'illustrative')

    Notes
    -----
    Not an effect: the groups differ in more than what they are named for. Schools are drawn again, never pupils, for
    pupils of one school are alike. The interval is made of percentiles of the same cloud that the acceptability curve
    is read off, with tails widened as the t distribution is for the smaller group. In 2,000 simulated comparisons with
    skewed costs the 95% interval of the incremental cost held the truth in 94% to 96%, with 6 to 59 schools a side; of
    stranger costs, or of groups that were not drawn at random, nobody knows.

    References
    ----------
    Briggs, Wonderling and Mooney (1997), Pulling cost-effectiveness analysis up by its bootstraps, Health Economics 6;
    Hesterberg (2015), What teachers should know about the bootstrap, The American Statistician 69 (expanded
    percentiles); HM Treasury, The Green Book.
    """
    of_kind("survey", survey, Survey, "load_survey() or read_survey()")
    pupils = choice("effect", effect, EFFECTS).words.replace("pupil ", "pupils ", 1)
    level = confidence_level(level)
    names = (group_name, comparator_name)
    groups = (group, _other(survey, group, comparator, names))
    tables, plain = _sides(survey, groups, names, effect, costing)
    cloud = _cloud(tables, enough_resamples(resamples, level), whole_number("seed", seed, least=0))
    schools = len(tables[0]), len(tables[1])
    point = list(map(float, np.subtract(*(_per_pupil(table.sum(axis=0)) for table in tables))))
    gained = replace(plain, label=f"incremental effect: {pupils}, per pupil on roll", value=point[0], unit="points")
    spent = replace(plain, label="incremental cost, per pupil on roll", value=point[1])
    return Increment(
        cost=_within(spent, cloud[:, 1], level, schools),
        effect=_within(gained, cloud[:, 0], level, schools),
        ratio=_ratio(plain, PER[effect].words, point, cloud, level, schools),
        cloud=cloud,
        schools=schools,
        group=group_name,
        comparator=comparator_name,
        pupils=pupils,
        note=f"The base is schools; {costing.in_words(years_of_costs(survey))}. {NOT_AN_EFFECT}",
    )


def net_benefit(increment: Increment, *, threshold: float | None = None, level: float = 0.95) -> Estimate:
    """The net monetary benefit of a group over its comparator, at what one more pupil is worth to you.

    Parameters
    ----------
    increment
        What `incremental` returns.
    threshold
        How many pounds one more such pupil is worth, 0 or more. It must be given: it is a judgement of yours.
    level
        The level of the interval, between 0 and 1.

    Returns
    -------
    Estimate
        In pounds per pupil on roll: the threshold times the incremental effect, less the incremental cost. Unlike the
        ratio it is defined everywhere. In the details, `acceptability` is the share of the resamples above 0.

    Raises
    ------
    InputError
        A threshold that is missing or no number of 0 or more, a level that is not between 0 and 1, no increment.

    Notes
    -----
    It is as good as the threshold, and no more an effect than the increments are.

    References
    ----------
    Stinnett and Mullahy (1998), Net health benefits, Medical Decision Making 18.
    """
    of_kind("increment", increment, Increment, "incremental()")
    worth = _threshold(threshold)
    level = confidence_level(level)
    benefit = worth * increment.cloud[:, 0] - increment.cloud[:, 1]
    value = worth * (increment.effect.value or 0.0) - (increment.cost.value or 0.0)
    details = {**increment.cost.details, "threshold": worth}
    if len(benefit):
        details["acceptability"] = float((benefit > 0).mean())
    label = f"net benefit per pupil on roll, at {number(worth, 'pounds')} for each of the {increment.pupils}"
    item = replace(increment.cost, label=label, value=value, details=details, method=_METHOD)
    return _within(item, benefit, level, increment.schools)


def acceptability(increment: Increment, *, thresholds: Iterable[float] | None = None) -> pd.DataFrame:
    """The acceptability curve: how often the net benefit comes out above 0, over what one more pupil may be worth.

    Parameters
    ----------
    increment
        What `incremental` returns.
    thresholds
        The pounds that one more such pupil may be worth, each 0 or more. They must be given.

    Returns
    -------
    DataFrame
        A row for each: threshold, share (of the resamples with a net benefit above 0), group, comparator, pupils,
        provenance.

    Raises
    ------
    InputError
        No thresholds, one that is no number of 0 or more, no increment, or one without a cloud.

    Notes
    -----
    The share is of resamples. It is not the probability that the group is good value: nothing here says what was likely
    beforehand. At 0 it is how often the group costs less, and far to the right how often it does more.

    References
    ----------
    Fenwick, Claxton and Sculpher (2001), Representing uncertainty: the role of cost-effectiveness acceptability curves,
    Health Economics 10.
    """
    need_cloud(increment)
    worths = sorted({_threshold(it) for it in thresholds}) if isinstance(thresholds, Iterable) else []
    if not worths:
        given = "none" if thresholds is None or isinstance(thresholds, Iterable) else repr(thresholds)
        raise InputError(
            f"thresholds must be pounds that one more pupil may be worth, one or more, such as range(0, 501, 50), not "
            f"{given}; what a pupil is worth is a judgement that no default can make"
        )
    benefit = np.multiply.outer(worths, increment.cloud[:, 0]) - increment.cloud[:, 1]
    return pd.DataFrame(
        {
            "threshold": worths,
            "share": (benefit > 0).mean(axis=1),
            "group": increment.group,
            "comparator": increment.comparator,
            "pupils": increment.pupils,
            "provenance": increment.cost.provenance.value,
        }
    )


def incremental_in_words(increment: Increment) -> Sentence:
    """A comparison as sentences: both increments, the ratio or why there is none, and that it is not an effect.

    Parameters
    ----------
    increment
        What `incremental` returns.

    Raises
    ------
    InputError
        Something else.
    """
    of_kind("increment", increment, Increment, "incremental()")
    cost, effect, ratio = increment.cost, increment.effect, increment.ratio
    name = ratio.details["quadrant"]
    again = f", and in {increment.quadrants()[name]:.1%} of the resamples" if len(increment.cloud) else ""
    text = (
        f"{increment.title}: {name} in these schools{again}. Per pupil on roll it costs {_beyond(cost)}; of 100 on "
        f"roll, {_beyond(effect)} are {increment.pupils} ({cost.details['schools']} schools; {cost.provenance.value})."
    )
    if ratio.value is None:
        text += f" There is no ratio, for in these schools {QUADRANTS[name]}."
    else:
        text += f" That is {_said(ratio)} {ratio.label.removeprefix('pounds ')}"
        text += "." if ratio.level is not None else f"; {ratio.method}."
    return Sentence(told(f"{text} {NOT_AN_EFFECT}", cost.provenance))


def need_cloud(increment: Increment) -> None:
    """Refuse an increment that has no cloud, and what is none."""
    of_kind("increment", increment, Increment, "incremental()")
    if not len(increment.cloud):
        raise InputError(
            f"{increment.group!r} beside {increment.comparator!r} has no resamples, because one of them is a single "
            "school; compare groups of two schools or more"
        )


def _beyond(item: Estimate) -> str:
    """An increment in words: more or less by how much, in pounds or in pupils of a hundred."""
    alike, less = ("about the same", "less") if item.unit == "pounds" else ("about as many", "fewer")

    def say(value: float) -> str:
        shown = number(abs(value), "pounds") if item.unit == "pounds" else f"{abs(100 * value):.1f}"
        return alike if shown in ("£0", "0.0") else f"{shown} {'more' if value > 0 else less}"

    limits = [] if item.low is None or item.high is None else [item.low, item.high]
    return say(item.value or 0.0) + (f" ({' to '.join(map(say, limits))})" if limits else "")


def _said(item: Estimate) -> str:
    reach = f" ({interval(item.low, item.high, item.unit)})" if item.level is not None else ""
    return f"{number(item.value, item.unit)}{reach}"


def _other(survey: Survey, group: Visits, comparator: Visits | None, names: Sequence[str]) -> Visits:
    """The comparator, if it is one: there, named, and of other visits."""
    if comparator is None:
        raise InputError(
            "comparator must be named: a ratio says what one more pupil costs beyond doing something else, and without "
            "that it is an average cost, which unit_cost() gives"
        )
    if not all(isinstance(name, str) and name.strip() for name in names):
        raise InputError("group_name and comparator_name must say what the two are called; a comparator is a named one")
    ours, theirs = (set(matching(survey, visits)) for visits in (group, comparator))
    if ours and ours == theirs:
        raise InputError("comparator must be other visits than group, and it is the same; choose others")
    if both := ours & theirs:
        raise InputError(
            f"comparator must share no visit with group, and {len(both)} {'is' if len(both) == 1 else 'are'} in both; "
            "choose codes that exclude one another"
        )
    return comparator


def _sides(
    survey: Survey, groups: Sequence[Visits], names: Sequence[str], effect: str, costing: Costing
) -> tuple[list[Numbers], Estimate]:
    """The schools of both groups, and what is the same in every estimate of them."""
    sides = [_side(survey, visits, effect, costing, name) for visits, name in zip(groups, names, strict=True)]
    tables = [table for table, _ in sides]
    plain = Estimate(
        label="",
        value=None,
        method=_METHOD,
        base=sum(map(len, tables)),
        provenance=weakest(origin_of_costs(survey, [effect, _ROLL], among=it, costing=costing) for it in groups),
        unit="pounds",
        details={
            "schools": " and ".join(str(len(table)) for table in tables),
            "left_out": sum(left for _, left in sides),
            "group_not_seen": max(undecided(survey, it) for it in groups),
        },
    )
    return tables, plain


def _side(survey: Survey, visits: Visits, effect: str, costing: Costing, name: str) -> tuple[Numbers, int]:
    """Effect, pounds and pupils on roll of the schools that have all three and a pupil; and how many have not."""
    schools = by_school(survey, [effect, _ROLL], among=visits, costing=costing)
    whole = schools.dropna()[[effect, "pounds", _ROLL]]
    whole = whole[whole[_ROLL] > 0]
    if whole.empty:
        raise InputError(f"the group {name!r} has no school with costs and pupils on roll; choose other visits")
    return whole.to_numpy(dtype=float), len(schools) - len(whole)


def _per_pupil(totals: Numbers) -> Numbers:
    return totals[..., :2] / totals[..., 2:]


def _cloud(tables: list[Numbers], resamples: int, seed: int) -> Numbers:
    """Effect and cost beyond the comparator, for schools drawn again within each group."""
    if min(map(len, tables)) < 2:
        return np.empty((0, 2))
    random = np.random.default_rng(seed)
    # How often each school is drawn is all that sums need to know.
    drawn = [random.multinomial(len(it), np.full(len(it), 1 / len(it)), size=resamples) @ it for it in tables]
    cloud: Numbers = np.subtract(*map(_per_pupil, drawn))
    return cloud


def _within(item: Estimate, drawn: Numbers, level: float, schools: tuple[int, int]) -> Estimate:
    """An estimate with the interval of its resamples, or the reason why it has none."""
    fewer = min(schools)
    if fewer < FEWEST:
        few = f"no interval: {fewer} schools in a group are too few to draw again"
        return replace(item, low=None, high=None, level=None, method=few if fewer > 1 else _ALONE)
    tail = expanded_tail(level, fewer)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return replace(item, low=float(low), high=float(high), level=level)


def _ratio(
    plain: Estimate, pupil: str, point: Sequence[float], cloud: Numbers, level: float, schools: tuple[int, int]
) -> Estimate:
    """Cost over effect where that means something, with an interval where the whole cloud lies in that quadrant."""
    effect, cost = point
    name = _quadrant_of(effect, cost)
    fewer = name == _TRADE[1]
    label = f"pounds {'saved for each fewer' if fewer else 'for each additional'} {pupil}"
    item = replace(plain, label=label, details={**plain.details, "quadrant": name})
    share = float((_quadrant(cloud[:, 0], cloud[:, 1]) == name).mean()) if len(cloud) else None
    if name not in _TRADE:
        again = "" if share is None else f"; {_SO_TOO.get(name, 'so they are')} in {share:.1%} of the resamples"
        return replace(item, method=f"no ratio: in these schools {QUADRANTS[name]}{again}")
    item = replace(item, value=cost / effect)
    if share in (None, 1) or min(schools) < FEWEST:
        return _within(item, cloud[:, 1] / cloud[:, 0], level, schools)
    others = f"no interval: {1 - (share or 0):.1%} of the resamples lie in other quadrants"
    return replace(item, method=f"{others}, where a ratio means another thing")


def _quadrant(effect: Numbers, cost: Numbers) -> NDArray[np.str_]:
    more, less, dearer, cheaper = effect > 0, effect < 0, cost > 0, cost < 0
    *names, edge = QUADRANTS
    return np.select([more & dearer, more & cheaper, less & cheaper, less & dearer], names, default=edge)


def _quadrant_of(effect: float, cost: float) -> str:
    return str(_quadrant(np.array([effect]), np.array([cost]))[0])


def _threshold(value: float | None) -> float:
    if value is None:
        raise InputError(
            "threshold must be given: how many pounds one more pupil is worth is a judgement that no default can make; "
            "write threshold=300 for £300"
        )
    if isinstance(value, bool) or not isinstance(value, Real) or not (isfinite(value) and value >= 0):
        raise InputError(f"threshold must be pounds for one more pupil, a number of 0 or more, not {value!r}")
    return float(value)
