"""Attacks on what goes out of new visits: is there another survey that shows the same, for every small number?

The reader has the report as one opaque text, so that nothing here supposes where a number could leak. A small number is
safe where another survey of the same shape, in which it is another, has the same report to the last sign. All small
numbers in the records are tried, those of single visits too.

That another is found is proof; that none is found is not, and means that somebody must look. Where a release is broken
on purpose, as few tries find none as find one where it is whole.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from attacked_surveys import (
    SHOWN,
    Record,
    Records,
    everything,
    pinned,
    pinned_schools,
    schema,
    secrets,
    who_makes_the_choice_again,
    words,
)

import survey_analysis as sa
from survey_analysis import release_counts
from survey_analysis.disclosure import Suppressed
from survey_analysis.linked_counts import Relations
from survey_analysis.release_counts import Released
from survey_analysis.rendering import HIDDEN
from survey_analysis.resources import EXAMPLES
from survey_analysis.single_pages import write_single_page
from survey_analysis.surveys import GROUPS, TIMES

Counts = tuple[int, int, int, int]
Pupils = dict[Record, Counts]
MANY: Counts = (40, 20, 10, 10)
"""As many pupils in every way that nothing of them need be hidden."""


def group(visit: str, characteristic: str, *counts: Counts) -> Pupils:
    """The groups of a visit, before and after; four of them, or two that are after many before."""
    keys = [(visit, characteristic, time, name) for time, name in product(TIMES, GROUPS[characteristic])]
    return dict(zip(keys, [*[MANY] * (4 - len(counts)), *counts], strict=True))


def records(pupils: Pupils, *, pounds: dict[str, int] | None = None, visits: str = "", **provenances: str) -> Records:
    names = visits or sorted({key[0] for key in pupils})
    return Records(
        pupils=pupils,
        pounds={(visit, "2025-26"): amount for visit, amount in (pounds or {}).items()},
        visits=tuple(names),
        codes={},
        dictionary=schema(**provenances),
    )


FSM_OF_A = group("A", "fsm", (40, 22, 12, 9), (20, 6, 2, 3), (41, 25, 13, 11), (19, 7, 4, 2))
FSM_OF_B = group("B", "fsm", (30, 12, 6, 4), (12, 3, 1, 2), (31, 15, 9, 8), (11, 2, 1, 1))
SEN_OF_A = group("A", "sen", (50, 25, 13, 11), (10, 3, 1, 1), (52, 29, 15, 12), (8, 3, 2, 1))
SEN_OF_B = group("B", "sen", (33, 13, 6, 5), (9, 2, 1, 1), (34, 14, 8, 8), (8, 3, 2, 1))
SEN_OF_C = group("C", "sen", (20, 9, 4, 3), (6, 3, 2, 1), (22, 9, 4, 4), (7, 2, 2, 1))
TINY = records(FSM_OF_A | FSM_OF_B, pounds={"A": 4_000, "B": 900})

SURVEYS: dict[str, Records] = {
    "two visits, one without costs": records(FSM_OF_A | FSM_OF_B, pounds={"A": 4_000}),
    "the same visits by two characteristics": records(FSM_OF_A | FSM_OF_B | SEN_OF_A | SEN_OF_B, pounds={"B": 900}),
    "one characteristic in some of the visits of another": records(FSM_OF_A | FSM_OF_B | SEN_OF_B),
    "visits that overlap in part": records(FSM_OF_A | FSM_OF_B | SEN_OF_B | SEN_OF_C, pounds={"A": 900, "C": 10}),
    "visits of which none is in both": records(FSM_OF_A | SEN_OF_B | SEN_OF_C),
    "special educational needs alone": records(SEN_OF_A | SEN_OF_C, pounds={"A": 4_000}),
    "costs of two years": replace(TINY, pounds={("A", "2025-26"): 4_000, ("B", "2024-25"): 900}),
    "invented pupils beside visits that were made": replace(TINY, dictionary=schema(pupil_groups="illustrative")),
}


# ----------------------------------------------------------------------------------------- no small number is pinned


def test_all_that_the_notebook_shows_is_read() -> None:
    """Nothing that goes out is left unread, and of everything there is a text to compare."""
    release = sa.release(TINY.survey())
    assert len(SHOWN) == 20 and "release.costs" in SHOWN
    for title in ("Pupils, over all visits", "How gaps between groups", "Cost per pupil", "What is hidden"):
        assert title in words(release)
    assert everything(release).count("</svg>") == 4


@pytest.mark.parametrize("name", SURVEYS)
def test_no_small_number_is_pinned_by_who_knows_the_rule(name: str) -> None:
    assert secrets(SURVEYS[name], below=5)
    assert pinned(SURVEYS[name], threshold=5) == {}


@pytest.mark.parametrize(("threshold", "seen"), [(3, words), (5, everything)])
def test_no_small_number_of_this_survey_is_pinned_by_who_chooses_again_for_every_survey(
    threshold: int, seen: Callable[[sa.Release], str]
) -> None:
    """Charts take a second to draw, and are compared once."""
    assert pinned(TINY, threshold=threshold, by=who_makes_the_choice_again, seen=seen) == {}


def some(chance: random.Random) -> Records:
    """A few schools in which few take part, by one or two characteristics, in the same visits or others."""
    visits = "ABCD"[: chance.randint(1, 4)]
    pupils: Pupils = {}
    for characteristic in chance.sample(list(GROUPS), chance.randint(1, 2)):
        for visit in [it for it in visits if chance.random() < 0.7] or visits[0]:
            totals = {
                time: [counts for key, counts in pupils.items() if key[0] == visit and key[2] == time] for time in TIMES
            }
            cells = [it for time in TIMES for it in _divided(chance, totals[time])]
            pupils |= group(visit, characteristic, *cells)
    return records(
        pupils, pounds={it: chance.randint(100, 9_000) for it in visits if chance.random() < 0.7}, visits=visits
    )


def _divided(chance: random.Random, known: Sequence[Counts]) -> tuple[Counts, Counts]:
    """Two groups; those of a school that was counted by something else have its totals."""
    if not known:
        return _few(chance, 40), _few(chance, 25)
    whole = tuple(map(sum, zip(*known, strict=True)))
    parts = [chance.randint(0, it // 4) for it in (whole[0] - whole[1], min(whole[1] - whole[2], whole[1] - whole[3]))]
    first = (sum(parts), parts[1], 0, 0)
    return (whole[0] - first[0], whole[1] - first[1], whole[2], whole[3]), first


def _few(chance: random.Random, most: int) -> Counts:
    pupils = chance.randint(most // 3, most)
    taking_part = chance.randint(0, min(pupils, chance.choice([8, pupils])))
    return pupils, taking_part, chance.randint(0, taking_part), chance.randint(0, taking_part)


@pytest.mark.parametrize("seed", range(5))
def test_no_small_number_of_any_survey_is_pinned(seed: int) -> None:
    chance = random.Random(seed)
    assert pinned(some(chance), threshold=chance.choice([3, 5])) == {}


EVEN: Counts = (20, 11, 6, 6)
FEW_OF_B = group("B", "fsm", (5, 1, 0, 1), (6, 1, 1, 0))
CROSSED = records(
    group("A", "fsm", EVEN, EVEN) | group("A", "sen", EVEN, EVEN) | FEW_OF_B | group("D", "fsm", EVEN, EVEN),
    pounds={"A": 90_000, "B": 31_457},
)


def test_costs_of_some_visits_and_pupils_of_others_do_not_tell_of_one() -> None:
    """Pounds per pupil on roll, taking part and going on are as 51 to 24 to 13, and so few pupils can be no others.

    In A, where needs were counted, 22 of the 24 take part, so that two are left for B. They are a number to hide.
    """
    assert pinned(CROSSED, threshold=5) == {}


# ------------------------------------------------------------------------------- an attack succeeds where it should


def test_a_number_that_is_hidden_alone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_small(counts: pd.Series, *, threshold: int, totals: None, relations: Relations) -> Suppressed:
        return Suppressed(
            table=counts.astype(object).mask((counts > 0) & (counts < threshold), HIDDEN),
            threshold=threshold,
            width=1,
            extremes="shown",
            totals=totals,
            relations=relations,
        )

    monkeypatch.setattr(release_counts, "suppress", only_small)
    found = pinned(TINY, threshold=5, by=who_makes_the_choice_again, tries=3)
    assert found[("A", "B"), "fsm", "after", "fsm", "sustained"] == 3


def test_a_gap_that_is_told_of_hidden_numbers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Released, "all_shown", lambda self, labels: True)
    found = pinned(replace(TINY, pounds={}), threshold=5, tries=3)
    assert found[("A", "B"), "fsm", "after", "fsm", "sustained"] == 3


def test_costs_that_tell_of_a_visit_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_counts, "_within_costs", lambda survey, rows, known, counts, sums: (counts, sums))
    assert pinned(CROSSED, threshold=5, tries=3)[("B",), "fsm", "after", "all", "taking_part"] == 2


# -------------------------------------------------------------------------------------------------- the whole page


@pytest.mark.slow
def test_the_pages_of_two_surveys_with_other_small_numbers_are_the_same_to_the_last_sign(tmp_path: Path) -> None:
    """From folders of tables to pages: in A four or three of the few go on, in B one or two."""
    others = {("A", "fsm", "after", "fsm"): (19, 7, 4, 3), ("B", "fsm", "after", "fsm"): (11, 2, 1, 0)}
    pages = []
    for name, pupils in {"one": TINY.pupils, "other": {**TINY.pupils, **others}}.items():
        folder = tmp_path / name / "visits"
        folder.mkdir(parents=True)
        tables = replace(TINY, pupils=pupils).survey()
        written = pd.read_csv(EXAMPLES / "visits" / "visits.csv", dtype=str, keep_default_na=False).head(2)
        written.assign(visit_id=["A", "B"]).to_csv(folder / "visits.csv", index=False)
        every = [*tables.pupil_groups.columns, "gcse_entered", "gcse_good_grade"]
        tables.pupil_groups.reindex(columns=every).to_csv(folder / "pupil_groups.csv", index=False)
        tables.costs.to_csv(folder / "costs.csv", index=False)
        page = write_single_page(folder, tmp_path / f"{name}.html", parameters={"provenance": "illustrative"})
        pages.append(page.read_bytes())
    assert b"Cost per pupil, a year" in pages[0] and b"[c]" in pages[0]
    assert pages[0] == pages[1]


# ------------------------------------------------------------------------------------------------ numbers of schools

GRADES = ("outstanding", "good", "good", "good", "inadequate")
YES = ("yes", "yes", "no", "no", "no")


def judged(number: int, **codes: tuple[str, ...]) -> Records:
    return replace(
        records({}, visits="ABCDEFG"[:number]), codes={name: written[:number] for name, written in codes.items()}
    )


@pytest.mark.parametrize(("visits", "school_threshold"), [(2, 5), (4, 3), (4, 5), (5, 5)])
def test_no_small_number_of_schools_is_pinned(visits: int, school_threshold: int) -> None:
    attacked = judged(visits, partnership_use=GRADES, value_for_money=GRADES[::-1], all_groups_benefit=YES)
    assert pinned_schools(attacked, school_threshold=school_threshold) == {}


def test_fewer_visits_than_may_be_shown_are_not_counted_by_their_grades() -> None:
    """Four grades, one each, of a number of visits below five that is hidden: there are four."""
    attacked = judged(4, partnership_use=("outstanding", "good", "satisfactory", "inadequate"))
    assert pinned_schools(attacked, school_threshold=5, by=who_makes_the_choice_again) == {}
