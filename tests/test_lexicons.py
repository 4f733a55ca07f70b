"""Words as whole numbers of schools, at the very edges."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.errors import InputError
from survey_analysis.lexicons import find_lexicon, read_lexicons
from survey_analysis.readings import rounded_percent

GOOD = """
[mine]
title = "Mine"
source = "me"
thresholds = "exact shares"
[mine.terms]
few = { low = 0, low_included = true, high = 15, high_included = true }
some = { low = 15, low_included = false, high = 50, high_included = false }
"""


@pytest.mark.parametrize(
    ("word", "ends"),
    [
        ("almost all", (54, 59)),
        ("most", (44, 53)),
        ("majority", (30, 43)),
        ("less than half", (10, 29)),
        ("few", (0, 9)),
    ],
)
def test_the_terms_of_education_scotland_on_59_schools(word: str, ends: tuple[int, int]) -> None:
    """44 of 59 is 74.6%, printed 75%, and so "most"; 29 of 59 is 49.2%, printed 49%, and so "less than half"."""
    reading = read_lexicons()["education-scotland"].readings()[word]
    counts = [count for count in range(60) if reading.allows(count, 59)]
    assert (counts[0], counts[-1]) == ends
    assert counts == list(range(ends[0], ends[1] + 1))


def test_exact_shares_move_the_edge_by_one_and_leave_gaps(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[1] / "data" / "lexicons.toml"
    path = tmp_path / "exact.toml"
    path.write_text(
        shipped.read_text(encoding="utf-8").replace("rounded percentages", "exact shares"), encoding="utf-8"
    )
    exact = read_lexicons(path)["education-scotland"]
    assert min(count for count in range(60) if exact.readings()["most"].allows(count, 59)) == 45
    assert exact.gaps(59) == (29, 44)
    assert read_lexicons()["education-scotland"].gaps(59) == ()


@given(st.integers(1, 300), st.data())
def test_rounded_terms_are_terms_of_the_printed_percentage(base: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    printed = rounded_percent(count, base)
    words = {word for word, it in read_lexicons()["education-scotland"].readings().items() if it.allows(count, base)}
    expected = (
        "almost all" if printed > 90 else "most" if printed >= 75 else "majority" if printed >= 50 else
        "less than half" if printed > 15 else "few"
    )  # fmt: skip
    assert words == {expected}


def test_most_in_plain_english_is_more_than_half() -> None:
    most = find_lexicon("plain-english").readings()["most"]
    assert [most.allows(count, 58) for count in (29, 30)] == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("high = 15,", "high = 150,", "lexicon 'mine', term 'few', field 'high' must be a percentage from 0 to 100"),
        ("low = 0,", "low = 20,", "lexicon 'mine', term 'few' is reversed: low is 20 and high 15; exchange them"),
        ("low = 15,", "low = 10,", "lexicon 'mine': 'few' and 'some' overlap at 10%"),
        ("low_included = false", "low_included = true", "lexicon 'mine': 'few' and 'some' overlap at 15%"),
        ("exact shares", "shares", "lexicon 'mine', field 'thresholds' must be one of 'exact shares'"),
        ("high_included = true", "hi = true", "lexicon 'mine', term 'few' must have low, high, low_included"),
        ("low_included = true", "low_included = 1", "lexicon 'mine', term 'few', field 'low_included' must be true"),
        ('source = "me"', "", "lexicon 'mine', field 'source' must be a text"),
        ('title = "Mine"', 'title = "Mine"\nwords = 1', "lexicon 'mine', field must be one of 'title'"),
        ("[mine]", "mine", "is not valid TOML"),
    ],
)  # fmt: skip
def test_a_bad_lexicon_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_lexicons(path)["mine"].gaps(10) == (5, 6, 7, 8, 9, 10)
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_lexicons(path)
    assert message in str(told.value)


def test_a_term_between_two_whole_percentages_is_told_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[mine]\ntitle = "Mine"\nsource = "me"\nthresholds = "rounded percentages"\n[mine.terms]\n'
        "most = { low = 74.2, low_included = true, high = 74.4, high_included = true }\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"^the term from 74\.2% to 74\.4% holds no whole percentage; widen it"):
        read_lexicons(path)


def test_an_unknown_lexicon_and_a_missing_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"^lexicon must be one of 'plain-english', 'education-scotland', not 'scots'$"
    ):
        find_lexicon("scots")
    with pytest.raises(InputError, match="cannot be read"):
        read_lexicons(tmp_path / "none.toml")
