"""How fast complete surveys are drawn, beside a plain loop and beside humanleague, each pair in one run.

python benchmarks/ensemble.py [SURVEYS]

humanleague is a peer for fixed margins alone. It is not among the packages of the tests and builds from source:
pip install humanleague
"""

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np

from survey_analysis import BAND, draw_surveys, read_claims
from survey_analysis.events import Event, Linear
from survey_analysis.sampling import SurveySampler

SCHOOLS, ATTRIBUTES = 59, 16


def seconds(function: Callable[[], object]) -> float:
    """The median of five runs."""
    taken = []
    for _ in range(5):
        start = perf_counter()
        function()
        taken.append(perf_counter() - start)
    return median(taken)


def main() -> None:
    """Print times and ratios: all published claims, then sixteen fixed margins of 59 schools."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    claims = read_claims()
    for name, prior in BAND.items():
        start = perf_counter()
        draw_surveys(claims, 1, prior=prior, seed=1)
        compiled = perf_counter() - start
        warm = seconds(lambda prior=prior: draw_surveys(claims, n, prior=prior, seed=1))
        one = seconds(lambda prior=prior: draw_surveys(claims, 1, prior=prior, seed=1))
        drawn = f"{n} surveys {warm * 1000:7.1f} ms   one by one {n * one / warm:6.1f} x"
        print(f"{name:24} compiled {compiled:6.2f} s   {drawn}")

    margins = [10 + 3 * place % 40 for place in range(ATTRIBUTES)]
    codes = {f"a{place}": ("yes", "no") for place in range(ATTRIBUTES)}
    sums = [
        Linear(terms=((1, Event(conditions=({name: ("yes",)},))),), low=margin, high=margin)
        for name, margin in zip(codes, margins, strict=True)
    ]
    sampler, rng = SurveySampler(codes, SCHOOLS, sums, masses=dict.fromkeys(codes, 1.0)), np.random.default_rng(1)
    ours = seconds(lambda: sampler.draw(n, rng))
    columns = [np.repeat([1, 0], [margin, SCHOOLS - margin]) for margin in margins]
    loop = seconds(lambda: [[rng.permutation(column) for column in columns] for _ in range(n)])
    print(f"fixed margins            {n} surveys {ours * 1000:7.1f} ms   plain loop {loop / ours:6.1f} x")
    try:
        import humanleague
    except ImportError:
        print("humanleague is not installed, so it is left out: pip install humanleague (it builds from source)")
        return
    pairs = [np.array([margin, SCHOOLS - margin]) for margin in margins]
    some = 20
    peer = seconds(
        lambda: [
            humanleague.qis([np.array([place]) for place in range(ATTRIBUTES)], pairs, skips=1000 * it)
            for it in range(some)
        ]
    )
    print(f"humanleague.qis          {some} tables {peer * 1000:7.1f} ms   {peer / some * n / ours:6.1f} x ours, each")


if __name__ == "__main__":
    main()
