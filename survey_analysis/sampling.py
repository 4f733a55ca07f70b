"""Surveys drawn at random, given what must add up: exact dynamic programming over numbers of schools.

Forwards, the states that can be reached are found; backwards, with which probability each of them ends in a survey that
meets every limit; then surveys are walked through the steps with the probabilities that this leaves. Nothing is
rejected and no chain has to settle, so the draws are independent and exact up to floating point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from survey_analysis.count_states import CountStates, Floats, Limit, Places, Step
from survey_analysis.events import Codes, Event, Linear
from survey_analysis.school_classes import SchoolClasses, Split

Codings = NDArray[np.uint8]

_AT_ONCE = 1024  # surveys that are put together at a time, so that they stay in the cache of the processor


@dataclass(frozen=True, kw_only=True, eq=False)
class _Walk:
    """A step with the ways that lead to a survey: the `last` of each state, and how far chances reach.

    `reach` is the number of the state plus the sum of the chances of its ways up to and with this one.
    """

    target: Places
    count: NDArray[np.int16]
    reach: Floats
    last: Places
    is_forced: bool
    grouping: NDArray[np.int16]
    groupings: NDArray[np.uint8]

    def go(self, states: Places, rng: np.random.Generator) -> Places:
        """The way that each survey takes."""
        way = self.last[states]
        if not self.is_forced:
            way = np.minimum(np.searchsorted(self.reach, states + rng.random(len(states)), side="right"), way)
        return way


def _backwards(step: Step, after: Floats) -> tuple[_Walk, Floats]:
    """From the logarithm of the probability of success after a step: how to walk it, and the same before it."""
    chance = step.chance + after[step.target]
    alive = chance > -inf
    source, chance = step.source[alive], chance[alive]
    before, last, reach = np.full(step.states, -inf), np.zeros(step.states, dtype=np.intp), np.zeros(0)
    if len(source):
        first = np.flatnonzero(np.diff(source, prepend=-1))
        sizes = np.diff(first, append=len(source))
        greatest = np.maximum.reduceat(chance, first)
        weight = np.exp(chance - np.repeat(greatest, sizes))
        whole = np.add.reduceat(weight, first)
        before[source[first]] = greatest + np.log(whole)
        last[source[first]] = first + sizes - 1
        up_to = np.cumsum(weight)
        up_to -= np.repeat(up_to[first] - weight[first], sizes)
        reach = source + np.minimum(up_to / np.repeat(whole, sizes), 1)
    walk = _Walk(
        target=step.target[alive],
        count=step.count[alive],
        reach=reach,
        last=last,
        is_forced=len(source) == np.count_nonzero(before > -inf),
        grouping=step.grouping[alive] if len(step.groupings) else step.grouping,
        groupings=step.groupings,
    )
    return walk, before


class SurveySampler:
    """The surveys of so many schools whose sums keep to limits, each with its probability by a prior.

    Parameters
    ----------
    codes
        The codes of each attribute.
    schools
        How many schools there are.
    sums, limits
        What is added up over the schools, each within its own limits; and what is asked of several sums at once.
    masses
        For each attribute, the mass of one of its codes in the Dirichlet distribution of their chances; infinite where
        all codes are equally likely.
    given
        The condition by which the chances of every attribute that it does not name differ.
    """

    def __init__(
        self,
        codes: Codes,
        schools: int,
        sums: Sequence[Linear],
        limits: Sequence[Limit] = (),
        *,
        masses: Mapping[str, float],
        given: Event | None = None,
    ) -> None:
        self._schools = schools
        self._place = {name: place for place, name in enumerate(codes)}
        self._masses = masses
        classes = SchoolClasses(codes, sums, schools, given=given, shared=min(masses.values(), default=inf) < inf)
        self._splits = classes.splits
        states = CountStates(classes, schools, sums, limits, self._masses)
        steps = list(states.steps())
        after = np.zeros(steps[-1].targets if steps else 1)
        walks: list[_Walk] = []
        while steps:
            walk, after = _backwards(steps.pop(), after)
            walks.append(walk)
        self._walks = walks[::-1]
        self.log_probability = float(after[0]) if len(after) and states.begin_well() else -inf

    @property
    def is_possible(self) -> bool:
        """Whether any survey keeps to all limits."""
        return self.log_probability > -inf

    def draw(self, surveys: int, rng: np.random.Generator) -> Codings:
        """The number of the code that each school has: attribute by survey by school. There must be such surveys."""
        drawn = np.empty((len(self._place), surveys, self._schools), dtype=np.uint8)
        for first in range(0, surveys, _AT_ONCE):
            self._fill(drawn[:, first : first + _AT_ONCE], rng)
        return drawn

    def _fill(self, drawn: Codings, rng: np.random.Generator) -> None:
        surveys = drawn.shape[1]
        rows = np.arange(surveys)
        states = np.zeros(surveys, dtype=np.intp)
        counts = np.full((surveys, 1), self._schools)
        kinds = np.zeros((surveys, self._schools), dtype=np.uint8)
        walks = iter(self._walks)
        for split in self._splits:
            parts = _Parts(split)
            sizes = np.empty((surveys, len(parts.codes)), dtype=np.int64)
            sizes[:, parts.first] = counts
            for place in split.telling:
                *blocks, last = range(parts.first[place], parts.first[place] + len(split.branches[place].blocks))
                rest = sizes[:, blocks[0]].copy()
                for block in blocks:
                    walk = next(walks)
                    way = walk.go(states, rng)
                    sizes[:, block], states = walk.count[way], walk.target[way]
                    rest -= sizes[:, block]
                sizes[:, last] = rest
            of_school = _assigned(kinds, sizes, rng) if split.telling else kinds
            drawn[self._place[split.attribute]] = self._coded(split, parts, sizes, of_school, rng)
            after = parts.after[None, :].repeat(surveys, axis=0)
            if split.telling:
                after = walk.groupings[walk.grouping[way]][:, parts.after]
            counts = np.zeros((surveys, len(split.most_after)), dtype=np.int64)
            for part in range(len(parts.codes)):
                counts[rows, after[:, part]] += sizes[:, part]
            if len(counts[0]) > 1:
                kinds = np.take_along_axis(after, of_school.astype(np.intp), axis=1)
            else:
                kinds = np.zeros_like(kinds)

    def _coded(
        self, split: Split, parts: "_Parts", sizes: NDArray[np.int64], of_school: Codings, rng: np.random.Generator
    ) -> Codings:
        """The code of each school of a part: where there are several, by chances that the numbers of schools leave."""
        if all(len(codes) == 1 for codes in parts.codes):
            return np.array([code for (code,) in parts.codes], dtype=np.uint8)[of_school]
        codes = sum(len(block) for block in split.branches[0].blocks)
        limits = np.ones((len(sizes), len(parts.codes), codes - 1))
        for member in set(parts.member):
            chances = self._chances(split, parts, member, sizes, codes, rng)
            for part in range(len(parts.codes)):
                if parts.member[part] == member:
                    among = list(parts.codes[part])
                    reach = np.zeros((len(sizes), codes))
                    logs = chances[:, among]
                    reach[:, among] = np.exp(logs - logs.max(axis=1, keepdims=True))
                    reach = np.cumsum(reach, axis=1)
                    until = among[-1]
                    limits[:, part, :until] = reach[:, :until] / reach[:, until, None]
        drawn, code = rng.random(of_school.shape), np.zeros(of_school.shape, dtype=np.uint8)
        for number in range(codes - 1):
            code += drawn >= np.take_along_axis(limits[:, :, number], of_school.astype(np.intp), axis=1)
        return code

    def _chances(
        self, split: Split, parts: "_Parts", member: int, sizes: NDArray[np.int64], codes: int, rng: np.random.Generator
    ) -> Floats:
        """Logarithms of chances of all codes of an attribute, given the blocks that schools with these chances have."""
        mass = self._masses[split.attribute]
        if mass == inf:
            return np.zeros((len(sizes), codes))
        known = [part for part in range(len(parts.codes)) if parts.member[part] == member and parts.is_told[part]]
        chances = np.empty((len(sizes), codes))
        blocks = list(dict.fromkeys(parts.codes[part] for part in known)) or [tuple(range(codes))]
        weights = np.array([[mass * len(block) for block in blocks]]).repeat(len(sizes), axis=0)
        for part in known:
            weights[:, blocks.index(parts.codes[part])] += sizes[:, part]
        of_block = _dirichlet(weights, rng)
        for number, block in enumerate(blocks):
            within = _dirichlet(np.full((len(sizes), len(block)), mass), rng) if len(block) > 1 else 0.0
            chances[:, block] = of_block[:, [number]] + within
        return chances


class _Parts:
    """The schools of each class and block, numbered: codes, chances, class afterwards, and whether they are told."""

    def __init__(self, split: Split) -> None:
        branches = split.branches
        self.first = [sum(len(it.blocks) for it in branches[:place]) for place in range(len(branches))]
        self.codes = [block for it in branches for block in it.blocks]
        self.member = [it.member for it in branches for _ in it.blocks]
        self.is_told = [len(it.blocks) > 1 for it in branches for _ in it.blocks]
        self.after = np.array([after for it in branches for after in it.after], dtype=np.uint8)


def _assigned(kinds: Codings, sizes: NDArray[np.int64], rng: np.random.Generator) -> Codings:
    """The part of each school: within its class, every way to give the parts their sizes is equally likely."""
    surveys, schools = kinds.shape
    keys = rng.integers(0, 2**64, kinds.shape, dtype=np.uint64) >> np.uint64(8)  # what comes after the class
    keys &= ~np.uint64(0xFFFF)  # and before the school
    keys |= np.arange(schools, dtype=np.uint64)
    keys |= kinds.astype(np.uint64) << np.uint64(56)
    keys.sort(axis=1)
    order = (keys & np.uint64(0xFFFF)).astype(np.intp)
    order += schools * np.arange(surveys)[:, None]
    of_school = np.empty(surveys * schools, dtype=np.uint8)
    parts = np.tile(np.arange(sizes.shape[1], dtype=np.uint8), surveys)
    of_school[order.reshape(-1)] = np.repeat(parts, sizes.reshape(-1))
    return of_school.reshape(kinds.shape)


def _dirichlet(masses: Floats, rng: np.random.Generator) -> Floats:
    """Logarithms of shares by row, from gamma variates so that small ones do not vanish (Marsaglia and Tsang 2000)."""
    logs = np.log(rng.standard_gamma(masses + 1)) - rng.standard_exponential(masses.shape) / masses
    logs -= logs.max(axis=1, keepdims=True)
    shares: Floats = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return shares
