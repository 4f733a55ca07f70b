"""Bounds of every kind agree with counting all surveys of a few schools, one by one."""

import os
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from survey_analysis.constraints import Comparison, Model, Tier
from survey_analysis.estimates import Provenance
from survey_analysis.events import Event, Linear
from survey_analysis.identification import AllowedSurveys, Names, Question
from survey_analysis.programs import irreducible
from survey_analysis.quantities import Quantity, number_of, share_difference, share_of, share_ratio
from survey_analysis.surveys import Column

PROBLEMS = int(os.environ.get("BRUTE_FORCE_PROBLEMS", "64"))
BLOCKS = 4
ATTRIBUTES = "abcd"
CODES = ("yes", "no")
COLUMNS = {
    name: Column(
        name=name, kind="code", codes=CODES, unit="", provenance=Provenance.ILLUSTRATIVE, constrained_by=(), meaning=""
    )
    for name in ATTRIBUTES
}
TYPES = [dict(zip(ATTRIBUTES, codes, strict=True)) for codes in product(CODES, repeat=len(ATTRIBUTES))]
Counts = NDArray[np.int64]


@cache
def surveys(schools: int) -> Counts:
    """Every survey of so many schools: how many there are of each type."""
    chosen = np.array(list(combinations_with_replacement(range(len(TYPES)), schools)))
    return np.stack([(chosen == kind).sum(axis=1) for kind in range(len(TYPES))], axis=1)


def counted(event: Event, among: Counts) -> Counts:
    holds = [any(all(kind[name] in codes for name, codes in it.items()) for it in event.conditions) for kind in TYPES]
    numbers: Counts = among @ np.array(holds, dtype=np.int64)
    return numbers


class Problem:
    """Random constraints, comparisons and a random question."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.schools = random.choice([4, 5, 6])
        constraints = []
        for number in range(random.randint(0, 4)):
            terms = tuple((random.choice([1, 1, 2, -1]), self.event()) for _ in range(random.choice([1, 1, 2])))
            limit = random.randint(-2, self.schools - 1)
            low = limit if random.random() < 0.7 else None
            high = limit + random.randint(0, 2) if random.random() < 0.7 else None
            constraints.append(Linear(terms=terms, low=low, high=high, claim=f"claim {number}"))
        comparisons = []
        if random.random() < 0.4:
            group, over = self.condition(), self.condition()
            inside, anywhere, of = self.both(over, group), Event(conditions=(over,)), Event(conditions=(group,))
            comparisons.append(Comparison(claim="comparison", inside=inside, anywhere=anywhere, group=of))
        self.quantity = self.question()
        self.model = Model(
            schools=self.schools,
            codes=dict.fromkeys(ATTRIBUTES, CODES),
            constraints=tuple(constraints),
            comparisons=tuple(comparisons),
            tiers={f"claim {number}": random.choice(list(Tier)) for number in range(4)}
            | {"comparison": Tier.ASSUMPTION},
            columns=COLUMNS,
        )

    def condition(self) -> dict[str, tuple[str, ...]]:
        names = self.random.sample(ATTRIBUTES, self.random.choice([1, 1, 2, 3]))
        return {name: (self.random.choice(CODES),) for name in names}

    def event(self) -> Event:
        return Event(conditions=tuple(self.condition() for _ in range(self.random.choice([1, 1, 2]))))

    @staticmethod
    def both(one: dict[str, tuple[str, ...]], other: dict[str, tuple[str, ...]]) -> Event:
        merged = {name: other.get(name, codes) for name, codes in (one | other).items()}
        clash = any(one[name] != other[name] for name in one if name in other)
        return Event(conditions=() if clash else (merged,))

    def question(self) -> Quantity:
        of, among = self.condition(), self.condition()
        against = None if self.random.random() < 0.3 else self.condition()
        kind = self.random.choice(["number", "share", "difference", "ratio", "ratio"])
        if kind == "number":
            return number_of(of)
        if kind == "share":
            return share_of(of, among=among)
        return (share_difference if kind == "difference" else share_ratio)(of, among=among, against=against)

    def allowed(self, held: Names | None = None) -> Counts:
        """All surveys that meet the claims that hold."""
        every = surveys(self.schools)
        meets = np.ones(len(every), dtype=bool)
        for it in self.model.constraints:
            if held is None or it.claim in held:
                total = sum((times * counted(event, every) for times, event in it.terms), np.zeros(len(every), int))
                meets &= (total >= (it.low if it.low is not None else -999)) & (
                    total <= (it.high if it.high is not None else 999)
                )
        for compared in self.model.comparisons:
            if held is None or compared.claim in held:
                events = (compared.inside, compared.anywhere, compared.group)
                inside, anywhere, size = (counted(event, every) for event in events)
                meets &= (size > 0) & (size < self.schools) & (self.schools * inside > size * anywhere)
        return every[meets]

    def values(self, held: Names | None = None) -> list[Fraction]:
        """The values of the question in all surveys in which it has one."""
        among = self.allowed(held)
        asked, model = self.quantity, self.model
        over = counted(model.event(asked.of, asked.among or ({},)), among)
        if asked.kind == "number":
            return [Fraction(int(number)) for number in over]
        size = counted(model.event(asked.among or ()), among)
        if asked.kind == "share":
            return [Fraction(int(a), int(n)) for a, n in zip(over, size, strict=True) if n]
        anywhere = counted(model.event(asked.of), among)
        against, base = anywhere - over, self.schools - size
        if asked.against is not None:
            against = counted(model.event(asked.of, asked.against), among)
            base = counted(model.event(asked.against), among)
        rows = zip(over.tolist(), size.tolist(), against.tolist(), base.tolist(), strict=True)
        if asked.kind == "difference":
            return [Fraction(a, n) - Fraction(b, m) for a, n, b, m in rows if n and m]
        return [Fraction(a * m, n * b) for a, n, b, m in rows if n and b]


def beyond(question: Question, problem: Problem, sense: int, value: Fraction, names: tuple[str, ...]) -> None:
    """The binding claims rule out everything beyond, and without any one of them something is beyond."""
    assert all(sense * it <= sense * value for it in problem.values(Names(names)))
    for name in names:
        assert any(sense * it > sense * value for it in problem.values(Names(names) - {name}))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_ends_and_what_binds_are_those_of_all_surveys(block: int) -> None:
    possible = impossible = 0
    for seed in range(block, PROBLEMS, BLOCKS):
        problem = Problem(seed)
        surveys_there_are = len(problem.allowed()) > 0
        allowed = AllowedSurveys(problem.model, exactly=True)
        if not surveys_there_are:
            why = allowed.contradiction
            assert why and not len(problem.allowed(Names(why))), seed
            assert all(len(problem.allowed(Names(why) - {name})) for name in why), seed
            impossible += 1
            continue
        assert allowed.contradiction == (), seed
        values, question = problem.values(), allowed.ask(problem.quantity)
        ends = question.ends()
        if not values:
            assert ends is None, seed
            continue
        assert ends is not None, seed
        low, high = ends
        assert (low.value, high.value) == (min(values), max(values)), seed
        for sense, end in ((-1, low), (1, high)):
            assert len(end.schools) == problem.schools
            beyond(question, problem, sense, end.value, question.binding(sense, end.value))
        possible += 1
    assert possible >= 5 and impossible >= 1


def test_a_comparison_that_is_left_out_would_be_found_out() -> None:
    """What the check is worth: bounds without the comparison are other bounds in some of the problems."""
    changed = 0
    for seed in range(60):
        problem = Problem(seed)
        values = problem.values()
        if values and problem.model.comparisons:
            found = AllowedSurveys(replace(problem.model, comparisons=()), exactly=True).ask(problem.quantity).ends()
            changed += found is None or (found[0].value, found[1].value) != (min(values), max(values))
    assert changed >= 3


def test_an_assumption_is_not_blamed_where_figures_alone_conflict() -> None:
    def conflict(held: frozenset[str]) -> frozenset[str] | None:
        for enough in ({"assumed"}, {"one figure", "another"}):
            if enough <= held:
                return frozenset(enough)
        return None

    assert irreducible(conflict, [["assumed"], ["word"], ["one figure", "another"]]) == ("one figure", "another")
    assert irreducible(conflict, [["word"], ["assumed", "one figure"]]) == ("assumed",)
