"""Charts of what coefficients of agreement make of one raw agreement."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import INK, MIDDLE, MUTED, STRONG, Chart, has_numbers, house_style, titled
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance
from survey_analysis.rendering import number

_COLUMNS = ("share", "agreement", "kappa", "ac1")
_LINES = {"kappa": ("Cohen's kappa", STRONG), "ac1": ("Gwet's AC1", MIDDLE)}


def kappas(curve: pd.DataFrame, *, at: float) -> Chart:
    """Kappa and Gwet's AC1 at one raw agreement, over how common the commoner of two grades is.

    Parameters
    ----------
    curve
        What `lessons.kappa_curve` returns.
    at
        The share of the commoner grade that is marked; the nearest in the table is taken.

    Raises
    ------
    InputError
        Something that is no such table, or one without rows; a share beyond the table.
    """
    if not has_numbers(curve, _COLUMNS):
        raise InputError(
            "this chart needs what lessons.kappa_curve() returns, "
            f"with a number in each row of {' and '.join(_COLUMNS)}"
        )
    first, last = float(curve["share"].iloc[0]), float(curve["share"].iloc[-1])
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not first <= at <= last:
        raise InputError(f"at must be from {first:g} to {last:g}, not {at!r}; write 0.5 for 50%")
    here = curve.iloc[int((curve["share"] - at).abs().argmin())]
    raw = number(float(here["agreement"]), "share")
    told = {name: number(float(here[name]), "coefficient") for name in _LINES}
    heading = titled(
        f"Where {float(here['share']):.0%} of the grades are the same one, {raw} of agreement is a kappa of "
        f"{told['kappa']} and an AC1 of {told['ac1']}",
        Provenance.ILLUSTRATIVE,
    )
    with house_style():
        figure, [axes] = heading.canvas(3.1, note="two grades, which both inspectors give equally often")
        for name, (words, tone) in _LINES.items():
            axes.plot(curve["share"], curve[name], color=tone, linewidth=2.4)
            axes.scatter([here["share"]], [here[name]], s=60, color=tone, zorder=3)
            axes.text(last + 0.008, curve[name].iloc[-1], words, va="center")
        axes.plot(curve["share"], curve["agreement"], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.text(first + 0.005, float(here["agreement"]) + 0.02, "raw agreement", color=MUTED, fontsize=9)
        _settle(axes, float(here["share"]), (first, last), float(curve["kappa"].min()))
    ends = [f"{words} {number(float(curve[name].iloc[-1]), 'coefficient')}" for name, (words, _) in _LINES.items()]
    return heading.chart(
        figure,
        f"Two curves from {first:.0%} to {last:.0%} of the commoner grade, marked at {float(here['share']):.0%}; at "
        f"the end {' and '.join(ends)}",
    )


def _settle(axes: Axes, here: float, ends: tuple[float, float], least: float) -> None:
    axes.axvline(here, color=INK, linewidth=0.8, zorder=0)
    axes.set(xlim=(ends[0], ends[1] + 0.13), ylim=(min(0.0, least) - 0.03, 1), xlabel="share of the commoner grade")
    axes.set_xticks([tick / 10 for tick in range(5, 10) if ends[0] <= tick / 10 <= ends[1]])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter("{x:g}")
    sns.despine(ax=axes)
    axes.spines["bottom"].set_bounds(*ends)
