"""Agreement between inspectors: raw, and beyond what chance would give, by the coefficients in use."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from survey_analysis.coefficients import COEFFICIENTS, ORDERED, Coefficient
from survey_analysis.errors import InputError, choice, confidence_level, of_kind, unknown, whole_number
from survey_analysis.estimates import Estimate, Estimates, Tally, told, worked_out
from survey_analysis.proportions import proportion
from survey_analysis.raters import MAKERS, Ratings
from survey_analysis.rendering import Sentence, interval, number
from survey_analysis.resampling import RESAMPLES, Numbers, bootstrap, sums

_ROUNDING = 1e-9
_NO_TABLE = "table must be what agreement_table() gives, with raw agreement, a kappa and Gwet's AC1"

APART = 0.2
"""How far kappa must lie below Gwet's AC1 on the same grades for the paradox to be spoken of; a convention of ours."""

SKEWED = 2 / 3
"""From which share of the commonest grade on grades are called skewed; a convention of ours."""


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
        commonest grade and its share, how many codes there are and how many were given, the inspectors whose grades are
        all the same. It is derived where the grades were published: a coefficient of them was not.

    Raises
    ------
    InputError
        Something that is no ratings, an unknown coefficient, weights that it is not defined with, Cohen's kappa for
        more than two inspectors, a level that is not between 0 and 1, a seed that is no whole number.

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
    of_kind("ratings", ratings, Ratings, MAKERS)
    choice("weights", weights, dict.fromkeys(ORDERED))
    asked = [("raw", "nominal"), ("cohen", "nominal"), ("cohen", weights), ("fleiss", "nominal")]
    asked += [("krippendorff", "nominal"), ("krippendorff", "ordinal"), ("gwet", "nominal"), ("gwet", weights)]
    if weights == "nominal":
        asked.remove(("krippendorff", "ordinal"))
    two, unpaired = len(ratings.raters) == 2, int((~ratings.paired).sum())
    names = [it for it in dict.fromkeys(asked) if two or not COEFFICIENTS[it[0]].two_only]
    number_of = "two" if two else str(len(ratings.raters))
    return Estimates(
        [_estimate(ratings, name, its, level, seed) for name, its in names],
        caption=f"Agreement of {number_of} {ratings.by} on {ratings.label}",
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
        The share of the intervals that were given that hold the true value, described. The base is the repeats with an
        interval; in the details, how many had none (all agreed, say), and the share of *all* repeats whose interval was
        given and holds it (`of_all_repeats`).

    Raises
    ------
    InputError
        As `agreement_coefficient`; a coefficient that is undefined for the grades; schools or repeats that are no whole
        number from 1.

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
    the schools are drawn again 499 times, or more often where the level asks for it. With 400 repeats the share itself
    is good to some two points. Repeats without an interval are not a random part: they are those in which all or nearly
    all agreed, so the share of the intervals that were given can lie above the level. The true value of Krippendorff's
    alpha is that of very many schools like these, without its correction for few grades.
    """
    level = confidence_level(level)
    its, weights = _asked(ratings, coefficient, weights)
    truth = _of_very_many(ratings, _estimate(ratings, coefficient, weights, None, seed))
    size = len(ratings.places) if schools is None else whole_number("schools", schools)
    repeats = whole_number("repeats", repeats)
    if truth is None:
        raise InputError(f"{its.title} is undefined for these grades, so no interval can hold it; choose others")
    random = np.random.default_rng(seed)
    held = without = 0
    for repeat in range(repeats):
        drawn = replace(ratings, places=ratings.places[random.integers(0, len(ratings.places), size)])
        found = _estimate(drawn, coefficient, weights, level, repeat, resamples=max(499, ceil(3 / (1 - level))))
        if found.low is None or found.high is None:
            without += 1
        else:
            held += found.low - _ROUNDING <= truth <= found.high + _ROUNDING
    if without == repeats:
        raise InputError(f"none of the {repeats} repeats has an interval: with {size} {ratings.of} there is too little")
    return Estimate(
        label=f"{100 * level:g}% intervals that hold the true {its.label(weights)}, of those that were given",
        value=held / (repeats - without),
        method=f"share of the intervals given in {repeats:,} repeats, each of {size} {ratings.of} drawn from these",
        base=repeats - without,
        provenance=worked_out([ratings.provenance]),
        assumptions=ratings.assumptions,
        details={"count": held, "without_interval": without, "of_all_repeats": held / repeats},
    )


def _of_very_many(ratings: Ratings, found: Estimate) -> float | None:
    """The coefficient of very many schools like these: Krippendorff's alpha without its correction for few grades."""
    if found.value is None or found.details["coefficient"] != "krippendorff":
        return found.value
    given = float(ratings.counts[ratings.paired].sum())
    return 1 - (1 - found.value) * given / (given - 1)


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
    The two inspectors gave the same grade in 85 of 100 cases, 85.0% (derived). Beyond chance the agreement is 0.32 \
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
    if not isinstance(table, Estimates):
        raise InputError(_NO_TABLE)
    by_name = {(item.details.get("coefficient"), item.details.get("weights")): item for item in table}
    raw, gwet = by_name.get(("raw", "nominal")), by_name.get(("gwet", "nominal"))
    kappa = by_name.get(("cohen", "nominal")) or by_name.get(("fleiss", "nominal"))
    if raw is None or gwet is None or kappa is None:
        raise InputError(_NO_TABLE)
    made, of, by = raw.provenance.value, raw.details["of"], raw.details["by"]
    if raw.value is None or gwet.value is None:
        words = f"Agreement is undefined: no {of} have grades from two {by} ({made})."
        return Sentence(told(words, raw.provenance))
    seen = number(raw.value, "share")
    if raw.level is not None:
        seen += f" [{interval(raw.low, raw.high, 'share')}, {100 * raw.level:g}% {raw.method}]"
    if "count" in raw.details:
        text = f"The two {by} gave the same grade in {raw.details['count']} of {raw.base} {of}, {seen} ({made})."
    else:
        text = (
            f"Of the pairs among {raw.details['raters']} {by} {seen} gave the same grade, in {raw.base} {of} ({made})."
        )
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
        f" Kappa is so much lower because {_reason(kappa, gwet)}, so it expects {expected[0]} agreement by chance, and "
        f"AC1 expects {expected[1]}."
    )


def _reason(kappa: Estimate, gwet: Estimate) -> str:
    """Whether AC1 would be as far above kappa without the codes that nobody gave, and if so, whether one is common."""
    its, value, chance = gwet.details, gwet.value or 0.0, gwet.details["chance_agreement"]
    codes, given, share = its["codes"], its["codes_given"], kappa.details["commonest_share"]
    among_given = 1 - (1 - value) * (1 - chance) / (1 - chance * (codes - 1) / (given - 1))
    if among_given - (kappa.value or 0.0) < APART:
        unused = codes - given
        return f"AC1 counts {unused} code{'s' * (unused > 1)} that nobody gave"
    if share >= SKEWED:
        return f"the grades are skewed: {number(share, 'share')} of them are {its['commonest']!r}"
    return "some codes were hardly given"


# ------------------------------------------------------------------------------------------------- one coefficient


def _asked(ratings: Ratings, coefficient: str, weights: str | None) -> tuple[Coefficient, str]:
    of_kind("ratings", ratings, Ratings, MAKERS)
    its = choice("coefficient", coefficient, COEFFICIENTS)
    if its.two_only and len(ratings.raters) != 2:
        raise InputError(
            f"{its.title} is for two inspectors, and {ratings.label} has {len(ratings.raters)}; take "
            "coefficient='fleiss' or 'krippendorff', or the columns of two"
        )
    if weights is None:
        return its, its.weights[0]
    if its.weights == ("nominal",) and weights in ORDERED[:-1]:
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
    level, seed = None if level is None else confidence_level(level), whole_number("seed", seed, least=0)
    base = int(ratings.paired.sum())
    details = {"coefficient": coefficient, "weights": weights, **_circumstances(ratings)}
    value, found = None, _Limits(method=f"undefined: no {ratings.of} have grades from two {ratings.by}")
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
        provenance=worked_out([ratings.provenance]),
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
    if its is COEFFICIENTS["raw"] and len(ratings.raters) == 2:
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
        "by": ratings.by,
        "raters": len(ratings.raters),
        "codes": len(ratings.codes),
        "codes_given": int(ratings.counts.any(axis=0).sum()),
        "unpaired": int((~ratings.paired).sum()),
        "commonest": ratings.codes[int(given.argmax())] if given.any() else "",
        "commonest_share": float(given.max() / given.sum()) if given.any() else None,
        "constant": " and the ".join(ratings.constant),
    }
