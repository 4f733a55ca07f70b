"""Integer programmes over small counts: points re-checked, and bounds proved by weak duality, in whole numbers.

What is not proved is taken on the solver's word: that there is no point where no proof of it comes out, and an optimum
that the relaxation to fractions does not reach.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

_FINE = 2.0**26  # multipliers are rounded to a fraction: any proves a bound, a fine one a tight bound
_LARGEST = 2.0**61
_DUAL, _PRIMAL = 1, 4
_DONE = highspy.HighsModelStatus.kOptimal
_NONE = highspy.HighsModelStatus.kInfeasible


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """A sum of whole multiples that is at least `low` and at most `high`; rows of one name hold or rest together.

    `times` has one multiple for each variable. A row without a name always holds.
    """

    times: Whole
    low: int | None = None
    high: int | None = None
    name: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """The greatest value, and a point that attains it, which was checked in whole numbers against every row."""

    value: int
    point: Whole


@dataclass(frozen=True, kw_only=True, eq=False)
class _System:
    """The rows in force: from `low` to `high`, infinite where a row has no such limit or rests."""

    matrix: Whole
    low: Real
    high: Real
    names: tuple[str, ...]

    def is_met(self, point: Whole) -> bool:
        sums = self.matrix @ point
        return bool(((self.low <= sums) & (sums <= self.high)).all())

    def named(self, where: NDArray[np.bool_]) -> frozenset[str]:
        return frozenset(np.array(self.names, dtype=object)[where]) - {""}


class Program:
    """Whole numbers from 0 to `most`, and rows that they meet; rows can be switched off, and others added for once."""

    def __init__(self, size: int, most: int, rows: Sequence[Row]) -> None:
        self._size, self._most = size, most
        self._all = _system(rows, size)
        self._held: frozenset[str] | None = None
        self._now = self._all
        self._columns = np.arange(size, dtype=np.int32)
        self._solver = _solver(self._all, most)

    def greatest(
        self, objective: Whole, *, held: Collection[str] | None = None, extra: Sequence[Row] = ()
    ) -> Solution | None:
        """The greatest value of a sum; None where no point meets the rows.

        `held` are the names of the rows that hold, all of them when absent; `extra` rows hold in addition.
        """
        with self._with(held, extra) as system:
            return self._optimum(objective, system)

    def conflict(self, *, held: Collection[str] | None = None, extra: Sequence[Row] = ()) -> frozenset[str] | None:
        """Names of rows that suffice to rule out every point, not always the fewest; None where there is a point."""
        nothing = np.zeros(self._size, dtype=np.int64)
        with self._with(held, extra) as system:
            self._run(nothing, strategy=_DUAL)  # which shows why, where there is no point
            if self._solver.getModelStatus() == _NONE:
                used = self._refuted(system)
                if used is not None:
                    return used
            if self._optimum(nothing, system):
                return None
            return system.named(np.isfinite(system.low) | np.isfinite(system.high))

    @contextmanager
    def _with(self, held: Collection[str] | None, extra: Sequence[Row]) -> Iterator[_System]:
        """The rows in force, put before the solver; the extra ones are taken out again."""
        self._hold(None if held is None else frozenset(held) | {""})
        now = self._now
        if not extra:
            yield now
            return
        more = _system(extra, self._size)
        for times, least, most in zip(more.matrix, more.low, more.high, strict=True):
            where = np.flatnonzero(times).astype(np.int32)
            self._solver.addRow(least, most, len(where), where, times[where].astype(float))
        try:
            yield _System(
                matrix=np.concatenate([now.matrix, more.matrix]),
                low=np.concatenate([now.low, more.low]),
                high=np.concatenate([now.high, more.high]),
                names=now.names + more.names,
            )
        finally:
            first = len(now.names)
            self._solver.deleteRows(len(extra), np.arange(first, first + len(extra), dtype=np.int32))

    def _hold(self, held: frozenset[str] | None) -> None:
        """Let the rows of some names hold and the others rest; all hold when absent."""
        if held == self._held:
            return
        every = self._all
        rests = np.array([held is not None and name not in held for name in every.names], dtype=bool)
        low, high = np.where(rests, -np.inf, every.low), np.where(rests, np.inf, every.high)
        for number in np.flatnonzero((low != self._now.low) | (high != self._now.high)).tolist():
            self._solver.changeRowBounds(number, low[number], high[number])
        self._held, self._now = held, replace(every, low=low, high=high)

    def _run(self, objective: Whole, *, strategy: int) -> None:
        self._solver.setOptionValue("simplex_strategy", strategy)
        self._solver.changeColsCost(self._size, self._columns, objective.astype(float))
        self._solver.run()

    def _optimum(self, objective: Whole, system: _System) -> Solution | None:
        """By the relaxation to fractions where its answer is whole, as it mostly is, or else by branch and bound."""
        self._run(objective, strategy=_PRIMAL)  # which goes on from the last point: mostly the objective is new
        if self._solver.getModelStatus() == _NONE:
            return None
        point = self._point()
        bound = self._bound(objective, np.array(self._solver.getSolution().row_dual), system)
        if not self._is_met(point, system) or int(objective @ point) != bound:
            found = self._branch(objective)
            if found is None:
                return None
            point = found
            if not self._is_met(point, system):
                raise RuntimeError("the solver's answer does not hold in whole numbers")
        return Solution(value=int(objective @ point), point=point)

    def _branch(self, objective: Whole) -> Whole | None:
        kinds = (highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous)
        whole, real = (np.full(self._size, int(kind), dtype=np.uint8) for kind in kinds)
        self._solver.changeColsIntegrality(self._size, self._columns, whole)
        self._solver.setOptionValue("presolve", "on")  # branch and bound starts anew anyway
        try:
            self._run(objective, strategy=_DUAL)
            status = self._solver.getModelStatus()
            if status == _NONE:
                return None
            point = self._point()
            bound = self._solver.getInfo().mip_dual_bound
            if status != _DONE or abs(bound - float(objective @ point)) > 0.5:
                raise RuntimeError(f"the solver did not finish: {self._solver.modelStatusToString(status)}")
            return point
        finally:
            self._solver.changeColsIntegrality(self._size, self._columns, real)
            self._solver.setOptionValue("presolve", "off")

    def _point(self) -> Whole:
        point: Whole = np.rint(np.array(self._solver.getSolution().col_value)).astype(np.int64)
        return point

    def _is_met(self, point: Whole, system: _System) -> bool:
        return bool((point >= 0).all() and (point <= self._most).all()) and system.is_met(point)

    def _refuted(self, system: _System) -> frozenset[str] | None:
        """The names of rows whose multiples add up to what no point can meet; None if no proof comes out."""
        _, found, ray = self._solver.getDualRay()  # type: ignore[attr-defined]  # is missing from its stubs
        if not found:
            return None
        multipliers = np.array(ray) / max(np.abs(ray).max(), 1e-9)
        nothing = np.zeros(self._size, dtype=np.int64)
        for sign in (-1.0, 1.0):
            bound = self._bound(nothing, sign * multipliers, system)
            if bound is not None and bound < 0:
                return system.named(np.rint(multipliers * _FINE) != 0)
        return None

    def _bound(self, objective: Whole, multipliers: Real, system: _System) -> int | None:
        """A whole number that no point exceeds, by weak duality, in whole numbers; None where they would be too large.

        For any multipliers y, objective x = y (A x) + (objective - y A) x, and each part has a greatest value.
        """
        exact = np.rint(multipliers * _FINE)
        exact[((exact > 0) & np.isinf(system.high)) | ((exact < 0) & np.isinf(system.low))] = 0
        ends = np.where(exact > 0, system.high, np.where(exact < 0, system.low, 0))
        size = np.abs(exact) @ (np.abs(ends) + self._most * np.abs(system.matrix).sum(axis=1))
        if size + _FINE * self._most * np.abs(objective).sum() > _LARGEST:
            return None
        y = exact.astype(np.int64)
        rest = int(_FINE) * objective - y @ system.matrix
        return (int(y @ ends.astype(np.int64)) + self._most * int(rest[rest > 0].sum())) // int(_FINE)


def irreducible(
    conflict: Callable[[frozenset[str]], frozenset[str] | None], tiers: Sequence[Sequence[str]]
) -> tuple[str, ...]:
    """Names that conflict, none of which can be spared, found by a deletion filter (Chinneck & Dravnieks 1991).

    A name that conflicts alone is the answer, if one comes up once the groups that can be spared are dropped.

    Parameters
    ----------
    conflict
        For the names that hold, those among them that suffice for the conflict; None where there is none.
    tiers
        All names, in groups: those of the first group are dropped first, so that the last survive.
    """
    held = frozenset(name for tier in tiers for name in tier)
    used = conflict(held)
    if used is None:
        raise ValueError("the names do not conflict")
    for tier in tiers:
        without = held - set(tier)
        found = conflict(without) if without != held else None
        if found is not None:
            held, used = without, found
            continue
        alone = (name for name in tier if name in used and conflict(frozenset([name])) is not None)
        if (name := next(alone, None)) is not None:
            return (name,)
        held -= set(tier) - used  # a proof that does without them
        for name in tier:
            if name in held:
                found = conflict(held - {name})
                if found is not None:
                    rest = set(tier[list(tier).index(name) :]) - found
                    held, used = held - rest - {name}, found
    return tuple(name for tier in tiers for name in tier if name in held)


def _system(rows: Sequence[Row], size: int) -> _System:
    return _System(
        matrix=np.array([row.times for row in rows], dtype=np.int64).reshape(len(rows), size),
        low=np.array([-np.inf if row.low is None else row.low for row in rows], dtype=float),
        high=np.array([np.inf if row.high is None else row.high for row in rows], dtype=float),
        names=tuple(row.name for row in rows),
    )


def _solver(system: _System, most: int) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("presolve", "off")  # so that a solve goes on from the last one, and shows why there is none
    solver.setOptionValue("mip_rel_gap", 0.0)
    matrix = system.matrix
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = model.col_lower_ = np.zeros(matrix.shape[1])
    model.col_upper_ = np.full(matrix.shape[1], float(most))
    model.row_lower_, model.row_upper_ = system.low, system.high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum((matrix != 0).sum(axis=1))])
    model.a_matrix_.index_ = np.argwhere(matrix)[:, 1]
    model.a_matrix_.value_ = matrix[matrix != 0].astype(float)
    solver.passModel(model)
    return solver
