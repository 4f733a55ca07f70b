"""How many of n schools have which codes, in small tables that agree where they overlap: every survey, and no other.

A survey of n schools is known, up to the order of the schools, by how many schools have each combination of codes: far
too many numbers. But a constraint looks at few attributes at once. So it is enough to count in the cliques of the graph
that the constraints span, made chordal, and to demand that neighbouring tables agree on the attributes that they share:
such tables always glue into a survey, row by row (Lauritzen 1996, Graphical Models, on decomposable tables).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import ceil, prod

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from survey_analysis.errors import InputError

Codes = Mapping[str, Sequence[str]]
"""Attribute -> its codes."""

Whole = NDArray[np.int64]
Edge = tuple[int, int, tuple[str, ...]]

_SLACK = 1e-4  # what rounding may add to a bound that is a whole number

CELLS = 20_000
"""The most cells that one table may have; a question over more attributes at once is refused."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """What holds for a school or not: any one of several conditions, each of attributes and the codes they may have."""

    conditions: tuple[Mapping[str, tuple[str, ...]], ...]

    @cached_property
    def scope(self) -> frozenset[str]:
        """The attributes that have to be known."""
        return frozenset(name for condition in self.conditions for name in condition)


@dataclass(frozen=True, kw_only=True)
class Linear:
    """Whole multiples of numbers of schools, which add up to at least `low` and at most `high`; and its claim."""

    terms: tuple[tuple[int, Event], ...]
    low: int | None = None
    high: int | None = None
    claim: str = ""

    @cached_property
    def scopes(self) -> tuple[frozenset[str], ...]:
        return tuple(event.scope for _, event in self.terms)


@dataclass(frozen=True, kw_only=True)
class Extreme:
    """The least or greatest value of an objective, and a survey that attains it."""

    value: int
    schools: tuple[Mapping[str, str], ...]


class CountTables:
    """The surveys of so many schools that some constraints allow."""

    def __init__(self, codes: Codes, constraints: Sequence[Linear], schools: int, *, ask: Iterable[Event] = ()) -> None:
        if schools < 1:
            raise InputError(f"schools must be 1 or more, not {schools}; a survey of none says nothing")
        self.schools = schools
        self._codes = codes
        self._constraints = tuple(constraints)
        scopes = [scope for constraint in constraints for scope in constraint.scopes]
        scopes += [event.scope for event in ask]
        cliques, self._tree = _junction_tree([*scopes, *(frozenset([name]) for name in codes)])
        self._names = [tuple(sorted(clique)) for clique in cliques]
        self._shapes = [tuple(len(codes[name]) for name in names) for names in self._names]
        sizes = [prod(shape) for shape in self._shapes]
        if max(sizes) > CELLS:
            names = self._names[int(np.argmax(sizes))]
            raise InputError(
                f"the question ties {len(names)} attributes together ({', '.join(names)}), which makes {max(sizes):,} "
                f"combinations; at most {CELLS:,} can be counted, so ask over fewer attributes at once"
            )
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        self._structure, self._right = self._agreement()
        rows = [self._row(constraint.terms) for constraint in self._constraints]
        self._rows = np.array(rows, dtype=np.int64).reshape(len(rows), self._size)

    @property
    def _size(self) -> int:
        return int(self._starts[-1])

    def least(self, terms: Sequence[tuple[int, Event]]) -> Extreme | None:
        """The least value of a sum over the surveys, or None where there is no survey."""
        return self._extreme(terms, 1)

    def greatest(self, terms: Sequence[tuple[int, Event]]) -> Extreme | None:
        """The greatest value of a sum over the surveys, or None where there is no survey."""
        return self._extreme(terms, -1)

    def _extreme(self, terms: Sequence[tuple[int, Event]], sense: int) -> Extreme | None:
        objective = self._row(terms)
        lows = [-np.inf if it.low is None else it.low for it in self._constraints]
        highs = [np.inf if it.high is None else it.high for it in self._constraints]
        demands = [LinearConstraint(self._structure, self._right, self._right)]
        if self._constraints:
            demands.append(LinearConstraint(csr_array(self._rows), lows, highs))
        found = milp(
            sense * objective,
            constraints=demands,
            integrality=np.ones(self._size),
            bounds=Box(0, self.schools),
            options={"mip_rel_gap": 0.0},
        )
        if found.status == 2:
            return None
        if found.status != 0:
            raise RuntimeError(f"the solver did not finish: {found.message}")
        counts = np.rint(found.x).astype(np.int64)
        self._verify(counts)
        value = int(objective @ counts)
        if ceil(found.mip_dual_bound - _SLACK) != sense * value:
            raise RuntimeError("the solver's bound and its answer are not the same whole number")
        return Extreme(value=value, schools=self._glue(counts))

    def _verify(self, counts: Whole) -> None:
        """Check a solution in whole numbers, without trusting the solver's rounding."""
        agree = (self._structure.astype(np.int64) @ counts == self._right).all()
        sums = self._rows @ counts
        held = all(
            (it.low is None or total >= it.low) and (it.high is None or total <= it.high)
            for it, total in zip(self._constraints, sums.tolist(), strict=True)
        )
        if not (agree and held and (counts >= 0).all()):
            raise RuntimeError("the solver's answer does not hold in whole numbers")

    def _row(self, terms: Sequence[tuple[int, Event]]) -> Whole:
        """The coefficient of every cell in a sum of numbers of schools."""
        row = np.zeros(self._size, dtype=np.int64)
        for times, event in terms:
            place = self._home(event.scope)
            row[self._starts[place] : self._starts[place + 1]] += times * self._cells(place, event)
        return row

    def _home(self, scope: frozenset[str]) -> int:
        """The smallest table that has all the attributes."""
        homes = [place for place, names in enumerate(self._names) if scope <= set(names)]
        return min(homes, key=lambda place: prod(self._shapes[place]))

    def _cells(self, place: int, event: Event) -> Whole:
        """For each cell of a table, 1 where the event holds."""
        names, shape = self._names[place], self._shapes[place]
        holds = np.zeros(shape, dtype=bool)
        for condition in event.conditions:
            one = np.ones(shape, dtype=bool)
            for name, wanted in condition.items():
                codes = np.array([code in wanted for code in self._codes[name]])
                one &= codes.reshape([-1 if other == name else 1 for other in names])
            holds |= one
        return holds.reshape(-1).astype(np.int64)

    def _agreement(self) -> tuple[csr_array, Whole]:
        """Neighbouring tables agree on what they share, and each component counts every school once."""
        rows, right = [], []
        component = list(range(len(self._names)))
        for one, other, shared in self._tree:
            rows.append(self._margin(one, shared) - self._margin(other, shared))
            right += [0] * rows[-1].shape[0]
            component = [component[one] if it == component[other] else it for it in component]
        for place in sorted(set(component)):
            rows.append(self._margin(place, ()))
            right.append(self.schools)
        return vstack(rows).tocsr(), np.array(right, dtype=np.int64)

    def _margin(self, place: int, shared: Sequence[str]) -> csr_array:
        """Which cells of a table add up to each combination of some of its attributes."""
        names, shape = self._names[place], self._shapes[place]
        where = np.indices(shape).reshape(len(shape), -1)
        combination = np.zeros(prod(shape), dtype=np.int64)
        for name in shared:
            combination = combination * len(self._codes[name]) + where[names.index(name)]
        cells = np.arange(self._starts[place], self._starts[place + 1])
        number = prod(len(self._codes[name]) for name in shared)
        return csr_array((np.ones(len(cells)), (combination, cells)), shape=(number, self._size))

    def _glue(self, counts: Whole) -> tuple[Mapping[str, str], ...]:
        """The schools one by one: tables are joined where they agree, which they always do."""
        schools: list[dict[str, str]] = [{} for _ in range(self.schools)]
        near: dict[int, list[tuple[int, tuple[str, ...]]]] = {place: [] for place in range(len(self._names))}
        for one, other, shared in self._tree:
            near[one].append((other, shared))
            near[other].append((one, shared))
        seen: set[int] = set()
        for root in near:
            waiting: list[tuple[int, tuple[str, ...]]] = [] if root in seen else [(root, ())]
            seen.add(root)
            while waiting:
                place, shared = waiting.pop()
                pools: dict[tuple[str, ...], list[dict[str, str]]] = {}
                for part in self._parts(place, counts):
                    pools.setdefault(tuple(part[name] for name in shared), []).append(part)
                for school in schools:
                    school.update(pools[tuple(school[name] for name in shared)].pop())
                waiting += [it for it in near[place] if it[0] not in seen]
                seen.update(it for it, _ in near[place])
        return tuple(schools)

    def _parts(self, place: int, counts: Whole) -> Iterable[dict[str, str]]:
        table = counts[self._starts[place] : self._starts[place + 1]].reshape(self._shapes[place])
        for cell in np.argwhere(table):
            part = {name: self._codes[name][code] for name, code in zip(self._names[place], cell.tolist(), strict=True)}
            yield from (part for _ in range(int(table[tuple(cell)])))


def _junction_tree(scopes: Iterable[frozenset[str]]) -> tuple[list[frozenset[str]], list[Edge]]:
    """The cliques of the graph that scopes span, made chordal by least fill-in, and a tree that joins neighbours."""
    graph: dict[str, set[str]] = {}
    for scope in scopes:
        for name in scope:
            graph.setdefault(name, set()).update(scope - {name})
    cliques: list[frozenset[str]] = []
    while graph:
        name = min(graph, key=lambda it: (_fill_in(graph, it), len(graph[it]), it))
        near = graph.pop(name)
        clique = frozenset({name, *near})
        if not any(clique <= other for other in cliques):
            cliques.append(clique)
        for other in near:
            graph[other] = (graph[other] | near) - {name, other}
    tree: list[Edge] = []
    component = list(range(len(cliques)))
    pairs = [(len(a & b), one, other) for (one, a), (other, b) in combinations(enumerate(cliques), 2) if a & b]
    for _, left, right in sorted(pairs, key=lambda it: (-it[0], it[1], it[2])):
        if component[left] != component[right]:
            tree.append((left, right, tuple(sorted(cliques[left] & cliques[right]))))
            component = [component[left] if it == component[right] else it for it in component]
    return cliques, tree


def _fill_in(graph: Mapping[str, set[str]], name: str) -> int:
    return sum(other not in graph[one] for one, other in combinations(sorted(graph[name]), 2))
