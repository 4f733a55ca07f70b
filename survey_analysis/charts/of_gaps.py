"""Charts of gaps between groups of pupils."""

from collections import Counter
from collections.abc import Sequence
from math import isfinite
from textwrap import fill

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import (
    INK,
    MIDDLE,
    MUTED,
    STRONG,
    Chart,
    Heading,
    headed,
    house_style,
    need,
)
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates, Provenance
from survey_analysis.rendering import interval, number

_TIMES = ("before", "after")
_COVERAGE = {"schools", "estimate", "interval", "level", "coverage", "low", "high"}


def gap_scales(changes: Estimates, *, of: str) -> Chart:
    """A gap before and after, on four scales side by side, so that it can be seen where they disagree.

    Thin lines are the intervals of the gap at each time, where there are any; each panel says whether no change lies
    inside the interval of the *change*, which is not the same as whether those two overlap.

    Parameters
    ----------
    changes
        What `gap_change` returns.
    of
        What the gap is in, to follow "The gap in".

    Raises
    ------
    InputError
        No estimates.
    """
    need(changes, "direction_as_shown")
    heading = headed(f"The gap in {of} {_directions(changes)}{_chances(changes)}", changes)
    levels = dict.fromkeys(item.level for item in changes if item.level is not None)
    lines = "".join(f"; thin lines: {100 * level:g}% intervals that respect schools" for level in levels)
    with house_style():
        note = f"each panel has its own scale, from equality (the grey line){lines}"
        figure, panels = heading.canvas(2.75 if levels else 2.55, panels=len(changes), note=note)
        for axes, item in zip(panels, changes, strict=True):
            _slope(axes, item)
    facts = [
        f"{item.label} {number(item.details['before'], item.unit)} before and "
        f"{number(item.details['after'], item.unit)} after, {item.details['direction_as_shown']}{_chance_of(item)}"
        for item in changes
    ]
    panels_in_words = "Four panels" if len(changes) == 4 else "Panels"
    return heading.chart(figure, f"{panels_in_words}: " + "; ".join(facts))


def gap_changes(by_school: Estimates, *, pooled: Estimate, of: str) -> Chart:
    """The change of the gap in every school, from the one that narrowed most, and all of them together below.

    Parameters
    ----------
    by_school
        What `gap_change_each` returns; schools without a value are left out, and counted below.
    pooled
        The difference from `gap_change`, of the same schools.
    of
        What the gap is in, to follow "The gap in".

    Raises
    ------
    InputError
        No school with a value, or a pooled change that is not a difference, or is of another characteristic, outcome or
        choice of visits.
    """
    need(by_school, "direction")
    need([pooled], "weighting")
    for name in ("characteristic", "outcome", "among"):
        ours, theirs = by_school[0].details.get(name), pooled.details.get(name)
        if ours != theirs:
            raise InputError(f"pooled must have the {name} of by_school, which is {ours!r}, not {theirs!r}")
    schools = sorted((item for item in by_school if item.value is not None), key=lambda item: item.value or 0)
    if not schools or pooled.value is None or pooled.unit != "points":
        raise InputError("this chart needs a school with a value, and the pooled difference, the first of gap_change()")
    signs = [_outside(item) for item in schools]
    up, down = (sum(sign * (item.value or 0) > 0 for item in schools) for sign in (1, -1))
    together = f"{number(pooled.value, 'points')}{_limits(pooled)}"
    beyond = f"{up} of {len(schools)} schools ({signs.count(1)} by their own interval{_by_chance(schools)})"
    title = f"The gap in {of} moved in favour of the group ahead in {beyond}, and all together by {together}"
    heading = headed(title, [*schools, pooled])
    left_out = len(by_school) - len(schools)
    with house_style():
        absent = f"; {left_out} without a value" if left_out else ""
        note = f"thin lines: the interval of each school by itself, dark where it leaves 0 out{absent}"
        figure, [axes] = heading.canvas(0.085 * len(schools) + 1.0, note=note)
        _forest(axes, schools, signs, pooled)
    ends = " to ".join(number(item.value, "points") for item in (schools[0], schools[-1]))
    facts = (
        f"A line for each of {len(schools)} schools, from {ends}: {up} up, of which {signs.count(1)} have an interval "
        f"without 0, and {down} down, of which {signs.count(-1)}; at the bottom the {pooled.details['weighting']}, "
        f"{together}"
    )
    return heading.chart(figure, facts)


def gap_coverage(table: pd.DataFrame) -> Chart:
    """How often intervals hold the truth, by the number of schools: those that respect schools, and those that do not.

    Parameters
    ----------
    table
        What `gap_coverage` returns.

    Raises
    ------
    InputError
        Another table, or an empty one.
    """
    if not isinstance(table, pd.DataFrame) or table.empty or not _COVERAGE.issubset(table):
        raise InputError("table must be what gap_coverage() gives, with a row or more")
    level, last = table["level"].iloc[0], table[table["schools"] == table["schools"].max()]
    shown = [
        f"{it['coverage']:.0%} if it {it['interval']}" for it in last[last["estimate"] == "share"].to_dict("records")
    ]
    truth = f"a {level:.0%} interval for a share holds the truth in {' and in '.join(shown)}"
    title = f"Of surveys of {last['schools'].iloc[0]} schools, {truth}"
    heading = Heading(title=f"Invented data: {title}", origin=Provenance.ILLUSTRATIVE.value)
    estimates = list(table["estimate"].unique())
    with house_style():
        note = "by simulation; thin lines: what the number of surveys leaves uncertain; grey line: what is claimed"
        figure, panels = heading.canvas(2.7, panels=len(estimates), note=note)
        for axes, estimate in zip(panels, estimates, strict=True):
            _coverage(axes, table[table["estimate"] == estimate], level)
            axes.set_title(estimate, fontsize=9.5, fontweight="normal", loc="center")
    facts = [
        f"{row['estimate']}, {row['schools']} schools, {row['interval']}: {row['coverage']:.1%}"
        for _, row in table.iterrows()
    ]
    return heading.chart(figure, "Lines: " + "; ".join(facts))


def _slope(axes: Axes, item: Estimate) -> None:
    values = [item.details[time] for time in _TIMES]
    equal = 0 if item.unit == "points" else 1
    axes.axhline(equal, color=MUTED, linewidth=1)
    if all(value is not None and isfinite(value) for value in values):
        frame = pd.DataFrame({"time": _TIMES, "gap": values})
        sure = item.details.get("chance") != "within chance"
        tone = STRONG if item.details["direction"] == "wider" and sure else MUTED
        sns.lineplot(frame, x="time", y="gap", marker="o", markersize=8, color=tone, linewidth=2, ax=axes)
        reach = [equal, *values]
        for x, time in enumerate(_TIMES):
            low, high = (item.details.get(f"{time}_{end}") for end in ("low", "high"))
            if low is not None and high is not None and isfinite(high):
                axes.plot([x, x], [low, high], color=tone, linewidth=1, solid_capstyle="butt")
                reach += [low, high]
        for x, beside, align in ((0, -8, "right"), (1, 8, "left")):
            shown = number(values[x], item.unit).removesuffix(" points")
            axes.annotate(shown, (x, values[x]), (beside, 0), textcoords="offset points", ha=align, va="center")
        room = (max(reach) - min(reach)) * 0.12 or 0.1
        axes.set(ylim=(min(reach) - room, max(reach) + room))
    axes.set(xlim=(-1.1, 2.1), yticks=[], xlabel="", ylabel="", xticks=[0, 1], xticklabels=["before", "after"])
    unit = ", points" if item.unit == "points" else ""
    chance = f"\n{item.details['chance']}" if "chance" in item.details else ""
    shown = item.details["direction_as_shown"].replace(", ", ",\n")
    scale = item.label.rpartition(": ")[2]  # the title says what the gap is in
    said = f"{fill(scale, 18)}{unit}\n{shown}{chance}"
    axes.set_title(said, fontsize=9.5, fontweight="normal", loc="center")
    sns.despine(ax=axes, left=True, bottom=True)


def _forest(axes: Axes, schools: Sequence[Estimate], signs: Sequence[int], pooled: Estimate) -> None:
    """Points of 0 lie on the grey line; the schools whose interval leaves it out are dark."""
    rows, below = range(len(schools)), len(schools) + 1.5
    for row, item, sign in zip(rows, schools, signs, strict=True):
        if item.low is not None and item.high is not None:
            axes.plot([item.low, item.high], [row, row], color=STRONG if sign else MIDDLE, linewidth=1, zorder=1)
    frame = pd.DataFrame({"change": [item.value for item in schools], "row": rows, "sure": list(map(bool, signs))})
    tones = {True: STRONG, False: MIDDLE}
    sns.scatterplot(frame, x="change", y="row", hue="sure", palette=tones, s=22, legend=False, ax=axes, zorder=2)
    if pooled.low is not None and pooled.high is not None:
        axes.plot([pooled.low, pooled.high], [below, below], color=INK, linewidth=2.4, solid_capstyle="butt")
    axes.plot([pooled.value or 0], [below], marker="D", color=INK, markersize=8)
    axes.axvline(0, color=MUTED, linewidth=1, zorder=0)
    axes.set(
        ylim=(below + 1.5, -1.5),
        xlabel="change of the gap in points; to the right: in favour of the group ahead",
        ylabel="",
    )
    axes.set_yticks(
        [(len(schools) - 1) / 2, below],
        [f"{len(schools)} schools", fill(f"together, {pooled.details['weighting']}", 16)],
    )
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}" if value else "0")
    sns.despine(ax=axes, left=True)
    axes.tick_params(left=False)


def _coverage(axes: Axes, table: pd.DataFrame, level: float) -> None:
    numbers = list(dict.fromkeys(table["schools"]))
    last = len(numbers) - 1
    axes.plot([-0.3, last + 0.1], [level, level], color=MUTED, linewidth=1)
    kinds = sorted(table.groupby("interval", sort=False), key=lambda kind: -kind[1]["coverage"].iloc[-1])
    for (kind, of), tone, beside in zip(kinds, (STRONG, MIDDLE), ("bottom", "top"), strict=False):
        places = [numbers.index(number) for number in of["schools"]]
        sns.lineplot(x=places, y=of["coverage"], color=tone, marker="o", markersize=7, linewidth=2, ax=axes)
        axes.vlines(places, of["low"], of["high"], color=tone, linewidth=1)
        place = (places[-1], of["coverage"].iloc[-1])
        name = axes.annotate(fill(str(kind), 16), place, (8, 0), textcoords="offset points", va=beside)
        name.set_in_layout(False)  # the layout would move with it each time it is drawn
    axes.set(xticks=range(len(numbers)), xticklabels=numbers, xlabel="schools", ylabel="", ylim=(0, 1.1))
    axes.set(xlim=(-0.3, last + 2.2), yticks=[0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    sns.despine(ax=axes)


def _by_chance(schools: Sequence[Estimate]) -> str:
    """How many intervals would lie above no change if no gap had changed: half of those that miss."""
    expected = round(sum(1 - item.level for item in schools if item.level is not None) / 2)
    return f"; about {expected or 'none'} would be so by chance alone" if any(it.level for it in schools) else ""


def _outside(item: Estimate) -> int:
    """1 or -1 where the interval lies above or below no change, and 0 where it holds it."""
    if item.low is None or item.high is None:
        return 0
    return (item.low > 0) - (item.high < 0)


def _limits(item: Estimate) -> str:
    return f" ({interval(item.low, item.high, item.unit).replace(' points', '')})" if item.level is not None else ""


def _chance_of(item: Estimate) -> str:
    return f", {item.details['chance']}" if "chance" in item.details else ""


def _chances(changes: Sequence[Estimate]) -> str:
    """How many of the changes may be chance alone, where any has an interval."""
    seen = Counter(item.details.get("chance") for item in changes)
    within = seen["within chance"]
    if not within:
        return ", beyond chance" if seen["beyond chance"] == len(changes) else ""
    return ", within chance" if within == len(changes) else f", and {within} of the changes may be chance"


def _directions(changes: Sequence[Estimate]) -> str:
    """What happened to a gap, on how many of the scales."""
    seen = Counter(item.details["direction"] for item in changes)
    verbs = {"wider": "widened", "narrower": "narrowed", "the same": "stayed the same", "reversed": "turned round"}
    said = [f"{verb} on {seen[direction]}" for direction, verb in verbs.items() if seen[direction]]
    if len(seen) == 1:
        [direction] = seen
        scales = f"all {len(changes)} scales" if len(changes) > 1 else "1 scale"
        return f"{verbs.get(direction, 'is undefined')} on {scales}"
    depends = ": the answer depends on the scale" if len(said) > 1 else ""
    return f"{' and '.join(said)} of {len(changes)} scales{depends}"
