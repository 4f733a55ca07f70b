"""Agreement between inspectors: raw, and beyond what chance would give, by the coefficients in use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from survey_analysis.errors import InputError, choice, confidence_level, unknown
from survey_analysis.estimates import Estimate, Estimates, Tally, told
from survey_analysis.proportions import proportion
from survey_analysis.raters import Ratings
from survey_analysis.rendering import Sentence, interval, number
from survey_analysis.resampling import RESAMPLES, Numbers, bootstrap, sums

_ROUNDING = 1e-9

APART = 0.2
"""How far kappa must lie below Gwet's AC1 on the same grades for the paradox to be spoken of; a convention of ours."""


Sums = Numbers
"""Columns summed over schools, shaped (..., columns)."""

Disagreement = tuple[Numbers, Numbers, Numbers]
"""What was seen, what chance would give, and what both would come to if all differed as far as can be."""


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """A coefficient by name.

    `weights` are those that it is defined with, the default first; `columns` gives what is summed over schools, a row
    for each; and `disagreement` what becomes of the sums: the coefficient is 1 - seen / expected.
    """

    title: str
    weights: tuple[str, ...]
    columns: Callable[[Ratings, str], Numbers]
    disagreement: Callable[[Sums, str], Disagreement]
    two_only: bool = False

    def label(self, weights: str) -> str:
        """The coefficient with its weights, in words."""
        if self.title == "Gwet's AC":
            return "Gwet's AC1" if weights == "nominal" else f"Gwet's AC2, {weights} weights"
        if self.title == "Krippendorff's alpha":
            return f"{self.title}, {weights}"
        return self.title if weights == "nominal" else f"{self.title}, {weights} weights"


def agreement_coefficient(
    ratings: Ratings,
    *,
    coefficient: str = "krippendorff",
    weights: str | None = None,
    level: float | None = 0.95,
    seed: int = 0,
) -> Estimate:
    """How far inspectors agree beyond what chance would give: 1 is agreement throughout, 0 no more than chance.

    Parameters
    ----------
    ratings
        The grades.
    coefficient
        'raw' (the share of pairs of grades that are the same; not corrected for chance), 'cohen' (kappa, for two
        inspectors), 'fleiss' (kappa, for grades without order), 'krippendorff' (alpha) or 'gwet' (AC1, with weights
        AC2).
    weights
        How much a disagreement weighs by how far apart the grades are. 'nominal': all alike. 'linear', 'quadratic':
        by the distance or its square. 'ordinal': for Gwet and Cohen by the number of pairs of grades in between; for
        Krippendorff by how many grades were given in between, which depends on the data. 'interval': Krippendorff's
        name for the square of the distance. Raw agreement and Fleiss' kappa are nominal. When absent: 'linear' for
        Cohen and Gwet, 'ordinal' for Krippendorff.
    level
        The confidence level, between 0 and 1; None for the value alone.
    seed
        From which the schools are drawn again; equal seeds give equal intervals.

    Returns
    -------
    Estimate
        The value is None where it is undefined, and the method says why. The base is the schools with two grades or
        more. In the details: the agreement expected by chance, the schools with fewer than two grades (`unpaired`), the
        commonest grade and its share, the inspectors whose grades are all the same.

    Raises
    ------
    InputError
        An unknown coefficient, weights that it is not defined with, Cohen's kappa for more than two inspectors, a level
        that is not between 0 and 1.

    Examples
    --------
    >>> from survey_analysis.raters import ratings_from_counts
    >>> skewed = ratings_from_counts([[80, 10], [5, 5]], codes=["yes", "no"])
    >>> round(agreement_coefficient(skewed, coefficient="cohen", weights="nominal", level=None).value, 2)
    0.32

    Notes
    -----
    Agreement is not accuracy: two inspectors may agree and both be wrong. Coefficients differ because each supposes
    another thing of chance, so a figure says little without its name; none is comparable across scales with other
    numbers of grades. Gwet's coefficients count all the codes of the scale, also those that nobody gave.

    Where some schools have one grade, Gwet's and Fleiss' coefficients use it for how common each grade is (Fleiss'
    kappa as generalised by Gwet to unequal numbers of grades); the others leave such schools out. Schools are drawn
    again with repetition: those that the coefficient uses. Raw agreement of two inspectors is a share of schools and
    has a Wilson interval. No interval is given where no draw changes the value: schools that all agree cannot show how
    often others would not.

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20; Cohen (1968), Psychological Bulletin 70; Fleiss (1971),
    Psychological Bulletin 76; Krippendorff (2011), Computing Krippendorff's alpha-reliability; Gwet (2008), British
    Journal of Mathematical and Statistical Psychology 61; Gwet (2014), Handbook of inter-rater reliability, 4th
    edition.
    """
    found = _estimate(ratings, coefficient, weights, level, seed)
    return replace(found, label=f"{ratings.label}: {found.label}")


def agreement_table(
    ratings: Ratings, *, weights: str = "linear", level: float | None = 0.95, seed: int = 0
) -> Estimates:
    """All coefficients of agreement side by side, nominal and, for grades in order, weighted.

    Parameters
    ----------
    ratings
        The grades.
    weights
        The weights of Cohen's kappa and of Gwet's AC2: 'linear', 'quadratic' or 'ordinal'; 'nominal' leaves the
        weighted ones and the ordinal alpha out.
    level
        The confidence level, between 0 and 1; None for the values alone.
    seed
        As for `agreement_coefficient`.

    Returns
    -------
    Estimates
        Raw agreement first. Cohen's kappa is there for two inspectors only.

    Examples
    --------
    >>> from survey_analysis.raters import ratings_from_counts
    >>> even = ratings_from_counts([[40, 9], [6, 45]], codes=["yes", "no"])
    >>> [round(estimate.value, 2) for estimate in agreement_table(even, weights="nominal", level=None)]
    [0.85, 0.7, 0.7, 0.7, 0.7]

    Notes
    -----
    It is not a menu to choose the highest from. Say beforehand which coefficient will be reported, and why.
    """
    choice("weights", weights, dict.fromkeys(_ORDERED))
    asked = [("raw", "nominal"), ("cohen", "nominal"), ("cohen", weights), ("fleiss", "nominal")]
    asked += [("krippendorff", "nominal"), ("krippendorff", "ordinal"), ("gwet", "nominal"), ("gwet", weights)]
    if weights == "nominal":
        asked.remove(("krippendorff", "ordinal"))
    two, unpaired = len(ratings.raters) == 2, int((~ratings.paired).sum())
    names = [it for it in dict.fromkeys(asked) if two or not COEFFICIENTS[it[0]].two_only]
    inspectors = "two" if two else str(len(ratings.raters))
    return Estimates(
        [_estimate(ratings, name, its, level, seed) for name, its in names],
        caption=f"Agreement of {inspectors} inspectors on {ratings.label}",
        show=["chance_agreement"],
        note=f"Not in the base, with fewer than two grades: {unpaired} of {len(ratings.paired)}" if unpaired else "",
    )


def agreement_coverage(
    ratings: Ratings,
    *,
    coefficient: str = "krippendorff",
    weights: str | None = None,
    level: float = 0.95,
    schools: int | None = None,
    repeats: int = 400,
    seed: int = 0,
) -> Estimate:
    """How often the interval of a coefficient holds the true value, if these grades were those of all schools.

    Parameters
    ----------
    ratings
        The grades that stand for all schools there are; their coefficient is the true value.
    coefficient, weights, level
        As for `agreement_coefficient`.
    schools
        How many are drawn from them each time; as many as there are when absent.
    repeats, seed
        How many times, and from which seed.

    Returns
    -------
    Estimate
        The share of the intervals that hold the true value, described. The base is the repeats with an interval; in the
        details, how many had none (all agreed, say).

    Raises
    ------
    InputError
        As `agreement_coefficient`; a coefficient that is undefined for the grades; no school or no repeat.

    Examples
    --------
    >>> from survey_analysis.raters import ratings_from_counts
    >>> even = ratings_from_counts([[40, 9], [6, 45]], codes=["yes", "no"])
    >>> covered = agreement_coverage(even, coefficient="cohen", weights="nominal", schools=40, repeats=200)
    >>> 0.9 < covered.value < 0.99
    True

    Notes
    -----
    It tries the method on a population like these schools, which nobody knows to be like the true one. Within a repeat
    the schools are drawn again 499 times. With 400 repeats the share itself is good to some two points.
    """
    level = confidence_level(level)
    its, weights = _asked(ratings, coefficient, weights)
    truth = _estimate(ratings, coefficient, weights, None, seed).value
    size = len(ratings.places) if schools is None else schools
    if truth is None:
        raise InputError(f"{its.title} is undefined for these grades, so no interval can hold it; choose others")
    if min(size, repeats) < 1:
        raise InputError(f"schools and repeats must be 1 or more, not {size} and {repeats}")
    random = np.random.default_rng(seed)
    held = without = 0
    for repeat in range(repeats):
        drawn = replace(ratings, places=ratings.places[random.integers(0, len(ratings.places), size)])
        found = _estimate(drawn, coefficient, weights, level, repeat, resamples=499)
        if found.low is None or found.high is None:
            without += 1
        else:
            held += found.low - _ROUNDING <= truth <= found.high + _ROUNDING
    if without == repeats:
        raise InputError(f"none of the {repeats} repeats has an interval: with {size} {ratings.of} there is too little")
    return Estimate(
        label=f"{100 * level:g}% intervals that hold the true {its.label(weights)}",
        value=held / (repeats - without),
        method=f"share of the intervals, each from {size} {ratings.of} drawn from these",
        base=repeats - without,
        provenance=ratings.provenance,
        assumptions=ratings.assumptions,
        details={"count": held, "without_interval": without},
    )


def agreement_in_words(table: Estimates) -> Sentence:
    """What a table of agreement says, and whether kappa is low although inspectors agree.

    Parameters
    ----------
    table
        What `agreement_table` returns.

    Raises
    ------
    InputError
        Estimates of another kind.

    Examples
    --------
    >>> from survey_analysis.raters import ratings_from_counts
    >>> skewed = ratings_from_counts([[80, 10], [5, 5]], codes=["yes", "no"], of="cases", provenance="published")
    >>> print(agreement_in_words(agreement_table(skewed, weights="nominal", level=None)))
    The two inspectors gave the same grade in 85 of 100 cases, 85.0% (published). Beyond chance the agreement is 0.32 \
by Cohen's kappa and 0.81 by Gwet's AC1. Kappa is so much lower because the grades are skewed: 87.5% of them are \
'yes', so it expects 78.0% agreement by chance, and AC1 expects 21.9%.

    Notes
    -----
    It speaks of the paradox where kappa lies at least 0.2 below AC1. Neither of the two is the true one: kappa asks
    whether inspectors can tell schools apart that are nearly all alike, AC1 how often they differ.

    References
    ----------
    Feinstein and Cicchetti (1990), High agreement but low kappa, Journal of Clinical Epidemiology 43.
    """
    by_name = {(item.details.get("coefficient"), item.details.get("weights")): item for item in table}
    raw, gwet = by_name.get(("raw", "nominal")), by_name.get(("gwet", "nominal"))
    kappa = by_name.get(("cohen", "nominal")) or by_name.get(("fleiss", "nominal"))
    if raw is None or gwet is None or kappa is None:
        raise InputError("table must be what agreement_table() gives, with raw agreement, a kappa and Gwet's AC1")
    made, of = raw.provenance.value, raw.details["of"]
    if raw.value is None or gwet.value is None:
        words = f"Agreement is undefined: no {of} have grades from two inspectors ({made})."
        return Sentence(told(words, raw.provenance))
    seen = number(raw.value, "share")
    if raw.level is not None:
        seen += f" [{interval(raw.low, raw.high, 'share')}, {100 * raw.level:g}% {raw.method}]"
    if "count" in raw.details:
        text = f"The two inspectors gave the same grade in {raw.details['count']} of {raw.base} {of}, {seen} ({made})."
    else:
        inspectors = raw.details["inspectors"]
        text = f"Of the pairs among {inspectors} inspectors {seen} gave the same grade, in {raw.base} {of} ({made})."
    if kappa.value is None:
        text += f" {kappa.label} is undefined, for all grades are {raw.details['commonest']!r}."
        return Sentence(told(text, raw.provenance))
    text += f" Beyond chance the agreement is {number(kappa.value, 'coefficient')} by {kappa.label}"
    text += f" and {number(gwet.value, 'coefficient')} by {gwet.label}."
    return Sentence(told(text + _why_apart(kappa, gwet), raw.provenance))


def _why_apart(kappa: Estimate, gwet: Estimate) -> str:
    """Why kappa is far below AC1, where it is."""
    its = kappa.details
    if its["coefficient"] == "cohen" and its["constant"]:
        return f" The grades of the {its['constant']} are all the same, so kappa is 0 however often they agree."
    if (gwet.value or 0) - (kappa.value or 0) < APART:
        return ""
    expected = [number(item.details["chance_agreement"], "share") for item in (kappa, gwet)]
    return (
        f" Kappa is so much lower because the grades are skewed: {number(its['commonest_share'], 'share')} of them are "
        f"{its['commonest']!r}, so it expects {expected[0]} agreement by chance, and AC1 expects {expected[1]}."
    )


# ------------------------------------------------------------------------ what is summed over schools, and then made
# Every coefficient is a function of sums over schools, so that all resamples are computed at once. statsmodels has
# Cohen's and Fleiss' kappa, for one table at a time; the tests hold ours against them.


def _joint(ratings: Ratings, weights: str) -> Numbers:
    """Which pair of grades a school has, as one of the cells of the cross-table."""
    first, second = ratings.places[ratings.paired].T
    codes = len(ratings.codes)
    return np.asarray(np.eye(codes * codes)[first * codes + second])


def _coincidences(ratings: Ratings, weights: str) -> Numbers:
    """The ordered pairs of grades in a school, each weighing one over the number of its grades less one."""
    counts = ratings.counts[ratings.paired]
    pairs = counts[:, :, None] * (counts[:, None, :] - np.eye(counts.shape[1]))
    return np.reshape(pairs / (counts.sum(axis=1) - 1)[:, None, None], (len(counts), -1))


def _shares(ratings: Ratings, weights: str) -> Numbers:
    """The mean distance in a school's pairs, whether it has pairs, and the share of its grades with each code."""
    counts = ratings.counts[ratings.counts.any(axis=1)]
    given = counts.sum(axis=1)
    apart = np.einsum("ik,kl,il->i", counts, _distance(weights, counts.shape[1]), counts)
    return np.column_stack([apart / np.maximum(given * (given - 1), 1), given >= 2, counts / given[:, None]])


def _raw(sums: Sums, weights: str) -> Disagreement:
    all_pairs = np.ones_like(sums[..., 0])
    return sums[..., 0] / sums[..., 1], all_pairs, all_pairs


def _cohen(sums: Sums, weights: str) -> Disagreement:
    table = _square(sums)
    distance, total = _distance(weights, table.shape[-1]), table.sum(axis=(-2, -1))
    expected = np.einsum("...k,kl,...l->...", table.sum(axis=-1), distance, table.sum(axis=-2))
    return total * (table * distance).sum(axis=(-2, -1)), expected, total**2 * distance.max()


def _fleiss(sums: Sums, weights: str) -> Disagreement:
    common = sums[..., 2:] / sums[..., 2:].sum(axis=-1, keepdims=True)
    seen = sums[..., 0] / sums[..., 1]
    return seen, 1 - (common**2).sum(axis=-1), np.ones_like(seen)


def _gwet(sums: Sums, weights: str) -> Disagreement:
    common = sums[..., 2:] / sums[..., 2:].sum(axis=-1, keepdims=True)
    codes = common.shape[-1]
    distance = _distance(weights, codes)
    alike = (1 - distance / distance.max()).sum() / (codes * (codes - 1))
    seen = sums[..., 0] / sums[..., 1] / distance.max()
    return seen, 1 - alike * (common * (1 - common)).sum(axis=-1), np.ones_like(seen)


def _krippendorff(sums: Sums, weights: str) -> Disagreement:
    table = _square(sums)
    given = table.sum(axis=-1)
    total = given.sum(axis=-1)
    if weights == "ordinal":  # by how many grades were given in between, half of those at each end included
        middle = given.cumsum(axis=-1) - given / 2
        distance = (middle[..., :, None] - middle[..., None, :]) ** 2
    else:
        distance = _distance(weights, given.shape[-1])
    expected = (given[..., :, None] * given[..., None, :] * distance).sum(axis=(-2, -1))
    most = total * (total - 1) * distance.max(axis=(-2, -1))
    return (total - 1) * (table * distance).sum(axis=(-2, -1)), expected, most


_ORDERED = ("linear", "quadratic", "ordinal", "nominal")
COEFFICIENTS: Mapping[str, Coefficient] = MappingProxyType(
    {
        "raw": Coefficient(title="raw agreement", weights=("nominal",), columns=_shares, disagreement=_raw),
        "cohen": Coefficient(
            title="Cohen's kappa", weights=_ORDERED, columns=_joint, disagreement=_cohen, two_only=True
        ),
        "fleiss": Coefficient(title="Fleiss' kappa", weights=("nominal",), columns=_shares, disagreement=_fleiss),
        "krippendorff": Coefficient(
            title="Krippendorff's alpha",
            weights=("ordinal", "nominal", "interval"),
            columns=_coincidences,
            disagreement=_krippendorff,
        ),
        "gwet": Coefficient(title="Gwet's AC", weights=_ORDERED, columns=_shares, disagreement=_gwet),
    }
)
"""The coefficients by name."""


def _square(cells: Numbers) -> Numbers:
    side = round(cells.shape[-1] ** 0.5)
    return np.reshape(cells, (*cells.shape[:-1], side, side))


def _distance(weights: str, codes: int) -> Numbers:
    """How far apart two grades count as being; only its relation to the greatest distance matters."""
    steps = np.abs(np.subtract.outer(np.arange(codes), np.arange(codes))).astype(float)
    distances: dict[str, Numbers] = {
        "nominal": np.sign(steps),
        "linear": steps,
        "quadratic": steps**2,
        "interval": steps**2,
        "ordinal": steps * (steps + 1) / 2,
    }
    return distances[weights]


# ------------------------------------------------------------------------------------------------- one coefficient


def _asked(ratings: Ratings, coefficient: str, weights: str | None) -> tuple[Coefficient, str]:
    its = choice("coefficient", coefficient, COEFFICIENTS)
    if its.two_only and len(ratings.raters) != 2:
        raise InputError(
            f"{its.title} is for two inspectors, and {ratings.label} has {len(ratings.raters)}; take "
            "coefficient='fleiss' or 'krippendorff', or the columns of two"
        )
    if weights is None:
        return its, its.weights[0]
    if its.weights == ("nominal",) and weights in _ORDERED[:-1]:
        raise InputError(
            f"{its.title} is nominal and takes no {weights} weights; take coefficient='gwet' or 'krippendorff' for "
            "grades in order"
        )
    if weights not in its.weights:
        raise unknown("weights", weights, its.weights, where=f"{its.title}: ")
    return its, weights


def _estimate(
    ratings: Ratings,
    coefficient: str,
    weights: str | None,
    level: float | None,
    seed: int,
    *,
    resamples: int = RESAMPLES,
) -> Estimate:
    its, weights = _asked(ratings, coefficient, weights)
    level = None if level is None else confidence_level(level)
    base = int(ratings.paired.sum())
    details = {"coefficient": coefficient, "weights": weights, **_circumstances(ratings)}
    value, found = None, _Limits(method=f"undefined: no {ratings.of} have grades from two inspectors")
    if base:
        rows = its.columns(ratings, weights)
        seen, expected, most = map(float, its.disagreement(rows.sum(axis=0), weights))
        if coefficient == "raw":
            details |= {"count": base - round(rows[:, 0].sum())} if len(ratings.raters) == 2 else {}
        elif most:
            details["chance_agreement"] = 1 - expected / most
        if expected:
            value = 1 - seen / expected
            found = _limits(ratings, its, weights, level, resamples, seed) if level else _Limits(method="value alone")
        else:
            found = _Limits(method="undefined: all the grades are the same, so chance leaves no disagreement")
    return Estimate(
        label=its.label(weights),
        value=value,
        low=found.low,
        high=found.high,
        level=found.level,
        method=found.method,
        base=base,
        provenance=ratings.provenance,
        assumptions=ratings.assumptions,
        unit="share" if coefficient == "raw" else "coefficient",
        details=details,
    )


@dataclass(frozen=True, kw_only=True)
class _Limits:
    """An interval, or none, and how it was made or why there is none."""

    method: str
    low: float | None = None
    high: float | None = None
    level: float | None = None


def _limits(ratings: Ratings, its: Coefficient, weights: str, level: float, resamples: int, seed: int) -> _Limits:
    rows, base = its.columns(ratings, weights), int(ratings.paired.sum())
    if its.disagreement is _raw and len(ratings.raters) == 2:
        tally = Tally(label=ratings.label, count=base - round(rows[:, 0].sum()), base=base)
        raw = proportion(tally, level=level)
        return _Limits(low=raw.low, high=raw.high, level=level, method=raw.method)
    if base == 1:
        return _Limits(method=f"no interval: only one of the {ratings.of} has two grades")

    def statistic(drawn: Numbers) -> Numbers:
        seen, expected, _ = its.disagreement(drawn, weights)
        return 1 - seen / expected

    drawn = bootstrap(rows, sums(statistic), level=level, resamples=resamples, seed=seed)
    if np.ptp(drawn.replicates) == 0:
        return _Limits(method=f"no interval: drawing these {ratings.of} again never changes the value")
    known = drawn.low is not None
    return _Limits(low=drawn.low, high=drawn.high, level=level if known else None, method=drawn.method)


def _circumstances(ratings: Ratings) -> dict[str, Any]:
    """What a reader must know beside every coefficient: who graded, what was not paired, and which grade is common."""
    given = ratings.counts[ratings.paired].sum(axis=0)
    return {
        "of": ratings.of,
        "inspectors": len(ratings.raters),
        "unpaired": int((~ratings.paired).sum()),
        "commonest": ratings.codes[int(given.argmax())] if given.any() else "",
        "commonest_share": float(given.max() / given.sum()) if given.any() else None,
        "constant": " and the ".join(ratings.constant),
    }
