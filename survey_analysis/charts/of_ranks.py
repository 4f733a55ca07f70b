"""Charts of gaps by ranks."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import INK, MIDDLE, STRONG, WEAK, Chart, headed, house_style
from survey_analysis.estimates import Estimate, Estimates
from survey_analysis.rank_gaps import checked_changes
from survey_analysis.rendering import interval, number

_TONES = (WEAK, MIDDLE, STRONG)  # lowest step first
_ROOM_FOR_WORDS = 0.06  # the narrowest part of a bar in which a percentage can be read


def rank_gap(changes: Estimates) -> Chart:
    """How many pupils of each group stand on each step, before and after, with the gap index beside them.

    Parameters
    ----------
    changes
        What `rank_gap_change` returns.

    Raises
    ------
    InputError
        Other estimates, or none.
    """
    before, after, change = checked_changes(changes)
    heading = headed(_title(before, after, change), changes)
    rows = [(item, group) for item in (before, after) for group in item.details["counts"]]
    with house_style():
        figure, [axes] = heading.canvas(0.52 * len(rows) + 0.75, note="index from -10 to 10, on these pupils' ranks")
        _bars(axes, [item.details["counts"][group] for item, group in rows])
        for place, item in enumerate((before, after)):
            limits = f"\n({interval(item.low, item.high, item.unit)})" if item.level is not None else ""
            axes.text(1.02, 2 * place + 0.5, f"index {number(item.value, item.unit)}{limits}", va="center")
        axes.set_yticks(range(len(rows)), [fill(f"{item.label}: {group}", 30) for item, group in rows])
        axes.set(xlim=(0, 1.36), ylim=(len(rows) - 0.4, -1.0), xlabel="share of the group", ylabel="")
        axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.axhline(1.5, color=INK, linewidth=0.8)
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [f"{item.label}, {group}: {_steps(item.details['counts'][group])}" for item, group in rows]
    return heading.chart(figure, "Bars in parts: " + "; ".join(facts))


def _bars(axes: Axes, counts: Sequence[Mapping[str, int]]) -> None:
    shares = np.array([[count / sum(row.values()) for count in row.values()] for row in counts])
    starts = shares.cumsum(axis=1) - shares
    for step, tone in enumerate(_TONES):
        axes.barh(range(len(counts)), shares[:, step], left=starts[:, step], color=tone, height=0.72, edgecolor="white")
        for row, (start, share) in enumerate(zip(starts[:, step], shares[:, step], strict=True)):
            if share >= _ROOM_FOR_WORDS:
                ink = "white" if tone == STRONG else INK
                axes.text(start + share / 2, row, f"{share:.0%}", ha="center", va="center", color=ink, fontsize=9)
    _key(axes, list(counts[0]))


def _key(axes: Axes, steps: Sequence[str]) -> None:
    """What the tones mean, above the bars."""
    for place, (step, tone) in enumerate(zip(steps, _TONES, strict=True)):
        axes.scatter([place * 0.42 + 0.01], [-0.72], s=70, marker="s", color=tone)
        axes.text(place * 0.42 + 0.04, -0.72, step, va="center", fontsize=9)


def _title(before: Estimate, after: Estimate, change: Estimate) -> str:
    ahead, behind = after.details["counts"]
    value = after.value or 0.0
    favoured = f" in favour of {ahead if value > 0 else behind}" if value else ""
    said = f"The gap index, on these pupils' ranks, went from {number(before.value, before.unit)} to "
    said += f"{number(after.value, after.unit)}{favoured}"
    if change.low is not None and change.high is not None and change.low <= 0 <= change.high:
        said += "; chance alone could make such a change"
    return said


def _steps(counts: Mapping[str, int]) -> str:
    of = sum(counts.values())
    return ", ".join(f"{number(count / of, 'share')} {step}" for step, count in counts.items()) + f", of {of:,}"
