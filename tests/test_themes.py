"""The five themes, described in the successful schools and in the others, with the reason why that is no test."""

from itertools import product

import pandas as pd
import pytest

from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Survey
from survey_analysis.themes import THEMES, codebook, theme_table, themes_in_words

DICTIONARY = packaged_dictionary()
SHIPPED = load_survey()
CODES = ["action", "neither", "pitfall", "not_seen"]
COUNTS = [*CODES, "base"]


def survey(visits: list[dict[str, str]]) -> Survey:
    blank = dict.fromkeys(DICTIONARY["visits"], "not_seen") | {"phase": "primary"}
    frame = pd.DataFrame([blank | visit for visit in visits], columns=list(blank))
    return Survey(
        visits=frame.assign(visit_id=[f"V{number}" for number in range(1, len(visits) + 1)]),
        pupil_groups=pd.DataFrame(columns=list(DICTIONARY["pupil_groups"])),
        costs=pd.DataFrame(columns=list(DICTIONARY["costs"])),
        dictionary=DICTIONARY,
        title="Made for a test",
    )


def test_every_theme_is_counted_as_it_stands_in_the_visits() -> None:
    """By brute force: successful means good or better in use *and* in value; the others are all the rest."""
    table = theme_table(SHIPPED)
    assert len(table) == 10
    for theme, title in THEMES.items():
        counted = {schools: dict.fromkeys(CODES, 0) for schools in ("successful", "others")}
        for visit in SHIPPED.visits.to_dict("records"):
            good = [visit[column] in ("outstanding", "good") for column in ("partnership_use", "value_for_money")]
            counted["successful" if all(good) else "others"][visit[theme]] += 1
        for schools, codes in counted.items():
            [row] = table[(table["theme"] == title) & (table["schools"] == schools)].to_dict("records")
            assert {code: row[code] for code in CODES} == codes
            assert row["base"] == sum(codes.values()) - codes["not_seen"]
            assert row["base"] + row["not_seen"] == {"successful": 10, "others": 49}[schools]


def test_a_visit_is_in_one_group_in_the_other_or_in_none_where_it_may_be_in_either() -> None:
    """One grade below good is enough to be among the others, even where the other was not seen."""
    pairs = list(product(("good", "inadequate", "not_seen"), repeat=2))
    visits = [{"partnership_use": use, "value_for_money": value} for use, value in pairs]
    table = theme_table(survey([visit | dict.fromkeys(THEMES, "action") for visit in visits]))
    for _, row in table.iterrows():
        expected = {"successful": [1, 0, 0, 0, 1], "others": [5, 0, 0, 0, 5]}[row["schools"]]
        assert row[COUNTS].tolist() == expected


def test_in_a_group_of_schools_a_theme_that_was_not_seen_is_in_no_base() -> None:
    good, bad = (dict.fromkeys(["partnership_use", "value_for_money"], grade) for grade in ("good", "inadequate"))
    table = theme_table(survey([good, good | dict.fromkeys(THEMES, "action"), bad, bad, bad]))
    for _, row in table.iterrows():
        assert row[COUNTS].tolist() == {"successful": [1, 0, 0, 1, 1], "others": [0, 0, 0, 3, 0]}[row["schools"]]


def test_rows_follow_the_report_and_say_their_provenance() -> None:
    table = theme_table(SHIPPED)
    assert list(table.columns) == ["theme", "schools", *CODES, "group_not_seen", "base", "provenance"]
    assert list(table["theme"].unique()) == list(THEMES.values())
    assert list(table["schools"]) == ["successful", "others"] * 5
    assert set(table["provenance"]) == {"illustrative"}


def test_themes_in_words_describe_and_say_why_they_do_not_test() -> None:
    visits = [
        *[dict.fromkeys(["partnership_use", "value_for_money"], "good") | dict.fromkeys(THEMES, "action")] * 2,
        *[dict.fromkeys(["partnership_use", "value_for_money"], "inadequate") | dict.fromkeys(THEMES, "pitfall")] * 3,
        dict.fromkeys(["partnership_use", "value_for_money"], "inadequate"),
    ]
    words = str(themes_in_words(theme_table(survey(visits))))
    assert words.startswith(
        "Invented data. Described, not tested: in the successful schools the five themes were coded action 10 times "
        "and pitfall 0 times of 10; in the other schools the five themes were coded action 0 times and pitfall 15 "
        "times of 15 (illustrative). "
    )
    assert words.endswith(
        "The five actions were published of the schools graded as successful: that they are named there is how they "
        "were found, and that they are commoner there is no result."
    )


def test_words_about_visits_that_were_made_are_not_called_invented() -> None:
    words = str(themes_in_words(theme_table(SHIPPED).assign(provenance="observed")))
    assert words.startswith("Described, not tested: in the successful schools")
    assert "(observed)" in words


def test_the_words_do_not_depend_on_the_order_of_the_rows_and_leave_the_table_as_it_was() -> None:
    table = theme_table(SHIPPED)
    before = table.copy()
    assert themes_in_words(table) == themes_in_words(table[::-1])
    pd.testing.assert_frame_equal(table, before)


def test_the_visits_are_left_as_they_were() -> None:
    before = SHIPPED.visits.copy()
    theme_table(SHIPPED)
    pd.testing.assert_frame_equal(SHIPPED.visits, before)


def test_a_survey_without_visits_is_told() -> None:
    with pytest.raises(InputError, match=r"^the survey has no visits, so nothing can be counted; read one that has$"):
        theme_table(survey([]))


def test_the_codebook_says_for_every_theme_what_counts_as_what() -> None:
    book = codebook()
    assert list(book["theme"]) == list(THEMES.values())
    assert {*CODES, "example", "boundary"} <= set(book.columns)
    for column in CODES:
        assert min(len(text.split()) for text in book[column]) >= 5, column
        assert book[column].is_unique
    assert not book.isna().to_numpy().any()


def test_words_about_another_table_are_refused() -> None:
    table = theme_table(load_survey())
    for other in (table[table["schools"] == "others"], table.drop(columns="base"), None):
        with pytest.raises(InputError, match=r"^table must be what theme_table\(\) gives, with both"):
            themes_in_words(other)
