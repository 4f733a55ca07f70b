"""The surveys that a model allows: how far a quantity can go in them, and which claims keep it from going further."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from itertools import chain

from survey_analysis.components import Component, Names, components_of, join, ruling_out, value_range
from survey_analysis.constraints import Model, Tier, applicable
from survey_analysis.count_tables import Extreme
from survey_analysis.events import Linear, School, Terms, multiplied
from survey_analysis.programs import irreducible
from survey_analysis.quantities import Quantity

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
        above = multiplied(sense * value.denominator, self.above)
        if isinstance(self.below, int):
            return above, sense * value.numerator * self.below
        return above + multiplied(-sense * value.numerator, self.below), 0

    def value(self, survey: Extreme) -> Fraction:
        below = self.below if isinstance(self.below, int) else _total(self.below, survey)
        return Fraction(_total(self.above, survey), below)


@dataclass(frozen=True, kw_only=True)
class Group:
    """How many visits a group has, and how many of them are counted; `rest` if it is all but the other group."""

    size: Terms
    over: Terms
    rest: bool = False


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
        self._joined: dict[Names, Component] = {}
        others: list[Component] = like._parts if like else []
        parts = list(components_of(model, exactly))
        self._parts: list[Component] = [next((it for it in others if it.says_the_same(part)), part) for part in parts]
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

    def irreducible(
        self, conflict: Callable[[Names], Names | None], among: Collection[str] | None = None
    ) -> tuple[str, ...]:
        """Claims that conflict, none of which can be spared; assumptions are dropped first and figures last."""
        looked_at = [name for name in self._claims if among is None or name in among]
        return irreducible(conflict, [[it for it in looked_at if self.tier(it) == tier] for tier in _DROPPED_FIRST])

    def ask(self, quantity: Quantity) -> "Question":
        """A quantity asked of these surveys."""
        group, other = groups_of(self._model, quantity)
        names = Names().union(*(event.scope for it in (group, other or group) for _, event in (*it.size, *it.over)))
        touched = [part for part in self._parts if names & set(part.codes)] or self._parts[:1]
        key = Names(name for part in touched for name in part.codes)
        if key not in self._joined:
            self._joined[key] = touched[0] if len(touched) == 1 else join(touched)
        return Question(self, quantity.kind, group, other, self._joined[key])

    def complete(self, part: "Component", survey: Extreme) -> tuple[School, ...]:
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

    def __init__(self, allowed: AllowedSurveys, kind: str, group: Group, other: Group | None, part: Component) -> None:
        self._allowed, self._kind, self._group, self._other, self._part = allowed, kind, group, other, part

    def is_settled_as(self, elsewhere: "Question") -> bool:
        """Whether the same claims have to do with the quantity elsewhere."""
        return self._part is elsewhere._part

    def ends(self, held: Names | None = None) -> tuple[End, End] | None:
        """The least and the greatest value by the claims that hold; None where no survey has any value."""
        low, high = (self._end(sense, held) for sense in (-1, 1))
        return None if low is None or high is None else (low, high)

    def binding(self, sense: int, value: Fraction, first: Collection[str] = ()) -> tuple[str, ...]:
        """Claims that together rule out every survey beyond an end, none of which can be spared.

        If the claims `first` do so among themselves, the answer is one of theirs, though others might do so too.
        """
        beyond: list[_Case] = []
        if self._rule_out(sense, value, Names(), beyond) is not None:
            return ()
        enough = first and self._rule_out(sense, value, Names(first), beyond) is not None
        return self._allowed.irreducible(
            lambda held: self._rule_out(sense, value, held, beyond), first if enough else None
        )

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
            while (found := self._further(case, sense, value, held)) is not None:
                value, best = case.value(found), found
                if isinstance(case.below, int):  # of a sum the greatest was found, of a ratio only a greater one
                    break
        if value is None or best is None:
            return None
        return End(value=value, _schools=partial(allowed.complete, part, best))

    def _further(self, case: _Case, sense: int, value: Fraction | None, held: Names | None) -> Extreme | None:
        """A survey beyond a value, or any where there is none yet: the step of Dinkelbach (1967)."""
        if value is None:
            return self._part.greatest(multiplied(sense, case.above), case.extra, held)
        terms, number = case.beyond(sense, value)
        return self._part.greatest(terms, [*case.extra, Linear(terms=terms, low=number + 1)], held)

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
        return value_range(self._part, group.size, (*self._some(), *extra), held)

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
        used = ruling_out(self._part, group.size, sizes, some, held)
        for size in () if other.rest else sizes:
            extra = (*some, _just(group.size, size))
            used |= ruling_out(self._part, other.size, self._others(size, held), extra, held)
        return used


def groups_of(model: Model, quantity: Quantity) -> tuple[Group, Group | None]:
    """What is counted among which visits; and the other group where two are compared."""
    among = quantity.among or ({},)
    if quantity.kind == "number":
        return Group(size=(), over=((1, model.event(quantity.of, among)),)), None
    applies = [applicable(model.columns, quantity.of)]
    one = Group(size=((1, model.event(among, applies)),), over=((1, model.event(quantity.of, among, applies)),))
    if quantity.kind == "share":
        return one, None
    if quantity.against is not None:
        size, over = model.event(quantity.against, applies), model.event(quantity.of, quantity.against, applies)
        return one, Group(size=((1, size),), over=((1, over),))
    everyone, anywhere = model.event(applies), model.event(quantity.of, applies)
    rest = ((1, everyone), *multiplied(-1, one.size))
    return one, Group(size=rest, over=((1, anywhere), *multiplied(-1, one.over)), rest=not everyone.scope)


def _compare(kind: str, group: Group, size: int, other: Group, against: int) -> _Case:
    """A difference or a ratio of shares where the sizes are settled."""
    extra = (_just(group.size, size), _just(other.size, against))
    above = multiplied(against, group.over)
    if kind == "difference":
        return _Case(extra=extra, above=(*above, *multiplied(-size, other.over)), below=size * against)
    return _Case(extra=(*extra, _at_least_one(other.over)), above=above, below=multiplied(size, other.over))


def _at_least_one(terms: Terms) -> Linear:
    return Linear(terms=terms, low=1)


def _just(terms: Terms, number: int) -> Linear:
    return Linear(terms=terms, low=number, high=number)


def _total(terms: Terms, survey: Extreme) -> int:
    return sum(times * survey.number(event) for times, event in terms)
