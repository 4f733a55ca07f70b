"""Coefficients of agreement: what is summed over schools, and what becomes of the sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from survey_analysis.raters import Ratings
from survey_analysis.resampling import Numbers

# Every coefficient is a function of sums over schools, so that all resamples are computed at once. statsmodels has
# Cohen's and Fleiss' kappa, for one table at a time; the tests hold ours against them.

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


ORDERED = ("linear", "quadratic", "ordinal", "nominal")
COEFFICIENTS: Mapping[str, Coefficient] = MappingProxyType(
    {
        "raw": Coefficient(title="raw agreement", weights=("nominal",), columns=_shares, disagreement=_raw),
        "cohen": Coefficient(
            title="Cohen's kappa", weights=ORDERED, columns=_joint, disagreement=_cohen, two_only=True
        ),
        "fleiss": Coefficient(title="Fleiss' kappa", weights=("nominal",), columns=_shares, disagreement=_fleiss),
        "krippendorff": Coefficient(
            title="Krippendorff's alpha",
            weights=("ordinal", "nominal", "interval"),
            columns=_coincidences,
            disagreement=_krippendorff,
        ),
        "gwet": Coefficient(title="Gwet's AC", weights=ORDERED, columns=_shares, disagreement=_gwet),
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
