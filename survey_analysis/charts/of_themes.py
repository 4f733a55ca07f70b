"""Charts of the five themes."""

from textwrap import fill

import pandas as pd
import seaborn as sns

from survey_analysis.charts.canvas import INK, MUTED, STRONG, WEAK, Chart, Heading, house_style
from survey_analysis.estimates import Provenance, weakest


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
    heading = Heading(title=title[0].upper() + title[1:], origin=provenance.value)
    with house_style():
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
