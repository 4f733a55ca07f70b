"""The chart of a self-evaluation: what each person judged, theme by theme, side by side."""

from textwrap import fill, shorten

import seaborn as sns
from matplotlib.axes import Axes

from survey_analysis.charts.canvas import INK, MIDDLE, MUTED, STRONG, WEAK, Chart, house_style, titled
from survey_analysis.errors import of_kind
from survey_analysis.rendering import Sentence
from survey_analysis.self_evaluation.profiles import Person, SchoolProfile
from survey_analysis.self_evaluation.statements import JUDGEMENTS, NOT_APPLICABLE, Theme, uncapped

_LINE, _BETWEEN = 0.23, 0.44  # inches: of a person, and between themes
_LONGEST = 30  # characters of a name
_FAR = 2  # steps from which on two are drawn as far apart


def role_judgements(profile: SchoolProfile) -> Chart | Sentence:
    """What each person judged of each theme, between pitfall and action; the widest disagreement first.

    Each person has a line of their own, named at its dot; above them a bar reaches from one to the other of those who
    are farthest apart, dark from two steps on. Whoever judged nothing, or that a theme does not apply, is named in
    words.

    Parameters
    ----------
    profile
        What `self_evaluation_profile` gives.

    Returns
    -------
    Chart or Sentence
        A sentence where nobody has judged anything.
    """
    of_kind("profile", profile, SchoolProfile, "self_evaluation_profile()")
    themes, people = profile.by_disagreement, profile.people
    if not any(person.step(theme.id) is not None for person in people for theme in themes):
        return Sentence("Nobody has judged any theme yet, so there is nothing to draw.")
    heading = titled(_finding(profile), profile.provenance)
    rows = len(themes) * len(people)
    with house_style():
        height = rows * _LINE + len(themes) * _BETWEEN + 0.6
        figure, [axes] = heading.canvas(
            height, note="as each judged of their own partnership; steps are places in an order"
        )
        ticks = []
        for place, theme in enumerate(themes):
            top = place * (len(people) + _BETWEEN / _LINE)
            ticks.append(top + (len(people) - 1) / 2)
            _theme(axes, profile, theme, top)
        axes.set_yticks(ticks, [fill(theme.title, 22) for theme in themes])
        words = [fill(profile.statements.judgements[code], 12) for code in JUDGEMENTS]
        axes.set_xticks(range(len(JUDGEMENTS)), words)
        axes.xaxis.tick_top()
        bottom = len(themes) * (len(people) + _BETWEEN / _LINE)
        axes.set(xlim=(-0.5, len(JUDGEMENTS) + 0.5), ylim=(bottom - 1, -1.4), xlabel="", ylabel="")
        sns.despine(ax=axes, left=True, bottom=True)
        axes.tick_params(left=False, top=False)
    return heading.chart(figure, "; ".join(_in_words(profile, theme) for theme in themes))


def _theme(axes: Axes, profile: SchoolProfile, theme: Theme, top: float) -> None:
    """The lines of one theme."""
    places = [(person.step(theme.id), top + row, person) for row, person in enumerate(profile.people)]
    steps = [step for step, _, _ in places if step is not None]
    for column in range(len(JUDGEMENTS)):
        axes.plot([column, column], [top - 1.1, top + len(places) - 0.5], color=WEAK, linewidth=1, zorder=0)
    if steps and max(steps) > min(steps):
        tone = STRONG if profile.apart(theme.id) >= _FAR else MIDDLE
        axes.plot([min(steps), max(steps)], [top - 0.8] * 2, color=tone, linewidth=4, solid_capstyle="butt", zorder=2)
        _words(axes, profile.apart_in_words(theme.id), (max(steps), top - 0.8), MUTED)
    for step, row, person in places:
        if step is None:
            _words(axes, f"{_short(person)}: {_without(person, theme)}", (-0.5, row), MUTED)
            continue
        axes.scatter([step], [row], s=46, color=INK, zorder=3)
        _words(axes, _short(person), (step, row), INK)


def _words(axes: Axes, words: str, place: tuple[float, float], tone: str) -> None:
    """Words to the right of a place, on paper of their own so that no line runs through them."""
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    axes.annotate(
        words, place, (8, 0), textcoords="offset points", va="center", color=tone, fontsize=8.5, bbox=paper, zorder=4
    )


def _short(person: Person) -> str:
    """A name that ends before the chart does; the table below has it whole."""
    return shorten(person.name, _LONGEST, placeholder=" ...")


def _without(person: Person, theme: Theme) -> str:
    return "not applicable" if person.judgement(theme.id) == NOT_APPLICABLE else "not judged"


def _finding(profile: SchoolProfile) -> str:
    farthest = profile.by_disagreement[0]
    steps = profile.apart(farthest.id)
    if len(profile.people) < 2:
        return f"{profile.people[0].name} alone has answered, so nothing can be set side by side"
    if steps == 0:
        return "Wherever two judged the same theme, they judged alike"
    return f"People are {profile.apart_in_words(farthest.id)} on {farthest.title[0].lower()}{farthest.title[1:]}"


def _in_words(profile: SchoolProfile, theme: Theme) -> str:
    said = []
    for person in profile.people:
        step = person.step(theme.id)
        judged = _without(person, theme) if step is None else uncapped(profile.statements.judgements[JUDGEMENTS[step]])
        said.append(f"{person.name} {judged}")
    return f"{theme.title} ({profile.apart_in_words(theme.id)}): {', '.join(said)}"
