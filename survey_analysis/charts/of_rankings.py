"""Charts of several rankings of the same things, side by side."""

from textwrap import fill

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import MIDDLE, MUTED, STRONG, Chart, has_numbers, house_style, titled
from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Provenance
from survey_analysis.rendering import number


def rankings(costs: pd.DataFrame, *, provenance: Provenance = Provenance.ILLUSTRATIVE) -> Chart:
    """How the same things rank by several costs, the cheapest on top, with a line for each from cost to cost.

    Parameters
    ----------
    costs
        A row for each thing: its name in the first column, and pounds in each of the others.
    provenance
        Where the costs come from; illustrative unless you say what it is.

    Raises
    ------
    InputError
        Something else than a table with two rows or more, names that differ, and a number of pounds in two columns or
        more of each row.
    """
    table = of_kind("costs", costs, pd.DataFrame, "lessons.costs_per_pupil()")
    pounds = table.iloc[:, 1:]
    if len(table) < 2 or pounds.shape[1] < 2 or not has_numbers(table, list(pounds.columns)):
        raise InputError(
            "costs must have two rows or more, a name in the first column, and pounds in all of the others"
        )
    names = [str(name) for name in table.iloc[:, 0]]
    if len(set(names)) < len(names):
        raise InputError("costs must have a name of its own for each row, in the first column")
    values = dict(zip(names, pounds.to_numpy(dtype=float).tolist(), strict=True))
    ranks = dict(zip(names, pounds.rank(method="min").to_numpy(dtype=int).tolist(), strict=True))
    first = min(names, key=lambda name: values[name][0])
    last = first if ranks[first][-1] == 1 else min(names, key=lambda name: values[name][-1])
    words = [str(way).replace("_", " ") for way in pounds.columns]
    title = _title(words, first, last, place=ranks[first][-1], of=max(it[-1] for it in ranks.values()))
    heading = titled(title, Provenance(provenance))
    with house_style():
        figure, [axes] = heading.canvas(0.42 * len(names) + 0.6, note="one line each; the cheapest is on top")
        for name in names:
            _line(axes, name, ranks[name], values[name], STRONG if name == first else MIDDLE)
        axes.set(xlim=(-0.45, len(words) - 0.4), ylim=(len(names) + 0.5, 0.5), xlabel="", ylabel="")
        axes.set_xticks(range(len(words)), [fill(it, 20) for it in words])
        axes.set_yticks(range(1, len(names) + 1))
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.tick_params(axis="y", labelcolor=MUTED)
        sns.despine(ax=axes, left=True, bottom=True)
    facts = [
        f"{way}: " + ", ".join(f"{it} {number(values[it][place], 'pounds')}" for it in _in_order(values, place))
        for place, way in enumerate(words)
    ]
    return heading.chart(figure, "Lines, from the cheapest to the dearest " + "; ".join(facts))


def _in_order(values: dict[str, list[float]], place: int) -> list[str]:
    return sorted(values, key=lambda name: values[name][place])


def _title(words: list[str], first: str, last: str, *, place: int, of: int) -> str:
    if first == last:
        return f"{first} is the cheapest {words[0]}, and {words[-1]} as well"
    shown = "the dearest" if place == of else f"number {place}"
    return f"{first} is the cheapest {words[0]}; {words[-1]} it is {shown}, and {last} is the cheapest"


def _line(axes: Axes, name: str, ranks: list[int], pounds: list[float], tone: str) -> None:
    places = list(range(len(ranks)))
    sns.lineplot(x=places, y=ranks, color=tone, marker="o", markersize=8, linewidth=2.2, ax=axes)
    axes.annotate(name, (0, ranks[0]), (-9, 0), textcoords="offset points", ha="right", va="center")
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    for place, rank, value in zip(places, ranks, pounds, strict=True):
        shown = number(value, "pounds") + (f"  {name}" if place == places[-1] else "")
        axes.annotate(
            shown, (place, rank), (10, 0), textcoords="offset points", va="center", fontsize=9, bbox=behind, zorder=4
        )
