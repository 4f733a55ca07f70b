"""Charts of counts and shares of schools."""

from collections.abc import Sequence
from math import ceil

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
from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Estimate, Tally
from survey_analysis.proportions import is_counted
from survey_analysis.rendering import HIDDEN, interval, number


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
    of_kind("tally", tally, Tally, "tally() or published_tally()")
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


def shares(estimates: Estimate | Sequence[Estimate], *, title: str = "") -> Chart:
    """Shares as bars, with their interval where they have one, in the order given.

    Beside a share stand its counts, unless a supposition moved it away from them. Estimates that all bear one label are
    told apart by their method, and the title says between which limits their intervals begin and end.

    Parameters
    ----------
    estimates
        Shares, several or one.
    title
        The finding; when empty, which is the commonest, or from where to where shares run that are not as counted.

    Raises
    ------
    InputError
        No estimates, others than shares, or several shares by several methods under one label.
    """
    estimates = [estimates] if isinstance(estimates, Estimate) else estimates
    need(estimates)
    if other := next((item for item in estimates if item.unit != "share"), None):
        raise InputError(f"this chart is of shares, and {other.label!r} is not one; print it, or show it in a table")
    largest = max(estimates, key=lambda item: item.value or 0)
    one_label = len({item.label for item in estimates}) == 1 < len({item.method for item in estimates})
    if one_label and len({item.value for item in estimates}) > 1:
        raise InputError(
            f"estimates that all bear one label must be one share by several methods, and {largest.label!r} is more "
            "than one; give each a label of its own"
        )
    heading = headed(title or (_agreement(estimates) if one_label else _largest(estimates)), estimates)
    names = [item.method if one_label else item.label for item in estimates]
    with house_style():
        figure, [axes] = heading.canvas(0.52 * len(estimates) + 0.35, note=_method(estimates))
        bars(axes, names, estimates, strong=None if one_label or title else largest)
        for row, item in enumerate(estimates):
            if item.is_hidden:
                axes.text(0.012, row, f"{HIDDEN} hidden", va="center", color=MUTED)
                continue
            right = item.high if item.high is not None else item.value or 0
            if item.low is not None:
                axes.plot([item.low, right], [row, row], color=INK, linewidth=1.4, solid_capstyle="butt")
            axes.text(right + 0.012, row, _in_figures(item), va="center")
        _share_axis(axes, max(item.high or item.value or 0 for item in estimates))
    facts = [f"{name} {_facts(item)}" for name, item in zip(names, estimates, strict=True)]
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
    """The count, where the share is that of its count; else the share alone."""
    if item.is_hidden:
        return HIDDEN
    return f"{item.details['count']} of {item.base}" if is_counted(item) else number(item.value, "share")


def _in_figures(item: Estimate) -> str:
    return ", ".join(dict.fromkeys([_of_base(item), number(item.value, "share")]))


def _facts(item: Estimate) -> str:
    within = [number(item.value, "share")] if is_counted(item) and not item.is_hidden else []
    within += [f"interval {interval(item.low, item.high, 'share')}"] if item.level is not None else []
    return _of_base(item) + (f" ({', '.join(within)})" if within else "")


def _largest(estimates: Sequence[Estimate]) -> str:
    """Which is the commonest; or the least and the largest where they are not shares as they were counted."""
    least, *_, largest = sorted([*estimates, estimates[0]], key=lambda item: item.value or 0)
    if largest.is_hidden:
        return "The numbers are hidden"
    if all(item.is_hidden or is_counted(item) for item in estimates):
        return f"The commonest is {largest.label}: {_of_base(largest)}"
    ends = [f"{number(item.value, 'share')} ({item.label})" for item in dict.fromkeys((least, largest))]
    return f"From {' to '.join(ends)}" if len(ends) > 1 else ends[0]


def _agreement(estimates: Sequence[Estimate]) -> str:
    """Between which limits the intervals of several methods begin, and between which they end."""
    lows = [item.low for item in estimates if item.low is not None]
    highs = [item.high for item in estimates if item.high is not None]
    if not lows:
        return f"{len(estimates)} methods, one share: {_of_base(estimates[0])}"
    begin, end = (list(dict.fromkeys(number(it(ends), "share") for it in (min, max))) for ends in (lows, highs))
    begins, ends = (f"between {' and '.join(it)}" if len(it) > 1 else f"at {it[0]}" for it in (begin, end))
    return f"{len(estimates)} methods: the interval begins {begins} and ends {ends}"
