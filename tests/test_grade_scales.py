"""Scales of grades: what counts as good, which may be compared, and that the dictionary has the scale of the 59."""

import pytest

from survey_analysis.dictionaries import packaged_dictionary, with_scale
from survey_analysis.errors import InputError
from survey_analysis.grade_scales import OF_THE_59, grade_scale, known_scales

GRADED = ["partnership_use", "value_for_money", "second_partnership_use", "second_value_for_money"]


def test_the_dictionary_of_the_59_visits_has_their_scale() -> None:
    visits = packaged_dictionary()["visits"]
    assert visits["grade_scale"].codes == (OF_THE_59,)
    assert with_scale(packaged_dictionary(), grade_scale(OF_THE_59))["visits"] == visits


@pytest.mark.parametrize("name", known_scales())
def test_a_scale_is_whole(name: str) -> None:
    scale = known_scales()[name]
    assert scale.name == name and scale.title and scale.reason.endswith(".") and scale.source.endswith(".")
    assert scale.counts_as_good in scale.grades
    assert len(scale.numbers) in (0, len(scale.grades))
    assert len(set(scale.grades)) == len(scale.grades)


def test_only_the_scale_of_the_59_visits_is_compared_with_them() -> None:
    assert [name for name, scale in known_scales().items() if scale.compared_with_2012] == [OF_THE_59]


def test_good_or_better_are_the_grades_from_the_best_down_to_the_one_that_counts() -> None:
    assert grade_scale(OF_THE_59).good_or_better == ("outstanding", "good")
    assert grade_scale("ofsted-report-cards").good_or_better == ("exceptional", "strong_standard", "expected_standard")


def test_a_scale_changes_the_columns_of_grades_and_no_others() -> None:
    before, after = packaged_dictionary(), with_scale(packaged_dictionary(), grade_scale("ofsted-report-cards"))
    changed = [name for name, column in after["visits"].items() if column != before["visits"][name]]
    assert sorted(changed) == sorted(["grade_scale", *GRADED])
    assert {table: after[table] for table in ("pupil_groups", "costs")} == {
        table: before[table] for table in ("pupil_groups", "costs")
    }


def test_a_scale_that_there_is_not_is_told() -> None:
    with pytest.raises(InputError) as told:
        grade_scale("ofsted-to-2012")
    assert str(told.value) == (
        "grade_scale must be one of 'ofsted-to-august-2012', 'ofsted-from-september-2012', 'ofsted-report-cards', "
        "not 'ofsted-to-2012'; did you mean 'ofsted-to-august-2012'?"
    )
