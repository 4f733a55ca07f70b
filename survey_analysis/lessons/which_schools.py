"""Lesson 2, which schools are these: visits that favour good schools, and why no number of them mends it."""

from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_analysis import charts
from survey_analysis.errors import InputError, whole_number
from survey_analysis.estimates import Estimates, Tally
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.lessons.sliders import Slider
from survey_analysis.proportions import proportion, proportion_each
from survey_analysis.sensitivity import as_likely, selection_sensitivity

SCHOOLS, GOOD, TIMES = 24_000, 4_080, 3
"""How many schools there are, about as many as in England; how many are good, and how much likelier to be visited."""
FEW, MANY = 59, 590
_FEW_GOOD, _MANY_GOOD, _LOT_GOOD = range(20, 26), range(213, 237), range(7, 15)
_ROOM = 0.002
_TRIED = (1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5)


def all_schools(seed: int) -> pd.DataFrame:
    """A row for each school: whether it is good, the number of its visit (0 for none), and whether it was drawn by lot.

    Every school that is good is three times as likely as another to be the next one visited. What chance seldom does
    is drawn again: the data are to show what is usual.
    """
    random = np.random.default_rng([2, seed])
    good = random.permutation(np.arange(SCHOOLS) < GOOD)
    visit, by_lot = np.zeros(SCHOOLS, dtype=int), np.zeros(SCHOOLS, dtype=bool)
    order = _chosen(random, good)
    while not _is_usual(good[order]):
        order = _chosen(random, good)
    visit[order] = np.arange(1, MANY + 1)
    drawn = random.choice(SCHOOLS, FEW, replace=False)
    while good[drawn].sum() not in _LOT_GOOD:
        drawn = random.choice(SCHOOLS, FEW, replace=False)
    by_lot[drawn] = True
    names = [f"S{number:05d}" for number in range(1, SCHOOLS + 1)]
    return pd.DataFrame({"school": names, "good_use": good, "visit": visit, "by_lot": by_lot})


def chosen_visits(schools: pd.DataFrame, visits: int) -> Tally:
    """How many of the first visits, which favour good schools, were to one that makes good use.

    Parameters
    ----------
    schools
        What `data` gives for lesson 2.
    visits
        How many visits, from the first one on; at most as many as were made.

    Returns
    -------
    Tally
        The count and its base, for `proportion` and the like.

    Raises
    ------
    InputError
        A number of visits that is not whole, below 1 or above what was made.
    """
    visits, made = whole_number("visits", visits, least=1), int(schools["visit"].max())
    if visits > made:
        raise InputError(f"visits must be at most {made}, for so many were made, not {visits}")
    return _tally(schools[schools["visit"].between(1, visits)], f"first {visits} chosen visits")


def lot_visits(schools: pd.DataFrame) -> Tally:
    """How many of the schools that were drawn by lot make good use.

    Parameters
    ----------
    schools
        As for `chosen_visits`.
    """
    drawn = schools[schools["by_lot"]]
    return _tally(drawn, f"{len(drawn)} visits by lot")


def favoured_visits(schools: pd.DataFrame, *, times: float = TIMES) -> Estimates:
    """What 59 and 590 visits would show on average, were good schools so many times as likely to be visited.

    With the share s among all, the share among the visits is k s / (k s + 1 - s), and the counts are the whole numbers
    next to it.

    Parameters
    ----------
    schools
        As for `chosen_visits`.
    times
        How many times as likely, above 0.

    Returns
    -------
    Estimates
        Shares of the visits with their 95% intervals (Wilson).

    Raises
    ------
    InputError
        A number of times that is not above 0.
    """
    every = _tally(schools, "all schools")
    [checked] = selection_sensitivity(every, times=[times])
    as_visited = selection_sensitivity(every, times=1 / checked.details["times"])[0].value or 0.0
    return proportion_each(
        [Tally(label=f"{base} visits", count=round(base * as_visited), base=base) for base in (FEW, MANY)],
        caption=f"Were good schools {as_likely(times)} to be visited (illustrative)",
    )


def favoured_slider(schools: pd.DataFrame) -> Slider:
    """A slider for how many times as likely good schools are to be visited, above the shares that visits then show.

    Parameters
    ----------
    schools
        As for `chosen_visits`.
    """

    def draw(times: float) -> charts.Chart:
        return charts.beside_truth(favoured_visits(schools, times=times), truth=_truth(schools))

    return Slider(draw, label="Times as likely to be visited", values=_TRIED, start=TIMES)


def _chosen(random: np.random.Generator, good: np.ndarray) -> np.ndarray:
    """The visited in order: the next is always drawn with these odds from those that are left."""
    waits = random.exponential(size=len(good)) / np.where(good, TIMES, 1.0)
    first = np.argpartition(waits, MANY)[:MANY]
    return first[np.argsort(waits[first])]


def _is_usual(good: np.ndarray) -> bool:
    few, many = int(good[:FEW].sum()), int(good.sum())
    if few not in _FEW_GOOD or many not in _MANY_GOOD:
        return False
    apart = abs(_if_likelier(few / FEW, TIMES) - _if_likelier(many / MANY, TIMES))
    return min(apart, abs(_if_likelier(many / MANY, TIMES) - GOOD / SCHOOLS)) > _ROOM


def _if_likelier(share: float, times: float) -> float:
    return share / (share + times * (1 - share))


def _tally(schools: pd.DataFrame, label: str) -> Tally:
    return Tally(label=label, count=int(schools["good_use"].sum()), base=len(schools))


def _truth(schools: pd.DataFrame) -> float:
    return float(schools["good_use"].mean())


def _seen(schools: pd.DataFrame, visits: int) -> float:
    tally = chosen_visits(schools, visits)
    return tally.count / tally.base


def _off(schools: pd.DataFrame, visits: int) -> float:
    return _seen(schools, visits) - _truth(schools)


def _limits(tally: Tally, level: float = 0.95) -> tuple[float, float]:
    found = proportion(tally, level=level)
    return found.low or 0.0, found.high or 0.0


def _width(schools: pd.DataFrame, visits: int) -> float:
    low, high = _limits(chosen_visits(schools, visits))
    return high - low


def _narrower(schools: pd.DataFrame) -> float:
    return _width(schools, FEW) / _width(schools, MANY)


def _holding(schools: pd.DataFrame) -> str:
    """Which of the three intervals holds the truth; the data are such that one does."""
    intervals = {
        BY_LOT: _limits(lot_visits(schools)),
        FEW_SURER: _limits(chosen_visits(schools, FEW), 0.99),
        MANY_SURER: _limits(chosen_visits(schools, MANY), 0.99),
    }
    return next(name for name, (low, high) in intervals.items() if low <= _truth(schools) <= high)


def _surprise(schools: pd.DataFrame) -> str:
    few, many = (f"{100 * _off(schools, visits):.1f}" for visits in (FEW, MANY))
    return (
        f"With {FEW} visits the share is {few} points above the truth, and with {MANY} it is {many} points above: only "
        f"the interval changes, which is now {_narrower(schools):.1f} times as narrow, around the wrong number."
    )


BY_LOT, FEW_SURER, MANY_SURER = "59 by lot, 95%", "59 chosen, 99%", "590 chosen, 99%"

LESSON = Lesson(
    number=2,
    title="Which schools are these?",
    data=all_schools,
    truth=MappingProxyType(
        {"schools": SCHOOLS, "share that makes good use": GOOD / SCHOOLS, "times as likely to be visited": TIMES}
    ),
    prediction=Prediction(
        asks="With ten times as many visits, chosen in the same way, how far above the truth is the share seen?",
        unit="points",
        answer=lambda schools: _off(schools, MANY),
        surprise=_surprise,
    ),
    questions=(
        Question(
            asks="How many times as wide is the 95% interval of the first 59 visits as that of the 590?",
            unit="ratio",
            answer=_narrower,
            why="Ten times as many visits make it about three times as narrow, wherever it stands.",
            otherwise="take the upper limit less the lower one, for each, and divide the wider by the narrower",
            mistakes=(
                Mistake(
                    answer=lambda schools: MANY / FEW,
                    hint="this is how many times as many visits there are; a width does not shrink as fast as that",
                ),
                Mistake(
                    answer=lambda schools: 1 / _narrower(schools),
                    hint="this is the narrower over the wider, upside down",
                ),
                Mistake(
                    answer=lambda schools: _off(schools, FEW) / _off(schools, MANY),
                    hint="this compares how far the two shares are from the truth, not how wide their intervals are",
                ),
                Mistake(
                    answer=lambda schools: _width(schools, FEW) - _width(schools, MANY),
                    hint="this is one width less the other, and their ratio is asked",
                ),
            ),
            within=0.011,
        ),
        Question(
            asks="Were good schools three times as likely to be visited, what share of all would the 590 stand for?",
            unit="share",
            answer=lambda schools: _if_likelier(_seen(schools, MANY), TIMES),
            why="Whoever knows how the schools were chosen can go back; the visits themselves do not say it.",
            otherwise="divide the share that is good by three, and take the result as a share of itself and the others",
            mistakes=(
                Mistake(
                    answer=lambda schools: _seen(schools, MANY) / TIMES,
                    hint="this divides the share by three and leaves the whole as it was: the base has to shrink too",
                ),
                Mistake(
                    answer=lambda schools: _if_likelier(_seen(schools, MANY), 1 / TIMES),
                    hint="this goes the other way, as if good schools had been passed over",
                ),
                Mistake(
                    answer=lambda schools: _if_likelier(_seen(schools, FEW), TIMES),
                    hint="this is what the first 59 visits stand for, and all 590 are asked about",
                ),
                Mistake(
                    answer=lambda schools: _seen(schools, MANY),
                    hint="this is the share as it was seen, before any correction",
                ),
                Mistake(answer=_truth, hint="this is the truth, and asked is what one would work out without it"),
            ),
        ),
        Question(
            asks="Which of the three intervals holds the true share?",
            unit="option",
            options=(FEW_SURER, MANY_SURER, BY_LOT),
            answer=_holding,
            why="A few drawn by lot tell more of all schools than these many, for good ones were so much favoured.",
            otherwise="compute the three intervals, and see between whose limits the true share lies",
            mistakes=(
                Mistake(
                    answer=lambda schools: FEW_SURER,
                    hint="a surer interval is wider, yet round the same share: look where its lower limit lies",
                ),
                Mistake(
                    answer=lambda schools: MANY_SURER,
                    hint="more visits of the same kind draw the limits together and do not move the middle",
                ),
            ),
        ),
    ),
)
