"""How often intervals hold what is true: surveys made again and again from known rates, and their intervals counted."""

from collections.abc import Iterable, Iterator, Sequence
from numbers import Real
from statistics import NormalDist

import numpy as np
import pandas as pd

from survey_analysis.errors import InputError, choice, confidence_level, whole_number
from survey_analysis.estimates import Tally
from survey_analysis.gap_changes import CHANGE
from survey_analysis.gaps import SCALES, SchoolCounts, pupils_by_school
from survey_analysis.proportions import proportion
from survey_analysis.resampling import Numbers
from survey_analysis.school_errors import LINKS, pooled_contrast, t_reach
from survey_analysis.surveys import Survey, Visits

RESPECTING, INDEPENDENT = "respects schools", "takes pupils as independent"


def gap_coverage(
    survey: Survey,
    characteristic: str,
    *,
    outcome: str = "participation",
    among: Visits | None = None,
    scale: str = "difference",
    schools: Sequence[int] = (5, 10, 20, 59),
    spread: float = 0.25,
    change_spread: float = 0.25,
    repeats: int = 2_000,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """How often intervals hold the truth, in surveys made from known rates, with few schools and with many.

    Parameters
    ----------
    survey, characteristic, outcome, among
        As for `pupil_tally`. The pooled shares of this survey are the truth of those that are made, and its schools,
        drawn with repetition, give them their numbers of pupils.
    scale
        The scale of the gap, one of 'difference', 'ratio', 'non_participation_ratio' and 'odds_ratio'.
    schools
        How many schools the surveys have, each number in turn.
    spread
        How far schools differ: each has a factor between 1 - spread and 1 + spread, for all its pupils at both times.
    change_spread
        How far the change differs between schools: such a factor for the group behind, afterwards.
    repeats
        How many surveys are made for each number of schools.
    level
        The confidence level of the intervals.
    seed
        Where chance begins; equal seeds give equal tables.

    Returns
    -------
    DataFrame
        A row for each number of schools, estimate ('share' of all pupils afterwards, and 'change of the gap') and
        interval ('respects schools', or 'takes pupils as independent'): coverage with the 95% limits that the number
        of surveys leaves it, the median design effect, how many surveys have no interval and so do not hold the truth
        (`without`), and the provenance. The intervals that respect schools are those of `pupil_share` and `gap_change`.

    Raises
    ------
    InputError
        A spread that could lift a rate above 1 or is not between 0 and 1, fewer than two schools, no repeats.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> table = gap_coverage(load_survey(), "fsm", schools=[20], repeats=200)
    >>> (table.loc[table["estimate"] == "share", "coverage"] > 0.8).tolist()
    [True, False]

    Notes
    -----
    It shows how the intervals do where schools differ in *this* way. It is no proof for schools that differ otherwise.
    """
    choice("scale", scale, SCALES)
    level = confidence_level(level)
    found = pupils_by_school(survey, characteristic, outcome=outcome, among=among)
    rates = _rates(found, spread, change_spread)
    repeats, sizes = whole_number("repeats", repeats), _sizes(schools)
    random = np.random.default_rng(seed)
    lines = []
    for number in sizes:
        bases = found.bases[random.integers(0, len(found.visits), (repeats, number))]
        factor = 1 + spread * random.uniform(-1, 1, (repeats, number, 1, 1))
        chances = rates * np.broadcast_to(factor, bases.shape)
        chances[..., 1, 1] *= 1 + change_spread * random.uniform(-1, 1, (repeats, number))
        counts = random.binomial(bases.astype(int), chances).astype(float)
        for line in _covered(counts, bases, _truths(found, rates, scale), scale, level):
            lines.append({"schools": number, **line, "provenance": "illustrative"})
    return pd.DataFrame(lines)


def _sizes(schools: Sequence[int]) -> list[int]:
    if isinstance(schools, str) or not isinstance(schools, Iterable) or not (sizes := list(schools)):
        raise InputError(f"schools must be one number of schools or more, such as [5, 10, 20], not {schools!r}")
    return [whole_number("each number of schools", size, least=2) for size in sizes]


def _rates(found: SchoolCounts, spread: float, change_spread: float) -> Numbers:
    totals = found.bases.sum(axis=0)
    if not (totals > 0).all():
        raise InputError("a group has no pupils at one of the times, so there is no rate to make surveys from")
    if not all(isinstance(it, Real) and 0 <= it < 1 for it in (spread, change_spread)):
        raise InputError(f"spread and change_spread must be from 0 to below 1, not {spread!r} and {change_spread!r}")
    rates: Numbers = found.counts.sum(axis=0) / totals
    if rates.min() == 0:
        raise InputError("nobody of a group has the outcome at one of the times, so surveys made so would all be alike")
    if max(rates.max(), rates[1, 1] * (1 + change_spread)) * (1 + spread) > 1:
        raise InputError(f"spread must leave every rate below 1, and {rates.max():.0%} is too high for {spread!r}")
    return rates


def _truths(found: SchoolCounts, rates: Numbers, scale: str) -> dict[str, float]:
    share = float((found.bases.sum(axis=0)[1] * rates[1]).sum() / found.bases[:, 1].sum())
    log_odds, _ = LINKS["odds_ratio"](np.array(share))
    return {"share": float(log_odds), "change of the gap": float((CHANGE * LINKS[scale](rates)[0]).sum())}


def _covered(
    counts: Numbers, bases: Numbers, truths: dict[str, float], scale: str, level: float
) -> Iterator[dict[str, object]]:
    """For both estimates and both intervals, in how many of the surveys the truth lies inside."""
    surveys, schools = bases.shape[:2]
    part, whole = (it[:, :, 1].sum(axis=-1, keepdims=True) for it in (counts, bases))
    of, out_of = (it.reshape(surveys, schools, CHANGE.size) for it in (counts, bases))
    found = {
        "share": pooled_contrast(part, whole, np.ones(1), "odds_ratio"),
        "change of the gap": pooled_contrast(of, out_of, CHANGE.ravel(), scale),
    }
    for estimate, contrasts in found.items():
        given = contrasts.reason == ""
        value, robust, alone, df = (it[given] for it in contrasts[:4])
        off = np.abs(value - truths[estimate])
        reaches = {
            RESPECTING: t_reach(np.sqrt(robust), df, level),
            INDEPENDENT: NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(alone),
        }
        for interval, reach in reaches.items():
            held = Tally(label=interval, count=int((off <= reach).sum()), base=surveys)
            coverage = proportion(held)
            yield {
                "estimate": estimate,
                "interval": interval,
                "level": level,
                "coverage": coverage.value,
                "low": coverage.low,
                "high": coverage.high,
                "design_effect": float(np.median(robust / alone)) if given.any() else None,
                "without": int((~given).sum()),
            }
