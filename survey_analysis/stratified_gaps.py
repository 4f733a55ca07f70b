"""The gap within strata by Mantel and Haenszel, with intervals and tests, and whether the mix turned it round."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import exp, isfinite, isnan, sqrt
from statistics import NormalDist

import numpy as np

from survey_analysis.errors import InputError, confidence_level, unknown
from survey_analysis.estimates import Estimates, told, weakest
from survey_analysis.gaps import Pair, gap
from survey_analysis.rendering import Sentence, number
from survey_analysis.resampling import Numbers, bootstrap, sums
from survey_analysis.school_errors import AT_AN_END, at_an_end
from survey_analysis.strata import CELLS, Strata, compared_strata, group_names, lead, number_of_schools, over_all


def stratified_gap(
    strata: Mapping[str, Pair], *, level: float = 0.95, independent: str = "", without: str = "", seed: int = 0
) -> Estimates:
    """The gap between two groups within strata, by Mantel and Haenszel, beside the gap over all of them.

    In each stratum like is compared with like; the strata are then brought together with the weights of Mantel and
    Haenszel, on the four scales of `gap`. Where the gap within strata points the other way than the gap over all, the
    mix of strata has turned it round: Simpson's paradox.

    Parameters
    ----------
    strata
        Stratum -> the tallies of the group ahead and of the group behind: made by hand (see `strata_of_counts`), or by
        `gap_by_stratum`.
    level
        The confidence level, between 0 and 1.
    independent
        What is taken as drawn independently: 'schools' (the interval is a bootstrap over schools) or 'pupils' (the
        intervals of the literature, which are too narrow where pupils of one school are alike). When empty: schools
        where the strata come from `gap_by_stratum`, pupils where they were made by hand.
    without
        What not to have the outcome is called, as a noun, as for `gap`; the strata's own word when empty.
    seed
        Of the bootstrap; equal seeds give equal intervals.

    Returns
    -------
    Estimates
        One for each scale, its value the gap within strata. The details hold the gap over all (`crude`), its
        `direction` within strata ('the same', 'reversed', 'only over all', 'only within strata', 'no gap'), in how many
        of the `strata` each group is ahead (`ahead_in`, `behind_in`), and how many strata are `left_out` because one of
        the groups has nobody there. With independent pupils they hold the `p_value` (Cochran, Mantel and Haenszel,
        without continuity correction, of no gap in any stratum) and, of the odds ratio, the `homogeneity_p_value`
        (Breslow and Day, corrected by Tarone, of one odds ratio in all strata; None where fewer than two strata can
        tell). With independent schools they hold the `design_effect`: how many times as large the variance is as that
        for independent pupils; None where that cannot be told. Where nobody, or everybody, of a group has the outcome
        schools give no interval, and the method says so.

    Raises
    ------
    InputError
        No stratum, none with pupils in both groups, something else than two tallies, a level that is not between 0
        and 1, or independent schools without knowing the schools.

    Examples
    --------
    Kidney stones removed by open surgery and through the skin (Charig et al. 1986):

    >>> from survey_analysis.strata import strata_of_counts
    >>> stones = {"small": (81, 87, 234, 270), "large": (192, 263, 55, 80)}
    >>> found = stratified_gap(strata_of_counts(stones, groups=("open surgery", "keyhole"), provenance="published"))
    >>> found[0].details["direction"], round(found[0].details["crude"], 3), round(found[0].value, 3)
    ('reversed', -0.046, 0.054)

    Notes
    -----
    Which of the two is the answer, no arithmetic says. Within strata is right where the stratum comes before both the
    group and the outcome; where the stratum is itself a way in which one group is held back, comparing within it hides
    what is looked for. One figure for all strata is a summary: where the gap differs between strata (a small p-value of
    homogeneity), read the strata. A large p-value does not show that they agree.

    Over schools the interval is a bootstrap, because no closed form is at hand for weights that are themselves sums
    over schools; where there is one, for pooled shares, `gap_change` has a t interval.

    No half is added to empty cells: sums over strata do not need it, and it would pull the estimate.

    References
    ----------
    Mantel and Haenszel (1959), Journal of the National Cancer Institute 22; Robins, Breslow and Greenland (1986),
    Biometrics 42; Greenland and Robins (1985), Biometrics 41; Sato (1989), Biometrics 45; Klingenberg (2014), A new and
    improved confidence interval for the Mantel-Haenszel risk difference, Statistics in Medicine 33; Tarone (1985),
    Biometrika 72; Simpson (1951), Journal of the Royal Statistical Society B 13.
    """
    level = confidence_level(level)
    known = strata if isinstance(strata, Strata) and strata.schools is not None else None
    whole = _drawn(independent, known)
    compared = compared_strata(strata)
    counts = _counts(compared)
    shown: tuple[str, ...] = ("crude", "design_effect")
    details = _common_details(strata, compared)
    if whole == "pupils":
        details["p_value"] = _no_gap_p_value(counts)
        shown = ("crude", "p_value", "homogeneity_p_value")
    estimates = []
    for crude in gap(*over_all(strata), without=without or (known.without if known else "non-participation")):
        scale = crude.details["scale"]
        own = {"scale": scale, "crude": crude.value, **details}
        limits, reason = _limits(scale, counts, level)
        method = reason or _INTERVALS[scale]
        if whole == "pupils" and scale == "odds_ratio":
            own["homogeneity_p_value"] = _homogeneity_p_value(counts)
        if known and known.schools is not None and whole == "schools" and limits:
            limits, method, own["design_effect"] = _by_schools(known.schools, counts, scale, level, seed)
        estimates.append(
            replace(
                crude,
                label=crude.label.removeprefix("gap: "),
                value=_value(scale, counts),
                low=limits[0] if limits else None,
                high=limits[1] if limits else None,
                level=level if limits else None,
                method=f"Mantel-Haenszel{'; no interval: ' if reason else ', '}{method}",
                base=int(counts[:, [1, 3]].sum()),
                details=own,
            )
        )
    return Estimates(
        estimates,
        caption=known.caption if known else "Gap over all, and within strata",
        show=shown,
        note=_note(strata, compared, whole),
        value=f"within each {known.by}" if known else "within strata",
        drawn=whole if known else "people counted",
    )


def strata_in_words(estimates: Estimates) -> Sentence:
    """Whether a gap is one of the mix of strata, in a sentence that says so where it is turned round.

    Parameters
    ----------
    estimates
        What `stratified_gap` returns.

    Raises
    ------
    InputError
        Other estimates, or none.
    """
    if not (isinstance(estimates, Estimates) and estimates and "ahead_in" in estimates[0].details):
        raise InputError("estimates must be what stratified_gap() gives, not other estimates")
    item = estimates[0]
    of, where = item.details, f"{estimates.value} ({item.details['strata']} compared)"
    crude = in_favour(of["crude"], of["ahead"], of["behind"])
    within = in_favour(item.value, of["ahead"], of["behind"])
    unclear = False
    if item.low is not None and item.high is not None:
        low, high = (in_favour(end, of["ahead"], of["behind"], none="no gap") for end in (item.low, item.high))
        within += f", {100 * (item.level or 0):g}% interval from {low} to {high}"
        unclear = item.low <= 0 <= item.high
        within += ", which includes no gap" if unclear else ""
    meaning = {
        "reversed": "Within strata the direction is the other one (Simpson's paradox)"
        + (", by no more than chance alone could make" if unclear else ""),
        "the same": "The direction is the same",
        "only over all": "The gap is one of the mix of strata",
        "only within strata": "The mix of strata hides the gap",
        "no gap": "There is no gap in either",
    }[of["direction"]]
    split = f"it favours {of['ahead']} in {of['ahead_in']} and {of['behind']} in {of['behind_in']} of them"
    made = weakest(it.provenance for it in estimates)
    text = f"{estimates.caption}. The gap over all: {crude}; {where}: {within} ({made.value}). {meaning}; {split}."
    return Sentence(told(text, made))


def in_favour(difference: float | None, ahead: str, behind: str, *, none: str = "none") -> str:
    """A difference of shares in words that do not need its sign."""
    if not difference:
        return none
    size = number(abs(difference), "points").removeprefix("+")
    return f"{size} in favour of {ahead if difference > 0 else behind}"


_INTERVALS = {
    "difference": "Klingenberg interval",
    "ratio": "Greenland-Robins interval",
    "non_participation_ratio": "Greenland-Robins interval",
    "odds_ratio": "Robins-Breslow-Greenland interval",
}


def _drawn(independent: str, known: Strata | None) -> str:
    """What is taken as drawn independently: 'schools' or 'pupils'."""
    whole = independent or ("schools" if known else "pupils")
    if whole not in ("schools", "pupils"):
        raise unknown("independent", independent, ["schools", "pupils"])
    if whole == "schools" and known is None:
        raise InputError("independent cannot be 'schools' for strata made by hand; make them with gap_by_stratum()")
    return whole


def _common_details(strata: Mapping[str, Pair], compared: Mapping[str, Pair]) -> dict[str, object]:
    leads = [lead(*pair) for pair in compared.values()]
    whole, within = lead(*over_all(strata)), sum(leads, Fraction(0))
    if whole * within:
        direction = "the same" if whole * within > 0 else "reversed"
    else:
        direction = "only over all" if whole else "only within strata" if within else "no gap"
    ahead, behind = group_names(strata)
    return {
        "direction": direction,
        "ahead": ahead,
        "behind": behind,
        "strata": len(compared),
        "ahead_in": sum(it > 0 for it in leads),
        "behind_in": sum(it < 0 for it in leads),
        "left_out": len(strata) - len(compared),
        "group_not_seen": strata.unseen if isinstance(strata, Strata) else 0,
    }


def _note(strata: Mapping[str, Pair], compared: Mapping[str, Pair], independent: str) -> str:
    empty = [name for name in strata if name not in compared]
    said = ["The crude gap is over all strata; the base is those compared within them"]
    if empty:
        said.append(f"Nobody to compare with in {', '.join(empty)}: left out within strata")
    if isinstance(strata, Strata) and strata.unseen:
        said.append(f"{number_of_schools(strata.unseen)} in no stratum, for the {strata.by} was not seen")
    if isinstance(strata, Strata) and independent == "pupils":
        said.append("Pupils of one school are alike, and these intervals and p-values take them as independent")
    return ". ".join(said)


def _counts(pairs: Mapping[str, Pair]) -> Numbers:
    return np.array([[cell for it in pair for cell in (it.count, it.base)] for pair in pairs.values()], dtype=float)


def _pooled(scale: str, counts: Numbers) -> Numbers:
    """The gap within strata, from counts shaped (..., strata, 4) to (...); not finite where it is undefined."""
    a, ahead, c, behind = np.moveaxis(counts, -1, 0)
    b, d, both = ahead - a, behind - c, ahead + behind
    over, under = {
        "difference": (a * behind - c * ahead, ahead * behind),
        "ratio": (a * behind, c * ahead),
        "non_participation_ratio": (d * ahead, b * behind),
        "odds_ratio": (a * d, c * b),
    }[scale]
    weight = 1 / np.where(both > 0, both, np.inf)
    return np.asarray((over * weight).sum(axis=-1) / (under * weight).sum(axis=-1))


def _value(scale: str, counts: Numbers) -> float | None:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(_pooled(scale, counts))
    return None if isnan(value) else value


def _limits(scale: str, counts: Numbers, level: float) -> tuple[tuple[float, float] | None, str]:
    """The interval for independent pupils, or why there is none."""
    if not _can_tell(counts).any():
        return None, "in every stratum everybody has the outcome, or nobody"
    value, z = _value(scale, counts), -NormalDist().inv_cdf((1 - level) / 2)
    if scale == "difference":
        return _difference_limits(counts, value or 0.0, z), ""
    if not value or not isfinite(value):
        return None, f"the ratio is {'undefined' if value is None else number(value, 'ratio')}"
    half = z * sqrt(_variance(scale, counts))
    return (value * exp(-half), value * exp(half)), ""


def _variance(scale: str, counts: Numbers) -> float:
    """That of the gap within strata for independent pupils; of its logarithm where it is a ratio."""
    if scale == "difference":
        start, slope = _sato(counts)
        return start + slope * (_value(scale, counts) or 0.0)
    a, ahead, c, behind = counts.T
    if scale == "odds_ratio":
        from statsmodels.stats.contingency_tables import StratifiedTable

        return float(StratifiedTable(np.array([[a, ahead - a], [c, behind - c]])).logodds_pooled_se ** 2)
    if scale == "non_participation_ratio":  # the ratio of the other groups in the other outcome
        a, ahead, c, behind = behind - c, behind, ahead - a, ahead
    both = ahead + behind
    spread = ((ahead * behind * (a + c) - a * c * both) / both**2).sum()
    return float(spread / ((a * behind / both).sum() * (c * ahead / both).sum()))


def _sato(counts: Numbers) -> tuple[float, float]:
    """Sato's variance of the difference is linear in it: where it starts, and its slope."""
    a, ahead, c, behind = counts.T
    both = ahead + behind
    weight = (ahead * behind / both).sum()
    slope = ((ahead**2 * c - behind**2 * a + ahead * behind * (behind - ahead) / 2) / both**2).sum() / weight**2
    start = ((a * (behind - c) + c * (ahead - a)) / (2 * both)).sum() / weight**2
    return float(start), float(slope)


def _difference_limits(counts: Numbers, value: float, z: float) -> tuple[float, float]:
    """Where the difference is z standard errors away, by Sato's variance."""
    start, slope = _sato(counts)
    middle = value + z**2 * slope / 2
    half = sqrt(max(0.0, middle**2 - value**2 + z**2 * start))
    return max(-1.0, min(middle - half, value)), min(1.0, max(middle + half, value))


def _by_schools(
    schools: Numbers, counts: Numbers, scale: str, level: float, seed: int
) -> tuple[tuple[float, float] | None, str, float | None]:
    """Interval, method and design effect when schools are drawn again; `counts` are those compared within strata."""
    if len(schools) < 2:
        return None, "no interval: there is one school", None
    if at_an_end(counts[:, ::2], counts[:, 1::2]):
        return None, AT_AN_END, None
    strata = schools.shape[1]
    drawn = bootstrap(
        schools.reshape(len(schools), -1),
        sums(lambda totals: _pooled(scale, totals.reshape(*totals.shape[:-1], strata, CELLS))),
        level=level,
        seed=seed,
    )
    if drawn.low is None or drawn.high is None:
        return None, drawn.method, None
    limits, replicates = (drawn.low, drawn.high), drawn.replicates
    if scale != "difference":
        if drawn.undefined or not replicates.all():  # without them the spread of the logarithm would be too small
            return limits, drawn.method, None
        replicates = np.log(replicates)
    return limits, drawn.method, float(replicates.var() / _variance(scale, counts))


def _can_tell(counts: Numbers) -> np.ndarray:
    """Which strata have pupils with and pupils without the outcome: the others fit any odds ratio."""
    having = counts[:, 0] + counts[:, 2]
    return np.asarray((having > 0) & (having < counts[:, 1] + counts[:, 3]))


def _no_gap_p_value(counts: Numbers) -> float | None:
    from scipy.stats import chi2
    from statsmodels.stats.contingency_tables import StratifiedTable

    a, ahead, c, behind = counts[_can_tell(counts)].T
    if not len(a):
        return None
    table = StratifiedTable(np.array([[a, ahead - a], [c, behind - c]]))
    return float(chi2.sf(table.test_null_odds().statistic, 1))  # its own p-value rounds to 0 far out


def _homogeneity_p_value(counts: Numbers) -> float | None:
    """Breslow and Day's test with Tarone's correction; statsmodels' has no value at a ratio of 1 or an empty margin."""
    from scipy.stats import chi2

    a, ahead, c, behind = counts[_can_tell(counts)].T
    ratio = _value("odds_ratio", counts)
    if len(a) < 2 or not ratio or not isfinite(ratio):
        return None
    if ratio < 1:  # the other way round, so that nothing cancels in the root
        a, ahead, c, behind, ratio = c, behind, a, ahead, 1 / ratio
    having = a + c
    linear = ratio * (ahead + having) + behind - having
    root = np.sqrt(linear**2 - 4 * (ratio - 1) * ratio * ahead * having)
    fitted = 2 * ratio * ahead * having / (linear + root)
    cells = np.array([fitted, ahead - fitted, having - fitted, behind - having + fitted])
    variance = 1 / (1 / cells).sum(axis=0)
    statistic = ((a - fitted) ** 2 / variance).sum() - (a - fitted).sum() ** 2 / variance.sum()
    return float(chi2.sf(statistic, len(a) - 1))
