"""Weights brought to known totals: post-stratification by one margin, raking by several."""

from dataclasses import dataclass

import numpy as np

from survey_analysis.designs.cell_keys import Indices
from survey_analysis.designs.cells import Cells, Floats, summed
from survey_analysis.designs.specification import Design, Keys
from survey_analysis.errors import InputError, unknown

_ROUNDS = 1000
_CLOSE = 1e-13  # relative, of every margin


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What the weights of each group are multiplied by, and what the known totals explain.

    Parameters
    ----------
    groups
        The group of each cell: the codes of all calibration columns together.
    factors
        What the weights of each group are multiplied by.
    weights
        The sum of the weights of each group before that.
    margins
        Which groups each known total counts: shaped (groups, known totals).
    """

    groups: Indices
    factors: Floats
    weights: Floats
    margins: Floats

    def explained(self, sums: Floats) -> Floats:
        """What the known totals explain of some variables, for a row of each group.

        `sums` holds the weighted sum of each variable in each group, before calibration. The regression is weighted by
        the sampling weights, and has a coefficient for each known total.
        """
        root = np.sqrt(self.weights)[:, None]
        coefficients = np.linalg.lstsq(self.margins * root, sums / root, rcond=None)[0]
        return np.asarray(self.margins @ coefficients)


def calibrated(cells: Cells, design: Design) -> Calibration | None:
    """The calibration that a design asks for; None where no totals are known.

    Raises
    ------
    InputError
        A code that has no known total or no row, or margins that contradict each other or cannot be met.
    """
    if not design.known_totals:
        return None
    names = design.calibration_columns
    groups, numbered = _groups(cells, len(names))
    weights = summed(numbered, cells.sums[:, -1], len(groups))
    if not (weights > 0).all():
        raise InputError("known_totals has a group whose weights are all 0: leave it out, or join it to another")
    margins: list[list[float]] = []
    totals: list[Floats] = []
    for key, known in design.known_totals.items():
        places = [names.index(name) for name in ((key,) if isinstance(key, str) else key)]
        found = [codes[places[0]] if isinstance(key, str) else tuple(codes[it] for it in places) for codes in groups]
        _check_codes(key, found, list(known))
        margins += [[float(it == code) for it in found] for code in known]
        totals.append(np.array([float(total) for total in known.values()]))
    _check_sums(list(design.known_totals), totals)
    if float(totals[0].sum()) in (1.0, 100.0) and cells.weighted.sum() > 100:
        raise InputError(
            f"known_totals must be numbers of the population, and add up to {totals[0].sum():g}: give totals, not "
            "shares"
        )
    matrix = np.array(margins).T
    return Calibration(groups=numbered, factors=_raked(matrix, weights, totals), weights=weights, margins=matrix)


def _groups(cells: Cells, columns: int) -> tuple[list[tuple[object, ...]], Indices]:
    """The groups by their codes, in order, and the place of each cell among them."""
    names = [f"g{place}" for place in range(columns)]
    numbered = cells.keys.numbered(names)
    _, first = np.unique(numbered, return_index=True)
    return [cells.keys.row(names, int(cell)) for cell in first], numbered


def _check_codes(key: str | Keys, found: list[object], known: list[object]) -> None:
    for code in found:
        if code not in known:
            there = ", ".join(map(repr, known[:10]))
            raise InputError(f"known_totals of {key!r} has no total for {code!r}, which rows have, but for {there}")
    for code in known:
        if code not in found:
            raise unknown("code", code, dict.fromkeys(found), where=f"known_totals of {key!r} has one without rows: ")


def _check_sums(keys: list[str | Keys], totals: list[Floats]) -> None:
    sums = [float(it.sum()) for it in totals]
    for key, total in zip(keys, sums, strict=True):
        if abs(total - sums[0]) > 1e-9 * sums[0]:
            raise InputError(
                f"known_totals must count the same population: {keys[0]!r} adds up to {sums[0]:,.10g} and {key!r} to "
                f"{total:,.10g}"
            )


def _raked(margins: Floats, weights: Floats, totals: list[Floats]) -> Floats:
    """Factors by which the weights meet all totals: each margin in turn, until nothing moves."""
    factors = np.ones(len(weights))
    ends = np.cumsum([len(it) for it in totals])
    for _ in range(_ROUNDS):
        before = factors
        for end, wanted in zip(ends, totals, strict=True):
            part = margins[:, end - len(wanted) : end]
            factors = factors * (part @ (wanted / (part.T @ (weights * factors))))
        if np.max(np.abs(factors / before - 1)) < _CLOSE:
            return factors
    raise InputError(
        "known_totals cannot all be met with the groups that the table has: join codes that few rows have, or leave a "
        "column out"
    )
