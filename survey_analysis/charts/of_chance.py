"""Charts of what chance alone does: schools beside schools that are alike, and features looked at again."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import INK, MIDDLE, MUTED, STRONG, Chart, has_numbers, house_style, titled
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.rendering import interval, number

_AGAIN = ("feature", "found", "again")


def schools_beside_chance(rates: pd.DataFrame) -> Chart:
    """The share of each school as a dot, above what chance would make of as many schools that are all alike.

    Parameters
    ----------
    rates
        What `lessons.rates_of_schools` returns: a row for each school, with its share, and in if_alike the share that
        the school in its place would have by chance.

    Raises
    ------
    InputError
        Something that is no such table, or one without rows.
    """
    _require(rates, ("share", "if_alike"), "lessons.rates_of_schools()")
    rows = [("as they were found", rates["share"], STRONG), ("if all were alike", rates["if_alike"], MIDDLE)]
    ends = [interval(float(shares.min()), float(shares.max()), "share") for _, shares, _ in rows]
    heading = titled(
        f"From school to school the share runs from {ends[0]}; chance alone would make it {ends[1]}",
        Provenance.ILLUSTRATIVE,
    )
    highest = max(int(shares.value_counts().max()) for _, shares, _ in rows)
    with house_style():
        figure, panels = heading.canvas(3.2, rows=(1, 1), note="one dot is one school")
        for axes, (name, shares, tone) in zip(panels, rows, strict=True):
            axes.scatter(shares, _heights(shares), s=30, color=tone, clip_on=False)
            axes.set_title(name, fontsize=10, fontweight="normal")
            axes.set(xlim=(0, 1), ylim=(0.3, highest + 0.7), yticks=[])
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            sns.despine(ax=axes, left=True)
        panels[-1].set_xlabel("share of the pupils of a school")
    facts = [f"{name} {end}" for (name, _, _), end in zip(rows, ends, strict=True)]
    return heading.chart(figure, f"Two rows of {len(rates)} dots: {'; '.join(facts)}")


def found_again(features: pd.DataFrame) -> Chart:
    """Differences where they were found by looking for them, and the same ones in schools that were not looked at.

    Parameters
    ----------
    features
        A row for each feature, as `lessons.looked_at_again` returns them: feature, found and again, in points.

    Raises
    ------
    InputError
        Something that is no such table, or one without rows.
    """
    _require(features, _AGAIN[1:], "lessons.looked_at_again()")
    found, again = (float(features[name].mean()) for name in _AGAIN[1:])
    heading = titled(
        f"Where the {len(features)} were found they differ by {number(found, 'points')} on average, in fresh schools "
        f"by {number(again, 'points')}",
        Provenance.ILLUSTRATIVE,
    )
    rows = np.arange(len(features))
    with house_style():
        figure, [axes] = heading.canvas(0.5 * len(features) + 0.7, note="successful schools less others")
        axes.hlines(rows, features["again"], features["found"], color=MIDDLE, linewidth=2)
        axes.scatter(features["found"], rows, s=60, color=STRONG, zorder=3)
        axes.scatter(features["again"], rows, s=60, facecolor="white", edgecolor=STRONG, linewidth=1.6, zorder=3)
        axes.axvline(0, color=INK, linewidth=0.8, zorder=0)
        _key(axes)
        axes.set(ylim=(len(features) - 0.4, -1.1), xlabel="difference (points)")
        axes.set_yticks(rows, [fill(str(name), 34) for name in features["feature"]])
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}" if abs(value) > 1e-9 else "0")
        axes.margins(x=0.12)
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [
        f"{name} {number(first, 'points')}, then {number(second, 'points')}"
        for name, first, second in features[list(_AGAIN)].to_numpy().tolist()
    ]
    return heading.chart(figure, f"Pairs of dots: {'; '.join(facts)}")


def _key(axes: Axes) -> None:
    """What the dots mean, above the rows."""
    across = axes.get_yaxis_transform()
    for place, (words, filling) in enumerate((("where they were found", STRONG), ("in fresh schools", "white"))):
        left = 0.02 + 0.36 * place
        axes.scatter([left], [-0.75], s=60, facecolor=filling, edgecolor=STRONG, linewidth=1.6, transform=across)
        axes.text(left + 0.025, -0.75, words, va="center", fontsize=9, color=MUTED, transform=across)


def _heights(shares: pd.Series) -> np.ndarray:
    """Equal shares on top of one another."""
    return np.asarray(shares.groupby(shares.round(9)).cumcount() + 1)


def _require(frame: object, columns: Sequence[str], maker: str) -> None:
    if not has_numbers(frame, columns):
        raise InputError(f"this chart needs what {maker} returns, with a number in each row of {' and '.join(columns)}")
