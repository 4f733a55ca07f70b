"""Which cells to hide beside the small ones, so that none can be worked out: the fewest, and then the smallest.

An integer programme chooses cells; linear programmes measure how far each hidden count could then move; where that is
not far enough, their dual prices say which cells would have helped, as a further condition (a cut) on the choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from survey_analysis.hidden_ranges import Rule, ranges_of_hidden
from survey_analysis.linked_counts import LinkedCounts

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ROUNDS = 200
_NODES = 2_000  # of one choice: a number of steps and not a time, so that every machine chooses alike
_OUTSIDE = 2.0**-10  # what a cell that is shown counts for, so that prices say which of these would help most
_FINE = 1e-7
_PRIMAL = 4


@dataclass(frozen=True, kw_only=True)
class Aim:
    """How wide the range of a hidden count must be, for a reader to whom it is at least `lowest`."""

    rule: Rule | None
    width: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cut:
    """`times` of the hidden cells add up to 0 or more."""

    times: Real


def protected_pattern(linked: LinkedCounts, *, primary: Flags, keep: Flags, aims: tuple[Aim, ...]) -> Flags | None:
    """The cells to hide, `primary` among them, none of `keep`; None where no choice protects them all.

    The fewest cells where the sums are those of a table of two ways or less and no extremes are hidden, and otherwise
    few; protected in every case, which `ranges_of_hidden` proves of the choice that is returned.
    """
    if not primary.any():
        return primary
    counts = np.array(linked.counts, dtype=np.int64)
    may = primary | ((counts > 0) & ~keep)
    if primary[exposed_cells(linked.without(may), aims)].any():
        return None  # to hide less can only narrow the range of a cell
    choice = _Choice(linked, primary, may)
    flows = [_Flows(linked, counts, aim) for aim in aims]
    for _ in range(_ROUNDS):
        hidden = choice.best()
        if hidden is None:
            break
        cuts = [cut for flow in flows for cut in flow.cuts(hidden)]
        if not cuts:
            exposed = exposed_cells(linked.without(hidden), aims)
            if not exposed:
                return hidden
            cuts = [_more_than(hidden, place) for place in exposed]
        choice.add(cuts)
    return may if not exposed_cells(linked.without(may), aims) else None


def exposed_cells(linked: LinkedCounts, aims: tuple[Aim, ...]) -> list[int]:
    """The hidden cells whose range is too narrow for one of the readers."""
    return sorted(
        {
            place
            for aim in aims
            for place, it in ranges_of_hidden(linked, rule=aim.rule).items()
            if not it.is_as_wide_as(aim.width)
        }
    )


def _more_than(hidden: Flags, place: int) -> _Cut:
    """Where a cell is hidden, something must be that is not yet: to hide less can only narrow its range."""
    times = np.where(hidden, 0.0, 1.0)
    times[place] = -1.0
    return _Cut(times=times)


class _Choice:
    """The cheapest cells that meet the cuts so far."""

    def __init__(self, linked: LinkedCounts, primary: Flags, may: Flags) -> None:
        counts = np.array(linked.counts, dtype=float)
        self._cost = 1 + counts / (1 + counts.sum())  # one cell more costs more than any smaller sum could save
        self._ends = primary.astype(float), may.astype(float)
        self._cuts = [cut for it in linked.sums for cut in _never_alone(it.cells, len(counts), may)]

    def add(self, cuts: list[_Cut]) -> None:
        self._cuts += cuts

    def best(self) -> Flags | None:
        matrix = np.array([cut.times for cut in self._cuts]).reshape(-1, len(self._cost))
        model = _model(matrix, low=np.full(len(matrix), -_FINE), high=np.full(len(matrix), np.inf), ends=self._ends)
        model.col_cost_ = self._cost
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(self._cost)
        solver = _solver(model)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_max_nodes", _NODES)
        solver.setOptionValue("mip_heuristic_effort", 0.0)  # the first relaxation is nearly whole already
        solver.run()
        if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return np.asarray(np.array(solver.getSolution().col_value) > 0.5)


def _never_alone(cells: tuple[int, ...], size: int, may: Flags) -> Iterator[_Cut]:
    """A cell that is hidden alone in a sum is what the others leave."""
    for place in cells:
        if may[place]:
            times = np.zeros(size)
            times[list(cells)] = 1.0
            times[place] = -1.0
            yield _Cut(times=times)


class _Flows:
    """How far each hidden count can move, up and down, if the others move so that all sums stay as they are."""

    def __init__(self, linked: LinkedCounts, counts: NDArray[np.int64], aim: Aim) -> None:
        self._matrix = linked.matrix().astype(float)
        self._width = aim.width
        least = 0 if aim.rule is None else np.minimum(counts, 1)
        self._down = np.minimum(counts - least, aim.width).astype(float)  # to move further than the width is no use
        self._up = np.full(len(counts), float(aim.width))
        self._columns = np.arange(len(counts), dtype=np.int32)
        still = np.zeros(len(self._matrix))
        model = _model(self._matrix, low=still, high=still, ends=(-self._down, self._up))
        model.sense_ = highspy.ObjSense.kMaximize
        self._solver, self._moved = _solver(model), 0
        self._solver.setOptionValue("presolve", "off")
        self._solver.setOptionValue("simplex_strategy", _PRIMAL)  # the objective is new, the last point is still one

    def cuts(self, hidden: Flags) -> list[_Cut]:
        """A cut for each hidden cell that cannot move by the width, in all; none where all can."""
        self._open(hidden, 0.0)
        narrow = [place for place in np.flatnonzero(hidden).tolist() if self._reach(place) < self._width - _FINE]
        self._open(hidden, _OUTSIDE)
        return [self._cut(place) for place in narrow]

    def _reach(self, place: int) -> float:
        reach = 0.0
        for sign in (1.0, -1.0):
            self._run(place, sign)
            reach += float(self._solver.getInfo().objective_function_value)
            if reach >= self._width - _FINE:
                break
        return reach

    def _cut(self, place: int) -> _Cut:
        """By duality: whatever is hidden, the cell moves no further than these prices for what can move beside it."""
        worth = np.zeros(len(self._up))
        for sign in (1.0, -1.0):
            self._run(place, sign)
            prices = -np.array(self._solver.getSolution().row_dual) @ self._matrix
            prices[place] += sign
            prices[np.abs(prices) < _FINE] = 0.0
            worth += np.where(prices > 0, prices * self._up, -prices * self._down)
        times = np.minimum(worth, self._width)
        times[place] -= self._width
        return _Cut(times=times)

    def _run(self, place: int, sign: float) -> None:
        self._solver.changeColCost(self._moved, 0.0)
        self._solver.changeColCost(place, sign)
        self._moved = place
        self._solver.run()

    def _open(self, hidden: Flags, outside: float) -> None:
        share = np.where(hidden, 1.0, outside)
        self._solver.changeColsBounds(len(share), self._columns, -self._down * share, self._up * share)


def _model(matrix: Real, *, low: Real, high: Real, ends: tuple[Real, Real]) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = np.zeros(matrix.shape[1])
    model.col_lower_, model.col_upper_ = ends
    model.row_lower_, model.row_upper_ = low, high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum((matrix != 0).sum(axis=1))])
    model.a_matrix_.index_ = np.argwhere(matrix)[:, 1]
    model.a_matrix_.value_ = matrix[matrix != 0]
    return model


def _solver(model: highspy.HighsLp) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    return solver
