"""Charts of the five themes."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import INK, MUTED, STRONG, WEAK, Chart, headed, house_style, need, titled
from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Estimates, Provenance, weakest
from survey_analysis.rendering import DETAILS, interval, number
from survey_analysis.theme_comparisons import not_compared, require_tests, sides, told_apart

_NEEDED = ("theme", "schools", "action", "neither", "pitfall", "base", "provenance")
_NEITHER_AT = 1.45  # to the right of every bar and its number


def themes(table: pd.DataFrame, *, title: str = "") -> Chart:
    """Actions to the right and the pitfalls that mirror them to the left, in successful and in other schools.

    What was neither is the number at the end of each row.

    Parameters
    ----------
    table
        What `theme_table` returns; one group of its schools is enough.
    title
        The finding; when empty, that they are described and not tested, and why or how often an action was seen.

    Raises
    ------
    InputError
        Anything else, or no row.
    """
    if not set(_NEEDED) <= set(getattr(table, "columns", ())) or table.empty:
        raise InputError("table must be what theme_table() gives")
    groups = list(table["schools"].unique())
    of = table["base"].clip(lower=1)  # none of none is drawn as no bar
    shares = table.assign(action=table["action"] / of, pitfall=-table["pitfall"] / of)
    provenance = weakest(Provenance(value) for value in table["provenance"])
    heading = titled(title or _described(table, provenance), provenance)
    with house_style():
        figure, panels = heading.canvas(
            3.35, panels=len(groups), note="numbers: visits with pitfall (left), action (right), neither (grey)"
        )
        for axes, group in zip(panels, groups, strict=True):
            rows, name = shares[shares["schools"] == group], str(group).removesuffix("s")
            counts = table[table["schools"] == group]
            for column, tone in (("action", STRONG), ("pitfall", WEAK)):
                sns.barplot(rows, x=column, y="theme", color=tone, saturation=1, edgecolor=MUTED, ax=axes)
            for column, room in (("action", 0.03), ("pitfall", -0.03)):
                for row, (share, count) in enumerate(zip(rows[column], counts[column], strict=True)):
                    axes.text(share + room, row, str(count), va="center", ha="left" if room > 0 else "right")
            for row, count in enumerate(counts["neither"]):
                axes.text(_NEITHER_AT, row, str(count), va="center", ha="center", color=MUTED)
            axes.text(_NEITHER_AT, -0.62, "neither", va="center", ha="center", color=MUTED, fontsize=8)
            axes.axvline(0, color=INK, linewidth=0.8)
            seen = sorted(set(counts["base"]))
            bases = f"{seen[0]} visits seen" if len(seen) == 1 else f"{seen[0]} to {seen[-1]} visits seen"
            axes.set(xlim=(-1.25, 1.7), xlabel="pitfall | action", ylabel="", xticks=[-1, 0, 1])
            axes.set_title(f"{name} schools\n({bases})", fontsize=9.5, fontweight="normal")
            axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0%}")
            sns.despine(ax=axes, left=True)
            axes.tick_params(left=False)
            axes.set_yticks(range(len(rows)), [fill(theme, 24) for theme in rows["theme"]])
    facts = [
        f"{row['theme']}, {row['schools']}: action {row['action']}, neither {row['neither']}, pitfall "
        f"{row['pitfall']} of {row['base']}"
        for _, row in table.iterrows()
    ]
    return heading.chart(figure, "Mirrored bars: " + "; ".join(facts))


def theme_differences(tests: Estimates) -> Chart:
    """The difference between successful and other schools in each theme, with its interval and Holm's p-value.

    Parameters
    ----------
    tests
        What `theme_tests` returns.

    Raises
    ------
    InputError
        Anything else.
    """
    require_tests(tests)
    known = [label for labels in told_apart(tests) for label in labels]
    heading = headed(_compared(tests), [*tests])
    rows = range(len(tests))
    with house_style():
        figure, [axes] = heading.canvas(0.55 * len(tests) + 1.0, note=_tests_note(tests))
        drawn = [(row, item) for row, item in zip(rows, tests, strict=True) if item.value is not None]
        tones = [STRONG if item.label in known else MUTED for _, item in drawn]
        _points(axes, [(row, it.low, it.value, it.high) for row, it in drawn], tones)
        for row, item in zip(rows, tests, strict=True):
            shown = DETAILS["adjusted_p_value"](item.details["adjusted_p_value"]) if item.value is not None else "-"
            axes.text(1.12, row, shown, va="center", ha="left")
        axes.text(1.12, -0.75, "p, by Holm", va="center", ha="left", color=MUTED, fontsize=8)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set(xlim=(-1.05, 1.6), ylim=(len(tests) - 0.4, -1.1), xticks=[-1, -0.5, 0, 0.5, 1])
        axes.set_xlabel("seen less often | more often in the successful schools (points)", x=0.4)
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}" if value else "0")
        axes.set_yticks(rows, [fill(item.label, 30) for item in tests])
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [
        f"{item.label} {number(item.value, item.unit)} (interval {interval(item.low, item.high, item.unit)}; "
        f"{item.details['first']} against {item.details['second']})"
        if item.value is not None
        else f"{item.label} not compared"
        for item in tests
    ]
    return heading.chart(figure, "Points with intervals: " + "; ".join(facts))


def noise(differences: Estimates) -> Chart:
    """How large the largest differences are that noise alone gives: what to expect, and the usual range.

    Parameters
    ----------
    differences
        What `noise_differences` returns.

    Raises
    ------
    InputError
        Anything else.
    """
    of_kind("differences", differences, Estimates, "noise_differences()")
    need(differences, "usually_from")
    mean, model = differences[0], differences[0].details
    features, best = model["features"], model["best"]
    kept = f"the best {best} differ" if best > 1 else "the best one differs"
    title = (
        f"Noise alone: of {features} unrelated features, {kept} by {number(mean.value, mean.unit)} on average between "
        f"{model['successful']} and {mean.base - model['successful']} schools"
    )
    heading = headed(title, list(differences))
    rows = range(len(differences))
    with house_style():
        figure, [axes] = heading.canvas(0.42 * len(differences) + 0.7, note="lines: 95 of 100 searches; dots: expected")
        ranges = [(item.details["usually_from"], item.details["usually_to"]) for item in differences]
        tones = [STRONG, *[MUTED] * (len(differences) - 1)]
        lines = zip(rows, differences, ranges, strict=True)
        _points(axes, [(row, low, item.value, high) for row, item, (low, high) in lines], tones)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set(ylim=(len(differences) - 0.4, -0.6), xlabel="difference between the groups (points)")
        axes.set_yticks(rows, [item.label for item in differences])
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}" if abs(value) > 1e-9 else "0")
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [
        f"{item.label} {number(item.value, item.unit)}, usually {number(low, item.unit)} to {number(high, item.unit)}"
        for item, (low, high) in zip(differences, ranges, strict=True)
    ]
    return heading.chart(figure, "Points with ranges: " + "; ".join(facts))


def _described(table: pd.DataFrame, provenance: Provenance) -> str:
    """Of the schools in which the actions were found, why it is no test; of others, how often actions were seen."""
    if provenance is not Provenance.OBSERVED:
        return "Described, not tested, for actions were published of the successful schools"
    return f"Described, not tested: over the themes, {actions_in_words(table)}"


def actions_in_words(table: pd.DataFrame) -> str:
    """In how many of all codes of a group of schools an action was seen."""
    counted = table.groupby("schools", sort=False)[["action", "base"]].sum()
    parts = [
        f"{row.action} of {row.base} in the {str(schools).removesuffix('s')} schools"
        for schools, row in zip(counted.index, counted.itertuples(index=False), strict=True)
    ]
    return f"action in {' and '.join(parts)}"


def _compared(tests: Estimates) -> str:
    """For how many themes the successful schools are told apart, on the side or sides that were looked for."""
    more, fewer = told_apart(tests)
    parts = [f"{side} often in {len(names)}" for names, side in ((more, "more"), (fewer, "less")) if names]
    looked_for, not_looked_for = sides(tests)
    nothing = f"clearly {looked_for} in none"
    compared = len(tests) - not_compared(tests)
    title = f"In the successful schools the code {tests[0].details['code']} was "
    if not compared:
        return f"{title}not compared"
    title += f"seen {' and '.join(parts) or nothing} of the {compared} themes"
    title += " that could be compared" if compared < len(tests) else ""
    return title + (f"; {not_looked_for} was not looked for" if not_looked_for else "")


def _points(
    axes: Axes, lines: Sequence[tuple[int, float | None, float | None, float | None]], tones: list[str]
) -> None:
    """Points on lines from low to high, given as row, low, value and high."""
    rows, lows, values, highs = np.array(lines, dtype=float).reshape(-1, 4).T
    axes.hlines(rows, lows, highs, colors=tones, linewidth=2)
    axes.scatter(values, rows, s=48, color=tones, zorder=3)


def _tests_note(tests: Estimates) -> str:
    levels = dict.fromkeys(f"{100 * item.level:g}%" for item in tests if item.level is not None)
    lines = f"lines: intervals ({', '.join(levels)} Newcombe), as if drawn at random; " if levels else ""
    its = tests[0].details
    return f"{lines}p: {its['test']}, Holm over {its['themes']}, {100 * its['familywise_risk']:.3g}%"
