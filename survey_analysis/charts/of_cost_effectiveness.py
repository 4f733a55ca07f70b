"""Charts of what one group of schools costs and achieves beyond another."""

from collections.abc import Iterable

import pandas as pd
import seaborn as sns
from matplotlib.ticker import MaxNLocator

from survey_analysis.charts.canvas import INK, MIDDLE, MUTED, STRONG, Chart, headed, house_style, titled
from survey_analysis.cost_effectiveness import NOT_AN_EFFECT, QUADRANTS, Increment, need_cloud
from survey_analysis.cost_effectiveness import acceptability as acceptability_table
from survey_analysis.rendering import number

_DRAWN = 2_000  # points: more are one blot
_CORNERS = ((0.98, 0.97), (0.98, 0.03), (0.02, 0.03), (0.02, 0.97))


def cost_effectiveness_plane(increment: Increment) -> Chart:
    """The cloud of resamples on the plane of effect and cost beyond the comparator, with its share in each quadrant.

    Parameters
    ----------
    increment
        What `incremental` returns.

    Raises
    ------
    InputError
        An increment without a cloud, because a group is a single school.
    """
    need_cloud(increment)
    shares = increment.quadrants()
    most = max(shares, key=lambda name: shares[name])
    title = f"{increment.title}: {most} in {shares[most]:.1%} of the resamples"
    heading = headed(title, [increment.cost, increment.effect])
    cloud = pd.DataFrame(100 * increment.cloud[:_DRAWN, :1], columns=["effect"]).assign(
        cost=increment.cloud[:_DRAWN, 1]
    )
    cost, effect = increment.cost.value or 0.0, 100 * (increment.effect.value or 0.0)
    with house_style():
        note = f"{len(cloud):,} of {len(increment.cloud):,} resamples of schools are drawn. {NOT_AN_EFFECT}"
        figure, [axes] = heading.canvas(3.9, note=note)
        sns.scatterplot(cloud, x="effect", y="cost", color=MIDDLE, s=9, linewidth=0, alpha=0.5, ax=axes)
        axes.plot([effect], [cost], marker="D", markersize=9, color=STRONG, markeredgecolor="white", linestyle="")
        axes.axhline(0, color=INK, linewidth=1)
        axes.axvline(0, color=INK, linewidth=1)
        reach = [1.5 * max(*abs(cloud[name]), 1e-9) for name in ("effect", "cost")]
        axes.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]))
        axes.set_xticks(_inside(reach[0]))
        axes.set_yticks(_inside(reach[1]))
        for name, (x, y) in zip(QUADRANTS, _CORNERS, strict=False):
            side, height = ("right" if x > 0.5 else "left"), ("top" if y > 0.5 else "bottom")
            words = f"{name}\n{shares[name]:.1%}"
            axes.text(x, y, words, transform=axes.transAxes, ha=side, va=height, color=INK if shares[name] else MUTED)
        axes.set(xlabel=f"more {increment.pupils}, per 100 on roll", ylabel="more pounds, per pupil on roll")
        axes.yaxis.set_major_formatter(lambda value, _: number(value, "pounds"))
        sns.despine(ax=axes)
    seen = "; ".join(f"{name} {share:.1%}" for name, share in shares.items())
    point = f"{number(increment.cost.value, 'pounds')} and {number(increment.effect.value, 'points')} per pupil on roll"
    return heading.chart(figure, f"A cloud around {point}: {seen}")


def _inside(reach: float) -> list[float]:
    """Figures on both sides of nothing that do not stick out of the chart."""
    return [tick for tick in MaxNLocator(6).tick_values(-reach, reach) if abs(tick) <= 0.93 * reach]


def acceptability(increment: Increment, *, thresholds: Iterable[float] | None = None) -> Chart:
    """The acceptability curve: the share of resamples with a net benefit above 0, by what one more pupil may be worth.

    Parameters
    ----------
    increment
        What `incremental` returns.
    thresholds
        As for `acceptability`.

    Raises
    ------
    InputError
        As `acceptability`.
    """
    curve = acceptability_table(increment, thresholds=thresholds)
    first, last = curve.iloc[0], curve.iloc[-1]
    title = (
        f"{increment.title}: net benefit above £0 in {first['share']:.1%} of the resamples at "
        f"{number(first['threshold'], 'pounds')} for one more pupil"
    )
    if len(curve) > 1:
        title += f", in {last['share']:.1%} at {number(last['threshold'], 'pounds')}"
    heading = titled(title, increment.cost.provenance)
    with house_style():
        figure, [axes] = heading.canvas(2.7, note=f"not the probability of good value. {NOT_AN_EFFECT}")
        sns.lineplot(curve, x="threshold", y="share", color=STRONG, linewidth=2, marker="o", ax=axes)
        axes.axhline(0.5, color=MUTED, linewidth=1, linestyle=":")
        worth = f"pounds that each of the {increment.pupils} may be worth"
        axes.set(ylim=(-0.04, 1.04), yticks=[0, 0.25, 0.5, 0.75, 1], xlabel=worth, ylabel="resamples")
        axes.xaxis.set_major_formatter("£{x:,.0f}")
        axes.yaxis.set_major_formatter("{x:.0%}")
        sns.despine(ax=axes)
    facts = [f"{number(row['threshold'], 'pounds')} {row['share']:.1%}" for _, row in curve.iterrows()]
    return heading.chart(figure, "Curve: " + "; ".join(facts))
