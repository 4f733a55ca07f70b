"""Agreement between inspectors: published answers, other libraries, what must not matter, and odd cases."""

import re
import tomllib
from itertools import combinations, permutations
from math import comb, isnan, nan
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_surveys import called
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

import survey_analysis as sa
from survey_analysis import charts
from survey_analysis.agreement import APART
from survey_analysis.coefficients import COEFFICIENTS
from survey_analysis.errors import InputError
from survey_analysis.raters import Ratings
from survey_analysis.resources import DATA
from survey_analysis.surveys import Survey

SCALE = ["outstanding", "good", "satisfactory", "inadequate"]
NONE = nan
FOUR_BY_TWELVE = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
    "C": [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
}
"""Krippendorff (2011), section D; as `cac.raw4raters` in Gwet (2014), 4th edition, page 120."""

ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
"""Gwet (2014), ectopic pregnancies by two abstractors; `cont3x3abstractors` of the R package irrCAC 1.0."""

PSYCHIATRISTS = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
    [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
    [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip
"""Fleiss (1971), table 1: 30 patients, six psychiatrists each, five diagnoses."""

EVEN, SKEWED = [[40, 9], [6, 45]], [[80, 10], [5, 5]]
"""Feinstein and Cicchetti (1990): the same 85% agreement twice."""


def four_by_twelve() -> Ratings:
    return sa.ratings_from(FOUR_BY_TWELVE, codes=[1, 2, 3, 4, 5])


def crossed(counts: list[list[int]], **more: Any) -> Ratings:
    return sa.ratings_from_counts(counts, codes=[f"grade {place}" for place in range(len(counts))], **more)


def spread(counts: list[list[int]]) -> Ratings:
    """From how many raters gave each code to grades of raters who cannot be told apart."""
    rows = [np.repeat(np.arange(len(row)), row) for row in counts]
    return sa.ratings_from(pd.DataFrame(rows), codes=range(len(counts[0])))


def value(ratings: Ratings, coefficient: str, weights: str | None = None) -> float | None:
    return sa.agreement_coefficient(ratings, coefficient=coefficient, weights=weights, level=None).value


# ------------------------------------------------------------------------------------------------- published answers


@pytest.mark.parametrize(
    ("coefficient", "weights", "known", "places"),
    [
        ("krippendorff", "nominal", 0.743, 3),
        ("krippendorff", "ordinal", 0.815, 3),
        ("krippendorff", "interval", 0.849, 3),
        ("gwet", "nominal", 0.77544, 5),
        ("gwet", "linear", 0.859, 3),
        ("gwet", "quadratic", 0.91400, 5),
        ("gwet", "ordinal", 0.899, 3),
        ("fleiss", "nominal", 0.76117, 5),
        ("raw", "nominal", 0.81818, 5),
    ],
)
def test_four_raters_of_twelve_with_gaps(coefficient: str, weights: str, known: float, places: int) -> None:
    """Alpha: Krippendorff (2011), sections D and E. The others: Gwet (2014), page 120, as irrCAC (R and Python) prints
    them."""
    assert round(value(four_by_twelve(), coefficient, weights) or 0, places) == known


def test_six_psychiatrists() -> None:
    """Fleiss (1971): .430."""
    assert value(spread(PSYCHIATRISTS), "fleiss") == pytest.approx(0.430, abs=0.0005)


@pytest.mark.parametrize(
    ("coefficient", "weights", "known"),
    [
        ("raw", "nominal", 0.89),
        ("cohen", "nominal", 0.7964094),
        ("cohen", "quadratic", 0.8921569),
        ("fleiss", "nominal", 0.7962397),
        ("krippendorff", "nominal", 0.7972585),
        ("krippendorff", "interval", 0.8926487),
        ("gwet", "nominal", 0.8493305),
        ("gwet", "quadratic", 0.9402369),
    ],
)
def test_two_abstractors(coefficient: str, weights: str, known: float) -> None:
    """The vignettes of irrCAC 1.0, 'overview' and 'weighting'; Fleiss' kappa of two raters is Scott's pi."""
    assert value(crossed(ABSTRACTORS), coefficient, weights) == pytest.approx(known, abs=5e-8)


def test_two_judges_of_diagnoses() -> None:
    """Cohen (1968), table 1, 200 cases: unweighted .492."""
    table = crossed([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert value(table, "cohen", "nominal") == pytest.approx(0.492, abs=0.0005)


@pytest.mark.parametrize(("counts", "kappa", "ac1", "chance"), [(EVEN, 0.70, 0.70, 0.50), (SKEWED, 0.32, 0.81, 0.78)])
def test_the_same_raw_agreement_with_two_kappas(
    counts: list[list[int]], kappa: float, ac1: float, chance: float
) -> None:
    """Feinstein and Cicchetti (1990): .70 and .32 at 85%; AC1 by Gwet's formula, 2p(1 - p) expected by chance."""
    ratings = crossed(counts)
    assert value(ratings, "raw") == 0.85
    assert round(value(ratings, "cohen", "nominal") or 0, 2) == kappa
    assert round(value(ratings, "gwet", "nominal") or 0, 2) == ac1
    found = sa.agreement_coefficient(ratings, coefficient="cohen", weights="nominal", level=None)
    assert round(found.details["chance_agreement"], 2) == chance


# ------------------------------------------------------------------------------------------------- other computations

grades = st.lists(st.lists(st.sampled_from([None, *SCALE]), min_size=3, max_size=3), min_size=2, max_size=12)
tables = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3)


@given(tables, st.sampled_from(["nominal", "linear", "quadratic"]))
def test_cohen_is_that_of_statsmodels(counts: list[list[int]], weights: str) -> None:
    """statsmodels gives nan with a warning where kappa is undefined; ours gives None, and says why."""
    ours = value(crossed(counts), "cohen", weights)
    if ours is None:
        used = {place for row in np.argwhere(counts) for place in row}
        assert len(used) < 2
    else:
        named = {"nominal": None, "linear": "linear", "quadratic": "quadratic"}[weights]
        theirs = cohens_kappa(np.array(counts), wt=named, return_results=False)
        assert ours == pytest.approx(theirs, abs=1e-12)


@given(st.lists(st.permutations([3, 2, 1, 0]), min_size=2, max_size=9))
def test_fleiss_is_that_of_statsmodels_where_all_have_as_many_grades(counts: list[list[int]]) -> None:
    assert value(spread(counts), "fleiss") == pytest.approx(fleiss_kappa(np.array(counts)), abs=1e-12)


def plainly(rows: list[list[str | None]], coefficient: str, weights: str) -> float:
    """The coefficients pair by pair, as their definitions read; nan where undefined."""
    codes = range(len(SCALE))
    graded = [[SCALE.index(grade) for grade in row if grade is not None] for row in rows]
    paired = [row for row in graded if len(row) > 1]
    pool = [grade for row in paired for grade in row]
    if not paired:
        return nan

    def distance(one: int, other: int) -> float:
        steps = abs(one - other)
        if weights == "ordinal" and coefficient == "krippendorff":
            low, high = sorted((one, other))
            between = sum(low <= grade <= high for grade in pool)
            return float(between - (pool.count(one) + pool.count(other)) / 2) ** 2
        kinds = {"linear": steps, "quadratic": steps**2, "interval": steps**2, "ordinal": comb(steps + 1, 2)}
        return float(kinds.get(weights, steps > 0))

    def mean(values: list[float]) -> float:
        return sum(values) / len(values)

    if coefficient == "krippendorff":
        seen = sum(distance(*pair) / (len(row) - 1) for row in paired for pair in permutations(row, 2)) / len(pool)
        expected = mean([distance(*pair) for pair in permutations(pool, 2)])
    else:
        seen = mean([mean([distance(*pair) for pair in combinations(row, 2)]) for row in paired])
        seen /= max(distance(one, other) for one in codes for other in codes)
        common = [mean([row.count(code) / len(row) for row in graded if row]) for code in codes]
        if coefficient == "fleiss":
            expected = 1 - sum(share**2 for share in common)
        else:
            most = distance(0, len(SCALE) - 1)
            alike = sum(1 - distance(one, other) / most for one in codes for other in codes)
            expected = 1 - alike / (4 * 3) * sum(share * (1 - share) for share in common)
    return 1 - seen / expected if expected > 1e-12 else nan


@pytest.mark.parametrize(
    ("coefficient", "weights"),
    [(name, its) for name in ("fleiss", "krippendorff", "gwet") for its in COEFFICIENTS[name].weights],
)
@given(grades)
def test_it_is_what_the_definition_says_pair_by_pair(
    coefficient: str, weights: str, rows: list[list[str | None]]
) -> None:
    ours = value(sa.ratings_from(pd.DataFrame(rows, dtype=object), codes=SCALE), coefficient, weights)
    plain = plainly(rows, coefficient, weights)
    assert (ours is None) is isnan(plain)
    assert ours is None or ours == pytest.approx(plain, abs=1e-9)


# ----------------------------------------------------------------------------------------------- what must not matter


@given(grades)
def test_neither_the_order_of_inspectors_nor_the_direction_of_the_scale_matters(rows: list[list[str | None]]) -> None:
    frame = pd.DataFrame(rows, dtype=object)
    one = sa.agreement_table(sa.ratings_from(frame, codes=SCALE), level=None)
    for other in (sa.ratings_from(frame[[2, 0, 1]], codes=SCALE), sa.ratings_from(frame, codes=SCALE[::-1])):
        for first, second in zip(one, sa.agreement_table(other, level=None), strict=True):
            assert (first.value is None) is (second.value is None)
            assert first.value is None or first.value == pytest.approx(second.value, abs=1e-9)


@given(tables)
def test_two_grades_make_all_weights_the_same_and_no_value_is_above_one(counts: list[list[int]]) -> None:
    two = crossed([row[:2] for row in counts[:2]])
    for name, its in COEFFICIENTS.items():
        values = {value(two, name, weights) for weights in its.weights}
        assert all(it is None or it <= 1 for it in values)
        if name != "raw":
            numbers = [it for it in values if it is not None]
            assert not numbers or numbers == pytest.approx([numbers[0]] * len(numbers))


def test_every_option_changes_the_result() -> None:
    ratings, both = four_by_twelve(), crossed(ABSTRACTORS)
    alphas = {value(ratings, "krippendorff", it) for it in COEFFICIENTS["krippendorff"].weights}
    assert len(alphas) == 3 and value(ratings, "krippendorff") in alphas
    for name in ("cohen", "gwet"):
        assert len({value(both, name, it) for it in COEFFICIENTS[name].weights}) == 4
    assert value(both, "cohen") == value(both, "cohen", "linear")
    first, again, other = (sa.agreement_coefficient(ratings, seed=seed) for seed in (0, 0, 1))
    assert (first.low, first.high) == (again.low, again.high) != (other.low, other.high)
    wide = sa.agreement_coefficient(ratings, level=0.99)
    assert wide.low is not None and first.low is not None and wide.low < first.low
    assert sa.agreement_table(both, weights="quadratic") != sa.agreement_table(both)


def test_a_single_grade_counts_for_how_common_it_is_with_gwet_and_fleiss_alone() -> None:
    pairs = [["good", "good"], ["good", "inadequate"], ["inadequate", "inadequate"]]
    with_single = [*pairs, *[["inadequate", None]] * 5]
    without, more = (sa.ratings_from(pd.DataFrame(it), codes=SCALE) for it in (pairs, with_single))
    for name in COEFFICIENTS:
        assert (value(without, name) == value(more, name)) is (name not in ("fleiss", "gwet"))
    found = sa.agreement_coefficient(more)
    assert (found.base, found.details["unpaired"]) == (3, 5)


# -------------------------------------------------------------------------------------------------------- intervals


@pytest.mark.slow
@pytest.mark.parametrize("schools", [20, 59])
@pytest.mark.parametrize(
    ("coefficient", "weights"),
    [("cohen", "linear"), ("fleiss", "nominal"), ("krippendorff", "ordinal"), ("gwet", "linear"), ("raw", "nominal")],
)
def test_intervals_hold_the_true_value_about_as_often_as_they_say(coefficient: str, weights: str, schools: int) -> None:
    """Joint chances that are known: grades as skewed as the published ones, the same grade in 78%."""
    chances = [[4, 1, 0, 0], [1, 10, 5, 0], [0, 5, 40, 5], [0, 0, 5, 24]]
    found = sa.agreement_coverage(
        crossed(chances), coefficient=coefficient, weights=weights, schools=schools, repeats=500
    )
    assert found.value is not None and 0.92 <= found.value <= 0.995  # tails are widened where schools are few
    assert found.details["without_interval"] <= 10


@pytest.mark.slow
def test_intervals_hold_with_three_inspectors_and_missing_grades() -> None:
    random = np.random.default_rng(5)
    first = random.choice(4, 3000, p=[0.05, 0.15, 0.5, 0.3])
    steps = random.choice([-1, 0, 1], (3000, 3), p=[0.1, 0.75, 0.15])
    places = np.clip(first[:, None] + steps, 0, 3)
    places[random.random((3000, 3)) < 0.4] = -1
    population = Ratings(label="grades", codes=tuple(SCALE), raters=("A", "B", "C"), places=places)
    for coefficient in ("krippendorff", "gwet"):
        found = sa.agreement_coverage(population, coefficient=coefficient, schools=59, repeats=300)
        assert found.value is not None and 0.91 <= found.value <= 0.985


def test_raw_agreement_of_two_has_the_interval_of_a_share() -> None:
    found = sa.agreement_coefficient(crossed(EVEN), coefficient="raw")
    share = sa.proportion(sa.Tally(label="same", count=85, base=100))
    assert (found.low, found.high, found.method) == (share.low, share.high, "Wilson score")
    assert (found.unit, found.details["count"]) == ("share", 85)


def test_coverage_says_how_many_repeats_had_no_interval() -> None:
    nearly = crossed([[18, 1], [1, 10]])
    found = sa.agreement_coverage(nearly, coefficient="cohen", schools=20, repeats=100)
    without = found.details["without_interval"]
    assert without > 10 and found.base == 100 - without
    other = sa.agreement_coverage(nearly, coefficient="cohen", schools=20, repeats=100, seed=1)
    assert other.details != found.details
    assert found.label == "95% intervals that hold the true Cohen's kappa, linear weights, of those that were given"
    said = "share of the intervals given in 100 repeats, each of 20 schools drawn from these"
    assert (found.method, found.level) == (said, None)
    assert found.details["of_all_repeats"] == found.details["count"] / 100 < found.value


def test_the_true_alpha_is_that_of_very_many_schools_and_not_of_these_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every school written down 10,000 times is nearly very many; an interval of that width around it holds it."""
    few, many = (crossed([[times * it for it in row] for row in ([7, 2], [1, 5])]) for times in (1, 1_000))
    near = {name: value(many, name, "nominal") or 0.0 for name in ("krippendorff", "cohen")}
    far = value(few, "krippendorff", "nominal") or 0.0
    assert abs(far - near["krippendorff"]) > 0.01 and value(few, "cohen", "nominal") == pytest.approx(near["cohen"])
    for low, high, held in ((near["krippendorff"] - 1e-3, near["krippendorff"] + 1e-3, 5), (far - 1e-3, 1.0, 0)):
        monkeypatch.setattr(
            "survey_analysis.agreement._limits",
            lambda *_, low=low, high=high, **__: SimpleNamespace(low=low, high=high, level=0.95, method="set"),
        )
        found = sa.agreement_coverage(few, coefficient="krippendorff", weights="nominal", repeats=5)
        assert found.details["count"] == held


@pytest.mark.parametrize(
    ("counts", "options", "said"),
    [
        (
            [[9, 0], [0, 0]],
            {},
            "Krippendorff's alpha is undefined for these grades, so no interval can hold it",
        ),
        (EVEN, {"schools": 0}, "schools must be a whole number from 1, not 0"),
        (EVEN, {"repeats": 0}, "repeats must be a whole number from 1, not 0"),
        (
            EVEN,
            {"schools": 1, "repeats": 3},
            "none of the 3 repeats has an interval: with 1 schools there is too little",
        ),
        (EVEN, {"schools": "a"}, "schools must be a whole number from 1, not 'a'"),
        (EVEN, {"schools": 5.0}, "schools must be a whole number from 1, not 5.0"),
        (EVEN, {"repeats": 2.5}, "repeats must be a whole number from 1, not 2.5"),
        (EVEN, {"repeats": None}, "repeats must be a whole number from 1, not None"),
        (EVEN, {"seed": -1}, "seed must be a whole number from 0, not -1"),
        (EVEN, {"seed": "a"}, "seed must be a whole number from 0, not 'a'"),
        (EVEN, {"level": 95}, "level must be between 0 and 1, not 95; write 0.95 for 95%"),
    ],
)
def test_coverage_of_what_has_none_is_a_sentence(counts: list[list[int]], options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        sa.agreement_coverage(crossed(counts), **options)


# --------------------------------------------------------------------------------------------------------- odd cases


def test_grades_that_are_all_equal_agree_and_leave_kappa_and_alpha_undefined() -> None:
    found = {item.label: item for item in sa.agreement_table(crossed([[7, 0], [0, 0]]))}
    assert found["raw agreement"].value == found["Gwet's AC1"].value == 1
    for name in ("Cohen's kappa", "Fleiss' kappa", "Krippendorff's alpha, ordinal"):
        assert found[name].value is None and found[name].low is None
        assert found[name].method == "undefined: all the grades are the same, so chance leaves no disagreement"
    words = str(sa.agreement_in_words(sa.agreement_table(crossed([[7, 0], [0, 0]]))))
    assert "the same grade in 7 of 7 schools" in words
    assert words.endswith("Cohen's kappa is undefined, for all grades are 'grade 0'.")


def test_full_agreement_has_a_value_and_no_interval() -> None:
    for item in sa.agreement_table(crossed([[5, 0], [0, 6]])):
        assert item.value == 1
        if item.unit == "coefficient":
            assert (item.low, item.level) == (None, None)
            assert item.method.startswith("no interval: ")


def test_an_inspector_with_one_grade_for_all_makes_kappa_nothing() -> None:
    ratings = crossed([[8, 2], [0, 0]])
    table = sa.agreement_table(ratings)
    kappa = table[1]
    assert (kappa.label, kappa.value, kappa.low) == ("Cohen's kappa", 0, None)
    assert kappa.method == "no interval: drawing these schools again never changes the value"
    assert kappa.details["constant"] == "first inspector"
    said = "The grades of the first inspector are all the same, so kappa is 0 however often they agree."
    assert str(sa.agreement_in_words(table)).endswith(said)


@pytest.mark.parametrize("rows", [[["good", None], [None, "good"]], [[None, None]], []])
def test_without_a_school_that_two_graded_nothing_is_defined(rows: list[list[str | None]]) -> None:
    table = sa.agreement_table(sa.ratings_from(pd.DataFrame(rows, columns=["A", "B"]), codes=SCALE))
    assert {item.value for item in table} == {None} and {item.base for item in table} == {0}
    assert {item.method for item in table} == {"undefined: no schools have grades from two inspectors"}
    said = "Invented data. Agreement is undefined: no schools have grades from two inspectors (illustrative)."
    assert str(sa.agreement_in_words(table)) == said
    assert "undefined" in str(table)


def test_one_school_has_a_value_and_no_interval() -> None:
    ratings = sa.ratings_from({"A": ["good"], "B": ["inadequate"], "C": ["good"]}, codes=SCALE)
    found = sa.agreement_coefficient(ratings)
    assert found.value is not None and found.low is None
    assert found.method == "no interval: only one of the schools has two grades"


def test_a_level_of_none_is_a_value_alone() -> None:
    for item in sa.agreement_table(crossed(EVEN), level=None):
        assert (item.low, item.high, item.level, item.method) == (None, None, None, "value alone")


# -------------------------------------------------------------------------------------------------------- the paradox


def test_the_paradox_is_told_where_it_is_and_only_there() -> None:
    even, skewed = (sa.agreement_table(crossed(it, provenance="published"), level=None) for it in (EVEN, SKEWED))
    assert "skewed" not in str(sa.agreement_in_words(even))
    assert str(sa.agreement_in_words(skewed)) == (
        "The two inspectors gave the same grade in 85 of 100 schools, 85.0% (derived). Beyond chance the agreement "
        "is 0.32 by Cohen's kappa and 0.81 by Gwet's AC1. Kappa is so much lower because the grades are skewed: 87.5% "
        "of them are 'grade 0', so it expects 78.0% agreement by chance, and AC1 expects 21.9%."
    )
    assert 0.32 < 0.81 - APART < 0.70


@pytest.mark.parametrize(
    ("counts", "codes", "reason"),
    [
        ([[20, 8], [8, 20]], 4, "AC1 counts 2 codes that nobody gave"),
        ([[18, 9], [9, 18]], 3, "AC1 counts 1 code that nobody gave"),
        ([[80, 10], [5, 5]], 4, "the grades are skewed: 87.5% of them are 'grade 0'"),
        ([[40, 20, 0], [20, 40, 0], [0, 0, 1]], 3, "some codes were hardly given"),
    ],
)
def test_a_reason_is_given_for_a_low_kappa_only_where_it_holds(
    counts: list[list[int]], codes: int, reason: str
) -> None:
    """Where AC1 of the codes that were given is as near to kappa as ever, the codes that were not are the reason."""
    frame = [
        [place, other] for place, row in enumerate(counts) for other, times in enumerate(row) for _ in range(times)
    ]
    names = [f"grade {place}" for place in range(codes)]

    def among(scale: list[str]) -> Ratings:
        grades = pd.DataFrame([[names[place] for place in pair] for pair in frame], columns=["A", "B"])
        return sa.ratings_from(grades, codes=scale)

    words = str(sa.agreement_in_words(sa.agreement_table(among(names), weights="nominal", level=None)))
    assert f" Kappa is so much lower because {reason}, so it expects " in words
    given = among(names[: len(counts)])
    apart = (value(given, "gwet", "nominal") or 0) - (value(given, "cohen", "nominal") or 0)
    assert (apart < APART) is ("nobody" in reason)


def test_whoever_graded_is_called_what_they_are() -> None:
    seen = crossed(EVEN, by="observers")
    table = sa.agreement_table(seen, level=None)
    assert "The two observers gave the same grade in 85 of 100 schools" in str(sa.agreement_in_words(table))
    assert table.caption == "Agreement of two observers on grades" and seen.raters[0] == "first observer"
    titles = [charts.grade_pairs(seen).title, charts.agreement_coefficients(table).title]
    assert all(title.startswith("Invented data: Two observers gave the same grade") for title in titles)
    more = sa.ratings_from(FOUR_BY_TWELVE, codes=range(1, 6), by="observers")
    assert "among 4 observers" in str(sa.agreement_in_words(sa.agreement_table(more, level=None)))


def test_more_than_two_inspectors_are_told_by_fleiss() -> None:
    words = str(sa.agreement_in_words(sa.agreement_table(four_by_twelve())))
    assert words.startswith("Invented data. Of the pairs among 4 inspectors 81.8% [45.7% to 95.8%, 95% bootstrap over")
    assert "in 11 schools (illustrative). Beyond chance the agreement is 0.76 by Fleiss' kappa and 0.78 by" in words


def test_other_estimates_have_no_words() -> None:
    for table in (sa.Estimates([sa.agreement_coefficient(crossed(EVEN))]), sa.Estimates([])):
        with pytest.raises(InputError, match=re.escape("table must be what agreement_table() gives")):
            sa.agreement_in_words(table)


# ---------------------------------------------------------------------------------------------------------- the table


def test_the_table_holds_all_coefficients_once() -> None:
    two = [item.label for item in sa.agreement_table(crossed(ABSTRACTORS), level=None)]
    assert two == [
        "raw agreement",
        "Cohen's kappa",
        "Cohen's kappa, linear weights",
        "Fleiss' kappa",
        "Krippendorff's alpha, nominal",
        "Krippendorff's alpha, ordinal",
        "Gwet's AC1",
        "Gwet's AC2, linear weights",
    ]
    more = [item.label for item in sa.agreement_table(four_by_twelve(), level=None)]
    assert more == [name for name in two if "Cohen" not in name]
    nominal = [item.label for item in sa.agreement_table(crossed(ABSTRACTORS), weights="nominal", level=None)]
    assert nominal == [name for name in two if "linear" not in name and "ordinal" not in name]


def test_the_table_says_what_is_not_in_the_base() -> None:
    table = sa.agreement_table(four_by_twelve())
    assert table.caption == "Agreement of 4 inspectors on grades"
    assert "Not in the base, with fewer than two grades: 1 of 12." in " ".join(str(table).split())
    assert "fewer than two" not in str(sa.agreement_table(crossed(EVEN)))


def test_one_coefficient_is_that_of_the_table_under_the_name_of_what_was_graded() -> None:
    ratings = crossed(ABSTRACTORS, label="use")
    for item in sa.agreement_table(ratings):
        its = {name: item.details[name] for name in ("coefficient", "weights")}
        alone = sa.agreement_coefficient(ratings, **its)
        assert (alone.value, alone.low, alone.high) == (item.value, item.low, item.high)
        assert alone.label == f"use: {item.label}"


# ---------------------------------------------------------------------------------------------------------- bad calls


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"coefficient": "kohen"},
            "coefficient must be one of 'raw', 'cohen', 'fleiss', 'krippendorff', 'gwet', not 'kohen'; did you mean "
            "'cohen'?",
        ),
        (
            {"coefficient": "fleiss", "weights": "linear"},
            "Fleiss' kappa is nominal and takes no linear weights; take coefficient='gwet' or 'krippendorff' for "
            "grades in order",
        ),
        ({"coefficient": "raw", "weights": "x"}, "raw agreement: weights must be one of 'nominal', not 'x'"),
        (
            {"weights": "linear"},
            "Krippendorff's alpha: weights must be one of 'ordinal', 'nominal', 'interval', not 'linear'",
        ),
        (
            {"coefficient": "cohen"},
            "Cohen's kappa is for two inspectors, and grades has 4; take coefficient='fleiss' or 'krippendorff', or "
            "the columns of two",
        ),
        ({"level": 95}, "level must be between 0 and 1, not 95; write 0.95 for 95%"),
    ],
)
def test_a_bad_call_is_a_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        sa.agreement_coefficient(four_by_twelve(), **options)
    assert str(error.value) == said


def test_unknown_weights_of_the_table_are_named() -> None:
    with pytest.raises(
        InputError, match="weights must be one of 'linear', 'quadratic', 'ordinal', 'nominal', not 'lin'"
    ):
        sa.agreement_table(crossed(EVEN), weights="lin")


# --------------------------------------------------------------------------------------------- grades and where from


@pytest.fixture(scope="module")
def survey() -> Survey:
    return sa.load_survey()


@pytest.mark.parametrize("column", ["partnership_use", "value_for_money"])
def test_second_grades_come_from_their_column_and_are_invented(survey: Survey, column: str) -> None:
    ratings = sa.ratings(survey, column)
    table = pd.crosstab(survey.visits[column], survey.visits[f"second_{column}"]).reindex(SCALE)
    ours = sa.cross_table(ratings)
    for second in set(table.columns) - {"not_seen"}:
        assert ours[second].tolist() == table[second].tolist()
    assert ours.to_numpy().sum() == ratings.paired.sum() == 20
    assert (ratings.provenance.value, ratings.grade_scale) == ("illustrative", "ofsted-to-august-2012")
    assert str(ratings) == repr(ratings) == f"{column}: 20 of 59 schools with two grades or more (illustrative)"


@pytest.mark.parametrize("column", ["partnership_use", "value_for_money"])
def test_the_truth_from_which_second_grades_were_drawn_lies_in_the_interval(survey: Survey, column: str) -> None:
    """The same grade by chance, or at an end of the scale because there is no neighbour beyond it."""
    truth = tomllib.loads((DATA / "truth.toml").read_text(encoding="utf-8"))["second_inspector"]
    first = survey.visits[column]
    same = truth["same"] + truth["one_better"] * (first == SCALE[0]).mean()
    same += truth["one_worse"] * (first == SCALE[-1]).mean()
    found = sa.agreement_coefficient(sa.ratings(survey, column), coefficient="raw")
    assert found.low is not None and found.high is not None and found.low < same < found.high


def test_grades_of_an_observed_survey_are_observed() -> None:
    observed = called(sa.load_survey(), "observed")
    table = sa.agreement_table(sa.ratings(observed, "partnership_use"))
    assert {item.provenance.value for item in table} == {"observed"}
    assert not str(sa.agreement_in_words(table)).startswith("Invented")


def with_visits(survey: Survey, **columns: object) -> Survey:
    return Survey(
        visits=survey.visits.assign(**columns),
        pupil_groups=survey.pupil_groups,
        costs=survey.costs,
        dictionary=survey.dictionary,
        title=survey.title,
    )


def test_one_inspector_only_leaves_agreement_undefined(survey: Survey) -> None:
    table = sa.agreement_table(sa.ratings(with_visits(survey, second_partnership_use="not_seen"), "partnership_use"))
    assert {item.value for item in table} == {None}


def test_scales_are_never_mixed(survey: Survey) -> None:
    scales = ["a"] * 30 + ["b"] * 29
    with pytest.raises(InputError, match="grade_scale must be the same for all visits"):
        sa.ratings(with_visits(survey, grade_scale=scales), "partnership_use")
    with pytest.raises(InputError, match=re.escape("grade_scale must be the same for all schools, not ['a', 'b']")):
        sa.ratings_from({"A": ["good", "good"], "B": ["good", "good"]}, codes=SCALE, grade_scale=["a", "b"])
    one = sa.ratings_from({"A": ["good"] * 2, "B": ["good"] * 2}, codes=SCALE, grade_scale=["a", "a"])
    assert one.grade_scale == "a"


def test_a_column_without_a_second_grade_is_named(survey: Survey) -> None:
    said = "grades of two inspectors: column must be one of 'partnership_use', 'value_for_money', not 'monitoring'"
    with pytest.raises(InputError, match=said):
        sa.ratings(survey, "monitoring")


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        ({"A": ["good"]}, {}, "agreement needs the grades of two inspectors or more, a column for each; there is 1"),
        (
            {"A": ["good"], "B": ["god"]},
            {},
            "B, row 1: a grade must be one of 'outstanding', 'good', 'satisfactory', 'inadequate', not 'god'; did you "
            "mean 'good'?",
        ),
        (
            {"A": ["good"], "B": ["good", "good"]},
            {},
            "grades must have as many entries for each inspector, not {'A': 1, 'B': 2}; put None where none",
        ),
        ({"A": [], "B": []}, {"codes": "good"}, "codes must be two grades or more in order, each once, not 'good'"),
        (
            {"A": [], "B": []},
            {"codes": ["a", "a"]},
            "codes must be two grades or more in order, each once, not ['a', 'a']",
        ),
        ({"A": [], "B": []}, {"codes": 5}, "codes must be two grades or more in order, each once, not 5"),
        ({"A": [], "B": []}, {"codes": None}, "codes must be two grades or more in order, each once, not None"),
        (
            {"A": [], "B": []},
            {"codes": [["b"], "c"]},
            "codes must be two grades or more in order, each once, not [['b']",
        ),
        ({"A": [], "B": []}, {"codes": [1, "1"]}, "codes must be two grades or more in order, each once, not [1, '1']"),
        *(
            (
                {"A": ["good", "good"], "B": ["good", "good"]},
                {"grade_scale": scale},
                f"grade_scale must be a name, or a name for each of the 2 schools, not {scale!r}",
            )
            for scale in (None, ["x"], ["x", None], {"A": 1}, 5)
        ),
        ({"A": [["good"]], "B": ["good"]}, {}, "A, row 1: a grade must be one of 'outstanding', 'good', "),
        ([["good"], ["good"]], {}, "grades must be a table with a column for each inspector, not list"),
        ({"A": [], "B": []}, {"codes": ["a"]}, "codes must be two grades or more in order, each once, not ['a']"),
        (
            {"A": [], "B": []},
            {"provenance": "seen"},
            "provenance must be one of 'observed', 'published', 'derived', 'reconstructed', 'illustrative', not 'seen'",
        ),
    ],
)
def test_grades_that_cannot_be_used_are_said(frame: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        sa.ratings_from(frame, **({"codes": SCALE} | options))
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([[1, 2, 3], [4, 5, 6]], "counts must have 2 rows and 2 columns, one for each code"),
        ([[1, 2], [3]], "counts must have 2 rows and 2 columns, one for each code"),
        ([[1, 2], [3, -4]], "counts must be whole numbers, none of them negative"),
        ([[1, 2], [3, 0.5]], "counts must be whole numbers, none of them negative"),
        ([[10**12, 0], [0, 1]], "counts must add up to 100,000 at most, not to 1,000,000,000,001; give a part of them"),
        ([["a", "b"], ["c", "d"]], "counts must be whole numbers, none of them negative"),
    ],
)
def test_counts_that_are_no_cross_table_are_said(counts: list[list[Any]], said: str) -> None:
    with pytest.raises(InputError) as error:
        sa.ratings_from_counts(counts, codes=["yes", "no"])
    assert str(error.value) == said


def test_missing_grades_may_be_written_in_any_usual_way() -> None:
    given = {"A": ["good", "good", "good", "good"], "B": [None, nan, pd.NA, "not_seen"]}
    assert sa.ratings_from(given, codes=SCALE).paired.sum() == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"places": np.array([[0, 5]])}, "places must be from 0 to 3, or -1 where there is none, not 5"),
        ({"places": np.array([[0, -2]])}, "places must be from 0 to 3, or -1 where there is none, not -2"),
        (
            {"places": np.array([0, 1])},
            "places must be an array of whole numbers with a row for each of the schools and 2",
        ),
        ({"places": np.array([[0, 1, 2]])}, "places must be an array of whole numbers"),
        ({"places": np.array([[0.0, 1.0]])}, "places must be an array of whole numbers"),
        ({"places": [[0, 1]]}, "places must be an array of whole numbers"),
        ({"raters": ("A",), "places": np.array([[0]])}, "raters must be two inspectors or more, not ('A',)"),
        ({"codes": ("good",)}, "codes must be two grades or more in order, each once, not ('good',)"),
        ({"provenance": "seen"}, "provenance must be one of 'observed', "),
    ],
)
def test_ratings_by_hand_are_checked(options: dict[str, Any], said: str) -> None:
    made: dict[str, Any] = {"label": "g", "codes": tuple(SCALE), "raters": ("A", "B"), "places": np.array([[0, -1]])}
    assert Ratings(**made).paired.tolist() == [False]
    with pytest.raises(InputError) as error:
        Ratings(**(made | options))
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("other", [None, 5, "grades", pd.DataFrame()])
def test_another_noun_is_told(other: Any) -> None:
    for ask in (
        sa.cross_table,
        sa.agreement_coefficient,
        sa.agreement_table,
        sa.agreement_coverage,
        charts.grade_pairs,
    ):
        with pytest.raises(
            InputError, match=r"^ratings must come from ratings\(\), ratings_from\(\) or ratings_from_counts\("
        ):
            ask(other)
    with pytest.raises(InputError, match=r"^survey must come from load_survey\(\) or read_survey\(\), and is"):
        sa.ratings(other, "partnership_use")
    with pytest.raises(InputError, match=r"^table must be what agreement_table\(\) gives"):
        sa.agreement_in_words(other)
    with pytest.raises(InputError, match=r"^table must come from agreement_table\(\), and is"):
        charts.agreement_coefficients(other)


def test_coefficients_of_published_grades_are_derived_and_the_grades_are_published() -> None:
    published = crossed(EVEN, provenance="published")
    assert {item.provenance.value for item in sa.agreement_table(published, level=None)} == {"derived"}
    covered = sa.agreement_coverage(published, coefficient="raw", repeats=2)
    assert covered.provenance.value == "derived"
    assert charts.grade_pairs(published).origin == "published"


def test_a_cross_table_is_of_two() -> None:
    assert sa.cross_table(crossed(ABSTRACTORS)).to_numpy().tolist() == ABSTRACTORS
    with pytest.raises(InputError, match="a cross-table is of two inspectors, and there are 4; choose two columns"):
        sa.cross_table(four_by_twelve())


# -------------------------------------------------------------------------------------------------------- the charts


def test_the_title_of_the_grid_is_the_finding_and_the_frames_are_the_same_grade() -> None:
    one, other = (crossed(it, of="cases", provenance="observed") for it in (EVEN, [[40, 8], [7, 45]]))
    first, second = charts.grade_pairs(one), charts.grade_pairs(other)
    assert first.title == second.title == "Two inspectors gave the same grade in 85 of 100 cases"
    assert "grade 0 then grade 1 9;" in first.alt and "grade 0 then grade 1 8;" in second.alt
    assert first.png() != second.png()
    [axes] = first.figure.axes
    assert [text.get_text() for text in axes.texts] == ["40", "9", "6", "45"]
    frames = [patch.get_xy() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert frames == [(0, 0), (1, 1)]
    assert charts.grade_pairs(crossed([[1, 2], [3, 4]])).title.endswith("in 5 of 10 schools")


def test_the_title_of_the_coefficients_says_from_where_to_where_they_run() -> None:
    def title(counts: list[list[int]], **options: Any) -> str:
        return charts.agreement_coefficients(sa.agreement_table(crossed(counts), level=None, **options)).title

    start = "Invented data: Two inspectors gave the same grade in 85 of 100 schools; coefficients "
    assert title(SKEWED, weights="nominal") == f"{start}run from 0.31 to 0.81"
    assert title(EVEN, weights="nominal") == f"{start}are 0.70"
    several = charts.agreement_coefficients(sa.agreement_table(four_by_twelve()))
    assert several.title == (
        "Invented data: 4 inspectors gave the same grade in 81.8% of pairs; coefficients run from 0.74 to 0.86"
    )


def test_coefficients_lie_where_their_values_are_and_the_undefined_have_words() -> None:
    table = sa.agreement_table(crossed([[7, 0], [0, 0]]))
    chart = charts.agreement_coefficients(table)
    assert chart.title.endswith("in 7 of 7 schools; coefficients are 1.00 where they are defined")
    [axes] = chart.figure.axes
    assert [text.get_text() for text in axes.texts][1] == "undefined"
    points = [tuple(map(float, it)) for group in axes.collections for it in group.get_offsets()]  # type: ignore[union-attr]
    assert {(1.0, 0.0), (1.0, 6.0)} <= set(points)
    negative = charts.agreement_coefficients(sa.agreement_table(crossed([[1, 9], [9, 1]]), level=None))
    assert negative.figure.axes[0].get_xlim()[0] < -0.8


def test_what_has_no_pair_of_grades_cannot_be_drawn() -> None:
    alone = sa.ratings_from({"A": ["good"], "B": [None]}, codes=SCALE)
    with pytest.raises(InputError, match="this chart needs grades from two inspectors; grades has none in pairs"):
        charts.grade_pairs(alone)
    said = "Invented data: No coefficient of agreement is defined"
    assert charts.agreement_coefficients(sa.agreement_table(alone)).title == said
    with pytest.raises(InputError, match="a cross-table is of two inspectors"):
        charts.grade_pairs(four_by_twelve())
    with pytest.raises(InputError, match="a chart needs at least one estimate; these are none"):
        charts.agreement_coefficients(sa.Estimates([]))
    other = sa.Estimates([sa.share(sa.Tally(label="good", count=1, base=2))])
    with pytest.raises(
        InputError, match="this chart needs estimates with 'coefficient' in their details; 'good' has none"
    ):
        charts.agreement_coefficients(other)


def test_a_label_is_text_whatever_signs_it_holds() -> None:
    odd = r"<b>$\frac{$</b> & 100% £ é"
    ratings = sa.ratings_from_counts(EVEN, codes=[odd, "no"], label=odd, of=odd)
    for chart in (charts.grade_pairs(ratings), charts.agreement_coefficients(sa.agreement_table(ratings, level=None))):
        assert chart.png() and odd in chart.alt
        texts = [text for text in chart.figure.findobj(Text) if "$" in text.get_text()]
        assert not any(text.get_parse_math() for text in texts)
