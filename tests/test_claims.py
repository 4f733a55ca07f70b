"""The published statements: every sentence accounted for, bad data told as prose, and what a figure leaves possible."""

import csv
import subprocess
import sys
from collections import Counter
from dataclasses import FrozenInstanceError, replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.claims import KINDS, SCOPES, THEMES, Claim, Claims
from survey_analysis.claims_file import check_columns, read_claims
from survey_analysis.constraints import BOUGHT_IN, EXCLUDES
from survey_analysis.errors import InputError
from survey_analysis.readings import READINGS, possible_counts, rounded_percent
from survey_analysis.resources import DATA

GRADES = {"outstanding": (5, 3), "good": (12, 7), "satisfactory": (54, 32), "inadequate": (29, 17)}
PROVIDERS = {"music-service": (51, 30), "music-service-and-private": (22, 13), "private": (17, 10)} | {
    "own-staff-or-none": (10, 6)
}
TES = {f"grade-{grade}": figures for grade, figures in GRADES.items()} | {
    f"tuition-{provider}": figures for provider, figures in PROVIDERS.items()
}
SISTERS = ("making-more-of-music", "wider-still", "what-hubs-must-do")


@pytest.fixture(scope="module")
def claims() -> Claims:
    return read_claims()


# ------------------------------------------------------------------------------------------------ the shipped claims


def test_every_sentence_of_the_summary_is_claimed_or_said_not_to_be_checkable(claims: Claims) -> None:
    claimed = {claim.place for claim in claims if claim.source == "summary"}
    assert set(claims.places) == claimed | set(claims.not_checkable)
    assert not claimed & set(claims.not_checkable)
    assert all(len(reason.split()) >= 4 for reason in claims.not_checkable.values())


def test_the_outline_has_every_part_of_the_summary_with_its_sentences(claims: Claims) -> None:
    introduction = [f"Introduction, paragraph {n}" for n in range(1, 5)]
    actions = ["actions lead-in", *(f"action {n}" for n in range(1, 6))]
    pitfalls = ["pitfalls lead-in", *(f"pitfall {n}" for n in range(1, 6))]
    findings = [f"Key findings, {part}" for part in ["paragraph 1", *actions, *pitfalls]]
    assert list(claims.summary) == ["Heading", *introduction, *findings, "Footer"]
    assert len(claims.places) == 41
    assert sum(map(sum, claims.summary.values())) == 712
    assert claims.places[0] == "Heading, sentence 1"


def test_the_headline_is_ten_of_59_and_counts_two_columns_at_once(claims: Claims) -> None:
    claim = claims["good-use-and-value"]
    assert (claim.count, claim.base, claim.scope, claim.assumptions) == (10, 59, "the 59", ())
    assert claim.place == "Key findings, paragraph 1, sentence 4"
    at_least_good = ("outstanding", "good")
    assert claim.counts == ({"partnership_use": at_least_good, "value_for_money": at_least_good},)


@pytest.mark.parametrize(("name", "figures"), TES.items())
def test_a_printed_percentage_stands_for_one_count_of_59_and_says_what_it_rests_on(
    claims: Claims, name: str, figures: tuple[int, int]
) -> None:
    claim = claims[name]
    assert (claim.percent, claim.count) == figures
    assert (claim.kind, claim.base, claim.base_inferred) == ("percent", 59, True)
    assert claim.possible_counts() == (claim.count,)
    both = ("tes-base-59", "tes-grade-is-use")
    assert claim.assumptions == (both if name.startswith("grade-") else both[:1])


def test_each_column_of_percentages_adds_up_to_the_59(claims: Claims) -> None:
    for prefix in ("grade-", "tuition-"):
        column = [claims[name] for name in TES if name.startswith(prefix)]
        assert sum(claim.count or 0 for claim in column) == 59
        assert sum(claim.percent or 0 for claim in column) == 100


def test_the_times_agrees_with_the_percentages(claims: Claims) -> None:
    assert claims["times-outstanding"].possible_counts() == (claims["grade-outstanding"].count,)
    assert claims["grade-inadequate"].count in claims["times-inadequate"].possible_counts()


def test_what_stays_outside_the_59_is_not_counted_in_the_visits(claims: Claims) -> None:
    outside = [claim for claim in claims if claim.scope != "the 59"]
    assert [claim.id for claim in outside if claim.counts is not None] == []
    assert (claims["good-practice-visits"].count, claims["good-practice-visits"].scope) == (6, "further visits")
    assert (claims["case-studies"].count, claims["case-studies"].scope) == (8, "case studies")
    assert claims["schools-visited"].counts == ({},)


@pytest.mark.parametrize("theme", THEMES)
def test_each_theme_has_an_action_among_the_successful_and_a_pitfall(claims: Claims, theme: str) -> None:
    name = theme.replace("_", "-")
    action, pitfall = claims[f"action-{name}"], claims[f"pitfall-{name}"]
    assert (action.kind, action.counts) == ("action", ({theme: ("action",)},))
    assert (action.among, pitfall.among) == (claims.groups["successful"], claims.groups["limited-effect"])
    assert (pitfall.kind, pitfall.counts) == ("pitfall", ({theme: ("pitfall",)},))
    number = list(THEMES).index(theme) + 1
    assert action.place.startswith(f"Key findings, action {number}, ")
    assert pitfall.place.startswith(f"Key findings, pitfall {number}, ")
    for claim in claims:
        if claim.source == "summary" and f" {number}, sentence" in claim.place and claim.place.startswith("Key"):
            assert claim.theme in ({theme} if "paragraph" not in claim.place else {None})


GOOD, BELOW = ("outstanding", "good"), ("satisfactory", "inadequate")


def test_the_two_groups_are_the_ten_and_all_the_others(claims: Claims) -> None:
    assert dict(claims.groups) == {
        "successful": ({"partnership_use": GOOD, "value_for_money": GOOD},),
        "limited-effect": ({"partnership_use": BELOW}, {"value_for_money": BELOW}),
    }
    assert claims.groups["successful"] == claims["good-use-and-value"].counts


def test_whatever_is_counted_in_a_group_says_who_is_taken_for_it_and_that_they_are_of_the_59(claims: Claims) -> None:
    needed = {
        "action": ("successful-are-the-ten", "themes-are-of-the-59"),
        "pitfall": ("limited-effect-is-the-rest", "themes-are-of-the-59"),
    }
    groups = {"action": "successful", "pitfall": "limited-effect"}
    counted = [claim for claim in claims if claim.kind in needed and claim.counts is not None]
    assert {claim.kind for claim in counted} == set(needed)
    for claim in counted:
        assert claim.among == claims.groups[groups[claim.kind]], claim.id
        assert claim.assumptions == needed[claim.kind], claim.id


def test_improved_outcomes_are_long_term_and_for_every_group(claims: Claims) -> None:
    claim = claims["improved-outcomes"]
    assert (claim.kind, claim.quantifier, claim.among) == ("quantifier", "too rarely", None)
    assert claim.counts == ({"long_term_outcomes": ("yes",), "all_groups_benefit": ("yes",)},)


def test_every_ordering_that_is_counted_is_of_one_code_and_every_comparison_has_a_group(claims: Claims) -> None:
    orderings = [claim for claim in claims if claim.kind == "ordering" and claim.counts is not None]
    assert orderings
    for claim in orderings:
        [condition] = claim.counts or ()
        [codes] = condition.values()
        assert len(codes) == 1
    comparisons = [claim for claim in claims if claim.kind == "comparison" and claim.counts is not None]
    assert [claim.id for claim in comparisons] == ["poor-value-without-monitoring"]
    assert all(claim.among for claim in comparisons)


def test_widening_gaps_are_either_gap_and_each_alone(claims: Claims) -> None:
    both = claims["widening-gaps"]
    alone = [claims[f"widening-gaps-{what}"] for what in ("participation", "achievement")]
    assert both.counts == tuple(condition for claim in alone for condition in claim.counts or ())
    assert {claim.quantifier for claim in [both, *alone]} == {"often"}
    assert claims["widening-gaps-gcse"].counts is None


@pytest.mark.parametrize("source", SISTERS)
def test_sister_surveys_say_what_they_graded_and_are_not_comparable(claims: Claims, source: str) -> None:
    sisters = [claim for claim in claims if claim.source == source]
    assert sisters
    assert {(claim.scope, claim.comparable, bool(claim.about)) for claim in sisters} == {("sister survey", False, True)}


def test_sister_figures_are_those_that_were_seen(claims: Claims) -> None:
    figures = {claim.id: (claim.count, claim.base) for claim in claims if claim.source in SISTERS and claim.count}
    assert (
        sum(figures[f"making-more-primary-{grade}"][0] or 0 for grade in ("good", "satisfactory", "inadequate")) == 84
    )
    assert figures["making-more-secondary-inadequate"] == (13, 95)
    assert claims["making-more-secondary-good"].possible_counts()[-1] == 47
    kinds = ("primary-visits", "secondary-visits", "special-visits", "primary-good-practice", "special-good-practice")
    assert [figures[f"wider-still-{kind}"] for kind in kinds] == [(n, 194) for n in (90, 90, 4, 9, 1)]
    assert [claims[f"wider-still-tuition-{who}"].percent for who in ("sen", "others")] == [6, 14]
    assert figures["what-hubs-absent"] == (8, 31)
    assert claims["what-hubs-little-difference"].possible_counts()[0] == 21
    assert [claim.id for claim in claims if claim.second_hand] == ["licence", "what-hubs-fundamentals"]


def test_every_source_and_assumption_is_used_and_every_kind_and_scope_occurs(claims: Claims) -> None:
    assert {claim.source for claim in claims} == set(claims.sources)
    used = {name for claim in claims for name in claim.assumptions}
    assert used | {EXCLUDES, BOUGHT_IN} == set(claims.assumptions)  # those two are the model's own
    assert {claim.kind for claim in claims} == set(KINDS)
    assert {claim.scope for claim in claims} == set(SCOPES)


def test_every_inferred_base_within_the_59_names_the_assumption_behind_it(claims: Claims) -> None:
    inferred = [claim for claim in claims if claim.base_inferred and claim.scope == "the 59"]
    assert inferred
    assert all("tes-base-59" in claim.assumptions for claim in inferred)


def test_statements_are_whole_sentences_and_all_different(claims: Claims) -> None:
    statements = Counter(claim.statement for claim in claims)
    assert statements.most_common(1)[0][1] == 1
    assert all(text[0].isupper() or text[0].isdigit() for text in statements)
    assert all(text.endswith(".") and len(text.split()) <= 30 for text in statements)


def test_what_cannot_be_counted_in_the_59_says_why_or_has_no_column(claims: Claims) -> None:
    for claim in claims:
        if claim.scope == "the 59" and claim.counts is None and claim.kind in ("quantifier", "comparison"):
            assert claim.note, claim.id


def test_columns_and_codes_agree_with_the_dictionary_of_the_visits(claims: Claims) -> None:
    with (DATA / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == "visits" and row["codes"]]
    check_columns(claims, {row["column"]: row["codes"].split(";") for row in rows})


def test_claims_are_found_by_id_and_number_and_cannot_be_changed(claims: Claims) -> None:
    first = claims[0]
    assert first in claims
    assert claims[first.id] is first
    assert first.id in claims
    assert "good-use-and-valeu" not in claims
    assert 10 not in claims
    assert claims[-1] is tuple(claims)[-1]
    assert len({*claims}) == len(claims)
    assert repr(claims) == f"<{len(claims)} claims from {len(claims.sources)} sources, 7 assumptions>"
    assert str(claims["publication-date"]) == (
        "publication-date: The full report came out on 5 October 2012. (summary: Footer, sentence 1)"
    )
    with pytest.raises(FrozenInstanceError):
        first.count = 60  # type: ignore[misc]


def test_a_slice_is_claims_too_with_all_that_belongs_to_them(claims: Claims) -> None:
    some = claims[2:5]
    assert isinstance(some, Claims)
    assert tuple(some) == tuple(claims)[2:5]
    assert tuple(claims[::-1]) == tuple(claims)[::-1]
    for name in ("sources", "assumptions", "summary", "not_checkable", "groups", "places"):
        assert getattr(some, name) == getattr(claims, name)
    assert some[claims[3].id] is claims[3]
    assert claims[0].id not in some
    assert repr(some).startswith("<3 claims from ")
    with pytest.raises(IndexError):
        some[3]


def test_a_claim_is_shown_as_a_paragraph_that_says_whose_words_it_is_in(claims: Claims) -> None:
    assert claims["publication-date"]._repr_html_() == (
        '<p class="finding">The full report came out on 5 October 2012. '
        "(published, in our words; summary: Footer, sentence 1)</p>"
    )
    hostile = replace(claims["publication-date"], statement="<script>")._repr_html_()
    assert "<script>" not in hostile
    assert "&lt;script&gt;" in hostile


def test_an_unknown_id_is_answered_with_the_nearest(claims: Claims) -> None:
    with pytest.raises(InputError, match=r"not 'good-use-and-valeu'; did you mean 'good-use-and-value'\?$"):
        claims["good-use-and-valeu"]


def test_importing_the_claims_needs_no_pandas_and_no_numpy() -> None:
    code = (
        "import sys, types; p = types.ModuleType('survey_analysis'); p.__path__ = [sys.argv[1]]; "
        "sys.modules['survey_analysis'] = p; import survey_analysis.claims_file as c; c.read_claims(); "
        "print(sorted({'numpy', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    package = Path(sys.modules["survey_analysis.claims"].__file__ or "").parent
    run = subprocess.run([sys.executable, "-c", code, str(package)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# ---------------------------------------------------------------------------------------------- the national context


def test_the_national_context_is_tidy_and_says_what_does_not_reconcile() -> None:
    with (DATA / "national_context.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["series", "year", "value", "unit", "scope", "source", "provenance", "note"]
    keys = [(row["series"], row["year"], row["scope"]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {row["provenance"] for row in rows} == {"published", "derived"}
    assert all(row["note"] for row in rows if row["provenance"] == "derived")
    grants = [row for row in rows if row["series"].startswith("hub grant")]
    assert [float(row["value"]) for row in grants] == [77e6, 65e6, 60e6, 171e6]
    assert all("not reconcile" in row["note"] for row in grants)
    [income] = [row for row in rows if row["series"] == "hubs: income from all sources"]
    assert income["value"] == "over 187000000", "a figure that was printed as a limit stays one"
    by_series = {(row["series"], row["year"]): float(row["value"]) for row in rows if row is not income}
    for year in ("2012/13", "2013/14"):
        some, every = (by_series[f"GCSE-or-equivalent music entrants, {who}", year] for who in ("FSM ever 6", "all"))
        share = by_series["GCSE-or-equivalent music entrants, share FSM ever 6", year]
        assert share == round(100 * some / every, 1)


# --------------------------------------------------------------------------------------------------- possible counts


@given(st.integers(1, 400).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_a_count_is_possible_under_the_percentage_that_it_is_printed_as(pair: tuple[int, int]) -> None:
    count, base = pair
    possible = possible_counts(base, percent=rounded_percent(count, base))
    assert count in possible
    assert possible == tuple(range(possible[0], possible[-1] + 1))


@given(st.integers(1, 400))
def test_the_percentages_share_out_the_counts(base: int) -> None:
    shared = [count for percent in range(101) for count in possible_counts(base, percent=percent)]
    assert shared == list(range(base + 1))


@given(st.integers(0, 200), st.integers(1, 200))
def test_rounding_is_exact_and_a_half_goes_up(count: int, extra: int) -> None:
    base = count + extra
    percent = rounded_percent(count, base)
    assert base * (2 * percent - 1) <= 200 * count < base * (2 * percent + 1)


@pytest.mark.parametrize(
    ("count", "base", "percent"), [(1, 200, 1), (1, 201, 0), (1, 8, 13), (0, 59, 0), (59, 59, 100), (44, 59, 75)]
)
def test_rounded_percent_at_the_edges(count: int, base: int, percent: int) -> None:
    assert rounded_percent(count, base) == percent


WORDS = [
    ("most", 59, 30, 59),
    ("most", 58, 30, 58),
    ("too rarely", 59, 0, 29),
    ("too rarely", 58, 0, 28),
    ("just less than half", 95, 0, 47),
    ("nearly half", 90, 0, 44),
    ("too many", 59, 1, 59),
    ("too often", 59, 1, 59),
    ("often", 59, 1, 59),
    ("no guarantee", 59, 1, 59),
    ("most frequent", 59, 1, 59),
    ("more than a quarter", 59, 15, 59),
    ("more than a quarter", 60, 16, 60),
    ("more than two thirds", 31, 21, 31),
    ("more than two thirds", 30, 21, 30),
    ("one in 20", 59, 3, 3),
    ("one in five", 184, 34, 40),
    ("a third", 123, 36, 49),
]


@pytest.mark.parametrize(("word", "base", "first", "last"), WORDS)
def test_each_word_has_its_weakest_reading(word: str, base: int, first: int, last: int) -> None:
    assert possible_counts(base, quantifier=word) == tuple(range(first, last + 1))


def test_no_reading_is_untested() -> None:
    assert {word for word, *_ in WORDS} == set(READINGS)


def test_a_count_leaves_itself_and_a_base_may_leave_nothing() -> None:
    assert possible_counts(59, count=10) == (10,)
    assert possible_counts(10, percent=12) == ()


def test_a_claim_gives_its_possible_counts_of_its_own_or_another_base(claims: Claims) -> None:
    assert claims["schools-visited"].possible_counts() == (59,)
    assert claims["grade-good"].possible_counts(base=100) == (12,)
    assert claims["widening-gaps"].possible_counts(base=2) == (1, 2)
    assert claims["action-inclusion"].possible_counts(base=2) == (0, 1, 2)
    with pytest.raises(InputError, match=r"^claim 'widening-gaps' states no base; give one, such as possible_counts"):
        claims["widening-gaps"].possible_counts()


@pytest.mark.parametrize(
    ("base", "given_as", "message"),
    [
        (0, {"percent": 12}, "base must be a whole number, 1 or more, not 0; give such a number"),
        (59.0, {"percent": 12}, "base must be a whole number, 1 or more, not 59.0; give such a number"),
        (59, {"percent": 0.12}, "percent must be a whole number from 0 to 100, not 0.12; give such a number"),
        (59, {"percent": 101}, "percent must be a whole number from 0 to 100, not 101; give such a number"),
        (59, {"count": 60}, "count must be a whole number from 0 to 59, not 60; give such a number"),
        (59, {"count": True}, "count must be a whole number from 0 to 59, not True; give such a number"),
        (59, {}, "possible_counts needs exactly one of percent, quantifier and count; give one of them"),
        (
            59,
            {"count": 1, "percent": 2},
            "possible_counts needs exactly one of percent, quantifier and count; give one of them",
        ),
    ],
)
def test_bad_calls_are_told_in_one_sentence(base: int, given_as: dict[str, int], message: str) -> None:
    with pytest.raises(InputError) as told:
        possible_counts(base, **given_as)  # type: ignore[arg-type]
    assert str(told.value) == message


def test_an_unknown_word_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        InputError, match=r"^quantifier must be one of 'most', .*, not 'mostly'; did you mean 'most'\?$"
    ):
        possible_counts(59, quantifier="mostly")


# ------------------------------------------------------------------------------- what the TES percentages leave open


def options(base: int, column: dict[str, tuple[int, int]]) -> list[tuple[int, ...]]:
    """For each printed percentage of a column, the counts of this base that it may stand for."""
    return [possible_counts(base, percent=percent) for percent, _ in column.values()]


def can_be(base: int, column: dict[str, tuple[int, int]]) -> bool:
    """Whether some choice of one possible count for each percentage adds up to the base."""
    counts = options(base, column)
    return all(counts) and sum(map(min, counts)) <= base <= sum(map(max, counts))


def test_98_bases_fit_both_columns_and_only_59_makes_good_or_outstanding_ten() -> None:
    bases = [base for base in range(10, 200) if can_be(base, GRADES) and can_be(base, PROVIDERS)]
    assert len(bases) == 98
    assert bases[:5] == [41, 59, 78, 82, 94]
    ten = [base for base in bases if 10 in {best + good for best, good in product(*options(base, GRADES)[:2])}]
    assert ten == [59]


def test_at_59_each_percentage_stands_for_exactly_one_count() -> None:
    for column in (GRADES, PROVIDERS):
        assert options(59, column) == [(count,) for _, count in column.values()]


# ----------------------------------------------------------------------------------------------- bad data, as prose

SOURCE = """
[sources.summary]
title = "A report"
publisher = "Somebody"
date = "2012"
reference = "1"
seen = "all of it"

[[summary]]
name = "Part"
sentences = [3, 4]

[[not_checkable]]
place = "Part, sentence 2"
reason = "A title, which claims nothing."

[groups]
good = { grade = ["good"] }
all = [{ grade = ["good"] }, { grade = ["bad"] }]

[[assumptions]]
id = "base"
statement = "The base is 59."
why = "Because."
rests_on = ["a"]

[[claims]]
id = "a"
statement = "Twelve of a hundred."
source = "summary"
place = "Part, sentence 1"
scope = "the 59"
kind = "percent"
percent = 12
count = 7
base = 59
assumptions = ["base"]
counts = { grade = ["good"] }
"""

ONE_CODE = (
    "claim 'a', field 'counts' of an ordering must name one column and one of its codes; put other columns in 'among'"
)
CONDITION = 'a table such as { partnership_use = ["good"] }, or a list of such tables'
KIND_LIST = ", ".join(map(repr, KINDS))


def read(tmp_path: Path, text: str) -> Claims:
    path = tmp_path / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return read_claims(path)


def test_the_small_file_behind_the_bad_ones_is_in_order(tmp_path: Path) -> None:
    [claim] = read(tmp_path, SOURCE)
    assert isinstance(claim, Claim)
    assert claim.possible_counts() == (7,)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'kind = "percent"',
            'kind = "percentage"',
            f"claim 'a', field 'kind' must be one of {KIND_LIST}, not 'percentage'; did you mean 'percent'?",
        ),
        (
            'scope = "the 59"',
            'scope = "the 95"',
            "claim 'a', field 'scope' must be one of 'the 59', 'further visits', 'case studies', 'context', "
            "'sister survey', not 'the 95'; did you mean 'the 59'?",
        ),
        (
            'source = "summary"',
            'source = "sumary"',
            "claim 'a', field 'source' must be one of 'summary', not 'sumary'; did you mean 'summary'?",
        ),
        (
            'assumptions = ["base"]',
            'assumptions = ["basis"]',
            "claim 'a', field 'assumptions' must be one of 'base', not 'basis'; did you mean 'base'?",
        ),
        (
            'rests_on = ["a"]',
            'rests_on = ["b"]',
            "assumption 'base', field 'rests_on' must be one of 'a', not 'b'",
        ),
        (
            'place = "Part, sentence 1"',
            'place = "Part, sentence 3"',
            "claim 'a', field 'place' must be a sentence of the summary, not 'Part, sentence 3'; "
            "did you mean 'Part, sentence 2'?",
        ),
        (
            'place = "Part, sentence 1"',
            'place = "p. 99"',
            "claim 'a', field 'place' must be a sentence of the summary, not 'p. 99'; "
            "the sentences are counted in [[summary]]",
        ),
        (
            'place = "Part, sentence 1"',
            'place = "Part, sentence 2"',
            "not_checkable 'Part, sentence 2', field 'place' is the place of claim 'a' too; "
            "remove the one or the other",
        ),
        (
            'place = "Part, sentence 2"',
            'place = "Part, sentence 22"',
            "not_checkable 'Part, sentence 22', field 'place' must be a sentence of the summary, "
            "not 'Part, sentence 22'; "
            "did you mean 'Part, sentence 2'?",
        ),
        ("percent = 12", "percent = 112", "claim 'a', field 'percent' must be a whole number from 0 to 100, not 112"),
        ("percent = 12", "percent = -1", "claim 'a', field 'percent' must be a whole number from 0 to 100, not -1"),
        ("percent = 12", "percent = 12.0", "claim 'a', field 'percent' must be a whole number from 0 to 100, not 12.0"),
        ("percent = 12\n", "", "claim 'a', field 'percent' is missing; a claim of kind 'percent' needs it"),
        (
            "count = 7",
            "count = 60",
            "claim 'a', field 'count' is 60, above its base of 59; correct the one or the other",
        ),
        ("count = 7", "count = -7", "claim 'a', field 'count' must be a whole number, 0 or more, not -7"),
        ("count = 7", 'count = "7"', "claim 'a', field 'count' must be a whole number, 0 or more, not '7'"),
        ("count = 7", "count = true", "claim 'a', field 'count' must be a whole number, 0 or more, not True"),
        ("base = 59", "base = 0", "claim 'a', field 'base' must be a whole number, 1 or more, not 0"),
        (
            "count = 7",
            "count = 8",
            "claim 'a', field 'count' is 8: of 59 that is printed as 14%, not as 12%; the counts that fit are 7",
        ),
        (
            "count = 7\nbase = 59",
            "count = 1\nbase = 10",
            "claim 'a', field 'count' is 1: of 10 that is printed as 10%, not as 12%; "
            "the counts that fit are none, so correct the base",
        ),
        (
            "count = 7\n",
            "",
            "claim 'a', field 'count' and field 'base' of a percentage belong together; give both or neither",
        ),
        (
            "count = 7\nbase = 59",
            "base_inferred = true",
            "claim 'a', field 'base' is missing; base_inferred = true needs it",
        ),
        (
            "base = 59",
            'base = 59\nvalue = "x"',
            "claim 'a', field 'value' does not belong to a claim of kind 'percent'; remove it, or correct the kind",
        ),
        (
            'kind = "percent"\npercent = 12\ncount = 7',
            'kind = "quantifier"',
            "claim 'a', field 'quantifier' is missing; a claim of kind 'quantifier' needs it",
        ),
        (
            'kind = "percent"\npercent = 12\ncount = 7',
            'kind = "quantifier"\nquantifier = "mosts"',
            f"claim 'a', field 'quantifier' must be one of {', '.join(map(repr, READINGS))}, not 'mosts'; "
            "did you mean 'most'?",
        ),
        (
            SOURCE[SOURCE.index('kind = "percent"') :],
            'kind = "ordering"\nquantifier = "most frequent"\ncounts = { grade = ["good"], size = ["big"] }',
            ONE_CODE,
        ),
        (
            SOURCE[SOURCE.index('kind = "percent"') :],
            'kind = "ordering"\nquantifier = "most frequent"\ncounts = { grade = ["good", "outstanding"] }',
            ONE_CODE,
        ),
        (
            SOURCE[SOURCE.index('kind = "percent"') :],
            'kind = "ordering"\nquantifier = "most frequent"\ncounts = [{ grade = ["good"] }, { grade = ["bad"] }]',
            ONE_CODE,
        ),
        (
            SOURCE[SOURCE.index('kind = "percent"') :],
            'kind = "ordering"\nquantifier = "most frequent"\ncounts = {}',
            ONE_CODE,
        ),
        (
            'kind = "percent"\npercent = 12\ncount = 7\nbase = 59',
            'kind = "comparison"',
            "claim 'a', field 'among' is missing; a comparison that is counted needs it: the group that is compared "
            "with the others",
        ),
        (
            'counts = { grade = ["good"] }',
            'counts = { grade = ["good"] }\namong = "goood"',
            "claim 'a': the group in 'among' must be one of 'good', 'all', not 'goood'; did you mean 'good'?",
        ),
        (
            'counts = { grade = ["good"] }',
            'counts = { grade = ["good"] }\namong = 5',
            f"claim 'a', field 'among' must be {CONDITION}, not 5",
        ),
        (
            'counts = { grade = ["good"] }',
            'among = "good"',
            "claim 'a', field 'counts' is missing; 'among' needs it",
        ),
        (
            'good = { grade = ["good"] }',
            'good = { grade = "good" }',
            f"group 'good' must be {CONDITION}, not {{'grade': 'good'}}",
        ),
        ('good = { grade = ["good"] }', "good = []", f"group 'good' must be {CONDITION}, not []"),
        (
            '[groups]\ngood = { grade = ["good"] }\nall = [{ grade = ["good"] }, { grade = ["bad"] }]\n',
            "[[groups]]\n",
            "groups must be one table of name and condition; write it under [groups]",
        ),
        (
            'kind = "percent"\npercent = 12\ncount = 7\nbase = 59',
            'kind = "action"\ntheme = "leaders"',
            "claim 'a', field 'theme' must be one of 'monitoring', 'inclusion', 'alignment', 'shared_practice', "
            "'leadership', not 'leaders'; did you mean 'leadership'?",
        ),
        (
            'scope = "the 59"',
            'scope = "sister survey"\ncomparable = false',
            "claim 'a', field 'about' is missing; a claim from a sister survey says what that survey graded",
        ),
        (
            'scope = "the 59"',
            'scope = "sister survey"\nabout = "singing"',
            "claim 'a', field 'comparable' must be false: another survey graded something else; "
            "write comparable = false",
        ),
        (
            'counts = { grade = ["good"] }',
            'among = { grade = ["good"] }',
            "claim 'a', field 'counts' is missing; 'among' needs it",
        ),
        (
            'counts = { grade = ["good"] }',
            'counts = { grade = "good" }',
            "claim 'a', field 'counts' must be a table such as { partnership_use = [\"good\"] }, "
            "or a list of such tables, "
            "not {'grade': 'good'}",
        ),
        (
            'counts = { grade = ["good"] }',
            "counts = []",
            "claim 'a', field 'counts' must be a table such as { partnership_use = [\"good\"] }, "
            "or a list of such tables, "
            "not []",
        ),
        (
            'statement = "Twelve of a hundred."',
            'statement = " "',
            "claim 'a', field 'statement' must be a text that is not empty, not ' '",
        ),
        (
            'statement = "Twelve of a hundred."\n',
            "",
            "claim 'a', field 'statement' is missing; add a text that is not empty",
        ),
        (
            'assumptions = ["base"]',
            "assumptions = []",
            "claim 'a', field 'assumptions' must be a list of one or more texts, not []",
        ),
        ('id = "a"\n', "", "claim number 1, field 'id' is missing; add a text that is not empty"),
        (
            "base = 59\n",
            "base = 59\nbase_infered = true\n",
            "claim 'a', field name must be one of 'id', 'statement', 'source', 'place', 'scope', 'kind', 'count', "
            "'percent', 'base', 'base_inferred', 'quantifier', 'theme', 'value', 'assumptions', 'counts', 'among', "
            "'about', 'comparable', 'note', 'second_hand', not 'base_infered'; did you mean 'base_inferred'?",
        ),
        ('seen = "all of it"\n', "", "source 'summary', field 'seen' is missing; add a text that is not empty"),
        (
            "sentences = [3, 4]",
            "sentences = [3, 4, 0]",
            "summary 'Part', field 'sentences' must be a list of whole numbers, each 1 or more, not [3, 4, 0]",
        ),
        (
            "[[claims]]",
            "[[claim]]",
            "table must be one of 'sources', 'assumptions', 'summary', 'not_checkable', 'claims', 'groups', "
            "not 'claim'; did you mean 'claims'?",
        ),
        (
            "[groups]",
            "[group]",
            "table must be one of 'sources', 'assumptions', 'summary', 'not_checkable', 'claims', 'groups', "
            "not 'group'; did you mean 'groups'?",
        ),
        (
            "[[assumptions]]",
            "[assumptions]",
            "assumptions must be written as records; begin each with [[assumptions]], a source with [sources.its-id]",
        ),
    ],
)
def test_bad_data_is_told_in_a_sentence_with_claim_field_and_repair(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert SOURCE.count(old) == 1
    with pytest.raises(InputError) as told:
        read(tmp_path, SOURCE.replace(old, new))
    assert message in str(told.value).splitlines()


@pytest.mark.parametrize(
    ("among", "expected"),
    [
        ('"good"', ({"grade": ("good",)},)),
        ('"all"', ({"grade": ("good",)}, {"grade": ("bad",)})),
        ('{ grade = ["bad"] }', ({"grade": ("bad",)},)),
        ('[{ grade = ["bad"] }]', ({"grade": ("bad",)},)),
    ],
)
def test_a_group_may_be_named_in_place_of_its_conditions(
    tmp_path: Path, among: str, expected: tuple[dict[str, tuple[str, ...]], ...]
) -> None:
    claims = read(tmp_path, f"{SOURCE}among = {among}\n")
    assert claims["a"].among == expected
    assert dict(claims.groups) == {"good": ({"grade": ("good",)},), "all": ({"grade": ("good",)}, {"grade": ("bad",)})}


def test_a_file_may_have_no_groups_and_then_none_can_be_named(tmp_path: Path) -> None:
    without = SOURCE.replace(SOURCE[SOURCE.index("[groups]") : SOURCE.index("[[assumptions]]")], "")
    assert read(tmp_path, without).groups == {}
    with pytest.raises(
        InputError, match=r"^claim 'a': the group in 'among' cannot be 'good', for there is nothing to choose from"
    ):
        read(tmp_path, f'{without}among = "good"\n')


def test_two_claims_with_one_id_are_told(tmp_path: Path) -> None:
    second = SOURCE[SOURCE.index("[[claims]]") :]
    with pytest.raises(InputError, match=r"^claim 'a', field 'id' is that of two records; give one of them another$"):
        read(tmp_path, SOURCE + second)


def test_all_problems_are_told_at_once_a_line_each(tmp_path: Path) -> None:
    second = SOURCE[SOURCE.index("[[claims]]") :].replace('id = "a"', 'id = "b"').replace("count = 7", "count = 60")
    text = SOURCE.replace("percent = 12", "percent = 112").replace('reason = "A title, which claims nothing."', "")
    with pytest.raises(InputError) as told:
        read(tmp_path, text + second)
    assert str(told.value).splitlines() == [
        "not_checkable 'Part, sentence 2', field 'reason' is missing; add a text that is not empty",
        "claim 'a', field 'percent' must be a whole number from 0 to 100, not 112",
        "claim 'b', field 'count' is 60, above its base of 59; correct the one or the other",
    ]


def test_a_file_without_claims_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^there are no claims; add at least one record under \[\[claims\]\]$"):
        read(tmp_path, "")


def test_a_missing_file_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"nowhere\.toml cannot be read \(.+\); give the path of a TOML file, or none$"
    ):
        read_claims(tmp_path / "nowhere.toml")


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"claims\.toml is not valid TOML: .*\(at line 2, .*\); correct it there$"):
        read(tmp_path, "a = 1\nb =\n")


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_bytes(b"a = '\xff'")
    with pytest.raises(InputError, match=r"claims\.toml is not a text file in UTF-8; save it as one$"):
        read_claims(path)


def test_an_unknown_column_and_an_unknown_code_name_claim_and_field(tmp_path: Path) -> None:
    claims = read(tmp_path, SOURCE)
    check_columns(claims, {"grade": ["good", "inadequate"]})
    with pytest.raises(InputError) as told:
        check_columns(claims, {"grades": ["good"], "phase": ["primary"]})
    assert str(told.value) == (
        "claim 'a', field 'counts': column must be one of 'grades', 'phase', not 'grade'; did you mean 'grades'?"
    )
    with pytest.raises(InputError) as told:
        check_columns(claims, {"grade": ["goods", "bad"]})
    assert str(told.value) == (
        "claim 'a', field 'counts': code of 'grade' must be one of 'goods', 'bad', not 'good'; did you mean 'goods'?"
    )
