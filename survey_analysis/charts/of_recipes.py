"""Charts of configurations: recipes as columns of dots."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import MUTED, STRONG, WEAK, Chart, house_style, titled
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance

_NEEDED = ("model", "recipe", "cases", "consistency", "coverage", "unique_coverage", "provenance")
_LEVEL_UP_TO = 40  # letters of the names of the conditions that stand side by side
_STATES = ("present", "absent", "either")


def recipes(solution: pd.DataFrame) -> Chart:
    """What each recipe asks of every condition, and how much of the outcome it covers, alone and with others.

    Parameters
    ----------
    solution
        What `conservative_solution` returns, with one model or several.

    Raises
    ------
    InputError
        Anything else, or a solution without a recipe.
    """
    if not set(_NEEDED) <= set(getattr(solution, "columns", ())):
        raise InputError("solution must be what conservative_solution() gives")
    if solution.empty:
        raise InputError("there is no recipe to draw: no combination was seen to have the outcome")
    conditions = [name for name in solution.columns if set(solution[name].astype(str)) <= set(_STATES)]
    provenance = Provenance(solution["provenance"].iloc[0])
    heading = titled(_title(solution), provenance)
    rows = list(range(len(solution)))
    with house_style():
        figure, [axes, bars] = heading.canvas(
            0.55 * len(solution) + 1.0,
            panels=2,
            note="dot: present; ring: absent; neither: either; dark: covered by no other recipe",
        )
        for column, condition in enumerate(conditions):
            states = solution[condition].tolist()
            axes.scatter(
                [column] * len(rows),
                rows,
                s=150,
                linewidths=1.6,
                facecolors=[STRONG if state == "present" else "white" for state in states],
                edgecolors=[STRONG if state != "either" else "white" for state in states],
            )
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(conditions)), [name.replace("_", " ") for name in conditions])
        if sum(map(len, conditions)) > _LEVEL_UP_TO:
            axes.tick_params(axis="x", labelrotation=30)
            for label in axes.get_xticklabels():
                label.set_horizontalalignment("left")
        axes.set(xlim=(-0.6, len(conditions) - 0.4), ylim=(len(rows) - 0.4, -0.6))
        axes.set_yticks(rows, _names(solution))
        sns.despine(ax=axes, left=True, bottom=True)
        axes.tick_params(left=False, top=False)
        _draw_coverage(bars, solution)
    return heading.chart(figure, "Recipes: " + "; ".join(_facts(solution)))


def _draw_coverage(axes: Axes, solution: pd.DataFrame) -> None:
    """Light: all that a recipe covers; dark, in front: what no other recipe of its model covers."""
    rows = solution.assign(row=[str(row) for row in range(len(solution))])
    for column, tone in (("coverage", WEAK), ("unique_coverage", STRONG)):
        sns.barplot(rows, x=column, y="row", color=tone, saturation=1, edgecolor=MUTED, width=0.5, ax=axes)
    for row, (share, alone) in enumerate(zip(solution["coverage"], solution["unique_coverage"], strict=True)):
        axes.text(share + 0.02, row, f"{share:.0%}, alone {alone:.0%}", va="center", ha="left")
    axes.set(xlim=(0, 1.6), xlabel="of the cases with the outcome", ylabel="")
    axes.set_xticks([0, 0.5, 1])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    sns.despine(ax=axes, left=True)
    axes.tick_params(left=False, labelleft=False)


def _title(solution: pd.DataFrame) -> str:
    models, widest = solution["model"].nunique(), solution["coverage"].max()
    if models > 1:
        return f"{models} models cover the same cases: nothing in the cases decides between them"
    count, whole = len(solution), solution["model_coverage"].iloc[0]
    number = "One recipe covers" if count == 1 else f"{count} recipes cover"
    rest = "" if count == 1 else f", the widest {widest:.0%}"
    return f"{number} {whole:.0%} of the cases with the outcome{rest}"


def _names(solution: pd.DataFrame) -> list[str]:
    several = solution["model"].nunique() > 1
    names = []
    for _, row in solution.iterrows():
        words = f"{row['cases']} case{'s' * (row['cases'] != 1)}"
        words += f", {row['consistency']:.0%} with it" if row["consistency"] < 1 else ""
        names.append(f"{row['model']}: {words}" if several else words)
    return names


def _facts(solution: pd.DataFrame) -> list[str]:
    return [
        f"{row['model']}, {row['recipe']}: {row['cases']} cases, {row['consistency']:.0%} of them with the outcome, "
        f"covers {row['coverage']:.0%}, alone {row['unique_coverage']:.0%}"
        for _, row in solution.iterrows()
    ]
