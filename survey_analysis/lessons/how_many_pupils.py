"""Lesson 7, how many pupils is 1,770: those of a school are alike, which costs a share a lot and a gap little."""

from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_analysis.errors import InputError, whole_number
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.pupil_shares import effective_pupils
from survey_analysis.resampling import Numbers

SCHOOLS, PUPILS = 59, 30
"""The schools of the survey, and how many pupils of each are asked here."""
ICC, SHARE, GAP = 0.2, 0.4, 0.1
_WIDEST = 0.15  # how far from GAP the gap of a school may be, so that every share stays between 0 and 1
_LEAST, _MOST = 0.17, 0.91  # what the share of a school may be, for the same reason
_BEHIND = 3  # one pupil in so many has free school meals
_FOUND = (0.87, 1.26)  # between which the design effect of the data lies, as a part of the one that is planned
_GROUPS = ("free school meals", "no free school meals")
_OPTIONS = ("more than their number", "their number", "fewer, but more than for the share", "as many as for the share")


def asked_pupils(seed: int) -> pd.DataFrame:
    """Two rows for each school, one for each group of pupils: how many were asked and how many take part.

    As many pupils are asked in each school. How far schools differ is fixed by the intraclass correlation; data in
    which chance hides it, or makes much of it, are made again.
    """
    random = np.random.default_rng([7, seed])
    schools, pupils = SCHOOLS, PUPILS
    if seed:
        schools, pupils = int(random.integers(45, 76)), 3 * int(random.integers(8, 13))
    while True:
        counts = _drawn(random, 1, schools, pupils, 0.0)[0]
        frame = pd.DataFrame(
            {
                "school": np.repeat([f"S{number:02d}" for number in range(1, schools + 1)], 2),
                "group": list(_GROUPS) * schools,
                "pupils": list(_sizes(pupils)) * schools,
                "taking_part": counts.ravel().astype(int),
            }
        )
        if _shows_it(frame):
            return frame


def _shows_it(pupils: pd.DataFrame) -> bool:
    """Whether the data show a large design effect, and no slip comes to the same number as another."""
    found, each, planned = _found(pupils), _each(pupils), _planned(_each(pupils))
    apart = min(abs(found - planned), abs(_found(pupils, taken=0) - planned)) > 0.04
    apart = apart and abs(1 / found - found / each) > 0.02
    return apart and _FOUND[0] <= found / planned <= _FOUND[1] and abs(_share(pupils) - SHARE) < 0.08


def rates_of_schools(pupils: pd.DataFrame) -> pd.DataFrame:
    """The share taking part in each school, beside what chance would make of schools that are all alike.

    Parameters
    ----------
    pupils
        What `data` gives for lesson 7.

    Returns
    -------
    DataFrame
        A row for each school, from the lowest share up: school, pupils, taking_part, share, and if_alike, the share
        that the school in this place would have if every pupil took part with the same chance.
    """
    from scipy.stats import binom

    rates = pupils.groupby("school", as_index=False)[["pupils", "taking_part"]].sum()
    rates["share"] = rates["taking_part"] / rates["pupils"]
    rates = rates.sort_values(["share", "school"], ignore_index=True)
    places = (np.arange(len(rates)) + 0.5) / len(rates)
    return rates.assign(if_alike=binom.ppf(places, rates["pupils"], _share(pupils)) / rates["pupils"])


def repeated_surveys(
    pupils: pd.DataFrame, *, gap_spread: float = 0.0, repeats: int = 10_000, seed: int = 0
) -> pd.DataFrame:
    """The survey made again and again, with other schools of the same kind: how far its results are off each time.

    Parameters
    ----------
    pupils
        What `data` gives for lesson 7. Its number of schools and of pupils are kept.
    gap_spread
        By how much the gap of a school is above or below 10 points, as often the one as the other: 0 where it is the
        same in all schools, 0.15 at most.
    repeats, seed
        How many surveys are made, at most 20,000, and from which seed.

    Returns
    -------
    DataFrame
        A row for the share taking part and one for the gap, each with its usual_error (the standard deviation over the
        surveys), what that would be if pupils were drawn one_by_one, the design_effect (the square of their ratio) and
        how many pupils they count_as: all pupils over the design effect.

    Raises
    ------
    InputError
        A spread that is not from 0 to 0.15; repeats that are no whole number, or above 20,000.
    """
    if isinstance(gap_spread, bool) or not isinstance(gap_spread, (int, float)) or not 0 <= gap_spread <= _WIDEST:
        raise InputError(f"gap_spread must be from 0 to {_WIDEST}, not {gap_spread!r}")
    repeats, seed = whole_number("repeats", repeats, least=2), whole_number("seed", seed, least=0)
    if repeats > 20_000:
        raise InputError(f"repeats must be at most 20,000, not {repeats:,}")
    schools, each = _schools(pupils), _each(pupils)
    behind, ahead = _sizes(each)
    drawn = _drawn(np.random.default_rng([7, seed]), repeats, schools, each, gap_spread).sum(axis=1)
    shares = drawn.sum(axis=1) / (schools * each)
    gaps = drawn[:, 1] / (schools * ahead) - drawn[:, 0] / (schools * behind)
    alone = [
        SHARE * (1 - SHARE) / each,
        sum(it * (1 - it) / n for it, n in zip(_truths(), (behind, ahead), strict=True)),
    ]
    errors = np.array([shares.std(ddof=1), gaps.std(ddof=1)])
    one_by_one = np.sqrt(np.array(alone) / schools)
    effects = (errors / one_by_one) ** 2
    return pd.DataFrame(
        {
            "result": ["share taking part", "gap between the groups"],
            "usual_error": errors,
            "one_by_one": one_by_one,
            "design_effect": effects,
            "count_as": schools * each / effects,
        }
    )


def _drawn(random: np.random.Generator, repeats: int, schools: int, pupils: int, spread: float) -> Numbers:
    """Pupils taking part in each survey, school and group."""
    middle = (SHARE - _LEAST) / (_MOST - _LEAST)
    variance = ICC * SHARE * (1 - SHARE) / (_MOST - _LEAST) ** 2
    size = middle * (1 - middle) / variance - 1
    share = _LEAST + (_MOST - _LEAST) * random.beta(middle * size, (1 - middle) * size, (repeats, schools))
    gap = GAP + spread * random.choice([-1.0, 1.0], (repeats, schools))
    chances = np.stack([share - gap * (1 - 1 / _BEHIND), share + gap / _BEHIND], axis=-1)
    return np.asarray(random.binomial(np.array(_sizes(pupils)), chances), dtype=float)


def _truths() -> tuple[float, float]:
    """The shares of both groups, over all schools."""
    return SHARE - GAP * (1 - 1 / _BEHIND), SHARE + GAP / _BEHIND


def _sizes(pupils: int) -> tuple[int, int]:
    return pupils // _BEHIND, pupils - pupils // _BEHIND


def _schools(pupils: pd.DataFrame) -> int:
    return int(pupils["school"].nunique())


def _all(pupils: pd.DataFrame) -> int:
    return int(pupils["pupils"].sum())


def _each(pupils: pd.DataFrame) -> int:
    return _all(pupils) // _schools(pupils)


def _share(pupils: pd.DataFrame) -> float:
    return float(pupils["taking_part"].sum() / pupils["pupils"].sum())


def _found(pupils: pd.DataFrame, *, taken: int = 1) -> float:
    """The design effect in the data: how far schools vary, over how far chance would make them."""
    rates = pupils.groupby("school")["taking_part"].sum() / _each(pupils)
    share = _share(pupils)
    return float(rates.var(ddof=taken)) / (share * (1 - share) / _each(pupils))


def _planned(each: float, *, taken: int = 1) -> float:
    return 1 + (each - taken) * ICC


def _worth(pupils: pd.DataFrame) -> float:
    return float(effective_pupils(_all(pupils), schools=_schools(pupils), icc=ICC).value or 0)


def _spread_out(pupils: pd.DataFrame, *, taken: int = 1) -> float:
    """What as many pupils count as, from three times as many schools."""
    return _all(pupils) / _planned(_each(pupils) / 3, taken=taken)


def _surprise(pupils: pd.DataFrame) -> str:
    return (
        f"For the share taking part the {_all(pupils):,} pupils of {_schools(pupils)} schools count as about "
        f"{_worth(pupils):.0f} who were drawn one by one, a design effect of {_planned(_each(pupils)):.1f}, because "
        "pupils of one school are alike; for a gap that is the same in every school they count as more than there are."
    )


LESSON = Lesson(
    number=7,
    title="How many pupils is 1,770?",
    data=asked_pupils,
    truth=MappingProxyType(
        {"share taking part": SHARE, "gap, the same in every school": GAP, "intraclass correlation": ICC}
    ),
    prediction=Prediction(
        asks="As how many pupils, drawn one by one, do these count for the share taking part?",
        unit="count",
        answer=_worth,
        surprise=_surprise,
    ),
    questions=(
        Question(
            asks="What is the design effect that the data show for the share taking part?",
            unit="ratio",
            answer=_found,
            why="Schools vary that much more than chance alone would make them.",
            otherwise="take the variance of the schools' shares (with n - 1), and divide it by p(1 - p)/m, with p the "
            "share of all pupils and m the pupils of one school",
            mistakes=(
                Mistake(
                    answer=lambda pupils: _found(pupils, taken=0),
                    hint="this variance divides by the number of schools; divide by one less, as ddof=1 does",
                ),
                Mistake(
                    answer=lambda pupils: _found(pupils) / _each(pupils),
                    hint="this is held against p(1 - p), the variance of one pupil; a school's share is of m pupils",
                ),
                Mistake(
                    answer=lambda pupils: _found(pupils) ** 0.5,
                    hint="this compares standard deviations; a design effect compares variances",
                ),
                Mistake(
                    answer=lambda pupils: 1 / _found(pupils),
                    hint="this is upside down: what was found is divided by what chance would give",
                ),
                Mistake(
                    answer=lambda pupils: _planned(_each(pupils)),
                    hint="this is what the formula expects of the true intraclass correlation; what the data show is "
                    "asked",
                ),
            ),
        ),
        Question(
            asks="As how many would they count if they came from three times as many schools, a third from each?",
            unit="count",
            answer=_spread_out,
            why="The same number of pupils is worth far more when it is spread over more schools.",
            otherwise="work out 1 + (m - 1) ICC for the new m, and divide the number of all pupils by it",
            mistakes=(
                Mistake(
                    answer=_worth,
                    hint="this is with all pupils of a school asked as before; only m changes, and it is a third now",
                ),
                Mistake(
                    answer=lambda pupils: 3 * _worth(pupils),
                    hint="a third of the pupils in each school does not make the design effect a third: put the new m "
                    "into the formula",
                ),
                Mistake(
                    answer=lambda pupils: _spread_out(pupils, taken=0),
                    hint="this uses m where the formula has m - 1: a pupil is not compared with itself",
                ),
                Mistake(
                    answer=lambda pupils: _all(pupils) / _planned(_each(pupils) / 3) ** 0.5,
                    hint="this divides by the square root, which is for standard errors; for a number of pupils divide "
                    "by the design effect itself",
                ),
                Mistake(
                    answer=lambda pupils: _planned(_each(pupils) / 3),
                    hint="this is the design effect; divide the number of all pupils by it",
                ),
                Mistake(answer=_all, hint="this is how many are asked, and pupils of a school are still alike"),
            ),
            within=0.6,
        ),
        Question(
            asks="If the gap differs between schools, by 15 points up or down, as how many do they count for the gap?",
            unit="option",
            options=_OPTIONS,
            answer=lambda pupils: _OPTIONS[2],
            why="Schools that differ in the gap itself cost some: here less than schools that differ in their share.",
            otherwise="run repeated_surveys with gap_spread=0.15, and look at the row of the gap",
            mistakes=(
                Mistake(
                    answer=lambda pupils: _OPTIONS[0],
                    hint="this holds where the gap is the same in all schools; let it differ, with gap_spread=0.15",
                ),
                Mistake(
                    answer=lambda pupils: _OPTIONS[1],
                    hint="this would be a design effect of exactly 1; look at the row of the gap with gap_spread=0.15",
                ),
                Mistake(
                    answer=lambda pupils: _OPTIONS[3],
                    hint="this takes the design effect of the share for that of the gap, and each result has its own",
                ),
            ),
        ),
    ),
)
