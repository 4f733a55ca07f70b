"""Charts of estimates beside a truth that is known, because the data were made from it."""

from collections.abc import Iterable, Sequence
from numbers import Real
from textwrap import fill

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import INK, MIDDLE, MUTED, STRONG, Chart, headed, house_style, need
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate
from survey_analysis.rendering import interval, number

_ROW, _LEAST_REACH = 0.5, 0.6


def beside_truth(
    estimates: Estimate | Sequence[Estimate], *, truth: float | Iterable[float], from_nothing: bool = True
) -> Chart:
    """Shares with their intervals, and a line at the true share: which of them hold it.

    The axis reaches from nothing to the same place wherever it can, so that charts can be compared by eye.

    Parameters
    ----------
    estimates
        Shares with intervals, as `proportion_each` gives them.
    truth
        The true share, from 0 to 1; or that of each estimate, in their order.
    from_nothing
        Whether the axis begins at 0%, so that charts can be compared by eye. Otherwise it holds the intervals alone,
        which shows those that are very short.

    Raises
    ------
    InputError
        No estimates, others than shares, one without an interval, a truth that is no share, or too few of them.
    """
    estimates = [estimates] if isinstance(estimates, Estimate) else list(estimates)
    need(estimates)
    if any(item.unit != "share" or item.low is None or item.value is None for item in estimates):
        raise InputError("this chart is of shares with intervals, such as proportion_each() gives, and one is not such")
    truths = _truths(truth, len(estimates))
    heading = headed(_finding(estimates, truths), estimates)
    level = dict.fromkeys(f"{100 * (item.level or 0):g}% {item.method}" for item in estimates)
    with house_style():
        drawn = "under the design" if "design_effect" in estimates[0].details else "as if drawn at random"
        note = f"lines: intervals ({', '.join(level)}), {drawn}"
        figure, [axes] = heading.canvas(_ROW * len(estimates) + 0.9, note=note)
        _truth_lines(axes, truths)
        tones = [MIDDLE if _holds(item, true) else STRONG for item, true in zip(estimates, truths, strict=True)]
        frame = pd.DataFrame({"row": range(len(estimates)), "share": [item.value for item in estimates]}).astype(float)
        for row, (item, tone) in enumerate(zip(estimates, tones, strict=True)):
            axes.plot([item.low or 0, item.high or 0], [row, row], color=tone, linewidth=3, solid_capstyle="butt")
            words, place = number(item.value, "share"), (item.high or 0, row)
            axes.annotate(words, place, (8, 0), textcoords="offset points", va="center", color=INK)
        sns.scatterplot(frame, x="share", y="row", color=INK, s=42, legend=False, ax=axes, zorder=3)
        axes.set_yticks(range(len(estimates)), [fill(item.label, 40) for item in estimates])
        axes.set(xlabel="", ylabel="", ylim=(len(estimates) - 0.4, -0.6))
        ends = [it for item in estimates for it in (item.low or 0, item.high or 0)]
        reach = [0, _LEAST_REACH] if from_nothing else truths
        _share_axis(axes, min(*ends, *reach), max(*ends, *reach))
    facts = [f"{it.label} {number(it.value, 'share')} ({interval(it.low, it.high, 'share')})" for it in estimates]
    true = number(truths[0], "share") if len(set(truths)) == 1 else ", ".join(number(it, "share") for it in truths)
    lines = "a line at the true" if len(set(truths)) == 1 else "marks at the true"
    return heading.chart(figure, f"Dots with lines, beside {lines} {true}: {'; '.join(facts)}")


def _truths(truth: object, size: int) -> list[float]:
    """The true share of each estimate."""
    truths = list(truth) if isinstance(truth, Iterable) and not isinstance(truth, str) else [truth] * size
    found: list[float] = []
    for it in truths:
        if not isinstance(it, Real) or isinstance(it, bool) or not 0 <= float(it) <= 1:
            raise InputError(f"truth must be a share from 0 to 1, not {it!r:.40}")
        found.append(float(it))
    if len(truths) != size:
        raise InputError(f"truth must have a share for each of the {size} estimates, or one for all, not {len(truths)}")
    return found


def _truth_lines(axes: Axes, truths: Sequence[float]) -> None:
    """One line for a truth that all share, or a mark in the row of each."""
    if len(set(truths)) > 1:
        for row, true in enumerate(truths):
            axes.plot([true, true], [row - 0.3, row + 0.3], color=INK, linewidth=1.6, zorder=4)
        axes.annotate("upright marks: the truth", (1, 1), xycoords="axes fraction", ha="right", va="bottom")
        return
    axes.axvline(truths[0], color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)), zorder=0)
    words = f"truth {number(truths[0], 'share')}"
    axes.annotate(words, (truths[0], 1), xycoords=("data", "axes fraction"), ha="center", va="bottom")


def _finding(estimates: Sequence[Estimate], truths: Sequence[float]) -> str:
    """How many hold the truth, and where the narrowest of them lies."""
    held = sum(_holds(item, true) for item, true in zip(estimates, truths, strict=True))
    count = len(estimates)
    if len(set(truths)) > 1:
        every = "each holds its" if held == count else f"{held or 'none'} hold{'s' * (held < 2)} the"
        return f"Of {count} intervals {every} truth"
    narrowest = min(estimates, key=lambda item: (item.high or 0) - (item.low or 0))
    ends, true = interval(narrowest.low, narrowest.high, "share"), number(truths[0], "share")
    if count == 1:
        return f"The interval, {ends}, {'holds' if held else 'leaves out'} the truth, {true}"
    every = {0: "none holds", 1: "one holds", count: "each holds"}.get(held, f"{held} hold")
    return f"Of {count} intervals {every} the truth, {true}; the narrowest is {ends} ({narrowest.label})"


def _holds(item: Estimate, truth: float) -> bool:
    return (item.low or 0) <= truth <= (item.high or 0)


def _share_axis(axes: Axes, low: float, high: float) -> None:
    room = (high - low) / 6  # for the figure beside the last line
    axes.set_xlim(max(low - room, 0), min(1.1, high + room))
    axes.locator_params(axis="x", nbins=8, steps=[1, 2, 5, 10])
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    sns.despine(ax=axes, left=True)
    axes.tick_params(left=False)
