"""Crisp-set qualitative comparative analysis: truth table, necessity, the conservative solution, and its guard."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_analysis.crisp_sets import OF_A_ROW, CrispSets, Whole
from survey_analysis.errors import InputError, confidence_level, of_kind, whole_number
from survey_analysis.estimates import Estimate, Estimates, Tally, worked_out
from survey_analysis.proportions import proportion

Flags = NDArray[np.bool_]
Cells = NDArray[Any]
Recipe = tuple[int, ...]
"""For each condition 0 (absent), 1 (present) or 2 (either)."""
_EXACT_UP_TO = 50_000  # ways to deal out the outcome: gone through in a second
_AT_ONCE = 4_000_000  # cells in one block of shuffles
_WORDS = {0: "absent", 1: "present", 2: "either"}
_MOST_STEPS = 200_000
_MAKERS = "CrispSets(...), theme_sets() or load_lipset()"


def truth_table(sets: CrispSets, *, incl_cut: float = 1.0, n_cut: int = 1, remainders: bool = True) -> pd.DataFrame:
    """Every combination of conditions, with the cases that have it and what became of them.

    Parameters
    ----------
    sets
        The cases.
    incl_cut
        The consistency from which a combination counts as having the outcome, above 0.5 and up to 1.
    n_cut
        The number of cases from which a combination counts as seen.
    remainders
        Whether combinations that too few cases have are listed too.

    Returns
    -------
    DataFrame
        A row for each combination: the conditions (1 or 0), n (cases), consistency (the share of them with the outcome;
        None where there is no case), outcome, cases (their names), left_out (cases with something not seen),
        provenance. The outcome is '1' from `incl_cut` upwards, '0' where at least that share lacks it, 'C' between
        (contradictory) and '?' where fewer than `n_cut` cases have the combination (a remainder).

    Raises
    ------
    InputError
        Something that is no CrispSets, a cut that is out of its range.

    Examples
    --------
    >>> from survey_analysis.crisp_sets import load_lipset
    >>> table = truth_table(load_lipset())
    >>> table["outcome"].value_counts().to_dict()
    {'?': 23, '0': 6, '1': 3}

    Notes
    -----
    A contradictory row says that the conditions do not account for the outcome: another condition is missing, or a line
    is drawn in the wrong place. It is no noise to be averaged away.

    References
    ----------
    Ragin (1987), The Comparative Method; Rihoux and De Meur (2009), in Rihoux and Ragin (eds), Configurational
    Comparative Methods, chapter 3.
    """
    rows = _Rows.of(sets, incl_cut, n_cut)
    names: dict[int, list[str]] = {}
    for name, row in zip(sets.complete.index, sets.rows, strict=True):
        names.setdefault(int(row), []).append(str(name))
    lines = [
        {
            **dict(zip(sets.conditions, bits, strict=True)),
            "n": int(rows.n[row]),
            "consistency": int(rows.having[row]) / int(rows.n[row]) if rows.n[row] else None,
            "outcome": rows.code(row),
            "cases": ", ".join(names.get(row, [])),
            "left_out": sets.left_out,
            "provenance": sets.provenance.value,
        }
        for row, bits in enumerate(product((0, 1), repeat=len(sets.conditions)))
        if remainders or rows.code(row) != "?"
    ]
    table = pd.DataFrame(lines, columns=[*sets.conditions, *OF_A_ROW])
    return table.astype({"consistency": object}).where(table.notna(), None)


def necessity(sets: CrispSets) -> pd.DataFrame:
    """For each condition and its absence: how nearly it is always there when the outcome is.

    Parameters
    ----------
    sets
        The cases.

    Returns
    -------
    DataFrame
        Rows NAME and ~NAME for each condition: condition, cases (that have it), consistency (of the cases with the
        outcome, the share that has the condition), coverage (of the cases with the condition, the share that has the
        outcome; None where no case has it), among_all (the share of all cases that has it), provenance.

    Raises
    ------
    InputError
        Cases that all have the outcome, or none of which has it.

    Examples
    --------
    >>> from survey_analysis.crisp_sets import load_lipset
    >>> table = necessity(load_lipset())
    >>> table.loc[table["consistency"] == 1, "condition"].tolist()
    ['DEV', 'LIT', 'STB']

    Notes
    -----
    A condition that nearly all cases have is necessary for anything: compare `consistency` with `among_all`, and read a
    low coverage as trivial. Necessary is meant of these cases; it is no cause.

    References
    ----------
    Ragin (2006), Set relations in social research, Political Analysis 14.
    """
    _both_outcomes(sets)
    having = sets.having == 1
    lines = []
    for name, value in product(sets.conditions, (1, 0)):
        has = sets.complete[name].to_numpy() == value
        both = int((has & having).sum())
        lines.append(
            {
                "condition": name if value else f"~{name}",
                "cases": int(has.sum()),
                "consistency": both / int(having.sum()),
                "coverage": both / int(has.sum()) if has.any() else None,
                "among_all": float(has.mean()),
                "provenance": worked_out([sets.provenance]).value,
            }
        )
    table = pd.DataFrame(lines)
    return table.astype({"coverage": object}).where(table.notna(), None)


def conservative_solution(sets: CrispSets, *, incl_cut: float = 1.0, n_cut: int = 1) -> pd.DataFrame:
    """The shortest recipes for the combinations that were seen to have the outcome, and for no others.

    A recipe is a combination of conditions present (NAME), absent (~NAME) or left out. It is a prime implicant: no
    condition can be dropped from it without covering a combination that is contradictory, a remainder or without the
    outcome. A model is a smallest set of recipes that covers all; where several are equally small, all are given.

    Parameters
    ----------
    sets, incl_cut, n_cut
        As for `truth_table`.

    Returns
    -------
    DataFrame
        A row for each recipe of each model, widest first: model, recipe, the conditions ('present', 'absent' or
        'either'), cases (that fit it), consistency (the share of them with the outcome), coverage (of the cases with
        the outcome, the share that fits), unique_coverage (the share that fits no other recipe of the model),
        model_coverage (of the whole model), left_out, provenance. It has no row where no combination has the outcome.

    Raises
    ------
    InputError
        Cases that all have the outcome, or none of which has it; a cut that is out of its range; combinations that can
        be covered in so many ways that they cannot all be gone through.

    Examples
    --------
    >>> from survey_analysis.crisp_sets import load_lipset
    >>> conservative_solution(load_lipset())[["recipe", "coverage", "unique_coverage"]].to_numpy().tolist()
    [['DEV*LIT*IND*STB', 0.75, 0.5], ['DEV*~URB*LIT*STB', 0.5, 0.25]]

    Notes
    -----
    It describes these cases in short and says nothing of combinations that nobody saw. A recipe is found in noise more
    often than one would think: see `found_in_noise` before believing one.

    References
    ----------
    Quine (1952), The problem of simplifying truth functions, American Mathematical Monthly 59; McCluskey (1956),
    Minimization of Boolean functions, Bell System Technical Journal 35; Ragin (1987), The Comparative Method.
    """
    _both_outcomes(sets)
    rows = _Rows.of(sets, incl_cut, n_cut)
    shape, total = rows.shape, int(rows.having.sum())
    primes = [tuple(map(int, place)) for place in np.argwhere(_primes(rows.on.reshape(shape)))]
    covered = {prime: frozenset(_combinations(prime)) for prime in primes}
    lines = []
    for number, model in enumerate(_smallest_covers(frozenset(np.flatnonzero(rows.on).tolist()), covered), start=1):
        widest_first = sorted(model, key=lambda it: -int(rows.having[sorted(covered[it])].sum()))
        described = [_recipe(sets, rows, covered, prime, model) for prime in widest_first]
        everything = sorted(frozenset().union(*(covered[prime] for prime in model)))
        whole = {"model_coverage": int(rows.having[everything].sum()) / total}
        lines += [{"model": f"M{number}", **line, **whole} for line in described]
    columns = ["model", "recipe", *sets.conditions, "cases", "consistency", "coverage", "unique_coverage"]
    frame = pd.DataFrame(lines, columns=[*columns, "model_coverage"])
    return frame.assign(left_out=sets.left_out, provenance=worked_out([sets.provenance]).value)


def found_in_noise(
    sets: CrispSets,
    *,
    incl_cut: float = 1.0,
    n_cut: int = 1,
    level: float = 0.95,
    resamples: int = 9_999,
    seed: int = 0,
) -> Estimates:
    """How often recipes as good as those found turn up when the outcome is dealt out to the cases by chance.

    Parameters
    ----------
    sets, incl_cut, n_cut
        As for `truth_table`.
    level
        The level of the interval for what shuffling itself leaves open, between 0 and 1.
    resamples, seed
        How many times the outcome is shuffled, and from which seed, where there are more than 50,000 ways to deal it
        out; with fewer all are gone through.

    Returns
    -------
    Estimates
        The share of shuffles with any recipe at all; with a recipe that covers as much as the widest one found; and
        with a conservative solution that covers as much as the one found. The one that was seen counts among them. The
        base is the number of shuffles. Where they were drawn, the details `simulated_from` and `simulated_to` say how
        far the drawing can be off.

    Raises
    ------
    InputError
        Cases that all have the outcome, or none of which has it, or in which no recipe is found; no resamples; a level
        or a cut that is out of its range.

    Examples
    --------
    >>> from survey_analysis.crisp_sets import load_lipset
    >>> print(found_in_noise(load_lipset())[0])
    any recipe: 98.0% (share of all 43,758 ways to deal out the outcome), base 43,758, derived

    Notes
    -----
    A small share says that these conditions and the outcome go together in these cases by more than chance readily
    gives. It does not say that the recipe is the right one of several, nor that it leads to the outcome. It covers
    neither the choice of conditions nor that of the lines between 1 and 0: who tried several must count them all.

    References
    ----------
    Marx (2010), Crisp-set qualitative comparative analysis and model specification, International Journal of Multiple
    Research Approaches 4; Braumoeller (2015), Guarding against false positives in QCA, Political Analysis 23.
    """
    _both_outcomes(sets)
    level = confidence_level(level)
    resamples, seed = whole_number("resamples", resamples), whole_number("seed", seed, least=0)
    rows = _Rows.of(sets, incl_cut, n_cut)
    if not rows.on.any():
        raise InputError(f"no recipe for {sets.outcome} is found in {sets.title}, so there is nothing to find in noise")
    ways = comb(len(sets.having), int(sets.having.sum()))
    exact = ways <= _EXACT_UP_TO
    widest, whole = (
        np.concatenate(part) for part in zip(*_dealt_out(sets, rows, None if exact else resamples, seed), strict=True)
    )
    total = int(sets.having.sum())
    asked = {
        "any recipe": whole > 0,
        f"a recipe that covers at least {100 * widest[0] / total:.0f}%": widest >= widest[0],
        f"a solution that covers at least {100 * whole[0] / total:.0f}%": whole >= whole[0],
    }
    shuffles = f"all {ways:,} ways to deal out the outcome" if exact else f"{len(whole):,} shuffles of the outcome"
    return Estimates(
        [
            _share(label, found, sets, f"share of {shuffles}", None if exact else level)
            for label, found in asked.items()
        ],
        caption=f"Recipes for {sets.outcome} when it is dealt out to the cases by chance",
        show=() if exact else ("simulated_from", "simulated_to"),
        value="share",
        note="Found in the cases as they are: the widest recipe and the conservative solution to which these compare",
    )


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """For each combination of conditions: its cases, those with the outcome, and whether it counts as having it."""

    n: Whole
    having: Whole
    on: Flags
    incl_cut: float
    n_cut: int

    @classmethod
    def of(cls, sets: CrispSets, incl_cut: float, n_cut: int) -> "_Rows":
        of_kind("sets", sets, CrispSets, _MAKERS)
        if isinstance(incl_cut, bool) or not isinstance(incl_cut, Real) or not 0.5 < incl_cut <= 1:
            raise InputError(f"incl_cut must be above 0.5 and at most 1, not {incl_cut!r}; write 0.8 for 80%")
        n_cut = whole_number("n_cut", n_cut)
        size = 2 ** len(sets.conditions)
        n = np.bincount(sets.rows, minlength=size)
        having = np.bincount(sets.rows, weights=sets.having, minlength=size).astype(np.int64)
        return cls(n=n, having=having, on=_on(n, having, incl_cut, n_cut), incl_cut=incl_cut, n_cut=n_cut)

    @property
    def shape(self) -> tuple[int, ...]:
        return (2,) * (len(self.n).bit_length() - 1)

    def code(self, row: int) -> str:
        if self.n[row] < self.n_cut:
            return "?"
        if self.on[row]:
            return "1"
        without = _on(self.n, self.n - self.having, self.incl_cut, self.n_cut)
        return "0" if without[row] else "C"


def _on(n: Whole, having: Whole, incl_cut: float, n_cut: int) -> Flags:
    return (n >= n_cut) & (having / np.maximum(n, 1) >= incl_cut) & (having > 0)


def _with_either(cells: Cells, conditions: int, joined: Callable[[Cells, Cells], Cells]) -> Cells:
    """Cells by combination, shaped (..., 2, ..., 2), extended on each axis by what holds of both: (..., 3, ..., 3)."""
    for axis in range(cells.ndim - conditions, cells.ndim):
        both = joined(cells.take(0, axis), cells.take(1, axis))
        cells = np.concatenate([cells, np.expand_dims(both, axis)], axis)
    return cells


def _primes(on: Flags) -> Flags:
    """Of all recipes, those that cover combinations with the outcome alone, and from which nothing can be dropped."""
    implies = _with_either(on, on.ndim, np.logical_and)
    prime = implies.copy()
    for axis in range(on.ndim):
        wider = np.expand_dims(implies.take(2, axis), axis)
        narrower = np.moveaxis(prime, axis, 0)[:2]
        narrower &= ~np.moveaxis(wider, axis, 0)
    return prime


def _combinations(recipe: Sequence[int]) -> Iterator[int]:
    """The numbers of the combinations that a recipe covers."""
    for bits in product(*((0, 1) if value == 2 else (value,) for value in recipe)):
        yield int("".join(map(str, bits)), 2)


def _smallest_covers(wanted: frozenset[int], covered: dict[Recipe, frozenset[int]]) -> list[list[Recipe]]:
    """All the smallest sets of recipes that cover everything wanted, each in order."""
    by_row = {row: [recipe for recipe, rows in covered.items() if row in rows] for row in wanted}
    essential = frozenset(recipes[0] for recipes in by_row.values() if len(recipes) == 1)
    left = wanted.difference(*(covered[recipe] for recipe in essential))
    steps = 0

    def search(chosen: frozenset[Recipe], left: frozenset[int], more: int) -> Iterator[frozenset[Recipe]]:
        nonlocal steps
        steps += 1
        if steps > _MOST_STEPS:
            raise InputError("the combinations can be covered in too many ways to go through; use fewer conditions")
        if not left:
            yield chosen
        elif more:
            for recipe in by_row[min(left, key=lambda row: len(by_row[row]))]:
                yield from search(chosen | {recipe}, left - covered[recipe], more - 1)

    for more in range(len(left) + 1):
        if found := set(search(essential, left, more)):
            return sorted(sorted(model) for model in found)
    return []


def _recipe(
    sets: CrispSets,
    rows: _Rows,
    covered: dict[Recipe, frozenset[int]],
    prime: Recipe,
    model: Sequence[Recipe],
) -> dict[str, object]:
    total, own = int(rows.having.sum()), sorted(covered[prime])
    alone = sorted(covered[prime].difference(*(covered[other] for other in model if other != prime)))
    parts = [("" if value else "~") + name for name, value in zip(sets.conditions, prime, strict=True) if value != 2]
    return {
        "recipe": "*".join(parts) or "any combination",
        **{name: _WORDS[value] for name, value in zip(sets.conditions, prime, strict=True)},
        "cases": int(rows.n[own].sum()),
        "consistency": int(rows.having[own].sum()) / int(rows.n[own].sum()),
        "coverage": int(rows.having[own].sum()) / total,
        "unique_coverage": int(rows.having[alone].sum()) / total,
    }


def _dealt_out(sets: CrispSets, rows: _Rows, resamples: int | None, seed: int) -> Iterator[tuple[Whole, Whole]]:
    """For the outcome as it is and then as chance deals it out: cases in the widest recipe, and in the solution."""
    conditions, size = len(sets.conditions), len(rows.n)
    block = max(1, _AT_ONCE // 3**conditions)
    in_row = np.zeros((len(sets.rows), size), dtype=np.int64)
    in_row[np.arange(len(sets.rows)), sets.rows] = 1
    for outcomes in _outcomes(sets.having, resamples, seed, block):
        having = outcomes @ in_row
        on = _on(rows.n, having, rows.incl_cut, rows.n_cut)
        shape = (len(having), *rows.shape)
        implies = _with_either(on.reshape(shape), conditions, np.logical_and)
        covers = _with_either(having.reshape(shape), conditions, np.add)
        widest = np.where(implies, covers, 0).reshape(len(having), -1).max(axis=1)
        yield widest, np.where(on, having, 0).sum(axis=1)


def _outcomes(having: Whole, resamples: int | None, seed: int, block: int) -> Iterator[Whole]:
    """Blocks of outcomes, one row each; the first row is the outcome as it is, and without resamples all are there."""
    if resamples is None:
        seen = tuple(np.flatnonzero(having))
        ways = (it for it in combinations(range(len(having)), len(seen)) if it != seen)
        places = np.array([seen, *ways])
        dealt = np.zeros((len(places), len(having)), dtype=np.int64)
        np.put_along_axis(dealt, places, 1, axis=1)
        yield from np.array_split(dealt, range(block, len(dealt), block))
        return
    yield having[None, :]
    random = np.random.default_rng(seed)
    for done in range(0, resamples, block):
        yield random.permuted(np.tile(having, (min(block, resamples - done), 1)), axis=1)


def _share(label: str, found: Flags, sets: CrispSets, method: str, level: float | None) -> Estimate:
    tally = Tally(label=label, count=int(found.sum()), base=len(found), provenance=sets.provenance)
    details: dict[str, object] = {"count": tally.count}
    if level is not None:
        limits = proportion(tally, level=level)
        details |= {"simulated_from": limits.low, "simulated_to": limits.high}
    return Estimate(
        label=label,
        value=tally.count / tally.base,
        method=method,
        base=tally.base,
        provenance=worked_out([sets.provenance]),
        assumptions=sets.assumptions,
        details=details,
    )


def _both_outcomes(sets: CrispSets) -> None:
    of_kind("sets", sets, CrispSets, _MAKERS)
    for value, words in ((1, "no case"), (0, "every case")):
        if not (sets.having == value).any():
            raise InputError(f"{words} of {sets.title} has the outcome {sets.outcome}, so nothing tells cases apart")
