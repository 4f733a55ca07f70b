"""Gaps in an outcome that comes in steps: how often a pupil of one group stands above one of the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from numbers import Real

import numpy as np

from survey_analysis.errors import InputError, choice, confidence_level
from survey_analysis.estimates import Estimate, Estimates, Provenance, told, weakest, worked_out
from survey_analysis.gaps import CONTRASTS, pupils_by_school
from survey_analysis.rendering import Sentence, interval, number
from survey_analysis.resampling import Numbers, bootstrap, sums
from survey_analysis.surveys import GROUP_WORDS, TIMES, Survey, Visits

STEPS = ("not taking part", "taking part only", "achieving well")
"""The ordered outcome of a pupil, lowest first: each step is above the one before."""

LARGEST = 10.0
"""The index when every pupil of the group ahead stands above every pupil of the group behind."""


def rank_gap(
    ahead: Sequence[int],
    behind: Sequence[int],
    *,
    level: float = 0.95,
    label: str = "gap index, on these pupils' ranks",
    groups: tuple[str, str] = ("ahead", "behind"),
    steps: Sequence[str] = (),
    provenance: Provenance = Provenance.ILLUSTRATIVE,
) -> Estimate:
    """The gap between two groups by ranks: ten times Cliff's delta, from -10 to 10.

    Take one pupil of each group at random: delta is the chance that the one of the group ahead stands on a higher
    step, less the chance that the one of the group behind does. Ten times delta is also ten times the difference of the
    two groups' mean ranks, over half the number of pupils.

    Parameters
    ----------
    ahead, behind
        How many pupils of each group stand on each step of the outcome, lowest step first.
    level
        The confidence level, between 0 and 1.
    label
        What the index is called.
    groups
        What the two groups are called.
    steps
        What the steps are called, lowest first; numbered when empty.
    provenance
        Where the counts come from; illustrative unless you say what it is.

    Returns
    -------
    Estimate
        In the unit 'index'. The details hold `delta`, the pupils of each group on each step (`counts`), and the `df` of
        the interval. Without interval where it has none: all pupils on one step, or one pupil only in a group.

    Raises
    ------
    InputError
        Groups with different numbers of steps, fewer than two steps, a count that is negative or not whole, a group
        without pupils, other than two groups of different names, a level that is not between 0 and 1.

    Examples
    --------
    >>> found = rank_gap([40, 35, 25], [60, 30, 10], steps=["none", "some", "good"])
    >>> print(found)
    gap index, on these pupils' ranks: +2.40 [+0.94 to +3.76, 95% Cliff's delta, asymmetric], base 200, illustrative

    Notes
    -----
    The ranks are those among these pupils. The gap index of the Department for Education ranks all pupils of England by
    their grades, so the two are never compared, though they are computed alike. The size of a step does not count: that
    is what ranks are for, and also what they lose. With two steps it is ten times the difference of the shares.

    The interval takes pupils as independent. Pupils of one school are alike: see `rank_gap_change`.

    References
    ----------
    Cliff (1993), Dominance statistics, Psychological Bulletin 114; Feng and Cliff (2004), Monte Carlo evaluation of
    ordinal d with improved confidence interval, Journal of Modern Applied Statistical Methods 3; Brunner and Munzel
    (2000), Biometrical Journal 42 (the degrees of freedom).
    """
    level = confidence_level(level)
    if isinstance(groups, str) or not isinstance(groups, Sequence) or len(set(groups)) != 2 or len(groups) != 2:
        raise InputError(f"groups must be two different names, such as ('ahead', 'behind'), not {groups!r}")
    first, second = (_checked(name, counts) for name, counts in (("ahead", ahead), ("behind", behind)))
    names = tuple(steps) or tuple(f"step {place}" for place in range(1, len(first) + 1))
    if not len(first) == len(second) == len(names) >= 2:
        raise InputError(
            f"ahead, behind and steps must have one number of steps, two or more, not {len(first)}, {len(second)} and "
            f"{len(names)}"
        )
    delta = float(_delta(first, second))
    limits, reason, df = _limits(first, second, delta, level)
    details: dict[str, object] = {"delta": delta, "counts": _named_counts(groups, names, (first, second))}
    return Estimate(
        label=label,
        value=LARGEST * delta,
        low=LARGEST * limits[0] if limits else None,
        high=LARGEST * limits[1] if limits else None,
        level=level if limits else None,
        method=f"Cliff's delta; no interval: {reason}" if reason else "Cliff's delta, asymmetric",
        base=int(first.sum() + second.sum()),
        provenance=worked_out([choice("provenance", provenance, {it.value: it for it in Provenance})]),
        unit="index",
        details=details | ({"df": df} if df else {}),
    )


def rank_gap_change(
    survey: Survey, characteristic: str, *, among: Visits | None = None, level: float = 0.95, seed: int = 0
) -> Estimates:
    """The gap index before and after, and its change, with intervals by drawing schools again.

    The outcome comes in steps: not taking part, taking part, and, among those who take part, achieving well. Pupils are
    summed over schools, so a large school weighs more than a small one.

    Parameters
    ----------
    survey, characteristic, among
        As for `pupil_tally`.
    level
        The confidence level, between 0 and 1.
    seed
        Of the bootstrap; equal seeds give equal intervals.

    Returns
    -------
    Estimates
        Before, after, and the change (after minus before). The details of the first two hold the pupils of each group
        on each step (`counts`), and their `design_effect`: how many times as large the variance is as it would be if
        pupils were independent. Where all pupils of a group stand on one step there is no interval, and the method says
        so.

    Raises
    ------
    InputError
        No school with such pupils, a group without pupils, or a level that is not between 0 and 1.

    Examples
    --------
    >>> from survey_analysis.survey_files import load_survey
    >>> [index.label for index in rank_gap_change(load_survey(), "fsm")]
    ['before', 'after', 'change']

    Notes
    -----
    On these pupils' ranks: an index of another survey, or the national one, ranks other pupils. Before and after are
    two intakes, each ranked by itself. A change is not an effect of the partnership.

    Over schools the interval is a bootstrap, because delta has no closed form there; where there is one, for pooled
    shares, `gap_change` has a t interval.
    """
    level = confidence_level(level)
    contrast = choice("characteristic", characteristic, CONTRASTS)
    groups = (contrast.ahead, contrast.behind)
    table, made = _by_school(survey, characteristic, groups, among)
    totals = table.sum(axis=0)
    words = tuple(GROUP_WORDS[group] for group in groups)
    alone = {
        time: rank_gap(
            totals[place, 0].astype(int).tolist(),
            totals[place, 1].astype(int).tolist(),
            level=level,
            label=time,
            groups=(words[0], words[1]),
            steps=STEPS,
            provenance=made,
        )
        for place, time in enumerate(TIMES)
    }
    return Estimates(
        [_over_schools(label, table, alone, level=level, seed=seed) for label in (*TIMES, "change")],
        caption=f"Gap index between {contrast.words}, on these pupils' ranks",
        show=("design_effect",),
        note="From -10 to 10; 0 where neither group stands above the other. The ranks are those among these pupils: "
        "not to be compared with the national index, which ranks all pupils of England",
        value="index",
    )


def rank_gap_in_words(changes: Estimates) -> Sentence:
    """The gap index before and after as a sentence, with its pupils by step.

    Parameters
    ----------
    changes
        What `rank_gap_change` returns.

    Raises
    ------
    InputError
        Other estimates, or none.
    """
    before, after, change = checked_changes(changes)
    ahead, behind = after.details["counts"]
    said = f"{_said(before)} before, {_said(after)} after; the change is {_said(change)}"
    made = weakest(it.provenance for it in changes)
    steps = "; ".join(
        f"{group}: {', '.join(f'{count:,} {step}' for step, count in after.details['counts'][group].items())}"
        for group in (ahead, behind)
    )
    chance = (after.details["delta"] + 1) / 2
    meaning = (
        f"Of one of the {ahead} and one of the {behind}, taken at random after, the first stands above in "
        f"{number(chance, 'share')} of pairs, a tie counting half"
    )
    return Sentence(told(f"{changes.caption}: {said} ({made.value}). {meaning}. After: {steps}.", made))


def checked_changes(changes: Estimates) -> tuple[Estimate, Estimate, Estimate]:
    """Before, after and change, or the error that says where they come from."""
    if not isinstance(changes, Estimates) or [it.label for it in changes if it.unit == "index"] != [*TIMES, "change"]:
        raise InputError("changes must be what rank_gap_change() gives, not other estimates")
    before, after, change = changes
    return before, after, change


def _said(item: Estimate) -> str:
    limits = f" (interval {interval(item.low, item.high, item.unit)})" if item.level is not None else ""
    return f"{number(item.value, item.unit)}{limits}"


def _checked(name: str, counts: Sequence[int]) -> Numbers:
    if isinstance(counts, str) or not isinstance(counts, Iterable):
        raise InputError(f"{name} must be counts of pupils by step, such as [40, 35, 25], not {counts!r}")
    found = np.array([it if isinstance(it, Real) else np.nan for it in counts], dtype=float)
    if not np.isfinite(found).all() or (found % 1).any() or (found < 0).any():
        raise InputError(f"{name} must be counts of pupils by step, whole and not negative, not {list(counts)!r}")
    if not found.sum():
        raise InputError(f"{name} has no pupil on any step: a gap needs at least one pupil in each group")
    return found


def _named_counts(groups: Sequence[str], steps: Sequence[str], counts: Sequence[Numbers]) -> dict[str, dict[str, int]]:
    return {
        group: dict(zip(steps, row.astype(int).tolist(), strict=True))
        for group, row in zip(groups, counts, strict=True)
    }


def _above(counts: Numbers) -> Numbers:
    """For each step, the pupils below it less those above it."""
    upto = counts.cumsum(axis=-1)
    return np.asarray(2 * upto - counts - upto[..., -1:])


def _delta(ahead: Numbers, behind: Numbers) -> Numbers:
    """Cliff's delta, from counts by step shaped (..., steps) to (...); not finite where a group is empty."""
    pairs = ahead.sum(axis=-1) * behind.sum(axis=-1)
    return np.asarray((ahead * _above(behind)).sum(axis=-1) / pairs)


def _variances(ahead: Numbers, behind: Numbers, delta: float) -> tuple[float, float]:
    """What each group adds to the variance of delta when pupils are independent."""
    sizes = [float(group.sum()) for group in (ahead, behind)]
    over_the_other = (_above(behind) / sizes[1], -_above(ahead) / sizes[0])
    first, second = (
        float((group * (over - delta) ** 2).sum()) / (size - 1) / size
        for group, over, size in zip((ahead, behind), over_the_other, sizes, strict=True)
    )
    return first, second


def _limits(
    ahead: Numbers, behind: Numbers, delta: float, level: float
) -> tuple[tuple[float, float] | None, str, float]:
    """The limits of delta for independent pupils, or why there are none, and the degrees of freedom."""
    from scipy.stats import t as student

    first, second = float(ahead.sum()), float(behind.sum())
    if np.count_nonzero(ahead + behind) == 1:
        return None, "all pupils stand on one step", 0.0
    if min(first, second) < 2:
        return None, "one pupil only in a group", 0.0
    if abs(delta) == 1:  # no spread is left to measure: the limit of Feng and Cliff, as Wilson's at none and at all
        df, fewer = first + second - 2, min(first, second)
        z2 = float(student.isf((1 - level) / 2, df)) ** 2
        inner = (fewer - z2) / (fewer + z2)
        return ((inner, 1.0) if delta > 0 else (-1.0, -inner)), "", df
    parts = _variances(ahead, behind, delta)
    df = sum(parts) ** 2 / (parts[0] ** 2 / (first - 1) + parts[1] ** 2 / (second - 1))
    return _asymmetric(delta, float(student.isf((1 - level) / 2, df)) * sqrt(sum(parts))), "", df


def _asymmetric(delta: float, width: float) -> tuple[float, float]:
    """Feng and Cliff's limits, which do not pass 1, from a half width that would reach equally far both ways."""
    room = 1 - delta**2
    middle, half, under = delta * room, width * sqrt(room**2 + width**2), room + width**2
    return max(-1.0, (middle - half) / under), min(1.0, (middle + half) / under)


def _over_schools(label: str, table: Numbers, alone: Mapping[str, Estimate], *, level: float, seed: int) -> Estimate:
    """The index at a time, or its change, with the interval of schools drawn again."""

    def index(totals: Numbers) -> Numbers:
        shaped = totals.reshape(*totals.shape[:-1], *table.shape[1:])
        before, after = (LARGEST * _delta(shaped[..., place, 0, :], shaped[..., place, 1, :]) for place in (0, 1))
        return {"before": before, "after": after, "change": after - before}[label]

    like = alone.get(label, alone["after"])
    details = dict(like.details) if label in alone else {}
    details.pop("df", None)
    value = float(index(table.sum(axis=0).reshape(-1)))
    low = high = None
    pooled = table.sum(axis=0)
    used = pooled[TIMES.index(label)] if label in alone else pooled
    if len(table) < 2:
        method = "Cliff's delta; no interval: there is one school"
    elif ((used > 0).sum(axis=-1) == 1).any():
        method = "Cliff's delta; no interval: all pupils of a group stand on one step"
    else:
        drawn = bootstrap(table.reshape(len(table), -1), sums(index), level=level, seed=seed)
        low, high, method = drawn.low, drawn.high, f"Cliff's delta, {drawn.method}"
        if label in alone and low is not None:
            details["design_effect"] = _design_effect(drawn.replicates, used)
    return replace(
        like,
        label=label,
        value=value,
        low=low,
        high=high,
        level=None if low is None else level,
        method=method,
        details=details,
    )


def _design_effect(replicates: Numbers, counts: Numbers) -> float | None:
    """None where independent pupils leave no spread to compare with."""
    ahead, behind = counts
    if min(ahead.sum(), behind.sum()) < 2:
        return None
    alone = LARGEST**2 * sum(_variances(ahead, behind, float(_delta(ahead, behind))))
    return float(replicates.var() / alone) if alone else None


def _by_school(
    survey: Survey, characteristic: str, groups: tuple[str, str], among: Visits | None
) -> tuple[Numbers, Provenance]:
    """Pupils by step, shaped (schools, times, groups, steps), and where they come from."""
    taking, achieving = (
        pupils_by_school(survey, characteristic, outcome=outcome, among=among)
        for outcome in ("participation", "achievement")
    )
    if alone := set(taking.visits) ^ set(achieving.visits):
        raise InputError(f"pupil_groups must have both taking_part and achieving, or neither, of {sorted(alone)[0]}")
    for time, group in np.argwhere(taking.bases.sum(axis=0) == 0):
        raise InputError(f"there are no {GROUP_WORDS[groups[group]]} {TIMES[time]} here: a gap needs both groups")
    for place in np.argwhere(achieving.counts > taking.counts):
        raise InputError(
            f"achieving must not be above taking_part, and is for {taking.visits[place[0]]}, {TIMES[place[1]]}, "
            f"{groups[place[2]]}"
        )
    steps = (taking.bases - taking.counts, taking.counts - achieving.counts, achieving.counts)
    return np.stack(steps, axis=-1), weakest([taking.provenance, achieving.provenance])
