"""The only room that draws: results in, charts out, each with its finding as title and a description in words."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from math import ceil, isfinite
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, weakest
from survey_analysis.rendering import interval, number

# Tones that stay apart in greyscale, and for every common kind of colour blindness.
STRONG, MIDDLE, WEAK, INK, MUTED = "#0b3c5d", "#7ba0b8", "#d5dde2", "#1b1b1b", "#5a5f63"
_STYLE: dict[Any, Any] = {
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "text.color": INK,
    "text.parse_math": False,  # a label is text, whatever signs it holds
}
_WIDTH = 7.2


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawn chart: shown as a picture by a notebook, and read as its description by whoever cannot see it."""

    figure: Figure
    title: str
    alt: str
    provenance: Provenance

    def __repr__(self) -> str:
        return self.alt

    def png(self) -> bytes:
        """The picture, without a date or version inside, so that equal charts are equal bytes."""
        buffer = BytesIO()
        FigureCanvasAgg(self.figure)
        with _style():  # some ticks are made only now
            self.figure.savefig(buffer, format="png", dpi=144, metadata={"Software": None})
        return buffer.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the picture to a file."""
        Path(path).write_bytes(self.png())

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"image/png": self.png(), "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def schools(tally: Tally, *, words: str) -> Chart:
    """Every school a square, those that are counted filled in.

    Parameters
    ----------
    tally
        How many of the schools; those in which it was not seen are drawn as outlines.
    words
        What the counted schools did, to follow "10 of the 59 schools".

    Raises
    ------
    InputError
        A tally of no school at all.
    """
    total, columns = tally.base + tally.not_seen, 15
    if total == 0:
        raise InputError(f"a chart needs at least one school; the tally {tally.label!r} has none")
    rows = ceil(total / columns)
    title = f"{tally.count} of the {tally.base} schools {words}"
    kinds = ["counted"] * tally.count + ["other"] * (tally.base - tally.count) + ["not seen"] * tally.not_seen
    places = [divmod(position, columns) for position in range(total)]
    grid = pd.DataFrame(places, columns=["y", "x"]).assign(kind=kinds)
    with _style():
        figure, axes = _canvas(0.44 * rows + 0.1, title, tally.provenance, "one square is one school")
        fills = {"counted": STRONG, "other": WEAK, "not seen": "white"}
        sns.scatterplot(
            grid, x="x", y="y", hue="kind", palette=fills, marker="s", s=520, edgecolor=MUTED, legend=False, ax=axes
        )
        axes.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[], xlabel="", ylabel="")
        sns.despine(ax=axes, left=True, bottom=True)
    unseen = f"; in {tally.not_seen} more it was not seen" if tally.not_seen else ""
    return _chart(figure, title, f"{tally.base} squares, of which {tally.count} are filled{unseen}", tally.provenance)


def shares(estimates: Estimates, *, title: str = "") -> Chart:
    """Shares as bars, with their interval where they have one, in the order given.

    Estimates that all bear one label are told apart by their method, and the title says how far they agree.

    Parameters
    ----------
    estimates
        Shares, with `count` in the details.
    title
        The finding; which is the commonest when empty.

    Raises
    ------
    InputError
        No estimates.
    """
    _need(estimates)
    largest = max(estimates, key=lambda item: item.value or 0)
    one_label = len({item.label for item in estimates}) == 1 < len({item.method for item in estimates})
    title = title or (_agreement(estimates) if one_label else f"The commonest is {largest.label}: {_of_base(largest)}")
    names = [item.method if one_label else item.label for item in estimates]
    provenance = weakest(item.provenance for item in estimates)
    with _style():
        figure, axes = _canvas(0.52 * len(estimates) + 0.35, title, provenance, _method(estimates))
        _bars(axes, names, estimates, strong=None if one_label else largest)
        for row, item in enumerate(estimates):
            right = item.high if item.high is not None else item.value or 0
            if item.low is not None:
                axes.plot([item.low, right], [row, row], color=INK, linewidth=1.4, solid_capstyle="butt")
            axes.text(right + 0.012, row, f"{_of_base(item)}, {number(item.value, item.unit)}", va="center")
        reach = max(item.high or item.value or 0 for item in estimates)
        _share_axis(axes, reach)
    facts = [
        f"{name} {_of_base(item)} ({number(item.value, item.unit)}{_limits(item)})"
        for name, item in zip(names, estimates, strict=True)
    ]
    return _chart(figure, title, "Bars: " + "; ".join(facts), provenance)


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
    _need(changes)
    wider = [item.label for item in changes if item.details["direction"] == "wider"]
    title = f"The gap in {of} widened on {len(wider)} of {len(changes)} scales"
    if 0 < len(wider) < len(changes):
        title += ": the answer depends on the scale"
    provenance = weakest(item.provenance for item in changes)
    with _style():
        figure = Figure(figsize=(_WIDTH, 3.3), layout="constrained")
        figure.suptitle(fill(title, 68), x=0.01, ha="left", fontweight="bold", fontsize=11.5)
        figure.supxlabel(
            _source(provenance, "each panel has its own scale"), x=0.01, ha="left", fontsize=8, color=MUTED
        )
        [panels] = figure.subplots(1, len(changes), squeeze=False)
        for axes, item in zip(panels, changes, strict=True):
            _slope(axes, item)
    facts = [
        f"{item.label} {number(item.details['before'], item.unit)} before and "
        f"{number(item.details['after'], item.unit)} after, {item.details['direction']}"
        for item in changes
    ]
    panels_in_words = "Four panels" if len(changes) == 4 else "Panels"
    return _chart(figure, title, f"{panels_in_words}: " + "; ".join(facts), provenance)


def unit_costs(costs: Estimates) -> Chart:
    """Pounds per pupil for groups of schools, as bars with their values.

    Parameters
    ----------
    costs
        What `unit_costs` returns.

    Raises
    ------
    InputError
        No estimates.
    """
    _need(costs)
    least, most = (pick(costs, key=lambda item: item.value or 0) for pick in (min, max))
    title = (
        f"{costs.caption}: from {number(least.value, 'pounds')} ({least.label}) "
        f"to {number(most.value, 'pounds')} ({most.label})"
    )
    provenance = weakest(item.provenance for item in costs)
    with _style():
        figure, axes = _canvas(0.52 * len(costs) + 0.35, title, provenance, costs[0].details["weighting"])
        _bars(axes, [item.label for item in costs], costs, strong=most)
        top = most.value or 1
        for row, item in enumerate(costs):
            axes.text(
                (item.value or 0) + top * 0.015,
                row,
                f"{number(item.value, 'pounds')}, {item.base} schools",
                va="center",
            )
        axes.set(xlim=(0, top * 1.35), xlabel=f"pounds a year per {costs[0].details['per']}", ylabel="")
        axes.xaxis.set_major_formatter("£{x:,.0f}")
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [f"{item.label} {number(item.value, 'pounds')} in {item.base} schools" for item in costs]
    return _chart(figure, title, "Bars: " + "; ".join(facts), provenance)


def themes(table: pd.DataFrame) -> Chart:
    """Actions to the right and the pitfalls that mirror them to the left, in successful and in other schools.

    Parameters
    ----------
    table
        What `theme_table` returns.
    """
    groups = list(table["schools"].unique())
    of = table["base"].clip(lower=1)  # none of none is drawn as no bar
    shares = table.assign(action=table["action"] / of, pitfall=-table["pitfall"] / of)
    provenance = weakest(Provenance(value) for value in table["provenance"])
    title = "Described, not tested: actions were looked for where success had been seen"
    with _style():
        figure = Figure(figsize=(_WIDTH, 4.1), layout="constrained")
        figure.suptitle(fill(title, 68), x=0.01, ha="left", fontweight="bold", fontsize=11.5)
        note = "numbers: visits with pitfall (left), action (right)"
        figure.supxlabel(_source(provenance, note), x=0.01, ha="left", fontsize=8, color=MUTED)
        [panels] = figure.subplots(1, len(groups), sharey=True, squeeze=False)
        for axes, group in zip(panels, groups, strict=True):
            rows, name = shares[shares["schools"] == group], str(group).removesuffix("s")
            counts = table[table["schools"] == group]
            for column, tone in (("action", STRONG), ("pitfall", WEAK)):
                sns.barplot(rows, x=column, y="theme", color=tone, saturation=1, edgecolor=MUTED, ax=axes)
            for column, room in (("action", 0.03), ("pitfall", -0.03)):
                for row, (share, count) in enumerate(zip(rows[column], counts[column], strict=True)):
                    axes.text(share + room, row, str(count), va="center", ha="left" if room > 0 else "right")
            axes.axvline(0, color=INK, linewidth=0.8)
            seen = sorted(set(counts["base"]))
            bases = f"{seen[0]} visits seen" if len(seen) == 1 else f"{seen[0]} to {seen[-1]} visits seen"
            axes.set(xlim=(-1.2, 1.2), xlabel="pitfall | action", ylabel="", xticks=[-1, -0.5, 0, 0.5, 1])
            axes.set_title(f"{name} schools ({bases})", fontsize=9.5, fontweight="normal")
            axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0%}")
            sns.despine(ax=axes, left=True)
            axes.tick_params(left=False)
            axes.set_yticks(range(len(rows)), [fill(theme, 24) for theme in rows["theme"]])
    facts = [
        f"{row['theme']}, {row['schools']}: action {row['action']}, pitfall {row['pitfall']} of {row['base']}"
        for _, row in table.iterrows()
    ]
    return _chart(figure, title, "Mirrored bars: " + "; ".join(facts), provenance)


def _canvas(height: float, title: str, provenance: Provenance, note: str) -> tuple[Figure, Axes]:
    lines = fill(title, 68)
    figure = Figure(figsize=(_WIDTH, height + 0.75 + 0.2 * lines.count("\n")), layout="constrained")
    figure.suptitle(lines, x=0.01, ha="left", fontweight="bold", fontsize=11.5)
    figure.supxlabel(_source(provenance, note), x=0.01, ha="left", fontsize=8, color=MUTED)
    return figure, figure.subplots()


def _style() -> AbstractContextManager[None]:
    """Our style alone, whatever the reader has set."""
    return style.context(["default", _STYLE])


def _bars(axes: Axes, names: Sequence[str], estimates: Sequence[Estimate], *, strong: Estimate | None) -> None:
    """A bar for each, one of them darker; told apart by their place, because two may have one name."""
    rows = [str(row) for row in range(len(estimates))]
    frame = pd.DataFrame({"row": rows, "value": [item.value for item in estimates]})
    tones = [MIDDLE if item is strong else WEAK for item in estimates]
    sns.barplot(frame, x="value", y="row", hue="row", palette=tones, saturation=1, legend=False, ax=axes)
    axes.set_yticks(range(len(names)), [fill(name, 40) for name in names])


def _slope(axes: Axes, item: Estimate) -> None:
    before, after = item.details["before"], item.details["after"]
    if all(value is not None and isfinite(value) for value in (before, after)):
        frame = pd.DataFrame({"time": ["before", "after"], "gap": [before, after]})
        tone = STRONG if item.details["direction"] == "wider" else MUTED
        sns.lineplot(frame, x="time", y="gap", marker="o", markersize=8, color=tone, linewidth=2, ax=axes)
        for x, value in enumerate((before, after)):
            axes.annotate(
                number(value, item.unit).removesuffix(" points"),
                (x, value),
                (0, 9),
                textcoords="offset points",
                ha="center",
            )
        room = abs(after - before) * 0.6 or 0.1
        axes.set(ylim=(min(before, after) - room, max(before, after) + room))
    axes.set(xlim=(-1, 2), yticks=[], xlabel="", ylabel="", xticks=[0, 1], xticklabels=["before", "after"])
    unit = ", points" if item.unit == "points" else ""
    axes.set_title(
        f"{fill(item.label, 18)}{unit}\n{item.details['direction']}", fontsize=9.5, fontweight="normal", loc="center"
    )
    sns.despine(ax=axes, left=True)


def _share_axis(axes: Axes, reach: float) -> None:
    axes.set(xlim=(0, min(1.0, reach) + 0.28), xlabel="", ylabel="")
    axes.set_xticks([tick / 10 for tick in range(0, 11, 2) if tick / 10 <= reach + 0.1])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    sns.despine(ax=axes, left=True)
    axes.tick_params(left=False)


def _chart(figure: Figure, title: str, facts: str, provenance: Provenance) -> Chart:
    return Chart(figure=figure, title=title, alt=f"{title}. {facts}. ({provenance.value})", provenance=provenance)


def _source(provenance: Provenance, note: str) -> str:
    return f"Provenance: {provenance.value}" + (f"; {note}" if note else "")


def _method(estimates: Sequence[Estimate]) -> str:
    levels = {item.level for item in estimates if item.level is not None}
    methods = ", ".join(dict.fromkeys(item.method for item in estimates))
    return f"lines: {100 * max(levels):g}% interval ({methods}), as if drawn at random" if levels else ""


def _need(estimates: Sequence[Estimate]) -> None:
    if not estimates:
        raise InputError("a chart needs at least one estimate; these are none")


def _of_base(item: Estimate) -> str:
    details: Mapping[str, Any] = item.details
    return f"{details['count']} of {item.base}"


def _limits(item: Estimate) -> str:
    return f", interval {interval(item.low, item.high, item.unit)}" if item.level is not None else ""


def _agreement(estimates: Sequence[Estimate]) -> str:
    low = min(item.low for item in estimates if item.low is not None)
    high = max(item.high for item in estimates if item.high is not None)
    return f"Any of {len(estimates)} methods leaves room from {number(low, 'share')} to {number(high, 'share')}"
