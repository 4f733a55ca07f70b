"""Charts of what a share leaves unsaid: how schools were chosen, those not visited, and how good an interval is."""

from collections.abc import Sequence
from fractions import Fraction
from textwrap import fill
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import INK, MIDDLE, MUTED, STRONG, Chart, Heading, headed, house_style, need
from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Bounds, Estimate, Estimates, Provenance
from survey_analysis.interval_coverage import proportion_coverage_summary
from survey_analysis.proportions import is_counted
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


def layers(
    described: Estimate, *, as_if: Estimate, supposed: Estimates, worst: Bounds, of: str = "schools that have it"
) -> Chart:
    """One share in four layers, on one axis: as it was seen, by chance, by selection, and at worst.

    Where the supposed shares have the interval of `as_if` moved along, and one of them is at 1, the third layer takes
    in chance as well, so each layer supposes less than the one above and holds it.

    Parameters
    ----------
    described
        The share of the schools that were visited, as `share` gives it.
    as_if
        The share with an interval, as `proportion` gives it: as if the schools had been drawn at random.
    supposed
        What `selection_sensitivity` returns; the range of the shares is drawn as a band, that of their intervals as a
        line.
    worst
        What `population_bounds` returns.
    of
        What the schools are called that were so many times as likely to be visited.

    Raises
    ------
    InputError
        An estimate without its interval, estimates without `times`, bounds that are not of a share, or parts that are
        not all of one tally.
    """
    _check_layers(described, as_if, supposed, worst)
    moved = (min(it.value or 0 for it in supposed), max(it.value or 0 for it in supposed))
    limits = [end for it in supposed for end in (it.low, it.high) if end is not None] or moved
    times = sorted(map(_times, supposed))
    supposition = as_likely(times[0]) if len(set(times)) == 1 else f"{in_figures(times[0])} to {as_likely(times[-1])}"
    by_chance, at_worst = (as_if.low or 0, as_if.high or 0), (float(worst.low), float(worst.high))
    selected = (min(limits), max(limits))
    became = f"{_ends(moved)}, with intervals {_ends(selected)}" if selected != moved else _ends(moved)
    title = f"If {of} were {supposition} to be visited, the share among all would be {became}"
    heading = headed(f"{title}; at worst, {_ends(at_worst)}", [described, as_if, *supposed, worst])
    names = [
        f"The {described.base:,} that were visited",
        "As if drawn at random",
        f"If {supposition} to be visited",
        f"At worst, of {worst.base:,}",
    ]
    with house_style():
        note = f"lines: {_level(as_if)}; band and thin line: what is possible, without a level"
        figure, [axes] = heading.canvas(2.4, note=note)
        dot = pd.DataFrame({"share": [described.value], "row": [0]})
        sns.scatterplot(dot, x="share", y="row", color=STRONG, s=90, ax=axes, zorder=3, clip_on=False)
        drawn = [(1, by_chance, 3, STRONG), (2, moved, 11, MIDDLE), (2, selected, 3, STRONG), (3, at_worst, 1.2, INK)]
        for row, pair, width, tone in drawn:
            axes.plot(pair, [row, row], color=tone, linewidth=width, solid_capstyle="butt")
        for row, pair in enumerate([(described.value or 0,) * 2, by_chance, selected, at_worst]):
            _tell(axes, row, pair)
        axes.axvline(described.value or 0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.set(xlabel="", ylabel="", ylim=(3.5, -0.5))
        axes.set_yticks(range(4), [fill(name, 26) for name in names])
        _percent_axis(axes, (-0.01, 1.05))  # the last words stand inside, so that the layout settles at once
    told = [number(described.value, "share"), _ends(by_chance), became, _ends(at_worst)]
    facts = "; ".join(f"{name}: {what}" for name, what in zip(names, told, strict=True))
    return heading.chart(figure, f"A dot, a line, a band and a thin line: {facts}")


def proportion_coverage(frame: pd.DataFrame) -> Chart:
    """How often each interval holds the true share, over the true shares, beside the level that it claims.

    Parameters
    ----------
    frame
        What `proportion_coverage` returns, at one level and for one base.

    Raises
    ------
    InputError
        Another table, several levels or bases in one, or more than four intervals.
    """
    summary = proportion_coverage_summary(frame)
    methods: list[Any] = list(summary.itertuples(index=False))
    for column in ("level", "base"):
        if summary[column].nunique() > 1:
            raise InputError(f"this chart is of one level and one base; the table has several of {column}: draw each")
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


def _check_layers(described: Estimate, as_if: Estimate, supposed: Estimates, worst: Bounds) -> None:
    """The parts are what they should be, and all of one tally."""
    need([described])
    need([as_if])
    need(supposed, "times")
    if not is_counted(described):
        raise InputError(f"described must be a share as share() gives it, and {described.label!r} is not as counted")
    if as_if.level is None:
        raise InputError("as_if must be a share with an interval, as proportion() gives it; this has none")
    if of_kind("worst", worst, Bounds, "population_bounds()").unit != "share":
        raise InputError("worst must be bounds of a share, as population_bounds() gives them")
    base, count = described.base, described.details["count"]
    ends = Fraction(count, worst.base), Fraction(count + worst.base - base, worst.base)
    same = {
        "as_if": (as_if.value, as_if.base) == (described.value, base),
        "supposed": all((it.base, it.details.get("count")) == (base, count) for it in supposed),
        "worst": (worst.low, worst.high) == ends,
    }
    if others := [name for name, is_same in same.items() if not is_same]:
        raise InputError(f"all layers must be of one tally, and {others[0]} is of another than {described.label!r}")


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
