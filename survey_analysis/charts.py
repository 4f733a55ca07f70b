"""The only room that draws: results in, charts out, each with its finding as title and a description in words."""

from collections import Counter
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
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally, origin, weakest
from survey_analysis.reconstruction import Bounds
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
    origin: str

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
        about = {"alt": self.alt, "provenance": self.origin}
        return {"image/png": self.png(), "text/plain": self.alt}, {"image/png": about}


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
    heading = _heading(f"{tally.count} of the {tally.base} schools {words}", [tally])
    kinds = ["counted"] * tally.count + ["other"] * (tally.base - tally.count) + ["not seen"] * tally.not_seen
    places = [divmod(position, columns) for position in range(total)]
    grid = pd.DataFrame(places, columns=["y", "x"]).assign(kind=kinds)
    with _style():
        figure, [axes] = heading.canvas(0.44 * rows + 0.1, note="one square is one school")
        fills = {"counted": STRONG, "other": WEAK, "not seen": "white"}
        sns.scatterplot(
            grid, x="x", y="y", hue="kind", palette=fills, marker="s", s=520, edgecolor=MUTED, legend=False, ax=axes
        )
        axes.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[], xlabel="", ylabel="")
        sns.despine(ax=axes, left=True, bottom=True)
    unseen = f"; in {tally.not_seen} more it was not seen" if tally.not_seen else ""
    return heading.chart(figure, f"{tally.base} squares, of which {tally.count} are filled{unseen}")


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
    _need(estimates, "count")
    largest = max(estimates, key=lambda item: item.value or 0)
    one_label = len({item.label for item in estimates}) == 1 < len({item.method for item in estimates})
    commonest = f"The commonest is {largest.label}: {_of_base(largest)}"
    heading = _heading(title or (_agreement(estimates) if one_label else commonest), estimates)
    names = [item.method if one_label else item.label for item in estimates]
    with _style():
        figure, [axes] = heading.canvas(0.52 * len(estimates) + 0.35, note=_method(estimates))
        _bars(axes, names, estimates, strong=None if one_label or title else largest)
        for row, item in enumerate(estimates):
            right = item.high if item.high is not None else item.value or 0
            if item.low is not None:
                axes.plot([item.low, right], [row, row], color=INK, linewidth=1.4, solid_capstyle="butt")
            axes.text(right + 0.012, row, f"{_of_base(item)}, {number(item.value, item.unit)}", va="center")
        _share_axis(axes, max(item.high or item.value or 0 for item in estimates))
    facts = [
        f"{name} {_of_base(item)} ({number(item.value, item.unit)}{_limits(item)})"
        for name, item in zip(names, estimates, strict=True)
    ]
    return heading.chart(figure, "Bars: " + "; ".join(facts))


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
    _need(changes, "direction")
    heading = _heading(f"The gap in {of} {_directions(changes)}", changes)
    with _style():
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
    _need(costs, "weighting")
    least, most = (pick(costs, key=lambda item: item.value or 0) for pick in (min, max))
    caption = costs.caption or f"Pounds a year per {costs[0].details['per']}"
    title = f"{caption}: from {_pounds(least)} ({least.label}) to {_pounds(most)} ({most.label})"
    heading = _heading(title, costs)
    weightings = ", ".join(dict.fromkeys(item.details["weighting"] for item in costs))
    with _style():
        figure, [axes] = heading.canvas(0.52 * len(costs) + 0.35, note=weightings)
        _bars(axes, [item.label for item in costs], costs, strong=most)
        top = most.value or 1
        for row, item in enumerate(costs):
            axes.text((item.value or 0) + top * 0.015, row, f"{_pounds(item)}, {_schools(item)}", va="center")
        axes.set(xlim=(0, top * 1.35), xlabel=f"pounds a year per {costs[0].details['per']}", ylabel="")
        axes.xaxis.set_major_formatter("£{x:,.0f}")
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [f"{item.label} {_pounds(item)} in {_schools(item)}" for item in costs]
    return heading.chart(figure, "Bars: " + "; ".join(facts))


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
    invented = "Invented data: " if provenance is Provenance.ILLUSTRATIVE else ""
    title = f"{invented}described, not tested, for actions were published of the successful schools"
    heading = _Heading(title=title[0].upper() + title[1:], origin=provenance.value)
    with _style():
        figure, panels = heading.canvas(
            3.35, panels=len(groups), note="numbers: visits with pitfall (left), action (right)"
        )
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
    return heading.chart(figure, "Mirrored bars: " + "; ".join(facts))


def ranges(*found: Bounds, priors: pd.DataFrame | None = None) -> Chart:
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
    if not found or any(not isinstance(it, Bounds) or it.quantity.kind != "number" for it in found):
        raise InputError("this chart is of numbers of schools; give bounds, one or more, asked with number_of()")
    bars = {} if priors is None else _prior_bars(found, priors)
    assumptions = dict.fromkeys(name for it in found for name in it.assumptions)
    made = Provenance.ILLUSTRATIVE if bars else Provenance.DERIVED
    heading = _Heading(title=_ranges_title(found, bars), origin=origin(made, list(assumptions)))
    dark = f"; bars, illustrative: most surveys drawn, dark by {next(iter(bars))}, light by any prior" if bars else ""
    step = 0.42 if len(found) < 12 else 0.3
    rows = range(len(found))
    frame = pd.DataFrame([{"row": str(row), "schools": int(end)} for row in rows for end in _ends(found[row])])
    with _style():
        figure, [axes] = heading.canvas(step * len(found) + 0.5, note=f"lines, derived: what the claims allow{dark}")
        sns.stripplot(frame, x="schools", y="row", color=STRONG, size=13 * step + 2, jitter=False, ax=axes)
        for of, color in zip(reversed(bars.values()), (WEAK, MIDDLE), strict=False):
            axes.barh(rows, of["high"] - of["low"], left=of["low"], height=0.7, color=color, zorder=0)
        for row, it in enumerate(found):
            axes.plot([int(it.low), int(it.high)], [row, row], color=STRONG, linewidth=3, alpha=0.6)
            axes.text(float(it.high) + 2, row, f"{' to '.join(map(str, _ends(it)))}, {it.verdict}", va="center")
        axes.set(xlim=(-1, 120), xlabel="schools", ylabel="", xticks=range(0, 60, 10), ylim=(len(found) - 0.4, -0.6))
        axes.set_yticks(rows, [fill(it.label, 34) for it in found])
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [f"{it.label} {int(it.low)} to {int(it.high)}, {it.verdict}" for it in found]
    for name, of in bars.items():
        reach = zip(facts, of["low"], of["high"], strict=True)
        facts = [f"{fact}, {name} {low:g} to {high:g}" for fact, low, high in reach]
    return heading.chart(figure, "Lines: " + "; ".join(facts))


def _ends(it: Bounds) -> list[int]:
    return list(dict.fromkeys((int(it.low), int(it.high))))


def _prior_bars(found: Sequence[Bounds], priors: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """From where to where the first prior puts each question, and from where to where all of them do."""
    asked = [it.label for it in found]
    if missing := [name for name in asked if name not in set(priors["asked"])]:
        raise InputError(f"priors has no row for {missing[0]!r}; make it with prior_table() from the same bounds")
    names = (priors["prior"].iloc[0], priors["prior"].iloc[-1])
    return {name: priors[priors["prior"] == name].set_index("asked").loc[asked] for name in names}


def _ranges_title(found: Sequence[Bounds], bars: Mapping[str, pd.DataFrame]) -> str:
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


@dataclass(frozen=True, kw_only=True)
class _Heading:
    """What a chart says above and below: its finding, and where its numbers come from."""

    title: str
    origin: str

    def canvas(self, height: float, *, panels: int = 1, note: str = "") -> tuple[Figure, Sequence[Axes]]:
        lines = fill(self.title, 68)
        figure = Figure(figsize=(_WIDTH, height + 0.75 + 0.2 * lines.count("\n")), layout="constrained")
        figure.suptitle(lines, x=0.01, ha="left", fontweight="bold", fontsize=11.5)
        source = fill(f"Provenance: {self.origin}" + (f"; {note}" if note else ""), 110)
        figure.supxlabel(source, x=0.01, ha="left", fontsize=8, color=MUTED)
        [axes] = figure.subplots(1, panels, sharey=panels == 2, squeeze=False)
        return figure, list(axes)

    def chart(self, figure: Figure, facts: str) -> Chart:
        return Chart(figure=figure, title=self.title, alt=f"{self.title}. {facts}. ({self.origin})", origin=self.origin)


def _heading(title: str, items: Sequence[Tally | Estimate]) -> _Heading:
    provenance = weakest(item.provenance for item in items)
    assumptions = dict.fromkeys(name for item in items for name in item.assumptions)
    invented = "Invented data: " if provenance is Provenance.ILLUSTRATIVE else ""
    return _Heading(title=f"{invented}{title}", origin=origin(provenance, list(assumptions)))


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


def _share_axis(axes: Axes, reach: float) -> None:
    axes.set(xlim=(0, min(1.0, reach) + 0.28), xlabel="", ylabel="")
    axes.set_xticks([tick / 10 for tick in range(0, 11, 2) if tick / 10 <= reach + 0.1])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    sns.despine(ax=axes, left=True)
    axes.tick_params(left=False)


def _method(estimates: Sequence[Estimate]) -> str:
    kinds = dict.fromkeys(f"{100 * item.level:g}% {item.method}" for item in estimates if item.level is not None)
    return f"lines: intervals ({', '.join(kinds)}), as if drawn at random" if kinds else ""


def _need(estimates: Sequence[Estimate], detail: str) -> None:
    if not estimates:
        raise InputError("a chart needs at least one estimate; these are none")
    for item in estimates:
        if detail not in item.details:
            raise InputError(f"this chart needs estimates with {detail!r} in their details; {item.label!r} has none")


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


def _pounds(item: Estimate) -> str:
    return number(item.value, "pounds")


def _schools(item: Estimate) -> str:
    return f"{item.base} {'school' if item.base == 1 else 'schools'}"


def _of_base(item: Estimate) -> str:
    details: Mapping[str, Any] = item.details
    return f"{details['count']} of {item.base}"


def _limits(item: Estimate) -> str:
    return f", interval {interval(item.low, item.high, item.unit)}" if item.level is not None else ""


def _agreement(estimates: Sequence[Estimate]) -> str:
    """From where to where the intervals of several methods run, each end as a range over the methods."""
    lows = [item.low for item in estimates if item.low is not None]
    highs = [item.high for item in estimates if item.high is not None]
    if not lows:
        return f"{len(estimates)} methods, one share: {_of_base(estimates[0])}"
    ends = [f"{number(min(end), 'share')}-{number(max(end), 'share')}" for end in (lows, highs)]
    return f"{len(estimates)} methods agree: an interval from {ends[0]} to {ends[1]}"
