"""Lesson 4, did the gap widen: one gap before and after on four scales, which give two answers."""

from collections.abc import Mapping
from fractions import Fraction
from numbers import Real
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_analysis import charts
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimate, Estimates, Provenance, Tally
from survey_analysis.gaps import (
    SCALES,
    Exact,
    Pair,
    as_float,
    direction,
    direction_as_shown,
    gap,
    on_scale,
    scale_words,
)
from survey_analysis.lessons.questions import Lesson, Mistake, Prediction, Question
from survey_analysis.lessons.sliders import Slider

AHEAD, BEHIND = "others", "free school meals"
SHARES: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("before", AHEAD): 0.20,
        ("before", BEHIND): 0.10,
        ("after", AHEAD): 0.36,
        ("after", BEHIND): 0.22,
    }
)
"""What share of each group takes part."""
PUPILS: Mapping[str, int] = MappingProxyType({AHEAD: 8000, BEHIND: 4000})
ANSWERS = ("wider", "narrower", "as wide as before", "none of these")
_SHOWN = ("wider", "narrower", "wider", "narrower")
_ROOM = 0.02  # how clear each direction is, as a part of the gap
_STEPS = tuple(range(5, 100, 5))


def pupils_taking_part(seed: int) -> pd.DataFrame:
    """A row for each time and group: its pupils, and how many of them take part; with seed 0 exactly the shares above.

    With another seed the groups have other sizes and chance decides who takes part. What chance seldom does is drawn
    again: the data are to show what is usual.
    """
    random = np.random.default_rng([4, seed])
    made = _rows(PUPILS, {key: round(share * PUPILS[key[1]]) for key, share in SHARES.items()})
    usual = not seed
    while not usual:
        pupils = {group: int(random.integers(2 * size // 3, 4 * size // 3)) for group, size in PUPILS.items()}
        made = _rows(pupils, {key: int(random.binomial(pupils[key[1]], share)) for key, share in SHARES.items()})
        usual = _is_usual(made)
    return made


def gap_before_after(pupils: pd.DataFrame) -> Estimates:
    """The gap between the two groups before and after on the four scales, and whether it is wider on each.

    Parameters
    ----------
    pupils
        What `data` gives for lesson 4.

    Returns
    -------
    Estimates
        One for each scale, as `gap_change` gives them; without intervals, for these pupils are described exactly.
    """
    after = _pair(pupils, "after")
    base = sum(it.base for it in after)
    return _compared(_pair(pupils, "before"), after, pupils=base, caption="Gap in taking part")


def even_growth(pupils: pd.DataFrame, *, ahead: float | None = None) -> Estimates:
    """The same gaps, had the odds of taking part grown alike in both groups, so that the odds ratio stays as it was.

    Parameters
    ----------
    pupils
        As for `gap_before_after`.
    ahead
        What share of the group ahead takes part afterwards, between 0 and 1; that of the data when absent.

    Returns
    -------
    Estimates
        As from `gap_before_after`. The shares afterwards are exact and belong to no counted pupils.

    Raises
    ------
    InputError
        A share that is not between 0 and 1.

    Examples
    --------
    >>> [it.details["direction"] for it in even_growth(pupils_taking_part(0), ahead=0.95)]
    ['narrower', 'narrower', 'wider', 'the same']
    """
    before, after = _pair(pupils, "before"), _pair(pupils, "after")
    if ahead is not None and not (isinstance(ahead, Real) and 0 < ahead < 1):
        raise InputError(f"ahead must be a share between 0 and 1, such as 0.36, not {ahead!r}")
    top = _share(after[0]) if ahead is None else Fraction(str(ahead))
    bottom = _kept(before, top)["odds_ratio"]
    pair = _tally(AHEAD, top), _tally(BEHIND, bottom)
    shown = f"{float(100 * top):.0f}% and {float(100 * bottom):.0f}%"
    caption = f"Gap in taking part, had the odds grown alike to {shown}"
    return _compared(before, pair, pupils=sum(it.base for it in after), caption=caption)


def growth_slider(pupils: pd.DataFrame) -> Slider:
    """A slider for how many of the group ahead take part afterwards, the odds of both groups growing alike.

    Parameters
    ----------
    pupils
        As for `gap_before_after`.
    """

    def draw(per_cent: int) -> charts.Chart:
        return charts.gap_scales(even_growth(pupils, ahead=per_cent / 100), of="taking part")

    return Slider(draw, label="Others taking part afterwards, per cent", values=_STEPS, start=40)


def _rows(pupils: Mapping[str, int], taking_part: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"time": time, "group": group, "pupils": pupils[group], "taking_part": count}
            for (time, group), count in taking_part.items()
        ]
    )


def _is_usual(pupils: pd.DataFrame) -> bool:
    """Whether the four scales give their two answers clearly, and no slip comes to what is right."""
    before, after = _pair(pupils, "before"), _pair(pupils, "after")
    for scale, shown in zip(SCALES, _SHOWN, strict=True):
        first, second = on_scale(scale, *before), on_scale(scale, *after)
        if direction(scale, first, second) != shown or abs(_float(second) / _float(first) - 1) < _ROOM:
            return False
    return all(question.tells_apart(pupils) for question in LESSON.questions)


def _pair(pupils: pd.DataFrame, time: str) -> Pair:
    rows = pupils[pupils["time"] == time]
    counts = zip(rows["group"], rows["taking_part"].tolist(), rows["pupils"].tolist(), strict=True)
    counted = {group: Tally(label=group, count=count, base=base) for group, count, base in counts}
    return counted[AHEAD], counted[BEHIND]


def _tally(label: str, share: Fraction) -> Tally:
    """A share that is known exactly, as the smallest whole numbers that have it."""
    return Tally(label=label, count=share.numerator, base=share.denominator)


def _share(tally: Tally) -> Fraction:
    return Fraction(tally.count, tally.base)


def _float(value: Exact) -> float:
    found = as_float(value)
    return float("nan") if found is None else found


def _compared(before: Pair, after: Pair, *, pupils: int, caption: str) -> Estimates:
    estimates = []
    for scale, now in zip(SCALES, gap(*after), strict=True):
        first, second = on_scale(scale, *before), on_scale(scale, *after)
        then = _float(first)
        estimates.append(
            Estimate(
                label=scale_words(scale, "non-participation"),
                value=_float(second) - then if scale == "difference" else _float(second) / then,
                method="pupils in sum",
                base=pupils,
                provenance=Provenance.ILLUSTRATIVE,
                unit=now.unit,
                details={
                    "scale": scale,
                    "before": then,
                    "after": _float(second),
                    "direction": direction(scale, first, second),
                    "direction_as_shown": direction_as_shown(scale, first, second),
                },
            )
        )
    return Estimates(
        estimates,
        caption=caption,
        show=("before", "after", "direction_as_shown"),
        note="The change is after minus before for the difference, and after over before for ratios",
        value="change",
    )


def _kept(before: Pair, ahead: Fraction) -> dict[str, Fraction]:
    """The share of the group behind at which the gap is as it was, on each scale, given that of the group ahead."""
    first, second = map(_share, before)
    odds = ahead / (1 - ahead) / (first / (1 - first)) * (second / (1 - second))
    return {
        "difference": ahead - (first - second),
        "ratio": ahead * second / first,
        "non_participation_ratio": 1 - (1 - ahead) * (1 - second) / (1 - first),
        "odds_ratio": odds / (1 + odds),
    }


def _at(pupils: pd.DataFrame, scale: str, time: str) -> float:
    return _float(on_scale(scale, *_pair(pupils, time)))


def _shares(pupils: pd.DataFrame, time: str) -> tuple[float, float]:
    ahead, behind = map(_share, _pair(pupils, time))
    return float(ahead), float(behind)


def _as_before(pupils: pd.DataFrame, scale: str) -> float:
    return float(_kept(_pair(pupils, "before"), _share(_pair(pupils, "after")[0]))[scale])


def _answer(pupils: pd.DataFrame) -> str:
    found = {item.details["direction"] for item in gap_before_after(pupils)}
    return found.pop() if len(found) == 1 else ANSWERS[-1]


def _growth(pupils: pd.DataFrame, place: int) -> float:
    return _shares(pupils, "after")[place] - _shares(pupils, "before")[place]


def _surprise(pupils: pd.DataFrame) -> str:
    (a, b), (c, d) = ((f"{100 * it:.1f}%" for it in _shares(pupils, time)) for time in ("before", "after"))
    difference, ratio = (
        [_at(pupils, scale, time) for time in ("before", "after")] for scale in ("difference", "ratio")
    )
    return (
        f"From {a} and {b} to {c} and {d} the difference grew from {100 * difference[0]:.1f} to "
        f"{100 * difference[1]:.1f} points and the ratio shrank from {ratio[0]:.2f} to {ratio[1]:.2f}: the same four "
        "numbers, and whether the gap widened depends on the scale."
    )


def _odds(share: float) -> float:
    return share / (1 - share)


LESSON = Lesson(
    number=4,
    title="Did the gap widen?",
    data=pupils_taking_part,
    truth=MappingProxyType({f"share of {group} taking part, {time}": share for (time, group), share in SHARES.items()}),
    prediction=Prediction(
        asks="More pupils of both groups take part than before: did the gap between the groups get wider or narrower?",
        unit="option",
        answer=_answer,
        surprise=_surprise,
        options=ANSWERS,
    ),
    questions=(
        Question(
            asks="By how much did the difference between the two shares change, after minus before?",
            unit="points",
            answer=lambda pupils: _at(pupils, "difference", "after") - _at(pupils, "difference", "before"),
            why="On this scale the gap is wider.",
            otherwise="take the difference of the two shares at each time, others minus free school meals, and see how "
            "much it grew",
            mistakes=(
                Mistake(
                    answer=lambda pupils: _at(pupils, "difference", "after"),
                    hint="this is the difference afterwards, not how much it changed",
                ),
                Mistake(
                    answer=lambda pupils: _at(pupils, "difference", "before"),
                    hint="this is the difference before, not how much it changed",
                ),
                Mistake(
                    answer=lambda pupils: _at(pupils, "difference", "after") / _at(pupils, "difference", "before") - 1,
                    hint="this is the growth as a part of the first difference, and a difference of shares is asked",
                ),
                Mistake(
                    answer=lambda pupils: _growth(pupils, 0),
                    hint="this is how much the share of the others grew: take away what the group behind grew by",
                ),
                Mistake(
                    answer=lambda pupils: _growth(pupils, 1),
                    hint="this is how much the share of pupils with free school meals grew, which is half of the story",
                ),
            ),
        ),
        Question(
            asks="What is the odds ratio of taking part afterwards, others to free school meals?",
            unit="ratio",
            answer=lambda pupils: _at(pupils, "odds_ratio", "after"),
            why="It is smaller than it was: on this scale the gap is narrower.",
            otherwise="odds are those who take part over those who do not; divide the odds of the others by those of "
            "pupils with free school meals",
            mistakes=(
                Mistake(
                    answer=lambda pupils: _at(pupils, "ratio", "after"),
                    hint="this is the ratio of the two shares: odds have those who do *not* take part below the line",
                ),
                Mistake(
                    answer=lambda pupils: _at(pupils, "odds_ratio", "before"),
                    hint="this is the odds ratio before, and the one afterwards is asked",
                ),
                Mistake(
                    answer=lambda pupils: 1 / _at(pupils, "odds_ratio", "after"),
                    hint="this is upside down: the odds of the others go above the line",
                ),
                Mistake(
                    answer=lambda pupils: _at(pupils, "non_participation_ratio", "after"),
                    hint="this is the ratio of the shares that do not take part, another scale",
                ),
                Mistake(
                    answer=lambda pupils: _at(pupils, "odds_ratio", "after") / _at(pupils, "odds_ratio", "before"),
                    hint="this is the change of the odds ratio, after over before, and not the odds ratio itself",
                ),
            ),
        ),
        Question(
            asks="With the others where they are afterwards, at what share of pupils with free school meals would the "
            "odds ratio be what it was before?",
            unit="share",
            answer=lambda pupils: _as_before(pupils, "odds_ratio"),
            why="Each scale has a share of its own at which nothing has changed, and they lie far apart.",
            otherwise="divide the odds of the others afterwards by the odds ratio before, and turn these odds into a "
            "share",
            mistakes=(
                Mistake(
                    answer=lambda pupils: _odds(_as_before(pupils, "odds_ratio")),
                    hint="these are the odds, and a share is asked: divide them by one more than themselves",
                ),
                Mistake(
                    answer=lambda pupils: _as_before(pupils, "ratio"),
                    hint="this keeps the ratio of the shares, another scale",
                ),
                Mistake(
                    answer=lambda pupils: _as_before(pupils, "difference"),
                    hint="this keeps the difference of the shares, another scale",
                ),
                Mistake(
                    answer=lambda pupils: _as_before(pupils, "non_participation_ratio"),
                    hint="this keeps the ratio of the shares that do not take part, another scale",
                ),
                Mistake(
                    answer=lambda pupils: _shares(pupils, "after")[1],
                    hint="this is the share that is there, and with it the odds ratio did change",
                ),
            ),
        ),
    ),
)
