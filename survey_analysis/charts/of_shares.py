"""Charts of counts and shares of schools."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import (
    INK,
    MUTED,
    STRONG,
    WEAK,
    Chart,
    bars,
    headed,
    house_style,
    need,
)
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates, Tally
from survey_analysis.rendering import interval, number


def schools(tally: Tally, *, words: str) -> Chart:
    """Every school a square, those that are counted filled in.

    Parameters
    ----------
    tally
        How many of the schools; those in which it was not seen are drawn as outlines.
    words
        What the counted schools did, to follow "10 of the 59 schools".

    Raises
    ------
    InputError
        A tally of no school at all.
    """
    total, columns = tally.base + tally.not_seen, 15
    if total == 0:
        raise InputError(f"a chart needs at least one school; the tally {tally.label!r} has none")
    rows = ceil(total / columns)
    heading = headed(f"{tally.count} of the {tally.base} schools {words}", [tally])
    kinds = ["counted"] * tally.count + ["other"] * (tally.base - tally.count) + ["not seen"] * tally.not_seen
    places = [divmod(position, columns) for position in range(total)]
    grid = pd.DataFrame(places, columns=["y", "x"]).assign(kind=kinds)
    with house_style():
        figure, [axes] = heading.canvas(0.44 * rows + 0.1, note="one square is one school")
        fills = {"counted": STRONG, "other": WEAK, "not seen": "white"}
        sns.scatterplot(
            grid, x="x", y="y", hue="kind", palette=fills, marker="s", s=520, edgecolor=MUTED, legend=False, ax=axes
        )
        axes.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[], xlabel="", ylabel="")
        sns.despine(ax=axes, left=True, bottom=True)
    unseen = f"; in {tally.not_seen} more it was not seen" if tally.not_seen else ""
    return heading.chart(figure, f"{tally.base} squares, of which {tally.count} are filled{unseen}")


def shares(estimates: Estimates, *, title: str = "") -> Chart:
    """Shares as bars, with their interval where they have one, in the order given.

    Estimates that all bear one label are told apart by their method, and the title says how far they agree.

    Parameters
    ----------
    estimates
        Shares, with `count` in the details.
    title
        The finding; which is the commonest when empty.

    Raises
    ------
    InputError
        No estimates.
    """
    need(estimates, "count")
    largest = max(estimates, key=lambda item: item.value or 0)
    one_label = len({item.label for item in estimates}) == 1 < len({item.method for item in estimates})
    commonest = f"The commonest is {largest.label}: {_of_base(largest)}"
    heading = headed(title or (_agreement(estimates) if one_label else commonest), estimates)
    names = [item.method if one_label else item.label for item in estimates]
    with house_style():
        figure, [axes] = heading.canvas(0.52 * len(estimates) + 0.35, note=_method(estimates))
        bars(axes, names, estimates, strong=None if one_label or title else largest)
        for row, item in enumerate(estimates):
            right = item.high if item.high is not None else item.value or 0
            if item.low is not None:
                axes.plot([item.low, right], [row, row], color=INK, linewidth=1.4, solid_capstyle="butt")
            axes.text(right + 0.012, row, f"{_of_base(item)}, {number(item.value, item.unit)}", va="center")
        _share_axis(axes, max(item.high or item.value or 0 for item in estimates))
    facts = [
        f"{name} {_of_base(item)} ({number(item.value, item.unit)}{_limits(item)})"
        for name, item in zip(names, estimates, strict=True)
    ]
    return heading.chart(figure, "Bars: " + "; ".join(facts))


def _share_axis(axes: Axes, reach: float) -> None:
    axes.set(xlim=(0, min(1.0, reach) + 0.28), xlabel="", ylabel="")
    axes.set_xticks([tick / 10 for tick in range(0, 11, 2) if tick / 10 <= reach + 0.1])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    sns.despine(ax=axes, left=True)
    axes.tick_params(left=False)


def _method(estimates: Sequence[Estimate]) -> str:
    kinds = dict.fromkeys(f"{100 * item.level:g}% {item.method}" for item in estimates if item.level is not None)
    return f"lines: intervals ({', '.join(kinds)}), as if drawn at random" if kinds else ""


def _of_base(item: Estimate) -> str:
    details: Mapping[str, Any] = item.details
    return f"{details['count']} of {item.base}"


def _limits(item: Estimate) -> str:
    return f", interval {interval(item.low, item.high, item.unit)}" if item.level is not None else ""


def _agreement(estimates: Sequence[Estimate]) -> str:
    """From where to where the intervals of several methods run, each end as a range over the methods."""
    lows = [item.low for item in estimates if item.low is not None]
    highs = [item.high for item in estimates if item.high is not None]
    if not lows:
        return f"{len(estimates)} methods, one share: {_of_base(estimates[0])}"
    ends = [f"{number(min(end), 'share')}-{number(max(end), 'share')}" for end in (lows, highs)]
    return f"{len(estimates)} methods agree: an interval from {ends[0]} to {ends[1]}"
