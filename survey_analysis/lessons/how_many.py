"""Lesson 1, how many schools do it well: four intervals for a few schools, and how often each holds the truth."""

from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally
from survey_analysis.interval_coverage import proportion_coverage
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.proportions import proportion

SCHOOLS, GOOD, OUTSTANDING = 59, 10, 3
"""The published counts: schools with good use at good value, and those whose partnership work was outstanding."""
_Z = 1.959963984540054
_MOST_HELD = 0.945  # counts jump, so that here and there the textbook's interval does as well as it says


def visited_schools(seed: int) -> pd.DataFrame:
    """A row for each school, and whether it made good use and was outstanding; with seed 0 as many as were published.

    Which school is which is invented; an outstanding school makes good use. Counts with which the textbook's interval
    does not fail are drawn again, as the notebook says: from four of 59 on it begins above nothing.
    """
    random = np.random.default_rng([1, seed])
    schools, good, outstanding = SCHOOLS, GOOD, OUTSTANDING
    while seed and (good == GOOD or outstanding not in (2, 3) or not _is_usual(schools, good)):
        schools = int(random.integers(45, 76))
        good = int(random.binomial(schools, GOOD / SCHOOLS))
        outstanding = int(random.binomial(schools, OUTSTANDING / SCHOOLS))
    places = random.permutation(schools)
    return pd.DataFrame(
        {
            "school": [f"S{number:02d}" for number in range(1, schools + 1)],
            "good_use": np.isin(np.arange(schools), places[:good]),
            "outstanding": np.isin(np.arange(schools), places[:outstanding]),
        }
    )


def _is_usual(schools: int, good: int) -> bool:
    """Whether chance gave so many as show what is usual: the textbook's interval fails here too, as most often."""
    return 6 <= good <= schools // 3 and _coverage(schools, good / schools, "wald") < _MOST_HELD


def four_intervals(schools: pd.DataFrame, column: str) -> Estimates:
    """The textbook interval of a share of schools, and the three that the package uses, at 95%.

    Parameters
    ----------
    schools
        What `data` gives for lesson 1.
    column
        'good_use' or 'outstanding'.

    Returns
    -------
    Estimates
        The textbook (Wald) interval first. It is here to be looked at, and in no analysis of the package.
    """
    tally = _tally(schools, column)
    low, high = _wald(schools, column)
    textbook = Estimate(
        label=tally.label,
        value=tally.count / tally.base,
        low=low,
        high=high,
        level=0.95,
        method="textbook (Wald)",
        base=tally.base,
        provenance=Provenance.ILLUSTRATIVE,
    )
    others = [proportion(tally, method=method) for method in ("wilson", "exact", "jeffreys")]
    return Estimates([textbook, *others], caption=f"Four intervals for {tally.count} of {tally.base} schools")


def coverage_at(schools: pd.DataFrame, column: str) -> pd.DataFrame:
    """How often each of the four intervals would hold the truth, if that were the share of these schools.

    Parameters
    ----------
    schools, column
        As for `four_intervals`.

    Returns
    -------
    DataFrame
        What `proportion_coverage` gives, at the one share.
    """
    share = float(schools[column].mean())
    return proportion_coverage(len(schools), methods=["wald", "wilson", "exact", "jeffreys"], shares=share)


def _tally(schools: pd.DataFrame, column: str) -> Tally:
    label = column.replace("_", " ")
    return Tally(label=label, count=int(schools[column].sum()), base=len(schools), provenance=Provenance.ILLUSTRATIVE)


def _wald(schools: pd.DataFrame, column: str, *, z: float = _Z, taken: int = 0) -> tuple[float, float]:
    share, base = float(schools[column].mean()), len(schools)
    half = z * (share * (1 - share) / (base - taken)) ** 0.5
    return share - half, share + half


def _wilson(schools: pd.DataFrame, column: str, *, level: float = 0.95) -> tuple[float, float]:
    found = proportion(_tally(schools, column), level=level)
    return found.low or 0.0, found.high or 0.0


def _held(schools: pd.DataFrame, column: str, method: str) -> float:
    return _coverage(len(schools), float(schools[column].mean()), method)


def _coverage(base: int, share: float, method: str) -> float:
    return float(proportion_coverage(base, methods=method, shares=share)["coverage"].iloc[0])


def _surprise(schools: pd.DataFrame) -> str:
    tally = _tally(schools, "outstanding")
    held = 100 * _held(schools, "outstanding", "wald")
    low = 100 * _wald(schools, "outstanding")[0]
    return (
        f"Were {tally.count} of {tally.base} the true share, the textbook's 95% interval would hold it in {held:.1f}% "
        f"of surveys; here it begins at {low:.1f}%, which no share can be."
    )


LESSON = Lesson(
    number=1,
    title="How many schools do it well?",
    data=visited_schools,
    truth=MappingProxyType({"share with good use": GOOD / SCHOOLS, "share outstanding": OUTSTANDING / SCHOOLS}),
    prediction=Prediction(
        asks="In what share of surveys does the textbook's 95% interval hold so small a truth?",
        unit="share",
        answer=lambda schools: _held(schools, "outstanding", "wald"),
        surprise=_surprise,
    ),
    questions=(
        Question(
            asks="At what share does the textbook's 95% interval for the outstanding schools begin?",
            unit="share",
            answer=lambda schools: _wald(schools, "outstanding")[0],
            why="It begins below nothing: the formula does not know where shares end.",
            otherwise="it is p - 1.96 x the square root of p(1 - p)/n, with p the share of outstanding schools",
            mistakes=(
                Mistake(
                    answer=lambda schools: 0.0, hint="what the formula gives is asked, even if no share can be that"
                ),
                Mistake(
                    answer=lambda schools: _wald(schools, "outstanding")[1],
                    hint="this is where it ends, not where it begins",
                ),
                Mistake(
                    answer=lambda schools: _wald(schools, "good_use")[0],
                    hint="this is the interval of the schools with good use, another group",
                ),
                Mistake(
                    answer=lambda schools: _wald(schools, "outstanding", taken=1)[0],
                    hint="this divides by n - 1; the textbook's interval of a share divides by n",
                ),
                Mistake(
                    answer=lambda schools: _wald(schools, "outstanding", z=1.6448536269514722)[0],
                    hint="this is the 90% interval: for 95% it is 1.96 standard errors on each side",
                ),
            ),
            within=0.00006,
        ),
        Question(
            asks="At what share does the Wilson interval for the outstanding schools end?",
            unit="share",
            answer=lambda schools: _wilson(schools, "outstanding")[1],
            why="It reaches further up than the textbook's, and stays above nothing.",
            otherwise="look at the table of four intervals for the outstanding schools, in the row of Wilson",
            mistakes=(
                Mistake(
                    answer=lambda schools: _wilson(schools, "good_use")[1],
                    hint="this is the interval of the schools with good use, another group",
                ),
                Mistake(
                    answer=lambda schools: _wilson(schools, "outstanding")[0],
                    hint="this is where it begins, not where it ends",
                ),
                Mistake(
                    answer=lambda schools: _wald(schools, "outstanding")[1],
                    hint="this is the end of the textbook's interval, not of Wilson's",
                ),
                Mistake(
                    answer=lambda schools: float(schools["outstanding"].mean()),
                    hint="this is the share that was seen, in the middle of the interval",
                ),
                Mistake(
                    answer=lambda schools: _wilson(schools, "outstanding", level=0.9)[1],
                    hint="this is the 90% interval, and 95% is asked",
                ),
            ),
        ),
        Question(
            asks="Were the true share that of the schools with good use, how often would the textbook hold it?",
            unit="share",
            answer=lambda schools: _held(schools, "good_use", "wald"),
            why="Here it fails less, though not steadily so as schools are added: coverage saws up and down.",
            otherwise="take the coverage of the textbook's interval at the share of schools with good use",
            mistakes=(
                Mistake(answer=lambda schools: 0.95, hint="this is what the interval promises, not what it does"),
                Mistake(
                    answer=lambda schools: 1 - _held(schools, "good_use", "wald"),
                    hint="this is how often it misses the truth",
                ),
                Mistake(
                    answer=lambda schools: _held(schools, "outstanding", "wald"),
                    hint="this is at the share of the outstanding schools, another group",
                ),
                Mistake(
                    answer=lambda schools: _held(schools, "good_use", "wilson"),
                    hint="this is Wilson's, not the textbook's",
                ),
            ),
        ),
    ),
)
