"""Charts of gaps within strata."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from survey_analysis.charts.canvas import MIDDLE, MUTED, STRONG, Chart, headed, house_style
from survey_analysis.estimates import Tally
from survey_analysis.gaps import Pair
from survey_analysis.rendering import number
from survey_analysis.strata import compared_strata, lead, over_all

_OVER_ALL = "all together"
_LEAST, _MOST = 45, 420  # the area of a dot, by the share of its group that is there


def strata(tallies: Mapping[str, Pair], *, of: str) -> Chart:
    """The shares of two groups in each stratum and over all, so that a reversal can be seen, and where it comes from.

    Parameters
    ----------
    tallies
        Stratum -> the tallies of two groups, as for `stratified_gap`.
    of
        What the gap is in, to follow "The gap in".

    Raises
    ------
    InputError
        No stratum with somebody in both groups.
    """
    compared, whole = compared_strata(tallies), over_all(tallies)
    heading = headed(_title(of, whole, compared), [it for pair in tallies.values() for it in pair])
    rows = [*tallies.items(), (_OVER_ALL, whole)]
    note = "the larger a dot, the more of its group are in that stratum"
    with house_style():
        figure, [axes] = heading.canvas(0.46 * len(rows) + 0.95, note=note)
        _dots(axes, rows, whole)
        seen = [it.count / it.base for _, pair in rows for it in pair if it.base]
        low, high = min(seen), max(seen)
        room = high - low or 0.1
        for row, (_, pair) in enumerate(rows):
            axes.text(high + 0.12 * room, row, _gap(pair), va="center")
        axes.axhline(len(rows) - 1.5, color=MUTED, linewidth=0.8)
        bases = [f"{fill(name, 30)} ({' and '.join(f'{it.base:,}' for it in pair)})" for name, pair in rows]
        axes.set_yticks(range(len(rows)), bases)
        axes.set(xlim=(low - 0.1 * room, high + 0.6 * room), ylim=(len(rows) - 0.4, -1.8), xlabel="", ylabel="")
        ticks = MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(low, high)
        axes.set_xticks([tick for tick in ticks if low - 0.1 * room <= tick <= high + 0.1 * room])
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
        axes.legend(loc="upper left", frameon=False, borderaxespad=0, handletextpad=0.2)
    facts = [f"{name} {_share(pair[0])} and {_share(pair[1])}" for name, pair in rows]
    return heading.chart(figure, f"Pairs of dots, {whole[0].label} and {whole[1].label}: " + "; ".join(facts))


def _dots(axes: Axes, rows: Sequence[tuple[str, Pair]], whole: Pair) -> None:
    for row, (_, (ahead, behind)) in enumerate(rows):
        if ahead.base and behind.base:
            ends = [it.count / it.base for it in (ahead, behind)]
            axes.plot(ends, [row, row], color=MUTED, linewidth=1.2, zorder=1)
    for place, tone in enumerate((STRONG, MIDDLE)):
        seen = [(row, pair[place]) for row, (_, pair) in enumerate(rows) if pair[place].base]
        frame = pd.DataFrame(
            [{"share": it.count / it.base, "row": row, "of": it.base / whole[place].base} for row, it in seen]
        )
        sizes = _LEAST + (_MOST - _LEAST) * frame["of"]
        sns.scatterplot(frame, x="share", y="row", s=sizes, color=tone, edgecolor="white", ax=axes, zorder=2)
        axes.scatter([], [], s=_LEAST, color=tone, label=whole[place].label)


def _title(of: str, whole: Pair, compared: Mapping[str, Pair]) -> str:
    leads, crude = [lead(*pair) for pair in compared.values()], lead(*whole)
    along, against = (sum(sign * it * crude > 0 for it in leads) for sign in (1, -1))
    names = [it.label for it in whole]
    if not crude:
        favoured = [sum(sign * it > 0 for it in leads) for sign in (1, -1)]
        split = " and ".join(f"{name} in {count}" for name, count in zip(names, favoured, strict=True))
        return f"Over all there is no gap in {of}; within {len(leads)} strata it favours {split}"
    first, second = names if crude > 0 else reversed(names)
    size = number(abs(whole[0].count / whole[0].base - whole[1].count / whole[1].base), "points").removeprefix("+")
    said = f"Over all the gap in {of} is {size} in favour of {first}; "
    if against:
        return f"{said}within {against} of {len(leads)} strata it favours {second}"
    return f"{said}within {'all' if along == len(leads) else f'{along} of'} {len(leads)} strata too"


def _gap(pair: Pair) -> str:
    first, second = pair
    if not (first.base and second.base):
        return "no comparison"
    return number(first.count / first.base - second.count / second.base, "points")


def _share(tally: Tally) -> str:
    return f"{number(tally.count / tally.base, 'share')} of {tally.base:,}" if tally.base else "nobody"
