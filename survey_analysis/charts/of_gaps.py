"""Charts of gaps between groups of pupils."""

from collections import Counter
from collections.abc import Sequence
from math import isfinite
from textwrap import fill

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import MUTED, STRONG, Chart, headed, house_style, need
from survey_analysis.estimates import Estimate, Estimates
from survey_analysis.rendering import number


def gap_scales(changes: Estimates, *, of: str) -> Chart:
    """A gap before and after, on four scales side by side, so that it can be seen where they disagree.

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
    need(changes, "direction")
    heading = headed(f"The gap in {of} {_directions(changes)}", changes)
    with house_style():
        note = "each panel has its own scale, from equality (the grey line)"
        figure, panels = heading.canvas(2.55, panels=len(changes), note=note)
        for axes, item in zip(panels, changes, strict=True):
            _slope(axes, item)
    facts = [
        f"{item.label} {number(item.details['before'], item.unit)} before and "
        f"{number(item.details['after'], item.unit)} after, {item.details['direction']}"
        for item in changes
    ]
    panels_in_words = "Four panels" if len(changes) == 4 else "Panels"
    return heading.chart(figure, f"{panels_in_words}: " + "; ".join(facts))


def _slope(axes: Axes, item: Estimate) -> None:
    before, after = item.details["before"], item.details["after"]
    equal = 0 if item.unit == "points" else 1
    axes.axhline(equal, color=MUTED, linewidth=1)
    if all(value is not None and isfinite(value) for value in (before, after)):
        frame = pd.DataFrame({"time": ["before", "after"], "gap": [before, after]})
        tone = STRONG if item.details["direction"] == "wider" else MUTED
        sns.lineplot(frame, x="time", y="gap", marker="o", markersize=8, color=tone, linewidth=2, ax=axes)
        for x, value, beside, align in ((0, before, -8, "right"), (1, after, 8, "left")):
            shown = number(value, item.unit).removesuffix(" points")
            axes.annotate(shown, (x, value), (beside, 0), textcoords="offset points", ha=align, va="center")
        reach = [equal, before, after]
        room = (max(reach) - min(reach)) * 0.12 or 0.1
        axes.set(ylim=(min(reach) - room, max(reach) + room))
    axes.set(xlim=(-1.1, 2.1), yticks=[], xlabel="", ylabel="", xticks=[0, 1], xticklabels=["before", "after"])
    unit = ", points" if item.unit == "points" else ""
    axes.set_title(
        f"{fill(item.label, 18)}{unit}\n{item.details['direction']}", fontsize=9.5, fontweight="normal", loc="center"
    )
    sns.despine(ax=axes, left=True, bottom=True)


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
