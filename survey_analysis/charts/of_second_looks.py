"""Charts of schools that were looked at twice, beside a line of no change."""

import pandas as pd
import seaborn as sns

from survey_analysis.charts.canvas import INK, MIDDLE, MUTED, STRONG, Chart, has_numbers, house_style, titled
from survey_analysis.errors import InputError, whole_number
from survey_analysis.estimates import Provenance
from survey_analysis.rendering import number

_COLUMNS = ("gap_before", "gap_after")


def second_look(gaps: pd.DataFrame, *, widest: int = 10) -> Chart:
    """Every school's gap when it was looked at first and again, those that were widest first marked, in invented data.

    The dashed line is no change: below it a gap is narrower than it was. The other line is the gap to be expected from
    the first look alone, the mean and r times the distance from it.

    Parameters
    ----------
    gaps
        A row for each school, with its gap_before and gap_after as differences of shares.
    widest
        How many of the widest gaps of the first look are marked.

    Raises
    ------
    InputError
        Another table, one with fewer schools than are to be marked, or one without any difference between schools.
    """
    widest = whole_number("widest", widest, least=1)
    if not has_numbers(gaps, _COLUMNS) or len(gaps) < widest:
        raise InputError(
            f"gaps must be a table with gap_before and gap_after, {widest} rows or more, and a number in each of them"
        )
    frame = gaps[list(_COLUMNS)].astype(float) * 100
    slope = frame["gap_before"].corr(frame["gap_after"])
    if pd.isna(slope):
        raise InputError("gaps must differ between schools")
    rows = frame.nlargest(widest, "gap_before")
    chosen, every = rows.mean(), frame.mean()
    heading = titled(
        f"The {widest} widest gaps were {_points(chosen['gap_before'])}, and when one looks again "
        f"{_points(chosen['gap_after'])}; of all {len(frame)}, {_points(every['gap_before'])} and then "
        f"{_points(every['gap_after'])}",
        Provenance.ILLUSTRATIVE,
    )
    low, high = frame.min().min() - 3, frame.max().max() + 3
    with house_style():
        note = "dashed: no change; line: mean and r times the distance from it; cross: mean of the marked"
        figure, [axes] = heading.canvas(4.2, note=note)
        axes.plot([low, high], [low, high], color=MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        ends = [every["gap_before"] + slope * (end - every["gap_before"]) for end in (low, high)]
        axes.plot([low, high], ends, color=MIDDLE, linewidth=1.6, zorder=1)
        sns.scatterplot(frame.drop(rows.index), x="gap_before", y="gap_after", color=MIDDLE, s=26, ax=axes)
        sns.scatterplot(rows, x="gap_before", y="gap_after", color=STRONG, s=46, ax=axes, zorder=3)
        axes.plot(chosen["gap_before"], chosen["gap_after"], marker="+", color=INK, markersize=16, mew=2, zorder=4)
        axes.text(high - 0.1 * (high - low), high, "no change", ha="right", va="top", color=MUTED)
        axes.set(xlabel="gap at first, points", ylabel="gap a year later, points", xlim=(low, high), ylim=(low, high))
        sns.despine(ax=axes)
    narrower = int((rows["gap_after"] < rows["gap_before"]).sum())
    facts = f"A dot for each school beside a line of no change: of the {widest} widest, {narrower} are narrower"
    return heading.chart(figure, f"{facts}; the correlation of the two is {number(slope, 'coefficient')}")


def _points(mean: float) -> str:
    return f"{mean:.1f} points"
