"""Charts of what the published claims leave possible."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import pandas as pd
import seaborn as sns
from matplotlib.ticker import MaxNLocator

from survey_analysis.charts.canvas import (
    MIDDLE,
    STRONG,
    WEAK,
    Chart,
    Heading,
    house_style,
)
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance, origin
from survey_analysis.reconstruction import AllowedBounds


def ranges(*found: AllowedBounds, priors: pd.DataFrame | None = None) -> Chart:
    """What the published claims leave possible, as lines from the least to the greatest number of schools.

    Parameters
    ----------
    found
        What `bounds` or `claim_ranges` returns, each for a number of schools.
    priors
        What `prior_table` returns for them: drawn as bars behind the lines, the first prior alone and all together.

    Raises
    ------
    InputError
        No bounds, bounds of a share, or a table that lacks one of the questions.
    """
    if not found or any(not isinstance(it, AllowedBounds) or it.quantity.kind != "number" for it in found):
        raise InputError("this chart is of numbers of schools; give bounds, one or more, asked with number_of()")
    bars = {} if priors is None else _prior_bars(found, priors)
    assumptions = dict.fromkeys(name for it in found for name in it.assumptions)
    made = Provenance.ILLUSTRATIVE if bars else Provenance.DERIVED
    heading = Heading(title=_ranges_title(found, bars), origin=origin(made, list(assumptions)))
    dark = f"; bars, illustrative: most surveys drawn, dark by {next(iter(bars))}, light by any prior" if bars else ""
    step = 0.42 if len(found) < 12 else 0.3
    rows, top = range(len(found)), max(it.base for it in found)
    frame = pd.DataFrame([{"row": str(row), "schools": int(end)} for row in rows for end in _ends(found[row])])
    with house_style():
        figure, [axes] = heading.canvas(step * len(found) + 0.5, note=f"lines, derived: what the claims allow{dark}")
        sns.stripplot(frame, x="schools", y="row", color=STRONG, size=13 * step + 2, jitter=False, ax=axes)
        for of, color in zip(reversed(bars.values()), (WEAK, MIDDLE), strict=False):
            axes.barh(rows, of["high"] - of["low"], left=of["low"], height=0.7, color=color, zorder=0)
        for row, it in enumerate(found):
            axes.plot([int(it.low), int(it.high)], [row, row], color=STRONG, linewidth=3, alpha=0.6)
            words = f"{' to '.join(map(str, _ends(it)))}, {it.verdict}"
            axes.text(float(it.high) + 0.034 * top, row, words, va="center")
        axes.set(xlim=(-top / 59, 2.03 * top), xlabel="schools", ylabel="", ylim=(len(found) - 0.4, -0.6))
        ticks = MaxNLocator(6, steps=[1, 2, 5, 10], integer=True).tick_values(0, top)
        axes.set_xticks([it for it in ticks if it <= top])
        axes.set_yticks(rows, [fill(it.label, 34) for it in found])
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [f"{it.label} {int(it.low)} to {int(it.high)}, {it.verdict}" for it in found]
    for name, of in bars.items():
        reach = zip(facts, of["low"], of["high"], strict=True)
        facts = [f"{fact}, {name} {low:g} to {high:g}" for fact, low, high in reach]
    return heading.chart(figure, "Lines: " + "; ".join(facts))


def _ends(it: AllowedBounds) -> list[int]:
    return list(dict.fromkeys((int(it.low), int(it.high))))


def _prior_bars(found: Sequence[AllowedBounds], priors: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """From where to where the first prior puts each question, and from where to where all of them do."""
    asked = [it.label for it in found]
    if missing := [name for name in asked if name not in set(priors["asked"])]:
        raise InputError(f"priors has no row for {missing[0]!r}; make it with prior_table() from the same bounds")
    names = (priors["prior"].iloc[0], priors["prior"].iloc[-1])
    return {name: priors[priors["prior"] == name].set_index("asked").loc[asked] for name in names}


def _ranges_title(found: Sequence[AllowedBounds], bars: Mapping[str, pd.DataFrame]) -> str:
    """How many questions are settled; and with bars, how much of what is open priors would leave of it."""
    open_ones = [it for it in found if it.low < it.high]
    assumed = sum(it.verdict == "assumed" for it in found if it not in open_ones)
    title = f"What was published leaves one value in {len(found) - len(open_ones)} of {len(found)} questions"
    title += f" ({assumed} only with assumptions)" if assumed else ""
    title += f" and a range in {len(open_ones)}" if open_ones else ""
    if bars and open_ones:
        asked = [it.label for it in open_ones]
        left = [((of["high"] - of["low"]) / (of["greatest"] - of["least"]))[asked].mean() for of in bars.values()]
        guesses = f"{next(iter(bars))} to {left[0]:.0%} of their width, several priors together to {left[1]:.0%}"
        title += f". Guessing would narrow the ranges: {guesses}"
    return title
