"""Counting in cliques gives what counting all surveys one by one gives."""

import math
from functools import cache
from itertools import combinations_with_replacement, pairwise, product
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from survey_analysis.count_tables import CELLS, CountTables
from survey_analysis.errors import InputError
from survey_analysis.events import Event, Linear

CODES = dict.fromkeys("abcd", ("yes", "no"))
TYPES = [dict(zip(CODES, codes, strict=True)) for codes in product(("yes", "no"), repeat=len(CODES))]
School = dict[str, str]


def holds(event: Event, school: School) -> bool:
    return any(all(school[name] in codes for name, codes in it.items()) for it in event.conditions)


@cache
def surveys(schools: int) -> NDArray[np.int64]:
    """How many schools each survey has of each of the `TYPES`: all surveys of so many schools."""
    places = combinations_with_replacement(range(len(TYPES)), schools)
    return np.array([np.bincount(it, minlength=len(TYPES)) for it in places])


def total(terms: tuple[tuple[int, Event], ...], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    worth = np.array([sum(times * holds(event, school) for times, event in terms) for school in TYPES])
    return np.asarray(counts @ worth)


def met(constraint: Linear, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    value = total(constraint.terms, counts)
    low, high = -math.inf if constraint.low is None else constraint.low, constraint.high
    return (value >= low) & (value <= (math.inf if high is None else high))


def problem(seed: int) -> tuple[int, list[Linear], Event]:
    """Random constraints on few schools, some of them contradictory."""
    random = Random(seed)

    def event() -> Event:
        def condition() -> dict[str, tuple[str, ...]]:
            names = random.sample(list(CODES), random.choice([1, 2, 2, 3]))
            return {name: (random.choice(("yes", "no")),) for name in names}

        return Event(conditions=tuple(condition() for _ in range(random.choice([1, 1, 2]))))

    schools = random.choice([4, 5])
    constraints = []
    for _ in range(random.randint(1, 5)):
        terms = tuple((random.choice([1, 1, 2, -1]), event()) for _ in range(random.choice([1, 1, 2])))
        limit = random.randint(-2, schools)
        low = limit if random.random() < 0.7 else None
        high = limit + random.randint(0, 2) if random.random() < 0.7 else None
        constraints.append(Linear(terms=terms, low=low, high=high))
    return schools, constraints, event()


@pytest.mark.parametrize("block", range(4))
def test_the_ends_are_those_of_all_surveys_one_by_one(block: int) -> None:
    possible = impossible = 0
    for seed in range(25 * block, 25 * (block + 1)):
        schools, constraints, asked = problem(seed)
        allowed = np.logical_and.reduce([met(it, surveys(schools)) for it in constraints])
        values = total(((1, asked),), surveys(schools)[allowed])
        tables = CountTables(CODES, constraints, schools, ask=[asked])
        least, greatest = tables.least(((1, asked),)), tables.greatest(((1, asked),))
        if not len(values):
            assert least is None
            assert greatest is None
            impossible += 1
            continue
        assert least is not None and greatest is not None
        assert (least.value, greatest.value) == (min(values), max(values)), seed
        for end in (least, greatest):
            assert len(end.schools) == schools
            survey = np.bincount([TYPES.index(dict(school)) for school in end.schools], minlength=len(TYPES))
            assert all(met(it, survey) for it in constraints), seed
            assert total(((1, asked),), survey) == end.value
        possible += 1
    assert possible >= 5 and impossible >= 5


def test_far_apart_attributes_cost_no_more_than_near_ones() -> None:
    """A chain of eighty attributes: 2 to the power of 80 combinations, in tables of four cells."""
    codes = {f"a{number:02}": ("yes", "no") for number in range(80)}
    names = list(codes)
    chain = [
        Linear(terms=((1, Event(conditions=({one: ("yes",), other: ("no",)},))),), high=0)
        for one, other in pairwise(names)
    ]
    first, last = (Event(conditions=({name: ("yes",)},)) for name in (names[0], names[-1]))
    tables = CountTables(codes, [*chain, Linear(terms=((1, first),), low=3)], 10, ask=[last])
    least = tables.least(((1, last),))
    assert least is not None and least.value == 3


def test_a_question_over_too_many_attributes_is_refused_with_the_limit() -> None:
    codes = {f"a{number}": ("yes", "no") for number in range(16)}
    everything = Event(conditions=(dict.fromkeys(codes, ("yes",)),))
    with pytest.raises(InputError, match=rf"16 attributes together .* 65,536 combinations; at most {CELLS:,} can be"):
        CountTables(codes, [], 59, ask=[everything])


def test_a_survey_of_no_school_is_refused() -> None:
    with pytest.raises(InputError, match=r"^schools must be 1 or more, not 0; a survey of none says nothing$"):
        CountTables(CODES, [], 0)
