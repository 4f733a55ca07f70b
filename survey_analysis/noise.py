"""How large differences noise alone gives, when many features of few schools are looked through for the largest."""

from numbers import Real

import numpy as np
from numpy.typing import NDArray

from survey_analysis.errors import InputError, whole_number
from survey_analysis.estimates import Estimate, Estimates, Provenance

Numbers = NDArray[np.float64]
_MOST = 1_000  # schools, for the exact part holds every pair of counts; and features, each drawn for every search
_USUALLY = (0.025, 0.975)


def noise_differences(
    *,
    schools: int = 59,
    successful: int = 10,
    features: int = 40,
    best: int = 5,
    prevalence: float = 0.5,
    resamples: int = 9_999,
    seed: int = 0,
) -> Estimates:
    """The largest differences between successful schools and others in features that have nothing to do with success.

    Each school has each feature with the same chance, whatever its other features and whether it is successful. For
    each feature the share among the successful less that among the others is taken, and the largest of these are kept.

    Parameters
    ----------
    schools, successful
        How many schools there are, and how many of them are successful.
    features
        How many unrelated features are looked through.
    best
        How many of the largest differences are kept.
    prevalence
        The chance that a school has a feature, between 0 and 1; see the notes.
    resamples, seed
        How many times the search is repeated for the usual range, and from which seed.

    Returns
    -------
    Estimates
        The mean of the best, then each of them from the largest down, in points. The values are expectations, exact
        from the distribution of ordered differences. The details `usually_from` and `usually_to` hold what 95 of 100
        searches lie between, by simulation.

    Raises
    ------
    InputError
        Numbers that are not whole or too small, no school in one of the two groups, more of the best than there are
        features, more than 1,000 schools or features, a prevalence that is not between 0 and 1.

    Examples
    --------
    >>> print(noise_differences()[0])
    mean of the best 5: +27.6 points (expected of noise alone), base 59, derived

    Notes
    -----
    No data go into it: it is arithmetic on the number of schools and of features. Nobody knows how many features were
    in the minds of those who picked five actions, and real features are related to one another, which makes the search
    a smaller one. It does not show that the published actions are noise; it shows that differences of this size prove
    nothing when they were found by looking for them.

    A feature that half of the schools have gives nearly the largest noise; try a rarer and a commoner one beside it.

    References
    ----------
    David and Nagaraja (2003), Order Statistics, third edition, section 3.1 (discrete variables).
    """
    numbers = {"schools": schools, "successful": successful, "features": features, "best": best, "resamples": resamples}
    schools, successful, features, best, resamples = (whole_number(name, it) for name, it in numbers.items())
    whole_number("seed", seed, least=0)
    _check(schools, successful, features, best, prevalence)
    values = _expected(*_differences(schools, successful, prevalence), features, best)
    drawn = _simulated(schools, successful, features, best, prevalence, resamples, seed)
    labels = [f"mean of the best {best}", *(f"number {place} of {features}" for place in range(1, best + 1))]
    ranges = np.quantile(np.column_stack([drawn.mean(axis=1), drawn]), _USUALLY, axis=0).T
    model = {"successful": successful, "features": features, "best": best, "prevalence": f"{100 * prevalence:g}%"}
    return Estimates(
        [
            Estimate(
                label=label,
                value=float(value),
                method="expected of noise alone",
                base=schools,
                provenance=Provenance.DERIVED,
                unit="points",
                details={"usually_from": float(low), "usually_to": float(high), **model},
            )
            for label, value, (low, high) in zip(labels, [values.mean(), *values], ranges, strict=True)
        ],
        caption=f"The largest differences between {successful} of {schools} schools and the others, among {features} "
        "unrelated features",
        show=("usually_from", "usually_to"),
        value="expected",
        note=f"Each school has each feature with a chance of {100 * prevalence:g}%, whether it is successful or not. "
        f"95 of 100 searches lie in the usual range (from {resamples:,} searches)",
    )


def _differences(schools: int, successful: int, prevalence: float) -> tuple[Numbers, Numbers]:
    """Every difference of shares that one feature can have, in ascending order, and its chance."""
    from scipy.stats import binom

    others = schools - successful
    have, have_not = np.arange(successful + 1), np.arange(others + 1)
    # In units of 1 / (successful * others), so that equal differences are equal.
    steps = (have[:, None] * others - have_not * successful).ravel()
    chances = np.outer(binom.pmf(have, successful, prevalence), binom.pmf(have_not, others, prevalence)).ravel()
    places, which = np.unique(steps, return_inverse=True)
    values: Numbers = places.astype(float) / (successful * others)
    return values, np.bincount(which, weights=chances).astype(float)


def _expected(differences: Numbers, chances: Numbers, features: int, best: int) -> Numbers:
    """The expectations of the largest differences of several independent features, from the largest down."""
    from scipy.stats import binom

    above = np.clip(1 - np.cumsum(chances), 0, 1)  # the chance of a larger difference
    above[-1] = 0.0
    # The largest but j is at most x where at most j features are larger than x.
    at_most = binom.cdf(np.arange(best)[:, None], features, above)
    expected: Numbers = np.diff(at_most, axis=1, prepend=0.0) @ differences
    return expected


def _simulated(
    schools: int, successful: int, features: int, best: int, prevalence: float, resamples: int, seed: int
) -> Numbers:
    """The largest differences of each repeated search, from the largest down."""
    random = np.random.default_rng(seed)
    others = schools - successful
    have = random.binomial(successful, prevalence, (resamples, features)) / successful
    have -= random.binomial(others, prevalence, (resamples, features)) / others
    return np.sort(have, axis=1)[:, : -best - 1 : -1]


def _check(schools: int, successful: int, features: int, best: int, prevalence: float) -> None:
    if successful >= schools:
        raise InputError(f"successful must be fewer than schools ({schools}), not {successful}: others are needed too")
    for name, value in (("schools", schools), ("features", features)):
        if value > _MOST:
            raise InputError(f"{name} must be at most {_MOST:,}, not {value:,}")
    if best > features:
        raise InputError(f"best must be at most the number of features ({features}), not {best}")
    if isinstance(prevalence, bool) or not isinstance(prevalence, Real) or not 0 < prevalence < 1:
        raise InputError(f"prevalence must be between 0 and 1, not {prevalence!r}; write 0.5 for 50%")
