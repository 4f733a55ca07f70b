"""Charts of agreement between inspectors."""

from textwrap import fill

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from survey_analysis.charts.canvas import INK, MUTED, STRONG, WEAK, Chart, headed, house_style, need
from survey_analysis.errors import InputError, of_kind
from survey_analysis.estimates import Estimate, Estimates, Tally
from survey_analysis.raters import Ratings, cross_table
from survey_analysis.rendering import interval, number


def grade_pairs(ratings: Ratings) -> Chart:
    """The grades of two inspectors crossed, as a grid of counts; where they gave the same grade is framed.

    Parameters
    ----------
    ratings
        The grades of two inspectors.

    Raises
    ------
    InputError
        Something that is no ratings, more than two inspectors, or nothing that both graded.
    """
    table = cross_table(ratings)
    total, same = int(table.to_numpy().sum()), int(table.to_numpy().trace())
    if not total:
        raise InputError(f"this chart needs grades from two inspectors; {ratings.label} has none in pairs")
    made = Tally(label=ratings.label, count=same, base=total, provenance=ratings.provenance)
    heading = headed(f"Two {ratings.by} gave the same grade in {same} of {total} {ratings.of}", [made])
    codes = [fill(code.replace("_", " "), 14) for code in ratings.codes]
    size = len(codes)
    with house_style():
        figure, [axes] = heading.canvas(0.5 * size + 0.75, note=f"numbers of {ratings.of}; framed: the same grade")
        cells = pd.DataFrame(table.to_numpy(), index=codes, columns=codes)
        shades = sns.blend_palette(["white", WEAK], as_cmap=True)
        sns.heatmap(
            cells,
            annot=cells.astype(str),
            fmt="",
            cmap=shades,
            vmin=0,
            cbar=False,
            linewidths=1,
            linecolor=WEAK,
            annot_kws={"color": INK, "fontsize": 11},
            ax=axes,
        )
        for place in range(size):
            axes.add_patch(Rectangle((place, place), 1, 1, fill=False, edgecolor=STRONG, linewidth=2.2, clip_on=False))
        axes.set(xlabel=ratings.raters[1], ylabel=ratings.raters[0])
        axes.tick_params(left=False, bottom=False, labelrotation=0)
    facts = [
        f"{first} then {second} {count}"
        for first, row in zip(ratings.codes, table.to_numpy(), strict=True)
        for second, count in zip(ratings.codes, row, strict=True)
        if count
    ]
    return heading.chart(
        figure, f"A grid of {size} by {size} grades, {ratings.raters[0]} then {ratings.raters[1]}: " + "; ".join(facts)
    )


def agreement_coefficients(table: Estimates) -> Chart:
    """Coefficients of agreement with their intervals on one axis, raw agreement apart because chance is still in it.

    Parameters
    ----------
    table
        What `agreement_table` returns.

    Raises
    ------
    InputError
        No estimates, or of another kind.
    """
    of_kind("table", table, Estimates, "agreement_table()")
    need(table, "coefficient")
    heading = headed(_title(table), table)
    left = min([0.0, *(item.low or item.value or 0.0 for item in table)])
    with house_style():
        figure, [axes] = heading.canvas(0.36 * len(table) + 0.55, note=_note(table))
        axes.axvline(0, color=MUTED, linewidth=1)
        frame = pd.DataFrame(
            {"row": [str(row) for row in range(len(table))], "value": [item.value for item in table]}
        ).assign(kind=["raw" if _is_raw(item) else "beyond chance" for item in table])
        sns.scatterplot(
            frame,
            x="value",
            y="row",
            style="kind",
            markers={"raw": "D", "beyond chance": "o"},
            s=75,
            color=STRONG,
            legend=False,
            ax=axes,
            zorder=3,
        )
        for row, item in enumerate(table):
            _line(axes, row, item)
        axes.set(xlim=(left - 0.03, 1 + 0.72 * (1 - left)), ylim=(len(table) - 0.5, -0.5), xlabel="", ylabel="")
        axes.set_xticks([tick / 4 for tick in range(-4, 5) if tick / 4 >= left])
        axes.set_yticks(range(len(table)), [item.label for item in table])
        axes.xaxis.set_major_formatter("{x:g}")
        sns.despine(ax=axes, left=True)
        axes.spines["bottom"].set_bounds(left, 1)
        axes.tick_params(left=False)
    facts = [f"{item.label} {number(item.value, item.unit)}{_limits(item, ', interval ')}" for item in table]
    return heading.chart(figure, "Points with intervals: " + "; ".join(facts))


def _line(axes: Axes, row: int, item: Estimate) -> None:
    if item.low is not None and item.high is not None:
        axes.plot([item.low, item.high], [row, row], color=STRONG, linewidth=2, alpha=0.6, solid_capstyle="butt")
    axes.text(1.05, row, f"{number(item.value, item.unit)}{_limits(item, ' [', ']')}", va="center")


def _limits(item: Estimate, before: str, after: str = "") -> str:
    return f"{before}{interval(item.low, item.high, item.unit)}{after}" if item.level is not None else ""


def _is_raw(item: Estimate) -> bool:
    return bool(item.details["coefficient"] == "raw")


def _note(table: Estimates) -> str:
    levels = dict.fromkeys(f"{100 * item.level:g}%" for item in table if item.level is not None)
    lines = f"lines: {', '.join(levels)} intervals, as if drawn at random; " if levels else ""
    return (
        f"{lines}1: agreement throughout, 0: no more than by chance, for which raw agreement (diamond) is not corrected"
    )


def _title(table: Estimates) -> str:
    """The same grade in how many, and from where to where the coefficients run that allow for chance."""
    parts = []
    for raw in (item for item in table if _is_raw(item) and item.value is not None):
        count, of = raw.details.get("count"), raw.details["of"]
        seen = f"in {count} of {raw.base} {of}" if count is not None else f"in {number(raw.value, 'share')} of pairs"
        number_of = "Two" if raw.details["raters"] == 2 else raw.details["raters"]
        parts.append(f"{number_of} {raw.details['by']} gave the same grade {seen}")
    values = [item.value for item in table if item.value is not None and not _is_raw(item)]
    if values:
        ends = dict.fromkeys(number(end, "coefficient") for end in (min(values), max(values)))
        some = " where they are defined" if any(item.value is None for item in table) else ""
        parts.append(f"coefficients {'run from' if len(ends) == 2 else 'are'} {' to '.join(ends)}{some}")
    return "; ".join(parts) or "No coefficient of agreement is defined"
