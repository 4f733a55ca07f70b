"""Charts of what partnerships cost."""

import seaborn as sns

from survey_analysis.charts.canvas import Chart, bars, headed, house_style, need
from survey_analysis.estimates import Estimate, Estimates
from survey_analysis.rendering import number


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
    need(costs, "weighting")
    least, most = (pick(costs, key=lambda item: item.value or 0) for pick in (min, max))
    caption = costs.caption or f"Pounds a year per {costs[0].details['per']}"
    title = f"{caption}: from {_pounds(least)} ({least.label}) to {_pounds(most)} ({most.label})"
    heading = headed(title, costs)
    weightings = ", ".join(dict.fromkeys(item.details["weighting"] for item in costs))
    with house_style():
        figure, [axes] = heading.canvas(0.52 * len(costs) + 0.35, note=weightings)
        bars(axes, [item.label for item in costs], costs, strong=most)
        top = most.value or 1
        for row, item in enumerate(costs):
            axes.text((item.value or 0) + top * 0.015, row, f"{_pounds(item)}, {_schools(item)}", va="center")
        axes.set(xlim=(0, top * 1.35), xlabel=f"pounds a year per {costs[0].details['per']}", ylabel="")
        axes.xaxis.set_major_formatter("£{x:,.0f}")
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [f"{item.label} {_pounds(item)} in {_schools(item)}" for item in costs]
    return heading.chart(figure, "Bars: " + "; ".join(facts))


def _pounds(item: Estimate) -> str:
    return number(item.value, "pounds")


def _schools(item: Estimate) -> str:
    return f"{item.base} {'school' if item.base == 1 else 'schools'}"
