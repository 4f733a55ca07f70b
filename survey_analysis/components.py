"""Surveys of attributes that claims tie together, directly or through others; the rest can be chosen apart.

Here comparisons are held: at their weakest, which is linear, or exactly, one case for each size of the group.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from survey_analysis.constraints import Comparison, Model
from survey_analysis.count_tables import CountTables, Extreme
from survey_analysis.events import Event, Linear, Terms, multiplied

Names = frozenset[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Component:
    """The attributes that constraints tie together, directly or through others; the rest can be chosen apart."""

    codes: Mapping[str, Sequence[str]]
    constraints: tuple[Linear, ...]
    comparisons: tuple[Comparison, ...]
    schools: int
    exactly: bool
    _made: list[CountTables] = field(default_factory=list)

    def says_the_same(self, other: "Component") -> bool:
        mine, theirs = ((it.codes, it.constraints, it.comparisons, it.exactly) for it in (self, other))
        return mine == theirs

    def tables(self, ask: Collection[Event] = ()) -> CountTables:
        """Tables that can count the events asked for."""
        for made in self._made:
            if all(made.can_count(event) for event in ask):
                return made
        compared = [event for it in self.comparisons for event in (it.inside, it.anywhere, it.group)]
        constraints = [*self.constraints, *(line for it in self.comparisons for line in _weakest(it, self.schools))]
        made = CountTables(self.codes, constraints, self.schools, ask=[*compared, *ask])
        self._made.append(made)
        return made

    def greatest(self, terms: Terms, extra: Sequence[Linear] = (), held: Names | None = None) -> Extreme | None:
        """The greatest value of a sum, over every way in which the comparisons can hold."""
        tables = self._for(terms, extra)
        extra, compared = self._settled(extra, held)
        loose = tables.greatest(terms, held=held, extra=extra)
        if loose is None or all(_meets(it, loose) for it in compared):
            return loose  # the weakest reading allows more surveys, so what is furthest in it and exact is furthest
        best: Extreme | None = None
        for case in _sizes(tables, compared, extra, held):
            found = tables.greatest(terms, held=held, extra=case)
            if found is not None and (best is None or found.value > best.value):
                best = found
            if best is not None and best.value == loose.value:
                break
        return best

    def conflict(self, extra: Sequence[Linear] = (), held: Names | None = None) -> Names | None:
        """Claims that suffice to rule out every survey; None where there is one."""
        tables = self._for((), extra)
        extra, compared = self._settled(extra, held)
        used = tables.conflict(held=held, extra=extra)
        if used is not None or not compared or self.greatest((), extra, held) is not None:
            return used
        used = Names(it.claim for it in compared)
        for it in compared:
            group: Terms = ((1, it.group),)
            used |= ruling_out(tables, group, value_range(tables, group, extra, held), extra, held)
        for case in _sizes(tables, compared, extra, held):
            used |= tables.conflict(held=held, extra=case) or Names()
        return used

    def _for(self, terms: Terms, extra: Sequence[Linear]) -> CountTables:
        return self.tables([event for _, event in terms] + [event for it in extra for _, event in it.terms])

    def _settled(self, extra: Sequence[Linear], held: Names | None) -> tuple[tuple[Linear, ...], list[Comparison]]:
        """The comparisons to be held exactly: as constraints where the size of the group is given; and the others."""
        exact = [it for it in self.comparisons if self.exactly and (held is None or it.claim in held)]
        sizes = {it.claim: _given(it.group, extra) for it in exact}
        lines = [line for it in exact if (size := sizes[it.claim]) for line in _commoner(it, self.schools, size)]
        return (*extra, *lines), [it for it in exact if sizes[it.claim] is None]


def components_of(model: Model, exactly: bool) -> Iterator[Component]:
    """The model taken apart where no constraint ties attributes together."""
    scopes = [Names().union(*it.scopes) for it in model.constraints] + [it.scope for it in model.comparisons]
    left = dict.fromkeys(model.codes)
    while left:
        names = {next(iter(left))}
        while more := Names().union(*(scope for scope in scopes if scope & names)) - names:
            names |= more
        yield Component(
            codes={name: codes for name, codes in model.codes.items() if name in names},
            constraints=tuple(it for it in model.constraints if Names().union(*it.scopes) & names),
            comparisons=tuple(it for it in model.comparisons if it.scope & names),
            schools=model.schools,
            exactly=exactly,
        )
        left = {name: None for name in left if name not in names}


def join(parts: Sequence[Component]) -> Component:
    """Components that a question ties together."""
    return Component(
        codes={name: codes for part in parts for name, codes in part.codes.items()},
        constraints=tuple(it for part in parts for it in part.constraints),
        comparisons=tuple(it for part in parts for it in part.comparisons),
        schools=parts[0].schools,
        exactly=parts[0].exactly,
    )


def value_range(surveys: Component | CountTables, terms: Terms, extra: tuple[Linear, ...], held: Names | None) -> range:
    """From the least to the greatest value of a sum."""
    most, least = (surveys.greatest(multiplied(sense, terms), extra=extra, held=held) for sense in (1, -1))
    return range(0) if most is None or least is None else range(-least.value, most.value + 1)


def ruling_out(
    surveys: Component | CountTables, terms: Terms, values: range, extra: tuple[Linear, ...], held: Names | None
) -> Names:
    """The claims that rule out all other values."""
    if not values:
        return surveys.conflict(extra=extra, held=held) or Names()
    beyond = (Linear(terms=terms, high=values.start - 1), Linear(terms=terms, low=values.stop))
    return Names().union(*(surveys.conflict(extra=[*extra, it], held=held) or Names() for it in beyond))


def _given(group: Event, extra: Sequence[Linear]) -> int | None:
    """The size of a group where constraints give it."""
    return next((it.low for it in extra if it.low == it.high and it.terms == ((1, group),)), None)


def _sizes(
    tables: CountTables, comparisons: Sequence[Comparison], extra: tuple[Linear, ...], held: Names | None
) -> Iterator[tuple[Linear, ...]]:
    """Comparisons exactly, as further linear constraints: one case for each size that each group can have."""
    if not comparisons:
        yield extra
        return
    first, *rest = comparisons
    for size in value_range(tables, ((1, first.group),), extra, held):
        if 0 < size < tables.schools:
            yield from _sizes(tables, rest, (*extra, *_commoner(first, tables.schools, size)), held)


def _weakest(it: Comparison, schools: int) -> tuple[Linear, ...]:
    """The least that "commoner in the group than outside" says: it is met inside, and is missing somewhere outside."""
    outside_without = ((-1, it.anywhere), (-1, it.group), (1, it.inside))
    return (
        Linear(terms=((1, it.inside),), low=1, claim=it.claim),
        Linear(terms=outside_without, low=1 - schools, claim=it.claim),
    )


def _commoner(it: Comparison, schools: int, size: int) -> tuple[Linear, ...]:
    """Commoner in a group of one size than outside it: inside / size > (anywhere - inside) / (schools - size)."""
    return (
        Linear(terms=((1, it.group),), low=size, high=size, claim=it.claim),
        Linear(terms=((schools, it.inside), (-size, it.anywhere)), low=1, claim=it.claim),
    )


def _meets(it: Comparison, survey: Extreme) -> bool:
    """Whether a survey meets a comparison exactly."""
    inside, anywhere, size = (survey.number(event) for event in (it.inside, it.anywhere, it.group))
    schools = len(survey)
    return 0 < size < schools and schools * inside > size * anywhere
