"""Charts of what was judged by a rubric."""

from collections import Counter
from textwrap import fill
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from survey_analysis.charts.canvas import INK, MUTED, STRONG, WEAK, Chart, house_style, titled
from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Provenance, weakest
from survey_analysis.rendering import number
from survey_analysis.rubrics import Rubric


def rubric(criteria: Rubric, *, judged: pd.DataFrame) -> Chart:
    """A rubric as a grid of criteria by standards, with the standard that each criterion reaches filled in and marked.

    A cell that the interval reaches besides is hatched.

    Parameters
    ----------
    criteria
        The rubric.
    judged
        What `apply_rubric` returns for it.

    Raises
    ------
    InputError
        A table of other criteria.
    """
    of_kind("criteria", criteria, Rubric, "read_rubric()")
    of_kind("judged", judged, pd.DataFrame, "apply_rubric()")
    if list(judged.get("criterion", [])) != [it.name for it in criteria.criteria]:
        raise InputError("judged must be what apply_rubric() gives for this rubric, with all its criteria")
    counted = Counter(judged["standard"])
    order = [*reversed(criteria.standards), *(name for name in counted if name not in criteria.standards)]
    said = [f"{counted[name]} {name}" for name in order if counted[name]]
    title = f"Of {len(judged)} criteria, {', '.join(said)}; {_thresholds(judged.iloc[0])}"
    heading = titled(title, weakest(Provenance(it) for it in judged["provenance"]))
    with house_style():
        origin = f"thresholds: {criteria.origin()} ({criteria.title})"
        note = f"{origin}; filled and ticked: reached; hatched: the interval reaches there too"
        figure, [axes] = heading.canvas(0.66 * len(judged) + 0.35, note=note)
        for row, (_, found) in enumerate(judged.iterrows()):
            _row(axes, row, criteria, found)
        axes.set(xlim=(0, len(criteria.standards)), ylim=(len(judged), 0), xlabel="", ylabel="")
        axes.set_xticks([place + 0.5 for place in range(len(criteria.standards))], list(criteria.standards))
        axes.set_yticks([row + 0.5 for row in range(len(judged))], [fill(it, 22) for it in judged["criterion"]])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        sns.despine(ax=axes, left=True, bottom=True)
    facts = [f"{row['criterion']} {row['standard']}, {row['reason']}" for _, row in judged.iterrows()]
    return heading.chart(figure, "Grid: " + "; ".join(facts))


def _thresholds(first: "pd.Series[Any]") -> str:
    """What the thresholds are, and whether they came first."""
    timing = {"unknown": "when the visits were is unknown"}.get(first["timing"], f"set {first['timing']}")
    return f"the thresholds are {'an example' if first['status'] == 'example' else first['status']}, {timing}"


def _row(axes: Axes, row: int, criteria: Rubric, found: "pd.Series[Any]") -> None:
    criterion = criteria.criteria[row]
    names = criteria.standards
    ends = [names.index(str(found[end])) for end in ("low_standard", "high_standard") if found[end] in names]
    for place, standard in enumerate(criterion.standards):
        reached = standard.name == found["standard"]
        also = bool(ends) and not reached and min(ends) <= place <= max(ends)
        cell = Rectangle(
            (place + 0.03, row + 0.06),
            0.94,
            0.88,
            facecolor=STRONG if reached else "white",
            edgecolor=MUTED if also else WEAK,
            hatch="///" if also else None,
            linewidth=1,
        )
        axes.add_patch(cell)
        words = standard.reach(criterion.unit).replace("at least ", "from ").replace(" and below", "\nto below")
        if reached:
            words = f"✓ {number(float(found['value']), criterion.unit)}\n{words}"
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5} if also else None
        tone = "white" if reached else INK
        axes.text(place + 0.5, row + 0.5, words, ha="center", va="center", fontsize=8, color=tone, bbox=box)
