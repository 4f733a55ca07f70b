"""How long drawing schools again and giving changes either sign take, beside scipy, on the same statistics in one run.

python benchmarks/resampling.py [TIMES]

Fifty-nine invented schools. The sign-flip is of their mean change, beside scipy.stats.permutation_test with
permutation_type "samples"; the bootstrap (BCa) is of pounds per pupil, a ratio of sums, beside scipy.stats.bootstrap
with paired rows. Both of scipy's are vectorized. The four take turns, TIMES times (7 when absent), so that a busy
moment of the machine meets them all; each time is the median.
"""

import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter

import numpy as np
from scipy import stats

from survey_analysis.resampling import Numbers, bootstrap, p_value, sign_flip, sums

SCHOOLS = 59
RESAMPLES = (9_999, 99_999)
PAIRS = {"sign-flip": "mean change", "bootstrap": "pounds per pupil"}
RANDOM = np.random.default_rng(2012)
CHANGES = RANDOM.normal(0.02, 0.08, SCHOOLS)
PUPILS = RANDOM.integers(20, 400, SCHOOLS).astype(float)
POUNDS = PUPILS * RANDOM.uniform(40, 160, SCHOOLS)
Ends = tuple[float, ...]


def our_signs(resamples: int) -> Ends:
    means, _ = sign_flip(CHANGES, resamples=resamples)
    return (p_value(means),)


def their_signs(resamples: int) -> Ends:
    found = stats.permutation_test(
        (CHANGES,),
        lambda changes, axis: changes.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=resamples,
        rng=np.random.default_rng(0),
    )
    return (float(found.pvalue),)


def our_interval(resamples: int) -> Ends:
    rows = np.stack([POUNDS, PUPILS], axis=1)
    found = bootstrap(rows, sums(lambda totals: totals[..., 0] / totals[..., 1]), level=0.95, resamples=resamples)
    if found.low is None or found.high is None:
        raise RuntimeError(found.method)
    return found.low, found.high


def their_interval(resamples: int) -> Ends:
    def per_pupil(pounds: Numbers, pupils: Numbers, axis: int) -> Numbers:
        return np.asarray(pounds.sum(axis=axis) / pupils.sum(axis=axis))

    found = stats.bootstrap(
        (POUNDS, PUPILS),
        per_pupil,
        paired=True,
        vectorized=True,
        method="BCa",
        n_resamples=resamples,
        rng=np.random.default_rng(0),
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def seconds(call: Callable[[], Ends]) -> tuple[float, Ends]:
    """How long a call takes, and what it finds."""
    start = perf_counter()
    result = call()
    return perf_counter() - start, result


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    ours, theirs = (our_signs, our_interval), (their_signs, their_interval)
    for call in (*ours, *theirs):
        call(99)  # loads what is loaded once
    for resamples in RESAMPLES:
        runs = [
            [seconds(partial(call, resamples)) for pair in zip(ours, theirs, strict=True) for call in pair]
            for _ in range(times)
        ]
        taken = [median(run[place][0] for run in runs) for place in range(4)]
        for place, (name, statistic) in enumerate(PAIRS.items()):
            first, second = 2 * place, 2 * place + 1
            print(
                f"{resamples:7,} {name:9} of {statistic:16} {1000 * taken[first]:8.2f} ms   "
                f"scipy {1000 * taken[second]:9.2f} ms   {taken[second] / taken[first]:6.1f} times as long   "
                f"{shown(runs[0][first][1])} | {shown(runs[0][second][1])}"
            )


def shown(found: Ends) -> str:
    return " to ".join(f"{it:.4g}" for it in found)


if __name__ == "__main__":
    main()
