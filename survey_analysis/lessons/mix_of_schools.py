"""Lesson 5, is it the mix of schools: within every kind of school a gap one way, and over all schools the other."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_analysis.estimates import Tally
from survey_analysis.gaps import as_float, on_scale
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.strata import Strata, over_all

OTHERS, MEALS = "other pupils", "pupils with free school meals"
SCHOOLS: Mapping[str, int] = MappingProxyType({"few entitled": 14, "some entitled": 8, "many entitled": 10})
"""How many there are of each kind."""
ENTITLED: Mapping[str, float] = MappingProxyType({"few entitled": 0.10, "some entitled": 0.25, "many entitled": 0.55})
"""What share of pupils is entitled to free school meals, by the kind of school."""
SHARES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"few entitled": (0.45, 0.51), "some entitled": (0.30, 0.34), "many entitled": (0.12, 0.15)}
)
"""What share of the others, and of pupils with free school meals, takes part in a school of each kind."""
ANSWERS = ("more often", "about as often", "less often")
_COUNTS = ["others_taking_part", "others", "free_meals_taking_part", "free_meals"]
_ALIKE = 0.01  # shares as near as this are about the same
_MOST = 0.08  # of a gap within a kind of school; the one over all schools is larger
_SPREAD = 0.1  # of schools of one kind, in the logarithm of the odds of taking part


def schools_by_kind(seed: int) -> pd.DataFrame:
    """A row for each school: its kind, its pupils of two groups, and how many of each take part.

    What chance seldom does is drawn again: the data are to show what is usual.
    """
    random = np.random.default_rng([5, seed])
    made = _drawn(random)
    while not _is_usual(made):
        made = _drawn(random)
    return made


def shares_by_kind(schools: pd.DataFrame) -> pd.DataFrame:
    """What share of each group takes part in each kind of school.

    Parameters
    ----------
    schools
        What `data` gives for lesson 5.

    Returns
    -------
    DataFrame
        A row for each kind of school.
    """
    rows = [
        {"kind_of_school": kind} | {it.label: it.count / it.base for it in pair}
        for kind, pair in by_kind(schools).items()
    ]
    return pd.DataFrame(rows)


def by_kind(schools: pd.DataFrame) -> Strata:
    """Pupils of both groups taking part, in each kind of school, for `stratified_gap` and the chart of strata.

    Parameters
    ----------
    schools
        As for `shares_by_kind`.

    Returns
    -------
    Strata
        As `gap_by_stratum` makes them of a survey; the schools are known, so that intervals can respect them.
    """
    kinds = [kind for kind in ENTITLED if kind in set(schools["kind"])]
    inside = np.array([schools["kind"] == kind for kind in kinds], dtype=float).T
    counts = inside[:, :, None] * schools[_COUNTS].to_numpy(dtype=float)[:, None, :]
    tallies = {}
    for kind, (a, ahead, b, behind) in zip(kinds, counts.sum(axis=0).astype(int).tolist(), strict=True):
        tallies[kind] = Tally(label=OTHERS, count=a, base=ahead), Tally(label=MEALS, count=b, base=behind)
    return Strata(tallies=tallies, schools=counts, by="kind of school", caption="Taking part, by kind of school")


def _drawn(random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for kind, entitled in ENTITLED.items():
        for _ in range(SCHOOLS[kind]):
            pupils = int(random.integers(250, 500))
            meals = int(np.clip(random.binomial(pupils, entitled), 5, pupils - 5))
            shift = random.normal(0, _SPREAD)
            taking_part = [
                int(random.binomial(base, 1 / (1 + (1 / share - 1) * np.exp(-shift))))
                for base, share in zip((pupils - meals, meals), SHARES[kind], strict=True)
            ]
            rows.append([kind, pupils - meals, taking_part[0], meals, taking_part[1]])
    names = ["kind", "others", "others_taking_part", "free_meals", "free_meals_taking_part"]
    made = pd.DataFrame(rows, columns=names).iloc[random.permutation(len(rows))].reset_index(drop=True)
    made.insert(0, "school", [f"S{number:02d}" for number in range(1, len(rows) + 1)])
    return made


def _is_usual(schools: pd.DataFrame) -> bool:
    """Whether the gap turns round clearly, and no slip comes to what is right."""
    within = [_difference(pair) for pair in by_kind(schools).values()]
    turned = -_MOST < min(within) <= max(within) < -_ALIKE and _crude(schools, "difference") > _MOST
    return turned and all(question.tells_apart(schools) for question in LESSON.questions)


def _difference(pair: tuple[Tally, Tally]) -> float:
    return pair[0].count / pair[0].base - pair[1].count / pair[1].base


def _crude(schools: pd.DataFrame, scale: str) -> float:
    return as_float(on_scale(scale, *over_all(by_kind(schools)))) or 0.0


def _within(schools: pd.DataFrame, scale: str) -> float:
    """The gap of Mantel and Haenszel by their formula, as `stratified_gap` has it, without what takes it long."""
    cells = [(one.count, one.base, two.count, two.base) for one, two in by_kind(schools).values()]
    a, ahead, c, behind = np.array(cells, dtype=float).T
    over, under = {
        "difference": (a * behind - c * ahead, ahead * behind),
        "ratio": (a * behind, c * ahead),
        "non_participation_ratio": ((behind - c) * ahead, (ahead - a) * behind),
        "odds_ratio": (a * (behind - c), (ahead - a) * c),
    }[scale]
    both = ahead + behind
    return float((over / both).sum() / (under / both).sum())


def _mean_gap(schools: pd.DataFrame) -> float:
    """The mean of the gaps of the kinds of school, each counted alike."""
    return float(np.mean([_difference(pair) for pair in by_kind(schools).values()]))


def _spread(schools: pd.DataFrame, shares_of: str, like: str) -> float:
    """What share of a group would take part, were it spread over the kinds of school like another."""
    sums = schools.groupby("kind")[_COUNTS].sum()
    sums["all"], sums["each"] = sums["others"] + sums["free_meals"], 1
    shares = sums[f"{shares_of}_taking_part"] / sums[shares_of]
    return float((shares * sums[like]).sum() / sums[like].sum())


def _answer(schools: pd.DataFrame) -> str:
    gap = _crude(schools, "difference")
    return ANSWERS[1] if abs(gap) < _ALIKE else ANSWERS[0] if gap < 0 else ANSWERS[2]


def _surprise(schools: pd.DataFrame) -> str:
    others, meals = over_all(by_kind(schools))
    *_, last = by_kind(schools)
    ahead, behind = by_kind(schools)[last]
    return (
        "In every kind of school pupils with free school meals take part more often, and over all schools less often, "
        f"{100 * meals.count / meals.base:.1f}% against {100 * others.count / others.base:.1f}%: "
        f"{100 * behind.base / meals.base:.0f}% of them, and {100 * ahead.base / others.base:.0f}% of the others, are "
        "in the schools where many are entitled and few pupils of either group take part."
    )


LESSON = Lesson(
    number=5,
    title="Is it the mix of schools?",
    data=schools_by_kind,
    truth=MappingProxyType(
        {
            f"share of {group}, {kind}": share
            for kind, pair in SHARES.items()
            for group, share in zip((OTHERS, MEALS), pair, strict=True)
        }
        | {f"share entitled, {kind}": share for kind, share in ENTITLED.items()}
    ),
    prediction=Prediction(
        asks="Over all schools together, do pupils with free school meals take part more often than others, about as "
        "often, or less often?",
        unit="option",
        answer=_answer,
        surprise=_surprise,
        options=ANSWERS,
    ),
    questions=(
        Question(
            asks="Over all schools together, what is the gap: the share of the others taking part, minus that of "
            "pupils with free school meals?",
            unit="points",
            answer=lambda schools: _crude(schools, "difference"),
            why="It favours the others, and in no kind of school does it.",
            otherwise="sum the pupils of each group over all schools, and those taking part; divide, and take one "
            "share from the other",
            mistakes=(
                Mistake(
                    answer=lambda schools: _mean_gap(schools),
                    hint="this is the mean of the gaps in the three kinds of school; sum the pupils first",
                ),
                Mistake(
                    answer=lambda schools: _within(schools, "difference"),
                    hint="this is the gap within kinds of school, and the one over all of them is asked",
                ),
                Mistake(
                    answer=lambda schools: _difference(by_kind(schools)["many entitled"]),
                    hint="this is the gap in one kind of school only",
                ),
            ),
        ),
        Question(
            asks="By Mantel and Haenszel, what is the odds ratio of taking part within kinds of school, others to "
            "pupils with free school meals?",
            unit="ratio",
            answer=lambda schools: _within(schools, "odds_ratio"),
            why="It lies on the other side of 1 than the odds ratio over all schools.",
            otherwise="look at the table of the gap within kinds of school, in the row of the odds ratio",
            mistakes=(
                Mistake(
                    answer=lambda schools: _crude(schools, "odds_ratio"),
                    hint="this is the crude odds ratio, of all schools thrown together",
                ),
                Mistake(
                    answer=lambda schools: 1 / _within(schools, "odds_ratio"),
                    hint="this is upside down: the odds of the others go above the line",
                ),
                Mistake(
                    answer=lambda schools: _within(schools, "ratio"),
                    hint="this is the ratio of shares, another scale",
                ),
                Mistake(
                    answer=lambda schools: _within(schools, "non_participation_ratio"),
                    hint="this is the ratio of the shares that do not take part, another scale",
                ),
            ),
        ),
        Question(
            asks="If pupils with free school meals were spread over the kinds of school as the others are, and took "
            "part in each kind as they do now, what share of them would take part?",
            unit="share",
            answer=lambda schools: _spread(schools, "free_meals", "others"),
            why="It is above the share of the others: where they are makes the gap, not what they do there.",
            otherwise="weigh their share in each kind of school by how many of the others are in that kind",
            mistakes=(
                Mistake(
                    answer=lambda schools: _spread(schools, "free_meals", "free_meals"),
                    hint="this is their share as they are spread now",
                ),
                Mistake(
                    answer=lambda schools: _spread(schools, "others", "free_meals"),
                    hint="this is the other way round: the others, spread as pupils with free school meals are",
                ),
                Mistake(
                    answer=lambda schools: _spread(schools, "free_meals", "each"),
                    hint="this counts each kind of school alike; weigh it by how many of the others are there",
                ),
                Mistake(
                    answer=lambda schools: _spread(schools, "free_meals", "all"),
                    hint="this weighs by all pupils, and the weights that are asked are the others alone",
                ),
            ),
        ),
    ),
)
