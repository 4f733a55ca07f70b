"""Charts of what partnerships cost."""

from collections import Counter
from collections.abc import Iterable
from itertools import cycle
from textwrap import fill

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from survey_analysis.charts.canvas import (
    INK,
    MIDDLE,
    STRONG,
    WEAK,
    Chart,
    bars,
    headed,
    house_style,
    need,
)
from survey_analysis.cost_bands import CostBands, cost_band, read_cost_bands
from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Estimate, Estimates, listed
from survey_analysis.rendering import interval, number
from survey_analysis.value_criteria import MEASURES
from survey_analysis.value_for_money import not_seen


def unit_costs(costs: Estimates) -> Chart:
    """Pounds per pupil for groups of schools, as bars with their values, and lines where they have intervals.

    Parameters
    ----------
    costs
        What `unit_costs` returns.

    Raises
    ------
    InputError
        No estimates.
    """
    need(of_kind("costs", costs, Estimates, "unit_costs()"), "per")
    least, most = (pick(costs, key=lambda item: item.value or 0) for pick in (min, max))
    caption = costs.caption or f"Pounds a year per {costs[0].details['per']}"
    title = f"{caption}: from {_pounds(least)} ({least.label}) to {_pounds(most)} ({most.label})"
    heading = headed(title, costs)
    notes = [*dict.fromkeys(item.details["weighting"] for item in costs), not_seen(costs).removeprefix("; ")]
    note = "; ".join(filter(None, [*notes, *_lines(costs)]))
    with house_style():
        figure, [axes] = heading.canvas(0.52 * len(costs) + 0.35, note=note)
        bars(axes, [item.label for item in costs], costs, strong=most)
        top = max(_right(item) for item in costs) or 1
        for row, item in enumerate(costs):
            _limits(axes, row, item)
            axes.text(_right(item) + top * 0.015, row, f"{_pounds(item)}, {_schools(item)}", va="center")
        _scale(axes, top * 1.35, "£{x:,.0f}")
        axes.set_xlabel(f"pounds a year per {costs[0].details['per']}")
    facts = [f"{item.label} {_pounds(item)}{_interval(item)} in {_schools(item)}" for item in costs]
    return heading.chart(figure, "Bars: " + "; ".join(facts))


def four_es(table: Estimates) -> Chart:
    """The Four Es: what one budget comes to for each kind of pupil, and which shares of those taking part it reaches.

    Parameters
    ----------
    table
        What `four_es` returns.

    Raises
    ------
    InputError
        Other estimates, or some of the rows only.
    """
    rows = {row.label: row for row in of_kind("table", table, Estimates, "four_es()")}
    if list(rows) != list(MEASURES):
        raise InputError("this chart needs the table that four_es() gives, whole")
    *_, meals, gap = table
    whole = next(iter(table))
    costs = [row for row in table if row.unit == "pounds" and row is not whole]
    parts = [row for row in table if row.unit == "share"]
    reached, going_on = (number(rows[f"pounds per pupil {kind}"].value, "pounds") for kind in _TWO)
    roll = None if meals.value is None or gap.value is None else meals.value - gap.value
    title = (
        f"One budget is {reached} for each pupil taking part and {going_on} for each going on for a year or more; of "
        f"those taking part {number(meals.value, 'share')} have free school meals, of the roll {number(roll, 'share')}"
    )
    heading = headed(title, table)
    notes = [whole.details["weighting"], f"{_pounds(whole)} per school", *_lines(table)]
    with house_style():
        heights = (len(costs), len(parts))
        figure, [above, below] = heading.canvas(0.46 * sum(heights) + 0.7, rows=heights, note="; ".join(notes))
        for axes, items, sign in ((above, costs, "£{x:,.0f}"), (below, parts, "{x:.0%}")):
            bars(axes, [_name(item) for item in items], items, strong=None)
            top = max(_right(item) for item in items) or 1
            for row, item in enumerate(items):
                _limits(axes, row, item)
                if item is not meals or roll is None:
                    axes.text(_right(item) + top * 0.015, row, number(item.value, item.unit), va="center")
            _scale(axes, top * 1.25, sign)
        if roll is not None:
            below.plot([roll], [len(parts) - 1], marker="D", color=STRONG, markersize=7, linestyle="")
            words, last = (
                f"{number(meals.value, 'share')}; of the roll {number(roll, 'share')} (diamond)",
                len(parts) - 1,
            )
            at = (max(roll, _right(meals)), last)
            below.annotate(words, at, (9, 0), textcoords="offset points", va="center")
    facts = [f"{row.details['criterion']}, {row.label} {number(row.value, row.unit)}{_interval(row)}" for row in table]
    return heading.chart(figure, "Bars: " + "; ".join(facts))


def cost_bands(costs: Estimate | Estimates, *, bands: CostBands | None = None) -> Chart:
    """Unit costs with their intervals, on published bands of cost.

    Parameters
    ----------
    costs
        Unit costs, as `unit_cost` or `unit_costs` give them.
    bands
        As for `cost_band`.

    Raises
    ------
    InputError
        What `cost_band` raises.
    """
    items = listed("costs", costs, "unit_cost()")
    bands = read_cost_bands() if bands is None else bands
    table = cost_band(items, bands=bands)
    counted = Counter(table["band"])
    said = [f"{counted[name]} {'is' if counted[name] == 1 else 'are'} {name}" for name in bands.names if counted[name]]
    costs_said = "1 cost" if len(table) == 1 else f"{len(table)} costs"
    title = f"Of {costs_said}, {' and '.join(said)} by {bands.provenance.value} bands"
    heading = headed(title, items)
    ends = [0.0, *bands.up_to]
    right = max(bands.up_to[-1] * 1.25, *(_right(item) * 1.1 for item in items))
    with house_style():
        note = f"bands: {bands.source}, per {bands.per}, date {bands.dated}"
        figure, [axes] = heading.canvas(0.5 * len(items) + 0.8, note="; ".join([note, *_lines(items)]))
        for left, reach, name, tone in zip(ends, [*ends[1:], right], bands.names, cycle([WEAK, "white"]), strict=False):
            axes.axvspan(left, reach, color=tone, zorder=0, linewidth=0)
            axes.text((left + reach) / 2, -0.7, name.replace(" ", "\n"), ha="center", va="center", fontsize=9)
        frame = pd.DataFrame({"row": range(len(items)), "pounds": table["pounds"]})
        sns.scatterplot(frame, x="pounds", y="row", color=MIDDLE, s=60, ax=axes, zorder=2)
        for row, item in enumerate(items):
            _limits(axes, row, item)
        _scale(axes, right, "£{x:,.0f}")
        axes.set(ylim=(len(items) - 0.5, -1.1), xticks=bands.up_to)
        axes.set_yticks(range(len(items)), [fill(item.label, 30) for item in items])
    facts = [
        f"{row['label']} {number(row['pounds'], 'pounds')}, {row['band']} ({row['reach']})"
        for _, row in table.iterrows()
    ]
    return heading.chart(figure, "Dots: " + "; ".join(facts))


_TWO = ("taking part", "going on for a year or more")


def _name(item: Estimate) -> str:
    label = item.label.removeprefix("pounds ").replace(", share of those taking part", "")
    return f"{item.details['criterion']}: {label}"


def _scale(axes: Axes, reach: float, sign: str) -> None:
    """A scale from nothing, whose last figure does not stick out: it would move the chart when it is drawn again."""
    axes.set(xlim=(0, reach), xlabel="", ylabel="")
    axes.set_xticks([tick for tick in MaxNLocator(5).tick_values(0, reach) if tick <= 0.93 * reach])
    axes.xaxis.set_major_formatter(sign)
    sns.despine(ax=axes, left=True)
    axes.tick_params(left=False)


def _right(item: Estimate) -> float:
    return item.high if item.high is not None else item.value or 0


def _limits(axes: Axes, row: int, item: Estimate) -> None:
    if item.low is not None and item.high is not None:
        axes.plot([item.low, item.high], [row, row], color=INK, linewidth=1.4, solid_capstyle="butt")


def _lines(items: Iterable[Estimate]) -> list[str]:
    """What the lines are, where there are any."""
    levels = dict.fromkeys(f"{100 * item.level:g}%" for item in items if item.level is not None)
    return [f"lines: {' and '.join(levels)} intervals, schools drawn again, as if drawn at random"] if levels else []


def _interval(item: Estimate) -> str:
    return f" ({interval(item.low, item.high, item.unit)})" if item.level is not None else ""


def _pounds(item: Estimate) -> str:
    return number(item.value, "pounds")


def _schools(item: Estimate) -> str:
    return f"{item.base} {'school' if item.base == 1 else 'schools'}"
