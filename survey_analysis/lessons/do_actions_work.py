"""Lesson 8, do the five actions work: the best of many features differ where they were looked for, and nowhere else."""

from functools import lru_cache
from math import comb
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.errors import InputError
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.rendering import number
from survey_analysis.resampling import Numbers

Counts = NDArray[np.int64]

SCHOOLS, SUCCESSFUL, BEST = 59, 10, 5
"""The published counts: schools, those with good use at good value, and the actions that were published of them."""
FEATURES = (
    "a piano in the hall", "a choir at lunchtime", "a samba band", "music on the front page", "a link governor",
    "lessons before nine", "a concert in spring", "instruments to take home", "a school song", "a recording studio",
    "two music rooms", "a head who sings", "folders for each pupil", "a music diary", "visits to an opera house",
    "a steel band", "parents who play", "a summer concert", "a blue front door", "a long corridor",
    "a pond", "a river nearby", "a rehearsal each Monday", "assembly with music", "a drum kit",
    "a brass teacher", "a strings teacher", "a website with sound", "a yearly survey", "a display of photographs",
    "a talent show", "a garden", "a house system", "a newsletter", "a visiting composer",
    "a shared timetable", "carols in December", "a staff choir", "a keyboard lab", "a walk to school day",
)  # fmt: skip
CHANCE = 0.5
"""The chance that a school has a feature, whatever its others and whether it is successful."""
_LEVEL = 0.05
_AT_ONCE = 500  # searches drawn together
_FOUND = (0.22, 0.31)  # the mean of the best, so that over the seeds it is what noise gives
_LEAST_AGAIN = 0.006  # so that what is seen in fresh schools is not nothing to three places
_SMALLEST = (0.0015, 0.02)  # the smallest p-value, so that its correction says that it is nothing
_MOST_BELOW = 4  # how many p-values may be below 0.05
_APART = 0.006


def noted_schools(seed: int) -> pd.DataFrame:
    """A row for each school, where a first search was made and as many fresh ones, and which features it has.

    No feature has to do with success. Data in which a slip comes to the same number as an answer are made again, as the
    notebook says; how the features do in fresh schools is left to chance.
    """
    random = np.random.default_rng([8, seed])
    schools, successful = SCHOOLS, SUCCESSFUL
    if seed:
        schools, successful = int(random.integers(52, 67)), int(random.integers(9, 13))
    sizes = np.array([successful, schools - successful])
    frames = [_schools_with(random, counts, sizes) for counts in _usual_counts(random, sizes)]
    frame = pd.concat(frames, ignore_index=True)
    frame.insert(0, "school", [f"S{number:03d}" for number in range(1, len(frame) + 1)])
    frame.insert(1, "visited", np.repeat(["first", "fresh"], schools))
    return frame


def feature_differences(schools: pd.DataFrame) -> pd.DataFrame:
    """How much more often each feature is seen in successful schools than in the others, the largest first.

    Parameters
    ----------
    schools
        Some rows of what `data` gives for lesson 8.

    Returns
    -------
    DataFrame
        A row for each feature: the share of the successful schools and of the others that have it, their difference,
        and the p-value of Fisher's exact test, two-sided.

    Raises
    ------
    InputError
        Schools of which none, or all, are successful.
    """
    good = schools["successful"].to_numpy(dtype=bool)
    sizes = int(good.sum()), int((~good).sum())
    if not all(sizes):
        raise InputError("there must be successful schools and others; keep rows of both")
    has = schools[list(FEATURES)].to_numpy(dtype=bool)
    counts = has[good].sum(axis=0), has[~good].sum(axis=0)
    frame = pd.DataFrame(
        {
            "feature": FEATURES,
            "successful": counts[0] / sizes[0],
            "others": counts[1] / sizes[1],
            "difference": counts[0] / sizes[0] - counts[1] / sizes[1],
            "p_value": _p_values(*sizes)[counts],
        }
    )
    return frame.sort_values("difference", ascending=False, kind="stable", ignore_index=True)


def looked_at_again(schools: pd.DataFrame) -> pd.DataFrame:
    """The five best features of the schools that were visited first, and how the same five do in the fresh schools.

    Parameters
    ----------
    schools
        What `data` gives for lesson 8.

    Returns
    -------
    DataFrame
        A row for each: feature, and the differences found first and seen again.
    """
    best = _of(schools, "first").head(BEST)[["feature", "difference"]].rename(columns={"difference": "found"})
    again = _of(schools, "fresh").set_index("feature")["difference"]
    return best.assign(again=again[best["feature"]].to_numpy())


def _schools_with(random: np.random.Generator, counts: Counts, sizes: Counts) -> pd.DataFrame:
    """Schools of which so many in each group have each feature, in an order that tells nothing."""
    has = [random.permuted(np.arange(size)[:, None] < count, axis=0) for count, size in zip(counts, sizes, strict=True)]
    successful = np.repeat([True, False], sizes)
    order = random.permutation(len(successful))
    features = pd.DataFrame(np.concatenate(has)[order], columns=list(FEATURES))
    features.insert(0, "successful", successful[order])
    return features


def _usual_counts(random: np.random.Generator, sizes: Counts) -> Counts:
    """How many successful schools and others have each feature, in the schools visited first and in fresh ones."""
    while True:
        drawn = random.binomial(sizes[:, None], CHANCE, (_AT_ONCE, 2, 2, len(FEATURES)))
        found, again = np.moveaxis(drawn[:, :, 0] / sizes[0] - drawn[:, :, 1] / sizes[1], 1, 0)
        usual = _are_usual(found, again) & _are_told(_p_values(*sizes.tolist())[drawn[:, 0, 0], drawn[:, 0, 1]], found)
        for place in np.flatnonzero(usual)[:1]:
            return np.asarray(drawn[place])


def _are_usual(found: Numbers, again: Numbers) -> NDArray[np.bool_]:
    """Which searches find what they usually do, and no answer comes to the same number as a likely slip."""
    order = np.argsort(-found, axis=1, kind="stable")
    ordered = np.take_along_axis(found, order, axis=1)
    best, seen = ordered[:, :BEST].mean(axis=1), np.take_along_axis(again, order, axis=1)[:, :BEST].mean(axis=1)
    anew = -np.sort(-again, axis=1)[:, :BEST].mean(axis=1)
    apart = (np.abs(seen) - np.abs(again.mean(axis=1)), ordered[:, BEST - 1] - ordered[:, BEST], best - anew)
    usual = (best >= _FOUND[0]) & (best <= _FOUND[1]) & (np.abs(seen) >= _LEAST_AGAIN)
    return np.asarray(usual & (np.abs(apart) > _APART).all(axis=0))


def _are_told(p_values: Numbers, found: Numbers) -> NDArray[np.bool_]:
    """Which searches have small p-values on either side, and none so small that it survives a correction."""
    below, up_to_twice = p_values < _LEVEL, (p_values < 2 * _LEVEL).sum(axis=1)
    commoner, count = (below & (found > 0)).sum(axis=1), below.sum(axis=1)
    smallest, second = np.sort(p_values, axis=1)[:, :2].T
    told = (commoner > 0) & (commoner < count) & (count <= _MOST_BELOW) & (up_to_twice > count) & (up_to_twice != BEST)
    told &= (smallest >= _SMALLEST[0]) & (smallest <= _SMALLEST[1]) & (second - smallest > _APART / 10)
    return np.asarray(told)


@lru_cache(maxsize=64)
def _p_values(successful: int, others: int) -> Numbers:
    """Fisher's two-sided p-value of every pair of counts, all at once; see `exact_p_value`, which gives one."""
    ways = np.outer(
        [comb(successful, it) for it in range(successful + 1)], [comb(others, it) for it in range(others + 1)]
    )
    ways = ways.astype(float)
    values = np.ones_like(ways)
    for total in range(successful + others + 1):
        one = np.arange(max(0, total - others), min(successful, total) + 1)
        same = ways[one, total - one]
        likelier = same[None, :] > same[:, None] * (1 + 1e-9)
        values[one, total - one] = np.where(likelier, 0, same).sum(axis=1) / same.sum()
    return values


def _of(schools: pd.DataFrame, visited: str) -> pd.DataFrame:
    return feature_differences(schools[schools["visited"] == visited])


def _best(schools: pd.DataFrame, visited: str = "first") -> float:
    return float(_of(schools, visited)["difference"].head(BEST).mean())


def _below(schools: pd.DataFrame, level: float = _LEVEL) -> int:
    return int((_of(schools, "first")["p_value"] < level).sum())


def _below_and_commoner(schools: pd.DataFrame) -> int:
    found = _of(schools, "first")
    return int(((found["p_value"] < _LEVEL) & (found["difference"] > 0)).sum())


def _smallest(schools: pd.DataFrame) -> list[float]:
    return sorted(_of(schools, "first")["p_value"])


def _again(schools: pd.DataFrame) -> float:
    return float(looked_at_again(schools)["again"].mean())


def _pooled(schools: pd.DataFrame) -> float:
    both = feature_differences(schools).set_index("feature")["difference"]
    return float(both[looked_at_again(schools)["feature"]].mean())


def _surprise(schools: pd.DataFrame) -> str:
    first = schools[schools["visited"] == "first"]
    return (
        f"No feature does anything here, and still the best {BEST} of {len(FEATURES)} are seen more often in the "
        f"{first['successful'].sum()} successful schools than in the {(~first['successful']).sum()} others, by "
        f"{number(_best(schools), 'points')} on average, because the largest of many differences were picked out."
    )


LESSON = Lesson(
    number=8,
    title="Do the five actions work?",
    data=noted_schools,
    truth=MappingProxyType(
        {"features that do anything": 0, "chance that a school has a feature": CHANCE, "features": len(FEATURES)}
    ),
    prediction=Prediction(
        asks="By how much do the best five of forty features differ on average, if none of them does anything?",
        unit="points",
        answer=_best,
        surprise=_surprise,
    ),
    questions=(
        Question(
            asks="How many of the forty features have a p-value below 0.05 in the schools that were visited first?",
            unit="count",
            answer=_below,
            why="With forty tests some are expected to be so small when nothing works.",
            otherwise="count the rows with p_value below 0.05 in the table of differences of the schools visited first",
            mistakes=(
                Mistake(
                    answer=_below_and_commoner,
                    hint="this leaves out the features that are rarer in the successful schools; they were tested too",
                ),
                Mistake(
                    answer=lambda schools: len(FEATURES) - _below(schools),
                    hint="these are the features with a p-value of 0.05 or more",
                ),
                Mistake(
                    answer=lambda schools: _below(schools, 2 * _LEVEL),
                    hint="this counts up to 0.1; the limit is 0.05",
                ),
                Mistake(
                    answer=lambda schools: BEST,
                    hint="this is how many were picked out for their differences; look at the p-values",
                ),
            ),
        ),
        Question(
            asks="What does the smallest of the forty p-values become by Bonferroni's correction?",
            unit="share",
            answer=lambda schools: min(1.0, len(FEATURES) * _smallest(schools)[0]),
            why="Among so many tests even the smallest p-value is nothing out of the ordinary.",
            otherwise="take the smallest p-value of the schools visited first, times the number of features tested, "
            "and never above 1",
            mistakes=(
                Mistake(
                    answer=lambda schools: _smallest(schools)[0],
                    hint="this is the p-value of one test by itself, not corrected for the others",
                ),
                Mistake(
                    answer=lambda schools: BEST * _smallest(schools)[0],
                    hint="this corrects for the features that were picked out; all that were looked through count",
                ),
                Mistake(
                    answer=lambda schools: _LEVEL / len(FEATURES),
                    hint="this is the limit below which a p-value would have to lie; the p-value itself is asked",
                ),
                Mistake(
                    answer=lambda schools: 1 - (1 - _smallest(schools)[0]) ** len(FEATURES),
                    hint="this is Šidák's correction, a near relation; Bonferroni's is a multiplication",
                ),
                Mistake(
                    answer=lambda schools: min(1.0, len(FEATURES) * _smallest(schools)[1]),
                    hint="this is the second smallest; look for features that are rarer in successful schools as well",
                ),
            ),
        ),
        Question(
            asks="By how much do the same five features differ on average in the fresh schools?",
            unit="points",
            answer=_again,
            why="Where nobody had looked for them only chance is left, and that can be several points either way.",
            otherwise="keep the names of the best five of the schools visited first, and average their differences in "
            "the fresh schools",
            mistakes=(
                Mistake(
                    answer=lambda schools: _best(schools, "fresh"),
                    hint="these are the best five of the fresh schools, picked anew; keep those that were found first",
                ),
                Mistake(
                    answer=_best,
                    hint="this is in the schools in which they were found; look at the fresh ones",
                ),
                Mistake(
                    answer=_pooled,
                    hint="this is of all schools together, and those in which the five were found are among them",
                ),
                Mistake(
                    answer=lambda schools: float(_of(schools, "fresh")["difference"].mean()),
                    hint="this is of all features; the five that were found first are asked",
                ),
            ),
        ),
    ),
)
