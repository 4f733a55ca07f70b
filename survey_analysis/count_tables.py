"""How many of n schools have which codes, in small tables that agree where they overlap: every survey, and no other.

A survey of n schools is known, up to the order of the schools, by how many schools have each combination of codes: far
too many numbers. But a constraint looks at few attributes at once. So it is enough to count in the cliques of the graph
that the constraints span, made chordal, and to demand that neighbouring tables agree on the attributes that they share:
such tables always glue into a survey, row by row (Lauritzen 1996, Graphical Models, on decomposable tables).

Within a table, combinations that no constraint tells apart are counted together: a table need not know which grades a
school has where every constraint on it only asks whether the school is among the successful.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from survey_analysis.errors import InputError
from survey_analysis.events import Codes, Event, Linear, School, Terms, multiplied
from survey_analysis.programs import Program, Row, Whole

CELLS = 20_000
"""The most cells that one table may have; a question over more attributes at once is refused."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Extreme:
    """The greatest value of a sum, and a survey that attains it."""

    value: int
    _tables: "CountTables" = field(repr=False)
    _counts: Whole = field(repr=False)

    def __len__(self) -> int:
        return self._tables.schools

    def number(self, event: Event) -> int:
        """How many schools of the survey an event holds for."""
        return int(self._tables.row(((1, event),)) @ self._counts)

    @cached_property
    def schools(self) -> tuple[School, ...]:
        """The survey school by school."""
        return self._tables.glue(self._counts)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    """A clique: `shared` are the attributes that it shares with its parent, `own` the others.

    `parts` gives for each combination of codes (shared by own) the part in which it is counted. A part is one of the
    classes of what is shared, joined with one of the groups of own codes that nothing tells apart.
    """

    shared: tuple[str, ...]
    own: tuple[str, ...]
    parent: int | None
    classes: NDArray[np.intp]
    parts: NDArray[np.intp]
    first: int

    @cached_property
    def names(self) -> tuple[str, ...]:
        return self.shared + self.own

    @cached_property
    def scope(self) -> frozenset[str]:
        return frozenset(self.names)

    @cached_property
    def examples(self) -> NDArray[np.intp]:
        """For each part, one combination that is counted in it."""
        return np.unique(self.parts.reshape(-1), return_index=True)[1]


class CountTables:
    """The surveys of so many schools that some constraints allow.

    Parameters
    ----------
    codes
        The codes of each attribute.
    constraints
        What every survey meets. Those of one claim can be switched off together.
    schools
        How many schools there are, 1 or more.
    ask
        The events that will be asked for, beside those of the constraints.
    """

    def __init__(self, codes: Codes, constraints: Sequence[Linear], schools: int, *, ask: Iterable[Event] = ()) -> None:
        if schools < 1:
            raise InputError(f"schools must be 1 or more, not {schools}; a survey of none says nothing")
        self.schools = schools
        self._codes = codes
        events = [event for constraint in constraints for _, event in constraint.terms] + list(ask)
        cliques = _cliques([event.scope for event in events] + [frozenset([name]) for name in codes])
        self._check_size(cliques)
        self._tables = self._tabulate(cliques, events)
        self._size = sum(len(table.examples) for table in self._tables)
        self._known: dict[int, tuple[Event, Whole | None]] = {}
        self._program = Program(self._size, schools, [*self._agreement(), *map(self._line, constraints)])

    def can_count(self, event: Event) -> bool:
        """Whether the tables tell apart for which schools an event holds."""
        return self._counted(event) is not None

    def greatest(
        self, terms: Terms, *, held: AbstractSet[str] | None = None, extra: Sequence[Linear] = ()
    ) -> Extreme | None:
        """The greatest value of a sum, or None where there is no survey.

        `held` are the claims that hold, all of them when absent; `extra` constraints hold in addition.
        """
        found = self._program.greatest(self.row(terms), held=held, extra=[self._line(it) for it in extra])
        if found is None:
            return None
        return Extreme(value=found.value, _tables=self, _counts=found.point)

    def least(
        self, terms: Terms, *, held: AbstractSet[str] | None = None, extra: Sequence[Linear] = ()
    ) -> Extreme | None:
        """The least value of a sum, or None where there is no survey."""
        opposite = self.greatest(multiplied(-1, terms), held=held, extra=extra)
        return None if opposite is None else replace(opposite, value=-opposite.value)

    def conflict(self, *, held: AbstractSet[str] | None = None, extra: Sequence[Linear] = ()) -> frozenset[str] | None:
        """Claims that suffice to rule out every survey, not always the fewest; None where there is a survey."""
        return self._program.conflict(held=held, extra=[self._line(it) for it in extra])

    def row(self, terms: Terms) -> Whole:
        """The multiple of every part in a sum of numbers of schools."""
        row = np.zeros(self._size, dtype=np.int64)
        for times, event in terms:
            counted = self._counted(event)
            if counted is None:
                raise ValueError(f"the tables were not made for an event over {', '.join(sorted(event.scope))}")
            row += times * counted
        return row

    def glue(self, counts: Whole) -> tuple[School, ...]:
        """The schools one by one: tables are joined where they agree, which they always do."""
        schools: list[dict[str, str]] = [{} for _ in range(self.schools)]
        for table in self._tables:
            codes = [self._codes[name] for name in table.names]
            pools: list[list[dict[str, str]]] = [[] for _ in range(int(table.classes.max()) + 1)]
            here = counts[table.first : table.first + len(table.examples)].tolist()
            for example, number in zip(table.examples.tolist(), here, strict=True):
                places = np.unravel_index(example, [len(of) for of in codes])
                full = {name: of[place] for name, of, place in zip(table.names, codes, places, strict=True)}
                own = {name: full[name] for name in table.own}
                pools[table.classes[example // self._cells(table.own)]] += [own] * number
            for school in schools:
                shared = 0
                for name in table.shared:
                    shared = shared * len(self._codes[name]) + self._codes[name].index(school[name])
                school.update(pools[table.classes[shared]].pop())
        return tuple(schools)

    def _line(self, it: Linear) -> Row:
        return Row(times=self.row(it.terms), low=it.low, high=it.high, name=it.claim)

    def _cells(self, names: Iterable[str]) -> int:
        return prod(len(self._codes[name]) for name in names)

    def _check_size(self, cliques: Sequence[frozenset[str]]) -> None:
        largest = max(cliques, key=self._cells)
        if self._cells(largest) > CELLS:
            raise InputError(
                f"the question ties {len(largest)} attributes together ({', '.join(sorted(largest))}), which makes "
                f"{self._cells(largest):,} combinations; at most {CELLS:,} can be counted, so ask over fewer "
                "attributes at once"
            )

    def _tabulate(self, cliques: Sequence[frozenset[str]], events: Sequence[Event]) -> list[_Table]:
        """A table for each clique, parents before children; the parts are found from the children up."""
        tree = _rooted(cliques)
        names = [(tuple(sorted(shared)), tuple(sorted(clique - shared))) for clique, shared, _ in tree]
        told: list[list[NDArray[np.intp]]] = [[] for _ in tree]  # what tells the combinations of each table apart
        for event in events:
            home = min(
                (place for place, it in enumerate(tree) if event.scope <= it[0]),
                key=lambda it: self._cells(tree[it][0]),
            )
            told[home].append(event.holds(sum(names[home], ()), self._codes).reshape(-1).astype(np.intp))
        made: list[_Table] = []
        for place in reversed(range(len(tree))):
            (shared, own), parent = names[place], tree[place][2]
            signature = np.column_stack([np.zeros(self._cells(shared + own), dtype=np.intp), *told[place]])
            kinds = _numbered(signature).reshape(self._cells(shared), -1)
            classes, groups = _numbered(kinds), _numbered(kinds.T)
            parts = classes[:, None] * (groups.max() + 1) + groups
            made.append(_Table(shared=shared, own=own, parent=parent, classes=classes, parts=parts, first=0))
            if parent is not None:
                told[parent].append(classes[self._margin(sum(names[parent], ()), shared)])
        starts = np.cumsum([0, *(len(table.examples) for table in reversed(made))]).tolist()
        return [replace(table, first=first) for table, first in zip(reversed(made), starts, strict=False)]

    def _counted(self, event: Event) -> Whole | None:
        """For each part, 1 where it counts towards an event; None where the tables do not tell. Remembered by event."""
        if id(event) not in self._known:
            homes = [table for table in self._tables if event.scope <= table.scope]
            row = None
            if homes:
                table = min(homes, key=lambda it: self._cells(it.names))
                holds = event.holds(table.names, self._codes).reshape(-1)
                parts = holds[table.examples]
                if (parts[table.parts.reshape(-1)] == holds).all():
                    row = np.zeros(self._size, dtype=np.int64)
                    row[table.first : table.first + len(parts)] = parts
            self._known[id(event)] = event, row
        return self._known[id(event)][1]

    def _margin(self, names: Sequence[str], shared: Sequence[str]) -> NDArray[np.intp]:
        """For each combination of the codes of some attributes, the number of the combination of those shared."""
        shape = tuple(len(self._codes[name]) for name in names)
        where = np.indices(shape).reshape(len(shape), -1)
        number = np.zeros(prod(shape), dtype=np.intp)
        for name in shared:
            number = number * len(self._codes[name]) + where[names.index(name)]
        return number

    def _agreement(self) -> list[Row]:
        """Every class of what a table shares is counted there as often as in its parent; a root counts every school."""
        rows = []
        for table in self._tables:
            here = slice(table.first, table.first + len(table.examples))
            part_class = table.classes[table.examples // self._cells(table.own)]
            for number in range(int(table.classes.max()) + 1):
                times = np.zeros(self._size, dtype=np.int64)
                times[here] = part_class == number
                total = self.schools
                if table.parent is not None:
                    parent = self._tables[table.parent]
                    margin = table.classes[self._margin(parent.names, table.shared)]
                    there = slice(parent.first, parent.first + len(parent.examples))
                    times[there] -= margin[parent.examples] == number
                    total = 0
                rows.append(Row(times=times, low=total, high=total))
        return rows


def _cliques(scopes: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """The cliques of the graph that scopes span, made chordal by least fill-in."""
    graph: dict[str, set[str]] = {}
    for scope in scopes:
        for name in scope:
            graph.setdefault(name, set()).update(scope - {name})
    cliques: list[frozenset[str]] = []
    while graph:
        ordered = sorted(graph, key=lambda it: (len(graph[it]), it))
        free = (name for name in ordered if not _fill_in(graph, name))
        name = next(free, None) or min(ordered, key=lambda it: _fill_in(graph, it))
        near = graph.pop(name)
        clique = frozenset({name, *near})
        if not any(clique <= other for other in cliques):
            cliques.append(clique)
        for other in near:
            graph[other] = (graph[other] | near) - {name, other}
    return cliques


def _rooted(cliques: Sequence[frozenset[str]]) -> list[tuple[frozenset[str], frozenset[str], int | None]]:
    """The cliques with what each shares with its parent and the parent's place, parents first: a junction forest."""
    tree: list[tuple[frozenset[str], frozenset[str], int | None]] = []
    nearest: dict[frozenset[str], tuple[int, int | None]] = dict.fromkeys(cliques, (0, None))  # Prim (1957)
    while nearest:
        clique = max(nearest, key=lambda it: nearest[it][0])
        _, parent = nearest.pop(clique)
        shared = frozenset() if parent is None else clique & tree[parent][0]
        for other, (overlap, _) in nearest.items():
            if len(clique & other) > overlap:
                nearest[other] = (len(clique & other), len(tree))
        tree.append((clique, shared, parent))
    return tree


def _numbered(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each row the number of its kind, equal rows being of one kind."""
    kinds: dict[bytes, int] = {}
    return np.array([kinds.setdefault(row.tobytes(), len(kinds)) for row in rows], dtype=np.intp)


def _fill_in(graph: Mapping[str, set[str]], name: str) -> int:
    return sum(other not in graph[one] for one, other in combinations(sorted(graph[name]), 2))
