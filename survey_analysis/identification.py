"""The surveys that a model allows: how far a quantity can go in them, and which claims keep it from going further."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from itertools import chain

from survey_analysis.constraints import Comparison, Model, Tier
from survey_analysis.count_tables import CountTables, Event, Extreme, Linear, School
from survey_analysis.programs import irreducible
from survey_analysis.quantities import Quantity

Terms = tuple[tuple[int, Event], ...]
Names = frozenset[str]

_DROPPED_FIRST = (Tier.ASSUMPTION, Tier.LEXICON, Tier.WEAKEST, Tier.FIGURE, Tier.LOGIC)
"""What is dropped first when a reason is looked for, so that printed figures survive into it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class End:
    """An end of a range, and a survey that attains it."""

    value: Fraction
    _schools: Callable[[], tuple[School, ...]] = field(repr=False)

    @cached_property
    def schools(self) -> tuple[School, ...]:
        """The survey school by school."""
        return self._schools()


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A quantity where the sizes of its groups are settled: one sum over another, or over a whole number."""

    extra: tuple[Linear, ...]
    above: Terms
    below: Terms | int

    def beyond(self, sense: int, value: Fraction) -> tuple[Terms, int]:
        """A sum and a number: the sum is above the number exactly where the quantity is beyond the value."""
        above = _times(sense * value.denominator, self.above)
        if isinstance(self.below, int):
            return above, sense * value.numerator * self.below
        return above + _times(-sense * value.numerator, self.below), 0

    def value(self, survey: Extreme) -> Fraction:
        below = self.below if isinstance(self.below, int) else _total(self.below, survey)
        return Fraction(_total(self.above, survey), below)


@dataclass(frozen=True, kw_only=True)
class Group:
    """How many visits a group has, and how many of them are counted; `rest` if it is all but the other group."""

    size: Terms
    over: Terms
    rest: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """The attributes that constraints tie together, directly or through others; the rest can be chosen apart."""

    codes: Mapping[str, Sequence[str]]
    constraints: tuple[Linear, ...]
    comparisons: tuple[Comparison, ...]
    schools: int
    exactly: bool
    _made: list[CountTables] = field(default_factory=list)

    def says_the_same(self, other: "_Part") -> bool:
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
            used |= _outside(tables, group, _range(tables, group, extra, held), extra, held)
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


class AllowedSurveys:
    """The surveys that the claims of a model allow, ready for many questions.

    Parameters
    ----------
    model
        The claims as constraints.
    exactly
        Whether comparisons are held exactly, one case for each size of the group, or at their weakest.
    like
        Another such object, whose tables are used where it says the same.
    """

    def __init__(self, model: Model, *, exactly: bool, like: "AllowedSurveys | None" = None) -> None:
        self.schools = model.schools
        self._model = model
        self._joined: dict[Names, _Part] = {}
        others: list[_Part] = like._parts if like else []
        parts = list(_parts(model, exactly))
        self._parts: list[_Part] = [next((it for it in others if it.says_the_same(part)), part) for part in parts]
        compared = [it.claim for it in model.comparisons]
        self._claims = dict.fromkeys([*(it.claim for it in model.constraints), *compared])

    def tier(self, name: str) -> Tier:
        """On what a claim rests."""
        return self._model.tiers.get(name, Tier.LOGIC)

    @property
    def unassumed(self) -> Names:
        """The claims that need no assumption."""
        return Names(name for name in self._claims if self.tier(name) != Tier.ASSUMPTION)

    @cached_property
    def contradiction(self) -> tuple[str, ...]:
        """Claims that no survey meets, none of which can be spared; empty where there is a survey."""
        for part in self._parts:
            if part.conflict() is not None:
                return self.irreducible(partial(part.conflict, ()))
        return ()

    def irreducible(self, conflict: Callable[[Names], Names | None]) -> tuple[str, ...]:
        """Claims that conflict, none of which can be spared; assumptions are dropped first and figures last."""
        return irreducible(conflict, [[it for it in self._claims if self.tier(it) == tier] for tier in _DROPPED_FIRST])

    def ask(self, quantity: Quantity) -> "Question":
        """A quantity asked of these surveys."""
        group, other = groups_of(self._model, quantity)
        names = Names().union(*(event.scope for it in (group, other or group) for _, event in (*it.size, *it.over)))
        touched = [part for part in self._parts if names & set(part.codes)] or self._parts[:1]
        key = Names(name for part in touched for name in part.codes)
        if key not in self._joined:
            self._joined[key] = touched[0] if len(touched) == 1 else _join(touched)
        return Question(self, quantity.kind, group, other, self._joined[key])

    def complete(self, part: "_Part", survey: Extreme) -> tuple[School, ...]:
        """A survey of one part with attributes of the others added, in the order of the model."""
        columns: list[tuple[School, ...]] = [survey.schools]
        for it in self._parts:
            if not set(it.codes) <= set(part.codes):
                other = it.greatest(())
                if other is None:
                    raise RuntimeError("the claims had a survey and have none now")
                columns.append(other.schools)
        rows = ({name: code for column in row for name, code in column.items()} for row in zip(*columns, strict=True))
        return tuple({name: row[name] for name in self._model.codes} for row in rows)


class Question:
    """A quantity asked of the surveys that are allowed; made by `AllowedSurveys.ask`."""

    def __init__(self, allowed: AllowedSurveys, kind: str, group: Group, other: Group | None, part: _Part) -> None:
        self._allowed, self._kind, self._group, self._other, self._part = allowed, kind, group, other, part

    def is_settled_as(self, elsewhere: "Question") -> bool:
        """Whether the same claims have to do with the quantity elsewhere."""
        return self._part is elsewhere._part

    def ends(self, held: Names | None = None) -> tuple[End, End] | None:
        """The least and the greatest value by the claims that hold; None where no survey has any value."""
        low, high = (self._end(sense, held) for sense in (-1, 1))
        return None if low is None or high is None else (low, high)

    def binding(self, sense: int, value: Fraction, first: str = "") -> tuple[str, ...]:
        """Claims that together rule out every survey beyond an end, none of which can be spared.

        If the claim `first` does so alone, it is the answer.
        """
        beyond: list[_Case] = []
        if self._rule_out(sense, value, Names(), beyond) is not None:
            return ()
        if first and self._rule_out(sense, value, Names([first]), beyond) is not None:
            return (first,)
        return self._allowed.irreducible(lambda held: self._rule_out(sense, value, held, beyond))

    def is_open(self, ends: tuple[End, End]) -> bool:
        """Whether a range is what it would be if nothing had been published."""
        low, high = ends
        pairs = ((-1, low.value), (1, high.value))
        return all(self._rule_out(sense, value, Names(), []) is not None for sense, value in pairs)

    def _end(self, sense: int, held: Names | None) -> End | None:
        part, allowed = self._part, self._allowed
        value: Fraction | None = None
        best: Extreme | None = None
        for case in self._cases(held):
            if value is None:
                found = part.greatest(_times(sense, case.above), case.extra, held)
                if found is None:
                    continue
                value, best = case.value(found), found
            while True:  # Dinkelbach (1967): move the value until no survey is beyond it
                terms, number = case.beyond(sense, value)
                found = part.greatest(terms, [*case.extra, Linear(terms=terms, low=number + 1)], held)
                if found is None:
                    break
                value, best = case.value(found), found
        if value is None or best is None:
            return None
        return End(value=value, _schools=partial(allowed.complete, part, best))

    def _cases(self, held: Names | None) -> Iterator[_Case]:
        """Each way in which the sizes of the groups can be settled."""
        group, other = self._group, self._other
        if self._kind == "number":
            yield _Case(extra=(), above=group.over, below=1)
        elif other is None:
            yield _Case(extra=(_at_least_one(group.size),), above=group.over, below=group.size)
        else:
            for size in self._range(group, (), held):
                for against in self._others(size, held):
                    yield _compare(self._kind, group, size, other, against)

    def _range(self, group: Group, extra: tuple[Linear, ...], held: Names | None) -> range:
        """The sizes that a group can have where neither is empty."""
        return _range(self._part, group.size, (*self._some(), *extra), held)

    def _others(self, size: int, held: Names | None) -> range:
        """The sizes that the other group can have where one has some size."""
        if self._other is None or self._other.rest:
            rest = self._part.schools - size
            return range(rest, rest + 1)
        return self._range(self._other, (_just(self._group.size, size),), held)

    def _some(self) -> tuple[Linear, ...]:
        return () if self._other is None else (_at_least_one(self._group.size), _at_least_one(self._other.size))

    def _rule_out(self, sense: int, value: Fraction, held: Names, beyond: list[_Case]) -> Names | None:
        """Claims among those that hold which suffice to rule out every survey beyond a value; None if there is one.

        In `beyond` are left the sizes of the groups where there was a survey beyond, to be looked at first.
        """
        used = Names()
        for case in chain(beyond[-1:], self._cases(held)):
            terms, number = case.beyond(sense, value)
            found = self._part.conflict([*case.extra, Linear(terms=terms, low=number + 1)], held)
            if found is None:
                beyond.append(case)
                return None
            used |= found
        return used | self._settle(held)

    def _settle(self, held: Names) -> Names:
        """The claims that rule out all sizes of the groups other than those of the cases."""
        if self._other is None:
            return Names()
        group, other, some = self._group, self._other, self._some()
        sizes = self._range(group, (), held)
        used = _outside(self._part, group.size, sizes, some, held)
        for size in () if other.rest else sizes:
            extra = (*some, _just(group.size, size))
            used |= _outside(self._part, other.size, self._others(size, held), extra, held)
        return used


def groups_of(model: Model, quantity: Quantity) -> tuple[Group, Group | None]:
    """What is counted among which visits; and the other group where two are compared."""
    among = quantity.among or ({},)
    over = model.event(quantity.of, among)
    if quantity.kind == "number":
        return Group(size=(), over=((1, over),)), None
    applies = [model.applicable(quantity.of)]
    one = Group(size=((1, model.event(among, applies)),), over=((1, over),))
    if quantity.kind == "share":
        return one, None
    if quantity.against is not None:
        size = model.event(quantity.against, applies)
        return one, Group(size=((1, size),), over=((1, model.event(quantity.of, quantity.against)),))
    everyone, anywhere = model.event(applies), model.event(quantity.of)
    rest = ((1, everyone), *_times(-1, one.size))
    return one, Group(size=rest, over=((1, anywhere), *_times(-1, one.over)), rest=not everyone.scope)


def _parts(model: Model, exactly: bool) -> Iterator[_Part]:
    """The model taken apart where no constraint ties attributes together."""
    scopes = [Names().union(*it.scopes) for it in model.constraints] + [it.scope for it in model.comparisons]
    left = dict.fromkeys(model.codes)
    while left:
        names = {next(iter(left))}
        while more := Names().union(*(scope for scope in scopes if scope & names)) - names:
            names |= more
        yield _Part(
            codes={name: codes for name, codes in model.codes.items() if name in names},
            constraints=tuple(it for it in model.constraints if Names().union(*it.scopes) & names),
            comparisons=tuple(it for it in model.comparisons if it.scope & names),
            schools=model.schools,
            exactly=exactly,
        )
        left = {name: None for name in left if name not in names}


def _join(parts: Sequence[_Part]) -> _Part:
    return _Part(
        codes={name: codes for part in parts for name, codes in part.codes.items()},
        constraints=tuple(it for part in parts for it in part.constraints),
        comparisons=tuple(it for part in parts for it in part.comparisons),
        schools=parts[0].schools,
        exactly=parts[0].exactly,
    )


def _compare(kind: str, group: Group, size: int, other: Group, against: int) -> _Case:
    """A difference or a ratio of shares where the sizes are settled."""
    extra = (_just(group.size, size), _just(other.size, against))
    above = _times(against, group.over)
    if kind == "difference":
        return _Case(extra=extra, above=(*above, *_times(-size, other.over)), below=size * against)
    return _Case(extra=(*extra, _at_least_one(other.over)), above=above, below=_times(size, other.over))


def _times(factor: int, terms: Terms) -> Terms:
    return tuple((factor * times, event) for times, event in terms)


def _at_least_one(terms: Terms) -> Linear:
    return Linear(terms=terms, low=1)


def _just(terms: Terms, number: int) -> Linear:
    return Linear(terms=terms, low=number, high=number)


def _range(surveys: "_Part | CountTables", terms: Terms, extra: tuple[Linear, ...], held: Names | None) -> range:
    """From the least to the greatest value of a sum."""
    most, least = (surveys.greatest(_times(sense, terms), extra=extra, held=held) for sense in (1, -1))
    return range(0) if most is None or least is None else range(-least.value, most.value + 1)


def _outside(
    surveys: "_Part | CountTables", terms: Terms, values: range, extra: tuple[Linear, ...], held: Names | None
) -> Names:
    """The claims that rule out all other values."""
    if not values:
        return surveys.conflict(extra=extra, held=held) or Names()
    beyond = (Linear(terms=terms, high=values.start - 1), Linear(terms=terms, low=values.stop))
    return Names().union(*(surveys.conflict(extra=[*extra, it], held=held) or Names() for it in beyond))


def _given(group: Event, extra: Sequence[Linear]) -> int | None:
    """The size of a group where constraints give it."""
    return next((it.low for it in extra if it.low == it.high and it.terms == ((1, group),)), None)


def _total(terms: Terms, survey: Extreme) -> int:
    return sum(times * survey.number(event) for times, event in terms)


def _sizes(
    tables: CountTables, comparisons: Sequence[Comparison], extra: tuple[Linear, ...], held: Names | None
) -> Iterator[tuple[Linear, ...]]:
    """Comparisons exactly, as further linear constraints: one case for each size that each group can have."""
    if not comparisons:
        yield extra
        return
    first, *rest = comparisons
    for size in _range(tables, ((1, first.group),), extra, held):
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
