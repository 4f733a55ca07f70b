"""Lesson 6, the worst schools improved: what is chosen for being extreme is less so when one looks again."""

from statistics import NormalDist
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_analysis.errors import whole_number
from survey_analysis.estimates import Estimate, Estimates, Provenance
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question

SCHOOLS, WIDEST = 120, 10
"""How many schools there are, and how many are chosen."""
PROGRAMME, COMPARISON, NEITHER = "programme", "comparison", "neither"
_MEAN, _SPREAD, _OTHERS_TAKE_PART = 0.12, 0.07, 0.45
_NEAR_EXPECTED, _NEAR_RELIABLE, _ALIKE, _STEADY = 0.025, 0.08, (0.004, 0.15), (0.001, 0.015)
Numbers = np.ndarray


def two_years(seed: int) -> pd.DataFrame:
    """A row for each school: its pupils, its gap in taking part in two years, its true gap, and its group.

    The true gap is the same in both years, and so is everything else but who happened to take part. Of the twenty
    widest gaps of the first year ten are drawn by lot for a programme that changes nothing. What chance seldom does is
    drawn again: the data are to show what is usual.
    """
    random = np.random.default_rng([6, seed])
    frame = _drawn(random)
    while not all(question.tells_apart(frame) for question in LESSON.questions):
        frame = _drawn(random)
    return frame


def looked_again(gaps: pd.DataFrame, *, schools: int = WIDEST) -> Estimates:
    """What became of the widest gaps of the first year, of the lowest, and of all.

    Parameters
    ----------
    gaps
        What `data` gives for lesson 6.
    schools
        How many at either end.

    Returns
    -------
    Estimates
        The mean gap of the second year less that of the first, with both, and the mean true gap, in the details.

    Raises
    ------
    InputError
        A number of schools that is not whole, or below 1.
    """
    schools = whole_number("schools", schools, least=1)
    groups = {
        f"the {schools} widest": gaps.nlargest(schools, "gap_before"),
        f"the {schools} lowest": gaps.nsmallest(schools, "gap_before"),
        "all schools": gaps,
    }
    return Estimates(
        [_change(label, group) for label, group in groups.items()],
        caption="Mean gaps of the schools, chosen by the first year (illustrative)",
        show=("before", "after", "true"),
        value="change",
    )


def reliability(gaps: pd.DataFrame) -> Estimates:
    """How much of the difference between schools' gaps is still there a year later, and how much of it is true.

    Parameters
    ----------
    gaps
        As for `looked_again`.

    Returns
    -------
    Estimates
        The correlation of the two years, which can be seen; and the variance of the true gaps over that of the gaps of
        the first year, which nobody sees outside invented data. Each is 1 where gaps are seen without chance, and
        about 0 where nothing but chance is seen.
    """
    true = float(gaps["gap_true"].var() / gaps["gap_before"].var())
    found = {"correlation of the two years": _correlation(gaps), "share of the variance that is true": true}
    return Estimates(
        [
            Estimate(
                label=label,
                value=value,
                method="over all schools",
                base=len(gaps),
                provenance=Provenance.ILLUSTRATIVE,
                unit="coefficient",
            )
            for label, value in found.items()
        ],
        caption="Reliability of one year's gap (illustrative)",
    )


def _change(label: str, group: pd.DataFrame) -> Estimate:
    means = {name: float(group[f"gap_{name}"].mean()) for name in ("before", "after", "true")}
    return Estimate(
        label=label,
        value=means["after"] - means["before"],
        method="mean of the schools, after less before",
        base=len(group),
        provenance=Provenance.ILLUSTRATIVE,
        unit="points",
        details=means,
    )


def _drawn(random: np.random.Generator) -> pd.DataFrame:
    normal = NormalDist(_MEAN, _SPREAD)
    true = random.permutation([normal.inv_cdf((place + 0.5) / SCHOOLS) for place in range(SCHOOLS)])
    pupils = random.integers(25, 50, SCHOOLS), random.integers(70, 120, SCHOOLS)
    before, after = (_seen(random, true, pupils) for _ in range(2))
    while not _is_usual(true, before, after):
        before, after = (_seen(random, true, pupils) for _ in range(2))
    return pd.DataFrame(
        {
            "school": [f"S{number:03d}" for number in range(1, SCHOOLS + 1)],
            "disadvantaged": pupils[0],
            "others": pupils[1],
            "gap_before": before,
            "gap_after": after,
            "gap_true": true,
            "group": pd.Series(_groups(random, before, after), dtype=str),
        }
    )


def _seen(random: np.random.Generator, true: Numbers, pupils: tuple[Numbers, Numbers]) -> Numbers:
    """What is seen of the true gaps in one year, in which each pupil takes part or not."""
    disadvantaged, others = pupils
    theirs = random.binomial(others, _OTHERS_TAKE_PART) / others
    return np.asarray(theirs - random.binomial(disadvantaged, _OTHERS_TAKE_PART - true) / disadvantaged)


def _is_usual(true: Numbers, before: Numbers, after: Numbers) -> bool:
    """Whether r is near what is true of it, the widest near what it tells of them, and all schools as they were."""
    r, widest = np.corrcoef(before, after)[0, 1], np.argsort(-before)[:WIDEST]
    expected = before.mean() + r * (before[widest].mean() - before.mean())
    return bool(
        abs(r - true.var() / before.var()) < _NEAR_RELIABLE
        and abs(expected - after[widest].mean()) < _NEAR_EXPECTED
        and _STEADY[0] < abs(after.mean() - before.mean()) < _STEADY[1]
    )


def _groups(random: np.random.Generator, before: Numbers, after: Numbers) -> Numbers:
    """Of the twenty widest ten by lot for the programme; the lot is drawn again where they end exactly alike."""
    widest, narrowed = np.argsort(-before)[: 2 * WIDEST], before - after
    while True:
        lot = random.permutation(widest)
        more = narrowed[lot[:WIDEST]].mean() - narrowed[lot[WIDEST:]].mean()
        if _ALIKE[0] < abs(more) < _ALIKE[1]:
            break
    group = np.full(SCHOOLS, NEITHER, dtype=object)
    group[lot[:WIDEST]], group[lot[WIDEST:]] = PROGRAMME, COMPARISON
    return group


def _correlation(gaps: pd.DataFrame) -> float:
    return float(gaps["gap_before"].corr(gaps["gap_after"]))


def _narrowed(gaps: pd.DataFrame) -> float:
    return float((gaps["gap_before"] - gaps["gap_after"]).mean())


def _widest(gaps: pd.DataFrame, year: str = "gap_before") -> pd.DataFrame:
    return gaps.nlargest(WIDEST, year)


def _above(gaps: pd.DataFrame) -> float:
    """How far the widest are above the mean of all in the first year."""
    return float(_widest(gaps)["gap_before"].mean() - gaps["gap_before"].mean())


def _expected(gaps: pd.DataFrame) -> float:
    return float(gaps["gap_before"].mean()) + _correlation(gaps) * _above(gaps)


def _of_group(gaps: pd.DataFrame, *groups: str) -> pd.DataFrame:
    return gaps[gaps["group"].isin(groups)]


def _more_narrowed(gaps: pd.DataFrame) -> float:
    return _narrowed(_of_group(gaps, PROGRAMME)) - _narrowed(_of_group(gaps, COMPARISON))


def _surprise(gaps: pd.DataFrame) -> str:
    widest, _, every = looked_again(gaps)
    first, second, true = (100 * widest.details[name] for name in ("before", "after", "true"))
    return (
        f"The {WIDEST} widest gaps went from {first:.1f} to {second:.1f} points with nothing done, and no true gap has "
        f"moved: theirs were {true:.1f} points in both years, and the mean of all schools changed by "
        f"{100 * abs(every.value or 0):.1f} points."
    )


LESSON = Lesson(
    number=6,
    title="The worst schools improved",
    data=two_years,
    truth=MappingProxyType(
        {
            "mean of the true gaps": _MEAN,
            "standard deviation of the true gaps": _SPREAD,
            "change of every true gap": 0.0,
            "what the programme adds": 0.0,
        }
    ),
    prediction=Prediction(
        asks="By how much do the ten widest gaps narrow, with nothing done?",
        unit="points",
        answer=lambda gaps: _narrowed(_widest(gaps)),
        surprise=_surprise,
    ),
    questions=(
        Question(
            asks="Which mean gap does the formula expect in the second year, for the ten widest of the first?",
            unit="points",
            answer=_expected,
            why="Only the part of the distance that is reliable is still expected when one looks again.",
            otherwise="it is the mean of all, and r times what the mean of the ten is above it, in the first year",
            mistakes=(
                Mistake(
                    answer=lambda gaps: _correlation(gaps) * float(_widest(gaps)["gap_before"].mean()),
                    hint="this is r times the whole gap; gaps return to the mean of all schools, not to nothing",
                ),
                Mistake(
                    answer=lambda gaps: float(gaps["gap_before"].mean()) + (1 - _correlation(gaps)) * _above(gaps),
                    hint="this keeps the part of the distance that is chance, 1 - r, and r is the part that stays",
                ),
                Mistake(
                    answer=lambda gaps: (1 - _correlation(gaps)) * _above(gaps),
                    hint="this is by how much they are expected to narrow, and the gap itself is asked",
                ),
                Mistake(
                    answer=lambda gaps: float(_widest(gaps)["gap_after"].mean()),
                    hint="this is what was seen in the second year, and asked is what one could expect before it",
                ),
                Mistake(
                    answer=lambda gaps: float(_widest(gaps)["gap_before"].mean()),
                    hint="this is the gap of the first year, as if all of it were reliable",
                ),
                Mistake(
                    answer=lambda gaps: float(gaps["gap_before"].mean()) + _correlation(_widest(gaps)) * _above(gaps),
                    hint="this takes r among the ten alone; it is the correlation over all schools",
                ),
            ),
        ),
        Question(
            asks="How much narrower were the ten widest gaps of the second year in the first one?",
            unit="points",
            answer=lambda gaps: -_narrowed(_widest(gaps, "gap_after")),
            why="It works backwards in time too, so nothing that was done in between can be behind it.",
            otherwise="choose the ten widest by the second year; take their mean in the first from that in the second",
            mistakes=(
                Mistake(
                    answer=lambda gaps: _narrowed(_widest(gaps)),
                    hint="these are the ten widest of the first year, and the second year is to choose",
                ),
                Mistake(
                    answer=lambda gaps: float(
                        _widest(gaps, "gap_after")["gap_after"].mean() - _widest(gaps)["gap_before"].mean()
                    ),
                    hint="this compares the ten widest of each year, which are not the same schools",
                ),
                Mistake(
                    answer=lambda gaps: float(_widest(gaps, "gap_after")["gap_before"].mean()),
                    hint="this is their gap in the first year, and the difference of the two years is asked",
                ),
                Mistake(
                    answer=lambda gaps: -_narrowed(gaps.nsmallest(WIDEST, "gap_after")),
                    hint="these are the ten lowest gaps of the second year",
                ),
                Mistake(
                    answer=lambda gaps: -_narrowed(gaps),
                    hint="this is the change of all schools, and ten of them are asked about",
                ),
            ),
        ),
        Question(
            asks="By how much more did the schools of the programme narrow than those of the comparison group?",
            unit="points",
            answer=_more_narrowed,
            why="Both groups return to the mean, so it falls out; what is left is chance, which can be some points.",
            otherwise="for each group take the mean after from the mean before, then the comparison from the programme",
            mistakes=(
                Mistake(
                    answer=lambda gaps: _narrowed(_of_group(gaps, PROGRAMME)),
                    hint="this is how far the programme's schools narrowed, and the others would have done so as well",
                ),
                Mistake(
                    answer=lambda gaps: _narrowed(_of_group(gaps, COMPARISON)),
                    hint="this is how far the comparison group narrowed, with nothing taken from anything",
                ),
                Mistake(
                    answer=lambda gaps: (
                        _narrowed(_of_group(gaps, PROGRAMME)) - _narrowed(_of_group(gaps, COMPARISON, NEITHER))
                    ),
                    hint="this compares with all other schools, most of which were never chosen for a wide gap",
                ),
                Mistake(
                    answer=lambda gaps: _narrowed(_of_group(gaps, PROGRAMME)) - _narrowed(_of_group(gaps, NEITHER)),
                    hint="this compares with schools that were in neither group, and had no wide gap to begin with",
                ),
                Mistake(
                    answer=lambda gaps: float(
                        _of_group(gaps, COMPARISON)["gap_after"].mean() - _of_group(gaps, PROGRAMME)["gap_after"].mean()
                    ),
                    hint="this compares the second year alone, and the groups were not quite alike in the first",
                ),
            ),
        ),
    ),
)
