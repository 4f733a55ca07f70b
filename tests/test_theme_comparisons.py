"""The five themes tested on visits that were made, and refused on all others, with the reason."""

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from survey_analysis import charts
from survey_analysis.claims import THEMES
from survey_analysis.crisp_sets import theme_sets
from survey_analysis.dictionaries import packaged_dictionary
from survey_analysis.errors import InputError
from survey_analysis.estimates import Estimates, Provenance
from survey_analysis.exact_tests import exact_p_value, half_count_odds_ratio, holm
from survey_analysis.proportions import proportion_difference
from survey_analysis.survey_files import load_survey
from survey_analysis.surveys import Dictionary, Survey, tally
from survey_analysis.theme_comparisons import theme_tests, theme_tests_in_words
from survey_analysis.themes import theme_table

SHIPPED = packaged_dictionary()
JUDGED = ("partnership_use", "value_for_money")


def provided(provenance: Provenance) -> Dictionary:
    return {
        table: {name: replace(column, provenance=provenance) for name, column in columns.items()}
        for table, columns in SHIPPED.items()
    }


OBSERVED = provided(Provenance.OBSERVED)


def made(visits: list[dict[str, str]], dictionary: Dictionary = OBSERVED) -> Survey:
    blank = dict.fromkeys(dictionary["visits"], "not_seen") | {"phase": "primary"}
    frame = pd.DataFrame([blank | visit for visit in visits], columns=list(blank))
    return Survey(
        visits=frame.assign(visit_id=[f"V{number}" for number in range(1, len(visits) + 1)]),
        pupil_groups=pd.DataFrame(columns=list(dictionary["pupil_groups"])),
        costs=pd.DataFrame(columns=list(dictionary["costs"])),
        dictionary=dictionary,
        title="A hub's visits",
    )


def visits(grade: str, *codes: str, times: int) -> list[dict[str, str]]:
    """Visits with one grade for use and value, and a code for each theme, the last for all that remain."""
    filled = [*codes, *[codes[-1]] * (len(THEMES) - len(codes))]
    return [dict.fromkeys(JUDGED, grade) | dict(zip(THEMES, filled, strict=True))] * times


HUB = made(
    visits("good", "action", "action", "neither", times=6)
    + visits("outstanding", "action", "pitfall", "action", times=3)
    + visits("satisfactory", "neither", "action", "pitfall", times=10)
    + visits("inadequate", "pitfall", "pitfall", "not_seen", times=4)
)


def compared(survey: Survey = HUB, **options: Any) -> Estimates:
    return theme_tests(survey, coded_before_outcome=True, **options)


@pytest.mark.parametrize("code", ["action", "neither", "pitfall"])
@pytest.mark.parametrize("method", ["boschloo", "fisher"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_each_theme_is_the_comparison_of_its_two_tallies(code: str, method: str, alternative: str) -> None:
    found = compared(code=code, method=method, alternative=alternative, level=0.9)
    p_values = []
    for theme, test in zip(THEMES, found, strict=True):
        one, other = (
            tally(HUB, theme, codes=code, among=[dict.fromkeys(JUDGED, grades)])
            for grades in (["good", "outstanding"], ["satisfactory", "inadequate"])
        )
        expected = proportion_difference(one, other, level=0.9)
        p_values.append(exact_p_value(one, other, method=method, alternative=alternative))
        ratio = half_count_odds_ratio(one, other, level=0.9)
        assert (test.value, test.low, test.high, test.level) == (
            expected.value, expected.low, expected.high, 0.9,
        )  # fmt: skip
        assert (test.base, test.label) == (one.base + other.base, THEMES[theme])
        assert test.details["p_value"] == p_values[-1]
        limits = (test.details["odds_ratio"], test.details["odds_ratio_low"], test.details["odds_ratio_high"])
        assert limits == (ratio.value, ratio.low, ratio.high)
        assert test.details["not_seen"] == one.not_seen + other.not_seen
    assert [test.details["adjusted_p_value"] for test in found] == holm(p_values)


def test_a_separated_theme_is_tested() -> None:
    """Monitoring: 9 of 9 against none of 14, which one table in 817,190 is as extreme as."""
    first = compared(method="fisher", alternative="greater")[0]
    assert (first.details["first"], first.details["second"]) == ("9 of 9", "0 of 14")
    assert first.details["p_value"] == pytest.approx(1 / 817_190)
    assert first.details["adjusted_p_value"] == pytest.approx(5 / 817_190)


def test_every_result_says_what_it_takes_on_trust_and_which_side_was_tested() -> None:
    found = compared(alternative="greater")
    assert all(test.assumptions == ("coded-before-outcome",) for test in found)
    assert all(test.provenance is Provenance.OBSERVED for test in found)
    assert {test.details["test"] for test in found} == {"Boschloo, greater"}
    shown = str(found)
    assert "Boschloo's exact test, greater (the first share is larger)" in " ".join(shown.split())
    assert "It was taken on trust that the codes were settled before the outcome was known" in " ".join(shown.split())


def test_a_theme_that_was_seen_in_no_visit_of_a_group_has_no_value_and_still_counts_as_one_of_the_five() -> None:
    survey = made(
        visits("good", "action", "action", "action", "action", "not_seen", times=4)
        + visits("inadequate", "neither", times=4)
    )
    *others, last = compared(survey, method="fisher")
    assert (last.value, last.low, last.level, last.base) == (None, None, None, 4)
    assert last.method == "none: in one of the groups the theme was seen in no visit"
    assert (last.details["first"], last.details["second"], last.details["p_value"]) == ("0 of 0", "0 of 4", None)
    assert others[0].details["adjusted_p_value"] == pytest.approx(5 * 2 / 70)
    assert not re.search(r"\bnan\b|None", f"{compared(survey)} {theme_tests_in_words(compared(survey))}")


def test_groups_of_one_s_own_can_be_compared() -> None:
    """Monitoring: action in 3 of the 3 outstanding visits and in 6 of the 20 others."""
    first = compared(successful={"partnership_use": "outstanding"})[0]
    assert (first.details["first"], first.details["second"]) == ("3 of 3", "6 of 20")


def test_a_visit_of_which_success_was_not_seen_is_in_neither_group() -> None:
    judged = visits("good", "action", times=3) + visits("inadequate", "action", times=3)
    survey = made(judged + visits("not_seen", "action", times=2))
    assert [test.details["group_not_seen"] for test in compared(survey)] == [2] * 5
    assert {test.base for test in compared(survey)} == {6}


# ------------------------------------------------------------------------------------------------------- in words


def test_the_words_say_where_a_code_was_seen_more_often_and_no_more() -> None:
    words = str(theme_tests_in_words(compared()))
    assert words.startswith(
        "The code action was seen more often in the successful schools for 'Monitoring and evaluation' by more than "
        "chance readily gives (Boschloo, two-sided, Holm over 5, 5%; observed). "
    )
    assert words.endswith("does not say what leads to what, and a smaller difference may be there too.")
    both = str(theme_tests_in_words(compared(code="pitfall")))
    assert "was seen less often in the successful schools for 'Fit with pupils' needs" in both


def test_words_about_nothing_found_do_not_say_that_there_is_nothing() -> None:
    survey = made(visits("good", "action", times=3) + visits("inadequate", "action", times=3))
    words = str(theme_tests_in_words(compared(survey, level=0.9)))
    assert words.startswith(
        "For none of the 5 themes was the code action seen more or less often in the successful schools by more than "
        "chance readily gives (Boschloo, two-sided, Holm over 5, 10%; observed). That it"
    )
    assert words.endswith("a smaller difference may be there too.")


@pytest.mark.parametrize(
    ("alternative", "seen_by", "looked_for", "not_looked_for"),
    [("greater", "inadequate", "more often", "less often"), ("less", "good", "less often", "more often")],
)
def test_a_one_sided_test_says_what_it_did_not_look_for(
    alternative: str, seen_by: str, looked_for: str, not_looked_for: str
) -> None:
    """The code differs by 100 points, on the side that is not looked at."""
    grades = {grade: "action" if grade == seen_by else "neither" for grade in ("good", "inadequate")}
    survey = made([visit for grade, code in grades.items() for visit in visits(grade, code, times=9)])
    found = compared(survey, alternative=alternative)
    assert {abs(test.value or 0) for test in found} == {1.0}
    words = str(theme_tests_in_words(found))
    assert words.startswith(
        f"For none of the 5 themes was the code action seen {looked_for} in the successful schools by more than chance "
        f"readily gives (Boschloo, {alternative}, Holm over 5, 5%; observed). Whether it was seen {not_looked_for} was "
        "not looked for."
    )
    title = charts.theme_differences(found).title
    assert title == (
        f"In the successful schools the code action was seen clearly {looked_for} in none of the 5 themes; "
        f"{not_looked_for} was not looked for"
    )
    assert "was not looked for" not in str(theme_tests_in_words(compared(survey)))


def test_a_part_of_the_tests_was_adjusted_for_all_of_them_and_says_so() -> None:
    some = compared(level=0.99)[:2]
    assert {(test.details["themes"], test.details["familywise_risk"]) for test in some} == {(5, 0.01)}
    assert "Holm over 5, 1%" in str(theme_tests_in_words(some))


def test_themes_that_could_not_be_compared_are_counted_apart() -> None:
    survey = made(
        visits("good", "action", "action", "action", "not_seen", times=9) + visits("inadequate", "neither", times=9)
    )
    found = compared(survey, level=0.9)
    words = str(theme_tests_in_words(found))
    assert "Holm over 5, 10%; observed). Not tested, for it was seen in no visit of a group: 2 themes. That" in words
    assert charts.theme_differences(found).title.endswith("seen more often in 3 of the 3 themes that could be compared")
    assert str(theme_tests_in_words(found[3:4])).startswith(
        "The code action was not compared (observed). Not tested, for it was seen in no visit of a group: 1 theme."
    )
    assert charts.theme_differences(found[3:]).title.endswith("the code action was not compared")
    none = compared(survey, code="pitfall")
    assert str(theme_tests_in_words(none)).startswith("For none of the 3 themes was the code pitfall seen more or less")


def test_the_level_is_the_threshold_too() -> None:
    for level in (0.5, 1 - 1e-7):
        words = str(theme_tests_in_words(compared(level=level)))
        assert ("For none of the 5 themes" in words) is (level > 0.5)


def test_words_about_another_table_are_refused() -> None:
    difference = proportion_difference(*(tally(HUB, "monitoring", codes=code) for code in ("action", "pitfall")))
    others: list[Any] = [Estimates([]), Estimates([difference]), None, 5, pd.DataFrame()]
    for other in others:
        with pytest.raises(InputError, match=r"^tests must be what theme_tests\(\) gives$"):
            theme_tests_in_words(other)
        with pytest.raises(InputError, match=r"^tests must be what theme_tests\(\) gives$"):
            charts.theme_differences(other)


# ------------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize("provenance", [it for it in Provenance if it is not Provenance.OBSERVED])
def test_whatever_was_not_observed_is_described_and_not_tested(provenance: Provenance) -> None:
    survey = made(visits("good", "action", times=3) + visits("inadequate", "neither", times=3), provided(provenance))
    with pytest.raises(InputError) as told:
        theme_tests(survey, coded_before_outcome=True)
    assert str(told.value) == (
        f'the themes of "A hub\'s visits" can be described and not tested, for they are {provenance.value}: the '
        "actions were found in the very schools that had been graded successful, or were put into them, so a test "
        "would give back what went in; describe them with theme_table(), and see with noise_differences() what noise "
        "alone would give"
    )
    assert len(theme_table(survey)) == 10


def test_one_column_that_was_not_observed_is_enough() -> None:
    line = replace(OBSERVED["visits"]["value_for_money"], provenance=Provenance.ILLUSTRATIVE)
    survey = replace(HUB, dictionary={**OBSERVED, "visits": {**OBSERVED["visits"], "value_for_money": line}})
    with pytest.raises(InputError, match="not tested, for they are illustrative"):
        compared(survey)
    assert compared(survey, successful={"partnership_use": ["good", "outstanding"]})


def test_the_survey_that_travels_with_the_package_is_refused() -> None:
    with pytest.raises(InputError, match=r"^the themes of 'Music partnerships in 59 schools \(reconstructed\)' can be"):
        compared(load_survey())


@pytest.mark.parametrize("said", [False, None, "yes"])
def test_codes_that_were_settled_after_the_outcome_are_refused(said: Any) -> None:
    with pytest.raises(InputError, match=r"^coded_before_outcome must be True, not .*: who codes a visit knowing that"):
        theme_tests(HUB, coded_before_outcome=said)


def test_somebody_has_to_say_that_the_codes_came_first() -> None:
    for ask in (theme_tests, theme_sets):
        with pytest.raises(
            InputError, match=r"^coded_before_outcome must be True, not None: who codes a visit knowing"
        ):
            ask(HUB)


@pytest.mark.parametrize(
    "successful",
    [{"monitoring": "action"}, [{"partnership_use": "good"}, {"phase": "primary", "monitoring": "neither"}]],
)
def test_success_that_is_told_by_a_theme_is_refused(successful: Any) -> None:
    for ask in (theme_tests, theme_sets):
        with pytest.raises(InputError) as told:
            ask(HUB, coded_before_outcome=True, successful=successful)
        assert str(told.value) == (
            "successful must not be told by monitoring, for it is one of the themes: the successful visits would have "
            "it and the others not, whatever was seen; tell them by a judgement made apart from the themes"
        )
    assert len(theme_table(HUB, successful=successful)) == 10, "described it may be"


@pytest.mark.parametrize("other", [None, 5, pd.DataFrame()])
def test_what_is_no_survey_is_told(other: Any) -> None:
    for ask in (theme_tests, theme_sets, theme_table):
        with pytest.raises(InputError, match=r"^survey must come from load_survey\(\) or read_survey\(\), and is"):
            ask(other)


@pytest.mark.parametrize(
    ("grade", "message"),
    [
        ("good", "no visit was seen to be not successful, so there is nothing to compare; where all of them are"),
        ("inadequate", "no visit was seen to be successful, so there is nothing to compare; where none of them are"),
    ],
)
def test_all_successful_or_none_leaves_nothing_to_compare(grade: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        compared(made(visits(grade, "action", times=5)))


def test_another_scale_of_grades_needs_its_own_successes() -> None:
    codes = ("strong", "expected", "attention", "not_seen")
    lines = {name: replace(OBSERVED["visits"][name], codes=codes) for name in JUDGED}
    dictionary = {**OBSERVED, "visits": {**OBSERVED["visits"], **lines}}
    survey = made(visits("strong", "action", times=3) + visits("attention", "neither", times=3), dictionary)
    message = (
        r"^the successful schools are told by outstanding or good in partnership_use, and this survey grades it "
        r"strong, expected, attention; say with successful= which of its visits were successful$"
    )
    for ask in (lambda: compared(survey), lambda: theme_table(survey)):
        with pytest.raises(InputError, match=message):
            ask()
    own = {"partnership_use": "strong"}
    assert compared(survey, successful=own)[0].details["first"] == "3 of 3"
    assert theme_table(survey, successful=own)["action"].tolist() == [3, 0] * 5


def test_unknown_options_are_told() -> None:
    for options, message in [
        ({"code": "acton"}, r"^code must be one of 'action', 'neither', 'pitfall', not 'acton'; did you mean 'action'"),
        ({"method": "exact"}, r"^method must be one of 'boschloo', 'fisher', not 'exact'"),
        ({"alternative": "both"}, r"^alternative must be one of 'two-sided', 'greater', 'less', not 'both'"),
        ({"level": 95}, r"^level must be between 0 and 1, not 95; write 0\.95 for 95%$"),
    ]:
        with pytest.raises(InputError, match=message):
            compared(**options)
