"""Counting visits: who is in the base, what not seen means, several columns and conditions, and bad calls as prose."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance, Tally
from survey_analysis.resources import DATA
from survey_analysis.survey_files import load_survey, read_dictionary
from survey_analysis.surveys import Condition, Survey, Visits, count_visits, matching, tally, tally_each

DICTIONARY = read_dictionary(DATA / "dictionary.csv")
GOOD = ("outstanding", "good")
SHIPPED = load_survey()


def survey(*visits: dict[str, str], **provenances: Provenance) -> Survey:
    """Visits with these codes, everything else not seen, on one scale; and columns of these provenances."""
    columns = DICTIONARY["visits"]
    blank = dict.fromkeys(columns, "not_seen") | {"phase": "secondary", "grade_scale": "ofsted-to-august-2012"}
    rows = [blank | {"visit_id": f"V{number}"} | visit for number, visit in enumerate(visits, start=1)]
    changed = {
        name: replace(column, provenance=provenances.get(name, column.provenance)) for name, column in columns.items()
    }
    return Survey(
        visits=pd.DataFrame(rows, columns=list(columns)),
        pupil_groups=pd.DataFrame(columns=list(DICTIONARY["pupil_groups"])),
        costs=pd.DataFrame(columns=list(DICTIONARY["costs"])),
        dictionary={**DICTIONARY, "visits": changed},
        title="Made for a test",
    )


def counts(found: Tally) -> tuple[int, int, int]:
    return found.count, found.base, found.not_seen


def graded(*grades: str) -> Survey:
    return survey(*({"partnership_use": grade} for grade in grades))


# -------------------------------------------------------------------------------------------- the headline


def test_good_use_is_ten_of_the_59_and_so_is_the_joint_judgement_but_not_each_of_its_parts() -> None:
    """The report's headline; that value alone is good more often is a choice of the reconstruction."""
    both = ["partnership_use", "value_for_money"]
    assert counts(tally(SHIPPED, "partnership_use", at_least="good")) == (10, 59, 0)
    assert counts(tally(SHIPPED, both, at_least="good")) == (10, 59, 0)
    alone = tally(SHIPPED, "value_for_money", at_least="good")
    good = SHIPPED.visits["value_for_money"].isin(GOOD).sum()
    assert alone.count == good > 10


# ---------------------------------------------------------------------------------------- at_least and codes


@pytest.mark.parametrize(
    ("at_least", "count"), [("outstanding", 1), ("good", 3), ("satisfactory", 6), ("inadequate", 10)]
)
def test_each_grade_counts_itself_and_all_better_ones(at_least: str, count: int) -> None:
    grades = graded(*["outstanding"] * 1, *["good"] * 2, *["satisfactory"] * 3, *["inadequate"] * 4, "not_seen")
    assert counts(tally(grades, "partnership_use", at_least=at_least)) == (count, 10, 1)


@pytest.mark.parametrize(("codes", "count"), [("good", 2), (["good"], 2), (("good", "outstanding"), 3)])
def test_one_code_or_several_count_without_regard_to_order(codes: Any, count: int) -> None:
    grades = graded("outstanding", "good", "good", "inadequate", "not_seen")
    assert counts(tally(grades, "partnership_use", codes=codes)) == (count, 4, 1)


def test_what_was_not_seen_is_in_no_base_and_is_carried_along() -> None:
    assert counts(tally(graded("good", "not_seen", "not_seen"), "partnership_use", at_least="good")) == (1, 1, 2)
    assert counts(tally(graded("not_seen"), "partnership_use", at_least="good")) == (0, 0, 1)


def test_what_does_not_apply_is_in_neither_the_base_nor_the_not_seen() -> None:
    asked = survey(*({"feeder_primaries_used": code} for code in ("yes", "no", "not_seen", "not_applicable")))
    assert counts(tally(asked, "feeder_primaries_used", codes="yes")) == (1, 2, 1)


def test_one_of_several_codes_in_a_cell_is_enough() -> None:
    forms = survey(
        {"partnership_forms": "workshops;ensembles"},
        {"partnership_forms": "ensembles"},
        {"partnership_forms": "performances"},
        {"partnership_forms": "not_seen"},
    )
    assert counts(tally(forms, "partnership_forms", codes="ensembles")) == (2, 3, 1)
    assert counts(tally(forms, "partnership_forms", codes=("workshops", "performances"))) == (2, 3, 1)
    assert counts(tally(forms, "partnership_forms", codes="joint_projects")) == (0, 3, 1)
    assert [found.count for found in tally_each(forms, "partnership_forms")] == [0, 0, 2, 1, 1, 0]


def test_part_of_the_name_of_a_code_is_not_that_code() -> None:
    made = survey({"partnership_forms": "brass_band;choir"}, {"partnership_forms": "band"})
    line = replace(made.column("visits", "partnership_forms"), codes=("band", "brass_band", "choir"))
    columns = {**made.dictionary["visits"], "partnership_forms": line}
    forms = replace(made, dictionary={**made.dictionary, "visits": columns})
    assert [found.count for found in tally_each(forms, "partnership_forms")] == [1, 1, 1]


def test_tally_each_follows_the_scale_and_adds_up_to_the_base() -> None:
    tallies = tally_each(graded("inadequate", "good", "good", "not_seen"), "partnership_use")
    assert [found.label for found in tallies] == ["outstanding", "good", "satisfactory", "inadequate"]
    assert [counts(found) for found in tallies] == [(0, 3, 1), (2, 3, 1), (0, 3, 1), (1, 3, 1)]
    assert [found.label for found in tally_each(SHIPPED, "tuition_provider")][1] == "music service and private"


def test_labels_say_what_is_counted_unless_one_is_given() -> None:
    grades = graded("good")
    assert tally(grades, "partnership_use", at_least="good").label == "partnership_use at least good"
    assert tally(grades, ["partnership_use", "value_for_money"], codes=GOOD).label == (
        "partnership_use and value_for_money outstanding or good"
    )
    assert tally(grades, "partnership_use", codes="good", label="good use").label == "good use"
    assert tally_each(grades, "partnership_use", among={"phase": "secondary"})[0].label == "outstanding"


# -------------------------------------------------------------------------------- several columns at once


def test_a_joint_judgement_has_the_visits_in_which_every_part_was_seen_as_its_base() -> None:
    """A visit that fails in the part that was seen is not kept: then successes alone would drop out of the base."""
    pairs = list(product(("good", "inadequate", "not_seen"), repeat=2))
    both = survey(*({"partnership_use": use, "value_for_money": value} for use, value in pairs))
    assert counts(tally(both, ["partnership_use", "value_for_money"], at_least="good")) == (1, 4, 5)
    assert counts(tally(both, "partnership_use", at_least="good")) == (3, 6, 3)
    assert counts(tally(both, "value_for_money", at_least="good")) == (3, 6, 3)


def test_a_joint_judgement_is_not_the_product_of_its_parts() -> None:
    apart = survey(
        {"partnership_use": "good", "value_for_money": "inadequate"},
        {"partnership_use": "inadequate", "value_for_money": "good"},
    )
    assert counts(tally(apart, ["partnership_use", "value_for_money"], at_least="good")) == (0, 2, 0)
    either: list[Condition] = [{"partnership_use": GOOD}, {"value_for_money": GOOD}]
    assert counts(count_visits(apart, either, label="either")) == (2, 2, 0)


def test_any_of_several_conditions_has_the_complete_cases_as_its_base() -> None:
    pairs = list(product(("yes", "no", "not_seen"), repeat=2))
    gaps = survey(*({"gap_widened_participation": one, "gap_widened_achievement": two} for one, two in pairs))
    either: list[Condition] = [{"gap_widened_participation": "yes"}, {"gap_widened_achievement": "yes"}]
    assert counts(count_visits(gaps, either, label="either")) == (3, 4, 5)


def test_no_condition_holds_of_every_visit() -> None:
    assert counts(count_visits(graded("good", "not_seen"), [{}], label="visits")) == (2, 2, 0)
    assert count_visits(SHIPPED, [{}], label="visits").provenance is Provenance.RECONSTRUCTED


# ----------------------------------------------------------------------------------------------- a subset


def test_a_visit_that_may_or_may_not_belong_is_counted_as_not_seen() -> None:
    """Three-valued: yes and no are known; of the group it was not seen whether it belongs; of the rest it was."""
    pairs = list(product(("action", "pitfall", "not_seen"), ("good", "inadequate", "not_seen")))
    both = survey(*({"monitoring": theme, "partnership_use": grade} for theme, grade in pairs))
    found = tally(both, "partnership_use", at_least="good", among={"monitoring": "action"})
    assert counts(found) == (1, 2, 1 + 3)


def test_a_group_of_two_columns_excludes_a_visit_as_soon_as_one_of_them_fails() -> None:
    """Unlike a joint judgement: that a visit is outside can be known from one column alone."""
    pairs = list(product(("good", "inadequate", "not_seen"), repeat=2))
    both = survey(*({"partnership_use": use, "value_for_money": value, "monitoring": "action"} for use, value in pairs))
    among: Visits = {"partnership_use": GOOD, "value_for_money": GOOD}
    assert counts(tally(both, "monitoring", codes="action", among=among)) == (1, 1, 3)
    others: Visits = [{"partnership_use": "inadequate"}, {"value_for_money": "inadequate"}]
    assert counts(tally(both, "monitoring", codes="action", among=others)) == (5, 5, 3)


def test_a_group_by_a_column_that_does_not_apply_leaves_the_visit_out() -> None:
    asked = survey(
        *({"feeder_primaries_used": code, "monitoring": "action"} for code in ("yes", "no", "not_seen")),
        {"feeder_primaries_used": "not_applicable", "monitoring": "action"},
    )
    found = tally(asked, "monitoring", codes="action", among={"feeder_primaries_used": "yes"})
    assert counts(found) == (1, 1, 1)


def test_what_does_not_apply_is_not_unseen_either_where_the_group_is_unsure() -> None:
    asked = survey({"feeder_primaries_used": "not_applicable"}, {"feeder_primaries_used": "yes"})
    found = tally(asked, "feeder_primaries_used", codes="yes", among={"monitoring": "action"})
    assert counts(found) == (0, 0, 1)


def test_subsets_share_the_visits_out() -> None:
    groups: list[Visits] = [{"phase": "primary"}, [{"phase": "secondary"}, {"phase": "special"}]]
    parts = [tally(SHIPPED, "partnership_use", at_least="good", among=group) for group in groups]
    whole = tally(SHIPPED, "partnership_use", at_least="good")
    assert sum(part.count for part in parts) == whole.count
    assert sum(part.base for part in parts) == whole.base
    assert 0 < parts[0].base < whole.base


def test_matching_names_only_the_visits_that_were_seen_to_belong() -> None:
    both = survey({"monitoring": "action"}, {"monitoring": "not_seen"}, {"monitoring": "pitfall"})
    assert list(matching(both, {"monitoring": "action"})) == ["V1"]
    assert list(matching(both, [{"monitoring": "pitfall"}, {"monitoring": "action"}])) == ["V1", "V3"]
    assert list(matching(both, {})) == ["V1", "V2", "V3"]


# ----------------------------------------------------------------------------------------- brute force

CODES = ("yes", "no", "not_seen", "not_applicable")
THREE = ("feeder_primaries_used", "greater_range", "well_managed")


def by_hand(rows: list[tuple[str, ...]], conditions: list[dict[int, str]]) -> tuple[int, int, int]:
    """Count, base and not seen, one row after the other, straight from the definition."""
    named = {place for condition in conditions for place in condition}
    count = base = unseen = 0
    for row in rows:
        cells = [row[place] for place in named]
        if "not_applicable" in cells:
            continue
        if "not_seen" in cells:
            unseen += 1
            continue
        base += 1
        count += any(all(row[place] == code for place, code in one.items()) for one in conditions)
    return count, base, unseen


@given(
    st.lists(st.tuples(st.sampled_from(CODES), *[st.sampled_from(CODES[:3])] * 2), min_size=1, max_size=12),
    st.lists(st.dictionaries(st.integers(0, 2), st.sampled_from(("yes", "no")), min_size=1), min_size=1, max_size=3),
)
def test_any_conditions_count_as_they_do_by_hand(rows: list[tuple[str, ...]], conditions: list[dict[int, str]]) -> None:
    visits = survey(*(dict(zip(THREE, row, strict=True)) for row in rows))
    asked: list[Condition] = [{THREE[place]: code for place, code in one.items()} for one in conditions]
    assert counts(count_visits(visits, asked, label="x")) == by_hand(rows, conditions)


# ------------------------------------------------------------------------------------- provenance and names


def test_a_tally_is_as_strong_as_the_weakest_column_that_it_names() -> None:
    weak = survey(
        {"partnership_use": "good", "monitoring": "action", "phase": "primary"},
        partnership_use=Provenance.PUBLISHED,
        monitoring=Provenance.DERIVED,
        phase=Provenance.OBSERVED,
    )
    assert tally(weak, "partnership_use", at_least="good").provenance is Provenance.PUBLISHED
    assert tally(weak, "phase", codes="primary").provenance is Provenance.OBSERVED
    among: Visits = {"monitoring": "action"}
    assert tally(weak, "partnership_use", at_least="good", among=among).provenance is Provenance.DERIVED
    either: list[Condition] = [{"phase": "primary"}, {"value_for_money": "good"}]
    assert count_visits(weak, either, label="x").provenance is Provenance.RECONSTRUCTED
    assert weak.provenance_of_pupils("pupils", among=among) is Provenance.ILLUSTRATIVE


@pytest.mark.parametrize(
    ("provenance", "label"), [(Provenance.OBSERVED, "V1"), (Provenance.RECONSTRUCTED, "V1 (reconstructed)")]
)
def test_a_visit_that_was_not_made_is_never_named_bare(provenance: Provenance, label: str) -> None:
    assert survey({}, visit_id=provenance).visit_label("V1") == label


def test_judgements_are_the_codes_without_not_seen_and_not_applicable() -> None:
    assert SHIPPED.column("visits", "feeder_primaries_used").judgements == ("yes", "no")
    assert SHIPPED.column("visits", "partnership_use").constrained_by[0] == "good-use-and-value"


def test_a_survey_cannot_be_changed_and_counting_changes_nothing_in_it() -> None:
    with pytest.raises(FrozenInstanceError):
        SHIPPED.title = "Another"  # type: ignore[misc]
    before = [frame.copy() for frame in (SHIPPED.visits, SHIPPED.pupil_groups, SHIPPED.costs)]
    columns, codes = ["partnership_use", "value_for_money"], ["good"]
    among: list[Condition] = [{"monitoring": ["action", "neither"]}, {"phase": "primary"}]
    tally(SHIPPED, columns, codes=codes, among=among)
    tally_each(SHIPPED, "partnership_forms", among=among)
    matching(SHIPPED, among)
    assert (columns, codes) == (["partnership_use", "value_for_money"], ["good"])
    assert among == [{"monitoring": ["action", "neither"]}, {"phase": "primary"}]
    for frame, old in zip((SHIPPED.visits, SHIPPED.pupil_groups, SHIPPED.costs), before, strict=True):
        pd.testing.assert_frame_equal(frame, old)


# ------------------------------------------------------------------------------------------------ bad calls

GRADE_LIST = "'outstanding', 'good', 'satisfactory', 'inadequate'"
NO_COLUMN = f"a column of visits must be one of {', '.join(map(repr, DICTIONARY['visits']))}, not"
NONE_MADE = "the survey has no visits, so nothing can be counted; read one that has"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: tally(SHIPPED, "partnership_ues", at_least="good"),
            f"{NO_COLUMN} 'partnership_ues'; did you mean 'partnership_use'?",
        ),
        (
            lambda: tally(SHIPPED, "phase", codes="primary", among={"monitering": "action"}),
            f"{NO_COLUMN} 'monitering'; did you mean 'monitoring'?",
        ),
        (
            lambda: tally(SHIPPED, "partnership_use", at_least="Good"),
            f"partnership_use: at_least must be one of {GRADE_LIST}, not 'Good'; did you mean 'good'?",
        ),
        (
            lambda: tally(SHIPPED, "partnership_use", at_least="requires improvement"),
            f"partnership_use: at_least must be one of {GRADE_LIST}, not 'requires improvement'",
        ),
        (
            lambda: tally(SHIPPED, "partnership_use", at_least="not_seen"),
            f"partnership_use: at_least must be one of {GRADE_LIST}, not 'not_seen'",
        ),
        (
            lambda: tally(SHIPPED, ["partnership_use", "phase"], at_least="good"),
            "at_least needs a column of grades, not 'phase'; name the codes that count with codes=",
        ),
        (
            lambda: tally(SHIPPED, "partnership_use", at_least="good", codes="good"),
            "give either at_least or codes for partnership_use, and not both",
        ),
        (
            lambda: tally(SHIPPED, ["partnership_use", "phase"]),
            "give either at_least or codes for partnership_use, phase, and not both",
        ),
        (
            lambda: tally(SHIPPED, "partnership_use", codes="excellent"),
            f"the code for partnership_use must be one of {GRADE_LIST}, not 'excellent'",
        ),
        (
            lambda: tally(SHIPPED, "partnership_use", codes=["good", "goood"]),
            f"the code for partnership_use must be one of {GRADE_LIST}, not 'goood'; did you mean 'good'?",
        ),
        (
            lambda: tally(SHIPPED, "partnership_use", at_least="good", among={"monitoring": "not_seen"}),
            "the code for monitoring must be one of 'action', 'neither', 'pitfall', not 'not_seen'",
        ),
        (
            lambda: tally(SHIPPED, "partnership_use", codes=[]),
            "codes must name at least one code of partnership_use, not none",
        ),
        (
            lambda: tally(SHIPPED, [], codes="good"),
            "column must name a column of the visits, or several, not none",
        ),
        (
            lambda: tally_each(SHIPPED, "visit_date"),
            "column must be one that holds codes, not 'visit_date', which holds date",
        ),
        (lambda: tally(survey(), "partnership_use", at_least="good"), NONE_MADE),
        (lambda: tally_each(survey(), "partnership_use"), NONE_MADE),
        (lambda: survey().grade_scale, NONE_MADE),
    ],
)
def test_a_bad_call_is_told_in_one_sentence(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert str(told.value) == message


def test_an_unknown_table_s_column_is_answered_with_the_nearest_of_that_table() -> None:
    with pytest.raises(InputError, match=r"^a column of costs must be one of .* did you mean 'amount_gbp'\?$"):
        SHIPPED.column("costs", "amount_gpb")


def test_two_grade_scales_are_never_pooled() -> None:
    mixed = survey(
        {"grade_scale": "ofsted-to-august-2012", "partnership_use": "good", "phase": "primary"},
        {"grade_scale": "ofsted-from-september-2012", "partnership_use": "good"},
    )
    message = (
        "grade_scale must be the same for all visits, not ['ofsted-from-september-2012', 'ofsted-to-august-2012']; "
        "analyse each scale by itself"
    )
    for call in (
        lambda: mixed.grade_scale,
        lambda: tally(mixed, "partnership_use", at_least="good"),
        lambda: tally_each(mixed, "partnership_use"),
    ):
        with pytest.raises(InputError) as told:
            call()
        assert str(told.value) == message
    assert counts(tally(mixed, "partnership_use", at_least="good", among={"phase": "primary"})) == (1, 1, 0)
    assert counts(tally(mixed, "phase", codes="primary")) == (1, 2, 0)
    assert SHIPPED.grade_scale == "ofsted-to-august-2012"
