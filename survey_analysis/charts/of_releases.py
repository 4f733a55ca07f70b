"""Charts of what may go out of new visits; a number that is hidden has its row and no mark."""

from collections.abc import Sequence

import seaborn as sns

from survey_analysis.charts.canvas import INK, MUTED, STRONG, Chart, headed, house_style
from survey_analysis.charts.of_shares import schools, shares
from survey_analysis.charts.of_themes import actions_in_words, themes
from survey_analysis.estimates import Estimate, Estimates
from survey_analysis.release_judgements import released_judgements as judgements_of
from survey_analysis.release_judgements import successful_tally, theme_frame
from survey_analysis.releases import Release
from survey_analysis.rendering import HIDDEN, Sentence, number


def released_answer(release: Release) -> Chart | Sentence:
    """Every visit a square, the successful ones filled in; a sentence where their number is hidden.

    Parameters
    ----------
    release
        What `release` gives.
    """
    tally = successful_tally(release)
    if tally is None:
        return Sentence(f"Not drawn: the number of successful visits is hidden ({HIDDEN}).")
    if tally.base + tally.not_seen == 0:
        return Sentence("Not drawn: there is no visit.")
    return schools(tally, words=f"used partnerships and had value for money at least {release.scale.good_in_words!r}")


def released_judgements(release: Release) -> Chart:
    """The share of the visits with each judgement, as bars.

    Parameters
    ----------
    release
        What `release` gives.
    """
    judged = list(judgements_of(release))
    return shares(judged, title="; ".join(map(_counted, judged[:2])))


def _counted(item: Estimate) -> str:
    """A count in words, or that it is hidden."""
    return f"{item.label} in {HIDDEN if item.is_hidden else item.details['count']} of {item.base or HIDDEN} visits"


def released_themes(release: Release) -> Chart | Sentence:
    """The themes in successful and other visits, mirrored; a sentence where a number of them is hidden.

    Parameters
    ----------
    release
        What `release` gives.
    """
    frame = theme_frame(release)
    if frame is None:
        return Sentence(f"Not drawn: numbers of visits are hidden ({HIDDEN}).")
    return themes(frame, title=f"Over the five themes, {actions_in_words(frame)}")


def released_gaps(release: Release) -> Chart | Sentence:
    """Every gap before and after, in percentage points, the row of a hidden one empty.

    Parameters
    ----------
    release
        What `release` gives.
    """
    if not isinstance(release.gaps, Estimates):
        return Sentence(f"Not drawn. {release.gaps}")
    items = list(release.gaps)
    shown = [item for item in items if not item.is_hidden]
    heading = headed(_gaps_in_words(shown), items)
    names = [item.label.removesuffix(": difference") for item in items]
    with house_style():
        figure, [axes] = heading.canvas(0.5 * len(items) + 0.6, note="hollow: before; filled: after; a gap, in points")
        for row, item in enumerate(items):
            if item.is_hidden:
                beside = axes.get_yaxis_transform()  # at the edge, wherever the scale ends
                axes.text(0.99, row, f"{HIDDEN} hidden", va="center", ha="right", color=MUTED, transform=beside)
                continue
            before, after = (100 * item.details[time] for time in ("before", "after"))
            axes.plot([before, after], [row, row], color=MUTED, linewidth=1.2, zorder=1)
            axes.scatter([before], [row], s=42, facecolor="white", edgecolor=STRONG, zorder=2)
            axes.scatter([after], [row], s=42, color=STRONG, zorder=2)
        axes.axvline(0, color=INK, linewidth=0.8)
        ends = [0.0, *(100 * item.details[time] for item in shown for time in ("before", "after"))]
        axes.set_xlim(min(ends) - 1.5, max(ends) + 1.5)
        axes.set_yticks(range(len(items)), [_wrapped(name) for name in names])
        axes.set(ylim=(len(items) - 0.5, -0.5), xlabel="percentage points", ylabel="")
        sns.despine(ax=axes, left=True)
        axes.tick_params(left=False)
    facts = [
        f"{name}: {HIDDEN}"
        if item.is_hidden
        else f"{name}: {' to '.join(number(item.details[time], 'points') for time in ('before', 'after'))}"
        for name, item in zip(names, items, strict=True)
    ]
    return heading.chart(figure, "Pairs of points: " + "; ".join(facts))


def _gaps_in_words(shown: Sequence[Estimate]) -> str:
    """Which gaps grew wider and which turned round, and how many of these beyond chance, where that can be told."""
    if not shown:
        return "No gap can be shown: the numbers that they rest on are hidden"
    wider, round_ = ([it for it in shown if it.details["direction"] == way] for way in ("wider", "reversed"))
    beyond = sum(it.details.get("chance") == "beyond chance" for it in [*wider, *round_])
    chance = f" ({beyond} of them beyond chance)" if any("chance" in it.details for it in shown) else ""
    turned = f", and in {len(round_)} the other group is ahead now" if round_ else ""
    return f"Of the {len(shown)} gaps that can be shown {len(wider)} grew wider{turned}{chance}"


def _wrapped(name: str) -> str:
    groups, _, measure = name.partition(": ")
    return f"{groups}\n{measure}"
