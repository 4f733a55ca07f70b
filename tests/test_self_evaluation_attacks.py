"""Attacks on the pages of self-evaluation: are there other answers that give the same page, for every small number?

The reader has the page as a text, knows the rule, and makes the choice of what is hidden again. A small number is safe
where other answers, in which it is another, have the same page to the last sign. That others are found is proof.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, combinations_with_replacement, product
from math import comb

import pytest

import survey_analysis as sa
from survey_analysis.release_counts import released
from survey_analysis.rendering import HIDDEN, Table
from survey_analysis.self_evaluation import hub_counts, pupils_and_costs
from survey_analysis.self_evaluation.answers import Answers, CostOfSource, Participation, ThemeAnswer
from survey_analysis.self_evaluation.hub_counts import shown_parts
from survey_analysis.self_evaluation.hub_patterns import PATTERNS
from survey_analysis.self_evaluation.pupils_and_costs import SchoolNumbers
from survey_analysis.self_evaluation.statements import read_statements
from survey_analysis.surveys import GROUPS

THEMES = [theme.id for theme in read_statements().themes]
BELOW = 5

# ----------------------------------------------------------------------------------------------------------------- hub

Stands = dict[str, tuple[int, ...]]
"""Of each theme the number of schools by `PATTERNS`."""
JUDGED: Mapping[str, tuple[str, str]] = {
    "action": ("action", "nearer_action"),
    "apart": ("action", "pitfall"),
    "pitfall": ("pitfall", "pitfall"),
    "nobody": ("", "not_applicable"),
}


def person(school: int, role: str, judgements: Mapping[str, str], chosen: frozenset[str]) -> Answers:
    answers = {
        theme: ThemeAnswer(
            judgement=code,
            confidence="",
            signs=("not_looked",) * 3,
            evidence="",
            owner="",
            by=None,
            next_step="",
            priority=theme in chosen,
        )
        for theme, code in judgements.items()
    }
    statements = read_statements()
    return Answers(
        file=f"{school}-{role}.json",
        statements=(statements.title, statements.version),
        school=f"S{school}",
        role=role,
        date=date(2026, 3, 1),
        year="",
        consent_to_hub=True,
        answers=answers,
        participation=(),
        cost=(),
        pupils_reached=None,
    )


def hub_page(stands: Stands, chosen: Mapping[str, int], *, in_part: int) -> str:
    """What a hub may see of schools that stand so, with so many that chose each theme, all in one text."""
    schools = sum(stands[THEMES[0]])
    patterns = {
        theme: [it for it, n in zip(PATTERNS, stands[theme], strict=True) for _ in range(n)] for theme in THEMES
    }
    people = []
    for place in range(schools):
        priorities = frozenset(theme for theme in THEMES if place < chosen[theme])
        for role, of_two in (("head", 0), ("music_lead", 1)):
            judgements = {theme: JUDGED[patterns[theme][place]][of_two] for theme in THEMES}
            people.append(person(place, role, judgements, priorities))
        if place < in_part:
            people.append(
                replace(person(place, "governor", dict.fromkeys(THEMES, ""), frozenset()), consent_to_hub=False)
            )
    hub = sa.self_evaluation_hub(people)
    return f"{hub}{hub.pattern}{hub.priorities}"


def moved(counts: tuple[int, ...], place: int) -> Iterator[tuple[int, ...]]:
    """The other ways to divide as many schools, in which the number at a place is another; the nearest first."""
    total = sum(counts)
    ways = (
        it for it in product(range(total + 1), repeat=len(counts)) if sum(it) == total and it[place] != counts[place]
    )
    yield from sorted(ways, key=lambda it: sum(abs(a - b) for a, b in zip(it, counts, strict=True)))


def pinned_schools(stands: Stands, chosen: Mapping[str, int], *, in_part: int) -> list[str]:
    """The small numbers of schools for which no other answers give the same page."""
    schools = sum(stands[THEMES[0]])
    page = hub_page(stands, chosen, in_part=in_part)
    found = []
    for theme in THEMES[:2]:
        for place, count in enumerate(stands[theme]):
            others = moved(stands[theme], place) if 0 < count < BELOW else iter([stands[theme]])
            if not any(hub_page(stands | {theme: it}, chosen, in_part=in_part) == page for it in others):
                found.append(f"{theme}, {[*PATTERNS][place]}: {count}")
        others = _other_numbers(chosen[theme], schools)
        if not any(hub_page(stands, {**chosen, theme: it}, in_part=in_part) == page for it in others):
            found.append(f"{theme}, chosen: {chosen[theme]}")
    if not any(hub_page(stands, chosen, in_part=it) == page for it in _other_numbers(in_part, schools)):
        found.append(f"in part: {in_part}")
    return found


def _other_numbers(count: int, of: int) -> list[int]:
    """Every other number where this one, or what is left of it, is small; else the number itself."""
    is_small = 0 < count < BELOW or 0 < of - count < BELOW
    return [it for it in range(of + 1) if it != count] if is_small else [count]


def some_schools(seed: int) -> tuple[Stands, dict[str, int], int]:
    """From five to nine schools that differ on two themes, who chose what, and of how many not everybody consents."""
    chance = random.Random(seed)
    schools = chance.randint(5, 9)
    stands: Stands = dict.fromkeys(THEMES, (schools, 0, 0, 0))
    for theme in THEMES[:2]:
        drawn = chance.choices(range(4), [0.5, 0.2, 0.2, 0.1], k=schools)
        stands[theme] = tuple(drawn.count(it) for it in range(4))
    return stands, {theme: chance.randint(0, schools) for theme in THEMES}, chance.randint(0, schools)


@pytest.mark.parametrize("seed", range(6))
def test_no_small_number_of_schools_is_pinned(seed: int) -> None:
    stands, chosen, in_part = some_schools(seed)
    assert pinned_schools(stands, chosen, in_part=in_part) == []


@pytest.mark.parametrize("schools", range(BELOW, 26))
def test_of_no_division_of_schools_a_hidden_number_is_pinned(schools: int) -> None:
    """Every division in four: where one page stands for several of them, no hidden number is the same in all."""
    pages: dict[tuple[int | None, ...], list[tuple[int, ...]]] = {}
    for first, second, third in combinations_with_replacement(range(schools + 1), 3):
        parts = (first, second - first, third - second, schools - third)
        pages.setdefault(tuple(shown_parts(parts, BELOW)), []).append(parts)
    assert sum(map(len, pages.values())) == comb(schools + 3, 3)
    for page, divisions in pages.items():
        for place, shown in enumerate(page):
            found = {parts[place] for parts in divisions}
            assert len(found) > 1 if shown is None else found == {shown}
            assert shown is None or shown == 0 or shown >= BELOW
        assert None not in page or schools - sum(it or 0 for it in page) >= BELOW


def small_alone(parts: Sequence[int], threshold: int) -> list[int | None]:
    """What is hidden where nothing but the small numbers is."""
    return [None if 0 < it < threshold else it for it in parts]


def test_a_hub_that_hides_the_small_numbers_alone_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_counts, "shown_parts", small_alone)
    stands: Stands = dict.fromkeys(THEMES, (5, 0, 1, 0))
    found = pinned_schools(stands, dict.fromkeys(THEMES, 6), in_part=0)
    assert found == [f"{theme}, pitfall: 1" for theme in THEMES[:2]]


# -------------------------------------------------------------------------------------------------------------- profile

Numbers = tuple[int | None, ...]
"""On roll and taking part of each group in turn, then pupils reached."""
KEYS = [(name, group) for name, pair in GROUPS.items() for group in pair]


def numbers_shown(numbers: Numbers) -> SchoolNumbers | None:
    """What a profile shows of a school with these numbers; None where no file could hold them."""
    *counts, reached = numbers
    rows = tuple(
        Participation(characteristic=name, group=group, on_roll=roll, took_part=took)
        for (name, group), roll, took in zip(KEYS, counts[::2], counts[1::2], strict=True)
        if roll is not None and took is not None
    )
    least = max(sum(row.took_part for row in rows if row.characteristic == name) for name in GROUPS)
    if any(row.took_part > row.on_roll for row in rows) or (reached is not None and reached < least):
        return None
    head = person(1, "head", dict.fromkeys(THEMES, ""), frozenset())
    cost = (CostOfSource(source="school", pounds=9000),)
    return sa.self_evaluation_profile(replace(head, participation=rows, cost=cost, pupils_reached=reached)).numbers


def profile_page(numbers: Numbers) -> str:
    """The same in one text."""
    shown = numbers_shown(numbers)
    return f"{shown.participation}{shown.gaps}{shown.cost}" if shown else ""


def secrets(numbers: Numbers) -> dict[str, int]:
    """Every number of pupils that can be told of a group: written down, or what is left of another characteristic."""
    found: dict[str, int] = {}
    groups = {group: numbers[2 * place : 2 * place + 2] for place, (_, group) in enumerate(KEYS)}
    for group, (roll, took) in groups.items():
        if roll is not None and took is not None:
            found |= {f"{group} on roll": roll, f"{group} take part": took, f"{group} do not": roll - took}
    known = {name: [groups[it] for it in pair if groups[it][0] is not None] for name, pair in GROUPS.items()}
    rolls = [sum(roll or 0 for roll, _ in it) for it in known.values() if len(it) == 2]
    reached = numbers[-1]
    for name, pair in known.items():
        if len(pair) == 1 and rolls and reached is not None:
            [(roll, took)] = pair
            on_roll, taking_part = max(rolls) - (roll or 0), reached - (took or 0)
            found |= {f"not {name} on roll": on_roll, f"not {name} take part": taking_part}
            found[f"not {name} do not"] = on_roll - taking_part
    return found | ({} if reached is None else {"reached": reached})


def pinned_pupils(numbers: Numbers) -> list[str]:
    """The small numbers of pupils for which no other numbers nearby give the same page; up to four move at a time."""
    page, shown = profile_page(numbers), numbers_shown(numbers)
    assert shown is not None
    small = {name: count for name, count in secrets(numbers).items() if 0 < count < BELOW}
    written = [it for it in range(0, len(KEYS) * 2, 2) if numbers[it] is not None]
    cells = {first + n: row[1 + n] for first, row in zip(written, rows_of(shown), strict=True) for n in (0, 1)}
    free = [it for it, cell in cells.items() if cell == HIDDEN]
    free += [len(numbers) - 1] if numbers[-1] is not None else []
    for several in range(1, 5):
        for along in combinations(free, several):
            for steps in product((-1, 1, -2, 2, -3, 3), repeat=several):
                if not small:
                    return []
                other = list(numbers)
                for it, step in zip(along, steps, strict=True):
                    other[it] = (other[it] or 0) + step
                if min(it for it in other if it is not None) < 0:
                    continue
                told = secrets(tuple(other))
                if any(told[name] != count for name, count in small.items()) and profile_page(tuple(other)) == page:
                    small = {name: count for name, count in small.items() if told[name] == count}
    return [f"{name}: {count}" for name, count in small.items()]


def rows_of(shown: SchoolNumbers) -> Sequence[Sequence[str]]:
    assert isinstance(shown.participation, Table)
    return shown.participation.rows


_NOBODY = (None, None)
PUPILS: dict[str, Numbers] = {
    "few with free meals take part": (186, 61, 54, 3, *_NOBODY * 2, 120, 34, 120, 30, 64),
    "few in all": (40, 3, 12, 1, *_NOBODY * 2, 25, 2, 27, 2, 4),
    "one group alone, of whom few do not": (200, 197, *_NOBODY * 5, 199),
    "few who do not take part": (60, 58, 20, 15, *_NOBODY * 2, 40, 36, 40, 37, 73),
    "few on roll": (200, 80, 4, 2, *_NOBODY * 2, 100, 40, 104, 42, 82),
    "nobody knows how many in all": (90, 40, 30, 2, *_NOBODY * 2, 60, 25, 60, 17, None),
    "few of a group that is not written down do not": (186, 60, 54, 37, 200, 60, *_NOBODY * 3, 97),
    "a hundred in every group": (100, 50, 100, 3, 100, 99, *_NOBODY * 2, 100, 50, None),
}


@pytest.mark.parametrize("name", PUPILS)
def test_no_small_number_of_pupils_is_pinned(name: str) -> None:
    assert any(0 < count < BELOW for count in secrets(PUPILS[name]).values())
    assert pinned_pupils(PUPILS[name]) == []


def test_a_profile_that_hides_nothing_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pupils_and_costs, "released", lambda linked, threshold: released(linked, threshold=None))
    assert pinned_pupils((200, 60, 30, 3, *_NOBODY * 2, 110, 33, 120, 30, 63)) == ["fsm take part: 3"]
