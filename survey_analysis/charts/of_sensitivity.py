"""Charts of what a share leaves unsaid: how schools were chosen, those not visited, and how good an interval is."""

from collections.abc import Sequence
from textwrap import fill
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import INK, MIDDLE, MUTED, STRONG, Chart, Heading, headed, house_style, need
from survey_analysis.errors import InputError
from survey_analysis.estimates import Bounds, Estimate, Estimates, Provenance
from survey_analysis.interval_coverage import coverage_summary
from survey_analysis.rendering import interval, number
from survey_analysis.sensitivity import as_likely, in_figures

_ROOM = 0.7  # of the axis: a line that ends beyond it leaves no room for words beside it


def selection(estimates: Estimates, *, of: str = "schools that have it") -> Chart:
    """The share among all schools, for each supposed selection, with the share as it was seen marked.

    Parameters
    ----------
    estimates
        What `selection_sensitivity` returns, with a row for 1.
    of
        What the schools are called that were so many times as likely to be visited.

    Raises
    ------
    InputError
        No estimates, others than those, or none at 1.
    """
    seen, rows = _seen(estimates), sorted(estimates, key=_times)
    heading = headed(_selection_title(seen, rows, of), estimates)
    names = [_odds_in_words(_times(item)) for item in rows]
    reach = max(item.high if item.high is not None else item.value or 0 for item in rows)
    frame = pd.DataFrame({"row": names, "share": [item.value for item in rows]})
    with house_style():
        figure, [axes] = heading.canvas(0.42 * len(rows) + 0.75, note=_lines(estimates))
        tones = [STRONG if item is seen else MIDDLE for item in rows]
        axes.axvline(seen.value or 0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        for row, item in enumerate(rows):
            if item.low is not None and item.high is not None:
                axes.plot([item.low, item.high], [row, row], color=tones[row], linewidth=1.6, zorder=1)
            end = item.high if item.high is not None else item.value or 0
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # the line of what was seen stays off the words
            axes.text(end + 0.03 * reach, row, number(item.value, "share"), va="center", bbox=box)
        sns.scatterplot(
            frame, x="share", y="row", hue="row", palette=tones, s=75, legend=False, ax=axes, zorder=2, clip_on=False
        )
        axes.set(xlabel="share among all schools, visited or not", ylabel="", ylim=(len(rows) - 0.5, -0.5))
        _percent_axis(axes, (0, 1.15 * reach or 1))
    facts = [f"{name} {number(it.value, 'share')}{_limits(it)}" for name, it in zip(names, rows, strict=True)]
    return heading.chart(figure, "Dots, one for each number of times as likely: " + "; ".join(facts))


def layers(described: Estimate, *, as_if: Estimate, supposed: Estimates, worst: Bounds) -> Chart:
    """One share in four layers, on one axis, each supposing less than the one above.

    Parameters
    ----------
    described
        The share of the schools that were visited, as `share` gives it.
    as_if
        The share with an interval, as `proportion` gives it: as if the schools had been drawn at random.
    supposed
        What `selection_sensitivity` returns; its range is drawn as a band.
    worst
        What `population_bounds` returns.

    Raises
    ------
    InputError
        An estimate without its interval, estimates without `times`, or bounds that are not of a share.
    """
    if as_if.low is None or as_if.high is None:
        raise InputError("as_if must be a share with an interval, as proportion() gives it; this has none")
    if not isinstance(worst, Bounds) or worst.unit != "share":
        raise InputError("worst must be bounds of a share, as population_bounds() gives them")
    need(supposed, "times")
    moved = [item.value for item in supposed if item.value is not None]
    times = sorted(map(_times, supposed))
    supposition = as_likely(times[0]) if len(set(times)) == 1 else f"{in_figures(times[0])} to {as_likely(times[-1])}"
    ends = [(as_if.low, as_if.high), (min(moved), max(moved)), (float(worst.low), float(worst.high))]
    heading = headed(_layers_title(described, supposition, ends), [described, as_if, *supposed, worst])
    names = [
        f"The {described.base:,} that were visited",
        "As if drawn at random",
        f"If {supposition} to be visited",
        f"At worst, of {worst.base:,}",
    ]
    with house_style():
        note = f"line: {_level(as_if)}; band and thin line: what is possible, without a level"
        figure, [axes] = heading.canvas(2.4, note=note)
        dot = pd.DataFrame({"share": [described.value], "row": [0]})
        sns.scatterplot(dot, x="share", y="row", color=STRONG, s=90, ax=axes, zorder=3, clip_on=False)
        for row, (pair, width, tone) in enumerate(zip(ends, (3, 11, 1.2), (STRONG, MIDDLE, INK), strict=True), 1):
            axes.plot(pair, [row, row], color=tone, linewidth=width, solid_capstyle="butt")
            _tell(axes, row, pair)
        _tell(axes, 0, (described.value or 0, described.value or 0))
        axes.axvline(described.value or 0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.set(xlabel="", ylabel="", ylim=(3.5, -0.5))
        axes.set_yticks(range(4), [fill(name, 26) for name in names])
        _percent_axis(axes, (-0.01, 1.05))  # the last words stand inside, so that the layout settles at once
    drawn = [number(described.value, "share"), *map(_ends, ends)]
    facts = "; ".join(f"{name}: {what}" for name, what in zip(names, drawn, strict=True))
    return heading.chart(figure, f"A dot, a line, a band and a thin line: {facts}")


def coverage(frame: pd.DataFrame) -> Chart:
    """How often each interval holds the true share, over the true shares, beside the level that it claims.

    Parameters
    ----------
    frame
        What `coverage` returns.

    Raises
    ------
    InputError
        Another table, or more than four intervals.
    """
    summary = coverage_summary(frame)
    methods: list[Any] = list(summary.itertuples(index=False))
    if len(methods) > 4:
        raise InputError(f"this chart has room for four intervals; the table has {len(methods)}")
    first, level = methods[0], methods[0].level
    title = (
        f"At {100 * level:g}%, the {first.method} interval of {first.base:,} holds the true share "
        f"{number(first.mean, 'share')} of the time on average, {number(first.least, 'share')} at least"
    )
    heading = Heading(title=title, origin=Provenance.DERIVED.value)
    floor = min(0.9 * level, *(max(method.least, 0.7) - 0.02 for method in methods))
    with house_style():
        note = "computed from the binomial distribution, for schools drawn at random"
        note += f"; cut off below {floor:.0%}" if summary["least"].min() < floor else ""
        figure, panels = heading.canvas(2.3, panels=len(methods), note=note)
        for axes, method in zip(panels, methods, strict=True):
            of = frame[frame["method"] == method.method]
            sns.lineplot(of, x="share", y="coverage", color=STRONG, linewidth=0.7, estimator=None, ax=axes)
            axes.axhline(level, color=MUTED, linewidth=1)
            axes.set_title(
                f"{fill(method.method, 56 // len(methods))}\nleast {number(method.least, 'share')}", fontsize=9
            )
            axes.set(xlim=(0, 1), ylim=(floor, 1), xlabel="true share", ylabel="", xticks=[0, 0.5, 1])
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.tick_params(labelleft=axes is panels[0])
            sns.despine(ax=axes)
    facts = "; ".join(
        f"{it.method} {number(it.mean, 'share')} on average, least {number(it.least, 'share')} "
        f"near a true share of {number(it.at_share, 'share')}"
        for it in methods
    )
    return heading.chart(figure, f"Curves over the true share, beside a line at {100 * level:g}%: {facts}")


def _selection_title(seen: Estimate, rows: Sequence[Estimate], of: str) -> str:
    """What the share would become at the furthest supposition on either side of what was seen."""
    furthest = [item for item in dict.fromkeys((rows[-1], rows[0])) if item is not seen]
    if not furthest:
        return f"{number(seen.value, 'share')}, had {of} been as likely to be visited as others"
    became = [f"{number(item.value, 'share')} had {of} been {as_likely(_times(item))}" for item in furthest]
    became[1:] = [it.replace(of, "they") for it in became[1:]]
    return f"{number(seen.value, 'share')} would become {', and '.join(became)} to be visited as others"


def _layers_title(described: Estimate, supposition: str, ends: Sequence[tuple[float, float]]) -> str:
    """Which of chance and the supposed selection could move the share further, and how far at worst."""
    by_chance, by_selection, at_worst = map(_ends, ends)
    chance, selected = (high - low for low, high in ends[:2])
    selection = f"selection ({supposition})"
    further, other = (selection, "chance") if selected > chance else ("chance", selection)
    first, second = (by_selection, by_chance) if selected > chance else (by_chance, by_selection)
    title = f"{further} could move {number(described.value, 'share')} further than {other}: {first}, against {second}"
    return f"{title[0].upper()}{title[1:]}; at worst, {at_worst}"


def _tell(axes: Axes, row: int, pair: tuple[float, float]) -> None:
    """The ends of a line, to its right or left, or above it where it is too long for either."""
    low, high = pair
    words = _ends(pair)
    if high < _ROOM:
        axes.text(high + 0.025, row, words, va="center")
    elif low > 1 - _ROOM:
        axes.text(low - 0.025, row, words, va="center", ha="right")
    else:
        axes.text((low + high) / 2, row - 0.22, words, va="center", ha="center")


def _ends(pair: tuple[float, float]) -> str:
    low, high = pair
    return interval(low, high, "share") if low < high else number(low, "share")


def _seen(estimates: Estimates) -> Estimate:
    need(estimates, "times")
    at_one = [item for item in estimates if _times(item) == 1]
    if not at_one:
        raise InputError("this chart marks the share as it was seen; give selection_sensitivity() a 1 among its times")
    return at_one[0]


def _times(item: Estimate) -> float:
    return float(item.details["times"])


def _odds_in_words(k: float) -> str:
    return "as likely: as seen" if k == 1 else as_likely(k)


def _limits(item: Estimate) -> str:
    return f" (interval {interval(item.low, item.high, 'share')})" if item.level is not None else ""


def _level(item: Estimate) -> str:
    return f"{100 * (item.level or 0):g}% {item.method}"


def _lines(estimates: Sequence[Estimate]) -> str:
    first = estimates[0]
    return f"lines: {_level(first)}, as if drawn at random" if first.level is not None else ""


def _percent_axis(axes: Axes, limits: tuple[float, float]) -> None:
    axes.set_xlim(*limits)
    axes.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    sns.despine(ax=axes, left=True)
    axes.tick_params(left=False)
