"""Lesson 3, which denominator: what adding chosen visits does to a share, and who is in the base of others."""

from collections.abc import Iterable
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_analysis.errors import whole_number
from survey_analysis.estimates import Estimates, Tally
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.proportions import share

SCHOOLS, GOOD, CHOSEN = 59, 10, 6
"""The published counts: schools of the survey, those with good use at good value, and further visits to see such."""
SURVEY, PRACTICE = "survey", "good practice"
YES, NO, NOT_SEEN = "yes", "no", "not seen"
_TAKES_PART, _OTHERS_TAKE_PART = 0.22, 0.30


def visits_of_both_kinds(seed: int) -> pd.DataFrame:
    """A row for each visit: of which kind, what was judged, and its pupils; with seed 0 the counts are the published.

    Every visit to see good practice finds it, which nobody published. In schools with more pupils fewer of them take
    part, so the mean of the schools is not the share of the pupils.
    """
    random = np.random.default_rng([3, seed])
    frame = _drawn(random, seed)
    while not all(question.tells_apart(frame) for question in LESSON.questions):
        frame = _drawn(random, seed)
    return frame


def counted_visits(schools: pd.DataFrame, *, with_chosen: bool = False) -> Tally:
    """How many of the visits were to a school with good use.

    Parameters
    ----------
    schools
        What `data` gives for lesson 3.
    with_chosen
        Whether the visits that were made to see good practice are counted in.

    Returns
    -------
    Tally
        The count and its base, for `share` and the like.
    """
    of = schools if with_chosen else _surveyed(schools)
    label = "with those chosen" if with_chosen else "the survey"
    return Tally(label=f"good use, {label}", count=int(of["good_use"].sum()), base=len(of))


def adding_chosen(schools: pd.DataFrame, *, added: Iterable[int]) -> Estimates:
    """What the share would be, had so many schools been added that were chosen for their good use.

    Parameters
    ----------
    schools
        As for `counted_visits`.
    added
        How many are added to the schools of the survey; a row for each number.

    Returns
    -------
    Estimates
        Shares without an interval, for there is nothing that they estimate.

    Raises
    ------
    InputError
        A number that is not whole, or below 0.
    """
    start = counted_visits(schools)
    more = [whole_number("added", number, least=0) for number in added]
    return Estimates(
        [
            share(Tally(label=f"{number} chosen ones added", count=start.count + number, base=start.base + number))
            for number in more
        ],
        caption="Good use, with schools added because they are good (illustrative)",
        show=("count",),
    )


def pupil_totals(schools: pd.DataFrame) -> pd.DataFrame:
    """The pupils of the schools of the survey: how many there are of each group, and how many of them take part.

    Parameters
    ----------
    schools
        As for `counted_visits`.

    Returns
    -------
    DataFrame
        A row for disadvantaged pupils and one for others: group, eligible, taking_part, share_of_those_taking_part.
    """
    sums = _surveyed(schools).sum(numeric_only=True)
    taking_part = [int(sums["disadvantaged_taking_part"]), int(sums["others_taking_part"])]
    return pd.DataFrame(
        {
            "group": ["disadvantaged", "others"],
            "eligible": [int(sums["disadvantaged"]), int(sums["others"])],
            "taking_part": taking_part,
            "share_of_those_taking_part": [number / sum(taking_part) for number in taking_part],
        }
    )


def _drawn(random: np.random.Generator, seed: int) -> pd.DataFrame:
    schools, good, chosen = SCHOOLS, GOOD, CHOSEN
    if seed:
        schools, chosen = 45 + 2 * int(random.integers(16)), int(random.integers(4, 9))
        good = round(schools * GOOD / SCHOOLS) + int(random.integers(-1, 2))
    unseen = int(random.integers(12, 16))
    monitoring = round(0.4 * (schools - unseen)) + int(random.integers(3))
    codes = [YES] * monitoring + [NOT_SEEN] * unseen + [NO] * (schools - unseen - monitoring)
    judged = random.permutation(np.arange(schools) < good)
    frame = pd.DataFrame(
        {
            "school": [f"S{number:02d}" for number in range(1, schools + chosen + 1)],
            "visit": [SURVEY] * schools + [PRACTICE] * chosen,
            "good_use": [*judged, *[True] * chosen],
            "monitors": [*random.permutation(codes), *[YES] * chosen],
        }
    )
    return frame.join(_pupils(random, frame["visit"] == PRACTICE))


def _pupils(random: np.random.Generator, is_chosen: pd.Series) -> pd.DataFrame:
    """Eligible pupils and those taking part: fewer of them in larger schools, and more where good practice was seen."""
    rows = len(is_chosen)
    roll = random.integers(120, 900, rows)
    poor = np.round(roll * random.uniform(0.10, 0.24, rows)).astype(int)
    size = (1.35 - roll / roll.mean() * 0.35) * np.where(is_chosen, 1.9, 1.0)
    rates = [np.clip(rate * size * random.uniform(0.8, 1.2, rows), 0, 0.9) for rate in (_TAKES_PART, _OTHERS_TAKE_PART)]
    return pd.DataFrame(
        {
            "disadvantaged": poor,
            "others": roll - poor,
            "disadvantaged_taking_part": np.round(poor * rates[0]).astype(int),
            "others_taking_part": np.round((roll - poor) * rates[1]).astype(int),
        }
    )


def _surveyed(schools: pd.DataFrame) -> pd.DataFrame:
    return schools[schools["visit"] == SURVEY]


def _counts(schools: pd.DataFrame) -> tuple[int, int, int]:
    """Good schools of the survey, its schools, and those that were added."""
    tally = counted_visits(schools)
    return tally.count, tally.base, len(schools) - tally.base


def _raised(schools: pd.DataFrame) -> float:
    good, base, chosen = _counts(schools)
    return (good + chosen) / (base + chosen) - good / base


def _to_half(schools: pd.DataFrame) -> float:
    good, base, _ = _counts(schools)
    return float(base - 2 * good)


def _monitors(schools: pd.DataFrame, *, among: tuple[str, ...] = (YES, NO), having: tuple[str, ...] = (YES,)) -> float:
    codes = schools["monitors"]
    return float(codes.isin(having).sum() / codes.isin(among).sum())


def _take_part(schools: pd.DataFrame) -> float:
    return float(schools["disadvantaged_taking_part"].sum() / schools["disadvantaged"].sum())


def _surprise(schools: pd.DataFrame) -> str:
    good, base, chosen = _counts(schools)
    before, after, doubled = (100 * (good + more) / (base + more) for more in (0, chosen, base))
    return (
        f"With {chosen} visits more, chosen because they were good, the share goes from {before:.1f}% "
        f"({good} of {base}) to {after:.1f}% ({good + chosen} of {base + chosen}), and "
        f"with {base} of them it would be {doubled:.1f}%: it tells how many were chosen, not how many are good."
    )


_ALL = (YES, NO, NOT_SEEN)

LESSON = Lesson(
    number=3,
    title="Which denominator?",
    data=visits_of_both_kinds,
    truth=MappingProxyType(
        {
            "share with good use, where none is chosen for it": GOOD / SCHOOLS,
            "share with good use, of those chosen for it": 1.0,
            "share of disadvantaged pupils taking part, in a school of average size": _TAKES_PART,
            "share of other pupils taking part, in a school of average size": _OTHERS_TAKE_PART,
        }
    ),
    prediction=Prediction(
        asks="By how much does the share rise with the few visits that were made to see good practice?",
        unit="points",
        answer=_raised,
        surprise=_surprise,
    ),
    questions=(
        Question(
            asks="How many schools chosen for their good use, added to those of the survey, make the share a half?",
            unit="count",
            answer=_to_half,
            why="Any share at all can be had in this way, so none of them is an estimate.",
            otherwise="look for the number that, added both to the good schools and to all of them, makes one half",
            mistakes=(
                Mistake(
                    answer=lambda schools: _counts(schools)[1] // 2 - _counts(schools)[0],
                    hint="this stops where half of the survey's schools are good: each that is added adds to the base",
                ),
                Mistake(
                    answer=lambda schools: (_counts(schools)[1] + 1) // 2 - _counts(schools)[0],
                    hint="this makes just over half of the survey's schools good: the base grows with all that you add",
                ),
                Mistake(
                    answer=lambda schools: _to_half(schools) - _counts(schools)[2],
                    hint="this counts from the visits with good practice in them; begin with the survey alone",
                ),
                Mistake(
                    answer=lambda schools: _counts(schools)[1] - _counts(schools)[0],
                    hint="this is how many are not good: so many good ones are wanted, and some are there already",
                ),
                Mistake(
                    answer=lambda schools: _counts(schools)[1],
                    hint="this doubles the visits, and the share is then well above a half",
                ),
            ),
        ),
        Question(
            asks="Of the survey's schools in which it could be seen, what share monitors who takes part?",
            unit="share",
            answer=lambda schools: _monitors(_surveyed(schools)),
            why="It describes the schools in which it was seen; of the others nothing is known or guessed.",
            otherwise="count the schools of the survey with yes, and divide by those with yes or no",
            mistakes=(
                Mistake(
                    answer=lambda schools: _monitors(_surveyed(schools), among=_ALL),
                    hint="this counts those in which it was not seen as if they did not monitor",
                ),
                Mistake(
                    answer=lambda schools: _monitors(_surveyed(schools), among=_ALL, having=(YES, NOT_SEEN)),
                    hint="this counts those in which it was not seen as if they monitored",
                ),
                Mistake(
                    answer=lambda schools: _monitors(schools),
                    hint="this has the good-practice visits in it, and the survey's schools are asked about",
                ),
                Mistake(
                    answer=lambda schools: _monitors(schools, among=_ALL),
                    hint="this has all visits in its base, those to see good practice and those where it was not seen",
                ),
                Mistake(
                    answer=lambda schools: _monitors(_surveyed(schools), having=(NO,)),
                    hint="this is the share that was seen not to monitor",
                ),
            ),
        ),
        Question(
            asks="In the survey's schools together, what share of the eligible disadvantaged pupils takes part?",
            unit="share",
            answer=lambda schools: _take_part(_surveyed(schools)),
            why="A gap in taking part needs all who could have taken part below the line.",
            otherwise="add up the disadvantaged pupils who take part, and divide by all the disadvantaged pupils",
            mistakes=(
                Mistake(
                    answer=lambda schools: float(pupil_totals(schools)["share_of_those_taking_part"].iloc[0]),
                    hint="this is the share of those taking part who are disadvantaged, which is the other way about",
                ),
                Mistake(
                    answer=lambda schools: float(
                        pupil_totals(schools)["taking_part"].iloc[0] / pupil_totals(schools)["eligible"].sum()
                    ),
                    hint="this has all pupils in its base, and only the disadvantaged can be among those counted",
                ),
                Mistake(
                    answer=lambda schools: float(
                        (_surveyed(schools)["disadvantaged_taking_part"] / _surveyed(schools)["disadvantaged"]).mean()
                    ),
                    hint="this is the mean of the schools' shares: a small school counts in it as much as a large one",
                ),
                Mistake(
                    answer=_take_part,
                    hint="this has the good-practice visits in it, and the survey's schools are asked about",
                ),
                Mistake(
                    answer=lambda schools: float(
                        pupil_totals(schools)["taking_part"].iloc[1] / pupil_totals(schools)["eligible"].iloc[1]
                    ),
                    hint="this is the share of the other pupils, not of the disadvantaged",
                ),
            ),
        ),
    ),
)
