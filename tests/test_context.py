"""What stands beside the survey: published counts as tallies, the sister surveys, and national figures as printed."""

import csv
from dataclasses import replace

import pytest

from survey_analysis.claims import THEMES, Claims
from survey_analysis.claims_file import read_claims
from survey_analysis.context import (
    assumption_table,
    mirrored_claims,
    national_context,
    published_tally,
    sister_surveys,
)
from survey_analysis.errors import InputError
from survey_analysis.estimates import Provenance, Tally
from survey_analysis.resources import DATA


@pytest.fixture(scope="module")
def claims() -> Claims:
    return read_claims()


def test_a_printed_count_is_published_and_one_worked_out_from_a_percentage_is_derived(claims: Claims) -> None:
    assert published_tally(claims["good-use-and-value"], label="good") == Tally(
        label="good", count=10, base=59, provenance=Provenance.PUBLISHED
    )
    assert published_tally(claims["grade-inadequate"]) == Tally(
        label="grade-inadequate",
        count=17,
        base=59,
        provenance=Provenance.DERIVED,
        assumptions=("tes-base-59", "tes-grade-is-use"),
    )


def test_a_count_of_a_base_that_was_worked_out_or_of_a_percentage_is_derived_and_no_other(claims: Claims) -> None:
    found = [claim for claim in claims if claim.count is not None and claim.base is not None]
    for claim in found:
        derived = claim.kind == "percent" or claim.base_inferred
        tally = published_tally(claim)
        assert tally.provenance is (Provenance.DERIVED if derived else Provenance.PUBLISHED)
        assert (tally.count, tally.base, tally.assumptions) == (claim.count, claim.base, claim.assumptions)
    printed = claims["good-use-and-value"]
    assert published_tally(replace(printed, base_inferred=True)).provenance is Provenance.DERIVED
    assert published_tally(replace(printed, kind="percent")).provenance is Provenance.DERIVED
    assert {claim.kind for claim in found} == {"count", "percent"}


def test_a_tally_is_named_by_what_the_claim_is_about_or_else_by_its_id(claims: Claims) -> None:
    about = claims["wider-still-primary-visits"]
    assert about.about
    assert published_tally(about).label == about.about
    assert published_tally(about, label="ours").label == "ours"
    assert published_tally(replace(about, about="")).label == "wider-still-primary-visits"


@pytest.mark.parametrize("missing", ["count", "base"])
def test_a_claim_without_count_or_base_has_no_tally(claims: Claims, missing: str) -> None:
    claim = replace(claims["good-use-and-value"], **{missing: None})  # type: ignore[arg-type]
    with pytest.raises(InputError) as told:
        published_tally(claim)
    assert str(told.value) == (
        "claim 'good-use-and-value' has no count of a base, so it has no tally; choose one that has both"
    )


def test_each_statement_of_a_sister_survey_says_which_and_what_was_graded(claims: Claims) -> None:
    table = sister_surveys(claims)
    expected = [claim for claim in claims if claim.scope == "sister survey"]
    assert list(table["statement"]) == [claim.statement for claim in expected]
    assert list(table.columns) == ["survey", "about", "statement", "provenance"]
    assert list(table["about"]) == [claim.about for claim in expected]
    assert all(table["about"])
    assert list(table["survey"]) == [claims.sources[claim.source].title for claim in expected]
    assert table["survey"].nunique() == 3
    assert list(table["provenance"]) == [
        "published, second-hand" if claim.second_hand else "published" for claim in expected
    ]
    assert table["provenance"].nunique() == 2
    assert sister_surveys().equals(table)


def test_each_action_stands_beside_the_pitfall_that_mirrors_it(claims: Claims) -> None:
    table = mirrored_claims(claims)
    assert list(table["theme"]) == list(THEMES.values())
    assert set(table["provenance"]) == {"published"}
    for number, row in enumerate(table.to_dict("records"), start=1):
        for kind in ("action", "pitfall"):
            place = f"Key findings, {kind} {number}, "
            stated = [claim.statement for claim in claims if claim.kind == kind and claim.place.startswith(place)]
            assert row[kind] in stated
    assert mirrored_claims().equals(table)


def test_assumptions_stand_with_their_reasons(claims: Claims) -> None:
    table = assumption_table(claims)
    assert list(table["assumption"]) == list(claims.assumptions)
    assert list(table["assumption"]) == [
        "tes-base-59",
        "tes-grade-is-use",
        "successful-are-the-ten",
        "limited-effect-is-the-rest",
        "themes-are-of-the-59",
        "action-excludes-pitfall",
        "outside-tuition-is-bought-in",
    ]
    assert list(table["statement"]) == [assumption.statement for assumption in claims.assumptions.values()]
    assert list(table["why"]) == [assumption.why for assumption in claims.assumptions.values()]
    assert assumption_table().equals(table)


def test_national_figures_stand_as_they_were_printed() -> None:
    with (DATA / "national_context.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert national_context().to_dict("records") == rows
    assert list(national_context().columns) == (
        ["series", "year", "value", "unit", "scope", "source", "provenance", "note"]
    )
    assert set(national_context()["provenance"]) == {"published", "derived"}
    assert national_context("hubs: income from all sources")["value"].tolist() == ["over 187000000"]


def test_series_are_chosen_by_name_in_the_order_of_the_file() -> None:
    table = national_context("schools", "free school meals")
    assert set(table["series"]) == {"schools", "free school meals"}
    assert list(table["value"])[:3] == ["19.3", "16.0", "37.5"]
    assert len(table) < len(national_context())


def test_a_series_that_there_is_not_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"^series must be one of .*, not 'free school meal'; did you mean") as told:
        national_context("schools", "free school meal")
    assert str(told.value).endswith("did you mean 'free school meals'?")
