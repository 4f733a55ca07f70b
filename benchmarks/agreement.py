"""How long the interval of a kappa takes by drawing schools again: ours, scipy's bootstrap, and statsmodels in a loop.

python benchmarks/agreement.py [SCHOOLS]

All three draw the same number of resamples of SCHOOLS double-graded schools (59 when absent) and make of them a kappa
with linear weights. statsmodels has the kappa of one table, so it is called for each resample, without BCa; scipy's
bootstrap is given our kappa of all resamples at once. What they find is compared before times are printed.
"""

import sys
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import numpy as np
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

import survey_analysis as sa
from survey_analysis.coefficients import COEFFICIENTS
from survey_analysis.resampling import RESAMPLES

CHANCES = np.array([[4, 1, 0, 0], [1, 10, 5, 0], [0, 5, 40, 5], [0, 0, 5, 24]]) / 100
CODES = len(CHANCES)
Found = TypeVar("Found")


def seconds(call: Callable[[], Found]) -> tuple[float, Found]:
    """How long a call takes, and what it finds."""
    start = perf_counter()
    result = call()
    return perf_counter() - start, result


def by_scipy(cells: np.ndarray) -> tuple[float, float]:
    """Each school is a number, the cell of the cross-table that it lies in, as scipy wants its sample."""
    kappa = COEFFICIENTS["cohen"].disagreement

    def statistic(drawn: np.ndarray, axis: int) -> np.ndarray:
        counts = np.stack([(drawn == cell).sum(axis=axis) for cell in range(CODES**2)], axis=-1)
        seen, expected, _ = kappa(counts.astype(float), "linear")
        return 1 - seen / expected

    found = stats.bootstrap((cells,), statistic, vectorized=True, n_resamples=RESAMPLES, rng=np.random.default_rng(0))
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def by_statsmodels(cells: np.ndarray) -> tuple[float, float]:
    random = np.random.default_rng(0)
    drawn = [
        cohens_kappa(
            np.bincount(cells[random.integers(0, len(cells), len(cells))], minlength=CODES**2).reshape(CODES, CODES),
            wt="linear",
            return_results=False,
        )
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    schools = int(sys.argv[1]) if len(sys.argv) > 1 else 59
    cells = np.random.default_rng(2012).choice(CODES**2, schools, p=CHANCES.ravel())
    counts = np.bincount(cells, minlength=CODES**2).reshape(CODES, CODES)
    ratings = sa.ratings_from_counts(counts, codes=["outstanding", "good", "satisfactory", "inadequate"])

    def ours() -> tuple[float, float]:
        found = sa.agreement_coefficient(ratings, coefficient="cohen")
        return found.low or 0.0, found.high or 0.0

    ours()  # imports what it needs
    taken, limits = seconds(ours)
    print(f"{RESAMPLES:,} resamples of {schools} schools, kappa with linear weights")
    print(f"ours, BCa                        {taken:7.3f} s   {limits[0]:.3f} to {limits[1]:.3f}")
    for name, call in (("scipy.stats.bootstrap, BCa", by_scipy), ("statsmodels in a loop, quantiles", by_statsmodels)):
        theirs, same = seconds(lambda call=call: call(cells))
        if max(abs(one - other) for one, other in zip(limits, same, strict=True)) > 0.05:
            raise RuntimeError(f"{name} finds {same}, ours {limits}")
        print(f"{name:32} {theirs:7.3f} s   {same[0]:.3f} to {same[1]:.3f}   {theirs / taken:.1f} times as long")
    table, _ = seconds(lambda: sa.agreement_table(ratings))
    print(f"all eight coefficients           {table:7.3f} s")


if __name__ == "__main__":
    main()
