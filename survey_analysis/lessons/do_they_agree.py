"""Lesson 10, do two inspectors agree: as many grades are the same, and kappa is another where one grade is commoner."""

from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from survey_analysis.agreement import agreement_coefficient
from survey_analysis.errors import choice
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.raters import Ratings, ratings_from
from survey_analysis.rendering import number

if TYPE_CHECKING:
    from survey_analysis.lessons.sliders import Slider

GRADES = ("good", "less than good")
AGREED = 0.85
_SETS = {"even": ("even",), "skewed": ("skewed",), "both": ("even", "skewed")}
_PRINTED = {"even": (40, 9, 6, 45), "skewed": (80, 10, 5, 5)}  # those of Feinstein and Cicchetti
_COMMONEST = 92  # per cent; up to there two inspectors can be alike and agree as often as that


def graded_schools(seed: int) -> pd.DataFrame:
    """A row for each school with the grades of two inspectors, in a set that is half and half and in a skewed one.

    In both sets there are as many schools, and as many on which the inspectors agree.
    """
    random = np.random.default_rng([10, seed])
    counts = _drawn(random) if seed else _PRINTED
    pairs = np.array([(one, other) for one in GRADES for other in GRADES])
    places = [random.permutation(np.repeat(np.arange(len(pairs)), of_set)) for of_set in counts.values()]
    grades = pairs[np.concatenate(places)]
    names = np.repeat(list(counts), [len(it) for it in places])
    numbers = [f"S{number:03d}" for number in range(1, len(grades) + 1)]
    return pd.DataFrame({"school": numbers, "set": names, "first": grades[:, 0], "second": grades[:, 1]})


def grades_of(schools: pd.DataFrame, which: str) -> Ratings:
    """The grades of one set of schools, or of both sets together, as `agreement_table` takes them.

    Parameters
    ----------
    schools
        What `data` gives for lesson 10.
    which
        'even', 'skewed' or 'both'.

    Returns
    -------
    Ratings
        The grades of the first and of the second inspector.

    Raises
    ------
    InputError
        Another set.
    """
    grades = _of(schools, which)[["first", "second"]]
    named = grades.rename(columns={name: f"{name} inspector" for name in grades})
    return ratings_from(named, codes=GRADES, label=f"{which} sets" if which == "both" else f"{which} set")


def kappa_curve(schools: pd.DataFrame) -> pd.DataFrame:
    """What kappa and Gwet's AC1 become at the raw agreement of these schools, as one of the two grades grows commoner.

    Parameters
    ----------
    schools
        What `data` gives for lesson 10.

    Returns
    -------
    DataFrame
        A row for each share of all grades that the commoner one is, from 0.5 up, alike for both inspectors: share, the
        raw agreement, kappa and ac1.
    """
    share = np.arange(50, _COMMONEST + 1) / 100
    raw = _raw(schools, "both")
    by_chance, for_ac1 = share**2 + (1 - share) ** 2, 2 * share * (1 - share)
    return pd.DataFrame(
        {
            "share": share,
            "agreement": raw,
            "kappa": (raw - by_chance) / (1 - by_chance),
            "ac1": (raw - for_ac1) / (1 - for_ac1),
        }
    )


def skew_slider(schools: pd.DataFrame) -> "Slider":
    """A slider for how common the commoner grade is, above a chart of kappa and AC1 at the same raw agreement.

    Parameters
    ----------
    schools
        What `data` gives for lesson 10.

    Returns
    -------
    Slider
        It moves in JupyterLab; elsewhere it is words.
    """
    from survey_analysis import charts
    from survey_analysis.lessons.sliders import Slider

    curve = kappa_curve(schools)
    return Slider(
        lambda per_cent: charts.kappas(curve, at=per_cent / 100),
        label="Per cent of the commoner grade",
        values=range(50, _COMMONEST + 1, 2),
        start=50,
    )


def _drawn(random: np.random.Generator) -> dict[str, tuple[int, ...]]:
    """As many schools in both sets: those both call good, those only the first or only the second does, and neither."""
    schools = 20 * int(random.integers(4, 8))
    agreed = round(AGREED * schools)
    differ = schools - agreed
    good, first = round(agreed * random.uniform(0.45, 0.55)), int(random.integers(differ // 3, 2 * differ // 3 + 1))
    neither, generous = (ceil(schools * random.uniform(*ends)) for ends in ((0.051, 0.07), (0.101, 0.115)))
    return {
        "even": (good, first, differ - first, agreed - good),
        "skewed": (agreed - neither, generous, differ - generous, neither),
    }


def _of(schools: pd.DataFrame, which: str) -> pd.DataFrame:
    return schools[schools["set"].isin(choice("which", which, _SETS))]


def _raw(schools: pd.DataFrame, which: str) -> float:
    kept = _of(schools, which)
    return float((kept["first"] == kept["second"]).mean())


def _good(schools: pd.DataFrame, which: str) -> tuple[float, float]:
    """The share of good grades among those of each inspector."""
    kept = _of(schools, which)
    return float((kept["first"] == GRADES[0]).mean()), float((kept["second"] == GRADES[0]).mean())


def _by_chance(schools: pd.DataFrame, which: str) -> float:
    one, other = _good(schools, which)
    return one * other + (1 - one) * (1 - other)


def _from_means(schools: pd.DataFrame, which: str) -> float:
    """The agreement by chance of two inspectors who both give good grades as often as the two do on average."""
    share = sum(_good(schools, which)) / 2
    return share**2 + (1 - share) ** 2


def _coefficient(schools: pd.DataFrame, which: str, name: str = "cohen") -> float:
    found = agreement_coefficient(grades_of(schools, which), coefficient=name, weights="nominal", level=None)
    return float(found.value or 0)


def _upside_down(schools: pd.DataFrame) -> float:
    raw, by_chance = _raw(schools, "both"), _by_chance(schools, "both")
    return (raw - by_chance) / (1 - raw)


def _surprise(schools: pd.DataFrame) -> str:
    kappas, others = (
        [number(_coefficient(schools, which, name), "coefficient") for which in ("even", "skewed")]
        for name in ("cohen", "gwet")
    )
    return (
        f"The inspectors agree on {number(_raw(schools, 'both'), 'share')} of the schools in both sets, and kappa is "
        f"{kappas[0]} in the even one and {kappas[1]} in the skewed one, where chance alone makes them agree on most; "
        f"Gwet's AC1, which counts chance otherwise, is {others[0]} and {others[1]}."
    )


LESSON = Lesson(
    number=10,
    title="Do two inspectors agree?",
    data=graded_schools,
    truth=MappingProxyType(
        {
            "share of schools with the same grade, in both sets": AGREED,
            "share of good grades in the even set, about": 0.5,
            "share of good grades in the skewed set, about": 0.875,
        }
    ),
    prediction=Prediction(
        asks="What is kappa in the skewed set?",
        unit="coefficient",
        answer=lambda schools: _coefficient(schools, "skewed"),
        surprise=_surprise,
    ),
    questions=(
        Question(
            asks="On what share of the skewed set would they agree if the second called every school good?",
            unit="share",
            answer=lambda schools: _good(schools, "skewed")[0],
            why="One who never looks agrees more often than one who does, and kappa would be 0.",
            otherwise="count in how many schools of the skewed set the first inspector said good",
            mistakes=(
                Mistake(
                    answer=lambda schools: _raw(schools, "skewed"),
                    hint="this is how often they agree now; every grade of the second inspector is good instead",
                ),
                Mistake(
                    answer=lambda schools: _good(schools, "even")[0],
                    hint="this is of the even set, and the skewed one is asked",
                ),
                Mistake(
                    answer=lambda schools: 1 - _good(schools, "skewed")[0],
                    hint="this is on how many they would differ",
                ),
                Mistake(
                    answer=lambda schools: _good(schools, "both")[0],
                    hint="this is of both sets together; keep the rows of the skewed one",
                ),
            ),
        ),
        Question(
            asks="On what share of the skewed set would they agree by chance, as kappa counts it?",
            unit="share",
            answer=lambda schools: _by_chance(schools, "skewed"),
            why="So much agreement comes for nothing that little is left to earn.",
            otherwise="multiply the two inspectors' shares of good grades, do so for the other grade, and add the two",
            mistakes=(
                Mistake(
                    answer=lambda schools: _by_chance(schools, "even"),
                    hint="this is the chance agreement of the even set, and the skewed one is asked",
                ),
                Mistake(
                    answer=lambda schools: _raw(schools, "skewed"),
                    hint="this is how often they really agree",
                ),
                Mistake(
                    answer=lambda schools: _good(schools, "skewed")[0] * _good(schools, "skewed")[1],
                    hint="this is how often both would say good; they agree as well where both say less than good",
                ),
                Mistake(
                    answer=lambda schools: 1 - _by_chance(schools, "skewed"),
                    hint="this is how often they would differ by chance",
                ),
                Mistake(
                    answer=lambda schools: _from_means(schools, "skewed"),
                    hint="this gives both inspectors one and the same share of good grades; kappa takes each one's own",
                ),
            ),
        ),
        Question(
            asks="What is kappa for the schools of both sets together?",
            unit="coefficient",
            answer=lambda schools: _coefficient(schools, "both"),
            why="It is no mean of the two kappas: chance is reckoned anew from the grades of all schools.",
            otherwise="work out raw agreement and chance agreement over all schools, and from them "
            "(raw - chance)/(1 - chance)",
            mistakes=(
                Mistake(
                    answer=lambda schools: (_coefficient(schools, "even") + _coefficient(schools, "skewed")) / 2,
                    hint="this is the mean of the two kappas; work out the agreement by chance over all schools anew",
                ),
                Mistake(
                    answer=lambda schools: _raw(schools, "both"),
                    hint="this is raw agreement, and chance is still in it",
                ),
                Mistake(
                    answer=lambda schools: _raw(schools, "both") - _by_chance(schools, "both"),
                    hint="this is how far they agree beyond chance; divide it by what chance leaves, 1 - chance",
                ),
                Mistake(
                    answer=_upside_down,
                    hint="this divides by 1 - raw agreement; divide by what chance leaves, 1 - chance",
                ),
                Mistake(
                    answer=lambda schools: _coefficient(schools, "skewed"),
                    hint="this is of the skewed set alone",
                ),
                Mistake(
                    answer=lambda schools: _coefficient(schools, "even"),
                    hint="this is of the even set alone",
                ),
                Mistake(
                    answer=lambda schools: _coefficient(schools, "both", "gwet"),
                    hint="this is Gwet's AC1, and Cohen's kappa is asked",
                ),
            ),
        ),
    ),
)
